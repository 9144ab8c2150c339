"""The figures of cohorts and arms: every number against another way of working it out."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import optimize

from mesospread.app import arm_measures, figure_tables, figures
from mesospread.app.arm_measures import Times, match
from mesospread.app.cohort_files import Diagnosed, read_cohort
from mesospread.app.simulate import cohort_spec, simulate_to_folder
from mesospread.errors import InputError, MissingExtraError, OutputError

NONE = (np.empty(0, np.intp), np.empty(0, np.intp))
ARMS = {
    "care": ("supportive care", 7, 1000),
    "drugs": ("nivolumab + ipilimumab", 7, 1000),
    "others": ("nivolumab + ipilimumab", 8, 1000),
    "fewer": ("nivolumab + ipilimumab", 7, 600),
}
with_extra = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("altair", "vl_convert")),
    reason="extra 'figures' is absent",
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    path = tmp_path_factory.mktemp("cohorts")
    for name, (treatment, seed, n) in ARMS.items():
        spec = cohort_spec(primary="pleural", n=n, seed=seed, treatment=[treatment])
        simulate_to_folder(spec, path / name)
    return {name: path / name for name in ARMS}


@pytest.fixture(scope="module")
def arms(folders: dict[str, Path]) -> dict[str, Diagnosed]:
    return {name: read_cohort(path) for name, path in folders.items()}


def people(folder: Path) -> pd.DataFrame:
    """Return the diagnosed with all times counted from diagnosis, straight from the file."""
    table = pq.read_table(folder / "cohort-00000.parquet").to_pandas()
    table = table[table["diagnosis.diagnosed"] <= 540].reset_index(drop=True)
    at = table["diagnosis.diagnosed"]
    for name in [n for n in table if n.endswith(".detectable")]:
        table[name] = table[name] - at
    return table.assign(lived=table["end_months"] - at)


def row_at(rows: list[dict[str, Any]], month: float) -> dict[str, Any]:
    return next(row for row in rows if row["months"] == month)


# --- curves -------------------------------------------------------------------------


def test_curves_are_those_of_the_files(folders: dict[str, Path], arms: dict[str, Diagnosed]):
    cohort, t = arms["care"], people(folders["care"])
    rows = figure_tables.survival(cohort, np.full(cohort.death.size, "all"))
    for month in (0, 6, 12.25, 59.75):
        assert row_at(rows, month)["estimate"] == pytest.approx((t["lived"] > month).mean())
    site = figure_tables.top_sites(cohort)[0]
    spread = figure_tables.incidence(cohort, site)
    assert row_at(spread, 12)["estimate"] == pytest.approx((t[f"{site}.detectable"] <= 12).mean())
    assert all(row["low"] <= row["estimate"] <= row["high"] for row in rows + spread)


def test_survival_has_greenwoods_log_log_band(arms: dict[str, Diagnosed]):
    cohort = arms["care"]
    row = row_at(figure_tables.survival(cohort, np.full(cohort.death.size, "all")), 24)
    share, n = row["estimate"], cohort.death.size
    # nobody is censored, so Greenwood's error is that of a share
    error = np.sqrt((1 - share) / (n * share)) / abs(np.log(share))
    limits = share ** np.exp(np.array([1, -1]) * 1.96 * error)
    assert [row["low"], row["high"]] == pytest.approx(limits, abs=1e-4)


def test_numbers_at_risk(arms: dict[str, Diagnosed]):
    times = arm_measures.death(arms["care"])
    rows = figure_tables.at_risk(times, "care")
    assert rows[0]["number"] == f"{times.months.size:,}"
    assert rows[2] == {
        "group": "care", "months": 12, "number": str(sum(m >= 12 for m in times.months))
    }  # fmt: skip
    # those alive at the end are followed to the very end
    assert rows[-1]["number"] == str(int((arms["care"].death >= 60).sum()))


def test_first_distant_spread_competes_with_death(
    folders: dict[str, Path], arms: dict[str, Diagnosed]
):
    cohort, t = arms["care"], people(folders["care"])
    assert {"liver", "bone", "brain"} <= set(cohort.distant)
    assert not {"diaphragm", "pericardium", "chest_wall"} & set(cohort.distant)
    first = t[[f"{site}.detectable" for site in cohort.distant]].min(axis=1)
    free, lived = first[~(first <= 0)], t["lived"][~(first <= 0)]
    rows = figure_tables.first_distant(cohort, "care")
    for month in (6, 24, 60):
        spread, died = (
            row_at([row for row in rows if row["event"] == event], month)["estimate"]
            for event in ("first distant spread", "death before it")
        )
        assert spread == pytest.approx((free <= month).mean())
        assert died == pytest.approx(((lived <= month) & ~(free <= lived)).mean())
        assert spread + died <= 1


def test_of_a_disease_of_your_own_every_site_counts(arms: dict[str, Diagnosed]):
    cohort = arms["care"]
    own = Diagnosed(**{**vars(cohort), "run": cohort.run | {"model": "mine"}})
    assert own.distant == tuple(cohort.sites)


# --- hazard ratios ------------------------------------------------------------------


def simulated_times(seed: int, n: int, scale: float) -> Times:
    dice = np.random.default_rng(seed)
    event, end = dice.exponential(scale, n), dice.uniform(5, 40, n)
    # whole months, so that there are ties
    return Times(np.ceil(np.minimum(event, end)), event <= end)


def log_likelihood(beta: float, one: Times, other: Times) -> float:
    """Return Cox's partial likelihood (Breslow), person by person."""
    months = np.concatenate([one.months, other.months])
    event = np.concatenate([one.event, other.event])
    x = np.repeat([0.0, 1.0], [one.months.size, other.months.size])
    return sum(
        beta * x[i] - np.log(np.exp(beta * x[months >= months[i]]).sum())
        for i in np.flatnonzero(event)
    )


