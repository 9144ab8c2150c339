"""Errors as pages, for people."""

from __future__ import annotations

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from mesospread.errors import InputError, MesospreadError
from mesospread.web.api.errors import ApiError, error_response, status_of
from mesospread.web.problems import told
from mesospread.web.render import language, page
from mesospread.web.work import BusyError, TooSlowError

_BAD, _NOT_FOUND, _UNUSABLE, _BUSY = 400, 404, 422, 503
_KNOWN = (400, 401, 404, 405, 408, 413, 415, 422, 429, 503, 504)


async def error_page(request: Request, error: Exception) -> Response:
    """Return the page for an error: what is wrong and what to do, nothing of what was typed."""
    if f"{request.scope['path']}/".startswith("/api/"):
        return error_response(
            ApiError("E-NOT-FOUND", "there is no such address", remedy="See /api/v1/openapi.json")
        )
    status, problem = _BAD, ""
    if isinstance(error, HTTPException):
        status = error.status_code
    elif isinstance(error, BusyError | TooSlowError):
        status, problem = _BUSY, told(error, language(request))
    elif isinstance(error, InputError | RequestValidationError):
        status = _UNUSABLE
    elif isinstance(error, MesospreadError):
        status, problem = _UNUSABLE, told(error, language(request))
    else:
        status = 500
    return _page(request, status, problem)


def limit_page(scope: Scope, error: ApiError) -> Response:
    """Return the page for a request that was refused before any page saw it.

    Parameters
    ----------
    scope
        The request.
    error
        Why it was refused; its headers are sent along.
    """
    answer = _page(Request(scope), status_of(error))
    answer.headers.update(error.headers)
    return answer


def _page(request: Request, status: int, problem: str = "") -> Response:
    key = str(status) if status in _KNOWN else "other"
    return page(request, "error.html", status=status, path="/", key=key, problem=problem)
