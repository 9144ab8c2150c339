"""The published values that the models rest on, each with where it was read."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from mesospread.errors import InputError, unknown_name

_FILE = "published.csv"
_NUMBERS = ("n", "events", "value", "ci_low", "ci_high")
_SHARES = frozenset(
    {"proportion", "sensitivity", "specificity", "rate_1y", "rate_2y", "rate_3y", "rate_5y"}
)
_ALLOWED: Mapping[str, frozenset[str]] = {
    "primary": frozenset({"pleural", "peritoneal", "pericardial", "testicular", "any"}),
    "setting": frozenset(
        {
            "at_diagnosis", "follow_up", "autopsy", "trial_arm", "registry", "referral_cohort",
            "surgical_series", "case_series", "review",
        }
    ),
    "statistic": _SHARES
    | {
        "count", "median_months", "mean_months", "hazard_ratio", "odds_ratio", "doubling_days",
        "mean", "sd", "other",
    },
    "read_in": frozenset({"abstract", "full_text", "secondary"}),
    "confidence": frozenset({"high", "medium", "low"}),
}  # fmt: skip
_WORDS = {
    "median_months": "median",
    "mean_months": "mean",
    "hazard_ratio": "hazard ratio",
    "odds_ratio": "odds ratio",
    "rate_1y": "at 1 year",
    "rate_2y": "at 2 years",
    "rate_3y": "at 3 years",
    "rate_5y": "at 5 years",
    "doubling_days": "doubling time",
    "sd": "standard deviation",
    "proportion": "",
    "other": "",
}
_SURVIVAL = re.compile(
    r"\bOS\b|(?<!free )surviv|mortality|death|\bdead\b|\bdie[sd]?\b|alive|\blived?\b", re.IGNORECASE
)
#: what stands for something that was not written down when the source was read
NOT_RECORDED = "not recorded"
_READ = {
    "full_text": "full text",
    "abstract": "abstract",
    "secondary": "not checked in the source: read where others quote it",
}
_PLACE = re.compile(r"\b([Tt]able|[Ff]ig(ure|\.)|[Pp]age|p\.) ?S?\d+[A-Za-z]?\b")
_SETTINGS = {"at_diagnosis": "at diagnosis", "follow_up": "during follow-up", "autopsy": "autopsy"}
_UNITS = {"median_months": "months", "mean_months": "months", "doubling_days": "days"}


@dataclass(frozen=True)
class PublishedValue:
    """One published figure and what is needed to use it properly.

    Attributes
    ----------
    id
        Unique short name, e.g. ``finn-2012-liver``.
    primary
        Where the tumours started, or ``any`` (also: other cancers, see ``note``).
    topic, setting, population
        What it is about, and who was counted.
    histology, stage, arm
        Narrower group, where there is one; else empty.
    subject
        What was measured: a site, a symptom, an endpoint.
    statistic
        Kind of figure, e.g. ``proportion``, ``median_months``, ``hazard_ratio``.
    n, events, value, ci_low, ci_high
        Patients, those with the event, the figure and its 95 % interval; proportions from 0
        to 1; None where not reported.
    unit
        Unit of the figure if it has one.
    citation, doi
        The source; ``doi`` may be another identifier or an address.
    read_in
        ``full_text``, ``abstract`` or ``secondary`` (a page that cites it).
    confidence
        ``high``, ``medium`` or ``low``.
    note
        Definitions, denominators and doubts.
    """

    id: str
    primary: str
    topic: str
    setting: str
    population: str
    histology: str
    stage: str
    arm: str
    subject: str
    statistic: str
    n: float | None
    events: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    unit: str
    citation: str
    doi: str
    read_in: str
    confidence: str
    note: str

    def says(self) -> str:
        """Return the figure in one line, e.g. ``liver: 31.9 % of 318, autopsy``.

        A statement without a figure is its subject alone.
        """
        group = ", ".join(x for x in (self.histology, self.arm) if x not in ("", "all"))
        what = f"{self.subject} ({group})" if group else self.subject
        if self.value is None and self.ci_low is None:
            return what
        count = f" of {self.n:.0f}" if self.n is not None and self.statistic in _SHARES else ""
        when = _SETTINGS.get(self.setting, "")
        return f"{what}: {self._figure()}{count}" + (f", {when}" if when else "")

    @property
    def locator(self) -> str:
        """Where in the source it was read: full text, abstract or a page that cites it; a table."""
        found = _PLACE.search(f"{self.citation} {self.note}")
        if found is None and self.read_in == "abstract":
            return _READ["abstract"]
        place = found.group(0) if found else f"page or table {NOT_RECORDED}"
        return f"{_READ[self.read_in]}; {place}"

    @property
    def definition(self) -> str:
        """What counted, of whom, as far as it was recorded beside `subject`."""
        return self.note or NOT_RECORDED

    @property
    def about_survival(self) -> bool:
        """Whether it says how long people live: shown only to who asks."""
        return self.topic == "survival" or tells_survival(self.subject)

    def _figure(self) -> str:
        interval = "" if self.ci_low is None else f" ({self._range()})"
        shown = self._range() if self.value is None else self._number(self.value) + interval
        words = (_WORDS.get(self.statistic, self.statistic), shown, self._unit())
        return " ".join(word for word in words if word)

    def _range(self) -> str:
        assert self.ci_low is not None
        assert self.ci_high is not None
        return f"{self._number(self.ci_low)} to {self._number(self.ci_high)}"

    def _number(self, number: float) -> str:
        return f"{100 * number:.3g}" if self.statistic in _SHARES else f"{number:.4g}"

    def _unit(self) -> str:
        return "%" if self.statistic in _SHARES else self.unit or _UNITS.get(self.statistic, "")


@cache
def load_published() -> Mapping[str, PublishedValue]:
    """Return all published values that ship with the package, by identifier.

    Raises
    ------
    InputError
        If the file is damaged: where, what was found, what is allowed.
    """
    with (files("mesospread.evidence") / "data" / _FILE).open(encoding="utf-8") as lines:
        return read_published(lines, _FILE)


def read_published(lines: Iterable[str], source: str) -> dict[str, PublishedValue]:
    """Read published values from a table and check every row.

    Parameters
    ----------
    lines
        Comma-separated rows, the first one names the fields of `PublishedValue`.
    source
        What to call it in errors.

    Raises
    ------
    InputError
        For a missing or unknown column, an identifier that is used twice, a word that is not
        allowed, something that is not a number, a proportion outside 0 to 1, an interval
        that does not hold its value, or a row without citation.
    """
    table = csv.DictReader(lines, strict=True)
    columns = tuple(field.name for field in fields(PublishedValue))
    if tuple(table.fieldnames or ()) != columns:
        raise InputError(
            "the columns are not those of a published value",
            where=source,
            given=", ".join(table.fieldnames or ()) or "nothing",
            allowed=", ".join(columns),
        )
    found: dict[str, PublishedValue] = {}
    for row in table:
        where = f"{source} › line {table.line_num}"
        entry = _checked(row, where)
        if entry.id in found:
            raise InputError("an identifier is used twice", where=where, given=repr(entry.id))
        found[entry.id] = entry
    return found


def tells_survival(text: str) -> bool:
    """Whether a text speaks of how long people live."""
    return bool(_SURVIVAL.search(text))


def cite(ids: Iterable[str], *, prognosis: bool = True) -> list[dict[str, str]]:
    """Return the sources behind values, each once, in order of identifier.

    Parameters
    ----------
    ids
        Identifiers of published values.
    prognosis
        If false, ``says`` is empty where it would tell how long people live.

    Returns
    -------
    Dictionaries with ``id``, ``citation``, ``doi``, ``read_in``, ``confidence`` and ``says``
    (the figure in one line).

    Raises
    ------
    InputError
        If there is no such value, with the nearest identifier.
    """
    known = load_published()
    cited = []
    for name in sorted(set(ids)):
        if name not in known:
            raise unknown_name("published value", name, known)
        entry = known[name]
        cited.append(
            {
                "id": entry.id,
                "citation": entry.citation,
                "doi": entry.doi,
                "read_in": entry.read_in,
                "confidence": entry.confidence,
                "says": entry.says() if prognosis or not entry.about_survival else "",
            }
        )
    return cited


def _checked(row: Mapping[str, str | None], where: str) -> PublishedValue:
    """Return one row as a value, refusing what is wrong with it."""
    texts: dict[str, str] = {}
    for name, text in row.items():
        if text is None or not isinstance(name, str):
            raise InputError("the row has the wrong number of cells", where=where)
        texts[name] = text.strip()
    for name in ("id", "citation", "population", "subject"):
        if not texts[name]:
            raise InputError(f"{name} is missing", where=where)
    for name, allowed in _ALLOWED.items():
        if texts[name] not in allowed:
            raise unknown_name(name, texts[name], allowed, where=where)
    numbers = {name: _number(name, texts.pop(name), where) for name in _NUMBERS}
    _check_numbers(texts["statistic"], numbers, where)
    everything: dict[str, Any] = {**texts, **numbers}
    return PublishedValue(**everything)


def _number(name: str, text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(
            f"{name} is not a number", where=where, given=repr(text), allowed="a number or nothing"
        )
    return number


def _check_numbers(statistic: str, numbers: Mapping[str, float | None], where: str) -> None:
    """Refuse figures that cannot be: outside 0 to 1, outside their interval, n below events."""
    value, low, high = numbers["value"], numbers["ci_low"], numbers["ci_high"]
    for name in ("value", "ci_low", "ci_high"):
        number = numbers[name]
        if statistic in _SHARES and number is not None and not 0.0 <= number <= 1.0:
            raise InputError(
                f"{name} of a {statistic} is out of range",
                where=where,
                given=f"{number:g}",
                allowed="0 to 1",
            )
    inside = [x for x in (low, value, high) if x is not None]
    if (low is None) != (high is None):
        raise InputError("half of the interval is missing", where=where, allowed="both or none")
    if inside != sorted(inside):
        raise InputError(
            "the interval does not hold the value",
            where=where,
            given=", ".join(f"{x:g}" for x in inside),
            allowed="ci_low <= value <= ci_high",
        )
    n, events = numbers["n"], numbers["events"]
    if n is not None and events is not None and events > n:
        raise InputError(
            "there are more events than patients", where=where, given=f"{events:g} of {n:g}"
        )
