"""Patients: what is accepted, what is filled in, and that nothing is lost on the way out."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mesospread.anatomy import sites_of
from mesospread.errors import PatientError
from mesospread.patient import (
    HISTOLOGIES,
    MODALITIES,
    RESPONSES,
    SEXES,
    SIDES,
    Finding,
    Patient,
    PatientFileError,
    Scan,
    parse_patient,
    read_patient,
)
from mesospread.staging import edition_table, editions

EXAMPLES = Path(__file__).parents[2] / "examples"


def scan(**facts):
    return {"date": date(2026, 5, 1), "modality": "CT", **facts}


def test_only_the_primary_is_needed():
    patient = parse_patient({"primary": "pleural"})
    assert patient.to_dict() == {"primary": "pleural"}
    assert (patient.age, patient.as_of, patient.stage, patient.scans) == (None, None, None, ())


def test_unknown_may_be_said_of_every_clinical_fact():
    said = dict.fromkeys(set(Patient.model_fields) - {"primary"}, "unknown")
    assert parse_patient({"primary": "pleural", **said}) == parse_patient({"primary": "pleural"})
    nested = parse_patient(
        {
            "primary": "pleural",
            "stage": dict.fromkeys(("date", "edition", "t", "n", "m", "pci", "group"), "unknown"),
            "scans": [scan(positive="unknown", negative="unknown")],
            "treatments": [
                {"name": "a", "start": date(2026, 5, 1), "end": "unknown", "response": "unknown"}
            ],
            "symptoms": [{"name": "cough", "since": "unknown", "present": "unknown"}],
        }
    )
    assert nested.stage is not None
    assert nested.stage.group is None
    assert nested.scans[0].positive == ()
    assert nested.treatments[0].response is None
    assert nested.symptoms[0].present is None


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("primary", "lining of the lung", "pleural"),
        ("histology", "Epithelial", "epithelioid"),
        ("histology", "mixed", "biphasic"),
        ("histology", "sarcomatous", "sarcomatoid"),
        ("sex", "F", "female"),
        ("side", "L", "left"),
        ("diagnosed", "2026-03-02", date(2026, 3, 2)),
        ("diagnosed", datetime(2026, 3, 2, 9, 30), date(2026, 3, 2)),
        ("age", 0, 0),
        ("age", 110, 110),
        ("performance_status", 4, 4),
    ],
)
def test_tolerant_reading(key, written, value):
    assert getattr(parse_patient({"primary": "pleural", key: written}), key) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("ct scan", "CT"),
        ("PET/CT", "PET-CT"),
        ("pet", "PET-CT"),
        ("mri", "MRI"),
        ("Bone-Scan", "bone scan"),
        ("EBUS", "EBUS"),
        ("ultrasound", "ultrasound"),
    ],
)
def test_modalities(written, value):
    patient = parse_patient({"primary": "pleural", "scans": [scan(modality=written)]})
    assert patient.scans[0].modality == value


def test_sites_are_named_once_and_canonically():
    found = parse_patient(
        {"primary": "pleural", "scans": [scan(positive=["other lung", "adrenals", "adrenal"])]}
    )
    assert found.scans[0].positive == ("contralateral_lung", "adrenal")


def test_today_is_the_last_date_in_the_file():
    patient = parse_patient(
        {
            "primary": "pleural",
            "diagnosed": date(2026, 1, 1),
            "scans": [scan()],
            "treatments": [{"name": "a", "start": "2026-05-20", "end": "2026-06-01"}],
            "symptoms": [{"name": "cough", "since": "2026-05-30"}],
        }
    )
    assert patient.as_of == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("stage", "diagnosed", "edition"),
    [({}, None, "9"), ({}, "2024-06-01", "8"), ({"date": "2025-06-01"}, "2024-06-01", "9")],
)
def test_edition_in_force_on_the_date_of_staging(stage, diagnosed, edition):
    patient = parse_patient({"primary": "pleural", "diagnosed": diagnosed, "stage": stage})
    assert patient.stage is not None
    assert patient.stage.edition == edition


@pytest.mark.parametrize("written", ["9", 9, "TNM 9", "9th", "9th edition"])
def test_edition_as_people_write_it(written):
    patient = parse_patient({"primary": "pleural", "stage": {"edition": written, "t": 3}})
    assert patient.stage is not None
    assert (patient.stage.edition, patient.stage.t) == ("9", "T3")


@pytest.mark.parametrize(
    ("stage", "basis"),
    [
        ({"t": "pT2", "n": "pN0"}, "pathological"),
        ({"t": "cT2", "n": "cN0"}, "clinical"),
        ({"t": "cT2", "n": "pN0"}, None),
        ({"t": "T2"}, None),
        ({"t": "pT2", "basis": "clinical"}, "clinical"),
    ],
)
def test_basis_comes_from_the_prefix_if_all_agree(stage, basis):
    patient = parse_patient({"primary": "pleural", "stage": stage})
    assert patient.stage is not None
    assert patient.stage.basis == basis


def test_peritoneal_index_stands_for_t():
    patient = parse_patient({"primary": "peritoneal", "stage": {"pci": 14, "n": "N0", "m": "M0"}})
    assert patient.stage is not None
    assert (patient.stage.pci, patient.stage.edition) == (14, "2011")
    assert (patient.stage.t, patient.stage.t_stated) == (None, "T2")
    with pytest.raises(PatientError, match="contradicts"):
        parse_patient(
            {"primary": "peritoneal", "stage": {"pci": 14, "n": "N0", "m": "M0", "group": "I"}}
        )


@pytest.mark.parametrize(
    ("facts", "day"),
    [
        ({"diagnosed": "2026-03-02", "as_of": "2026-11-01"}, date(2026, 3, 2)),
        ({"as_of": "2026-11-01"}, date(2026, 11, 1)),
        ({"symptoms": [{"name": "cough", "since": "2026-04-01"}]}, date(2026, 4, 1)),
        ({}, date.today()),
    ],
)
def test_a_day_that_is_not_known_is_that_of_the_diagnosis_or_else_of_the_file(facts, day):
    patient = parse_patient(
        {
            "primary": "pleural",
            "scans": [{"modality": "CT"}, {"date": "unknown", "modality": "MRI"}],
            "treatments": [{"name": "nivolumab"}],
            **facts,
        }
    )
    assert [scan.date for scan in patient.scans] == [day, day]
    assert patient.treatments[0].start == day
    assert patient.as_of is not None
    assert patient.assumed_days() == (
        f"The date of the CT is not known; it is taken as done on {day:%d %B %Y}.",
        f"The date of the MRI is not known; it is taken as done on {day:%d %B %Y}.",
        f"The first day of nivolumab is not known; it is taken to begin on {day:%d %B %Y}.",
    )
    assert parse_patient(patient.to_dict()) == patient
    assert Patient(**patient.to_dict()) == patient


def test_a_treatment_of_which_only_the_end_is_known_does_not_begin_after_it():
    facts = {"diagnosed": "2026-03-02", "treatments": [{"name": "a", "end": "2026-02-01"}]}
    (treatment,) = parse_patient({"primary": "pleural", **facts}).treatments
    assert treatment.start == treatment.end == date(2026, 2, 1)


def test_days_that_are_known_are_not_said_to_be_assumed():
    treatments = [{"name": "a", "start": "2026-03-02", "start_assumed": False}]
    patient = parse_patient({"primary": "pleural", "scans": [scan()], "treatments": treatments})
    assert patient.assumed_days() == ()
    assert "assumed" not in str(patient.to_dict())


def test_a_wrong_day_of_diagnosis_is_told_once():
    facts = {"diagnosed": "2027-01-01", "as_of": "2026-11-01", "scans": [{"modality": "CT"}]}
    with pytest.raises(PatientError) as caught:
        parse_patient({"primary": "pleural", **facts})
    assert caught.value.where == "patient › diagnosed"


def test_findings_are_listed_by_date():
    patient = parse_patient(
        {
            "primary": "pleural",
            "scans": [
                scan(positive=["liver"], negative=["bone"]),
                scan(date="2026-01-01", modality="MRI", negative=["brain"]),
            ],
        }
    )
    assert patient.findings() == (
        Finding("brain", "MRI", date(2026, 1, 1), False),
        Finding("liver", "CT", date(2026, 5, 1), True),
        Finding("bone", "CT", date(2026, 5, 1), False),
    )


def test_patients_are_frozen_and_hashable():
    patient = parse_patient({"primary": "pleural", "scans": [scan(positive=["liver"])]})
    assert hash(patient) == hash(parse_patient(patient.to_dict()))
    with pytest.raises(ValidationError, match="frozen"):
        patient.age = 3


def test_a_patient_built_in_python_is_checked_as_strictly():
    spine = Scan(date=date(2026, 5, 1), modality="CT", positive=("spine",))
    assert Patient(primary="testicular", scans=(spine,)).scans[0].positive == ("vertebrae",)
    assert Patient(primary="pleural", scans=(spine,)).as_of == date(2026, 5, 1)
    with pytest.raises(ValidationError, match=r"scans\.0\.positive\.0"):
        Patient(primary="pleural", scans=(spine.model_copy(update={"positive": ("livr",)}),))
    with pytest.raises(ValidationError, match="after as_of"):
        Patient(primary="pleural", scans=(spine,), as_of=date(2026, 4, 30))


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(PatientFileError) as caught:
        parse_patient({"primary": "pleural", "age": 300, "sex": "x", "hight": 1}, where="a.toml")
    error = caught.value
    assert {problem.where for problem in error.problems} == {
        "a.toml › age",
        "a.toml › sex",
        "a.toml › hight",
    }
    assert error.to_dict()["code"] == "E-PATIENT"
    assert "3 things to put right" in error.problem


@pytest.mark.parametrize("given", [[], "pleural", None, 3])
def test_something_else_than_a_table(given):
    with pytest.raises(PatientError, match="not a table"):
        parse_patient(given)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_examples_are_valid_and_round_trip(path):
    patient = read_patient(path)
    assert parse_patient(patient.to_dict()) == patient
    assert patient.as_of < date(2026, 11, 22)


def test_the_three_examples():
    known = read_patient(EXAMPLES / "pleural_epithelioid_stage3.toml")
    assert known.stage is not None
    assert (known.age, known.stage.t, known.treatments[0].response) == (67, "T3", "partial")
    pain = read_patient(EXAMPLES / "pleural_sarcomatoid_new_bone_pain.toml")
    assert "bone pain" in {symptom.name for symptom in pain.symptoms}
    little = read_patient(EXAMPLES / "pleural_early_unknowns.toml")
    assert little.stage is not None
    assert (little.stage.group, little.histology, little.diagnosed) == ("II", None, None)


def test_json_has_the_same_keys(tmp_path):
    patient = read_patient(EXAMPLES / "pleural_epithelioid_stage3.toml")
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(patient.to_dict()), "utf-8")
    assert read_patient(path) == patient


def test_a_byte_order_mark_is_tolerated(tmp_path):
    path = tmp_path / "patient.toml"
    path.write_text('primary = "pleural"\n', "utf-8-sig")
    assert read_patient(path).primary == "pleural"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.json", b'{"primary": pleural}', "line 1 column 13"),
        ("a.json", b'{"primary": "pleural", "age": 3, "age": 4}', "'age' stands twice"),
        ("a.json", b"[" * 100_000, "not valid JSON"),
        ("a.json", b"[1]", "not a table"),
        ("a.json", b'{"primary": "pleural", "age": null, "sex": "m"}', None),
        ("a.toml", b"primary = 'pleural'\nage =\n", "line 2"),
        ("a.toml", b"x = " + b"[" * 100_000, "not valid TOML"),
        ("a.toml", b"\xff\xfep\x00", "not UTF-8 text"),
        ("a.toml", b"#" * 1_000_001, "too large"),
    ],
)
def test_file_contents(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    if words is None:
        assert read_patient(path).sex == "male"
        return
    with pytest.raises(PatientError) as caught:
        read_patient(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("name", "words"),
    [("absent.toml", "No such file"), (".", "directory"), ("a\0b", "null")],
)
def test_files_that_cannot_be_read(tmp_path, name, words):
    with pytest.raises(PatientError) as caught:
        read_patient(f"{tmp_path}/{name}")
    assert words in str(caught.value)


def test_control_characters_do_not_reach_the_screen():
    with pytest.raises(PatientError) as caught:
        parse_patient(
            {
                "primary": "pleural",
                "\x1b[31m": 1,
                "sex": "\x1b[2J",
                "symptoms": [{"name": "\x1b[31mpain"}],
            }
        )
    assert "\x1b" not in str(caught.value)


# --- any valid patient comes back the same ---------------------------------------------------

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(2018, 1, 1), TODAY)
WORDS = st.text("abcdefg +-é", min_size=1, max_size=20).filter(str.strip)


def maybe(strategy):
    return st.none() | strategy


@st.composite
def valid_patients(draw):
    primary = draw(st.sampled_from(["pleural", "peritoneal", "pericardial", "testicular"]))
    names = [s.name for s in sites_of(primary)]
    facts = {
        "primary": primary,
        "histology": draw(maybe(st.sampled_from(list(HISTOLOGIES.words)))),
        "age": draw(maybe(st.integers(0, 110))),
        "sex": draw(
            maybe(st.sampled_from(["male"] if primary == "testicular" else list(SEXES.words)))
        ),
        "performance_status": draw(maybe(st.integers(0, 4))),
        "diagnosed": draw(maybe(DAYS)),
        "as_of": draw(st.sampled_from([None, TODAY])),
        "scans": [],
        "treatments": [],
        "symptoms": [],
    }
    if primary in ("pleural", "testicular"):
        facts["side"] = draw(maybe(st.sampled_from(list(SIDES.words))))
    if editions(primary):
        table = edition_table(primary, draw(st.sampled_from(editions(primary))))
        facts["stage"] = {
            "edition": table.edition,
            "date": draw(maybe(DAYS)),
            "t": draw(maybe(st.sampled_from(list(table.t)))),
            "n": draw(maybe(st.sampled_from(list(table.n)))),
            "m": draw(maybe(st.sampled_from(list(table.m)))),
        }
    for _ in range(draw(st.integers(0, 3))):
        seen = draw(st.lists(st.sampled_from(names), unique=True))
        cut = draw(st.integers(0, len(seen)))
        facts["scans"].append(
            {
                "date": draw(maybe(DAYS)),
                "modality": draw(st.sampled_from(list(MODALITIES.words))),
                "positive": seen[:cut],
                "negative": seen[cut:],
            }
        )
    for _ in range(draw(st.integers(0, 2))):
        start = draw(maybe(DAYS))
        length = draw(maybe(st.integers(0, (TODAY - (start or TODAY)).days)))
        facts["treatments"].append(
            {
                "name": draw(WORDS),
                "start": start,
                "end": None if length is None else (start or TODAY) + timedelta(days=length),
                "response": draw(maybe(st.sampled_from(list(RESPONSES.words)))),
            }
        )
        facts["symptoms"].append(
            {
                "name": draw(WORDS),
                "since": draw(maybe(DAYS)),
                "present": draw(st.sampled_from([True, False, None])),
            }
        )
    return facts


@given(valid_patients())
def test_round_trip(facts):
    patient = parse_patient(facts)
    out = patient.to_dict()
    assert parse_patient(out) == patient
    assert parse_patient(json.loads(json.dumps(out))) == patient
    # Nothing that was stated is lost or changed.
    for key in ("primary", "side", "histology", "age", "sex", "performance_status", "diagnosed"):
        assert getattr(patient, key) == facts.get(key)
    assert [(s.modality, list(s.positive), list(s.negative)) for s in patient.scans] == [
        (s["modality"], s["positive"], s["negative"]) for s in facts["scans"]
    ]
    assert [t.response for t in patient.treatments] == [t["response"] for t in facts["treatments"]]
    assert [s.present for s in patient.symptoms] == [s["present"] for s in facts["symptoms"]]


@given(
    st.dictionaries(
        st.sampled_from([*Patient.model_fields, "zzz"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | DAYS,
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["date", "t", "name", "positive"]), inner)
            ),
            max_leaves=6,
        ),
    )
)
def test_anything_else_gives_a_patient_error_and_never_a_crash(mapping):
    try:
        patient = parse_patient(mapping)
    except PatientError as error:
        where = error.where
    else:
        where = "none"
        assert parse_patient(patient.to_dict()) == patient
    assert where


# --- looking back ---------------------------------------------------------------------

DIED = {"primary": "pleural", "diagnosed": "2025-01-10", "died": "2026-05-01"}


def test_somebody_who_died_later_can_be_looked_back_at():
    patient = parse_patient({**DIED, "as_of": "2026-02-01"})
    assert patient.died is not None
    assert parse_patient(patient.to_dict()) == patient


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"scans": [{"date": "2026-05-02", "modality": "CT", "negative": ["liver"]}]},
            "after the day of death",
        ),
        ({"as_of": "2026-05-01"}, "no longer alive"),
        ({"as_of": "2026-07-01"}, "after the day of death"),
        ({"died": "2024-12-31"}, "after the day of death"),
    ],
)
def test_nothing_happens_after_death(more, words):
    with pytest.raises(PatientError) as caught:
        parse_patient({**DIED, **more})
    assert words in str(caught.value)
