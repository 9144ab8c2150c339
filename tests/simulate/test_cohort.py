"""Cohorts: the tables, the summary, streaming to files, resuming, and what goes wrong."""

from __future__ import annotations

import errno
import itertools
import json
import math
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.support.graphs import structure_of
from tests.support.statistics import failures, normal, require_enough

from mesospread.app.simulate import cohort, cohort_spec, simulate_to_folder
from mesospread.errors import InputError, OutputError
from mesospread.model.structure import Structure
from mesospread.simulate import cohort as module
from mesospread.simulate.cohort import CohortSpec, simulate_cohort, write_cohort
from mesospread.simulate.summary import CohortSummary, wilson

EVERYTHING = {
    "times_months": (0.0, 6.0, 12.0),
    "since": "diagnosis",
    "events": True,
    "treatment": ["surgery"],
}


def spec(n: int = 500, shard_size: int = 200, **more: object) -> CohortSpec:
    return cohort_spec(primary="pleural", n=n, seed=7, shard_size=shard_size, **more)  # type: ignore[arg-type]


def numbers(table: pa.Table, column: str) -> np.ndarray:
    """Return a column of numbers, NaN for null."""
    return np.array(table[column].to_pylist(), dtype=float)


def written(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


# --- tables -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def treated():
    """Return people who are operated upon, with events and states."""
    return simulate_cohort(spec(2_000, 700, **EVERYTHING))


def test_cohort_table_has_a_column_for_everything(treated):
    structure = spec(**EVERYTHING).structure
    steps = [f"{p.name}.{level}" for p in structure.processes for level in p.levels[1:]]
    assert treated.patients.column_names == [
        "patient", "histology", "sex", "age", "performance_status", *steps, "end_months",
        "end_reason",
    ]  # fmt: skip
    assert treated.patients["patient"].to_pylist() == list(range(2_000))
    assert treated.patients.column("extent.T2").type == pa.float32()


def test_levels_are_names_of_a_dictionary(treated):
    definition = spec().structure.definition
    for covariate in ("histology", "sex", "performance_status"):
        column = treated.patients[covariate]
        assert pa.types.is_dictionary(column.type)
        assert set(column.unique().to_pylist()) <= set(definition.covariates[covariate].levels)
        assert column.null_count == 0
    assert set(treated.patients["histology"].unique().to_pylist()) == {
        "epithelioid", "biphasic", "sarcomatoid",
    }  # fmt: skip
    ages = numbers(treated.patients, "age")
    assert 30 <= ages.min() < ages.max() <= 95


def test_a_level_is_null_until_it_is_entered_and_entered_in_order(treated):
    table = treated.patients
    end = numbers(table, "end_months")
    some_null = 0
    for p in spec(**EVERYTHING).structure.processes:
        steps = [numbers(table, f"{p.name}.{level}") for level in p.levels[1:]]
        for lower, upper in itertools.pairwise(steps):
            reached = ~np.isnan(upper)
            assert not np.isnan(lower[reached]).any()
            assert (lower[reached] <= upper[reached]).all()
        for step in steps:
            assert not (step > end).any()
            some_null += int(np.isnan(step).sum())
    assert some_null > 0
    assert table["end_months"].null_count == table["end_reason"].null_count == 0


def test_the_end_is_the_first_terminal_event_or_the_horizon():
    table = simulate_cohort(spec(2_000, horizon_months=40.0)).patients
    end, reason = numbers(table, "end_months"), np.array(table["end_reason"].to_pylist())
    seen = Counter(reason.tolist())
    assert set(seen) == {"death_disease", "death_other", "horizon"}
    assert min(seen.values()) > 20
    for process in ("death_disease", "death_other"):
        died = numbers(table, f"{process}.dead")
        assert np.array_equal(~np.isnan(died), reason == process)
        assert np.array_equal(died[reason == process], end[reason == process])
    assert (end[reason == "horizon"] == 40.0).all()


def test_the_dead_stay_dead_after_surgery(treated):
    """Whoever dies in surgery is not also operated upon and followed to the horizon."""
    table = treated.patients
    died = ~np.isnan(numbers(table, "death_disease.dead"))
    reason = np.array(table["end_reason"].to_pylist())
    at_surgery = numbers(table, "death_disease.dead") == numbers(table, "treatment_1.on")
    require_enough(at_surgery.sum(), 30, "deaths at surgery")
    assert np.array_equal(reason == "death_disease", died)


@pytest.mark.parametrize("n", [1, 3])
def test_a_cohort_to_whom_nothing_happens(n):
    made = cohort(primary="pleural", n=n, seed=3, horizon_months=1e-6, events=True)
    assert made.events.num_rows == 0
    assert made.patients["end_reason"].to_pylist() == ["horizon"] * n
    assert made.summary.n_diagnosed == 0


def test_events_tell_the_same_as_the_cohort_table(treated):
    events, table = treated.events.to_pylist(), treated.patients
    structure = spec(**EVERYTHING).structure
    levels = {p.name: p.levels for p in structure.processes}
    first: dict[tuple[str, str], dict[int, float]] = {}
    now, before, set_back = {}, -1, 0
    for event in events:
        who, when = event["patient"], event["time_months"]
        if who != before:
            assert who > before
            now, before, last = dict(zip(levels, structure.start_levels(), strict=True)), who, 0.0
        assert when >= last
        last = when
        reached = levels[event["process"]].index(event["level"])
        assert reached != now[event["process"]]
        set_back += reached < now[event["process"]]
        now[event["process"]] = reached
        first.setdefault((event["process"], event["level"]), {}).setdefault(who, when)
    assert set_back > 20, "surgery must have set something back"
    for p in structure.processes:
        for level in p.levels[1:]:
            listed = first.get((p.name, level), {})
            column = table[f"{p.name}.{level}"].to_pylist()
            stated = {i: t for i, t in enumerate(column) if t is not None}
            assert {i: float(np.float32(t)) for i, t in listed.items()} == stated


def test_states_since_diagnosis_are_those_of_the_event_list(treated):
    structure = spec(**EVERYTHING).structure
    diagnosed = {
        i: t
        for i, t in enumerate(treated.patients["diagnosis.diagnosed"].to_pylist())
        if t is not None
    }
    states = treated.states.to_pylist()
    assert [s["patient"] for s in states[::3]] == list(diagnosed)
    assert [s["time_months"] for s in states[:3]] == [0.0, 6.0, 12.0]
    by_patient: dict[int, list[dict[str, object]]] = {i: [] for i in diagnosed}
    exact_diagnosis = {}
    for event in treated.events.to_pylist():
        if event["patient"] in diagnosed:
            by_patient[event["patient"]].append(event)
            if event["level"] == "diagnosed":
                exact_diagnosis[event["patient"]] = event["time_months"]
    start = {
        p.name: p.levels[k]
        for p, k in zip(structure.processes, structure.start_levels(), strict=True)
    }
    for state in states:
        when = exact_diagnosis[state["patient"]] + state["time_months"]
        expected = dict(start)
        for event in by_patient[state["patient"]]:
            if event["time_months"] <= when:
                expected[event["process"]] = event["level"]
        assert {name: state[name] for name in expected} == expected


def test_states_since_the_start_begin_at_the_start():
    states = simulate_cohort(spec(50, times_months=(0.0, 24.0))).states
    assert states.num_rows == 100
    at_start = states.filter(pa.compute.equal(states["time_months"], 0.0))
    assert at_start["extent"].unique().to_pylist() == ["T1"]
    assert at_start["liver"].unique().to_pylist() == ["free"]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1.0, 600.1])
