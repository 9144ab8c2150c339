"""Random patients with random diseases against the exact lattice; the short form.

The long form is `inference/findings` and `inference/standard-errors` of the verification.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice

import numpy as np
import pytest
from tests.infer import random_findings
from tests.infer.exact_mixture import ExactMixture, people
from tests.infer.exact_posterior import ExactPosterior
from tests.infer.random_disease import random_disease, random_observation
from tests.support.statistics import NotEnough, failures, require_enough

from mesospread.infer.posterior import Posterior
from mesospread.infer.solve import Effort, solve
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel

#: chosen for what they have: see `test_the_diseases_differ`
DISEASES = (1, 2, 4, 6, 9)


def infer(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    """Return what is examined."""
    effort = Effort(draws=20, core_paths=1_600, leaf_paths=6_000, standard_error=0.01, too_few=10.0)
    return solve(timeline, observation, seed=seed, effort=effort, prognosis=True)


def quick(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    """Return the same with less effort."""
    effort = Effort(draws=20, core_paths=800, leaf_paths=3_000, standard_error=0.02, too_few=10.0)
    return solve(timeline, observation, seed=seed, effort=effort, prognosis=True)


def test_the_diseases_differ():
    structures = [random_disease(number) for number in DISEASES]
    assert {len(s.of_role("site")) for s in structures} == {2, 3}
    assert {bool(s.definition.covariates) for s in structures} == {True, False}
    assert {bool(s.definition.frailty) for s in structures} == {True, False}
    assert {len(s.treatments) for s in structures} == {0, 1}
    sites = [{s.position(site) for site in s.of_role("site")} for s in structures]
    by_contact = [
        any(r.process in own and any(t.parent in own - {r.process} for t in r.terms)
            for r in s.routes)
        for s, own in zip(structures, sites, strict=True)
    ]  # fmt: skip
    assert set(by_contact) == {True, False}


def test_findings_are_of_all_kinds():
    seen: set[str] = set()
    for disease in range(20):
        for timeline in islice(random_findings.random_timelines(disease, 1), 10):
            assert 1 <= len(timeline.labels()) <= random_findings.MOST_FINDINGS
            for f in timeline.findings:
                seen |= {
                    "positive" if f.positive else "negative",
                    "before" if f.at_months < 0 else "after",
                    f.modality,
                }
                seen |= {f.site} & {"regional_nodes"}
            for s in timeline.symptoms:
                seen |= {
                    "present" if s.present else "absent",
                    "today" if s.at_months is None else "dated",
                }
            seen |= {r.label for r in timeline.responses}
            if timeline.stage:
                seen |= {category for category in timeline.stage.possible[0] if category}
    assert seen >= {
        "positive", "negative", "before", "after", "CT", "MRI", "regional_nodes", "present",
        "absent", "response", "no response", "today", "dated", "T1", "T2", "N0", "N1", "M0", "M1",
    }  # fmt: skip


@pytest.mark.parametrize("disease", DISEASES)
def test_answers_are_those_of_the_lattice(disease):
    scores = random_findings.scores_of_disease(infer, disease, patients=2, seed=1)
    require_enough(len(scores), 80, "answers")
    assert not failures(scores)


def test_forgotten_findings_are_noticed():
    timeline, observation, exact = next(
        each
        for each in random_findings.random_patients(DISEASES[0], 1)
        if any(f.positive for f in each[0].findings)
    )
    posterior = infer(replace(timeline, findings=()), observation, 1)
    compared = random_findings.compare(posterior, exact.answers())
    assert failures(random_findings.level_scores(compared))


@cache
def errors() -> dict[str, list[float]]:
    """Return the errors of five patients, of whom each is asked about many times."""
    return random_findings.errors_in_units(quick, DISEASES, patients=1, repeats=30, seed=2)


def test_stated_errors_are_right():
    assert not failures(random_findings.spread_scores(errors()))


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_stated_errors_wrong_by_a_factor_of_two_are_noticed(factor):
    wrong = {kind: (factor * np.array(z)).tolist() for kind, z in errors().items()}
    found = failures(random_findings.spread_scores(wrong))
    assert len([name for name in found if name.startswith("spread")]) > len(wrong) / 2


def test_few_errors_are_refused():
    with pytest.raises(NotEnough):
        random_findings.spread_scores({"few": [0.1] * 30})


# --- the oracle -----------------------------------------------------------------------


def test_people_with_unknown_traits_add_up_to_one():
    frail = next(d for d in DISEASES if random_disease(d).definition.frailty)
    timeline, _, _ = next(random_findings.random_patients(frail, 1))
    assert sum(weight for _, weight in people(timeline)) == pytest.approx(1.0)
    scores = np.array([person.frailty["pace"] for person, _ in people(timeline)])
    weights = np.array([weight for _, weight in people(timeline)])
    assert weights @ scores**2 == pytest.approx(1.0)


def test_the_oracle_of_a_random_effect_has_enough_nodes(monkeypatch):
    frail = next(d for d in DISEASES if random_disease(d).definition.frailty)
    timeline, observation, exact = next(random_findings.random_patients(frail, 1))
    monkeypatch.setattr("tests.infer.exact_mixture.FRAILTY_NODES", 15)
    finer = ExactMixture(timeline, observation)
    assert exact.evidence == pytest.approx(finer.evidence, rel=1e-4)
    fine, coarse = finer.answers(), exact.answers()
    assert max(abs(fine[q] - coarse[q]) for q in fine) < 1e-4


def test_one_known_person_is_no_mixture():
    number = next(d for d in DISEASES if random_disease(d).definition.covariates)
    structure = random_disease(number)
    timeline, observation, _ = next(random_findings.random_patients(number, 1))
    known = replace(timeline, fixed={"histology": "biphasic"})
    mixture = ExactMixture(known, random_observation(number, structure))
    ((person, weight),) = people(known)
    assert weight == 1.0
    assert mixture.evidence == ExactPosterior(known, None, observation, person).evidence
