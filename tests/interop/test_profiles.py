"""Each rule of the profiles is kept by what is written, and can be broken."""

from __future__ import annotations

import copy

import pytest

from mesospread.app.fhir import export_record
from mesospread.app.forecast import forecast
from mesospread.infer.solve import Effort
from mesospread.interop.codes import MCODE
from mesospread.interop.profiles import broken_rules
from mesospread.patient import parse_patient

LITTLE = Effort(draws=50, core_paths=32, leaf_paths=500, standard_error=0.1, too_few=5.0)
FACTS = {
    "primary": "pleural",
    "side": "right",
    "histology": "epithelioid",
    "age": 67,
    "performance_status": 1,
    "diagnosed": "2026-03-02",
    "as_of": "2026-11-30",
    "stage": {"edition": "8", "t": "pT3", "n": "pN1", "m": "M0", "group": "IIIA", "basis": "p"},
    "scans": [{"date": "2026-11-10", "modality": "CT", "positive": ["liver"]}],
    "treatments": [
        {"name": "pemetrexed + cisplatin", "start": "2026-04-01", "response": "stable"},
        {"name": "pleurectomy/decortication", "start": "2026-05-01", "end": "2026-05-01"},
        {"name": "palliative radiotherapy", "start": "2026-06-01", "end": "2026-06-10"},
    ],
}


@pytest.fixture(scope="module")
def written():
    patient = parse_patient(FACTS)
    return export_record(patient, forecast=forecast(patient, effort=LITTLE, prognosis=True))


@pytest.fixture
def bundle(written):
    return copy.deepcopy(written)


def of(bundle, name):
    for entry in bundle["entry"]:
        resource = entry["resource"]
        profiles = resource.get("meta", {}).get("profile", [])
        if f"{MCODE}{name}" in profiles or resource["resourceType"] == name:
            return resource
    raise KeyError(name)


def test_what_is_written_keeps_all_rules(bundle):
    assert list(broken_rules(bundle)) == []


GROUP, T = "mcode-tnm-stage-group", "mcode-tnm-primary-tumor-category"
PRIMARY, SECONDARY = "mcode-primary-cancer-condition", "mcode-secondary-cancer-condition"
COURSE, SURGERY = "mcode-cancer-disease-status", "mcode-cancer-related-surgical-procedure"
DRUG = "mcode-cancer-related-medication-administration"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("mcode-cancer-patient", "identifier"),
        ("mcode-cancer-patient", "name"),
        ("mcode-cancer-patient", "gender"),
        (PRIMARY, "code"),
        (PRIMARY, "subject"),
        (PRIMARY, "category"),
        (SECONDARY, "extension"),
        (GROUP, "method"),
        (GROUP, "focus"),
        (GROUP, "valueCodeableConcept"),
        (T, "method"),
        (T, "focus"),
        ("mcode-tnm-regional-nodes-category", "method"),
        ("mcode-tnm-distant-metastases-category", "method"),
        ("mcode-ecog-performance-status", "valueInteger"),
        ("mcode-ecog-performance-status", "code"),
        (COURSE, "code"),
        (DRUG, "effectivePeriod"),
        (DRUG, "medicationCodeableConcept"),
        (SURGERY, "category"),
        ("mcode-radiotherapy-course-summary", "code"),
    ],
)
def test_what_is_left_out_is_seen(bundle, name, key):
    del of(bundle, name)[key]
    places = [place for place, _ in broken_rules(bundle)]
    assert len(places) == 1
    assert places[0].endswith(f".{key}")


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        (SECONDARY, "stage", [{"summary": {"text": "IV"}}]),
        (GROUP, "component", [{"code": {"text": "x"}}]),
        (GROUP, "focus", [{}, {}]),
        (GROUP, "hasMember", [{}] * 4),
        (T, "hasMember", [{}]),
        (PRIMARY, "stage", [{"summary": {"text": "IV"}}]),
        (PRIMARY, "evidence", [{"code": [{"text": "somebody said so"}]}]),
        (COURSE, "component", [{}]),
        (COURSE, "valueCodeableConcept", {"text": "better"}),
        (COURSE, "subject", {"reference": "Patient/nobody"}),
    ],
)
def test_what_may_not_be_is_seen(bundle, name, key, value):
    of(bundle, name)[key] = value
    assert len(list(broken_rules(bundle))) == 1


