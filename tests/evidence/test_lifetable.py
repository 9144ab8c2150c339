"""Background mortality: the published figures, and exact inversion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesospread.errors import InputError
from mesospread.evidence.lifetable import load_life_table

UK, US = load_life_table("uk"), load_life_table("us")


def yearly_risk(table, age, is_male):
    return 1.0 - np.exp(-12.0 * table.hazard_per_month[int(is_male), age])


@pytest.mark.parametrize(
    ("table", "age", "is_male", "risk"),
    [
        (UK, 70, True, 0.019238),  # Office for National Statistics, UK 2018-2020, q70
        (UK, 70, False, 0.012895),
        (US, 70, True, 0.022697),  # survexp.us 2014
        (US, 70, False, 0.015139),
    ],
)
def test_published_risks(table, age, is_male, risk):
    assert yearly_risk(table, age, is_male) == pytest.approx(risk, abs=5e-7)


@pytest.mark.parametrize("table", [UK, US], ids=["uk", "us"])
def test_tables_are_complete_and_plausible(table):
    assert table.age_years.tolist() == list(range(101))
    assert table.hazard_per_month.shape == (2, 101)
    assert (table.hazard_per_month > 0).all()
    # From 40 on, risk rises with age, and men die sooner.
    assert (np.diff(table.hazard_per_month[:, 40:], axis=1) > 0).all()
    assert (table.hazard_per_month[1, 40:] > table.hazard_per_month[0, 40:]).all()
    assert table.licence
    assert "Office for National Statistics" in UK.attribution


def test_life_expectancy_of_a_uk_man_of_70():
    """The ONS table itself gives 14.78 years (column ex)."""
    draws = -np.log((np.arange(20_000) + 0.5) / 20_000)
    months = UK.time_to_background_death_months(70.0, True, draws)
    assert months.mean() / 12 == pytest.approx(14.78, abs=0.03)


@given(
    age=st.floats(0, 120),
    is_male=st.booleans(),
    draw=st.floats(0, 50),
    population=st.sampled_from(["uk", "us"]),
)
def test_hazard_over_the_returned_time_equals_the_draw(age, is_male, draw, population):
    table = load_life_table(population)
    months = table.time_to_background_death_months(age, is_male, draw)
    assert months >= 0
    gained = table.cumulative_hazard(age + months / 12, is_male) - table.cumulative_hazard(
        age, is_male
    )
    assert gained == pytest.approx(draw, abs=1e-10)


@given(age=st.floats(0, 110), draws=st.tuples(st.floats(0, 30), st.floats(0, 30)))
def test_a_larger_draw_is_never_earlier(age, draws):
    early, late = UK.time_to_background_death_months(age, True, sorted(draws))
    assert early <= late


def test_cumulative_hazard_is_the_sum_of_the_years():
    expected = 12 * (UK.hazard_per_month[0, :3].sum() + 0.5 * UK.hazard_per_month[0, 3])
    assert UK.cumulative_hazard(3.5, False) == pytest.approx(expected, rel=1e-14)


def test_last_rate_goes_on_for_ever():
    one_year = UK.cumulative_hazard([131.0], [True]) - UK.cumulative_hazard([130.0], [True])
    assert one_year == pytest.approx(12 * UK.hazard_per_month[1, -1])


def test_arguments_broadcast():
    months = UK.time_to_background_death_months([[60.0], [80.0]], [True, False, True], 1.0)
    assert months.shape == (2, 3)
    assert (months[1] < months[0]).all()


def test_tables_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        UK.hazard_per_month[0, 0] = 1.0


def test_unknown_population_is_named():
    with pytest.raises(InputError, match=r"'france'.*uk, us"):
        load_life_table("france")


@pytest.mark.parametrize(
    ("age", "draw"), [(-1.0, 1.0), (np.nan, 1.0), (60.0, -0.1), (60.0, np.inf)]
)
def test_impossible_values_are_refused(age, draw):
    with pytest.raises(InputError, match="finite and not negative"):
        UK.time_to_background_death_months(age, True, draw)
