"""What the kernel is asked, and its sums turned into answers to questions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.core import N_CLASSES, CoreModel
from mesospread.infer.facts import LeafFacts
from mesospread.infer.likelihood import Floats, Likelihood
from mesospread.infer.questions import (
    CURVE_MONTHS,
    HORIZONS_MONTHS,
    NOT_OFFERED,
    ROUTES,
    Question,
)
from mesospread.kernels.outlook import Asked, Blocks, padded
from mesospread.model.library import Modality

_GRID_MONTHS = (1.0, 2.0, 3.0, 4.5, 6.0, 9.0, 12.0, 15.0, 18.0, 21.0, 24.0)
_LONG_GRID_MONTHS = (*_GRID_MONTHS, 30.0, 36.0, 42.0, 48.0, 54.0, 60.0)

#: ways of looking come after these: no distant site involved, none beyond microscopic, none
#: of those involved that are not known to be
_NONE, _NOT_FOUND, _NONE_UNKNOWN, _FIRST_SEARCH = range(4)

#: an answer, (D, R), to a question
Column = tuple[Question, Floats]


def grid_months(prognosis: bool) -> tuple[float, ...]:
    """Return the months from today between which the future is summed up."""
    return _LONG_GRID_MONTHS if prognosis else _GRID_MONTHS


@dataclass(frozen=True)
class Masses:
    """The questions about one patient, on the kernel's terms.

    Attributes
    ----------
    facts
        What is known.
    model
        The disease under all draws.
    likelihood
        The observation model under all draws.
    prognosis
        Whether survival is asked for.
    """

    facts: LeafFacts
    model: CoreModel
    likelihood: Likelihood
    prognosis: bool

    @cached_property
    def grid_months(self) -> Floats:
        """Times from today between which the future is summed up."""
        return np.array(grid_months(self.prognosis))

    @cached_property
    def leaf_names(self) -> tuple[str, ...]:
        """Names of the leaves, in order."""
        return tuple(self.facts.leaf)

    @cached_property
    def core_names(self) -> tuple[str, ...]:
        """Names of the sites of the core, in order."""
        split = self.model.split
        return tuple(split.structure.processes[k].name for k in split.core_sites)

    @cached_property
    def searches(self) -> tuple[tuple[str, ...], ...]:
        """Examinations, alone and by two, of all distant sites not known to be involved."""
        names = [
            m.name
            for m in self.likelihood.observation.modality
            if m.name not in NOT_OFFERED and any(_sees(m, site) for site in self._unknown)
        ]
        return (*((name,) for name in names), *itertools.combinations(names, 2))

    @cached_property
    def _unknown(self) -> tuple[str, ...]:
        found = {f.site for f in self.facts.timeline.findings if f.positive}
        distant = self.facts.observation.distant_sites
        return tuple(site for site in distant if site not in found)

    @cached_property
    def core_cause_names(self) -> list[list[str]]:
        """Causes of each present symptom that are not leaves."""
        symptoms = [self.likelihood.symptom[s.name] for s in self.facts.present]
        leaf = self.facts.leaf
        return [["other causes", *(c for c in s.causes if c not in leaf)] for s in symptoms]

    # --- asking ---------------------------------------------------------------------------

    def asked(self, core_causes: Floats, core_without: Floats) -> Asked:
        """Return the questions; see `Asked` for the two arrays."""
        distant = self.facts.observation.distant_sites
        structure = self.model.split.structure
        extent, nodes = self.likelihood.extent, self.likelihood.nodes
        leaf_looks, core_looks = self._looks
        return Asked(
            grid_months=self.grid_months,
            horizons=np.searchsorted(self.grid_months, HORIZONS_MONTHS),
            core_sites=np.array(self.model.split.core_sites, np.int64),
            distant_leaf=np.array([name in distant for name in self.leaf_names], np.int64),
            distant_core=np.array([name in distant for name in self.core_names], np.int64),
            extent=np.array([extent, len(structure.processes[extent].levels)]),
            nodes=np.array([nodes, len(structure.processes[nodes].levels)]),
            leaf_looks=leaf_looks,
            core_looks=core_looks,
            core_causes=core_causes,
            core_without=core_without,
            leaf_of_copy=self.facts.leaf_of_lane[len(self.leaf_names) :],
        )

    @cached_property
    def _looks(self) -> tuple[Floats, Floats]:
        """Return the factors of questions about all sites at once, by leaf and core site."""
        n_rows = _FIRST_SEARCH + len(self.searches)
        shape = (self.model.n_draws, n_rows)
        n_levels = self.model.n_levels
        leaf = np.ones((*shape, n_levels, padded(len(self.leaf_names))))
        core = np.ones((*shape, len(self.core_names), n_levels))
        for site in self.facts.observation.distant_sites:
            table = np.ones((*shape, n_levels))
            table[:, _NONE, 1:] = 0.0
            table[:, _NOT_FOUND, 2:] = 0.0
            if site in self._unknown:
                table[:, _NONE_UNKNOWN, 1:] = 0.0
                missed = self._missed_by_level(site)
                for k, names in enumerate(self.searches):
                    for name in names:
                        if name in missed:
                            table[:, _FIRST_SEARCH + k] *= missed[name][..., :n_levels]
            if site in self.facts.leaf:
                leaf[..., self.facts.leaf[site]] = table
            else:
                core[:, :, self.core_names.index(site)] = table
        return leaf, core

    def _missed_by_level(self, site: str) -> dict[str, Floats]:
        """Return P(tumour is missed) by level, (…, 4), of each search that sees a site."""
        return {
            name: 1.0 - self.likelihood.sensitivity_by_level(self.likelihood.modality[name], site)
            for name in dict.fromkeys(itertools.chain.from_iterable(self.searches))
            if _sees(self.likelihood.modality[name], site)
        }

    @cached_property
    def blocks(self) -> Blocks:
        """Where each kind of answer starts in the kernel's rows."""
        n_leaves, n_core, n_levels = len(self.leaf_names), len(self.core_names), self.model.n_levels
        processes = self.model.split.structure.processes
        n_tags = int(self.model.tables.n_tags[0])
        n_horizons = len(HORIZONS_MONTHS)
        n_causes = max((len(names) for names in self.core_cause_names), default=0)
        n_present = len(self.facts.present)
        sizes = {
            "now": n_leaves * n_levels,
            "seeded": n_leaves * (1 + n_tags),
            "by": n_leaves * n_horizons,
            "hidden": n_leaves * n_horizons,
            "next": n_leaves,
            "core_now": n_core * n_levels,
            "core_by": n_core * n_horizons,
            "core_hidden": n_core * n_horizons,
            "core_next": n_core,
            "core_seeded": n_core * (1 + N_CLASSES),
            "extent": len(processes[self.likelihood.extent].levels),
            "nodes": len(processes[self.likelihood.nodes].levels),
            "any_by": n_horizons,
            "alive": self.grid_months.size,
            "causes": n_present * (n_leaves + n_causes),
            "without": len(self.facts.timeline.labels()),
            "looks": _FIRST_SEARCH + len(self.searches),
        }
        starts = np.cumsum([1, *sizes.values()]).tolist()
        return Blocks(**dict(zip(sizes, starts[:-1], strict=True)), size=starts[-1])

    # --- answering ------------------------------------------------------------------------

    def everything(self, sums: Floats) -> Iterator[Column]:
        """Answer all questions from sums (D, R, size)."""
        now: dict[str, Floats] = {}
        involved: dict[str, Floats] = {}
        for site, levels in self._levels(sums):
            now[site], involved[site] = levels, levels[..., 1:].sum(axis=2)
            names = self.model.split.structure.process(site).levels
            for level, name in enumerate(names):
                yield ("now", site, name), levels[..., level]
            yield ("involved", site), involved[site]
        yield from self.spread(sums)
        yield from self._next_and_routes(sums)
        yield from self._stage(sums, involved)
        yield from self._scans(now, involved)
        yield from self._searches(sums)
        yield from self._causes(sums)

    def _block(self, sums: Floats, name: str, *shape: int) -> Floats:
        start = getattr(self.blocks, name)
        return sums[..., start : start + int(np.prod(shape))].reshape(*sums.shape[:2], *shape)

    def _levels(self, sums: Floats) -> Iterator[tuple[str, Floats]]:
        """Return the masses of each site by level today, (D, R, L)."""
        n_levels = self.model.n_levels
        for names, block in ((self.leaf_names, "now"), (self.core_names, "core_now")):
            masses = self._block(sums, block, len(names), n_levels)
            for j, site in enumerate(names):
                yield site, masses[:, :, j]

    def spread(self, sums: Floats) -> Iterator[Column]:
        """Answer what changes with treatment: spread to each site, to any, and survival."""
        n_horizons, n_levels = len(HORIZONS_MONTHS), self.model.n_levels
        leaf_now = self._block(sums, "now", len(self.leaf_names), n_levels)
        newly = self._block(sums, "by", len(self.leaf_names), n_horizons)
        core = self._block(sums, "core_by", len(self.core_names), n_horizons)
        hidden = self._block(sums, "hidden", len(self.leaf_names), n_horizons)
        core_hidden = self._block(sums, "core_hidden", len(self.core_names), n_horizons)
        any_distant = self._block(sums, "any_by", n_horizons)
        found = [leaf_now[:, :, j, 2:].sum(axis=2) for j in range(len(self.leaf_names))]
        for h, months in enumerate(HORIZONS_MONTHS):
            for j, site in enumerate(self.leaf_names):
                yield ("by", site, months), found[j] + newly[:, :, j, h]
                yield ("hidden", site, months), hidden[:, :, j, h]
            for j, site in enumerate(self.core_names):
                yield ("by", site, months), core[:, :, j, h]
                yield ("hidden", site, months), core_hidden[:, :, j, h]
            yield ("by", "any_distant", months), any_distant[..., h]
        if self.prognosis:
            yield from self._alive(sums)

    def _alive(self, sums: Floats) -> Iterator[Column]:
        """Answer survival by month: a cubic through the four nearest grid times."""
        at_grid = self._block(sums, "alive", self.grid_months.size)
        curve = np.concatenate([sums[..., :1], at_grid], axis=2)
        knots = np.concatenate([[0.0], self.grid_months])
        for months in CURVE_MONTHS:
            first = int(np.clip(np.searchsorted(knots, months) - 2, 0, knots.size - 4))
            near = slice(first, first + 4)
            yield ("alive", months), curve[..., near] @ _cubic(knots[near], float(months))

    def _next_and_routes(self, sums: Floats) -> Iterator[Column]:
        n_tags = int(self.model.tables.n_tags[0])
        following = self._block(sums, "next", len(self.leaf_names))
        seeded = self._block(sums, "seeded", len(self.leaf_names), 1 + n_tags)
        for j, site in enumerate(self.leaf_names):
            yield ("next", site), following[..., j]
            yield ("seeded", site), seeded[..., j, 0]
            classes = self.model.classes_of_leaf[j]
            tagged = seeded[..., j, 1 : len(classes)]
            # the last class has no tag: it is what is left
            parts = [*np.moveaxis(tagged, 2, 0), seeded[..., j, 0] - tagged.sum(axis=2)]
            by_class = dict(zip(classes, parts, strict=False))
            for c, route in enumerate(ROUTES):
                yield ("route", site, route), by_class.get(c, np.zeros(sums.shape[:2]))
        following = self._block(sums, "core_next", len(self.core_names))
        seeded = self._block(sums, "core_seeded", len(self.core_names), 1 + N_CLASSES)
        for j, site in enumerate(self.core_names):
            yield ("next", site), following[..., j]
            yield ("seeded", site), seeded[..., j, 0]
            for c, route in enumerate(ROUTES):
                yield ("route", site, route), seeded[..., j, 1 + c]

    def _stage(self, sums: Floats, involved: dict[str, Floats]) -> Iterator[Column]:
        processes = self.model.split.structure.processes
        for axis, block, position in (
            ("t", "extent", self.likelihood.extent),
            ("n", "nodes", self.likelihood.nodes),
        ):
            names = processes[position].levels
            masses = self._block(sums, block, len(names))
            for level, name in enumerate(names):
                yield ("true", axis, name), masses[..., level]
        total = sums[..., 0]
        looks = self._block(sums, "looks", _FIRST_SEARCH)
        yield ("distant", "involved"), total - looks[..., _NONE]
        yield ("distant", "hidden"), looks[..., _NOT_FOUND] - looks[..., _NONE]
        yield ("distant", "detectable"), total - looks[..., _NOT_FOUND]
        distant = [involved[site] for site in self.facts.observation.distant_sites]
        yield ("distant", "sites"), np.sum(distant, axis=0)

    def _scans(self, now: dict[str, Floats], involved: dict[str, Floats]) -> Iterator[Column]:
        """Answer what each examination of each site would find and miss today."""
        for modality, site, positive in self._offered:
            levels = now[site]
            found = np.einsum("drl,dl->dr", levels[..., 1:], positive[:, 1:])
            yield ("scan", modality, site), found + levels[..., 0] * positive[:, :1]
            yield ("found", modality, site), found
            yield ("missed", modality, site), involved[site] - found

    @cached_property
    def _offered(self) -> list[tuple[str, str, Floats]]:
        """Examinations on offer, the sites they see, and P(positive) by level there, (D, L)."""
        shape = (self.model.n_draws, self.model.n_levels)
        return [
            (
                modality.name,
                site,
                np.broadcast_to(
                    self.likelihood.positive_by_level(modality, site)[..., : shape[1]], shape
                ),
            )
            for modality in self.likelihood.observation.modality
            if modality.name not in NOT_OFFERED
            for site in (*self.leaf_names, *self.core_names)
            if _sees(modality, site)
        ]

    def _searches(self, sums: Floats) -> Iterator[Column]:
        """Answer what searches of all distant sites find, and what they leave behind."""
        looks = self._block(sums, "looks", _FIRST_SEARCH + len(self.searches))
        yield ("unknown", "involved"), sums[..., 0] - looks[..., _NONE_UNKNOWN]
        for k, names in enumerate(self.searches):
            missed = looks[..., _FIRST_SEARCH + k]
            yield ("search", "finds", *names), sums[..., 0] - missed
            yield ("search", "leaves", *names), missed - looks[..., _NONE_UNKNOWN]

    def _causes(self, sums: Floats) -> Iterator[Column]:
        n_leaves = len(self.leaf_names)
        n_causes = max((len(names) for names in self.core_cause_names), default=0)
        block = self._block(sums, "causes", len(self.facts.present), n_leaves + n_causes)
        for s, finding in enumerate(self.facts.present):
            own = self.likelihood.symptom[finding.name].causes
            for j, site in enumerate(self.leaf_names):
                if site in own:
                    yield ("symptom", finding.name, site), block[:, :, s, j]
            for z, cause in enumerate(self.core_cause_names[s]):
                yield ("symptom", finding.name, cause), block[:, :, s, n_leaves + z]

    def without(self, sums: Floats, core_places: list[int]) -> NDArray[np.float64]:
        """Return the mass with each finding left out, in the order of the labels.

        NaN for what concerns leaves and core at once (a stage with M, absent symptoms): it
        cannot be left out of masses that are already there.

        Parameters
        ----------
        sums
            (D, R, size).
        core_places
            Place among the labels of each finding about the core, as the kernel had them.
        """
        places = [*self.facts.places_on_leaves(), *core_places, *self.facts.places_of_present()]
        masses = self._block(sums, "without", len(places)).sum(axis=(0, 1))
        out = np.full(len(self.facts.timeline.labels()), np.nan)
        out[places] = masses
        return out


def _cubic(knots: Floats, at: float) -> Floats:
    """Return the weights of four knots in the cubic through them, read at a time."""
    weights = np.ones(4)
    for k in range(4):
        others = np.delete(knots, k)
        weights[k] = np.prod((at - others) / (knots[k] - others))
    return weights


def _sees(modality: Modality, site: str) -> bool:
    return site in modality.sensitivity or "default" in modality.sensitivity
