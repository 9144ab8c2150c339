"""Pictures of a validation: reported beside predicted, and why rates differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from mesospread.report.svg import BAND, BLUE, GRID, INK, PALE, Picture, drawing
from mesospread.report.validation_questions import DECIMALS, signed
from mesospread.report.validation_text import figure, measure
from mesospread.report.validation_words import IN_ENGLISH, Said

Row = Mapping[str, Any]
Scale = Callable[[float], float]

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 720, 300, 24, 26, 34
_RED = "#9a2617"
#: fills of the four parts: told apart by pattern and by the number beside them
_PARTS = {"time": "#1c5d8c", "selection": "#8a5a00", "eyes": "#4f7f3b", "definition": "#7a3e8e"}


def comparison(kind: str, rows: Sequence[Row], said: Said = IN_ENGLISH) -> list[Picture]:
    """Draw the figures of one kind, one picture for each unit."""
    pictures = []
    for wanted in ("percent", "months", "ratio"):
        chosen = [r for r in rows if measure(r) == wanted and r["predicted"] is not None]
        if chosen:
            pictures.append(_comparison(kind, wanted, chosen, said))
    return pictures


def _comparison(kind: str, wanted: str, rows: Sequence[Row], said: Said) -> Picture:
    ends = [r[k] for r in rows for k in ("reported_high", "predicted_high")]
    lows = [r[k] for r in rows for k in ("reported_low", "predicted_low")]
    scale, ticks = _scale(wanted, min(lows), max(ends))
    height = _TOP + _ROW * len(rows) + 30
    content = [_axis(scale, ticks, wanted, height, said)]
    for number, row in enumerate(rows):
        content.append(_compared(row, scale, _TOP + _ROW * number, said))
    outside = sum(not r["inside"] for r in rows)
    alt = said(
        "figures.alt",
        kind=said.named("kind", kind),
        unit=said(f"unit.{wanted}"),
        figures=len(rows),
        inside=len(rows) - outside,
        outside=outside,
    )
    drawn = drawing(_WIDTH, height, "".join(content), alt)
    return Picture(drawn, alt, "bars", said("figures.caption"))


def _scale(wanted: str, low: float, high: float) -> tuple[Scale, list[float]]:
    """Return where a figure is drawn, and the ticks."""
    span = _WIDTH - _LEFT - _RIGHT
    if wanted == "ratio":
        a, b = math.log(max(min(low, 0.5), 0.05)), math.log(min(max(high, 2.0), 20.0))
        ticks = [t for t in (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0) if a <= math.log(t) <= b]
        return lambda v: _LEFT + span * (math.log(max(v, 0.01)) - a) / (b - a), ticks
    top = _round_up(high)
    return lambda v: _LEFT + span * min(v, top) / top, [top * k / 4 for k in range(5)]


def _round_up(number: float) -> float:
    """Return the next number that divides well by four."""
    for step in (0.04, 0.08, 0.2, 0.4, 0.6, 0.8, 1.0, 8, 20, 40, 60, 80):
        if number <= step:
            return float(step)
    return 40.0 * math.ceil(number / 40.0)


def _axis(scale: Scale, ticks: Sequence[float], wanted: str, height: float, said: Said) -> str:
    parts = []
    for tick in ticks:
        x = scale(tick)
        label = said.number(100 * tick if wanted == "percent" else tick, "g")
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{height - 26}" '
            f'stroke="{GRID}"/><text x="{x:.1f}" y="{_TOP - 14}" font-size="12" '
            f'text-anchor="middle" fill="{INK}">{label}</text>'
        )
    parts.append(
        f'<text x="{_WIDTH - _RIGHT}" y="{height - 8}" font-size="12" text-anchor="end" '
        f'fill="{INK}">{escape(said(f"unit.{wanted}"))}</text>'
    )
    return "".join(parts)


def _compared(row: Row, scale: Scale, y: float, said: Said) -> str:
    low, middle, high = (scale(row[k]) for k in ("predicted_low", "predicted", "predicted_high"))
    a, seen, b = (scale(row[k]) for k in ("reported_low", "reported", "reported_high"))
    ink = INK if row["inside"] else _RED
    label = f"{row['study']}: {row['subject']}"
    fill = ink if row["use"] == "calibrate" else "#ffffff"
    cross = "" if row["inside"] else f'<text x="{b + 4:.1f}" y="{y + 12}" fill="{ink}">✕</text>'
    return (
        f'<text x="{_LEFT - 10}" y="{y + 13}" font-size="12" text-anchor="end" '
        f'fill="{INK}"{said.english}>'
        f"{escape(_short(label))}<title>{escape(label)}</title></text>"
        f'<rect x="{low:.1f}" y="{y + 1}" width="{max(high - low, 1):.1f}" height="16" '
        f'fill="{BAND}"/><line x1="{middle:.1f}" x2="{middle:.1f}" y1="{y + 1}" '
        f'y2="{y + 17}" stroke="{BLUE}" stroke-width="3"/>'
        f'<line x1="{a:.1f}" x2="{b:.1f}" y1="{y + 9}" y2="{y + 9}" stroke="{ink}" '
        f'stroke-width="1.5"/><circle cx="{seen:.1f}" cy="{y + 9}" r="4.5" fill="{fill}" '
        f'stroke="{ink}" stroke-width="1.5"/>{cross}'
    )


def _short(label: str, letters: int = 42) -> str:
    return label if len(label) <= letters else label[: letters - 1].rstrip() + "…"


def staircase(rows: Sequence[Row], said: Said = IN_ENGLISH) -> Picture:
    """Draw how each published rate of one question follows from its reference in four steps."""
    ordered = sorted(rows, key=lambda r: float(r["reported"]))
    question = ordered[0].get("question", "spread")
    ends = [r[k] for r in rows for k in ("reported_high", "predicted_high")]
    top = 1.0 if max(ends) > 0.5 else _round_up(max(ends))
    ticks = [top * k / 5 for k in range(6)] if top == 1.0 else [top * k / 4 for k in range(5)]
    scale: Scale = lambda v: _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(v, 0.0), top) / top  # noqa: E731
    step = 40
    height = _TOP + step * len(ordered) + 56
    reference = scale(float(ordered[0]["reference"]))
    content = [_axis(scale, ticks, "percent", height - 20, said)]
    content.append(
        f'<line x1="{reference:.1f}" x2="{reference:.1f}" y1="{_TOP - 8}" y2="{height - 46}" '
        f'stroke="{INK}" stroke-width="1.5" stroke-dasharray="5 4"/>'
    )
    for number, row in enumerate(ordered):
        content.append(_steps(row, scale, _TOP + step * number, said))
    content.append(_key(height - 14, said))
    alt = said(
        f"question.{question}.alt",
        rates=len(ordered),
        reference=said.number(100 * ordered[0]["reference"], f".{DECIMALS[question]}f"),
    )
    caption = said("steps.caption", reference=said(f"question.{question}.reference"))
    return Picture(drawing(_WIDTH, height, "".join(content), alt), alt, "bars", caption)


def _steps(row: Row, scale: Scale, y: float, said: Said) -> str:
    at = float(row["reference"])
    decimals = DECIMALS[row.get("question", "spread")]
    parts = [
        f'<rect x="{_LEFT}" y="{y - 2}" width="{_WIDTH - _LEFT - _RIGHT}" height="36" '
        f'fill="{PALE}" opacity="0.35"/>',
        f'<text x="{_LEFT - 10}" y="{y + 12}" font-size="12" text-anchor="end" '
        f'fill="{INK}"{said.english}>'
        f"{escape(_short(row['study'] + ': ' + row['subject']))}"
        f"<title>{escape(row['title'])}</title></text>",
    ]
    # first what adds, then, thinner and from right to left, what takes away
    for part in sorted(row["parts"], key=lambda p: -float(p["points"])):
        to = at + part["points"] / 100.0
        left, right = sorted((scale(at), scale(to)))
        up = part["points"] >= 0
        meaning = said(
            "steps.points",
            meaning=said(f"meaning.{part['factor']}"),
            points=signed(part["points"], decimals, said),
        )
        parts.append(
            f'<rect x="{left:.1f}" y="{y + 2 if up else y + 6}" '
            f'width="{max(right - left, 0.5):.1f}" height="{12 if up else 6}" '
            f'fill="{_PARTS[part["factor"]]}" stroke="#ffffff"><title>'
            f"{escape(meaning)}</title></rect>"
        )
        at = to
    x = scale(at)
    parts.append(
        f'<path d="M{x:.1f} {y + 15} l-5 -8 h10 z" fill="{INK}" transform="translate(0 -7)"/>'
    )
    a, seen, b = (scale(row[k]) for k in ("reported_low", "reported", "reported_high"))
    low, high = scale(row["predicted_low"]), scale(row["predicted_high"])
    fill = INK if row["use"] == "calibrate" else "#ffffff"
    share = {"statistic": "proportion"}
    shares = said(
        "steps.shares",
        reported=figure(share, row["reported"], said),
        predicted=figure(share, row["predicted"], said),
    )
    parts.append(
        f'<rect x="{low:.1f}" y="{y + 18}" width="{max(high - low, 1):.1f}" height="12" '
        f'fill="{BAND}"/><line x1="{a:.1f}" x2="{b:.1f}" y1="{y + 24}" y2="{y + 24}" '
        f'stroke="{INK}" stroke-width="1.5"/><circle cx="{seen:.1f}" cy="{y + 24}" r="4.5" '
        f'fill="{fill}" stroke="{INK}" stroke-width="1.5"/>'
        f'<text x="{_LEFT - 10}" y="{y + 28}" font-size="11" text-anchor="end" fill="#3b4c5c">'
        f"{escape(shares)}</text>"
    )
    return "".join(parts)


def _key(y: float, said: Said) -> str:
    return "".join(
        f'<rect x="{_LEFT + 100 * k}" y="{y - 11}" width="14" height="12" fill="{fill}"/>'
        f'<text x="{_LEFT + 100 * k + 19}" y="{y}" font-size="12" fill="{INK}">'
        f"{escape(said(f'key.{factor}'))}</text>"
        for k, (factor, fill) in enumerate(_PARTS.items())
    )
