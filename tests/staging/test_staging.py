"""Stage groups: the whole tables, written out once more from the publications."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesospread.errors import InputError
from mesospread.staging import (
    check_group_fits,
    clinical_t,
    compatible_tnm,
    edition_in_force,
    edition_table,
    groups_meant,
    parse_category,
    parse_group,
    stage_group,
    t_from_pci,
)

# Rows T1 to T4, columns N0, N1 (, N2), for M0; then the group of M1.
PUBLISHED = {
    ("pleural", "8"): ("IA II IIIB/IB II IIIB/IB IIIA IIIB/IIIB IIIB IIIB", "IV"),
    ("pleural", "9"): ("I II IIIA/II IIIA IIIA/IIIA IIIA IIIA/IIIB IIIB IIIB", "IV"),
    ("peritoneal", "2011"): ("I III/II III/II III/III III", "III"),
    # no TNM: localized, regional, distant by analogy with the summary stage of registries
    **{
        (primary, "summary"): (
            "localized regional/regional regional/regional regional/distant distant",
            "distant",
        )
        for primary in ("pericardial", "testicular")
    },
}
SYSTEMS = list(PUBLISHED)
IN_WORDS = ("confined", "through_wall", "adjacent_organs", "beyond")


def published_cells():
    for (primary, edition), (rows, with_m1) in PUBLISHED.items():
        steps = IN_WORDS if edition == "summary" else ("T1", "T2", "T3", "T4")
        for t, row in zip(steps, rows.split("/"), strict=True):
            for n, group in enumerate(row.split()):
                yield primary, edition, t, f"N{n}", "M0", group
                yield primary, edition, t, f"N{n}", "M1", with_m1


@pytest.mark.parametrize(("primary", "edition", "t", "n", "m", "group"), list(published_cells()))
def test_every_cell(primary, edition, t, n, m, group):
    answer = stage_group(t, n, m, edition, primary=primary)
    assert answer.stage == group
    assert answer.possible == (group,)
    assert group in answer.rule
    assert answer.source
    assert (t, n, m) in compatible_tnm(group, edition, primary=primary)


@pytest.mark.parametrize(("primary", "edition"), SYSTEMS)
def test_table_has_no_other_cells(primary, edition):
    table = edition_table(primary, edition)
    assert set(table.table) == set(product(table.t, table.n, table.m))
    assert set(table.table.values()) == set(table.groups)
    cells = [c for c in published_cells() if c[:2] == (primary, edition)]
    assert len(cells) == len(table.table)


@pytest.mark.parametrize(("primary", "edition"), SYSTEMS)
def test_groups_split_the_table(primary, edition):
    table = edition_table(primary, edition)
    parts = [compatible_tnm(group, edition, primary=primary) for group in table.groups]
    assert sum(map(len, parts)) == len(table.table)
    assert frozenset().union(*parts) == set(table.table)


@given(data=st.data())
def test_unknowns_give_the_union_of_what_is_known(data):
    primary, edition = data.draw(st.sampled_from(SYSTEMS))
    table = edition_table(primary, edition)
    t, n, m = (data.draw(st.sampled_from([None, *axis])) for axis in (table.t, table.n, table.m))
    answer = stage_group(t, n, m, edition, primary=primary)
    by_hand = {
        group
        for cell, group in table.table.items()
        if all(stated in (None, of) for stated, of in zip((t, n, m), cell, strict=True))
    }
    assert set(answer.possible) == by_hand
    assert answer.stage == (answer.possible[0] if len(by_hand) == 1 else None)


@pytest.mark.parametrize(
    "written", ["T2", "t2", "cT2", "pT2", "ypT2", " T 2 ", "2", "rT2"], ids=repr
)
def test_categories_are_read_as_people_write_them(written):
    assert parse_category(written, "t", "9") == "T2"


@pytest.mark.parametrize("written", [None, "", "TX", "tx", "cTX", "X", "unknown", "Not known"])
def test_unknown_categories(written):
    assert parse_category(written, "t", "9") is None


@pytest.mark.parametrize("written", ["T5", "N2", "T", "T22", "T1c", "two", "M0", "NX", "-2"])
def test_wrong_categories(written):
    with pytest.raises(InputError, match=r"unknown T category in TNM 9.*T1, T2, T3, T4, TX"):
        parse_category(written, "t", "9", where="a")


@pytest.mark.parametrize("written", ["IIIA", "iiia", "3a", "3 A", "stage IIIA", "Stage-3a"])
def test_groups_are_read_as_people_write_them(written):
    assert parse_group(written, "9") == "IIIA"


@pytest.mark.parametrize("written", ["", None, "unknown"])
def test_unknown_group(written):
    assert parse_group(written, "9") is None


@pytest.mark.parametrize(
    ("written", "edition", "meant"),
    [
        ("3", "9", ("IIIA", "IIIB")),
        ("III", "8", ("IIIA", "IIIB")),
        ("stage 1", "8", ("IA", "IB")),
        ("stage 1", "9", ("I",)),
        ("4", "9", ("IV",)),
    ],
)
def test_groups_without_their_letter(written, edition, meant):
    assert groups_meant(written, edition) == meant


@pytest.mark.parametrize("written", ["V", "5", "IC", "IIA", "IIII", "late", "IVA", "0"])
def test_wrong_groups(written):
    with pytest.raises(InputError, match=r"unknown stage group in TNM 9.*I, II, IIIA, IIIB, IV"):
        parse_group(written, "9")


def test_group_of_the_other_edition_says_so():
    with pytest.raises(InputError, match=r'edition "8" \(T1 N0 M0, now I\)'):
        parse_group("IA", "9")
    with pytest.raises(InputError, match="ends at III"):
        parse_group("IV", "2011", primary="peritoneal")


def test_unknown_edition_and_primary():
    with pytest.raises(InputError, match=r"'10'.*8.*9.*7.*butchart.*Restage"):
        stage_group("T1", "N0", "M0", "10")
    with pytest.raises(InputError, match="unknown primary"):
        stage_group("T1", "N0", "M0", primary="lung")


@pytest.mark.parametrize("written", ["regional", "Regional", "stage regional", " REGIONAL "])
def test_summary_stages_are_read_as_people_write_them(written):
    assert parse_group(written, "summary", primary="testicular") == "regional"


def test_summary_stages_in_british_spelling():
    assert parse_group("localised", "summary", primary="pericardial") == "localized"


@pytest.mark.parametrize("written", ["through_wall", "through wall", "Through-Wall"])
def test_extent_in_words(written):
    assert parse_category(written, "t", "summary", primary="pericardial") == "through_wall"


@pytest.mark.parametrize("primary", ["pericardial", "testicular"])
def test_where_no_tnm_exists_its_categories_are_refused(primary):
    with pytest.raises(InputError, match=r"no TNM exists.*in words"):
        parse_category("T2", "t", "summary", primary=primary)
    with pytest.raises(InputError, match=r"no TNM exists.*localized, regional or distant"):
        parse_group("III", "summary", primary=primary)
    with pytest.raises(InputError, match=r"confined, through_wall, adjacent_organs, beyond"):
        parse_category("huge", "t", "summary", primary=primary)


def test_contradicting_group_is_refused():
    answer = stage_group("T3", "N1", "M0", "9")
    check_group_fits("III", answer)
    with pytest.raises(InputError, match=r"contradicts.*II, but TNM 9: T3 N1 M0 -> IIIA"):
        check_group_fits("II", answer)


@pytest.mark.parametrize(
    ("on", "edition"),
    [(date(2024, 12, 31), "8"), (date(2025, 1, 1), "9"), (date(2018, 1, 1), "8"), (None, "9")],
)
def test_edition_in_force(on, edition):
    assert edition_in_force("pleural", on) == edition


def test_old_stages_need_their_edition():
    with pytest.raises(InputError, match="7th edition"):
        edition_in_force("pleural", date(2017, 12, 31))


@pytest.mark.parametrize(
    ("low", "high", "t"), [(0, 10, "T1"), (11, 20, "T2"), (21, 30, "T3"), (31, 39, "T4")]
)
def test_every_cancer_index(low, high, t):
    assert {t_from_pci(pci) for pci in range(low, high + 1)} == {t}


@pytest.mark.parametrize("pci", [-1, 40])
def test_cancer_index_out_of_range(pci):
    with pytest.raises(InputError, match="0 to 39"):
        t_from_pci(pci)


@given(
    psum=st.one_of(st.sampled_from([0.0, 12.0, 12.1, 30.0, 30.1]), st.floats(0, 100)),
    fmax=st.one_of(st.sampled_from([0.0, 5.0, 5.1]), st.floats(0, 50)),
    minor=st.booleans(),
    major=st.booleans(),
)
def test_clinical_t_follows_the_order_of_evaluation(psum, fmax, minor, major):
    features = ["mediastinal_fat"] * minor + ["through_diaphragm"] * major
    if major:
        expected = "T4"
    elif psum > 30:
        expected = "T3"
    elif psum > 12 or fmax > 5 or minor:
        expected = "T2"
    else:
        expected = "T1"
    assert clinical_t(psum, fmax, features).t == expected


def test_what_is_not_measured_stays_open():
    assert clinical_t().possible == ("T1", "T2", "T3")
    assert clinical_t(fmax_mm=9).possible == ("T2", "T3")
    assert clinical_t(psum_mm=31).t == "T3"
    assert clinical_t(features=["rib"]).t == "T4"


def test_wrong_measurements():
    with pytest.raises(InputError, match="psum_mm"):
        clinical_t(-1)
    with pytest.raises(InputError, match="fmax_mm"):
        clinical_t(1, float("nan"))
    with pytest.raises(InputError, match="rib"):
        clinical_t(1, 1, ["ribs"])
