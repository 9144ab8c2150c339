"""What is wrong is told in the language of the page, and every problem has its sentence."""

import datetime as dt
import re
from pathlib import Path

import pytest
from tests.web.conftest import TODAY

from mesospread.app.evidence import evidence_for
from mesospread.app.guide import explain
from mesospread.errors import ContradictionError, InputError, MesospreadError
from mesospread.guide.places import find_place
from mesospread.patient import PatientFileError, parse_patient
from mesospread.patient.problems import _REASONS
from mesospread.web.forms import Form, FormError, patient_of, read_form
from mesospread.web.problems import blanks_of, told
from mesospread.web.render import LANGUAGES, words
from mesospread.web.work import BusyError, TooSlowError

SOURCE = Path(__file__).parents[2] / "src" / "mesospread"
#: sentences that are parts of others, or stand in for any other
PARTS = {"other", "facts", "alive", "response", "no_response"}
#: what only an English sentence holds
ENGLISH_WORDS = re.compile(r"\b(the|this|date|allowed|correct|leave|stage|day|unknown)\b", re.I)

#: facts that are wrong -> which problem that is
WRONG = (
    ("needed", {"scans": [{"date": "2026-03-01"}]}),
    ("needed", {"treatments": [{"start": "2026-03-01"}]}),
    ("needed_word", {"scans": [{"date": "2026-03-01", "modality": "unknown"}]}),
    ("not_whole", {"age": "sixty"}),
    ("not_whole", {"performance_status": "two"}),
    ("not_whole", {"primary": "peritoneal", "stage": {"pci": "ten"}}),
    ("out_of_range", {"age": 111}),
    ("out_of_range", {"performance_status": 5}),
    ("not_a_date", {"diagnosed": "2026-02-30"}),
    ("too_far_back", {"diagnosed": "1066-01-01"}),
    ("after_today", {"as_of": "2026-01-01", "diagnosed": "2026-01-02"}),
    (
        "ends_before_start",
        {"treatments": [{"name": "nivolumab", "start": "2026-05-01", "end": "2026-04-01"}]},
    ),
    (
        "both_answers",
        {
            "scans": [
                {
                    "date": "2026-03-01",
                    "modality": "CT",
                    "positive": ["liver"],
                    "negative": ["liver"],
                }
            ]
        },
    ),
    ("unreadable", {"treatments": [{"name": " ", "start": "2026-05-01"}]}),
    ("group_contradicts", {"stage": {"t": "T4", "m": "M0", "group": "I"}}),
    ("index_range", {"primary": "peritoneal", "stage": {"pci": 40}}),
    ("index_contradicts", {"primary": "peritoneal", "stage": {"t": "T4", "pci": 3}}),
    ("other_category", {"stage": {"edition": "8", "t": "T1a"}}),
    ("other_category", {"stage": {"edition": "9", "n": "N3"}}),
    ("other_group", {"stage": {"edition": "9", "group": "localized"}}),
    ("edition_needed", {"stage": {"date": "2001-01-01", "group": "III"}}),
)
#: the same for what cannot be made from facts alone
OTHER = (
    ("busy", BusyError("the server is busy", remedy="Please try again in a minute", reason="busy")),
    (
        "too_slow",
        TooSlowError(
            "the answer took too long",
            remedy="Please try again in a minute, or use the command line",
            reason="too_slow",
        ),
    ),
)


#: places that cannot be found -> which problem that is
PLACES = (
    ("no_place", ""),
    ("no_such_point", "95, 10"),
    ("unknown_zip", "00000"),
    ("zip_without_place", "09001"),
    ("postcode", "LS1 4AP"),
    ("unknown_area", "Portland, Oregn"),
    ("several_towns", "Springfield"),
    ("too_large_a_place", "Texas"),
    ("unknown_place", "Xqzwvyk"),
    ("unknown_place_near", "Manchster"),
)


