"""What can be chosen in a form about one patient: sites, tests, treatments, symptoms, stages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mesospread.anatomy import normalised, primaries, primary
from mesospread.model.load import observation, treatments
from mesospread.patient import HISTOLOGIES, MODALITIES, RESPONSES
from mesospread.staging import edition_table, editions

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
    """

    value: str
    plain: str
    clinical: str
    group: str = ""
    aliases: tuple[str, ...] = ()

    def is_called(self, name: str) -> bool:
        """Whether a patient file may mean this one by a name."""
        return normalised(name) in map(normalised, (self.value, self.plain, *self.aliases))


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
    t, n, m
        Categories of the newest edition and what they mean.
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
    t: tuple[Choice, ...]
    n: tuple[Choice, ...]
    m: tuple[Choice, ...]
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
            Choice(t.name, t.name, t.name, t.kind, t.aliases) for t in treatments(name).treatment
        ),
        symptoms=tuple(
            Choice(s.name, s.label, s.name, aliases=s.aliases) for s in observation(name).symptom
        ),
        editions=editions(name),
        t=tuple(Choice(key, f"{key}: {means}", key) for key, means in table.t.items()),
        n=tuple(Choice(key, f"{key}: {means}", key) for key, means in table.n.items()),
        m=tuple(Choice(key, f"{key}: {means}", key) for key, means in table.m.items()),
        groups=_groups(name),
        has_index=name == "peritoneal",
    )


def _groups(name: str) -> tuple[str, ...]:
    """Return the stage groups of all editions in order, each number before its letters."""
    found: dict[str, None] = {}
    for group in (g for edition in editions(name) for g in edition_table(name, edition).groups):
        if group[:1] == "I" and group[-1] in "ABC":
            found.setdefault(group.rstrip("ABC"))
        found.setdefault(group)
    return tuple(sorted(found)) if name in ("pleural", "peritoneal") else tuple(found)
