"""A small made-up disease, how it is seen, and a patient with it: written out as data.

Small enough for the exact lattice (768 joint states), with everything that the
inference handles: local extent, nodes, bloodstream, a site reached by contact and one
reached by three routes, diagnosis, death, a scan, a staging table and a symptom.
"""

from __future__ import annotations

from typing import Any

from tests.support.graphs import structure_of

from mesospread.infer.findings import SiteFinding, StageFinding, SymptomFinding
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel
from mesospread.model.structure import Structure

LADDER = ["free", "microscopic", "detectable", "symptomatic"]

DISEASE: dict[str, Any] = {
    "process": [
        {"name": "extent", "role": "extent", "levels": ["T1", "T2", "T3"]},
        {"name": "nodes", "role": "nodes", "levels": ["N0", "N1"]},
        {"name": "bloodstream", "role": "bloodstream", "levels": ["closed", "open"]},
        {"name": "chest_wall", "role": "site", "levels": LADDER},
        {"name": "liver", "role": "site", "levels": LADDER},
        {"name": "diagnosis", "role": "diagnosis", "levels": ["undiagnosed", "diagnosed"]},
        {"name": "death", "role": "death", "levels": ["alive", "dead"], "terminal": True},
    ],
    "route": [
        {"step": "extent.T2", "via": "growth", "rate": 0.12},
        {"step": "extent.T3", "via": "growth", "rate": 0.08},
        {"step": "nodes.N1", "via": "lymphatic", "rate": 0.06,
         "when": {"extent": {"T1": 0.3, "T2": 0.7, "T3": 1.5}}},
        {"step": "bloodstream.open", "via": "haematogenous", "rate": 0.05,
         "when": {"nodes": {"N0": 0.5, "N1": 2.0}}},
        {"step": "chest_wall.microscopic", "via": "direct", "rate": 0.1,
         "when": {"extent": {"T1": 0.2, "T2": 0.6, "T3": 1.2}}},
        {"step": "liver.microscopic", "via": "haematogenous", "rate": 0.08,
         "when": {"bloodstream": "open"}},
        {"step": "liver.microscopic", "via": "lymphatic", "rate": 0.02, "when": {"nodes": "N1"}},
        {"step": "liver.microscopic", "via": "direct", "rate": 0.03,
         "when": {"chest_wall": ["detectable", "symptomatic"]}},
        {"step": ["chest_wall.detectable", "liver.detectable"], "via": "outgrowth", "rate": 0.15},
        {"step": ["chest_wall.symptomatic", "liver.symptomatic"], "via": "progression",
         "rate": 0.12},
        {"step": "diagnosis.diagnosed", "via": "detection", "rate": 0.08,
         "when": {"extent": {"T1": 0.6, "T2": 1.2, "T3": 2.0}}},
        {"step": "death.dead", "via": "mortality", "rate": 0.02,
         "when": {"extent": {"T1": 0.2, "T2": 0.6, "T3": 1.5}}},
        {"step": "death.dead", "via": "mortality", "rate": 0.06,
         "when": {"liver": ["detectable", "symptomatic"]}},
    ],
}  # fmt: skip

#: the one number that is uncertain in `uncertain_disease`
BLOOD = {"value": 0.08, "low": 0.02, "high": 0.25, "unit": "per_month", "kind": "assumed"}

SEEN_BY_CT = {
    "chest_wall": {"microscopic": 0.1, "detectable": 0.7, "symptomatic": 0.9},
    "liver": {"microscopic": 0.05, "detectable": 0.8, "symptomatic": 0.95},
}
FALSE_BY_CT = {"chest_wall": 0.08, "liver": 0.03}
T_ROWS = {
    "T1": {"T1": 0.8, "T2": 0.15, "T3": 0.05},
    "T2": {"T1": 0.25, "T2": 0.6, "T3": 0.15},
    "T3": {"T1": 0.05, "T2": 0.25, "T3": 0.7},
}
N_ROWS = {"N0": {"N0": 0.9, "N1": 0.1}, "N1": {"N0": 0.45, "N1": 0.55}}
PAIN_BACKGROUND = 0.15
PAIN_CAUSES = {
    "extent": {"T3": 0.2},
    "chest_wall": {"detectable": 0.3, "symptomatic": 0.8},
    "liver": {"symptomatic": 0.5},
}

OBSERVATION = ObservationModel.model_validate(
    {
        "format": 1,
        "modality": [
            {
                "name": "CT",
                "label": "CT scan",
                "sensitivity": SEEN_BY_CT,
                "false_positive": FALSE_BY_CT,
            }
        ],
        "staging": [{"basis": "clinical", "t": T_ROWS, "n": N_ROWS, "m": "CT"}],
        "symptom": [
            {
                "name": "pain",
                "label": "pain",
                "background": PAIN_BACKGROUND,
                "causes": PAIN_CAUSES,
            }
        ],
        "distant_sites": ["liver"],
    }
)


def certain_disease() -> Structure:
    """Return the disease with all numbers known."""
    return structure_of(**DISEASE)


def uncertain_disease() -> Structure:
    """Return the disease with one uncertain number: seeding of the liver by the blood."""
    routes = [dict(route) for route in DISEASE["route"]]
    (blood,) = (r for r in routes if r["step"] == "liver.microscopic" and r["rate"] == 0.08)
    blood["rate"] = "blood"
    parameters = {"blood": {**BLOOD, "note": "Made up, to be uncertain."}}
    return structure_of(**{**DISEASE, "route": routes, "parameters": parameters})


def patient(structure: Structure) -> Timeline:
    """Return somebody scanned before diagnosis, staged at it, and scanned again today."""
    return Timeline(
        structure=structure,
        fixed={},
        now_months=6.0,
        findings=(
            SiteFinding("early CT: chest wall negative", -1.5, "chest_wall", "CT", False),
            SiteFinding("CT: liver negative", 2.5, "liver", "CT", False),
            SiteFinding("CT: chest wall positive", 6.0, "chest_wall", "CT", True),
        ),
        stage=StageFinding("T2 N0 M0", 0.0, "clinical", (("T2", "N0", "M0"),), frozenset(), False),
        symptoms=(SymptomFinding("pain present", "pain", True),),
        responses=(),
        assumptions=(),
    )
