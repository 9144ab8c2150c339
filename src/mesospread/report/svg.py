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
        ``icons``, ``curve``, ``bars`` or ``body``: how wide it is drawn.
    caption
        A line below it.
    """

    svg: str
    alt: str
    kind: str
    caption: str = ""


def drawing(width: float, height: float, content: str, alt: str) -> str:
    """Return an SVG of this size with its title."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-label="{escape(alt)}">'
        f"<title>{escape(alt)}</title>{content}</svg>"
    )


def icons(share: Share, name: str, alt: str) -> str:
    """Draw 100 people: solid up to the low end, striped up to the high end.

    Dense stripes reach from the low end to the best guess, light stripes from there to the
    high end, so that the range is part of the picture.

    Parameters
    ----------
    share
        The number.
    name
        Unique on the page.
    alt
        The number in words.
    """
    low, best, high = share.low_of_100, share.of_100, share.high_of_100
    ends = (0, low, max(low, best), max(low, best, high), _PEOPLE)
    kinds = ("solid", "dense", "light", "empty")
    people = "".join(f'<g id="{name}-{kind}">{_PERSON[kind]}</g>' for kind in kinds)
    placed = "".join(
        f'<use href="#{name}-{kind}" x="{k % _PER_ROW * _CELL_WIDTH}" '
        f'y="{k // _PER_ROW * _CELL_HEIGHT}"/>'
        for kind, (start, end) in zip(kinds, pairwise(ends), strict=True)
        for k in range(start, end)
    )
    return drawing(
        _PER_ROW * _CELL_WIDTH,
        _PEOPLE // _PER_ROW * _CELL_HEIGHT,
        f"<defs>{people}</defs>{placed}",
        alt,
    )


def icon_key(labels: Mapping[str, str], alt: str) -> str:
    """Draw the key of the array: ``solid``, ``dense``, ``light`` and ``empty`` with words."""
    rows = "".join(
        f'<g transform="translate(2 {_KEY_ROW * k + 2})">{_PERSON[kind]}</g>'
        + _word(labels[kind], 26, _KEY_ROW * k + 16, "start")
        for k, kind in enumerate(_PERSON)
    )
    return drawing(_WIDTH, _KEY_ROW * len(_PERSON) + 2, rows, alt)


_KEY_ROW = 23


def _person(head: str, body: str, stripes: Sequence[float] = ()) -> str:
    lines = "".join(f"M4 {y:g}h7" for y in stripes)
    return (
        f'<circle cx="7.5" cy="4.5" r="2.6" {head}/>'
        f'<rect x="3.5" y="8.2" width="8" height="9.3" rx="2.4" {body}/>'
        + (f'<path d="{lines}" stroke="{BLUE}" stroke-width="1.1"/>' if stripes else "")
    )


_OUTLINE = f'fill="#fff" stroke="{BLUE}" stroke-width="1"'
_PERSON = {
    "solid": _person(f'fill="{BLUE}"', f'fill="{BLUE}"'),
    "dense": _person(f'fill="{BLUE}"', _OUTLINE, (10.1, 12, 13.9, 15.8)),
    "light": _person(_OUTLINE, _OUTLINE, (12.9,)),
    "empty": _person(f'fill="{PALE}"', f'fill="{PALE}"'),
}


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
        parts += [
            f'<circle cx="{x(m):.1f}" cy="{y(s.estimate):.1f}" r="3.6" fill="{BLUE}"/>'
            for m, s in points
        ]
    return drawing(_WIDTH, _HEIGHT, "".join(parts), alt)


def _grid(top: float, y: Callable[[float], float]) -> str:
    steps = {0.1: 5, 0.25: 5, 0.5: 5, 1.0: 4}[top]
    marks = []
    for k in range(steps + 1):
        at = y(top * k / steps)
        marks.append(f'<path d="M{_LEFT} {at:.1f}H{_RIGHT}" stroke="{GRID}" stroke-width="0.8"/>')
        marks.append(_word(f"{100 * top * k / steps:g}", _LEFT - 6, at + 4.5, "end"))
    return "".join(marks)


def _months(last: float, x: Callable[[float], float]) -> str:
    step = 6 if last <= 24 else 12
    ticks = range(0, int(last) + 1, step)
    return "".join(_word(str(month), x(month), _BOTTOM + 17, "middle") for month in ticks)


def _labels(below: str, unit: str) -> str:
    named = _word(below, (_LEFT + _RIGHT) / 2, _BOTTOM + 36, "middle")
    return named + _word(unit, 6, _TOP - 13, "start")


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
