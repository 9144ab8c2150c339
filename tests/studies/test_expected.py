"""Studies by drawn deaths and by chances of death: two ways to every figure, one answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
from tests.support.statistics import (
    NotEnough,
    Score,
    failures,
    kolmogorov_smirnov,
    normal,
    require_enough,
    sample_size,
)

from mesospread.model.load import disease, observation, treatments
from mesospread.studies.averaged import AveragedLives
from mesospread.studies.check import parameter_draws
from mesospread.studies.expected import ExpectedProtocols
from mesospread.studies.library import shipped_studies
from mesospread.studies.lives import Lives, regime_plan
from mesospread.studies.predict import Predicted, Protocols
from mesospread.studies.protocol import CourseGiven, Result, Study

#: every statistic, every way of looking, and all shipped interval counts
CHOSEN = (
    "tcga", "bueno-2016", "england-2023", "linton-2014", "checkmate-743", "mars-2", "finn-2012",
    "dagogo-2023", "bayman-2019",
)  # fmt: skip
N = 24_000
#: smallest difference that a comparison must see: of a share, and of a logarithm
OF_SHARES, OF_LOGS = 0.25, 0.6
#: standard deviations at which it sees it
SEEN = 5.0 + 2.33
#: smallest relative error of a hazard that the sharp test must see
OF_HAZARDS = 0.05
COURSES = {
    "untreated": (),
    "drugs": (CourseGiven(name="pemetrexed + cisplatin", start_months=1.5),),
    "operation": (CourseGiven(name="pleurectomy/decortication", start_months=1.5),),
}


def model() -> tuple:
    return disease("pleural"), treatments("pleural"), observation("pleural")


@cache
def studies() -> list[Study]:
    return [s for s in shipped_studies("pleural") if s.study in CHOSEN]


@cache
def values() -> Mapping[str, float]:
    (drawn,) = parameter_draws(Protocols(studies(), *model(), n=10), 1)
    return dict(drawn)


@cache
def drawn(n: int = N) -> dict[str, Predicted]:
    return Protocols(studies(), *model(), n=n).predict(values(), 5)


def compared(result: Result, one: Predicted, other: Predicted, name: str) -> Score:
    """Compare one figure; refuse if the errors would hide what must be seen."""
    first, second = np.array([one.value, other.value])
    errors = np.array([one.error, other.error])
    smallest = OF_SHARES
    if result.statistic in ("hazard_ratio", "median_months"):
        if result.statistic == "median_months":
            errors = errors / [first, second]
        first, second, smallest = np.log(first), np.log(second), OF_LOGS
    error = float(np.hypot(*errors))
    require_enough(smallest / error, SEEN, f"{name}: standard errors in what must be seen")
    return normal(name, "level", float((first - second) / error), N)


def scores(found: Mapping[str, Predicted], other: Mapping[str, Predicted]) -> list[Score]:
    return [
        compared(result, found[key], other[key], key)
        for study in studies()
        for result in study.result
        for key in [f"{study.study}/{result.id}"]
        if np.isfinite(found[key].value)
    ]


@cache
def both(courses: str, n: int) -> tuple[Lives, AveragedLives]:
    structure, library, seen = model()
    regime = regime_plan(structure, library, COURSES[courses])
    return (
        Lives(regime, seen, values(), seed=3, n=n),
        AveragedLives(regime, seen, values(), seed=3, n=n),
    )


def at_death(courses: str) -> list[Score]:
    """Return how the hazard accumulated at drawn deaths compares with a unit exponential."""
    lives, averaged = both(courses, int(1.5 * sample_size(OF_HAZARDS)))
    require_enough(lives.n, sample_size(OF_HAZARDS), "lives with a diagnosis")
    parts = averaged.accumulated(np.arange(lives.n), lives.survival_months[:, None])
    reached = np.add(*parts)[:, 0]
    mean = normal("mean", "level", float((reached.mean() - 1.0) * np.sqrt(lives.n)), lives.n)
    return [mean, kolmogorov_smirnov("shape", reached, lambda h: 1.0 - np.exp(-h))]


@pytest.mark.parametrize("courses", ["untreated", "drugs"])
def test_the_hazard_accumulated_at_death_is_a_unit_exponential(courses):
    assert not failures(at_death(courses))


def test_the_chance_to_be_alive_holds_after_an_operation():
    lives, averaged = both("operation", 20_000)
    months = np.array([1.0, 2.0, 6.0, 12.0, 24.0, 48.0])
    chance = averaged.alive(np.arange(lives.n), np.tile(months, (lives.n, 1)))
    alive = lives.survival_months[:, None] > months
    error = np.sqrt((chance * (1.0 - chance)).mean(axis=0) / lives.n)
    z = (alive - chance).mean(axis=0) / error
    assert not failures(
        [normal(str(m), "level", v, lives.n) for m, v in zip(months, z, strict=True)]
    )
    # the operation kills some at once: without that the test would go red
    at_once = averaged._jumps.max(axis=1)[averaged.rows]
    assert (1.0 - np.exp(-at_once)).mean() > 5.0 * error.max()


def test_people_are_the_same_until_they_die():
    lives, averaged = both("drugs", 2_000)
    assert np.array_equal(lives.at_diagnosis, averaged.levels_after(np.zeros(averaged.n)))
    before = 0.999 * lives.survival_months
    assert np.array_equal(lives.levels_after(before), averaged.levels_after(before))


@pytest.mark.parametrize("fault", ["hazard", "other causes"])
def test_a_wrong_hazard_is_seen(fault, monkeypatch):
    if fault == "hazard":
        right = AveragedLives._of_disease
        wrong = 1.0 + 1.5 * OF_HAZARDS
        monkeypatch.setattr(AveragedLives, "_of_disease", lambda s, p, t: wrong * right(s, p, t))
    else:
        # other causes are about one death in fifty: left out, they would hardly show
        usual = AveragedLives._of_others
        monkeypatch.setattr(AveragedLives, "_of_others", lambda s, r, t: 5.0 * usual(s, r, t))
    assert failures(at_death("untreated"))


def along(one: Predicted, other: Predicted, name: str) -> list[Score]:
    """Compare two curves at the end of each interval."""
    apart = np.subtract(one.curve, other.curve)
    error = np.hypot(one.curve_errors, other.curve_errors)
    require_enough(OF_SHARES / error.max(), SEEN, f"{name}: standard errors in what must be seen")
    return [normal(f"{name} {k}", "level", z, N) for k, z in enumerate(apart / error)]


def with_curves() -> list[str]:
    return [f"{s.study}/{r.id}" for s in studies() for r in s.result if r.intervals is not None]


def test_both_ways_give_the_same_figures():
    """With other random numbers, so that the errors stated must be right, too."""
    found = ExpectedProtocols(studies(), *model(), n=N).predict(values(), 6)
    listed = scores(drawn(), found)
    assert len(listed) >= 30
    assert not failures(listed)
    # figures of one study move together: the bound is wide
    assert 0.5 < np.sqrt(np.mean([s.z**2 for s in listed])) < 1.7
    assert len(with_curves()) >= 5
    for key in with_curves():
        assert not failures(along(drawn()[key], found[key], key))


def test_too_few_lives_are_refused():
    few = ExpectedProtocols(studies(), *model(), n=300).predict(values(), 6)
    with pytest.raises(NotEnough, match="must be seen"):
        scores(drawn(300), few)


def test_interval_counts_turn_red_when_deaths_are_averaged_wrongly(monkeypatch):
    right = AveragedLives._of_disease
    monkeypatch.setattr(AveragedLives, "_of_disease", lambda s, p, t: 3.0 * right(s, p, t))
    cohorts = [s for s in studies() if s.study in ("tcga", "bueno-2016")]
    found = ExpectedProtocols(cohorts, *model(), n=N).predict(values(), 6)
    for key in with_curves():
        assert failures(along(drawn()[key], found[key], key)), key
