"""Random small diseases with every role that inference knows, and how they are seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.infer.small import LADDER
from tests.support.graphs import structure_of

from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, KnownResponse, with_treatments

Table = dict[str, Any]

SITES = ("chest_wall", "liver", "bone")
SHOWS = ["detectable", "symptomatic"]
#: what the routes may depend on besides the levels of the disease
KINDS = ("plain", "plain", "covariate", "frail", "treated")


def random_disease(number: int, response: KnownResponse | None = None) -> Structure:
    """Return a random disease; the same number gives the same one.

    Sites are seeded from the local extent, the nodes, the bloodstream, and by contact
    from sites before them in the list; sites add to the hazards of diagnosis and death.
    Some diseases are treated, with a response by chance. There are 512 to 4,608 joint
    states.

    Parameters
    ----------
    number
        Of the disease.
    response
        Whether the treatment is known to have helped, if there is one.
    """
    return _Maker(np.random.default_rng([number, 4711])).make(response)


def random_observation(number: int, structure: Structure) -> ObservationModel:
    """Return a random way of seeing a disease of `random_disease`."""
    rng = np.random.default_rng([number, 4712])
    sites = structure.of_role("site")
    extent, nodes = structure.process("extent").levels, structure.process("nodes").levels
    bases = ["clinical", "pathological"][: int(rng.integers(1, 3))]
    return ObservationModel.model_validate(
        {
            "format": 1,
            "modality": [_modality(name, sites, rng) for name in ("CT", "MRI")],
            "staging": [
                {"basis": basis, "t": _rows(extent, rng), "n": _rows(nodes, rng), "m": "CT"}
                for basis in bases
            ],
            "symptom": [_symptom(name, structure, rng) for name in ("pain", "cough", "fever")],
            "distant_sites": list(sites[int(rng.integers(0, 2)) :]),
        }
    )


def _rate(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


class _Maker:
    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.kind = str(rng.choice(KINDS))
        self.has_covariate = self.kind == "covariate" or (
            self.kind == "treated" and rng.random() < 0.5
        )
        # treatment has nine states of its own
        most = 2 if self.kind == "treated" else 3
        self.sites = SITES[: int(rng.integers(2, most + 1))]
        self.extent = [f"T{k + 1}" for k in range(int(rng.integers(2, most + 1)))]
        self.nodes = [f"N{k}" for k in range(int(rng.integers(2, most + 1)))]

    def make(self, response: KnownResponse | None) -> Structure:
        table: Table = {"process": self._processes(), "route": self._upstream()}
        for place, site in enumerate(self.sites):
            table["route"] += self._site(place, site)
        table["route"] += self._ends()
        if self.has_covariate:
            table["covariates"] = {"histology": {"levels": {"epithelioid": 0.65, "biphasic": 0.35}}}
            ratios = {"biphasic": float(self.rng.uniform(1.5, 3.0))}
            table["effects"] = {"cell_type": {"covariate": "histology", "ratios": ratios}}
        if self.kind == "frail":
            table["frailty"] = {"pace": {"log_sd": float(self.rng.uniform(0.3, 0.7))}}
        structure = structure_of(**table)
        if self.kind == "treated":
            structure = with_treatments(
                structure, self._library(), [Course("drug", response=response)]
            )
        return structure

    def _library(self) -> TreatmentLibrary:
        """Return a treatment that slows some routes, and perhaps clears the first site."""
        rng = self.rng
        vias = ["growth", "direct", "haematogenous", "outgrowth", "mortality"]
        lasting = ["on_treatment", "responding", "after_start"]
        effects = [
            {
                "on": [str(via)],
                "ratio": float(rng.uniform(0.1, 0.7)),
                "while": str(rng.choice(lasting)),
                "grade": "mechanism",
            }
            for via in rng.choice(vias, 3, replace=False)
        ]
        helps: Any = float(rng.uniform(0.3, 0.7))
        if self.has_covariate:
            by_type = {"epithelioid": helps, "biphasic": float(rng.uniform(0.1, 0.9))}
            helps = {"covariate": "histology", "values": by_type}
        drug: Table = {
            "name": "drug",
            "kind": "systemic",
            "start_after_diagnosis_months": float(rng.uniform(0.5, 4.0)),
            "duration_months": float(rng.uniform(2.0, 8.0)),
            "effects": effects,
            "response": {
                "probability": helps,
                "median_duration_months": float(rng.uniform(3.0, 10.0)),
            },
        }
        if rng.random() < 0.5:
            clear = {"process": self.sites[0], "to": "free", "at_least": "microscopic"}
            drug["actions"] = [{**clear, "probability": float(rng.uniform(0.3, 0.9))}]
        return TreatmentLibrary.model_validate({"format": 1, "treatment": [drug]})

    def _processes(self) -> list[Table]:
        return [
            {"name": "extent", "role": "extent", "levels": self.extent},
            {"name": "nodes", "role": "nodes", "levels": self.nodes},
            {"name": "bloodstream", "role": "bloodstream", "levels": ["closed", "open"]},
            *({"name": site, "role": "site", "levels": LADDER} for site in self.sites),
            {"name": "diagnosis", "role": "diagnosis", "levels": ["undiagnosed", "diagnosed"]},
            {"name": "death", "role": "death", "levels": ["alive", "dead"], "terminal": True},
        ]

    def _route(self, step: str, via: str, rate: float, when: Table | None = None) -> Table:
        """Return a route; some have the patient's covariate or random effect."""
        route: Table = {"step": step, "via": via, "rate": rate, "when": when or {}}
        if self.has_covariate and self.rng.random() < 0.6:
            route["covariates"] = ["cell_type"]
        if self.kind == "frail" and self.rng.random() < 0.6:
            route["frailty"] = {"pace": 1.0}
        return route

    def _by_level(self, levels: list[str], steepest: float = 8.0) -> dict[str, float]:
        """Return a multiplier per level, rising from one end to the other."""
        ratio = float(np.exp(self.rng.uniform(0.0, np.log(steepest))))
        return {name: ratio ** (k / (len(levels) - 1) - 0.5) for k, name in enumerate(levels)}

    def _upstream(self) -> list[Table]:
        rng = self.rng
        routes = [
            self._route(f"extent.{level}", "growth", _rate(rng, 0.04, 0.2))
            for level in self.extent[1:]
        ]
        for level in self.nodes[1:]:
            when = {"extent": self._by_level(self.extent)}
            routes.append(self._route(f"nodes.{level}", "lymphatic", _rate(rng, 0.02, 0.1), when))
        when = {"extent": self._by_level(self.extent)} if rng.random() < 0.5 else {}
        open_, rate = "bloodstream.open", _rate(rng, 0.02, 0.08)
        routes.append(self._route(open_, "haematogenous", rate, when))
        if rng.random() < 0.7:
            when = {"nodes": {self.nodes[0]: 0.0, "otherwise": 1.0}}
            routes.append(self._route(open_, "lymphatic", _rate(rng, 0.02, 0.1), when))
        return routes

    def _site(self, place: int, site: str) -> list[Table]:
        rng, step = self.rng, f"{site}.microscopic"
        ways = [
            ("direct", {"extent": self._by_level(self.extent)}),
            ("haematogenous", {"bloodstream": "open"}),
            ("lymphatic", {"nodes": {self.nodes[0]: 0.0, "otherwise": 1.0}}),
            # tracts of punctures exist from diagnosis on
            ("direct", {"diagnosis": "diagnosed"}),
        ]
        chosen = rng.choice(len(ways), size=int(rng.integers(1, 4)), replace=False)
        routes = [self._route(step, ways[k][0], _rate(rng, 0.02, 0.1), ways[k][1]) for k in chosen]
        if place > 0 and rng.random() < 0.7:
            other = self.sites[int(rng.integers(0, place))]
            contact: Table = {other: SHOWS}
            if rng.random() < 0.5:
                by_level = {"free": 0.2, "microscopic": 0.5, "otherwise": 1.5}
                contact = {other: by_level, "extent": self._by_level(self.extent)}
            routes.append(self._route(step, "direct", _rate(rng, 0.03, 0.2), contact))
        routes.append(self._route(f"{site}.detectable", "outgrowth", _rate(rng, 0.08, 0.3)))
        routes.append(self._route(f"{site}.symptomatic", "progression", _rate(rng, 0.06, 0.25)))
        return routes

    def _ends(self) -> list[Table]:
        rng = self.rng
        by_extent = {"extent": self._by_level(self.extent)}
        routes = [
            self._route("diagnosis.diagnosed", "detection", _rate(rng, 0.05, 0.15), by_extent)
        ]
        hidden = {"diagnosis": {"undiagnosed": 0.3, "diagnosed": 1.0}} if rng.random() < 0.5 else {}
        when = {"extent": self._by_level(self.extent), **hidden}
        routes.append(self._route("death.dead", "mortality", _rate(rng, 0.01, 0.03), when))
        for site in self.sites:
            if rng.random() < 0.5:
                felt = {site: "symptomatic"}
                routes.append(
                    self._route("diagnosis.diagnosed", "detection", _rate(rng, 0.03, 0.2), felt)
                )
            if rng.random() < 0.6:
                by_site = {site: {"detectable": 0.4, "symptomatic": 1.0, "otherwise": 0.0}}
                rate = _rate(rng, 0.03, 0.12)
                routes.append(self._route("death.dead", "mortality", rate, {**by_site, **hidden}))
        return routes


