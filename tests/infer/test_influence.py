"""What each finding does to the answers, against the exact lattice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.infer import leafy
from tests.infer.exact_posterior import ExactPosterior

from mesospread.infer.findings import ResponseFinding, SymptomFinding
from mesospread.infer.influence import influences
from mesospread.infer.posterior import REPLICATES, Posterior, Tally
from mesospread.infer.result import Influence
from mesospread.infer.solve import Effort, solve
from mesospread.infer.timeline import Timeline
from mesospread.model.treatments import Course, with_treatments

DISTANT = ("liver", "bone")
OBSERVATION = leafy.observation(DISTANT)
ERRORS = 5.0
#: a chance may be off by this share of itself: the sample of core histories is finite
CLOSE = 0.05


def with_m0() -> Timeline:
    """Return somebody with a stage, M0, a symptom that is there and one that is not."""
    return leafy.patient()


def with_m1() -> Timeline:
    """Return somebody staged M1 by no known scan, with two symptoms and no pain."""
    patient = leafy.staged(leafy.patient(), ("T2", None, "M1"), ("T1", "N1", "M1"))
    symptoms = (
        SymptomFinding("pain absent", "pain", False),
        SymptomFinding("fatigue present", "fatigue", True, 3.0),
        SymptomFinding("jaundice present", "jaundice", True),
    )
    return replace(patient, symptoms=symptoms)


def without_m() -> Timeline:
    """Return somebody whose M is not known: T and N are about the core alone."""
    patient = leafy.staged(leafy.patient(), ("T1", "N1", None))
    return replace(patient, findings=patient.findings[3:])


CASES = {"M0": with_m0, "M1": with_m1, "no M": without_m}


class Worked:
    """The influences of a case, and the posterior of every patient they were worked out from."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.by_labels: dict[tuple[str, ...], Posterior] = {}
        self.shares: list[float] = []
        self.listed: list[Influence] = influences(
            timeline, self.infer(timeline), self.infer, self.shares.append
        )

    def infer(self, timeline: Timeline) -> Posterior:
        effort = Effort(
            draws=4, core_paths=6_400, leaf_paths=8_000, standard_error=0.0, max_rounds=1
        )
        posterior = solve(timeline, OBSERVATION, seed=2, effort=effort)
        self.by_labels[timeline.labels()] = posterior
        return posterior


@cache
def worked(case: str) -> Worked:
    return Worked(CASES[case]())


@cache
def exact(case: str) -> ExactPosterior:
    return ExactPosterior(CASES[case](), None, OBSERVATION)


@cache
def exact_without(case: str) -> dict[str, tuple[float, dict[str, float]]]:
    """Return, by finding left out, P(any distant site is involved), and each site."""
    timeline = CASES[case]()
    found = {}
    for place, label in enumerate(timeline.labels()):
        other = ExactPosterior(timeline.without(place), None, OBSERVATION)
        found[label] = involved(other)
    return found


def involved(lattice: ExactPosterior) -> tuple[float, dict[str, float]]:
    p = lattice.today / lattice.evidence
    level = {s: lattice.states[:, lattice.structure.position(s)] for s in leafy.SITES}
    distant = np.any([level[s] >= 1 for s in DISTANT], axis=0)
    return float(p @ distant), {s: float(p @ (level[s] >= 1)) for s in leafy.SITES}


@pytest.mark.parametrize("case", CASES)
def test_every_finding_has_its_chance(case):
    """Given all others: also a stage with M, and symptoms that are not there."""
    truth = exact(case).surprise()
    found = {i.finding: i.chance for i in worked(case).listed}
    assert found.keys() == truth.keys()
    for label, chance in truth.items():
        assert found[label] == pytest.approx(chance, rel=CLOSE), label
    # one that is certain, or the same for all, would show nothing
    assert len({round(chance, 2) for chance in truth.values()}) > len(truth) / 2


@pytest.mark.parametrize("case", CASES)
def test_every_change_is_that_of_the_lattice(case):
    everything = worked(case).by_labels[worked(case).timeline.labels()]
    distant, sites = involved(exact(case))
    for influence in worked(case).listed:
        place = worked(case).timeline.labels().index(influence.finding)
        other = worked(case).by_labels[worked(case).timeline.without(place).labels()]
        distant_without, sites_without = exact_without(case)[influence.finding]
        questions = {("involved", s): (sites[s], sites_without[s]) for s in leafy.SITES}
        questions["distant", "involved"] = (distant, distant_without)
        for question, (before, after) in questions.items():
            errors = [p.answer(*question).standard_error for p in (everything, other)]
            error = math.hypot(*errors)
            assert error < 0.01
            if question[0] == "distant":
                shown = influence.distant_now
            else:
                shown = influence.involved_now.get(question[1], 0.0)
            # a change not shown is within two errors of none
            unseen = 2.0 if shown == 0.0 else 0.0
            assert abs(shown - (before - after)) <= (ERRORS + unseen) * error + 1e-6


