"""Reading records: three ways to code the disease, what is noted, what is refused."""

from __future__ import annotations

import contextlib
import copy
import json
import math
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesospread.errors import InputError, MesospreadError, MissingExtraError
from mesospread.interop.read import read_bundle
from mesospread.interop.write import write_bundle
from mesospread.patient import parse_patient

DATA = Path(__file__).parent / "data"
FILES = sorted(DATA.glob("*.json"))
SCT, ICD = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"
ICDO = "http://terminology.hl7.org/CodeSystem/icd-o-3"
AJCC = "http://cancerstaging.org"
MORPHOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"


def load(name):
    return json.loads((DATA / name).read_text())


def resource(bundle, identifier):
    return next(e["resource"] for e in bundle["entry"] if e["resource"]["id"] == identifier)


def concept(*codes, text=""):
    made = {"coding": [{"system": system, "code": code} for system, code in codes]}
    return {**made, "text": text} if text else made


def notes_about(found, number, kind=None):
    return [
        note.what
        for note in found.notes
        if note.where.startswith(f"Bundle.entry[{number}]") and kind in (None, note.kind)
    ]


# ------------------------------------------------------------------ three ways to code it


def test_snomed_ct_with_the_morphology_beside_it():
    found = read_bundle(load("snomed_with_morphology.json"))
    assert found.patient.to_dict() == {
        "primary": "pleural",
        "side": "left",
        "histology": "biphasic",
        "age": 65,
        "sex": "female",
        "performance_status": 1,
        "diagnosed": "2025-03-04",
        "as_of": "2026-03-01",
        "stage": {
            "date": "2025-05-02",
            "edition": "8",
            "t": "T3",
            "n": "N1",
            "m": "M0",
            "group": "IIIA",
            "basis": "pathological",
        },
        "scans": [{"date": "2026-02-11", "modality": "PET-CT", "positive": ["liver", "adrenal"]}],
        "treatments": [
            {"name": "Pleurectomy/decortication", "start": "2025-05-02", "end": "2025-05-02"},
            {
                "name": "pemetrexed + carboplatin",
                "start": "2025-06-03",
                "end": "2025-09-20",
                "response": "partial",
            },
        ],
    }


def test_icd_10_cm_alone():
    found = read_bundle(load("icd10_alone.json"))
    assert found.patient.to_dict() == {
        "primary": "peritoneal",
        "age": 74,
        "sex": "male",
        "performance_status": 1,
        "diagnosed": "2025-10-09",
        "as_of": "2026-01-10",
        "scans": [{"date": "2025-12-15", "modality": "CT", "positive": ["distant_nodes"]}],
        "symptoms": [{"name": "belly pain", "since": "2025-08-01", "present": True}],
    }


def test_any_cancer_with_icd_o_3_morphology_and_place():
    found = read_bundle(load("icdo3.json"))
    assert found.patient.to_dict() == {
        "primary": "pleural",
        "side": "right",
        "histology": "sarcomatoid",
        "age": 67,
        "sex": "male",
        "diagnosed": "2017-04-01",
        "as_of": "2017-06-01",
        "stage": {"date": "2017-04-20", "edition": "7", "t": "T2", "n": "N1"},
    }


@pytest.mark.parametrize(
    ("codes", "places", "primary"),
    [
        ([(ICD, "C45.2")], [], "pericardial"),
        ([(SCT, "187885008")], [(SCT, "76848001")], "pericardial"),
        ([(ICD, "C45.9")], [(SCT, "15425007")], "peritoneal"),
        ([(SCT, "109378008")], [(ICDO, "C63.7")], "testicular"),
        ([("http://hl7.org/fhir/sid/icd-10", "C45.0")], [], "pleural"),
        ([(SCT, "187806007"), (ICD, "C45.1")], [(ICDO, "C48.1")], "peritoneal"),
    ],
)
def test_the_lining_by_code_or_by_place(codes, places, primary):
    bundle = load("icdo3.json")
    bundle["entry"] = bundle["entry"][:2]
    condition = resource(bundle, "primary")
    del condition["extension"]
    condition["code"], condition["bodySite"] = concept(*codes), [concept(place) for place in places]
    if not places:
        del condition["bodySite"]
    assert read_bundle(bundle).patient.primary == primary


