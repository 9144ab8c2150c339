"""How probable the findings of a patient are, given where the disease is.

Findings are taken to be independent of each other given the true levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.findings import ResponseFinding, SiteFinding, StageFinding, SymptomFinding
from mesospread.model.definition import Categorical, ChanceByCovariate
from mesospread.model.library import Modality, ObservationModel, Staging, SymptomDefinition
from mesospread.model.parameters import Values
from mesospread.model.population import Patients
from mesospread.model.structure import Structure

Levels = NDArray[np.int8]
Floats = NDArray[np.float64]

_SITE_LEVELS: tuple[Literal["microscopic", "detectable", "symptomatic"], ...] = (
    "microscopic",
    "detectable",
    "symptomatic",
)
#: examinations that take tissue from nodes: their accuracy is that of pathology
_NODAL_TISSUE = ("EBUS", "mediastinoscopy", "biopsy")


class Likelihood:
    """Probabilities of findings for one set of parameter values.

    Parameters
    ----------
    structure
        Names and order of the processes.
    observation
        How the disease is seen.
    values
        Parameter values of the observation model.
    """

    def __init__(self, structure: Structure, observation: ObservationModel, values: Values) -> None:
        self.structure = structure
        self.observation = observation
        self.values = values
        self.modality = {m.name: m for m in observation.modality}
        self.symptom = {s.name: s for s in observation.symptom}
        self.staging: dict[str, Staging] = {s.basis: s for s in observation.staging}
        self.extent = structure.position(structure.of_role("extent")[0])
        self.nodes = structure.position(structure.of_role("nodes")[0])

    def number(self, value: float | str) -> float:
        """Return a number: itself, or the value of the parameter it names."""
        return self.values[value] if isinstance(value, str) else float(value)

    def positive_by_level(self, modality: Modality, site: str) -> Floats:
        """Return P(positive) at free, microscopic, detectable, symptomatic; shape (4,).

        What looks like tumour at a free site looks so beside a hidden deposit, too: an
        involved site is never found less often than a free one.
        """
        fallback: float | str = 0.0
        false_positive = modality.false_positive.get(
            site, modality.false_positive.get("default", fallback)
        )
        positive: Floats = np.maximum(
            self.sensitivity_by_level(modality, site), self.number(false_positive)
        )
        return positive

    def sensitivity_by_level(self, modality: Modality, site: str) -> Floats:
        """Return P(tumour is found) at free (zero), microscopic, … ; shape (4,)."""
        by_level = modality.sensitivity.get(site, modality.sensitivity.get("default", {}))
        rates = [by_level.get(level, 0.0) for level in _SITE_LEVELS]
        return np.array([0.0, *(self.number(rate) for rate in rates)])

    def finding(self, finding: SiteFinding, levels: Levels) -> Floats:
        """Return P(finding | levels), shape (n,), for levels (n, P) at its time."""
        if finding.site == "regional_nodes":
            basis = "pathological" if finding.modality in _NODAL_TISSUE else "clinical"
            positive = 1.0 - self._reported(self.staging[basis], "n")[levels[:, self.nodes], 0]
        else:
            by_level = self.positive_by_level(self.modality[finding.modality], finding.site)
            positive = by_level[levels[:, self.structure.position(finding.site)]]
        chance: Floats = positive if finding.positive else 1.0 - positive
        return chance

    def _reported(self, staging: Staging, axis: str) -> Floats:
        """Return (true level, reported category) probabilities; rows are normalised."""
        table: Mapping[str, Mapping[str, float | str]] = getattr(staging, axis)
        process = self.structure.processes[self.extent if axis == "t" else self.nodes]
        rows = [
            [self.number(table[true].get(reported, 0.0)) for reported in process.levels]
            for true in process.levels
        ]
        matrix = np.array(rows)
        normalised: Floats = matrix / matrix.sum(axis=1, keepdims=True)
        return normalised

    def stage(self, stage: StageFinding, levels: Levels) -> Floats:
        """Return P(stage reported | levels), shape (n,)."""
        whatever_m, times_m0 = self.stage_parts(stage, levels)
        m0 = np.ones(len(levels))
        for site in self.observation.distant_sites:
            m0 *= self.not_m1_by_level(stage, site)[levels[:, self.structure.position(site)]]
        total: Floats = whatever_m + times_m0 * m0
        return total

    def stage_parts(self, stage: StageFinding, levels: Levels) -> tuple[Floats, Floats]:
        """Split P(stage reported | levels) into ``a + b * P(no distant site is found)``.

        M1 is the absence of M0, unless it rests on the scans listed beside it: then it
        is already in those findings.

        Returns
        -------
        a, b : arrays, shape (n,)
            Depend on extent and nodes alone.
        """
        staging = self.staging[stage.basis]
        t_table, n_table = self._reported(staging, "t"), self._reported(staging, "n")
        t_names = self.structure.processes[self.extent].levels
        n_names = self.structure.processes[self.nodes].levels
        whatever_m, times_m0 = np.zeros(len(levels)), np.zeros(len(levels))
        for t, n, m in stage.possible:
            part = np.ones(len(levels))
            if t is not None:
                part *= t_table[levels[:, self.extent], t_names.index(t)]
            if n is not None:
                part *= n_table[levels[:, self.nodes], n_names.index(n)]
            if m != "M0":
                whatever_m += part
            if m == "M0":
                times_m0 += part
            elif m == "M1" and not stage.found_by_scans:
                times_m0 -= part
        return whatever_m, times_m0

    def not_m1_by_level(self, stage: StageFinding, site: str) -> Floats:
        """Return P(staging does not find this site) by its level, shape (4,).

        What staging calls M1 has been judged: no false positives here. A site that a
        listed scan of that time speaks about is left to that finding.
        """
        modality = self.modality[self.staging[stage.basis].m]
        missed = 1.0 - self.sensitivity_by_level(modality, site)
        if site in stage.seen_by_scans:
            missed[:] = 1.0
        return missed

    def response(
        self, finding: ResponseFinding, patients: Patients, rows: NDArray[np.int64]
    ) -> Floats:
        """Return P(a treatment helped, or did not | cell type), shape (k,)."""
        chance = finding.probability
        if isinstance(chance, ChanceByCovariate):
            covariate = self.structure.definition.covariates[chance.covariate]
            assert isinstance(covariate, Categorical)
            by_level = np.array([self.number(chance.values[level]) for level in covariate.levels])
            helped = by_level[patients.covariates[chance.covariate][rows].astype(np.int64)]
        else:
            helped = np.full(rows.size, self.number(chance))
        found: Floats = helped if finding.responded else 1.0 - helped
        return found

    def causes(self, symptom: SymptomDefinition, levels: Levels) -> dict[str, Floats]:
        """Return, for each cause of a symptom, the chance (n,) that it alone brings it on."""
        chances = {"other causes": np.full(len(levels), self.number(symptom.background))}
        for name, by_level in symptom.causes.items():
            process = self.structure.position(name)
            table = np.array(
                [
                    self.number(by_level.get(level, 0.0))
                    for level in self.structure.processes[process].levels
                ]
            )
            chances[name] = table[levels[:, process]]
        return chances

    def symptom_present(self, symptom: SymptomDefinition, levels: Levels) -> Floats:
        """Return P(symptom | levels), shape (n,): a noisy-OR of its causes."""
        absent = np.ones(len(levels))
        for chance in self.causes(symptom, levels).values():
            absent *= 1.0 - chance
        return 1.0 - absent

    def reported_symptom(self, finding: SymptomFinding, levels: Levels) -> Floats:
        """Return P(what was said about a symptom | levels), shape (n,)."""
        present = self.symptom_present(self.symptom[finding.name], levels)
        return present if finding.present else 1.0 - present
