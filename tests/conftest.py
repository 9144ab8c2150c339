"""Settings for all tests."""

from pathlib import Path

from hypothesis import settings

# The first example of a test may wait for a kernel to be compiled, so no deadline. The rest is
# Hypothesis's own profile; under CI that draws the same examples every time.
settings.register_profile("mesospread", parent=settings(), deadline=None)
settings.load_profile("mesospread")


def pytest_sessionstart() -> None:
    """Drop compiled kernels older than any kernel source.

    Numba looks at the file of a function only, so it would keep using a kernel into which an
    older version of another file was inlined.
    """
    kernels = Path(__file__).resolve().parents[1] / "src" / "mesospread" / "kernels"
    changed = max(source.stat().st_mtime for source in kernels.glob("*.py"))
    for compiled in kernels.glob("__pycache__/*.nb?"):
        if compiled.stat().st_mtime < changed:
            compiled.unlink(missing_ok=True)
