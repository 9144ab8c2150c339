"""The probability of each kind of finding, against sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.infer import small

from mesospread.infer.findings import ResponseFinding, SiteFinding, StageFinding, SymptomFinding
from mesospread.infer.likelihood import Likelihood
from mesospread.model.compiled import compile_model
from mesospread.model.definition import ChanceByCovariate
from mesospread.model.load import disease, observation
from mesospread.model.parameters import central_values
from mesospread.simulate.batch import run_batch
from mesospread.staging import compatible_tnm

STRUCTURE = small.certain_disease()
LIKELIHOOD = Likelihood(STRUCTURE, small.OBSERVATION, {})


def levels(**named: str) -> np.ndarray:
    """Return one joint state; processes not named stand at their first level."""
    state = [
        p.levels.index(named.get(p.name, p.levels[0])) for p in STRUCTURE.processes
    ]  # fmt: skip
    return np.array([state], np.int8)


def found(site: str, positive: bool, **named: str) -> float:
    finding = SiteFinding("", 0.0, site, "CT", positive)
    return float(LIKELIHOOD.finding(finding, levels(**named))[0])


@pytest.mark.parametrize("level", ["free", "microscopic"])
def test_no_level_is_positive_less_often_than_a_free_site(level):
    """What looks like tumour in a free liver (0.12) looks so beside a hidden deposit, too."""
    seen = small.OBSERVATION.model_dump()
    seen["modality"][0]["false_positive"]["liver"] = 0.12
    other = Likelihood(STRUCTURE, type(small.OBSERVATION).model_validate(seen), {})
    finding = SiteFinding("", 0.0, "liver", "CT", True)
    assert other.finding(finding, levels(liver=level))[0] == pytest.approx(0.12)
    # staging has judged what it calls M1
    stage = StageFinding("", 0.0, "clinical", ((None, None, "M1"),), frozenset(), False)
    expected = {"free": 0.0, "microscopic": 0.05}[level]
    assert other.stage(stage, levels(liver=level))[0] == pytest.approx(expected)


def staged(*possible, scans=(), found=False, **named: str) -> float:
    finding = StageFinding("", 0.0, "clinical", possible, frozenset(scans), found)
    return float(LIKELIHOOD.stage(finding, levels(**named))[0])


@pytest.mark.parametrize(
    ("level", "chance"),
    [("free", 0.03), ("microscopic", 0.05), ("detectable", 0.8), ("symptomatic", 0.95)],
)
def test_a_scan_finds_by_level(level, chance):
    assert found("liver", True, liver=level) == pytest.approx(chance)
    assert found("liver", False, liver=level) == pytest.approx(1 - chance)


def test_each_site_has_its_own_figures():
    assert found("chest_wall", True) == pytest.approx(0.08)
    assert found("chest_wall", True, chest_wall="detectable", liver="free") == pytest.approx(0.7)


def test_regional_nodes_are_found_as_often_as_staging_calls_them_positive():
    assert found("regional_nodes", True, nodes="N0") == pytest.approx(0.1)
    assert found("regional_nodes", True, nodes="N1") == pytest.approx(0.55)
    assert found("regional_nodes", False, nodes="N1") == pytest.approx(0.45)


def test_staging_reads_its_rows_by_true_level():
    assert staged(("T2", None, None), extent="T1") == pytest.approx(0.15)
    assert staged(("T1", None, None), extent="T2") == pytest.approx(0.25)
    assert staged((None, "N1", None), nodes="N0") == pytest.approx(0.1)
    assert staged(("T3", "N1", None), extent="T3", nodes="N1") == pytest.approx(0.7 * 0.55)


def test_rows_that_parameter_draws_made_too_long_are_normalised():
    doubled = {
        true: {reported: 2 * chance for reported, chance in row.items() if chance <= 0.5}
        for true, row in small.T_ROWS.items()
    }
    seen = small.OBSERVATION.model_dump()
    seen["staging"][0]["t"] = doubled
    other = Likelihood(STRUCTURE, type(small.OBSERVATION).model_validate(seen), {})
    finding = StageFinding("", 0.0, "clinical", (("T2", None, None),), frozenset(), False)
    # T1 -> T2 0.15, T1 -> T3 0.05, and T1 -> T1 left out: 0.15 / 0.2
    assert other.stage(finding, levels())[0] == pytest.approx(0.75)


def test_m_is_decided_by_the_scan_of_the_staging():
    """No false positives: what staging calls M1 has been judged."""
    assert staged((None, None, "M0")) == pytest.approx(1.0)
    assert staged((None, None, "M1")) == pytest.approx(0.0)
    assert staged((None, None, "M0"), liver="detectable") == pytest.approx(0.2)
    assert staged((None, None, "M1"), liver="detectable") == pytest.approx(0.8)
    # the chest wall is not a distant site
    assert staged((None, None, "M1"), chest_wall="symptomatic") == pytest.approx(0.0)


def test_a_group_is_the_union_of_what_it_stands_for():
    union = (("T1", "N0", "M0"), ("T2", "N1", "M0"), ("T3", None, "M1"))
    at = {"extent": "T2", "nodes": "N1", "liver": "microscopic"}
    by_hand = 0.25 * 0.45 * 0.95 + 0.6 * 0.55 * 0.95 + 0.15 * 0.05
    assert staged(*union, **at) == pytest.approx(by_hand)
    parts = sum(staged(part, **at) for part in union)
    assert staged(*union, **at) == pytest.approx(parts)


def test_sites_with_scans_of_their_own_are_not_counted_twice():
    assert staged((None, None, "M0"), scans=["liver"], liver="detectable") == pytest.approx(1.0)


def test_m1_that_rests_on_a_positive_scan_is_in_that_finding():
    at = {"scans": ["liver"], "found": True}
    assert staged((None, None, "M1"), **at) == pytest.approx(1.0)
    assert staged((None, None, "M1"), **at, liver="detectable") == pytest.approx(1.0)


def test_m1_beside_a_negative_scan_must_be_somewhere_else():
    """The liver was looked at and free, so with no other distant site M1 cannot be."""
    assert staged((None, None, "M1"), scans=["liver"], liver="free") == pytest.approx(0.0)


def felt(present: bool, **named: str) -> float:
    finding = SymptomFinding("", "pain", present)
    return float(LIKELIHOOD.reported_symptom(finding, levels(**named))[0])


@pytest.mark.parametrize(
    ("named", "absent"),
    [
        ({}, 0.85),
        ({"extent": "T3"}, 0.85 * 0.8),
        ({"chest_wall": "detectable"}, 0.85 * 0.7),
        ({"liver": "detectable"}, 0.85),
        ({"extent": "T3", "chest_wall": "symptomatic", "liver": "symptomatic"},
         0.85 * 0.8 * 0.2 * 0.5),
    ],
    ids=str,
)  # fmt: skip
def test_a_symptom_is_a_noisy_or_of_its_causes(named, absent):
    assert felt(False, **named) == pytest.approx(absent)
    assert felt(True, **named) == pytest.approx(1 - absent)


def test_the_causes_of_a_symptom_are_named():
    causes = LIKELIHOOD.causes(small.OBSERVATION.symptom[0], levels(liver="symptomatic"))
    assert {name: float(chance[0]) for name, chance in causes.items()} == {
        "other causes": 0.15, "extent": 0.0, "chest_wall": 0.0, "liver": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize("helped", [True, False])
def test_a_response_speaks_for_the_cell_types_in_which_it_is_frequent(helped):
    structure = disease("pleural")
    by_type = {"epithelioid": 0.4, "biphasic": 0.3, "sarcomatoid": 0.1}
    chance = ChanceByCovariate(covariate="histology", values=by_type)
    batch = run_batch(compile_model(structure), seed=1, first=0, n=200, horizon_months=1.0)
    rows = np.arange(50, 200)
    found = pleural().response(ResponseFinding("", chance, helped), batch.patients, rows)
    names = list(structure.definition.covariates["histology"].levels)
    expected = [by_type[names[k]] for k in batch.patients.covariates["histology"][rows]]
    assert len(set(expected)) == 3
    np.testing.assert_allclose(found, expected if helped else 1.0 - np.array(expected))


# --- the pleural observation model -------------------------------------------------


def pleural() -> Likelihood:
    structure, seen = disease("pleural"), observation("pleural")
    return Likelihood(structure, seen, central_values({**structure.parameters, **seen.parameters}))


@pytest.fixture(scope="module")
def everyone():
    """Return 3,000 joint states of the pleural model, at random."""
    structure = disease("pleural")
    rng = np.random.default_rng(1)
    columns = [rng.integers(0, len(p.levels), 3_000) for p in structure.processes]
    return np.array(columns, np.int8).T


@pytest.mark.parametrize("edition", ["8", "9"])
@pytest.mark.parametrize("basis", ["clinical", "pathological"])
def test_the_groups_of_an_edition_share_all_chances_out(edition, basis, everyone):
    """Every patient is given exactly one group: the chances of all groups add up to 1."""
    groups = ["I", "II", "IIIA", "IIIB", "IV"] if edition == "9" else [
        "IA", "IB", "II", "IIIA", "IIIB", "IV"]  # fmt: skip
    total = np.zeros(len(everyone))
    for group in groups:
        possible = tuple(compatible_tnm(group, edition, primary="pleural"))
        part = pleural().stage(
            StageFinding(group, 0.0, basis, possible, frozenset(), False), everyone
        )
        assert (part >= 0).all()
        assert (part <= 1 + 1e-12).all()
        assert part.max() > part.min()
        total += part
    np.testing.assert_allclose(total, 1.0, atol=1e-9)


@pytest.mark.parametrize("positive", [True, False])
def test_every_examination_of_every_site_gives_a_probability(positive, everyone):
    likelihood = pleural()
    asked = 0
    for modality in observation("pleural").modality:
        for site in disease("pleural").of_role("site"):
            if site in modality.sensitivity or "default" in modality.sensitivity:
                finding = SiteFinding("", 0.0, site, modality.name, positive)
                chance = likelihood.finding(finding, everyone)
                assert ((chance >= 0) & (chance <= 1)).all()
                asked += 1
    assert asked > 50


def test_tissue_and_scans_judge_regional_nodes_differently(everyone):
    by = {
        name: pleural().finding(SiteFinding("", 0.0, "regional_nodes", name, True), everyone)
        for name in ("CT", "PET-CT", "EBUS", "mediastinoscopy")
    }
    assert np.array_equal(by["CT"], by["PET-CT"])
    assert np.array_equal(by["EBUS"], by["mediastinoscopy"])
    assert not np.array_equal(by["CT"], by["EBUS"])
