"""The exact posterior of a small disease, by linear algebra on the lattice.

With ``Q`` the generator, ``U`` its block of living, undiagnosed states and ``p0`` the
start, the state at diagnosis is distributed as ``R (-U)^-1 p0``: the time spent in
each undiagnosed state, times the hazard of diagnosis there. From then on the chain is
carried forward from finding to finding, each of which multiplies it by its likelihood.
A finding some months before diagnosis multiplies the time spent in each state, which is
then carried forward undiagnosed; those diagnosed sooner than that were at the start
then (the model knows nothing earlier). Treatments begin and end at known times after
diagnosis, at which the distribution is rearranged.

The likelihoods are written out here a second time, state by state and by the names of
levels, and not by the code under test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csc_matrix
from scipy.sparse.linalg import SuperLU, expm_multiply, splu
from tests.infer import small
from tests.infer.exact_schedule import appointments, carried_out

from mesospread.exact.lattice import Lattice, build_lattice
from mesospread.infer.findings import SiteFinding, StageFinding, SymptomFinding
from mesospread.infer.questions import HORIZONS_MONTHS, Question
from mesospread.infer.timeline import Timeline
from mesospread.model.hazards import Person, PlainHazards
from mesospread.model.library import ObservationModel
from mesospread.model.structure import Structure

Floats = NDArray[np.float64]
ROUTES = ("direct", "lymphatic", "haematogenous")
SURVIVAL_MONTHS = (1, 3, 6, 12, 24, 36, 60)


@dataclass(frozen=True)
class Factor:
    """The likelihood (N,) of one finding in each joint state, and its time."""

    label: str
    at_months: float
    likelihood: Floats


class ExactPosterior:
    """Answers for one patient, one person and one set of parameter values.

    Parameters
    ----------
    timeline
        The patient; the disease must be small enough for the lattice.
    values
        Parameter values in months.
    observation
        How the disease is seen, in numbers.
    person
        Covariates and random effects, if the disease has any.
    """

    def __init__(
        self,
        timeline: Timeline,
        values: dict[str, float] | None = None,
        observation: ObservationModel = small.OBSERVATION,
        person: Person | None = None,
    ) -> None:
        self.timeline = timeline
        self.observation = observation
        self.structure: Structure = timeline.structure
        self.schedule = appointments(self.structure)
        # what is scheduled does not happen by chance
        by_chance = replace(self.structure, schedule=())
        self.lattice: Lattice = build_lattice(PlainHazards(by_chance, person, values))
        self.states = self.lattice.states
        self.q = csc_matrix(self.lattice.generator)
        self.sites = self.structure.of_role("site")
        self._read_states()

    def _read_states(self) -> None:
        (self.extent,) = self.structure.of_role("extent")
        (self.nodes,) = self.structure.of_role("nodes")
        (diagnosis,) = self.structure.of_role("diagnosis")
        self.diagnosed = self._level(diagnosis) == 1
        self.dead = np.any([self._level(d) == 1 for d in self.structure.of_role("death")], axis=0)
        self.factors = self._factors()

    def _level(self, process: str) -> NDArray[np.int64]:
        return self.states[:, self.structure.position(process)]

    def _names(self, process: str) -> list[str]:
        levels = self.structure.process(process).levels
        return [levels[k] for k in self._level(process)]

    # --- likelihoods, by hand -----------------------------------------------------

    def _modality(self, name: str) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
        (modality,) = (m for m in self.observation.modality if m.name == name)
        return modality.sensitivity, modality.false_positive

    def positive(self, modality: str, site: str) -> Floats:
        """Return P(a positive finding at a site) in each state."""
        sensitivity, false = self._modality(modality)
        if_free = false[site]
        by_level = {"free": 0.0, **sensitivity[site]}
        return np.array([max(by_level[name], if_free) for name in self._names(site)])

    def causes(self, symptom: str) -> dict[str, Floats]:
        """Return the chance that each cause alone brings a symptom on, in each state."""
        (known,) = (s for s in self.observation.symptom if s.name == symptom)
        chances = {"other causes": np.full(len(self.states), known.background)}
        for cause, by_level in known.causes.items():
            chances[cause] = np.array([by_level.get(name, 0.0) for name in self._names(cause)])
        return chances

    def felt(self, symptom: str) -> Floats:
        """Return P(a symptom) in each state."""
        return 1.0 - np.prod([1.0 - chance for chance in self.causes(symptom).values()], axis=0)

    def reported(self, basis: str, axis: str, category: str | None) -> Floats:
        """Return P(a T or N category is reported) in each state."""
        if category is None:
            return np.ones(len(self.states))
        (staging,) = (s for s in self.observation.staging if s.basis == basis)
        rows = staging.t if axis == "t" else staging.n
        names = self._names(self.extent if axis == "t" else self.nodes)
        return np.array([rows[name].get(category, 0.0) for name in names])

    def staged(self, stage: StageFinding) -> Floats:
        """Return P(the stage is reported) in each state."""
        (staging,) = (s for s in self.observation.staging if s.basis == stage.basis)
        sensitivity, _ = self._modality(staging.m)
        found_nowhere = np.ones(len(self.states))
        for site in self.observation.distant_sites:
            if site not in stage.seen_by_scans:
                by_level = {"free": 0.0, **sensitivity[site]}
                found_nowhere *= [1.0 - by_level[name] for name in self._names(site)]
        by_m = {
            None: np.ones(len(self.states)),
            "M0": found_nowhere,
            "M1": np.ones(len(self.states)) if stage.found_by_scans else 1.0 - found_nowhere,
        }
        return np.sum(
            [
                self.reported(stage.basis, "t", t) * self.reported(stage.basis, "n", n) * by_m[m]
                for t, n, m in stage.possible
            ],
            axis=0,
        )

    def _factors(self) -> list[Factor]:
        t = self.timeline
        listed = []
        if t.stage is not None:
            listed.append(Factor(t.stage.label, t.stage.at_months, self.staged(t.stage)))
        for f in t.findings:
            listed.append(Factor(f.label, f.at_months, self._found(f)))
        for s in t.symptoms:
            listed.append(Factor(s.label, t.symptom_months(s), self._felt(s)))
        for r in t.responses:
            # says something about who the person is, not about the state
            helped = self.lattice.hazards.chance(r.probability)
            chance = helped if r.responded else 1.0 - helped
            listed.append(Factor(r.label, t.now_months, np.full(len(self.states), chance)))
        return listed

    def _found(self, finding: SiteFinding) -> Floats:
        if finding.site == "regional_nodes":
            tissue = finding.modality in ("EBUS", "mediastinoscopy", "biopsy")
            basis = "pathological" if tissue else "clinical"
            first = self.structure.process(self.nodes).levels[0]
            positive = 1.0 - self.reported(basis, "n", first)
        else:
            positive = self.positive(finding.modality, finding.site)
        return positive if finding.positive else 1.0 - positive

    def _felt(self, finding: SymptomFinding) -> Floats:
        felt = self.felt(finding.name)
        return felt if finding.present else 1.0 - felt

    # --- the chain ----------------------------------------------------------------

    def now(self, factors: Sequence[Factor] | None = None) -> Floats:
        """Return P(findings, diagnosed, alive today, state today), (N,)."""
        factors = self.factors if factors is None else factors
        p = self._at_diagnosis([f for f in factors if f.at_months < 0])
        at = 0.0
        for f in sorted((f for f in factors if f.at_months >= 0), key=lambda f: f.at_months):
            p = self._forward(p, at, f.at_months) * f.likelihood
            at = f.at_months
        p = self._forward(p, at, self.timeline.now_months)
        return np.where(self.dead, 0.0, p)

    @cached_property
    def _waiting(self) -> tuple[NDArray[np.int64], csc_matrix, SuperLU]:
        """The living and undiagnosed, their block of the generator, and its solver."""
        waiting = np.flatnonzero(~self.diagnosed & ~self.dead)
        u = self.q[np.ix_(waiting, waiting)].tocsc()
        return waiting, u, splu(u)

    def _at_diagnosis(self, factors: list[Factor]) -> Floats:
        """Return P(earlier findings, state at diagnosis)."""
        waiting, u, solver = self._waiting
        start = np.zeros(len(waiting))
        is_start = (self.states[waiting] == self.structure.start_levels()).all(axis=1)
        # of states that differ in a label only, the first has none
        first = int(is_start.argmax())
        start[first] = 1.0
        spent = solver.solve(-start)
        sooner, early = 1.0, sorted(factors, key=lambda f: f.at_months)
        for k, f in enumerate(early):
            wait = (early[k + 1].at_months if k + 1 < len(early) else 0.0) - f.at_months
            likelihood = f.likelihood[waiting]
            spent = expm_multiply(u * wait, likelihood * spent)
            # diagnosed sooner after the start than this finding was before diagnosis
            sooner *= likelihood[first]
            spent = spent + sooner * solver.solve(expm_multiply(u * wait, start) - start)
        everybody = np.zeros(len(self.states))
        everybody[waiting] = spent
        found = self.q @ everybody
        return np.where(self.diagnosed & ~self.dead, found, 0.0)

    def _forward(self, p: Floats, start: float, end: float, q: csc_matrix | None = None) -> Floats:
        """Carry a distribution forward; times in months since diagnosis."""
        q = self.q if q is None else q
        n = len(self.states)
        for at, entry in self.schedule:
            if start < at <= end:
                p = expm_multiply(q * (at - start), p)
                done = carried_out(self.lattice.hazards, entry, self.states, p[:n])
                p, start = np.concatenate([done, p[n:]]), at
        return p if start == end else expm_multiply(q * (end - start), p)

    @cached_property
    def today(self) -> Floats:
        """P(findings, state today)."""
        return self.now()

    @property
    def evidence(self) -> float:
        """P(findings, diagnosed, alive today)."""
        return float(self.today.sum())

    def fit_without(self) -> dict[str, float]:
        """Return the evidence with each finding left out."""
        return {
            f.label: float(self.now([g for g in self.factors if g is not f]).sum())
            for f in self.factors
        }

    def surprise(self) -> dict[str, float]:
        """Return P(each finding | all others)."""
        return {label: self.evidence / rest for label, rest in self.fit_without().items()}

    # --- the answers --------------------------------------------------------------

    def answers(self) -> dict[Question, float]:
        """Return the exact answer to each question, those of routes left out."""
        p = self.today / self.evidence
        found: dict[Question, float] = {}
        for site in self.sites:
            level = self._level(site)
            for k, name in enumerate(small.LADDER):
                found["now", site, name] = p @ (level == k)
            found["involved", site] = p @ (level >= 1)
            for modality in self.observation.modality:
                if modality.name in ("biopsy", "autopsy") or site not in modality.sensitivity:
                    continue
                positive = self.positive(modality.name, site)
                found["scan", modality.name, site] = p @ positive
                found["found", modality.name, site] = p @ (positive * (level >= 1))
                found["missed", modality.name, site] = p @ ((1.0 - positive) * (level >= 1))
        for axis, process in (("t", self.extent), ("n", self.nodes)):
            for k, name in enumerate(self.structure.process(process).levels):
                found["true", axis, name] = p @ (self._level(process) == k)
        distant = np.array([self._level(site) for site in self.observation.distant_sites])
        found["distant", "sites"] = p @ (distant >= 1).sum(axis=0)
        found["distant", "involved"] = p @ (distant.max(axis=0) >= 1)
        found["distant", "hidden"] = p @ (distant.max(axis=0) == 1)
        found["distant", "detectable"] = p @ (distant.max(axis=0) >= 2)
        found |= self._causes() | self._future(p) | self._next(p)
        return {question: float(value) for question, value in found.items()}

    def _causes(self) -> dict[Question, float]:
        """Return which cause was at work when a symptom began, given that it is there."""
        found: dict[Question, float] = {}
        for symptom in self.timeline.symptoms:
            if not symptom.present:
                continue
            others = [f for f in self.factors if f.label != symptom.label]
            at = self.timeline.symptom_months(symptom)
            for cause, chance in self.causes(symptom.name).items():
                instead = self.now([*others, Factor(symptom.label, at, chance)])
                found["symptom", symptom.name, cause] = float(instead.sum()) / self.evidence
        return found

    def _future(self, p: Floats) -> dict[Question, float]:
        found: dict[Question, float] = {("alive", 0): 1.0}
        month, today = 0, self.timeline.now_months
        for later in SURVIVAL_MONTHS:
            p = self._forward(p, today + month, today + later)
            month = later
            found["alive", month] = p @ ~self.dead
            for site in self.sites:
                if month in HORIZONS_MONTHS:
                    # the dead keep their levels, so death competes
                    found["by", site, month] = p @ (self._level(site) >= 2)
        return found

    def _next(self, p: Floats) -> dict[Question, float]:
        """Return which site becomes detectable first within 24 months, by a sink for each."""
        rates = coo_matrix(self.q)
        n = len(self.states)
        rows, columns = rates.row.copy(), rates.col
        for sink, site in enumerate(self.sites, start=n):
            level = self._level(site)
            rows[(level[rates.row] == 2) & (level[columns] == 1)] = sink
        size = n + len(self.sites)
        to_sinks = csc_matrix((rates.data, (rows, columns)), shape=(size, size))
        today, none_yet = self.timeline.now_months, np.zeros(len(self.sites))
        end = self._forward(np.append(p, none_yet), today, today + 24.0, to_sinks)
        return {("next", site): float(end[n + k]) for k, site in enumerate(self.sites)}


class LabelledPosterior(ExactPosterior):
    """The same with a note in each state of the route by which one site was seeded.

    Label 0: not seeded; 1 to 3: by which of `ROUTES`.
    """

    def __init__(
        self,
        timeline: Timeline,
        site: str = "liver",
        observation: ObservationModel = small.OBSERVATION,
        person: Person | None = None,
    ) -> None:
        super().__init__(timeline, None, observation, person)
        plain, hazards = coo_matrix(self.q), self.lattice.hazards
        place = self.structure.position(site)
        seeding = [r for r in self.structure.routes if (r.process, r.level) == (place, 0)]
        n = len(self.states)
        rows, columns, data = [], [], []
        for to, at, rate in zip(plain.row, plain.col, plain.data, strict=True):
            seeded = self.states[to, place] == 1 and self.states[at, place] == 0
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
        # only label 0 can be the start
        self.states = np.tile(self.states, (4, 1))
        self._read_states()

    def seeded_by(self) -> dict[str, float]:
        """Return P(the site was seeded by each route, or will be within 24 months)."""
        today = self.timeline.now_months
        later = self._forward(self.today / self.evidence, today, today + 24.0)
        by_label = np.bincount(self.label, weights=later, minlength=4)
        return dict(zip(ROUTES, by_label[1:].tolist(), strict=True))

    def routes(self) -> dict[str, float]:
        """Return P(route | seeded)."""
        by_route = self.seeded_by()
        total = sum(by_route.values())
        return {route: p / total for route, p in by_route.items()}
