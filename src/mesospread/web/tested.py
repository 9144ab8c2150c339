"""Beside the fields of the form: for which facts the numbers are less well tested."""

from __future__ import annotations

from mesospread.app.page_tested import OF_PERSON, Facts, less_tested
from mesospread.web.fields import NO, YES, scan_field, symptom_field, treatment_field
from mesospread.web.forms import Form
from mesospread.web.render import words


def noticed_fields(form: Form) -> tuple[str, ...]:
    """Return the fields beside which a notice may stand."""
    return (
        *OF_PERSON,
        *(
            scan_field(row, site.value)
            for row in range(form.count("scans"))
            for site in form.choices.sites
        ),
        *(treatment_field(row, "name") for row in range(form.count("treatments"))),
        *(symptom_field(choice.value) for choice in form.choices.symptoms),
    )


def notice_of(primary: str, lang: str) -> str:
    """Return what to know of a primary that few studies tell about; empty if many do."""
    found = less_tested(Facts(primary), lang=lang).get("primary")
    return f"{_said(lang)} {found.text}" if found else ""


def _said(lang: str) -> str:
    return words().text("form.less_tested", lang)


def notices_of(form: Form, lang: str) -> dict[str, str]:
    """Return what is less well tested of what was typed so far.

    Parameters
    ----------
    form
        The form; what is wrong in it is passed over.
    lang
        Language.

    Returns
    -------
    dict
        Field, or ``primary``, to a sentence or two.
    """
    found = less_tested(_facts(form), lang=lang, mode=form.mode)
    return {field: f"{_said(lang)} {notice.text}" for field, notice in found.items()}


def _facts(form: Form) -> Facts:
    return Facts(
        form.primary,
        {name: form.value(name) for name in OF_PERSON if form.value(name)},
        {
            scan_field(row, site.value): (
                form.value(scan_field(row, "modality")),
                (site.value,),
            )
            for row in range(form.count("scans"))
            for site in form.choices.sites
            if form.value(scan_field(row, site.value)) in (YES, NO)
        },
        {
            (field := treatment_field(row, "name")): form.value(field)
            for row in range(form.count("treatments"))
        },
        {
            (field := symptom_field(choice.value)): choice.value
            for choice in form.choices.symptoms
            if form.value(symptom_field(choice.value)) in (YES, NO)
        },
    )
