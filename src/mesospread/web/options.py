"""What the lists of the form offer, in the words of a language."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from mesospread.app.centres import support_in
from mesospread.app.page_stage import QUESTIONS
from mesospread.report.view_parts import Words, treatment_name
from mesospread.web.fields import symptom_field
from mesospread.web.forms import Form
from mesospread.web.render import named, words

Options = list[tuple[str, str]]


def options_of(form: Form, lang: str) -> dict[str, Any]:
    """Return the lists that the template of the form shows: value and words.

    Parameters
    ----------
    form
        Which form.
    lang
        Language.
    """
    choices = form.choices

    def told(group: str, value: str) -> str:
        key = f"{group}.{value.replace(' ', '_').replace('-', '_')}"
        return words().text(key, lang) if words().has(key) else value

    def listed(group: str, values: tuple[str, ...]) -> Options:
        return [(value, told(group, value)) for value in values]

    plain = form.mode == "plain"
    return {
        "labels": partial(label_of, form=form, lang=lang),
        "questions": QUESTIONS[form.primary],
        "group_options": _groups(form, told),
        "axis_options": {
            axis: [
                (c.value, c.plain)
                for c in (*getattr(choices, axis), *choices.earlier_categories[axis])
            ]
            for axis in ("t", "n", "m")
        },
        "edition_options": [(system.value, system.name) for system in choices.staging],
        "modality_options": listed("modality", choices.modalities)
        if plain
        else [(value, value) for value in choices.modalities],
        "country_options": sorted(
            ((code, told("country", code)) for code in _countries()), key=lambda one: one[1]
        ),
        "response_options": listed("response", choices.responses),
        "treatment_options": [
            (choice.value, treatment_name(choice.plain, Words(lang)))
            for choice in choices.treatments
        ],
    }


#: fields whose words stand under another name in the catalogue
_LABELS = {"performance_status": "fitness"}


def label_of(field: str, *, form: Form, lang: str) -> str:
    """Return what a field is about, for the list of errors.

    Parameters
    ----------
    field
        Name of the field.
    form
        The form it belongs to.
    lang
        Language.
    """
    stem, _, rest = field.partition("-")
    row = rest.partition("-")[0]
    if stem in ("scan", "treatment") and row.isdigit():
        return words().text(f"form.{stem}_number", lang, number=int(row) + 1)
    for symptom in form.choices.symptoms:
        if field in (symptom_field(symptom.value), symptom_field(symptom.value, "since")):
            return _first_up(named(symptom, "symptom", lang, clinical=form.mode == "clinician"))
    section = {"stage": "stage", "symptom": "symptoms"}.get(stem)
    key = f"form.{section or _LABELS.get(field, field)}"
    return words().text(key if words().has(key) else "form.title", lang)


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _countries() -> tuple[str, ...]:
    """Return the codes of the countries with somebody to call."""
    return tuple(dict.fromkeys(str(one["country"]) for one in support_in()["organisations"]))


def _groups(form: Form, told: Any) -> Options:
    """Return the stage groups; in plain mode only the numbers, plus what was typed."""
    groups = form.choices.groups
    if form.mode == "plain":
        typed = form.value("stage-group")
        groups = tuple(g for g in groups if g[-1:] not in "ABC" or g == typed)
    return [(group, told("group", group)) for group in groups]
