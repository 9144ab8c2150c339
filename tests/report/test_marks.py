"""Beside each number: the studies behind it; each mark leads to its row in the list of sources."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.report.answers import PATIENTS, comparison, forecast_of
from tests.report.test_view import blocks_of, of_section

from mesospread.app.report import MODES, Mode, compare_page, forecast_page
from mesospread.report.basis import distant_basis, people_in, scan_basis, site_basis
from mesospread.report.html import document
from mesospread.report.pdf import pdf
from mesospread.report.view_blocks import Mark, Paragraph, Section, Table
from mesospread.report.view_marks import forecast_marks, mark_text
from mesospread.report.view_parts import Words

#: rows that are no number of the model for a place, a scan or a symptom
WITHOUT = {"no new place within two years", "T", "N"}


def marks_of(table: Table) -> list[Mark | None]:
    return list(table.marks) or [None] * len(table.rows)


@pytest.mark.parametrize("primary", PATIENTS)
def test_every_number_carries_a_mark_that_leads_to_its_sources(primary: str) -> None:
    page = forecast_page(forecast_of(primary))
    for name in ("now", "next", "time", "scans", "symptoms"):
        if page.section(name) is None:
            continue
        tables = [b for b in of_section(page, name) if isinstance(b, Table)]
        # the small table of one place stands below a sentence with the mark
        for table in (t for t in tables if not t.rows[0][0].startswith("Today")):
            rows = zip(table.rows, marks_of(table), strict=True)
            missing = [row[0] for row, mark in rows if mark is None]
            assert set(missing) <= WITHOUT, (name, table.caption)
    html = document(page)
    targets = re.findall(r'class="ms-mark[^"]*" href="#([\w-]+)"', html)
    assert len(targets) > 30
    for target in set(targets):
        assert html.count(f'id="{target}"') == 1, target


@pytest.mark.parametrize("mode", MODES)
def test_sentences_with_a_number_carry_a_mark(mode: Mode) -> None:
    page = forecast_page(forecast_of("pleural", prognosis=True), mode=mode)
    for name in ("short", "time", "scans", "survival"):
        told = [b for b in of_section(page, name) if isinstance(b, Paragraph)]
        assert any(b.mark is not None for b in told), name
        if name in ("short", "time"):
            assert all(b.mark is not None for b in told if b.style == "lead"), name


def test_a_mark_says_what_was_counted_and_whether_that_is_thin() -> None:
    page = forecast_page(forecast_of("pleural"))
    table = next(b for b in of_section(page, "now") if isinstance(b, Table))
    for site, mark in zip(page.sites, table.marks, strict=True):
        basis = site_basis("pleural", site.site)
        assert mark is not None
        assert f"{people_in(basis.own):,} people" in mark.text
        assert mark.thin is (basis.grade in "CD")
        assert f"{basis.grade}\u00a0(" in mark.text
    lead = next(b for b in of_section(page, "short") if isinstance(b, Paragraph) and b.mark)
    assert lead.mark is not None
    assert f"{people_in(distant_basis('pleural').own):,} people" in lead.mark.text


def test_borrowed_evidence_and_none_are_called_so() -> None:
    words = Words()
    borrowed = scan_basis("pleural", "MRI", "bone")
    assert not borrowed.own
    assert "of other tumours" in mark_text(borrowed, words)
    nothing = scan_basis("pleural", "MRI", "skin")
    assert mark_text(nothing, words) == "no study counted it ·\u00a0D\u00a0(judgement)"
    spanish = mark_text(site_basis("pleural", "contralateral_pleura"), Words("es"))
    assert spanish == "3 estudios, 8\u00a0636 personas ·\u00a0B\u00a0(regular)"


def test_the_list_holds_exactly_what_carries_a_mark() -> None:
    page = forecast_page(forecast_of("pleural"))
    used = {
        mark.anchor
        for section in page.sections
        for block in blocks_of(section.blocks)
        for mark in (block.marks if isinstance(block, Table) else [getattr(block, "mark", None)])
        if mark is not None
    }
    listed = [b for b in of_section(page, "about") if isinstance(b, Table) and b.anchors]
    assert len(listed) == 1
    assert set(listed[0].anchors) == used
    liver = listed[0].rows[listed[0].anchors.index("behind-liver")]
    assert "Finn" in liver[1]
    assert "(318 people)" in liver[1]


def test_a_comparison_has_marks_for_its_options_and_places() -> None:
    page = compare_page(comparison(prognosis=True))
    for option in page.options[1:]:
        section = page.section(f"option-{option.number}")
        assert section is not None
        blocks = blocks_of(section.blocks)
        lead = next(b for b in blocks if isinstance(b, Paragraph) and b.style == "lead")
        assert lead.mark is not None
        assert lead.mark.anchor == f"behind-option-{option.number}"
        gains = next(b for b in blocks if isinstance(b, Table))
        assert all(gains.marks)
    survival = page.section("survival")
    assert survival is not None
    found = [b for b in blocks_of(survival.blocks) if isinstance(b, Table) and b.marks]
    assert found == []
    assert document(page).count('id="behind-survival"') == 1


def test_other_sections_stay_as_they_are() -> None:
    marks = forecast_marks(forecast_of("pleural"), Words())
    table = Table("x", ("a", "b"), (("liver", "1"), ("nowhere", "2")))
    questions = Section("questions", "x", (table,))
    now = replace(questions, id="now")
    assert marks.on([questions, None]) == [questions, None]
    changed = marks.on([now])[0]
    assert changed is not None
    (marked,) = changed.blocks
    assert isinstance(marked, Table)
    assert [mark is not None for mark in marked.marks] == [True, False]


def test_marks_are_in_the_printed_report() -> None:
    assert pdf(forecast_page(forecast_of("pericardial"))).startswith(b"%PDF-")
