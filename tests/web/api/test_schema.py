"""Whatever is sent, the API keeps to its own schema and never fails."""

import warnings

import pytest
from hypothesis import HealthCheck, Phase, settings
from pydantic import SecretStr
from tests.web.api.server import LITTLE, OPEN, api

from mesospread.app import precision
from mesospread.web.api import routes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks as openapi

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with")

TOKEN = {"Authorization": "Bearer a-token-of-some-length"}
schema = schemathesis.openapi.from_asgi(
    "/api/v1/openapi.json",
    api(OPEN.model_copy(update={"token": SecretStr("a-token-of-some-length")})),
    headers=TOKEN,
)


@pytest.fixture(autouse=True)
def little_work(monkeypatch):
    monkeypatch.setattr(precision, "FULL", LITTLE)
    monkeypatch.setattr(precision, "QUICK", LITTLE)


@schema.parametrize()
@settings(
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_to_its_schema(case):
    case.call_and_validate(
        headers=TOKEN,
        excluded_checks=[openapi.positive_data_acceptance],
        # a machine that does much else at the same time is no fault
        timeout=300.0,
    )


def test_an_answer_that_breaks_the_schema_is_seen(monkeypatch):
    monkeypatch.setattr(routes, "answer_question", lambda question, lang: {"question": question})
    case = schema["/api/v1/ask"]["GET"].Case(query={"question": "liver?"})
    with pytest.raises(FailureGroup):
        case.call_and_validate(headers=TOKEN)
