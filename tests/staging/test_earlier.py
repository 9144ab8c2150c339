"""Earlier staging systems: every stage of each, written out once more, and what it is today."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesospread.errors import InputError
from mesospread.staging import (
    compatible_tnm,
    earlier_editions,
    edition_of_words,
    edition_table,
    editions,
    forecast_reading,
    in_words,
    model_tnm,
    parse_category,
    parse_group,
    read_elsewhere,
    stage_group,
)

PRIMARIES = ("pleural", "peritoneal", "pericardial", "testicular")
#: rows T1a to T4, columns N0 to N3, for M0 (Collaborative Stage 02.05, AJCC TNM 7 stage)
SEVENTH = """
T1a IA III III IV
T1b IB III III IV
T2 II III III IV
T3 III III III IV
T4 IV IV IV IV
"""
#: what each stage takes in, as (T, N, M) of the 8th edition: rows of T with their N, then M1
EARLIER = {
    ("butchart", "I"): ("T1 N0, T2 N0, T3 N0", False),
    ("butchart", "II"): ("T1 N12, T2 N12, T3 N012, T4 N012", False),
    ("butchart", "III"): ("T1 N2, T2 N2, T3 N2, T4 N012", True),
    ("butchart", "IV"): ("", True),
    ("brigham", "I"): ("T1 N0, T2 N0, T3 N0", False),
    ("brigham", "II"): ("T1 N01, T2 N01, T3 N01", False),
    ("brigham", "III"): ("T1 N12, T2 N12, T3 N012, T4 N012", False),
    ("brigham", "IV"): ("", True),
    ("summary", "localized"): ("T1 N0, T2 N0", False),
    ("summary", "regional"): ("T1 N01, T2 N01, T3 N01, T4 N01", False),
    ("summary", "distant"): ("T1 N012, T2 N012, T3 N012, T4 N012", True),
}
NOTHING = (None, None, None)


def written_out(rows, with_m1):
    found = {
        (t, f"N{n}", "M0")
        for t, nodes in (row.split() for row in rows.split(", ") if row)
        for n in nodes[1:]
    }
    every = product(("T1", "T2", "T3", "T4"), ("N0", "N1", "N2"), ("M1",))
    return found | (set(every) if with_m1 else set())


@pytest.mark.parametrize("row", SEVENTH.split("\n")[1:-1])
@pytest.mark.parametrize("edition", ["7", "6", "IMIG"])
def test_every_cell_of_the_seventh_edition(row, edition):
    t, *groups = row.split()
    for n, group in enumerate(groups):
        assert stage_group(t, f"N{n}", "M0", edition).stage == group
        assert stage_group(t, f"N{n}", "M1", edition).stage == "IV"
        assert (t, f"N{n}", "M0") in compatible_tnm(group, edition)


def test_the_seventh_edition_has_no_other_cells():
    table = edition_table("pleural", "7")
    assert len(table.table) == 5 * 4 * 2
    assert set(table.table.values()) == set(table.groups)


@pytest.mark.parametrize(("edition", "group"), list(EARLIER))
def test_every_stage_of_systems_without_tnm(edition, group):
    held = compatible_tnm(group, edition)
    assert held == written_out(*EARLIER[edition, group])
    for combination in held:
        assert group in stage_group(*combination, edition).possible


def test_no_stage_is_left_out():
    named = {(e, g) for e in ("butchart", "brigham", "summary") for g in groups_of("pleural", e)}
    assert named == set(EARLIER)
    assert set(earlier_editions("pleural")) == {"7", "butchart", "brigham", "summary"}


def groups_of(primary, edition):
    return edition_table(primary, edition).groups


@pytest.mark.parametrize("primary", PRIMARIES)
def test_registries_words_are_read_for_every_primary(primary):
    for word in ("localized", "regional", "distant"):
        assert edition_of_words(word.capitalize(), primary=primary) == "summary"
        for name in ("SEER", "historic A", "SEER summary stage"):
            assert parse_group(word, name, primary=primary) == word
    assert edition_of_words("III", primary=primary) is None
    assert edition_of_words(None, primary=primary) is None


@pytest.mark.parametrize("primary", PRIMARIES)
def test_all_that_earlier_systems_need_to_explain_themselves(primary):
    for edition in earlier_editions(primary):
        table = edition_table(primary, edition)
        assert set(table.means) == set(table.groups)
        assert table.source
        assert table.note
        for group in table.groups:
            assert forecast_reading(NOTHING, group, edition, primary=primary)


def test_a_stage_is_read_as_the_union_of_its_categories():
    table = edition_table("pleural", "7")
    for group, held in table.holds.items():
        one_by_one = [{r.edition: set(r.combinations) for r in reading(c)} for c in held]
        for there in read_elsewhere(NOTHING, group, "7"):
            union = set().union(*(found[there.edition] for found in one_by_one))
            assert set(there.combinations) == union


def reading(combination):
    return read_elsewhere(combination, None, "7")


@pytest.mark.parametrize(
    ("old", "now"),
    [
        (("T1a", "N0", "M0"), {("T1", "N0", "M0")}),
        (("T1b", "N3", "M0"), {("T1", "N2", "M0")}),
        (("T1", None, None), {("T1", None, None)}),
        (("T2", "N1", None), {("T1", "N1", None), ("T2", "N1", None)}),
        (("T4", "N2", "M1"), {("T4", "N1", "M1")}),
        (NOTHING, {NOTHING}),
    ],
)
def test_categories_of_the_seventh_edition_in_the_model(old, now):
    assert model_tnm(old, None, "7") == now


@given(data=st.data())
def test_editions_in_use_are_read_as_they_stand(data):
    primary = data.draw(st.sampled_from(PRIMARIES))
    table = edition_table(primary, data.draw(st.sampled_from(editions(primary))))
    stated = tuple(
        data.draw(st.sampled_from([None, *axis])) for axis in (table.t, table.n, table.m)
    )
    assert model_tnm(stated, None, table.edition, primary=primary) == {stated}
    assert model_tnm(NOTHING, table.groups[0], table.edition, primary=primary) == compatible_tnm(
        table.groups[0], table.edition, primary=primary
    )
    assert forecast_reading(stated, None, table.edition, primary=primary) == ""


@pytest.mark.parametrize(("start", "to"), [("8", "9"), ("9", "8")])
def test_from_one_edition_to_the_next_and_back(start, to):
    for (t, n, m), _ in edition_table("pleural", start).table.items():
        (there,) = read_elsewhere((t, n, m), None, start)
        assert there.same_letters == edition_table("pleural", to).table[t, n, m]
        assert (t, n, m) in there.combinations
        assert {found[1:] for found in there.combinations} == {(n, m)}
        assert (len(there.combinations) == 1) == (t == "T4")


def test_no_other_edition_where_there_is_only_one():
    assert read_elsewhere(("T1", "N0", "M0"), None, "2011", primary="peritoneal") == ()


def test_combinations_in_words():
    table = edition_table("pleural", "8")
    assert in_words(table.table, table) == "any T, any N, any M"
    assert in_words([("T1", "N0", "M0")], table) == "T1, N0, M0"
    assert in_words([("T1", "N0", "M0"), ("T3", "N0", "M0")], table) == "T1 or T3, N0, M0"


@pytest.mark.parametrize("written", ["T1a", "t1A", "cT1a", "1a", "pT1a"])
def test_letters_of_the_seventh_edition_are_read_as_people_write_them(written):
    assert parse_category(written, "t", "7") == "T1a"


def test_categories_may_stand_beside_a_stage_without_tnm():
    assert model_tnm(("T3", None, None), "II", "butchart") == {
        ("T3", n, "M0") for n in ("N0", "N1", "N2")
    }


@pytest.mark.parametrize("edition", ["Mattson", "boutin", "5", "5th edition"])
def test_systems_that_could_not_be_read_say_so(edition):
    with pytest.raises(
        InputError, match=r"known, but cannot be read.*could not be read|only in part"
    ):
        edition_table("pleural", edition)


def test_a_group_of_an_earlier_system_says_so():
    with pytest.raises(InputError, match='regional belongs to edition "summary"'):
        parse_group("regional", "9")
    with pytest.raises(InputError, match="unknown stage group in Butchart 1976"):
        parse_group("IIIA", "butchart")
