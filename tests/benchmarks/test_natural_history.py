import importlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from benchmarks.natural_history import __main__ as command
from benchmarks.natural_history import child, memory, runner, summary, table
from benchmarks.natural_history import reference as ref
from benchmarks.natural_history.engines import ENGINES, MISCORE, OWN, numpy_tuned
from benchmarks.natural_history.exact import exact_values

EXACT = exact_values()


def report(rate=1e6, n=1_000_000, **changes):
    """A report as a child would give it, with the exact statistics."""
    return {
        "status": "ok",
        "n": n,
        "sim_seconds": n / rate,
        "dead10": EXACT.dead10,
        "det5": EXACT.det5,
        "alive5": EXACT.alive5,
        "version": "1",
        "startup_seconds": 0.1,
        "warm_up_seconds": 0.2,
        "peak_rss_mb": 50.0,
    } | changes


def settings(**changes):
    values = {
        "engines": ("numpy_tuned",),
        "n": 20_000,
        "repeats": 1,
        "seed": 1,
        "warm_up": 1_000,
        "min_seconds": 0.0,
        "timeout_seconds": 60.0,
        "core": -1,
        "peer_python": None,
    }
    return runner.Settings(**(values | changes))


def test_exact_values_equal_those_of_the_unlumped_chain():
    # Chain of all 4 x 3^10 = 236,196 living states, solved once with scipy's expm_multiply.
    assert EXACT.dead10 == pytest.approx(0.9901945787122765, abs=1e-12)
    assert EXACT.det5 == pytest.approx(2.1122540673068673, abs=1e-11)
    assert EXACT.alive5 == pytest.approx(0.28686367028686993, abs=1e-12)


@pytest.mark.parametrize("name", [name for name in ENGINES if name != OWN])
def test_every_engine_agrees_with_the_exact_values(name):
    pytest.importorskip(ENGINES[name].imports)
    module = importlib.import_module(f"benchmarks.natural_history.engines.{name}")
    n = 200_000 if ENGINES[name].kind == "numpy" else 15_000
    found = module.run(n, 11)
    for statistic, error in EXACT.standard_errors(n).items():
        assert abs(getattr(found, statistic) - getattr(EXACT, statistic)) < 5 * error, statistic


# Each moves at least one statistic by more than 8 standard errors at n = 200,000.
@pytest.mark.parametrize("name", ["numpy_gillespie", "numpy_inversion", "numpy_tuned"])
@pytest.mark.parametrize(
    ("constant", "wrong"),
    [
        ("DEATH_RATE_STAGE_4", 0.45),
        ("OUTGROWTH_RATE", 1.5),
        ("SEEDING_RATE", (0.05, 0.05, 0.12, 0.40)),
    ],
)
def test_a_wrong_rate_turns_the_verdict_red(monkeypatch, name, constant, wrong):
    monkeypatch.setattr(ref, constant, wrong)
    module = importlib.import_module(f"benchmarks.natural_history.engines.{name}")
    found = module.run(200_000, 3)
    turn = report(n=200_000) | found._asdict()
    assert not summary.summarise(name, {name: {0: turn}}, EXACT).agrees


def test_the_bias_of_weekly_steps_is_red():
    # Fixed weekly steps overstate 5-year survival by about 0.004.
    turn = report(n=500_000, alive5=EXACT.alive5 + 0.004)
    assert not summary.summarise("simpy_engine", {"simpy_engine": {0: turn}}, EXACT).agrees


def test_not_a_number_is_red():
    turn = report(det5=float("nan"))
    assert not summary.summarise("simpy_engine", {"simpy_engine": {0: turn}}, EXACT).agrees


def test_sorting_network_sorts_every_zero_one_column():
    columns = np.array(np.meshgrid(*[[0.0, 1.0]] * 10)).reshape(10, -1)
    rows = numpy_tuned.sort_rows(columns.copy(), np.empty(columns.shape[1]))
    assert np.array_equal(np.array(rows), np.sort(columns, axis=0))


