"""A patient without one background fact or treatment, against the patient file without it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mesospread.app.left_out import each_left_out
from mesospread.errors import ContradictionError
from mesospread.infer.influence import fact_influences
from mesospread.infer.left_out import LeftOut, as_stated
from mesospread.infer.posterior import Posterior
from mesospread.infer.solve import Effort, solve
from mesospread.infer.timeline import Timeline, build_timeline
from mesospread.model.load import disease, observation, treatments
from mesospread.patient import parse_patient

EFFORT = Effort(draws=40, core_paths=640, leaf_paths=6_000, standard_error=0.0, max_rounds=1)
ERRORS = 4.0

STAGED: dict[str, Any] = {
    "primary": "pleural",
    "diagnosed": "2026-01-10",
    "as_of": "2026-10-15",
    "stage": {"edition": "9", "t": "T2", "n": "N0", "m": "M0"},
}
FULL: dict[str, Any] = STAGED | {
    "histology": "sarcomatoid",
    "age": 70,
    "sex": "male",
    "performance_status": 1,
    "scans": [{"date": "2026-10-01", "modality": "CT", "positive": ["liver"]}],
}
FIRST = {
    "name": "pemetrexed + cisplatin",
    "start": "2026-02-01",
    "end": "2026-05-01",
    "response": "progression",
}
SECOND = {"name": "nivolumab + ipilimumab", "start": "2026-06-01", "response": "partial"}


def timeline_of(facts: dict[str, Any]) -> Timeline:
    primary = facts["primary"]
    return build_timeline(
        parse_patient(facts), disease(primary), treatments(primary), observation(primary)
    )


def left_out_of(facts: dict[str, Any]) -> dict[str, LeftOut]:
    patient = parse_patient(facts)
    each = each_left_out(patient, timeline_of(facts), treatments(patient.primary))
    return {one.fact: one for one in each}


def solved(timeline: Timeline, primary: str = "pleural", seed: int = 1) -> Posterior:
    return solve(timeline, observation(primary), seed=seed, effort=EFFORT, prognosis=True)


def asked(posterior: Posterior) -> list[tuple[str | int, ...]]:
    return [
        q
        for q in posterior.questions
        if q[0] in ("involved", "by", "distant") or q in (("alive", 12), ("alive", 24))
    ]


def assert_alike(one: Posterior, other: Posterior) -> None:
    """Check that two independent answers agree within their errors, and are not of no use."""
    apart = []
    for question in asked(one):
        if question == ("distant", "sites"):
            continue
        a, b = one.answer(*question), other.answer(*question)
        error = math.hypot(a.standard_error, b.standard_error)
        assert error < 0.02, question
        apart.append(abs(a.estimate - b.estimate) / (error + 5e-4))
    assert max(apart) < ERRORS + 1.0
    # the answers share their core histories, so all may be apart together: once in a hundred
    assert np.median(apart) < 2.6


def test_the_only_fact_left_out_is_the_file_without_it_to_the_last_bit() -> None:
    without = left_out_of(STAGED | {"histology": "sarcomatoid"})["histology"].timeline
    one, other = solved(without), solved(timeline_of(STAGED))
    assert one.questions == other.questions
    np.testing.assert_array_equal(one.tally.first, other.tally.first)


@pytest.mark.parametrize("fact", ["histology", "age", "sex", "performance_status"])
def test_a_fact_left_out_is_the_file_in_which_it_is_not_known(fact: str) -> None:
    without = left_out_of(FULL)[fact].timeline
    file = timeline_of({name: value for name, value in FULL.items() if name != fact})
    assert_alike(solved(without), solved(file, seed=2))


def test_facts_drawn_from_people_who_are_as_stated_are_as_stated() -> None:
    timeline = timeline_of(FULL)
    assert as_stated(timeline).fixed == {}
    assert_alike(solved(as_stated(timeline)), solved(timeline, seed=2))


@pytest.mark.parametrize("place", [0, 1])
def test_a_treatment_left_out_is_the_file_without_it(place: int) -> None:
    given = [FIRST, SECOND]
    without = left_out_of(FULL | {"treatments": given})[given[place]["name"]]
    assert without.left_out == "not given"
    assert without.value == given[place]["start"]
    file = timeline_of(FULL | {"treatments": [given[1 - place]]})
    # how it worked is left out with it, and the other response is kept
    assert [one.label for one in without.timeline.responses] == [r.label for r in file.responses]
    assert_alike(solved(without.timeline), solved(file, seed=2))


def test_facts_that_say_nothing_are_not_among_them() -> None:
    assert left_out_of(STAGED) == {}
    told = left_out_of(
        {
            "primary": "testicular",
            "sex": "male",
            "age": 60,
            "treatments": [{"name": "prayer", "start": "2026-02-01"}],
        }
    )
    assert set(told) == {"age"}


def test_leaving_out_what_is_left_out_already_changes_nothing() -> None:
    stated = as_stated(timeline_of(FULL))
    base = solved(stated)
    same = LeftOut("sex", "male", "not known", stated)
    (found,) = fact_influences(base, [same], solved, ["liver", "bone"], prognosis=True)
    assert found.involved_now_bands == {}
    bands = [
        found.distant_now_band,
        *found.distant_by_month.values(),
        *(found.alive or {}).values(),
    ]
    for band in bands:
        assert band is not None
        assert (band.estimate, band.low, band.high) == (0.0, 0.0, 0.0)


def test_changes_are_those_of_the_two_answers_and_sharper_than_both() -> None:
    one = left_out_of(FULL)["histology"]
    base, other = solved(as_stated(timeline_of(FULL))), solved(one.timeline)
    shares: list[float] = []
    (found,) = fact_influences(
        base, [one], lambda known: other, ["liver"], prognosis=True, progress=shares.append
    )
    assert shares == [1.0]
    assert found.alive is not None
    change = base.answer("alive", 12).estimate - other.answer("alive", 12).estimate
    # sarcomatoid tumours kill sooner than most
    assert change < -0.05
    assert found.alive["12"].estimate == pytest.approx(change)
    assert found.alive["12"].low < change < found.alive["12"].high < 0
    (untold,) = fact_influences(base, [one], lambda known: other, ["liver"])
    assert untold.alive is None


def test_findings_that_do_not_fit_without_a_treatment_leave_no_number() -> None:
    def refuse(known: Timeline) -> Posterior:
        raise ContradictionError("no")

    base = solved(as_stated(timeline_of(FULL)))
    (found,) = fact_influences(base, list(left_out_of(FULL).values())[:1], refuse, ["liver"])
    assert found.distant_now_band is None
    assert found.distant_by_month == found.involved_now_bands == {}
