"""The body map: all places of all primaries, inside the picture, no two numbers on one spot."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from mesospread.anatomy.catalogue import primaries
from mesospread.report.bodymap import _spread, body_map, chance_class, shapes
from mesospread.report.view import Share, SiteView
from mesospread.report.view_parts import Words

SVG = "{http://www.w3.org/2000/svg}"


def views(primary: str) -> list[SiteView]:
    names = [site.name for one in primaries() if one.name == primary for site in one.sites]
    return [
        SiteView(k + 1, name, name, False, Share(k / 20), None, None, {}, (), None, ())
        for k, name in enumerate(names)
    ]


@pytest.mark.parametrize("primary", [one.name for one in primaries()])
@pytest.mark.parametrize("side", ["left", "right", ""])
def test_every_place_is_drawn_and_named(primary: str, side: str) -> None:
    svg = body_map(primary, views(primary), side, Words())
    root = ElementTree.fromstring(svg)
    titles = [t.text for t in root.iter(f"{SVG}title")]
    for view in views(primary):
        assert any(str(t).startswith(f"{view.number}. {view.label}:") for t in titles)
    assert "where it started" in titles
    assert 8_000 < len(svg) < 30_000
    spots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="11.5"', svg)
    assert len(spots) == len(views(primary))
    for edge in {x for x, _ in spots}:
        heights = sorted(float(y) for x, y in spots if x == edge)
        assert heights[0] >= 12
        assert heights[-1] <= 560
        assert all(b - a >= 24 for a, b in pairwise(heights))


def test_the_side_of_the_tumour_decides_which_lung_is_the_other() -> None:
    left, right = (
        body_map("pleural", views("pleural"), side, Words()) for side in ("left", "right")
    )
    assert left != right


def test_a_place_that_is_not_drawn_is_noticed() -> None:
    drawn = {shape.id for shape in shapes()} | {"contralateral_lung", "contralateral_pleura"}
    assert {site.name for one in primaries() for site in one.sites} <= drawn
    unknown = replace(views("pleural")[0], site="tongue")
    with pytest.raises(StopIteration):
        body_map("pleural", [unknown], "right", Words())


def test_classes_of_chance() -> None:
    shares = (0.0, 0.049, 0.05, 0.2, 0.5, 1.0)
    assert [chance_class(s) for s in shares] == [
        "under_5", "under_5", "under_20", "under_50", "over_50", "over_50",
    ]  # fmt: skip


def test_numbers_at_the_edge_keep_their_order_and_their_distance() -> None:
    heights = _spread([100, 101, 102, 540, 541])
    assert heights == sorted(heights)
    assert all(b - a >= 27 for a, b in pairwise(heights))
    assert heights[-1] <= 542
