"""Survival curves of studies that counted deaths per interval: pictures, and rows for tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from rich import box
from rich.table import Table

from mesospread.report.svg import BAND, BLUE, GRID, INK, Picture, drawing

Row = Mapping[str, Any]

_WIDTH, _HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 544, 24, 252
#: every so many interval ends the reported interval is drawn
_WHISKER_EVERY = 4


def curve_name(curve: Row) -> str:
    """Return study and cell type."""
    who = " and ".join(curve["histology"]) or "all patients"
    return f"{curve['study']}, {who}"


def chance(p_value: float) -> str:
    """Return a p-value as it is read."""
    return f"{p_value:.2f}" if p_value >= 0.005 else "below 0.005"


def curve_rows(curves: Sequence[Row]) -> list[tuple[str, str, str, str, str, str]]:
    """Return name, patients, deaths, intervals inside, expected deaths, and p-value of each."""
    return [
        (
            curve_name(c),
            str(c["patients"]),
            str(c["deaths"]),
            f"{sum(row['deaths_predicted'] for row in c['intervals']):.0f}",
            f"{c['inside']} of {len(c['intervals'])}",
            chance(c["p_value"]),
        )
        for c in curves
    ]


CURVE_HEADINGS = (
    "Study",
    "patients",
    "deaths",
    "deaths\npredicted",
    "intervals\ninside",
    "p, whole\ncurve",
)
CURVE_CAPTION = (
    "Deaths predicted among those at risk in each interval; intervals whose deaths lie in the 95 % "
    "predictive interval; p: how often a study like this one would lie as far from the middle, "
    "if the model were right. None of these counts was fitted."
)


def curves_table(curves: Sequence[Row]) -> Table:
    """Return the compared curves, ready to print."""
    table = Table(
        title="Survival curves against deaths per interval",
        caption=CURVE_CAPTION,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column(CURVE_HEADINGS[0])
    for heading in CURVE_HEADINGS[1:]:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in curve_rows(curves):
        table.add_row(*row)
    return table


def curve_picture(curve: Row) -> Picture:
    """Draw a reported actuarial curve with the band of the model."""
    rows = curve["intervals"]
    last = float(rows[-1]["to_months"])

    def point(months: float, share: float) -> str:
        return f"{_x(months, last):.1f},{_y(share):.1f}"

    upper = [point(0.0, 1.0)] + [point(r["to_months"], r["predicted_high"]) for r in rows]
    lower = [point(r["to_months"], r["predicted_low"]) for r in reversed(rows)]
    model = [point(0.0, 1.0)] + [point(r["to_months"], r["predicted"]) for r in rows]
    reported = [point(0.0, 1.0)] + [point(r["to_months"], r["alive"]) for r in rows]
    content = [
        _axes(last),
        f'<polygon points="{" ".join(upper + lower)}" fill="{BAND}"/>',
        f'<polyline points="{" ".join(model)}" fill="none" stroke="{BLUE}" stroke-width="2.6"/>',
        f'<polyline points="{" ".join(reported)}" fill="none" stroke="{INK}" stroke-width="1.6"/>',
        *(_dot(r, last, whisker=(k + 1) % _WHISKER_EVERY == 0) for k, r in enumerate(rows)),
    ]
    name = curve_name(curve)
    alt = (
        f"{name}: {curve['patients']} patients, {curve['deaths']} deaths. "
        f"{curve['inside']} of {len(rows)} intervals have as many deaths as the model says, "
        f"within its 95 % interval. The table holds the numbers."
    )
    caption = (
        "Black: share alive, worked out from deaths per interval, with its 95 % interval. "
        "Blue: the model, and what a study of this size would report (95 %)."
    )
    return Picture(drawing(_WIDTH, _HEIGHT, "".join(content), alt), alt, "curve", caption)


def _x(months: float, last: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * months / last


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _axes(last: float) -> str:
    parts = []
    for percent in (0, 25, 50, 75, 100):
        y = _y(percent / 100)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_RIGHT}" stroke="{GRID}" stroke-width="0.8"/>')
        parts.append(_word(str(percent), _LEFT - 6, y + 4.5, "end"))
    for months in range(0, int(last) + 1, 12):
        parts.append(_word(str(months), _x(months, last), _BOTTOM + 18, "middle"))
    parts.append(_word("months", (_LEFT + _RIGHT) / 2, _BOTTOM + 38, "middle"))
    parts.append(_word("alive, %", _LEFT - 40, _TOP - 10, "start"))
    return "".join(parts)


def _word(text: str, x: float, y: float, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="13" text-anchor="{anchor}" fill="{INK}">'
        f"{escape(text)}</text>"
    )


def _dot(row: Row, last: float, *, whisker: bool) -> str:
    x, y = _x(row["to_months"], last), _y(row["alive"])
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{INK}"/>'
    if not whisker:
        return dot
    ends = f"M{x:.1f} {_y(row['alive_low']):.1f}V{_y(row['alive_high']):.1f}"
    return f'<path d="{ends}" stroke="{INK}" stroke-width="1.4"/>{dot}'
