"""In-silico trials: what a trial with two arms would probably find, and how surely."""
