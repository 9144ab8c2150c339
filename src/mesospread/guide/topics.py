"""What the guide says, as data: read from ``data/topics``, checked, and found by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mesospread.anatomy import normalised
from mesospread.errors import InputError, nearest
from mesospread.evidence.published import load_published
from mesospread.reading import checked, read_mapping

Kind = Literal[
    "primary", "stage", "route", "site", "symptom", "red_flag", "scan", "treatment", "factor",
    "question", "living",
]  # fmt: skip

#: kind -> heading, in the order in which topics are listed
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "primary": "Where it starts",
        "stage": "Stages",
        "route": "How it spreads",
        "site": "Places it may reach",
        "symptom": "What people feel",
        "red_flag": "Signs that cannot wait",
        "scan": "Scans and tests",
        "treatment": "Treatments and care",
        "factor": "What makes spread more or less likely",
        "question": "Questions about spread",
        "living": "Living with it",
    }
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RedFlag(_Part):
    """Signs that cannot wait, and what to do.

    Attributes
    ----------
    urgency
        ``emergency``: call for an ambulance; ``today``: call the team the same day.
    signs
        Which signs.
    what_to_do
        What to do now.
    """

    urgency: Literal["emergency", "today"]
    signs: Text
    what_to_do: Text


class Topic(_Part):
    """One topic of the guide.

    Attributes
    ----------
    id
        Short unique name, e.g. ``spinal-cord-compression``.
    kind
        Kind of topic.
    title
        Heading.
    aliases
        Other names, unique in the whole guide.
    asked
        Ways in which people ask about it; for the search only.
    plain
        Text for patients and carers, Flesch–Kincaid grade 8 or lower.
    clinician
        Text for clinicians.
    sources
        Identifiers of published values.
    reading
        Identifiers of guidelines and reports (``data/reading.toml``).
    numbers
        Words; a published value whose subject (of a treatment: or arm) holds one belongs to
        this topic. A primary without words has all counts of spread from it.
    treatments
        Names of treatments in the model whose harms belong to this topic.
    try_it
        Commands that answer with figures of the model.
    see_also
        Identifiers of related topics.
    questions_for_the_team
        What a reader may want to ask.
    red_flag
        Signs that cannot wait, if the topic has them.
    only_in_studies
        Of a treatment: whether people get it for this illness in studies only.
    general
        Whether a more specific topic that is called by its name goes first.
    """

    id: Identifier
    kind: Kind
    title: Text
    aliases: tuple[Text, ...] = ()
    asked: tuple[Text, ...]
    plain: Text
    clinician: Text
    sources: tuple[str, ...] = ()
    reading: tuple[str, ...] = ()
    numbers: tuple[Text, ...] = ()
    treatments: tuple[Text, ...] = ()
    try_it: tuple[Text, ...] = ()
    see_also: tuple[str, ...]
    questions_for_the_team: tuple[Text, ...]
    red_flag: RedFlag | None = None
    only_in_studies: bool = False
    general: bool = False

    @model_validator(mode="after")
    def _figures_have_sources(self) -> Self:
        found = figures(" ".join(self.texts()))
        if found and not (self.sources or self.reading):
            raise ValueError(f"the text of {self.id!r} has figures ({', '.join(found)}), no source")
        return self

    @model_validator(mode="after")
    def _red_flag_says_what_to_do(self) -> Self:
        if self.kind == "red_flag" and self.red_flag is None:
            raise ValueError(f"{self.id!r} is a red flag without what to do")
        return self

    def texts(self) -> list[str]:
        """Return the texts that are shown to readers."""
        flag = self.red_flag
        return [self.plain, self.clinician, *((flag.signs, flag.what_to_do) if flag else ())]

    def names(self) -> tuple[str, ...]:
        """Return everything the topic may be called."""
        return (self.id, self.title, *self.aliases)


class Reading(_Part):
    """A guideline or report behind a text.

    Attributes
    ----------
    id
        Short unique name.
    citation, address
        The source and where it is found.
    read
        What of it was read for the guide.
    figures
        The figures that a text may take from it.
    """

    id: Identifier
    citation: Text
    address: Text
    read: Text
    figures: tuple[str, ...] = ()


class _TopicFile(_Part):
    format: Literal[1]
    topic: tuple[Topic, ...]


class _ReadingFile(_Part):
    format: Literal[1]
    reading: tuple[Reading, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Guide:
    """All topics, by identifier, and the reading behind them."""

    topics: Mapping[str, Topic]
    reading: Mapping[str, Reading]

    def find(self, name: str) -> Topic:
        """Return a topic by its name, title or alias.

        Parameters
        ----------
        name
            What was written, e.g. ``"liver"``, ``"Stage IV"`` or ``"opdivo + yervoy"``.

        Raises
        ------
        InputError
            If no topic is called that, with the nearest names.
        """
        names = _names(self)
        wanted = key(name)
        if wanted in names:
            return self.topics[names[wanted]]
        raise InputError(
            "no topic of this name",
            where="explain",
            given=repr(name),
            remedy=_suggestion(wanted, names),
        )


def key(name: str) -> str:
    """Return a name in the one spelling under which topics are filed."""
    return normalised(name.replace("+", " ").replace("’", "'"))


def _names(guide: Guide) -> dict[str, str]:
    return {key(name): topic.id for topic in guide.topics.values() for name in topic.names()}


def _suggestion(wanted: str, names: Mapping[str, str]) -> str:
    guess = nearest(wanted, names, likeness=0.75)
    alike = [names[guess]] if guess else []
    # a topic called by one of the words, then those whose names hold one
    words = [word for word in wanted.split() if len(word) > 3]
    alike += [names[word] for word in words if word in names]
    alike += sorted(t for name, t in names.items() if set(words) & set(name.split()))
    shown = " or ".join(repr(name) for name in list(dict.fromkeys(alike))[:4])
    hint = f"Did you mean {shown}?" if alike else "Ask in your own words: mesospread ask."
    return f"{hint} All topics: mesospread explain"


#: words with digits that state no fact: categories, names of drugs, genes, trials and phones
_LABELS = re.compile(
    r"""
      \b[cpy]{0,2}[TNM]\d(?:-[TNM]?\d)?\b
    | \bstages?\ (?:from\ )?\d[AB]?(?:(?:,|\ to|\ and|\ or|-)\ ?\d[AB]?)*\b
    | \b\d[AB]\b
    | \b\d(?:st|nd|rd|th)\b | \b\d+-hour\b
    | \b(?:19|20)\d\d\b(?:-\d+)?
    | \b(?:TNM|phase|grade|performance\ status)\ \d\b(?:-\d|\ or\ \d)?
    | \bMARS\ 2\b | \bCheckMate\ 743\b | \bNG234\b | \bCG151\b | \bTA818\b | \bNCT\d+\b
    | \bIND\.227/KEYNOTE-483\b | \bADI-PEG20\b | \bSU5416\b | \bS0[59]0[59]\b | \bMS01\b
    | \bBAP1\b | \bPD-L1\b | \bVEGFR-2\b | \bWT1\b | \bPAX8\b | \bCA-125\b | \bB12\b | \bclaudin-4\b
    | \bCC0-1\b | \bsynthetase\ 1\b
    | \b988\b | \b116\ 123\b | \b911\b | \b999\b | \b112\b | \b111\b | \b1-800-222-1222\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