def _modality(name: str, sites: tuple[str, ...], rng: np.random.Generator) -> Table:
    # CT decides M, so it must see every site; the other may miss one
    seen = sites if name == "CT" else sites[: int(rng.integers(1, len(sites) + 1))]
    sensitivity = {}
    for site in seen:
        rates = np.sort(rng.uniform(0.02, 0.97, 3)).tolist()
        sensitivity[site] = dict(zip(LADDER[1:], rates, strict=True))
    false_positive = {site: float(rng.uniform(0.0, 0.15)) for site in seen}
    return {
        "name": name,
        "label": name,
        "sensitivity": sensitivity,
        "false_positive": false_positive,
    }


def _rows(levels: tuple[str, ...], rng: np.random.Generator) -> Table:
    """Return reported categories by true level; the true one is the likeliest."""
    rows = {}
    for true in levels:
        weights = rng.uniform(0.05, 1.0, len(levels)) + 1.5 * (np.array(levels) == true)
        rows[true] = dict(zip(levels, (weights / weights.sum()).tolist(), strict=True))
    return rows


def _symptom(name: str, structure: Structure, rng: np.random.Generator) -> Table:
    causes: Table = {}
    if rng.random() < 0.5:
        top = structure.process("extent").levels[-1]
        causes["extent"] = {top: float(rng.uniform(0.1, 0.5))}
    sites = structure.of_role("site")
    for site in rng.choice(sites, size=int(rng.integers(1, len(sites) + 1)), replace=False):
        low, high = np.sort(rng.uniform(0.0, 0.9, 2)).tolist()
        causes[str(site)] = {"detectable": low, "symptomatic": high}
    return {
        "name": name,
        "label": name,
        "background": float(rng.uniform(0.02, 0.3)),
        "causes": causes,
    }
