"""In-silico trials: against studies, against textbook power, and with nothing to be found."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri

from mesospread.app.trial import trial
from mesospread.errors import InputError
from mesospread.model.calibrated import shipped_posterior
from mesospread.model.load import disease, observation, treatments
from mesospread.model.parameters import central_values
from mesospread.studies import statistics
from mesospread.studies.lives import Lives, regime_plan
from mesospread.studies.predict import enter
from mesospread.studies.targets import SELECTED
from mesospread.studies.two_arms import Times, hazard_ratio, log_rank, median_months
from mesospread.trials.design import TrialDesign, parse_design
from mesospread.trials.outcomes import DEATH, Outcome, arm_sizes, recruit
from mesospread.trials.pools import Pool, make_pools
from mesospread.trials.result import Estimate, SizeResult
from mesospread.trials.run import Settings, Trials, pace
from mesospread.trials.summary import patients_for, share

EXAMPLE = Path(__file__).parents[2] / "examples" / "trials" / "bevacizumab_first_line.toml"
FACTS: dict[str, Any] = {
    "format": 1,
    "trial": "test",
    "title": "A trial",
    "primary": "pleural",
    "patients": 200,
    "accrual_months": 12,
    "follow_up_months": 18,
    "arms": [
        {"name": "control", "treatments": [{"name": "pemetrexed + cisplatin"}]},
        {"name": "new", "treatments": [{"name": "nivolumab + ipilimumab"}]},
    ],
}
SEEN = Outcome("new spread", True)


def design(**changes: Any) -> TrialDesign:
    return parse_design(FACTS | changes)


def pools_of(planned: TrialDesign, n: int = 4_000, slower: float = 0.0) -> tuple[Pool, Pool]:
    structure, library = disease("pleural"), treatments("pleural")
    seen = observation("pleural")
    plans = {
        arm.courses: regime_plan(structure, library, arm.courses)
        for arm in planned.planned.cohort.arms
    }
    return make_pools(planned, plans, seen, VALUES, slower=slower, seed=5, lives=n, life_table="uk")


VALUES = central_values(
    {
        **disease("pleural").parameters,
        **treatments("pleural").parameters,
        **observation("pleural").parameters,
    }
)


def exponential(ratio: float, n: int = 20_000) -> Pool:
    """People who die at a constant rate, 1 in 12 months times the ratio."""
    months = -12.0 / ratio * np.log((np.arange(n) + 0.5) / n)
    never = np.full(n, np.inf)
    return Pool(np.full(n, 1.0 / n), months, never, never)


# --- the statistics -------------------------------------------------------------------------


def test_the_log_rank_score_is_that_of_scipy() -> None:
    rng = np.random.default_rng(3)
    one, other = (
        Times(np.ceil(rng.exponential(scale, n)), rng.random(n) < 0.8)
        for scale, n in ((12.0, 150), (9.0, 120))
    )
    data = [stats.CensoredData.right_censored(x.months, ~x.event) for x in (other, one)]
    assert log_rank(one, other) == pytest.approx(stats.logrank(*data).statistic, rel=1e-12)
    assert log_rank(one, other) == pytest.approx(-log_rank(other, one))


def test_nothing_is_found_without_an_event() -> None:
    none = Times(np.array([3.0, 4.0]), np.array([False, False]))
    assert log_rank(none, none) == 0.0
    assert hazard_ratio(none, none) is None
    assert median_months(none) == np.inf


def test_the_median_is_where_half_have_died() -> None:
    died = np.ones(4, bool)
    assert median_months(Times(np.array([1.0, 2.0, 3.0, 4.0]), died)) == 2.0
    # the second leaves: then one of two is left at 3 months
    left = Times(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, True]))
    assert median_months(left) == 3.0


def test_power_is_that_of_the_textbook() -> None:
    """Schoenfeld (1981), doi 10.1093/biomet/68.1.316: power follows from the events."""
    planned = design(patients=300, accrual_months=24, follow_up_months=24)
    pools = exponential(1.0), exponential(0.75)
    rng = np.random.default_rng(11)
    scores, events = [], []
    for _ in range(2_000):
        one, other = (arm.times(DEATH) for arm in recruit(planned, pools, 300, rng))
        scores.append(log_rank(one, other))
        events.append(one.event.sum() + other.event.sum())
    power = float(np.mean(np.array(scores) < -1.96))
    textbook = float(ndtr(-np.log(0.75) * np.sqrt(np.mean(events) / 4.0) - 1.96))
    # 99.9 % of 2,000 trials, and the formula itself is good to a point or two
    assert abs(power - textbook) < 3.3 * np.sqrt(textbook * (1 - textbook) / 2_000) + 0.015
    assert 0.3 < textbook < 0.9


# --- the people -----------------------------------------------------------------------------


def test_the_people_are_those_of_a_study_with_the_same_protocol() -> None:
    planned = design(
        people={"histology": {"epithelioid": 0.7, "biphasic": 0.3}, "age": {"mean": 66, "sd": 8}},
        entry={"months": 3, "staged": {"m": "M0"}},
    )
    structure, library = disease("pleural"), treatments("pleural")
    lives = {
        arm.courses: Lives(
            regime_plan(structure, library, arm.courses), observation("pleural"), VALUES,
            seed=5, n=4_000,
        )
        for arm in planned.planned.cohort.arms
    }  # fmt: skip
    for pool, arm in zip(pools_of(planned), enter(planned.planned, lives).values(), strict=True):
        expected = statistics.median_months(arm.weight, arm.lives.survival_months - 3.0)
        assert statistics.median_months(pool.weight, pool.death_months) == pytest.approx(expected)
        # treated from randomisation on
        assert {c.start_months for c in planned.planned.cohort.arms[0].courses} == {3.0}


def test_slower_people_take_longer_for_everything() -> None:
    planned = design()
    usual, slow = pools_of(planned)[0], pools_of(planned, slower=float(np.log(1.5)))[0]
    assert slow.death_months == pytest.approx(1.5 * usual.death_months)
    assert slow.spread_months == pytest.approx(1.5 * usual.spread_months)


def test_a_scan_shows_spread_at_visits_of_the_living() -> None:
    scans = {"by": ["CT"], "every_months": 3, "sites": ["liver", "bone"]}
    pool = pools_of(design(scans=scans))[0]
    seen = pool.seen_months[np.isfinite(pool.seen_months)]
    assert seen.size > 200
    assert set(seen.tolist()) <= set(np.arange(3.0, 30.1, 3.0).tolist())
    shown = np.isfinite(pool.seen_months)
    assert (pool.seen_months[shown] <= pool.death_months[shown]).all()


def test_as_many_are_seen_at_the_first_visit_as_the_eyes_say() -> None:
    scans = {"by": ["CT"], "every_months": 4, "sites": ["liver"]}
    planned = design(scans=scans, follow_up_months=4, accrual_months=0)
    pool = pools_of(planned, n=20_000)[0]
    courses = planned.planned.cohort.arms[0].courses
    lives = Lives(
        regime_plan(disease("pleural"), treatments("pleural"), courses), observation("pleural"),
        VALUES, seed=5, n=20_000,
    )  # fmt: skip
    first, then = (
        lives.not_found(("liver",), ("CT",), lives.levels_after(np.full(lives.n, months)))
        for months in (1.5, 5.5)
    )
    chance = first * (1.0 - then) * (lives.survival_months >= 5.5)
    expected = float(pool.weight @ chance)
    error = float(np.sqrt((pool.weight**2 * chance * (1 - chance)).sum()))
    assert float(pool.weight @ np.isfinite(pool.seen_months)) == pytest.approx(
        expected, abs=4 * error
    )
    assert expected > 10 * error


def test_more_frequent_scans_see_more_and_sooner() -> None:
    rarely, often = (pools_of(design(scans={"every_months": months}))[0] for months in (8.0, 1.0))
    assert np.isfinite(often.seen_months).sum() > np.isfinite(rarely.seen_months).sum()
    both = np.isfinite(often.seen_months) & np.isfinite(rarely.seen_months)
    assert often.seen_months[both].mean() < rarely.seen_months[both].mean() - 1.0


# --- one trial ------------------------------------------------------------------------------


def test_nobody_is_followed_beyond_the_analysis_or_after_being_lost() -> None:
    planned = design(lost_per_year=0.2, accrual_months=10, follow_up_months=20)
    people = exponential(1e-6), exponential(1e-6)
    arms = recruit(planned, people, 20_000, np.random.default_rng(2))
    months, event = arms[0].times(DEATH)
    assert months.max() <= 30.0
    assert not event.any()
    # a fifth is lost in the first year, before anybody's analysis
    assert np.mean(months < 12.0) == pytest.approx(0.2, abs=4 * np.sqrt(0.2 * 0.8 / 10_000))


def test_two_to_one_is_two_to_one() -> None:
    arms = [FACTS["arms"][0] | {"share": 1}, FACTS["arms"][1] | {"share": 2}]
    assert arm_sizes(design(arms=arms), 300) == (100, 200)


def test_whoever_dies_before_spread_is_censored_for_spread_alone() -> None:
    n = 100
    pool = Pool(np.full(n, 1 / n), np.full(n, 5.0), np.full(n, np.inf), np.full(n, np.inf))
    arm = recruit(design(), (pool, pool), 40, np.random.default_rng(1))[0]
    assert not arm.times(SEEN).event.any()
    assert arm.times(Outcome("new spread or death", True)).event.all()
    assert (arm.times(SEEN).months == 5.0).all()


# --- many trials ----------------------------------------------------------------------------


def test_with_nothing_to_be_found_alpha_of_trials_find_it() -> None:
    same = [{"name": "a"}, {"name": "b"}]
    found = trial(FACTS | {"arms": same, "alpha": 0.2}, trials=1_000, draws=40, lives=1_000)
    (death,) = found.outcomes
    both = death.favours_new.estimate + death.favours_control.estimate
    assert both == pytest.approx(0.2, abs=3.3 * np.sqrt(0.2 * 0.8 / 1_000))
    assert death.model_hazard_ratio is not None
    assert death.model_hazard_ratio.low == pytest.approx(1.0, abs=1e-9)
    assert found.patients_for_80 is None


@pytest.fixture(scope="module")
def found() -> Any:
    return trial(EXAMPLE, trials=200, draws=40, lives=2_000)


def test_larger_trials_find_more(found: Any) -> None:
    shares = [size.favours_new.estimate for size in found.sizes]
    assert [size.patients for size in found.sizes] == [224, 336, 448, 672, 896, 1344]
    assert shares[-1] > shares[0]
    (planned,) = (s for s in found.sizes if s.patients == 448)
    (death,) = (o for o in found.outcomes if o.decisive)
    assert planned.favours_new == death.favours_new
    assert death.endpoint == "death"


def test_scans_blur_what_a_treatment_does_to_spread(found: Any) -> None:
    ratio = {(o.endpoint, o.as_seen): o.model_hazard_ratio.estimate for o in found.outcomes}
    assert ratio["new spread", False] < ratio["new spread", True] < 1.0
    for arm in found.scans:
        assert 0.0 < arm.seen.low <= arm.seen.estimate < 1.0
        assert arm.delay_months.estimate > 0.0


def test_the_same_seed_gives_the_same_answer_and_it_is_json(found: Any) -> None:
    again = trial(EXAMPLE, trials=200, draws=40, lives=2_000)
    assert again == found
    data = json.loads(json.dumps(found.model_dump(mode="json"), allow_nan=False))
    assert data["trials"] == 200
    assert data["design"]["trial"] == data["trial"]
    assert data["sources"]
    assert data["model"]["calibration"]


def test_other_designs_have_other_hashes(found: Any) -> None:
    facts = found.design | {"patients": 460}
    assert trial(facts, trials=100, draws=40, lives=1_000).input_hash != found.input_hash


# --- figures --------------------------------------------------------------------------------


def test_the_error_of_a_share_is_that_of_the_draws_if_these_differ() -> None:
    rng = np.random.default_rng(4)
    alike = rng.random((50, 20)) < 0.5
    assert share(alike).high - share(alike).low == pytest.approx(0.062, abs=0.012)
    apart = np.repeat(np.arange(50) < 25, 20).reshape(50, 20)
    # fifty draws, not a thousand trials
    assert share(apart).high - share(apart).low == pytest.approx(0.27, abs=0.02)
    nothing = share(np.zeros((50, 20), bool))
    assert (nothing.estimate, nothing.low) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert nothing.high == pytest.approx(0.0038, abs=0.0003)


def test_patients_for_a_share_are_found_between_sizes() -> None:
    def size(n: int) -> SizeResult:
        p = float(ndtr(0.1 * np.sqrt(n) - 1.96))
        return SizeResult(patients=n, favours_new=Estimate(estimate=p, low=0.0, high=1.0))

    exact = ((ndtri(0.8) + 1.96) / 0.1) ** 2
    assert patients_for([size(500), size(750), size(1000)], 0.8) == int(np.ceil(exact))
    assert patients_for([size(100), size(200)], 0.8) is None


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"arms": [{"name": "a"}, {"name": "a"}]}, "two arms have the same name"),
        ({"endpoint": "new spread"}, "needs [scans]"),
        ({"patients": 19}, "20"),
        ({"patients": True}, "whole number"),
        ({"alpha": 0.7}, "0.5"),
        ({"primary": "plural"}, "pleural"),
        ({"follow_up_months": 0}, "follow_up_months"),
        ({"scans": {"by": ["CTT"]}}, "CT"),
        ({"scans": {"sites": ["livre"]}}, "liver"),
        ({"scans": {"sites": ["regional_nodes"]}}, "not in the regional nodes"),
        (
            {"arms": [{"name": "a"}, {"name": "b", "treatments": [{"name": "nivolumb"}]}]},
            "nivolumab",
        ),
        (
            {"entry": {"months": 1, "before": [{"name": "nivolumab", "start_months": 3}]}},
            "before randomisation",
        ),
        ({"people": {"histology": {"epithelioid": 0.4}}}, "add up to 0.4"),
        ({"patient": 3}, "patients"),
    ],
)
def test_a_wrong_design_is_told(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        design(**changes)


@pytest.mark.parametrize("few", [{"trials": 99}, {"draws": 39}, {"lives": 999}])
def test_too_small_a_simulation_is_refused(few: dict[str, int]) -> None:
    with pytest.raises(InputError, match="too few"):
        trial(FACTS, **few)


def test_a_trial_of_next_to_nobody_is_refused() -> None:
    planned = design(entry={"months": 200}, patients=20_000)
    settings = Settings(draws=40, lives=1_000)
    trials = Trials(
        planned, disease("pleural"), treatments("pleural"), observation("pleural"), settings
    )
    with pytest.raises(InputError, match="fit"):
        trials.run(None)


def test_trials_of_alike_people_differ_by_the_scatter_of_survival() -> None:
    """The levels are selection and scatter of independent draws: variances add up."""
    posterior = shipped_posterior("pleural")
    assert posterior is not None
    settings = Settings(draws=400)
    chosen = posterior.selection[:, SELECTED.index("trial")]
    scatter = posterior.scatter[:, posterior.kinds.index("survival")]
    levels = pace("trial", posterior, settings)
    assert levels.mean() == pytest.approx(chosen.mean(), abs=0.02)
    assert levels.var() == pytest.approx(chosen.var() + (scatter**2).mean(), rel=0.25)
    of_everybody = pace("population", posterior, settings)
    assert of_everybody.std() == pytest.approx(np.sqrt((scatter**2).mean()), rel=0.15)
    assert (pace("trial", posterior, settings) == levels).all()


def test_without_a_posterior_all_trials_have_one_level() -> None:
    assert not pace("trial", None, Settings(draws=40)).any()
