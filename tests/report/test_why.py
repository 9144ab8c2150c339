"""Why this number: what pushed it up or down, fact by fact and place by place."""

from __future__ import annotations

import pytest
from tests.report.answers import forecast_of
from tests.report.test_view import of_section

from mesospread.app.report import MODES, Mode, forecast_page
from mesospread.infer.result import Band, Forecast, Influence
from mesospread.report.view_blocks import Paragraph, Table
from mesospread.report.view_findings import finding_labels
from mesospread.report.view_parts import Words

CT = "CT of 10 November 2026: liver negative"
STAGE = "T3 N1 M0"


def influence(finding: str, distant: float, **places: float) -> Influence:
    bands = {
        site: Band(estimate=change, low=change - 0.01, high=change + 0.01)
        for site, change in places.items()
    }
    return Influence(
        finding=finding,
        chance=0.5,
        chance_band=Band(estimate=0.5, low=0.4, high=0.6),
        distant_now=distant,
        distant_now_band=Band(estimate=distant, low=distant - 0.02, high=distant + 0.02),
        involved_now=places,
        involved_now_bands=bands,
    )


def with_influences(*influences: Influence) -> Forecast:
    return forecast_of("pleural").model_copy(update={"influences": list(influences)})


def tables(answer: Forecast, mode: Mode = "plain", lang: str = "en") -> list[Table]:
    page = forecast_page(answer, mode=mode, lang=lang)
    return [b for b in of_section(page, "why") if isinstance(b, Table)]


def test_what_pushed_a_number_up_and_what_down_stand_on_either_side() -> None:
    answer = with_influences(
        influence(STAGE, 0.04, liver=0.06, bone=0.001),
        influence(CT, -0.05, liver=-0.11),
    )
    facts, places = tables(answer)
    assert [row[0] for row in facts.rows] == ["CT of 10 Nov 2026: liver not seen", "stage T3 N1 M0"]
    assert facts.rows[0][1].startswith("−5 (")
    # a change of less than half a person out of 100 is not told
    (liver,) = places.rows
    assert liver[0].startswith("liver: ")
    assert liver[1] == "stage T3 N1 M0 (+6)"
    assert liver[2] == "CT of 10 Nov 2026: liver not seen (−11)"


def test_only_the_strongest_pushes_are_told_strongest_first() -> None:
    names = ["one", "two", "three", "four"]
    found = [influence(n, 0.01, liver=0.01 * k) for k, n in enumerate(names, start=1)]
    _, places = tables(with_influences(*found))
    told = places.rows[0][1]
    assert "one" not in told
    assert told.index("four") < told.index("three") < told.index("two")


def test_facts_that_moved_nothing_are_left_out_for_patients() -> None:
    answer = with_influences(influence(CT, 0.0, liver=-0.11), influence(STAGE, 0.04))
    assert [len(table.rows) for table in tables(answer)] == [1, 1]
    facts, _ = tables(answer, "clinician")
    assert [row[1] for row in facts.rows][1:] == ["no clear change"]
    assert len(facts.rows[0]) == 3


@pytest.mark.parametrize("mode", MODES)
def test_no_finding_at_all_and_none_that_moves_are_told(mode: Mode) -> None:
    for influences, key in (([], "why.no_findings"), ([influence(CT, 0.0)], "why.none_clear")):
        page = forecast_page(with_influences(*influences), mode=mode)
        told = [b.text for b in of_section(page, "why") if isinstance(b, Paragraph)]
        if mode == "plain" or not influences:
            assert Words("en", mode)(key) in told
    assert tables(forecast_of("pleural"), mode) == []


def test_findings_are_named_in_the_language_of_the_reader() -> None:
    answer = with_influences(influence(CT, -0.05), influence(STAGE, 0.04))
    labels = finding_labels(answer, Words("es"))
    assert labels == {
        CT: "TC del 10 nov 2026: hígado, no visto",
        STAGE: "estadio T3 N1 M0",
    }


def test_every_finding_of_inference_gets_its_label() -> None:
    answer = forecast_of("pleural", why=True)
    assert answer.influences
    labels = finding_labels(answer, Words("es"))
    assert set(labels) >= {one.finding for one in answer.influences}
    english = [name for name, label in labels.items() if name == label]
    assert english == []
    assert tables(answer)
