"""A small made-up disease with two leaves and one site that drives another, as data.

2,048 joint states: the exact lattice can do it. Liver and bone are leaves; the chest wall
is not, since bone is reached from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.infer.small import LADDER
from tests.support.graphs import structure_of

from mesospread.infer.findings import SiteFinding, StageFinding, SymptomFinding
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.structure import Structure

SITES = ("chest_wall", "liver", "bone")
SHOWS = ["detectable", "symptomatic"]

DISEASE: dict[str, Any] = {
    "process": [
        {"name": "extent", "role": "extent", "levels": ["T1", "T2"]},
        {"name": "nodes", "role": "nodes", "levels": ["N0", "N1"]},
        {"name": "bloodstream", "role": "bloodstream", "levels": ["closed", "open"]},
        *({"name": site, "role": "site", "levels": LADDER} for site in SITES),
        {"name": "diagnosis", "role": "diagnosis", "levels": ["undiagnosed", "diagnosed"]},
        {"name": "death", "role": "death", "levels": ["alive", "dead"], "terminal": True},
    ],
    "route": [
        {"step": "extent.T2", "via": "growth", "rate": 0.1},
        {"step": "nodes.N1", "via": "lymphatic", "rate": 0.06,
         "when": {"extent": {"T1": 0.4, "T2": 1.3}}},
        {"step": "bloodstream.open", "via": "haematogenous", "rate": 0.06,
         "when": {"nodes": {"N0": 0.6, "N1": 1.8}}},
        {"step": "chest_wall.microscopic", "via": "direct", "rate": 0.09,
         "when": {"extent": {"T1": 0.4, "T2": 1.2}}},
        {"step": "liver.microscopic", "via": "haematogenous", "rate": 0.1,
         "when": {"bloodstream": "open"}},
        {"step": "liver.microscopic", "via": "lymphatic", "rate": 0.03, "when": {"nodes": "N1"}},
        {"step": "bone.microscopic", "via": "haematogenous", "rate": 0.05,
         "when": {"bloodstream": "open"}},
        {"step": "bone.microscopic", "via": "direct", "rate": 0.06, "when": {"chest_wall": SHOWS}},
        {"step": [f"{site}.detectable" for site in SITES], "via": "outgrowth", "rate": 0.16},
        {"step": [f"{site}.symptomatic" for site in SITES], "via": "progression", "rate": 0.12},
        {"step": "diagnosis.diagnosed", "via": "detection", "rate": 0.07,
         "when": {"extent": {"T1": 0.7, "T2": 1.5}}},
        {"step": "diagnosis.diagnosed", "via": "detection", "rate": 0.1,
         "when": {"bone": "symptomatic"}},
        {"step": "death.dead", "via": "mortality", "rate": 0.02,
         "when": {"extent": {"T1": 0.4, "T2": 1.4}}},
        {"step": "death.dead", "via": "mortality", "rate": 0.08, "when": {"liver": SHOWS}},
        {"step": "death.dead", "via": "mortality", "rate": 0.05, "when": {"bone": "symptomatic"}},
    ],
}  # fmt: skip

#: found at microscopic, detectable, symptomatic; and by mistake
SEEN: dict[str, dict[str, tuple[tuple[float, float, float], float]]] = {
    "CT": {
        "chest_wall": ((0.1, 0.7, 0.9), 0.06),
        "liver": ((0.05, 0.75, 0.95), 0.03),
        "bone": ((0.02, 0.4, 0.7), 0.04),
    },
    "MRI": {"liver": ((0.3, 0.9, 0.97), 0.08)},
    "PET": {"bone": ((0.15, 0.85, 0.95), 0.1), "chest_wall": ((0.2, 0.8, 0.9), 0.12)},
    "biopsy": {"liver": ((0.2, 0.9, 0.9), 0.0)},
}
SYMPTOMS: list[dict[str, Any]] = [
    {
        "name": "pain",
        "background": 0.1,
        "causes": {
            "extent": {"T2": 0.2},
            "chest_wall": {"detectable": 0.3, "symptomatic": 0.7},
            "bone": {"detectable": 0.2, "symptomatic": 0.9},
        },
    },
    {"name": "jaundice", "background": 0.01, "causes": {"liver": {"symptomatic": 0.4}}},
    {
        "name": "fatigue",
        "background": 0.3,
        "causes": {"liver": {"detectable": 0.3, "symptomatic": 0.6}, "bone": {"symptomatic": 0.3}},
    },
]


def certain_disease() -> Structure:
    """Return the disease."""
    return structure_of(**DISEASE)


def observation(distant: tuple[str, ...] = ("liver", "bone")) -> ObservationModel:
    """Return how it is seen; which sites count as distant is a matter of definition."""
    rows = {"T1": {"T1": 0.8, "T2": 0.2}, "T2": {"T1": 0.3, "T2": 0.7}}
    nodes = {"N0": {"N0": 0.9, "N1": 0.1}, "N1": {"N0": 0.4, "N1": 0.6}}
    return ObservationModel.model_validate(
        {
            "format": 1,
            "modality": [
                {
                    "name": name,
                    "label": name,
                    "sensitivity": {
                        s: dict(zip(LADDER[1:], by, strict=True)) for s, (by, _) in sites.items()
                    },
                    "false_positive": {s: false for s, (_, false) in sites.items()},
                }
                for name, sites in SEEN.items()
            ],
            "staging": [{"basis": "clinical", "t": rows, "n": nodes, "m": "CT"}],
            "symptom": [{"label": s["name"], **s} for s in SYMPTOMS],
            "distant_sites": list(distant),
        }
    )


def library() -> TreatmentLibrary:
    """Return a drug that helps some, and an operation that clears two sites and may kill."""
    clear = {"to": "free", "at_least": "microscopic"}
    slower = {"ratio": 0.3, "grade": "mechanism"}
    drug = {
        "name": "drug",
        "kind": "systemic",
        "start_after_diagnosis_months": 1.0,
        "duration_months": 5.0,
        "response": {"probability": 0.5, "median_duration_months": 6.0},
        "effects": [
            {"on": ["outgrowth", "haematogenous"], "while": "on_treatment", **slower},
            {"on": ["mortality", "growth"], "while": "responding", **slower},
        ],
    }
    operation = {
        "name": "operation",
        "kind": "surgery",
        "start_after_diagnosis_months": 1.0,
        "duration_months": 1.0,
        "actions": [
            {"process": "death", "to": "dead", "probability": 0.1},
            {"process": "chest_wall", "probability": 0.8, **clear},
            {"process": "liver", "probability": 0.6, **clear},
        ],
        "effects": [{"on": ["direct"], "while": "after_start", **slower}],
    }
    return TreatmentLibrary.model_validate({"format": 1, "treatment": [drug, operation]})


def patient(structure: Structure | None = None) -> Timeline:
    """Return somebody with a stage, scans of all sites at several times, and symptoms."""
    return Timeline(
        structure=structure or certain_disease(),
        fixed={},
        now_months=5.0,
        findings=(
            SiteFinding("early CT: liver negative", -1.0, "liver", "CT", False),
            SiteFinding("MRI: liver negative", 2.0, "liver", "MRI", False),
            SiteFinding("CT: chest wall positive", 2.0, "chest_wall", "CT", True),
            SiteFinding("PET: bone positive", 5.0, "bone", "PET", True),
            SiteFinding("CT: nodes negative", 2.0, "regional_nodes", "CT", False),
        ),
        stage=StageFinding("T2 M0", 0.0, "clinical", (("T2", None, "M0"),), frozenset(), False),
        symptoms=(
            SymptomFinding("pain present", "pain", True, 3.0),
            SymptomFinding("jaundice absent", "jaundice", False),
        ),
        responses=(),
        assumptions=(),
    )


def staged(timeline: Timeline, *possible: tuple[str | None, str | None, str | None], **more: Any):
    """Return the patient with another stage."""
    scans, found = more.get("seen", ()), more.get("found", False)
    stage = StageFinding("stage", 0.0, "clinical", possible, frozenset(scans), found)
    return replace(timeline, stage=stage)
