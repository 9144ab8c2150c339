"""Health records over the API: the same as on the command line, errors in the one shape."""

import json
import sys

import pytest
from tests.web.api.server import LITTLE, ROOT, client, example

from mesospread.app import precision
from mesospread.app.fhir import export_record, import_record

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with")
RECORD = json.loads((ROOT / "examples" / "health_record_mcode.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def api_client():
    return client()


def test_a_record_is_read_as_by_the_program(api_client):
    answer = api_client.post("/api/v1/fhir/import", json={"bundle": RECORD})
    assert answer.status_code == 200
    assert answer.json() == import_record(RECORD)


def test_a_patient_is_written_as_by_the_program(api_client):
    answer = api_client.post("/api/v1/fhir/export", json={"patient": example()})
    assert answer.json() == export_record(example())
    back = api_client.post("/api/v1/fhir/import", json={"bundle": answer.json()})
    assert back.json()["patient"]["stage"]["t"] == "T3"
    assert back.json()["notes"] == []


def test_a_forecast_comes_along_if_it_is_wanted(api_client, monkeypatch):
    monkeypatch.setattr(precision, "QUICK", LITTLE)
    call = {"patient": {"primary": "pleural"}, "forecast": True, "precision": "quick"}
    answer = api_client.post("/api/v1/fhir/export", json=call).json()
    assert "RiskAssessment" in [e["resource"]["resourceType"] for e in answer["entry"]]


@pytest.mark.parametrize(
    ("bundle", "where"),
    [
        ({}, "bundle › resourceType"),
        ({**RECORD, "entry": []}, "bundle › Bundle.entry"),
        ({**RECORD, "entry": RECORD["entry"][:1]}, "bundle › Bundle.entry"),
    ],
)
def test_what_cannot_be_read_is_told_in_the_one_shape(api_client, bundle, where):
    answer = api_client.post("/api/v1/fhir/import", json={"bundle": bundle})
    assert answer.status_code == 422
    assert answer.json()["error"]["where"] == where


def test_without_the_library_it_is_said_so(api_client, monkeypatch):
    monkeypatch.delitem(sys.modules, "fhir.resources", raising=False)
    monkeypatch.setitem(sys.modules, "fhir", None)
    answer = api_client.post("/api/v1/fhir/import", json={"bundle": RECORD})
    assert answer.status_code == 501
    assert "mesospread[fhir]" in answer.json()["error"]["what_to_do"]
