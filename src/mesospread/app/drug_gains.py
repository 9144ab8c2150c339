"""What is not known about the effects of drugs: how much of them outlasts the drug."""

from __future__ import annotations

from collections.abc import Iterable

from mesospread.app.page_validation import shipped_validation
from mesospread.model.library import TreatmentDefinition

#: told beside every comparison that holds a drug
HOW_MUCH_LASTS = (
    "How much of the effect of a drug on survival lasts after the last dose was not measured. "
    "The model takes a wide range for it."
)


def trials_with_larger_gains(primary: str) -> tuple[int, int]:
    """Return how many trials reported a larger gain in survival than the model says.

    Returns
    -------
    larger, trials
        Of the trials whose hazard ratio of death, in all patients, was below 1 and was fitted.
    """
    found = shipped_validation(primary, prognosis=True)
    rows = [
        row
        for row in (found or {}).get("results", [])
        if row["statistic"] == "hazard_ratio"
        and row["use"] == "calibrate"
        and row["kind"] == "treatment effect"
        and row["result"] == "hr"
        and row["reported"] < 1.0
    ]
    return sum(row["reported"] < row["predicted"] for row in rows), len(rows)


def lasting_notes(options: Iterable[TreatmentDefinition | None]) -> list[str]:
    """Return what a comparison of options has to say about drugs."""
    return [HOW_MUCH_LASTS] if any(map(_outlasts, options)) else []


def _outlasts(option: TreatmentDefinition | None) -> bool:
    """Return whether a drug acts on death after its last dose."""
    return (
        option is not None
        and option.kind == "systemic"
        and any("mortality" in e.on and e.while_ == "after_start" for e in option.effects)
    )


def trial_notes(primary: str) -> list[str]:
    """Return the same for a planned trial, with the trials that show it."""
    larger, trials = trials_with_larger_gains(primary)
    if not trials:
        return [HOW_MUCH_LASTS]
    return [
        HOW_MUCH_LASTS,
        f"Of {trials} trials of drugs that lengthened life, which the model was fitted to, "
        f"{larger} reported a larger gain than it says.",
    ]
