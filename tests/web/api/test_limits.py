"""How often, by whom, how large, how long."""

import asyncio
import base64
import logging
import threading

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.responses import PlainTextResponse
from tests.web.api.server import OPEN, TestClient, api, client

from mesospread.errors import InputError
from mesospread.web import limits
from mesospread.web.limits import Rate, install
from mesospread.web.settings import Settings
from mesospread.web.work import Workers

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with")
JSON = {"content-type": "application/json"}
TOKEN = "a-token-of-some-length"


def settings(**changes):
    return OPEN.model_copy(update=changes)


def page_client(**changes):
    """Return a client of a server with one page, beside which an API might be."""
    app = FastAPI()

    @app.get("/page")
    async def page():
        return PlainTextResponse("a page")

    @app.get("/api/slow")
    @app.get("/slow")
    async def slow():
        await asyncio.sleep(5.0)

    install(app, settings(**changes))
    return TestClient(app)


# --- rate ---------------------------------------------------------------------------------


def test_a_bucket_empties_by_requests_and_fills_with_time():
    now = [0.0]
    rate = Rate(60, clock=lambda: now[0])
    assert [rate.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert rate.wait_s("a") == pytest.approx(1.0)
    assert rate.wait_s("b") == 0.0
    now[0] = 0.5
    assert rate.wait_s("a") == pytest.approx(0.5)
    now[0] = 1.0
    assert rate.wait_s("a") == 0.0
    now[0] = 1e6
    assert [rate.wait_s("a") for _ in range(61)][-1] > 0.0


def test_the_longest_silent_addresses_are_forgotten(monkeypatch):
    monkeypatch.setattr(limits, "_ADDRESSES", 3)
    rate = Rate(1, clock=lambda: 0.0)
    assert [rate.wait_s(name) for name in "abcd"] == [0.0] * 4
    assert rate.wait_s("d") > 0.0
    assert rate.wait_s("a") == 0.0


def test_an_ipv6_address_counts_by_its_network():
    scopes = [{"client": (host, 1)} for host in ("2001:db8::1", "2001:db8::2", "2001:db9::1")]
    assert len({limits._address(scope) for scope in scopes}) == 2
    assert limits._address({"client": None}) == ""


def test_too_many_calls_are_told_when_to_come_back():
    caller = client(settings(requests_per_minute=3))
    answers = [caller.get("/api/v1/health") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["error"]["code"] == "E-RATE"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 21


def test_pages_count_a_tenth_and_are_refused_with_a_page():
    reader = page_client(requests_per_minute=2)
    answers = [reader.get("/page") for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {200}
    assert answers[20].status_code == 429
    assert answers[20].headers["content-type"].startswith("text/html")
    assert answers[20].headers["retry-after"].isdecimal()
    assert "Please wait a minute" in answers[20].text


# --- token --------------------------------------------------------------------------------


def test_a_token_is_asked_for_and_taken():
    caller = client(settings(token=SecretStr(TOKEN)))
    for header in ({}, {"authorization": "Bearer"}, {"authorization": f"Basic {TOKEN}"}):
        answer = caller.get("/api/v1/model-card", headers=header)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["error"]["code"] == "E-TOKEN"
    for wrong in (f"{TOKEN}x", TOKEN[:-1], "\xff" * 5, "-" * len(TOKEN)):
        header = {"authorization": f"Bearer {wrong}".encode("latin-1")}
        assert caller.get("/api/v1/model-card", headers=header).status_code == 401
    right = {"authorization": f"bearer {TOKEN}"}
    assert caller.get("/api/v1/model-card", headers=right).status_code == 200


def test_the_schema_and_all_calls_need_the_token_and_health_does_not():
    caller = client(settings(token=SecretStr(TOKEN)))
    for path in ("openapi.json", "ask?question=liver", "forecast", "nothing"):
        assert caller.get(f"/api/v1/{path}").status_code == 401
    assert caller.get("/api/v1/health").status_code == 200
    assert caller.get("/api/v1/health/../ask").status_code == 401


def test_a_browser_sends_the_token_as_a_password():
    reader = page_client(token=SecretStr(TOKEN))
    refused = reader.get("/page")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic")
    for sent, status in ((f"anyone:{TOKEN}", 200), ("anyone:wrong", 401), (TOKEN, 401)):
        header = {"authorization": f"Basic {base64.b64encode(sent.encode()).decode()}"}
        assert reader.get("/page", headers=header).status_code == status
    for broken in ("Basic", "Basic *", "Basic /w=="):
        assert reader.get("/page", headers={"authorization": broken}).status_code == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_a_server_open_to_others_is_refused_without_a_token(host):
    with pytest.raises(InputError, match="token") as refused:
        api(Settings(host=host))
    assert refused.value.remedy
    api(Settings(host=host, token=SecretStr(TOKEN)))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_a_server_for_this_machine_needs_no_token(host):
    api(Settings(host=host))


@pytest.mark.parametrize("token", ["", "short", "with spaces in its middle", "ümläuts-and-others"])
def test_a_token_that_cannot_be_used_is_refused_at_the_start(token):
    with pytest.raises(InputError, match="cannot be used") as refused:
        api(Settings(token=SecretStr(token)))
    assert token not in str(refused.value) or not token


# --- size ---------------------------------------------------------------------------------


def pieces(count):
    for _ in range(count):
        yield b"x" * 1_000


def test_a_large_body_is_refused_whether_or_not_it_says_so():
    caller = client(settings(max_body_bytes=5_000))
    for body in (b"x" * 5_001, pieces(6)):
        answer = caller.post("/api/v1/ask", content=body, headers=JSON)
        assert answer.status_code == 413
        assert answer.json()["error"]["allowed"] == "up to 5000 bytes"
    for stated in ("9" * 30, "5001"):
        header = JSON | {"content-length": stated}
        assert caller.post("/api/v1/ask", content=b"{}", headers=header).status_code == 413
    assert caller.post("/api/v1/ask", content=b"x" * 5_000, headers=JSON).status_code == 400


def ask_raw(app, receive):
    """Send a request piece by piece; return what comes back."""
    told = []

    async def send(message):
        told.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/ask", "raw_path": b"/api/v1/ask",
        "query_string": b"", "headers": [(b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1), "server": ("test", 80), "scheme": "http", "root_path": "",
        "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return told


def test_a_body_that_trickles_is_given_up(monkeypatch):
    monkeypatch.setattr(limits, "_BODY_S", 0.1)

    async def trickle():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    told = ask_raw(api(), trickle)
    assert told[0]["status"] == 408
    assert b"E-SLOW" in told[1]["body"]


def test_a_sender_who_leaves_gets_no_answer():
    async def gone():
        return {"type": "http.disconnect"}

    assert ask_raw(api(), gone) == []


# --- time ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "kind"), [("/api/slow", "json"), ("/slow", "html")])
def test_what_takes_too_long_is_given_up(monkeypatch, path, kind):
    monkeypatch.setattr(limits, "_GRACE_S", 0.1)
    answer = page_client(time_limit_s=0.1).get(path)
    assert answer.status_code == 504
    assert kind in answer.headers["content-type"]
    assert "too long" in answer.text


def test_a_server_with_too_much_work_says_so():
    app, hold = api(settings(workers=1)), threading.Event()
    app.state.workers = Workers(1, 5.0)
    app.state.workers._most = 0
    hold.set()
    answer = TestClient(app).post("/api/v1/simulate", json={"primary": "pleural", "n": 10})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "E-BUSY"
    assert int(answer.headers["retry-after"]) >= 1


def test_work_past_its_time_is_answered_in_the_one_shape():
    app = api()
    app.state.workers = Workers(1, 1e-4)
    answer = TestClient(app).post("/api/v1/simulate", json={"primary": "pleural", "n": 5_000})
    assert answer.status_code == 504
    assert answer.json()["error"]["code"] == "E-TIME"


# --- logs ---------------------------------------------------------------------------------


def test_an_access_log_holds_no_query(caplog):
    client()
    client()
    access = logging.getLogger("uvicorn.access")
    with caplog.at_level(logging.INFO, logger="uvicorn.access"):
        access.info('%s - "%s %s" %d', "127.0.0.1", "GET", "/api/v1/ask?question=a-marker", 200)
    assert "/api/v1/ask" in caplog.text
    assert "a-marker" not in caplog.text
    assert sum(isinstance(one, limits._WithoutQuery) for one in access.filters) == 1