def test_the_bundle_is_a_collection_about_one_patient(bundle):
    bundle["type"] = "document"
    bundle["entry"].append({"resource": {"resourceType": "Patient"}})
    assert [place for place, _ in broken_rules(bundle)] == ["Bundle.type", "Bundle.entry"]


# ------------------------------------------------------------------ forecasts


@pytest.mark.parametrize(
    "change",
    [
        {"probabilityDecimal": 0.34},
        {"whenRange": {"low": {"value": 12}}},
        {"probabilityRange": {"low": {"value": 0.2, "unit": "1", "code": "1"}}},
        {"probabilityRange": {"low": {"value": 0.2}, "high": {"value": 3}}},
    ],
)
def test_chances_in_a_form_that_can_be_misread_are_seen(bundle, change):
    of(bundle, "RiskAssessment")["prediction"][0].update(change)
    assert len(list(broken_rules(bundle))) >= 1


def test_a_range_that_runs_backwards_is_seen(bundle):
    ends = of(bundle, "RiskAssessment")["prediction"][0]["probabilityRange"]
    ends["low"], ends["high"] = ends["high"], ends["low"]
    ends["low"]["value"] = 99.0
    assert len(list(broken_rules(bundle))) == 1
    ends["high"]["value"] = 101.0
    assert len(list(broken_rules(bundle))) == 1


def extensions(prediction):
    return {e["url"].rpartition("/")[2]: e for e in prediction["extension"]}


def test_a_forecast_says_the_same_as_the_answer(written):
    patient = parse_patient(FACTS)
    answer = forecast(patient, effort=LITTLE)
    assessment = of(written, "RiskAssessment")
    assert len(assessment["prediction"]) == sum(1 + len(s.by_month) for s in answer.sites)
    liver = next(site for site in answer.sites if site.site == "liver")
    told = [p for p in assessment["prediction"] if p["outcome"]["coding"][0]["code"] == "liver"]
    asked = [extensions(p)["question"]["valueCode"] for p in told]
    assert asked == ["present-now", *["seen-or-felt-by"] * len(liver.by_month)]
    bands = [liver.involved_now, *liver.by_month.values()]
    for prediction, band in zip(told, bands, strict=True):
        ends = prediction["probabilityRange"]
        estimate = extensions(prediction)["point-estimate"]["valueQuantity"]
        for quantity, share in (
            (ends["low"], band.low),
            (estimate, band.estimate),
            (ends["high"], band.high),
        ):
            assert quantity["value"] == pytest.approx(100 * share, abs=0.051)
            assert (quantity["code"], quantity["system"]) == ("%", "http://unitsofmeasure.org")
        assert extensions(prediction)["interval-kind"]["valueCode"] == "credible-95"
    periods = [(p["whenPeriod"]["start"], p["whenPeriod"]["end"]) for p in told]
    assert periods[0] == ("2026-11-30", "2026-11-30")
    # the last day of a shorter month
    assert ("2026-11-30", "2027-05-30") in periods
    assert told[0]["outcome"]["coding"][1]["code"] == "C78.7"


def test_a_forecast_names_its_method_and_its_basis_and_no_survival(written):
    assessment = of(written, "RiskAssessment")
    text = assessment["method"]["text"]
    assert "definition" in text
    assert "seed 1" in text
    kinds = {e["fullUrl"]: e["resource"]["resourceType"] for e in written["entry"]}
    basis = {kinds[b["reference"]] for b in assessment["basis"]}
    assert basis == {
        "Condition",
        "Observation",
        "DiagnosticReport",
        "MedicationAdministration",
        "Procedure",
    }
    assert kinds[assessment["performer"]["reference"]] == "Device"
    assert "not of a medical device" in assessment["note"][0]["text"]
    assert "surviv" not in str(assessment["prediction"]).lower()


def test_growth_by_contact_has_no_code_of_a_secondary_tumour(written):
    predictions = of(written, "RiskAssessment")["prediction"]
    outcomes = {p["outcome"]["coding"][0]["code"]: p["outcome"]["coding"] for p in predictions}
    assert len(outcomes["diaphragm"]) == 1
    assert [c["code"] for c in outcomes["contralateral_lung"]][1] == "C78.02"


def test_without_a_day_a_forecast_has_no_dates():
    bundle = export_record({"primary": "pleural"}, forecast=True, effort=LITTLE)
    assert "whenPeriod" not in of(bundle, "RiskAssessment")["prediction"][0]
    assert "timestamp" not in bundle
