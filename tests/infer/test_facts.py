"""Findings as factors of leaves and core: by hand, and put together again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.infer import leafy
from tests.infer.small import LADDER

from mesospread.infer.factorise import split
from mesospread.infer.facts import TIMES_M0, WHATEVER_M, LeafFacts
from mesospread.infer.findings import ResponseFinding, SymptomFinding
from mesospread.infer.likelihood import Likelihood
from mesospread.infer.timeline import Timeline
from mesospread.model.compiled import compile_model
from mesospread.model.population import draw_patients

STRUCTURE = leafy.certain_disease()
OBSERVATION = leafy.observation()
PATIENT = leafy.patient(STRUCTURE)
LIKELIHOOD = Likelihood(STRUCTURE, OBSERVATION, {})
N_LEVELS = len(LADDER)
LIVER, BONE = 0, 1


def facts_of(timeline: Timeline, distant: tuple[str, ...] = ("liver", "bone")) -> LeafFacts:
    return LeafFacts(timeline, leafy.observation(distant), split(timeline.structure))


def factors_of(facts: LeafFacts) -> np.ndarray:
    """Return the leaf factors of one draw, (O, T, L, W)."""
    factors = facts.leaf_factors(LIKELIHOOD, 1, N_LEVELS)
    assert factors.shape[0] == 1
    return factors[0]


# --- terms ------------------------------------------------------------------------------


def test_leaves_and_times():
    facts = facts_of(PATIENT)
    assert facts.leaf == {"liver": LIVER, "bone": BONE}
    assert facts.at_months == (-1.0, 0.0, 2.0, 3.0, 5.0)


@pytest.mark.parametrize(
    ("possible", "found", "parts"),
    [
        ([("T2", "N0", "M0")], False, [TIMES_M0]),
        ([("T2", "N0", None)], False, [WHATEVER_M]),
        ([("T2", "N0", "M1")], False, [WHATEVER_M, TIMES_M0]),
        # M1 that rests on a scan beside it says nothing about leaves
        ([("T2", "N0", "M1")], True, [WHATEVER_M]),
        ([("T2", "N0", "M0"), ("T1", "N0", "M1")], False, [WHATEVER_M, TIMES_M0]),
        ([("T2", "N0", "M0"), ("T1", "N0", "M1")], True, [WHATEVER_M, TIMES_M0]),
        ([("T2", "N0", "M0"), ("T1", "N1", "M0")], False, [TIMES_M0]),
    ],
)
def test_parts_of_the_stage(possible, found, parts):
    facts = facts_of(leafy.staged(PATIENT, *possible, found=found))
    assert facts.parts == tuple(parts)
    # one symptom is there
    assert facts.n_terms == 2 * len(parts)
    for place, part in enumerate(parts):
        assert facts.terms_of(part).tolist() == [2 * place, 2 * place + 1]
    for part in {WHATEVER_M, TIMES_M0} - set(parts):
        assert facts.terms_of(part).size == 0


def test_terms_without_any_finding():
    nothing = replace(PATIENT, stage=None, findings=(), symptoms=())
    facts = facts_of(nothing)
    assert (facts.n_terms, facts.parts, facts.at_months) == (1, (WHATEVER_M,), ())
    assert factors_of(facts).shape == (0, 1, N_LEVELS, 2)


@pytest.mark.parametrize("n_present", range(4))
def test_every_present_symptom_doubles_the_terms(n_present):
    symptoms = tuple(
        SymptomFinding(s["name"], s["name"], k < n_present) for k, s in enumerate(leafy.SYMPTOMS)
    )
    facts = facts_of(replace(PATIENT, symptoms=symptoms))
    assert [s.name for s in facts.present] == [s["name"] for s in leafy.SYMPTOMS[:n_present]]
    assert facts.n_terms == 2**n_present


# --- lanes ------------------------------------------------------------------------------


def test_every_finding_at_a_leaf_has_a_lane_without_it():
    facts = facts_of(PATIENT)
    assert [f.label for f in facts.on_leaves] == [
        "early CT: liver negative", "MRI: liver negative", "PET: bone positive",
    ]  # fmt: skip
    assert facts.leaf_of_lane.tolist() == [LIVER, BONE, LIVER, LIVER, BONE]
    lanes, lanes_from = facts.lanes
    assert lanes.tolist() == [0, 2, 3, 1, 4]
    assert lanes_from.tolist() == [0, 3, 5]


def test_places_in_the_labels():
    """Stage, five findings, two symptoms; then a response."""
    helped = ResponseFinding("response", 0.5, True)
    facts = facts_of(replace(PATIENT, responses=(helped,)))
    labels = facts.timeline.labels()
    assert [labels[k] for k in facts.places_on_leaves()] == [f.label for f in facts.on_leaves]
    assert [labels[k] for k in facts.places_of_present()] == ["pain present"]
    about_core = [label for k, label in enumerate(labels) if facts.only_core(k)]
    # findings at leaves have no part in the core, and are asked about by their lanes
    assert about_core == [*(f.label for f in PATIENT.findings), "response"]
    assert not facts.only_core(labels.index("T2 M0"))


@pytest.mark.parametrize(
    ("m", "found", "only"), [("M0", False, False), ("M1", False, False), ("M1", True, True),
                             (None, False, True)]
)  # fmt: skip
def test_a_stage_without_m_is_about_the_core(m, found, only):
    facts = facts_of(leafy.staged(PATIENT, ("T2", "N1", m), found=found))
    assert facts.only_core(0) is only


def test_places_without_a_stage():
    facts = facts_of(replace(PATIENT, stage=None))
    labels = facts.timeline.labels()
    assert [labels[k] for k in facts.places_on_leaves()] == [f.label for f in facts.on_leaves]
    assert [labels[k] for k in facts.places_of_present()] == ["pain present"]
    assert facts.only_core(0)
    assert not facts.only_core(labels.index("pain present"))
    assert not facts.only_core(labels.index("jaundice absent"))


# --- factors by hand --------------------------------------------------------------------


def silent(symptom: str, site: str) -> np.ndarray:
    (known,) = (s for s in leafy.SYMPTOMS if s["name"] == symptom)
    by_level = known["causes"].get(site, {})
    return np.array([1.0 - by_level.get(level, 0.0) for level in LADDER])


def found(modality: str, site: str) -> np.ndarray:
    sensitivity, false = leafy.SEEN[modality][site]
    return np.maximum([0.0, *sensitivity], false)


def test_leaf_factors_by_hand():
    """Times: early CT −1, stage 0, scans 2, pain 3, today 5. Terms: pain or silence about it."""
    factors = factors_of(facts_of(PATIENT))
    expected = np.ones((5, 2, N_LEVELS, 5))
    ct, mri, pet = 1 - found("CT", "liver"), 1 - found("MRI", "liver"), found("PET", "bone")
    # lanes: liver, bone, liver without CT, liver without MRI, bone without PET
    for lane in (0, 3):
        expected[0, :, :, lane] *= ct
    for lane in (0, 2):
        expected[2, :, :, lane] *= mri
    expected[4, :, :, 1] *= pet
    for site, lanes in (("liver", (0, 2, 3)), ("bone", (1, 4))):
        # staging finds tumour only where it is, and by CT
        missed = 1.0 - np.array([0.0, *leafy.SEEN["CT"][site][0]])
        for lane in lanes:
            expected[1, :, :, lane] *= missed
            expected[3, 1, :, lane] *= silent("pain", site)
            expected[4, :, :, lane] *= silent("jaundice", site)
    assert factors == pytest.approx(expected, rel=1e-12)


def test_two_findings_at_the_same_time_multiply():
    twice = tuple(replace(f, at_months=2.0) for f in PATIENT.findings)
    facts = facts_of(replace(PATIENT, findings=twice, stage=None, symptoms=()))
    assert facts.at_months == (2.0,)
    factors = factors_of(facts)
    ct, mri = 1 - found("CT", "liver"), 1 - found("MRI", "liver")
    assert factors[0, 0, :, 0] == pytest.approx(ct * mri)
    assert factors[0, 0, :, 2] == pytest.approx(mri)
    assert factors[0, 0, :, 3] == pytest.approx(ct)


def test_m0_says_nothing_about_a_site_that_was_scanned_then():
    timeline = leafy.staged(PATIENT, ("T2", "N0", "M0"), seen=["liver"])
    factors = factors_of(facts_of(replace(timeline, symptoms=())))
    assert (factors[1, :, :, LIVER] == 1).all()
    assert (factors[1, :, 2:, BONE] < 1).all()


def test_m1_leaves_its_first_part_alone():
    timeline = leafy.staged(PATIENT, ("T2", "N0", "M1"))
    factors = factors_of(facts_of(replace(timeline, symptoms=(), findings=())))
    assert (factors[0, 0] == 1).all()
    missed = 1.0 - np.array([0.0, *leafy.SEEN["CT"]["bone"][0]])
    assert factors[0, 1, :, BONE] == pytest.approx(missed)


def test_a_leaf_that_is_not_distant_has_no_part_in_m():
    facts = facts_of(replace(PATIENT, symptoms=(), findings=()), distant=("bone",))
    factors = factors_of(facts)
    assert (factors[..., LIVER] == 1).all()
    assert (factors[0, 0, 2:, BONE] < 1).all()


# --- put together again -----------------------------------------------------------------

STAGES = {
    "no stage": None,
    "M0": [("T2", "N0", "M0")],
    "M1": [("T1", "N0", "M1")],
    "M unknown": [("T2", None, None)],
    "a group": [("T1", "N0", "M0"), ("T2", "N0", "M0"), ("T2", "N1", "M0")],
    "several groups": [("T1", "N0", "M0"), ("T2", "N1", "M1"), ("T1", None, "M1")],
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("found", [False, True])
@pytest.mark.parametrize("distant", [("liver", "bone"), ("chest_wall", "liver", "bone")])
def test_terms_add_up_to_the_probability_of_all_findings(stage, found, distant):
    """For any levels at any time: the sum over terms is the product over findings."""
    possible = STAGES[stage]
    timeline = replace(PATIENT, stage=None)
    if possible:
        timeline = leafy.staged(timeline, *possible, found=found)
    fatigue = SymptomFinding("fatigue present", "fatigue", True)
    timeline = replace(
        timeline,
        symptoms=(*timeline.symptoms, fatigue),
        responses=(ResponseFinding("no response", 0.3, False),),
    )
    facts = facts_of(timeline, distant)
    likelihood = Likelihood(STRUCTURE, facts.observation, {})
    rng = np.random.default_rng(3)
    n, labels = 40, timeline.labels()
    sizes = [len(p.levels) for p in STRUCTURE.processes]
    levels = rng.integers(0, sizes, (n, len(facts.at_months), len(sizes))).astype(np.int8)
    people = draw_patients(compile_model(STRUCTURE, {}), seed=1, first=0, n=n)
    chances = all_chances(likelihood, timeline, levels, facts)

    core = facts.core_factors(likelihood, levels, people, np.arange(n))
    leaf = facts.leaf_factors(likelihood, 1, N_LEVELS)[0]
    by_lane = leaf_products(facts, leaf, levels)
    whole = with_core(core, by_lane[:, :, : len(facts.leaf)].prod(axis=2))
    assert whole == pytest.approx(chances.prod(axis=1), rel=1e-9, abs=1e-14)
    assert whole.max() > 1e-6

    for number, place in enumerate(facts.places_on_leaves()):
        lanes = [0, 1]
        lanes[facts.leaf_of_lane[2 + number]] = 2 + number
        without = with_core(core, by_lane[:, :, lanes].prod(axis=2))
        assert without == pytest.approx(
            np.delete(chances, place, 1).prod(axis=1), rel=1e-9, abs=1e-14
        )
    for place in range(len(labels)):
        if facts.only_core(place) and place not in facts.places_on_leaves():
            rest = [pair for pair in core if pair[0] != place]
            without = with_core(rest, by_lane[:, :, : len(facts.leaf)].prod(axis=2))
            assert without == pytest.approx(
                np.delete(chances, place, 1).prod(axis=1), rel=1e-9, abs=1e-14
            )


def all_chances(
    likelihood: Likelihood, timeline: Timeline, levels: np.ndarray, facts: LeafFacts
) -> np.ndarray:
    """Return P(each finding | levels), (n, F), in the order of the labels."""
    t, at = timeline, {m: k for k, m in enumerate(facts.at_months)}
    columns = []
    if t.stage is not None:
        columns.append(likelihood.stage(t.stage, levels[:, at[t.stage.at_months]]))
    columns += [likelihood.finding(f, levels[:, at[f.at_months]]) for f in t.findings]
    columns += [
        likelihood.reported_symptom(s, levels[:, at[t.symptom_months(s)]]) for s in t.symptoms
    ]
    columns += [np.full(len(levels), 0.7)]
    return np.column_stack(columns)


def leaf_products(facts: LeafFacts, factors: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return the factor of each term and lane for the levels at all times, (n, T, W)."""
    by_lane = np.ones((len(levels), factors.shape[1], factors.shape[3]))
    for lane, leaf in enumerate(facts.leaf_of_lane):
        position = facts.split.leaves[leaf]
        for slot in range(factors.shape[0]):
            by_lane[:, :, lane] *= factors[slot, :, levels[:, slot, position], lane]
    return by_lane


