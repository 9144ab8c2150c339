"""The calls of the API, under ``/api/v1``. Nothing is computed here."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.security import HTTPBearer
from starlette.routing import Route

from mesospread._version import __version__
from mesospread.app.centres import centres_near, support_in
from mesospread.app.cohort_figures import cohort_spec, simulated_figures
from mesospread.app.compare import compare as compute_comparison
from mesospread.app.evidence import evidence_for
from mesospread.app.fhir import export_record, import_record
from mesospread.app.forecast import forecast as compute_forecast
from mesospread.app.guide import ask as answer_question
from mesospread.app.guide import explain as explain_topic
from mesospread.app.guide import list_topics
from mesospread.app.model_card import ModelCard
from mesospread.app.model_card import model_card as the_model_card
from mesospread.app.precision import with_precision
from mesospread.app.stage import stage as find_stage
from mesospread.app.trial import trial as simulate_trials
from mesospread.errors import InputError
from mesospread.infer.result import Comparison, Forecast
from mesospread.trials.result import TrialResult
from mesospread.web.api import answers, requests
from mesospread.web.api.calls import Progress, in_worker
from mesospread.web.api.errors import ErrorAnswer
from mesospread.web.api.strict import ApiRoute, NothingHere
from mesospread.web.settings import Settings

PREFIX = "/api/v1"
#: patients of a trial, and simulated people of each arm and draw, in one call
MOST_TRIAL_PATIENTS, TRIAL_LIVES = 2_000, 2_000

_ALWAYS = {
    401: "The server was started with a token, and the call does not carry it",
    422: "Something in the call cannot be used; it says what, where, and what to do",
    429: "Too many calls from one address; come back after Retry-After seconds",
    503: "The server has as much work as it takes on; come back after Retry-After seconds",
    504: "The answer took too long",
}
_WITH_BODY = {
    400: "The body is not valid JSON",
    408: "The body did not come in time",
    413: "The body is too large",
    415: "The body is not said to be JSON",
}


def _errors(*, body: bool = False) -> dict[int | str, dict[str, Any]]:
    told = {**_ALWAYS, **(_WITH_BODY if body else {})}
    return {status: {"model": ErrorAnswer, "description": text} for status, text in told.items()}


_TOKEN = Depends(
    HTTPBearer(auto_error=False, description="Needed if the server was started with a token.")
)
_BODY: Any = {"responses": _errors(body=True), "dependencies": [_TOKEN]}
_NO_BODY: Any = {"responses": _errors(), "dependencies": [_TOKEN]}

_RECORDS: Any = {
    "responses": _errors(body=True)
    | {501: {"model": ErrorAnswer, "description": "fhir.resources is not installed there"}},
    "dependencies": [_TOKEN],
}

router = APIRouter(prefix=PREFIX, route_class=ApiRoute)


@router.post("/forecast", tags=["One patient"], **_BODY)
async def forecast(request: Request, call: requests.ForecastCall) -> Forecast:
    """Where the disease of one patient probably is, and where it may go."""

    def work(progress: Progress) -> Forecast:
        return with_precision(
            lambda effort: compute_forecast(
                call.patient,
                prognosis=call.include_prognosis,
                why=call.why,
                seed=call.seed,
                effort=effort,
                life_table=call.life_table,
                progress=progress,
            ),
            call.precision,
        )

    return await in_worker(request, work)


@router.post("/compare", tags=["One patient"], **_BODY)
async def compare(request: Request, call: requests.CompareCall) -> Comparison:
    """What each treatment, begun today, would change for one patient."""

    def work(progress: Progress) -> Comparison:
        return with_precision(
            lambda effort: compute_comparison(
                call.patient,
                call.treatments,
                prognosis=call.include_prognosis,
                seed=call.seed,
                effort=effort,
                life_table=call.life_table,
                progress=progress,
            ),
            call.precision,
        )

    return await in_worker(request, work)


@router.post("/stage", tags=["One patient"], response_model=answers.StageAnswer, **_BODY)
def stage(call: requests.StageCall) -> Any:
    """The stage group, or those still possible, with the rule that decided."""
    return find_stage(**call.model_dump())


@router.post(
    "/fhir/import", tags=["Health records"], response_model=answers.RecordAnswer, **_RECORDS
)
def import_fhir(call: requests.ImportCall) -> Any:
    """A patient file from an mCODE bundle, and what was not taken over. Names are dropped."""
    return import_record(call.bundle)


@router.post("/fhir/export", tags=["Health records"], **_RECORDS)
async def export_fhir(request: Request, call: requests.ExportCall) -> dict[str, Any]:
    """An mCODE bundle from a patient, on request with the forecast. It names nobody."""

    def work(progress: Progress) -> dict[str, Any]:
        return with_precision(
            lambda effort: export_record(
                call.patient,
                forecast=call.forecast,
                synthetic=call.synthetic,
                seed=call.seed,
                life_table=call.life_table,
                effort=effort,
                progress=progress,
            ),
            call.precision,
        )

    return await in_worker(request, work)


@router.post("/simulate", tags=["Research"], response_model=answers.CohortAnswer, **_BODY)
async def simulate(request: Request, call: requests.SimulateCall) -> Any:
    """The gross figures of a virtual cohort."""
    settings: Settings = request.app.state.settings
    if call.n > settings.max_simulated_patients:
        raise InputError(
            "too many patients for one call",
            where="n",
            given=str(call.n),
            allowed=f"1 to {settings.max_simulated_patients}",
            remedy="Use the command line for larger cohorts",
        )

    def work(progress: Progress) -> dict[str, Any]:
        spec = cohort_spec(
            primary=call.primary,
            n=call.n,
            seed=call.seed,
            treatment=call.treatments,
            fixed=call.fixed,
            horizon_months=call.horizon_months,
            life_table=call.life_table,
            draw=call.draw,
        )
        return simulated_figures(spec, prognosis=call.include_prognosis)

    return await in_worker(request, work)


@router.post("/trial", tags=["Research"], **_BODY)
async def trial(request: Request, call: requests.TrialCall) -> TrialResult:
    """What a trial with two arms would probably find: power, events, what its scans miss."""
    if call.design.patients > MOST_TRIAL_PATIENTS:
        raise InputError(
            "too many patients for one call",
            where="design.patients",
            given=str(call.design.patients),
            allowed=f"20 to {MOST_TRIAL_PATIENTS:,}",
            remedy="Use the command line for larger trials",
        )

    def work(progress: Progress) -> TrialResult:
        return simulate_trials(
            call.design,
            trials=call.trials,
            draws=call.draws,
            lives=TRIAL_LIVES,
            seed=call.seed,
            life_table=call.life_table,
            progress=lambda done: progress(done / call.draws),
        )

    return await in_worker(request, work)


@router.get("/evidence", tags=["Knowledge"], response_model=answers.EvidenceAnswer, **_NO_BODY)
def evidence(query: Annotated[requests.EvidenceQuery, Query()]) -> Any:
    """Where the model's numbers come from: range, kind and sources."""
    return evidence_for(query.words, primary=query.primary)


