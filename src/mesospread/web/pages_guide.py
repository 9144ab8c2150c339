"""The pages of the guide: topics, questions, centres, support, how it spreads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mesospread.app import centres, guide
from mesospread.app.directory_words import country_words, entry_words
from mesospread.app.page_choices import primary_choices
from mesospread.app.page_spread import ROUTES, places_by_route
from mesospread.errors import InputError
from mesospread.report.guide_model_text import cell_text
from mesospread.report.strings import catalogue
from mesospread.web.addresses import Primary
from mesospread.web.problems import told
from mesospread.web.render import language, page
from mesospread.web.requests import only_fields
from mesospread.web.staircase import steps

router = APIRouter()

_MOST_CENTRES = 10


@router.get("/guide")
def _topics(request: Request) -> HTMLResponse:
    return page(request, "guide.html", kinds=guide.list_topics(language(request))["kinds"])


@router.get("/guide/{name}")
def _topic(request: Request, name: str) -> HTMLResponse:
    known = {t["id"] for kind in guide.list_topics()["kinds"] for t in kind["topics"]}
    if name not in known:
        return page(request, "error.html", status=404, path="/", key="404", problem="")
    lang = language(request)
    return page(
        request,
        "topic.html",
        topic=guide.explain(name, lang=lang),
        said=partial(catalogue("mesospread.app").text, lang=lang),
        cell_text=cell_text,
    )


@router.get("/ask")
def _ask(request: Request) -> HTMLResponse:
    return page(request, "ask.html", question="", answer=None, problem=False)


@router.post("/ask")
async def _asked(request: Request) -> HTMLResponse:
    question = (await only_fields(request, "question"))["question"]
    if not question:
        return page(request, "ask.html", status=422, question="", answer=None, problem=True)
    answer = guide.ask(question, language(request))
    return page(request, "ask.html", question=question, answer=answer, problem=False)


@router.get("/centres")
def _centres(request: Request) -> HTMLResponse:
    return page(
        request,
        "centres.html",
        primaries=primary_choices(),
        sent={},
        found=None,
        error="",
        country=_country(request),
    )


@router.post("/centres")
async def _centres_near(request: Request) -> HTMLResponse:
    sent = await only_fields(request, "near", "primary")
    found, error, status = None, "", 200
    try:
        found = centres.centres_near(
            sent["near"], primary=sent["primary"] or None, limit=_MOST_CENTRES
        )
    except InputError as problem:
        error, status = told(problem, language(request)), 422
    return page(
        request,
        "centres.html",
        status=status,
        primaries=primary_choices(),
        sent=sent,
        found=found,
        error=error,
        country=_country(request),
    )


def _country(request: Request) -> Callable[[str], str]:
    return partial(country_words, lang=language(request))


@router.get("/support")
def _support(request: Request) -> HTMLResponse:
    return _support_page(request, None)


@router.post("/support")
async def _support_in(request: Request) -> HTMLResponse:
    country = (await only_fields(request, "country"))["country"]
    return _support_page(request, centres.support_in(country)["country"] if country else None)


def _support_page(request: Request, chosen: str | None) -> HTMLResponse:
    """Answer with one country in full, and whom to call first in each of the others."""
    found = centres.support_in()["organisations"]
    lang = language(request)
    names = {one["country"]: country_words(one["country"], lang) for one in found}
    return page(
        request,
        "support.html",
        countries=sorted(names.items(), key=lambda named: named[1]),
        organisations={code: [o for o in found if o["country"] == code] for code in names},
        chosen=chosen or "",
        chosen_name=country_words(chosen, lang) if chosen else "",
        entry=partial(entry_words, lang=lang),
    )


@router.get("/spread")
def _spread_choice(request: Request) -> HTMLResponse:
    return page(request, "spread_choose.html", primaries=primary_choices())


@router.get("/spread/{primary:primary}")
def _spread(request: Request, primary: Primary) -> HTMLResponse:
    places = places_by_route(primary)
    one = next(choice for choice in primary_choices() if choice.value == primary)
    return page(
        request,
        "spread.html",
        primary=one,
        places=places,
        routes=ROUTES,
        staircase=steps(),
        primaries=primary_choices(),
    )
