"""The main harms of treatments, with how often they were counted."""

from __future__ import annotations

from collections.abc import Sequence

from mesospread.anatomy import primaries
from mesospread.evidence.published import load_published
from mesospread.infer.result import Band, HarmEvidence
from mesospread.model.library import TreatmentDefinition
from mesospread.model.load import treatments
from mesospread.simulate.summary import wilson


def harms_of(option: TreatmentDefinition, *, deaths: bool) -> list[HarmEvidence]:
    """Return the main harms of a treatment.

    Parameters
    ----------
    option
        The treatment.
    deaths
        Whether to tell how many died of it; only if survival was asked for.
    """
    return [
        HarmEvidence(
            treatment=option.name,
            harm=harm.text,
            share=harm.share() if told else None,
            share_band=_counted(harm.source) if told else None,
            share_without=harm.share_without() if told else None,
            share_without_band=_counted(harm.without) if told else None,
            death=harm.death,
            sources=[name for name in (harm.source, harm.without) if name] if told else [],
        )
        for harm in option.harms
        for told in [deaths or not harm.death]
    ]


def _counted(source: str) -> Band | None:
    """Return a counted share with its interval; None if nobody tells of how many people."""
    value = load_published()[source] if source else None
    if value is None or value.statistic != "proportion" or value.value is None:
        return None
    if value.ci_low is not None and value.ci_high is not None:
        low, high = value.ci_low, value.ci_high
    elif value.n is not None:
        events = value.value * value.n if value.events is None else value.events
        low, high = wilson(round(events), round(value.n))
    else:
        return None
    share = value.value
    return Band(estimate=share, low=max(min(low, share), 0.0), high=min(max(high, share), 1.0))


def harms_by_name(names: Sequence[str], *, deaths: bool) -> list[HarmEvidence]:
    """Return the main harms of treatments by name, whatever the primary.

    Parameters
    ----------
    names
        Names in the libraries of treatments, in the order wanted.
    deaths
        As in `harms_of`.
    """
    if not names:
        return []
    found: dict[str, list[HarmEvidence]] = {name: [] for name in names}
    for primary in primaries():
        for option in treatments(primary.name).treatment:
            rows = found.get(option.name)
            if rows is not None:
                known = {row.harm for row in rows}
                rows += [r for r in harms_of(option, deaths=deaths) if r.harm not in known]
    return [row for rows in found.values() for row in rows]