def test_states_outside_the_follow_up_are_refused(wrong):
    with pytest.raises(InputError, match="times_months"):
        spec(times_months=(0.0, wrong))


# --- summary ----------------------------------------------------------------------


def test_summary_counts_what_the_table_holds():
    made = simulate_cohort(spec(3_000, 450))
    table, summary = made.patients, made.summary
    diagnosed_at = numbers(table, "diagnosis.diagnosed")
    diagnosed = ~np.isnan(diagnosed_at)
    assert (summary.n, summary.n_diagnosed) == (3_000, diagnosed.sum())
    survival = numbers(table, "end_months") - diagnosed_at
    histology = np.array(table["histology"].to_pylist())
    for name in ("extent.T3", "nodes.N1", "liver.detectable", "death_disease.dead"):
        entered = numbers(table, name)
        assert summary.ever[name] == (~np.isnan(entered)).sum() > 0
        assert summary.at_diagnosis[name] == (entered <= diagnosed_at).sum()
    for group in ("all", "epithelioid", "biphasic", "sarcomatoid"):
        chosen = diagnosed & ((group == "all") | (histology == group))
        median = summary.median_survival_months(group)
        assert median is not None
        assert median[0] == pytest.approx(np.median(survival[chosen]), abs=0.15)
        assert median[1] < median[0] < median[2]
        for months in (6.0, 12.0, 36.0):
            direct = (survival[chosen] > months).mean()
            # survival is counted in tenths of months
            near = (np.abs(survival[chosen] - months) < 0.1).mean()
            assert summary.alive_at(group, months) == pytest.approx(direct, abs=near + 1e-12)