def test_the_lining_in_words():
    bundle = load("icdo3.json")
    bundle["entry"] = bundle["entry"][:2]
    condition = resource(bundle, "primary")
    condition["code"], condition["bodySite"] = (
        concept((ICD, "C45.7")),
        [{"text": "Tunica vaginalis"}],
    )
    assert read_bundle(bundle).patient.primary == "testicular"


def test_a_morphology_that_says_no_more_leaves_the_cell_type_open():
    bundle = load("icdo3.json")
    resource(bundle, "primary")["extension"][0]["valueCodeableConcept"] = concept((ICDO, "9050/3"))
    assert read_bundle(bundle).patient.histology is None


def test_the_cell_type_of_an_observation():
    bundle = load("icd10_alone.json")
    observation = {
        "resourceType": "Observation",
        "id": "h",
        "status": "final",
        "code": concept(("http://loinc.org", "31206-6")),
        "subject": {"reference": "Patient/p"},
        "valueCodeableConcept": concept((ICDO, "9052/3")),
    }
    bundle["entry"].append({"fullUrl": "urn:uuid:h", "resource": observation})
    assert read_bundle(bundle).patient.histology == "epithelioid"


@pytest.mark.parametrize(
    ("code", "primary", "site"),
    [
        ("C77.0", "peritoneal", "distant_nodes"),
        ("C77.5", "peritoneal", "regional_nodes"),
        ("C78.4", "peritoneal", "intestine"),
        ("C79.72", "peritoneal", "adrenal"),
        ("C78.00", "peritoneal", "lung"),
        ("C79.31", "pericardial", "brain"),
        ("C78.1", "pericardial", "mediastinum"),
    ],
)
def test_where_it_has_spread_by_code(code, primary, site):
    bundle = load("icd10_alone.json")
    resource(bundle, "primary")["code"] = concept(
        (ICD, {"peritoneal": "C45.1", "pericardial": "C45.2"}[primary])
    )
    resource(bundle, "nodes")["code"] = concept((ICD, code))
    (scan,) = read_bundle(bundle).patient.scans[:1]
    assert scan.positive[0] == site


# ------------------------------------------------------------------ nothing is lost silently


def test_everything_that_is_not_taken_is_named():
    found = read_bundle(load("snomed_with_morphology.json"))
    assert "biphasic" not in " ".join(note.what for note in found.notes)
    assert notes_about(found, 0, "dropped") == [
        "names a person: identifier, name, telecom, birthDate"
    ]
    assert notes_about(found, 1) == ["parts of it: onsetDateTime, note"]
    assert "another staging" in notes_about(found, 2)[0]
    assert "on the side of the primary" in notes_about(found, 9)[0]
    assert notes_about(found, 10, "not read") == ["left out: it was found not to be so"]
    assert notes_about(found, 11) == ["Condition with a code that is not known: E11.9"]
    assert notes_about(found, 14) == ["left out: it is a draft"]
    assert notes_about(found, 15) == ["MedicationRequest without a code"]
    assert notes_about(found, 17, "assumed") == ["taken as the response to that treatment: partial"]
    assert notes_about(found, 18, "assumed") == ["Karnofsky 80 is taken as ECOG 1"]
    assert notes_about(found, 19) == ["Observation with a code that is not known: 83112-3"]
    assert "it is not about the patient of the bundle" in notes_about(found, 20)
    assert notes_about(found, 21) == ["Practitioner: holds nothing that a patient file has"]


