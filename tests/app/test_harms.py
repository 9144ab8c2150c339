"""Harms stand beside gains: each treatment has some, each figure is a published one."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from mesospread.anatomy import primaries
from mesospread.app.guide import explain
from mesospread.app.harms import harms_by_name, harms_of
from mesospread.cli.main import app
from mesospread.errors import DefinitionError
from mesospread.evidence.published import load_published
from mesospread.guide.topics import load_guide
from mesospread.model.library import Harm, TreatmentLibrary
from mesospread.model.load import digest, treatments
from mesospread.reading import checked

ALL = [(p.name, option) for p in primaries() for option in treatments(p.name).treatment]


@pytest.mark.parametrize(("primary", "option"), ALL, ids=lambda x: getattr(x, "name", x))
def test_each_treatment_has_harms(primary: str, option) -> None:
    assert option.harms


def test_each_figure_is_that_of_its_source() -> None:
    counted = 0
    for _, option in ALL:
        for row in harms_of(option, deaths=True):
            values = [load_published()[source] for source in row.sources]
            shown = [share for share in (row.share, row.share_without) if share is not None]
            assert shown == [v.value for v in values if v.statistic == "proportion"][: len(shown)]
            counted += len(shown)
    assert counted > 40


def test_a_share_has_the_interval_of_its_study_if_that_tells_how_many_there_were() -> None:
    ranged = 0
    for _, option in ALL:
        for harm, row in zip(option.harms, harms_of(option, deaths=True), strict=True):
            for source, share, band in (
                (harm.source, row.share, row.share_band),
                (harm.without, row.share_without, row.share_without_band),
            ):
                value = load_published()[source] if source else None
                told = value is not None and (value.n is not None or value.ci_low is not None)
                assert (band is not None) == (share is not None and told)
                if band is not None:
                    assert 0.0 <= band.low <= share == band.estimate <= band.high <= 1.0
                    assert band.low < band.high
                    ranged += 1
    assert ranged > 10


def test_the_interval_of_a_count_is_wilsons() -> None:
    """9 of 405: 0.0222, and 95 % from 0.0117 to 0.0417 (Wilson 1927)."""
    (told,) = [h for h in harms_by_name(["cytoreduction + HIPEC"], deaths=True) if h.death]
    assert told.share_band is not None
    assert (told.share_band.low, told.share_band.high) == pytest.approx((0.0117, 0.0417), abs=2e-4)
    (quiet,) = [h for h in harms_by_name(["cytoreduction + HIPEC"], deaths=False) if h.death]
    assert quiet.share_band is None


def test_shares_with_and_without_come_from_one_study() -> None:
    for _, option in ALL:
        for harm in option.harms:
            if harm.without:
                one, other = (load_published()[x] for x in (harm.source, harm.without))
                assert one.citation == other.citation
                assert one.subject == other.subject
                assert one.arm != other.arm


def test_deaths_are_told_only_if_wanted() -> None:
    (quiet,) = [h for h in harms_by_name(["cytoreduction + HIPEC"], deaths=False) if h.death]
    (told,) = [h for h in harms_by_name(["cytoreduction + HIPEC"], deaths=True) if h.death]
    assert quiet.share is None
    assert quiet.sources == []
    assert told.share == load_published()["yan-2009-mort"].value


def test_harms_about_deaths_are_marked() -> None:
    for _, option in ALL:
        for harm in option.harms:
            about = harm.text + (load_published()[harm.source].subject if harm.source else "")
            assert harm.death == ("death" in about), (option.name, harm.text)


def test_each_treatment_is_named_by_a_topic_and_each_name_exists() -> None:
    named = {name for topic in load_guide().topics.values() for name in topic.treatments}
    assert named == {option.name for _, option in ALL}


def test_a_harm_changes_no_fingerprint() -> None:
    """A posterior that ships with the package is bound to it."""
    library = treatments("pleural")
    bare = library.model_copy(
        update={"treatment": tuple(t.model_copy(update={"harms": ()}) for t in library.treatment)}
    )
    assert digest(library) == digest(bare)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ({"text": "a", "source": "maps-severe-be"}, "did you mean 'maps-severe-bev'"),
        ({"text": "a", "without": "maps-severe-bev"}, "nothing to compare"),
        ({"text": ""}, "at least 1 character"),
        ({"text": "a", "rate": 0.3}, "unknown key"),
    ],
)
def test_a_wrong_harm_is_refused(harm: dict[str, object], words: str) -> None:
    treatment = {
        "name": "x", "kind": "local", "start_after_diagnosis_months": 1, "duration_months": 1,
        "harms": [harm],
    }  # fmt: skip
    with pytest.raises(DefinitionError, match=words):
        checked(TreatmentLibrary, {"format": 1, "treatment": [treatment]}, "t", DefinitionError)


def test_what_was_not_counted_has_no_figure() -> None:
    assert Harm(text="tiredness").share() is None
    assert Harm(text="severe", source="cm743-severe-compared").share() is None


def test_explain_tells_harms_with_their_sources() -> None:
    rows = explain("avastin")["harms"]
    (pressure,) = [row for row in rows if "blood pressure" in row["harm"]]
    assert (pressure["share"], pressure["share_without"]) == (0.23, 0)
    assert pressure["sources"][0]["citation"].startswith("Zalcman")
    assert explain("liver")["harms"] == []
    shown = CliRunner().invoke(app, ["explain", "avastin"]).stdout
    assert "severe high blood pressure: 23 of 100 people; 0 without it" in shown
    as_json = CliRunner().invoke(app, ["explain", "avastin", "--json"]).stdout
    assert json.loads(as_json)["harms"] == rows
