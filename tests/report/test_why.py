"""Why this number: what pushed it up or down, fact by fact and place by place."""

from __future__ import annotations

import pytest
from tests.report.answers import forecast_of
from tests.report.test_view import of_section

from mesospread.app.report import MODES, Mode, forecast_page
from mesospread.infer.result import Band, FactInfluence, Forecast, Influence
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


def fact(name: str, value: str, now: float | None, **places: float) -> FactInfluence:
    """Return what a fact does: to spread now, by a year twice as much, to survival thrice."""

    def band(change: float) -> Band:
        return Band(estimate=change, low=change - 0.01, high=change + 0.01)

    return FactInfluence(
        fact=name,
        value=value,
        left_out="not given" if value.startswith("20") else "not known",
        distant_now_band=None if now is None else band(now),
        involved_now_bands={site: band(change) for site, change in places.items()},
        distant_by_month={} if now is None else {"12": band(2 * now)},
        alive=None if now is None else {"12": band(3 * now)},
    )


def with_facts(*facts: FactInfluence) -> Forecast:
    return forecast_of("pleural", prognosis=True).model_copy(
        update={"influences": [], "fact_influences": list(facts)}
    )


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
    assert liver[1] == "stage T3 N1 M0, +6 (+5\u00a0to +7)"
    assert liver[2] == "CT of 10 Nov 2026: liver not seen, −11 (−12\u00a0to −10)"


def test_only_the_strongest_pushes_are_told_strongest_first() -> None:
    names = ["one", "two", "three", "four"]
    found = [influence(n, 0.01, liver=0.01 * k) for k, n in enumerate(names, start=1)]
    _, places = tables(with_influences(*found), "clinician")
    told = places.rows[0][1]
    assert "one" not in told
    assert told.index("four") < told.index("three") < told.index("two")
    _, places = tables(with_influences(*found))
    assert "three" in places.rows[0][1]
    assert "two" not in places.rows[0][1]


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
        CT: "TAC del 10 nov 2026: hígado, no visto",
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


CHEMOTHERAPY = "pemetrexed + cisplatin"


def test_facts_and_treatments_have_a_table_of_their_own() -> None:
    answer = with_facts(
        fact("histology", "epithelioid", -0.04), fact(CHEMOTHERAPY, "2026-03-02", 0)
    )
    (table,) = tables(answer)
    assert [row[0] for row in table.rows] == [
        "cell type: epithelioid",
        "pemetrexed + cisplatin, from 2 Mar 2026",
    ]
    # now, by a year, and alive in a year, since survival was worked out
    assert [cell.split(" (")[0] for cell in table.rows[0][1:]] == ["−4", "−8", "−12"]
    assert set(table.rows[1][1:]) == {"no clear change"}
    # nobody is told of survival who has not asked
    unasked = with_facts(fact("age", "61", 0.02)).model_copy(update={"survival": None})
    (table,) = tables(unasked)
    assert len(table.header) == len(table.rows[0]) == 3


def test_facts_push_the_numbers_of_places_beside_findings() -> None:
    facts = [fact("sex", "male", 0.0, liver=0.03), fact(CHEMOTHERAPY, "2026-03-02", 0, liver=-0.2)]
    answer = with_facts(*facts).model_copy(update={"influences": [influence(CT, -0.1, liver=0.05)]})
    *_, places = tables(answer)
    (liver,) = places.rows
    assert liver[1] == (
        "CT of 10 Nov 2026: liver not seen, +5 (+4\u00a0to +6); sex: male, +3 (+2\u00a0to +4)"
    )
    assert liver[2].startswith("pemetrexed + cisplatin, from 2 Mar 2026, −20 (")


def test_a_treatment_without_which_the_findings_do_not_fit_is_told_so() -> None:
    (table,) = tables(with_facts(fact("pneumonectomy", "2026-03-02", None)))
    assert set(table.rows[0][1:]) == {"does not fit without it"}


def test_decimals_are_written_as_in_the_language() -> None:
    answer = with_facts(fact("age", "61", 0.0251))
    english, spanish = (tables(answer, "clinician", lang)[0].rows[0][1] for lang in ("en", "es"))
    assert english.startswith("+2.5 (+1.5")
    assert spanish.startswith("+2,5 (+1,5")


def test_the_facts_of_a_real_answer_are_told_in_both_languages() -> None:
    answer = forecast_of("peritoneal", why=True)
    assert answer.fact_influences
    for lang, treatment in (("en", ", from "), ("es", ", desde el ")):
        names = [row[0] for table in tables(answer, lang=lang) for row in table.rows]
        assert sum(treatment in name for name in names) == 1


def test_a_push_that_may_go_either_way_is_not_called_clear() -> None:
    finding = influence(CT, -0.05, liver=-0.11)
    unsure = Band(estimate=0.05, low=-0.02, high=0.12)
    wide = finding.model_copy(update={"involved_now_bands": {"liver": unsure}})
    _, places = tables(with_influences(finding, influence(STAGE, 0.04, liver=0.06)))
    assert len(places.rows) == 1
    assert [t.caption for t in tables(with_influences(wide))] == [
        t.caption for t in tables(with_influences(influence(CT, -0.05)))
    ]
