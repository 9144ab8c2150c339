"""Whom to call: short, of the country that was chosen, with the others within reach."""

import re

import pytest

COUNTRIES = ("Australia", "Canada", "France", "Germany", "Ireland", "Italy", "Netherlands",
             "United Kingdom", "United States")  # fmt: skip


def _help(client, path, **typed):
    page = client.post(f"{path}/result", data={"diagnosed": "2026-03-02", **typed}).text
    return page[page.index('<section class="ms-section" id="help"') :]


def test_a_result_lists_one_line_for_each_country_and_offers_a_choice(client):
    shown = _help(client, "/patient/pleural")
    lines = re.findall(r"<li><strong>(.*?): ", shown.split("</section>")[0])
    assert lines == list(COUNTRIES)
    assert 'name="country"' in shown
    assert 'name="diagnosed" value="2026-03-02"' in shown, "what was typed goes along"


def test_a_chosen_country_has_its_own_line_and_the_others_fold_away(client):
    shown = _help(client, "/es/patient/pleural", country="US")
    section = shown.split("</section>")[0]
    own, others = section.split("<details")
    assert re.findall(r"<strong>(.*?)</strong>", own) == [
        "American Cancer Society",
        "Mesothelioma Applied Research Foundation",
    ]
    assert "Estados Unidos" in own
    assert "línea de ayuda de día y de noche" in own
    assert "Reino Unido: Mesothelioma UK" in others
    assert '<option value="US" selected>Estados Unidos</option>' in shown
    assert (
        'name="country" value="US"'
        in client.post("/es/patient/pleural/result", data={"country": "US"}).text
    ), "a report and the other forms of the page follow it"


@pytest.mark.parametrize(("path", "name"), [("", "United Kingdom"), ("/es", "Reino Unido")])
def test_the_page_of_help_lines_begins_with_whom_to_call(client, path, name):
    everywhere = client.get(f"{path}/support").text
    assert everywhere.count("tel:") < 10
    assert f'<th scope="row">{name}</th><td>Mesothelioma UK' in everywhere
    british = client.post(f"{path}/support", data={"country": "GB"}).text
    own, others = british.split('<h2 id="others">')
    assert own.index("0800 169 2409") < own.index("Asbestos Support Central England")
    assert f'<th scope="row">{name}</th>' not in others
    assert "Krebsinformationsdienst" in others


def test_help_lines_are_described_in_spanish(client):
    page = client.post("/es/support", data={"country": "GB"}).text
    assert "charity" not in page
    assert "support group" not in page.lower().replace("support groups forum", "").replace(
        "victims support group", ""
    )
    assert "Asociación benéfica sobre el mesotelioma" in page


def test_a_country_without_help_lines_says_so(client):
    page = client.post("/es/support", data={"country": "ES"}).text
    assert "Todavía no se conoce ninguno en este país" in page
    assert "Reino Unido" in page


def test_a_place_that_cannot_be_found_is_told_in_spanish(client):
    answer = client.post("/es/centres", data={"near": "Springfield", "primary": "pleural"})
    assert answer.status_code == 422
    assert "Varias ciudades se llaman así" in answer.text
    assert "Several towns" not in answer.text
    found = client.post("/es/centres", data={"near": "Leeds", "primary": "pericardial"}).text
    assert "Pocos centros de la lista" in found
    assert "2026-11-22" not in found
    assert "Listed by distance" not in found
