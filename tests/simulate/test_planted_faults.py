"""Every check can fail: each planted fault turns the checks red that must see it."""

from __future__ import annotations

import pytest
from tests.support.checks import CHECKS, examine
from tests.support.faults import FAULTS
from tests.support.statistics import failures

SEED = 11
PAIRS = [(fault, check) for fault in FAULTS for check in fault.caught_by]


@pytest.mark.parametrize("check", CHECKS)
def test_without_a_fault_the_check_is_green(check):
    assert not failures(examine(check, SEED))


@pytest.mark.parametrize(
    ("fault", "check"), PAIRS, ids=[f"{fault.name}: {check}" for fault, check in PAIRS]
)
def test_with_the_fault_it_is_red(fault, check):
    assert failures(examine(check, SEED, fault))


def test_every_check_is_tripped_and_every_fault_is_caught():
    assert {check for fault in FAULTS for check in fault.caught_by} == set(CHECKS)
    assert all(fault.caught_by for fault in FAULTS)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
