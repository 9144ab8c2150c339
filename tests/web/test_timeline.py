"""The timeline: no, one and two events, events before day 0, nothing outside the picture."""

import pytest
from tests.web.conftest import TODAY

from mesospread.web.forms import Form
from mesospread.web.timeline import timeline


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
