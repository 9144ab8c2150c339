"""The posterior of one patient against the exact lattice, and the errors it states.

The small disease has 768 joint states, so its posterior is known to many digits
(`exact_posterior`). Bounds are five standard deviations, and a check that could not see
an error of the stated size is refused.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats
from tests.infer import small
from tests.infer.exact_posterior import ExactPosterior, LabelledPosterior
from tests.support.statistics import (
    FIVE_SIGMA,
    NotEnough,
    Score,
    failures,
    normal,
    require_enough,
)

from mesospread.errors import ContradictionError, InputError
from mesospread.infer import condition as plain
from mesospread.infer import solve as fast
from mesospread.infer.findings import SiteFinding, SymptomFinding
from mesospread.infer.posterior import REPLICATES, Posterior
from mesospread.infer.spread import shares_given, weighted_quantiles
from mesospread.infer.timeline import Timeline
from mesospread.model.definition import Parameter
from mesospread.model.library import ObservationModel
from mesospread.model.parameters import DRAWS_SEED, draw_values, ranges

Question = tuple[str | int, ...]


def by_condition(
    timeline: Timeline, seed: int, draws: int, paths: int, observation: ObservationModel
) -> Posterior:
    """Return the posterior of the plain form after one round of fixed size."""
    effort = plain.Effort(draws=draws, paths=paths, enough=math.inf, too_few=1.0, max_rounds=1)
    return plain.condition(timeline, observation, seed=seed, effort=effort)


def by_solve(
    timeline: Timeline, seed: int, draws: int, paths: int, observation: ObservationModel
) -> Posterior:
    """Return the posterior of the fast form after one round of fixed size."""
    effort = fast.Effort(
        draws=draws,
        core_paths=paths,
        leaf_paths=draws * paths // 4,
        standard_error=0.0,
        too_few=1.0,
        max_rounds=1,
    )
    return fast.solve(timeline, observation, seed=seed, effort=effort, prognosis=True)


ENGINES = {"condition": by_condition, "solve": by_solve}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Both forms answer the same questions."""
    return str(request.param)


def answered(
    engine: str,
    timeline: Timeline,
    seed: int,
    draws: int,
    paths: int,
    observation: ObservationModel = small.OBSERVATION,
) -> Posterior:
    return ENGINES[engine](timeline, seed, draws, paths, observation)


def in_units(error: float, standard_error: float) -> float:
    """Return an error as a standard normal score; its unit comes from `REPLICATES` parts."""
    t = error / standard_error
    tail = float(stats.t.sf(abs(t), REPLICATES - 1))
    return math.copysign(float(stats.norm.isf(tail)), t)


PATIENT = small.patient(small.certain_disease())


@cache
def exact() -> ExactPosterior:
    return ExactPosterior(PATIENT)


@cache
def simulated(engine: str) -> Posterior:
    return answered(engine, PATIENT, seed=3, draws=40, paths=6_000)


# --- the oracle -------------------------------------------------------------------


def test_the_oracle_agrees_with_adding_up_over_time():
    """The state at diagnosis, once by a linear system, once by quadrature over its time."""
    nodes, weights = np.polynomial.legendre.leggauss(120)
    months = 200.0 * (nodes + 1.0)
    p = exact().lattice.distribution(months.tolist())
    rates = exact().q.tocsr()
    waiting = ~exact().diagnosed & ~exact().dead
    entered = np.array([rates @ np.where(waiting, row, 0.0) for row in p])
    at_diagnosis = np.where(exact().diagnosed & ~exact().dead, entered, 0.0)
    added = 200.0 * (weights[:, None] * at_diagnosis).sum(axis=0)
    now = replace(PATIENT, now_months=0.0, findings=(), stage=None, symptoms=())
    np.testing.assert_allclose(ExactPosterior(now).today, added, atol=1e-9)
    assert 0.7 < added.sum() < 1.0


def test_the_labelled_oracle_is_the_same_chain():
    labelled = LabelledPosterior(PATIENT)
    assert labelled.evidence == pytest.approx(exact().evidence, rel=1e-10)
    assert all(share > 0.1 for share in labelled.routes().values())


# --- the posterior ----------------------------------------------------------------


def compared(posterior: Posterior, truth: dict[Question, float]) -> list[Score]:
    """Compare the answers; those of questions too rare for the sample are left out."""
    size = posterior.effective_sample_size()
    scores = []
    for question, value in truth.items():
        answer = posterior.answer(*question)
        if size * value * (1.0 - value) < 100:
            continue
        z = in_units(answer.estimate - value, answer.standard_error)
        scores.append(normal(str(question), "level", z, int(size)))
    return scores


