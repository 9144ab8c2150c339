"""A symptom diary: a plain table on the user's own machine, read strictly and written whole.

Columns: ``date``, ``symptom``, ``score`` (0 to 10) and ``note``. One row per symptom and day.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesospread.errors import InputError, OutputError
from mesospread.patient.fields import EARLIEST
from mesospread.patient.records import Symptom

COLUMNS = ("date", "symptom", "score", "note")
#: 0: not there; 10: as bad as can be
HIGHEST = 10
#: longest name of a symptom, and longest note
_LONGEST = {"symptom": 60, "note": 300}
_MAX_BYTES = 5_000_000


@dataclass(frozen=True, order=True)
class Entry:
    """How strong one symptom was on one day.

    Attributes
    ----------
    date
        The day.
    symptom
        Its name.
    score
        From 0 (not there) to 10 (as bad as can be).
    note
        In the person's own words; may be empty.
    """

    date: dt.date
    symptom: str
    score: int
    note: str = ""


def checked_entry(row: Mapping[str, str], where: str, today: dt.date) -> Entry:
    """Return a row as an entry.

    Parameters
    ----------
    row
        Texts under ``date``, ``symptom``, ``score`` and, if there is one, ``note``.
    where
        What to call the row in errors.
    today
        No day may lie after it.

    Raises
    ------
    InputError
        For a day that is none or lies in the future, a score that is no whole number from 0
        to 10, a name that is missing, or a text that is too long.
    """
    symptom, note = row["symptom"].strip(), (row.get("note") or "").strip()
    if not symptom:
        raise InputError("the name of the symptom is missing", where=where)
    for name, text in (("symptom", symptom), ("note", note)):
        if len(text) > _LONGEST[name] or "\n" in text or "\r" in text:
            raise InputError(
                f"the {name} is too long, or has more than one line",
                where=where,
                given=f"{len(text)} letters",
                allowed=f"one line of up to {_LONGEST[name]} letters",
            )
    return Entry(_day(row["date"], where, today), symptom, _score(row["score"], where), note)


def _day(text: str, where: str, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= today:
        raise InputError(
            "not a day up to today",
            where=where,
            given=repr(text),
            allowed=f"year-month-day up to {today}, e.g. 2026-03-15",
        )
    return day


def _score(text: str, where: str) -> int:
    score = int(text) if text.strip().isascii() and text.strip().isdigit() else -1
    if not 0 <= score <= HIGHEST:
        raise InputError(
            "not a score",
            where=where,
            given=repr(text),
            allowed=f"a whole number from 0 (not there) to {HIGHEST} (as bad as can be)",
        )
    return score


def read_diary(path: Path, today: dt.date) -> list[Entry]:
    """Read a diary, oldest day first.

    Parameters
    ----------
    path
        The table (CSV).
    today
        No day in it may lie after it.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing or unknown, a row is wrong (with its
        line), or a symptom stands twice on one day.
    """
    table = csv.DictReader(io.StringIO(_text(path)), strict=True)
    if tuple(table.fieldnames or ()) != COLUMNS:
        raise InputError(
            "the columns are not those of a diary",
            where=str(path),
            given=", ".join(table.fieldnames or ()) or "nothing",
            allowed=", ".join(COLUMNS),
        )
    entries: dict[tuple[dt.date, str], Entry] = {}
    for row in table:
        where = f"{path} › line {table.line_num}"
        if None in row or None in row.values():
            raise InputError("the row has the wrong number of cells", where=where)
        entry = checked_entry(row, where, today)
        key = (entry.date, entry.symptom.casefold())
        if key in entries:
            raise InputError(
                "this symptom stands twice on one day",
                where=where,
                given=f"{entry.symptom}, {entry.date}",
                remedy="Keep one of the two rows",
            )
        entries[key] = entry
    return sorted(entries.values())


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if len(content) > _MAX_BYTES:
            raise InputError("the diary is too large", where=str(path))
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = "not UTF-8 text"
    except OSError as problem:
        reason = problem.strerror or str(problem)
    raise InputError(
        "the diary cannot be read",
        where=str(path),
        given=reason,
        remedy="Begin one: mesospread diary add FILE.csv --symptom fatigue=4",
    )


def write_diary(path: Path, entries: Iterable[Entry]) -> None:
    """Write a diary: all of it, or nothing.

    Parameters
    ----------
    path
        The table (CSV); its folder must exist.
    entries
        Its rows; sorted when written.

    Raises
    ------
    OutputError
        If it cannot be written; a diary that was there is unchanged.
    """
    unfinished = ""
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            newline="",
            dir=path.parent,
            prefix=f".{path.name}.",
            delete=False,
        ) as file:
            unfinished = file.name
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows((e.date, e.symptom, e.score, e.note) for e in sorted(entries))
        os.replace(unfinished, path)
    except OSError as problem:
        if unfinished:
            Path(unfinished).unlink(missing_ok=True)
        raise OutputError(
            "the diary cannot be written",
            where=str(path),
            given=problem.strerror or str(problem),
            remedy="Choose a folder that exists and that you may write to",
        ) from None


def with_entries(
    entries: Sequence[Entry], added: Sequence[Entry], *, replace: bool = False
) -> list[Entry]:
    """Return a diary with more entries.

    Parameters
    ----------
    entries, added
        What is there, and what is new.
    replace
        Whether a new entry may take the place of one for the same symptom and day.

    Raises
    ------
    InputError
        If there is one already and it may not be replaced.
    """
    by_key = {(e.date, e.symptom.casefold()): e for e in entries}
    for entry in added:
        key = (entry.date, entry.symptom.casefold())
        if key in by_key and not replace:
            raise InputError(
                "this symptom was noted on that day already",
                given=f"{entry.symptom}, {entry.date}: {by_key[key].score}",
                remedy="--replace takes the new one",
            )
        by_key[key] = entry
    return sorted(by_key.values())


def series(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Return the entries of each symptom, oldest first, by the spelling used last."""
    by_name: dict[str, list[Entry]] = {}
    for entry in sorted(entries):
        by_name.setdefault(entry.symptom.casefold(), []).append(entry)
    return {rows[-1].symptom: rows for rows in by_name.values()}


def as_symptoms(entries: Sequence[Entry]) -> list[Symptom]:
    """Return what a diary says today, as a patient file has it.

    A symptom is there if its last score is above 0. It began on the first day of the scores
    above 0 that lead up to the last one.
    """
    found = []
    for name, rows in series(entries).items():
        if rows[-1].score == 0:
            found.append(Symptom(name=name, present=False))
            continue
        zeros = [k for k, row in enumerate(rows) if row.score == 0]
        began = rows[zeros[-1] + 1 if zeros else 0].date
        found.append(Symptom(name=name, since=began, present=True))
    return found