def test_rules_of_mcode_that_a_record_breaks_are_named():
    found = read_bundle(load("icd10_alone.json"))
    assert ("Bundle.type", "an mCODE patient bundle is a collection") in [
        (note.where, note.what) for note in found.notes if note.kind == "profile"
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_note_and_no_fact_repeats_who_it_is(path):
    found = read_bundle(json.loads(path.read_text()))
    told = json.dumps([found.patient.to_dict(), [note.to_dict() for note in found.notes]])
    for personal in ("Sampleson", "Ada", "SYN-04", "555-0100", "1960", "Made Up", "1951", "1949"):
        assert personal not in told


def test_a_place_that_is_not_sure_is_left_to_the_reader():
    bundle = load("snomed_with_morphology.json")
    resource(bundle, "lung")["code"] = concept((ICD, "C78.00"))
    found = read_bundle(bundle)
    assert "contralateral_lung: its side is not known; add it" in notes_about(found, 9)[0]
    resource(bundle, "lung")["code"] = concept((ICD, "C78.01"))
    assert "contralateral_lung" in read_bundle(bundle).patient.scans[-1].positive


def test_what_happened_after_the_day_of_the_record_moves_that_day():
    bundle = load("snomed_with_morphology.json")
    bundle["timestamp"] = "2026-01-20T00:00:00Z"
    found = read_bundle(bundle)
    assert found.patient.as_of.isoformat() == "2026-02-11"
    assert any("something happened later" in note.what for note in found.notes)


def test_a_death_leaves_the_last_day_before_it():
    bundle = load("snomed_with_morphology.json")
    resource(bundle, "p")["deceasedDateTime"] = "2026-02-20"
    patient = read_bundle(bundle).patient
    assert (patient.died.isoformat(), patient.as_of.isoformat()) == ("2026-02-20", "2026-02-11")


def test_stage_from_the_summary_if_nothing_else_states_it():
    bundle = load("icdo3.json")
    bundle["entry"] = bundle["entry"][:2]
    resource(bundle, "primary")["stage"] = [
        {"summary": concept((AJCC, "III")), "type": concept((SCT, "443830009"))}
    ]
    found = read_bundle(bundle)
    assert (found.patient.stage.group, found.patient.stage.edition) == ("III", "7")
    assert any("summary of the condition" in note.what for note in found.notes)


def test_drugs_begun_together_are_one_treatment_and_later_ones_another():
    bundle = load("snomed_with_morphology.json")
    later = copy.deepcopy(resource(bundle, "m2"))
    later["id"], later["medicationCodeableConcept"] = "m9", {"text": "Opdivo"}
    later["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"] = {"start": "2025-12-01"}
    later["status"] = "active"
    bundle["entry"].append({"fullUrl": "urn:uuid:m9", "resource": later})
    names = [(t.name, t.end) for t in read_bundle(bundle).patient.treatments]
    assert names[1:] == [
        ("pemetrexed + carboplatin", names[1][1]),
        ("nivolumab", None),
    ]


def test_cycles_of_the_same_drugs_are_one_treatment():
    bundle = load("snomed_with_morphology.json")
    for i, day in enumerate(("2025-06-25", "2025-07-16", "2025-08-06", "2025-08-27")):
        for drug in ("pemetrexed", "carboplatin"):
            cycle = {
                "resourceType": "MedicationAdministration",
                "id": f"{drug}-{i}",
                "status": "completed",
                "medicationCodeableConcept": {"text": drug},
                "subject": {"reference": "Patient/p"},
                "effectiveDateTime": day,
            }
            bundle["entry"].append({"fullUrl": f"urn:uuid:{drug}-{i}", "resource": cycle})
    for name in ("m1", "m2"):
        order = resource(bundle, name)
        del order["dosageInstruction"]
        order["status"] = "completed"
    found = read_bundle(bundle)
    (course,) = [t for t in found.patient.treatments if "pemetrexed" in t.name]
    assert (course.name, course.start.isoformat(), course.end.isoformat()) == (
        "pemetrexed + carboplatin",
        "2025-06-01",
        "2025-08-27",
    )
    assert any("on a day that is not known" in note.what for note in found.notes)


def test_what_belongs_to_another_cancer_is_left_out():
    bundle = load("snomed_with_morphology.json")
    lung = {
        "resourceType": "Condition",
        "id": "old",
        "code": concept((ICD, "C34.10")),
        "subject": {"reference": "Patient/p"},
    }
    bundle["entry"].append({"fullUrl": "urn:uuid:old", "resource": lung})
    old = {"reference": "Condition/old"}
    resource(bundle, "clin-t")["focus"] = [old]
    resource(bundle, "course")["focus"] = [old]
    resource(bundle, "op")["reasonReference"] = [old]
    resource(bundle, "liver")["extension"][0]["valueReference"] = old
    found = read_bundle(bundle)
    left = [n.where for n in found.notes if n.what == "it belongs to another condition"]
    assert left == [f"Bundle.entry[{i}].resource" for i in (2, 7, 16, 17)]
    assert [t.response for t in found.patient.treatments] == [None]
    assert found.patient.scans[0].positive == ("adrenal",)


def test_what_is_only_planned_is_left_out():
    bundle = load("snomed_with_morphology.json")
    resource(bundle, "m1")["intent"] = "proposal"
    resource(bundle, "m2")["doNotPerform"] = True
    names = [treatment.name for treatment in read_bundle(bundle).patient.treatments]
    assert names == ["Pleurectomy/decortication"]


def test_of_a_disease_stated_twice_the_fuller_statement_is_taken():
    bundle = load("icdo3.json")
    bare = {
        "resourceType": "Condition",
        "id": "visit",
        "code": concept((SCT, "109378008")),
        "subject": {"reference": "Patient/p"},
        "recordedDate": "2016-01-01",
    }
    bundle["entry"].insert(1, {"fullUrl": "urn:uuid:visit", "resource": bare})
    found = read_bundle(bundle)
    assert found.patient.diagnosed.isoformat() == "2017-04-01"
    assert notes_about(found, 1) == ["the same disease, stated once more"]


# ------------------------------------------------------------------ what is refused


def refused(bundle) -> InputError:
    with pytest.raises(InputError) as caught:
        read_bundle(bundle, "record.json")
    error = caught.value
    assert error.where.startswith("record.json")
    assert error.given
    assert error.allowed
    return error


def test_not_a_bundle():
    assert "not a FHIR bundle" in str(refused({"resourceType": "Patient"}))
    assert "holds nothing" in str(refused({"resourceType": "Bundle", "type": "collection"}))


def test_an_entry_without_a_resource():
    bundle = load("icdo3.json")
    bundle["entry"][2] = {"fullUrl": "urn:uuid:x"}
    assert refused(bundle).where == "record.json › Bundle.entry[2].resource"


def test_two_patients_or_none():
    bundle = load("icdo3.json")
    bundle["entry"].append({"resource": {"resourceType": "Patient", "id": "q"}})
    assert "2 Patient" in refused(bundle).given
    bundle["entry"] = bundle["entry"][1:4]
    assert "0 Patient" in refused(bundle).given


def test_no_mesothelioma():
    bundle = load("icdo3.json")
    resource(bundle, "primary")["code"] = concept((ICD, "C34.10"))
    error = refused(bundle)
    assert "no mesothelioma" in str(error)
    assert "C34.10" in error.given


def test_a_mesothelioma_without_a_place():
    bundle = load("icdo3.json")
    resource(bundle, "primary")["code"] = concept((ICD, "C45.9"))
    del resource(bundle, "primary")["bodySite"]
    assert "which lining" in str(refused(bundle))


def test_codes_that_contradict_each_other():
    bundle = load("icdo3.json")
    resource(bundle, "primary")["code"] = concept((SCT, "254645002"), (ICD, "C45.1"))
    resource(bundle, "primary")["bodySite"] = [concept((SCT, "76848001"))]
    error = refused(bundle)
    assert "contradict" in str(error)
    assert error.where.endswith("Bundle.entry[1].resource.code")


def test_two_different_primaries():
    bundle = load("icdo3.json")
    other = copy.deepcopy(resource(bundle, "primary"))
    other["id"], other["code"] = "second", concept((ICD, "C45.1"))
    del other["bodySite"]
    bundle["entry"].append({"fullUrl": "urn:uuid:second", "resource": other})
    assert "two different primaries" in str(refused(bundle))
    other["code"] = concept((ICD, "C45.0"))
    assert any("stated once more" in note.what for note in read_bundle(bundle).notes)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("9054/0", "adenomatoid"),
        ("9055/1", "cystic"),
        ("9052/1", "papillary"),
        ("9050/2", "in situ"),
        ("9052/6", "secondary"),
    ],
)
def test_what_is_not_malignant_mesothelioma(code, said):
    bundle = load("icdo3.json")
    resource(bundle, "primary")["extension"][0]["valueCodeableConcept"] = concept((ICDO, code))
    error = refused(bundle)
    assert said in str(error)
    assert error.where.endswith(".extension[0].valueCodeableConcept.coding[0]")