def test_every_answer_is_within_five_standard_errors(engine):
    scores = compared(simulated(engine), exact().answers())
    require_enough(len(scores), 45, "questions asked often enough")
    assert not failures(scores)
    kinds = {name.split("'")[1] for name in (s.name for s in scores)}
    assert kinds == {
        "now", "involved", "by", "next", "alive", "true", "distant", "scan", "found", "missed",
        "symptom",
    }  # fmt: skip


def test_a_shifted_answer_would_be_seen(engine):
    """Three percentage points, on a question answered to half a point."""
    truth = exact().answers()
    question = ("by", "liver", 12)
    assert simulated(engine).answer(*question).standard_error < 0.006
    assert failures(compared(simulated(engine), {question: truth[question] + 0.03}))


def test_sure_answers_are_exact(engine):
    assert simulated(engine).answer("alive", 0).estimate == pytest.approx(1.0, abs=1e-12)


def _seeded(engine: str) -> float:
    """Return the effective number of histories in which the liver is seeded."""
    seeded = simulated(engine).answer("seeded", "liver").estimate
    return simulated(engine).effective_sample_size() * seeded


def test_routes_are_those_of_the_exact_chain(engine):
    """P(route | seeded); the bound is that of a binomial share among those seeded."""
    size = (
        simulated(engine).effective_sample_size()
        * simulated(engine).answer("seeded", "liver").estimate
    )
    scores = []
    for route, share in LabelledPosterior(PATIENT).routes().items():
        part, whole = (
            simulated(engine).sums([question])
            for question in [("route", "liver", route), ("seeded", "liver")]
        )
        seen = float(shares_given(part, whole).estimate[0])
        error = math.sqrt(share * (1.0 - share) / size)
        scores.append(normal(route, "level", (seen - share) / error, int(size)))
    require_enough(size, 5_000, "seeded")
    assert not failures(scores)


def test_surprise_is_the_chance_of_each_finding_given_all_others(engine):
    size = simulated(engine).effective_sample_size()
    require_enough(size, 10_000, "effective sample")
    seen = simulated(engine).surprise()
    # a stage with M concerns leaves and core at once: only the plain form can leave it out
    unknown = {"T2 N0 M0"} if engine == "solve" else set()
    assert list(seen) == [label for label in PATIENT.labels() if label not in unknown]
    scores = []
    for label, chance in exact().surprise().items():
        if label in unknown:
            continue
        # without a finding, weights are more even: the error is smaller than this
        error = math.sqrt(chance * (1.0 - chance) / size)
        scores.append(normal(label, "level", (seen[label] - chance) / error, int(size)))
    assert not failures(scores)


def test_without_findings_all_who_are_alive_count_the_same(engine):
    nothing = replace(PATIENT, findings=(), stage=None, symptoms=())
    posterior = answered(engine, nothing, seed=1, draws=40, paths=2_000)
    assert posterior.surprise() == {}
    counted = float(posterior.tally.weight.sum())
    if engine == "condition":
        assert posterior.effective_sample_size() == pytest.approx(counted)
    scores = compared(posterior, ExactPosterior(nothing).answers())
    scores.append(
        normal(
            "diagnosed and alive",
            "level",
            (counted - 80_000 * ExactPosterior(nothing).evidence)
            / math.sqrt(counted * (1 - counted / 80_000)),
            80_000,
        )
    )
    require_enough(len(scores), 40, "questions asked often enough")
    assert not failures(scores)


def test_absent_symptoms_and_positive_scans_count_too(engine):
    changed = replace(
        PATIENT,
        now_months=3.0,
        stage=None,
        findings=(
            SiteFinding("liver positive", 0.0, "liver", "CT", True),
            SiteFinding("chest wall negative", 3.0, "chest_wall", "CT", False),
        ),
        symptoms=(SymptomFinding("pain absent", "pain", False),),
    )
    scores = compared(
        answered(engine, changed, seed=5, draws=40, paths=3_000), ExactPosterior(changed).answers()
    )
    require_enough(len(scores), 40, "questions asked often enough")
    assert not failures(scores)


# --- the standard errors ----------------------------------------------------------

SEEDS = range(70)
WATCHED: tuple[Question, ...] = (
    ("now", "liver", "free"),
    ("by", "liver", 12),
    ("now", "chest_wall", "symptomatic"),
    ("scan", "CT", "liver"),
    ("symptom", "pain", "chest_wall"),
    ("true", "t", "T3"),
    ("alive", 12),
)


