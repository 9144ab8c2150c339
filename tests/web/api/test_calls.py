"""Each call answers with what the program says elsewhere."""

import asyncio
import datetime as dt
import json
import threading
import time
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.web.api.server import LITTLE, OPEN, api, client, example
from typer.testing import CliRunner

from mesospread.anatomy import primary
from mesospread.app import precision
from mesospread.app.centres import centres_near, support_in
from mesospread.app.cohort_figures import cohort_spec, simulated_figures
from mesospread.app.compare import compare
from mesospread.app.evidence import evidence_for
from mesospread.app.guide import ask, explain, list_topics
from mesospread.app.model_card import model_card
from mesospread.app.stage import stage
from mesospread.app.trial import trial
from mesospread.cli.main import app as program
from mesospread.errors import ContradictionError
from mesospread.guide.translations import LANGUAGES
from mesospread.infer.result import Forecast
from mesospread.patient.vocabulary import MODALITIES
from mesospread.web.api import answers, requests
from mesospread.web.api.calls import NobodyWaits, in_worker
from mesospread.web.work import TooSlowError, Workers

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with")
SHORT = "pleural_sarcomatoid_new_bone_pain"


@pytest.fixture(scope="module")
def api_client():
    return client()


@pytest.fixture
def little_work(monkeypatch):
    monkeypatch.setattr(precision, "FULL", LITTLE)
    monkeypatch.setattr(precision, "QUICK", LITTLE)


def test_a_forecast_is_that_of_the_command_line(api_client):
    told = CliRunner().invoke(program, ["forecast", f"examples/{SHORT}.toml", "--json"])
    answer = api_client.post("/api/v1/forecast", json={"patient": example(SHORT)})
    assert answer.status_code == 200
    assert answer.json() == json.loads(told.stdout)


def test_a_comparison_is_that_of_the_program(api_client):
    options = ["none", "nivolumab + ipilimumab"]
    call = {"patient": example(SHORT), "treatments": options, "precision": "quick", "seed": 3}
    answer = api_client.post("/api/v1/compare", json=call)
    told = compare(example(SHORT), options, seed=3, effort=precision.QUICK)
    assert answer.json() == told.model_dump(mode="json")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("evidence?words=liver", lambda: evidence_for("liver")),
        ("evidence?primary=peritoneal", lambda: evidence_for(primary="peritoneal")),
        ("explain", list_topics),
        ("explain?topic=liver", lambda: explain("liver")),
        ("explain?topic=chemo", lambda: explain("chemo")),
        ("ask?question=Can+it+reach+the+liver", lambda: ask("Can it reach the liver")),
        ("ask?question=I+cough+up+blood", lambda: ask("I cough up blood")),
        ("centres?near=Tampa,+FL&limit=3", lambda: centres_near("Tampa, FL", limit=3)),
        (
            "centres?near=Leeds,+England&primary=testicular&support=true&within_miles=20",
            lambda: centres_near(
                "Leeds, England", primary="testicular", support=True, within_miles=20.0
            ),
        ),
        ("support", support_in),
        ("support?country=UK&primary=peritoneal", lambda: support_in("UK", primary="peritoneal")),
        ("model-card", lambda: model_card().model_dump(mode="json")),
    ],
)
def test_knowledge_is_told_with_the_same_keys(api_client, call, told):
    answer = api_client.get(f"/api/v1/{call}")
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(told()))


def test_a_trial_is_simulated_as_on_the_command_line(api_client):
    design = {
        "format": 1,
        "trial": "test",
        "title": "A trial",
        "primary": "pleural",
        "patients": 100,
        "accrual_months": 6,
        "follow_up_months": 12,
        "arms": [{"name": "a"}, {"name": "b", "treatments": [{"name": "nivolumab"}]}],
    }
    answer = api_client.post("/api/v1/trial", json={"design": design, "trials": 100})
    assert answer.status_code == 200, answer.text
    told = trial(design, trials=100, draws=40, lives=2_000)
    assert answer.json() == json.loads(told.model_dump_json())


