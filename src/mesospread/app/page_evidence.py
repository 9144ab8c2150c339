"""Evidence for a page that anybody may open: nothing on survival unless it is asked for."""

from __future__ import annotations

from typing import Any

from mesospread.app.evidence import evidence_for
from mesospread.evidence.published import load_published, tells_survival

__all__ = ["found_evidence"]

_LEFT_OUT = "not shown here: it speaks of how long people live"


def found_evidence(words: str, *, primary: str, prognosis: bool) -> dict[str, Any]:
    """Find numbers of a model and the published values behind them.

    Parameters
    ----------
    words, primary
        As in `mesospread.app.evidence.evidence_for`.
    prognosis
        Whether what says how long people live is wanted.

    Returns
    -------
    dict
        As `evidence_for` gives it, and ``left_out``: how many numbers and values are not shown.

    Raises
    ------
    InputError
        If nothing is found, or there is no model of this primary.
    """
    found = evidence_for(words, primary=primary)
    if prognosis:
        return found | {"left_out": 0}
    parameters = [row for row in found["parameters"] if not _says_survival(row)]
    values = [_discreet(row) for row in found["values"] if not _is_survival(row["id"])]
    left_out = len(found["parameters"]) + len(found["values"]) - len(parameters) - len(values)
    return found | {"parameters": parameters, "values": values, "left_out": left_out}


def _says_survival(parameter: dict[str, Any]) -> bool:
    name = parameter["name"].replace("_", " ")
    return tells_survival(f"{name} {parameter['note']}")


def _discreet(value: dict[str, Any]) -> dict[str, Any]:
    """Return a published value without what its note or group says of how long people live."""
    told = {name: value[name] for name in ("definition", "population") if value[name]}
    return value | {name: _LEFT_OUT for name, text in told.items() if tells_survival(text)}


def _is_survival(identifier: str) -> bool:
    return load_published()[identifier].about_survival
