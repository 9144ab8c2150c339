"""The one shape in which the API says what is wrong."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from mesospread.errors import MesospreadError, nearest
from mesospread.patient.problems import PatientFileError

log = logging.getLogger("mesospread.web")

#: what was given is shown up to this length
_SHOWN = 120
_STATUS = {
    "E-JSON": 400,
    "E-TOKEN": 401,
    "E-NOT-FOUND": 404,
    "E-METHOD": 405,
    "E-SLOW": 408,
    "E-TOO-LARGE": 413,
    "E-TYPE": 415,
    "E-RATE": 429,
    "E-GONE": 499,
    "E-INTERNAL": 500,
    "E-EXTRA": 501,
    "E-BUSY": 503,
    "E-TIME": 504,
}
#: pydantic's kinds of errors in fewer words -> (problem, what is allowed, what to do)
_KINDS = {
    "missing": ("this is needed", "", "Add it"),
    "extra_forbidden": ("unknown key", "", "Leave it out"),
    "model_type": ("not an object", "", "Write it in curly brackets"),
    "model_attributes_type": ("not an object", "", "Write it in curly brackets"),
    "dict_type": ("not an object", "", "Write it in curly brackets"),
    "list_type": ("not a list", "", "Write it in square brackets"),
    "string_type": ("not text", "", "Write it in double quotes"),
    "int_type": ("not a whole number", "", "Write the number without quotes"),
    "int_parsing": ("not a whole number", "", "Write it in digits"),
    "float_type": ("not a number", "", "Write the number without quotes"),
    "float_parsing": ("not a number", "", "Write it in digits"),
    "finite_number": ("not a number", "", "Write it in digits"),
    "bool_type": ("not true or false", "true, false", "Write true or false without quotes"),
    "literal_error": ("not one of the allowed words", "{expected}", "Choose one of them"),
    "greater_than_equal": ("out of range", "{ge} or more", "Correct it"),
    "greater_than": ("out of range", "more than {gt}", "Correct it"),
    "less_than_equal": ("out of range", "up to {le}", "Correct it"),
    "string_too_long": ("the text is too long", "up to {max_length} characters", "Shorten it"),
    "string_too_short": ("the text is empty", "a few words", "Write something"),
    # the one pattern asked for is that there is a letter
    "string_pattern_mismatch": ("the text is empty", "a few words", "Write something"),
    "too_long": ("too many", "up to {max_length}", "Leave some out"),
    "too_short": ("too few", "{min_length} or more", "Add some"),
}
#: where the functions behind the API say that something is wrong -> where that is in a call
_PLACES = {"explain": "topic", "ask": "question", "evidence": "words", "treatment": "treatments"}
#: what the functions behind the API advise to do on a command line -> the call that does it
_CALLS = {"mesospread ask": "POST /api/v1/ask", "mesospread explain": "GET /api/v1/explain"}


class ApiError(MesospreadError):
    """An error of the call itself, and not of what it asks.

    Parameters
    ----------
    code
        Decides the status, see `status_of`.
    problem, where, given, allowed, remedy
        As in `MesospreadError`.
    headers
        Further headers of the answer.
    """

    def __init__(
        self,
        code: str,
        problem: str,
        *,
        where: str = "",
        given: str = "",
        allowed: str = "",
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(problem, where=where, given=given, allowed=allowed, remedy=remedy)
        self.code = code
        self.headers = dict(headers or {})


class CallErrors(ApiError):
    """All that is wrong with the parameters or the body of a call.

    Attributes
    ----------
    problems
        One error for each thing to put right.
    """

    def __init__(self, problems: Sequence[MesospreadError]) -> None:
        super().__init__("E-INPUT", f"{len(problems)} things to put right")
        self.problems = tuple(problems)


class Problem(BaseModel):
    """One thing to put right; a field is empty where there is nothing to say.

    Attributes
    ----------
    message
        What is wrong, in one sentence.
    where
        Path into what was sent, e.g. ``patient › scans[0].modality``.
    given, allowed
        What was found there, and what would have been accepted.
    what_to_do
        How to put it right.
    """

    model_config = ConfigDict(extra="forbid")

    message: str
    where: str
    given: str
    allowed: str
    what_to_do: str


class ErrorFacts(Problem):
    """An error: the first thing to put right, or how many there are.

    Attributes
    ----------
    code
        Stable word for programs, e.g. ``E-PATIENT``.
    problems
        Each of them if there are several, else empty.
    """

    code: str
    problems: list[Problem] = Field(description="each of them if there are several, else empty")


class ErrorAnswer(BaseModel):
    """The body of every answer that is not a success."""

    model_config = ConfigDict(extra="forbid")

    error: ErrorFacts


def status_of(error: MesospreadError) -> int:
    """Return the status that goes with an error; 422 for what a user can put right."""
    return _STATUS.get(error.code, 422)


def error_answer(error: MesospreadError) -> ErrorAnswer:
    """Return an error in the shape of the API."""
    several = error.problems if isinstance(error, PatientFileError | CallErrors) else ()
    problems = [_problem(one) for one in several]
    first = _problem(error)
    if problems:
        first.message = f"{len(problems)} things to put right"
        first.what_to_do = "Put right each of the problems"
    return ErrorAnswer(error=ErrorFacts(code=error.code, problems=problems, **first.model_dump()))


def error_response(error: MesospreadError) -> JSONResponse:
    """Return the answer to a call that went wrong."""
    headers = error.headers if isinstance(error, ApiError) else {}
    if error.code == "E-BUSY":
        headers = {"Retry-After": "5"}
    return JSONResponse(error_answer(error).model_dump(), status_of(error), headers)


def call_error(details: Sequence[Mapping[str, Any]], names: Sequence[str]) -> ApiError:
    """Return what pydantic found wrong with the parameters or the body of a call.

    Parameters
    ----------
    details
        From ``RequestValidationError.errors()``.
    names
        The keys that the call takes, to suggest the nearest.
    """
    problems = [_from_pydantic(one, names) for one in details]
    return problems[0] if len(problems) == 1 else CallErrors(problems)


def internal_error(problem: Exception) -> ApiError:
    """Return the answer to a fault of ours; log where it is, but nothing of what was sent."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    # a message may hold what was typed, so only the kind and the line are told
    log.error("%s in %s, line %s", type(problem).__name__, place.filename, place.lineno)
    return ApiError(
        "E-INTERNAL",
        "something went wrong in the server",
        remedy="Please report it, with what you asked but without facts about a person",
    )


