"""Tell what had to be assumed in the language of the reader.

An answer says it in English sentences. Those are known here by their form; what has another form
stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from mesospread.report.strings import catalogue
from mesospread.report.view_numbers import day
from mesospread.report.view_parts import Words, scan_name, treatment_name

#: key of a sentence, and the form of the English one
_FORMS = {
    "assumed.no_dates": r"No dates are given; the patient is taken to be diagnosed today\.",
    "assumed.no_diagnosis": r"The date of diagnosis is not given; (?P<day>.+), the earliest date "
    r"in the file, was taken\.",
    "assumed.not_known": r"Not known: (?P<facts>.+); averaged over the people with this disease\.",
    "assumed.no_treatment": r"The model does not know the treatment (?P<quote>['\"])(?P<name>.+)"
    r"(?P=quote); its effect is left out\.",
    "assumed.began_before": r"(?P<treatment>.+) began before the diagnosis; it is taken to begin "
    r"at diagnosis\.",
    "assumed.no_scan_date": r"The date of the (?P<scan>.+) is not known; it is taken as done on "
    r"(?P<day>.+)\.",
    "assumed.no_start": r"The first day of (?P<treatment>.+) is not known; it is taken to begin "
    r"on (?P<day>.+)\.",
    "assumed.given_before": r"(?P<treatment>.+) was given before; a second course is taken to "
    r"work like a first, which is probably too hopeful\.",
    "assumed.left_out": r"Left out: (?P<finding>.+) \(the model has no figures for this "
    r"examination of this site\)\.",
    "assumed.how_much_lasts": r"How much of the effect of a drug on survival lasts after the last "
    r"dose was not measured\. The model takes a wide range for it\.",
}


def assumptions_told(sentences: Iterable[str], words: Words) -> tuple[str, ...]:
    """Return what was assumed, in the language of the reader."""
    return tuple(_told(sentence, words) for sentence in sentences)


def _told(sentence: str, words: Words) -> str:
    for key, form in _FORMS.items():
        found = re.fullmatch(form, sentence)
        if found and catalogue("mesospread.report").has(key, words.lang):
            return words(key, **dict(_parts(found, words)))
    return sentence


def _parts(found: re.Match[str], words: Words) -> Iterator[tuple[str, str]]:
    """Yield what fills the blanks."""
    for name, part in found.groupdict().items():
        match name:
            case "day":
                yield name, day(datetime.strptime(part, "%d %B %Y").date(), words.lang)
            case "facts":
                known = (
                    words.maybe(f"why.name.{fact.replace(' ', '_')}", fact)
                    for fact in part.split(", ")
                )
                yield name, ", ".join(known)
            case "treatment":
                yield name, treatment_name(part, words)
            case "scan":
                yield name, scan_name(part, words)
            case "name" | "finding":
                yield name, part
            case _:
                continue
