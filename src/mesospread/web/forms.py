"""The form about one patient: what was typed, what is wrong with it, and the patient it makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mesospread.app.page_choices import Choices, choices_for
from mesospread.app.page_stage import (
    QUESTIONS,
    Remaining,
    edition_of_words,
    remaining_stages,
)
from mesospread.errors import ContradictionError, InputError, MesospreadError, unknown_name
from mesospread.patient import Patient, PatientFileError, parse_patient
from mesospread.report.strings import ENGLISH, catalogue
from mesospread.web.fields import (
    LONGEST,
    MOST_ROWS,
    NO,
    SCAN,
    STAGE,
    TREATMENT,
    YES,
    field_of,
    known_fields,
    not_answers,
    question_field,
    row_count,
    scan_field,
    stage_field,
    symptom_field,
    treatment_field,
    without_row,
)
from mesospread.web.problems import blanks_of, told

Mode = Literal["plain", "clinician"]


@dataclass(frozen=True)
class Form:
    """A form about one patient as it was typed.

    Attributes
    ----------
    primary
        Name of the primary.
    mode
        ``plain`` or ``clinician``.
    values
        Field to what was typed; empty ones are left out.
    errors
        Field to what is wrong with it; the empty name for what belongs to no field.
    """

    primary: str
    mode: Mode
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def choices(self) -> Choices:
        """What the form offers."""
        return choices_for(self.primary)

    def value(self, name: str) -> str:
        """Return what was typed into a field."""
        return self.values.get(name, "")

    def count(self, table: str) -> int:
        """Return the number of rows of ``scans`` or ``treatments``."""
        return row_count(self.values, table)

    def answers(self) -> dict[str, bool]:
        """Return the answers to the questions about the stage that are known."""
        given = {q.name: self.value(question_field(q.name)) for q in QUESTIONS[self.primary]}
        return {name: value == YES for name, value in given.items() if value in (YES, NO)}

    def remaining(self) -> Remaining | None:
        """Return the stages that the answers leave; None if they contradict each other."""
        try:
            return self._remaining(self.answers(), None)
        except MesospreadError:
            return None

    def _remaining(self, answers: Mapping[str, bool], edition: str | None) -> Remaining:
        index = self.value(stage_field("pci"))
        return remaining_stages(
            self.primary,
            answers,
            stated={axis: self.value(stage_field(axis)) for axis in ("t", "n", "m")},
            pci=int(index) if index.isdigit() else None,
            edition=edition,
        )

    def stages_left(self) -> Remaining | None:
        """Return the stages to be shown as still possible.

        Clinicians state categories instead of answering questions: None if these are of an
        edition that is no longer used.
        """
        if self.mode == "plain":
            return self.remaining()
        edition = self.value(stage_field("edition"))
        if edition and edition not in self.choices.editions:
            return None
        try:
            return self._remaining({}, edition or None)
        except MesospreadError:
            return None

    def typed(self) -> list[tuple[str, str]]:
        """Return what has to be sent along for the form to come back as it is."""
        return [
            (name, value)
            for name, value in self.values.items()
            if name not in ("action", "from_mode") and not name.startswith("option-")
        ]


def read_form(
    primary: str, mode: Mode, sent: Iterable[tuple[str, object]], lang: str = ENGLISH
) -> Form:
    """Read a form as a browser sends it.

    Raises
    ------
    InputError
        For a file.
    FormError
        For a field that the form does not have, one sent twice, a text that is too long or an
        answer that is not offered: with all else that was sent, so that nothing typed is lost.
    """
    choices = choices_for(primary)
    values: dict[str, str] = {}
    problems: dict[str, MesospreadError] = {}
    for name, value in sent:
        if not isinstance(value, str):
            raise InputError("a file was sent", where=name[:LONGEST], allowed="text")
        if name in values:
            problems[name] = InputError("the field was sent twice", reason="sent_twice")
        elif len(value) > LONGEST:
            problems[name] = InputError(
                "the text is too long",
                allowed=f"{LONGEST} characters",
                reason="too_long",
                values={"most": LONGEST},
            )
        values.setdefault(name, value[:LONGEST])
    rows = {table: row_count(values, table) for table in MOST_ROWS}
    allowed = set(known_fields(choices, rows))
    for name in [name for name in values if name not in allowed]:
        problems.pop(name, None)
        problems[""] = unknown_name("field", name[:LONGEST], allowed)
        del values[name]
    form = Form(primary, mode, {name: v.strip() for name, v in values.items() if v.strip()})
    not_offered = InputError("this answer is not offered", reason="not_offered")
    problems |= dict.fromkeys(not_answers(choices, form.values), not_offered)
    if problems:
        told_each = {name: told(problem, lang) for name, problem in problems.items()}
        kept = {n: v for n, v in form.values.items() if problems.get(n) is not not_offered}
        raise FormError(replace(form, values=kept, errors=told_each))
    return form


def acted(form: Form) -> Form:
    """Return the form after the button that was pressed: a row more or less, another mode."""
    action, _, which = form.value("action").partition(":")
    values = {name: value for name, value in form.values.items() if name != "action"}
    table = {"scan": "scans", "treatment": "treatments"}.get(which.split("-")[0], "")
    if action == "add" and table:
        values[table] = str(min(form.count(table) + 1, MOST_ROWS[table]))
    elif action == "remove" and table:
        stem, _, row = which.partition("-")
        if row.isdigit() and int(row) < form.count(table):
            values = without_row(values, stem, int(row), form.count(table))
            values[table] = str(form.count(table) - 1)
    return _in_mode(replace(form, values=values))


def _in_mode(form: Form) -> Form:
    """Carry the stage over if the form was sent from the other mode."""
    came_from = form.value("from_mode")
    values = {name: value for name, value in form.values.items() if name != "from_mode"}
    moved = replace(form, values=values)
    if came_from in ("", form.mode):
        return moved
    if form.mode == "clinician":
        left = moved.remaining()
        known = {stage_field(axis): text for axis, text in (left.stage if left else {}).items()}
        return replace(moved, values={**known, **values})
    stated = {part: moved.value(stage_field(part)) for part in ("edition", "t", "n", "m")}
    return replace(moved, values={**values, **answers_from(form.primary, stated)})


def answers_from(primary: str, stated: Mapping[str, str | None]) -> dict[str, str]:
    """Return the fields of the questions that a stated T, N and M answer."""
    found: dict[str, str] = {}
    if stated.get("edition") and stated["edition"] not in choices_for(primary).editions:
        # categories of an earlier edition do not answer questions about this one
        return found
    for question in QUESTIONS[primary]:
        category = stated.get(question.axis)
        if not category:
            continue
        yes = category in question.yes
        no = category in question.no if question.no else not yes
        if yes != no:
            found[question_field(question.name)] = YES if yes else NO
    return found


def patient_of(form: Form, today: dt.date, lang: str = ENGLISH) -> Patient:
    """Return the patient that a form describes.

    Parameters
    ----------
    form
        The form.
    today
        The day on which it is filled in; nothing may lie after it.
    lang
        Language of what is wrong.

    Raises
    ------
    FormError
        With the form, each error beside its field.
    """
    data, rows = _file_of(form, today)
    errors = _own_errors(form, data, today, lang)
    try:
        patient = parse_patient(data)
    except PatientFileError as error:
        problems: Iterable[MesospreadError] = error.problems
    except MesospreadError as error:
        problems = (error,)
    else:
        if not errors:
            return patient
        problems = ()
    for problem in problems:
        field_name = field_of(problem.where.removeprefix("patient › "), rows)
        errors.setdefault(field_name, _told(form, problem, lang))
    raise FormError(replace(form, errors=errors))


def _told(form: Form, problem: MesospreadError, lang: str) -> str:
    """Return what is wrong; who never saw T, N and M is not told of them."""
    if problem.reason == "group_contradicts" and form.mode == "plain":
        allowed = blanks_of(problem, lang)["allowed"]
        return catalogue("mesospread.web").text("form.group_contradicts", lang, allowed=allowed)
    return told(problem, lang)


class FormError(Exception):
    """A form with something to put right."""

    def __init__(self, form: Form) -> None:
        self.form = form
        super().__init__("something in the form has to be put right")


def _own_errors(form: Form, data: Mapping[str, Any], today: dt.date, lang: str) -> dict[str, str]:
    """Return what only a form can have wrong."""
    errors: dict[str, str] = {}
    try:
        remaining_stages(form.primary, form.answers() if form.mode == "plain" else {})
    except ContradictionError as error:
        errors[question_field(error.where)] = told(error, lang)
    stated = data.get("as_of")
    if stated and not errors.get("as_of") and _is_later(str(stated), today):
        future = InputError(
            "this day lies in the future",
            allowed=f"{today.isoformat()} or earlier",
            reason="in_the_future",
            values={"last": today},
        )
        errors["as_of"] = told(future, lang)
    return errors


def _is_later(text: str, today: dt.date) -> bool:
    try:
        return dt.date.fromisoformat(text) > today
    except ValueError:
        return False


def _file_of(form: Form, today: dt.date) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return what a patient file would say, and the fields behind each of its entries."""
    scans, scan_rows = _scans(form)
    treatments, treatment_rows = _treatments(form)
    symptoms, symptom_rows = _symptoms(form)
    data: dict[str, Any] = {
        name: form.value(name)
        for name in ("sex", "side", "histology", "diagnosed")
        if form.value(name)
    }
    data |= {
        name: _whole(form.value(name)) for name in ("age", "performance_status") if form.value(name)
    }
    data["as_of"] = form.value("as_of") or today.isoformat()
    stage = _stage(form)
    if stage:
        data["stage"] = stage
    data |= {"primary": form.primary, "scans": scans}
    data |= {"treatments": treatments, "symptoms": symptoms}
    return data, {"scans": scan_rows, "treatments": treatment_rows, "symptoms": symptom_rows}