def test_two_cell_types():
    bundle = load("icdo3.json")
    extensions = resource(bundle, "primary")["extension"]
    extensions.append({"url": MORPHOLOGY, "valueCodeableConcept": concept((ICDO, "9052/3"))})
    assert "two different cell types" in str(refused(bundle))


def test_a_stage_that_cannot_be_is_told_at_its_place_in_the_record():
    bundle = load("icdo3.json")
    resource(bundle, "t")["valueCodeableConcept"] = concept((AJCC, "T9"))
    error = refused(bundle)
    assert "Bundle.entry[2].resource.valueCodeableConcept.coding[0]" in error.where
    assert "stage.t" in error.where
    assert "T1" in error.allowed


def test_several_problems_are_told_together_each_at_its_place():
    bundle = load("icdo3.json")
    resource(bundle, "t")["valueCodeableConcept"] = concept((AJCC, "T9"))
    resource(bundle, "n")["valueCodeableConcept"] = concept((AJCC, "N7"))
    with pytest.raises(InputError) as caught:
        read_bundle(bundle, "record.json")
    places = [problem.where for problem in caught.value.problems]
    assert ["Bundle.entry[2]" in places[0], "Bundle.entry[3]" in places[1]] == [True, True]


def test_a_shape_that_is_not_fhir():
    bundle = load("icdo3.json")
    resource(bundle, "t")["valueInteger"] = 3
    resource(bundle, "n")["effectiveDateTime"] = "last week"
    assert "Bundle.entry[2].resource" in refused(bundle).where
    del resource(bundle, "t")["valueInteger"]
    error = refused(bundle)
    assert error.where == "record.json › Bundle.entry[3].resource.effectiveDateTime"
    assert error.given == "'last week'"


