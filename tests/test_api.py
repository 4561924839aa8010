"""The API from outside: the decisions of the command line, problems that help, no leaks."""

import csv
import http.client
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import openpyxl
import pytest
from hypothesis import given, settings

from commands import run
from served import Answer, Served, serving
from support import ROOT, decider, requests, shipped
from triage.deciding.decision import Decision
from triage.formats.yaml import read_document
from triage.intake.inbox import Inbox
from triage.intake.requests import RequestReader
from triage.messages import LANGUAGES, Language
from triage.model.facts import Request
from triage.reports.rendering import MEDIA_TYPES
from triage_api import limits
from triage_api.keys import ApiKey, Keys, hash_of
from triage_api.models import schemas
from triage_api.resources import vocabularies
from triage_api.security import HEADERS, Guard

EXAMPLES = ROOT / "examples"
INBOX = EXAMPLES / "inbox.csv"
PERU = EXAMPLES / "proposals" / "peru.yaml"
SOUND = {"id": "T-1", "received": "2022-07-04", "engagement_type": "meeting", "countries": ["JPN"]}
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def api() -> Iterator[Served]:
    with serving() as served:
        yield served


def plain(request: Request) -> dict[str, Any]:
    """A request in its canonical JSON form."""
    facts = request.known(shipped().readable)
    known: dict[str, Any] = {"id": request.id}
    for name, fact in facts.items():
        match fact:
            case frozenset():
                known[name] = sorted(fact)
            case date():
                known[name] = fact.isoformat()
            case Decimal():
                known[name] = float(fact)
            case _:
                known[name] = fact
    return known | {name: one.given for name, one in request.unresolved.items()}


def proposal(path: Path) -> Any:
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"))
    return json.loads(json.dumps(read_document(path), default=float))


def example_requests() -> list[Request]:
    return list(Inbox(RequestReader(shipped())).requests(str(INBOX)))


