"""What is known of one patient, and what follows from it.

This first form conditions simulated patients on the findings: plain, general and
slow enough to notice. It stays as the oracle of faster forms.
"""
