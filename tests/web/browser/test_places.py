"""Each place of a result opens without a script and by keyboard, and shows what its table does."""

import pytest

CLOSED = "#time details.ms-folded:not([open]):has(.ms-people)"
OPEN = "#time details.ms-folded[open]:has(.ms-people)"


@pytest.mark.parametrize("path", ["/patient/pleural/example", "/es/patient/pleural/example"])
def test_every_place_opens_without_a_script_by_keyboard(open_page, path):
    page = open_page(scripts=False, width=360)
    page.goto(path)
    closed, opened = page.locator(CLOSED).count(), page.locator(OPEN).count()
    assert closed + opened == page.locator("#now tbody tr").count()
    assert 2 <= opened <= 4
    for left in range(closed, 0, -1):
        place = page.locator(CLOSED).first
        place.locator("> summary").focus()
        page.keyboard.press("Enter")
        assert page.locator(CLOSED).count() == left - 1
    for picture in page.locator(f"{OPEN} .ms-people svg").all():
        box = picture.bounding_box()
        assert box["x"] >= 0
        assert box["width"] > 80
        assert box["x"] + box["width"] <= 360


def test_paper_holds_open_places_and_leaves_closed_ones_to_the_table(open_page):
    page = open_page(width=768)
    page.goto("/patient/pleural/example")
    closed, opened = page.locator(CLOSED).count(), page.locator(OPEN).count()
    page.emulate_media(media="print")
    for place in page.locator(CLOSED).all():
        assert not place.is_visible()
    assert page.locator(f"{OPEN} >> .ms-curve >> visible=true").count() > 0
    table = page.locator("#time details:not(:has(.ms-people)) table").first
    assert table.is_visible()
    # one kind of place has a number for today alone
    assert closed + opened - 1 <= table.locator("tbody tr").count() <= closed + opened
    # who opens a place has it printed
    page.emulate_media(media="screen")
    page.locator(f"{CLOSED} > summary").first.click()
    page.emulate_media(media="print")
    assert page.locator(f"{OPEN} > summary >> visible=true").count() == opened + 1
