"""The main task, from the first page to the report: with a keyboard, without scripts, live."""

import re

import pytest


def _press_until(page, wanted, key="Tab", most=400):
    """Press a key until the element in focus fits; fail if it never does."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate(f"() => document.activeElement.matches({wanted!r})"):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def _focus_is_shown(page):
    return page.evaluate(
        """() => { const element = document.activeElement;
        const shown = element.matches('.seg input') ? element.nextElementSibling : element;
        return getComputedStyle(shown).outlineStyle !== 'none'; }"""
    )


def test_with_the_keyboard_alone(open_page):
    page = open_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    _press_until(page, "main a[href='/patient']")
    assert _focus_is_shown(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/patient")
    _press_until(page, "main a[href='/patient/pleural']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patient/pleural")
    _press_until(page, "#age")
    page.keyboard.type("67")
    _press_until(page, "input[name=histology]")
    assert _focus_is_shown(page)
    page.keyboard.press("ArrowLeft")
    assert page.locator("input[name=histology][value=sarcomatoid]").is_checked()
    _press_until(page, "button[value='add:scan']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#scan-0")
    page.wait_for_selector("#scan-0-modality:focus")
    page.keyboard.type("MRI")
    _press_until(page, "#scan-0-date")
    page.keyboard.type("11102026")
    _press_until(page, "input[name='scan-0-site-brain']")
    page.keyboard.press("ArrowLeft")
    assert page.locator("input[name='scan-0-site-brain'][value=no]").is_checked()
    _press_until(page, ".send button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/result")
    facts = page.locator(".ms-facts").inner_text()
    assert "67" in facts
    assert "Sarcomatoid" in facts
    _press_until(page, "#outlook button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Not now")


def test_without_scripts(open_page):
    page = open_page(scripts=False, width=360)
    page.goto("/")
    page.click("text=Enter what you know")
    page.click("main >> text=Lining of the belly")
    page.fill("#age", "58")
    page.fill("#stage-pci", "14")
    page.check("input[name='stage-q-nodes'][value=no]", force=True)
    page.click("text=Show the stages still possible")
    assert page.locator("#stages-left li.out").count() == 1
    page.click("text=Add a scan or test")
    assert page.url.endswith("#scan-0")
    page.select_option("#scan-0-modality", "CT")
    page.fill("#scan-0-date", "2026-11-10")
    page.check("input[name='scan-0-site-liver'][value=no]", force=True)
    page.click("text=Add a treatment")
    page.select_option("#treatment-0-name", "cytoreduction + HIPEC")
    page.fill("#treatment-0-start", "2026-12-24")
    page.click(".send button")
    assert page.locator("#errors li").count() == 1
    assert page.input_value("#age") == "58"
    page.fill("#treatment-0-start", "2026-05-24")
    page.click("text=Draw the timeline again")
    assert page.locator(".timeline .dot, .timeline .bar").count() == 2
    page.click(".send button")
    assert page.locator("#now").is_visible()
    with page.expect_download() as download:
        page.click("text=Report as HTML")
    assert download.value.suggested_filename == "mesospread-report.html"
    page.check("input[name='option-1']")
    page.click("text=Compare them")
    assert "pemetrexed + cisplatin" in page.locator("main").inner_text()
    page.click("text=Back to the result")
    assert page.locator("#now").is_visible()
    page.click("text=Clinician view")
    assert page.url.endswith("/clinician/peritoneal/result")
    page.click("text=Change the facts")
    assert page.input_value("#age") == "58"
    assert page.input_value("#stage-pci") == "14"


def test_the_example_takes_one_click(open_page):
    page = open_page()
    page.goto("/")
    page.click("text=Try an example patient")
    assert page.locator("#now").is_visible()
    assert page.locator("text=a made-up person").is_visible()


def test_stages_and_timeline_change_while_one_answers(open_page):
    page = open_page()
    page.goto("/patient/pleural")
    page.check("input[name='stage-q-far'][value=yes]", force=True)
    page.wait_for_selector("#stages-left li.out >> nth=3")
    assert page.locator("#stages-left li:not(.out)").inner_text().startswith("IV")
    page.fill("#diagnosed", "2026-03-02")
    page.locator("#diagnosed").blur()
    page.wait_for_selector(".timeline .diagnosis")


def test_survival_takes_two_steps_and_is_forgotten_with_the_page(open_page):
    page = open_page()
    page.goto("/patient/testicular/example")
    assert page.locator("#survival").count() == 0
    page.click("text=I want to see how long people live")
    page.wait_for_selector("button:has-text('Not now')")
    assert page.locator("#survival").count() == 0
    gate = page.locator("#outlook")
    yes, no = (gate.get_by_role("button", name=name) for name in ("As a curve", "Not now"))
    assert yes.bounding_box()["width"] == pytest.approx(no.bounding_box()["width"], abs=1.0)
    assert yes.bounding_box()["height"] == no.bounding_box()["height"]
    yes.click()
    page.wait_for_selector("#survival .ms-curve")
    assert page.locator("#survival .ms-icons").count() == 0
    gate.get_by_role("button", name="Out of 100 people").click()
    page.wait_for_selector("#survival .ms-icons")
    assert page.locator("#survival .ms-curve").count() == 0
    page.click("text=Hide it again")
    page.wait_for_selector("text=I want to see how long people live")
    assert page.locator("#survival").count() == 0
    page.goto("/patient/testicular/example")
    assert page.locator("#survival").count() == 0


def test_no_fact_is_ever_in_an_address(open_page):
    page = open_page()
    visited = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    page.goto("/patient/pleural")
    page.fill("#age", "83")
    page.click(".send button")
    page.wait_for_selector("#now")
    page.goto("/ask")
    page.fill("#question", "Can it spread to the liver?")
    page.click("text=Ask >> nth=-1")
    page.wait_for_selector("article")
    assert not any(re.search(r"[?&=]|83|liver", url.split("/", 3)[3]) for url in visited)


def test_why_comes_in_place_and_stays_asked_for(open_page):
    page = open_page()
    page.goto("/patient/testicular/example")
    assert page.locator("#why table").count() == 0
    page.click("#reasons button")
    page.wait_for_selector("#why table", timeout=120_000)
    assert page.url.endswith("/patient/testicular/example")
    assert page.evaluate("document.activeElement.id") == "why"
    assert page.locator("#reasons button").count() == 0
    page.click("text=I want to see how long people live")
    page.wait_for_selector("button:has-text('Not now')")
    assert page.locator("#why table").count() > 0


def test_why_without_scripts(open_page):
    page = open_page(scripts=False, width=360)
    page.goto("/patient/testicular/example")
    page.click("#reasons button")
    assert page.url.endswith("/patient/testicular/result#why")
    assert page.locator("#why table").count() > 0


def test_what_cannot_come_in_place_comes_as_a_page(open_page):
    page = open_page(fails=True)
    page.goto("/patient/testicular/example")
    page.route("**/why", lambda route: route.abort())
    page.click("#reasons button")
    page.wait_for_url("**/patient/testicular/result#why")
    assert page.locator("#why table").count() > 0


def test_a_mark_opens_the_list_of_sources(open_page):
    page = open_page()
    page.goto("/patient/pleural/example")
    row = page.locator("#behind-liver")
    assert not row.is_visible()
    # the grade stands in the row; studies and people open below it
    page.locator("#now details:has(a[href='#behind-liver']) > summary").click()
    page.locator("#now a[href='#behind-liver']").click()
    assert row.is_visible()
    assert "Finn" in row.inner_text()


def test_less_well_tested_is_told_while_one_answers(open_page):
    page = open_page(width=360)
    page.goto("/patient/pleural")
    for field in ("age", "histology"):
        assert not page.locator(f"#tested-{field}").is_visible()
    page.fill("#age", "97")
    page.locator("#age").blur()
    page.wait_for_selector("#tested-age:has-text('years old')")
    page.check("input[name=histology][value=biphasic]", force=True)
    page.wait_for_selector("#tested-histology:has-text('cell type')")
    page.check("input[name=histology][value=epithelioid]", force=True)
    page.wait_for_selector("#tested-histology:has-text('cell type')", state="detached")
    page.click("button[value='add:treatment']")
    page.wait_for_selector("#treatment-0-name:focus")
    # the new row listens once it has settled
    # (wait_for_function would poll with eval, which the page's own policy forbids)
    page.wait_for_selector(".htmx-settling, .htmx-swapping", state="detached")
    page.wait_for_timeout(100)
    page.select_option("#treatment-0-name", "palliative radiotherapy")
    page.wait_for_selector("#tested-treatment-0-name:has-text('thought to work')")


def test_a_form_that_is_too_large_is_answered_with_a_page(open_page):
    page = open_page(fails=True)
    page.goto("/es/patient/pleural")
    page.evaluate(
        """() => { const large = document.createElement('textarea');
        large.name = 'age2'; large.value = 'x'.repeat(400000);
        document.querySelector('#patient-form').append(large); }"""
    )
    page.locator(".send button").last.click()
    page.wait_for_selector("h1:has-text('Fue demasiado')")
    assert page.locator("main a.button").get_attribute("href") == "/es"
