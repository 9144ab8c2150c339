"""What is known to be missing from the effects of drugs: the part that outlasts them."""

from __future__ import annotations

from collections.abc import Iterable

from mesospread.app.page_validation import shipped_validation
from mesospread.model.library import TreatmentDefinition

#: told beside every comparison that holds a drug
ENDS_WITH_THE_DRUG = (
    "In the model the effect of a drug ends with the drug or the response to it. Trials suggest "
    "that a part of it lasts, so gains may be larger than shown."
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
    drugs = any(option is not None and option.kind == "systemic" for option in options)
    return [ENDS_WITH_THE_DRUG] if drugs else []


def trial_notes(primary: str) -> list[str]:
    """Return the same for a planned trial, with the trials that show it."""
    larger, trials = trials_with_larger_gains(primary)
    if not trials:
        return [ENDS_WITH_THE_DRUG]
    return [
        ENDS_WITH_THE_DRUG,
        f"Of {trials} trials of drugs that lengthened life, which the model was fitted to, "
        f"{larger} reported a larger gain than it says.",
    ]
