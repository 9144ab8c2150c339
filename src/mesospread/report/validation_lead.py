"""What a reader of a validation must know first: how far it is from its aim, and what it misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mesospread.report.validation_words import IN_ENGLISH, Said

Row = Mapping[str, Any]

#: share of the kept-back pleural figures that the 95 % interval should hold
AIM = (0.90, 0.98)
#: an interval this many times as high as low tells little
_WIDE = 3.0
#: study and result -> what a reader should hear of it when it lies outside
_BEYOND = {
    ("collins-2020", "any"): "limit.referrals",
    ("hyseni-2024", "brain"): "limit.brain",
    ("hyogo-2022", "tract-pathology"): "limit.tracts",
    ("penn-2013", "pn"): "limit.operation",
}
_WATCHED = ("iaslc-9", "os-m1")


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


def lead(validation: Row, said: Said = IN_ENGLISH) -> str:
    """Return how many kept-back figures lie inside, and how far that is from the aim.

    Parameters
    ----------
    validation
        As `mesospread.app.validate.Validation` is written to JSON.
    said
        Language.
    """
    fresh = [row for row in validation["results"] if row["use"] == "validate"]
    if not fresh:
        return said("lead.none_kept")
    inside = sum(bool(row["inside"]) for row in fresh)
    share = inside / len(fresh)
    low, high = (said.number(100 * end) for end in exact_interval(inside, len(fresh)))
    count = said(
        "lead.count",
        of=len(fresh),
        inside=inside,
        share=said.number(100 * share),
        low=low,
        high=high,
    )
    return " ".join(filter(None, (count, _aim(validation, share, said), _independent(fresh, said))))


def _independent(fresh: Sequence[Row], said: Said) -> str:
    """Return how many lie inside of those that did not help to set a number by hand, either."""
    behind_none = [row for row in fresh if not row.get("stands_behind")]
    if len(behind_none) == len(fresh):
        return ""
    return said(
        "lead.independent",
        behind=len(fresh) - len(behind_none),
        others=len(behind_none),
        inside=sum(bool(row["inside"]) for row in behind_none),
    )


def _aim(validation: Row, share: float, said: Said) -> str:
    """Return how the share stands to the aim, which is one for all pleural figures together."""
    if validation["primary"] != "pleural":
        return ""
    low, high = (said.number(100 * end) for end in AIM)
    aim = said("lead.aim", low=low, high=high)
    if all(row["kind"] != "all" for row in validation["coverage"]):
        return said("lead.aim_left_out", aim=aim)
    if AIM[0] <= share <= AIM[1]:
        return said("lead.aim_met", aim=aim)
    if share < AIM[0]:
        return said("lead.aim_below", aim=aim, off=said.number(100 * (AIM[0] - share), ".1f"))
    return said("lead.aim_above", aim=aim, off=said.number(100 * (share - AIM[1]), ".1f"))


def limits(validation: Row, said: Said = IN_ENGLISH) -> Sequence[str]:
    """Return what lies beyond the model, what is inside by width alone, and what was not done.

    Parameters
    ----------
    validation
        As `mesospread.app.validate.Validation` is written to JSON.
    said
        Language.
    """
    rows = {(row["study"], row["result"]): row for row in validation["results"]}
    found = []
    beyond = [
        said(
            "limit.beyond_one",
            name=said(name),
            share=_per_cent(rows[key]["reported"], said),
            study=key[0],
        )
        for key, name in _BEYOND.items()
        if key in rows and not rows[key]["inside"]
    ]
    if beyond:
        both = said.both(beyond)
        found.append(said("limit.beyond", found=f"{both[0].upper()}{both[1:]}"))
    row = rows.get(_WATCHED)
    if row and row["inside"] and row["predicted_high"] > _WIDE * row["predicted_low"]:
        found.append(
            said(
                "limit.wide",
                reported=said.number(row["reported"], ".1f"),
                low=said.number(row["predicted_low"]),
                high=said.number(row["predicted_high"]),
            )
        )
    return [*found, *_too_few(validation.get("curves", []), said), said("limit.split")]


def _too_few(curves: Sequence[Row], said: Said) -> Sequence[str]:
    """Return why a cell type has no curve in a cohort of which others have one."""
    tcga = [c for c in curves if c["study"] == "tcga"]
    if not tcga or any("sarcomatoid" in c["histology"] for c in tcga):
        return []
    drawn = ", ".join(
        said("limit.drawn", patients=c["patients"], cells=said.cells(c["histology"])) for c in tcga
    )
    return [said("limit.too_few", drawn=drawn)]


def _per_cent(share: float, said: Said) -> str:
    return said.number(100 * share, ".0f" if share >= 0.0995 else ".1f")
