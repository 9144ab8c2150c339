"""The symptom diary: add to it, show it, and turn it into the symptoms of a patient file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mesospread.anatomy import find_primary, normalised, primaries
from mesospread.errors import InputError, nearest
from mesospread.guide.phrases import advice_for, urgent_signs
from mesospread.guide.topics import load_guide
from mesospread.model.load import observation
from mesospread.patient.diary import (
    Entry,
    as_symptoms,
    checked_entry,
    read_diary,
    series,
    with_entries,
    write_diary,
)
from mesospread.report.diary_text import DiaryText

__all__ = ["DiaryText", "add_to_diary", "diary_symptoms", "show_diary"]

#: a score from which a symptom with a red flag shows it, and a rise that does the same
_STRONG = 7
_RISE = 3
#: days over which a rise counts, and after which an entry is old
_RECENT_DAYS = 7


def add_to_diary(
    path: str | Path,
    scores: Mapping[str, int | str],
    *,
    date: dt.date | str | None = None,
    note: str = "",
    replace: bool = False,
    own_words: bool = False,
    today: dt.date | None = None,
) -> dict[str, Any]:
    """Note how strong symptoms are, in a table on this machine.

    The file is begun if there is none. It is written whole or not at all, and nothing of it is
    sent anywhere.

    Parameters
    ----------
    path
        The diary, a file whose name ends in ``.csv``.
    scores
        Symptom -> 0 (not there) to 10 (as bad as can be).
    date
        The day; default: today.
    note
        In the person's own words, for all symptoms of this call.
    replace
        Whether to take the place of what was noted for the same symptom and day.
    own_words
        Whether names that the models do not know may be used; they stay in the diary and are
        left out of forecasts.
    today
        For tests; default: the date of this machine.

    Returns
    -------
    dict
        As `show_diary` returns it, with ``added``.

    Raises
    ------
    InputError
        For a wrong date, score or name, or if the diary that is there is damaged.
    OutputError
        If the diary cannot be written.
    """
    path, today = _csv(path), today or dt.date.today()
    if not scores:
        raise InputError(
            "there is nothing to note",
            where="--symptom",
            allowed='NAME=SCORE, e.g. --symptom "bone pain=6"',
        )
    day = str(date or today)
    added = [
        checked_entry(
            {"date": day, "symptom": _name(name, own_words), "score": str(score), "note": note},
            f"--symptom {name}",
            today,
        )
        for name, score in scores.items()
    ]
    before = read_diary(path, today) if path.exists() else []
    with_entries([], added)  # one symptom once a day, among the new ones too
    after = with_entries(before, added, replace=replace)
    write_diary(path, after)
    return {**_shown(after, today), "added": [_row(entry) for entry in added]}


def show_diary(path: str | Path, *, today: dt.date | None = None) -> dict[str, Any]:
    """Return a diary by symptom, with signs that cannot wait first.

    Parameters
    ----------
    path
        The diary.
    today
        For tests; default: the date of this machine.

    Returns
    -------
    dict
        ``urgent``: what to do, before anything else; ``symptoms``: name, first, last, score,
        change over the last seven days (None if unknown), entries.

    Raises
    ------
    InputError
        If the diary cannot be read or is damaged.
    """
    today = today or dt.date.today()
    return _shown(read_diary(_csv(path), today), today)


def diary_symptoms(
    path: str | Path, *, primary: str = "pleural", today: dt.date | None = None
) -> dict[str, Any]:
    """Return the symptoms of a diary as a patient file has them.

    Parameters
    ----------
    path
        The diary.
    primary
        Whose model must know the symptoms.
    today
        For tests; default: the date of this machine.

    Returns
    -------
    dict
        ``symptoms``: name, since, present; ``toml``: the same, to be put into a patient file;
        ``left_out``: symptoms that this model does not know.

    Raises
    ------
    InputError
        If the diary cannot be read, or there is no such primary.
    """
    known = _spellings(find_primary(primary, where="--primary").name)
    found = as_symptoms(read_diary(_csv(path), today or dt.date.today()))
    used = [s.model_copy(update={"name": known[normalised(s.name)]})
            for s in found if normalised(s.name) in known]  # fmt: skip
    left_out = [s.name for s in found if normalised(s.name) not in known]
    lines = []
    for symptom in used:
        lines += ["[[symptoms]]", f'name = "{symptom.name}"']
        lines += [f"since = {symptom.since}"] if symptom.since else []
        lines += [f"present = {str(symptom.present).lower()}", ""]
    return {
        "symptoms": [s.model_dump(mode="json") for s in used],
        "toml": "\n".join(lines),
        "left_out": left_out,
    }


def _csv(path: str | Path) -> Path:
    path = Path(path)
    if path.suffix.lower() != ".csv":
        raise InputError(
            "not the name of a diary",
            where=str(path),
            allowed="a file whose name ends in .csv, e.g. diary.csv",
        )
    return path


def _spellings(primary: str) -> dict[str, str]:
    """Return every way to write a symptom, and the name that the model of a primary has."""
    return {
        normalised(text): symptom.name
        for symptom in observation(primary).symptom
        for text in (symptom.name, symptom.label, *symptom.aliases)
    }


def _name(text: str, own_words: bool) -> str:
    """Return the name of a symptom as the models have it."""
    known: dict[str, str] = {}
    for primary in primaries():
        known = {**_spellings(primary.name), **known}
    if normalised(text) in known:
        return known[normalised(text)]
    if own_words:
        return text
    guess = nearest(normalised(text), known)
    raise InputError(
        "no symptom of this name is known",
        where="--symptom",
        given=repr(text),
        allowed=", ".join(sorted(set(known.values()))),
        remedy=(f"Did you mean {known[guess]!r}? " if guess else "")
        + "--own-words notes it all the same",
    )


def _shown(entries: Sequence[Entry], today: dt.date) -> dict[str, Any]:
    by_name = series(entries)
    return {
        "urgent": _urgent(by_name, today),
        "symptoms": [
            {
                "name": name,
                "first": str(rows[0].date),
                "last": str(rows[-1].date),
                "score": rows[-1].score,
                "change": _change(rows),
                "entries": [_row(row) for row in rows],
            }
            for name, rows in by_name.items()
        ],
    }


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "date": str(entry.date),
        "symptom": entry.symptom,
        "score": entry.score,
        "note": entry.note,
    }


def _change(rows: Sequence[Entry]) -> int | None:
    """Return the change from the lowest score of the week before the last entry."""
    since = rows[-1].date - dt.timedelta(days=_RECENT_DAYS)
    earlier = [row.score for row in rows[:-1] if row.date >= since]
    return rows[-1].score - min(earlier) if earlier else None


def _urgent(by_name: Mapping[str, Sequence[Entry]], today: dt.date) -> list[dict[str, str]]:
    """Return the red flags that the latest entries call for, each once, emergencies first."""
    topics = load_guide().topics
    found: dict[str, dict[str, str]] = {}
    for name, rows in by_name.items():
        last = rows[-1]
        if last.score == 0 or (today - last.date).days > _RECENT_DAYS:
            continue
        told = [u.topic for u in urgent_signs(f"{name} {last.note}") if not u.unsure]
        if last.score >= _STRONG or (_change(rows) or 0) >= _RISE or len(rows) == 1:
            told += _topic_of(name)
        for identifier in told:
            topic = topics[identifier]
            if topic.red_flag is not None:
                flag = topic.red_flag
                found[identifier] = {
                    "id": identifier,
                    "title": f"{topic.title}: when to get help",
                    **flag.model_dump(),
                    "advice": advice_for(flag),
                }
    return sorted(found.values(), key=lambda flag: flag["urgency"] != "emergency")


def _topic_of(name: str) -> list[str]:
    """Return the topic of the guide about a symptom, if there is one."""
    try:
        return [load_guide().find(name).id]
    except InputError:
        return []