def figures(text: str) -> list[str]:
    """Return the figures in a text that state a fact, in order; not T3, 9th or CheckMate 743."""
    return _FIGURE.findall(_LABELS.sub(" ", text))


@cache
def load_guide() -> Guide:
    """Return the guide that ships with the package.

    Raises
    ------
    InputError
        If its data is damaged.
    """
    with as_file(files("mesospread.guide") / "data") as folder:
        return read_guide(folder)


def read_guide(folder: Path) -> Guide:
    """Read topics and reading from a folder and check how they refer to each other.

    Parameters
    ----------
    folder
        Holds ``reading.toml`` and ``topics/*.toml``.

    Raises
    ------
    InputError
        For an unknown or missing key, a figure without source, an identifier or a name used
        twice, or a reference to a topic, a source or a reading that does not exist.
    """
    listed = checked(_ReadingFile, read_mapping(folder / "reading.toml"), "reading.toml")
    topics: dict[str, Topic] = {}
    names: dict[str, str] = {}
    for path in sorted((folder / "topics").glob("*.toml")):
        for topic in checked(_TopicFile, read_mapping(path), path.name).topic:
            _file_names(names, topic, path.name)
            topics[topic.id] = topic
    reading = {entry.id: entry for entry in listed.reading}
    for topic in topics.values():
        _all_known("topic", topic, topic.see_also, set(topics) - {topic.id})
        _all_known("published value", topic, topic.sources, load_published())
        _all_known("reading", topic, topic.reading, reading)
    return Guide(MappingProxyType(topics), MappingProxyType(reading))


def _file_names(names: dict[str, str], topic: Topic, source: str) -> None:
    """File a topic under its names, refusing one that is taken."""
    own = {key(topic.id): topic.id, key(topic.title): topic.title}
    for name in [*own.values(), *topic.aliases]:
        filed = key(name)
        if filed in names:
            raise InputError(
                "a name is used twice",
                where=f"{source} › {topic.id}",
                given=repr(name),
                remedy=f"It already belongs to {names[filed]!r}",
            )
        names[filed] = topic.id


def _all_known(kind: str, topic: Topic, given: Iterable[str], known: Iterable[str]) -> None:
    known = set(known)
    for name in given:
        if name not in known:
            guess = nearest(name, known)
            raise InputError(
                f"unknown {kind}",
                where=f"topics › {topic.id}",
                given=repr(name),
                remedy=f"Did you mean {guess!r}?" if guess else "",
            )