def test_summary_adds_up_in_any_order():
    parts = [
        simulate_cohort(spec(200, fixed={"histology": h})).summary
        for h in ("epithelioid", "sarcomatoid")
    ]
    forth, back = CohortSummary(), CohortSummary()
    for part in parts:
        forth.add(part)
    for part in reversed(parts):
        back.add(part)
    assert forth.ever == back.ever
    assert {g: c.tolist() for g, c in forth.survival.items()} == {
        g: c.tolist() for g, c in back.survival.items()
    }
    assert set(forth.survival) == {"all", "epithelioid", "sarcomatoid"}


def memoryless() -> Structure:
    """Return a disease whose survival from diagnosis is exponential, 0.05 per month."""
    return structure_of(
        process=[
            {"name": "diagnosis", "role": "diagnosis", "levels": ["no", "yes"]},
            {"name": "death", "role": "death", "levels": ["alive", "dead"], "terminal": True},
        ],
        route=[
            {"step": "diagnosis.yes", "via": "detection", "rate": 0.08},
            {"step": "death.dead", "via": "mortality", "rate": 0.05, "when": {"diagnosis": "yes"}},
        ],
    )


def test_a_short_follow_up_does_not_bias_survival():
    """Those whose follow-up ends alive were not followed for ever."""
    n = 40_000
    summary = simulate_cohort(CohortSpec(memoryless(), n, seed=5, horizon_months=36.0)).summary
    scores = []
    for months in (3.0, 12.0, 24.0):
        # of those diagnosed, who could be followed so long: diagnosed before 36 - months
        followed = n * -math.expm1(-0.08 * (36.0 - months))
        require_enough(followed, 10_000, f"followed for {months} months")
        exact = math.exp(-0.05 * months)
        seen = summary.alive_at("all", months)
        assert seen is not None
        # wider than the true error, which earlier months make smaller
        error = math.sqrt(exact * (1 - exact) / followed)
        scores.append(normal(f"alive at {months}", "level", (seen - exact) / error, int(followed)))
    assert not failures(scores)
    median = summary.median_survival_months("all")
    assert median is not None
    assert abs(median[0] - math.log(2) / 0.05) < 5 * (median[2] - median[1]) / (2 * 1.96)
    assert summary.alive_at("all", 36.5) is None


def test_half_alive_gives_no_median():
    short = simulate_cohort(CohortSpec(memoryless(), 2_000, seed=5, horizon_months=8.0)).summary
    assert short.median_survival_months("all") is None


def test_wilson_interval_by_hand():
    # p = 0.3, n = 10: centre (0.3 + 0.19208) / 1.38415, half 1.95996 sqrt(0.021 + 0.0096) / 1.38415
    low, high = wilson(3, 10)
    assert (low, high) == pytest.approx((0.10779, 0.60322), abs=2e-5)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 50)[0] == pytest.approx(0.0, abs=1e-12)


# --- the same cohort however it is cut ---------------------------------------------


def tables_of(folder: Path) -> dict[str, pa.Table]:
    return {
        name: pa.concat_tables(
            pq.read_table(file) for file in sorted(folder.glob(f"{name}-*.parquet"))
        ).replace_schema_metadata(None)
        for name in ("cohort", "events", "states")
    }


@pytest.mark.parametrize(("shard_size", "workers"), [(500, 1), (1, 2), (77, 2), (10_000, 3)])
def test_shards_and_workers_change_nothing(tmp_path, shard_size, workers):
    n = 60 if shard_size == 1 else 500
    whole = simulate_cohort(spec(n, n, **EVERYTHING))
    simulate_to_folder(spec(n, shard_size, **EVERYTHING), tmp_path / "out", workers=workers)
    found = tables_of(tmp_path / "out")
    assert found["cohort"].equals(whole.patients.replace_schema_metadata(None))
    assert found["events"].equals(whole.events.replace_schema_metadata(None))
    assert found["states"].equals(whole.states.replace_schema_metadata(None))


