"""The form: what was typed comes back, what is wrong is told beside its field."""

import datetime as dt
from pathlib import Path

import pytest
from tests.web.conftest import TODAY

from mesospread.errors import InputError
from mesospread.patient import parse_patient, read_patient
from mesospread.web.filled_form import form_of
from mesospread.web.forms import Form, FormError, acted, patient_of, read_form
from mesospread.web.options import options_of

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))


def _facts(patient):
    """What a patient says, with sites in any order and the group that T, N and M imply."""
    facts = patient.to_dict()
    for scan in facts.get("scans", []):
        for key in ("positive", "negative"):
            scan[key] = sorted(scan.get(key, []))
    for symptom in facts.get("symptoms", []):
        symptom.pop("name")
    for treatment in facts.get("treatments", []):
        treatment.pop("name")
    facts.get("stage", {}).pop("group", None)
    for table in ("scans", "symptoms", "treatments"):
        facts[table] = sorted(facts.get(table, []), key=str)
    return facts


@pytest.mark.parametrize("mode", ["plain", "clinician"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_patient_goes_through_the_form_unchanged(path, mode):
    patient = read_patient(path)
    form = form_of(patient.to_dict(), mode)
    again = patient_of(read_form(patient.primary, mode, form.typed()), TODAY)
    assert _facts(again) == _facts(patient)


def test_an_empty_form_is_a_patient_of_whom_nothing_is_known():
    patient = patient_of(Form("pleural", "plain"), TODAY)
    assert patient.to_dict() == {"primary": "pleural", "as_of": TODAY.isoformat()}


def _errors(values, mode="plain", primary="pleural"):
    with pytest.raises(FormError) as caught:
        patient_of(read_form(primary, mode, values.items()), TODAY)
    form = caught.value.form
    assert all(form.value(name) == value for name, value in values.items())
    return form.errors


def test_every_error_stands_beside_its_field():
    errors = _errors(
        {
            "age": "sixty",
            "diagnosed": "2027-01-01",
            "scans": "2",
            "scan-1-date": "2026-02-30",
            "scan-1-site-liver": "yes",
            "treatments": "1",
            "treatment-0-name": "nivolumab",
            "treatment-0-start": "2026-05-01",
            "treatment-0-end": "2026-04-01",
            "symptom-fever": "yes",
            "symptom-fever-since": "1066-01-01",
        }
    )
    assert set(errors) == {
        "age",
        "diagnosed",
        "scan-1-date",
        "scan-1-modality",
        "treatment-0-end",
        "symptom-fever-since",
    }
    assert "whole number" in errors["age"]
    assert "0 to 110" in errors["age"]
    assert not any("quotes" in message or "as_of" in message for message in errors.values())


def test_a_day_in_the_future_is_refused():
    tomorrow = TODAY + dt.timedelta(days=1)
    assert "future" in _errors({"as_of": tomorrow.isoformat()})["as_of"]


def test_answers_that_contradict_each_other_are_told_beside_the_question():
    values = {"stage-q-nodes": "no", "stage-q-nodes_other_side": "yes"}
    assert list(_errors(values)) == ["stage-q-nodes_other_side"]


def test_a_stage_that_contradicts_its_categories_is_told_to_clinicians():
    values = {"stage-t": "T4", "stage-m": "M0", "stage-group": "I"}
    assert list(_errors(values, "clinician")) == ["stage-group"]


def test_an_index_out_of_range_is_told():
    assert list(_errors({"stage-pci": "40"}, "plain", "peritoneal")) == ["stage-pci"]


@pytest.mark.parametrize(
    ("sent", "marked"),
    [
        ([("nationality", "x")], ""),
        ([("sex", "male"), ("sex", "female")], "sex"),
        ([("histology", "6" * 201)], "histology"),
        ([("scan-0-date", "2026-01-01")], ""),
        ([("stage-q-index", "yes")], ""),
        ([("stage-q-nodes", "dunno")], "stage-q-nodes"),
        ([("symptom-cough", "perhaps")], "symptom-cough"),
        ([("scans", "1"), ("scan-0-site-liver", "maybe")], "scan-0-site-liver"),
        ([("option-1", "zzz")], "option-1"),
    ],
    ids=[
        *("unknown", "twice", "long", "no such row", "no such question"),
        *("stage", "symptom", "site", "option"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_no_browser_sends_is_marked_and_all_else_is_kept(sent, marked, lang):
    with pytest.raises(FormError) as refused:
        read_form("pleural", "plain", [("age", "67"), *sent], lang)
    form = refused.value.form
    assert list(form.errors) == [marked]
    assert form.value("age") == "67"
    assert options_of(form, lang)["labels"](marked)
    assert form.errors[marked]


def test_a_file_is_refused():
    with pytest.raises(InputError):
        read_form("pleural", "plain", [("age", b"67")])


def test_rows_are_added_and_taken_away_and_the_others_move_up():
    values = {
        "scans": "3",
        "scan-0-date": "2026-01-01",
        "scan-1-date": "2026-02-01",
        "scan-2-date": "2026-03-01",
        "scan-2-site-liver": "no",
    }
    form = acted(read_form("pleural", "plain", {**values, "action": "remove:scan-1"}.items()))
    assert form.count("scans") == 2
    assert form.value("scan-1-date") == "2026-03-01"
    assert form.value("scan-1-site-liver") == "no"
    assert form.value("scan-2-date") == ""
    more = acted(read_form("pleural", "plain", {**values, "action": "add:scan"}.items()))
    assert more.count("scans") == 4
    assert acted(Form("pleural", "plain", {"action": "remove:scan-9"})).count("scans") == 0


def test_the_stage_is_carried_over_to_the_other_mode_and_back():
    answers = {"stage-q-far": "no", "stage-q-nodes": "yes", "stage-q-nodes_other_side": "no"}
    sent = {**answers, "from_mode": "plain", "action": "mode"}
    there = acted(read_form("pleural", "clinician", sent.items()))
    assert (there.value("stage-n"), there.value("stage-m")) == ("N1", "M0")
    changed = {**dict(there.typed()), "stage-n": "N2", "from_mode": "clinician"}
    back = acted(read_form("pleural", "plain", changed.items()))
    assert back.value("stage-q-nodes_other_side") == "yes"


@pytest.mark.parametrize("mode", ["plain", "clinician"])
@pytest.mark.parametrize(
    "stage",
    [
        {"edition": "7", "t": "T1a", "n": "N3", "m": "M0"},
        {"edition": "7", "group": "IV"},
        {"edition": "butchart", "group": "III"},
        {"group": "regional"},
    ],
    ids=str,
)
def test_a_stage_of_an_earlier_edition_goes_through_the_form(stage, mode):
    patient = parse_patient({"primary": "pleural", "stage": stage})
    form = form_of(patient.to_dict(), mode)
    again = patient_of(read_form("pleural", mode, form.typed()), TODAY)
    assert again.stage == patient.stage
    assert all(value != "yes" for name, value in form.typed() if name.startswith("stage-q-"))


def test_registries_words_are_taken_beside_a_measured_thickness():
    sent = {"stage-q-over_12_mm": "yes", "stage-q-over_30_mm": "yes", "stage-group": "regional",
            "stage-q-grown_through": "no"}  # fmt: skip
    stage = patient_of(read_form("pleural", "plain", sent.items()), TODAY).stage
    assert stage is not None
    assert (stage.edition, stage.group, stage.t) == ("summary", "regional", None)


@pytest.mark.parametrize(("primary", "offered"), [("pleural", 6), ("peritoneal", 2)])
def test_clinicians_are_offered_earlier_systems_and_their_categories(primary, offered):
    options = options_of(Form(primary, "clinician"), "en")
    assert len(options["edition_options"]) == offered
    assert "distant" in [value for value, _ in options["group_options"]]
    if primary == "pleural":
        assert [value for value, _ in options["axis_options"]["t"]][-2:] == ["T1a", "T1b"]
        assert [value for value, _ in options["axis_options"]["n"]][-1] == "N3"


def test_a_rind_over_30_mm_is_over_12_mm():
    form = Form("pleural", "plain", {"stage-q-over_30_mm": "yes", "stage-q-over_12_mm": "no"})
    with pytest.raises(FormError) as caught:
        patient_of(form, TODAY)
    assert "cannot all be true" in caught.value.form.errors["stage-q-over_30_mm"]
    assert form.remaining() is None


@pytest.mark.parametrize(("lang", "words"), [("en", "your answers"), ("es", "sus respuestas")])
def test_who_answers_questions_is_not_told_of_t_n_and_m(lang, words):
    form = Form("pleural", "plain", {"stage-q-far": "yes", "stage-group": "I"})
    with pytest.raises(FormError) as caught:
        patient_of(form, TODAY, lang)
    (message,) = caught.value.form.errors.values()
    assert words in message
    assert "IV" in message
    assert "T, N" not in message


@pytest.mark.parametrize(("lang", "named"), [("en", "Pain in a bone"), ("es", "Dolor en un hueso")])
def test_an_error_names_the_symptom_it_is_about(lang, named):
    form = Form("pleural", "plain")
    label = options_of(form, lang)["labels"]
    assert label("symptom-bone_pain-since") == label("symptom-bone_pain") == named
    assert label("symptom-unheard_of") == label("symptom-")


@pytest.mark.parametrize(
    ("diagnosed", "day"), [({"diagnosed": "2026-03-02"}, dt.date(2026, 3, 2)), ({}, TODAY)]
)
def test_a_day_that_is_left_empty_is_taken_to_be_that_of_the_diagnosis(diagnosed, day):
    typed = {
        "scans": "2",
        "scan-0-modality": "CT",
        "scan-0-site-liver": "no",
        "treatments": "1",
        "treatment-0-name": "nivolumab",
        **diagnosed,
    }
    patient = patient_of(read_form("pleural", "plain", typed.items()), TODAY)
    assert [scan.date for scan in patient.scans] == [day]
    assert patient.treatments[0].start == day
    assert len(patient.assumed_days()) == 2


def test_a_scan_that_says_nothing_needs_no_kind_and_one_that_found_something_does():
    scan = {"scans": "1", "scan-0-date": "2026-03-02"}
    assert patient_of(read_form("pleural", "plain", scan.items()), TODAY).scans == ()
    found = scan | {"scan-0-site-liver": "yes"}
    with pytest.raises(FormError) as caught:
        patient_of(read_form("pleural", "plain", found.items()), TODAY)
    assert set(caught.value.form.errors) == {"scan-0-modality"}
