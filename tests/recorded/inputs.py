"""The files that cases read: copies of the examples and the policy, and others made of them."""

import csv
import hashlib
import io
import json
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from recorded.values import OVERLAYS, SUSPENSION, VALUES, hostile

LINKED = ("examples", "rules", "tests", "made", "bad")
HEAD = re.compile(r"# (place|remove|encoding): (.*)")
FEW = 45
SEED = 20220412
Row = dict[str, str]


def make(checkout: Path, scratch: Path) -> None:
    """Copy what a checkout has, and make the other files, below a folder."""
    ignored = shutil.ignore_patterns("__pycache__", "*.py")
    shutil.copytree(checkout / "examples", scratch / "examples", ignore=ignored)
    shutil.copytree(checkout / "rules", scratch / "rules")
    shutil.copytree(checkout / "tests" / "cases", scratch / "tests" / "cases")
    made = scratch / "made"
    made.mkdir()
    _bad_rules(checkout / "tests" / "bad_rules", scratch / "bad")
    _inboxes(scratch / "examples", made)
    _cases(scratch / "examples" / "history", made)
    _broken(scratch / "examples", made)
    _values(made)
    _requests(scratch, made)
    _policies(scratch / "rules", made)
    days = {"first": "", "second": " 2999-12-31", "third": " 2022-01-01"}
    lines = [
        f"{name} {hashlib.sha256(f'triage_{name}-key'.encode()).hexdigest()}{day}\n"
        for name, day in days.items()
    ]
    (made / "keys.txt").write_text("# made for the comparison\n" + "".join(lines), "utf-8")


def digest(scratch: Path) -> str:
    """What tells whether any of the files has changed."""
    found = hashlib.sha256()
    for linked in LINKED:
        for path in sorted((scratch / linked).rglob("*")):
            content = path.read_bytes() if path.is_file() else b""
            found.update(f"{path}\0".encode() + hashlib.sha256(content).digest())
    return found.hexdigest()


def mistakes(checkout: Path) -> list[str]:
    """The names of the likely mistakes of analysts."""
    return sorted(path.stem for path in (checkout / "tests" / "bad_rules").glob("*.yaml"))


