"""The forecast benchmark: whom it times, what it compares, what it computes. No timings."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.forecast import __main__ as command
from benchmarks.forecast import cold, patients, runner, stages, summary, table
from benchmarks.forecast.agreement import ENOUGH, Comparison, agreement
from benchmarks.forecast.batch import BatchFigure

from mesospread.app import forecast as page
from mesospread.infer.posterior import REPLICATES
from mesospread.infer.predict import ObservationPlan, observe
from mesospread.infer.solve import Effort
from mesospread.model.load import observation
from mesospread.patient import parse_patient, read_patient
from mesospread.patient.columns import flat_row

LITTLE = {
    "draws": 20,
    "core_paths": 64,
    "leaf_paths": 320,
    "standard_error": 0.1,
    "too_few": 5.0,
    "max_rounds": 3,
}
TINY = runner.Settings(people=1, repeats=1, cold=0, batch=0, timeout_seconds=120.0, effort=LITTLE)


# --- patients -----------------------------------------------------------------------------


def test_typical_patients_have_twelve_findings():
    for person in patients.typical(5, 3):
        known = patients.timeline(person.facts)
        assert len(known.labels()) == person.findings == patients.FINDINGS
        assert known.stage is not None
        assert sum(s.present for s in known.symptoms) == person.present


def test_typical_patients_depend_on_the_seed_alone():
    assert patients.typical(4, 3)[:2] == patients.typical(2, 3)
    assert patients.typical(2, 3) != patients.typical(2, 4)


@pytest.mark.parametrize("treatment", [None, "pemetrexed + cisplatin"])
def test_a_patient_file_says_what_was_found(treatment):
    structure, values = patients._under(treatment)
    plan = ObservationPlan(today_months=(2.0, 9.0), staged=1.0, modalities=("CT",))
    compared = 0
    for found in observe(structure, observation("pleural"), values(0), plan, 5, 0, 12):
        facts = patients._facts(found, treatment)
        if facts is None:
            continue
        told, true = patients.timeline(facts), found.timeline
        assert told.stage.possible == true.stage.possible
        assert told.stage.basis == true.stage.basis
        days = 0.51 / 30
        assert told.now_months == pytest.approx(true.now_months, abs=days)
        assert len(told.structure.treatments) == len(true.structure.treatments)
        by_site = sorted(told.findings, key=lambda f: (f.site, f.at_months))
        for mine, theirs in zip(
            by_site, sorted(true.findings, key=lambda f: (f.site, f.at_months)), strict=True
        ):
            assert (mine.site, mine.positive) == (theirs.site, theirs.positive)
            assert mine.at_months == pytest.approx(theirs.at_months, abs=days)
        said = {s.name: s.present for s in told.symptoms}
        assert said == {s.name: s.present for s in true.symptoms}
        assert told.fixed.get("histology") == true.fixed.get("histology")
        compared += 1
    assert compared >= 3


def test_patients_survive_a_file_and_a_table(tmp_path):
    (person,) = patients.typical(1, 7)
    read = read_patient(patients.write(person, tmp_path / "p.json"))
    assert read == parse_patient(person.facts)
    assert flat_row(read)["primary"] == "pleural"


def test_the_examples_are_timed_too():
    assert {"epithelioid_stage3", "early_unknowns"} <= {p.name for p in patients.examples()}


# --- both forms agree ---------------------------------------------------------------------

QUESTIONS = [f"now site{k} free" for k in range(60)]


def comparison(rng, name="a", shift=None, **changes):
    """Both forms right, errors from replicates as in a real run; then some answers shifted."""
    answers = {}
    for question in QUESTIONS:
        ours, theirs = (
            0.4 + error * rng.standard_normal(REPLICATES) * np.sqrt(REPLICATES)
            for error in (0.004, 0.006)
        )
        answers[question] = (
            ours.mean() + (shift or {}).get(question, 0.0),
            ours.std(ddof=1) / np.sqrt(REPLICATES),
            theirs.mean(),
            theirs.std(ddof=1) / np.sqrt(REPLICATES),
        )
    values = {
        "name": name,
        "ours_seconds": 1.0,
        "ours_error": 0.004,
        "setup_seconds": 1.0,
        "plain_seconds": 3.0,
        "plain_error": 0.008,
        "plain_size": 10_000.0,
        "limited_by": QUESTIONS[0],
        "answers": answers,
    }
    return Comparison(**(values | changes))


def test_forms_that_are_right_agree():
    rng = np.random.default_rng(1)
    verdicts = [agreement([comparison(rng, str(k)) for k in range(12)]) for _ in range(40)]
    assert all(found.agrees for found in verdicts)
    assert verdicts[0].answers == 12 * len(QUESTIONS)


def test_one_wrong_answer_is_seen():
    rng = np.random.default_rng(2)
    every = [comparison(rng, str(k)) for k in range(11)]
    wrong = comparison(rng, "wrong", {QUESTIONS[7]: 0.09})
    found = agreement([*every, wrong])
    assert not found.agrees
    assert found.where == f"wrong: {QUESTIONS[7]}"
    assert "RED" in table.agreement_text(found)


def test_a_small_bias_of_all_patients_is_seen():
    # less than two standard errors of each, which no single answer would show
    rng = np.random.default_rng(3)
    found = agreement([comparison(rng, str(k), {QUESTIONS[7]: 0.013}) for k in range(20)])
    assert found.worst <= found.worst_bound
    assert found.bias > found.bias_bound
    assert not found.agrees


def test_not_a_number_does_not_agree():
    rng = np.random.default_rng(4)
    assert not agreement([comparison(rng, shift={QUESTIONS[0]: np.nan}) for _ in range(5)]).agrees


def test_what_the_plain_form_never_met_is_no_contradiction():
    rng = np.random.default_rng(5)
    rare = {"now site rare": (3e-4, 1e-5, 0.0, 0.0)}
    common = {"now site rare": (0.02, 1e-5, 0.0, 0.0)}
    assert agreement([comparison(rng, answers=rare, plain_size=1_000.0) for _ in range(4)]).agrees
    assert not agreement(
        [comparison(rng, answers=common, plain_size=1_000.0) for _ in range(4)]
    ).agrees


def test_too_few_histories_are_left_out_and_too_few_patients_refused():
    rng = np.random.default_rng(6)
    thin = comparison(rng, "thin", plain_size=ENOUGH - 1.0)
    found = agreement([thin, *(comparison(rng, str(k)) for k in range(3))])
    assert found.left_out == ("thin",)
    assert found.agrees
    assert not agreement([thin, comparison(rng)]).agrees
    assert "NOT CHECKED" in agreement([thin]).verdict


def test_the_peer_is_scaled_to_the_same_error():
    rng = np.random.default_rng(7)
    assert comparison(rng).plain_seconds_to_same_error == pytest.approx(1.0 + 2.0 * 4.0)
    assert comparison(rng, ours_seconds=3.0).ratio == pytest.approx(3.0)
    # better than needed: less time
    assert comparison(rng, plain_error=0.002).plain_seconds_to_same_error == pytest.approx(1.5)
    thin = comparison(rng, plain_size=3.0)
    assert thin.plain_seconds_to_same_error == 3.0
    assert summary.peer([thin]).is_bound
    assert "at least" in table.peer_text(summary.peer([thin]))


# --- figures ------------------------------------------------------------------------------


def forecast_report(seconds=0.2, **changes):
    return {
        "name": "a",
        "yardstick_seconds": 0.01,
        "refused": False,
        "seconds": seconds,
        "cpu_seconds": seconds,
        "rounds": 2,
        "standard_error": 0.004,
        "effective_sample_size": 5_000.0,
    } | changes


def test_a_timing_sums_up_forecasts_and_counts_refusals():
    refusal = {"name": "a", "yardstick_seconds": 0.02, "refused": True}
    reports = [forecast_report(0.1 * k) for k in range(1, 22)]
    reports[-1] |= {"standard_error": 0.007, "cpu_seconds": 1.05}
    found = summary.timing([*reports, refusal])
    assert (found.n, found.refused) == (21, 1)
    assert found.median == pytest.approx(1.1)
    assert found.p95 == pytest.approx(2.0)
    assert found.seconds_per_round == pytest.approx(0.55)
    assert found.standard_error == 0.007
    assert found.waiting == pytest.approx(0.5)
    assert found.cpu_median == pytest.approx(1.05)
    assert np.isnan(summary.timing([refusal]).median)
    assert summary.yardstick({"a": [*reports, refusal]})[0] == 0.01


def test_goals_are_met_missed_or_not_measured():
    warm = summary.timing([forecast_report(0.1), forecast_report(0.1), forecast_report(0.9)])
    rng = np.random.default_rng(8)
    compared = [comparison(rng, "a", ours_seconds=1.0)]
    reached = summary.goals(warm, summary.peer(compared), {}, compared, None)
    assert [goal.verdict for goal in reached] == [
        "met", "missed", "met", "not measured", "not measured",
    ]  # fmt: skip
    batch = BatchFigure(11, 2, 0, seconds=7.0, first_seconds=2.0, cpu_seconds=12.0)
    reached = summary.goals(warm, None, {"a": [2.0, 2.5, 4.0], "b": [9.0]}, compared, batch)
    one, many = reached[3], reached[4]
    assert one.value == pytest.approx((2.5 + 9.0) / 2)
    assert one.verdict == "missed"
    # only patient a was answered by the plain form: 9 s in place of 1 s
    assert one.plain == pytest.approx(2.5 + 8.0)
    assert many.verdict == "no limit set"
    assert many.value == pytest.approx(2.0 + 999 / 2.0)
    assert many.ratio == pytest.approx(9.0)
    assert "extrapolated" in table.goal_table(reached)


def test_a_whole_batch_is_not_extrapolated():
    whole = BatchFigure(1_000, 4, 3, seconds=250.0, first_seconds=3.0, cpu_seconds=900.0)
    assert whole.goal_seconds == pytest.approx(250.0)
    assert whole.busy == pytest.approx(3.6)
    assert "(measured)" in table.batch_text(whole)


# --- stages -------------------------------------------------------------------------------


def test_every_stage_is_seen_and_everything_put_back():
    before = [getattr(owner, name) for own in stages.STAGES.values() for owner, name in own]
    facts = patients.examples()[1].facts
    with stages.watched() as seconds:
        page.forecast(facts, effort=Effort(**LITTLE))
    assert list(seconds) == list(stages.STAGES)
    assert all(spent > 0.0 for spent in seconds.values()), seconds
    assert before == [getattr(owner, name) for own in stages.STAGES.values() for owner, name in own]


def test_stages_inside_a_stage_do_not_count_twice(monkeypatch):
    clock = iter([0.0, 1.0, 4.0, 10.0])
    monkeypatch.setattr(stages.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(page, "the_patient", lambda given: given)
    monkeypatch.setattr(page, "forecast", lambda given: page.the_patient(given))
    with stages.watched() as seconds:
        page.forecast("x")
    assert seconds["patient and clock"] == 3.0
    assert seconds["page and the rest"] == 7.0


# --- the parts together -------------------------------------------------------------------


def test_the_whole_run(capsys, tmp_path):
    out = tmp_path / "figures.json"
    settings = replace(TINY, batch=2, plain_paths=800)
    assert command.run(settings, out) == 0
    written = json.loads(out.read_text())
    assert written["agreement"]["verdict"] == "agree"
    assert set(written["forecasts"]) == {c["name"] for c in written["comparisons"]}
    assert written["batch"]["patients"] == 2
    assert [goal["verdict"] for goal in written["goals"]][3] == "not measured"
    said = capsys.readouterr().out
    assert "both forms" in said
    assert "typical 1" in said


def test_no_times_are_taken_of_forms_that_disagree(monkeypatch, capsys):
    asked = []

    def child(what, task, timeout_seconds):
        asked.append(what)
        rng = np.random.default_rng(9)
        wrong = dict.fromkeys(QUESTIONS, 0.2)
        every = [comparison(rng, str(k), wrong).__dict__ for k in range(4)]
        return {"comparisons": every}

    monkeypatch.setattr(command, "run_child", child)
    assert command.run(TINY) == 1
    assert asked == ["compare"]
    assert "no times are taken" in capsys.readouterr().out


def test_the_profile_shows_every_stage(capsys):
    assert command.profile(TINY) == 0
    said = capsys.readouterr().out
    assert all(stage in said for stage in stages.STAGES)


def test_the_command_line_runs_for_everybody(tmp_path):
    people = [*patients.examples()[:1], *patients.typical(1, 1)]
    told = []
    stand_in = (
        sys.executable,
        "-c",
        "import json, sys; json.load(open(sys.argv[1]))['primary']",
    )
    first, seconds = cold.measure(people, 2, tmp_path, 60.0, told.append, stand_in)
    assert first > 0.0
    assert {name: len(own) for name, own in seconds.items()} == {p.name: 2 for p in people}
    assert "first run" in told[0]


def test_a_part_that_fails_is_an_error_in_its_own_words(tmp_path):
    with pytest.raises(runner.Failed, match="disk full"):
        runner.run([sys.executable, "-c", "import sys; sys.exit('disk full')"], 60.0)
    with pytest.raises(runner.Failed, match="--timeout"):
        runner.run([sys.executable, "-c", "import time; time.sleep(60)"], 0.05)
    with pytest.raises(runner.Failed, match="KeyError"):
        runner.run_child("no such part", {"core": -1}, 60.0)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--people", "0"], "--people 0"),
        (["--repeats", "0"], "--repeats 0"),
        (["--batch", "1"], "at least 2"),
        (["--core", "100000"], "must be one of"),
        (["--plain-paths", "3"], "at least 16"),
        (["--json", "no-such-folder/x.json"], "folder does not exist"),
    ],
)
def test_bad_options_are_refused_at_once(monkeypatch, capsys, arguments, word):
    monkeypatch.setattr(sys, "argv", ["forecast", *arguments])
    with pytest.raises(SystemExit) as stopped:
        command.main()
    assert stopped.value.code == 2
    assert word in capsys.readouterr().err
