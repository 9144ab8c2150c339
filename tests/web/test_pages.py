"""Every page: it is there, says who to call, carries its headers, and is plain and light."""

import re
import tomllib
from html import unescape
from importlib.resources import files

import pytest
from tests.support.reading_level import grade
from tests.web.conftest import TODAY
from tests.web.pages import ALL, PLAIN, PRIMARIES

from mesospread.app.page_choices import choices_for
from mesospread.web.render import words

_TAG = re.compile(r"<[^>]+>")
_TEXT = re.compile(r"<(p|li|dd|legend)\b[^>]*>((?:(?!</?(?:p|li|dd|ul)\b).)*)</\1>", re.S)
#: hard words that no text about this disease can do without; each page says what they mean
_NEEDED = re.compile(r"mesothelioma|pleural|peritoneal|pericardial|medicines?", re.IGNORECASE)
_FEWEST_WORDS = 6


def _running_text(html):
    """The sentences of a page; names, labels and lists of links are none."""
    main = html[html.index("<main") : html.index("</main>")]
    main = re.sub(r"<(svg|table|details)\b.*?</\1>", "", main, flags=re.S)
    parts = [" ".join(unescape(_TAG.sub(" ", part)).split()) for _, part in _TEXT.findall(main)]
    return _easy([part for part in parts if len(part.split()) >= _FEWEST_WORDS])


def _easy(parts):
    text = " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts)
    return _NEEDED.sub("cancer", text)


