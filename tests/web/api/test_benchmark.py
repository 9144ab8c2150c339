"""The load test: whom it lets in, what it counts, where it stops. No timings."""

import contextlib
import json
import random
import sys

import httpx
import pytest
from benchmarks.web import __main__ as command
from benchmarks.web import readers, weight
from benchmarks.web.readers import Told

from mesospread.patient import parse_patient
from mesospread.web.forms import patient_of, read_form


def test_quantiles_are_values_that_occurred():
    values = [float(k) for k in range(1, 101)]
    assert readers.quantile(values, 0.99) == 99.0
    assert readers.quantile(values, 0.5) == 50.0
    assert readers.quantile([3.0], 0.99) == 3.0
    assert readers.quantile([], 0.5) != readers.quantile([], 0.5)


def test_every_example_can_be_asked_for_on_the_page_and_in_the_api():
    dice = random.Random(1)
    everybody = readers.patients()
    assert {facts["primary"] for facts in everybody} >= {"pleural", "peritoneal", "testicular"}
    for facts in everybody:
        page, api = readers.page_ask(facts, dice), readers.api_ask(facts, dice)
        form = read_form(facts["primary"], "plain", list(page.body["data"].items()))
        day = parse_patient(facts).as_of
        asked = patient_of(form, day)
        assert set(asked.findings()) == set(parse_patient(facts).findings())
        assert parse_patient(api.body["json"]["patient"]).age in readers.AGES


def told(seconds, status=200, at=0.0):
    return Told(at_seconds=at, seconds=seconds, status=status, size_bytes=10)


def test_a_load_counts_what_failed_and_how_many_a_second():
    found = command.load("x", [told(1.0), told(2.0, at=2.0), told(9.0, status=503, at=1.0)])
    assert (found.requests, found.failed, found.median, found.p99) == (3, 1, 2.0, 9.0)
    assert found.per_second == pytest.approx(0.3)
    assert command.load("x", []).requests == 0


def test_goals_are_met_missed_or_not_measured():
    heavy = weight.Page("a", (0.1, 0.3), 50_000, 260_000, 410_000)
    pages = [heavy, weight.Page("b", (9.0,), 1, 1, 2)]
    loads = [command.load("page", [told(0.1), told(2.0)]), command.load("api", [])]
    verdicts = [goal.verdict for goal in command.goals(pages, loads)]
    assert verdicts == ["missed"] * 5 + ["not measured"] * 2
    light = [weight.Page("a", (0.1,), 50_000, 60_000, 390_000)]
    quick = [command.load("page", [told(0.1)]), command.load("api", [told(0.3)])]
    assert {goal.verdict for goal in command.goals(light, quick)} == {"met"}


def test_what_a_page_loads_is_found():
    html = (
        '<link rel="icon" href="/a.svg"><link rel="stylesheet" href="/b.css">'
        '<script src="/c.js" defer></script><img alt="" src="data:image/png;base64,x">'
        '<img src="/d.png"><a href="/not-loaded">x</a><script src="/c.js"></script>'
    )
    assert weight.loaded_by(html) == ["/a.svg", "/b.css", "/c.js", "/d.png"]


def test_a_short_run_takes_every_figure(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "THINK_SECONDS", (0.1, 0.2))
    few = [facts for facts in readers.patients() if facts["primary"] == "pleural"][:2]
    monkeypatch.setattr(readers, "patients", lambda: few)
    out = tmp_path / "figures.json"
    assert command.run(command.Settings(readers=2, seconds=1.0, tries=1), out) == 0
    figures = json.loads(out.read_text())
    assert all(one["failed"] == 0 for one in figures["loads"])
    assert all(page["html_bytes"] > 1_000 for page in figures["pages"])
    assert figures["loads"][2]["requests"] >= 2
    assert "less than" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--readers", "0"], "--readers 0"),
        (["--readers", "100000"], "1 to 100"),
        (["--seconds", "1e9"], "1 to 300"),
        (["--seconds", "nan"], "--seconds nan"),
        (["--cores", "0"], "--cores 0"),
        (["--tries", "0"], "--tries 0"),
        (["--json", "no-such-folder/x.json"], "folder does not exist"),
    ],
)
def test_what_knows_no_bounds_is_refused(monkeypatch, capsys, arguments, word):
    monkeypatch.setattr(sys, "argv", ["web", *arguments])
    with pytest.raises(SystemExit) as stopped:
        command.main()
    assert stopped.value.code == 2
    assert word in capsys.readouterr().err


class Standing:
    """A server that is not there."""

    start_seconds = 1.0

    def peak_mb(self):
        return 1.0

    def cpu_seconds(self):
        return 1.0


@pytest.fixture
def no_server(monkeypatch):
    monkeypatch.setattr(command, "running", lambda cores: contextlib.nullcontext(Standing()))
    monkeypatch.setattr(sys, "argv", ["web"])


def test_a_page_that_does_not_come_is_told_in_a_line(no_server, monkeypatch, capsys):
    def measure(settings, server):
        raise httpx.HTTPError("503 for /patient/pleural/example")

    monkeypatch.setattr(command, "measure", measure)
    assert command.main() == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(("before", "told_so"), [(0.1, False), (2.0, True)])
def test_a_busy_machine_is_told(no_server, monkeypatch, capsys, before, told_so):
    pages = [weight.Page("a", (0.1,), 1, 1, 2)]
    loads = [command.load(name, [told(0.1)]) for name in ("page", "api")]
    monkeypatch.setattr(command, "measure", lambda settings, server: (pages, loads))
    monkeypatch.setattr(command, "load_per_core", lambda: before)
    assert command.main() == 0
    assert ("measure again" in capsys.readouterr().out) == told_so
