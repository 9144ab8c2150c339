"""Read patients from a table: one row each, columns named like the keys of a patient file.

A column is a key (``age``), a key of the stage (``stage.t``), or a key of a numbered entry
(``scan2.date``, ``treatment1.name``, ``symptom1.present``). A row is put together as a patient
file and goes through the same door, so a table can say neither more nor less than a file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mesospread.errors import InputError, MesospreadError, PatientError, nearest
from mesospread.patient.columns import BESIDE, ID, Column, read_header
from mesospread.patient.problems import PatientFileError
from mesospread.patient.reading import parse_patient
from mesospread.patient.records import Patient

#: problems that an error spells out
SHOWN = 20
_DELIMITERS = (",", ";", "\t")
_LAST_INDEX = re.compile(r"\[\d+\]$")


class PatientTableError(PatientError):
    """All that is wrong with a table of patients.

    Attributes
    ----------
    problems
        One error for each thing to put right; the text spells out the first 20.
    """

    def __init__(self, problems: Sequence[InputError], where: str) -> None:
        self.problems = tuple(problems)
        lines = [
            f"\n  {number}. {str(problem).removeprefix(where).lstrip(' ›:')}"
            for number, problem in enumerate(self.problems[:SHOWN], start=1)
        ]
        more = f", of which the first {SHOWN} are" if len(self.problems) > SHOWN else ""
        super().__init__(
            f"{len(self.problems):,} things to put right{more}:{''.join(lines)}", where=where
        )


@dataclass(frozen=True)
class PatientRow:
    """One row of a table.

    Attributes
    ----------
    number
        As a spreadsheet counts; the header is row 1.
    id
        What the patient is called in the results.
    where
        Table, row and id, for errors.
    patient
        None if there is anything to put right.
    problems
        What is to be put right.
    id_problem
        The id is missing or stands twice: results could not be told apart.
    entries
        Place in the patient file -> place in the table, e.g. ``scans[0]`` -> ``scan2``.
    beside
        The cells of the columns that stand beside the facts, as they are.
    """

    number: int
    id: str
    where: str
    patient: Patient | None = None
    problems: tuple[InputError, ...] = ()
    id_problem: PatientError | None = None
    entries: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    def locate(self, error: MesospreadError) -> None:
        """Make an error that points into a patient file point at a cell of this row."""
        place = error.where.removeprefix("patient").removeprefix(" › ")
        for entry, name in self.entries.items():
            if place.startswith(entry):
                place = f"{name}{place.removeprefix(entry)}"
        place = _LAST_INDEX.sub("", place)
        error.where = f"{self.where} › {place}" if place else self.where


@dataclass(frozen=True)
class PatientTable:
    """A table whose columns are in order.

    Attributes
    ----------
    source
        Name of the file.
    rows
        In the order of the table; blank rows are not among them.
    """

    source: str
    rows: tuple[PatientRow, ...]

    def refuse_bad(self, *, skip_bad: bool = False) -> None:
        """Refuse the table if any row is wrong.

        Parameters
        ----------
        skip_bad
            Refuse for wrong ids only: other bad rows can be left out by name.

        Raises
        ------
        PatientError
            Naming all that is wrong in all rows.
        """
        problems: list[InputError] = []
        for row in self.rows:
            problems += [row.id_problem] if row.id_problem else []
            problems += [] if skip_bad else row.problems
        _raise_all(problems, self.source)


def read_patient_table(path: str | Path, *, beside: Collection[str] = ()) -> PatientTable:
    """Read a table of patients.

    Parameters
    ----------
    path
        CSV in UTF-8, parted by commas, semicolons or tabs, with a header. An empty cell is a
        key left out of a patient file; "unknown" and "NA" mean unknown. Sites in one cell are
        parted by ``;``. Without a column ``id`` the patients are numbered from 1.
    beside
        Columns that hold something else than facts of a patient file.

    Returns
    -------
    PatientTable
        A row that is wrong carries what is wrong with it; see `PatientTable.refuse_bad`.

    Raises
    ------
    PatientError
        If the file cannot be read or has no patients; or naming all columns that are wrong.
    """
    source = str(path)
    header, *records = _records(Path(path), source) or [(1, [])]
    filled = [(number, cells) for number, cells in records if any(map(str.strip, cells))]
    if not filled:
        raise PatientError(
            "the table has no patients",
            where=source,
            given="a header only" if header[1] else "an empty file",
            allowed="a header, and one row for each patient",
            remedy="See examples/patients.csv",
        )
    columns, problems = read_header(header[1], source, beside)
    _raise_all(problems, source)
    rows = [_row(columns, n, *record, source) for n, record in enumerate(filled, start=1)]
    first = {row.id: row.number for row in reversed(rows)}
    return PatientTable(source, tuple(replace(r, id_problem=_id_problem(r, first)) for r in rows))


def _raise_all(problems: Sequence[InputError], source: str) -> None:
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise PatientTableError(problems, source)


def _records(path: Path, source: str) -> list[tuple[int, list[str]]]:
    """Return the number and the cells of every record; the header has number 1."""
    found: list[tuple[int, list[str]]] = []
    remedy = "Save the table as CSV (UTF-8)"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            delimiter = max(_DELIMITERS, key=first.count)
            found.extend(enumerate(csv.reader(file, delimiter=delimiter, strict=True), start=1))
            return found
    except UnicodeDecodeError:
        reason = "not UTF-8 text"
    except csv.Error as problem:
        reason, remedy = f"row {len(found) + 1}: {problem}", "Check the quotes in that row"
    except FileNotFoundError as problem:
        reason = problem.strerror or "no such file"
        siblings = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
        guess = nearest(path.name, siblings)
        remedy = f"Did you mean {guess!r}?" if guess else "Check the name and the folder"
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
    raise PatientError(
        "the table cannot be read",
        where=source,
        given=reason,
        allowed="a CSV file, one row for each patient",
        remedy=remedy,
    )


def _row(
    columns: Sequence[Column], count: int, number: int, cells: Sequence[str], source: str
) -> PatientRow:
    """Check one row, the `count`-th patient."""
    names = [column.name for column in columns]
    named = dict(zip(names, cells, strict=False)).get(ID, "" if ID in names else str(count)).strip()
    shown = f" ({named})" if ID in names and named and named.isprintable() else ""
    row = PatientRow(number, named, f"{source} › row {number}{shown}")
    if len(cells) != len(columns):
        problem = PatientError(
            "the row does not fit the header",
            where=row.where,
            given=f"{len(cells)} cells",
            allowed=f"{len(columns)} cells",
            remedy="Complete the row"
            if len(cells) < len(columns)
            else "Put quotes around a cell that holds the separator",
        )
        return replace(row, problems=(problem,))
    data, entries, problems = _nested(columns, cells, row.where)
    others = {c.name: cell.strip() for c, cell in zip(columns, cells, strict=True)}
    row = replace(
        row, entries=entries, beside={c.name: others[c.name] for c in columns if c.kind == BESIDE}
    )
    try:
        patient = parse_patient(data)
    except PatientError as error:
        found = error.problems if isinstance(error, PatientFileError) else (error,)
        for problem in found:
            row.locate(problem)
        return replace(row, problems=(*problems, *found))
    return replace(row, problems=tuple(problems), patient=None if problems else patient)


def _nested(
    columns: Sequence[Column], cells: Sequence[str], where: str
) -> tuple[dict[str, Any], dict[str, str], list[PatientError]]:
    """Return a row as the keys of a patient file, where its entries came from, and problems."""
    data: dict[str, Any] = {}
    tables: dict[str, dict[int, dict[str, Any]]] = {}
    problems = []
    for column, cell in zip(columns, cells, strict=True):
        if column.name == ID or column.kind == BESIDE or not cell.strip():
            continue
        try:
            value = column.read(cell)
        except PatientError as error:
            error.where = f"{where} › {column.name}"
            problems.append(error)
            continue
        if column.table:
            entry = tables.setdefault(column.table, {}).setdefault(column.number, {})
            entry[column.key] = value
        else:
            data[column.key] = value
    entries: dict[str, str] = {}
    for table, by_number in tables.items():
        known = {n: entry for n, entry in sorted(by_number.items()) if _anything_known(entry)}
        if 0 not in by_number:
            data[table] = list(known.values())
            singular = table.removesuffix("s")
            entries |= {f"{table}[{i}]": f"{singular}{n}" for i, n in enumerate(known)}
        elif known:
            data[table] = known[0]
    return data, entries, problems


def _anything_known(entry: Mapping[str, Any]) -> bool:
    """Tell an entry from one that is not there, whose cells R and pandas fill with NA."""
    return any(value != "unknown" for value in entry.values())


def _id_problem(row: PatientRow, first: Mapping[str, int]) -> PatientError | None:
    """Return what is wrong with the id of a row, given in which row each id first stands."""
    where = f"{row.where} › {ID}"
    if not row.id or not row.id.isprintable():
        return PatientError(
            "the id cannot be printed" if row.id else "the id is missing",
            where=where,
            given=repr(row.id),
            remedy="Name every patient, or remove the column id; patients are then numbered",
        )
    if first[row.id] == row.number:
        return None
    return PatientError(
        "the id stands twice",
        where=where,
        given=f"{row.id!r}, as in row {first[row.id]}",
        allowed="every id once, or the results could not be told apart",
        remedy="Give one of them another id, or remove one row",
    )
