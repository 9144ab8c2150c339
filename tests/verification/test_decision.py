"""Verdicts: Holm over the family, a second look before red, and nothing passes by default."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.support.statistics import Score
from verification.decision import FAMILY_ERROR, Look, derived_seed, reds, rejected, verdict


def look(*p, refused=()):
    scores = tuple(Score(f"s{i}", "level", x, 100) for i, x in enumerate(p))
    return Look(1, 100, scores, refused, 0.1)


def test_the_worst_of_many_is_corrected_for_their_number():
    assert look(0.5, 1e-4, 0.2).p == pytest.approx(3e-4)
    assert look(0.5, 0.9).p == 1.0
    assert look(0.5, 1e-4, 0.2).worst.name == "s1"


@pytest.mark.parametrize("empty", [look(), look(0.5, math.nan)], ids=["no score", "nan"])
def test_no_answer_is_a_rejection(empty):
    assert empty.p == 0.0
    assert verdict(True, empty, family=10) == "red"


def test_holm_by_hand():
    # bounds for four: 0.0125, 0.0167, 0.025, 0.05
    p = {"a": 0.001, "b": 0.016, "c": 0.026, "d": 0.04}
    assert rejected(p, 0.05) == {"a", "b"}
    assert rejected({**p, "c": 0.02}, 0.05) == {"a", "b", "c", "d"}
    assert rejected({"a": 0.9}, 0.05) == set()


def test_holm_keeps_its_family_error():
    rng = np.random.default_rng(5)
    families = [dict(enumerate(rng.random(20))) for _ in range(4000)]
    false_alarms = sum(bool(rejected(family, 0.1)) for family in families)
    assert abs(false_alarms / 4000 - 0.095) < 5 * math.sqrt(0.1 * 0.9 / 4000)


def test_red_needs_two_rejections():
    sound, wrong = look(0.3), look(1e-9)
    assert verdict(False, None, 20) == "green"
    assert verdict(True, sound, 20) == "amber"
    assert verdict(True, wrong, 20) == "red"
    assert verdict(True, None, 20) == "red"
    # the second look is judged by the bound of the family, too
    assert verdict(True, look(FAMILY_ERROR / 10), 20) == "amber"
    assert reds(["green", "red", "amber", "red"]) == 2


def test_seeds_differ_by_check_and_look_and_repeat():
    seeds = {derived_seed(7, check, k) for check in "abc" for k in (1, 2)}
    assert len(seeds) == 6
    assert derived_seed(7, "a", 1) == derived_seed(7, "a", 1) != derived_seed(8, "a", 1)
    assert all(0 <= s < 2**56 for s in seeds)
