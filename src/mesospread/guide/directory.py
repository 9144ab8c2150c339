"""Centres and support organisations: what ships in ``data/``, and a file of the user's own.

Equal treatment: entries are listed by distance or by name, never by merit; no doctor is named
and nobody pays. What is shipped and what is left out: ``data/README.md``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    TypeAdapter,
    ValidationError,
)

from mesospread.anatomy.catalogue import find_primary
from mesospread.anatomy.catalogue import primaries as all_primaries
from mesospread.errors import InputError, nearest
from mesospread.guide.places import find_country
from mesospread.reading import MAX_BYTES, checked

_URL = TypeAdapter(HttpUrl)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _listed(text: Any) -> tuple[str, ...]:
    """Return the primaries in ``pleural;peritoneal``; ``all`` names all four."""
    if str(text).strip().casefold() == "all":
        return tuple(primary.name for primary in all_primaries())
    words = [word.strip() for word in str(text).split(";") if word.strip()]
    if not words:
        raise ValueError("no primary is named; allowed: names parted by semicolons, or all")
    try:
        found = [find_primary(word).name for word in words]
    except InputError as error:
        hint = f". {error.remedy}" if error.remedy else ""
        raise ValueError(f"{error.problem}; allowed: {error.allowed}, all{hint}") from None
    if len(set(found)) < len(found):
        raise ValueError("a primary is named twice")
    return tuple(found)


def _country(text: Any) -> str:
    try:
        return find_country(str(text))
    except InputError as error:
        hint = f". {error.remedy}" if error.remedy else ""
        raise ValueError(f"{error.problem}{hint}") from None


def _url(text: Any) -> str:
    """Return a web address as it is written, if it is one."""
    address = str(text).strip()
    try:
        host = _URL.validate_python(address).host or ""
    except ValidationError:
        host = ""
    if "." not in host or any(c.isspace() for c in address):
        raise ValueError("not a web address; allowed: https://… or http://…")
    return address


def _urls(text: Any) -> tuple[str, ...]:
    return tuple(_url(address) for address in str(text).split())


def _day(text: Any) -> date:
    shown = str(text).strip()
    try:
        if not _DAY.fullmatch(shown):
            raise ValueError
        return date.fromisoformat(shown)
    except ValueError:
        raise ValueError("not a day; allowed: year-month-day, e.g. 2026-11-22") from None


def _degrees(most: int) -> BeforeValidator:
    def read(text: Any) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("not a number of degrees") from None
        if not -most <= value <= most:
            raise ValueError(f"there is no such place on Earth; allowed: -{most} to {most}")
        return value

    return BeforeValidator(read)


class Entry(BaseModel):
    """One row of a directory.

    Attributes
    ----------
    name, city, region, country
        What it is called and where it is; the country as a two-letter code.
    latitude, longitude
        In degrees, to about 0.01; None where there is no one place.
    coordinate_precision
        What the point stands for: the hospital, the city, or nothing.
    primaries
        The linings named on the page that was read.
    kind
        What it is.
    web
        Address of its own, if that site was opened.
    sources
        The pages that were read.
    note
        What else a reader must know.
    checked_on
        The day these pages were read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    _what: ClassVar[str] = "entry"

    name: Annotated[str, Field(min_length=1)]
    city: str = ""
    region: str = ""
    country: Annotated[str, BeforeValidator(_country)]
    latitude: Annotated[float | None, _degrees(90)] = None
    longitude: Annotated[float | None, _degrees(180)] = None
    coordinate_precision: Literal["hospital", "city", "none"] = "none"
    primaries: Annotated[tuple[str, ...], BeforeValidator(_listed)]
    kind: Annotated[str, Field(min_length=1)]
    web: Annotated[str, BeforeValidator(_url)] = ""
    sources: Annotated[tuple[str, ...], BeforeValidator(_urls)] = ()
    note: str = ""
    checked_on: Annotated[date, BeforeValidator(_day)]

    def is_stale(self, today: date) -> bool:
        """Return whether it was checked more than twelve months before a day."""
        return (today.year, today.month, today.day) > (
            self.checked_on.year + 1,
            self.checked_on.month,
            self.checked_on.day,
        )


class Centre(Entry):
    """A hospital, network or institute for people with mesothelioma.

    The attributes are those of `Entry`; city and coordinates must be given.
    """

    _what: ClassVar[str] = "centre"

    city: Annotated[str, Field(min_length=1)]
    latitude: Annotated[float, _degrees(90)]
    longitude: Annotated[float, _degrees(180)]
    coordinate_precision: Literal["hospital", "city"]
    kind: Literal[
        "treatment", "private treatment", "treatment network", "research", "pathology reference"
    ]

    @property
    def treats(self) -> bool:
        """Whether patients are treated there."""
        return "treatment" in self.kind