def _refused(facts: dict[str, object]) -> MesospreadError:
    with pytest.raises(MesospreadError) as caught:
        parse_patient({"primary": "pleural", **facts})
    assert not isinstance(caught.value, PatientFileError), caught.value
    return caught.value


def _check(reason: str, problem: MesospreadError, *, word_for_word: bool = True) -> None:
    assert problem.reason == reason
    for lang in LANGUAGES:
        sentence = words().text(f"problem.{reason}", lang, **blanks_of(problem, lang))
        assert told(problem, lang).startswith(sentence) or not word_for_word
        assert "{" not in sentence
    assert not ENGLISH_WORDS.search(told(problem, "es"))
    assert told(problem, "es") != words().text("problem.other", "es")


@pytest.mark.parametrize(("reason", "facts"), WRONG, ids=str)
def test_what_is_wrong_with_a_fact_is_told_in_each_language(reason, facts):
    _check(reason, _refused(facts))


@pytest.mark.parametrize(("reason", "problem"), OTHER, ids=[reason for reason, _ in OTHER])
def test_what_is_wrong_with_the_server_is_told_in_each_language(reason, problem):
    _check(reason, problem)


@pytest.mark.parametrize(("reason", "place"), PLACES, ids=[reason for reason, _ in PLACES])
def test_what_is_wrong_with_a_place_is_told_in_each_language(reason, place):
    with pytest.raises(InputError) as caught:
        find_place(place)
    # these two name the country of a postcode, or where guesses come from
    _check(reason, caught.value, word_for_word=reason not in ("postcode", "unknown_place_near"))


def test_every_problem_of_the_program_has_a_sentence_in_each_language():
    raised = set(_REASONS.values())
    for path in SOURCE.rglob("*.py"):
        for line in re.findall(r'reason=".*', path.read_text("utf-8")):
            raised |= set(re.findall(r'"(\w+)"', line))
    for lang in LANGUAGES:
        told_in = {
            key.removeprefix("problem.") for key in words().keys(lang) if key.startswith("problem.")
        }
        assert told_in - PARTS == raised, lang
    allowed = {key for key in words().keys("en") if key.startswith("problem_allowed.")}
    assert allowed <= words().keys("es")
    tested = {reason for reason, _ in (*WRONG, *OTHER, *PLACES)}
    assert raised - tested == {
        "answers_contradict",
        "do_not_fit",
        "in_the_future",
        "not_offered",
        "nothing_known",
        "sent_twice",
        "stage_without_spread",
        "too_long",
    }, "these have tests of their own below"


def test_a_problem_without_a_sentence_is_told_in_general_words():
    assert told(InputError("a new problem"), "es") == words().text("problem.other", "es")
    assert told(InputError("a new problem", allowed="x"), "en") == "A new problem. Allowed: x."


SENT = {
    "age": "sixty",
    "diagnosed": "2027-01-01",
    "stage-q-nodes": "no",
    "stage-q-nodes_other_side": "yes",
    "scans": "2",
    "scan-1-date": "2026-02-30",
    "scan-1-site-liver": "yes",
    "treatments": "1",
    "treatment-0-name": "nivolumab",
    "treatment-0-start": "2026-05-01",
    "treatment-0-end": "2026-04-01",
    "symptom-fever": "yes",
    "symptom-fever-since": "1066-01-01",
}


def _errors(values, lang):
    with pytest.raises(FormError) as caught:
        patient_of(read_form("pleural", "plain", values.items()), TODAY, lang)
    return caught.value.form.errors


def test_the_errors_of_a_form_are_in_its_language():
    in_spanish, in_english = _errors(SENT, "es"), _errors(SENT, "en")
    assert in_spanish.keys() == in_english.keys()
    assert len(in_spanish) == 7
    for message in in_spanish.values():
        assert not ENGLISH_WORDS.search(message), message
    assert "22 de noviembre de 2026" in in_spanish["diagnosed"]
    assert in_english["diagnosed"].endswith("Allowed: 22 November 2026 or earlier.")