def test_an_error_in_a_patient_does_not_show_who_it_is():
    bundle = load("snomed_with_morphology.json")
    resource(bundle, "p")["birthDate"] = "born in Sampleville"
    resource(bundle, "p")["name"] = "Ada Sampleson"
    with pytest.raises(InputError) as caught:
        read_bundle(bundle)
    assert "Sample" not in str(caught.value)
    assert "birthDate" in str(caught.value)


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "fhir.resources", raising=False)
    monkeypatch.setitem(sys.modules, "fhir", None)
    with pytest.raises(MissingExtraError, match=r"mesospread\[fhir\]"):
        read_bundle(load("icdo3.json"))
    with pytest.raises(MissingExtraError):
        write_bundle(parse_patient({"primary": "pleural"}))


# ------------------------------------------------------------------ and never anything else

JUNK = st.sampled_from([None, "", "x", 3, -1.5, math.nan, True, [], {}, [None], [{}], {"code": 1}])


def places_in(part, path=()):
    yield path
    if isinstance(part, dict):
        for key, inner in part.items():
            yield from places_in(inner, (*path, key))
    elif isinstance(part, list):
        for i, inner in enumerate(part):
            yield from places_in(inner, (*path, i))


ALL_PLACES = [
    (path.name, place)
    for path in FILES
    for place in places_in(json.loads(path.read_text()))
    if place
]


@settings(max_examples=150)
@given(st.sampled_from(ALL_PLACES), JUNK)
def test_a_broken_record_is_refused_or_read_but_never_crashes(place, junk):
    name, path = place
    bundle = load(name)
    part = bundle
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = junk
    with contextlib.suppress(MesospreadError):
        read_bundle(bundle)