def unnamed(part, where=""):
    """Yield what is in an answer and not in its model."""
    if isinstance(part, BaseModel):
        yield from (f"{where}.{key}" for key in part.model_extra or ())
        for key in type(part).model_fields:
            yield from unnamed(getattr(part, key), f"{where}.{key}")
    elif isinstance(part, list):
        for inner in part:
            yield from unnamed(inner, f"{where}[]")


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (answers.EvidenceAnswer, evidence_for),
        (answers.Explanation, lambda: explain("liver", prognosis=True)),
        (answers.Explanation, lambda: explain("nivolumab + ipilimumab", prognosis=True)),
        (answers.TopicList, list_topics),
        (answers.AskAnswer, lambda: ask("Can it reach the liver? I cough up blood")),
        (answers.CentresAnswer, lambda: centres_near("Leeds, England", support=True)),
        (answers.SupportAnswer, support_in),
        (answers.StageAnswer, stage),
        (
            answers.CohortAnswer,
            lambda: simulated_figures(
                cohort_spec(primary="pleural", n=200, seed=1), prognosis=True
            ),
        ),
    ],
)
def test_every_key_stands_in_the_schema(model, told):
    assert sorted(set(unnamed(model.model_validate(told())))) == []
    # a key that is not named is seen
    assert list(unnamed(model.model_validate({**told(), "new": 1}))) == [".new"]


def test_every_topic_can_be_told(api_client):
    for kind in list_topics()["kinds"]:
        for topic in kind["topics"]:
            answer = api_client.get("/api/v1/explain", params={"topic": topic["id"]})
            assert answer.status_code == 200, topic


@pytest.mark.parametrize("name", ["pleural", "peritoneal", "pericardial", "testicular"])
def test_all_evidence_can_be_told(api_client, name):
    answer = api_client.get("/api/v1/evidence", params={"primary": name})
    assert len(answer.json()["parameters"]) > 50


def test_a_question_may_stand_in_the_body(api_client):
    question = "Can it reach the liver?"
    in_body = api_client.post("/api/v1/ask", json={"question": question})
    in_query = api_client.get("/api/v1/ask", params={"question": question})
    assert in_body.json() == in_query.json()


def test_the_guide_answers_in_each_of_its_languages(api_client):
    assert get_args(get_args(requests.Language)[0]) == LANGUAGES
    question = "dolor de espalda"
    for lang in LANGUAGES:
        wanted = {"language": lang}
        topic = api_client.get("/api/v1/explain", params={"topic": "liver", **wanted}).json()
        assert topic == explain("liver", lang=lang)
        topics = api_client.get("/api/v1/explain", params=wanted).json()
        assert topics == list_topics(lang)
        asked = api_client.post("/api/v1/ask", json={"question": question, **wanted}).json()
        assert asked == ask(question, lang)
        again = api_client.get("/api/v1/ask", params={"question": question, **wanted}).json()
        assert again == asked
    assert "hígado" in topic["title"].lower()
    other = api_client.get("/api/v1/explain", params={"topic": "liver", "language": "fr"})
    assert other.status_code == 422
    assert other.json()["error"]["where"] == "language"


@pytest.mark.parametrize(
    "call",
    [
        {"t": "T3", "n": "N1", "m": "M0"},
        {"t": "T3"},
        {},
        {"psum_mm": 25, "fmax_mm": 3.5, "features": ["mediastinal_fat"]},
        {"primary": "peritoneal", "pci": 14},
        {"primary": "testicular", "t": "confined"},
        {"edition": "butchart", "group": "III"},
        {"edition": "7", "t": "T1", "n": "N0", "m": "M0", "basis": "pathological"},
        {"primary": "peritoneal", "group": "distant"},
    ],
)
def test_a_stage_is_that_of_the_program(api_client, call):
    assert api_client.post("/api/v1/stage", json=call).json() == stage(**call)


def test_a_cohort_has_its_figures_and_no_survival_unless_asked(api_client):
    call = {"primary": "pleural", "n": 500, "seed": 7}
    plain = api_client.post("/api/v1/simulate", json=call).json()
    asked = api_client.post("/api/v1/simulate", json=call | {"include_prognosis": True}).json()
    assert plain["survival"] is None
    assert {group["group"] for group in asked["survival"]} >= {"all", "epithelioid"}
    assert plain == asked | {"survival": None}
    assert plain["patients"] == 500


def test_survival_is_told_only_on_an_explicit_true(api_client, little_work):
    call = {"patient": example(SHORT)}
    assert api_client.post("/api/v1/forecast", json=call).json()["survival"] is None
    asked = api_client.post("/api/v1/forecast", json=call | {"include_prognosis": True})
    assert asked.json()["survival"]["curve"]
    for other in (1, "true", "yes", None, []):
        refused = api_client.post("/api/v1/forecast", json=call | {"include_prognosis": other})
        assert refused.status_code == 422
        assert refused.json()["error"]["where"] == "include_prognosis"
    for other in ("1", "yes", "True", ""):
        refused = api_client.get(
            "/api/v1/explain", params={"topic": "liver", "include_prognosis": other}
        )
        assert refused.status_code == 422


