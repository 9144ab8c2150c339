"""The validation as a page shows it: worked out beforehand, since it takes its time."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["shipped_validation"]

#: how kinds of figures begin that say how long people live
_SURVIVAL = "survival"


def shipped_validation(primary: str, *, prognosis: bool = False) -> dict[str, Any] | None:
    """Return the validation that ships with the package, or None if there is none.

    Parameters
    ----------
    primary
        Which model.
    prognosis
        Whether figures on how long people live are wanted. Nobody is told who has not asked.

    Returns
    -------
    dict
        As `mesospread.app.validate.Validation` is written to JSON.
    """
    found = _shipped(primary)
    if found is None or prognosis:
        return found
    return found | {
        "results": [row for row in found["results"] if not _is_survival(row)],
        "curves": [],
        "learnt": _without_mortality(found.get("learnt")),
        # the row of all kinds counts figures that are not shown
        "coverage": [r for r in found["coverage"] if not _is_survival(r) and r["kind"] != "all"],
    }


def _without_mortality(learnt: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what the evidence taught without the rates of dying."""
    if learnt is None:
        return None
    return learnt | {"numbers": [n for n in learnt["numbers"] if "mortality" not in n["name"]]}


def _is_survival(row: dict[str, Any]) -> bool:
    return str(row["kind"]).startswith(_SURVIVAL)


@cache
def _shipped(primary: str) -> dict[str, Any] | None:
    file = files("mesospread.app") / "data" / f"validation_{primary}.json"
    if not file.is_file():
        return None
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found
