"""The numbers of the model that the guide shows: read from the file that ships with them.

``tools/make_guide_numbers.py`` makes the file; see `mesospread.app.guide_making`.
"""

from __future__ import annotations

import json
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from mesospread.anatomy import Site
from mesospread.anatomy import primary as primary_named
from mesospread.report.strings import catalogue

#: estimate and 95 % interval
Triple = tuple[float, float, float]

#: columns of numbers that depend on what was given after diagnosis
_LATER = (
    "12", "24", "death", "any_12", "direct", "lymphatic", "haematogenous", "this_route",
)  # fmt: skip

_WORDS = "mesospread.app"
_REPORT = "mesospread.report"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelCell(_Part):
    """One number of the model: the median over the draws, and their central 95 %."""

    value: float
    low: float
    high: float


class ModelRow(_Part):
    """Numbers side by side.

    Attributes
    ----------
    label
        What they are about.
    cells
        One for each column; None where too few people are left to say.
    kind
        How they came about: ``simulated``; or, straight from the numbers of the model, their
        kind (observed, derived, assumed, fixed; calibrated or not) or the grade of the evidence,
        in the words of the definition.
    """

    label: str
    cells: list[ModelCell | None]
    kind: str


class ModelTable(_Part):
    """A table of numbers with one unit: ``percent``, ``ratio`` or ``months``."""

    title: str
    unit: str
    columns: list[str]
    rows: list[ModelRow]


class ModelPart(_Part):
    """What the model of one primary says about a topic.

    Attributes
    ----------
    primary
        Name of the primary.
    label
        In clinical words.
    posterior
        Fingerprint of the posterior; that of the primary it borrows from if it has none.
    calibrated
        Whether the posterior is its own.
    course
        The treatment that everybody was given after diagnosis.
    little
        Said of a primary of which little is known; else empty.
    plain
        Sentences for patients and those close to them.
    tables
        For clinicians.
    source
        Where the numbers come from, and what was assumed.
    """

    primary: str
    label: str
    posterior: str
    calibrated: bool
    course: str
    little: str
    plain: list[str]
    tables: list[ModelTable]
    source: str


class ModelSays(_Part):
    """What the models of all primaries say about a topic.

    Attributes
    ----------
    software, draws, lives
        How the numbers were made: people simulated under each of many draws of the parameters.
    parts
        One for each primary that has something to say.
    note
        What such numbers are and are not.
    """

    software: str
    draws: int
    lives: int
    parts: list[ModelPart]
    note: str


class PrimaryNumbers(_Part):
    """The numbers of one primary, as they stand in the file.

    Attributes
    ----------
    posterior, calibrated, course
        As in `ModelPart`.
    fingerprint
        Of all numbers and routes of the model.
    grades
        Treatment, kind of route -> grades of the evidence.
    kinds
        About, what -> how a number that stands in the model came about, in the words of the
        definition.
    numbers
        About, what, when -> number.
    """

    posterior: str
    calibrated: bool
    fingerprint: str
    course: str
    grades: dict[str, dict[str, str]]
    kinds: dict[str, dict[str, str]]
    numbers: dict[str, dict[str, dict[str, Triple]]]


class GuideNumbers(_Part):
    """The whole file."""

    format: Annotated[int, Field(ge=1, le=1)]
    software: str
    draws: int
    lives: int
    seed: int
    primaries: dict[str, PrimaryNumbers]


@cache
def guide_numbers() -> GuideNumbers:
    """Return the numbers that ship with the package."""
    text = (files("mesospread.app") / "data" / "guide_numbers.json").read_text("utf-8")
    return GuideNumbers.model_validate(json.loads(text))


