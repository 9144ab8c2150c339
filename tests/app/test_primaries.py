"""Every command works for every primary, and says how little is known where little is."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from mesospread.anatomy import primaries
from mesospread.app.compare import compare
from mesospread.app.forecast import forecast
from mesospread.app.text import CompareText, ForecastText
from mesospread.cli.main import app
from mesospread.errors import MesospreadError
from mesospread.infer.solve import Effort
from mesospread.model.calibrated import shipped_posterior
from mesospread.model.load import disease, observation, treatments

LITTLE = Effort(
    draws=30, core_paths=64, leaf_paths=500, standard_error=0.05, too_few=50.0, max_rounds=6
)
PRIMARIES = [p.name for p in primaries()]
SURGERY = {
    "pleural": "pleurectomy/decortication",
    "peritoneal": "cytoreduction + HIPEC",
    "pericardial": "pericardiectomy",
    "testicular": "orchiectomy",
}
each_primary = pytest.mark.parametrize("primary", PRIMARIES)


def patient(primary: str, **facts: Any) -> dict[str, Any]:
    return {
        "primary": primary,
        "diagnosed": "2026-08-03",
        "as_of": "2026-09-01",
        "scans": [{"date": "2026-08-10", "modality": "CT", "negative": ["liver", "kidney"]}],
        "symptoms": [{"name": "fatigue", "present": True}],
        **facts,
    }


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def printed(answer: Any) -> str:
    """Return what the terminal shows, without its frames, as one line."""
    shown = io.StringIO()
    Console(width=110, file=shown).print(answer)
    return " ".join(shown.getvalue().replace("│", " ").split())


@each_primary
def test_forecast(primary: str) -> None:
    answer = forecast(patient(primary), effort=LITTLE)
    assert {s.site for s in answer.sites} == set(disease(primary).of_role("site"))
    assert {s.site for s in answer.sites if s.distant} == set(observation(primary).distant_sites)
    assert answer.model["evidence"] == disease(primary).definition.note
    assert len(answer.sources) > 40
    assert [s.symptom for s in answer.symptoms] == ["tiredness"]
    assert answer.survival is None
    text = printed(ForecastText(answer))
    assert f"{primary} mesothelioma" in text
    fitted = shipped_posterior(primary) is not None
    said = "calibrated on published figures" if fitted else "not yet calibrated"
    assert said in " ".join(text.lower().replace("│", " ").split())


@each_primary
def test_compare(primary: str) -> None:
    answer = compare(patient(primary), ["none", SURGERY[primary], "nivolumab + ipilimumab"],
                     effort=LITTLE)  # fmt: skip
    assert [o.treatment for o in answer.options] == [
        "none", SURGERY[primary], "nivolumab + ipilimumab",
    ]  # fmt: skip
    grades = {e.grade for e in answer.evidence if e.treatment == "nivolumab + ipilimumab"}
    assert ("randomised" in grades) == (primary == "pleural")
    assert ("borrowed" in grades) == (primary != "pleural")
    assert disease(primary).definition.note[:30] in printed(CompareText(answer))


@each_primary
def test_simulate(primary: str, tmp_path: Path) -> None:
    out = run(
        "simulate", "--primary", primary, "--n", "300", "--seed", "7", "--out", str(tmp_path / "a"),
        "--treatment", SURGERY[primary], "--prognosis", "--workers", "1",
    )  # fmt: skip
    assert disease(primary).title in out
    assert "Survival from diagnosis" in out
    assert json.loads((tmp_path / "a" / "run.json").read_text())


STAGES = {
    "pleural": (["--t", "T3", "--n", "N1", "--m", "M0"], "IIIA"),
    "peritoneal": (["--pci", "14", "--n", "N0", "--m", "M0"], "II"),
    "pericardial": (["--t", "through wall", "--n", "N0", "--m", "M0"], "regional"),
    "testicular": (["--t", "confined", "--n", "N0", "--m", "M0"], "localized"),
}


@each_primary
def test_stage(primary: str) -> None:
    options, expected = STAGES[primary]
    answer = json.loads(run("stage", "--primary", primary, *options, "--json"))
    assert answer["stage"] == expected
    assert expected in answer["rule"]


@each_primary
def test_evidence(primary: str) -> None:
    answer = json.loads(run("evidence", "liver", "--primary", primary, "--json"))
    assert {p["part"] for p in answer["parameters"]} == {"disease", "observation"}
    assert len(json.loads(run("evidence", "--primary", primary, "--json"))["parameters"]) > 150


@each_primary
def test_every_treatment_can_be_given_to_a_patient(primary: str) -> None:
    for treatment in treatments(primary).treatment:
        facts = patient(
            primary,
            treatments=[{"name": treatment.name, "start": "2026-08-05", "end": "2026-08-20"}],
        )
        answer = forecast(
            facts,
            effort=Effort(draws=4, core_paths=200, leaf_paths=200, standard_error=1.0, too_few=5.0),
        )
        assert not any("does not know" in line for line in answer.assumptions), treatment.name


# --- what belongs to one primary ----------------------------------------------------


def test_the_index_at_operation_moves_the_extent() -> None:
    shares = {}
    for pci in (4, 14, 35):
        stage = {"pci": pci, "n": "N0", "m": "M0", "basis": "pathological"}
        answer = forecast(patient("peritoneal", stage=stage), effort=LITTLE)
        shares[pci] = answer.stage["now"]["t"]
        assert answer.stage["stated"]["t"] == {4: "T1", 14: "T2", 35: "T4"}[pci]
    assert shares[4]["T1"] > 0.5
    assert shares[14]["T2"] > 0.5
    assert shares[35]["T4"] > 0.7


@pytest.mark.parametrize("primary", ["pericardial", "testicular"])
def test_summary_stage_moves_the_extent(primary: str) -> None:
    shares = {
        group: forecast(patient(primary, stage={"group": group}), effort=LITTLE).stage["now"]["t"]
        for group in ("localized", "distant")
    }
    assert shares["localized"]["confined"] > 0.5 > shares["distant"]["confined"]


@pytest.mark.parametrize(
    ("primary", "symptom", "cause"),
    [
        ("peritoneal", "new hernia", "extent"),
        ("peritoneal", "constipation", "intestine"),
        ("pericardial", "swollen ankles", "extent"),
        ("pericardial", "palpitations", "heart"),
        ("testicular", "hydrocele", "extent"),
        ("testicular", "groin pain", "inguinal_nodes"),
    ],
)
def test_symptoms_of_their_own(primary: str, symptom: str, cause: str) -> None:
    facts = patient(primary, symptoms=[{"name": symptom, "present": True}])
    (found,) = forecast(facts, effort=LITTLE).symptoms
    assert cause in {c.cause for c in found.causes}


def test_nobody_is_told_that_the_sex_of_men_is_unknown() -> None:
    (unknown,) = (
        line
        for line in forecast(patient("testicular"), effort=LITTLE).assumptions
        if line.startswith("Not known")
    )
    assert "sex" not in unknown
    assert "histology" in unknown


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"primary": "peritoneal", "stage": {"pci": 45}}, "0 to 39"),
        ({"primary": "peritoneal", "stage": {"n": "N2"}}, "N0 and N1 only"),
        ({"primary": "pericardial", "stage": {"t": "T3"}}, "no TNM exists"),
        ({"primary": "testicular", "sex": "female"}, "male body"),
        ({"primary": "testicular", "scans": [{"date": "2026-08-10", "modality": "CT",
                                              "positive": ["regional nodes"]}]}, "inguinal_nodes"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(facts: dict[str, Any], words: str) -> None:
    with pytest.raises(MesospreadError, match=words):
        forecast(facts, effort=LITTLE)