def _whole(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _stage(form: Form) -> dict[str, Any]:
    edition = form.value(stage_field("edition"))
    # the questions are about editions in use; a stage of an earlier one stays as it was stated
    if form.mode == "clinician" or (edition and edition not in form.choices.editions):
        stated = {part: form.value(stage_field(part)) for part in STAGE}
        return {p: _whole(text) if p == "pci" else text for p, text in stated.items() if text}
    left = form.remaining()
    found: dict[str, Any] = dict(left.stage) if left else {}
    if set(found) >= {"t", "n", "m"}:
        # the group follows; naming it again could only contradict
        found.pop("group", None)
    found |= {part: form.value(stage_field(part)) for part in ("date", "basis")}
    if form.value(stage_field("pci")):
        found["pci"] = _whole(form.value(stage_field("pci")))
        found.pop("t", None)
    found = {part: text for part, text in found.items() if text != ""}
    if form.value(stage_field("group")):
        found["group"] = form.value(stage_field("group"))
    used = {q.edition for q in QUESTIONS[form.primary] if q.name in form.answers()} - {""}
    earlier = edition_of_words(found.get("group"), primary=form.primary)
    if earlier is not None and earlier not in form.choices.editions:
        # a T by thickness has no place beside the words of a registry
        return {p: text for p, text in found.items() if not (used and p == "t")} | {
            "edition": earlier
        }
    if found and (used or edition):
        found["edition"] = edition or used.pop()
    return found


def _scans(form: Form) -> tuple[list[dict[str, Any]], list[str]]:
    entries, stems = [], []
    for row in range(form.count("scans")):
        given = {site.value: form.value(scan_field(row, site.value)) for site in form.choices.sites}
        entry: dict[str, Any] = {part: form.value(scan_field(row, part)) for part in SCAN}
        entry["positive"] = [site for site, answer in given.items() if answer == YES]
        entry["negative"] = [site for site, answer in given.items() if answer == NO]
        # a day alone says nothing, so there is nothing to ask for either
        if entry["modality"] or entry["positive"] or entry["negative"]:
            entries.append({key: value for key, value in entry.items() if value})
            stems.append(f"scan-{row}-")
    return entries, stems


def _treatments(form: Form) -> tuple[list[dict[str, Any]], list[str]]:
    entries, stems = [], []
    for row in range(form.count("treatments")):
        entry = {part: form.value(treatment_field(row, part)) for part in TREATMENT}
        if any(entry.values()):
            entries.append({key: value for key, value in entry.items() if value})
            stems.append(f"treatment-{row}-")
    return entries, stems


def _symptoms(form: Form) -> tuple[list[dict[str, Any]], list[str]]:
    entries, stems = [], []
    for symptom in form.choices.symptoms:
        answer = form.value(symptom_field(symptom.value))
        since = form.value(symptom_field(symptom.value, "since"))
        if answer in (YES, NO) or since:
            # a day without an answer still says that it is there
            entry: dict[str, Any] = {"name": symptom.value, "present": answer != NO}
            entries.append({**entry, "since": since} if since else entry)
            stems.append(symptom_field(symptom.value))
    return entries, stems