def _bad_rules(source: Path, target: Path) -> None:
    """Each file of bad_rules/ in a copy of the small policy, where its head says."""
    for path in sorted(source.glob("*.yaml")):
        text = path.read_text("utf-8")
        found = [HEAD.match(line) for line in text.splitlines()]
        head = {one[1]: one[2] for one in found if one}
        rules = target / path.stem / "rules"
        shutil.copytree(source / "base", rules)
        if "place" in head:
            place = rules / head["place"]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode(head.get("encoding", "utf-8")))
        if "remove" in head:
            (rules / head["remove"]).unlink()
    shutil.copytree(source / "base", target / "none" / "rules")


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _comma_separated(rows: Sequence[Row], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _typed(text: str) -> Any:
    """A cell as a person would have it in a workbook: days as days, numbers as numbers."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
    if re.fullmatch(r"\d{1,9}", text):
        return int(text)
    return float(text) if re.fullmatch(r"\d{1,9}\.\d+", text) else text or None


def _plain(row: Row) -> dict[str, Any]:
    """A row as JSON would have it: lists, numbers, without what is empty."""
    made: dict[str, Any] = {}
    for name, text in row.items():
        if text:
            value = [part.strip() for part in text.split(";")] if ";" in text else text
            made[name] = int(text) if re.fullmatch(r"\d{1,9}", text) else value
    return made


def _workbook(path: Path, sheets: Mapping[str, Sequence[Row]], above: Sequence[str] = ()) -> Any:
    from openpyxl import Workbook  # noqa: PLC0415 - slow

    book = Workbook()
    del book["Sheet"]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for line in above:
            sheet.append([line])
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append([_typed(text) for text in row.values()])
    book.save(path)
    _settled(path)
    return book


def _settled(path: Path) -> None:
    """Take the time out of a workbook: reports give digests of the files that they read."""
    with zipfile.ZipFile(path) as parts:
        contents = [(one.filename, parts.read(one)) for one in parts.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, data in contents:
            settled = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2022-01-01T00:00:00Z", data)
            parts.writestr(zipfile.ZipInfo(name), settled)


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")


def _lines(path: Path, values: Iterable[Any]) -> None:
    path.write_text("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in values), "utf-8")


def _yaml(path: Path, value: Any) -> None:
    import yaml  # noqa: PLC0415 - a package of the checkout

    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), "utf-8")


def _inboxes(examples: Path, made: Path) -> None:
    """The inboxes in every kind of file."""
    for name in ("inbox", "inbox-fr", "inbox-with-mistakes"):
        rows = _rows(examples / f"{name}.csv")
        plain = [_plain(row) for row in rows]
        _workbook(made / f"{name}.xlsx", {"Requests": rows}, above=("A title", ""))
        _json(made / f"{name}.json", {"requests": plain})
        _lines(made / f"{name}.jsonl", plain)
        _yaml(made / f"{name}.yaml", plain)
        (made / f"{name}.tsv").write_text(_comma_separated(rows, "\t"), "utf-8")
        semicolons = _comma_separated(rows, ";")
        (made / f"{name}-1252.csv").write_bytes(semicolons.encode("cp1252", "replace"))
        (made / f"{name}-16.csv").write_bytes(semicolons.encode("utf-16"))
        (made / f"{name}-bom.txt").write_bytes(_comma_separated(rows).encode("utf-8-sig"))
    rows, french = _rows(examples / "inbox.csv"), _rows(examples / "inbox-fr.csv")
    _workbook(made / "two-sheets.xlsx", {"English": rows[:9], "French": french})
    other = [{"Remark": "nothing to see"}]
    _workbook(made / "one-of-two.xlsx", {"Notes": other, "Requests": rows[:9]})
    book = _workbook(made / "hidden.xlsx", {"English": rows[:9], "French": french})
    book["French"].sheet_state = "hidden"
    sheet = book["English"]
    sheet["G5"] = "=1+1"
    sheet["H6"] = "#REF!"
    sheet["H6"].data_type = "e"
    sheet.merge_cells("C7:C8")
    book.save(made / "hidden.xlsx")
    _settled(made / "hidden.xlsx")
    _json(made / "one.json", _plain(rows[2]))
    _rows_to_parquet(made / "inbox.parquet", rows)


def _rows_to_parquet(path: Path, rows: Sequence[Row]) -> None:
    import polars  # noqa: PLC0415 - slow

    frame = polars.DataFrame([{name: text or None for name, text in row.items()} for row in rows])
    frame.write_parquet(path)


def _cases(history: Path, made: Path) -> None:
    """Historical cases: few of them, of other kinds of file, typed columns, and far too many."""
    rows = _rows(history / "cases-synthetic.csv")
    few = rows[:: len(rows) // FEW]
    (made / "few-cases.csv").write_text(_comma_separated(few), "utf-8")
    _workbook(made / "few-cases.xlsx", {"Cases": few})
    _lines(made / "few-cases.jsonl", [_plain(row) for row in few])
    _yaml(made / "few-cases.yaml", {"requests": [_plain(row) for row in few]})
    _rows_to_parquet(made / "few-cases.parquet", few)
    _rows_to_parquet(made / "cases.parquet", rows)
    wrong = _rows(history / "cases-synthetic-with-mistakes.csv")
    _rows_to_parquet(made / "mistakes.parquet", wrong)
    _typed_parquet(made / "typed.parquet", rows)
    none = [{name: text for name, text in row.items() if "etermination" not in name} for row in few]
    (made / "undetermined.csv").write_text(_comma_separated(none), "utf-8")
    early = [row for row in rows if row["Date received"] < "2022-04-12"]
    (made / "early-cases.csv").write_text(_comma_separated(early), "utf-8")
    french = {"Determination": "Résultat de la détermination", "Language of the request": "Langue"}
    french |= {"Determination date": "Date de la détermination"}
    french |= {"Determination reason": "Motif de la détermination"}
    spoken = {"accept": "acceptée", "defer": "reportée", "decline": "refusée"}
    renamed = [
        {french.get(name, name): spoken.get(text, text) for name, text in row.items()}
        for row in few
    ]
    (made / "few-cases-fr.csv").write_text(_comma_separated(renamed), "utf-8")


CANONICAL = {
    "Request number": "request_id",
    "Date received": "received",
    "Type of engagement": "engagement_type",
    "Origin of the request": "origin",
    "Submitting mission": "mission",
    "Requesting organization": "requester_organization",
    "Type of requester": "requester_type",
    "First day": "start",
    "Last day": "end",
    "Number of participants": "participants",
    "Officer days": "officer_days",
    "Purpose stated": "purpose_stated",
    "Agenda attached": "agenda_attached",
    "Topics": "topics",
    "Forum": "forum",
    "Countries": "countries",
    "Modality": "modality",
    "Place": "location",
    "Determination": "determination",
}


def _typed_parquet(path: Path, rows: Sequence[Row]) -> None:
    """Cases in the shape that is read column by column, apart from the names of the countries."""
    import polars  # noqa: PLC0415 - slow

    made: dict[str, list[Any]] = {name: [] for name in CANONICAL.values()}
    reading: dict[str, Callable[[str], Any]] = {
        **dict.fromkeys(("received", "start", "end"), date.fromisoformat),
        **dict.fromkeys(("purpose_stated", "agenda_attached"), lambda text: text == "yes"),
        **dict.fromkeys(("topics", "countries"), lambda text: re.split(r"\s*;\s*", text)),
        "participants": int,
        "officer_days": float,
    }
    for row in rows:
        for header, name in CANONICAL.items():
            text = row[header]
            made[name].append(reading.get(name, str)(text) if text else None)
    polars.DataFrame(made).write_parquet(path)


def _broken(examples: Path, made: Path) -> None:
    """Files that cannot be read, or only in part."""
    inbox = (examples / "inbox.csv").read_text("utf-8")
    head = inbox.splitlines()[0]
    texts = {
        "empty.csv": "",
        "header-only.csv": head + "\n",
        "no-header.csv": "a,b\n1,2\n",
        "headers-twice.csv": "Title,Title,Date received\na,b,2022-07-04\n",
        "unclosed.csv": inbox + '"never closed,2022-07-04\n',
        "ragged.csv": inbox.splitlines()[0]
        + "\nX-1,2022-07-04,Meeting,a,b\nX-2\n"
        + "," * 60
        + "\n",
        "doubled.csv": inbox + "\n".join(inbox.splitlines()[1:3]) + "\n",
        "unknown-columns.csv": "Date received,Type of engagement,Countries,Colour,Mood\n"
        "2022-07-04,Meeting,Japan,red,\n2022-07-05,Meeting,Japan; Peru; Atlantis,,good\n",
        "cut-off.json": '{"requests": [{"received": "2022-07-04"',
        "number.json": "42",
        "list-of-numbers.json": "[1, 2]",
        "empty.json": "[]",
        "doubled-keys.json": '{"received": "2022-07-04", "received": "2022-07-05"}',
        "nan.json": '{"received": "2022-07-04", "participants": NaN}',
        "cut-off.jsonl": '{"received": "2022-07-04", "engagement_type": "meeting"}\n'
        '{"rec\n[]\n\n7\n',
        "tagged.yaml": "!!python/object:os.system {}\n",
        "bad.yaml": "requests:\n  - a: [1,\n",
        "aliases.yaml": "a: &a [x, x]\nb: *a\n",
        "strange.docx": "no such kind",
        "no-ending": inbox,
    }
    for name, text in texts.items():
        (made / name).write_text(text, "utf-8")
    (made / "not-a-workbook.xlsx").write_bytes(b"PK\x03\x04 and then nothing")
    (made / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (made / "not.parquet").write_bytes(b"PAR1 and then nothing")
    (made / "bytes.csv").write_bytes(bytes(range(256)) * 4)
    (made / "folder.csv").mkdir()
    (made / "wide.csv").write_text(",".join(f"c{number}" for number in range(1200)) + "\n", "utf-8")
    _lines(made / "hostile.jsonl", hostile())


def _values(made: Path) -> None:
    sound = {"received": "2022-07-04", "engagement_type": "meeting", "countries": "Japan"}
    sound |= {"topics": "labour_mobility", "start": "2022-07-02", "end": "2022-09-03"}
    rows = [
        {"id": f"V-{name}-{number}"} | sound | {"title": f"{name}: {value}", name: value}
        for name, values in VALUES.items()
        for number, value in enumerate(values)
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    full = [{name: str(row.get(name, "")) for name in names} for row in rows]
    (made / "values.csv").write_text(_comma_separated(full), "utf-8")
    _lines(made / "values.jsonl", rows)
    odd: Sequence[Any] = (
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**20,
        [],
        ["JPN"],
        [1],
        {},
        {"a": 1},
        " ",
    )
    _lines(
        made / "types.jsonl",
        [
            {"id": f"T-{name}-{number}"} | sound | {name: value}
            for name in (*VALUES, "title", "determination")
            for number, value in enumerate(odd)
        ],
    )


def _requests(scratch: Path, made: Path) -> None:
    """The requests of all policy cases, and others mixed of their facts: every rule is met."""
    import yaml  # noqa: PLC0415 - a package of the checkout

    found: list[dict[str, Any]] = []
    for path in sorted((scratch / "tests" / "cases").rglob("*.yaml")):
        for one in yaml.safe_load(path.read_text("utf-8"))["cases"]:
            request = {"received": str(one["as_of"])} | one["request"]
            plain = json.loads(json.dumps(request, default=str))
            found.append({"id": f"C-{len(found):03}", "title": one["name"]} | plain)
    _lines(made / "policy-cases.jsonl", found)
    draw = random.Random(SEED)
    mixed = []
    for number in range(len(found)):
        facts: dict[str, Any] = {}
        for one in draw.sample(found, 4):
            facts |= {name: value for name, value in one.items() if draw.random() < 0.7}
        facts = {
            "received": "2022-09-01",
            "engagement_type": "meeting",
            "countries": ["JPN"],
        } | facts
        mixed.append(
            facts | {"id": f"M-{number:03}", "mission": draw.choice(("Lima", "Delhi", ""))}
        )
    _lines(made / "mixed.jsonl", mixed)
    _lines(made / "few-mixed.jsonl", mixed[::12])


def _policies(rules: Path, made: Path) -> None:
    """Other policies: overlays, a copy with a suspension, one with tight limits, a broken one."""
    for name, text in OVERLAYS.items():
        (made / name).write_text(text, "utf-8")
    changed: Mapping[str, Callable[[str], str]] = {
        "suspended": lambda text: re.sub(r"(?m)^suspensions:.*\n", "", text) + SUSPENSION,
        "broken": lambda text: text + "\nnonsense: 1\n",
    }
    for name, change in changed.items():
        shutil.copytree(rules, made / name / "rules")
        limits = made / name / "rules" / "operations" / "limits.yaml"
        limits.write_text(change(limits.read_text("utf-8")), "utf-8")
    shutil.copytree(rules, made / "edited" / "rules")
    for path in sorted((made / "edited" / "rules").rglob("*.yaml")):
        text = path.read_text("utf-8")
        edited = text.replace("Full alignment", "Complete alignment").replace(
            "value: 30", "value: 35"
        )
        path.write_text(edited, "utf-8")
