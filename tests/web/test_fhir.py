"""The download for a health record."""

from __future__ import annotations

import json
import sys

import pytest

from mesospread.interop.read import read_bundle

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with")
FACTS = {"action": "fhir", "age": "67", "diagnosed": "2026-03-02"}


def test_the_result_can_be_taken_to_a_health_record(client):
    page = client.post("/clinician/testicular/result", data=FACTS).text
    assert 'value="fhir"' in page
    # it says nothing to a patient
    assert 'value="fhir"' not in client.post("/patient/testicular/result", data=FACTS).text
    answer = client.post("/patient/testicular/report", data=FACTS)
    assert answer.headers["content-type"] == "application/fhir+json"
    assert "mesospread-record.json" in answer.headers["content-disposition"]
    bundle = json.loads(answer.content)
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert "RiskAssessment" in kinds
    patient = read_bundle(bundle).patient
    assert (patient.primary, patient.age) == ("testicular", 67)


def test_without_the_library_it_is_not_offered(client, monkeypatch):
    monkeypatch.delitem(sys.modules, "fhir.resources", raising=False)
    monkeypatch.setitem(sys.modules, "fhir", None)
    page = client.post("/clinician/testicular/result", data=FACTS)
    assert page.status_code == 200
    assert 'value="fhir"' not in page.text
