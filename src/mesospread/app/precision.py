"""How hard a forecast tries: in full, or quickly for somebody who waits at a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from mesospread.errors import ContradictionError
from mesospread.infer.solve import Effort

T = TypeVar("T")

Precision = Literal["full", "quick"]

#: as the command line does it
FULL = Effort()
#: a simulation error of about 1.5 percentage points in place of 0.5, in a third of the time
QUICK = Effort(core_paths=64, leaf_paths=1_000, standard_error=0.015, too_few=100.0, max_rounds=12)


def with_precision(work: Callable[[Effort], T], precision: Precision) -> T:
    """Do a forecast or a comparison with the effort that a precision names.

    Parameters
    ----------
    work
        Takes the effort.
    precision
        ``"full"`` or ``"quick"``. A quick answer that fails for want of histories is tried
        again in full.

    Raises
    ------
    ContradictionError
        If the findings contradict the model even at full effort.
    """
    if precision == "quick":
        try:
            return work(QUICK)
        except ContradictionError:
            pass
    return work(FULL)