def problem(answer: Answer, kind: str) -> dict[str, Any]:
    """The problem in an answer, after what is true of every problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = cast(dict[str, Any], answer.json)
    assert told["type"] == f"urn:engagement-triage:problem:{kind}"
    assert told["status"] == answer.status
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["title"]
    assert "{" not in told["detail"]
    return told


# -- decisions


@pytest.mark.parametrize(
    "path", sorted((EXAMPLES / "proposals").iterdir()), ids=lambda path: path.stem
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_decision_is_the_same_bytes_as_on_the_command_line(
    api: Served, path: Path, language: Language
) -> None:
    answer = api.post("/v1/decisions", proposal(path), Accept_Language=language)
    assert answer.status == 200
    assert (
        answer.body.decode() in run("screen", str(path), "--format", "json", "--lang", language).out
    )
    assert answer.headers["content-language"] == language
    assert answer.headers["x-policy-version"] == shipped().version
    assert answer.headers["x-engine"] == decider().engines.name


@pytest.mark.parametrize(
    "path", sorted((EXAMPLES / "proposals").iterdir()), ids=lambda path: path.stem
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_assessment_is_the_same_bytes_as_on_the_command_line(
    api: Served, path: Path, language: Language
) -> None:
    answer = api.post("/v1/assessments", proposal(path), Accept_Language=language)
    assert answer.status == 200
    assert (
        answer.body.decode() + "\n"
        == run("assess", str(path), "--format", "json", "--lang", language).out
    )
    assert answer.headers["content-language"] == language
    assert answer.headers["x-policy-version"] == shipped().version
    decision = api.post("/v1/decisions", proposal(path), Accept_Language=language).json
    assert {key: value for key, value in answer.json.items() if key != "changes"} == decision


def test_an_assessment_judges_by_another_day_and_names_what_it_does_not_read(api: Served) -> None:
    answer = api.post("/v1/assessments?as_of=2021-01-01", SOUND | {"colour": "blue"})
    assert (answer.json["policy"]["as_of"], answer.json["changes"]) == ("2021-01-01", [])
    assert answer.headers["x-unread-keys"] == "colour"


def test_a_proposal_that_cannot_be_read_is_told_place_by_place(api: Served) -> None:
    told = problem(api.post("/v1/assessments", SOUND | {"received": "soon"}), "invalid-request")
    assert [one["pointer"] for one in told["errors"]] == ["/received"]
    problem(api.post("/v1/assessments", b"[]"), "not-an-object")
    problem(api.post("/v1/assessments?as_of=soon", SOUND), "invalid-parameter")
    problem(
        api.post("/v1/assessments", b'{"id": "' + b"x" * limits.JSON_BYTES + b'"}'), "too-large"
    )


def test_an_assessment_that_takes_too_long_is_stopped(
    api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ASSESS_SECONDS", -1.0)
    answer = api.post("/v1/assessments", proposal(PERU))
    assert answer.status == 503
    problem(answer, "too-slow")


def test_assessments_keep_to_their_schema(api: Served) -> None:
    validator = jsonschema_rs.validator_for(schemas(shipped())["assessment"])
    for name in ("peru", "half-aligned-tour", "short-of-facts", "resettlement-visit"):
        validator.validate(
            api.post("/v1/assessments", proposal(EXAMPLES / "proposals" / f"{name}.yaml")).json
        )


def test_as_of_judges_by_another_day(api: Served) -> None:
    answer = api.post("/v1/decisions?as_of=2021-01-01", SOUND)
    assert answer.json["policy"]["as_of"] == "2021-01-01"
    assert "not_in_force" in answer.json["flags"]


def test_a_request_that_cannot_be_read_is_told_place_by_place(api: Served) -> None:
    given: dict[str, Any] = {"thèmes": ["nothing of the kind"], "received": "03/04/2022"}
    given["determination"] = {"outcome": "perhaps"}
    answer = api.post("/v1/decisions", given)
    assert answer.status == 422
    told = problem(answer, "invalid-request")["errors"]
    assert [(one["pointer"], one["field"]) for one in told] == [
        ("/thèmes", "topics"),
        ("/received", "received"),
        ("/determination/outcome", "determination.outcome"),
        ("/engagement_type", "engagement_type"),
        ("/countries", "countries"),
    ]
    assert "cannot be told apart" in told[1]["expected"]


def test_problems_come_in_french(api: Served) -> None:
    answer = api.post("/v1/decisions", {}, Accept_Language="fr-CA,fr;q=0.9,en;q=0.8")
    told = problem(answer, "invalid-request")
    assert told["title"] == "la demande ne peut pas être lue"
    assert f"valeurs impossibles à lire{NBSP}: 3" in told["detail"]
    assert answer.headers["content-language"] == "fr"


def test_keys_that_no_rule_reads_are_named(api: Served) -> None:
    answer = api.post("/v1/decisions", SOUND | {"colour": "blue", "naïve, or not": 1})
    assert answer.status == 200
    assert answer.headers["x-unread-keys"] == "colour, na%C3%AFve%2C%20or%20not"
    assert "x-unread-keys" not in api.post("/v1/decisions", SOUND).headers


@pytest.mark.parametrize(
    ("body", "kind", "headers"),
    [
        (b"{", "bad-json", {}),
        (b"", "bad-json", {}),
        (b'{"id": "A", "id": "B"}', "bad-json", {}),
        (b'{"id": "\xff"}', "bad-json", {}),
        (b'{"id": NaN}', "bad-json", {}),
        (b"[" * 100_000, "bad-json", {}),
        (b"[]", "not-an-object", {}),
        (b"{}", "media-type", {"Content-Type": "text/plain"}),
        (b"{}", "media-type", {"Content-Type": ""}),
        (b'{"id": "' + b"x" * limits.JSON_BYTES + b'"}', "too-large", {}),
    ],
)
def test_a_body_that_is_no_request(
    api: Served, body: bytes, kind: str, headers: dict[str, str]
) -> None:
    problem(api.post("/v1/decisions", body, **headers), kind)


@pytest.mark.parametrize(
    "value",
    [
        *(10**400, -1, 1e308, True),
        *([[[]]], {"a": {"b": []}}, [None]),
        *("\0", "\U0001f600", "=1+1", "x" * 20_000, ""),
    ],
    ids=lambda value: str(value)[:20],
)
def test_whatever_a_fact_is_given_the_answer_is_a_decision_or_a_problem(
    api: Served, value: Any
) -> None:
    facts = ("id", "topics", "countries", "participants", "start", "forum", "cost_cad")
    for fact in (*facts, "determination", "unresolved"):
        body = json.dumps(SOUND | {fact: value}).encode()
        assert api.post("/v1/decisions", body).status in (200, 400, 422)
    assert not [event for event in api.logged if event["event"] == "failure"]


def test_a_large_request_is_decided_like_a_small_one(api: Served) -> None:
    large = SOUND | {"remark": "x" * (limits.INLINE_BYTES + 1)}
    assert api.post("/v1/decisions", large).body == api.post("/v1/decisions", SOUND).body


def test_a_chunked_body_is_cut_off_at_the_limit(api: Served) -> None:
    """Nothing announces its size, so it is counted as it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=30)
    connection.putrequest("POST", "/v1/decisions")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    chunk = b"x" * 100_000
    for _ in range(limits.JSON_BYTES // len(chunk) + 1):
        connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    connection.send(b"0\r\n\r\n")
    assert connection.getresponse().status == 413
    connection.close()


# -- batches


def test_each_request_of_a_batch_has_its_own_outcome(api: Served) -> None:
    given = [SOUND, {"received": "?"}, 7, SOUND, SOUND | {"id": "T-2", "colour": "blue"}]
    answer = api.post("/v1/decisions/batch", {"requests": given})
    assert answer.status == 200
    results = answer.json["results"]
    assert [one["index"] for one in results] == [0, 1, 2, 3, 4]
    assert api.post("/v1/decisions", SOUND).body in answer.body
    assert results[1]["error"]["errors"][0]["pointer"] == "/requests/1/received"
    assert results[2]["error"]["errors"] == [{"pointer": "/requests/2", "value": "7"}]
    expected = "the same request stands in requests row 0 already, under the same id"
    expected += "; leave one of the two out"
    assert results[3]["error"]["errors"][0]["expected"] == expected
    assert results[4]["decision"]["request_id"] == "T-2"
    assert results[4]["unread"] == ["colour"]
    assert answer.json["totals"] == {"read": 5, "decided": 2, "failed": 3}


def test_a_batch_of_the_whole_inbox_decides_as_the_command_line_does(api: Served) -> None:
    given = {"requests": [plain(one) for one in example_requests()]}
    results = api.post("/v1/decisions/batch", given).json["results"]
    screened = json.loads(run("screen", str(INBOX), "--format", "json").out)["decisions"]
    assert {one["decision"]["request_id"]: one["decision"] for one in results} == {
        one["request_id"]: one for one in screened
    }


@pytest.mark.parametrize(
    "given", [{}, {"requests": []}, {"requests": [{}] * 1001}, {"requests": [{}], "more": 1}]
)
def test_a_batch_has_1_to_1000_requests_and_nothing_else(api: Served, given: Any) -> None:
    answer = api.post("/v1/decisions/batch", given)
    assert answer.status == 422
    problem(answer, "invalid-batch")


def test_a_thousand_requests_are_one_batch(api: Served) -> None:
    given = {"requests": [SOUND | {"id": f"T-{number}"} for number in range(1000)]}
    totals = {"read": 1000, "decided": 1000, "failed": 0}
    assert api.post("/v1/decisions/batch", given).json["totals"] == totals


# -- screenings


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["json", "csv", "md", "html"])
def test_a_screening_is_the_same_report_as_on_the_command_line(
    api: Served, form: str, language: Language
) -> None:
    answer = api.upload(
        "inbox.csv", INBOX.read_bytes(), f"?format={form}", Accept_Language=language
    )
    assert answer.status == 200
    assert (
        answer.body.decode() == run("screen", str(INBOX), "--format", form, "--lang", language).out
    )
    assert answer.headers["content-disposition"] == f'attachment; filename="screening.{form}"'
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["content-type"] == MEDIA_TYPES[form]


