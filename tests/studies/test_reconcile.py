"""Rates taken apart: the parts add up, and each acts where it must."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mesospread.model.load import disease, observation, treatments
from mesospread.studies.check import parameter_draws
from mesospread.studies.library import shipped_studies
from mesospread.studies.predict import Protocols
from mesospread.studies.reconcile import FACTORS, Reconciled, _shapley, question, reconcile
from mesospread.studies.targets import targets

CHOSEN = ("finn-2012", "elliott-2018", "dagogo-2023")


@cache
def taken_apart() -> tuple[list[Reconciled], Protocols]:
    studies = [s for s in shipped_studies() if s.study in CHOSEN]
    model = disease("pleural"), treatments("pleural"), observation("pleural")
    found = reconcile(
        targets(studies, ("calibrate", "validate")),
        *model,
        lambda protocols: parameter_draws(protocols, 2),
        lives=4_000,
    )
    return found, Protocols(studies, *model, n=4_000)


def test_the_parts_add_up():
    found, _ = taken_apart()
    assert len(found) >= 4
    for rate in found:
        total = sum(rate.parts[name] for name in FACTORS)
        assert total == pytest.approx(rate.predicted - rate.reference, abs=1e-9)


def test_the_whole_way_is_the_protocol_of_the_study():
    found, protocols = taken_apart()
    draws = parameter_draws(protocols, 2)
    for k, values in enumerate(draws):
        predicted = protocols.predict(values, 1 + k)
        for rate in found:
            assert rate.predicted[k] == pytest.approx(predicted[rate.target.key].value, abs=0.03)


def test_what_a_protocol_shares_with_the_reference_accounts_for_nothing():
    found, _ = taken_apart()
    (toronto,) = [r for r in found if r.target.study.study == "elliott-2018"]
    assert np.abs(toronto.parts["time"]).max() == 0
    assert np.abs(toronto.parts["definition"]).max() == 0
    assert np.abs(toronto.parts["eyes"]).max() > 0.003


def test_an_autopsy_differs_by_time_above_all():
    found, _ = taken_apart()
    (death,) = [r for r in found if r.target.result.id == "extrathoracic"]
    parts = {name: values.mean() for name, values in death.parts.items()}
    assert max(parts, key=parts.get) == "time"
    assert parts["time"] > 0.1


def test_shapley_by_hand():
    value = {
        frozenset(): np.array([0.0]),
        frozenset("a"): np.array([1.0]),
        frozenset("b"): np.array([3.0]),
        frozenset("ab"): np.array([10.0]),
    }
    assert _shapley("a", ["a", "b"], value)[0] == pytest.approx((1 + 7) / 2)
    assert _shapley("b", ["a", "b"], value)[0] == pytest.approx((3 + 9) / 2)


def test_single_organs_and_survival_are_not_taken_apart():
    listed = targets(shipped_studies(), ("calibrate", "validate"))
    keys = {t.key for t in listed if question(t) == "spread"}
    assert {"iaslc-9/m1", "collins-2020/any", "finn-2012/extrathoracic"} <= keys
    assert not keys & {"finn-2012/liver", "collins-2020/bone", "iaslc-9/os-m0"}


def test_the_brain_has_a_reference_of_its_own():
    listed = targets(shipped_studies(), ("calibrate", "validate"))
    keys = {t.key for t in listed if question(t) == "brain"}
    assert {"finn-2012/brain", "hyseni-2024/brain", "yamagishi-2016/brain"} <= keys
    found, _ = taken_apart()
    brain = {r.target.key: r for r in found if r.question == "brain"}
    assert set(brain) == {"finn-2012/brain", "dagogo-2023/brain"}
    spread = [r for r in found if r.question == "spread"]
    for rate in brain.values():
        # the brain is what counts, there and here
        assert np.abs(rate.parts["definition"]).max() == 0
        assert rate.reference.mean() < 0.3 * spread[0].reference.mean()
    at_death = {name: values.mean() for name, values in brain["finn-2012/brain"].parts.items()}
    assert max(at_death, key=at_death.get) == "time"