def errors_in_units(
    engine: str, timeline: Timeline, truth: dict[Question, float], paths: int
) -> np.ndarray:
    """Return (seed, question): the error divided by the standard error stated with it."""
    rows = []
    for seed in SEEDS:
        posterior = answered(engine, timeline, seed, draws=40, paths=paths)
        require_enough(posterior.effective_sample_size(), 300, "effective sample")
        answers = [posterior.answer(*question) for question in WATCHED]
        rows.append(
            [
                in_units(a.estimate - truth[q], a.standard_error)
                for a, q in zip(answers, WATCHED, strict=True)
            ]
        )
    return np.array(rows)


def spread_scores(z: np.ndarray) -> list[Score]:
    """Compare errors in units of their standard errors with a standard normal."""
    n = len(z)
    scores = []
    for k, question in enumerate(WATCHED):
        law = stats.chi2(n)
        total = float((z[:, k] ** 2).sum())
        tail = 2.0 * min(float(law.cdf(total)), float(law.sf(total)))
        scores.append(Score(f"spread of {question}", "shape", tail, n))
        scores.append(
            normal(f"bias of {question}", "level", float(z[:, k].sum()) / math.sqrt(n), n)
        )
    return scores


def require_power(n: int) -> None:
    """Refuse a number of seeds with which standard errors wrong by a half would pass."""
    law = stats.chi2(n)
    for factor in (0.5, 2.0):
        # the chance to pass, if all standard errors are wrong by the factor
        low, high = law.ppf(FIVE_SIGMA / 2), law.isf(FIVE_SIGMA / 2)
        passes = law.cdf(high * factor**2) - law.cdf(low * factor**2)
        if passes > 0.01:
            raise NotEnough(f"{n} seeds: standard errors wrong by a factor {factor} may pass")


def test_few_seeds_would_be_refused():
    with pytest.raises(NotEnough):
        require_power(10)


def test_standard_errors_are_right(engine):
    require_power(len(SEEDS))
    z = errors_in_units(engine, PATIENT, exact().answers(), paths=700)
    assert not failures(spread_scores(z))
    assert len(failures(spread_scores(2.0 * z))) >= len(WATCHED)
    assert len(failures(spread_scores(0.5 * z))) >= len(WATCHED)


UNCERTAIN = replace(
    small.patient(small.uncertain_disease()),
    stage=None,
    symptoms=(SymptomFinding("pain present", "pain", True),),
    findings=(SiteFinding("CT: liver negative", 2.5, "liver", "CT", False),),
)


@cache
def over_parameters() -> tuple[np.ndarray, list[dict[Question, float]]]:
    """Return posterior weights of values of the uncertain number, and the answers for each.

    The number is log-normal with a bend at its median (`Parameter`): Gauss-Legendre in
    its score on either side of it.
    """
    x, w = np.polynomial.legendre.leggauss(24)
    weights, answers = [], []
    for side in (-1.0, 1.0):
        for score, weight in zip(side * 3.5 * (x + 1.0), 3.5 * w, strict=True):
            edge = small.BLOOD["high"] if score > 0 else small.BLOOD["low"]
            middle = small.BLOOD["value"]
            value = middle * (edge / middle) ** (abs(score) / float(stats.norm.ppf(0.975)))
            one = ExactPosterior(UNCERTAIN, {"blood": value})
            weights.append(weight * float(stats.norm.pdf(score)) * one.evidence)
            answers.append(one.answers())
    share = np.array(weights)
    return share / share.sum(), answers


def test_parameters_are_drawn_from_their_stated_range():
    parameter = Parameter.model_validate({**small.BLOOD, "note": "Made up."})
    drawn = np.array([draw_values({"blood": parameter}, 1, k)["blood"] for k in range(4_000)])
    scores = [
        normal(
            f"below {edge}",
            "level",
            ((drawn < edge).sum() - 4_000 * p) / math.sqrt(4_000 * p * (1 - p)),
            4_000,
        )
        for edge, p in ((small.BLOOD["low"], 0.025), (0.08, 0.5), (small.BLOOD["high"], 0.975))
    ]
    assert not failures(scores)


