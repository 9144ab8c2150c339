"""Sobol points in place of random numbers: uniform, spread out, and the same under any options."""

from __future__ import annotations

import numpy as np
import pytest

from mesospread.infer.points import Block, clock_name, first_clocks, unit_points

NAMES = ("frailty:growth", clock_name("extent", 0), clock_name("nodes", 0))
BLOCK = Block(seed=7, first=0, n_draws=8, n_each=256, n_replicates=16)


def replicates(block: Block, column: np.ndarray) -> np.ndarray:
    """Return the points by replicate, draw and place."""
    by_place = column.reshape(block.n_draws, -1, block.n_replicates)
    return np.moveaxis(by_place, 2, 0)


def test_every_draw_of_every_replicate_is_stratified():
    """Sixteen points of each draw and replicate: one in each sixteenth, in each coordinate."""
    for column in unit_points(BLOCK, NAMES).values():
        sixteenths = np.sort((replicates(BLOCK, column) * 16).astype(int), axis=2)
        assert (sixteenths == np.arange(16)).all()


def test_rounds_go_on_in_the_sequence():
    """Two rounds of 64 and 192 hold the points of one round of 256, draw for draw apart."""
    whole = unit_points(BLOCK, NAMES)
    first = unit_points(Block(7, 0, 8, 64, 16), NAMES)
    second = unit_points(Block(7, 8 * 64, 8, 192, 16), NAMES)
    for name in NAMES:
        assert np.array_equal(
            np.sort(np.concatenate([first[name], second[name]])), np.sort(whole[name])
        )


def test_replicates_are_independent():
    """The means of a replicate scatter as those of independent shifts must: not all alike."""
    column = replicates(BLOCK, unit_points(BLOCK, NAMES)[NAMES[1]])
    firsts = column[:, 0, 0]
    assert len(np.unique(firsts)) == BLOCK.n_replicates
    # a first point is uniform by itself: over many seeds its mean is one half
    many = np.concatenate(
        [
            replicates(block, unit_points(block, NAMES)[NAMES[1]])[:, 0, 0]
            for block in (Block(seed, 0, 1, 16, 16) for seed in range(100))
        ]
    )
    assert abs(many.mean() - 0.5) < 5 * np.sqrt(1 / 12 / many.size)
    assert abs(many.std() - np.sqrt(1 / 12)) < 0.02


def test_another_seed_has_other_points():
    one, other = (unit_points(Block(seed, 0, 8, 64, 16), NAMES) for seed in (1, 2))
    assert not np.array_equal(one[NAMES[0]], other[NAMES[0]])


def test_a_process_keeps_its_clocks_beside_others():
    """What a treatment adds does not change the clocks of the disease: options are compared."""
    alone = first_clocks(BLOCK, NAMES, (("extent", 1), ("nodes", 2)))
    beside = first_clocks(BLOCK, NAMES, (("response_1", 9), ("extent", 1), ("nodes", 2)))
    assert np.array_equal(alone[:, 0], beside[:, 0, 1:])
    # what is not among the names is drawn by seed and patient, as in a cohort
    assert np.isfinite(beside).all()
    assert (beside > 0).all()
    assert not np.array_equal(beside[:, 0, 0], beside[:, 0, 1])


@pytest.mark.parametrize("n_each", [8, 24, 40])
def test_any_number_of_histories(n_each):
    block = Block(3, 0, 5, n_each, 16)
    for column in unit_points(block, NAMES).values():
        assert column.shape == (block.n,)
        assert (column > 0).all()
        assert (column < 1).all()