@pytest.mark.parametrize("case", CASES)
def test_changes_that_are_clear_are_shown(case):
    distant, sites = involved(exact(case))
    clear = 0
    for influence in worked(case).listed:
        distant_without, sites_without = exact_without(case)[influence.finding]
        if abs(distant - distant_without) > 0.05:
            assert influence.distant_now != 0.0
            clear += 1
        for site in leafy.SITES:
            if abs(sites[site] - sites_without[site]) > 0.05:
                assert site in influence.involved_now
                clear += 1
    assert clear >= 3


@pytest.mark.parametrize("case", CASES)
def test_the_strongest_comes_first(case):
    strength = [sum(abs(c) for c in i.involved_now.values()) for i in worked(case).listed]
    assert strength == sorted(strength, reverse=True)
    assert strength[0] > 2 * strength[-1]


def test_a_share_is_told_after_each():
    n = len(worked("M0").listed)
    assert worked("M0").shares == pytest.approx([(k + 1) / n for k in range(n)])


def test_responses_are_not_listed():
    """How a treatment worked is part of the disease from then on."""
    course = Course("drug", response="responding")
    structure = with_treatments(leafy.certain_disease(), leafy.library(), [course])
    patient = leafy.patient(structure)
    helped = ResponseFinding("response to drug", 0.5, True)
    timeline = replace(patient, findings=patient.findings[3:4], symptoms=(), responses=(helped,))
    found = Worked(timeline)
    assert {i.finding for i in found.listed} == {"T2 M0", "PET: bone positive"}
    # left out was one finding at a time, never the response
    assert all("response to drug" in labels for labels in found.by_labels)
    assert len(found.by_labels) == 3


def test_without_findings_there_are_no_influences():
    nothing = replace(leafy.patient(), findings=(), stage=None, symptoms=())
    assert Worked(nothing).listed == []


# --- bands ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_every_change_and_chance_has_its_band(case):
    for influence in worked(case).listed:
        band = influence.chance_band
        assert 0.0 <= band.low <= influence.chance == band.estimate <= band.high <= 1.0
        assert influence.involved_now.keys() == influence.involved_now_bands.keys()
        changes = [(influence.distant_now, influence.distant_now_band)]
        for site, change in influence.involved_now.items():
            changes.append((change, influence.involved_now_bands[site]))
        for change, band in changes:
            assert -1.0 <= band.low <= change == band.estimate <= band.high <= 1.0
            # a simulated change is not known for certain, unless none is possible
            assert band.low < band.high or (band.low, band.high) == (0.0, 0.0)


def made_up(answers: Sequence[float], evidence: Sequence[float]) -> Posterior:
    """Return a posterior without noise: one answer to all, and how well each draw fits."""
    questions = [("distant", "involved"), *(("involved", site) for site in leafy.SITES)]
    weight = np.repeat(np.array(evidence)[:, None], REPLICATES, axis=1) / REPLICATES
    tally = Tally(
        weight=weight,
        first=weight[:, :, None] * np.array(answers)[:, None, None] * np.ones(len(questions)),
        squares=1.0,
        without=np.full(1, np.nan),
        paths=1,
    )
    return Posterior({q: k for k, q in enumerate(questions)}, tally, ("a finding",))


def influence_of(posterior: Posterior, other: Posterior) -> Influence:
    (found,) = influences(replace(with_m0(), responses=()), posterior, lambda known: other)
    return found


def test_the_band_of_a_change_is_that_of_its_draws():
    """Each draw moves by so much; together they move about the whole difference."""
    draws = np.linspace(0.1, 0.3, 81)
    found = influence_of(made_up(0.4 + draws, np.ones(81)), made_up(np.full(81, 0.4), np.ones(81)))
    band = found.distant_now_band
    assert (band.estimate, band.low, band.high) == pytest.approx((0.2, 0.105, 0.295), abs=0.003)
    assert found.involved_now_bands["liver"] == band


def test_a_finding_that_makes_draws_likelier_moves_all_of_them():
    """No draw changes its answer, but those with high answers fit better with the finding."""
    answers = [0.2, 0.6]
    found = influence_of(made_up(answers, [0.1, 0.3]), made_up(answers, [0.5, 0.5]))
    assert found.distant_now == pytest.approx(0.5 - 0.4)
    band = found.distant_now_band
    assert (band.low, band.high) == pytest.approx((0.1, 0.1))
    chance = found.chance_band
    assert (chance.estimate, chance.low, chance.high) == pytest.approx((0.4, 0.2, 0.6))


def test_unlike_numbers_of_draws_can_be_set_side_by_side():
    some, more = made_up([0.2, 0.6], [0.5, 0.5]), made_up([0.1, 0.5, 0.9], [0.5, 0.5, 0.5])
    for one, other in ((some, more), (more, some)):
        found = influence_of(one, other)
        assert found.chance_band.low <= found.chance <= found.chance_band.high
        assert found.distant_now_band.low <= found.distant_now <= found.distant_now_band.high
