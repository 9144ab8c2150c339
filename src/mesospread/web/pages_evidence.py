"""The pages behind the numbers: evidence, claims, the model card, what this page does."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mesospread.app.evidence import claims
from mesospread.app.model_card import model_card
from mesospread.app.page_choices import primary_choices
from mesospread.app.page_evidence import found_evidence
from mesospread.app.page_validation import shipped_validation
from mesospread.errors import InputError
from mesospread.report.evidence_text import claim_said
from mesospread.report.validation_html import validation_fragment
from mesospread.web.addresses import Primary
from mesospread.web.problems import told
from mesospread.web.render import language, page
from mesospread.web.requests import only_fields

router = APIRouter()


@router.get("/evidence")
def _evidence(request: Request) -> HTMLResponse:
    return page(
        request, "evidence.html", primaries=primary_choices(), sent={}, found=None, error=""
    )


@router.post("/evidence")
async def _evidence_for(request: Request) -> HTMLResponse:
    sent = await only_fields(request, "words", "primary", "survival")
    found, error, status = None, "", 200
    try:
        found = found_evidence(
            sent["words"], primary=sent["primary"] or "pleural", prognosis=bool(sent["survival"])
        )
    except InputError as problem:
        error, status = told(problem, language(request)), 422
    return page(
        request,
        "evidence.html",
        status=status,
        primaries=primary_choices(),
        sent=sent,
        found=found,
        error=error,
    )


@router.get("/claims")
def _claims(request: Request) -> HTMLResponse:
    return page(request, "claims.html", words="", problem=False, claim_said=claim_said, **claims())


@router.post("/claims")
async def _claims_with(request: Request) -> HTMLResponse:
    words = (await only_fields(request, "words"))["words"]
    try:
        return page(
            request,
            "claims.html",
            words=words,
            problem=False,
            claim_said=claim_said,
            **claims(words),
        )
    except InputError:
        nothing: dict[str, Any] = {"claims": [], "left_out": 0}
        return page(request, "claims.html", status=422, words=words, problem=True, **nothing)


@router.get("/validation")
def _validation(request: Request) -> HTMLResponse:
    return _validation_page(request, "pleural", survival=False)


@router.get("/validation/{primary:primary}")
def _validation_of(request: Request, primary: Primary) -> HTMLResponse:
    return _validation_page(request, primary, survival=False)


@router.post("/validation/{primary:primary}")
async def _validation_with(request: Request, primary: Primary) -> HTMLResponse:
    wanted = (await only_fields(request, "survival"))["survival"]
    return _validation_page(request, primary, survival=wanted == "yes")


def _validation_page(request: Request, primary: Primary, *, survival: bool) -> HTMLResponse:
    found = shipped_validation(primary, prognosis=survival)
    return page(
        request,
        "validation.html",
        path=f"/validation/{primary}",
        primary=primary,
        primaries=[one for one in primary_choices() if shipped_validation(one.value)],
        shows_survival=survival,
        fragment=None if found is None else validation_fragment(found, language(request)),
    )


@router.get("/model-card")
def _model_card(request: Request) -> HTMLResponse:
    return page(request, "model_card.html", card=model_card())


@router.get("/about")
def _about(request: Request) -> HTMLResponse:
    return page(request, "about.html")
