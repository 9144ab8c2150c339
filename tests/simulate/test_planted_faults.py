"""Every check can fail: each planted fault turns the checks red that must see it."""

from __future__ import annotations

import pytest
from tests.support.checks import CHECKS
from tests.support.faults import FAULTS, SLOW
from tests.support.statistics import failures

SEED = 11
PAIRS = [(fault, check) for fault in FAULTS for check in fault.caught_by]


@pytest.mark.parametrize("check", CHECKS)
def test_without_a_fault_the_check_is_green(check):
    planned = CHECKS[check]
    assert not failures(planned.examine(planned.subject(), planned.n, SEED))


@pytest.mark.parametrize(
    ("fault", "check"), PAIRS, ids=[f"{fault.name}: {check}" for fault, check in PAIRS]
)
def test_with_the_fault_it_is_red(fault, check):
    planned = CHECKS[check]
    # the twin is slow, and its faults are gross
    n = min(planned.n, 6_000) if fault.name in SLOW else planned.n
    assert failures(planned.examine(fault.plant(planned.subject()), n, SEED))


def test_every_check_is_tripped_and_every_fault_is_caught():
    assert {check for fault in FAULTS for check in fault.caught_by} == set(CHECKS)
    assert all(fault.caught_by for fault in FAULTS)
    assert {fault.name for fault in FAULTS} >= SLOW
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
