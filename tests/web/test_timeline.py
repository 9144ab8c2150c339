"""The timeline: no, one and two events, events before day 0, nothing outside the picture."""

import re
from itertools import pairwise

import pytest
from tests.web.conftest import TODAY

from mesospread.web.forms import Form
from mesospread.web.timeline import timeline

#: width of the picture on a narrow telephone, and of a letter in it, px
NARROW_PX, LETTER_PX = 296, 8.0
MANY = {
    "diagnosed": "2025-03-02",
    "symptom-hoarseness": "yes",
    "symptom-hoarseness-since": "2024-10-01",
    "scans": "3",
    "scan-0-date": "2025-06-01",
    "scan-0-modality": "mediastinoscopy",
    "scan-0-site-bone": "yes",
    "scan-1-date": "2026-11-10",
    "scan-1-modality": "PET-CT",
    "scan-2-date": "2026-11-12",
    "scan-2-modality": "laparoscopy",
    "treatments": "2",
    "treatment-0-name": "pemetrexed + cisplatin + bevacizumab",
    "treatment-0-start": "2025-03-20",
    "treatment-0-end": "2025-07-20",
    "treatment-0-response": "partial",
    "treatment-1-name": "nivolumab + ipilimumab",
    "treatment-1-start": "2026-10-30",
}


def _timeline(**values):
    return timeline(
        Form("pleural", "plain", {k.replace("_", "-"): v for k, v in values.items()}), TODAY, "en"
    )


def test_nothing_typed_is_no_picture():
    assert _timeline().events == ()
    assert _timeline(diagnosed="soon").events == ()


def test_one_event_is_drawn():
    drawn = _timeline(diagnosed="2026-11-22")
    assert [mark.event.kind for mark in drawn.marks] == ["diagnosis"]
    assert drawn.day_0.isoformat() == "2026-11-22"
    assert drawn.from_diagnosis
    assert 0 <= drawn.marks[0].x <= 100


def test_days_are_counted_from_the_diagnosis_also_backwards():
    drawn = _timeline(
        diagnosed="2026-03-02",
        symptom_cough="yes",
        symptom_cough_since="2026-01-31",
        scans="1",
        scan_0_date="2026-03-12",
        scan_0_modality="CT",
    )
    assert [drawn.day_number(event) for event in drawn.events] == [-30, 0, 10]
    symptom = drawn.marks[0]
    assert symptom.event.goes_on
    assert symptom.x + symptom.width == pytest.approx(98.0)


def test_without_a_diagnosis_the_first_event_is_day_0():
    drawn = _timeline(treatments="1", treatment_0_start="2026-05-01", treatment_0_end="2026-06-01")
    assert drawn.day_number(drawn.events[0]) == 0
    assert not drawn.from_diagnosis


@pytest.mark.parametrize("first", ["1950-01-01", "2020-02-29", "2026-11-21"])
def test_ticks_are_few_and_inside(first):
    drawn = _timeline(diagnosed=first)
    assert 1 <= len(drawn.ticks) <= 9
    assert all(0 <= tick.x <= 100 for tick in drawn.ticks)
    assert drawn.ticks[0].months == 0


def _spans(drawn):
    """Where each label begins and ends on a narrow telephone, px."""
    for mark in drawn.marks:
        width = len(mark.event.short_label) * LETTER_PX
        at = mark.label_x / 100 * NARROW_PX
        yield (at, at + width) if mark.anchor == "start" else (at - width, at)


def _tick_spans(drawn):
    for tick in drawn.ticks:
        if tick.label:
            width = len(tick.label) * LETTER_PX
            at = tick.x / 100 * NARROW_PX
            begin = at - {"start": 0, "middle": width / 2, "end": width}[tick.anchor]
            yield begin, begin + width


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    "typed",
    [
        {"diagnosed": "2026-11-20"},
        {"diagnosed": "2026-03-02", "scans": "1", "scan-0-date": "2026-11-20"},
        MANY,
        {**MANY, "diagnosed": "1955-01-01"},
        {**MANY, "diagnosed": "2026-11-13"},
    ],
    ids=["one", "two", "many", "long ago", "late"],
)
def test_labels_stay_in_a_narrow_picture_and_off_each_other(typed, lang):
    drawn = timeline(Form("pleural", "plain", typed), TODAY, lang)
    assert all(begin >= -1 and end <= NARROW_PX + 1 for begin, end in _spans(drawn))
    ticks = list(_tick_spans(drawn))
    assert all(begin >= -1 and end <= NARROW_PX + 1 for begin, end in ticks)
    assert all(first[1] < then[0] for first, then in pairwise(ticks))
    rows = [mark.label_y for mark in drawn.marks]
    assert all(b - a >= 40 for a, b in pairwise(rows))


def test_a_label_is_near_its_event():
    drawn = timeline(Form("pleural", "plain", MANY), TODAY, "en")
    late = next(mark for mark in drawn.marks if mark.event.name == "PET-CT scan")
    assert late.anchor == "end"
    assert late.label_x == pytest.approx(late.x)
    early = next(mark for mark in drawn.marks if mark.event.kind == "diagnosis")
    assert (early.anchor, early.label_x) == ("start", early.x)


def _table(client, path, typed):
    answer = client.post(f"{path}/timeline", data=typed)
    assert answer.status_code == 200
    return answer.text


def test_the_page_shows_a_table_and_day_0_in_the_language_of_the_page(client):
    english = _table(client, "/patient/pleural", MANY)
    assert "Day 0 is the day of the diagnosis, 2 March 2025" in english
    assert "20 Mar 2025" in english
    assert "until 20 July 2025" in english
    assert "Seen in: bone" in english
    spanish = _table(client, "/es/patient/pleural", MANY)
    assert "El día 0 es el día del diagnóstico, 2 de marzo de 2025" in spanish
    assert "hasta el 20 jul 2025" in spanish
    assert "Visto en: hueso" in spanish
    assert "<details" not in spanish, "the table is always there"
    for page in (english, spanish):
        assert page.count("<tr>") == 1 + 7
        assert not re.search(r">\s*\d{4}-\d\d-\d\d", page), "a day as only machines write it"


@pytest.mark.parametrize(("typed", "rows"), [({"scans": "0"}, 0), ({"diagnosed": "2026-11-20"}, 2)])
def test_no_event_and_one_event_have_a_page_as_well(client, typed, rows):
    assert _table(client, "/es/patient/pleural", typed).count("<tr>") == rows
