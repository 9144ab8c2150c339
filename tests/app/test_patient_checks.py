"""What a server asks of a patient beyond what a file is asked."""

import datetime as dt

import pytest

from mesospread.app.patient_checks import check_not_future, check_not_too_much
from mesospread.errors import PatientError
from mesospread.patient import parse_patient

DAY = dt.date(2026, 5, 1)
LATER = "2026-05-02"


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"as_of": LATER}, "as_of"),
        ({"diagnosed": LATER}, "diagnosed"),
        ({"as_of": LATER, "diagnosed": LATER}, "diagnosed"),
        ({"scans": [{"date": LATER, "modality": "CT"}]}, "scans[0].date"),
        ({"stage": {"t": "T1", "date": LATER}}, "stage.date"),
        ({"as_of": "2026-05-01", "died": LATER}, "died"),
        ({"treatments": [{"name": "x", "start": "2026-04-01", "end": LATER}]}, "treatments[0].end"),
        ({"symptoms": [{"name": "x", "since": LATER}]}, "symptoms[0].since"),
    ],
)
def test_a_date_after_today_is_refused(facts, where):
    patient = parse_patient({"primary": "pleural"} | facts)
    with pytest.raises(PatientError, match="future") as refused:
        check_not_future(patient, DAY)
    assert refused.value.where == f"patient › {where}"
    check_not_future(patient, dt.date(2026, 5, 2))


def test_today_anywhere_on_earth_is_no_future():
    today = dt.datetime.now(dt.UTC).date()
    check_not_future(parse_patient({"primary": "pleural", "as_of": str(today)}))
    next_year = today + dt.timedelta(days=366)
    patient = parse_patient({"primary": "pleural", "as_of": str(next_year)})
    with pytest.raises(PatientError):
        check_not_future(patient)


def symptoms(count, present=True):
    return [{"name": f"s{k}", "since": "2026-01-01", "present": present} for k in range(count)]


@pytest.mark.parametrize(
    ("facts", "fits"),
    [
        ({}, True),
        ({"symptoms": symptoms(20)}, True),
        ({"symptoms": symptoms(21)}, False),
        ({"symptoms": symptoms(5_000)}, False),
        ({"symptoms": symptoms(12, present=False)}, True),
        ({"symptoms": symptoms(12, present="unknown")}, True),
    ],
)
def test_symptoms_that_are_there_are_limited(facts, fits):
    patient = parse_patient({"primary": "pleural"} | facts)
    if fits:
        check_not_too_much(patient)
    else:
        with pytest.raises(PatientError, match="weighed together"):
            check_not_too_much(patient)


def test_scans_are_limited_too():
    scan = {"modality": "CT", "negative": ["liver", "bone", "adrenal"]}
    scans = [scan | {"date": str(DAY - dt.timedelta(days=k))} for k in range(300)]
    patient = parse_patient({"primary": "pleural", "scans": scans[:20]})
    check_not_too_much(patient)
    with pytest.raises(PatientError, match="weighed together"):
        check_not_too_much(parse_patient({"primary": "pleural", "scans": scans}))
