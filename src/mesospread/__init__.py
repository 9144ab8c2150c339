"""How mesothelioma spreads: simulate, forecast and check.

The names below are loaded when first used, so that ``import mesospread`` stays
fast and loads no heavy library.
"""

from __future__ import annotations

from importlib import import_module

from mesospread._version import __version__

# Public name -> where it lives. No name may equal that of a part (a subpackage):
# importing the part would then hide the name.
_PUBLIC: dict[str, str] = {}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _PUBLIC[name].partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *_PUBLIC})