@pytest.mark.parametrize("path", ALL)
def test_every_page_opens_and_says_who_to_call(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "999 (UK)" in answer.text
    assert 'href="/support"' in answer.text
    assert answer.text.count("<h1") == 1
    assert "style=" not in re.sub(r"<svg.*?</svg>", "", answer.text, flags=re.S)
    assert "<script>" not in answer.text


@pytest.mark.parametrize("path", PLAIN)
def test_plain_pages_are_easy_to_read(client, path):
    found = grade(_running_text(client.get(path).text))
    assert found <= 8.0, f"grade {found:.1f}"


def test_all_words_of_the_catalogue_are_easy_to_read():
    """Those that only some visitors see, such as errors, included."""
    clinical = (
        "card.",
        "evidence.",
        "validation.",
        "form.stage_clinician",
        "form.stage_date",
        "result.lead_clinician",
    )
    texts = [
        text.replace("{", "").replace("}", "")
        for key, text in words().sentences["en"].items()
        if not key.startswith(clinical) and len(text.split()) >= _FEWEST_WORDS
    ]
    found = grade(_easy(texts))
    assert found <= 8.0, f"grade {found:.1f}"


@pytest.mark.parametrize(
    "path", ["/", "/patient/pleural", "/static/page.css", "/nowhere", "/api/v1/health"]
)
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers
    assert "server" not in headers


def test_pages_are_not_kept_by_browsers(client):
    assert client.get("/patient/pleural/example").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("primary", PRIMARIES)
def test_nothing_about_survival_unless_asked_for_twice(client, primary):
    example = client.get(f"/patient/{primary}/example").text
    assert 'id="survival"' not in example
    for outlook, shown in (("ask", False), ("ranges", True), ("show", True), ("odd", False)):
        answer = client.post(f"/patient/{primary}/result", data={"outlook": outlook})
        assert ('id="survival"' in answer.text) is shown
    asked = client.post(f"/patient/{primary}/result", data={"outlook": "ask"}).text
    choices = ("longer, typical and shorter", "Out of 100 people", "As a curve", "Not now")
    gate = asked[asked.index('id="outlook"') :]
    assert [gate.index(choice) for choice in choices] == sorted(map(gate.index, choices))
    assert asked.count('class="button even"') == len(choices)


@pytest.mark.parametrize("path", ["/patient/pleural/result", "/patient/pleural/report"])
@pytest.mark.parametrize(
    ("outlook", "times", "icons", "curve"),
    [
        ("ranges", True, False, False),
        ("people", False, True, False),
        ("curve", False, False, True),
        ("show", True, True, True),
    ],
)
def test_survival_comes_in_the_form_that_was_chosen(client, path, outlook, times, icons, curve):
    html = client.post(path, data={"outlook": outlook, "action": "html"}).text
    part = html[html.index('id="survival"') :]
    part = part[: part.index("</section>")]
    assert ("In the middle" in part) is times
    assert ("ms-icons" in part) is icons
    assert ("ms-curve" in part) is curve
    assert ("<table" in part) is (icons or curve)


@pytest.mark.parametrize("door", ["patient", "clinician"])
def test_the_report_holds_survival_only_if_the_page_does(client, door):
    without = client.post(f"/{door}/pleural/report", data={"action": "html"})
    assert without.headers["content-disposition"].startswith("attachment")
    assert 'id="survival"' not in without.text
    with_it = client.post(f"/{door}/pleural/report", data={"action": "html", "outlook": "show"})
    assert 'id="survival"' in with_it.text


def test_the_report_says_what_each_fact_did(client):
    scan = {"scan-0-modality": "CT", "scan-0-date": "2026-11-10", "scan-0-site-liver": "no"}
    facts = {"action": "html", "diagnosed": "2026-03-02", "scans": "1", **scan}
    html = client.post("/patient/pleural/report", data=facts).text
    why = html[html.index('id="why"') :]
    assert "CT" in why[: why.index("</section>")]


def test_the_report_as_pdf(client):
    answer = client.post("/patient/testicular/report", data={"action": "pdf"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("", "The date of the CT is not known; it is taken as done on 02 March 2026."),
        ("/es", "(TAC): se cuenta como hecha el 2 de marzo de 2026."),
    ],
)
def test_a_scan_without_a_date_is_taken_with_a_word_on_it(client, lang, said):
    scan = {"scans": "1", "scan-0-modality": "CT", "scan-0-site-liver": "no"}
    answer = client.post(f"{lang}/patient/pleural/result", data={"diagnosed": "2026-03-02", **scan})
    assert answer.status_code == 200
    assert said in answer.text


@pytest.mark.parametrize(("lang", "said"), [("", "fill them in"), ("/es", "escríbalas")])
def test_what_contradicts_on_an_assumed_day_asks_for_the_day(client, lang, said):
    scan = {"scans": "1", "scan-0-modality": "CT", "scan-0-site-liver": "yes"}
    facts = {"diagnosed": "2026-03-02", "stage-m": "M0", **scan}
    answer = client.post(f"{lang}/clinician/pleural/result", data=facts)
    assert answer.status_code == 422
    assert said in answer.text
    dated = facts | {"scan-0-date": "2026-03-02"}
    assert said not in client.post(f"{lang}/clinician/pleural/result", data=dated).text


def test_treatments_are_compared(client):
    answer = client.post("/patient/pleural/compare", data={"option-0": "yes", "option-2": "yes"})
    assert answer.status_code == 200
    assert "nivolumab + ipilimumab" in answer.text
    assert 'id="survival"' not in answer.text
    again = client.post("/patient/pleural/compare", data={"option-0": "yes"})
    assert "Choose two or more." in again.text


@pytest.mark.parametrize("lang", ["", "/es"])
def test_a_page_compares_six_treatments_at_most_and_keeps_what_was_chosen(client, lang):
    seven = {f"option-{number}": "yes" for number in range(1, 8)}
    answer = client.post(f"{lang}/patient/pleural/compare", data={"age": "67"} | seven)
    assert answer.status_code == 422
    assert 'id="compare-error"' in answer.text
    chosen = set(re.findall(r'name="(option-\d+)" value="yes" checked', answer.text))
    assert chosen == set(seven)
    assert 'name="age" value="67"' in answer.text
    assert ("de 2 a 6" if lang else "2 to 6") in client.get(f"{lang}/patient/pleural/example").text


def test_a_form_with_errors_keeps_what_was_typed_and_marks_the_field(client):
    typed = {"age": "6x", "diagnosed": "2026-01-01", "stage-q-far": "yes"}
    answer = client.post("/patient/pleural/result", data=typed)
    assert answer.status_code == 422
    assert 'value="6x" aria-describedby="age-error tested-age" aria-invalid="true"' in answer.text
    assert 'value="2026-01-01"' in answer.text
    assert re.search(r'name="stage-q-far" value="yes" checked', answer.text)
    assert '<a href="#age">Age: Not a whole number' in answer.text


@pytest.mark.parametrize("action", ["result", "compare", "report", "stage"])
def test_what_cannot_be_read_comes_back_in_the_form_with_all_else(client, action):
    typed = {"age": "67", "symptom-cough": "perhaps", "nationality": "x", "diagnosed": "2026-01-05"}
    answer = client.post(f"/patient/pleural/{action}", data=typed)
    assert answer.status_code == 422
    assert 'name="age" value="67"' in answer.text
    assert 'value="2026-01-05"' in answer.text
    assert 'id="symptom-cough-error"' in answer.text
    assert "perhaps" not in answer.text


def test_clinicians_see_the_stages_that_are_left(client):
    page = client.get("/clinician/pleural").text
    assert 'id="stages-left"' in page
    left = client.post("/clinician/pleural/stage", data={"stage-t": "T4", "stage-m": "M0"}).text
    assert "<html" not in left
    assert left.count("ruled out") >= 3
    # the eighth edition has other stages, and those of one no longer in use have no list
    eighth = {"stage-edition": "8", "stage-t": "T1", "stage-n": "N0"}
    assert "TNM 8" in client.post("/clinician/pleural/stage", data=eighth).text
    old = {"stage-edition": "butchart", "stage-group": "II"}
    assert "<li" not in client.post("/clinician/pleural/stage", data=old).text


def test_a_day_in_the_future_is_marked(client):
    typed = {"as_of": TODAY.replace(year=2031).isoformat()}
    answer = client.post("/clinician/pleural/result", data=typed)
    assert answer.status_code == 422
    assert 'id="as_of-error"' in answer.text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
@pytest.mark.parametrize(
    ("path", "field"),
    [("/patient/pleural/result", "age"), ("/ask", "question"), ("/centres", "near"),
     ("/evidence", "words"), ("/claims", "words")],
)  # fmt: skip
def test_what_is_typed_is_shown_as_text_only(client, path, field, text):
    answer = client.post(path, data={field: text})
    assert answer.status_code in (200, 422)
    assert text not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/patient/lung", {}, 404),
        ("GET", "/guide/nowhere", {}, 404),
        ("GET", "/patient/pleural/result", {}, 405),
        ("POST", "/patient/pleural/result", {"data": {"nationality": "x"}}, 422),
        ("POST", "/patient/pleural/result", {"json": {"age": 60}}, 422),
        ("POST", "/patient/pleural/result", {"content": b"\xff\xfe%%"}, 422),
        ("POST", "/patient/pleural/result", {"data": {"age": "6" * 300_000}}, 413),
        ("POST", "/ask", {"data": {"question": ""}}, 422),
        ("POST", "/ask", {"data": {"question": "x", "more": "y"}}, 422),
        ("POST", "/centres", {"data": {"near": "Xyzzyville"}}, 422),
        ("POST", "/centres", {"data": {"near": "Leeds", "primary": "knee"}}, 422),
        ("POST", "/support", {"data": {"country": "Atlantis"}}, 422),
        ("POST", "/evidence", {"data": {"words": "xyzzy"}}, 422),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(client, method, path, sent, status):
    answer = client.request(method, path, **sent)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert len(answer.text) > 20


def test_an_unknown_address_of_the_api_is_answered_in_its_form(client):
    for path in ("/api/v1/nowhere", "/api/", "/api"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "E-NOT-FOUND"


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/es/guide", "/patient/pleural", "/nowhere", "/patient/pleural/result"),
        *("/static/page.css", "/api/v1/openapi.json", "/api/v1/health", "/api/v1/nowhere"),
        *("/api/v1/explain?topic=liver", "/api/v1/explain?a=b"),
    ],
)
def test_head_is_answered_like_get_without_a_body(client, path):
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["content-security-policy"] == got.headers["content-security-policy"]