class Words:
    """The numbers of one primary, and how they are said in a language.

    Parameters
    ----------
    primary
        Name of the primary.
    lang
        Language; what is not translated stays in English.
    """

    def __init__(self, primary: str, lang: str) -> None:
        self.primary = primary
        self.lang = lang
        self.numbers = guide_numbers().primaries[primary]

    def cell(self, about: str, what: str, when: str) -> Triple | None:
        """Return a number, or None if there is none."""
        return self.numbers.numbers.get(about, {}).get(what, {}).get(when)

    def has(self, about: str) -> bool:
        """Whether there are numbers about something."""
        return about in self.numbers.numbers

    def whats(self, about: str, beginning: str = "") -> list[str]:
        """Return what was counted about something, without the beginning it shares."""
        return [
            what.removeprefix(beginning)
            for what in self.numbers.numbers.get(about, {})
            if what.startswith(beginning)
        ]

    def text(self, key: str, **values: str) -> str:
        """Return a sentence or a word."""
        return catalogue(_WORDS).text(key, self.lang, **values)

    def maybe(self, key: str, otherwise: str) -> str:
        """Return a word if the catalogue has it."""
        return self.text(key) if catalogue(_WORDS).has(key, self.lang) else otherwise

    def kind(self, about: str, what: str) -> str:
        """Return how a number that stands in the model came about."""
        kinds = self.numbers.kinds.get(about, {})
        return kinds.get(what, kinds.get("default", "fixed"))

    def source(self, tables: list[ModelTable]) -> str:
        """Say where the numbers of some tables come from, and what was assumed."""
        columns = {column for table in tables for column in table.columns}
        later = {self.text(f"column.{name}") for name in _LATER}
        course = self.text("say.course", course=self.numbers.course)
        return " ".join([self._made(), *([course] if columns & later else [])])

    def _made(self) -> str:
        shipped = guide_numbers()
        return self.text(
            "say.source_own" if self.numbers.calibrated else "say.source_borrowed",
            software=shipped.software,
            primary=self.primary,
            posterior=self.numbers.posterior,
            draws=str(shipped.draws),
            lives=f"{shipped.lives:,}",
        )

    @property
    def start(self) -> str:
        """How a sentence about this primary begins."""
        return self.text(f"start.{self.primary}")

    @property
    def little(self) -> str:
        """What is said of a primary of which little is known."""
        key = f"about.little.{self.primary}"
        words = catalogue(_REPORT)
        return words.text(key, self.lang) if words.has(key) else ""

    @cached_property
    def _sites(self) -> dict[str, Site]:
        return {site.name: site for site in primary_named(self.primary).sites}

    def site(self, name: str) -> str:
        """Return what a place is called in plain words."""
        words = catalogue(_REPORT)
        if self.lang != "en" and words.has(f"site.{name}", self.lang):
            return words.text(f"site.{name}", self.lang)
        return self._sites[name].label if name in self._sites else name.replace("_", " ")

    def of_100(self, share: float) -> str:
        """Say a share: ``about 8``, ``fewer than 1``, ``more than 99``."""
        if share < 0.01:
            return self.text("number.fewer")
        if share > 0.99:
            return self.text("number.more")
        return self.text("number.about", n=f"{100 * share:.0f}")

    def likely(self, number: Triple) -> str:
        """Say the interval of a share in brackets; nothing where it adds nothing."""
        _, low, high = (f"{100 * x:.0f}" for x in number)
        if low == high:
            return ""
        if low == "0":
            return " " + self.text("number.up_to", high=high)
        return " " + self.text("number.likely", low=low, high=high)

    def row(self, label: str, cells: list[Triple | None], kind: str = "simulated") -> ModelRow:
        """Return a row of a table."""
        return ModelRow(
            label=label,
            cells=[
                None if c is None else ModelCell(value=c[0], low=c[1], high=c[2]) for c in cells
            ],
            kind=kind,
        )

    def table(
        self,
        key: str,
        columns: list[str],
        rows: list[ModelRow],
        unit: str = "percent",
        **names: str,
    ) -> list[ModelTable]:
        """Return a table with the rows that hold a number; none if no row does."""
        held = [row for row in rows if any(cell is not None for cell in row.cells)]
        title = self.text(f"table.{key}", **names)
        title = title[:1].upper() + title[1:]
        heads = [self.text(f"column.{column}") for column in columns]
        return [ModelTable(title=title, unit=unit, columns=heads, rows=held)] if held else []
