"""What can be chosen in a form about one patient: sites, tests, treatments, symptoms, stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from mesospread.anatomy import normalised, primaries, primary
from mesospread.guide.topics import load_guide
from mesospread.model.load import observation, treatments
from mesospread.patient import HISTOLOGIES, MODALITIES, RESPONSES
from mesospread.staging import (
    Edition,
    earlier_editions,
    edition_table,
    editions,
    forecast_reading,
)

__all__ = ["Choice", "Choices", "choices_for", "primary_choices"]


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen.

    Attributes
    ----------
    value
        As a patient file writes it.
    plain, clinical
        In plain and in clinical words.
    group
        Under which heading it stands; empty if there is none.
    aliases
        Other words for it that a patient file may hold.
    only_in_studies
        Of a treatment: whether people get it for this illness in studies only.
    """

    value: str
    plain: str
    clinical: str
    group: str = ""
    aliases: tuple[str, ...] = ()
    only_in_studies: bool = False

    def is_called(self, name: str) -> bool:
        """Whether a patient file may mean this one by a name."""
        return normalised(name) in map(normalised, (self.value, self.plain, *self.aliases))


@dataclass(frozen=True)
class StagingSystem:
    """A staging system and, for an earlier one, what its stages meant.

    Attributes
    ----------
    value, name
        As a patient file writes it, and for people.
    stages
        Of an earlier system: each stage, what it meant, and how a forecast reads it.
    note, source
        Of an earlier system: what to know, and where its rules were read.
    """

    value: str
    name: str
    stages: tuple[tuple[str, str, str], ...] = ()
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Choices:
    """All that a form about one primary offers.

    Attributes
    ----------
    primary
        The primary itself.
    paired
        Whether it has a left and a right side.
    sex
        Sex of all who can have it; None if both can.
    histologies, modalities, responses
        Words of a patient file.
    sites
        Sites that a test may show, near ones first (group ``near`` or ``far``).
    treatments
        By kind: ``systemic``, ``local``, ``surgery``, ``supportive``.
    symptoms
        Symptoms that the model knows.
    editions
        Staging editions, oldest first.
    staging
        All staging systems that can be read, those in use first, the newest before the others.
    t, n, m
        Categories of the newest edition and what they mean.
    earlier_categories
        ``t`` and ``n`` to the categories that only an earlier edition has.
    groups
        Stage groups of all editions, and the numbers without a letter.
    has_index
        Whether the peritoneal cancer index applies.
    """

    primary: Choice
    paired: bool
    sex: str | None
    histologies: tuple[str, ...]
    modalities: tuple[str, ...]
    responses: tuple[str, ...]
    sites: tuple[Choice, ...]
    treatments: tuple[Choice, ...]
    symptoms: tuple[Choice, ...]
    editions: tuple[str, ...]
    staging: tuple[StagingSystem, ...]
    t: tuple[Choice, ...]
    n: tuple[Choice, ...]
    m: tuple[Choice, ...]
    earlier_categories: Mapping[str, tuple[Choice, ...]]
    groups: tuple[str, ...]
    has_index: bool


def primary_choices() -> tuple[Choice, ...]:
    """Return the four linings where mesothelioma starts."""
    return tuple(Choice(one.name, one.label, one.clinical_label) for one in primaries())


@cache
def choices_for(name: str) -> Choices:
    """Return all that a form about a primary offers.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    one = primary(name)
    table = edition_table(name)
    sites = [
        Choice(s.name, s.label, s.clinical_label, "far" if s.relation == "distant" else "near")
        for s in one.sites
    ]
    return Choices(
        primary=Choice(name, one.label, one.clinical_label),
        paired=one.paired,
        sex=one.sex,
        histologies=tuple(HISTOLOGIES.words),
        modalities=tuple(MODALITIES.words),
        responses=tuple(RESPONSES.words),
        sites=tuple(sorted(sites, key=lambda choice: choice.group == "far")),
        treatments=tuple(
            Choice(t.name, t.name, t.name, t.kind, t.aliases, t.name in _only_in_studies())
            for t in treatments(name).treatment
        ),
        symptoms=tuple(
            Choice(s.name, s.label, s.name, aliases=s.aliases) for s in observation(name).symptom
        ),
        editions=editions(name),
        staging=_systems(name),
        t=tuple(Choice(key, f"{key}: {means}", key) for key, means in table.t.items()),
        n=tuple(Choice(key, f"{key}: {means}", key) for key, means in table.n.items()),
        m=tuple(Choice(key, f"{key}: {means}", key) for key, means in table.m.items()),
        earlier_categories=MappingProxyType({axis: _only_earlier(name, axis) for axis in "tnm"}),
        groups=_groups(name),
        has_index=name == "peritoneal",
    )


@cache
def _only_in_studies() -> frozenset[str]:
    topics = load_guide().topics.values()
    return frozenset(name for one in topics if one.only_in_studies for name in one.treatments)


def _earlier(name: str) -> tuple[Edition, ...]:
    return tuple(edition_table(name, edition) for edition in earlier_editions(name))


def _systems(name: str) -> tuple[StagingSystem, ...]:
    in_use = [edition_table(name, edition) for edition in reversed(editions(name))]
    nothing = (None, None, None)
    return (
        *(StagingSystem(table.edition, table.name) for table in in_use),
        *(
            StagingSystem(
                table.edition,
                table.name,
                tuple(
                    (group, means, forecast_reading(nothing, group, table.edition, primary=name))
                    for group, means in table.means.items()
                ),
                table.note,
                table.source,
            )
            for table in _earlier(name)
        ),
    )


def _only_earlier(name: str, axis: str) -> tuple[Choice, ...]:
    """Return the categories of one axis that the newest edition does not have."""
    newest = getattr(edition_table(name), axis)
    return tuple(
        Choice(key, f"{key} ({table.name}): {means}", f"{key} ({table.name})")
        for table in _earlier(name)
        for key, means in getattr(table, axis).items()
        if key not in newest
    )


def _groups(name: str) -> tuple[str, ...]:
    """Return the stage groups of all editions: each number before its letters, then words."""
    found: dict[str, None] = {}
    tables = [edition_table(name, edition) for edition in editions(name)]
    for group in (g for table in (*tables, *_earlier(name)) for g in table.groups):
        if group[:1] == "I" and group[-1] in "ABC":
            found.setdefault(group.rstrip("ABC"))
        found.setdefault(group)
    numbers = sorted(group for group in found if group[:1] == "I")
    return (*numbers, *(group for group in found if group not in numbers))