def test_quick_falls_back_to_full_where_it_finds_too_little():
    tried = []

    def work(effort):
        tried.append(effort)
        if effort is precision.QUICK:
            raise ContradictionError("too few")
        return "answer"

    assert precision.with_precision(work, "quick") == "answer"
    assert tried == [precision.QUICK, precision.FULL]


# --- patients of all kinds ----------------------------------------------------------------

DAY = st.dates(
    min_value=dt.date(2020, 1, 1),
    max_value=dt.date(2026, 6, 1),
).map(str)


@st.composite
def patients(draw):
    name = draw(st.sampled_from(["pleural", "peritoneal", "pericardial", "testicular"]))
    sites = st.sampled_from([site.name for site in primary(name).sites])
    scan = st.fixed_dictionaries(
        {"date": DAY, "modality": st.sampled_from(list(MODALITIES.words))},
        optional={
            "positive": st.lists(sites, max_size=3),
            "negative": st.lists(sites, max_size=4),
        },
    )
    symptom = st.fixed_dictionaries(
        {"name": st.sampled_from(["bone pain", "cough", "headache", "<script>alert(1)</script>"])},
        optional={"since": DAY, "present": st.booleans() | st.just("unknown")},
    )
    treatment = st.fixed_dictionaries(
        {"name": st.sampled_from(["pemetrexed + cisplatin", "nivolumab", "'; DROP TABLE"])}
        | {"start": DAY},
        optional={"response": st.sampled_from(["partial", "progression", "unknown"])},
    )
    return draw(
        st.fixed_dictionaries(
            {"primary": st.just(name), "as_of": st.just("2026-06-01")},
            optional={
                "histology": st.sampled_from(["epithelioid", "sarcomatoid", "unknown"]),
                "age": st.integers(0, 110),
                "performance_status": st.integers(0, 4),
                "diagnosed": DAY,
                "scans": st.lists(scan, max_size=3),
                "symptoms": st.lists(symptom, max_size=3),
                "treatments": st.lists(treatment, max_size=3),
            },
        )
    )


@settings(
    max_examples=25,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(patient=patients())
def test_any_patient_gets_an_answer_or_a_reason(api_client, little_work, patient):
    answer = api_client.post("/api/v1/forecast", json={"patient": patient})
    if answer.status_code == 200:
        Forecast.model_validate(answer.json())
        return
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["message"]
    assert error["where"]


# --- the threads behind -------------------------------------------------------------------


class Caller:
    """Stands for a request."""

    def __init__(self, workers, leaves_after_s=None):
        self.app = api(OPEN)
        self.app.state.workers = workers
        self.leaves_at = None if leaves_after_s is None else time.monotonic() + leaves_after_s

    async def is_disconnected(self):
        return self.leaves_at is not None and time.monotonic() > self.leaves_at


class LongWork:
    """Goes on for ever unless it is stopped."""

    def __init__(self):
        self.stopped = threading.Event()

    def __call__(self, progress):
        try:
            for _ in range(3_000):
                progress(0.1)
                time.sleep(0.01)
        finally:
            self.stopped.set()


def test_work_stops_when_the_caller_goes_away():
    workers, work = Workers(1, 30.0), LongWork()
    with pytest.raises(NobodyWaits):
        asyncio.run(in_worker(Caller(workers, 0.1), work))
    assert work.stopped.wait(2.0)
    assert asyncio.run(in_worker(Caller(workers), lambda progress: "free again")) == "free again"


def test_work_stops_when_its_time_is_up():
    workers, work = Workers(1, 0.2), LongWork()
    with pytest.raises(TooSlowError):
        asyncio.run(in_worker(Caller(workers), work))
    assert work.stopped.wait(2.0)


def test_work_stops_when_the_call_is_cancelled():
    workers, work = Workers(1, 30.0), LongWork()

    async def cancelled():
        call = asyncio.ensure_future(in_worker(Caller(workers), work))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(cancelled())
    assert work.stopped.wait(2.0)


def test_work_that_waits_is_never_begun_if_nobody_waits_for_it():
    workers, first, begun = Workers(1, 30.0), LongWork(), []

    async def both():
        one = asyncio.ensure_future(in_worker(Caller(workers, 0.6), first))
        two = asyncio.ensure_future(in_worker(Caller(workers, 0.1), begun.append))
        return await asyncio.gather(one, two, return_exceptions=True)

    assert [type(end) for end in asyncio.run(both())] == [NobodyWaits, NobodyWaits]
    assert first.stopped.wait(2.0)
    assert asyncio.run(in_worker(Caller(workers), lambda progress: "free again")) == "free again"
    assert begun == []