def test_summary_of_files_is_that_in_memory(tmp_path):
    summary = simulate_to_folder(spec(), tmp_path / "out", workers=2)
    inside = simulate_cohort(spec(), workers=2).summary
    assert summary.ever == inside.ever
    assert summary.at_diagnosis == inside.at_diagnosis
    assert {g: c.tolist() for g, c in summary.survival.items()} == {
        g: c.tolist() for g, c in inside.survival.items()
    }


def test_another_seed_gives_another_cohort():
    one, other = (cohort(primary="pleural", n=50, seed=s).patients for s in (1, 2))
    assert not one.equals(other)


def test_covariates_can_be_fixed():
    made = cohort(
        primary="pleural",
        n=200,
        seed=1,
        fixed={"histology": "sarcomatoid", "age": 71.5, "performance_status": 1},
    ).patients
    assert made["histology"].unique().to_pylist() == ["sarcomatoid"]
    assert made["age"].unique().to_pylist() == [71.5]
    assert made["performance_status"].unique().to_pylist() == ["1"]
    free = cohort(primary="pleural", n=200, seed=1).patients
    assert made["sex"].equals(free["sex"]), "others are drawn as before"


def test_two_treatments_do_not_share_a_model():
    """In one process, one after the other, with the same seed and the same names of processes."""
    names = ["supportive care", "pemetrexed + cisplatin", "nivolumab + ipilimumab", "surgery"]
    made = {
        name: cohort(primary="pleural", n=400, seed=1, treatment=[name]).patients for name in names
    }
    again = cohort(primary="pleural", n=400, seed=1, treatment=[names[0]]).patients
    assert made[names[0]].equals(again)
    for name in names[1:]:
        assert not made[name]["death_disease.dead"].equals(again["death_disease.dead"])
    untreated = cohort(primary="pleural", n=400, seed=1).patients
    assert made[names[0]]["death_disease.dead"].equals(untreated["death_disease.dead"])
    digests = {spec(treatment=[name]).provenance()["model_digest"] for name in names}
    assert len(digests) == len(names)


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_are_refused(workers, tmp_path):
    with pytest.raises(InputError, match="workers"):
        cohort(primary="pleural", n=5, seed=1, workers=workers)
    with pytest.raises(InputError, match="workers"):
        simulate_to_folder(spec(), tmp_path / "out", workers=workers)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"n": 0}, "n"),
        ({"n": -3}, "n"),
        ({"shard_size": 0}, "shard_size"),
        ({"horizon_months": math.nan}, "horizon_months"),
        ({"horizon_months": 0.0}, "horizon_months"),
        ({"life_table": "fr"}, "uk, us"),
        ({"fixed": {"histolgy": "epithelioid"}}, "Did you mean 'histology'"),
        ({"fixed": {"histology": "epithelial"}}, "Did you mean 'epithelioid'"),
        ({"fixed": {"age": "old"}}, "age"),
        ({"fixed": {"age": math.nan}}, "age"),
        ({"since": "diagnoses"}, "Did you mean 'diagnosis'"),
        ({"since": "extent.T9"}, "T2, T3, T4"),
        ({"treatment": ["pemetrexd + cisplatin"]}, "Did you mean 'pemetrexed"),
        ({"primary": "plural"}, "Did you mean 'pleural'"),
    ],
    ids=str,
)
def test_a_cohort_that_makes_no_sense_is_refused(wrong, named):
    with pytest.raises(InputError, match=named):
        cohort_spec(**{"primary": "pleural", "n": 10, "seed": 1, **wrong})


# --- files ------------------------------------------------------------------------


def test_files_say_how_they_were_made(tmp_path):
    wanted = spec(**EVERYTHING)
    simulate_to_folder(wanted, tmp_path / "out")
    expected = wanted.provenance()
    assert expected["seed"] == "7"
    assert expected["treatments"] == '["pleurectomy/decortication"]'
    assert expected["software"].startswith("mesospread ")
    assert json.loads((tmp_path / "out" / "run.json").read_text()) == expected
    names = [f"{t}-{k:05d}.parquet" for t in ("cohort", "events", "states") for k in range(3)]
    assert sorted(written(tmp_path / "out")) == sorted([*names, "run.json"])
    for name in names:
        metadata = pq.read_schema(tmp_path / "out" / name).metadata
        assert expected == {
            key.decode().removeprefix("mesospread."): value.decode()
            for key, value in metadata.items()
            if key.startswith(b"mesospread.")
        }


