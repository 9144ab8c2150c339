"""A check of forecasts against a table of patients, as aligned tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Row = Mapping[str, Any]

_MEASURES = {
    "harrell": ("concordance, Harrell", "0.5: chance, 1: perfect"),
    "uno": ("concordance, Uno", "the same, freed of who left early"),
    "deaths_ratio": ("deaths, observed / expected", "1: as many as forecast"),
    "brier": ("Brier score, integrated", "0: perfect, lower is better"),
    "skill": ("skill against one curve for all", "0: none, 1: perfect"),
}


def banded(measured: Row | None, digits: int = 2, *, percent: bool = False) -> str:
    """Return a measure with its interval; a dash where the data cannot tell."""
    if measured is None or measured["estimate"] is None:
        return "–"
    scale = 100.0 if percent else 1.0
    digits = 0 if percent else digits
    estimate = f"{scale * measured['estimate']:.{digits}f}"
    if measured["low"] is None or measured["high"] is None:
        return estimate
    low, high = (f"{scale * measured[k]:.{digits}f}" for k in ("low", "high"))
    between = " to " if low.startswith("-") else "–"
    return f"{estimate} ({low}{between}{high})"


def measure_rows(check: Row) -> list[tuple[str, str, str]]:
    """Return name, value and meaning of the measures of all patients together."""
    notes = {
        "deaths_ratio": f"{check['died']} and {check['deaths_expected']:.0f}",
        "brier": f"one curve for all: {check['brier_null']:.3f}",
    }
    return [
        (
            name,
            banded(check[key], 3 if key == "brier" else 2),
            f"{notes[key]}; {meaning}" if key in notes else meaning,
        )
        for key, (name, meaning) in _MEASURES.items()
    ]


def at_rows(check: Row) -> list[tuple[str, ...]]:
    """Return what was forecast and observed at each time."""
    return [
        (
            f"{at['months']:.0f}",
            f"{100 * at['predicted']:.0f}",
            banded(at["observed"], percent=True),
            banded(at["slope"]),
            banded(at["shift"]),
            f"{at['brier']['estimate']:.3f} / {at['brier_null']:.3f}",
        )
        for at in check["at"]
    ]


AT_HEADINGS = ("months", "forecast,\n%", "observed, %", "slope", "shift", "Brier,\nours / null")
AT_CAPTION = (
    "Alive at that time. Slope: 1 is right, below 1 the forecasts lie too far apart, 0 they say "
    "nothing. Shift: log odds by which forecasts of death are too low; 0 is right. Null: the "
    "same forecast for all."
)


def subgroup_rows(check: Row) -> list[tuple[str, ...]]:
    """Return forecast and observed by cell type, one row for each time."""
    return [
        (
            f"{group['histology']} ({group['patients']})",
            month,
            f"{100 * group['predicted'][month]:.0f}",
            banded(group["observed"][month], percent=True),
        )
        for group in check["by_histology"]
        for month in group["predicted"]
    ]


def score_rows(check: Row) -> list[tuple[str, ...]]:
    """Return the published scores that apply, beside the forecasts of the same patients."""
    return [
        (
            score["name"],
            str(score["patients"]),
            banded(score["concordance"]),
            banded(score["model"]),
            banded(score["difference"]),
        )
        for score in check["scores"]
        if score["concordance"] is not None
    ]


def not_applied(check: Row) -> list[str]:
    """Return which published scores do not apply, and why."""
    return [f"{s['name']} {s['why_not']}" for s in check["scores"] if s["why_not"]]


def cohort_head(check: Row) -> str:
    """Return in sentences who was compared, and how."""
    median = check["median_follow_up_months"]
    followed = f", followed for {median:.0f} months in the median" if median is not None else ""
    sentences = [
        f"{check['patients']} patients of {check['source']}, {check['died']} deaths{followed}. "
        "Each was forecast from what was known on the day of the forecast.",
    ]
    if check["unknown_outcome"]:
        sentences.append(f"Left out: {check['unknown_outcome']} of whom nothing more is known.")
    if check["refused"]:
        names = ", ".join(r["id"] for r in check["refused"][:10])
        more = ", …" if len(check["refused"]) > 10 else ""
        sentences.append(
            f"Left out: {len(check['refused'])} whose facts contradict each other or the model "
            f"({names}{more})."
        )
    if check["later_facts"]:
        sentences.append(f"{check['later_facts']} facts came later and were not used.")
    return " ".join(sentences)


def cohort_foot(check: Row) -> str:
    """Return what the intervals are, and with what it was made."""
    posterior = check["posterior"]
    parameters = f"Calibrated posterior {posterior}" if posterior else "Parameters as shipped"
    return (
        f"Intervals: {check['interval_is']} Integrated to {check['horizon_months']:.0f} months. "
        f"{parameters}; {check['precision']} forecasts, seed {check['seed']}, life table "
        f"{check['life_table']}."
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
        parts.append(_table("Calibration", AT_HEADINGS, at_rows(check), AT_CAPTION))
        parts.append(_fifths(check))
    if check["by_histology"]:
        headings: tuple[str, ...] = ("Cell type", "months", "forecast, %", "observed, %")
        parts.append(_table("By cell type", headings, subgroup_rows(check), left=(0,)))
    scores = score_rows(check)
    if scores:
        headings = ("Score", "patients", "its C", "our C", "difference")
        parts.append(_table("Beside published scores", headings, scores, left=(0,)))
    why_not = "\n".join(f"{line}." for line in not_applied(check))
    parts.append(Padding(Text(why_not), (0, 0, 1, 0)))
    parts.append(Text(cohort_foot(check)))
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
