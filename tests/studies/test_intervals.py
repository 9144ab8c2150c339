"""Deaths per interval of follow-up: the actuarial curve, refusals, right and wrong curves."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from mesospread.model.load import disease, observation, treatments
from mesospread.studies.intervals import check_intervals, life_table
from mesospread.studies.library import shipped_studies
from mesospread.studies.predict import Predicted, Protocols
from mesospread.studies.protocol import Intervals, Study
from mesospread.studies.targets import targets

ENDS = (3.0, 6.0, 9.0, 12.0, 18.0, 24.0)
DRAWS = 60


def counts(**changes: object) -> dict[str, object]:
    return {
        "to_months": [3, 6],
        "at_risk": [100, 85],
        "deaths": [10, 17],
        "left": [5, 8],
    } | changes


def study(intervals: dict[str, object], **changes: object) -> Study:
    result = {
        "id": "curve", "subject": "deaths", "kind": "survival", "use": "validate",
        "statistic": "interval_counts", "intervals": intervals,
    }  # fmt: skip
    return Study.model_validate(
        {
            "format": 1, "study": "x", "title": "x", "citation": "x", "primary": "pleural",
            "read_in": "full_text", "result": [result | changes],
        }
    )  # fmt: skip


def simulated(patients: int, monthly_hazard: float, seed: int) -> dict[str, object]:
    """Return the counts of people with exponential lives, all followed to 24 months."""
    lived = np.random.default_rng(seed).exponential(1.0 / monthly_hazard, patients)
    starts = (0.0, *ENDS[:-1])
    return {
        "to_months": list(ENDS),
        "at_risk": [int((lived > s).sum()) for s in starts],
        "deaths": [
            int(((lived > s) & (lived <= e)).sum()) for s, e in zip(starts, ENDS, strict=True)
        ],
        "left": [0] * len(ENDS),
    }


def says(monthly_hazard: float) -> list[dict[str, Predicted]]:
    """Return predictions of a model that is quite sure of this hazard."""
    hazards = monthly_hazard * np.exp(0.02 * np.random.default_rng(1).standard_normal(DRAWS))
    return [
        {"x/curve": Predicted(float(np.exp(-24 * h)), 0.0, tuple(np.exp(-np.array(ENDS) * h)))}
        for h in hazards
    ]


def check(patients: int, hazard: float, seed: int, kind: str):
    found = check_intervals(
        says(0.05), [study(simulated(patients, hazard, seed), kind=kind)], None, seed=seed
    )
    assert len(found) == 1
    return found[0]


def test_the_actuarial_curve_by_hand():
    table = life_table(Intervals.model_validate(counts()))
    first = 1 - 10 / 97.5
    assert table.alive == pytest.approx([first, first * (1 - 17 / 81)])
    assert (table.low < table.alive).all()
    assert (table.alive < table.high).all()


def test_ends_without_an_error_of_their_own_have_an_interval_all_the_same():
    everybody = Intervals.model_validate(
        {"to_months": [3, 6], "at_risk": [20, 20], "deaths": [0, 20], "left": [0, 0]}
    )
    table = life_table(everybody)
    assert table.alive.tolist() == [1.0, 0.0]
    assert table.high[0] == 1.0
    # three in twenty, as the rule of three has it
    assert table.low[0] == pytest.approx(1 - 0.168, abs=0.01)
    assert table.low[1] == 0.0


MISTAKES = {
    "length": ({"deaths": [10]}, "same length"),
    "order": ({"to_months": [6, 3]}, "must rise"),
    "halves": ({"deaths": [10.5, 17]}, "whole numbers"),
    "people who vanish": ({"at_risk": [100, 84]}, "do not give those at risk next"),
    "more deaths than people": ({"at_risk": [100, 20], "left": [70, 8]}, "do not give"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_counts_that_cannot_be_are_refused(mistake):
    changes, word = MISTAKES[mistake]
    with pytest.raises(ValidationError, match=word):
        study(counts(**changes))


def test_interval_counts_are_never_fitted():
    with pytest.raises(ValidationError, match="not fitted"):
        study(counts(), use="calibrate")
    with pytest.raises(ValidationError, match="need 'intervals'"):
        study(counts(), statistic="median_months", value=3.0)
    shipped = shipped_studies("pleural")
    held = [r for s in shipped for r in s.result if r.intervals is not None]
    assert len(held) >= 5
    assert not any(t.result.intervals for t in targets(shipped, ("calibrate", "validate")))


def test_counts_that_the_model_makes_are_not_found_unusual():
    # a kind that does not scatter, so that a wrong curve cannot be excused
    checked = [check(200, 0.05, seed, "treatment effect") for seed in range(40)]
    p = np.array([c.p_value for c in checked])
    # uniform: 40 of them have a mean of 1/2 with a standard error of 0.046
    assert abs(p.mean() - 0.5) < 4 * 0.046
    inside = np.mean(
        [
            (c.deaths_low <= c.result.intervals.deaths)
            & (c.result.intervals.deaths <= c.deaths_high)
            for c in checked
        ]
    )
    # counts are whole, so that intervals hold somewhat more than 95 %
    assert 0.93 < inside <= 1.0


def test_people_who_die_twice_as_fast_are_found_unusual():
    assert check(200, 0.10, 1, "treatment effect").p_value < 0.01
    # with scatter between studies less so, as it must be
    assert check(200, 0.10, 1, "survival").p_value > 0.01


def test_intervals_of_the_model_hold_its_middle():
    found = check(200, 0.05, 3, "survival")
    for low, middle, high in (
        (found.low, found.predicted, found.high),
        (found.model_low, found.predicted, found.model_high),
        (found.deaths_low, found.deaths, found.deaths_high),
    ):
        assert (low <= middle).all()
        assert (middle <= high).all()
    # what a study would report is less sure than the share itself
    assert (found.high - found.low >= found.model_high - found.model_low).all()


def test_a_protocol_of_nobody_gives_no_curve():
    nobody = [{"x/curve": Predicted(float("nan"), float("nan"))}] * DRAWS
    assert check_intervals(nobody, [study(counts())], None) == []


def test_the_model_predicts_a_curve_through_a_protocol():
    some = study(counts())
    model = (disease("pleural"), treatments("pleural"), observation("pleural"))
    protocols = Protocols([some], *model, n=1_000)
    values = {name: p.value for name, p in protocols.parameters.items()}
    found = protocols.predict(values, 1)["x/curve"]
    assert len(found.curve) == 2
    assert 1.0 >= found.curve[0] >= found.curve[1] == found.value
