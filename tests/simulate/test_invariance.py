"""The same histories for any blocks, any threads, any company."""

from __future__ import annotations

import pytest
from tests.support.graphs import EVERYTHING, random_structure, reference_structure
from tests.support.identities import any_blocks, any_threads, bystander, one_more_patient
from tests.support.statistics import failures
from tests.support.subjects import Subject

from mesospread.model.load import disease

SUBJECTS = {
    "reference": Subject(reference_structure(), 30.0),
    "pleural": Subject(disease("pleural"), 240.0),
} | {f"graph {k}": Subject(random_structure(k, EVERYTHING), 36.0) for k in range(200, 208)}


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("check", [any_blocks, any_threads, one_more_patient])
def test_blocks_threads_and_patients(check, name):
    assert not failures(check(SUBJECTS[name], 3_000, seed=17))


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_process_that_drives_nobody(name):
    assert not failures(bystander(SUBJECTS[name], 300, seed=18))
