"""The exact posterior of the small disease, by linear algebra on the lattice.

With ``Q`` the generator, ``U`` its block of living, undiagnosed states and ``p0`` the
start, the state at diagnosis is distributed as ``R (-U)^-1 p0``: the time spent in
each undiagnosed state, times the hazard of diagnosis there. From then on the chain is
carried forward from finding to finding, each of which multiplies it by its likelihood.
A finding some months before diagnosis multiplies the time spent in each state, which is
then carried forward undiagnosed; those diagnosed sooner than that were at the start
then (the model knows nothing earlier).

The likelihoods are written out here a second time, from the tables of the observation
model and not by the code under test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csc_matrix
from scipy.sparse.linalg import expm_multiply, splu
from tests.infer import small

from mesospread.exact.lattice import Lattice, build_lattice
from mesospread.infer.findings import SiteFinding, StageFinding, SymptomFinding
from mesospread.infer.questions import HORIZONS_MONTHS, Question
from mesospread.infer.timeline import Timeline
from mesospread.model.hazards import PlainHazards
from mesospread.model.structure import Structure

Floats = NDArray[np.float64]
ROUTES = ("direct", "lymphatic", "haematogenous")


@dataclass(frozen=True)
class Factor:
    """The likelihood (N,) of one finding in each joint state, and its time."""

    label: str
    at_months: float
    likelihood: Floats


class ExactPosterior:
    """Answers for one patient and one set of parameter values.

    Parameters
    ----------
    timeline
        The patient; the disease must be one of `small`.
    values
        Parameter values in months.
    """

    def __init__(self, timeline: Timeline, values: dict[str, float] | None = None) -> None:
        self.timeline = timeline
        self.structure: Structure = timeline.structure
        self.lattice: Lattice = build_lattice(PlainHazards(self.structure, values=values))
        self.states = self.lattice.states
        self.q = csc_matrix(self.lattice.generator)
        self.diagnosed = self._level("diagnosis") == 1
        self.dead = self._level("death") == 1
        self.factors = self._factors()

    def _level(self, process: str) -> NDArray[np.int64]:
        return self.states[:, self.structure.position(process)]

    def _names(self, process: str) -> list[str]:
        levels = self.structure.process(process).levels
        return [levels[k] for k in self._level(process)]

    # --- likelihoods, by hand -----------------------------------------------------

    def ct_positive(self, site: str) -> Floats:
        """Return P(CT positive at a site) in each state."""
        by_level = {"free": small.FALSE_BY_CT[site], **small.SEEN_BY_CT[site]}
        return np.array([by_level[name] for name in self._names(site)])

    def pain_by_cause(self) -> dict[str, Floats]:
        """Return the chance that each cause alone brings pain on, in each state."""
        chances = {"other causes": np.full(len(self.states), small.PAIN_BACKGROUND)}
        for cause, by_level in small.PAIN_CAUSES.items():
            chances[cause] = np.array([by_level.get(name, 0.0) for name in self._names(cause)])
        return chances

    def pain(self) -> Floats:
        """Return P(pain) in each state."""
        return 1.0 - np.prod([1.0 - chance for chance in self.pain_by_cause().values()], axis=0)

    def staged(self, stage: StageFinding) -> Floats:
        """Return P(the stage is reported) in each state; M by CT of the liver."""
        ((t, n, m),) = stage.possible
        assert m == "M0"
        assert not stage.seen_by_scans
        likelihood = np.array([small.T_ROWS[name][t] for name in self._names("extent")])
        likelihood *= [small.N_ROWS[name][n] for name in self._names("nodes")]
        seen = {"free": 0.0, **small.SEEN_BY_CT["liver"]}
        return likelihood * [1.0 - seen[name] for name in self._names("liver")]

    def _factors(self) -> list[Factor]:
        t = self.timeline
        listed = []
        if t.stage is not None:
            listed.append(Factor(t.stage.label, t.stage.at_months, self.staged(t.stage)))
        for f in t.findings:
            listed.append(Factor(f.label, f.at_months, self._found(f)))
        for s in t.symptoms:
            listed.append(Factor(s.label, t.now_months, self._felt(s)))
        return listed

    def _found(self, finding: SiteFinding) -> Floats:
        positive = self.ct_positive(finding.site)
        return positive if finding.positive else 1.0 - positive

    def _felt(self, finding: SymptomFinding) -> Floats:
        return self.pain() if finding.present else 1.0 - self.pain()

    # --- the chain ----------------------------------------------------------------

    def now(self, factors: Sequence[Factor] | None = None) -> Floats:
        """Return P(findings, diagnosed, alive today, state today), (N,)."""
        factors = self.factors if factors is None else factors
        p = self._at_diagnosis([f for f in factors if f.at_months < 0])
        at = 0.0
        for f in sorted((f for f in factors if f.at_months >= 0), key=lambda f: f.at_months):
            p = self._forward(p, f.at_months - at) * f.likelihood
            at = f.at_months
        p = self._forward(p, self.timeline.now_months - at)
        return np.where(self.dead, 0.0, p)

    def _at_diagnosis(self, factors: list[Factor]) -> Floats:
        """Return P(earlier findings, state at diagnosis)."""
        waiting = np.flatnonzero(~self.diagnosed & ~self.dead)
        u = self.q[np.ix_(waiting, waiting)].tocsc()
        solve = splu(u).solve
        start = np.zeros(len(waiting))
        is_start = (self.states[waiting] == self.structure.start_levels()).all(axis=1)
        # of states that differ in a label only, the first has none
        first = int(is_start.argmax())
        start[first] = 1.0
        spent = solve(-start)
        sooner, early = 1.0, sorted(factors, key=lambda f: f.at_months)
        for k, f in enumerate(early):
            wait = (early[k + 1].at_months if k + 1 < len(early) else 0.0) - f.at_months
            likelihood = f.likelihood[waiting]
            spent = expm_multiply(u * wait, likelihood * spent)
            # diagnosed sooner after the start than this finding was before diagnosis
            sooner *= likelihood[first]
            spent = spent + sooner * solve(expm_multiply(u * wait, start) - start)
        everybody = np.zeros(len(self.states))
        everybody[waiting] = spent
        found = self.q @ everybody
        return np.where(self.diagnosed & ~self.dead, found, 0.0)

    def _forward(self, p: Floats, months: float) -> Floats:
        return p if months == 0 else expm_multiply(self.q * months, p)

    @cached_property
    def today(self) -> Floats:
        """P(findings, state today)."""
        return self.now()

    @property
    def evidence(self) -> float:
        """P(findings, diagnosed, alive today)."""
        return float(self.today.sum())

    def surprise(self) -> dict[str, float]:
        """Return P(each finding | all others)."""
        return {
            f.label: self.evidence / float(self.now([g for g in self.factors if g is not f]).sum())
            for f in self.factors
        }

    # --- the answers --------------------------------------------------------------

    def answers(self) -> dict[Question, float]:
        """Return the exact answer to each question, those of routes left out."""
        p = self.today / self.evidence
        found: dict[Question, float] = {}
        for site in ("chest_wall", "liver"):
            level = self._level(site)
            for k, name in enumerate(small.LADDER):
                found["now", site, name] = p @ (level == k)
            found["involved", site] = p @ (level >= 1)
            positive = self.ct_positive(site)
            found["scan", "CT", site] = p @ positive
            found["found", "CT", site] = p @ (positive * (level >= 1))
            found["missed", "CT", site] = p @ ((1.0 - positive) * (level >= 1))
        for axis, process in (("t", "extent"), ("n", "nodes")):
            for k, name in enumerate(self.structure.process(process).levels):
                found["true", axis, name] = p @ (self._level(process) == k)
        found["distant", "involved"] = found["distant", "sites"] = found["involved", "liver"]
        found["distant", "hidden"] = found["now", "liver", "microscopic"]
        found["distant", "detectable"] = 1.0 - found["now", "liver", "free"] - found[
            "now", "liver", "microscopic"]  # fmt: skip
        if any(symptom.present for symptom in self.timeline.symptoms):
            for cause, chance in self.pain_by_cause().items():
                found["symptom", "pain", cause] = p @ (chance / self.pain())
        found |= self._future(p) | self._next(p)
        return {question: float(value) for question, value in found.items()}

    def _future(self, p: Floats) -> dict[Question, float]:
        found: dict[Question, float] = {("alive", 0): 1.0}
        month = 0
        for later in (1, 3, 6, 12, 24, 36, 60):
            p = self._forward(p, later - month)
            month = later
            found["alive", month] = p @ ~self.dead
            for site in ("chest_wall", "liver"):
                if month in HORIZONS_MONTHS:
                    # the dead keep their levels, so death competes
                    found["by", site, month] = p @ (self._level(site) >= 2)
        return found

    def _next(self, p: Floats) -> dict[Question, float]:
        """Return which site becomes detectable first within 24 months, by two sinks."""
        rates = coo_matrix(self.q)
        n = len(self.states)
        rows, columns, data = list(rates.row), list(rates.col), list(rates.data)
        sinks = {"chest_wall": n, "liver": n + 1}
        for e in range(len(data)):
            moved = self.states[rows[e]] - self.states[columns[e]]
            for site, sink in sinks.items():
                place = self.structure.position(site)
                if moved[place] == 1 and self.states[columns[e], place] == 1:
                    rows[e] = sink
        to_sinks = csc_matrix((data, (rows, columns)), shape=(n + 2, n + 2))
        end = expm_multiply(to_sinks * 24.0, np.append(p, [0.0, 0.0]))
        return {("next", site): float(end[sink]) for site, sink in sinks.items()}


class LabelledPosterior(ExactPosterior):
    """The same with a note in each state of the route by which the liver was seeded.

    Label 0: not seeded; 1 to 3: by which of `ROUTES`.
    """

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(timeline)
        plain, hazards = coo_matrix(self.q), self.lattice.hazards
        liver = self.structure.position("liver")
        seeding = [r for r in self.structure.routes if (r.process, r.level) == (liver, 0)]
        n = len(self.states)
        rows, columns, data = [], [], []
        for to, at, rate in zip(plain.row, plain.col, plain.data, strict=True):
            seeded = self.states[to, liver] == 1 and self.states[at, liver] == 0
            for label in (0, 1, 2, 3):
                if not seeded:
                    rows.append(label * n + to)
                    columns.append(label * n + at)
                    data.append(rate)
                elif label == 0:
                    for route in seeding:
                        rows.append((1 + ROUTES.index(route.via)) * n + to)
                        columns.append(at)
                        data.append(hazards.route(route, self.states[at].tolist()))
        self.q = csc_matrix((data, (rows, columns)), shape=(4 * n, 4 * n))
        self.label = np.repeat([0, 1, 2, 3], n)
        # only label 0 can be the start; a spare column tells labels apart
        self.states = np.tile(self.states, (4, 1))
        self.diagnosed, self.dead = np.tile(self.diagnosed, 4), np.tile(self.dead, 4)
        self.factors = self._factors()

    def routes(self) -> dict[str, float]:
        """Return by which route the liver was seeded, or will be within 24 months."""
        later = self._forward(self.today / self.evidence, 24.0)
        by_label = np.bincount(self.label, weights=later, minlength=4)
        return dict(zip(ROUTES, (by_label[1:] / by_label[1:].sum()).tolist(), strict=True))
