"""Settings for all tests."""

from hypothesis import settings

# The first example of a test may wait for a kernel to be compiled, so no deadline. The rest is
# Hypothesis's own profile; under CI that draws the same examples every time.
settings.register_profile("mesospread", parent=settings(), deadline=None)
settings.load_profile("mesospread")
