"""The shipped published values: every row is usable, and damage is refused."""

from __future__ import annotations

import csv
import io
from dataclasses import fields

import pytest

from mesospread.errors import InputError
from mesospread.evidence.published import PublishedValue, cite, load_published, read_published

COLUMNS = [field.name for field in fields(PublishedValue)]
GOOD = {
    "id": "smith-2001-liver",
    "primary": "pleural",
    "topic": "site_involvement",
    "setting": "autopsy",
    "population": "somebody",
    "subject": "liver",
    "statistic": "proportion",
    "n": "10",
    "events": "4",
    "value": "0.4",
    "citation": "Smith A. J Med 2001;1:1",
    "read_in": "abstract",
    "confidence": "medium",
}


def table(*rows: dict[str, str], columns: list[str] = COLUMNS) -> io.StringIO:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    text.seek(0)
    return text


def test_shipped_values_load() -> None:
    values = load_published()
    assert values["finn-2012-liver"].value == 0.319
    assert values["finn-2012-liver"].n == 318
    assert values["verma-2018-os-sarcomatoid"].says() == "OS (sarcomatoid): median 5.3 months"
    assert all(v.confidence != "high" or v.read_in == "full_text" for v in values.values())


def test_a_good_row_is_read() -> None:
    assert read_published(table(GOOD), "t")["smith-2001-liver"].events == 4.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "1.4"}, "value of a proportion is out of range"),
        ({"value": "forty"}, "value is not a number"),
        ({"n": "nan"}, "n is not a number"),
        ({"citation": ""}, "citation is missing"),
        ({"statistic": "proprtion"}, "Did you mean 'proportion'?"),
        ({"confidence": "certain"}, "unknown confidence"),
        ({"primary": "lung"}, "unknown primary"),
        ({"ci_low": "0.5", "ci_high": "0.6"}, "the interval does not hold the value"),
        ({"ci_low": "0.3"}, "half of the interval is missing"),
        ({"events": "11"}, "more events than patients"),
    ],
)
def test_a_damaged_row_is_refused(change: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match="t › line 2") as refusal:
        read_published(table({**GOOD, **change}), "t")
    assert words in str(refusal.value)


def test_an_identifier_may_be_used_once() -> None:
    with pytest.raises(InputError, match="line 3: an identifier is used twice"):
        read_published(table(GOOD, GOOD), "t")


@pytest.mark.parametrize("columns", [COLUMNS[:-1], [*COLUMNS, "colour"]])
def test_columns_must_be_known(columns: list[str]) -> None:
    with pytest.raises(InputError, match="the columns are not those of a published value"):
        read_published(table(GOOD, columns=columns), "t")


@pytest.mark.parametrize("tail", [",one more", None])
def test_a_row_with_too_many_or_too_few_cells_is_refused(tail: str | None) -> None:
    text = table(GOOD).getvalue().rstrip()
    broken = text.rsplit(",", 1)[0] if tail is None else text + tail
    with pytest.raises(InputError, match="wrong number of cells"):
        read_published(io.StringIO(broken), "t")


def test_cite_gives_each_source_once_in_order() -> None:
    cited = cite(["finn-2012-liver", "finn-2012-brain", "finn-2012-liver"])
    assert [c["id"] for c in cited] == ["finn-2012-brain", "finn-2012-liver"]
    assert cited[1] == {
        "id": "finn-2012-liver",
        "citation": "Finn RS et al. Chest 2012;142:1267-1273",
        "doi": "10.1378/chest.11-3204",
        "read_in": "abstract",
        "confidence": "medium",
        "says": "liver: 31.9 % of 318, autopsy",
    }


def test_cite_suggests_the_nearest_identifier() -> None:
    with pytest.raises(InputError, match="Did you mean 'finn-2012-liver'"):
        cite(["finn-2012-livr"])


def test_every_value_says_something() -> None:
    for value in load_published().values():
        assert value.subject in value.says()
        assert "no figure" not in value.says(), value.id


@pytest.mark.parametrize("missing", ["doi", "read_in", "population", "setting", "note", "n"])
def test_a_table_without_a_column_is_refused(missing: str) -> None:
    columns = [name for name in COLUMNS if name != missing]
    with pytest.raises(InputError, match="the columns are not those of a published value"):
        read_published(table(GOOD, columns=columns), "t")


@pytest.mark.parametrize(
    ("change", "locator", "definition"),
    [
        ({}, "abstract", "not recorded"),
        ({"note": "of all who died"}, "abstract", "of all who died"),
        ({"read_in": "full_text"}, "full text; page or table not recorded", "not recorded"),
        ({"read_in": "full_text", "note": "see Table 2"}, "full text; Table 2", "see Table 2"),
    ],
)
def test_where_it_was_read_and_what_counted(
    change: dict[str, str], locator: str, definition: str
) -> None:
    value = read_published(table(GOOD | change), "t")["smith-2001-liver"]
    assert (value.locator, value.definition) == (locator, definition)


def test_what_could_not_be_checked_says_so() -> None:
    for value in load_published().values():
        assert ("not checked" in value.locator) == (value.read_in == "secondary"), value.id
