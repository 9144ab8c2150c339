"""How probable the findings of a patient are, given where the disease is.

Findings are taken to be independent of each other given the true levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """Probabilities of findings for one set of parameter values, or for many at once.

    With arrays (D,) for values, every table has a first axis of that length.

    Parameters
    ----------
    structure
        Names and order of the processes.
    observation
        How the disease is seen.
    values
        Parameter values of the observation model: numbers, or arrays (D,).
    draw
        With arrays: which of the D values holds for each row of levels, (n,).
    """

    def __init__(
        self,
        structure: Structure,
        observation: ObservationModel,
        values: Values | Mapping[str, Floats],
        draw: NDArray[np.int64] | None = None,
    ) -> None:
        self.draw = draw
        self.structure = structure
        self.observation = observation
        self.values = values
        self.modality = {m.name: m for m in observation.modality}
        self.symptom = {s.name: s for s in observation.symptom}
        self.staging: dict[str, Staging] = {s.basis: s for s in observation.staging}
        self.extent = structure.position(structure.of_role("extent")[0])
        self.nodes = structure.position(structure.of_role("nodes")[0])

    def number(self, value: float | str) -> float | Floats:
        """Return a number: itself, or the value or values of the parameter it names."""
        return self.values[value] if isinstance(value, str) else float(value)

    def of_rows(self, draw: NDArray[np.int64]) -> Likelihood:
        """Return the same for other rows of levels, whose draws are given."""
        return Likelihood(self.structure, self.observation, self.values, draw)

    def at(self, table: Floats, index: NDArray[np.int64] | Levels) -> Floats:
        """Look up a table (…, L) for each row, (n,)."""
        # tables of literal numbers are the same for all draws
        same = self.draw is None or table.ndim == 1
        found: Floats = table[index] if same else table[self.draw, index]
        return found

    def _for_rows(self, number: float | Floats, n: int) -> Floats:
        """Return a number for each row, (n,)."""
        numbers = np.asarray(number, np.float64)
        if self.draw is None or numbers.ndim == 0:
            return np.full(n, numbers)
        of_rows: Floats = numbers[self.draw]
        return of_rows

    def by_level(self, process: str, chances: Mapping[str, float | str]) -> Floats:
        """Return a chance for each level of a process, zero where none is given, (…, L)."""
        levels = self.structure.process(process).levels
        return _stacked([self.number(chances.get(level, 0.0)) for level in levels])

    def positive_by_level(self, modality: Modality, site: str) -> Floats:
        """Return P(positive) at free, microscopic, detectable, symptomatic; shape (…, 4).

        What looks like tumour at a free site looks so beside a hidden deposit, too: an
        involved site is never found less often than a free one.
        """
        fallback: float | str = 0.0
        false_positive = modality.false_positive.get(
            site, modality.false_positive.get("default", fallback)
        )
        positive: Floats = np.maximum(
            self.sensitivity_by_level(modality, site),
            np.asarray(self.number(false_positive))[..., None],
        )
        return positive

    def sensitivity_by_level(self, modality: Modality, site: str) -> Floats:
        """Return P(tumour is found) at free (zero), microscopic, … ; shape (…, 4)."""
        by_level = modality.sensitivity.get(site, modality.sensitivity.get("default", {}))
        rates = [by_level.get(level, 0.0) for level in _SITE_LEVELS]
        return _stacked([0.0, *(self.number(rate) for rate in rates)])

    def finding(self, finding: SiteFinding, levels: Levels) -> Floats:
        """Return P(finding | levels), shape (n,), for levels (n, P) at its time."""
        if finding.site == "regional_nodes":
            positive = self.at(
                self.nodes_positive_by_level(finding.modality), levels[:, self.nodes]
            )
        else:
            by_level = self.positive_by_level(self.modality[finding.modality], finding.site)
            positive = self.at(by_level, levels[:, self.structure.position(finding.site)])
        chance: Floats = positive if finding.positive else 1.0 - positive
        return chance

    def nodes_positive_by_level(self, modality: str) -> Floats:
        """Return P(regional nodes are called positive) by their level, shape (…, N)."""
        basis = "pathological" if modality in _NODAL_TISSUE else "clinical"
        positive: Floats = 1.0 - self.reported(self.staging[basis], "n")[..., 0]
        return positive

    def reported(self, staging: Staging, axis: str) -> Floats:
        """Return P(reported category | true level), (…, levels, categories)."""
        table: Mapping[str, Mapping[str, float | str]] = getattr(staging, axis)
        process = self.structure.processes[self.extent if axis == "t" else self.nodes]
        rows = [
            self.by_level(process.name, table[true])  # categories are named as levels are
            for true in process.levels
        ]
        matrix = np.stack(np.broadcast_arrays(*rows), axis=-2)
        normalised: Floats = matrix / matrix.sum(axis=-1, keepdims=True)
        return normalised

    def stage(self, stage: StageFinding, levels: Levels) -> Floats:
        """Return P(stage reported | levels), shape (n,)."""
        whatever_m, times_m0 = self.stage_parts(stage, levels)
        m0 = np.ones(len(levels))
        for site in self.observation.distant_sites:
            missed = self.not_m1_by_level(stage, site)
            m0 *= self.at(missed, levels[:, self.structure.position(site)])
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
        t_table, n_table = self.reported(staging, "t"), self.reported(staging, "n")
        t_names = self.structure.processes[self.extent].levels
        n_names = self.structure.processes[self.nodes].levels
        whatever_m, times_m0 = np.zeros(len(levels)), np.zeros(len(levels))
        for t, n, m in stage.possible:
            part = np.ones(len(levels))
            if t is not None:
                part *= self.at(t_table[..., t_names.index(t)], levels[:, self.extent])
            if n is not None:
                part *= self.at(n_table[..., n_names.index(n)], levels[:, self.nodes])
            if m != "M0":
                whatever_m += part
            if m == "M0":
                times_m0 += part
            elif m == "M1" and not stage.found_by_scans:
                times_m0 -= part
        return whatever_m, times_m0

    def not_m1_by_level(self, stage: StageFinding, site: str) -> Floats:
        """Return P(staging does not find this site) by its level, shape (…, 4).

        What staging calls M1 has been judged: no false positives here. A site that a
        listed scan of that time speaks about is left to that finding.
        """
        modality = self.modality[self.staging[stage.basis].m]
        missed = 1.0 - self.sensitivity_by_level(modality, site)
        if site in stage.seen_by_scans:
            missed = np.ones_like(missed)
        return missed

    def response(
        self, finding: ResponseFinding, patients: Patients, rows: NDArray[np.int64]
    ) -> Floats:
        """Return P(a treatment helped, or did not | cell type), shape (k,)."""
        chance = finding.probability
        if isinstance(chance, ChanceByCovariate):
            covariate = self.structure.definition.covariates[chance.covariate]
            assert isinstance(covariate, Categorical)
            by_level = _stacked([self.number(chance.values[level]) for level in covariate.levels])
            helped = self.at(by_level, patients.covariates[chance.covariate][rows].astype(np.int64))
        else:
            helped = self._for_rows(self.number(chance), rows.size)
        found: Floats = helped if finding.responded else 1.0 - helped
        return found

    def causes(self, symptom: SymptomDefinition, levels: Levels) -> dict[str, Floats]:
        """Return, for each cause of a symptom, the chance (n,) that it alone brings it on."""
        background = self.number(symptom.background)
        chances = {"other causes": self._for_rows(background, len(levels))}
        for name, by_level in symptom.causes.items():
            process = self.structure.position(name)
            chances[name] = self.at(self.by_level(name, by_level), levels[:, process])
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


def _stacked(numbers: Sequence[float | Floats]) -> Floats:
    """Return numbers, or arrays of one shape, side by side along a last axis."""
    return np.stack(np.broadcast_arrays(*numbers), axis=-1)
