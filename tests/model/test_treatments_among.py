"""Effects that hold only among some people, by cell type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from tests.support.statistics import require_enough

from mesospread.errors import InputError
from mesospread.model.compiled import compile_model
from mesospread.model.hazards import Person, PlainHazards
from mesospread.model.library import TreatmentLibrary
from mesospread.model.load import disease, treatments
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, with_treatments
from mesospread.simulate.batch import run_batch

OTHER = {"covariate": "histology", "levels": ["biphasic", "sarcomatoid"]}
PLEURAL = disease("pleural")


def library(*effects: dict[str, Any]) -> TreatmentLibrary:
    """Return one made-up treatment."""
    return TreatmentLibrary.model_validate(
        {
            "format": 1,
            "treatment": [
                {
                    "name": "drug",
                    "kind": "systemic",
                    "start_after_diagnosis_months": 1.0,
                    "duration_months": 2.0,
                    "effects": [
                        {"on": ["mortality"], "while": "after_start", "grade": "mechanism"} | effect
                        for effect in effects
                    ],
                }
            ],
        }
    )


def under(*effects: dict[str, Any], lines: int = 1) -> Structure:
    return with_treatments(PLEURAL, library(*effects), [Course("drug")] * lines)


def marked(structure: Structure, n: int, **fixed: Any) -> np.ndarray:
    """Return who of those treated belongs to the group of the first effect."""
    model = compile_model(structure)
    batch = run_batch(model, seed=3, first=0, n=n, horizon_months=600.0, fixed=fixed)
    treated = ~np.isnan(batch.first_entry("treatment_1", "on"))
    require_enough(treated.sum(), n // 3, "people who live to be treated")
    belongs = ~np.isnan(batch.first_entry("among_1_1", "yes"))
    assert not belongs[~treated].any()
    return belongs[treated]


@pytest.mark.parametrize("kind", ["epithelioid", "biphasic", "sarcomatoid"])
def test_exactly_those_of_the_cell_type_are_marked(kind):
    belongs = marked(under({"ratio": 0.5, "among": OTHER}), 600, histology=kind)
    assert (belongs == (kind in OTHER["levels"])).all()


def test_the_mark_comes_with_the_first_dose():
    batch = run_batch(
        compile_model(under({"ratio": 0.5, "among": OTHER})),
        seed=3, first=0, n=2_000, horizon_months=600.0,
    )  # fmt: skip
    belongs = batch.first_entry("among_1_1", "yes")
    there = ~np.isnan(belongs)
    require_enough(there.sum(), 200, "people of these cell types")
    assert np.array_equal(belongs[there], batch.first_entry("treatment_1", "on")[there])


def test_the_hazard_of_death_changes_in_them_alone_and_for_good():
    structure = under({"ratio": 0.8}, {"ratio": 0.5, "among": OTHER})
    person = Person(
        {"histology": "biphasic", "sex": "male", "age": 65.0, "performance_status": "1"}
    )
    plain, treated = PlainHazards(PLEURAL, person), PlainHazards(structure, person)
    levels = [len(p.levels) - 1 for p in PLEURAL.processes]
    compared = 0
    for before, after in zip(PLEURAL.routes, structure.routes, strict=True):
        levels[before.process] = before.level
        hazard = plain.route(before, levels)
        for window in (1, 2):
            for mark, ratio in ((0, 0.8), (1, 0.4)):
                expected = hazard * (ratio if before.via == "mortality" else 1.0)
                found = treated.route(after, [*levels, window, 0, mark])
                assert found == pytest.approx(expected, rel=1e-12)
                compared += before.via == "mortality" and hazard > 0
        levels[before.process] = len(PLEURAL.processes[before.process].levels) - 1
    assert compared > 10


def test_effects_among_the_same_people_share_a_mark_and_others_have_their_own():
    third = {"ratio": 0.5, "among": {"covariate": "histology", "levels": ["epithelioid"]}}
    structure = under({"ratio": 0.5, "among": OTHER}, {"ratio": 0.7, "among": OTHER}, third)
    names = [p.name for p in structure.processes[len(PLEURAL.processes) :]]
    assert names == ["treatment_1", "response_1", "among_1_1", "among_1_2"]
    twice = under({"ratio": 0.5, "among": OTHER}, lines=2)
    assert [p.name for p in twice.processes[-3:]] == ["treatment_2", "response_2", "among_2_1"]


def test_nobody_else_has_the_process():
    assert [p.name for p in under({"ratio": 0.5}).processes[-2:]] == ["treatment_1", "response_1"]


@pytest.mark.parametrize("window", ["on_treatment", "responding"])
def test_an_effect_among_some_must_last(window):
    with pytest.raises(ValidationError, match="after_start"):
        library({"ratio": 0.5, "among": OTHER, "while": window})


@pytest.mark.parametrize(
    ("among", "allowed"),
    [
        ({"covariate": "histolgy", "levels": ["biphasic"]}, "histology"),
        ({"covariate": "age", "levels": ["biphasic"]}, "histology"),
        ({"covariate": "histology", "levels": ["bifasic"]}, "biphasic"),
    ],
)
def test_unknown_people_are_refused_with_what_is_known(among, allowed):
    with pytest.raises(InputError) as caught:
        under({"ratio": 0.5, "among": among})
    assert caught.value.where == "drug › effects › among"
    assert allowed in caught.value.allowed


@pytest.mark.parametrize("primary", ["pleural", "peritoneal", "pericardial", "testicular"])
def test_what_lasts_by_cell_type_belongs_to_every_drug_that_lets_immunity_act(primary):
    """One number for the class: no drug of it has the one effect without the other."""
    for treatment in treatments(primary).treatment:
        ratios = [effect.ratio for effect in treatment.effects]
        lasting = ratios.count("mortality_after_immunotherapy")
        assert ratios.count("mortality_after_immunotherapy_other") == lasting