def test_hazard_ratio_is_coxs() -> None:
    one, other = simulated_times(1, 150, 12.0), simulated_times(2, 120, 20.0)
    found = arm_measures.hazard_ratio(one, other, NONE)
    assert found is not None
    best = optimize.minimize_scalar(
        lambda b: -log_likelihood(b, one, other), (-1, 1), options={"xtol": 1e-8}
    ).x
    h = 1e-3
    steps = [log_likelihood(best + k * h, one, other) for k in (-1, 0, 1)]
    error = (-(steps[0] - 2 * steps[1] + steps[2]) / h**2) ** -0.5
    assert np.log(found.estimate) == pytest.approx(best, abs=1e-5)
    assert np.log(found.low) == pytest.approx(best - 1.96 * error, abs=1e-4)
    assert np.log(found.high) == pytest.approx(best + 1.96 * error, abs=1e-4)
    assert found.high < 1


def test_paired_error_is_the_jackknife_over_people() -> None:
    dice = np.random.default_rng(5)
    frail = dice.gamma(2.0, 0.5, 200)
    one, other = (
        Times(np.minimum(t, 30.0), t <= 30.0)
        for t in (dice.exponential(12 / frail), dice.exponential(18 / frail))
    )
    all_ = np.arange(200)

    def log_ratio(rows: np.ndarray) -> float:
        some = [Times(x.months[rows], x.event[rows]) for x in (one, other)]
        found = arm_measures.hazard_ratio(*some, NONE)
        assert found is not None
        return float(np.log(found.estimate))

    left = np.array([log_ratio(np.delete(all_, i)) for i in all_])
    jackknife = np.sqrt(199 / 200 * ((left - left.mean()) ** 2).sum())
    paired = arm_measures.hazard_ratio(one, other, (all_, all_))
    assert paired is not None
    half = (np.log(paired.high) - np.log(paired.low)) / 2
    assert half == pytest.approx(1.96 * jackknife, rel=0.05)
    independent = arm_measures.hazard_ratio(one, other, NONE)
    assert independent is not None
    assert independent.high - independent.low > 1.1 * (paired.high - paired.low)


def test_a_ratio_without_events_is_not_estimated() -> None:
    one = Times(np.full(5, 60.0), np.zeros(5, bool))
    assert arm_measures.hazard_ratio(one, simulated_times(1, 50, 10.0), NONE) is None


def test_median_is_where_half_have_died() -> None:
    times = simulated_times(3, 400, 10.0)
    estimate, low, high = arm_measures.median(times)
    assert estimate is not None
    assert low is not None
    assert high is not None
    assert low <= estimate <= high
    assert estimate == pytest.approx(10 * np.log(2), abs=1.5)
    late = Times(times.months, times.event & (times.months < 3))
    assert arm_measures.median(late) == (None, None, None)


# --- differences of shares ----------------------------------------------------------


def flags(events: int, n: int) -> np.ndarray:
    return np.arange(n) < events


def test_independent_difference_is_newcombes_example() -> None:
    """Newcombe (1998), table II, method 10: 56/70 against 48/80."""
    found = arm_measures.difference(flags(48, 80), flags(56, 70), NONE)
    assert found == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_a_rare_event_has_an_interval() -> None:
    found = arm_measures.difference(flags(0, 500), flags(0, 500), NONE)
    assert found.low < found.estimate == 0 < found.high


