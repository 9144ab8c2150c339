"""Count a simulated population: where tumour is, how it came there, how it is seen and felt.

A count is filed under three words: what it is about (``site:liver``), what was counted
(``any``), and when (``diagnosis``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.kernels.histories import route_shares
from mesospread.model.definition import Categorical
from mesospread.staging import edition_table
from mesospread.studies.lives import Levels, Lives

Floats = NDArray[np.float64]
Who = NDArray[np.bool_] | Floats
#: about, what, when
Key = tuple[str, str, str]
Cells = dict[Key, float]

#: routes that are told apart
ROUTES = ("direct", "lymphatic", "haematogenous")
#: a share of fewer people than this is not told
LEAST = 50
#: and causes of a symptom that fewer have, where chances are added up and not people
LEAST_EXPECTED = 5.0
#: examinations that report regional nodes
OF_NODES = ("CT", "PET-CT", "EBUS", "mediastinoscopy")
#: ages at diagnosis that are compared, in years
AGES_YEARS = {"under 65": (0, 65), "65 to 74": (65, 75), "75 or older": (75, 200)}
NODES = "regional_nodes"


@dataclass(frozen=True)
class Moment:
    """People who live at a moment, and where their disease is: (k,) and (k, P)."""

    name: str
    who: NDArray[np.bool_]
    levels: Levels


class Census(Lives):
    """Lives of people who were diagnosed, and what can be counted in them."""

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """At diagnosis, 12 and 24 months later in those who live then, and at death."""
        everybody = np.ones(self.n, bool)
        later = [
            Moment(f"{m}", self.survival_months > m, self.levels_after(np.full(self.n, float(m))))
            for m in (12, 24)
        ]
        return (
            Moment("diagnosis", everybody, self.at_diagnosis),
            *later,
            Moment("death", everybody, self.at_death),
        )

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites of the model, without the regional nodes."""
        return self.structure.of_role("site")

    @property
    def distant(self) -> tuple[str, ...]:
        """Sites that count as distant spread."""
        return self._likelihood.observation.distant_sites

    def level(self, site: str, levels: Levels) -> NDArray[np.int8]:
        """Return the level of a site, or of the regional nodes, (k,)."""
        nodes = site == NODES
        p = self._likelihood.nodes if nodes else self.structure.position(site)
        found: NDArray[np.int8] = levels[..., p]
        return found

    def deepest(self, levels: Levels) -> NDArray[np.int8]:
        """Return the highest level of any distant site, (k,)."""
        found: NDArray[np.int8] = levels[
            ..., [self.structure.position(site) for site in self.distant]
        ].max(axis=-1)
        return found

    def counted(self) -> Cells:
        """Return everything that is counted."""
        return dict(
            cell
            for part in (
                self._sites, self._by_histology, self._routes, self._stages, self._symptoms,
                self._scans, self._groups,
            )
            for cell in part()
        )  # fmt: skip

    def _sites(self) -> Iterator[tuple[Key, float]]:
        for moment in self.moments:
            deepest = self.deepest(moment.levels)
            yield ("distant", "any", moment.name), _share(deepest >= 1, moment.who)
            yield ("distant", "visible", moment.name), _share(deepest >= 2, moment.who)
            for site in self.distant:
                there = self.level(site, moment.levels) >= 1
                yield ("distant", f"site:{site}", moment.name), _share(there, moment.who)
            blood = self.structure.of_role("bloodstream")
            if blood:
                open_ = moment.levels[:, self.structure.position(blood[0])] >= 1
                yield ("bloodstream", "open", moment.name), _share(open_, moment.who)
            for site in (*self.sites, NODES):
                level = self.level(site, moment.levels)
                yield (f"site:{site}", "any", moment.name), _share(level >= 1, moment.who)
                if site != NODES:
                    yield (f"site:{site}", "visible", moment.name), _share(level >= 2, moment.who)

    def _by_histology(self) -> Iterator[tuple[Key, float]]:
        codes, names = self.level_of("histology")
        for moment in self.moments:
            for code, name in enumerate(names):
                who = moment.who & (codes == code)
                for site in (*self.sites, NODES):
                    there = self.level(site, moment.levels) >= 1
                    yield (f"site:{site}", f"any|{name}", moment.name), _share(there, who)

    def _routes(self) -> Iterator[tuple[Key, float]]:
        """Count by which route the sites that were ever reached were reached last."""
        taken = self._taken()
        by_site = taken.sum(axis=0)
        for site, taken_there in zip(self.sites, by_site, strict=True):
            for route, share in zip(ROUTES, _parts(taken_there), strict=False):
                yield (f"site:{site}", f"route:{route}", "ever"), float(share)
        far = np.isin(self.sites, self.distant)
        for which, chosen in (("distant", by_site[far]), ("every", by_site)):
            for route, share in zip(ROUTES, _parts(chosen.sum(axis=0)), strict=False):
                yield (f"route:{route}", which, "ever"), float(share)

    def _taken(self) -> Floats:
        """Return by which route each site was seeded, if ever, (k, sites, routes + others)."""
        compiled = self._batch.compiled
        tables = compiled.tables
        column_of_step = np.full(tables.steps.size, -1)
        for j, site in enumerate(self.sites):
            column_of_step[tables.processes["first_step"][self.structure.position(site)]] = j
        class_of_route = np.array(
            [ROUTES.index(via) if via in ROUTES else len(ROUTES) for via in compiled.via]
        )
        shares: Floats = route_shares(
            tables,
            *self._batch.events[:4],
            self._batch.patients.factors,
            column_of_step,
            class_of_route,
            len(self.sites),
            len(ROUTES) + 1,
            self._end_months,
        )
        return shares[self.rows]

    def reported_categories(self) -> tuple[Floats, Floats, Floats]:
        """Return the chances of each T and each N, (k, T) and (k, N), and of M0, (k,)."""
        likelihood, levels = self._likelihood, self.at_diagnosis
        staging = likelihood.staging["clinical"]
        t = likelihood.reported(staging, "t")[levels[:, likelihood.extent]]
        n = likelihood.reported(staging, "n")[levels[:, likelihood.nodes]]
        return t, n, self.not_found(self.distant, (staging.m,), levels)

    def _stages(self) -> Iterator[tuple[Key, float]]:
        """Count spread by what is reported at diagnosis: categories and stage groups."""
        t, n, m0 = self.reported_categories()
        names = {
            "t": self.structure.processes[self._likelihood.extent].levels,
            "n": self.structure.processes[self._likelihood.nodes].levels,
        }
        reported: dict[str, Floats] = {}
        for axis, chances in (("t", t), ("n", n)):
            for j, name in enumerate(names[axis]):
                reported[f"{axis}:{name}"] = chances[:, j]
        reported |= {"m:M0": m0, "m:M1": 1.0 - m0}
        table = edition_table(self.structure.name).table
        for (a, b, c), group in table.items():
            joint = t[:, names["t"].index(a)] * n[:, names["n"].index(b)]
            joint = joint * (m0 if c == "M0" else 1.0 - m0)
            # IIIA and IIIB are told together
            wide = f"stage:{group.rstrip('ABC')}"
            reported[wide] = reported.get(wide, 0.0) + joint
        for name, weight in reported.items():
            yield from self._with(name, weight)

    def _with(self, name: str, weight: Floats) -> Iterator[tuple[Key, float]]:
        deepest = self.deepest(self.at_diagnosis)
        yield (name, "share", "diagnosis"), float(weight.mean())
        yield (name, "distant", "diagnosis"), _share(deepest >= 1, weight)
        yield (name, "distant visible", "diagnosis"), _share(deepest >= 2, weight)
        if not name.startswith("stage:"):
            return
        for site in self.sites:
            there = self.level(site, self.at_diagnosis) >= 1
            yield (name, f"at {site}", "diagnosis"), _share(there, weight)

    def _symptoms(self) -> Iterator[tuple[Key, float]]:
        """Count by which cause people have a symptom; more than one may act."""
        likelihood = self._likelihood
        for moment in self.moments[:2]:
            levels = moment.levels[moment.who]
            for symptom in likelihood.observation.symptom:
                about = f"symptom:{symptom.name}"
                causes = likelihood.causes(symptom, levels)
                present = likelihood.symptom_present(symptom, levels)
                has = float(present.mean()) if present.size else np.nan
                yield (about, "has", moment.name), has
                if present.sum() < LEAST_EXPECTED:
                    continue
                silent = np.ones(present.size)
                for cause, chance in causes.items():
                    yield (about, f"cause:{cause}", moment.name), float(chance.mean()) / has
                    if cause not in ("extent", "other causes"):
                        silent = silent * (1.0 - chance)
                yield (about, "cause:spread", moment.name), float((1.0 - silent).mean()) / has

    def _scans(self) -> Iterator[tuple[Key, float]]:
        for modality in self._likelihood.observation.modality:
            about = f"scan:{modality.name}"
            found, there = 0.0, 0
            found_visible, visible = 0.0, 0
            for site in self.sites:
                if site not in modality.sensitivity and "default" not in modality.sensitivity:
                    continue
                seen = self._sensitivity(modality.name, site)
                positive = self._likelihood.positive_by_level(modality, site)
                level = self.level(site, self.at_diagnosis)
                shown = seen[level]
                yield (about, site, "hidden"), float(seen[1])
                yield (about, site, "visible"), float(seen[2])
                yield (about, site, "felt"), float(seen[3])
                yield (about, site, "false positive"), float(positive[0])
                yield (about, site, "found"), _share(shown, level >= 1)
                yield (about, site, "yield"), float(shown.mean())
                if site in self.distant:
                    found, there = found + float(shown.sum()), there + int((level >= 1).sum())
                    found_visible += float(shown[level >= 2].sum())
                    visible += int((level >= 2).sum())
            if there >= LEAST:
                yield (about, "distant", "found"), found / there
            if visible >= LEAST:
                yield (about, "distant", "visible"), found_visible / visible
            if modality.name in OF_NODES:
                yield from self._nodes_by_scan(about, modality.name)

    def _nodes_by_scan(self, about: str, modality: str) -> Iterator[tuple[Key, float]]:
        seen = self._nodes_seen(modality)
        level = self.level(NODES, self.at_diagnosis)
        yield (about, NODES, "false positive"), float(seen[0])
        yield (about, NODES, "found"), _share(seen[level], level >= 1)
        yield (about, NODES, "yield"), float(np.where(level >= 1, seen[level], 0.0).mean())

    def _groups(self) -> Iterator[tuple[Key, float]]:
        """Count distant spread by cell type, sex, fitness and age."""
        groups: dict[str, NDArray[np.bool_]] = {}
        for covariate, spec in self.structure.definition.covariates.items():
            if isinstance(spec, Categorical):
                codes, names = self.level_of(covariate)
                groups |= {f"{covariate}={name}": codes == j for j, name in enumerate(names)}
        age = self.age_at_diagnosis_years
        groups |= {
            f"age={name}": (age >= low) & (age < high) for name, (low, high) in AGES_YEARS.items()
        }
        for moment in self.moments[:2]:
            deepest = self.deepest(moment.levels)
            for name, members in groups.items():
                who = moment.who & members
                yield (f"group:{name}", "any", moment.name), _share(deepest >= 1, who)
                yield (f"group:{name}", "visible", moment.name), _share(deepest >= 2, who)


def _share(what: Who, among: Who) -> float:
    """Return the share of people, or the mean of a chance, in a group; NaN if it is small."""
    if what.dtype == among.dtype == np.bool_:
        people = np.count_nonzero(among)
        both = np.count_nonzero(np.logical_and(what, among))
        return both / people if people >= LEAST else float("nan")
    # no matrix product: its threads cost more than they save on vectors as short as these
    total = float(np.sum(among))
    return float(np.sum(what * among)) / total if total >= LEAST else float("nan")


def _parts(counts: Floats) -> Floats:
    total = counts.sum()
    parts: Floats = counts / total if total >= LEAST else np.full(counts.shape, np.nan)
    return parts
