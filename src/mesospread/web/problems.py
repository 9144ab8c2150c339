"""What is wrong, in the words of a page.

An error says which problem it is (`MesospreadError.reason`) and what belongs into its sentence
(`values`). In English it is told in its own words; every other language has the sentence in the
catalogue, under ``problem``. A page never shows the words of another language.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from mesospread.errors import MesospreadError
from mesospread.report.strings import ENGLISH
from mesospread.report.view_findings import reader_label
from mesospread.report.view_numbers import day
from mesospread.report.view_parts import Mode, Words, whole
from mesospread.web.render import words

#: words of advice that only helps in a file or on a command line
_OF_FILES = ("quotes", "bracket", "[", "as_of", "the file", "mesospread ", "--")
#: a day as files write it, but not where an example shows how to
_ISO_DAY = re.compile(r"(?<!e\.g\. )\b\d{4}-\d{2}-\d{2}\b")
#: how inference names what a treatment did
_RESPONSES = {"response to ": "response", "no response to ": "no_response"}


def told(
    problem: MesospreadError,
    lang: str = ENGLISH,
    patient: Mapping[str, Any] | None = None,
    mode: Mode = "plain",
) -> str:
    """Return an error in words for a page, without what only helps in a file.

    Parameters
    ----------
    problem
        The error.
    lang
        Language.
    patient
        The facts of a patient whose findings the error may name.
    mode
        Who reads it.
    """
    text = _in_english(problem) if lang == ENGLISH else _translated(problem, lang)
    if "facts" not in problem.values:
        return text
    return f"{text} {_named(problem.values, Words(lang, mode), patient or {})}"


def _in_english(problem: MesospreadError) -> str:
    """Return an error in its own words."""
    text = problem.problem.replace("as_of, the day the file describes", "the day of this result")
    parts = [text[:1].upper() + text[1:]]
    if problem.allowed:
        parts.append(f"Allowed: {problem.allowed}")
    if problem.remedy and not any(word in problem.remedy for word in _OF_FILES):
        parts.append(problem.remedy)
    whole_text = " ".join(part if part.endswith(("?", ".")) else f"{part}." for part in parts)
    return _ISO_DAY.sub(_written, whole_text)


def _written(found: re.Match[str]) -> str:
    """Return a day of a file as people write it; what is no day stays."""
    try:
        return day(found[0], ENGLISH)
    except ValueError:
        return found[0]


def _translated(problem: MesospreadError, lang: str) -> str:
    """Return the sentence of the catalogue for an error."""
    known = words()
    key = f"problem.{problem.reason}"
    if not problem.reason or not known.has(key):
        return known.text("problem.other", lang)
    return known.text(key, lang, **blanks_of(problem, lang))


def blanks_of(problem: MesospreadError, lang: str) -> dict[str, str]:
    """Return what fills the blanks of the sentence for an error.

    Parameters
    ----------
    problem
        The error.
    lang
        Language.
    """
    blanks = {name: _shown(value, lang) for name, value in problem.values.items()}
    field = str(problem.values.get("field", ""))
    if field:
        key = f"problem_allowed.{field.replace('.', '_')}"
        blanks["allowed"] = words().text(key if words().has(key) else "problem_allowed.other", lang)
    return blanks


def _shown(value: object, lang: str) -> str:
    if isinstance(value, dt.date):
        return day(value, lang)
    if isinstance(value, int):
        return whole(value, Words(lang))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _named(values: Mapping[str, Any], reader: Words, patient: Mapping[str, Any]) -> str:
    """Return the sentence that names the facts an error is about."""
    facts = [_fact(str(name), reader, patient) for name in values["facts"]]
    if not facts:
        facts = [words().text("problem.alive", reader.lang, months=values["months"])]
    return words().text("problem.facts", reader.lang, facts="; ".join(facts))


def _fact(name: str, reader: Words, patient: Mapping[str, Any]) -> str:
    for beginning, key in _RESPONSES.items():
        if name.startswith(beginning):
            treatment = name.removeprefix(beginning)
            return words().text(f"problem.{key}", reader.lang, treatment=treatment)
    return reader_label(name, patient, reader) if patient else name
