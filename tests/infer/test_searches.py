"""Questions about all distant sites at once, and hidden deposits, against the exact lattice."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.infer import leafy
from tests.infer.exact_posterior import ExactPosterior

from mesospread.infer.answers import search_forecasts
from mesospread.infer.posterior import Posterior
from mesospread.infer.questions import HORIZONS_MONTHS, Question
from mesospread.infer.solve import Effort, solve
from mesospread.infer.timeline import Timeline
from mesospread.model.treatments import Course, with_treatments

#: an answer passes within this, or this many of its stated errors
CLOSE, ERRORS = 1e-3, 5.0
#: the same ways of looking in any order are one search; tissue samples are none
SEARCHES = (("CT",), ("MRI",), ("PET",), ("CT", "MRI"), ("CT", "PET"), ("MRI", "PET"))
ALL = ("chest_wall", "liver", "bone")


def operated() -> Timeline:
    """Return somebody whose liver and chest wall were operated on before today."""
    structure = with_treatments(leafy.certain_disease(), leafy.library(), [Course("operation")])
    return replace(leafy.patient(structure), symptoms=())


def nothing_found() -> Timeline:
    patient = leafy.patient()
    clear = tuple(f for f in patient.findings if not f.positive)
    return replace(patient, findings=clear, symptoms=patient.symptoms[1:])


def staged_m1() -> Timeline:
    """Return somebody with a stage M1 that no scan accounts for, and pain."""
    patient = leafy.patient()
    return replace(leafy.staged(patient, ("T2", "N1", "M1")), findings=patient.findings[:2])


CASES = {
    # findings at leaves, one of them positive
    "usual": (leafy.patient, ("liver", "bone")),
    # a site of the core counts, too; one positive there
    "core site": (leafy.patient, ALL),
    "nothing found": (nothing_found, ALL),
    "one site": (nothing_found, ("liver",)),
    "only the core": (nothing_found, ("chest_wall",)),
    "M1": (staged_m1, ALL),
    "operated": (operated, ("liver", "bone")),
}


@cache
def solved(case: str) -> Posterior:
    make, distant = CASES[case]
    effort = Effort(draws=4, core_paths=12_800, leaf_paths=12_000, standard_error=0.0, max_rounds=1)
    return solve(make(), leafy.observation(distant), seed=5, effort=effort)


class Exact:
    """Exact answers for a case."""

    def __init__(self, case: str) -> None:
        make, self.distant = CASES[case]
        self.timeline: Timeline = make()
        self.lattice = ExactPosterior(self.timeline, None, leafy.observation(self.distant))
        self.p = self.lattice.today / self.lattice.evidence
        states, position = self.lattice.states, self.lattice.structure.position
        self.level = {site: states[:, position(site)] for site in leafy.SITES}
        found = {f.site for f in self.timeline.findings if f.positive}
        self.unknown = [site for site in self.distant if site not in found]

    def involved(self, sites: tuple[str, ...] | list[str]) -> np.ndarray:
        """Return whether any of some sites is involved, in each state."""
        return np.any([np.zeros(len(self.p)), *(self.level[s] >= 1 for s in sites)], axis=0)

    def missed(self, names: tuple[str, ...]) -> np.ndarray:
        """Return P(no tumour is found at a site not known to be involved), in each state."""
        missed = np.ones(len(self.p))
        for name in names:
            for site in self.unknown:
                if site in leafy.SEEN[name]:
                    chance = np.array([0.0, *leafy.SEEN[name][site][0]])
                    missed *= 1.0 - chance[self.level[site]]
        return missed

    def searches(self) -> dict[Question, float]:
        there = self.involved(self.unknown)
        answers: dict[Question, float] = {("unknown", "involved"): self.p @ there}
        for names in SEARCHES:
            missed = self.missed(names)
            answers["search", "finds", *names] = 1.0 - self.p @ missed
            answers["search", "leaves", *names] = self.p @ (missed * there)
        return answers

    def now(self) -> dict[Question, float]:
        deepest = np.max([self.level[site] for site in self.distant], axis=0)
        how_many = np.sum([self.level[site] >= 1 for site in self.distant], axis=0)
        return {
            ("distant", "involved"): self.p @ (deepest >= 1),
            ("distant", "hidden"): self.p @ (deepest == 1),
            ("distant", "detectable"): self.p @ (deepest >= 2),
            ("distant", "sites"): self.p @ how_many,
        }

    def later(self) -> dict[Question, float]:
        """Return what is hidden, and whether anything distant has shown, at each horizon."""
        answers: dict[Question, float] = {}
        p, month, alive = self.p, 0, ~self.lattice.dead
        today = self.timeline.now_months
        shown = np.max([self.level[site] for site in self.distant], axis=0) >= 2
        for later in HORIZONS_MONTHS:
            p = self.lattice._forward(p, today + month, today + later)
            month = later
            # the dead keep their levels
            answers["by", "any_distant", month] = p @ shown
            for site in leafy.SITES:
                answers["hidden", site, month] = p @ (alive & (self.level[site] == 1))
        return answers


@cache
def exact(case: str) -> Exact:
    return Exact(case)


def check(posterior: Posterior, truth: dict[Question, float]) -> None:
    wrong = []
    for question, value in truth.items():
        answer = posterior.answer(*question)
        off = abs(answer.estimate - value)
        if off > max(CLOSE, ERRORS * answer.standard_error):
            wrong.append((question, value, answer.estimate, answer.standard_error))
        # an error that lets everything pass would say nothing
        assert answer.standard_error < 0.01 * (1 + (question[-1] == "sites"))
    assert not wrong


@pytest.mark.parametrize("case", CASES)
def test_searches(case):
    posterior, truth = solved(case), exact(case).searches()
    seen = [q for q in truth if q[0] == "unknown" or sees(q[2:], exact(case).unknown)]
    check(posterior, {q: truth[q] for q in seen})
    asked = {q for q in posterior.questions if q[0] in ("search", "unknown")}
    assert asked == set(seen)
    assert all(truth[q] >= 0.0 for q in seen)


def sees(names: tuple[str | int, ...], sites: list[str]) -> bool:
    """Return whether each examination sees one of the sites: others are not offered."""
    return all(any(site in leafy.SEEN[str(name)] for site in sites) for name in names)


@pytest.mark.parametrize("case", CASES)
def test_distant_spread_now(case):
    check(solved(case), exact(case).now())


@pytest.mark.parametrize("case", CASES)
def test_distant_and_hidden_spread_later(case):
    check(solved(case), exact(case).later())


def test_the_cases_differ():
    """Their truths are far apart, so that one could not pass for another."""
    finds = [exact(c).searches()["search", "finds", "CT"] for c in CASES]
    shown = [exact(c).later()["by", "any_distant", 12] for c in CASES]
    for values in (finds, shown):
        gaps = np.diff(np.sort(np.round(values, 6)))
        assert (gaps > 0.005).sum() >= 4


@pytest.mark.parametrize("case", CASES)
def test_the_order_and_formulas_of_searches(case):
    """Left behind, and what the last adds, are conditional on finding nothing before."""
    truth = exact(case)
    involved = float(truth.p @ truth.involved(truth.unknown))
    forecasts = search_forecasts(solved(case))
    n_alone = sum(len(f.modalities) == 1 for f in forecasts)
    assert [len(f.modalities) for f in forecasts] == sorted(len(f.modalities) for f in forecasts)
    assert len(forecasts) == n_alone * (n_alone + 1) // 2
    alone = {f.modalities[0]: f.finds.estimate for f in forecasts[:n_alone]}
    assert list(alone.values()) == sorted(alone.values(), reverse=True)
    for f in forecasts:
        # of two, the one that finds more comes first
        assert f.modalities == sorted(f.modalities, key=lambda name: -alone[name])
        missed = float(truth.p @ truth.missed(tuple(f.modalities)))
        before = float(truth.p @ truth.missed(tuple(f.modalities[:-1])))
        finds, left = 1.0 - missed, (involved - (1.0 - missed)) / missed
        error = 0.005
        assert f.finds.estimate == pytest.approx(finds, abs=error)
        assert f.left_behind == pytest.approx(left, abs=2 * error)
        assert f.adds == pytest.approx((before - missed) / before, abs=2 * error)


def test_finding_and_leaving_is_all_there_is():
    """What is there is found or left behind; two ways find no less than one."""
    posterior = solved("nothing found")
    hidden = posterior.answer("unknown", "involved").estimate
    for names in SEARCHES:
        found, left = (posterior.answer("search", k, *names).estimate for k in ("finds", "leaves"))
        assert found + left == pytest.approx(hidden, abs=1e-9)
    for one, other in SEARCHES[3:]:
        both = posterior.answer("search", "finds", one, other).estimate
        alone = [posterior.answer("search", "finds", name).estimate for name in (one, other)]
        assert max(alone) < both < math.fsum(alone)
