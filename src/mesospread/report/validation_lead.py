"""What a reader of a validation must know first: how far it is from its aim, and what it misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

#: share of the kept-back pleural figures that the 95 % interval should hold
AIM = (0.90, 0.98)
#: an interval this many times as high as low tells little
_WIDE = 3.0
#: study and result -> what a reader should hear of it when it lies outside
_BEYOND = {
    ("collins-2020", "any"): "referrals to phase I trials",
    ("hyseni-2024", "brain"): "brain metastasis at diagnosis",
}
_WATCHED = ("iaslc-9", "os-m1")
SPLIT = (
    "Whole studies were kept back by one fixed choice, made once; the model was not fitted again "
    "and again to other choices. Leaving out each fitted study in turn is done by weighing the "
    "draws, not by a new fit."
)


def exact_interval(inside: int, of: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share (Clopper and Pearson, Biometrika 1934).

    Parameters
    ----------
    inside, of
        How many, of how many; ``of`` is at least 1.
    """
    # imported here: most that is printed needs no scipy
    from scipy.special import betaincinv

    low = float(betaincinv(inside, of - inside + 1, 0.025)) if inside else 0.0
    high = float(betaincinv(inside + 1, of - inside, 0.975)) if inside < of else 1.0
    return low, high


def lead(validation: Row) -> str:
    """Return how many kept-back figures lie inside, and how far that is from the aim.

    Parameters
    ----------
    validation
        As `mesospread.app.validate.Validation` is written to JSON.
    """
    fresh = [row for row in validation["results"] if row["use"] == "validate"]
    if not fresh:
        return "Every figure shown here was fitted: none was kept back to check the model."
    inside = sum(bool(row["inside"]) for row in fresh)
    share = inside / len(fresh)
    low, high = (100 * end for end in exact_interval(inside, len(fresh)))
    count = (
        f"Of {len(fresh)} reported figures that the model was not fitted to, {inside} lie inside "
        f"its 95 % interval: {100 * share:.0f} % (exact 95 % interval {low:.0f}–{high:.0f} %)."
    )
    return " ".join(filter(None, (count, _aim(validation, share), _independent(fresh))))


def _independent(fresh: Sequence[Row]) -> str:
    """Return how many lie inside of those that did not help to set a number by hand, either."""
    behind_none = [row for row in fresh if not row.get("stands_behind")]
    if len(behind_none) == len(fresh):
        return ""
    inside = sum(bool(row["inside"]) for row in behind_none)
    return (
        f"{len(fresh) - len(behind_none)} of them are sources of numbers that were set before the "
        f"fit; of the other {len(behind_none)}, {inside} lie inside."
    )


def _aim(validation: Row, share: float) -> str:
    """Return how the share stands to the aim, which is one for all pleural figures together."""
    if validation["primary"] != "pleural":
        return ""
    aim = f"{100 * AIM[0]:.0f}–{100 * AIM[1]:.0f} %"
    if all(row["kind"] != "all" for row in validation["coverage"]):
        return f"The aim of {aim} is for all figures; those on how long people live are left out."
    if AIM[0] <= share <= AIM[1]:
        return f"The aim of {aim} is met."
    off = AIM[0] - share if share < AIM[0] else share - AIM[1]
    side = "below" if share < AIM[0] else "above"
    return f"The aim of {aim} is missed: this is {100 * off:.1f} percentage points {side} it."


def limits(validation: Row) -> Sequence[str]:
    """Return what lies beyond the model, what is inside by width alone, and what was not done."""
    rows = {(row["study"], row["result"]): row for row in validation["results"]}
    found = []
    beyond = [
        f"{name} ({_per_cent(rows[key]['reported'])} in {key[0]})"
        for key, name in _BEYOND.items()
        if key in rows and not rows[key]["inside"]
    ]
    if beyond:
        said = " and ".join(beyond)
        found.append(f"{said[0].upper()}{said[1:]}: outside what the model explains.")
    row = rows.get(_WATCHED)
    if row and row["inside"] and row["predicted_high"] > _WIDE * row["predicted_low"]:
        found.append(
            f"The median of {row['reported']:.1f} months with M1 in IASLC 9 is inside only because "
            f"the interval is wide ({row['predicted_low']:.0f}–{row['predicted_high']:.0f} months)."
        )
    return [*found, *_too_few(validation.get("curves", [])), SPLIT]


def _too_few(curves: Sequence[Row]) -> Sequence[str]:
    """Return why a cell type has no curve in a cohort of which others have one."""
    tcga = {cell for c in curves if c["study"] == "tcga" for cell in c["histology"]}
    if not tcga or "sarcomatoid" in tcga:
        return []
    drawn = ", ".join(
        f"{c['patients']} {' and '.join(c['histology'])}" for c in curves if c["study"] == "tcga"
    )
    return [
        f"TCGA-MESO has no sarcomatoid curve: its counts hold 1 such patient (beside {drawn}), "
        "and one life makes no curve."
    ]


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"
