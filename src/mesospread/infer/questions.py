"""What is asked of every simulated history that fits the patient.

Each question is one column: its average over the histories, weighted by how well
they explain the findings, is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.likelihood import Floats, Levels, Likelihood
from mesospread.infer.timeline import Timeline
from mesospread.kernels.histories import route_shares
from mesospread.simulate.batch import Batch

#: months from now for which the spread is forecast
HORIZONS_MONTHS = (3, 6, 12, 24)
#: months from now at which the share still alive is asked
CURVE_MONTHS = tuple(range(61))
ROUTES = ("direct", "lymphatic", "haematogenous")

#: ways of looking that nobody is sent to in order to search: tissue samples, autopsy
NOT_OFFERED = ("autopsy", "biopsy")

Question = tuple[str | int, ...]


@dataclass(frozen=True)
class Histories:
    """Histories that reached diagnosis, read at the times that matter.

    Attributes
    ----------
    batch
        All histories of the block.
    kept
        (k,) rows of the batch that fit the findings at all.
    now_months
        (k,) today, on each history's own clock.
    levels_now
        (k, P) levels today.
    """

    batch: Batch
    kept: NDArray[np.int64]
    now_months: Floats
    levels_now: Levels

    def levels_at(self, since_today_months: float) -> Levels:
        """Return the levels (k, P) some months from today, negative before it."""
        when = np.full(self.batch.patients.n, np.nan)
        when[self.kept] = np.maximum(self.now_months + since_today_months, 0.0)
        levels: Levels = self.batch.states_at(when[:, None])[self.kept, 0]
        return levels

    @cached_property
    def waits_months(self) -> Floats:
        """Months from today until each level is next entered, (k, S), infinite if never."""
        today = np.full(self.batch.patients.n, np.nan)
        today[self.kept] = self.now_months
        waits = self.batch.first_entries(today)[self.kept] - self.now_months[:, None]
        waits[np.isnan(waits)] = np.inf
        return waits


def ask(timeline: Timeline, likelihood: Likelihood, h: Histories) -> dict[Question, Floats]:
    """Return the answer of each history to each question, (k,) per question."""
    answers: dict[Question, Floats] = {}
    answers |= _sites(likelihood, h)
    answers |= _any_distant(likelihood, answers)
    answers |= _routes(likelihood, h)
    answers |= _stage(likelihood, h)
    answers |= _scans(likelihood, h)
    answers |= _symptoms(timeline, likelihood, h)
    return answers | _alive(h)


def ask_spread(likelihood: Likelihood, h: Histories) -> dict[Question, Floats]:
    """Return what changes with treatment: spread to each site, to any, and survival."""
    sites = {q: a for q, a in _sites(likelihood, h).items() if q[0] == "by"}
    answers: dict[Question, Floats] = sites | _any_distant(likelihood, sites)
    for months in HORIZONS_MONTHS:
        later = h.levels_at(float(months))
        for site in likelihood.structure.of_role("site"):
            microscopic = later[:, likelihood.structure.position(site)] == 1
            answers["hidden", site, months] = microscopic * _lives(h, months)
    return answers | _alive(h)


def _any_distant(
    likelihood: Likelihood, sites: Mapping[Question, Floats]
) -> dict[Question, Floats]:
    """Return whether spread to any distant site can be found by then, from that to each."""
    distant = likelihood.observation.distant_sites
    columns = [sites["by", site, m] for m in HORIZONS_MONTHS for site in distant]
    by_month = np.array(columns).reshape(len(HORIZONS_MONTHS), len(distant), -1)
    return {
        ("by", "any_distant", months): involved.max(axis=0)
        for months, involved in zip(HORIZONS_MONTHS, by_month, strict=True)
    }


def _lives(h: Histories, months: int) -> Floats:
    end, reason = h.batch.end()
    left = np.where(reason[h.kept] < 0, np.inf, end[h.kept] - h.now_months)
    return (left > months).astype(np.float64)


def _alive(h: Histories) -> dict[Question, Floats]:
    return {("alive", m): _lives(h, m) for m in CURVE_MONTHS}


def _column(h: Histories, site: str, level: int) -> int:
    first_step = h.batch.compiled.tables.processes["first_step"]
    return int(first_step[h.batch.compiled.structure.position(site)]) + level - 1


def _until(h: Histories, site: str, level: int) -> Floats:
    """Return months from today until a site next enters a level, (k,), infinite if never."""
    waits: Floats = h.waits_months[:, _column(h, site, level)]
    return waits


def _sites(likelihood: Likelihood, h: Histories) -> dict[Question, Floats]:
    structure = likelihood.structure
    sites = structure.of_role("site")
    answers: dict[Question, Floats] = {}
    future = np.empty((len(h.kept), len(sites)))
    for j, site in enumerate(sites):
        now = h.levels_now[:, structure.position(site)]
        for level, name in enumerate(structure.process(site).levels):
            answers["now", site, name] = (now == level).astype(np.float64)
        answers["involved", site] = (now >= 1).astype(np.float64)
        # a site that surgery has cleared counts again only if tumour shows there again
        future[:, j] = np.where(now >= 2, np.inf, _until(h, site, 2))
        for months in HORIZONS_MONTHS:
            answers["by", site, months] = ((now >= 2) | (future[:, j] <= months)).astype(float)
    first = future.argmin(axis=1)
    within = future.min(axis=1) <= HORIZONS_MONTHS[-1]
    for j, site in enumerate(sites):
        answers["next", site] = (within & (first == j)).astype(np.float64)
    return answers


def _routes(likelihood: Likelihood, h: Histories) -> dict[Question, Floats]:
    """Ask by which route each site was, or will be within the last horizon, seeded."""
    structure, compiled = likelihood.structure, h.batch.compiled
    sites = structure.of_role("site")
    column_of_step = np.full(compiled.tables.steps.size, -1)
    for j, site in enumerate(sites):
        column_of_step[_column(h, site, 1)] = j
    classes = [*ROUTES, "other"]
    class_of_route = np.array(
        [classes.index(via) if via in ROUTES else len(ROUTES) for via in compiled.via]
    )
    until = np.full(h.batch.patients.n, -1.0)
    until[h.kept] = h.now_months + HORIZONS_MONTHS[-1]
    shares = route_shares(
        compiled.tables,
        *h.batch.events[:4],
        h.batch.patients.factors,
        column_of_step,
        class_of_route,
        len(sites),
        len(classes),
        until,
    )[h.kept]
    answers: dict[Question, Floats] = {}
    for j, site in enumerate(sites):
        involved = h.levels_now[:, structure.position(site)] >= 1
        seeded = involved | (_until(h, site, 1) <= HORIZONS_MONTHS[-1])
        answers["seeded", site] = seeded.astype(np.float64)
        for c, route in enumerate(ROUTES):
            answers["route", site, route] = np.where(seeded, shares[:, j, c], 0.0)
    return answers


def _stage(likelihood: Likelihood, h: Histories) -> dict[Question, Floats]:
    structure = likelihood.structure
    answers: dict[Question, Floats] = {}
    for role, process in (("t", likelihood.extent), ("n", likelihood.nodes)):
        for level, name in enumerate(structure.processes[process].levels):
            answers["true", role, name] = (h.levels_now[:, process] == level).astype(np.float64)
    distant = [structure.position(site) for site in likelihood.observation.distant_sites]
    deepest = h.levels_now[:, distant].max(axis=1)
    answers["distant", "involved"] = (deepest >= 1).astype(np.float64)
    answers["distant", "hidden"] = (deepest == 1).astype(np.float64)
    answers["distant", "detectable"] = (deepest >= 2).astype(np.float64)
    answers["distant", "sites"] = (h.levels_now[:, distant] >= 1).sum(axis=1).astype(np.float64)
    return answers


def _scans(likelihood: Likelihood, h: Histories) -> dict[Question, Floats]:
    """Ask what each examination would find today, site by site, and what it would miss."""
    structure = likelihood.structure
    answers: dict[Question, Floats] = {}
    for modality in likelihood.observation.modality:
        if modality.name in NOT_OFFERED:
            continue
        sites = [
            site
            for site in structure.of_role("site")
            if site in modality.sensitivity or "default" in modality.sensitivity
        ]
        if not sites:
            continue
        levels = h.levels_now[:, [structure.position(site) for site in sites]]
        table = np.array([likelihood.positive_by_level(modality, site) for site in sites])
        positive = table[np.arange(len(sites)), levels]
        involved = levels >= 1
        for kind, columns in (
            ("scan", positive),
            ("found", positive * involved),
            ("missed", (1.0 - positive) * involved),
        ):
            answers |= {
                (kind, modality.name, site): column
                for site, column in zip(sites, columns.T, strict=True)
            }
    return answers


def _symptoms(timeline: Timeline, likelihood: Likelihood, h: Histories) -> dict[Question, Floats]:
    """Ask which cause was at work when a symptom began, given that it is there."""
    answers: dict[Question, Floats] = {}
    for finding in timeline.symptoms:
        if not finding.present:
            continue
        symptom = likelihood.symptom[finding.name]
        levels = h.levels_at(timeline.symptom_months(finding) - timeline.now_months)
        present = likelihood.symptom_present(symptom, levels)
        for cause, chance in likelihood.causes(symptom, levels).items():
            answers["symptom", finding.name, cause] = chance / np.maximum(present, 1e-300)
    return answers
