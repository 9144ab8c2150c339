"""Compiled kernels: arrays in, arrays out.

Nothing here knows about mesothelioma, files or people. ``philox`` is the
counter-based random generator; ``paths`` moves patients through a compiled model.
"""