@pytest.mark.parametrize(
    ("form", "kind"), [("xlsx", "xlsx"), ("action-plan-xlsx", "xlsx"), ("action-plan-csv", "csv")]
)
def test_a_screening_comes_as_a_file_to_keep(api: Served, form: str, kind: str) -> None:
    answer = api.upload("inbox.csv", INBOX.read_bytes(), f"?format={form}")
    assert answer.status == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="screening.{kind}"'
    assert answer.body.startswith(b"PK") is (kind == "xlsx")


@pytest.mark.parametrize("form", ["json", "csv", "md", "html"])
def test_what_is_committed_and_the_best_choice_are_the_same_as_on_the_command_line(
    api: Served, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES)
    more = {"committed": ("committed.csv", (EXAMPLES / "committed.csv").read_bytes())}
    answer = api.upload("inbox.csv", INBOX.read_bytes(), f"?format={form}&allocate=best", more=more)
    assert answer.status == 200
    committed = ("--committed", "committed.csv", "--allocate", "best")
    screened = run("screen", "inbox.csv", *committed, "--format", form)
    assert answer.body.decode() == screened.out


def test_rejected_rows_of_what_is_committed_name_its_file(api: Served) -> None:
    more = {"committed": ("accepted.csv", (EXAMPLES / "inbox-with-mistakes.csv").read_bytes())}
    answer = api.upload("inbox.csv", INBOX.read_bytes(), more=more)
    rejected = answer.json["allocation"]["committed"]["rejected"]
    assert {row["source"] for row in rejected} == {"accepted.csv"}
    assert b"/tmp" not in answer.body
    inbox = ("inbox.csv", INBOX.read_bytes())
    twice = api.upload(*inbox, more={"committed": inbox})
    assert len(twice.json["rejected"]) == 50
    assert b"/tmp" not in twice.body