def test_pooling_weighs_by_those_alive():
    few = ref.Result(dead10=1.0, det5=4.0, alive5=0.1, sim_seconds=1.0)
    many = ref.Result(dead10=0.5, det5=1.0, alive5=0.5, sim_seconds=2.0)
    pooled = child.pool([(100, few), (300, many)])
    assert pooled["n"] == 400
    assert pooled["sim_seconds"] == 3.0
    assert pooled["dead10"] == pytest.approx((100 + 150) / 400)
    assert pooled["alive5"] == pytest.approx(160 / 400)
    assert pooled["det5"] == pytest.approx((10 * 4 + 150 * 1) / 160)


def test_ratios_are_paired_within_repeats():
    # The machine slows down fourfold between repeats; the ratio does not move.
    reports = {
        OWN: {0: report(4e6), 1: report(1e6)},
        MISCORE: {0: report(2e5), 1: report(5e4)},
    }
    ratio = summary.summarise(MISCORE, reports, EXACT).ratio
    assert ratio == summary.Spread(20.0, 20.0, 20.0)


def test_a_repeat_that_one_of_them_lacks_gives_no_ratio():
    reports = {OWN: {0: report(1e6)}, MISCORE: {1: report(1e5)}}
    assert summary.summarise(MISCORE, reports, EXACT).ratio is None


def test_goals_are_met_missed_or_not_measured():
    reports = {
        OWN: {0: report(2e6)},
        "numpy_inversion": {0: report(8e5)},
        "numpy_tuned": {0: report(6e6)},
    }
    summaries = {name: summary.summarise(name, reports, EXACT) for name in reports}
    verdicts = {goal.text: goal.verdict for goal in summary.goals(summaries)}
    assert verdicts == {
        "mesospread, patients per second on one core": "met",
        "mesospread ÷ miscore-sim, one core each": "not measured",
        "mesospread ÷ NumPy, as a user writes it": "not measured",
        "mesospread ÷ NumPy inversion, no time loop": "met",
        "mesospread ÷ NumPy inversion, tuned to this model": "missed",
    }
    assert "missed" in table.goal_table(summary.goals(summaries))


def test_exit_status():
    good = {OWN: summary.summarise(OWN, {OWN: {0: report()}}, EXACT)}
    red = {OWN: summary.summarise(OWN, {OWN: {0: report(alive5=0.5)}}, EXACT)}
    absent_peer = {MISCORE: {"status": "not installed"}}
    assert summary.exit_status(good, {}) == 0
    assert summary.exit_status(good, absent_peer) == 0
    assert summary.exit_status(red, {}) == 1
    assert summary.exit_status(good, {MISCORE: {"status": "failed"}}) == 1
    assert summary.exit_status({}, {OWN: {"status": "not installed"}}) == 1


def test_tables_show_a_red_engine():
    bad = summary.summarise("numpy_tuned", {"numpy_tuned": {0: report(alive5=0.3)}}, EXACT)
    text = table.agreement_table([bad], EXACT)
    assert "RED" in text
    assert "0.28686" in text
    assert "NumPy inversion, tuned" in table.speed_table([bad])


def test_child_measures_itself_and_not_its_parent():
    big = np.ones(40_000_000)  # 305 MiB, resident in this process
    found = runner.run_once("numpy_tuned", 0, settings())
    assert big[0] == 1.0
    assert found["status"] == "ok", found
    assert 10 < found["peak_rss_mb"] < 200
    assert found["n"] == 20_000
    assert 0 < found["startup_seconds"] < found["whole_seconds"]
    assert found["sim_seconds"] > 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cannot pin on this system")
