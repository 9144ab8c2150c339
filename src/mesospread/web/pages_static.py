"""Files that browsers load: style sheets and scripts, all from this server."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from mesospread.report.html import stylesheet
from mesospread.web.render import static_text

router = APIRouter()

_HOUR = {"cache-control": "public, max-age=3600"}


@router.get("/static/page.css")
def _page_css() -> Response:
    return Response(static_text("page.css"), media_type="text/css", headers=_HOUR)


@router.get("/static/report.css")
def _report_css() -> Response:
    return Response(stylesheet(), media_type="text/css", headers=_HOUR)


@router.get("/static/page.js")
def _page_js() -> Response:
    return Response(static_text("page.js"), media_type="text/javascript", headers=_HOUR)


@router.get("/static/htmx.min.js")
def _htmx() -> Response:
    return Response(static_text("htmx.min.js"), media_type="text/javascript", headers=_HOUR)


@router.get("/static/icon.svg")
def _icon() -> Response:
    return Response(static_text("icon.svg"), media_type="image/svg+xml", headers=_HOUR)


@router.get("/favicon.ico")
def _favicon() -> Response:
    return Response(static_text("icon.svg"), media_type="image/svg+xml", headers=_HOUR)


@router.get("/robots.txt")
def _robots() -> Response:
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")