def test_an_allocation_or_a_part_that_there_is_not_is_a_problem(api: Served) -> None:
    problem(api.upload("inbox.csv", INBOX.read_bytes(), "?allocate=fair"), "invalid-parameter")
    other = {"another": ("a.csv", b"id")}
    problem(api.upload("inbox.csv", INBOX.read_bytes(), more=other), "invalid-inbox")
    broken = {"committed": ("a.csv", b"")}
    problem(api.upload("inbox.csv", INBOX.read_bytes(), more=broken), "invalid-inbox")


@pytest.mark.parametrize("form", ["json", "html"])
def test_requests_seen_before_are_told_as_on_the_command_line(
    api: Served, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES)
    twice = Path("inbox-twice.csv").read_bytes()
    more = {"seen": ("inbox.csv", INBOX.read_bytes())}
    answer = api.upload("inbox-twice.csv", twice, f"?format={form}", more=more)
    assert answer.status == 200
    screened = run("screen", "inbox-twice.csv", "--seen", "inbox.csv", "--format", form)
    assert answer.body.decode() == screened.out
    assert b"IN-2022-047" in answer.body


def test_rejected_rows_of_what_was_seen_name_its_file(api: Served) -> None:
    more = {"seen": ("earlier.csv", (EXAMPLES / "inbox-with-mistakes.csv").read_bytes())}
    answer = api.upload("inbox.csv", INBOX.read_bytes(), more=more)
    [seen] = answer.json["seen"]
    assert (seen["file"], seen["read"]) == ("earlier.csv", 8)
    assert {row["source"] for row in seen["rejected"]} == {"earlier.csv"}
    assert b"/tmp" not in answer.body


def test_rejected_rows_name_the_file_as_its_sender_does(api: Served) -> None:
    data = (EXAMPLES / "inbox-with-mistakes.csv").read_bytes()
    answer = api.upload("C:\\inbox\\notre boîte.csv", data, Accept_Language="fr")
    rejected = answer.json["rejected"]
    assert len(rejected) == 5
    assert {one["source"] for one in rejected} == {"notre boîte.csv"}
    assert b"/tmp" not in answer.body
    assert any("notre boîte.csv" in one["expected"] for one in rejected)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.json", "json"), ("a.jsonl", "jsonl"), ("a.yaml", "yaml")]
)
def test_an_inbox_comes_in_any_format(api: Served, name: str, kind: str) -> None:
    data = {
        "json": json.dumps({"requests": [SOUND]}),
        "jsonl": json.dumps(SOUND) + "\n",
        "yaml": "- " + json.dumps(SOUND) + "\n",
    }[kind]
    answer = api.upload(name, data.encode())
    assert [one["request_id"] for one in answer.json["decisions"]] == ["T-1"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"%PDF"),
        ("a.csv", b""),
        ("a.csv", b"received,countries\n"),
        ("a.xlsx", b"PK\x03\x04"),
        ("", b"x"),
    ],
)
def test_an_inbox_that_cannot_be_read_is_one_problem(api: Served, name: str, data: bytes) -> None:
    answer = api.upload(name, data)
    assert answer.status == 422
    told = problem(answer, "invalid-inbox")
    assert "/tmp" not in told["detail"]


