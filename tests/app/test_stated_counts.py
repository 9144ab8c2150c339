"""How many figures were fitted, kept back and met is written in prose: it must stay true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesospread.app.page_validation import shipped_validation

ROOT = Path(__file__).parents[2]
TEXT = "src/mesospread/report/forecast_text.py"
CARD = "src/mesospread/app/data/model_card.toml"


def results(primary: str, use: str) -> list[Any]:
    found = shipped_validation(primary, prognosis=True)
    assert found is not None
    return [row for row in found["results"] if row["use"] == use]


def counted(primary: str) -> dict[str, int]:
    fitted, kept = results(primary, "calibrate"), results(primary, "validate")
    touched = {row["study"] for row in fitted}
    new = [row for row in kept if row["study"] not in touched]
    medians = [
        row["reported"] / row["predicted"]
        for row in kept
        if row["kind"] == "survival" and row["statistic"] == "median_months"
    ]
    return {
        "medians": len(medians),
        "longer": sum(ratio > 1.2 for ratio in medians),
        "shorter": sum(ratio < 0.8 for ratio in medians),
        "figures": len(fitted) + len(kept),
        "studies": len({row["study"] for row in (*fitted, *kept)}),
        "fitted": len(fitted),
        "fitted_studies": len(touched),
        "fitted_inside": sum(row["inside"] for row in fitted),
        "kept": len(kept),
        "kept_studies": len({row["study"] for row in kept}),
        "inside": sum(row["inside"] for row in kept),
        "new": len(new),
        "new_studies": len({row["study"] for row in new}),
        "new_inside": sum(row["inside"] for row in new),
    }


EN, ES = (f"src/mesospread/report/data/strings.{lang}.toml" for lang in ("en", "es"))
STATED = [
    (EN, "pleural", "against {medians} groups of people in studies. In {longer} groups"),
    (EN, "pleural", "In {shorter} groups it was shorter by more than a fifth"),
    (EN, "pleural", "Of {medians} medians of pleural cohorts that were not fitted, {longer} are"),
    (EN, "pleural", "and {shorter} more than 20 % shorter than predicted"),
    (ES, "pleural", "con {medians} grupos de personas de estudios. En {longer} grupos"),
    (ES, "pleural", "En {shorter} grupos fue más corto en más de una quinta parte"),
    (ES, "pleural", "De {medians} medianas de cohortes pleurales no usadas en el ajuste, {longer}"),
    (ES, "pleural", "y {shorter} más de un 20 % menores"),
    (TEXT, "pleural", "Of {medians} groups of pleural patients in studies"),
    (TEXT, "pleural", "than it says in {longer}, and more than a fifth less long in {shorter}"),
    ("README.md", "pleural", "fitted to {fitted} published figures"),
    ("README.md", "pleural", "compared with {kept} that were kept back"),
    ("README.md", "pleural", "all {figures} figures"),
    ("CHANGELOG.md", "pleural", "then fitted to {fitted} of their figures"),
    ("CHANGELOG.md", "pleural", "`mesospread validate`: {figures} figures of {studies} studies"),
    ("docs/tripod-ai.md", "pleural", "{fitted} figures of {fitted_studies} studies (pleural)"),
    ("docs/tripod-ai.md", "peritoneal", "{fitted} of {fitted_studies} (peritoneal)"),
    ("docs/intended-use.md", "pleural", "of {kept} published figures"),
    ("docs/intended-use.md", "pleural", "{inside} lie inside its 95 %"),
    (CARD, "pleural", "then fitted to {fitted} published figures"),
    (CARD, "pleural", "{inside} of {kept} lie inside its 95 % predictive interval"),
    (CARD, "pleural", "{new_inside} of {new} of studies of which nothing was fitted"),
    (CARD, "peritoneal", "fitted to {fitted} figures of their own"),
    (CARD, "peritoneal", "{inside} of {kept} lie inside"),
    ("docs/calibration.md", "pleural", "Then {fitted} figures of {fitted_studies} studies"),
    ("docs/calibration.md", "pleural", "**{inside} of the {kept} figures that were kept back lie"),
    ("docs/calibration.md", "pleural", "Of the {new_studies} studies of which nothing at all was"),
    ("docs/calibration.md", "pleural", "was fitted {new_inside} of {new} figures lie inside"),
    ("docs/calibration.md", "pleural", "fitted figures {fitted_inside} of {fitted} lie inside"),
    ("docs/calibration.md", "peritoneal", "to {fitted} figures of {fitted_studies} studies"),
    ("docs/calibration.md", "peritoneal", "{kept} figures of {kept_studies} studies are"),
    ("docs/calibration.md", "peritoneal", "| {fitted_inside} of {fitted} |"),
    ("docs/calibration.md", "peritoneal", "**{inside} of {kept}:"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "primary", "words"), STATED)
def test_what_is_said_is_what_was_counted(page, primary, words):
    text = " ".join(
        (ROOT / page).read_text("utf-8").replace("\\\n", "").replace('"\n    "', "").split()
    )
    assert words.format(**counted(primary)) in text
