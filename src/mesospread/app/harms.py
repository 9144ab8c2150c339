"""The main harms of treatments, with how often they were counted."""

from __future__ import annotations

from collections.abc import Sequence

from mesospread.anatomy import primaries
from mesospread.infer.result import HarmEvidence
from mesospread.model.library import TreatmentDefinition
from mesospread.model.load import treatments


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
            share_without=harm.share_without() if told else None,
            death=harm.death,
            sources=[name for name in (harm.source, harm.without) if name] if told else [],
        )
        for harm in option.harms
        for told in [deaths or not harm.death]
    ]


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