def workbook(*sheets: str) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, name in enumerate(sheets, 1):
        sheet = book.create_sheet(name)
        sheet.append(["Request number", "Date received", "Type of engagement", "Country", "Title"])
        sheet.append([f"T-{number}", date(2022, 7, 4), "Meeting", "Japan", "Refugee resettlement"])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_sheet_of_a_workbook_is_named_in_the_query(api: Served) -> None:
    data = workbook("May", "Juin é")
    answer = api.upload("inbox.xlsx", data, "?sheet=Juin%20%C3%A9")
    assert [one["request_id"] for one in answer.json["decisions"]] == ["T-2"]
    told = problem(api.upload("inbox.xlsx", data, "?sheet=July"), "invalid-inbox")
    assert "July" in told["detail"]
    problem(api.upload("inbox.csv", INBOX.read_bytes(), "?sheet=May"), "invalid-inbox")


@pytest.mark.parametrize("query", ["", "?accept_suggestions=false"])
def test_suggestions_are_not_used_unless_they_are_accepted(api: Served, query: str) -> None:
    (decision,) = api.upload("inbox.xlsx", workbook("May"), query).json["decisions"]
    assert "suggested_facts" not in decision["flags"]
    assert "topics" in {one["fact"] for one in decision["unknown"]}


def test_accepted_suggestions_are_used_and_marked(api: Served) -> None:
    answer = api.upload("inbox.xlsx", workbook("May"), "?accept_suggestions=true")
    (decision,) = answer.json["decisions"]
    assert "suggested_facts" in decision["flags"]
    assert "topics" not in {one["fact"] for one in decision["unknown"]}
    answer = api.upload("inbox.xlsx", workbook("May"), "?accept_suggestions=perhaps")
    told = problem(answer, "invalid-parameter")
    assert told["errors"][0]["parameter"] == "accept_suggestions"


def test_an_upload_is_one_file_in_one_field(api: Served) -> None:
    problem(api.upload("inbox.csv", b"x", field="other"), "invalid-inbox")
    problem(api.post("/v1/screenings", {}), "media-type")
    problem(api.upload("inbox.csv", b"x", "?format=pdf"), "invalid-parameter")
    answer = api.upload("inbox.csv", b"x" * (limits.UPLOAD_BYTES + limits.OTHER_BYTES))
    problem(answer, "too-large")


# -- the policy


