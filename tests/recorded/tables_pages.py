"""Every request to the API: each route, good and bad bodies, languages, keys, refusals."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recorded.pages import Ask, Server, Session

LANGUAGES = ("en", "fr")
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=edge"}
FORMS = ("json", "csv", "xlsx", "md", "html", "action-plan-csv", "action-plan-xlsx")
KEYS = {"first": "triage_first-key", "second": "triage_second-key", "third": "triage_third-key"}

BODIES: Mapping[str, Any] = {
    "least": {"received": "2022-07-04", "engagement_type": "meeting", "countries": ["JPN"]},
    "french": {
        "date de réception": "4 juillet 2022", "pays": "Pérou", "type d'activité": "réunion"
    },
    "empty": {},
    "number": 3,
    "list": [],
    "null": None,
    "bad-day": {"received": "3 mars", "engagement_type": "meeting", "countries": ["JPN"]},
    "many-bad": {
        "received": 7, "engagement_type": "meet", "countries": ["Atlantis"], "topics": [1]
    },
    "unread": {
        "received": "2022-07-04", "engagement_type": "meeting", "forum": "x", "Couleur é": 1
    },
    "reversed": {
        "received": "2022-07-04", "engagement_type": "meeting", "countries": ["JPN"],
        "start": "2022-09-02", "end": "2022-09-01",
    },
    "determined": {
        "received": "2022-07-04", "engagement_type": "meeting", "countries": ["JPN"],
        "determination": {"outcome": "accept", "date": "2022-07-30", "reason": "liked"},
    },
    "determined-badly": {
        "received": "2022-07-04", "engagement_type": "meeting", "countries": ["JPN"],
        "determination": {"outcome": "maybe"},
    },
    "decimals": {
        "received": "2022-07-04", "engagement_type": "capacity_building", "countries": ["COL"],
        "cost_cad": 1.1, "officer_days": "2,5", "participants": 3.0,
    },
    "too-early": {"received": "2021-01-04", "engagement_type": "meeting", "countries": ["JPN"]},
    "hostile": {
        "id": "<b>", "title": "=1+1", "received": "2022-07-04", "engagement_type": "\u0000"
    },
}  # fmt: skip

SLOW = frozenset(("french", "determined", "short-of-facts", "decimals"))
"""Requests of which little is known take long to assess; the commands do it once."""

RAW_BODIES = {
    "not-json": b"{",
    "not-utf8": b'{"received": "\xff"}',
    "nothing": b"",
    "nan": b'{"participants": NaN}',
    "deep": b"[" * 3000,
    "twice": b'{"id": "a", "id": "b", "received": "2022-07-04"}',
    "huge": b'{"title": "' + b"x" * 1_100_000 + b'"}',
}

READ = (
    *("/v1/policy", "/v1/policy?as_of=2024-01-01", "/v1/policy?as_of=2021-01-01"),
    *("/v1/policy?as_of=never", "/v1/policy/rules", "/v1/policy/rules/no-such-rule"),
    *("/v1/policy/rules/asia-topic-removals?as_of=2022-07-04",),
    *("/v1/policy/rules/asia-topic-removals?as_of=2022-7-4", "/v1/policy/statements/A097"),
    *("/v1/policy/statements/Z999", "/v1/vocabulary", "/v1/schema", "/health", "/openapi.json"),
    *("/", "/docs", "/redoc", "/v1", "/v1/", "/v1/policy/", "/v2/policy", "/favicon.ico"),
    *("/v1/decisions", "/v1/policy/rules/", "/v1/policy/rules/%2e%2e%2fx", "/v1/policy?x=1"),
)


def _examples(server: Server) -> dict[str, Any]:
    """Proposals and inboxes of the examples, by name."""
    import yaml  # noqa: PLC0415 - a package of the checkout

    found = {}
    for path in sorted((server.scratch / "examples" / "proposals").iterdir()):
        text = path.read_text("utf-8")
        value = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
        found[path.stem] = json.loads(json.dumps(value, default=str))
    return found


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _post(name: str, path: str, body: Any, **headers: str) -> Ask:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Ask(name, "POST", path, {**JSON, **_named(headers)}, data)


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _upload(name: str, query: str, files: Mapping[str, Path | bytes], language: str = "en") -> Ask:
    body = b""
    for part, given in files.items():
        data = given if isinstance(given, bytes) else given.read_bytes()
        shown = "inbox.csv" if isinstance(given, bytes) else given.name
        head = f'Content-Disposition: form-data; name="{part}"; filename="{shown}"\r\n\r\n'
        body += b"--edge\r\n" + head.encode() + data + b"\r\n"
    headers = {**FORM, "Accept-Language": language}
    return Ask(name, "POST", f"/v1/screenings{query}", headers, body + b"--edge--\r\n")


def _local(server: Server) -> Iterator[Ask]:
    yield from _reading(server)
    yield from _deciding(server)
    yield from _batches(server)
    yield from _screenings(server)
    yield from _refused()


def _reading(server: Server) -> Iterator[Ask]:
    for language in LANGUAGES:
        spoken = {"Accept-Language": language}
        for path in READ:
            name = re.sub(r"[^\w.=-]+", "-", path).strip("-") or "root"
            yield Ask(f"read-{name}.{language}", "GET", path, spoken)
        for rule in server.get("/v1/policy/rules")["rules"]:
            path = f"/v1/policy/rules/{rule['id']}?as_of=2022-07-04"
            yield Ask(f"every-rule.{language}", "GET", path, spoken)
        cited = {id for rule in server.get("/v1/policy/rules")["rules"] for id in rule["cite"]}
        for id in sorted(cited):
            yield Ask(f"every-statement.{language}", "GET", f"/v1/policy/statements/{id}", spoken)
    for path in ("/v1/policy/rules", "/openapi.json", "/v1/policy?as_of=2024-01-01"):
        name = path.strip("/").replace("/", "-").partition("?")[0]
        yield Ask(f"known-{name}", "GET", path, {"If-None-Match": "*"})
        yield Ask(f"unknown-{name}", "GET", path, {"If-None-Match": '"abc"'})
        yield Ask(f"head-{name}", "HEAD", path)
    for number, wish in enumerate(
        ("fr-CA,fr;q=0.9,en;q=0.8", "en;q=0.1, fr;q=0.2", "de", "*", "fr;q=0", "", "x" * 300, "FR")
    ):
        yield Ask(f"language-{number}", "GET", "/v1/policy/rules/zzz", {"Accept-Language": wish})
    for accept in ("text/html", "application/xml", "*/*"):
        name = accept.replace("/", "-").replace("*", "any")
        yield Ask(f"accept-{name}", "GET", "/v1/policy?as_of=2024-01-01", {"Accept": accept})
        yield _post(f"accept-post-{name}", "/v1/decisions", BODIES["least"], Accept=accept)


def _deciding(server: Server) -> Iterator[Ask]:
    bodies = {**_examples(server), **BODIES}
    for language in LANGUAGES:
        spoken = {"Accept_Language": language}
        for kind in ("decisions", "assessments"):
            for name, body in bodies.items():
                if kind == "decisions" or name not in SLOW:
                    yield _post(f"{kind}-{name}.{language}", f"/v1/{kind}", body, **spoken)
            for name, raw in RAW_BODIES.items():
                yield _post(f"{kind}-{name}.{language}", f"/v1/{kind}", raw, **spoken)
            for name, query in (
                ("later", "?as_of=2025-01-01"), ("never", "?as_of=never"), ("empty", "?as_of="),
                ("early", "?as_of=2021-01-01"), ("other", "?other=1"),
            ):  # fmt: skip
                path = f"/v1/{kind}{query}"
                yield _post(f"{kind}-as-of-{name}.{language}", path, bodies["peru"], **spoken)
            body = json.dumps(BODIES["least"]).encode()
            for name, media in (("text", "text/plain"), ("charset", "application/json; charset=x")):
                headers = {"Content-Type": media, "Accept-Language": language}
                yield Ask(f"{kind}-{name}.{language}", "POST", f"/v1/{kind}", headers, body)
        # The requests of the policy cases reach every rule.
        mixed = _lines(server.scratch / "made" / "few-mixed.jsonl")
        for one in mixed:
            yield _post(f"mixed.{language}", "/v1/decisions", one, **spoken)

    for one in mixed[::5]:
        yield _post("mixed-assessed", "/v1/assessments", one)


def _batches(server: Server) -> Iterator[Ask]:
    made = server.scratch / "made"
    least = BODIES["least"]
    batches: Mapping[str, Any] = {
        "one": {"requests": [least]},
        "bodies": {"requests": list(BODIES.values())},
        "twice": {"requests": [least | {"id": "a"}, least | {"id": "a"}]},
        "none": {"requests": []},
        "not-a-list": {"requests": {}},
        "more": {"requests": [least], "more": 1},
        "nothing": {},
        "list": [least],
        "too-many": {"requests": [{}] * 1001},
        "mixed": {"requests": _lines(made / "mixed.jsonl")},
        "values": {"requests": _lines(made / "values.jsonl")},
        "types": {"requests": _lines(made / "types.jsonl")},
    }
    for language in LANGUAGES:
        for name, body in batches.items():
            path = "/v1/decisions/batch"
            yield _post(f"batch-{name}.{language}", path, body, Accept_Language=language)
        yield _post(f"batch-later.{language}", f"{path}?as_of=2025-01-01", batches["one"])
        yield _post(f"batch-never.{language}", f"{path}?as_of=never", batches["one"])


def _screenings(server: Server) -> Iterator[Ask]:
    examples, made = server.scratch / "examples", server.scratch / "made"
    inbox, committed = examples / "inbox.csv", examples / "committed.csv"
    bad, projects = examples / "inbox-with-mistakes.csv", examples / "inbox-projects.csv"
    rows: Iterable[tuple[str, str, Mapping[str, Path | bytes]]] = (
        *((f"form-{form}", f"?format={form}", {"inbox": inbox}) for form in FORMS),
        *((f"mistakes-{form}", f"?format={form}", {"inbox": bad}) for form in FORMS),
        ("default", "", {"inbox": projects}),
        ("best", "?allocate=best", {"inbox": projects}),
        ("rank", "?allocate=rank&format=csv", {"inbox": projects}),
        ("worst", "?allocate=worst", {"inbox": projects}),
        ("committed", "?format=html", {"inbox": inbox, "committed": committed}),
        ("committed-json", "?format=json", {"inbox": inbox, "committed": committed}),
        ("committed-bad", "?format=json", {"inbox": projects, "committed": bad}),
        ("committed-same", "?format=csv", {"inbox": inbox, "committed": inbox}),
        ("committed-alone", "", {"committed": inbox}),
        ("pdf", "?format=pdf", {"inbox": inbox}),
        ("as-of", "?as_of=2025-01-01&format=csv", {"inbox": inbox}),
        ("never", "?as_of=never", {"inbox": inbox}),
        ("suggested", "?accept_suggestions=true&format=md", {"inbox": examples / "inbox-fr.csv"}),
        ("suggested-odd", "?accept_suggestions=yes", {"inbox": inbox}),
        ("sheet", "?sheet=French&format=csv", {"inbox": made / "two-sheets.xlsx"}),
        ("sheet-none", "?sheet=Nowhere", {"inbox": made / "two-sheets.xlsx"}),
        ("sheets", "", {"inbox": made / "two-sheets.xlsx"}),
        ("xlsx", "?format=xlsx", {"inbox": made / "inbox-fr.xlsx"}),
        ("parquet", "?format=csv", {"inbox": made / "inbox.parquet"}),
        ("lines", "?format=csv", {"inbox": made / "inbox-with-mistakes.jsonl"}),
        ("values", "?format=csv", {"inbox": made / "values.csv"}),
        ("unknown-columns", "?format=csv", {"inbox": made / "unknown-columns.csv"}),
        ("hostile", "?format=html", {"inbox": made / "hostile.jsonl"}),
        ("other-field", "", {"file": inbox}),
        ("two-fields", "", {"inbox": inbox, "file": inbox}),
        *(
            (f"broken-{name}", "", {"inbox": made / name})
            for name in ("empty.csv", "header-only.csv", "cut-off.json", "bad.yaml", "old.xls")
        ),
        ("strange", "", {"inbox": made / "strange.docx"}),
        ("not-a-workbook", "", {"inbox": made / "not-a-workbook.xlsx"}),
        ("too-large", "", {"inbox": b"x" * 20_100_000}),
    )
    for language in LANGUAGES:
        for name, query, files in rows:
            yield _upload(f"screening-{name}.{language}", query, files, language)
    yield Ask("screening-json", "POST", "/v1/screenings", JSON, b"{}")
    yield Ask("screening-cut-off", "POST", "/v1/screenings", FORM, b"--edge\r\nContent-Dis")
    yield Ask(
        "screening-no-edge", "POST", "/v1/screenings", {"Content-Type": "multipart/form-data"}, b"x"
    )


def _refused() -> Iterator[Ask]:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        yield Ask(f"method-{method}", method, "/v1/policy", {"Accept-Language": "fr"})
    yield Ask("method-get", "GET", "/v1/screenings")
    for host in ("example.org", "localhost", "[::1]:80", "127.0.0.1.example.org", ""):
        yield Ask(
            f"host-{host or 'none'}".replace("[::1]:80", "six"), "GET", "/health", {"Host": host}
        )
    for number, id in enumerate(
        ("good-id.1_a", "bad id", "x" * 65, "-x", "é".encode().decode("latin-1"))
    ):
        yield Ask(f"id-{number}", "GET", "/health", {"X-Request-Id": id})
    small = b"POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    typed = small + b"Content-Type: application/json\r\n"
    chunked = typed + b"Transfer-Encoding: chunked\r\n\r\n"
    for name, raw in {
        "raw-nonsense": b"nonsense\r\n\r\n",
        "raw-no-length": typed + b"\r\n",
        "raw-chunked": chunked + b'd\r\n{"received":7\r\n1\r\n}\r\n0\r\n\r\n',
        "raw-large": typed + b"Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n",
        "raw-get-body": b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
        b"Connection: close\r\nContent-Length: 2\r\n\r\nhi",
    }.items():
        yield Ask(name, "RAW", name, raw=raw)


def _french(server: Server) -> Iterator[Ask]:
    """Nothing is said of a language: that of the server counts."""
    for name, body in {**_examples(server), **BODIES}.items():
        yield _post(f"decisions-{name}", "/v1/decisions", body)
    yield _post("decisions-english", "/v1/decisions", BODIES["least"], Accept_Language="en")
    yield Ask("missing", "GET", "/v1/policy/rules/zzz")
    yield Ask("rule", "GET", "/v1/policy/rules/asia-topic-removals?as_of=2022-07-04")


def _keyed(_server: Server) -> Iterator[Ask]:
    asked: Mapping[str, Mapping[str, str]] = {
        "none": {},
        "bearer": {"Authorization": f"Bearer {KEYS['first']}"},
        "bearer-small": {"Authorization": f"bearer  {KEYS['second']}"},
        "header": {"X-API-Key": KEYS["second"]},
        "run-out": {"X-API-Key": KEYS["third"]},
        "wrong": {"Authorization": "Bearer triage_wrong"},
        "basic": {"Authorization": f"Basic {KEYS['first']}"},
        "both": {"Authorization": "Bearer x", "X-API-Key": KEYS["first"]},
        "french": {"Accept-Language": "fr"},
        "host": {"Host": "triage.example", "X-API-Key": KEYS["first"]},
    }
    for name, headers in asked.items():
        yield Ask(f"policy-{name}", "GET", "/v1/policy?as_of=2024-01-01", headers)
        yield Ask(f"health-{name}", "GET", "/health", headers)
        yield _post(f"decisions-{name}", "/v1/decisions", BODIES["least"], **dict(headers))
    yield Ask("query", "GET", f"/v1/policy?key={KEYS['first']}")


def _suspended(server: Server) -> Iterator[Ask]:
    inbox = server.scratch / "examples" / "inbox.csv"
    for language in LANGUAGES:
        yield _upload(f"screening.{language}", "?format=json", {"inbox": inbox}, language)
        yield _upload(f"screening-html.{language}", "?format=html", {"inbox": inbox}, language)
    yield Ask("policy", "GET", "/v1/policy?as_of=2022-09-15")


def _small(server: Server) -> Iterator[Ask]:
    for path in ("/v1/policy?as_of=2022-07-04", "/v1/policy/rules", "/v1/vocabulary", "/v1/schema"):
        yield Ask(f"read-{path.rpartition('/')[2].partition('?')[0]}", "GET", path)
    yield _post("decision", "/v1/decisions", BODIES["least"])


SESSIONS = (
    Session("local", (), _local),
    Session("french", ("--lang", "fr"), _french),
    Session("keys", ("--keys", "made/keys.txt"), _keyed),
    Session("remote", ("--keys", "made/keys.txt", "--allow-remote"), _keyed),
    Session("suspended", ("--rules", "made/suspended/rules"), _suspended),
    Session("small", ("--rules", "bad/none/rules"), _small),
)
