"""The prior predictive: people with the disease, and what is found in them.

The same story that `Likelihood` assumes, told forwards: somebody falls ill under one set
of parameter values, is diagnosed, and is alive on a day that was fixed beforehand. What
is looked at, and when, is fixed beforehand too; what is found is drawn from the tables
of the likelihood. Inference that averages over the same parameter draws must then be
calibrated: of all that it gives a chance of 30 %, 30 % is true.

References
----------
Talts, Betancourt, Simpson, Vehtari, Gelman (2018), arXiv 1804.06788.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mesospread.errors import InputError
from mesospread.infer.condition import HORIZON_MONTHS
from mesospread.infer.findings import SiteFinding, StageFinding, SymptomFinding
from mesospread.infer.likelihood import Levels, Likelihood
from mesospread.infer.timeline import STAGING_WINDOW_MONTHS, Timeline
from mesospread.model.compiled import compile_model
from mesospread.model.definition import Categorical
from mesospread.model.library import ObservationModel
from mesospread.model.parameters import Values
from mesospread.model.population import Patients
from mesospread.model.structure import Structure
from mesospread.simulate.batch import Batch, run_batch

TNM = tuple[str | None, str | None, str | None]

#: scans up to this long after staging still belong to it, as in a patient file
_STAGING_ENDS_MONTHS = 0.5
#: keeps these random numbers apart from others with the same seed
_PURPOSE = 0x0B5E57E


@dataclass(frozen=True)
class ObservationPlan:
    """What is looked at in a person, and when: chosen without knowing the disease.

    Attributes
    ----------
    today_months
        Earliest and latest "today", since diagnosis.
    scans
        Fewest and most examinations.
    sites
        Fewest and most sites that one examination speaks about.
    before_months
        Examinations begin this long before diagnosis.
    repeated
        Chance that an examination repeats the one before it: same way of looking, same
        sites, another day.
    modalities
        Ways of looking to choose from; all but the autopsy if empty.
    staged
        Chance that the stage at diagnosis is stated.
    hidden
        Chance that one of T, N and M is left out, and that a covariate is unknown.
    groups
        Stage groups and the T, N, M they stand for: one group for each combination. If
        given, half of the stages are stated as a group only.
    symptoms
        Fewest and most symptoms that are asked for.
    dated
        Chance that one is asked for on a day before today, not today.
    """

    today_months: tuple[float, float] = (0.0, 18.0)
    scans: tuple[int, int] = (0, 3)
    sites: tuple[int, int] = (1, 5)
    before_months: float = 3.0
    repeated: float = 0.3
    modalities: tuple[str, ...] = ()
    staged: float = 0.8
    hidden: float = 0.3
    groups: Mapping[str, Collection[TNM]] = field(default_factory=dict)
    symptoms: tuple[int, int] = (0, 4)
    dated: float = 0.3


@dataclass(frozen=True)
class Truth:
    """What nobody knows of a simulated person.

    Attributes
    ----------
    levels_now
        Level of each process today, by its position on the ladder.
    detectable_after_months
        For each site, from today until it is next detectable: 0 if it is already,
        infinite if that never happens.
    death_after_months
        From today.
    draw
        Number of the parameter draw.
    """

    levels_now: Mapping[str, int]
    detectable_after_months: Mapping[str, float]
    death_after_months: float
    draw: int


@dataclass(frozen=True)
class SimulatedPatient:
    """A simulated person: number, what is known, and what is true."""

    number: int
    timeline: Timeline
    truth: Truth


def observe(
    structure: Structure,
    observation: ObservationModel,
    values: Values,
    plan: ObservationPlan,
    seed: int,
    first: int,
    n: int,
    *,
    draw: int = 0,
    life_table: str = "uk",
) -> list[SimulatedPatient]:
    """Simulate people and examine those who are diagnosed and alive today.

    Whoever is not is left out and not replaced: inference holds that against the
    parameter values, too.

    Parameters
    ----------
    structure
        The disease, with the background mortality that is to stand in the timelines.
    observation
        How it is seen.
    values
        Parameter values of both, in months.
    plan
        What is looked at.
    seed, first, n
        People ``first`` to ``first + n - 1`` of this seed. The result for a person does
        not depend on the block.
    draw
        Number of the parameter draw, to be noted with the truth.
    life_table
        Population of the background mortality.

    Raises
    ------
    InputError
        If the plan names a way of looking that the observation model does not have.
    """
    likelihood = Likelihood(structure, observation, values)
    examiner = _Examiner(likelihood, plan)
    batch = run_batch(
        compile_model(structure, values),
        seed=seed,
        first=first,
        n=n,
        horizon_months=HORIZON_MONTHS,
        life_table=life_table,
    )
    diagnosis = structure.of_role("diagnosis")[0]
    diagnosed = batch.first_entry(diagnosis, structure.process(diagnosis).levels[1])
    end, reason = batch.end()
    death = np.where(reason < 0, np.inf, end)
    found = []
    for row in range(n):
        rng = np.random.default_rng([_PURPOSE, seed, first + row])
        today = float(rng.uniform(*plan.today_months))
        # False for those who are never diagnosed (NaN)
        if not diagnosed[row] + today < death[row]:
            continue
        person = _Person(batch, row, float(diagnosed[row]), today, likelihood)
        timeline = examiner.timeline(person, rng)
        truth = Truth(
            levels_now=person.levels_now(),
            detectable_after_months=person.detectable_after_months(),
            death_after_months=float(death[row] - diagnosed[row] - today),
            draw=draw,
        )
        found.append(SimulatedPatient(first + row, timeline, truth))
    return found


@dataclass(frozen=True)
class _Person:
    """One history of a batch, read on the clock of its diagnosis."""

    batch: Batch
    row: int
    diagnosed_months: float
    today_months: float
    likelihood: Likelihood

    @property
    def structure(self) -> Structure:
        return self.likelihood.structure

    def levels_at(self, since_diagnosis_months: float) -> Levels:
        """Return the levels of all processes at one time, (1, P); at the start before it."""
        when = np.full((self.batch.patients.n, 1), np.nan)
        when[self.row] = max(self.diagnosed_months + since_diagnosis_months, 0.0)
        levels: Levels = self.batch.states_at(when)[self.row]
        return levels

    def levels_now(self) -> dict[str, int]:
        levels = self.levels_at(self.today_months)[0].tolist()
        return {p.name: level for p, level in zip(self.structure.processes, levels, strict=True)}

    def detectable_after_months(self) -> dict[str, float]:
        today = self.diagnosed_months + self.today_months
        after = np.full(self.batch.patients.n, np.nan)
        after[self.row] = today
        entries = self.batch.first_entries(after)[self.row]
        columns = dict(zip(self.batch.compiled.step_names(), entries.tolist(), strict=True))
        now = self.levels_now()
        waits = {}
        for site in self.structure.of_role("site"):
            entry = columns[f"{site}.{self.structure.process(site).levels[2]}"]
            later = np.inf if np.isnan(entry) else entry - today
            waits[site] = 0.0 if now[site] >= 2 else float(later)
        return waits


class _Examiner:
    """Draws what is looked at, and what is found."""

    def __init__(self, likelihood: Likelihood, plan: ObservationPlan) -> None:
        self.likelihood = likelihood
        self.plan = plan
        self.sites = _sites_by_modality(likelihood, plan)
        self.reported = {
            (basis, axis): likelihood.reported(staging, axis)
            for basis, staging in likelihood.staging.items()
            for axis in ("t", "n")
        }

    def timeline(self, person: _Person, rng: np.random.Generator) -> Timeline:
        findings = self._findings(person, rng)
        return Timeline(
            structure=person.structure,
            fixed=self._known(person.batch.patients, person.row, rng),
            now_months=person.today_months,
            findings=findings,
            stage=self._stage(person, findings, rng),
            symptoms=self._symptoms(person, rng),
            responses=(),
            assumptions=(),
        )

    def _known(
        self, patients: Patients, row: int, rng: np.random.Generator
    ) -> dict[str, str | float]:
        """Return the covariates that are known, by level name or as a number."""
        known: dict[str, str | float] = {}
        for name, spec in self.likelihood.structure.definition.covariates.items():
            if rng.random() < self.plan.hidden:
                continue
            value = patients.covariates[name][row]
            is_named = isinstance(spec, Categorical)
            known[name] = list(spec.levels)[int(value)] if is_named else float(value)  # type: ignore[union-attr]
        return known

    def _findings(self, person: _Person, rng: np.random.Generator) -> tuple[SiteFinding, ...]:
        found: list[SiteFinding] = []
        modality, sites = "", np.empty(0, str)
        count = _between(self.plan.scans, rng) if self.sites else 0
        for number in range(count):
            if number == 0 or rng.random() >= self.plan.repeated:
                modality = str(rng.choice(list(self.sites)))
                seen = self.sites[modality]
                sites = rng.choice(seen, min(_between(self.plan.sites, rng), len(seen)), False)
            at = float(rng.uniform(-self.plan.before_months, person.today_months))
            levels = person.levels_at(at)
            for site in sites.tolist():
                label = f"{modality} {number + 1} at {at:.2f} months: {site}"
                if_positive = SiteFinding(f"{label} positive", at, site, modality, True)
                if rng.random() < self.likelihood.finding(if_positive, levels)[0]:
                    found.append(if_positive)
                else:
                    found.append(SiteFinding(f"{label} negative", at, site, modality, False))
        return tuple(found)

    def _symptoms(self, person: _Person, rng: np.random.Generator) -> tuple[SymptomFinding, ...]:
        known = self.likelihood.observation.symptom
        count = min(_between(self.plan.symptoms, rng), len(known))
        found = []
        for k in rng.choice(len(known), count, replace=False).tolist():
            at = None
            if rng.random() < self.plan.dated:
                at = float(rng.uniform(-self.plan.before_months, person.today_months))
            levels = person.levels_at(person.today_months if at is None else at)
            present = bool(rng.random() < self.likelihood.symptom_present(known[k], levels)[0])
            label = f"{known[k].name} {'present' if present else 'absent'}"
            found.append(SymptomFinding(label, known[k].name, present, at))
        return tuple(found)

    def _stage(
        self, person: _Person, findings: Sequence[SiteFinding], rng: np.random.Generator
    ) -> StageFinding | None:
        """Draw T, N and M as staged at diagnosis; then leave out what is not stated."""
        if rng.random() >= self.plan.staged:
            return None
        basis = str(rng.choice(list(self.likelihood.staging)))
        recent = [
            f
            for f in findings
            if -STAGING_WINDOW_MONTHS <= f.at_months <= _STAGING_ENDS_MONTHS
            and f.site in self.likelihood.observation.distant_sites
        ]
        seen = frozenset(f.site for f in recent)
        found = any(f.positive for f in recent)
        levels = person.levels_at(0.0)
        drawn = (
            self._category("t", basis, levels, rng),
            self._category("n", basis, levels, rng),
            # a scan that shows distant tumour is what makes the stage M1
            "M1" if found or self._finds_more(basis, seen, levels, rng) else "M0",
        )
        possible, label = self._stated(drawn, rng)
        if possible == ((None, None, None),):
            return None
        return StageFinding(label, 0.0, basis, possible, seen, found)

    def _category(self, axis: str, basis: str, levels: Levels, rng: np.random.Generator) -> str:
        """Draw the T or N category that is reported."""
        likelihood = self.likelihood
        process = likelihood.extent if axis == "t" else likelihood.nodes
        table = self.reported[basis, axis]
        return str(
            rng.choice(likelihood.structure.processes[process].levels, p=table[levels[0, process]])
        )

    def _finds_more(
        self, basis: str, seen: frozenset[str], levels: Levels, rng: np.random.Generator
    ) -> bool:
        """Draw whether staging finds any distant site beside those that were scanned."""
        likelihood = self.likelihood
        stage = StageFinding("", 0.0, basis, (), seen, False)
        missed = 1.0
        for site in likelihood.observation.distant_sites:
            level = levels[0, likelihood.structure.position(site)]
            missed *= float(likelihood.not_m1_by_level(stage, site)[level])
        return bool(rng.random() >= missed)

    def _stated(
        self, drawn: tuple[str, str, str], rng: np.random.Generator
    ) -> tuple[tuple[TNM, ...], str]:
        """Return what is stated of a stage, and its label."""
        if self.plan.groups and rng.random() < 0.5:
            (name,) = (
                name
                for name, meant in self.plan.groups.items()
                if any(_fits(tnm, drawn) for tnm in meant)
            )
            return tuple(sorted(self.plan.groups[name], key=str)), f"stage {name}"
        t, n, m = (None if rng.random() < self.plan.hidden else category for category in drawn)
        return ((t, n, m),), " ".join(filter(None, (t, n, m)))


def _sites_by_modality(likelihood: Likelihood, plan: ObservationPlan) -> dict[str, list[str]]:
    """Return the sites that each way of looking can speak about."""
    structure, modalities = likelihood.structure, likelihood.modality
    names = plan.modalities or tuple(name for name in modalities if name != "autopsy")
    for name in names:
        if name not in modalities:
            raise InputError(
                "the plan names an unknown way of looking",
                where="modalities",
                given=repr(name),
                allowed=", ".join(modalities),
            )
    by_modality = {}
    for name in names:
        sensitivity = modalities[name].sensitivity
        sites = [
            s for s in structure.of_role("site") if s in sensitivity or "default" in sensitivity
        ]
        # these are judged by the staging tables, that for scans or that for tissue
        if len(likelihood.staging) == 2:
            sites.append("regional_nodes")
        if sites:
            by_modality[name] = sites
    return by_modality


def _between(bounds: tuple[int, int], rng: np.random.Generator) -> int:
    return int(rng.integers(bounds[0], bounds[1] + 1))


def _fits(pattern: TNM, tnm: tuple[str, str, str]) -> bool:
    return all(p is None or p == c for p, c in zip(pattern, tnm, strict=True))