@pytest.mark.parametrize(
    "path",
    [
        *("policy", "policy/rules", "policy/rules/notice-enough", "policy/statements/A097"),
        *("vocabulary", "schema"),
    ],
)
def test_what_is_read_has_an_etag(api: Served, path: str) -> None:
    first = api.get(f"/v1/{path}")
    assert first.status == 200
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = api.get(f"/v1/{path}", If_None_Match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert api.get(f"/v1/{path}", If_None_Match='"other"').status == 200


def test_the_policy_names_its_strategies_in_the_readers_language(api: Served) -> None:
    told = api.get("/v1/policy?as_of=2022-07-04", Accept_Language="fr").json
    assert told["version"] == shipped().version
    assert told["as_of"] == "2022-07-04"
    assert sum(one["maximum"] for one in told["criteria"]) == 100
    assert {one["short"] for one in told["strategies"]} == {"Asie", "Amériques"}
    assert told["counts"]["rules"] == len(shipped().rules)


def test_a_rule_is_told_in_words(api: Served) -> None:
    listed = api.get("/v1/policy/rules").json["rules"]
    assert [one["id"] for one in listed] == [rule.id for rule in shipped().rules]
    id, day = "asia-visit-not-largely-aligned", "2022-07-04"
    told = api.get(f"/v1/policy/rules/{id}?as_of={day}").json
    shown = json.loads(run("rules", id, "--as-of", day, "--format", "json").out)
    del shown["place"], shown["basis"]
    assert {key: told[key] for key in shown} == shown
    assert "place" not in told


def test_a_statement_tells_what_rests_on_it(api: Served) -> None:
    told = api.get("/v1/policy/statements/A097").json
    assert "asia-visit-not-largely-aligned" in told["cited_by"]["rules"]
    assert told["document"]["id"] == "asia"


def test_the_vocabulary_has_every_value_and_every_country(api: Served) -> None:
    told = api.get("/v1/vocabulary", Accept_Language="fr").json["vocabularies"]
    assert told == vocabularies(shipped(), "fr")
    assert {"id": "JPN", "label": "Japon", "aliases": []} in told["countries"]["values"]


@pytest.mark.parametrize(
    "path", ["/v1/policy/rules/no-such", "/v1/policy/statements/X1", "/v1/none", "/docs", "/redoc"]
)
def test_what_is_not_there_is_a_problem(api: Served, path: str) -> None:
    answer = api.get(path)
    assert answer.status == 404
    problem(answer, "not-found")


def test_a_wrong_method_is_told_the_right_one(api: Served) -> None:
    answer = api.ask("DELETE", "/v1/policy")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET"
    problem(answer, "method-not-allowed")


def test_head_tells_what_get_would(api: Served) -> None:
    head, got = api.ask("HEAD", "/v1/policy"), api.get("/v1/policy")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize("day", ["2022-13-01", "20220701", "today", "", "2022-07-01T00:00"])
def test_a_day_that_is_none_is_a_problem(api: Served, day: str) -> None:
    query = f"?as_of={day}"
    for answer in (api.get(f"/v1/policy{query}"), api.post(f"/v1/decisions{query}", SOUND)):
        if not day:
            assert answer.status in (200, 422)
        else:
            assert problem(answer, "invalid-parameter")["errors"][0]["parameter"] == "as_of"


# -- schemas


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_decision_of_the_examples_fits_the_schema(language: Language) -> None:
    check = jsonschema_rs.validator_for(schemas(shipped())["decision"])
    for one in example_requests():
        check.validate(json.loads(decided(one, language).to_json()))


def decided(request: Request, language: Language) -> Decision:
    return decider().decide(request, None, language)


@settings(max_examples=40)
@given(requests())
def test_what_fits_the_schema_of_requests_is_read_and_decided_alike(one: Request) -> None:
    given_ = plain(one)
    if one.countries is None and one.forum is None and one.requester_organization is None:
        given_["requester_organization"] = "x"
    shown = schemas(shipped())
    jsonschema_rs.validator_for(shown["request"]).validate(given_)
    read = RequestReader(shipped()).request(given_)
    decision = decided(read, "en")
    jsonschema_rs.validator_for(shown["decision"]).validate(json.loads(decision.to_json()))
    # An empty list of topics is a fact that was not given, and the organization above is ours.
    if (
        one.topics != frozenset()
        and given_.get("requester_organization") == one.requester_organization
    ):
        assert decision.to_json() == decided(one, "en").to_json()


def test_the_schema_is_versioned_and_served(api: Served) -> None:
    told = api.get("/v1/schema").json
    assert told == schemas(shipped())
    assert told["request"]["$id"].endswith(":1")
    assert told["policy"]["version"] == shipped().version


# -- who may ask, and what is told


def test_with_keys_only_a_header_lets_in() -> None:
    keys = Keys([ApiKey("mission", hash_of("open sesame"))])
    with serving(Guard(keys, local=False)) as served:
        refused = served.get("/v1/policy")
        assert refused.status == 401
        assert refused.headers["www-authenticate"] == 'Bearer realm="triage"'
        problem(refused, "unauthorized")
        assert served.get("/v1/policy", Authorization="Bearer open sesam").status == 401
        assert served.get("/v1/policy?api_key=open+sesame&X-API-Key=open+sesame").status == 401
        assert served.get("/v1/policy", Cookie="X-API-Key=open sesame").status == 401
        assert served.get("/v1/none").status == 401
        assert served.get("/v1/policy", Authorization="bearer open sesame").status == 200
        named = served.get("/v1/policy", X_API_Key="open sesame", Host="triage.example")
        assert named.status == 200
        assert served.get("/health").status == 200
    keys_used = [event["key"] for event in served.logged if event.get("status") == 200]
    assert keys_used == ["mission", "mission", None]
    assert b"sesam" not in served.log.getvalue()


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""]
)
def test_a_page_elsewhere_cannot_reach_the_local_service_by_another_name(
    api: Served, host: str
) -> None:
    answer = api.get("/v1/policy", Host=host)
    assert answer.status == 421
    problem(answer, "host")


def test_the_local_service_goes_by_its_local_names(api: Served) -> None:
    assert api.get("/health", Host=f"localhost:{api.port}").json["status"] == "ok"


@pytest.mark.parametrize("path", ["/health", "/v1/policy", "/none", "/openapi.json"])
def test_every_answer_carries_the_security_headers(api: Served, path: str) -> None:
    answer = api.get(path)
    for name, value in HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert answer.headers["vary"] == "Accept-Language"
    assert "server" not in answer.headers


