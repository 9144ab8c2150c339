"""The pages about one patient: the form, the result, treatments compared, the report.

Nothing is kept between requests: what was typed comes along with each of them, in the body.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from mesospread.app.page_choices import primary_choices
from mesospread.app.page_example import example
from mesospread.errors import InputError, MesospreadError
from mesospread.report.html import fragment, section_fragment
from mesospread.report.strings import ENGLISH, catalogue
from mesospread.web.addresses import Door, Primary
from mesospread.web.fields import MOST_OPTIONS, YES, option_field
from mesospread.web.filled_form import form_of
from mesospread.web.forms import Form, FormError, Mode, acted, patient_of, read_form
from mesospread.web.options import options_of
from mesospread.web.problems import told
from mesospread.web.render import language, page, piece, text, today
from mesospread.web.tested import notice_of, noticed_fields, notices_of
from mesospread.web.timeline import Timeline, timeline
from mesospread.web.work import Progress, in_worker

if TYPE_CHECKING:
    from mesospread.app.page_result import OutlookForm, Wanted
    from mesospread.report.view import ForecastView

router = APIRouter()

_MODES: dict[str, Mode] = {"patient": "plain", "clinician": "clinician"}
_UNUSABLE = 422
#: what is downloaded -> name and media type of the file
_FILES = {
    "pdf": ("mesospread-report.pdf", "application/pdf"),
    "html": ("mesospread-report.html", "text/html; charset=utf-8"),
    "fhir": ("mesospread-record.json", "application/fhir+json"),
}
#: what the second step of asking for survival may send -> the form in which it is shown
_OUTLOOKS: dict[str, OutlookForm] = {
    "ranges": "ranges",
    "people": "people",
    "curve": "curve",
    "show": "all",
}


@router.get("/")
def _start(request: Request) -> HTMLResponse:
    return page(request, "start.html")


@router.get("/{door:door}")
def _choose(request: Request, door: Door) -> HTMLResponse:
    lang = _report_language(request)
    notices = {one.value: notice_of(one.value, lang) for one in primary_choices()}
    return page(request, "choose.html", door=door, primaries=primary_choices(), notices=notices)


@router.get("/{door:door}/{primary:primary}")
def _empty_form(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    return _form_page(request, Form(primary, _MODES[door]))


@router.get("/{door:door}/{primary:primary}/example")
async def _example(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    form = form_of(example(primary), _MODES[door])
    return await _result_page(request, form, is_example=True)


@router.post("/{door:door}/{primary:primary}")
async def _typed_form(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    return _form_page(request, acted(await _sent(request, door, primary)))


@router.post("/{door:door}/{primary:primary}/stage")
async def _stages_left(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    form = await _sent(request, door, primary)
    return page(request, "part_stages.html", form=form, left=form.stages_left())


@router.post("/{door:door}/{primary:primary}/timeline")
async def _drawn(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    form = await _sent(request, door, primary)
    return page(request, "part_timeline.html", timeline=_timeline(request, form))


@router.post("/{door:door}/{primary:primary}/tested")
async def _tested(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    """Answer with what is less well tested of what was typed, each beside its field."""
    form = await _sent(request, door, primary)
    notices = notices_of(form, _report_language(request))
    return page(request, "part_tested.html", fields=noticed_fields(form), notices=notices)


@router.post("/{door:door}/{primary:primary}/result")
async def _result(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    form = acted(await _sent(request, door, primary))
    return await _result_page(request, form)


@router.post("/{door:door}/{primary:primary}/why")
async def _why(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    """Answer with the one section that says what each fact did, to take the place of another."""
    form = acted(await _sent(request, door, primary))
    view = await _forecast(
        request, replace(form, values={**form.values, "why": YES}), today(request)
    )
    if isinstance(view, HTMLResponse):
        return view
    section = view.section("why")
    assert section is not None
    return page(
        request,
        "part_why.html",
        form=form,
        door=door,
        section=section_fragment(view, section),
        swapped=True,
        shows_why=True,
    )


@router.post("/{door:door}/{primary:primary}/compare")
async def _compare(request: Request, door: Door, primary: Primary) -> HTMLResponse:
    form = await _sent(request, door, primary)
    try:
        patient = patient_of(form, today(request), language(request))
    except FormError as error:
        return _form_page(request, error.form, status=_UNUSABLE)
    chosen = _chosen(form)
    if not 2 <= len(chosen) <= MOST_OPTIONS:
        problem = text(
            request, "compare.too_many" if len(chosen) > 1 else "compare.two", most=MOST_OPTIONS
        )
        return await _result_page(request, replace(form, errors={"compare": problem}))
    from mesospread.app.page_result import quick_comparison

    wanted = _wanted(request, form)
    view = await in_worker(
        request, lambda progress: quick_comparison(patient, chosen, wanted, progress)
    )
    return page(
        request,
        "compare.html",
        path=_address(form),
        form=form,
        door=door,
        view=view,
        fragment=fragment(view),
    )


@router.post("/{door:door}/{primary:primary}/report")
async def _report(request: Request, door: Door, primary: Primary) -> Response:
    form = await _sent(request, door, primary)
    try:
        patient = patient_of(form, today(request), language(request))
    except FormError as error:
        return _form_page(request, error.form, status=_UNUSABLE)
    from mesospread.app.page_result import forecast_file, record_file

    action = form.value("action")
    wanted = _wanted(request, form)

    def work(progress: Progress) -> bytes:
        if action == "fhir":
            return record_file(patient, progress)
        return forecast_file(patient, wanted, progress, as_pdf=action == "pdf")

    content = await in_worker(request, work)
    name, kind = _FILES.get(action, _FILES["html"])
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


async def _sent(request: Request, door: Door, primary: Primary) -> Form:
    """Return the form that a browser sent.

    Raises
    ------
    InputError
        If it is no form.
    FormError
        If it is not this one; `form_again` shows it.
    """
    kind = request.headers.get("content-type", "").split(";")[0]
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise InputError("not a form", given=kind[:40], allowed="a form as a browser sends it")
    async with request.form(max_fields=2_000, max_files=0) as sent:
        return read_form(primary, _MODES[door], sent.multi_items(), language(request))


async def form_again(request: Request, error: Exception) -> Response:
    """Return the form with what cannot be used in it, and all that was typed."""
    assert isinstance(error, FormError)
    return _form_page(request, error.form, status=_UNUSABLE)


def _form_page(request: Request, form: Form, *, status: int = 200) -> HTMLResponse:
    return page(
        request,
        "form.html",
        status=status,
        path=_address(form),
        form=form,
        door=_door(form),
        left=form.stages_left(),
        timeline=_timeline(request, form),
        notices=notices_of(form, _report_language(request)),
        **options_of(form, language(request)),
    )


async def _result_page(request: Request, form: Form, *, is_example: bool = False) -> HTMLResponse:
    day, wanted = today(request), _wanted(request, form)
    view = await _forecast(request, form, max(day, _stated_day(form)) if is_example else day)
    if isinstance(view, HTMLResponse):
        return view
    asked = piece(
        request,
        "part_why.html",
        form=form,
        door=_door(form),
        section="",
        swapped=False,
        shows_why=wanted.why,
    )
    # it comes with the engine, which has worked by now
    from mesospread.app.fhir import has_fhir

    countries = options_of(form, language(request))["country_options"]
    whose_line = piece(
        request, "part_country.html", form=form, door=_door(form), countries=countries
    )
    return page(
        request,
        "result.html",
        status=_UNUSABLE if form.errors else 200,
        path=f"{_address(form)}/example" if is_example else _address(form),
        form=form,
        door=_door(form),
        is_example=is_example,
        most_options=MOST_OPTIONS,
        outlook=form.value("outlook"),
        shows_outlook=wanted.prognosis,
        has_fhir=has_fhir(),
        view=view,
        fragment=fragment(view, {"why": asked, "help": whose_line}),
        timeline=_timeline(request, form),
    )


async def _forecast(request: Request, form: Form, day: dt.date) -> ForecastView | HTMLResponse:
    """Return what follows for the patient of a form, or the form with what is wrong in it.

    Parameters
    ----------
    request, form
        What was sent.
    day
        Nothing may lie after it.
    """
    from mesospread.app.page_result import quick_forecast

    wanted = _wanted(request, form)
    try:
        patient = patient_of(form, day, language(request))
    except FormError as error:
        return _form_page(request, error.form, status=_UNUSABLE)
    try:
        return await in_worker(request, lambda progress: quick_forecast(patient, wanted, progress))
    except MesospreadError as error:
        if error.code in ("E-BUSY", "E-TIME", "E-GONE"):
            raise
        problem = told(error, language(request), patient.to_dict(), wanted.mode)
        if patient.assumed_days():
            problem = f"{problem} {text(request, 'form.give_days')}"
        return _form_page(request, replace(form, errors={"": problem}), status=_UNUSABLE)


def _timeline(request: Request, form: Form) -> Timeline:
    return timeline(form, today(request), language(request))


def _report_language(request: Request) -> str:
    """Return the language of the result: English where it is not translated yet."""
    lang = language(request)
    return lang if lang in catalogue("mesospread.report").languages() else ENGLISH


def _wanted(request: Request, form: Form) -> Wanted:
    """Return how the reader wants the answer; survival only if it was asked for twice."""
    from mesospread.app.page_result import Wanted

    return Wanted(
        form.mode,
        _report_language(request),
        _OUTLOOKS.get(form.value("outlook")),
        why=form.value("why") == YES,
        country=form.value("country") or None,
    )


def _chosen(form: Form) -> list[str]:
    """Return the treatments to compare, in the order of the form; none first."""
    names = ["none", *(treatment.value for treatment in form.choices.treatments)]
    return [name for i, name in enumerate(names) if form.value(option_field(i))]


def _door(form: Form) -> str:
    return next(door for door, mode in _MODES.items() if mode == form.mode)


def _address(form: Form) -> str:
    return f"/{_door(form)}/{form.primary}"


def _stated_day(form: Form) -> dt.date:
    """Return the day that an example describes, which may lie ahead of a clock that is wrong."""
    return dt.date.fromisoformat(form.value("as_of"))
