"""Topics are found by any of their names; damaged data is refused."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from mesospread.errors import InputError
from mesospread.guide.topics import figures, load_guide, read_guide

READING = """
format = 1
[[reading]]
id = "a-guideline"
citation = "A guideline"
address = "somewhere"
read = "all"
"""
TOPIC = """
[[topic]]
id = "{id}"
kind = "site"
title = "{title}"
aliases = {aliases}
asked = ["What about the {id}?"]
plain = "{plain}"
clinician = "Short."
sources = {sources}
see_also = {see_also}
questions_for_the_team = ["What now?"]
"""


def topic(name: str, **changes: str) -> str:
    parts = {"id": name, "title": name.title(), "aliases": "[]", "plain": "Plain.", "sources": "[]"}
    other = {"liver": "bone"}.get(name, "liver")
    return TOPIC.format(**{**parts, "see_also": f'["{other}"]', **changes})


def guide_of(folder: Path, *topics: str) -> Path:
    (folder / "topics").mkdir()
    (folder / "reading.toml").write_text(READING)
    (folder / "topics" / "some.toml").write_text("format = 1\n" + "".join(topics))
    return folder


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("liver", "liver"),
        ("Liver", "liver"),
        ("stage IV", "stage-4"),
        ("Stage 4", "stage-4"),
        ("contralateral_lung", "contralateral-lung"),
        ("opdivo + yervoy", "nivolumab-ipilimumab"),
        ("the toll gate", "lymph-spread"),
        ("pleurectomy/decortication", "pleurectomy"),
        ("Water on the Lung", "pleural-effusion"),
    ],
)
def test_names(name: str, found: str) -> None:
    assert load_guide().find(name).id == found


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("livre", "Did you mean 'liver'?"),
        ("keytrude", "Did you mean 'pembrolizumab'?"),
        ("spleen pain", "'spleen'"),
        ("xyzzy", "Ask in your own words"),
    ],
)
def test_a_name_that_is_not_known(name: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        load_guide().find(name)
    assert remedy in caught.value.remedy
    assert repr(name) in str(caught.value)


def test_a_good_folder_is_read(tmp_path: Path) -> None:
    guide = read_guide(guide_of(tmp_path, topic("liver"), topic("bone")))
    assert list(guide.topics) == ["liver", "bone"]


@pytest.mark.parametrize(
    ("topics", "told"),
    [
        ([topic("liver") + 'colour = "red"\n', topic("bone")], "unknown key"),
        ([topic("liver", plain="In 3 of 7."), topic("bone")], "figures (3, 7), no source"),
        ([topic("liver", see_also='["lever"]'), topic("bone")], "unknown topic"),
        ([topic("liver", see_also='["liver"]'), topic("bone")], "unknown topic"),
        ([topic("liver", sources='["finn-2012-livr"]'), topic("bone")], "'finn-2012-liver'"),
        ([topic("liver", aliases='["Bones"]'), topic("bone", aliases='["bones"]')], "used twice"),
        ([topic("liver", aliases='["x", "X"]'), topic("bone")], "used twice"),
        ([topic("liver"), topic("liver"), topic("bone")], "used twice"),
        ([topic("liver").replace('"site"', '"sight"'), topic("bone")], "site"),
        ([topic("liver").replace('"site"', '"red_flag"'), topic("bone")], "without what to do"),
        ([topic("liver").replace('plain = "Plain."\n', ""), topic("bone")], "missing"),
        ([topic("liver", plain=""), topic("bone")], "at least 1 character"),
    ],
)
def test_damaged_data_is_refused(tmp_path: Path, topics: list[str], told: str) -> None:
    with pytest.raises(InputError, match=r"some\.toml|topics ›") as caught:
        read_guide(guide_of(tmp_path, *topics))
    assert told in str(caught.value)


def test_an_unknown_reading_is_refused(tmp_path: Path) -> None:
    changed = topic("liver").replace("see_also", 'reading = ["a-guidelin"]\nsee_also')
    with pytest.raises(InputError, match=r"unknown reading.*Did you mean 'a-guideline'"):
        read_guide(guide_of(tmp_path, changed, topic("bone")))


def test_the_shipped_guide_breaks_when_a_topic_is_taken_out(tmp_path: Path) -> None:
    shutil.copytree(str(files("mesospread.guide") / "data"), tmp_path / "data")
    (tmp_path / "data" / "topics" / "sites_elsewhere.toml").unlink()
    with pytest.raises(InputError, match="unknown topic"):
        read_guide(tmp_path / "data")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("T3 N1 M0, stage 3 or 4, the 9th edition, CheckMate 743, BAP1, phase 2", []),
        ("8th to 9th: T2 N0 IB; T1-3 N2; stage 2 or 3A; call 911, 999 or 112", []),
        ("performance status 0-1 in 2010-2017, a 24-hour line", []),
        ("6 of 149 (4 %), hazard ratio 0.61", ["6", "149", "4", "0.61"]),
        ("38 °C", ["38"]),
    ],
)
def test_figures_are_told_from_labels(text: str, found: list[str]) -> None:
    assert figures(text) == found
