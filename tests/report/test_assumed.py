"""What had to be assumed, told in the language of the reader."""

from __future__ import annotations

from typing import Any

import pytest

from mesospread.infer.timeline import build_timeline
from mesospread.model.load import disease, observation, treatments
from mesospread.patient import parse_patient
from mesospread.report.assumed import assumptions_told
from mesospread.report.view_parts import Words

SPANISH = Words("es")


def assumed(**facts: Any) -> tuple[str, ...]:
    """Return the sentences that the program itself makes of a patient."""
    patient = parse_patient({"primary": "pleural", **facts})
    model = disease("pleural"), treatments("pleural"), observation("pleural")
    return (*build_timeline(patient, *model).assumptions, *patient.assumed_days())


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "como si el diagnóstico fuera de hoy"),
        ({}, "No se sabe: tipo de célula"),
        ({"stage": {"group": "II", "edition": "9", "date": "2026-03-09"}}, "9 de marzo de 2026"),
        (
            {"treatments": [{"name": "zzzzzz", "start": "2026-01-01"}]},
            "no conoce el tratamiento «zzzzzz»",
        ),
        (
            {
                "diagnosed": "2026-03-01",
                "as_of": "2026-04-01",
                "treatments": [{"name": "pemetrexed + cisplatin", "start": "2026-01-01"}],
            },
            "pemetrexed + cisplatino: empezó antes",
        ),
        (
            {"diagnosed": "2026-03-01", "scans": [{"modality": "bone scan"}]},
            "(gammagrafía ósea): se cuenta como hecha el 1 de marzo de 2026",
        ),
        (
            {"diagnosed": "2026-03-01", "treatments": [{"name": "pemetrexed + cisplatin"}]},
            "(pemetrexed + cisplatino): se cuenta como empezado el 1 de marzo de 2026",
        ),
    ],
)
def test_every_form_of_the_program_is_told_in_spanish(facts: dict[str, Any], told: str) -> None:
    sentences = assumed(**facts)
    spanish = assumptions_told(sentences, SPANISH)
    assert any(told in sentence for sentence in spanish)
    # none is left as it was
    assert not set(sentences) & set(spanish)


def test_in_english_they_stay_as_they_are() -> None:
    assert assumptions_told(assumed(), Words("en")) == assumed()


def test_what_is_not_known_stays_as_it_is() -> None:
    assert assumptions_told(("Something new.",), SPANISH) == ("Something new.",)
