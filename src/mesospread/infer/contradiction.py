"""Say which findings do not fit, when nothing in the model explains them all."""

from __future__ import annotations

from mesospread.errors import ContradictionError
from mesospread.infer.posterior import Posterior


def contradiction(posterior: Posterior, now_months: float) -> ContradictionError:
    """Return the error that names the findings which the others make least likely.

    Parameters
    ----------
    posterior
        Of a run that too few histories came through.
    now_months
        Today, since diagnosis.
    """
    blamed = _blamed(posterior)
    return ContradictionError(
        f"the findings do not fit together in this model: of {posterior.tally.paths:,} simulated "
        f"patients too few explain them all",
        given="; ".join(blamed.values()) or f"alive {now_months:.0f} months after diagnosis",
        remedy="Check these facts and their dates. If they are right, the model cannot speak "
        "about this patient",
        reason="do_not_fit",
        values={
            "paths": posterior.tally.paths,
            "facts": list(blamed),
            "months": round(now_months),
        },
    )


def _blamed(posterior: Posterior) -> dict[str, str]:
    """Return the findings without which the rest would fit best, or all of them, in words."""
    chance = posterior.surprise()
    rest = posterior.fit_without()
    ranked = sorted(chance, key=lambda label: (chance[label], -rest[label]))
    to_blame = [label for label in ranked if rest[label] > 0]
    if not to_blame:
        return {label: label for label in posterior.labels}
    return {
        label: f"{label} (chance given the rest: {_small(chance[label])})" for label in to_blame[:3]
    }


def _small(chance: float) -> str:
    return "less than 1 in 100,000" if chance < 1e-5 else f"{100 * chance:.2g} %"