class SupportOrganisation(Entry):
    """A charity, group or helpline.

    Attributes
    ----------
    offers
        What it does for people, in a few words.
    phone
        Its number, as written in its country.
    """

    _what: ClassVar[str] = "organisation"

    offers: str = ""
    phone: Annotated[str, Field(pattern=r"^(\+?[\d ()-]{5,20})?$")] = ""


E = TypeVar("E", bound=Entry)


@cache
def centres() -> tuple[Centre, ...]:
    """Return the centres that ship with the package.

    Raises
    ------
    InputError
        If the file is damaged: row and column, what was found, what is allowed.
    """
    return _shipped(Centre, "centres.csv")


@cache
def support_organisations() -> tuple[SupportOrganisation, ...]:
    """Return the support organisations that ship with the package.

    Raises
    ------
    InputError
        If the file is damaged: row and column, what was found, what is allowed.
    """
    return _shipped(SupportOrganisation, "support.csv")


def read_own(path: Path, kind: type[E], *, today: date) -> tuple[E, ...]:
    """Return the entries of a user's own file, in the columns of the shipped one.

    Parameters
    ----------
    path
        A CSV file.
    kind
        `Centre` or `SupportOrganisation`.
    today
        No entry may have been checked after this day.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing or unknown, or a cell is wrong: row and
        column, what was found, what is allowed.
    """
    try:
        content = path.read_bytes()
        if len(content) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes")
        text = content.decode("utf-8-sig")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise InputError(
            "the file cannot be read",
            where=str(path),
            given="not UTF-8 text" if isinstance(problem, UnicodeDecodeError) else reason,
            allowed="a CSV file in UTF-8 with the columns of the shipped table",
            remedy="Check the name and the folder",
        ) from None
    found = read_table(text, kind, str(path))
    for number, entry in enumerate(found, 1):
        if entry.checked_on > today:
            raise InputError(
                "this day has not come yet",
                where=f"{path} › entry {number} › checked_on",
                given=str(entry.checked_on),
                allowed=f"up to {today}",
            )
    return found


def read_table(text: str, kind: type[E], source: str) -> tuple[E, ...]:
    """Return the entries of a table and check every cell.

    Parameters
    ----------
    text
        Comma-separated rows, the first one names the columns.
    kind
        What the rows are.
    source
        What to call the table in errors.

    Raises
    ------
    InputError
        For a missing or unknown column, a row with too many or too few cells, an entry that
        stands twice, or a wrong cell: row and column, what was found, what is allowed.
    """
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    found: dict[tuple[str, str], E] = {}
    try:
        _check_columns(table.fieldnames or (), kind, source)
        for row in table:
            where = f"{source} › row {table.line_num}"
            entry = _entry(row, kind, where)
            key = (entry.name.casefold(), entry.city.casefold())
            if key in found:
                raise InputError(f"this {kind._what} stands twice", where=where, given=entry.name)
            found[key] = entry
    except csv.Error as problem:
        raise InputError(
            "not a table of comma-separated values",
            where=f"{source} › row {table.line_num}",
            given=str(problem),
        ) from None
    return tuple(found.values())


def _check_columns(columns: Iterable[str], kind: type[Entry], source: str) -> None:
    given = list(columns)
    fields = kind.model_fields
    problem, column = "", ""
    if unknown := [name for name in given if name not in fields]:
        problem, column = "unknown column", unknown[0]
    elif double := [name for name in given if given.count(name) > 1]:
        problem, column = "this column stands twice", double[0]
    elif missing := [n for n, f in fields.items() if f.is_required() and n not in given]:
        problem, column = "this column is missing", missing[0]
    if problem:
        guess = nearest(column, set(fields) - set(given))
        raise InputError(
            problem,
            where=f"{source} › row 1",
            given=repr(column),
            allowed=", ".join(fields),
            remedy=f"Did you mean {guess!r}?" if guess and problem == "unknown column" else "",
        )


def _entry(row: Mapping[str | Any, str | Any], kind: type[E], where: str) -> E:
    """Return one row as an entry; empty cells count as not given."""
    if None in row or None in row.values():
        raise InputError(
            "the row has the wrong number of cells",
            where=where,
            remedy='Put a cell that holds a comma in double quotes: "Tampa, FL"',
        )
    filled = {name: cell.strip() for name, cell in row.items() if cell.strip()}
    for name, field in kind.model_fields.items():
        if field.is_required() and name not in filled:
            raise InputError("this cell is empty", where=f"{where} › {name}")
    entry = checked(kind, filled, where)
    given = (entry.latitude is not None, entry.longitude is not None)
    if given != (entry.coordinate_precision != "none",) * 2:
        raise InputError(
            "the point on the map is not whole",
            where=f"{where} › coordinate_precision",
            given=f"{entry.latitude}, {entry.longitude}, {entry.coordinate_precision}",
            allowed="latitude, longitude and hospital or city; or none of them",
        )
    return entry


def _shipped(kind: type[E], name: str) -> tuple[E, ...]:
    text = (files("mesospread.guide") / "data" / name).read_text("utf-8")
    return read_table(text, kind, name)