@cache
def over_draws() -> dict[Question, float]:
    """Return the answers averaged over the very draws that the forecast averages over."""
    spread = ranges(UNCERTAIN.structure.parameters)
    drawn = [ExactPosterior(UNCERTAIN, spread.draw(DRAWS_SEED, k)) for k in range(40)]
    share = np.array([one.evidence for one in drawn])
    answers = [one.answers() for one in drawn]
    return {q: float(share @ [a[q] for a in answers] / share.sum()) for q in WATCHED}


def test_standard_errors_are_those_for_the_draws_at_hand(engine):
    require_power(len(SEEDS))
    z = errors_in_units(engine, UNCERTAIN, over_draws(), paths=500)
    assert not failures(spread_scores(z))


def test_other_draws_would_change_the_answer_by_as_much_as_stated(engine):
    """The 40 draws at hand are one sample of the many behind `over_parameters`."""
    share, answers = over_parameters()
    posterior = answered(engine, UNCERTAIN, seed=1, draws=40, paths=500)
    for question in (("now", "liver", "free"), ("by", "liver", 12)):
        truth = float(share @ [a[question] for a in answers])
        answer = posterior.answer(*question)
        error = math.hypot(posterior.largest_draws_error(), answer.standard_error)
        assert abs(answer.estimate - truth) < 5 * error
    assert 0.005 < posterior.largest_draws_error() < 0.1


def test_credible_bands_are_the_quantiles_over_parameters(engine):
    """The ends stand where 2.5 % of the exact posterior lie beyond, give or take five sigma."""
    question = ("by", "liver", 12)
    posterior = answered(engine, UNCERTAIN, seed=2, draws=300, paths=600)
    share, answers = over_parameters()
    by_value = np.array([a[question] for a in answers])
    answer = posterior.answer(*question)
    draws = 1.0 / float((posterior.draw_weights() ** 2).sum())
    require_enough(draws, 150, "parameter draws that count")
    slack = 5.0 * math.sqrt(0.025 * 0.975 / draws)
    below, above = share @ (by_value < answer.low), share @ (by_value > answer.high)
    assert below <= 0.025 + slack
    assert above <= 0.025 + slack
    # not too wide either: 15 % of the posterior must be reached on either side
    low, high = (by_value[np.argsort(by_value)][np.searchsorted(np.cumsum(
        share[np.argsort(by_value)]), level)] for level in (0.0005, 0.9995))  # fmt: skip
    assert low <= answer.low < answer.estimate < answer.high <= high


def test_bands_are_narrow_if_the_parameters_are_known(engine):
    """Noise of the simulation is taken out of the spread between draws."""
    answer = simulated(engine).answer("by", "liver", 12)
    by_draw = simulated(engine).per_draw("by", "liver", 12)
    noisy = np.quantile(by_draw, [0.025, 0.975])
    assert answer.high - answer.low < 0.7 * (noisy[1] - noisy[0])


# --- the same answer --------------------------------------------------------------


def test_the_same_seed_gives_the_same_answer(engine):
    one, other = (answered(engine, PATIENT, 4, draws=6, paths=500) for _ in range(2))
    assert other.questions == one.questions
    for name in ("weight", "first", "squares", "without"):
        mine, theirs = getattr(one.tally, name), getattr(other.tally, name)
        assert np.array_equal(mine, theirs, equal_nan=True)


def test_another_seed_gives_another_answer_of_about_the_same_size(engine):
    one, other = (answered(engine, PATIENT, seed, draws=20, paths=1_000) for seed in (1, 2))
    a, b = one.answer("by", "liver", 24), other.answer("by", "liver", 24)
    assert a.estimate != b.estimate
    assert abs(a.estimate - b.estimate) < 5 * math.hypot(a.standard_error, b.standard_error)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused_by_name(engine, seed):
    with pytest.raises(InputError) as caught:
        answered(engine, PATIENT, seed, draws=2, paths=32)
    assert caught.value.where == "seed"


def test_effort_ends_when_enough_is_known():
    shares: list[float] = []
    effort = fast.Effort(draws=4, core_paths=400, leaf_paths=200, standard_error=0.02)
    posterior = fast.solve(
        PATIENT, small.OBSERVATION, seed=1, effort=effort, progress=shares.append
    )
    assert 4 * 400 < posterior.tally.paths < 4 * 400 * effort.max_rounds
    assert posterior.largest_error() <= 0.02
    assert posterior.effective_sample_size() >= effort.too_few
    assert shares[-1] == 1.0
    assert len(shares) > 1
    plainly = plain.Effort(draws=4, paths=500, enough=100.0, too_few=10.0, max_rounds=50)
    posterior = plain.condition(PATIENT, small.OBSERVATION, seed=1, effort=plainly)
    assert posterior.effective_sample_size() >= 100.0
    assert posterior.tally.paths < 4 * 500 * 50