def test_an_interrupted_run_is_finished_as_if_never_interrupted(tmp_path):
    wanted = spec(1_000, 200, **EVERYTHING)
    whole = simulate_to_folder(wanted, tmp_path / "out", workers=2)
    before = written(tmp_path / "out")
    (tmp_path / "out" / "cohort-00002.parquet").unlink()
    (tmp_path / "out" / "events-00002.parquet").rename(tmp_path / "out" / "events-00002.partial")
    for table in ("cohort", "events", "states"):
        (tmp_path / "out" / f"{table}-00004.parquet").unlink()
    (tmp_path / "out" / "cohort-00004.partial").write_bytes(b"PAR1 cut off in the mid")
    seen: list[int] = []
    resumed = simulate_to_folder(wanted, tmp_path / "out", resume=True, progress=seen.append)
    assert written(tmp_path / "out") == before
    assert sorted(seen) == [200] * 5
    assert resumed.ever == whole.ever
    assert resumed.median_survival_months("all") == whole.median_survival_months("all")


def test_resuming_does_not_repeat_what_is_there(tmp_path, monkeypatch):
    wanted = spec(1_000, 200)
    simulate_to_folder(wanted, tmp_path / "out")
    (tmp_path / "out" / "cohort-00003.parquet").unlink()
    made = []
    run = module.run_shard
    monkeypatch.setattr(module, "run_shard", lambda s, first: made.append(first) or run(s, first))
    simulate_to_folder(wanted, tmp_path / "out", resume=True)
    assert made == [600]


@pytest.mark.parametrize("damage", ["missing events", "cut cohort", "cut events"])
def test_resuming_mends_a_damaged_shard(tmp_path, damage):
    wanted = spec(600, 200, events=True)
    simulate_to_folder(wanted, tmp_path / "out")
    before = written(tmp_path / "out")
    kind, table = damage.split()
    file = tmp_path / "out" / f"{table}-00001.parquet"
    if kind == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])
    simulate_to_folder(wanted, tmp_path / "out", resume=True)
    assert written(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"n": 700}, "n"),
        ({"fixed": {"sex": "female"}}, "fixed"),
        ({"treatment": ["surgery"]}, "model_digest"),
        ({"horizon_months": 60.0}, "horizon_months"),
        ({"shard_size": 100}, "shard_size"),
        ({"events": True}, "events"),
    ],
    ids=str,
)
def test_resuming_another_run_is_refused(tmp_path, changed, key):
    simulate_to_folder(spec(), tmp_path / "out")
    before = written(tmp_path / "out")
    with pytest.raises(OutputError) as caught:
        simulate_to_folder(spec(**changed), tmp_path / "out", resume=True)
    assert caught.value.where.endswith(f"run.json › {key}")
    assert written(tmp_path / "out") == before


def test_resuming_with_another_seed_names_the_seed(tmp_path):
    simulate_to_folder(spec(), tmp_path / "out")
    other = cohort_spec(primary="pleural", n=500, seed=8, shard_size=200)
    with pytest.raises(OutputError) as caught:
        simulate_to_folder(other, tmp_path / "out", resume=True)
    error = caught.value.to_dict()
    assert error["where"].endswith("run.json › seed")
    assert (error["given"], error["allowed"]) == ("8", "7")


@pytest.mark.parametrize("content", ["", "{", "[]", '"seed"', None])
def test_resuming_without_a_readable_run_is_refused(tmp_path, content):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "note.txt").write_text("mine")
    if content is not None:
        (tmp_path / "out" / "run.json").write_text(content)
    before = written(tmp_path / "out")
    with pytest.raises(OutputError):
        simulate_to_folder(spec(), tmp_path / "out", resume=True)
    assert written(tmp_path / "out") == before


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        simulate_to_folder(spec(), tmp_path)
    assert written(tmp_path) == {"note.txt": b"mine"}


@pytest.mark.parametrize("where", ["file", "file/below/it", "/proc/mesospread"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, where):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError) as caught:
        simulate_to_folder(spec(), tmp_path / where)
    assert caught.value.where == str(tmp_path / where)
    assert written(tmp_path) == {"file": b"mine"}