@router.get(
    "/explain",
    tags=["Knowledge"],
    response_model=answers.Explanation | answers.TopicList,
    **_NO_BODY,
)
def explain(query: Annotated[requests.ExplainQuery, Query()]) -> Any:
    """What the guide says about a topic; without one, all topics."""
    if not query.topic.strip():
        return list_topics(query.language)
    return explain_topic(query.topic, prognosis=query.include_prognosis, lang=query.language)


@router.get("/ask", tags=["Knowledge"], response_model=answers.AskAnswer, **_NO_BODY)
def ask(query: Annotated[requests.Question, Query()]) -> Any:
    """Answer a question with checked text. Better use POST: an address may be kept on its way."""
    return answer_question(query.question, query.language)


@router.post("/ask", tags=["Knowledge"], response_model=answers.AskAnswer, **_BODY)
def ask_in_body(call: requests.Question) -> Any:
    """Answer a question with checked text, with the words in the body."""
    return answer_question(call.question, call.language)


@router.get("/centres", tags=["Help"], response_model=answers.CentresAnswer, **_NO_BODY)
def centres(query: Annotated[requests.Place, Query()]) -> Any:
    """Centres near a place, by distance and by nothing else."""
    return centres_near(**query.model_dump())


@router.get("/support", tags=["Help"], response_model=answers.SupportAnswer, **_NO_BODY)
def support(query: Annotated[requests.SupportQuery, Query()]) -> Any:
    """Support organisations and helplines by country."""
    return support_in(**query.model_dump())


@router.get("/model-card", tags=["About"], **_NO_BODY)
def model_card() -> ModelCard:
    """What the model is for and not for, what it rests on, and its limits."""
    return the_model_card()


@router.get("/health", tags=["About"], responses=_errors())
async def health() -> answers.Health:
    """That the server answers. Needs no token."""
    return answers.Health(status="ok", version=__version__)


# last, so that it takes what no path above takes
_calls = [route for route in router.routes if isinstance(route, ApiRoute)]
router.routes.append(Route(f"{PREFIX}/{{rest:path}}", endpoint=NothingHere(_calls)))