# --- contradictions ---------------------------------------------------------------

#: tissue: no false positives, and nothing symptomatic is missed
SURE = ObservationModel.model_validate(
    {
        **small.OBSERVATION.model_dump(),
        "modality": [
            *small.OBSERVATION.model_dump()["modality"],
            {
                "name": "biopsy",
                "label": "biopsy",
                "sensitivity": {"liver": {"symptomatic": 1.0}},
                "false_positive": {"liver": 0.0},
            },
        ],
    }
)
PLAIN_EFFORT = plain.Effort(draws=5, paths=500, enough=1e6, too_few=50.0, max_rounds=2)
FAST_EFFORT = fast.Effort(draws=5, core_paths=500, leaf_paths=400, too_few=50.0, max_rounds=2)


def infer(engine: str, timeline: Timeline) -> Posterior:
    if engine == "condition":
        return plain.condition(timeline, SURE, seed=1, effort=PLAIN_EFFORT)
    return fast.solve(timeline, SURE, seed=1, effort=FAST_EFFORT)


def refusal(engine: str, timeline: Timeline) -> str:
    with pytest.raises(ContradictionError) as caught:
        infer(engine, timeline)
    assert caught.value.problem.startswith("the findings do not fit together")
    assert "5,000 simulated patients" in caught.value.problem
    return caught.value.given


def test_impossible_findings_are_refused_and_named(engine):
    """Tumour that was there cannot be gone without treatment; the other findings are innocent."""
    found = SiteFinding("biopsy: liver positive", 1.0, "liver", "biopsy", True)
    gone = SiteFinding("biopsy: liver negative", 6.0, "liver", "biopsy", False)
    given = refusal(engine, replace(PATIENT, findings=(*PATIENT.findings, found, gone)))
    assert found.label in given
    assert gone.label in given
    assert "T2 N0 M0" not in given
    assert "pain" not in given


def test_if_no_single_finding_is_to_blame_all_are_shown(engine):
    pairs = [
        SiteFinding(f"biopsy at {month}", float(month), "liver", "biopsy", month < 3)
        for month in (1, 2, 5, 6)
    ]
    given = refusal(engine, replace(PATIENT, findings=tuple(pairs), symptoms=(), stage=None))
    assert given == "; ".join(f.label for f in pairs)


RARE = replace(
    PATIENT,
    findings=(SiteFinding("biopsy: liver positive", -9.0, "liver", "biopsy", True),),
    symptoms=(),
)


def test_findings_too_rare_for_the_plain_form_are_refused_and_the_rarest_named():
    assert refusal("condition", RARE).startswith("biopsy: liver positive")


def test_the_fast_form_answers_rare_findings_and_says_that_they_are():
    """Leaves are solved, not simulated: a rare finding there costs nothing."""
    posterior = answered("solve", RARE, seed=1, draws=5, paths=4_000, observation=SURE)
    assert posterior.effective_sample_size() > 200
    assert posterior.surprise()["biopsy: liver positive"] < 0.01
    assert posterior.answer("now", "liver", "symptomatic").estimate > 0.99


# --- quantiles --------------------------------------------------------------------


def test_weighted_quantiles_by_hand():
    values = np.array([3.0, 1.0, 2.0, 4.0])
    even = np.full(4, 0.25)
    # middles of the weights: 1 at 0.125, 2 at 0.375, 3 at 0.625, 4 at 0.875
    assert weighted_quantiles(values, even, (0.125, 0.5)) == pytest.approx((1.0, 2.5))
    assert weighted_quantiles(values, even) == (1.0, 4.0)
    heavy = np.array([0.7, 0.1, 0.1, 0.1])
    # middles: 1 at 0.05, 2 at 0.15, 3 at 0.55, 4 at 0.95
    assert weighted_quantiles(values, heavy, (0.1, 0.75)) == pytest.approx((1.5, 3.5))


def test_weighted_quantiles_of_one_value():
    assert weighted_quantiles(np.array([0.3]), np.array([1.0])) == (0.3, 0.3)


def test_weighted_quantiles_of_many_equal_weights_are_quantiles():
    values = np.random.default_rng(1).normal(size=20_001)
    low, high = weighted_quantiles(values, np.full(20_001, 1 / 20_001))
    assert (low, high) == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=1e-3)
