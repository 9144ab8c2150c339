"""What protocols do not state: drawn as said, felt as said, and nowhere else."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from tests.studies.test_lives import lives, model, study, values
from tests.studies.test_protocol import GOOD, written

from mesospread.errors import InputError
from mesospread.studies.check import check
from mesospread.studies.library import read_study, shipped_studies
from mesospread.studies.lives import Lives, regime_plan
from mesospread.studies.predict import Entered, Protocols, enter
from mesospread.studies.protocol import Seen, Study
from mesospread.studies.targets import targets
from mesospread.studies.unstated import (
    AS_ASSUMED,
    Departure,
    Unstated,
    drawn,
    scores,
    slots,
    towards_first,
    with_odds,
)

WIDE = {
    "entry_factor": 3, "entry_later_months": 6, "age_years": 5, "fitness_odds": 4,
    "histology_odds": 4, "eyes_odds": 4, "distant_odds": 6, "why": "a test",
}  # fmt: skip


def odds(p: float) -> float:
    return p / (1.0 - p)


def entered(departure: Departure, **changes: object) -> Entered:
    (arm,) = enter(study(**changes), {(): lives()}, departure).values()
    return arm


def share(arm: Entered, which: np.ndarray) -> float:
    return float(arm.weight @ which / arm.weight.sum())


def test_the_protocol_as_assumed_is_the_same_to_the_last_bit():
    plain = Protocols([study(entry={"months": 4})], *model(), n=600)
    open_ = Protocols([study(entry={"months": 4}, unstated=WIDE)], *model(), n=600)
    central = plain.predict(values(), 2)
    assert open_.predict(values(), 2) == central
    # a study that states everything does not depend on the draw
    assert plain.predict(values(), 2, unstated=7) == central
    assert open_.predict(values(), 2, unstated=7) != central


def test_shipped_studies_say_why():
    open_ = [s for s in shipped_studies() if s.unstated.fields()]
    assert len(open_) >= 40
    assert all(len(s.unstated.why) > 20 for s in open_)


def test_selection_by_known_spread_multiplies_its_odds():
    arms = [entered(replace(AS_ASSUMED, distant=d), entry={"months": 6}) for d in (0, math.log(3))]
    levels = lives().levels_after(arms[0].entry_months)
    before, after = (share(arm, lives().visible(("distant",), levels)) for arm in arms)
    assert odds(after) == pytest.approx(3.0 * odds(before))
    assert 0.01 < before < 0.5


def test_eyes_multiply_the_odds_of_finding_what_is_there():
    look, entry = Seen(sites=("liver",), by=("CT",)), np.zeros(lives().n)
    level = lives().at_diagnosis[:, lives().structure.position("liver")]
    one, two = (lives().seen(look, entry, eyes)[level == 2] for eyes in (0.0, math.log(2)))
    assert odds(two[0]) == pytest.approx(2.0 * odds(one[0]))
    nothing = lives().seen(look, entry, 3.0)[level == 0]
    assert (nothing == 0).all()


def test_eyes_raise_reported_categories():
    lower, higher = (
        lives().staged_as(study(entry={"staged": {"n": ["N0"]}}).entry.staged, eyes).mean()
        for eyes in (-1.0, 1.0)
    )
    assert higher < lower - 0.02


def test_fitness_and_cell_types_move_by_their_odds():
    shift = replace(AS_ASSUMED, fitness=math.log(2), histology=-math.log(3))
    for cohort in ({}, {"performance_status": {"0": 0.3, "1": 0.5, "2": 0.2}}):
        before, after = (entered(d, cohort=cohort) for d in (AS_ASSUMED, shift))
        # weights of two covariates multiply: taken alone, each moves by its factor
        alone = entered(replace(AS_ASSUMED, fitness=math.log(2)), cohort=cohort)
        codes, _ = lives().level_of("performance_status")
        for worst in (0, 1):
            ratio = odds(share(alone, codes <= worst)) / odds(share(before, codes <= worst))
            assert ratio == pytest.approx(2.0, rel=1e-6)
        cells, levels = lives().level_of("histology")
        first = cells == levels.index("epithelioid")
        assert odds(share(after, first)) < 0.5 * odds(share(before, first))


def test_age_and_entry_move():
    before = entered(AS_ASSUMED, entry={"months": 6})
    after = entered(
        replace(AS_ASSUMED, age_years=-4.0, entry=math.log(2), later_months=1.0),
        entry={"months": 6},
    )
    assert after.entry_months == pytest.approx(13.0)
    assert (before.entry_months == 6.0).all()
    moved = entered(replace(AS_ASSUMED, age_years=-4.0), entry={"months": 6})
    ages = [arm.weight @ lives().age_at_diagnosis_years for arm in (before, moved)]
    assert ages[1] - ages[0] == pytest.approx(-4.0, abs=1.0)


def test_the_treated_become_more_by_their_odds():
    arms = [
        {"name": "none", "share": 0.6},
        {"name": "chemo", "share": 0.4,
         "courses": [{"name": "pemetrexed + cisplatin", "start_months": 1.5}]},
    ]  # fmt: skip
    mixed = study(cohort={"arms": arms})
    both = {arm.courses: lives(bool(arm.courses)) for arm in mixed.cohort.arms}
    found = enter(mixed, both, replace(AS_ASSUMED, treated=math.log(2)))
    shares = {name: arm.weight.sum() for name, arm in found.items()}
    assert sum(shares.values()) == pytest.approx(1.0)
    assert odds(shares["chemo"]) == pytest.approx(2.0 * odds(0.4))


def test_draws_have_the_stated_range_and_are_independent():
    one = study(study="one", entry={"months": 3}, unstated=WIDE)
    two = study(study="two", entry={"months": 3}, unstated=WIDE)
    assert slots([one, two])[0] == ("one", "entry_factor")
    z = np.array([scores([one, two], number) for number in range(2_000)])
    assert z.shape == (2_000, 14)
    assert np.abs(np.corrcoef(z.T) - np.eye(14)).max() < 5 / math.sqrt(2_000)
    assert np.abs(z).mean() == pytest.approx(math.sqrt(2 / math.pi), rel=0.03)
    factors = [math.exp(drawn(one, number).entry) for number in range(2_000)]
    assert np.mean([1 / 3 <= f <= 3 for f in factors]) == pytest.approx(0.95, abs=0.025)
    later = [drawn(one, number).later_months for number in range(500)]
    assert 0 <= min(later) < 0.2
    assert 5.8 < max(later) <= 6
    # what else is open, and which other studies there are, changes nothing
    alone = study(study="two", entry={"months": 3}, unstated={"eyes_odds": 4, "why": "a test"})
    assert drawn(alone, 5).eyes == drawn(two, 5).eyes != 0


def test_a_less_certain_protocol_has_a_wider_interval():
    def width(unstated: dict[str, object]) -> float:
        some = study(entry={"months": 4}, result={"n": 400, "events": 40}, unstated=unstated)
        listed = targets([some], ("validate",))
        (found,) = check(Protocols([some], *model(), n=1_000), listed, None, draws=40)
        return found.high - found.low

    narrow, wide = width({}), width(WIDE)
    assert wide > 1.15 * narrow


def test_odds_and_ordered_shares():
    chance = np.array([0.0, 0.2, 1.0])
    assert with_odds(chance, math.log(4)) == pytest.approx([0.0, 0.5, 1.0])
    shares = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
    moved = towards_first(shares, math.log(2))
    assert moved.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert odds(moved[0, 0]) == pytest.approx(2 * odds(0.2))
    assert odds(moved[0, :2].sum()) == pytest.approx(2 * odds(0.5))
    assert moved[1] == pytest.approx([1.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("eyes_odds = 0.5", "between 1"),
        ("eyes_odds = 50", "between 1"),
        ("age_years = -3", "greater than or equal to 0"),
        ("eye_odds = 2", "Did you mean 'eyes_odds'"),
        ("treated_odds = 2", "differ in their number of treatments"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, line: str, said: str):
    text = GOOD.replace("[[result]]", f'[unstated]\n{line}\nwhy = "x"\n\n[[result]]', 1)
    with pytest.raises(InputError) as problem:
        read_study(written(tmp_path, text))
    assert said in str(problem.value)
    assert "unstated" in str(problem.value)


def test_what_is_open_needs_a_reason_and_something_to_move():
    with pytest.raises(ValidationError, match="say in 'why'"):
        Unstated(eyes_odds=2.0)
    with pytest.raises(ValidationError, match="entry_later_months"):
        study(unstated={"entry_factor": 2.0, "why": "x"})
    assert isinstance(study(unstated={"distant_odds": 2.0, "why": "x"}), Study)


def test_lives_are_shared_by_studies_with_other_eyes():
    """Eyes belong to a study: what one study's readers see leaves the lives as they were."""
    structure, library, seen = model()
    own = Lives(regime_plan(structure, library, ()), seen, values(), seed=3, n=500)
    look, entry = Seen(sites=("distant",), by=("CT",)), np.zeros(own.n)
    before = own.seen(look, entry)
    own.seen(look, entry, 2.0)
    assert np.array_equal(own.seen(look, entry), before)