def test_words_under_which_nothing_is_known_are_told_in_each_language():
    with pytest.raises(InputError) as caught:
        evidence_for("xyzzy")
    _check("nothing_known", caught.value)


def test_what_only_helps_on_a_command_line_is_not_told_on_a_page():
    with pytest.raises(InputError) as caught:
        explain("xyzzy")
    assert "mesospread ask" in str(caught.value)
    assert told(caught.value) == "No topic of this name."


def test_a_day_in_the_future_is_told_in_each_language():
    tomorrow = {"as_of": (TODAY + dt.timedelta(days=1)).isoformat()}
    assert "22 November 2026 or earlier" in _errors(tomorrow, "en")["as_of"]
    assert "futuro" in _errors(tomorrow, "es")["as_of"]
    assert "22 de noviembre de 2026" in _errors(tomorrow, "es")["as_of"]


def test_findings_that_do_not_fit_are_named_in_each_language():
    patient = {
        "primary": "pleural",
        "scans": [{"date": "2026-03-01", "modality": "CT", "positive": ["liver"]}],
        "stage": {"m": "M0"},
    }
    values = {"paths": 12_345, "months": 9, "facts": ["CT of 01 March 2026: liver positive"]}
    problem = ContradictionError(
        "the findings do not fit together in this model: of 12,345 simulated patients too few "
        "explain them all",
        remedy="Check these facts and their dates. If they are right, the model cannot speak "
        "about this patient",
        reason="do_not_fit",
        values=values,
    )
    sentence = words().text("problem.do_not_fit", "en", **blanks_of(problem, "en"))
    in_english, in_spanish = told(problem, "en", patient), told(problem, "es", patient)
    assert in_english.startswith(sentence)
    assert "liver" in in_english.removeprefix(sentence)
    assert "hígado" in in_spanish
    assert "12\u00a0345" in in_spanish
    assert not ENGLISH_WORDS.search(in_spanish)
    problem.values["facts"] = ["no response to nivolumab"]
    assert "sin respuesta a nivolumab" in told(problem, "es", patient)
    problem.values["facts"] = []
    assert "9 meses" in told(problem, "es", patient)


def test_the_page_tells_a_contradiction_in_its_language(client):
    sent = {
        "diagnosed": "2026-03-02",
        "stage-q-far": "no",
        "scans": "1",
        "scan-0-date": "2026-03-02",
        "scan-0-modality": "CT",
        "scan-0-site-liver": "yes",
    }
    answer = client.post("/es/patient/pleural/result", data=sent)
    assert answer.status_code == 422
    assert "Dos datos se contradicen" in answer.text
    assert "hígado" in answer.text.split("Dos datos se contradicen")[1].split("</li>")[0]
    assert "Two facts" not in answer.text
    english = client.post("/patient/pleural/result", data=sent).text
    assert "Two facts contradict each other. If the finding proved not to be tumour" in english


def test_the_page_names_what_the_model_cannot_explain(client):
    sent = {
        "diagnosed": "1992-01-01",
        "histology": "sarcomatoid",
        "scans": "2",
        "scan-0-date": "1992-02-01",
        "scan-0-modality": "biopsy",
        "scan-0-site-liver": "yes",
        "scan-0-site-brain": "yes",
        "scan-1-date": "2026-02-01",
        "scan-1-modality": "biopsy",
        "scan-1-site-liver": "no",
        "scan-1-site-brain": "no",
    }
    answer = client.post("/es/patient/pleural/result", data=sent)
    assert answer.status_code == 422
    told_there = answer.text.split("Los datos no encajan entre sí")[1].split("</li>")[0]
    assert "biopsia del 1 feb 1992: hígado, visto" in told_there
    assert not ENGLISH_WORDS.search(told_there)
    english = client.post("/patient/pleural/result", data=sent).text
    assert "too few explain them all. Check these facts and their dates." in english


def test_an_empty_form_has_nothing_wrong_with_it():
    assert patient_of(Form("pleural", "plain"), TODAY, "es").primary == "pleural"
