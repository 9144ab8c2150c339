"""What is answered to somebody who asks for a centre, or for support."""

from __future__ import annotations

import json

import pytest

from mesospread.app.centres import centres_near, support_in
from mesospread.errors import InputError

TODAY = "2026-11-22"
OWN = """\
name,city,country,latitude,longitude,coordinate_precision,primaries,kind,checked_on
My clinic,Ybor City,US,27.96,-82.44,city,pleural,treatment,2025-01-31
"""
OWN_SUPPORT = """\
name,country,primaries,kind,phone,checked_on
My group,Spain,all,support group,600 000 000,2026-10-01
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_the_nearest_centre_for_a_primary():
    found = centres_near("Tampa, FL", primary="pleural", today=TODAY)
    first = found["centres"][0]
    assert first["name"] == "Moffitt – Mesothelioma Research and Treatment Center"
    assert first["distance_km"] == pytest.approx(12.8, abs=0.1)
    assert first["distance_miles"] == pytest.approx(8.0, abs=0.1)
    assert first["checked_on"] == "2026-11-22"
    assert first["web"].startswith("https://www.moffitt.org/")
    assert len(found["centres"]) == 10
    assert found["not_shown"] > 0
    assert found["few"] == ""
    assert "not a recommendation" in found["notes"][0]
    assert "GeoNames" in found["notes"][1]
    json.dumps(found)


def test_plain_words_for_a_primary():
    lining = centres_near("Leeds, UK", primary="lining of the lung", today=TODAY)
    assert lining == centres_near("Leeds, UK", primary="pleural", today=TODAY)
    with pytest.raises(InputError, match='Did you mean "peritoneal"'):
        centres_near("Leeds, UK", primary="peritonial")


def test_within_a_distance_in_either_unit():
    km = centres_near("Leeds, UK", within_km=160.9344, today=TODAY)
    miles = centres_near("Leeds, UK", within_miles=100, today=TODAY)
    assert [row["name"] for row in km["centres"]] == [row["name"] for row in miles["centres"]]
    assert km["centres"]
    assert all(row["distance_km"] <= 160.9344 for row in km["centres"])
    assert km["within_miles"] == miles["within_miles"] == 100
    assert km["next"] is None


def test_nothing_so_near_names_the_nearest():
    found = centres_near("Austin, TX", primary="pleural", within_km=20, today=TODAY)
    assert found["centres"] == []
    assert found["next"]["city"] == "Houston"
    assert found["next"]["distance_km"] > 200


@pytest.mark.parametrize(
    ("primary", "sentence"),
    [
        ("testicular", "None of the 36 treatment centres listed names testicular mesothelioma"),
        ("pericardial", "Only one of the 36 treatment centres listed names pericardial"),
    ],
)
def test_a_rare_primary_is_told_honestly_and_other_teams_follow(primary, sentence):
    found = centres_near("Tampa, FL", primary=primary, limit=3, today=TODAY)
    assert found["few"].startswith(sentence)
    assert "ask whether they see yours" in found["few"]
    assert all(primary in row["primaries"] for row in found["centres"])
    assert len(found["others"]) == 3
    assert all("treatment" in row["kind"] for row in found["others"])
    assert not any(primary in row["primaries"] for row in found["others"])


def test_own_entries_are_sorted_in_and_marked(own):
    found = centres_near("Tampa, FL", also=own, today=TODAY)
    mine, moffitt = found["centres"][:2]
    assert (mine["name"], mine["yours"]) == ("My clinic", True)
    assert mine["stale"] is True
    assert (moffitt["yours"], moffitt["stale"]) == (False, False)


def test_age_is_judged_on_the_day_given():
    fresh = centres_near("Tampa, FL", today="2027-11-22")
    stale = centres_near("Tampa, FL", today="2027-11-23")
    assert not any(row["stale"] for row in fresh["centres"])
    assert all(row["stale"] for row in stale["centres"])


def test_without_a_day_it_is_judged_today():
    assert "stale" in centres_near("Tampa, FL", limit=1)["centres"][0]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"within_km": 0}, "--within-km: no distance"),
        ({"within_km": float("nan")}, "--within-km: no distance"),
        ({"within_miles": -3}, "--within-miles: no distance"),
        ({"within_km": 5, "within_miles": 3}, "two farthest distances"),
        ({"limit": 0}, "--limit: no centre would be shown"),
        ({"today": "yesterday"}, "--today: not a day"),
    ],
)
def test_impossible_wishes_are_refused(options, expected):
    with pytest.raises(InputError) as caught:
        centres_near("Tampa, FL", **options)
    assert expected in str(caught.value)


def test_a_wrong_row_of_ones_own_is_refused(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(OWN.replace("27.96", "127.96"), encoding="utf-8")
    with pytest.raises(InputError, match=r"row 2 › latitude: there is no such place on Earth"):
        centres_near("Tampa, FL", also=path)


def test_support_of_the_same_country():
    found = centres_near("Leeds, UK", support=True, today=TODAY)
    assert found["support"]
    assert {row["country"] for row in found["support"]} == {"GB"}
    assert centres_near("Madrid", support=True, today=TODAY)["support"] == []
    # bare coordinates are in no country that is known
    assert centres_near("53.8,-1.55", support=True, today=TODAY)["support"] == []
    assert centres_near("Leeds, UK", today=TODAY)["support"] is None


def test_support_by_country():
    found = support_in("UK", today=TODAY)
    assert found["country"] == "GB"
    assert found["organisations"][0]["name"] == "Mesothelioma UK"
    assert found["organisations"][0]["phone"] == "0800 169 2409"
    assert {row["country"] for row in found["organisations"]} == {"GB"}
    everywhere = support_in(today=TODAY)
    assert {row["country_name"] for row in everywhere["organisations"]} == set(
        everywhere["countries"]
    )


def test_a_country_without_support_says_where_there_is_some():
    found = support_in("Spain", today=TODAY)
    assert found["organisations"] == []
    assert {"Australia", "United Kingdom", "United States"} <= set(found["countries"])


def test_own_support(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(OWN_SUPPORT, encoding="utf-8")
    (mine,) = support_in("ES", also=path, today=TODAY)["organisations"]
    assert mine["yours"] is True
    assert mine["stale"] is False


def test_an_unknown_country_suggests_the_nearest():
    with pytest.raises(InputError, match=r"--country: unknown country.*'Germany'"):
        support_in("Germny")