def test_head_of_a_call_that_takes_post_only_is_refused(client):
    answer = client.head("/api/v1/forecast")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_the_parts_that_are_swapped_live(client):
    answer = client.post("/patient/pleural/stage", data={"stage-q-far": "yes"})
    assert "<html" not in answer.text
    assert answer.text.count("ruled out") == 4
    drawn = client.post("/patient/pleural/timeline", data={"diagnosed": "2026-01-01"})
    assert "Diagnosis" in drawn.text


def test_the_first_page_comes_fast(client):
    client.get("/")
    times = sorted(client.get("/").elapsed.total_seconds() for _ in range(5))
    assert times[0] < 0.2


def test_every_key_of_a_translation_is_one_of_english():
    for lang in words().languages()[1:]:
        file = files("mesospread.web") / "data" / f"strings.{lang}.toml"
        assert tomllib.loads(file.read_text("utf-8"))
        # names of places and symptoms come in English with the program
        named = {key for key in words().keys(lang) if key.startswith(("site.", "symptom."))}
        assert words().keys(lang) - named <= words().keys("en")
        blanks = re.compile(r"\{\w+\}")
        for key in words().keys(lang) - named:
            ours = words().sentences[lang][key]
            assert set(blanks.findall(ours)) == set(blanks.findall(words().sentences["en"][key])), (
                key
            )


