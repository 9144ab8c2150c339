"""A check of forecasts against a table of patients, as aligned tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mesospread.report.validation_words import IN_ENGLISH, Said

Row = Mapping[str, Any]

_MEASURES = ("harrell", "uno", "deaths_ratio", "brier", "skill")


def banded(
    measured: Row | None, digits: int = 2, said: Said = IN_ENGLISH, *, percent: bool = False
) -> str:
    """Return a measure with its interval; a dash where the data cannot tell."""
    if measured is None or measured["estimate"] is None:
        return "–"
    scale = 100.0 if percent else 1.0
    form = ".0f" if percent else f".{digits}f"
    estimate = said.number(scale * measured["estimate"], form)
    if measured["low"] is None or measured["high"] is None:
        return estimate
    low, high = (said.number(scale * measured[k], form) for k in ("low", "high"))
    if low.startswith("-"):
        return said("page.between", estimate=estimate, low=low, high=high)
    return f"{estimate} ({low}–{high})"


def measure_rows(check: Row, said: Said = IN_ENGLISH) -> list[tuple[str, str, str]]:
    """Return name, value and meaning of the measures of all patients together."""
    blanks = {
        "died": check["died"],
        "expected": said.number(check["deaths_expected"]),
        "null": said.number(check["brier_null"], ".3f"),
    }
    return [
        (
            said(f"measure.{key}.name"),
            banded(check[key], 3 if key == "brier" else 2, said),
            said(f"measure.{key}.meaning", **blanks),
        )
        for key in _MEASURES
    ]


def at_rows(check: Row, said: Said = IN_ENGLISH) -> list[tuple[str, ...]]:
    """Return what was forecast and observed at each time."""
    return [
        (
            said.number(at["months"]),
            said.number(100 * at["predicted"]),
            banded(at["observed"], said=said, percent=True),
            banded(at["slope"], said=said),
            banded(at["shift"], said=said),
            " / ".join(
                said.number(score, ".3f") for score in (at["brier"]["estimate"], at["brier_null"])
            ),
        )
        for at in check["at"]
    ]


#: in a terminal
_AT_HEADINGS = ("months", "forecast,\n%", "observed, %", "slope", "shift", "Brier,\nours / null")


def subgroup_rows(check: Row, said: Said = IN_ENGLISH) -> list[tuple[str, ...]]:
    """Return forecast and observed by cell type, one row for each time."""
    return [
        (
            f"{said.named('histology', group['histology'])} ({group['patients']})",
            month,
            said.number(100 * group["predicted"][month]),
            banded(group["observed"][month], said=said, percent=True),
        )
        for group in check["by_histology"]
        for month in group["predicted"]
    ]


def score_rows(check: Row, said: Said = IN_ENGLISH) -> list[tuple[str, ...]]:
    """Return the published scores that apply, beside the forecasts of the same patients."""
    return [
        (
            score["name"],
            str(score["patients"]),
            *(banded(score[k], said=said) for k in ("concordance", "model", "difference")),
        )
        for score in check["scores"]
        if score["concordance"] is not None
    ]


def not_applied(check: Row) -> list[str]:
    """Return which published scores do not apply, and why."""
    return [f"{s['name']} {s['why_not']}" for s in check["scores"] if s["why_not"]]


def cohort_head(check: Row, said: Said = IN_ENGLISH) -> str:
    """Return in sentences who was compared, and how."""
    blanks = {name: check[name] for name in ("patients", "source", "died")}
    median = check["median_follow_up_months"]
    sentences = [
        said("cohort.head", **blanks)
        if median is None
        else said("cohort.head_followed", **blanks, median=said.number(median))
    ]
    if check["unknown_outcome"]:
        sentences.append(said("cohort.unknown", patients=check["unknown_outcome"]))
    if check["refused"]:
        names = ", ".join(r["id"] for r in check["refused"][:10])
        more = ", …" if len(check["refused"]) > 10 else ""
        sentences.append(
            said("cohort.refused", patients=len(check["refused"]), names=f"{names}{more}")
        )
    if check["later_facts"]:
        sentences.append(said("cohort.later", facts=check["later_facts"]))
    return " ".join(sentences)


def cohort_foot(check: Row, said: Said = IN_ENGLISH) -> str:
    """Return with what it was made."""
    posterior = check["posterior"]
    return said(
        "cohort.foot",
        months=said.number(check["horizon_months"]),
        parameters=said("cohort.calibrated", posterior=posterior)
        if posterior
        else said("cohort.shipped"),
        precision=said(f"precision.{check['precision']}"),
        seed=check["seed"],
        life_table=check["life_table"],
    )


def cohort_check_text(check: Row) -> RenderableType:
    """Return a check, ready to print.

    Parameters
    ----------
    check
        As `mesospread.app.cohort_result.CohortCheck` is written to JSON.
    """
    parts: list[RenderableType] = [Padding(Text(cohort_head(check)), (0, 0, 1, 0))]
    parts.append(_table("All patients", ("", "", ""), measure_rows(check), left=(0, 2)))
    if check["at"]:
        parts.append(
            _table("Calibration", _AT_HEADINGS, at_rows(check), IN_ENGLISH("calibration.note"))
        )
        parts.append(_fifths(check))
    if check["by_histology"]:
        headings: tuple[str, ...] = ("Cell type", "months", "forecast, %", "observed, %")
        parts.append(
            _table(IN_ENGLISH("cell_type.title"), headings, subgroup_rows(check), left=(0,))
        )
    scores = score_rows(check)
    if scores:
        headings = ("Score", "patients", "its C", "our C", "difference")
        parts.append(_table(IN_ENGLISH("scores.title"), headings, scores, left=(0,)))
    why_not = "\n".join(f"{line}." for line in not_applied(check))
    parts.append(Padding(Text(why_not), (0, 0, 1, 0)))
    intervals = f"{IN_ENGLISH('cohort.intervals')} {check['interval_is']}"
    parts.append(Text(f"{intervals} {cohort_foot(check)}"))
    return Group(*parts)


def _fifths(check: Row) -> Table:
    headings = ("months", *(f"fifth {k}" for k in range(1, 6)))
    rows = [
        (
            f"{at['months']:.0f}",
            *(
                f"{100 * f['predicted']:.0f} → {banded(f['observed'], percent=True)}".replace(
                    " (", "\n("
                )
                for f in at["fifths"]
            ),
        )
        for at in check["at"]
    ]
    caption = "Alive, %: forecast → observed, from the worst forecasts (fifth 1) to the best."
    return _table("By fifths of the forecast", headings, rows, caption)


def _table(
    title: str,
    headings: tuple[str, ...],
    rows: list[tuple[str, ...]] | list[tuple[str, str, str]],
    caption: str = "",
    left: tuple[int, ...] = (),
) -> Table:
    table = Table(
        title=title,
        caption=caption or None,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        show_header=any(headings),
    )
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place in left else "right")
    for row in rows:
        table.add_row(*row)
    return table
