"""What is not known about the effects of drugs is told beside them."""

from __future__ import annotations

import pytest

from mesospread.app import drug_gains
from mesospread.app.drug_gains import HOW_MUCH_LASTS, lasting_notes, trial_notes
from mesospread.app.trial import assumptions
from mesospread.model.load import treatments
from mesospread.model.treatments import find_treatment
from mesospread.report.assumed import assumptions_told
from mesospread.report.view_parts import Words
from mesospread.trials.design import parse_design

LIBRARY = treatments("pleural")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], False),
        (["supportive care", "pleurectomy/decortication"], False),
        (["supportive care", "gemcitabine"], False),
        (["supportive care", "nivolumab"], True),
    ],
)
def test_it_is_told_where_a_drug_is_compared(names: list[str], told: bool) -> None:
    options = [None, *(find_treatment(LIBRARY, name) for name in names)]
    assert bool(lasting_notes(options)) == told


def test_trials_are_counted_whose_gain_the_model_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "statistic": "hazard_ratio", "use": "calibrate", "kind": "treatment effect",
        "result": "hr", "reported": 0.7, "predicted": 0.8,
    }  # fmt: skip
    rows = [
        row, row | {"predicted": 0.6}, row | {"reported": 1.3}, row | {"use": "validate"},
        row | {"result": "hr-epithelioid"}, row | {"statistic": "median_months"},
    ]  # fmt: skip
    monkeypatch.setattr(drug_gains, "shipped_validation", lambda *a, **k: {"results": rows})
    assert drug_gains.trials_with_larger_gains("pleural") == (1, 2)
    assert "Of 2 trials" in trial_notes("pleural")[1]
    monkeypatch.setattr(drug_gains, "shipped_validation", lambda *a, **k: None)
    assert trial_notes("pleural") == [HOW_MUCH_LASTS]


def test_the_shipped_validation_holds_such_trials() -> None:
    larger, trials = drug_gains.trials_with_larger_gains("pleural")
    assert trials >= 8
    assert 0 <= larger <= trials


def test_a_planned_trial_of_drugs_says_it_and_another_does_not() -> None:
    arms = [{"name": "a"}, {"name": "b", "treatments": [{"name": "nivolumab"}]}]
    facts = {
        "format": 1, "trial": "t", "title": "t", "primary": "pleural", "patients": 100,
        "accrual_months": 12.0, "follow_up_months": 12.0, "arms": arms,
    }  # fmt: skip
    assert HOW_MUCH_LASTS in assumptions(parse_design(facts))
    arms[1]["treatments"] = [{"name": "pleurectomy/decortication"}]
    assert HOW_MUCH_LASTS not in assumptions(parse_design(facts))


def test_it_is_told_in_spanish() -> None:
    (told,) = assumptions_told([HOW_MUCH_LASTS], Words("es"))
    assert told.startswith("No se ha medido")
