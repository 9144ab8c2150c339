"""Survival curves of studies that counted deaths per interval: pictures, and rows for tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from rich import box
from rich.table import Table

from mesospread.report.svg import BAND, BLUE, GRID, INK, Picture, drawing
from mesospread.report.validation_words import IN_ENGLISH, Said

Row = Mapping[str, Any]

_WIDTH, _HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 544, 24, 252
#: every so many interval ends the reported interval is drawn
_WHISKER_EVERY = 4


#: smaller p-values are not told apart
_TINY = 0.005


def curve_name(curve: Row, said: Said = IN_ENGLISH) -> str:
    """Return study and cell type."""
    cells = said.cells(curve["histology"]) or said("curves.everybody")
    return said("curves.name", study=curve["study"], cells=cells)


def chance(p_value: float, said: Said = IN_ENGLISH) -> str:
    """Return a p-value as it is read."""
    if p_value >= _TINY:
        return said.number(p_value, ".2f")
    return said("curves.tiny", limit=said.number(_TINY, "g"))


def curve_rows(
    curves: Sequence[Row], said: Said = IN_ENGLISH
) -> list[tuple[str, str, str, str, str, str]]:
    """Return name, patients, deaths, intervals inside, expected deaths, and p-value of each."""
    return [
        (
            curve_name(c, said),
            str(c["patients"]),
            str(c["deaths"]),
            f"{sum(row['deaths_predicted'] for row in c['intervals']):.0f}",
            said("curves.of", inside=c["inside"], intervals=len(c["intervals"])),
            chance(c["p_value"], said),
        )
        for c in curves
    ]


#: in a terminal
_HEADINGS = (
    "Study",
    "patients",
    "deaths",
    "deaths\npredicted",
    "intervals\ninside",
    "p, whole\ncurve",
)


def curves_table(curves: Sequence[Row]) -> Table:
    """Return the compared curves, ready to print."""
    table = Table(
        title=IN_ENGLISH("curves.title"),
        caption=IN_ENGLISH("curves.note"),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column(_HEADINGS[0])
    for heading in _HEADINGS[1:]:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in curve_rows(curves):
        table.add_row(*row)
    return table


def curve_picture(curve: Row, said: Said = IN_ENGLISH) -> Picture:
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
        _axes(last, said),
        f'<polygon points="{" ".join(upper + lower)}" fill="{BAND}"/>',
        f'<polyline points="{" ".join(model)}" fill="none" stroke="{BLUE}" stroke-width="2.6"/>',
        f'<polyline points="{" ".join(reported)}" fill="none" stroke="{INK}" stroke-width="1.6"/>',
        *(_dot(r, last, whisker=(k + 1) % _WHISKER_EVERY == 0) for k, r in enumerate(rows)),
    ]
    alt = said(
        "curves.alt",
        name=curve_name(curve, said),
        patients=curve["patients"],
        deaths=curve["deaths"],
        inside=curve["inside"],
        intervals=len(rows),
    )
    drawn = drawing(_WIDTH, _HEIGHT, "".join(content), alt)
    return Picture(drawn, alt, "curve", said("curves.caption"))


def _x(months: float, last: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * months / last


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _axes(last: float, said: Said) -> str:
    parts = []
    for percent in (0, 25, 50, 75, 100):
        y = _y(percent / 100)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_RIGHT}" stroke="{GRID}" stroke-width="0.8"/>')
        parts.append(_word(str(percent), _LEFT - 6, y + 4.5, "end"))
    for months in range(0, int(last) + 1, 12):
        parts.append(_word(str(months), _x(months, last), _BOTTOM + 18, "middle"))
    parts.append(_word(said("curves.months"), (_LEFT + _RIGHT) / 2, _BOTTOM + 38, "middle"))
    parts.append(_word(said("curves.alive"), _LEFT - 40, _TOP - 10, "start"))
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
