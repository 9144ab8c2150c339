"""Small disease definitions: random ones by seed, and a few made by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mesospread.model.definition import Definition
from mesospread.model.structure import Structure, build_structure

Table = dict[str, Any]


@dataclass(frozen=True)
class Features:
    """What a random definition may contain.

    Attributes
    ----------
    sites
        Fewest and most processes, without treatment, surgery and death.
    levels
        Fewest and most levels of each.
    covariates, frailty
        Whether hazards differ between patients.
    schedule
        ``none``; ``start``: treatment at fixed times; ``anchored``: some time after
        another process reached a level, and a clinic whose appointments may come before
        the patient does.
    actions
        Whether scheduled steps set processes back, forward, or end the history.
    death
        Whether there is a terminal process.
    monotone
        Whether a higher level may only speed other steps up.
    ties
        Whether two interventions fall on the same moment (the process listed first
        comes first).
    """

    sites: tuple[int, int] = (2, 3)
    levels: tuple[int, int] = (2, 4)
    covariates: bool = False
    frailty: bool = False
    schedule: str = "none"
    actions: bool = False
    death: bool = True
    monotone: bool = False
    ties: bool = False


EVERYTHING = Features(
    sites=(3, 5), covariates=True, frailty=True, schedule="anchored", actions=True
)
AWKWARD = replace(EVERYTHING, levels=(2, 6), ties=True)
#: what the exact lattice takes: one person, a schedule known from the start
FOR_LATTICE = Features(sites=(2, 3), levels=(2, 3), covariates=True)
FOR_LATTICE_TREATED = Features(sites=(3, 3), levels=(2, 3), schedule="start", actions=True)


def structure_of(**parts: Any) -> Structure:
    """Build a structure from the parts of a definition, as they stand in a file."""
    table = {"format": 1, "name": "graph", "title": "A graph for tests", **parts}
    return build_structure(Definition.model_validate(table))


def random_structure(seed: int, features: Features) -> Structure:
    """Build the structure of `random_definition`."""
    return structure_of(**random_definition(seed, features))


def random_definition(seed: int, features: Features) -> Table:
    """Return the parts of a random definition; the same seed gives the same graph.

    Any process may drive any other, so there are cycles; a step has one to three
    routes with up to three parents each. The first route of a step is never closed,
    so that every level can be reached.
    """
    return _Maker(np.random.default_rng([seed, 20260302]), features).make()


class _Maker:
    def __init__(self, rng: np.random.Generator, features: Features) -> None:
        self.rng = rng
        self.features = features
        self.levels: dict[str, list[str]] = {}

    def make(self) -> Table:
        f = self.features
        for i in range(int(self.rng.integers(f.sites[0], f.sites[1] + 1))):
            count = int(self.rng.integers(f.levels[0], f.levels[1] + 1))
            self.levels["abcdefgh"[i]] = [f"level_{k}" for k in range(count)]
        self.sites = list(self.levels)
        table: Table = {"process": [self._site(name) for name in self.sites], "route": []}
        if f.schedule != "none":
            self.levels["treatment"] = ["before", "during", "afterwards"]
            table["process"].insert(1, {"name": "treatment", "levels": self.levels["treatment"]})
            table["schedule"] = self._schedule()
        if f.schedule == "anchored":
            self._add_clinic(table)
        if f.ties:
            self._add_ties(table)
        if f.covariates:
            table |= _COVARIATES
        if f.frailty:
            table["frailty"] = {"growth": {"log_sd": 0.6}, "seeding": {"log_sd": 0.4}}
        for name in self.sites:
            for level in self.levels[name][1:]:
                table["route"] += self._routes(f"{name}.{level}", name)
        if f.death:
            table["process"].append(
                {"name": "death", "levels": ["alive", "dead"], "terminal": True}
            )
            table["route"] += self._routes("death.dead", "death", scale=0.2)
        return table

    def _site(self, name: str) -> Table:
        site: Table = {"name": name, "levels": self.levels[name]}
        if len(self.levels[name]) > 2 and self.rng.random() < 0.2:
            site["start"] = str(self.rng.choice(self.levels[name][1:-1]))
        return site

    def _routes(self, step: str, own: str, scale: float = 1.0) -> list[Table]:
        count = int(self.rng.integers(1, 4))
        return [self._route(step, own, scale / count, first=k == 0) for k in range(count)]

    def _route(self, step: str, own: str, scale: float, first: bool) -> Table:
        f, rng = self.features, self.rng
        rate = float(scale * np.exp(rng.uniform(np.log(0.05), np.log(0.4))))
        via = str(rng.choice(["growth", "direct", "lymphatic", "haematogenous"]))
        route: Table = {"step": step, "via": via}
        route |= {"median_months": np.log(2) / rate} if rng.random() < 0.2 else {"rate": rate}
        others = [name for name in self.levels if name != own]
        count = min(int(rng.integers(0, 4)), len(others))
        parents = [str(p) for p in rng.choice(others, size=count, replace=False)]
        route["when"] = {p: self._multiplier(p, may_close=not first) for p in parents}
        if f.covariates and rng.random() < 0.7:
            route["covariates"] = ["by_histology", "by_age"][: int(rng.integers(1, 3))]
        if f.frailty and rng.random() < 0.7:
            route["frailty"] = {"growth": 1.0, "seeding": float(rng.uniform(-1.0, 1.0))}
        return route

    def _multiplier(self, parent: str, may_close: bool) -> Any:
        levels, rng = self.levels[parent], self.rng
        values = [float(np.exp(rng.uniform(-1.5, 1.5))) for _ in levels]
        if self.features.monotone:
            values.sort()
        if may_close and rng.random() < 0.5:
            first_open = int(rng.integers(1, len(levels)))
            return levels[first_open] if first_open + 1 == len(levels) else levels[first_open:]
        if rng.random() < 0.5:
            return dict(zip(levels, values, strict=True))
        return {levels[-1]: values[-1], "otherwise": values[0]}

    def _schedule(self) -> list[Table]:
        rng = self.rng
        begin: Table = {
            "step": "treatment.during",
            "delay_months": float(rng.uniform(2.0, 8.0)),
        }
        end: Table = {"step": "treatment.afterwards"}
        if self.features.schedule == "anchored":
            begin["after"] = f"{self.sites[0]}.{self.levels[self.sites[0]][-1]}"
            end |= {"after": "treatment.during", "delay_months": float(rng.uniform(2.0, 8.0))}
        else:
            end["delay_months"] = begin["delay_months"] + float(rng.uniform(2.0, 8.0))
        if self.features.actions:
            begin["actions"] = [self._action(self.sites[-1], 0)]
            if len(self.sites) > 2 and rng.random() < 0.5:
                begin["actions"].append(self._action(self.sites[1], -1))
            end["actions"] = [self._action(name, 0) for name in self.sites[1:-1]]
            if rng.random() < 0.5:
                end["actions"].append(self._action(self.sites[0], -1))
            if self.features.death and rng.random() < 0.5:
                # nothing is done to the dead: what comes after it in the list is not done
                place = int(rng.integers(len(end["actions"]) + 1))
                deadly = {"process": "death", "to": "dead", "probability": 0.2}
                end["actions"].insert(place, deadly)
        return [begin, end]

    def _add_clinic(self, table: Table) -> None:
        """Add appointments that may be over before the patient comes, or wait for an action."""
        rng = self.rng
        levels = self.levels["clinic"] = ["waiting", "referred", "seen", "discharged"]
        table["process"].append({"name": "clinic", "levels": levels})
        table["route"].append({"step": "clinic.referred", "via": "other", "rate": 0.3})
        anchor = self.sites[1 % len(self.sites)]
        table["schedule"] += [
            {"step": "clinic.seen", "delay_months": float(rng.uniform(0.0, 10.0))},
            {"step": "clinic.discharged", "after": f"{anchor}.{self.levels[anchor][-1]}",
             "delay_months": float(rng.uniform(0.0, 5.0))},
        ]  # fmt: skip

    def _add_ties(self, table: Table) -> None:
        """Add two interventions at one moment that undo each other."""
        months, target = float(self.rng.uniform(1.0, 9.0)), self.sites[-1]
        for name, to in (("early", -1), ("late", 0)):
            self.levels[name] = ["no", "yes"]
            place = int(self.rng.integers(len(table["process"]) + 1))
            table["process"].insert(place, {"name": name, "levels": ["no", "yes"]})
            action = {"process": target, "to": self.levels[target][to], "probability": 0.7}
            table["schedule"].append(
                {"step": f"{name}.yes", "delay_months": months, "actions": [action]}
            )

    def _action(self, process: str, to: int) -> Table:
        levels = self.levels[process]
        action: Table = {"process": process, "to": levels[to]}
        if self.features.covariates and self.rng.random() < 0.4:
            names = ("epithelioid", "biphasic", "sarcomatoid")
            values = {name: float(self.rng.uniform(0.1, 0.9)) for name in names}
            action["probability"] = {"covariate": "histology", "values": values}
        elif self.rng.random() < 0.8:
            action["probability"] = float(self.rng.uniform(0.3, 0.9))
        if len(levels) > 2 and self.rng.random() < 0.5:
            action["at_least"] = levels[1]
        return action


_COVARIATES: Table = {
    "covariates": {
        "histology": {"levels": {"epithelioid": 0.6, "biphasic": 0.25, "sarcomatoid": 0.15}},
        "age": {"mean": 70.0, "sd": 9.0, "low": 40.0, "high": 95.0},
    },
    "effects": {
        "by_histology": {
            "covariate": "histology",
            "ratios": {"biphasic": 1.4, "sarcomatoid": 2.2},
        },
        "by_age": {"covariate": "age", "ratio": 1.15, "per": 10.0, "centre": 70.0},
    },
}

#: histology and age by graph, for the lattice, which is for one person
PEOPLE: tuple[dict[str, str | float], ...] = (
    {"histology": "epithelioid", "age": 70.0},
    {"histology": "biphasic", "age": 55.0},
    {"histology": "sarcomatoid", "age": 82.5},
)


def reference_structure() -> Structure:
    """Return the graph on which faults are planted.

    A primary and two sites that drive each other in a cycle, a treatment at fixed
    times that slows one route and may clear a site, and death. Nearly every step
    happens to nearly everyone, so that small errors show.
    """
    return structure_of(
        process=[
            {"name": "primary", "levels": ["t1", "t2", "t3"]},
            {"name": "left", "levels": ["free", "hidden", "seen"]},
            {"name": "right", "levels": ["free", "involved"]},
            {"name": "treatment", "levels": ["before", "during", "afterwards"]},
            {"name": "death", "levels": ["alive", "dead"], "terminal": True},
        ],
        route=[
            {"step": "primary.t2", "via": "growth", "rate": 0.5,
             "when": {"right": {"involved": 1.8, "otherwise": 1.0}}},
            {"step": "primary.t3", "via": "growth", "rate": 0.3},
            {"step": "left.hidden", "via": "direct", "rate": 0.4,
             "when": {"primary": {"t1": 0.3, "t2": 1.0, "t3": 3.0},
                      "treatment": {"during": 0.4, "otherwise": 1.0}}},
            {"step": "left.hidden", "via": "haematogenous", "rate": 0.2,
             "when": {"right": "involved"}},
            {"step": "left.seen", "via": "outgrowth", "rate": 0.35},
            {"step": "right.involved", "via": "direct", "rate": 0.25,
             "when": {"left": {"free": 0.5, "hidden": 1.0, "seen": 2.5}}},
            {"step": "death.dead", "via": "mortality", "rate": 0.008,
             "when": {"primary": {"t1": 0.2, "t2": 1.0, "t3": 2.0}}},
        ],
        schedule=[
            {"step": "treatment.during", "delay_months": 3.0,
             "actions": [{"process": "left", "to": "free", "at_least": "hidden",
                          "probability": 0.5}]},
            {"step": "treatment.afterwards", "delay_months": 9.0},
        ],
    )  # fmt: skip


def frail_structure() -> Structure:
    """Return a small graph whose hazards differ between patients, for the lattice in a mixture."""
    return structure_of(
        process=[
            {"name": "primary", "levels": ["t1", "t2", "t3"]},
            {"name": "site", "levels": ["free", "involved"]},
            {"name": "death", "levels": ["alive", "dead"], "terminal": True},
        ],
        route=[
            {"step": "primary.t2", "via": "growth", "rate": 0.2, "frailty": {"growth": 1.0}},
            {"step": "primary.t3", "via": "growth", "rate": 0.15, "frailty": {"growth": 1.0}},
            {"step": "site.involved", "via": "direct", "rate": 0.1,
             "when": {"primary": {"t1": 0.5, "t2": 1.0, "t3": 2.0}}},
            {"step": "death.dead", "via": "mortality", "rate": 0.03, "frailty": {"growth": 0.5},
             "when": {"site": {"free": 1.0, "involved": 2.0}}},
        ],
        frailty={"growth": {"log_sd": 0.7}},
    )  # fmt: skip