def test_decisions_are_not_kept_by_caches(api: Served) -> None:
    assert api.post("/v1/decisions", SOUND).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("case-42_a.b", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("a b", False),
        ('a"b', False),
        ("é", False),
    ],
)
def test_a_request_id_is_kept_when_it_is_well_formed(api: Served, given: str, kept: bool) -> None:
    headers = {"X-Request-Id": given.encode("utf-8").decode("latin-1")}
    found = api.ask("GET", "/health", headers=headers).headers["x-request-id"]
    assert (found == given) is kept
    assert kept or len(found) == 32


def test_the_log_tells_of_every_request_and_nothing_of_its_content() -> None:
    with serving() as served:
        hush = SOUND | {"title": "hush", "summary": "hush"}
        served.post("/v1/decisions?as_of=2022-07-04&secret=hush", hush)
        served.post("/v1/decisions", {"title": "hush", "hush": 1, "received": "hush"})
        served.post("/v1/decisions/batch", {"requests": [{"title": "hush"}]})
        served.upload("hush.csv", b"title,received\nhush,hush\n")
        served.get("/hush")
        served.get("/v1/policy/rules/hush")
    events = [event for event in served.logged if event["event"] == "request"]
    assert [(event["method"], event["route"], event["status"]) for event in events] == [
        ("POST", "/v1/decisions", 200),
        ("POST", "/v1/decisions", 422),
        ("POST", "/v1/decisions/batch", 200),
        ("POST", "/v1/screenings", 200),
        ("GET", None, 404),
        ("GET", "/v1/policy/rules/{id}", 404),
    ]
    assert b"hush" not in served.log.getvalue()
    assert {"time", "request_id", "ms", "bytes", "language", "client", "key"} <= events[0].keys()


def test_a_fault_of_ours_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("hush")

    with serving() as served:
        served.get("/health")
        monkeypatch.setattr("triage_api.desk.Desk.decide", fail)
        answer = served.post("/v1/decisions", SOUND)
        assert answer.status == 500
        told = problem(answer, "internal")
        assert told["request_id"] in told["detail"]
        (failure,) = [event for event in served.logged if event["event"] == "failure"]
        assert failure["error"] == "RuntimeError"
        assert failure["request_id"] == told["request_id"]
        assert "test_api.py" in failure["places"][-1]
    assert b"hush" not in answer.body + served.log.getvalue()


def test_work_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage_api.limits.Deadline.__init__.__defaults__", (-1.0,))
    with serving() as served:
        for answer in (
            served.post("/v1/decisions/batch", {"requests": [SOUND]}),
            served.upload("a.csv", INBOX.read_bytes()),
        ):
            assert answer.status == 503
            problem(answer, "too-slow")


def test_a_body_that_does_not_arrive_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.05)
    with serving() as served:
        headers = {"Content-Type": "application/json", "Content-Length": "9"}
        answer = served.ask("POST", "/v1/decisions", None, headers)
        assert answer.status == 408
        problem(answer, "body-timeout")


def test_more_work_than_can_wait_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage_api.desk.MOST_JOBS", 0)
    with serving() as served:
        answer = served.post("/v1/decisions/batch", {"requests": [SOUND]})
        assert answer.status == 503
        assert answer.headers["retry-after"] == "10"
        problem(answer, "busy")
        assert served.post("/v1/decisions", SOUND).status == 200


# -- many at once


def test_64_clients_get_the_same_decisions_as_one(api: Served) -> None:
    with INBOX.open(encoding="utf-8", newline="") as stream:
        rows = [dict(row) for row in csv.DictReader(stream)]
    work = [(row, language) for row in rows for language in LANGUAGES] * 4

    def ask(one: tuple[dict[str, str], Language]) -> bytes:
        row, language = one
        return api.post("/v1/decisions", row, Accept_Language=language).body

    alone = {json.dumps(one): ask(one) for one in work[: len(rows) * 2]}
    with ThreadPoolExecutor(64) as pool:
        together = list(pool.map(ask, work))
        batch = {"requests": rows}
        batches = [pool.submit(api.post, "/v1/decisions/batch", batch) for _ in range(8)]
        screenings = [pool.submit(api.upload, "inbox.csv", INBOX.read_bytes()) for _ in range(4)]
    assert [alone[json.dumps(one)] for one in work] == together
    bodies = {batch.result().body for batch in batches}
    assert len(bodies) == 1
    assert all(alone[json.dumps((row, "en"))] in next(iter(bodies)) for row in rows)
    assert len({screening.result().body for screening in screenings}) == 1
