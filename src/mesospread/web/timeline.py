"""The timeline of what was typed: a picture drawn here, and the same as a table.

Day 0 is the day of diagnosis, or else the first day typed. None, one or two events are drawn
like any others. Places along the line are per cents, so that it fits any width.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mesospread.report.view_parts import Words, treatment_name
from mesospread.web.fields import YES, scan_field, symptom_field, treatment_field
from mesospread.web.forms import Form
from mesospread.web.render import named, words

#: share of the width, in per cent, kept free at both ends
_LEFT, _RIGHT = 2.0, 98.0
_ROW_PX, _TOP_PX, _AXIS_PX = 46, 8, 30
_LABEL_PX, _LINE_PX = 16, 30
#: past this place a label ends at its event, before it begins there
_LATE = 50.0
#: a narrow telephone: the width of the picture, and that of a letter, px
_NARROW_PX, _LETTER_PX = 296, 8.2
_LONGEST_LABEL = 34
_DAYS_PER_MONTH = 30.4375
#: distances between marks, in months
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_MOST_MARKS = 5
#: width of a letter below the axis, and least room between two such labels, px
_TICK_LETTER_PX, _TICK_GAP_PX = 8.0, 8.0

Kind = Literal["diagnosis", "scan", "treatment", "symptom", "today"]


@dataclass(frozen=True)
class Event:
    """Something with a date.

    Attributes
    ----------
    kind
        What it is.
    called
        What it is, in words.
    name
        Which scan, treatment or symptom, in the words of the form.
    start
        First day.
    end
        Last day; None for a single day, and for what still goes on.
    goes_on
        Whether it still goes on.
    detail
        Where a scan saw tumour, or the response, in words.
    """

    kind: Kind
    called: str
    name: str
    start: dt.date
    end: dt.date | None = None
    goes_on: bool = False
    detail: str = ""

    @property
    def label(self) -> str:
        """What it is and which."""
        return f"{self.called}: {self.name}" if self.name else self.called

    @property
    def short_label(self) -> str:
        """The label, the name alone if that is too long, or cut short to fit a telephone."""
        if len(self.label) <= _LONGEST_LABEL:
            return self.label
        if len(self.name) <= _LONGEST_LABEL:
            return self.name
        return f"{self.name[: _LONGEST_LABEL - 1].rstrip()}…"


@dataclass(frozen=True)
class Mark:
    """An event as it is drawn: places in per cent of the width, heights in px."""

    event: Event
    x: float
    width: float
    y: int
    label_x: float
    anchor: Literal["start", "end"]
    label_y: int


@dataclass(frozen=True)
class Tick:
    """A mark on the axis, in months from day 0.

    Attributes
    ----------
    x
        Place, in per cent of the width.
    months
        Since day 0; below zero before it.
    label, anchor
        What stands below it and how it is aligned; empty where there is no room on a telephone.
    """

    x: float
    months: int
    label: str
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Timeline:
    """The picture and the table.

    Attributes
    ----------
    events
        In order of their first day.
    marks, ticks, height_px
        The picture; no marks if there are no events.
    day_0
        The day from which months are counted; None if there are no events.
    from_diagnosis
        Whether that is the day of diagnosis.
    """

    events: tuple[Event, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    height_px: int
    day_0: dt.date | None
    from_diagnosis: bool

    def day_number(self, event: Event) -> int:
        """Return the day of an event, counted from day 0; before it, below zero."""
        return (event.start - (self.day_0 or event.start)).days


def timeline(form: Form, today: dt.date, lang: str) -> Timeline:
    """Return the timeline of a form; what is no date yet is left out.

    Parameters
    ----------
    form
        As typed so far.
    today
        Where the line ends unless the form says so.
    lang
        Language.
    """
    last = _day(form.value("as_of")) or today
    events = tuple(sorted(_events(form, lang), key=lambda event: event.start))
    diagnosed = _day(form.value("diagnosed"))
    if not events:
        return Timeline((), (), (), 0, None, False)
    day_0 = diagnosed or events[0].start
    first = min(event.start for event in events)
    last = max(last, *(event.end or event.start for event in events))
    days = max(1, (last - first).days)

    def place(day: dt.date) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * (day - first).days / days, 2)

    marks = []
    for row, event in enumerate(events):
        x = place(event.start)
        end = last if event.goes_on else event.end
        width = round(max(0.0, place(end) - x), 2) if end else 0.0
        label_x, anchor = _label_place(x, x + width, event.short_label)
        marks.append(
            Mark(
                event=event,
                x=x,
                width=width,
                y=_TOP_PX + row * _ROW_PX + _LINE_PX,
                label_x=label_x,
                anchor=anchor,
                label_y=_TOP_PX + row * _ROW_PX + _LABEL_PX,
            )
        )
    height = _TOP_PX + len(events) * _ROW_PX + _AXIS_PX
    ticks = _ticks(_months(first, last, day_0, place), lang)
    return Timeline(events, tuple(marks), ticks, height, day_0, diagnosed is not None)


def _label_place(x: float, end: float, label: str) -> tuple[float, Literal["start", "end"]]:
    """Return where a label begins or ends: at its event, but inside a narrow picture."""
    width = 100.0 * len(label) * _LETTER_PX / _NARROW_PX
    if x <= _LATE:
        return round(min(x, max(0.0, 100.0 - width)), 2), "start"
    return round(max(end, min(100.0, width)), 2), "end"


def _ticks(months: Iterable[tuple[float, int]], lang: str) -> tuple[Tick, ...]:
    """Return the marks, each with a label if it does not touch the one before."""
    ticks: list[Tick] = []
    free_px = 0.0
    for x, number in months:
        key = "months" if not ticks else "number"
        label = words().text(f"timeline.{key}", lang, months=str(number).replace("-", "−"))
        width = len(label) * _TICK_LETTER_PX
        at = x / 100.0 * _NARROW_PX
        anchor: Literal["start", "middle", "end"] = "middle"
        if at - width / 2 < 0:
            anchor = "start"
        elif at + width / 2 > _NARROW_PX:
            anchor = "end"
        begins = at - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        fits = begins >= free_px
        ticks.append(Tick(x, number, label if fits else "", anchor))
        if fits:
            free_px = begins + width + _TICK_GAP_PX
    return tuple(ticks)


def _months(
    first: dt.date, last: dt.date, day_0: dt.date, place: Callable[[dt.date], float]
) -> Iterator[tuple[float, int]]:
    """Yield whole months from day 0, a handful of them."""
    span = (last - first).days / _DAYS_PER_MONTH
    step = next((s for s in _STEPS if span / s <= _MOST_MARKS), _STEPS[-1])
    lowest = int((first - day_0).days / _DAYS_PER_MONTH / step) * step
    for months in range(lowest, lowest + step * (_MOST_MARKS + 3), step):
        day = day_0 + dt.timedelta(days=round(months * _DAYS_PER_MONTH))
        if first <= day <= last:
            yield place(day), months


def _events(form: Form, lang: str) -> Iterator[Event]:
    diagnosed = _day(form.value("diagnosed"))
    if diagnosed:
        yield Event("diagnosis", words().text("timeline.kind.diagnosis", lang), "", diagnosed)
    yield from _scans(form, lang)
    yield from _treatments(form, lang)
    called = words().text("timeline.kind.symptom", lang)
    clinical = form.mode == "clinician"
    for symptom in form.choices.symptoms:
        since = _day(form.value(symptom_field(symptom.value, "since")))
        if since and form.value(symptom_field(symptom.value)) != "no":
            name = named(symptom, "symptom", lang, clinical=clinical)
            yield Event("symptom", called, name, since, goes_on=True)


def _scans(form: Form, lang: str) -> Iterator[Event]:
    clinical = form.mode == "clinician"
    called = words().text("timeline.kind.scan", lang)
    for row in range(form.count("scans")):
        day = _day(form.value(scan_field(row, "date")))
        if day:
            seen = [
                named(site, "site", lang, clinical=clinical)
                for site in form.choices.sites
                if form.value(scan_field(row, site.value)) == YES
            ]
            modality = form.value(scan_field(row, "modality"))
            name = modality if clinical else _word("modality", modality, lang)
            places = words().text("timeline.seen_in", lang, places=", ".join(seen)) if seen else ""
            yield Event("scan", called, name, day, detail=places)


def _treatments(form: Form, lang: str) -> Iterator[Event]:
    called = words().text("timeline.kind.treatment", lang)
    for row in range(form.count("treatments")):
        start = _day(form.value(treatment_field(row, "start")))
        end = _day(form.value(treatment_field(row, "end")))
        if start and (end is None or end >= start):
            yield Event(
                "treatment",
                called,
                _treatment(form, form.value(treatment_field(row, "name")), lang),
                start,
                end,
                goes_on=end is None,
                detail=_word("response", form.value(treatment_field(row, "response")), lang),
            )


def _treatment(form: Form, name: str, lang: str) -> str:
    """Return a treatment as the list of the form names it."""
    known = {choice.value: choice.plain for choice in form.choices.treatments}
    return treatment_name(known.get(name, name), Words(lang))


def _word(group: str, value: str, lang: str) -> str:
    """Return the word of the form for a value; the value itself where it has none."""
    key = f"{group}.{value.replace(' ', '_').replace('-', '_')}"
    return words().text(key, lang) if words().has(key) else value


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 1950 else None
