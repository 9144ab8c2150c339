"""The pages of the guide: topics, questions, centres, support, how it spreads."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mesospread.app import centres, guide
from mesospread.app.page_choices import primary_choices
from mesospread.app.page_spread import ROUTES, places_by_route
from mesospread.errors import InputError
from mesospread.report.guide_model_text import cell_text
from mesospread.report.strings import catalogue
from mesospread.web.addresses import Primary
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
        return page(request, "error.html", status=404, path="/", key="404", problem="", remedy="")
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
        request, "centres.html", primaries=primary_choices(), sent={}, found=None, error=None
    )


@router.post("/centres")
async def _centres_near(request: Request) -> HTMLResponse:
    sent = await only_fields(request, "near", "primary")
    found, error, status = None, None, 200
    try:
        found = centres.centres_near(
            sent["near"], primary=sent["primary"] or None, limit=_MOST_CENTRES
        )
    except InputError as problem:
        error, status = problem, 422
    return page(
        request,
        "centres.html",
        status=status,
        primaries=primary_choices(),
        sent=sent,
        found=found,
        error=error,
    )


@router.get("/support")
def _support(request: Request) -> HTMLResponse:
    return page(request, "support.html", found=centres.support_in(), chosen="")


@router.post("/support")
async def _support_in(request: Request) -> HTMLResponse:
    country = (await only_fields(request, "country"))["country"]
    found = centres.support_in(country or None)
    return page(request, "support.html", found=found, chosen=found["country_name"])


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