def _problem(error: MesospreadError) -> Problem:
    return Problem(
        message=error.problem,
        where=_short(_place(error.where)),
        given=_short(error.given),
        allowed=error.allowed,
        what_to_do=_advice(error.remedy),
    )


def _place(where: str) -> str:
    """Return a place as a call names it, not as the command line does."""
    named = re.sub(r"--([a-z][a-z-]*)", lambda found: str(found[1]).replace("-", "_"), where)
    return _PLACES.get(named, named)


def _advice(remedy: str) -> str:
    """Return what to do as a call does it, not as the command line does."""
    text = re.sub(r" \(--[a-z][a-z-]*\)", "", remedy)
    for command, call in _CALLS.items():
        text = text.replace(command, call)
    return text


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _from_pydantic(details: Mapping[str, Any], names: Sequence[str]) -> ApiError:
    kind, given = details["type"], details["input"]
    # the first part says whether it is the body or the query
    where = _path(details["loc"][1:]) or "body"
    if kind == "refused":
        told = details["ctx"]
        return ApiError(
            "E-INPUT",
            str(told["problem"]),
            where=where,
            given=str(told["given"]),
            allowed=str(told["allowed"]),
            remedy=str(told["remedy"]),
        )
    problem, allowed, remedy = _KINDS.get(kind, (_sentence(details["msg"]), "", "Correct it"))
    allowed = allowed.format_map(details.get("ctx", {}))
    shown = "nothing" if kind == "missing" else _short(_as_text(given))
    if kind == "extra_forbidden":
        key = str(details["loc"][-1])
        guess = nearest(key, names)
        shown, allowed = _short(repr(key)), ", ".join(names)
        remedy = f"Did you mean {guess!r}?" if guess else remedy
    return ApiError("E-INPUT", problem, where=where, given=shown, allowed=allowed, remedy=remedy)


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return repr(value)


def _path(loc: Sequence[int | str]) -> str:
    """Return ("fixed", "age", 0) as "fixed.age[0]"."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            shown = _short(part if part.isprintable() else repr(part))
            text += f".{shown}" if text else shown
    return text
