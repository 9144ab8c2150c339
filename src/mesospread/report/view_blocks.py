"""The few kinds of blocks of which a report is made: drawn as HTML and as PDF from one source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mesospread.report.svg import Picture


@dataclass(frozen=True)
class Mark:
    """What stands behind a number, in a few words beside it.

    Attributes
    ----------
    text
        How many studies and people, and the grade of the evidence.
    anchor
        Name of the row in the list of sources that says more.
    thin
        Whether there is little evidence.
    counted, grade
        The two parts of the text, for where there is room for the grade alone.
    """

    text: str
    anchor: str
    thin: bool
    counted: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a ``lead`` is the sentence that holds the number.

    Attributes
    ----------
    text, style
        What it says, and as what.
    mark
        What stands behind its number.
    lang
        Of its text, if that is not the language of the reader.
    """

    text: str
    style: Literal["normal", "lead", "note"] = "normal"
    mark: Mark | None = None
    lang: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading, the others are figures or words.

    Attributes
    ----------
    caption
        What it shows.
    header
        One heading per column.
    rows
        Cells.
    words
        Columns (from 0) that hold words, not figures.
    note
        A line below it.
    marks
        What stands behind the numbers of each row; empty if that is said elsewhere.
    anchors
        A name for each row that marks can lead to; empty if none does.
    english
        Row and column of the cells that are in English whatever the language of the reader.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = ()
    note: str = ""
    marks: tuple[Mark | None, ...] = ()
    anchors: tuple[str, ...] = ()
    english: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Callout:
    """A box: signs that cannot wait, or something to bear in mind.

    Attributes
    ----------
    kind, title, texts
        What it is, its name, and what it says.
    opens
        What stands before all texts but the first, which then open in place; empty: all stand.
    """

    kind: Literal["emergency", "today", "note"]
    title: str
    texts: tuple[str, ...]
    opens: str = ""


@dataclass(frozen=True)
class Contact:
    """Somebody to call or to read.

    Attributes
    ----------
    name
        Of the organisation.
    phone
        As it is dialled, or empty.
    web
        Address, or empty.
    note
        What it offers and when.
    """

    name: str
    phone: str = ""
    web: str = ""
    note: str = ""


@dataclass(frozen=True)
class Contacts:
    """People to call."""

    items: tuple[Contact, ...]


@dataclass(frozen=True)
class Group:
    """Blocks that belong together: side by side where there is room."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Folded:
    """Blocks that a reader may open; in print only if ``printed``.

    Attributes
    ----------
    title, blocks
        What is always shown, and what is shown when it is opened.
    printed
        Whether print holds it.
    about
        The place that it is about; empty if it is about none.
    opened
        Whether it stands open at first.
    """

    title: str
    blocks: tuple[Block, ...]
    printed: bool = True
    about: str = ""
    opened: bool = False


Block = Paragraph | Heading | Bullets | Table | Callout | Contacts | Group | Folded | Picture


@dataclass(frozen=True)
class Section:
    """A part of the report with a name of its own.

    Attributes
    ----------
    id
        Short unique name, e.g. ``now``; also its anchor on the page.
    title
        Heading.
    blocks
        What it holds.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]


def starting_big(words: str) -> str:
    """Return words as a cell or a line starts: with a capital, also after a number.

    Parameters
    ----------
    words
        E.g. ``liver`` or ``8. liver``.
    """
    number, dot, rest = words.partition(". ")
    if dot and number.isdigit():
        return f"{number}. {rest[:1].upper()}{rest[1:]}"
    return words[:1].upper() + words[1:]
