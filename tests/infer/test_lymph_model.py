"""Lymph-node involvement in the neck, against the package lymph-model.

A tumour spreads to lymph node levels I to IV, and from level to level; scans see each
with an error; the time of diagnosis is unknown and later for a higher T category.
lymph-model counts time steps: its answers are taken to the limit of short ones. Here it
is a disease like any other, in continuous time.

References
----------
Ludwig, Pouymayou, Balermpas, Unkelbach (2021), doi 10.1038/s41598-021-91544-1.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.infer.exact_posterior import ExactPosterior
from tests.support.graphs import structure_of
from tests.support.statistics import failures, identity, normal, require_enough

from mesospread.infer.condition import Effort, condition
from mesospread.infer.findings import SiteFinding, StageFinding
from mesospread.infer.posterior import Posterior
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel

models = pytest.importorskip(
    "lymph.models",
    reason="NOT COMPARED WITH lymph-model: it is not installed (pip install lymph-model)",
)
pd = pytest.importorskip("pandas")

LEVELS = ("I", "II", "III", "IV")
#: spread per month, tumour to level and level to level
FROM_TUMOUR = {"I": 0.01, "II": 0.09, "III": 0.02, "IV": 0.005}
BETWEEN = {("I", "II"): 0.15, ("II", "III"): 0.06, ("III", "IV"): 0.08}
#: growth from T1 to T2 per month, and diagnosis at either
GROWTH, AT_T1, AT_T2 = 0.05, 0.1, 0.2
#: specificity and sensitivity
SCANS = {"CT": (0.76, 0.81), "PET": (0.86, 0.79)}
#: nobody is undiagnosed for so long
HORIZON_MONTHS = 160

#: what was found in four people: T category, and by scan what is involved (None: not looked)
Found = dict[str, dict[str, bool | None]]
PATIENTS: tuple[tuple[str, Found], ...] = (
    ("T1", {"CT": {"I": False, "II": True, "III": False, "IV": False}}),
    (
        "T2",
        {
            "CT": {"I": False, "II": True, "III": True, "IV": False},
            "PET": {"I": None, "II": True, "III": False, "IV": False},
        },
    ),
    ("T1", {"PET": {"I": False, "II": False, "III": False, "IV": False}}),
    (
        "T2",
        {
            "CT": {"I": True, "II": False, "III": None, "IV": None},
            "PET": {"I": False, "II": False, "III": None, "IV": True},
        },
    ),
)


# --- lymph-model --------------------------------------------------------------------


def diagnosed_before(t: str, months: np.ndarray) -> np.ndarray:
    """Return P(diagnosed by then | diagnosed at this T category)."""
    leaves = GROWTH + AT_T1
    early: np.ndarray = -np.expm1(-leaves * months)
    if t == "T1":
        return early
    # one wait after another: out of T1, then diagnosis
    return early - leaves * (np.exp(-leaves * months) - np.exp(-AT_T2 * months)) / (AT_T2 - leaves)


@cache
def stepwise(steps_per_month: int) -> Any:
    """Return lymph-model's rival with short time steps."""
    n = HORIZON_MONTHS * steps_per_month
    graph = {("tumor", "T"): list(LEVELS)}
    graph |= {("lnl", a): [b for (c, b) in BETWEEN if c == a] for a in LEVELS}
    model = models.Unilateral.binary(graph_dict=graph, max_time=n)
    for name, (specificity, sensitivity) in SCANS.items():
        model.set_modality(name, specificity, sensitivity)
    rates = {f"Tto{level}_spread": rate for level, rate in FROM_TUMOUR.items()}
    rates |= {f"{a}to{b}_spread": rate for (a, b), rate in BETWEEN.items()}
    assert set(rates) == set(model.get_params(as_dict=True, as_flat=True))
    model.set_params(**{k: -math.expm1(-rate / steps_per_month) for k, rate in rates.items()})
    edges = (np.arange(n + 1) + 0.5) / steps_per_month
    for t in ("T1", "T2"):
        by_step = np.diff(diagnosed_before(t, edges), prepend=0.0)
        model.set_distribution(t, by_step / by_step.sum())
    return model


def stepwise_answers(steps_per_month: int) -> np.ndarray:
    """Return the likelihood of each patient and the risk of each level, (patients, 5)."""
    model = stepwise(steps_per_month)
    columns = pd.MultiIndex.from_tuples(
        [("tumor", "core", "t_stage"), *((s, "ipsi", level) for s in SCANS for level in LEVELS)]
    )
    rows = []
    for t, found in PATIENTS:
        seen = [found.get(scan, {}).get(level) for scan in SCANS for level in LEVELS]
        rows.append([int(t[1]), *seen])
    table = pd.DataFrame(rows, columns=columns, dtype=object).sort_index(axis=1)
    model.load_patient_data(table, side="ipsi", mapping=lambda t: f"T{t}")
    by_stage = {t: iter(model.patient_likelihoods(t)) for t in ("T1", "T2")}
    answers = []
    for t, found in PATIENTS:
        after = model.posterior_state_dist(given_diagnosis=found, t_stage=t)
        risks = [model.marginalize({level: True}, given_state_dist=after) for level in LEVELS]
        answers.append([float(next(by_stage[t])), *map(float, risks)])
    return np.array(answers)


@cache
def in_the_limit() -> np.ndarray:
    """Return the answers for steps of no length, by Richardson's extrapolation."""
    long, middle, short = (stepwise_answers(k) for k in (4, 8, 16))
    return (8.0 * short - 6.0 * middle + long) / 3.0


# --- the same disease here ----------------------------------------------------------


