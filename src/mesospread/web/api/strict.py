"""Reading a call strictly, and answering whatever goes wrong in the one error shape."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NoReturn

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from mesospread.errors import MesospreadError
from mesospread.web.api.errors import ApiError, call_error, error_response, internal_error

#: nothing that is asked for lies deeper than a code in an extension of a resource in a bundle
_DEEPEST = 24
_MEDIA_TYPE = "application/json"


def read_json(body: bytes) -> Any:
    """Read a body as plain JSON.

    Parameters
    ----------
    body
        As it was sent.

    Raises
    ------
    ApiError
        If it is not JSON in UTF-8; holds NaN, Infinity or a number beyond all measure; a key that
        stands twice; half of a character; or is nested too deep.
    """
    try:
        data = json.loads(
            body.decode("utf-8-sig"),
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=_no_duplicates,
        )
    except UnicodeDecodeError:
        raise _broken("not UTF-8 text") from None
    except RecursionError:
        raise _broken("nested too deep") from None
    except json.JSONDecodeError as problem:
        told = f"{problem.msg}, line {problem.lineno}, column {problem.colno}"
        raise _broken(told) from None
    except ValueError as problem:
        raise _broken(str(problem)) from None
    _check_depth(data)
    return data


class StrictRequest(Request):
    """A request whose body must be JSON, and be said to be JSON."""

    async def json(self) -> Any:
        """Return the body, read strictly."""
        if not hasattr(self, "_read"):
            self._read = read_json(await self.body())
        return self._read


class ApiRoute(APIRoute):
    """A path of the API: reads strictly, and answers errors in the one shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function that answers a request."""
        answer = super().get_route_handler()
        has_body = self.body_field is not None
        names = _keys_of(self)

        async def handle(request: Request) -> Response:
            try:
                if has_body:
                    request = StrictRequest(request.scope, request.receive)
                    await _check_body(request)
                return await answer(request)
            except RequestValidationError as problem:
                error: MesospreadError = call_error(problem.errors(), names)
            except MesospreadError as problem:
                error = problem
            except HTTPException as problem:
                error = ApiError("E-JSON", str(problem.detail))
            except Exception as problem:
                error = internal_error(problem)
            error.where = error.where or ("body" if has_body else "query")
            return error_response(error)

        return handle


class NothingHere:
    """Answers calls to paths that do not exist, or with the wrong method.

    Parameters
    ----------
    calls
        The paths of the API. That of its schema belongs to the application.
    """

    def __init__(self, calls: Sequence[Route]) -> None:
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        schema = [route for route in scope["app"].routes if isinstance(route, Route)]
        routes = [*schema, *self._calls]
        methods = {
            method
            for route in routes
            if route.matches(scope)[0] is not Match.NONE
            for method in route.methods or ()
        }
        # whatever answers GET answers HEAD, see `HeadLikeGet`
        allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
        if methods:
            error = ApiError(
                "E-METHOD",
                "this path has no such method",
                where="method",
                given=scope["method"],
                allowed=allowed,
                remedy="Use an allowed method",
                headers={"Allow": allowed},
            )
        else:
            error = ApiError(
                "E-NOT-FOUND",
                "there is nothing at this path",
                where="path",
                allowed=", ".join(sorted({route.path for route in routes})),
                remedy="Look into the schema for what there is",
            )
        await error_response(error)(scope, receive, send)


async def _check_body(request: StrictRequest) -> None:
    """Refuse a body that is missing, says it is something else, or is broken."""
    stated = request.headers.get("content-type", "")
    if stated.partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise ApiError(
            "E-TYPE",
            "the body must be JSON",
            where="Content-Type",
            given=repr(stated),
            allowed=_MEDIA_TYPE,
            remedy=f"Send JSON with the header Content-Type: {_MEDIA_TYPE}",
        )
    await request.json()


def _keys_of(route: APIRoute) -> list[str]:
    """Return the keys that a call takes, in its query or its body."""
    fields = [*route.dependant.query_params, *route.dependant.body_params]
    models = [field.field_info.annotation for field in fields]
    return sorted(
        {
            key
            for model in models
            if isinstance(model, type) and issubclass(model, BaseModel)
            for key in model.model_fields
        }
    )


def _broken(why: str) -> ApiError:
    return ApiError(
        "E-JSON",
        "the body is not valid JSON",
        where="body",
        given=why,
        allowed="one JSON object in UTF-8",
        remedy="Correct that place",
    )


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _check_depth(data: Any) -> None:
    """Refuse what is nested too deep, and text that is no text, without recursion."""
    level = [data]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, dict):
                inner += [*value, *value.values()]
            elif isinstance(value, list):
                inner += value
        if not inner:
            return
        level = inner
    raise _broken("nested too deep")


def _check_text(text: str) -> None:
    """Refuse half of a character, which JSON can spell but nothing can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _broken("a text holds half of a character (a lone surrogate)") from None