def test_child_runs_on_the_core_it_was_given():
    core = max(os.sched_getaffinity(0))
    script = (
        "import os; from benchmarks.natural_history import process;"
        f"process.pin({core}); print(sorted(os.sched_getaffinity(0)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=runner.ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [core]


def test_engines_take_turns():
    names = ("numpy_inversion", "numpy_tuned")
    order = [
        (name, repeat)
        for name, repeat, _ in runner.run_all(settings(engines=names, repeats=2), lambda _: None)
    ]
    assert order == [(name, repeat) for repeat in range(2) for name in names]


def bare_environment(tmp_path):
    """An interpreter that has the standard library and nothing else."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    return str(tmp_path / "bin" / "python")


@pytest.mark.parametrize("name", [MISCORE, "simpy_engine"])
def test_a_missing_peer_is_named_and_tried_once(tmp_path, name):
    told = []
    given = settings(engines=(name,), repeats=3, peer_python=bare_environment(tmp_path))
    found = list(runner.run_all(given, told.append))
    assert [report["status"] for _, _, report in found] == ["not installed"]
    assert ENGINES[name].imports in found[0][2]["problem"]
    assert told == [f"{name}: not installed"]


def test_a_turn_that_takes_too_long_fails():
    found = runner.run_once("numpy_tuned", 0, settings(timeout_seconds=0.01))
    assert found["status"] == "failed"
    assert "--timeout" in found["problem"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--n", "500"], "at least 10000"),
        (["--repeats", "0"], "--repeats 0"),
        (["--engine", "numpy_tunde"], "numpy_tuned"),
        (["--core", "100000"], "must be one of"),
        (["--peer-python", "no-such-python"], "no such program"),
        (["--json", "no-such-folder/x.json"], "folder does not exist"),
        (["--memory-n", "100"], "two different sizes"),
    ],
)
def test_bad_options_are_refused_at_once(monkeypatch, capsys, arguments, word):
    monkeypatch.setattr(sys, "argv", ["natural_history", *arguments])
    with pytest.raises(SystemExit) as stopped:
        command.main()
    assert stopped.value.code == 2
    assert word in capsys.readouterr().err


def test_command_writes_every_figure(monkeypatch, capsys, tmp_path):
    out = tmp_path / "figures.json"
    options = "--n 20000 --repeats 1 --min-seconds 0 --engine numpy_tuned"
    monkeypatch.setattr(sys, "argv", ["…", *options.split(), "--json", str(out)])
    assert command.main() == 0
    written = json.loads(out.read_text())
    assert written["summaries"]["numpy_tuned"]["agrees"] is True
    assert written["reports"]["numpy_tuned"]["0"]["n"] == 20_000
    assert written["exact"]["alive5"] == pytest.approx(0.2868637)
    assert "agrees" in capsys.readouterr().out


def test_memory_table_says_whether_memory_is_flat():
    flat = [
        memory.MemoryFigure(100_000, 200.0, 1.0, 3.0),
        memory.MemoryFigure(1_000_000, 210.0, 2.0, 30.0),
    ]
    rising = [flat[0], memory.MemoryFigure(1_000_000, 900.0, 2.0, 30.0)]
    assert memory.memory_table(flat).endswith("met")
    assert memory.memory_table(rising).endswith("missed")
    assert memory.growth(rising) == 4.5


def stand_in(tmp_path, monkeypatch, body):
    """Put a program named mesospread in front, which does ``body`` with n and out."""
    package = tmp_path / "mesospread"
    package.mkdir()
    (package / "__init__.py").touch()
    head = "import sys, pathlib\nn, out = int(sys.argv[5]), pathlib.Path(sys.argv[9])\n"
    (package / "__main__.py").write_text(head + body)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_memory_that_grows_with_n_is_seen(tmp_path, monkeypatch):
    body = "out.mkdir(); x = b'x' * (100 * n); (out / 'a.parquet').write_bytes(x[:2**20])"
    stand_in(tmp_path, monkeypatch, body)
    told = []
    small, large = memory.measure_all([1_000_000, 100_000], tmp_path, 60.0, told.append)
    assert (small.n, large.n, small.output_mb) == (100_000, 1_000_000, 1.0)
    assert large.peak_rss_mb - small.peak_rss_mb == pytest.approx(100 * 900_000 / 2**20, rel=0.1)
    assert memory.growth([small, large]) > memory.GOAL_GROWTH
    assert len(told) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mesospread"]


@pytest.mark.parametrize(
    ("body", "words"),
    [("sys.exit('disk full')", "disk full"), ("out.mkdir()", "no Parquet file")],
)
def test_a_failing_simulate_is_an_error_in_its_own_words(tmp_path, monkeypatch, body, words):
    stand_in(tmp_path, monkeypatch, body)
    with pytest.raises(memory.SimulateFailed, match=words):
        memory.measure(1000, tmp_path, 60.0)
