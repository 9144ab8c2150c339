"""Made-up parts of a validation and a check of forecasts, for tests of how they are shown."""

from __future__ import annotations

from typing import Any


def interval(k: int) -> dict[str, Any]:
    alive = 0.8**k
    return {
        "from_months": 3.0 * (k - 1), "to_months": 3.0 * k, "at_risk": 50 - 5 * k, "deaths": 5,
        "left": 0, "deaths_predicted": 4.2, "deaths_low": 1.0, "deaths_high": 9.0,
        "inside": k != 2, "alive": alive, "alive_low": alive - 0.1, "alive_high": alive + 0.05,
        "predicted": alive, "predicted_low": alive / 2, "predicted_high": min(1.0, alive * 1.2),
        "model_low": alive - 0.02, "model_high": alive + 0.02,
    }  # fmt: skip


def made_curve() -> dict[str, Any]:
    return {
        "study": "somewhere", "result": "r", "title": "t", "subject": "s",
        "histology": ["biphasic"], "patients": 45, "deaths": 20, "p_value": 0.001, "inside": 3,
        "intervals": [interval(k) for k in range(1, 5)], "assumed": "", "citation": "c",
        "doi": "", "read_in": "abstract",
    }  # fmt: skip


def measured(estimate: float | None, spread: float = 0.1) -> dict[str, Any]:
    if estimate is None:
        return {"estimate": None, "low": None, "high": None}
    return {"estimate": estimate, "low": estimate - spread, "high": estimate + spread}


def made_check() -> dict[str, Any]:
    fifths = [
        {
            "patients": 12, "died": 5, "predicted": 0.1 + 0.2 * k,
            "observed": measured(0.15 + 0.15 * k),
        }
        for k in range(5)
    ]  # fmt: skip
    at = {
        "months": 12.0, "followed": 30, "predicted": 0.5, "observed": measured(0.6),
        "slope": measured(0.9, 0.3), "shift": measured(-0.4, 0.6), "brier": measured(0.2, 0.02),
        "brier_null": 0.24, "fifths": fifths,
    }  # fmt: skip
    score = {
        "name": "EORTC", "source": "Curran", "needs": "much", "note": "n", "patients": 60,
        "concordance": measured(0.6), "model": measured(0.62), "difference": measured(0.02),
        "why_not": "",
    }  # fmt: skip
    nothing = {
        "name": "LENT", "concordance": None, "model": None, "difference": None, "patients": 0,
        "why_not": "does not apply, needs more", "source": "", "needs": "", "note": "",
    }  # fmt: skip
    return {
        "source": "ours.csv", "software": "mesospread 0", "posterior": None,
        "primaries": ["pleural"], "seed": 1, "precision": "quick", "life_table": "uk",
        "patients": 60, "died": 40, "unknown_outcome": 2,
        "refused": [{"id": "<P7>", "reason": "they contradict"}], "later_facts": 3,
        "median_follow_up_months": None, "horizon_months": 24.0, "harrell": measured(0.61),
        "uno": measured(0.6), "deaths_expected": 38.0, "deaths_ratio": measured(1.05),
        "brier": measured(0.19, 0.02), "brier_null": 0.2, "skill": measured(0.05), "at": [at],
        "by_histology": [], "scores": [score, nothing], "interval_is": "bootstrap.",
    }  # fmt: skip
