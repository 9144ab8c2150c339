"""Every row that ships, every cell that may be wrong, and the order of what is found."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from importlib.resources import files
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesospread.anatomy.catalogue import primaries
from mesospread.errors import InputError
from mesospread.guide.directory import (
    Centre,
    Entry,
    SupportOrganisation,
    centres,
    read_own,
    read_table,
    support_organisations,
)
from mesospread.guide.distance import distance_km
from mesospread.guide.finder import (
    FEW,
    find_centres,
    find_support,
    one_of_each_country,
    within,
)
from mesospread.guide.gazetteer import towns_named
from mesospread.guide.places import Place, find_place

SHIPPED = [*centres(), *support_organisations()]
TODAY = date(2026, 11, 22)
TAMPA = find_place("Tampa, FL")
each_row = pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry.name)

#: rows that were compiled and must not ship: bare listings, a lost page, old pages
HELD_BACK = [
    "Verein für Asbestopfer",
    "Verein fuer Asbestopfer",
    "Asbestose Selbsthilfegruppe",
    "ABREA",
    "Clydeside Action",
    "Derbyshire Asbestos",
    "Sheffield and Rotherham",
    "Cheshire Asbestos",
    "Helios",
    "UPMC",
    "Mick Knighton",
    "Japan Association",
]


# --- what ships -----------------------------------------------------------------------


def test_as_many_rows_ship_as_the_readme_says():
    readme = (files("mesospread.guide") / "data" / "README.md").read_text("utf-8")
    compiled, of_centres, of_support, shipped = re.search(
        r"(\d+) rows were compiled \((\d+) centres, (\d+) organisations\); (\d+) ship", readme
    ).groups()
    assert int(compiled) == int(of_centres) + int(of_support)
    assert int(shipped) == len(SHIPPED)
    assert int(compiled) - int(shipped) == 11


def test_rows_that_must_not_ship_do_not():
    for entry in SHIPPED:
        assert not any(name in entry.name for name in HELD_BACK)
        assert "youandmeow" not in " ".join((entry.web, *entry.sources))
        assert "recheck" not in entry.note
        assert "do not ship" not in entry.note


@each_row
def test_every_row_says_where_it_was_read_and_when(entry: Entry):
    assert entry.sources
    assert date(2026, 1, 1) <= entry.checked_on <= TODAY
    for address in (entry.web, *entry.sources):
        assert not address or urlsplit(address).scheme in ("http", "https")


@each_row
def test_every_point_lies_in_its_city(entry: Entry):
    if entry.latitude is None:
        return
    towns = [town for town in towns_named(entry.city) if town.country == entry.country]
    away = [
        distance_km(entry.latitude, entry.longitude, town.latitude, town.longitude)
        for town in towns
    ]
    # a suburb of Adelaide is in no table of towns
    assert (min(away) < 20) if away else entry.city == "Bowden"


@each_row
def test_no_doctor_no_merit_no_law_firm(entry: Entry):
    words = set(re.findall(r"[\w-]+", f"{entry.name} {entry.kind} {entry.note}".casefold()))
    merit = {"best", "top", "leading", "world-class", "ranked", "famous", "excellence", "survival"}
    assert not words & {"dr", "prof", "professor", "doctor", "sponsored", *merit}
    for host in ("lawyer", "attorney", "asbestos.com", "mesothelioma.com", "mesothelioma.net"):
        assert host not in " ".join((entry.web, *entry.sources)).casefold()


def test_what_is_no_clinic_says_so():
    for centre in centres():
        if centre.kind in ("research", "pathology reference"):
            assert not centre.treats
            assert centre.note, centre.name
        if centre.kind == "private treatment":
            assert "pay" in centre.note


def test_a_number_to_ring_is_there_for_those_who_have_no_site():
    for organisation in support_organisations():
        assert organisation.web or organisation.phone or organisation.sources


def test_the_columns_of_the_two_tables_are_those_of_their_models():
    for name, kind in (("centres.csv", Centre), ("support.csv", SupportOrganisation)):
        text = (files("mesospread.guide") / "data" / name).read_text("utf-8")
        assert set(next(csv.reader(io.StringIO(text)))) == set(kind.model_fields)


# --- wrong tables --------------------------------------------------------------------

GOOD = {
    "name": "A clinic",
    "city": "Tampa",
    "region": "FL",
    "country": "US",
    "latitude": "27.95",
    "longitude": "-82.46",
    "coordinate_precision": "city",
    "primaries": "pleural;peritoneal",
    "kind": "treatment",
    "web": "https://example.org/clinic",
    "sources": "https://example.org/a http://example.org/b",
    "note": "",
    "checked_on": "2026-01-31",
}


def table(*rows: dict[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_a_good_row_is_read():
    (centre,) = read_table(table(GOOD), Centre, "my.csv")
    assert centre.primaries == ("pleural", "peritoneal")
    assert centre.sources == ("https://example.org/a", "http://example.org/b")
    assert centre.checked_on == date(2026, 1, 31)
    assert centre.treats


def test_optional_columns_may_be_left_out_and_names_be_plain():
    row = {k: v for k, v in GOOD.items() if k not in ("region", "web", "sources", "note")}
    plain = {**row, "country": "United Kingdom", "primaries": "all"}
    (centre,) = read_table(table(plain), Centre, "my.csv")
    assert centre.country == "GB"
    assert centre.primaries == tuple(p.name for p in primaries())
    (other,) = read_table(table({**row, "primaries": "lung lining"}), Centre, "my.csv")
    assert other.primaries == ("pleural",)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"latitude": "95"}, ["row 3 › latitude", "no such place on Earth", "-90 to 90", "'95'"]),
        ({"longitude": "-180.5"}, ["row 3 › longitude", "-180 to 180"]),
        ({"latitude": "nan"}, ["row 3 › latitude", "no such place on Earth"]),
        ({"latitude": "north"}, ["row 3 › latitude", "not a number", "'north'"]),
        ({"longitude": ""}, ["row 3 › longitude", "empty"]),
        ({"primaries": "pleura;plural"}, ["row 3 › primaries", "unknown primary", "testicular"]),
        ({"primaries": "plural"}, ['Did you mean "pleural"?']),
        ({"primaries": "pleural;pleura"}, ["row 3 › primaries", "twice"]),
        ({"primaries": " ; "}, ["row 3 › primaries", "no primary"]),
        ({"checked_on": "2026-02-30"}, ["row 3 › checked_on", "not a day", "year-month-day"]),
        ({"checked_on": "22/11/2026"}, ["row 3 › checked_on", "not a day", "'22/11/2026'"]),
        ({"web": "example"}, ["row 3 › web", "not a web address", "https://"]),
        ({"web": "javascript:alert(1)"}, ["row 3 › web", "not a web address"]),
        ({"web": "https://localhost"}, ["row 3 › web", "not a web address"]),
        ({"sources": "https://a.org nonsense"}, ["row 3 › sources", "not a web address"]),
        ({"country": "Germny"}, ["row 3 › country", "unknown country", "'Germany'"]),
        ({"kind": "best"}, ["row 3 › kind", "'treatment'", "'best'"]),
        ({"coordinate_precision": "street"}, ["row 3 › coordinate_precision", "'hospital'"]),
        ({"name": " "}, ["row 3 › name", "empty"]),
        ({"name": "A clinic"}, ["row 3", "stands twice"]),
    ],
)
def test_a_wrong_cell_is_refused_with_its_row_and_column(change, expected):
    with pytest.raises(InputError) as caught:
        read_table(table(GOOD, {**GOOD, "name": "Another", **change}), Centre, "my.csv")
    assert str(caught.value).startswith("my.csv › ")
    for words in expected:
        assert words in str(caught.value)


def test_all_wrong_cells_of_a_row_are_told_at_once():
    with pytest.raises(InputError, match="3 problems") as caught:
        read_table(
            table({**GOOD, "latitude": "95", "web": "x", "checked_on": "soon"}), Centre, "my.csv"
        )
    assert all(column in str(caught.value) for column in ("latitude", "web", "checked_on"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["row 1", "column is missing"]),
        (table(GOOD).replace("primaries", "primary"), ["unknown column", "'primaries'"]),
        (table(GOOD).replace("city,", "name,", 1), ["stands twice", "'name'"]),
        (
            table({k: v for k, v in GOOD.items() if k != "kind"}),
            ["column is missing", "'kind'"],
        ),
        (table(GOOD) + "one,two\n", ["row 3", "wrong number of cells"]),
        (table(GOOD).replace("treatment", "treat,ment"), ["row 2", "wrong number of cells"]),
        (table(GOOD).replace("A clinic", '"A clinic'), ["not a table"]),
    ],
)
def test_a_broken_table_is_refused(text, expected):
    with pytest.raises(InputError) as caught:
        read_table(text, Centre, "my.csv")
    for words in expected:
        assert words in str(caught.value)


SUPPORT = {
    "name": "A group",
    "country": "US",
    "primaries": "all",
    "kind": "support group",
    "phone": "0800 169 2409",
    "checked_on": "2026-01-31",
}


def test_support_needs_no_place():
    (organisation,) = read_table(table(SUPPORT), SupportOrganisation, "my.csv")
    assert organisation.latitude is None
    assert organisation.phone == "0800 169 2409"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"phone": "ring us"}, "phone"),
        ({"latitude": "5", "longitude": "5"}, "not whole"),
        ({"latitude": "5", "coordinate_precision": "city"}, "not whole"),
        ({"coordinate_precision": "city"}, "not whole"),
    ],
)
def test_wrong_support_rows(change, expected):
    with pytest.raises(InputError, match=expected):
        read_table(table({**SUPPORT, **change}), SupportOrganisation, "my.csv")


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("\ufeff" + table(GOOD), encoding="utf-8")
    assert len(read_own(path, Centre, today=TODAY)) == 1
    with pytest.raises(InputError, match="has not come yet"):
        read_own(path, Centre, today=date(2026, 1, 30))
    with pytest.raises(InputError, match="cannot be read"):
        read_own(tmp_path / "none.csv", Centre, today=TODAY)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_own(path, Centre, today=TODAY)
    path.write_text("x" * 1_000_001)
    with pytest.raises(InputError, match="more than 1000000 bytes"):
        read_own(path, Centre, today=TODAY)


# --- age ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checked", "today", "stale"),
    [
        (date(2026, 11, 22), date(2027, 11, 22), False),
        (date(2026, 11, 22), date(2027, 11, 23), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2024, 2, 29), date(2025, 3, 1), True),
        (date(2026, 11, 22), date(2020, 1, 1), False),
    ],
)
def test_an_entry_is_stale_after_twelve_months(checked, today, stale):
    (centre,) = read_table(table({**GOOD, "checked_on": str(checked)}), Centre, "my.csv")
    assert centre.is_stale(today) is stale


# --- search --------------------------------------------------------------------------


def test_the_nearest_comes_first():
    answer = find_centres(centres(), TAMPA, "pleural")
    far = [one.distance_km for one in answer.named]
    assert far == sorted(far)
    assert answer.named[0].centre.name.startswith("Moffitt")
    assert far[0] == pytest.approx(12.8, abs=0.1)
    assert answer.others == ()
    assert all("pleural" in one.centre.primaries for one in answer.named)


@pytest.mark.parametrize("primary", ["pericardial", "testicular"])
def test_where_few_name_a_primary_other_teams_are_shown_too(primary):
    answer = find_centres(centres(), TAMPA, primary)
    assert answer.treating < FEW
    assert answer.of == sum(centre.treats for centre in centres())
    assert len(answer.named) == sum(primary in centre.primaries for centre in centres())
    far = [one.distance_km for one in answer.others]
    assert far == sorted(far)
    assert len(answer.others) == answer.of - answer.treating
    assert all(one.centre.treats for one in answer.others)


@pytest.mark.parametrize("primary", ["pleural", "peritoneal"])
def test_elsewhere_they_are_not(primary):
    answer = find_centres(centres(), TAMPA, primary)
    assert answer.treating >= FEW
    assert answer.others == ()


POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(POINTS, st.sampled_from([None, *(p.name for p in primaries())]))
def test_from_anywhere_the_order_is_by_distance_and_nothing_is_lost(point, primary):
    answer = find_centres(centres(), Place("x", "", *point, ""), primary)
    for listed in (answer.named, answer.others):
        far = [one.distance_km for one in listed]
        assert far == sorted(far)
    wanted = {c.name for c in centres() if primary is None or primary in c.primaries}
    assert {one.centre.name for one in answer.named} == wanted
    assert not wanted & {one.centre.name for one in answer.others}


@given(POINTS, st.floats(0.1, 20_000))
def test_the_limit_cuts_where_it_says(point, most_km):
    named = find_centres(centres(), Place("x", "", *point, "")).named
    inside = within(named, most_km)
    assert named[: len(inside)] == inside
    assert all(one.distance_km <= most_km for one in inside)
    assert all(one.distance_km > most_km for one in named[len(inside) :])
    assert within(named, None) == named


@given(st.permutations(centres()))
def test_the_order_of_the_file_favours_nobody(pool):
    assert find_centres(pool, TAMPA) == find_centres(centres(), TAMPA)


def test_support_is_by_country_then_who_can_be_rung_then_name():
    everywhere = find_support(support_organisations())
    assert len(everywhere) == len(support_organisations())
    british = find_support(support_organisations(), "GB")
    assert {one.country for one in british} == {"GB"}
    assert british[0].name == "Mesothelioma UK"
    assert british[0].phone == "0800 169 2409"
    names = [one.name.casefold() for one in british[1:]]
    assert names == sorted(names)
    assert find_support(support_organisations(), "JP") == ()


def test_support_for_one_primary():
    found = {one.name for one in find_support(support_organisations(), "GB", "testicular")}
    assert "Mesothelioma UK" in found
    assert "Pseudomyxoma Survivor" not in found


def test_one_to_call_in_each_country() -> None:
    chosen = {one.country: one for one in one_of_each_country(support_organisations())}
    assert set(chosen) == {one.country for one in support_organisations()}
    assert chosen["AU"].name == "Cancer Council", "for the whole country, not for one state"
    assert chosen["US"].phone, "a number to ring before a page"
    assert chosen["IT"].web, "who has neither number nor page cannot be called"
    for one in chosen.values():
        others = [o for o in support_organisations() if o.country == one.country]
        assert one.phone or not any(o.phone for o in others)


def test_who_can_not_be_reached_is_nobody_to_call() -> None:
    silent = next(one for one in support_organisations() if not one.phone and not one.web)
    assert one_of_each_country([silent]) == ()
