"""Simulated lives under one way of treatment, ready for any study to look at."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.likelihood import Likelihood
from mesospread.model.compiled import Plan, plan
from mesospread.model.definition import Categorical
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.parameters import Values
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, with_treatments
from mesospread.simulate.batch import run_batch
from mesospread.studies.protocol import CourseGiven, Seen, Staged
from mesospread.studies.unstated import towards_first, with_odds

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]

#: nobody lives so long after the onset; lives end by death
HORIZON_MONTHS = 900.0
#: base of the spread-out sequence of times of entry: the golden ratio
_GOLDEN = 0.6180339887498949


def regime_plan(
    structure: Structure, library: TreatmentLibrary, courses: tuple[CourseGiven, ...]
) -> Plan:
    """Lay out the disease under a sequence of treatments; done once, used for many draws."""
    given = [Course(c.name, c.start_months, c.duration_months, c.response) for c in courses]
    return plan(with_treatments(structure, library, given))


class Lives:
    """Lives of people who were diagnosed, all treated alike, under one set of values.

    Parameters
    ----------
    regime
        Disease with treatment.
    observation
        How it is seen.
    values
        Of all parameters, in months.
    seed, n
        Of the simulation; lives that end without a diagnosis are left out.
    life_table
        Background mortality.
    """

    def __init__(
        self,
        regime: Plan,
        observation: ObservationModel,
        values: Values,
        *,
        seed: int,
        n: int,
        life_table: str = "uk",
    ) -> None:
        structure = regime.structure
        self.structure = structure
        self._batch = run_batch(
            regime.bind(values),
            seed=seed,
            first=0,
            n=n,
            horizon_months=HORIZON_MONTHS,
            life_table=life_table,
        )
        self._likelihood = Likelihood(structure, observation, values)
        name = structure.of_role("diagnosis")[0]
        diagnosed = self._batch.first_entry(name, structure.process(name).levels[-1])
        self.rows = np.flatnonzero(~np.isnan(diagnosed))
        self._diagnosed_months = diagnosed
        end, reason = self._batch.end()
        self._end_months = end
        #: months from diagnosis to death, (k,)
        self.survival_months: Floats = (end - diagnosed)[self.rows]
        deaths = [structure.position(p) for p in structure.of_role("death")]
        background = {
            structure.position(s)
            for s in structure.of_role("death")
            if any(
                e.process == structure.position(s) and e.delay_months is None
                for e in structure.schedule
            )
        }
        of_disease = [p for p in deaths if p not in background]
        #: whether the disease was the cause of death, (k,)
        self.died_of_disease: NDArray[np.bool_] = np.isin(reason[self.rows], of_disease)
        self._missed: dict[tuple[str, ...], Floats] = {}

    @property
    def n(self) -> int:
        """Lives with a diagnosis."""
        return self.rows.size

    def level_of(self, covariate: str) -> tuple[NDArray[np.int64], list[str]]:
        """Return the level of a categorical covariate of each life, and the levels' names."""
        spec = self.structure.definition.covariates[covariate]
        assert isinstance(spec, Categorical)
        codes = self._batch.patients.covariates[covariate][self.rows]
        return codes.astype(np.int64), list(spec.levels)

    @cached_property
    def age_at_diagnosis_years(self) -> Floats:
        """Age at diagnosis, (k,)."""
        at_onset = self._batch.patients.covariates["age"][self.rows]
        age: Floats = at_onset + self._diagnosed_months[self.rows] / 12.0
        return age

    @cached_property
    def at_diagnosis(self) -> Levels:
        """Levels of all processes at diagnosis, (k, P)."""
        return self.levels_after(np.zeros(self.n))

    @cached_property
    def at_death(self) -> Levels:
        """Levels of all processes at death, (k, P)."""
        return self.levels_after(self.survival_months)

    @cached_property
    def _first_entries(self) -> dict[str, Floats]:
        """Months from diagnosis to the first entry of each level, (k,); NaN if never."""
        entered = (self._batch.first_entries() - self._diagnosed_months[:, None])[self.rows]
        return dict(zip(self._batch.compiled.step_names(), entered.T, strict=True))

    def detectable_months(self, site: str) -> Floats:
        """Return the months from diagnosis until a site is first detectable, (k,); inf: never."""
        first = self._first_entries[f"{site}.detectable"]
        return np.where(np.isnan(first), np.inf, first)

    def levels_after(self, months: Floats) -> Levels:
        """Return the levels of all processes at times after diagnosis, (k, P)."""
        return self.levels_at_visits(months[:, None])[:, 0]

    def levels_at_visits(self, months: Floats) -> Levels:
        """Return the levels at several times after diagnosis, (k, V) to (k, V, P)."""
        when = np.full((self._batch.patients.n, months.shape[1]), np.nan)
        when[self.rows] = months + self._diagnosed_months[self.rows, None]
        return self._batch.states_at(when)[self.rows]

    def entry_months(self, median_months: float, log_sd: float) -> Floats:
        """Return when each life comes into a study, months after diagnosis, (k,).

        The quantiles are spread evenly over the lives, in the same way for all values of
        the parameters.
        """
        if log_sd == 0.0 or median_months == 0.0:
            return np.full(self.n, median_months)
        from scipy.special import ndtri

        quantile = ((self.rows + 1) * _GOLDEN) % 1.0
        months: Floats = median_months * np.exp(log_sd * ndtri(np.clip(quantile, 1e-6, 1 - 1e-6)))
        return months

    def staged_as(self, staged: Staged, eyes: float = 0.0) -> Floats:
        """Return the chance that the disease was reported so at diagnosis, (k,).

        Parameters
        ----------
        staged
            Categories.
        eyes
            Log odds by which these readers see more, or report higher categories.
        """
        table = self._likelihood.staging[staged.basis]
        chance = np.ones(self.n)
        for axis, wanted, process in (
            ("t", staged.t, self._likelihood.extent),
            ("n", staged.n, self._likelihood.nodes),
        ):
            if wanted:
                names = self.structure.processes[process].levels
                by_level = towards_first(self._likelihood.reported(table, axis), -eyes)
                share = by_level[:, [names.index(w) for w in wanted]].sum(axis=1)
                chance *= share[self.at_diagnosis[:, process]]
        if staged.m is not None:
            sites = self._likelihood.observation.distant_sites
            missed = self._not_found(sites, (table.m,), self.at_diagnosis, eyes)
            chance *= missed if staged.m == "M0" else 1.0 - missed
        return chance

    def site_names(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Return sites, with groups and ``distant`` written out."""
        groups = self.structure.definition.groups
        found: list[str] = []
        for name in wanted:
            if name == "distant":
                found += self._likelihood.observation.distant_sites
            elif name in groups:
                found += groups[name]
            else:
                found.append(name)
        return tuple(dict.fromkeys(found))

    def visible(self, sites: tuple[str, ...], levels: Levels) -> NDArray[np.bool_]:
        """Return whether tumour that can be seen is at one of some sites, for levels (..., P)."""
        shown = np.zeros(levels.shape[:-1], bool)
        for site in self.site_names(sites):
            p = self.structure.position(site)
            names = self.structure.processes[p].levels
            shown |= levels[..., p] >= names.index("detectable")
        return shown

    def not_found(
        self, sites: tuple[str, ...], by: tuple[str, ...], levels: Levels, eyes: float = 0.0
    ) -> Floats:
        """Return the chance that examinations find nothing at some sites.

        Parameters
        ----------
        sites
            Names of sites or groups.
        by
            Examinations; independent of each other given what is there.
        levels
            (..., P).
        eyes
            Log odds by which these readers see more at each site.
        """
        return self._not_found(self.site_names(sites), by, levels, eyes)

    def _not_found(
        self, sites: tuple[str, ...], by: tuple[str, ...], levels: Levels, eyes: float
    ) -> Floats:
        missed = np.ones(levels.shape[:-1])
        for site in sites:
            if site == "regional_nodes":
                p = self._likelihood.nodes
                seen = [self._nodes_seen(m) for m in by]
            else:
                p = self.structure.position(site)
                seen = [self._sensitivity(m, site) for m in by]
            by_level = np.prod([1.0 - with_odds(chance, eyes) for chance in seen], axis=0)
            missed *= by_level[levels[..., p]]
        return missed

    def _sensitivity(self, modality: str, site: str) -> Floats:
        by_level = self._likelihood.sensitivity_by_level(self._likelihood.modality[modality], site)
        return np.asarray(by_level)

    def _nodes_seen(self, modality: str) -> Floats:
        reported = self._likelihood.modality[modality].regional_nodes
        if reported is not None:
            levels = self.structure.processes[self._likelihood.nodes].levels
            return np.where(np.arange(len(levels)) > 0, self._likelihood.number(reported), 0.0)
        return np.asarray(self._likelihood.nodes_positive_by_level(modality))

    def seen(self, look: Seen, entry_months: Floats, eyes: float = 0.0) -> Floats:
        """Return the chance that tumour was found, for each life, (k,).

        Parameters
        ----------
        look
            Where, when and by what.
        entry_months
            When each life came into the study, months after diagnosis, (k,).
        eyes
            Log odds by which these readers see more at each site.
        """
        if look.at == "death":
            return 1.0 - self.not_found(look.sites, look.by, self.at_death, eyes)
        if look.at == "entry":
            return 1.0 - self.not_found(look.sites, look.by, self.levels_after(entry_months), eyes)
        if look.at == "course":
            visits = np.arange(0.0, look.until_months + 1e-9, look.every_months)
            months = entry_months[:, None] + visits
            levels = self.levels_at_visits(months)
            missed = self.not_found(look.sites, look.by, levels, eyes)
            missed[months > self.survival_months[:, None]] = 1.0
            found: Floats = 1.0 - np.prod(missed, axis=1)
            return found
        levels = self.levels_after(entry_months + look.at)
        return 1.0 - self.not_found(look.sites, look.by, levels, eyes)
