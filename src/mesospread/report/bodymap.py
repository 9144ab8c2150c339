"""The body map: every place the tumour can reach, with its number and a pattern for its chance.

Colour never stands alone: each place has a pattern and the number of its row in the list beside
the map. Shapes: ``data/bodymap.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from mesospread.report.svg import BLUE, GRID, INK, drawing
from mesospread.report.view_parts import SiteView, Words

_WIDTH, _HEIGHT = 340, 560
_KEY_HEIGHT = 86
_SKIN = "#f4efe9"
_START = "#7a2e12"

#: least chance, name of the words, tile, and what is drawn on it
_CLASSES = (
    (0.50, "over_50", f'<rect width="6" height="6" fill="{BLUE}"/>'
     '<path d="M0 6L6 0M0 0L6 6" stroke="#cfe3f2" stroke-width="0.7"/>'),
    (0.20, "under_50", '<rect width="6" height="6" fill="#9cc3e0"/>'
     f'<path d="M-1 1L1-1M0 6L6 0M5 7L7 5" stroke="{BLUE}" stroke-width="1.3"/>'),
    (0.05, "under_20", '<rect width="6" height="6" fill="#e4f0f8"/>'
     f'<circle cx="3" cy="3" r="1.1" fill="{BLUE}"/>'),
    (0.00, "under_5", '<rect width="6" height="6" fill="#fff"/>'),
)  # fmt: skip

#: sides of the body; the shapes are drawn for the right one, which is on the left
_OTHER = {"right": "left", "left": "right"}


@dataclass(frozen=True)
class Shape:
    """One shape of the map.

    Attributes
    ----------
    id, kind
        Name of the site; ``area``, ``line`` or ``dots``.
    d, detail, points, width
        What is drawn.
    at
        Where the line from the number may end.
    mirrored, one_side
        Drawn on both sides; or on the side of the primary only.
    context
        Drawn faintly where it is no site.
    only
        Primaries it is for; all if empty.
    """

    id: str
    kind: str
    at: tuple[tuple[float, float], ...]
    d: str = ""
    detail: str = ""
    points: tuple[tuple[float, float], ...] = ()
    width: float = 5.0
    mirrored: bool = False
    one_side: bool = False
    context: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Drawn:
    """A shape on the sides on which it is drawn; ``flips``: whether mirrored, for each."""

    shape: Shape
    flips: tuple[bool, ...]

    def anchors(self) -> Iterator[tuple[float, float]]:
        for flip in self.flips:
            for x, y in self.shape.at:
                yield (_WIDTH - x if flip else x), y


def body_map(
    primary: str, sites: Sequence[SiteView], side: str, words: Words, *, name: str = "body"
) -> str:
    """Draw the body with all places of a primary.

    Parameters
    ----------
    primary
        Where it started.
    sites
        The places, with their numbers and chances today.
    side
        ``left`` or ``right``; anything else is drawn as right.
    words
        The words to use.
    name
        Unique on the page.
    """
    of_start = side if side in _OTHER else "right"
    placed = {site.site: (site, _placed(site.site, primary, of_start)) for site in sites}
    parts = [_patterns(name), _outline()]
    named = {one.shape.id for _, one in placed.values()}
    for shape in shapes():
        if shape.context and shape.id not in named:
            parts.append(_faint(_Drawn(shape, (False, True) if shape.mirrored else (False,))))
    order = list(shapes())
    for site, one in sorted(placed.values(), key=lambda item: order.index(item[1].shape)):
        parts.append(_coloured(site, one, name, words))
    parts.append(_start_shape(primary, of_start, words))
    parts.append(_badges(list(placed.values())))
    parts.append(_sides(words))
    parts.append(_key(name, words))
    return drawing(_WIDTH, _HEIGHT + _KEY_HEIGHT, "".join(parts), words("now.alt"))


@cache
def shapes() -> tuple[Shape, ...]:
    """Return all shapes, from back to front."""
    text = (files("mesospread.report") / "data" / "bodymap.toml").read_text("utf-8")
    found = []
    for row in tomllib.loads(text)["shape"]:
        row["at"] = tuple((float(x), float(y)) for x, y in row["at"])
        row["points"] = tuple((float(x), float(y)) for x, y in row.get("points", ()))
        row["only"] = tuple(row.get("only", ()))
        found.append(Shape(**row))
    return tuple(found)


@cache
def _body() -> str:
    text = (files("mesospread.report") / "data" / "bodymap.toml").read_text("utf-8")
    return str(tomllib.loads(text)["body"])


#: site -> shape, where the names differ; and on which side
_SHAPE_OF = {"contralateral_lung": "lung", "contralateral_pleura": "pleura"}
#: shapes that for a paired primary lie on its own side
_OWN_SIDE = {("chest_wall", "pleural"), ("skin", "pleural")}
#: where each primary starts
_START_SHAPE = {
    "pleural": "pleura",
    "peritoneal": "peritoneum",
    "pericardial": "pericardium",
    "testicular": "tunica",
}


def _placed(site: str, primary: str, side: str) -> _Drawn:
    shape = _shape(_SHAPE_OF.get(site, site), primary)
    if site in _SHAPE_OF:
        return _Drawn(shape, (side == "right",))
    if shape.one_side or (site, primary) in _OWN_SIDE:
        return _Drawn(shape, (side == "left",))
    return _Drawn(shape, (False, True) if shape.mirrored else (False,))


def _shape(name: str, primary: str) -> Shape:
    return next(s for s in shapes() if s.id == name and (not s.only or primary in s.only))


def chance_class(share: float) -> str:
    """Return the name of the pattern of a chance, 0 to 1."""
    return next(name for least, name, _ in _CLASSES if share >= least)


def _patterns(name: str) -> str:
    return (
        "<defs>"
        + "".join(
            f'<pattern id="{name}-{kind}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f"{tile}</pattern>"
            for _, kind, tile in _CLASSES
        )
        + "</defs>"
    )


def _outline() -> str:
    half = f'<path d="{_body()}" fill="{_SKIN}" stroke="#b7a999" stroke-width="1.5"/>'
    return half + _flipped(half, True)


def _faint(one: _Drawn) -> str:
    path = f'<path d="{one.shape.d}" fill="#fff" fill-opacity="0.5" stroke="{GRID}"/>'
    return "".join(_flipped(path, flip) for flip in one.flips)


def _flipped(content: str, flip: bool) -> str:
    return f'<g transform="matrix(-1 0 0 1 {_WIDTH} 0)">{content}</g>' if flip else content


def _coloured(site: SiteView, one: _Drawn, name: str, words: Words) -> str:
    fill = f"url(#{name}-{chance_class(site.now.estimate)})"
    title = words(
        "body.title",
        number=site.number,
        label=site.label,
        share=site.now.words(words.lang),
    )
    drawn = "".join(_flipped(_filled(one.shape, fill), flip) for flip in one.flips)
    return f"<g><title>{escape(title)}</title>{drawn}</g>"


def _filled(shape: Shape, fill: str) -> str:
    if shape.kind == "dots":
        return "".join(
            f'<circle cx="{x:g}" cy="{y:g}" r="4.2" fill="{fill}" stroke="{INK}"/>'
            for x, y in shape.points
        )
    if shape.kind == "line":
        return "".join(
            f'<path d="{shape.d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" '
            'stroke-linejoin="round"/>'
            for stroke, width in (
                (INK, shape.width + 1.8),
                ("#fff", shape.width),
                (fill, shape.width),
            )
        )
    filled = f'<path d="{shape.d}" fill="{fill}" stroke="{INK}" stroke-width="1.1"/>'
    if shape.detail:
        filled += f'<path d="{shape.detail}" fill="none" stroke="{INK}" stroke-width="0.8"/>'
    return filled


def _start_shape(primary: str, side: str, words: Words) -> str:
    shape = _shape(_START_SHAPE[primary], primary)
    flip = side == "left" and (shape.mirrored or shape.one_side)
    path = (
        f'<path d="{shape.d}" fill="none" stroke="{_START}" stroke-width="{shape.width + 1:g}" '
        'stroke-linejoin="round"/>'
        f'<path d="{shape.d}" fill="none" stroke="#fff" stroke-width="1" stroke-dasharray="5 4"/>'
    )
    return f"<g><title>{escape(words('body.start'))}</title>{_flipped(path, flip)}</g>"


# --- numbers at the edges ------------------------------------------------------------

_GAP, _RADIUS = 27.0, 11.5
_EDGES = {"left": 17.0, "right": _WIDTH - 17.0}
_FIRST, _LAST = 26.0, _HEIGHT - 18.0


def _badges(placed: Sequence[tuple[SiteView, _Drawn]]) -> str:
    sided: dict[str, list[tuple[float, float, SiteView]]] = {"left": [], "right": []}
    for site, one in sorted(placed, key=lambda item: len({x < 170 for x, _ in item[1].anchors()})):
        x, y, edge = min(
            ((x, y, "left" if x < _WIDTH / 2 else "right") for x, y in one.anchors()),
            key=lambda spot: len(sided[spot[2]]),
        )
        sided[edge].append((y, x, site))
    return "".join(_edge(edge, rows) for edge, rows in sided.items())


def _edge(edge: str, rows: list[tuple[float, float, SiteView]]) -> str:
    rows = sorted(rows, key=lambda row: (row[0], row[2].number))
    parts = []
    for (y, x, site), at in zip(rows, _spread([row[0] for row in rows]), strict=True):
        badge = _EDGES[edge]
        parts.append(
            f'<path d="M{badge:g} {at:.1f}L{x:g} {y:g}" stroke="{INK}" stroke-width="0.9"/>'
            f'<circle cx="{x:g}" cy="{y:g}" r="2" fill="{INK}"/>'
            f'<circle cx="{badge:g}" cy="{at:.1f}" r="{_RADIUS:g}" fill="#fff" stroke="{INK}"/>'
            f'<text x="{badge:g}" y="{at + 4.7:.1f}" font-size="13" font-weight="bold" '
            f'text-anchor="middle" fill="{INK}">{site.number}</text>'
        )
    return "".join(parts)


def _spread(wanted: Sequence[float]) -> list[float]:
    """Return heights in the same order, near those wanted, with room between them."""
    heights: list[float] = []
    for y in wanted:
        heights.append(max(y, heights[-1] + _GAP if heights else _FIRST))
    limit = _LAST
    for k in range(len(heights) - 1, -1, -1):
        heights[k] = min(heights[k], limit)
        limit = heights[k] - _GAP
    return heights


def _sides(words: Words) -> str:
    return "".join(
        f'<text x="{x}" y="{_HEIGHT - 2}" font-size="13" text-anchor="middle" fill="{INK}">'
        f"{escape(words(f'body.{side}'))}</text>"
        for x, side in ((62, "right"), (278, "left"))
    )


def _key(name: str, words: Words) -> str:
    parts = []
    spots = ((8, 26), (176, 26), (8, 48), (176, 48))
    for (x, y), (_, kind, _tile) in zip(spots, reversed(_CLASSES), strict=True):
        parts.append(
            f'<rect x="{x}" y="{_HEIGHT + y - 8}" width="26" height="15" '
            f'fill="url(#{name}-{kind})" stroke="{INK}"/>'
            + _key_word(x + 34, y, words(f"body.{kind}"))
        )
    y = _HEIGHT + 70
    parts.append(
        f'<path d="M8 {y}h26" stroke="{_START}" stroke-width="6"/>'
        f'<path d="M8 {y}h26" stroke="#fff" stroke-width="1" stroke-dasharray="5 4"/>'
        + _key_word(42, 70, words("body.start"))
    )
    return "".join(parts)


def _key_word(x: float, y: float, words: str) -> str:
    return f'<text x="{x}" y="{_HEIGHT + y + 4}" font-size="13" fill="{INK}">{escape(words)}</text>'