def test_nothing_is_written_for_a_cohort_that_cannot_be_made(tmp_path):
    impossible = CohortSpec(spec().structure, n=10, seed=1, fixed={"sex": "unknown"})
    with ThreadPoolExecutor(1) as pool, pytest.raises(InputError):
        write_cohort(impossible, tmp_path / "out", executor=pool)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_only_whole_files(tmp_path, monkeypatch):
    """Writing stops in the middle of the third file of seven; the run can be finished."""
    wanted = spec(1_400, 200)
    simulate_to_folder(wanted, tmp_path / "whole")
    write, count = pq.write_table, []

    def out_of_space(table, place, **options):
        count.append(place)
        if len(count) == 3:
            Path(place).write_bytes(b"PAR1 half")
            raise OSError(errno.ENOSPC, "No space left on device")
        write(table, place, **options)

    monkeypatch.setattr(pq, "write_table", out_of_space)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        simulate_to_folder(wanted, tmp_path / "out", workers=1)
    assert caught.value.where.endswith("cohort-00002.parquet")
    monkeypatch.undo()
    left = written(tmp_path / "out")
    whole = written(tmp_path / "whole")
    assert "cohort-00002.parquet" not in left
    assert not [name for name in left if name.endswith(".partial")]
    assert {name: whole[name] for name in left} == left
    simulate_to_folder(wanted, tmp_path / "out", resume=True)
    assert written(tmp_path / "out") == whole


# --- memory -----------------------------------------------------------------------


class Counting(ThreadPoolExecutor):
    """Threads that note how many results are under way or waiting to be taken."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.lock, self.held, self.most, self.submitted = threading.Lock(), 0, 0, 0

    def submit(self, *args, **options):
        with self.lock:
            self.held += 1
            self.submitted += 1
            self.most = max(self.most, self.held)
        future = super().submit(*args, **options)
        take = future.result

        def result(timeout=None):
            value = take(timeout)
            with self.lock:
                self.held -= 1
            return value

        future.result = result
        return future


@pytest.mark.parametrize("ahead", [1, 3])
def test_few_shards_are_under_way_at_once(tmp_path, ahead):
    with Counting(2) as pool:
        write_cohort(spec(600, 20), tmp_path / "out", executor=pool, ahead=ahead)
    assert pool.submitted == 30
    assert pool.most == ahead


def test_what_waits_is_small(tmp_path):
    """A finished shard leaves its counts behind, not its histories."""
    kept: list[Future[CohortSummary]] = []

    class Keeping(ThreadPoolExecutor):
        def submit(self, *args, **options):
            kept.append(super().submit(*args, **options))
            return kept[-1]

    with Keeping(1) as pool:
        write_cohort(spec(400, 200, events=True), tmp_path / "out", executor=pool)
    assert [type(future.result()) for future in kept] == [CohortSummary, CohortSummary]


def test_a_huge_cohort_is_not_listed_in_advance():
    """10**15 patients: refused or not, asking for them must not fill the memory."""
    shards = spec(10**15).shards()
    assert len(shards) == 5 * 10**12
    assert shards[3] == 600


# --- a cluster --------------------------------------------------------------------


def test_a_dask_cluster_writes_the_same_files(tmp_path):
    distributed = pytest.importorskip(
        "distributed", reason="the extra 'cluster' (distributed) is not installed"
    )
    wanted = spec(600, 200, **EVERYTHING)
    simulate_to_folder(wanted, tmp_path / "threads", workers=2)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        summary = simulate_to_folder(wanted, tmp_path / "dask", scheduler=address)
        (tmp_path / "dask" / "cohort-00001.parquet").unlink()
        simulate_to_folder(wanted, tmp_path / "dask", scheduler=address, resume=True)
    assert summary.n == 600
    assert written(tmp_path / "dask") == written(tmp_path / "threads")


def test_a_scheduler_that_is_not_there_is_one_clear_error(tmp_path):
    pytest.importorskip("distributed", reason="the extra 'cluster' (distributed) is not installed")
    with pytest.raises(InputError, match="cannot reach the Dask scheduler"):
        simulate_to_folder(spec(), tmp_path / "out", scheduler="nowhere")
    assert not (tmp_path / "out").exists()
