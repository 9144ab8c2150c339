"""Pictures of a check of forecasts against a table of patients."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from mesospread.report.svg import BLUE, GRID, INK, Picture, drawing
from mesospread.report.validation_words import IN_ENGLISH, Said

Row = Mapping[str, Any]

_PANEL, _GAP, _LEFT, _TOP = 200, 40, 44, 34


def calibration_plot(check: Row, said: Said = IN_ENGLISH) -> Picture:
    """Draw forecast against observed shares alive, one panel for each time."""
    panels = check["at"]
    width = _LEFT + len(panels) * (_PANEL + _GAP)
    content = [
        _panel(at, _LEFT + k * (_PANEL + _GAP), said, first=k == 0) for k, at in enumerate(panels)
    ]
    height = _TOP + _PANEL + 46
    alt = " ".join([said("calibration.alt"), *(_told(at, said) for at in panels)])
    drawn = drawing(width, height, "".join(content), alt)
    return Picture(drawn, alt, "bars", said("calibration.caption"))


def _told(at: Row, said: Said) -> str:
    """Return the numbers of a panel in words."""
    pairs = ", ".join(
        said(
            "calibration.alt_pair",
            predicted=said.number(100 * fifth["predicted"]),
            observed=_percent(fifth["observed"]["estimate"], said),
        )
        for fifth in at["fifths"]
    )
    return said("calibration.alt_at", months=said.number(at["months"]), pairs=pairs)


def _percent(share: float | None, said: Said) -> str:
    return said("calibration.unknown") if share is None else said.number(100 * share)


def _panel(at: Row, left: float, said: Said, *, first: bool) -> str:
    bottom = _TOP + _PANEL

    def x(share: float) -> float:
        return left + _PANEL * share

    def y(share: float) -> float:
        return bottom - _PANEL * share

    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(
            f'<path d="M{x(tick):.1f} {_TOP}V{bottom}M{left} {y(tick):.1f}H{left + _PANEL}" '
            f'stroke="{GRID}" stroke-width="0.8"/>'
        )
        parts.append(_word(f"{100 * tick:.0f}", x(tick), bottom + 16, "middle"))
        if first:
            parts.append(_word(f"{100 * tick:.0f}", left - 6, y(tick) + 4, "end"))
    parts.append(
        f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="{INK}" stroke-width="1.2" '
        'stroke-dasharray="5 4"/>'
    )
    middle, time = left + _PANEL / 2, said("calibration.at", months=said.number(at["months"]))
    parts.append(_word(time, middle, _TOP - 12, "middle"))
    parts.append(_word(said("calibration.forecast"), middle, bottom + 36, "middle"))
    if first:
        parts.append(_word(said("calibration.observed"), 2, _TOP - 12, "start"))
    for fifth in at["fifths"]:
        parts.append(_fifth(fifth, x, y, said))
    return "".join(parts)


def _fifth(fifth: Row, x: Any, y: Any, said: Said) -> str:
    seen = fifth["observed"]
    if seen["estimate"] is None:
        return ""
    across = x(fifth["predicted"])
    told = said("calibration.dot", patients=fifth["patients"], died=fifth["died"])
    dot = (
        f'<circle cx="{across:.1f}" cy="{y(seen["estimate"]):.1f}" r="4.5" fill="{BLUE}" '
        f'stroke="#ffffff"><title>{escape(told)}</title></circle>'
    )
    if seen["low"] is None or seen["high"] is None:
        return dot
    ends = f"M{across:.1f} {y(seen['low']):.1f}V{y(seen['high']):.1f}"
    return f'<path d="{ends}" stroke="{BLUE}" stroke-width="1.6"/>{dot}'


def _word(text: str, x: float, y: float, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="12.5" text-anchor="{anchor}" fill="{INK}">'
        f"{escape(text)}</text>"
    )
