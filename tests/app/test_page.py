"""What the pages ask of the app: stages by excluding, choices, examples, places by route."""

import tomllib
from pathlib import Path

import pytest

from mesospread.app.page_choices import choices_for, primary_choices
from mesospread.app.page_evidence import found_evidence
from mesospread.app.page_example import example
from mesospread.app.page_spread import ROUTES, places_by_route
from mesospread.app.page_stage import QUESTIONS, remaining_stages
from mesospread.errors import ContradictionError, InputError
from mesospread.patient import parse_patient
from mesospread.staging import edition_table, stage_group

EXAMPLES = Path(__file__).parents[2] / "examples"
PRIMARIES = ("pleural", "peritoneal", "pericardial", "testicular")


@pytest.mark.parametrize("primary", PRIMARIES)
def test_true_answers_never_exclude_the_true_stage(primary):
    """For every T, N and M of the newest edition, whatever its questions are answered."""
    table = edition_table(primary)
    for (t, n, m), group in table.table.items():
        true = {"t": t, "n": n, "m": m}
        answers = {}
        for question in QUESTIONS[primary]:
            category = true[question.axis]
            no = question.no or tuple(
                c for c in getattr(table, question.axis) if c not in question.yes
            )
            if (category in question.yes) != (category in no):
                answers[question.name] = category in question.yes
        left = remaining_stages(primary, answers)
        assert group in left.possible
        assert all(true[axis] == kept for axis, kept in left.stage.items() if axis != "group")
        for name in answers:
            fewer = {key: value for key, value in answers.items() if key != name}
            assert set(left.possible) <= set(remaining_stages(primary, fewer).possible)


@pytest.mark.parametrize("primary", PRIMARIES)
def test_nothing_answered_leaves_all_stages(primary):
    left = remaining_stages(primary, {})
    assert left.possible == left.groups == edition_table(primary).groups
    assert left.stage == {}


def test_distant_spread_leaves_the_last_stage():
    assert remaining_stages("pleural", {"far": True}).stage == {"m": "M1", "group": "IV"}


def test_answers_that_contradict_each_other_are_refused():
    with pytest.raises(ContradictionError) as caught:
        remaining_stages("pleural", {"nodes": False, "nodes_other_side": True})
    assert caught.value.where == "nodes_other_side"


def test_the_index_gives_the_stage_of_the_peritoneum():
    left = remaining_stages("peritoneal", {"nodes": False, "far": False}, pci=14)
    assert left.possible == (stage_group("T2", "N0", "M0", primary="peritoneal").stage,)
    with pytest.raises(InputError):
        remaining_stages("peritoneal", {}, pci=40)


def test_a_stated_category_that_the_answers_rule_out_is_passed_over():
    left = remaining_stages("pleural", {"far": True}, stated={"m": "M0", "t": "T3"})
    assert left.stage["m"] == "M1"
    assert left.stage["t"] == "T3"


@pytest.mark.parametrize("primary", PRIMARIES)
def test_all_that_is_offered_can_be_in_a_patient_file(primary):
    choices = choices_for(primary)
    patient = {
        "primary": primary,
        "scans": [
            {"date": "2026-01-01", "modality": m, "negative": [s.value for s in choices.sites]}
            for m in choices.modalities
        ],
        "treatments": [{"name": t.value, "start": "2026-01-01"} for t in choices.treatments],
        "symptoms": [{"name": s.value, "present": False} for s in choices.symptoms],
        "stage": {"edition": choices.editions[-1], "t": choices.t[-1].value},
    }
    assert len(parse_patient(patient).scans) == len(choices.modalities)
    for group in edition_table(primary).groups:
        assert group in choices.groups
    assert primary in [choice.value for choice in primary_choices()]


@pytest.mark.parametrize(
    ("primary", "file"),
    [
        ("pleural", "pleural_epithelioid_stage3"),
        ("peritoneal", "peritoneal_pci14"),
        ("pericardial", "pericardial"),
        ("testicular", "testicular"),
    ],
)
def test_the_examples_of_the_page_are_those_of_the_folder(primary, file):
    given = tomllib.loads((EXAMPLES / f"{file}.toml").read_text("utf-8"))
    assert example(primary) == parse_patient(given).to_dict()


@pytest.mark.parametrize("primary", PRIMARIES)
def test_every_place_is_reached_by_some_route(primary):
    reached = places_by_route(primary)
    assert tuple(reached) == ROUTES
    names = {place.name for places in reached.values() for place in places}
    assert names == {site.value for site in choices_for(primary).sites}
    assert all(place.topic for places in reached.values() for place in places)


def test_evidence_on_survival_is_left_out_unless_it_is_wanted():
    without = found_evidence("", primary="pleural", prognosis=False)
    everything = found_evidence("", primary="pleural", prognosis=True)
    assert without["left_out"] > 0
    assert not any("mortality" in row["name"] for row in without["parameters"])
    shown = len(without["parameters"]) + len(without["values"])
    assert shown + without["left_out"] == len(everything["parameters"]) + len(everything["values"])
