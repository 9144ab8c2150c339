"""Transitions of one leaf over a time against the matrix exponential and quadrature."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm

from mesospread.kernels.leaves import (
    FOUND,
    FOUND_COUNT,
    N_LEVELS,
    SEEDED_COUNT,
    LeafRates,
    move_rows,
    move_vector,
    set_moves,
)

#: absolute and relative error of a transition: of the series, and of squaring it. Chances of
#: three steps within the longest time of the series are off the most, relatively
CLOSE, CLOSE_RELATIVE = 5e-8, 4e-6

#: (climb from 0, 1, 2), (loss at 0, 1, 2, 3), months
CASES = {
    "usual": ((0.02, 0.15, 0.12), (0.0, 0.01, 0.05, 0.2), 3.0),
    "a moment": ((0.02, 0.15, 0.12), (0.0, 0.01, 0.05, 0.2), 1e-9),
    "no time": ((0.02, 0.15, 0.12), (0.0, 0.01, 0.05, 0.2), 0.0),
    "nothing happens": ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), 7.0),
    "never seeded": ((0.0, 0.3, 0.2), (0.0, 0.01, 0.1, 0.4), 5.0),
    "never found": ((0.4, 0.0, 0.2), (0.0, 0.01, 0.1, 0.4), 5.0),
    "never felt": ((0.4, 0.2, 0.0), (0.0, 0.01, 0.1, 0.4), 5.0),
    "only lost": ((0.0, 0.0, 0.0), (0.1, 0.2, 0.3, 0.4), 5.0),
    "never lost": ((0.05, 0.2, 0.1), (0.0, 0.0, 0.0, 0.0), 12.0),
    "all rates equal": ((0.2, 0.2, 0.2), (0.0, 0.0, 0.0, 0.2), 6.0),
    "equal exits": ((0.1, 0.2, 0.25), (0.2, 0.1, 0.05, 0.3), 6.0),
    "very slow": ((1e-9, 1e-8, 1e-10), (0.0, 1e-12, 1e-9, 1e-8), 24.0),
    "very fast": ((40.0, 90.0, 60.0), (0.0, 1.0, 2.0, 5.0), 3.0),
    "fast after slow": ((1e-6, 300.0, 200.0), (0.0, 0.0, 0.0, 0.01), 12.0),
    "slow after fast": ((300.0, 1e-6, 0.02), (0.0, 0.0, 0.0, 0.5), 12.0),
    "deadly": ((0.1, 0.1, 0.1), (0.0, 50.0, 100.0, 500.0), 4.0),
    "just one squaring": ((0.5, 0.2, 0.1), (0.001, 0.0, 0.0, 0.3), 1.0),
    "no squaring": ((0.5, 0.2, 0.1), (0.0, 0.0, 0.0, 0.3), 1.0),
}


def rates_of(climb: tuple[float, ...], loss: tuple[float, ...], n_tags: int = 0) -> LeafRates:
    return LeafRates(
        climb=np.array([*climb, 0.0]),
        loss=np.array(loss),
        felt=np.zeros(N_LEVELS),
        share=np.zeros(n_tags),
        moves=np.full((N_LEVELS, N_LEVELS + 2), np.nan),
    )


def moved(case: str) -> np.ndarray:
    climb, loss, months = CASES[case]
    rates = rates_of(climb, loss)
    set_moves(rates, months)
    return rates.moves


def generator(case: str) -> np.ndarray:
    climb, loss, _ = CASES[case]
    steps = np.array([*climb, 0.0])
    return np.diag(-(steps + loss)) + np.diag(steps[:-1], 1)


@pytest.mark.parametrize("case", CASES)
def test_levels_move_by_the_matrix_exponential(case):
    upper = np.triu_indices(N_LEVELS)
    expected = expm(generator(case) * CASES[case][2])[upper]
    assert moved(case)[upper] == pytest.approx(expected, rel=0, abs=CLOSE)
    assert moved(case)[upper] == pytest.approx(expected, rel=CLOSE_RELATIVE, abs=1e-15)


@pytest.mark.parametrize("case", ["a moment", "very slow"])
def test_small_chances_keep_their_digits(case):
    """Three steps within a moment: a product of rates and time."""
    climb, _, months = CASES[case]
    expected = climb[0] * climb[1] * climb[2] * months**3 / 6.0
    assert moved(case)[0, 3] == pytest.approx(expected, rel=1e-6)


def chance_at(case: str, begin: int, level: int, months: float) -> float:
    """Return P(at a level, and not above it before | at ``begin``)."""
    return float(expm(generator(case) * months)[begin, level])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("begin", range(FOUND))
def test_who_is_found_is_counted(case, begin):
    climb, _, months = CASES[case]

    def density(at: float) -> float:
        return climb[1] * chance_at(case, begin, 1, at)

    expected = integral(density, months, climb)
    assert moved(case)[begin, FOUND_COUNT] == pytest.approx(expected, rel=CLOSE_RELATIVE, abs=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_who_is_seeded_is_counted(case):
    climb, loss, months = CASES[case]

    def density(at: float) -> float:
        return climb[0] * float(np.exp(-(climb[0] + loss[0]) * at))

    expected = integral(density, months, climb)
    assert moved(case)[0, SEEDED_COUNT] == pytest.approx(expected, rel=CLOSE_RELATIVE, abs=1e-15)


def integral(density, months: float, climb: tuple[float, ...]) -> float:
    """Integrate over time, finer where the fastest step is taken."""
    if months == 0:
        return 0.0
    fastest = 1.0 / max(*climb, 1.0 / months)
    marks = [m for k in range(-2, 6) if (m := fastest * 3.0**k) < months]
    ends = [0.0, *marks, months]
    parts = [quad(density, a, b, epsabs=0, epsrel=1e-9)[0] for a, b in itertools.pairwise(ends)]
    return float(sum(parts))


@pytest.mark.parametrize("case", CASES)
def test_nobody_appears_from_nowhere(case):
    """Whoever has been found or seeded, or is at some level, is one person at most."""
    moves = moved(case)
    rows = np.array([moves[a, a:N_LEVELS].sum() for a in range(N_LEVELS)])
    assert (rows <= 1.0 + CLOSE).all()
    assert moves[0, 0] + moves[0, SEEDED_COUNT] <= 1.0 + CLOSE
    assert moves[0, 0] + moves[0, 1] + moves[0, FOUND_COUNT] <= 1.0 + CLOSE
    if case == "never lost":
        assert rows == pytest.approx(1.0, abs=CLOSE)
        assert moves[0, 0] + moves[0, 1] + moves[0, FOUND_COUNT] == pytest.approx(1.0, abs=CLOSE)


def test_two_times_in_turn_are_their_sum():
    climb, loss, months = CASES["usual"]
    one, both = rates_of(climb, loss), rates_of(climb, loss)
    set_moves(one, months)
    set_moves(both, 2.0 * months)
    half, whole = (np.triu(np.nan_to_num(r.moves)[:, :N_LEVELS]) for r in (one, both))
    assert whole == pytest.approx(half @ half, abs=1e-8)


# --- vectors and rows -------------------------------------------------------------------


def leaf(n_tags: int) -> LeafRates:
    climb, loss, months = CASES["usual"]
    rates = rates_of(climb, loss, n_tags)
    rates.share[:] = (0.5, 0.3)[:n_tags]
    set_moves(rates, months)
    return rates


@pytest.mark.parametrize("n_tags", [0, 1, 2])
def test_a_vector_moves_with_its_tags(n_tags):
    """Tags follow the mass that some of the routes seeded; the other lanes stay."""
    rates = leaf(n_tags)
    rng = np.random.default_rng(5)
    x = rng.uniform(0.1, 1.0, (N_LEVELS + n_tags * (N_LEVELS - 1), 3, 2))
    before = x.copy()
    move_vector(x, 1, 1, rates)
    moves = np.triu(np.nan_to_num(rates.moves)[:, :N_LEVELS])
    v, w = 1, 1
    assert x[:N_LEVELS, v, w] == pytest.approx(before[:N_LEVELS, v, w] @ moves, rel=1e-12)
    for g in range(n_tags):
        own = slice(N_LEVELS + 3 * g, N_LEVELS + 3 * (g + 1))
        begin = np.array([before[0, v, w] * rates.share[g], *before[own, v, w]])
        assert x[own, v, w] == pytest.approx((begin @ moves)[1:], rel=1e-12)
    others = np.ones((3, 2), bool)
    others[v, w] = False
    assert (x[:, others] == before[:, others]).all()


def test_tags_add_up_to_all_that_is_seeded():
    """With a tag for every class of routes, tagged parts sum to the mass of each level."""
    rates = leaf(2)
    rates.share[:] = (0.6, 0.4)
    x = np.zeros((N_LEVELS + 2 * (N_LEVELS - 1), 1, 1))
    x[0] = 1.0
    for _ in range(5):
        move_vector(x, 0, 0, rates)
    by_tag = x[N_LEVELS:, 0, 0].reshape(2, N_LEVELS - 1)
    assert by_tag.sum(axis=0) == pytest.approx(x[1:N_LEVELS, 0, 0], rel=1e-12)
    assert by_tag[0] == pytest.approx(0.6 * x[1:N_LEVELS, 0, 0], rel=1e-12)


def test_rows_move_and_count():
    """From each level today: where one is later, found for the first time, seeded by tag."""
    rates = leaf(2)
    rows = np.eye(N_LEVELS)[:, :, None].copy()
    counts = np.zeros((FOUND + 2 + 2, FOUND))
    counts[:FOUND] = np.eye(FOUND)
    for _ in range(4):
        move_rows(rows, counts, rates)
    climb, loss, months = CASES["usual"]
    long = rates_of(climb, loss)
    set_moves(long, 4 * months)
    later = np.nan_to_num(long.moves)
    assert rows[:, :, 0] == pytest.approx(np.triu(later[:, :N_LEVELS]).T, abs=1e-8)
    not_found = np.triu(later[:FOUND, :FOUND])
    assert counts[:FOUND] == pytest.approx(not_found.T, abs=1e-8)
    assert counts[FOUND] == pytest.approx(later[:FOUND, FOUND_COUNT], abs=1e-8)
    assert counts[FOUND + 1, 0] == pytest.approx(later[0, SEEDED_COUNT], abs=1e-8)
    assert counts[FOUND + 2 :, 0] == pytest.approx(rates.share * later[0, SEEDED_COUNT], abs=1e-8)
    assert (counts[FOUND + 1 :, 1] == 0).all()