def site(level: str) -> str:
    """Return the name of a level here."""
    return f"level_{level.lower()}"


def neck() -> Any:
    """Return the disease: microscopic is involved, and it stays so."""
    ladder = ["free", "microscopic", "detectable", "symptomatic"]
    sites = [site(level) for level in LEVELS]
    involved = ladder[1:]
    return structure_of(
        process=[
            {"name": "extent", "role": "extent", "levels": ["T1", "T2"]},
            {"name": "nodes", "role": "nodes", "levels": ["N0", "N1"]},
            *({"name": name, "role": "site", "levels": ladder} for name in sites),
            {"name": "diagnosis", "role": "diagnosis", "levels": ["undiagnosed", "diagnosed"]},
            {"name": "death", "role": "death", "levels": ["alive", "dead"], "terminal": True},
        ],
        route=[
            {"step": "extent.T2", "via": "growth", "rate": GROWTH},
            {"step": "nodes.N1", "via": "lymphatic", "rate": 0.0},
            *(
                {"step": f"{site(level)}.microscopic", "via": "lymphatic", "rate": rate}
                for level, rate in FROM_TUMOUR.items()
            ),
            *(
                {"step": f"{site(b)}.microscopic", "via": "lymphatic", "rate": rate,
                 "when": {site(a): involved}}
                for (a, b), rate in BETWEEN.items()
            ),
            {"step": [f"{name}.detectable" for name in sites], "via": "outgrowth", "rate": 0.0},
            {"step": [f"{name}.symptomatic" for name in sites], "via": "progression", "rate": 0.0},
            {"step": "diagnosis.diagnosed", "via": "detection", "rate": 1.0,
             "when": {"extent": {"T1": AT_T1, "T2": AT_T2}}},
            {"step": "death.dead", "via": "mortality", "rate": 0.0},
        ],
    )  # fmt: skip


def scans() -> ObservationModel:
    """Return how it is seen; the T category is known for sure."""
    sites = [site(level) for level in LEVELS]
    sure = {"T1": {"T1": 1.0}, "T2": {"T2": 1.0}}
    return ObservationModel.model_validate(
        {
            "format": 1,
            "modality": [
                {
                    "name": name,
                    "label": name,
                    "sensitivity": {s: dict.fromkeys(
                        ("microscopic", "detectable", "symptomatic"), sensitivity) for s in sites},
                    "false_positive": dict.fromkeys(sites, 1.0 - specificity),
                }
                for name, (specificity, sensitivity) in SCANS.items()
            ],
            "staging": [
                {"basis": "clinical", "t": sure, "n": {"N0": {"N0": 1.0}, "N1": {"N1": 1.0}},
                 "m": "CT"}
            ],
            "symptom": [],
            "distant_sites": sites,
        }
    )  # fmt: skip


def patient(t: str, found: Found) -> Timeline:
    """Return one of `PATIENTS` on the day of diagnosis."""
    findings = [
        SiteFinding(f"{scan} {level}", 0.0, site(level), scan, positive)
        for scan, levels in found.items()
        for level, positive in levels.items()
        if positive is not None
    ]
    return Timeline(
        structure=neck(),
        fixed={},
        now_months=0.0,
        findings=tuple(findings),
        stage=StageFinding(t, 0.0, "clinical", ((t, None, None),), frozenset(), False),
        symptoms=(),
        responses=(),
        assumptions=(),
    )


@cache
def lattice() -> tuple[ExactPosterior, ...]:
    return tuple(ExactPosterior(patient(t, found), None, scans()) for t, found in PATIENTS)


def infer(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    """Return what the package says."""
    return condition(timeline, observation, seed=seed, effort=Effort(draws=20, enough=10_000.0))


# --- the comparison -----------------------------------------------------------------


def test_short_steps_have_a_limit():
    """Halving the step halves the error; monthly steps are off by more than a point."""
    long, short = (np.abs(stepwise_answers(k) - in_the_limit())[:, 1:].max() for k in (1, 2))
    assert 1.9 < long / short < 2.1
    assert long > 0.01


def test_likelihood_is_that_of_the_limit():
    share_of_t1 = AT_T1 / (AT_T1 + GROWTH)
    share = {"T1": share_of_t1, "T2": 1.0 - share_of_t1}
    ours = [e.evidence / share[t] for e, (t, _) in zip(lattice(), PATIENTS, strict=True)]
    np.testing.assert_allclose(ours, in_the_limit()[:, 0], rtol=1e-5)


def test_risk_is_that_of_the_limit():
    ours = []
    for exact in lattice():
        answers = exact.answers()
        ours.append([answers["involved", site(level)] for level in LEVELS])
    np.testing.assert_allclose(ours, in_the_limit()[:, 1:], atol=1e-5)
    # the patients differ, and so do the levels
    assert np.ptp(in_the_limit()[:, 1:], axis=0).min() > 0.03


@pytest.mark.parametrize("number", range(len(PATIENTS)))
def test_inference_gives_the_same_risk(number):
    t, found = PATIENTS[number]
    posterior = infer(patient(t, found), scans(), number)
    require_enough(posterior.effective_sample_size(), 5_000, "effective sample")
    scores = []
    for level, risk in zip(LEVELS, in_the_limit()[number, 1:], strict=True):
        answer = posterior.answer("involved", site(level))
        off = answer.estimate - risk
        scores.append(normal(f"risk of {level}", "level", off / answer.standard_error, 1))
        scores.append(identity(f"error of {level}", answer.standard_error < 0.01, 1, "too large"))
    assert not failures(scores)
