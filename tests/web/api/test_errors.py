"""Whatever is wrong with a call: the right status, in the one shape."""

import json

import pytest
from tests.web.api.server import client, example

from mesospread.errors import InputError
from mesospread.web.api import routes
from mesospread.web.api.errors import ErrorAnswer, error_answer

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with")
JSON = {"content-type": "application/json"}
PATIENT = {"primary": "pleural"}


@pytest.fixture(scope="module")
def api_client():
    return client()


def error_of(answer, status, code):
    """Return the error in an answer, after looking at its shape."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    ErrorAnswer.model_validate(body)
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    return body["error"]


TRIAL = {
    "format": 1,
    "trial": "test",
    "title": "A trial",
    "primary": "pleural",
    "patients": 100,
    "accrual_months": 6,
    "follow_up_months": 12,
    "arms": [{"name": "a"}, {"name": "b"}],
}


@pytest.mark.parametrize(
    ("facts", "where", "what_to_do"),
    [
        ({"primary": "plural"}, "patient › primary", 'Did you mean "pleural"?'),
        (PATIENT | {"agee": 3}, "patient › agee", "Did you mean 'age'?"),
        (PATIENT | {"age": "67"}, "patient › age", "without quotes"),
        (PATIENT | {"age": 1e300}, "patient › age", "without quotes"),
        (PATIENT | {"age": 10**400}, "patient › age", "Correct it"),
        (PATIENT | {"as_of": "2099-01-01"}, "patient › as_of", "Correct it"),
        (PATIENT | {"diagnosed": "2099-01-01"}, "patient › diagnosed", "Correct it"),
        (
            PATIENT | {"scans": [{"date": "2099-01-01", "modality": "CT"}]},
            "patient › scans[0].date",
            "Correct it",
        ),
        (PATIENT | {"diagnosed": "0001-01-01"}, "patient › diagnosed", "Correct the year"),
        (
            PATIENT | {"symptoms": [{"name": "\u0000", "present": True}]},
            "patient › symptoms[0].name",
            "plain letters",
        ),
        (
            PATIENT | {"scans": [{"date": "2026-01-01", "modality": "CT", "positive": ["livre"]}]},
            "patient › scans[0].positive[0]",
            "liver",
        ),
        (3, "patient", "examples"),
        (None, "patient", "examples"),
        ([], "patient", "examples"),
        ("/etc/passwd", "patient", "examples"),
    ],
)
def test_a_wrong_patient_is_refused_with_its_place(api_client, facts, where, what_to_do):
    answer = api_client.post("/api/v1/forecast", json={"patient": facts})
    error = error_of(answer, 422, "E-PATIENT")
    assert error["where"] == where
    assert what_to_do in error["what_to_do"]


def test_all_that_is_wrong_is_told_at_once(api_client):
    answer = api_client.post("/api/v1/forecast", json={"patient": {"primary": "x", "sex": "y"}})
    error = error_of(answer, 422, "E-PATIENT")
    assert [one["where"] for one in error["problems"]] == ["patient › primary", "patient › sex"]
    answer = api_client.post("/api/v1/stage", json={"pci": 99, "tt": 1})
    error = error_of(answer, 422, "E-INPUT")
    assert [one["where"] for one in error["problems"]] == ["pci", "tt"]


def test_facts_that_contradict_each_other_are_named(api_client):
    facts = {
        "primary": "pleural",
        "diagnosed": "2026-03-02",
        "stage": {"m": "M0"},
        "scans": [{"date": "2026-03-02", "modality": "biopsy", "positive": ["liver"]}],
    }
    answer = api_client.post("/api/v1/forecast", json={"patient": facts})
    assert error_of(answer, 422, "E-CONTRADICTION")["message"]


def test_more_than_can_be_weighed_is_refused_at_once(api_client):
    names = ["cough", "fever", "fatigue", "weight loss", "bone pain", "headache", "chest pain"]
    symptoms = [{"name": name, "since": "2026-01-01"} for name in [*names, *names, *names]]
    answer = api_client.post("/api/v1/forecast", json={"patient": PATIENT | {"symptoms": symptoms}})
    error = error_of(answer, 422, "E-PATIENT")
    assert "21 symptoms" in error["given"]
    assert answer.elapsed.total_seconds() < 1.0


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("forecast", {}, "patient"),
        ("forecast", {"patient": PATIENT, "seed": "1"}, "seed"),
        ("forecast", {"patient": PATIENT, "seed": -1}, "seed"),
        ("forecast", {"patient": PATIENT, "seed": 2**64}, "seed"),
        ("forecast", {"patient": PATIENT, "seed": True}, "seed"),
        ("forecast", {"patient": PATIENT, "precision": "exact"}, "precision"),
        ("forecast", {"patient": PATIENT, "life_table": "../uk"}, "life_table"),
        ("forecast", {"patient": PATIENT, "sede": 1}, "sede"),
        ("forecast", [], "body"),
        ("forecast", 1, "body"),
        ("compare", {"patient": PATIENT, "treatments": ["none"]}, "treatments"),
        ("compare", {"patient": PATIENT, "treatments": ["none", "none"]}, "treatments"),
        ("compare", {"patient": PATIENT, "treatments": ["none", "tea"]}, "treatments"),
        ("compare", {"patient": PATIENT, "treatments": ["none"] * 7}, "treatments"),
        ("compare", {"patient": PATIENT, "treatments": "none"}, "treatments"),
        ("stage", {"t": "T9"}, "body"),
        ("stage", {"pci": 14}, "pci"),
        ("stage", {"psum_mm": -1}, "psum_mm"),
        ("stage", {"primary": "peritoneal", "psum_mm": 3}, "edition"),
        ("stage", {"t": "T1", "psum_mm": 3}, "body"),
        ("stage", {"features": ["rib", "ribs"]}, "body"),
        ("simulate", {"primary": "pleural", "n": 0}, "n"),
        ("simulate", {"primary": "pleural", "n": 20_001}, "n"),
        ("simulate", {"primary": "pleural", "n": 1.5}, "n"),
        ("simulate", {"primary": "pleural", "n": 9, "horizon_months": 1e9}, "horizon_months"),
        ("simulate", {"primary": "pleural", "n": 9, "fixed": {"hist": "x"}}, "body"),
        ("simulate", {"primary": "pleural", "n": 9, "definition": "/etc/passwd"}, "definition"),
        ("simulate", {"primary": "pleural", "n": 9, "treatments": ["tea"]}, "treatments[0].name"),
        ("trial", {"design": TRIAL, "trials": 99}, "trials"),
        ("trial", {"design": TRIAL, "draws": 101}, "draws"),
        ("trial", {"design": TRIAL | {"patients": 2_001}}, "design.patients"),
        ("trial", {"design": TRIAL | {"patients": 19}}, "design › patients"),
        ("trial", {"design": TRIAL | {"endpoint": "new spread"}}, "design"),
        ("trial", {"design": TRIAL | {"scans": {"sites": ["tea"]}}}, "design › scans"),
        ("ask", {"question": " "}, "question"),
        ("ask", {"question": "x" * 501}, "question"),
    ],
)
def test_a_wrong_body_is_refused_with_its_place(api_client, path, body, where):
    error = error_of(api_client.post(f"/api/v1/{path}", json=body), 422, "E-INPUT")
    assert error["where"] == where


@pytest.mark.parametrize(
    ("call", "where"),
    [
        ("ask", "question"),
        ("ask?question=", "question"),
        ("ask?question=a&question=b&questoin=c", "questoin"),
        ("explain?topic=livr", "topic"),
        ("explain?topc=liver", "topc"),
        ("evidence?words=zzzz", "words"),
        ("evidence?primary=plural", "primary"),
        ("centres", "near"),
        ("centres?near=Tampaaaa", "near"),
        ("centres?near=Tampa,+FL&limit=0", "limit"),
        ("centres?near=Tampa,+FL&limit=x", "limit"),
        ("centres?near=Tampa,+FL&within_km=nan", "within_km"),
        ("centres?near=Tampa,+FL&within_km=inf", "within_km"),
        ("centres?near=Tampa,+FL&within_km=-1", "within_km"),
        ("centres?near=Tampa,+FL&within_km=1&within_miles=1", "within_km, within_miles"),
        ("centres?near=Tampa,+FL&also=/etc/passwd", "also"),
        ("support?country=Atlantis", "country"),
        ("support?country=%ff%00", "country"),
    ],
)
def test_a_wrong_query_is_refused_with_its_place(api_client, call, where):
    assert error_of(api_client.get(f"/api/v1/{call}"), 422, "E-INPUT")["where"] == where


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "line 1"),
        (b"{", "line 1"),
        (b'{"patient": {"primary": "pleural",}}', "line 1"),
        (b'{"patient": NaN}', "NaN"),
        (b'{"seed": Infinity}', "Infinity"),
        (b'{"seed": 1e999}', "too large"),
        (b"1" * 5_000, "digits"),
        (b'{"seed": 1, "seed": 2}', "twice"),
        (b'{"question": "\\ud800"}', "half of a character"),
        (b'{"\\udfff": 1}', "half of a character"),
        (b'{"question": "\xff"}', "UTF-8"),
        ('{"question": "?"}'.encode("utf-16"), "UTF-8"),
        (b"[" * 100_000, "too deep"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "too deep"),
    ],
)
def test_a_broken_body_is_refused(api_client, body, why):
    answer = api_client.post("/api/v1/ask", content=body, headers=JSON)
    assert why in error_of(answer, 400, "E-JSON")["given"]


def test_a_byte_order_mark_does_no_harm(api_client):
    body = '{"question": "Can it reach the liver?"}'.encode("utf-8-sig")
    assert api_client.post("/api/v1/ask", content=body, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "stated",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x" * 99],
)
def test_a_body_that_is_not_said_to_be_json_is_refused(api_client, stated):
    body = json.dumps({"question": "liver?"})
    answer = api_client.post("/api/v1/ask", content=body, headers={"content-type": stated})
    assert error_of(answer, 415, "E-TYPE")["allowed"] == "application/json"


def test_json_with_a_character_set_is_taken(api_client):
    stated = {"content-type": "Application/JSON; charset=utf-8"}
    body = json.dumps({"question": "liver?"})
    assert api_client.post("/api/v1/ask", content=body, headers=stated).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "FOO"])
def test_a_wrong_method_is_told_the_right_one(api_client, method):
    answer = api_client.request(method, "/api/v1/forecast")
    error = error_of(answer, 405, "E-METHOD")
    assert answer.headers["allow"] == error["allowed"] == "POST"


def test_both_methods_of_one_path_are_told(api_client):
    assert api_client.delete("/api/v1/ask").headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["openapi.json", "health", "model-card", "explain"])
def test_what_can_only_be_read_says_so(api_client, path):
    answer = api_client.post(f"/api/v1/{path}", json={})
    error = error_of(answer, 405, "E-METHOD")
    assert answer.headers["allow"] == error["allowed"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["forcast", "forecast/", "", "a/b/c", "%2e%2e/secret", "%00"])
def test_a_path_that_is_not_there_is_told_so(api_client, path):
    answer = api_client.get(f"/api/v1/{path}", follow_redirects=False)
    assert "/api/v1/forecast" in error_of(answer, 404, "E-NOT-FOUND")["allowed"]


def test_advice_names_calls_and_not_commands(api_client):
    error = error_of(api_client.get("/api/v1/explain?topic=xyzzy"), 422, "E-INPUT")
    assert "POST /api/v1/ask" in error["what_to_do"]
    assert "GET /api/v1/explain" in error["what_to_do"]
    assert "mesospread" not in error["what_to_do"]


def test_advice_names_no_option_of_a_command():
    error = InputError("too few", remedy="Widen them, or simulate more people (--lives)")
    told = error_answer(error).error.what_to_do
    assert told == "Widen them, or simulate more people"


def test_a_script_comes_back_as_text_that_nothing_runs(api_client):
    script = "<script>alert(1)</script>"
    error = error_of(
        api_client.post("/api/v1/forecast", json={"patient": PATIENT | {"sex": script}}),
        422,
        "E-PATIENT",
    )
    assert error["given"] == repr(script)
    answer = api_client.post("/api/v1/ask", json={"question": script})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["question"] == script


def test_what_was_given_is_shown_in_part_only(api_client):
    body = {"patient": PATIENT | {"k" * 50_000: "v" * 50_000}, "p" * 50_000: 1}
    assert len(api_client.post("/api/v1/forecast", json=body).text) < 2_000
    body = {"patient": PATIENT, "p" * 50_000: "v" * 50_000}
    assert len(api_client.post("/api/v1/forecast", json=body).text) < 2_000


def test_a_fault_of_ours_tells_and_logs_nothing_of_what_was_sent(api_client, monkeypatch, caplog):
    def broken(question, lang):
        raise KeyError(question)

    monkeypatch.setattr(routes, "answer_question", broken)
    answer = api_client.post("/api/v1/ask", json={"question": "a-marker"})
    error = error_of(answer, 500, "E-INTERNAL")
    assert "a-marker" not in json.dumps(error)
    assert "a-marker" not in caplog.text
    assert "KeyError" in caplog.text


def test_every_kind_of_error_is_in_the_schema(api_client):
    paths = api_client.get("/api/v1/openapi.json").json()["paths"]
    for path, calls in paths.items():
        for method, call in calls.items():
            told = set(call["responses"])
            assert told >= {"200", "422", "429", "503", "504"}, (path, method)
            assert ("413" in told) == (method == "post")
            for status in told - {"200"}:
                shape = call["responses"][status]["content"]["application/json"]["schema"]
                assert shape["$ref"].endswith("/ErrorAnswer")


def test_an_example_patient_is_taken_as_it_is(api_client):
    call = {"patient": example("pleural_early_unknowns"), "precision": "quick"}
    assert api_client.post("/api/v1/forecast", json=call).status_code == 200