def test_paired_intervals_hold_the_truth_as_often_as_they_say() -> None:
    dice = np.random.default_rng(11)
    held, narrow = 0, 0
    for _ in range(1000):
        u = dice.random(300)
        one, other = u < 0.30, np.where(dice.random(300) < 0.8, u < 0.36, dice.random(300) < 0.36)
        rows = (np.arange(300), np.arange(300))
        paired, apart = (arm_measures.difference(one, other, r) for r in (rows, NONE))
        held += paired.low <= 0.06 <= paired.high
        narrow += paired.high - paired.low < 0.8 * (apart.high - apart.low)
    assert 930 <= held <= 970
    assert narrow > 950


def test_people_in_both_of_two_uneven_arms() -> None:
    """Half of the second arm's people are in the first: the error lies between."""
    dice = np.random.default_rng(2)
    one = dice.normal(size=2000)
    other = np.concatenate([one[:500] + 1, dice.normal(1, 1, 500)])
    rows = (np.arange(500), np.arange(500))
    found = arm_measures.mean_difference(one, other, rows)
    half = (found.high - found.low) / 2
    exact = 1.96 * np.sqrt(1 / 2000 + 1 / 1000 - 2 * 500 / (2000 * 1000))
    assert half == pytest.approx(exact, rel=0.05)


# --- arms ---------------------------------------------------------------------------


def test_the_same_seed_makes_arms_paired(arms: dict[str, Diagnosed]):
    paired = match(arms["care"], arms["drugs"])
    assert paired.rows[0].size == arms["care"].patient.size
    assert not match(arms["care"], arms["others"]).paired
    uneven = match(arms["care"], arms["fewer"])
    assert uneven.rows[0].size == arms["fewer"].patient.size < arms["care"].patient.size
    one, other = (
        a.patient[r] for a, r in zip((arms["care"], arms["fewer"]), uneven.rows, strict=True)
    )
    assert np.array_equal(one, other)


def test_what_else_differs_is_told(arms: dict[str, Diagnosed]):
    cohort = arms["care"]
    assert match(cohort, arms["others"]).also_differ_in == []
    other = Diagnosed(**{**vars(cohort), "run": cohort.run | {"fixed": '{"sex": "male"}'}})
    assert match(cohort, other).also_differ_in == ["fixed covariates"]


def test_the_same_cohort_does_not_differ_from_itself(arms: dict[str, Diagnosed]):
    both = match(arms["care"], arms["care"])
    for row in figure_tables.differences(both):
        assert row["estimate"] == 0
        assert -0.01 < row["low"] <= 0 <= row["high"] < 0.01
    times = arm_measures.death(arms["care"])
    ratio = arm_measures.hazard_ratio(times, times, both.rows)
    assert ratio == pytest.approx((1, 1, 1))
    assert both.names == ("supportive care (1)", "supportive care (2)")


def test_differences_are_those_of_the_files(folders: dict[str, Path], arms: dict[str, Diagnosed]):
    rows = figure_tables.differences(match(arms["care"], arms["others"]))
    row = next(row for row in rows if (row["site"], row["months"]) == ("liver", 24))
    shares = [(people(folders[n])["liver.detectable"] <= 24).mean() for n in ("care", "others")]
    assert [row["first"], row["second"]] == pytest.approx(shares)
    assert row["estimate"] == pytest.approx(shares[1] - shares[0])
    n = [arms[name].patient.size for name in ("care", "others")]
    error = np.sqrt(sum(p * (1 - p) / k for p, k in zip(shares, n, strict=True)))
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * error, rel=0.03)


# --- files --------------------------------------------------------------------------


def test_what_is_no_cohort_or_too_small_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a cohort"):
        read_cohort(tmp_path)
    simulate_to_folder(cohort_spec(primary="pleural", n=100, seed=7), tmp_path / "c")
    with pytest.raises(InputError, match="too few"):
        read_cohort(tmp_path / "c")


def test_without_the_extra_it_says_what_to_install(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="altair, vl_convert not installed") as problem:
        figures.write_figures(folders["care"], None, tmp_path / "out")
    assert "pip install 'mesospread[figures]'" in str(problem.value)
    assert not (tmp_path / "out").exists()


@with_extra
def test_files_are_written_into_a_new_folder_only(folders: dict[str, Path], tmp_path: Path) -> None:
    written = figures.write_figures(folders["care"], folders["drugs"], tmp_path / "out")
    assert len(written) == 6
    assert all(b"<svg" in path.read_bytes()[:200] for path in written)
    with pytest.raises(OutputError, match="new or empty"):
        figures.write_figures(folders["care"], None, tmp_path / "out")
