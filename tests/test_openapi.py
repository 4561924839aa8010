"""The OpenAPI document: as agreed, with examples that are real, and true of whatever is sent."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS

from served import shipped_triage
from support import ENGINE_NAME, ROOT
from triage.formats.yaml import read_document
from triage.reports.rendering import MEDIA_TYPES
from triage_api.app import create_app
from triage_api.app import document as described
from triage_api.middleware import Frame
from triage_api.openapi import examples
from triage_api.screenings import FORMS
from triage_api.security import Guard

QUICK = settings(max_examples=15, deadline=None, derandomize=True, database=None)
GOLDEN = ROOT / "tests" / "golden" / "openapi.json"
POSTED = ("/v1/decisions", "/v1/assessments", "/v1/decisions/batch", "/v1/screenings")
PATHS = {
    *POSTED,
    *("/v1/policy", "/v1/policy/rules", "/v1/policy/rules/{id}", "/v1/policy/statements/{id}"),
    *("/v1/vocabulary", "/v1/schema", "/health"),
}


class Silent:
    """A log that nobody reads."""

    def write(self, *_: Any, **__: Any) -> None: ...

    failure = write


def application() -> Frame:
    return create_app(shipped_triage(), Guard(local=False), Silent())  # type: ignore[arg-type]


def settled(text: str) -> Any:
    """The document without the ids and names that another policy or engine changes by itself."""
    text = re.sub(r'"(D-)?[0-9a-f]{12,16}"', '"…"', text)
    return json.loads(re.sub(rf'"{ENGINE_NAME.pattern}"', '"…"', text))


def test_the_document_is_as_agreed() -> None:
    """When this fails after a change that is meant, run `make openapi`."""
    assert settled(json.dumps(described(shipped_triage()))) == settled(GOLDEN.read_text("utf-8"))


def test_the_document_is_openapi_3_1_and_has_every_path() -> None:
    document = described(shipped_triage())
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == PATHS


def test_the_page_on_the_api_has_every_path() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    paths = described(shipped_triage())["paths"]
    assert [path for path in paths if f" {path}`" not in page and f" {path}?" not in page] == []


def test_the_example_requests_are_those_of_the_folder_of_examples() -> None:
    folder = ROOT / "examples" / "proposals"
    assert examples() == {
        "peru": json.loads(json.dumps(read_document(folder / "peru.yaml"))),
        "mobilite": json.loads((folder / "discussion-mobilite.json").read_text("utf-8")),
    }


def test_the_document_names_no_other_site() -> None:
    assert "://" not in json.dumps(described(shipped_triage()))


# -- whatever is sent

# A value of the right form may still mean nothing here, and only a service with keys asks for one.
LEFT_OUT = ("positive_data_acceptance", "ignored_auth")


def left_out() -> list[Any]:
    return [CHECKS.get_one(name) for name in LEFT_OUT]


@pytest.fixture(scope="module")
def document() -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", application())


@pytest.mark.parametrize("path", sorted(PATHS))
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_every_answer_is_one_that_the_document_tells_of(
    document: Any, path: str, mode: Any
) -> None:
    """Random requests, some that fit the document and some that do not."""
    operation = document[path]["POST" if path in POSTED else "GET"]

    @settings(QUICK, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        case.call_and_validate(excluded_checks=left_out())

    with suppress(Unsatisfiable):  # there may be no request that does not fit
        holds()


@pytest.mark.parametrize("name", [*examples(), "short"])
def test_the_answer_to_an_example_is_as_the_document_tells(document: Any, name: str) -> None:
    given_ = (examples() | {"short": {"received": "2022-07-04"}})[name]
    alone = document["/v1/decisions"]["POST"].Case(body=given_, media_type="application/json")
    status = alone.call_and_validate(excluded_checks=left_out()).status_code
    assert status == (422 if name == "short" else 200)
    batch = document["/v1/decisions/batch"]["POST"].Case(
        body={"requests": [given_]}, media_type="application/json"
    )
    assert batch.call_and_validate(excluded_checks=left_out()).status_code == 200


@pytest.mark.parametrize(
    ("path", "id"),
    [("/v1/policy/rules/{id}", "notice-enough"), ("/v1/policy/statements/{id}", "A097")],
)
def test_what_is_there_is_told_as_the_document_tells(document: Any, path: str, id: str) -> None:
    case = document[path]["GET"].Case(path_parameters={"id": id})
    assert case.call_and_validate(excluded_checks=left_out()).status_code == 200


@pytest.mark.parametrize("form", FORMS)
def test_the_document_tells_the_media_type_of_every_report(form: str) -> None:
    operation = described(shipped_triage())["paths"]["/v1/screenings"]["post"]
    assert MEDIA_TYPES[form.rpartition("-")[2]] in operation["responses"]["200"]["content"]
    assert form in operation["parameters"][0]["schema"]["enum"]
