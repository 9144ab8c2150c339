"""Published ways to tell who with pleural mesothelioma dies earlier, for a table of patients.

Only those are worked out whose definition could be checked and whose facts a table can hold;
of the others it is said what they need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mesospread.patient import Patient
from mesospread.staging import stage_group

#: white cells, 10^9 per litre, from which on they count as many
_MANY_WHITE_CELLS = 8.3
_STAGES = ("IA", "IB", "II", "IIIA", "IIIB", "IV")
_WHOLE_STAGES = {"I": 0.5, "III": 3.5}
_CELL_TYPES = ("epithelioid", "biphasic", "sarcomatoid")


@dataclass(frozen=True)
class PublishedScore:
    """One published score.

    Attributes
    ----------
    name, source
        What it is called, and where it is published.
    needs
        The facts it needs, in words.
    note
        How it is worked out here.
    of
        Gives the score of a patient with blood values, higher for those who die earlier; None
        if a fact is missing. None in place of the function: a table cannot hold the facts, or
        the definition could not be checked.
    """

    name: str
    source: str
    needs: str
    note: str
    of: Callable[[Patient, Mapping[str, float]], float | None] | None


def _cell_type(patient: Patient, blood: Mapping[str, float]) -> float | None:
    if patient.histology is None:
        return None
    return float(_CELL_TYPES.index(patient.histology))


def _stage(patient: Patient, blood: Mapping[str, float]) -> float | None:
    """Return the place of the stage group in their order."""
    group = _group(patient)
    if group is None:
        return None
    if group in _WHOLE_STAGES:
        return _WHOLE_STAGES[group]
    return float(_STAGES.index(group)) if group in _STAGES else None


def _group(patient: Patient) -> str | None:
    stage = patient.stage
    if patient.primary != "pleural" or stage is None:
        return None
    if stage.group is not None:
        return stage.group
    if stage.edition is None or not (stage.t_stated and stage.n and stage.m):
        return None
    found: Any = stage_group(
        stage.t_stated, stage.n, stage.m, stage.edition, primary=patient.primary
    )
    return str(found.stage) if found.stage else None


def _eortc(patient: Patient, blood: Mapping[str, float]) -> float | None:
    """Return how many of four unfavourable signs there are."""
    white_cells = blood.get("white_cells")
    fitness, cell_type, sex = patient.performance_status, patient.histology, patient.sex
    if white_cells is None or fitness is None or cell_type is None or sex is None:
        return None
    signs = (
        fitness >= 1,
        white_cells >= _MANY_WHITE_CELLS,
        cell_type == "sarcomatoid",
        sex == "male",
    )
    return float(sum(signs))


PUBLISHED_SCORES = (
    PublishedScore(
        "cell type",
        "National Cancer Database: medians 14.4, 9.5 and 5.3 months",
        "histology",
        "epithelioid before biphasic before sarcomatoid",
        _cell_type,
    ),
    PublishedScore(
        "TNM stage group",
        "IASLC staging project, 8th and 9th edition",
        "stage.t, stage.n, stage.m and stage.edition, or stage.group",
        "IA, IB, II, IIIA, IIIB, IV, as stated",
        _stage,
    ),
    PublishedScore(
        "EORTC",
        "Curran et al. J Clin Oncol 1998;16:145-152, doi 10.1200/JCO.1998.16.1.145",
        "performance_status, histology, sex and white_cells",
        "number of unfavourable signs: performance status 1 or worse, 8.3 x 10^9 white cells per "
        "litre or more, sarcomatoid, male; each counts one, since the weights of the paper could "
        "not be checked; the fifth sign, an uncertain diagnosis, is taken to be absent",
        _eortc,
    ),
    PublishedScore(
        "CALGB groups",
        "Herndon et al. Chest 1998;113:723-731",
        "platelets, lactate dehydrogenase and the rules of its groups, not in the abstract",
        "",
        None,
    ),
    PublishedScore(
        "Brims decision tree",
        "Brims et al. J Thorac Oncol 2016;11:573-582, doi 10.1016/j.jtho.2015.12.108",
        "haemoglobin, albumin and the middle branches of the tree, not in the abstract",
        "",
        None,
    ),
    PublishedScore(
        "LENT",
        "Clive et al. Thorax 2014;69:1098-1104",
        "lactate dehydrogenase of the pleural fluid and the ratio of neutrophils to lymphocytes",
        "",
        None,
    ),
)
