"""The findings of a patient as factors: of the leaves by level, and of the core by path.

The probability of all findings is a sum of *terms*, each a product over leaves. There are
two reasons for more than one term: "no distant site found" is a product, but a stage with
M1 is one minus it (`Likelihood.stage_parts`); and a symptom that is there is one minus the
chance that all its causes are silent (inclusion and exclusion over the present symptoms).
Bit ``s`` of a term's number says that present symptom ``s`` is silent in it; the bits above
say which part of the stage it holds.

References
----------
Heckerman (1989). A tractable inference algorithm for diagnosing multiple diseases.
Proceedings UAI (QuickScore).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.factorise import Split
from mesospread.infer.findings import SiteFinding, SymptomFinding
from mesospread.infer.likelihood import Floats, Levels, Likelihood
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel
from mesospread.model.population import Patients

#: parts of the stage a term may hold
WHATEVER_M, TIMES_M0 = "whatever M", "times M0"


@dataclass(frozen=True)
class LeafFacts:
    """The findings of a patient, told apart by whether they concern leaves or the core.

    Parameters
    ----------
    timeline
        The patient.
    observation
        How the disease is seen.
    split
        Leaves and core.
    """

    timeline: Timeline
    observation: ObservationModel
    split: Split

    @cached_property
    def leaf(self) -> dict[str, int]:
        """Number of each leaf, by name."""
        processes = self.split.structure.processes
        return {processes[position].name: j for j, position in enumerate(self.split.leaves)}

    @cached_property
    def at_months(self) -> tuple[float, ...]:
        """Times at which anything was observed, since diagnosis, ascending."""
        t = self.timeline
        times = {f.at_months for f in t.findings} | {t.symptom_months(s) for s in t.symptoms}
        if t.stage is not None:
            times.add(t.stage.at_months)
        return tuple(sorted(times))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Parts of the stage that are needed."""
        stage = self.timeline.stage
        if stage is None:
            return (WHATEVER_M,)
        categories = self.m_categories
        whatever = (WHATEVER_M,) if categories != {"M0"} else ()
        m0 = "M0" in categories or ("M1" in categories and not stage.found_by_scans)
        return (*whatever, TIMES_M0) if m0 else whatever

    @cached_property
    def m_categories(self) -> frozenset[str | None]:
        """M categories that the stage given may hold; none without a stage."""
        stage = self.timeline.stage
        return frozenset() if stage is None else frozenset(m for _, _, m in stage.possible)

    @cached_property
    def present(self) -> tuple[SymptomFinding, ...]:
        """Symptoms that are there."""
        return tuple(s for s in self.timeline.symptoms if s.present)

    @property
    def n_terms(self) -> int:
        """Number of terms."""
        return len(self.parts) << len(self.present)

    @cached_property
    def on_leaves(self) -> tuple[SiteFinding, ...]:
        """Findings at leaves. Each has a further lane, in which it is left out."""
        return tuple(f for f in self.timeline.findings if f.site in self.leaf)

    @cached_property
    def leaf_of_lane(self) -> NDArray[np.int64]:
        """Leaf in each lane: all in turn, then one for each finding."""
        copies = [self.leaf[f.site] for f in self.on_leaves]
        return np.array([*range(len(self.leaf)), *copies], np.int64)

    @cached_property
    def lanes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Lanes ordered by leaf, (W,), and where those of each leaf start, (J + 1,)."""
        counts = np.bincount(self.leaf_of_lane, minlength=len(self.leaf))
        order = np.argsort(self.leaf_of_lane, kind="stable")
        return order, np.concatenate([[0], np.cumsum(counts)])

    # --- leaves ---------------------------------------------------------------------------

    def leaf_factors(self, likelihood: Likelihood, n_draws: int, n_levels: int) -> Floats:
        """Return the probability of what was observed of the leaves.

        Parameters
        ----------
        likelihood
            Under all draws.
        n_draws, n_levels
            ``D`` draws, and ``L`` levels of every leaf.

        Returns
        -------
        array, shape (D, O, T, L, W)
            By draw, time, term, level and lane.
        """
        n_lanes = self.leaf_of_lane.size
        shape = (n_draws, len(self.at_months), self.n_terms, n_levels, n_lanes)
        factors = np.ones(shape)
        for number, finding in enumerate(self.on_leaves):
            modality = likelihood.modality[finding.modality]
            positive = likelihood.positive_by_level(modality, finding.site)[..., :n_levels]
            chance = positive if finding.positive else 1.0 - positive
            own = self._lanes_of(finding.site)
            for lane in own[own != len(self.leaf) + number]:
                factors[:, self._slot(finding.at_months), :, :, lane] *= _by_term(chance)
        self._stage_leaves(likelihood, factors)
        self._quiet_leaves(likelihood, factors)
        return factors

    def _lanes_of(self, site: str) -> NDArray[np.int64]:
        """Return all lanes of a leaf."""
        return np.flatnonzero(self.leaf_of_lane == self.leaf[site])

    def _stage_leaves(self, likelihood: Likelihood, factors: Floats) -> None:
        """Multiply in that staging finds no leaf, in the terms that say so."""
        stage = self.timeline.stage
        if stage is None or TIMES_M0 not in self.parts:
            return
        terms, slot = self.terms_of(TIMES_M0), self._slot(stage.at_months)
        for site in self.observation.distant_sites:
            if site in self.leaf:
                missed = likelihood.not_m1_by_level(stage, site)
                for lane in self._lanes_of(site):
                    factors[:, slot, terms, :, lane] *= missed

    def _quiet_leaves(self, likelihood: Likelihood, factors: Floats) -> None:
        """Multiply in that no leaf brings a symptom on, in the terms that say so."""
        for symptom in self.timeline.symptoms:
            slot = self._slot(self.timeline.symptom_months(symptom))
            terms = self._terms_silent(symptom)
            for site, by_level in likelihood.symptom[symptom.name].causes.items():
                if site in self.leaf:
                    silent = 1.0 - likelihood.by_level(site, by_level)
                    for lane in self._lanes_of(site):
                        factors[:, slot, terms, :, lane] *= silent

    def _slot(self, at_months: float) -> int:
        return self.at_months.index(at_months)

    def terms_of(self, part: str) -> NDArray[np.int64]:
        """Return the terms that hold a part of the stage, none if it is not needed."""
        terms = np.arange(self.n_terms if part in self.parts else 0)
        place = self.parts.index(part) if part in self.parts else 0
        return np.asarray(terms[terms >> len(self.present) == place])

    def _terms_silent(self, symptom: SymptomFinding) -> NDArray[np.int64]:
        """Return the terms in which all causes of a symptom are silent."""
        terms = np.arange(self.n_terms)
        if not symptom.present:
            return terms
        return np.asarray(terms[terms >> self.present.index(symptom) & 1 == 1])

    # --- core -----------------------------------------------------------------------------

    def core_factors(
        self, likelihood: Likelihood, levels: Levels, patients: Patients, rows: NDArray[np.int64]
    ) -> list[tuple[int, Floats]]:
        """Return the part of every finding that depends on the core alone.

        Parameters
        ----------
        likelihood
            With the draw of each path.
        levels
            (n, O, P) of the core at the times of the findings; leaves free.
        patients, rows
            Who the paths belong to.

        Returns
        -------
        list
            Pairs of the finding, by its place in ``timeline.labels()``, and its (n, T)
            signed factors by term.
        """
        t = self.timeline
        # places as in the labels: stage, findings, symptoms, responses
        place = 0
        factors: list[tuple[int, Floats]] = []
        if t.stage is not None:
            factors.append((place, self._stage(likelihood, levels)))
            place += 1
        for finding in t.findings:
            if finding.site not in self.leaf:
                chance = likelihood.finding(finding, levels[:, self._slot(finding.at_months)])
                factors.append((place, np.repeat(chance[:, None], self.n_terms, axis=1)))
            place += 1
        for symptom in t.symptoms:
            silent = self._silent_core(likelihood, symptom, levels)
            factor = np.ones((len(levels), self.n_terms))
            sign = -1.0 if symptom.present else 1.0
            factor[:, self._terms_silent(symptom)] = sign * silent[:, None]
            factors.append((place, factor))
            place += 1
        for response in t.responses:
            chance = likelihood.response(response, patients, rows)
            factors.append((place, np.repeat(chance[:, None], self.n_terms, axis=1)))
            place += 1
        return factors

    def only_core(self, place: int) -> bool:
        """Return whether the finding at a place in the labels says nothing about leaves."""
        t = self.timeline
        stages = 0 if t.stage is None else 1
        if place < stages:
            return TIMES_M0 not in self.parts
        symptom = place - stages - len(t.findings)
        return not 0 <= symptom < len(t.symptoms)

    def places_on_leaves(self) -> list[int]:
        """Return the place in ``timeline.labels()`` of each finding at a leaf."""
        before = 0 if self.timeline.stage is None else 1
        return [before + k for k, f in enumerate(self.timeline.findings) if f.site in self.leaf]

    def places_of_present(self) -> list[int]:
        """Return the place in ``timeline.labels()`` of each symptom that is there."""
        before = len(self.timeline.findings) + (0 if self.timeline.stage is None else 1)
        return [before + k for k, s in enumerate(self.timeline.symptoms) if s.present]

    def _silent_core(
        self, likelihood: Likelihood, symptom: SymptomFinding, levels: Levels
    ) -> Floats:
        """Return P(no cause but a leaf brings a symptom on), (n,)."""
        silent = np.ones(len(levels))
        for chance in self.core_causes(likelihood, symptom, levels).values():
            silent *= 1.0 - chance
        return silent

    def core_causes(
        self, likelihood: Likelihood, symptom: SymptomFinding, levels: Levels
    ) -> dict[str, Floats]:
        """Return the chance (n,) of each cause that is not a leaf."""
        at = levels[:, self._slot(self.timeline.symptom_months(symptom))]
        causes = likelihood.causes(likelihood.symptom[symptom.name], at)
        return {cause: chance for cause, chance in causes.items() if cause not in self.leaf}

    def _stage(self, likelihood: Likelihood, levels: Levels) -> Floats:
        stage = self.timeline.stage
        assert stage is not None
        at = levels[:, self._slot(stage.at_months)]
        whatever_m, times_m0 = likelihood.stage_parts(stage, at)
        for site in self.observation.distant_sites:
            if site not in self.leaf:
                missed = likelihood.not_m1_by_level(stage, site)
                position = self.split.structure.position(site)
                times_m0 = times_m0 * likelihood.at(missed, at[:, position])
        factor = np.zeros((len(levels), self.n_terms))
        for part, value in ((WHATEVER_M, whatever_m), (TIMES_M0, times_m0)):
            if part in self.parts:
                factor[:, self.terms_of(part)] = value[:, None]
        return factor


def _by_term(chance: Floats) -> Floats:
    """Give a chance (L,) or (D, L) an axis for the terms."""
    return chance if chance.ndim == 1 else chance[:, None]
