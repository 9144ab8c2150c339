"""Clinical T of the 9th edition from CT measurements."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import product
from typing import Any

from mesospread.errors import InputError, unknown_name
from mesospread.staging.tables import edition_table

_SOURCE = "Gill et al. J Thorac Oncol 2024 (9th-edition T); NHS NDRS staging sheet, TNM 9"


@dataclass(frozen=True)
class TAnswer:
    """A clinical T category and the rule that gave it.

    Attributes
    ----------
    t
        The category; None if what is unknown leaves several possible.
    possible
        All categories that fit.
    rule
        The rule that decided, in words.
    source
        Where the rule is published.
    """

    t: str | None
    possible: tuple[str, ...]
    rule: str
    source: str


def clinical_t(
    psum_mm: float | None = None,
    fmax_mm: float | None = None,
    features: Collection[str] = (),
) -> TAnswer:
    """Return the clinical T of the 9th edition (pleural) from CT.

    Gill et al. J Thorac Oncol 2024. A T4 feature decides alone; then Psum over 30 mm (T3), Psum
    over 12 mm (T2), Fmax over 5 mm or a T2 feature (T2); else T1.

    Parameters
    ----------
    psum_mm
        Sum of the largest pleural thickness at three levels, in mm; None if not measured.
    fmax_mm
        Largest thickness of a fissure, in mm; None if not measured.
    features
        Features seen, e.g. ``"mediastinal_fat"`` or ``"rib"``. One that is not listed counts as
        looked for and absent.

    Raises
    ------
    InputError
        If a measurement is negative or not finite, or a feature is unknown.
    """
    cuts: dict[str, Any] = edition_table("pleural", "9").extra["measurements"]
    known_features = [*cuts["t2_features"], *cuts["t4_features"]]
    for feature in features:
        if feature not in known_features:
            raise unknown_name("feature", feature, known_features)
    for name, value in (("psum_mm", psum_mm), ("fmax_mm", fmax_mm)):
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise InputError(
                f"{name} must be a thickness",
                given=str(value),
                allowed="0 or more, in mm",
                remedy="Correct it, or leave it out if it was not measured",
            )
    low, high, fissure = (cuts[f"{key}_over_mm"] for key in ("psum_t2", "psum_t3", "fmax_t2"))
    # What is not measured may lie in any of the ranges.
    psums = (0.0, high, math.inf) if psum_mm is None else (psum_mm,)
    fmaxes = (0.0, math.inf) if fmax_mm is None else (fmax_mm,)
    decided = {
        _decide(psum, fmax, features, cuts, (low, high, fissure))
        for psum, fmax in product(psums, fmaxes)
    }
    possible = tuple(sorted({t for t, _ in decided}))
    reasons = " or ".join(f"{t} ({why})" for t, why in sorted(decided))
    return TAnswer(
        t=possible[0] if len(possible) == 1 else None,
        possible=possible,
        rule=f"TNM 9 clinical T: {reasons}",
        source=_SOURCE,
    )


def t_from_features(features: Collection[str]) -> TAnswer:
    """Return T from what the tumour has grown into, by the 8th edition (pleural).

    The highest category of any feature counts; none of them leaves T1. The pathological T of the
    9th edition kept these descriptors (Gill et al. J Thorac Oncol 2024).

    Parameters
    ----------
    features
        What it has grown into, e.g. ``"mediastinal_fat"``. One that is not listed counts as
        looked for and absent.

    Raises
    ------
    InputError
        If a feature is unknown.
    """
    table = edition_table("pleural", "8")
    by_t: dict[str, dict[str, str]] = table.extra["features"]
    known = [feature for listed in by_t.values() for feature in listed]
    for feature in features:
        if feature not in known:
            raise unknown_name("feature", feature, known)
    t, why = "T1", "no deeper invasion"
    for category, listed in by_t.items():
        found = [listed[feature] for feature in features if feature in listed]
        if found:
            t, why = category, ", ".join(found)
    return TAnswer(t=t, possible=(t,), rule=f"{table.name} T: {t} ({why})", source=table.source)


def _decide(
    psum_mm: float,
    fmax_mm: float,
    features: Collection[str],
    cuts: dict[str, Any],
    limits_mm: tuple[float, float, float],
) -> tuple[str, str]:
    """Return the category and the reason when everything is known."""
    low, high, fissure = limits_mm
    for feature in features:
        if feature in cuts["t4_features"]:
            return "T4", cuts["t4_features"][feature]
    if psum_mm > high:
        return "T3", f"Psum over {high:g} mm"
    if psum_mm > low:
        return "T2", f"Psum over {low:g} and up to {high:g} mm"
    if fmax_mm > fissure:
        return "T2", f"Fmax over {fissure:g} mm"
    for feature in features:
        return "T2", cuts["t2_features"][feature]
    return "T1", f"Psum up to {low:g} mm, Fmax up to {fissure:g} mm, no further feature"