def test_the_check_of_the_reading_level_can_fail():
    hard = "<main><p>Haematogenous dissemination necessitates multidisciplinary evaluation.</p>"
    assert grade(_running_text(f"{hard * 3}</main>".replace("evaluation", "evaluation today"))) > 8


@pytest.mark.parametrize("path", ["/es", "/es/patient/pleural", "/es/spread/pleural", "/es/guide"])
def test_spanish_pages_say_that_a_machine_helped(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert '<html lang="es">' in answer.text
    assert "con ayuda de una máquina" in answer.text
    links = re.findall(r'(?:href|action)="(/[^"]*)"', answer.text)
    own = [link for link in links if not link.startswith(("/es", "/static"))]
    assert own == [path.removeprefix("/es") or "/"]


def test_spanish_has_all_words_of_the_pages_for_patients():
    """And all places and symptoms of the form."""
    lacking = words().keys("en") - words().keys("es")
    clinical = (
        "card.",
        "evidence.",
        "validation.",
        "claims.",
        "basis.",
        "guide.",
        "about.",
        "error.",
    )
    assert [
        k for k in lacking if not k.startswith((*clinical, "form.", "result.lead_clinician"))
    ] == []
    for primary in PRIMARIES:
        choices = choices_for(primary)
        for group, offered in (("site", choices.sites), ("symptom", choices.symptoms)):
            for choice in offered:
                key = f"{group}.{choice.value.replace(' ', '_')}"
                assert key in words().keys("es"), key


def test_evidence_on_survival_is_shown_only_if_it_is_asked_for(client):
    without = client.post("/evidence", data={"words": "mortality"}).text
    with_it = client.post("/evidence", data={"words": "mortality", "survival": "yes"}).text
    assert "Left out here" in without
    assert "mortality_severe" not in without
    assert "mortality_severe" in with_it
    assert "Left out here" not in with_it


SCAN = {
    "diagnosed": "2026-03-02",
    "scans": "1",
    "scan-0-modality": "CT",
    "scan-0-date": "2026-11-10",
    "scan-0-site-liver": "no",
}


@pytest.mark.parametrize("door", ["patient", "clinician"])
def test_why_is_asked_for_below_the_result_and_shown_without_scripts(client, door):
    plain = client.post(f"/{door}/pleural/result", data=SCAN).text
    assert "CT of 10 Nov 2026" not in plain
    # the button comes right after the section that it fills
    after = plain[plain.index('id="why"') :]
    button = after.index(f'action="/{door}/pleural/result#why"')
    assert button < after.index('id="questions"')
    asked = client.post(f"/{door}/pleural/result", data={**SCAN, "why": "yes"}).text
    why = asked[asked.index('id="why"') :]
    assert "CT of 10 Nov 2026: liver" in why[: why.index("</section>")]
    assert 'name="why" value="yes"' in asked[asked.index('id="outlook"') :]


def test_why_alone_is_one_section_to_be_put_in_place(client):
    answer = client.post("/es/patient/pleural/why", data=SCAN)
    assert answer.status_code == 200
    assert answer.text.count("<section") == 1
    assert 'id="why"' in answer.text
    assert "TAC del 10 nov 2026: hígado, no visto" in answer.text
    assert 'id="reasons"' in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert "<html" not in answer.text


def test_why_of_a_form_with_an_error_is_the_form(client):
    answer = client.post("/patient/pleural/why", data={**SCAN, "age": "x"})
    assert answer.status_code == 422
    assert 'id="errors"' in answer.text


def test_what_is_less_well_tested_stands_beside_its_field(client):
    typed = {"age": "99", "histology": "sarcomatoid", "symptom-fever": "no", **SCAN}
    form = client.post("/patient/pleural", data=typed | {"action": "check"}).text
    for field in ("age", "histology", "symptom-fever"):
        assert re.search(rf'id="tested-{field}"[^>]*>Less well tested\. ', form), field
        assert f'tested-{field}"' in form[: form.index(f'id="tested-{field}"')], "described by it"
    for field in ("performance_status", "symptom-headache", "scan-0-site-liver"):
        assert re.search(rf'id="tested-{field}"[^>]*></p>', form), field
    live = client.post("/patient/pleural/tested", data=typed).text
    assert re.search(r'"innerHTML:#tested-age">Less well tested', live)
    assert re.search(r'"innerHTML:#tested-performance_status"></p>', live)
    slots = set(re.findall(r'id="tested-([\w-]+)"', form))
    assert slots == set(re.findall(r"innerHTML:#tested-([\w-]+)", live))


def test_what_is_less_well_tested_is_in_the_result_and_the_report(client):
    typed = {"histology": "sarcomatoid", "action": "html"}
    for path in ("result", "report"):
        html = client.post(f"/patient/pleural/{path}", data=typed).text
        assert "Less well tested for you" in html
        assert "Cell type: In the studies" in html
    usual = client.post("/patient/pleural/result", data={"histology": "epithelioid"}).text
    assert "Less well tested for you" not in usual


@pytest.mark.parametrize("door", ["patient", "clinician"])
def test_rare_forms_are_called_less_well_tested_where_they_are_chosen(client, door):
    choice = client.get(f"/{door}").text
    assert choice.count("Less well tested") == len(PRIMARIES) - 1
    assert "Menos comprobado" in client.get(f"/es/{door}/testicular").text
    assert 'id="tested-primary"' not in client.get(f"/{door}/pleural").text


def test_numbers_on_the_page_carry_their_sources(client):
    html = client.get("/patient/pleural/example").text
    targets = set(re.findall(r'class="ms-mark[^"]*" href="#([\w-]+)"', html))
    assert "behind-liver" in targets
    assert all(html.count(f'id="{target}"') == 1 for target in targets)


def test_pages_travel_packed(client):
    packed = client.get("/patient/pleural")
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert packed.headers["x-content-type-options"] == "nosniff"
    plain = client.get("/patient/pleural", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text
    assert int(packed.headers["content-length"]) < len(plain.content) / 3


def test_what_only_studies_give_is_marked_in_the_list_to_compare(client):
    html = client.get("/patient/pleural/example").text
    marked = set(re.findall(r"<span>([^<]+) \(only in studies\)</span>", html))
    assert {"Semaxanib", "Tetrathiomolybdate"} < marked
    assert {"Cediranib + pemetrexed + cisplatin", "Nintedanib + pemetrexed + cisplatin"} < marked
    assert not any(name.startswith(("Nivolumab", "Pemetrexed")) for name in marked)
    spanish = client.get("/es/patient/pleural/example").text
    assert "Tetratiomolibdato (solo en estudios)" in spanish


@pytest.mark.parametrize("lang", ["", "/es"])
def test_a_work_on_survival_alone_says_that_it_was_not_asked_for(client, lang):
    html = client.get(f"{lang}/patient/pleural/example").text
    assert ("no se pidió" if lang else "not asked for") in html
    assert not re.search(r"<td[^>]*>\s*;|;\s*</td>|;\s*;", html)
