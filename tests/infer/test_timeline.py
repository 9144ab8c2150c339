"""From the dates of a patient file to months since diagnosis, and what is refused there."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.graphs import structure_of

from mesospread.errors import ContradictionError, PatientError
from mesospread.infer.timeline import Timeline, build_timeline
from mesospread.model.compiled import compile_model
from mesospread.model.load import disease, observation, treatments
from mesospread.model.structure import FlatSchedule
from mesospread.patient import parse_patient
from mesospread.units import DAYS_PER_MONTH

BASE = {"primary": "pleural", "diagnosed": "2026-03-02", "as_of": "2026-11-20"}


def timeline(**facts: Any) -> Timeline:
    """Return the timeline of a patient, by default diagnosed on 2 March, seen on 20 November."""
    known = {key: value for key, value in {**BASE, **facts}.items() if value is not None}
    return build_timeline(
        parse_patient(known), disease("pleural"), treatments("pleural"), observation("pleural")
    )


def months(days: int) -> float:
    return days / DAYS_PER_MONTH


def scan(date: str, modality: str = "CT", **sites: list[str]) -> dict[str, Any]:
    return {"date": date, "modality": modality, **sites}


def window(t: Timeline, line: int = 1) -> list[tuple[FlatSchedule, float]]:
    """Return the scheduled steps of a line of treatment, and their waits in months."""
    process = t.structure.position(f"treatment_{line}")
    number = compile_model(t.structure).number
    return [
        (entry, number(entry.delay_months))
        for entry in t.structure.schedule
        if entry.process == process and entry.delay_months is not None
    ]


# --- dates ------------------------------------------------------------------------


def test_times_are_months_since_diagnosis():
    t = timeline(
        stage={"edition": "9", "t": "T3", "date": "2026-03-12"},
        scans=[
            scan("2026-11-10", negative=["liver"]),
            scan("2026-02-20", positive=["chest_wall"]),
        ],
    )
    assert t.now_months == pytest.approx(months(263))
    assert t.stage is not None
    assert t.stage.at_months == pytest.approx(months(10))
    assert [(f.site, f.positive, f.at_months) for f in t.findings] == [
        ("chest_wall", True, pytest.approx(months(-10))),
        ("liver", False, pytest.approx(months(253))),
    ]
    assert t.labels() == (
        "T3",
        "CT of 20 February 2026: chest wall positive",
        "CT of 10 November 2026: liver negative",
    )


def test_without_a_date_of_diagnosis_the_earliest_date_is_taken():
    t = timeline(
        diagnosed=None,
        scans=[scan("2026-05-01", negative=["liver"]), scan("2026-09-01", negative=["liver"])],
    )
    assert [f.at_months for f in t.findings] == [0.0, pytest.approx(months(123))]
    assert any("1 May 2026" in s or "01 May 2026" in s for s in t.assumptions)


def test_without_any_date_the_patient_is_diagnosed_today():
    t = timeline(diagnosed=None, as_of=None)
    assert t.now_months == 0.0
    assert any("diagnosed today" in sentence for sentence in t.assumptions)


def test_known_facts_are_fixed_and_unknown_ones_said():
    t = timeline(histology="sarcomatoid", performance_status=2, age=70)
    assert t.fixed == {
        "histology": "sarcomatoid",
        "performance_status": "2",
        # today's age, less the time since diagnosis
        "age": pytest.approx(70 - months(263) / 12),
    }
    (sentence,) = (s for s in t.assumptions if s.startswith("Not known"))
    assert sentence == "Not known: sex; averaged over the people with this disease."


def test_other_causes_of_death_count_from_diagnosis():
    """The patient was alive then, at a known age."""
    t = timeline()
    (background,) = (s for s in t.structure.schedule if s.delay_months is None)
    assert background.anchor_process == t.structure.position("diagnosis")


# --- treatments -------------------------------------------------------------------


def test_a_treatment_is_given_when_it_was_given():
    t = timeline(treatments=[{"name": "chemotherapy", "start": "2026-03-22", "end": "2026-07-20"}])
    (begin, start), (end, duration) = window(t)
    assert (begin.level, end.level) == (0, 1)
    assert begin.anchor_process == t.structure.position("diagnosis")
    assert start == pytest.approx(months(20))
    assert duration == pytest.approx(months(120))
    assert t.structure.treatments == ("pemetrexed + cisplatin",)


def test_lines_are_in_order_of_their_dates():
    t = timeline(
        treatments=[
            {"name": "immunotherapy", "start": "2026-09-01"},
            {"name": "chemo", "start": "2026-04-01"},
        ]
    )
    assert t.structure.treatments == ("pemetrexed + cisplatin", "nivolumab + ipilimumab")
    assert window(t, 1)[0][1] < window(t, 2)[0][1]


def test_a_treatment_before_the_diagnosis_begins_at_it():
    t = timeline(treatments=[{"name": "surgery", "start": "2026-02-20", "end": "2026-03-12"}])
    (_, start), (_, duration) = window(t)
    assert start == 0.0
    assert duration == pytest.approx(months(10))
    assert any("before the diagnosis" in sentence for sentence in t.assumptions)


def test_a_treatment_over_before_the_diagnosis_has_no_time_left():
    t = timeline(treatments=[{"name": "surgery", "start": "2026-02-10", "end": "2026-02-20"}])
    assert [wait for _, wait in window(t)] == [0.0, 0.0]


def test_a_treatment_without_end_goes_on_until_today_at_least():
    """The usual course of immunotherapy is 7 months; this one has lasted for 12."""
    t = timeline(
        diagnosed="2025-11-02",
        treatments=[{"name": "immunotherapy", "start": "2025-11-20", "response": "stable"}],
    )
    (_, start), (_, duration) = window(t)
    assert start + duration >= t.now_months - 1e-9


def test_a_treatment_just_begun_lasts_its_usual_time():
    t = timeline(treatments=[{"name": "immunotherapy", "start": "2026-11-01"}])
    usual = treatments("pleural").parameters["duration_immunotherapy"].value
    assert window(t)[1][1] == pytest.approx(usual)


@pytest.mark.parametrize(
    ("stated", "chance"),
    [("complete", 1.0), ("partial", 1.0), ("stable", 0.0), ("progression", 0.0)],
)
def test_a_known_response_is_not_left_to_chance(stated, chance):
    t = timeline(treatments=[{"name": "immunotherapy", "start": "2026-04-01", "response": stated}])
    response = t.structure.position("response_1")
    chances = [
        a.probability for s in t.structure.schedule for a in s.actions if a.process == response
    ]
    assert chances == [chance]


def test_a_response_that_was_seen_is_a_finding_of_its_own():
    t = timeline(
        treatments=[
            {"name": "chemo", "start": "2026-04-01", "response": "progression"},
            {"name": "immunotherapy", "start": "2026-09-01", "response": "partial"},
            {"name": "surgery", "start": "2026-10-01", "response": "complete"},
        ]
    )
    assert [(r.label, r.responded) for r in t.responses] == [
        ("no response to chemo", False),
        ("response to immunotherapy", True),
    ]
    assert t.labels() == tuple(r.label for r in t.responses)


def test_an_unknown_treatment_close_to_a_known_one_is_a_typo():
    with pytest.raises(PatientError) as caught:
        timeline(
            treatments=[
                {"name": "imunotherapy", "start": "2026-09-01"},
                {"name": "chemo", "start": "2026-04-01"},
            ]
        )
    error = caught.value
    assert error.remedy == "Did you mean 'immunotherapy'?"
    assert error.given == "'imunotherapy'"
    assert "pemetrexed + cisplatin" in error.allowed
    assert error.where == "treatments[0].name", "as it stands in the file, not by date"


@pytest.mark.parametrize(
    "name",
    [
        "talc pleurodesis",
        "proton therapy",
        "physiotherapy",
        "tremelimumab",
        "durvalumab",
        "photodynamic therapy",
        "hyperthermic chemotherapy",
    ],
)
def test_a_treatment_the_model_does_not_know_is_left_out_and_said(name):
    """Real treatments whose names look a little like others are not typos."""
    t = timeline(treatments=[{"name": name, "start": "2026-09-01"}])
    assert t.structure.treatments == ()
    assert t.assumptions[0] == (
        f"The model does not know the treatment {name!r}; its effect is left out."
    )


# --- findings ---------------------------------------------------------------------


def test_an_examination_that_cannot_see_the_site_is_left_out_and_said():
    t = timeline(
        scans=[
            scan("2026-09-01", "bone scan", positive=["bone"], negative=["liver"]),
            scan("2026-09-02", "EBUS", positive=["regional_nodes"]),
        ]
    )
    assert [(f.modality, f.site) for f in t.findings] == [
        ("bone scan", "bone"), ("EBUS", "regional_nodes"),
    ]  # fmt: skip
    (sentence,) = (s for s in t.assumptions if s.startswith("Left out"))
    assert "bone scan of 01 September 2026: liver negative" in sentence


def test_scans_around_staging_speak_for_their_sites():
    t = timeline(
        stage={"edition": "9", "t": "T2", "n": "N0", "m": "M0"},
        scans=[
            scan("2025-12-01", negative=["bone"]),
            scan("2026-02-15", negative=["liver", "chest_wall"]),
            scan("2026-03-09", "PET-CT", negative=["adrenal"]),
            scan("2026-06-01", negative=["brain"]),
        ],
    )
    assert t.stage is not None
    assert t.stage.seen_by_scans == {"liver", "adrenal"}


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ({"edition": "9", "t": "T2", "n": "N0", "m": "M0"}, "M0"),
        ({"edition": "9", "m": "M0"}, "M0"),
        ({"edition": "9", "group": "II"}, "stage II"),
    ],
    ids=str,
)
@pytest.mark.parametrize("date", ["2026-03-02", "2026-02-01"])
def test_m0_and_a_positive_distant_scan_contradict_each_other(stage, words, date):
    with pytest.raises(ContradictionError) as caught:
        timeline(stage=stage, scans=[scan(date, "PET-CT", positive=["liver"])])
    assert words in caught.value.given
    assert "liver positive" in caught.value.given
    assert "PET-CT" in caught.value.given
    assert caught.value.where.startswith("stage")


@pytest.mark.parametrize(
    ("stage", "finding"),
    [
        ({"edition": "9", "m": "M0"}, scan("2026-06-01", positive=["liver"])),
        ({"edition": "9", "m": "M0"}, scan("2026-03-02", positive=["chest_wall"])),
        ({"edition": "9", "m": "M0"}, scan("2026-03-02", negative=["liver"])),
        ({"edition": "9", "m": "M1"}, scan("2026-03-02", positive=["liver"])),
        ({"edition": "9", "group": "IV"}, scan("2026-03-02", positive=["liver"])),
        ({"edition": "9", "t": "T2"}, scan("2026-03-02", positive=["liver"])),
    ],
    ids=str,
)
def test_what_looks_like_it_is_no_contradiction(stage, finding):
    assert len(timeline(stage=stage, scans=[finding]).findings) == 1


def test_a_group_stands_for_all_that_fit_it():
    t = timeline(stage={"edition": "9", "group": "II"})
    assert t.stage is not None
    assert set(t.stage.possible) == {("T1", "N1", "M0"), ("T2", "N0", "M0")}
    with_t = timeline(stage={"edition": "9", "group": "II", "t": "T2"})
    assert with_t.stage is not None
    assert with_t.stage.possible == (("T2", "N0", "M0"),)


def test_an_unknown_category_says_nothing():
    assert timeline(stage={"edition": "9", "t": "TX", "n": "NX"}).stage is None


# --- symptoms ---------------------------------------------------------------------


def test_symptoms_are_known_by_many_names():
    t = timeline(
        symptoms=[
            {"name": "Shortness of Breath"},
            {"name": "bone_pain", "present": False},
            {"name": "weight loss", "present": "unknown"},
        ]
    )
    assert [(s.name, s.present) for s in t.symptoms] == [
        ("breathlessness", True), ("bone pain", False),
    ]  # fmt: skip


def test_a_symptom_misspelt_is_refused_with_the_nearest():
    with pytest.raises(PatientError) as caught:
        timeline(symptoms=[{"name": "cough"}, {"name": "brethlessness"}])
    assert caught.value.where == "symptoms[1].name"
    assert caught.value.remedy == "Did you mean 'breathlessness'?"


def test_the_same_symptom_twice_counts_once():
    t = timeline(symptoms=[{"name": "bone pain"}, {"name": "bone_pain"}])
    assert [s.name for s in t.symptoms] == ["bone pain"]


def test_a_symptom_both_present_and_absent_is_a_contradiction():
    with pytest.raises(ContradictionError) as caught:
        timeline(symptoms=[{"name": "breathless"}, {"name": "dyspnoea", "present": False}])
    assert "breathless present" in caught.value.given
    assert "dyspnoea absent" in caught.value.given


def test_a_disease_without_covariates_takes_any_patient():
    bare = structure_of(
        process=[{"name": "diagnosis", "role": "diagnosis", "levels": ["no", "yes"]}],
        route=[{"step": "diagnosis.yes", "via": "detection", "rate": 0.1}],
    )
    patient = parse_patient({**BASE, "histology": "sarcomatoid", "age": 60})
    t = build_timeline(patient, bare, treatments("pleural"), observation("pleural"))
    assert t.fixed == {}


@pytest.mark.parametrize(
    ("stage", "label", "possible", "said"),
    [
        (
            {"edition": "7", "t": "T2", "n": "N3", "m": "M0"},
            "T2 N3 M0 (TNM 6 and 7 (IMIG))",
            {("T1", "N2", "M0"), ("T2", "N2", "M0")},
            "T1 or T2, N2, M0",
        ),
        (
            {"edition": "butchart", "group": "I"},
            "stage I (Butchart 1976)",
            {("T1", "N0", "M0"), ("T2", "N0", "M0"), ("T3", "N0", "M0")},
            "T1, T2 or T3, N0, M0",
        ),
        (
            {"group": "localized"},
            "stage localized (SEER summary stage)",
            {("T1", "N0", "M0"), ("T2", "N0", "M0")},
            "T1 or T2, N0, M0",
        ),
    ],
    ids=str,
)
def test_a_stage_of_an_earlier_system_stands_for_all_it_allows_today(stage, label, possible, said):
    t = timeline(stage=stage)
    assert t.stage is not None
    assert t.stage.label == label
    assert set(t.stage.possible) == possible
    (sentence,) = (one for one in t.assumptions if "earlier system" in one)
    assert said in sentence
    assert not any("earlier" in one for one in timeline(stage={"group": "II"}).assumptions)


def test_an_earlier_stage_without_distant_spread_contradicts_a_scan_that_shows_it():
    with pytest.raises(ContradictionError) as caught:
        timeline(
            stage={"edition": "brigham", "group": "II"},
            scans=[scan("2026-03-02", positive=["liver"])],
        )
    assert "stage II (Brigham)" in caught.value.given
