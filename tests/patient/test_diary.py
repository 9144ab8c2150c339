"""The symptom diary is read strictly, written whole, and says when a symptom began."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesospread.errors import InputError, OutputError
from mesospread.patient import diary as module
from mesospread.patient.diary import (
    Entry,
    as_symptoms,
    read_diary,
    series,
    with_entries,
    write_diary,
)

TODAY = dt.date(2026, 11, 22)
HEAD = "date,symptom,score,note\n"


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


@given(
    st.lists(
        st.builds(
            Entry,
            st.dates(dt.date(2020, 1, 1), TODAY),
            st.sampled_from(["bone pain", "fatigue", "fever"]),
            st.integers(0, 10),
            st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40).map(
                str.strip
            ),
        ),
        unique_by=lambda e: (e.date, e.symptom),
    )
)
def test_what_is_written_is_read_again(tmp_path_factory, entries) -> None:
    path = tmp_path_factory.mktemp("diary") / "d.csv"
    write_diary(path, entries)
    assert read_diary(path, TODAY) == sorted(entries)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2026-11-23,fever,3,", "line 2: not a day up to today"),
        ("22.11.2026,fever,3,", "not a day"),
        ("1900-01-01,fever,3,", "not a day"),
        ("2026-11-20,fever,11,", "not a score"),
        ("2026-11-20,fever,2.5,", "not a score"),
        ("2026-11-20,fever,-1,", "not a score"),
        ("2026-11-20,fever,,", "not a score"),
        ("2026-11-20,,3,", "name of the symptom is missing"),
        ("2026-11-20,fever,3", "wrong number of cells"),
        ("2026-11-20,fever,3,a,b", "wrong number of cells"),
        (f"2026-11-20,{'x' * 61},3,", "the symptom is too long"),
        (f"2026-11-20,fever,3,{'x' * 301}", "the note is too long"),
        ("2026-11-20,fever,3,\n2026-11-20,Fever,4,", "line 3: this symptom stands twice"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(tmp_path: Path, row: str, words: str) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"{HEAD}{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_diary(path, TODAY)


@pytest.mark.parametrize("text", ["", "date,symptom,score\n", "a,b,c,d\n", "\xff"])
def test_another_table_is_no_diary(tmp_path: Path, text: str) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"columns|cannot be read"):
        read_diary(path, TODAY)


def test_a_diary_that_cannot_be_written_is_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "d.csv"
    write_diary(path, [Entry(day(1), "fever", 3)])

    def broken(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(module.os, "replace", broken)
    with pytest.raises(OutputError, match="no space left"):
        write_diary(path, [Entry(day(2), "fever", 4)])
    assert read_diary(path, TODAY) == [Entry(day(1), "fever", 3)]
    assert [p.name for p in tmp_path.iterdir()] == ["d.csv"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the diary cannot be written"):
        write_diary(tmp_path / "no" / "d.csv", [])


def test_an_entry_takes_the_place_of_another_only_if_wanted() -> None:
    before, new = [Entry(day(1), "fever", 3)], [Entry(day(1), "Fever", 5)]
    with pytest.raises(InputError, match="noted on that day already"):
        with_entries(before, new)
    assert with_entries(before, new, replace=True) == new


@pytest.mark.parametrize(
    ("scores", "since", "present"),
    [
        ([3], 1, True),
        ([0], None, False),
        ([3, 4, 5], 1, True),
        ([3, 0, 5, 6], 3, True),
        ([0, 0, 2], 3, True),
        ([4, 3, 0], None, False),
    ],
)
def test_a_symptom_began_after_its_last_zero(
    scores: list[int], since: int | None, present: bool
) -> None:
    entries = [Entry(day(k), "bone pain", score) for k, score in enumerate(scores, 1)]
    (symptom,) = as_symptoms(entries)
    assert symptom.present is present
    assert symptom.since == (None if since is None else day(since))


def test_spellings_that_differ_in_case_are_one_symptom() -> None:
    rows = [Entry(day(1), "Fever", 3), Entry(day(2), "fever", 4)]
    assert list(series(rows)) == ["fever"]
