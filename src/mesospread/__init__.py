"""How mesothelioma spreads: simulate, forecast and check.

The public names are loaded when first used, so that ``import mesospread`` stays
fast and loads no heavy library. To add one, name it in ``_PUBLIC`` and, for type
checkers, in the block of imports above that.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mesospread._version import __version__

if TYPE_CHECKING:
    from mesospread.app.compare import compare
    from mesospread.app.evidence import evidence_for
    from mesospread.app.forecast import forecast
    from mesospread.app.simulate import cohort, cohort_spec, simulate_to_folder
    from mesospread.app.stage import stage
    from mesospread.app.trial import trial
    from mesospread.errors import MesospreadError

# Public name -> where it lives. No name may equal that of a part (a subpackage):
# importing the part would then hide the name.
_PUBLIC = {
    "MesospreadError": "mesospread.errors:MesospreadError",
    "cohort": "mesospread.app.simulate:cohort",
    "cohort_spec": "mesospread.app.simulate:cohort_spec",
    "compare": "mesospread.app.compare:compare",
    "evidence_for": "mesospread.app.evidence:evidence_for",
    "forecast": "mesospread.app.forecast:forecast",
    "simulate_to_folder": "mesospread.app.simulate:simulate_to_folder",
    "stage": "mesospread.app.stage:stage",
    "trial": "mesospread.app.trial:trial",
}

__all__ = [
    "MesospreadError",
    "__version__",
    "cohort",
    "cohort_spec",
    "compare",
    "evidence_for",
    "forecast",
    "simulate_to_folder",
    "stage",
    "trial",
]

if not TYPE_CHECKING:  # else every misspelt name would pass a type check

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
