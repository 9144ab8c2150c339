"""Pictures drawn here, as SVG that needs no script, no font and no other file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from mesospread.report.view_numbers import Share

#: dark enough on white for text and lines (contrast above 7)
INK = "#1b2a38"
BLUE = "#1c5d8c"
PALE = "#dfe6ec"
GRID = "#c3cdd6"
BAND = "#b9d3e6"

_PER_ROW = 10
_CELL_WIDTH, _CELL_HEIGHT = 15, 20
_PEOPLE = 100


@dataclass(frozen=True)
class Picture:
    """A picture with the words that say the same.

    Attributes
    ----------
    svg
        The drawing, to be put into a page as it is.
    alt
        What it shows, in words.
    kind
        ``icons``, ``people`` (icons beside others), ``curve``, ``bars``, ``body`` or ``key``: how
        wide it is drawn.
    caption
        A line below it.
    """

    svg: str
    alt: str
    kind: str
    caption: str = ""


def drawing(width: float, height: float, content: str, alt: str) -> str:
    """Return an SVG of this size with the words that say the same."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-label="{escape(alt)}">'
        f"{content}</svg>"
    )


def icons(share: Share, alt: str) -> str:
    """Draw 100 people: solid up to the low end, striped up to the high end.

    Dense stripes reach from the low end to the best guess, light stripes from there to the
    high end, so that the range is part of the picture.

    Parameters
    ----------
    share
        The number.
    alt
        The number in words.
    """
    low, best, high = share.low_of_100, share.of_100, share.high_of_100
    best = max(low, best)
    people = _people(low, best, max(best, high), _PEOPLE)
    return drawing(_PER_ROW * _CELL_WIDTH, _PEOPLE // _PER_ROW * _CELL_HEIGHT, people, alt)


def icon_key(labels: Mapping[str, str], alt: str) -> str:
    """Draw the key of the array: ``solid``, ``dense``, ``light`` and ``empty`` with words."""
    ends = {"solid": (1, 1, 1), "dense": (0, 1, 1), "light": (0, 0, 1), "empty": (0, 0, 0)}
    rows = "".join(
        f'<g transform="translate(2 {_KEY_ROW * k + 2})">{_people(low, best, high, 1)}</g>'
        + _word(labels[kind], 26, _KEY_ROW * k + 16, "start")
        for k, (kind, (low, best, high)) in enumerate(ends.items())
    )
    return drawing(_WIDTH, _KEY_ROW * len(ends) + 2, rows, alt)


_KEY_ROW = 23


# A row of people is a few dashed lines, whose dashes repeat with the people: of heads, bodies and
# stripes. So 100 people are light, and need no names on the page. A dash of almost no length with
# round ends is a dot. The first person begins at 0, the next at the width of a cell.
_WIDE = 8
_HEADS = 'stroke-linecap="round" stroke-dasharray=".01 14.99" stroke-dashoffset="-4"'
_BODIES = 'stroke-dasharray="8 7"'
_INSIDE = ' stroke-dasharray="6.4 8.6" stroke-dashoffset="-.8"'
_STRIPES = ' stroke-dasharray="7 8" stroke-dashoffset="-.5"'
_WHITE = ' stroke="#fff"'
_GREY = f' stroke="{PALE}"'


def _people(low: int, best: int, high: int, everybody: int) -> str:
    """Draw people in rows of ten: full, with many stripes, with one stripe, and grey."""
    heads = (
        _lines(0, high, [4], 5.6),
        _lines(best, high, [4], 3.8, _WHITE),
        _lines(high, everybody, [4], 5.6, _GREY),
    )
    bodies = (
        _lines(0, high, [12], 9),
        _lines(low, high, [12], 7.4, _WHITE + _INSIDE),
        _lines(low, best, [9.3, 11.1, 12.9, 14.7], 1, _STRIPES),
        _lines(best, high, [12], 1.2, _STRIPES),
        _lines(high, everybody, [12], 9, _GREY),
    )
    return (
        f'<g fill="none" stroke="{BLUE}" {_BODIES} transform="translate(3.5 .5)">'
        f"<g {_HEADS}>{''.join(heads)}</g>{''.join(bodies)}</g>"
    )


def _lines(start: int, end: int, heights: Sequence[float], thick: float, how: str = "") -> str:
    """Draw lines through people from ``start`` up to ``end``, at some heights in each row."""
    if start >= end:
        return ""
    lines = "".join(
        f"M{k % _PER_ROW * _CELL_WIDTH} {k // _PER_ROW * _CELL_HEIGHT + y:g}"
        f"h{_CELL_WIDTH * (many - 1) + _WIDE}"
        for k, many in _rows(start, end)
        for y in heights
    )
    return f'<path d="{lines}" stroke-width="{thick:g}"{how}/>'


def _rows(start: int, end: int) -> list[tuple[int, int]]:
    """Part people into rows: number of the first in each, and how many there are in it."""
    firsts = [start, *range((start // _PER_ROW + 1) * _PER_ROW, end, _PER_ROW)]
    return [(first, after - first) for first, after in pairwise([*firsts, end])]


# --- a curve with its band -----------------------------------------------------------

_WIDTH, _HEIGHT = 340, 228
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 330, 28, 180


def curve(
    points: Sequence[tuple[float, Share]], alt: str, *, below: str, unit: str, full: bool = False
) -> str:
    """Draw how a number goes on over time, with its band.

    Parameters
    ----------
    points
        Months from now and the number then, in order; a number without a range has no band.
    alt
        What it shows, in words.
    below, unit
        Words at the time axis and above the other axis.
    full
        Whether the axis must reach 100.
    """
    last = points[-1][0]
    tops = [s.high if s.high is not None else s.estimate for _, s in points]
    top = 1.0 if full else next(t for t in (0.1, 0.25, 0.5, 1.0) if max(tops) <= t or t == 1.0)

    def x(month: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * month / last

    def y(share: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * min(share, top) / top

    parts = [_grid(top, y), _months(last, x), _labels(below, unit)]
    banded = [(m, s.low, s.high) for m, s in points if s.low is not None and s.high is not None]
    if banded:
        upper = [f"{x(m):.1f},{y(high):.1f}" for m, _, high in banded]
        lower = [f"{x(m):.1f},{y(low):.1f}" for m, low, _ in reversed(banded)]
        parts.append(
            f'<polygon points="{" ".join(upper + lower)}" fill="{BAND}" stroke="{BLUE}" '
            'stroke-width="0.8" stroke-dasharray="3 3"/>'
        )
    line = " ".join(f"{x(m):.1f},{y(s.estimate):.1f}" for m, s in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="2.6"/>')
    if len(points) < 12:
        dots = "".join(
            f'<circle cx="{x(m):.1f}" cy="{y(s.estimate):.1f}" r="3.6"/>' for m, s in points
        )
        parts.append(f'<g fill="{BLUE}">{dots}</g>')
    return drawing(_WIDTH, _HEIGHT, "".join(parts), alt)


def _grid(top: float, y: Callable[[float], float]) -> str:
    steps = {0.1: 5, 0.25: 5, 0.5: 5, 1.0: 4}[top]
    marks = [top * k / steps for k in range(steps + 1)]
    lines = "".join(f"M{_LEFT} {y(mark):g}H{_RIGHT}" for mark in marks)
    numbers = [(f"{100 * mark:g}", _LEFT - 6, y(mark) + 4.5) for mark in marks]
    return f'<path d="{lines}" stroke="{GRID}" stroke-width="0.8"/>' + _words(numbers, "end")


def _months(last: float, x: Callable[[float], float]) -> str:
    step = 6 if last <= 24 else 12
    ticks = range(0, int(last) + 1, step)
    return _words([(str(month), x(month), _BOTTOM + 17) for month in ticks], "middle")


def _labels(below: str, unit: str) -> str:
    named = _word(below, (_LEFT + _RIGHT) / 2, _BOTTOM + 36, "middle")
    return named + _word(unit, 6, _TOP - 13, "start")


def _words(words: Sequence[tuple[str, float, float]], anchor: str) -> str:
    """Write several words in one way, each with its place."""
    each = "".join(f'<text x="{x:g}" y="{y:g}">{escape(word)}</text>' for word, x, y in words)
    return f'<g font-size="13" text-anchor="{anchor}" fill="{INK}">{each}</g>'


def _word(words: str, x: float, y: float, anchor: str, size: float = 13) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" '
        f'fill="{INK}">{escape(words)}</text>'
    )


# --- ranges one below the other -----------------------------------------------------------

_ROW = 34
#: signs of a label that fit beside each other
_FITS = 44


def bars(rows: Sequence[tuple[str, Share]], alt: str, *, unit: str) -> str:
    """Draw one range per row: a bar from low to high, a mark at the best guess.

    Parameters
    ----------
    rows
        Label and number.
    alt
        What it shows, in words.
    unit
        Words below the axis.
    """
    left, right, head = 8, 250, 6
    height = head + _ROW * len(rows)

    def x(share: float) -> float:
        return left + (right - left) * share

    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(
            f'<path d="M{x(tick):.1f} {head}V{height}" stroke="{GRID}" stroke-width="0.8"/>'
        )
        parts.append(_word(f"{100 * tick:g}", x(tick), height + 15, "middle", 12))
    for k, (label, share) in enumerate(rows):
        parts.append(_bar(label, share, head + _ROW * k, x))
    parts.append(_word(unit, (left + right) / 2, height + 33, "middle", 12))
    return drawing(_WIDTH, height + 40, "".join(parts), alt)


def _short(label: str) -> str:
    """Return a label without what stands in brackets, if it would be cut off."""
    return label if len(label) <= _FITS else label.split(" (", 1)[0]


def _bar(label: str, share: Share, top: float, x: Callable[[float], float]) -> str:
    middle = top + 23
    low = share.estimate if share.low is None else share.low
    high = share.estimate if share.high is None else share.high
    return (
        _word(_short(label), 8, top + 13, "start")
        + f'<rect x="{x(low):.1f}" y="{middle - 4:.1f}" width="{max(1.5, x(high) - x(low)):.1f}" '
        f'height="8" rx="4" fill="{BAND}" stroke="{BLUE}" stroke-width="0.8"/>'
        f'<circle cx="{x(share.estimate):.1f}" cy="{middle:.1f}" r="4.6" fill="{BLUE}"/>'
        + _word(share.cell(), 334, middle + 4, "end", 12)
    )
