"""Tables of patients: what a row may say, that nothing is lost, and what is refused."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesospread.anatomy import normalised, sites_of
from mesospread.errors import PatientError
from mesospread.patient import (
    HISTOLOGIES,
    MODALITIES,
    RESPONSES,
    SEXES,
    Patient,
    parse_patient,
    read_patient,
)
from mesospread.patient.columns import column_names, flat_row
from mesospread.patient.table import SHOWN, PatientTable, PatientTableError, read_patient_table

EXAMPLES = Path(__file__).parents[2] / "examples"


def table(folder: Path, text: str | bytes) -> PatientTable:
    path = folder / "patients.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_patient_table(path)


def one(folder: Path, header: str, row: str) -> Patient:
    """Return the patient of a table with one row."""
    read = table(folder, f"{header}\n{row}\n")
    read.refuse_bad()
    (found,) = read.rows
    assert found.patient is not None
    return found.patient


def refused(folder: Path, text: str | bytes, *, skip_bad: bool = False) -> PatientError:
    with pytest.raises(PatientError) as caught:
        table(folder, text).refuse_bad(skip_bad=skip_bad)
    return caught.value


# --- what a table may say ---------------------------------------------------------


def test_every_key_of_a_patient_file_has_a_column():
    schema = Patient.model_json_schema()
    keys = set(schema["properties"]) - {"stage", "scans", "treatments", "symptoms"}
    for record, name in (
        ("Stage", "stage"), ("Scan", "scan7"), ("Treatment", "treatment7"), ("Symptom", "symptom7"),
    ):  # fmt: skip
        keys |= {f"{name}.{key}" for key in schema["$defs"][record]["properties"]}
    assert set(column_names(7)) == {"id", *keys}


def test_a_row_is_the_same_as_a_file(tmp_path):
    header = (
        "id,primary,side,histology,age,sex,performance_status,diagnosed,as_of,stage.edition,"
        "stage.t,stage.n,stage.m,scan1.date,scan1.modality,scan1.positive,scan1.negative,"
        "treatment1.name,treatment1.start,treatment1.end,treatment1.response,"
        "symptom1.name,symptom1.since,symptom1.present"
    )
    row = (
        "P1,pleural,right,epithelioid,67,male,1,2026-03-02,2026-11-20,9,T3,N1,M0,2026-11-10,CT,"
        "peritoneum,liver; adrenal,pemetrexed + cisplatin,2026-03-20,2026-07-20,partial,"
        "breathlessness,2026-01-15,true"
    )
    assert one(tmp_path, header, row) == parse_patient(
        {
            "primary": "pleural",
            "side": "right",
            "histology": "epithelioid",
            "age": 67,
            "sex": "male",
            "performance_status": 1,
            "diagnosed": "2026-03-02",
            "as_of": "2026-11-20",
            "stage": {"edition": "9", "t": "T3", "n": "N1", "m": "M0"},
            "scans": [
                {
                    "date": "2026-11-10",
                    "modality": "CT",
                    "positive": ["peritoneum"],
                    "negative": ["liver", "adrenal"],
                }
            ],
            "treatments": [
                {
                    "name": "pemetrexed + cisplatin",
                    "start": "2026-03-20",
                    "end": "2026-07-20",
                    "response": "partial",
                }
            ],
            "symptoms": [{"name": "breathlessness", "since": "2026-01-15", "present": True}],
        }
    )


@pytest.mark.parametrize("nothing", ["", "  ", "unknown", "Unknown", "?", "NA", "n/a", "nan"])
def test_every_way_to_say_nothing(tmp_path, nothing):
    """In every column of a patient of whom nothing else is known."""
    names = [name for name in column_names() if name not in ("id", "primary")]
    header = ",".join(["primary", *names])
    patient = one(tmp_path, header, ",".join(["pleural", *[nothing] * len(names)]))
    assert patient == parse_patient({"primary": "pleural"})


def test_entries_keep_the_order_of_their_numbers_and_may_have_gaps(tmp_path):
    header = "primary,scan10.date,scan10.modality,scan2.date,scan2.modality,scan5.date"
    patient = one(tmp_path, header, "pleural,2026-05-10,CT,2026-05-02,MRI,NA")
    assert [(s.date.day, s.modality) for s in patient.scans] == [(2, "MRI"), (10, "CT")]


@pytest.mark.parametrize(
    ("cell", "present"),
    [("", True), ("true", True), ("TRUE", True), ("yes", True), ("1", True), ("false", False),
     ("No", False), ("0", False), ("unknown", None), ("NA", None)],
)  # fmt: skip
def test_a_symptom_is_there_unless_the_cell_says_otherwise(tmp_path, cell, present):
    patient = one(tmp_path, "primary,symptom1.name,symptom1.present", f"pleural,cough,{cell}")
    assert patient.symptoms[0].present is present


@pytest.mark.parametrize(("cell", "age"), [("67", 67), ("67.0", 67), ("+67", 67), (" 67 ", 67)])
def test_whole_numbers_as_programs_write_them(tmp_path, cell, age):
    assert one(tmp_path, "primary,age", f"pleural,{cell}").age == age


@pytest.mark.parametrize(
    "text",
    [
        b"id,primary,scan1.date,scan1.modality,scan1.positive\nA,pleural,2026-05-01,CT,liver;bone\n",
        b"ID , Primary,scan1.date,scan1.modality,scan1.positive\r\nA,pleural,2026-05-01,CT,"
        b"liver ; bone\r\n",
        b"\xef\xbb\xbfid;primary;scan1.date;scan1.modality;scan1.positive\r\n"
        b'A;pleural;2026-05-01;CT;"liver;bone"\r\n;;;;\r\n\r\n',
        b"id\tprimary\tscan1.date\tscan1.modality\tscan1.positive\n"
        b'A\t"pleural"\t2026-05-01\tCT\tliver;bone',
    ],
    ids=["plain", "spaces", "as European spreadsheets save it", "tabs"],
)
def test_the_ways_programs_write_tables(tmp_path, text):
    (row,) = table(tmp_path, text).rows
    assert row.id == "A"
    assert row.patient is not None
    assert row.patient.scans[0].positive == ("liver", "bone")


def test_patients_without_ids_are_numbered(tmp_path):
    rows = table(tmp_path, "primary\npleural\n\npleural\n").rows
    assert [(row.id, row.number) for row in rows] == [("1", 2), ("2", 4)]


def test_the_example_holds_the_patients_of_the_example_files():
    rows = {row.id: row.patient for row in read_patient_table(EXAMPLES / "patients.csv").rows}
    assert len(rows) == 6
    assert None not in rows.values()
    assert rows["P1"] == read_patient(EXAMPLES / "pleural_epithelioid_stage3.toml")
    assert rows["P2"] == read_patient(EXAMPLES / "pleural_sarcomatoid_new_bone_pain.toml")
    assert rows["P3"] == read_patient(EXAMPLES / "pleural_early_unknowns.toml")


# --- nothing is lost --------------------------------------------------------------

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(2018, 1, 1), TODAY)
#: names of treatments and symptoms, with all that has a meaning in a CSV file
NAMES = st.text("abcn ,;\"'+-é\t", min_size=1, max_size=12).filter(
    lambda text: normalised(text) not in ("", "na", "n a", "nan")
)


def maybe(strategy):
    return st.none() | strategy


def word(vocabulary):
    return st.sampled_from(list(vocabulary.words))


@st.composite
def patients(draw):
    names = [s.name for s in sites_of("pleural")]
    scans, treatments = [], []
    for _ in range(draw(st.integers(0, 3))):
        seen = draw(st.lists(st.sampled_from(names), unique=True, max_size=5))
        cut = draw(st.integers(0, len(seen)))
        scans.append(
            {
                "date": draw(DAYS),
                "modality": draw(word(MODALITIES)),
                "positive": seen[:cut],
                "negative": seen[cut:],
            }
        )
    for _ in range(draw(st.integers(0, 2))):
        start = draw(DAYS)
        end = draw(maybe(st.integers(0, (TODAY - start).days)))
        treatments.append(
            {
                "name": draw(NAMES),
                "start": start,
                "end": None if end is None else start + timedelta(days=end),
                "response": draw(maybe(word(RESPONSES))),
            }
        )
    stage = {
        "edition": draw(st.sampled_from(["8", "9"])),
        "t": draw(maybe(st.sampled_from(["T1", "T2", "T4", "TX"]))),
        "n": draw(maybe(st.sampled_from(["N0", "N1"]))),
        "basis": draw(maybe(st.sampled_from(["clinical", "pathological"]))),
    }
    return parse_patient(
        {
            "primary": "pleural",
            "histology": draw(maybe(word(HISTOLOGIES))),
            "age": draw(maybe(st.integers(0, 110))),
            "sex": draw(maybe(word(SEXES))),
            "performance_status": draw(maybe(st.integers(0, 4))),
            "diagnosed": draw(maybe(DAYS)),
            "as_of": draw(st.sampled_from([None, TODAY])),
            "stage": draw(st.sampled_from([None, stage])),
            "scans": scans,
            "treatments": treatments,
            "symptoms": draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "name": NAMES,
                            "since": maybe(DAYS),
                            "present": st.sampled_from([True, False, None]),
                        }
                    ),
                    max_size=2,
                )
            ),
        }
    )


@given(st.lists(patients(), min_size=1, max_size=4), st.sampled_from(",;\t"))
def test_patients_come_back_from_a_table_as_they_went_in(tmp_path_factory, given_, delimiter):
    flat = [flat_row(patient) for patient in given_]
    header = list(dict.fromkeys(name for row in flat for name in row))
    path = tmp_path_factory.mktemp("table") / "patients.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(flat)
    read = read_patient_table(path)
    read.refuse_bad()
    assert [row.patient for row in read.rows] == given_


# --- what is refused --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the table has no patients. given: an empty file"),
        (b"\n\n", "the table has no patients"),
        (b"id,primary\n", "the table has no patients. given: a header only"),
        (b"id,primary\n,\n", "the table has no patients"),
        (b"id,age\nA,3\n", "the column primary is missing"),
        (b"primary,stage.tt\npleural,T1\n", "column 2: unknown column. given: 'stage.tt'. Did you"),
        (b"primary,scan2.modalty\npleural,CT\n", "Did you mean 'scan2.modality'?"),
        (b"primary,Histolgy\npleural,x\n", "Did you mean 'histology'?"),
        (b"primary,scan0.date\npleural,\n", "unknown column. given: 'scan0.date'"),
        (b"primary,stage1.t\npleural,\n", "unknown column. given: 'stage1.t'"),
        (b"primary,scan1\npleural,\n", "unknown column. given: 'scan1'"),
        (b"primary,hospital\npleural,x\n", "allowed: id, primary, side"),
        (b"primary,age,age\npleural,1,2\n", "column 3: the column stands twice. given: age"),
        (b"primary,age,\npleural,1,2\n", "column 3: a column without a name"),
        (b"primary\nplural\n", 'row 2 › primary: unknown primary. given: \'plural\''),
        (b"id,primary\nA,pleural\nB,plural\n", "row 3 (B) › primary: unknown primary"),
        (b"id,primary\nA,\n", "row 2 (A) › primary: this is needed"),
        (b"primary,age\npleural,old\n", "row 2 › age: not a whole number. given: 'old'"),
        (b"primary,age\npleural,67.5\n", "not a whole number. given: '67.5'"),
        (b"primary,age\npleural," + b"9" * 5000 + b"\n", "not a whole number"),
        (b"primary,age\npleural,-1\n", "row 2 › age: out of range. given: -1. allowed: a whole"),
        (b"primary,symptom1.name,symptom1.present\npleural,cough,maybe\n",
         "symptom1.present: not true or false. given: 'maybe'. allowed: true, false, unknown"),
        (b"primary,diagnosed\npleural,03/02/2026\n", "diagnosed: not a date. given: '03/02/2026'"),
        (b"primary,scan3.date,scan3.modality,scan3.negative\npleural,2026-05-01,CT,bone;livr\n",
         "row 2 › scan3.negative: unknown site"),
        (b"primary,scan4.date,scan4.negative\npleural,,bone\n", "scan4.modality: this is needed"),
        (b"primary,scan2.date\npleural,2026-05-01\n", "scan2.modality: this is needed"),
        (b"primary,stage.t,stage.pci\npleural,T1,3\n", "row 2 › stage.pci: "),
        (b"primary,age\npleural\n", "given: 1 cells. allowed: 2 cells. Complete the row"),
        (b"primary,age\npleural,1,2\n", "given: 3 cells. allowed: 2 cells. Put quotes around"),
        (b"id,primary\nA,pleural\nA,pleural\n",
         "row 3 (A) › id: the id stands twice. given: 'A', as in row 2"),
        (b"id,primary\n ,pleural\n", "row 2 › id: the id is missing"),
        (b"id,primary\n\x1b[2J,pleural\n", "row 2 › id: the id cannot be printed"),
        (b"PK\x03\x04\xff\xfe", "not UTF-8 text"),
        (b'primary,age\npleural,1\n"pleural,2\n', "row 3: unexpected end of data"),
        (b'primary,age\n"ple"ural,1\n', "Check the quotes in that row"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, text, said):
    error = refused(tmp_path, text)
    assert said in str(error)
    assert str(error).startswith(str(tmp_path / "patients.csv"))
    assert "\x1b" not in str(error)
    assert error.code == "E-PATIENT"


@pytest.mark.parametrize(
    ("name", "said"),
    [("patient.csv", "Did you mean 'patients.csv'?"), (".", "directory"), ("a\0b", "null")],
)
def test_files_that_cannot_be_read(tmp_path, name, said):
    (tmp_path / "patients.csv").touch()
    with pytest.raises(PatientError, match="cannot be read") as caught:
        read_patient_table(f"{tmp_path}/{name}")
    assert said in str(caught.value)


def test_all_rows_are_told_at_once(tmp_path):
    error = refused(
        tmp_path,
        "id,primary,age,scan1.date,scan1.modality\n"
        "A,pleural,67,,\n"
        "B,plural,old,,\n"
        "A,pleural,67,2026-05-01,PTE\n"
        "C,pleural,67,2026-05-01\n",
    )
    assert isinstance(error, PatientTableError)
    assert "5 things to put right:\n  1. row 3 (B) › age: " in str(error)
    source = str(tmp_path / "patients.csv")
    assert [problem.where.removeprefix(f"{source} › ") for problem in error.problems] == [
        "row 3 (B) › age", "row 3 (B) › primary", "row 4 (A) › id", "row 4 (A) › scan1.modality",
        "row 5 (C)",
    ]  # fmt: skip


def test_columns_are_told_at_once_and_the_long_list_once(tmp_path):
    error = str(refused(tmp_path, "prim,hospital,ward,\npleural,1,2,3\n"))
    assert "5 things to put right" in error
    assert error.count("performance_status") == 1


def test_very_many_problems_are_counted(tmp_path):
    error = refused(tmp_path, "primary\n" + "plural\n" * (SHOWN + 13))
    assert "33 things to put right, of which the first 20 are:" in str(error)
    assert str(error).count("unknown primary") == SHOWN


def test_bad_rows_may_be_left_out_but_not_ids_that_stand_twice(tmp_path):
    text = "id,primary\nA,pleural\nB,plural\n"
    read = table(tmp_path, text)
    read.refuse_bad(skip_bad=True)
    assert [row.patient is None for row in read.rows] == [False, True]
    error = refused(tmp_path, f"{text}A,plural\n", skip_bad=True)
    assert "stands twice" in str(error)
    assert "unknown primary" not in str(error)


CELLS = st.text('pleural,;"\n\t20-é1NA\x00', max_size=8)


@given(st.lists(st.lists(CELLS, max_size=5), max_size=4))
def test_anything_else_gives_a_patient_error_and_never_a_crash(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "patients.csv"
    lines = ["id,primary,age,scan1.date,symptom1.present", *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        read = read_patient_table(path)
    except PatientError:
        return
    for row in read.rows:
        assert (row.patient is None) == bool(row.problems)
