"""Files whose names are no text, or would command a terminal, are read in every form."""

import json
import os
from pathlib import Path

import pytest

from commands import run
from support import ROOT
from triage.formats.file_names import one_line

ODD = [b"stray-\xff", b"two\nlines\x1b[31m", "quote\"'<&>\u202eé".encode()]
CONTENT = "id,received,type,countries\nA,2022-07-04,meeting,Japan\nB,soon,meeting,Peru\n"


def odd(folder: Path, name: bytes, suffix: str = ".csv", content: bytes = b"") -> str:
    """A file of this name."""
    path = os.fsdecode(os.path.join(os.fsencode(folder), name + suffix.encode()))  # noqa: PTH118
    Path(path).write_bytes(content or CONTENT.encode())
    return path


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("form", ["table", "json", "csv", "xlsx", "md", "html"])
def test_every_form_tells_the_name_of_the_file(name: bytes, form: str, tmp_path: Path) -> None:
    path, output = odd(tmp_path, name), tmp_path / "report"
    ran = run("screen", path, "--format", form, "--output", str(output))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        f'{one_line(path)}: row 3: received: "soon": expected a date as YYYY-MM-DD'
    ]
    if form == "json":
        (rejected,) = json.loads(output.read_bytes())["rejected"]
        assert rejected["source"] == one_line(path)
    assert b"\x1b" not in output.read_bytes() or form == "xlsx"


@pytest.mark.parametrize("name", ODD)
def test_rejected_rows_and_reports_go_to_files_of_such_names(name: bytes, tmp_path: Path) -> None:
    path = odd(tmp_path, name)
    rejects, output = (odd(tmp_path, b"%d-" % number + name) for number in (1, 2))
    ran = run("screen", path, "--rejects", rejects, "--output", output, "--format", "json")
    assert ran.code == 1
    assert one_line(path).replace('"', '""') in Path(rejects).read_text("utf-8")
    assert json.loads(Path(output).read_bytes())["totals"]["rejected"] == 1
    ran = run("screen", path, "--output", path)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "suffix", [".json", ".jsonl", ".yaml", ".csv", ".xlsx", ".ods", ".parquet"]
)
def test_what_is_wrong_with_such_a_file_is_one_line(
    name: bytes, suffix: str, tmp_path: Path
) -> None:
    for content in (b"\xff\xfe{", b"PK\x03\x04", b"PAR1"):
        ran = run("screen", odd(tmp_path, name, suffix, content))
        assert ran.code == (1 if suffix == ".jsonl" else 2)
        (line,) = ran.err.splitlines()
        assert line.isprintable()


@pytest.mark.parametrize("name", ODD)
def test_cases_decisions_and_proposals_have_such_names(name: bytes, tmp_path: Path) -> None:
    history = (ROOT / "examples" / "history" / "cases-synthetic.csv").read_bytes()
    cases = odd(tmp_path, name, ".csv", b"\n".join(history.split(b"\n")[:20]))
    ran = run("backtest", cases, "--set", "weight.partner=20", "--format", "json")
    assert json.loads(ran.out)["cases"]["files"][0]["path"] == one_line(cases)
    inbox = odd(tmp_path, b"good" + name, ".csv", CONTENT.rpartition("B")[0].encode())
    records = odd(tmp_path, name, ".json", run("screen", inbox, "--format", "json").out.encode())
    assert run("replay", records, "--requests", inbox, "--format", "json").code == 0
    assert run("assess", inbox, "--format", "html").code == 0
    assert run("topics", inbox, "--format", "json").code == 0
    ran = run("screen", inbox, "--committed", cases, "--format", "json")
    assert json.loads(ran.out)["allocation"]["committed"]["files"] == [one_line(cases)]


def test_headers_cannot_command_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "inbox.csv"
    path.write_text(CONTENT.replace("countries", "countries,\x1b]0;owned\x07", 1), "utf-8")
    ran = run("screen", str(path))
    assert "\x1b" not in ran.err + ran.out
    assert "]0;owned" in ran.err