def with_core(core: list[tuple[int, np.ndarray]], by_term: np.ndarray) -> np.ndarray:
    """Sum over terms of the core's factors and those of the leaves."""
    for _, factor in core:
        by_term = by_term * factor
    return by_term.sum(axis=1)


def test_core_causes_are_those_that_are_no_leaves():
    facts = facts_of(PATIENT)
    levels = np.zeros((1, 5, len(STRUCTURE.processes)), np.int8)
    levels[0, 3, STRUCTURE.position("chest_wall")] = 3
    levels[0, 3, STRUCTURE.position("extent")] = 1
    causes = facts.core_causes(LIKELIHOOD, PATIENT.symptoms[0], levels)
    assert {name: chance[0] for name, chance in causes.items()} == {
        "other causes": 0.1, "extent": 0.2, "chest_wall": 0.7,
    }  # fmt: skip


def test_draws_have_factors_of_their_own():
    """With arrays for numbers, each draw has its own sensitivity."""
    table = OBSERVATION.model_dump()
    table["modality"][0]["sensitivity"]["liver"]["detectable"] = "sharp"
    sharp = {"value": 0.75, "low": 0.5, "high": 0.9, "unit": "probability", "kind": "assumed"}
    table["parameters"] = {"sharp": {**sharp, "note": "Made up."}}
    observed = type(OBSERVATION).model_validate(table)
    likelihood = Likelihood(STRUCTURE, observed, {"sharp": np.array([0.6, 0.8])})
    facts = LeafFacts(PATIENT, observed, split(STRUCTURE))
    factors = facts.leaf_factors(likelihood, 2, N_LEVELS)
    assert factors[:, 0, 0, 2, LIVER] == pytest.approx([0.4, 0.2])
    assert factors[:, 2, 0, 2, LIVER] == pytest.approx([0.1, 0.1])
