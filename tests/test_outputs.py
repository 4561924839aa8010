"""What is written: whole or not at all, never over an input, in the form that was asked for."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from commands import run
from support import ROOT
from triage.formats.csv_forms import CSV_FORMS
from triage.formats.whole_files import whole_file

HEAD = "id,received,type,countries,title\n"
GOOD = "A,2022-07-04,meeting,Japan,Visas\n"


def inbox(folder: Path, name: str = "inbox.csv") -> Path:
    """A file with one request and one row that is rejected."""
    path = folder / name
    path.write_text(f"{HEAD}{GOOD}B,soon,meeting,Japan,\n", "utf-8")
    return path


# -- whole or not at all


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old", "utf-8")

    def pieces() -> Iterator[bytes]:
        yield b"half of the new"
        raise OSError(28, "full")

    with pytest.raises(OSError, match="full"), whole_file(path) as stream:
        stream.writelines(pieces())
    assert path.read_text("utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["report.csv"]


def test_a_new_file_takes_the_place_and_the_permissions_of_the_old(tmp_path: Path) -> None:
    path, link = tmp_path / ("r" * 250), tmp_path / "link"
    path.write_text("old", "utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    with whole_file(link) as stream:
        stream.write(b"new")
        assert path.read_text("utf-8") == "old"
    assert link.is_symlink()
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == ("new", 0o640)


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with whole_file(Path(f"/dev/fd/{writer}")) as stream:
        stream.write(b"piped")
    os.close(writer)
    with os.fdopen(reader, "rb") as piped:
        assert piped.read() == b"piped"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("more", [[], ["--format", "json"], ["--output", "/dev/full"]])
def test_a_full_disk_is_one_line(more: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "triage.cli", "screen", str(inbox(tmp_path)), *more]
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert ran.returncode == 2
    assert ran.stderr.decode().splitlines()[-1].startswith("triage: ")
    assert b"Traceback" not in ran.stderr


# -- never over an input


def paths_to(path: Path) -> list[Path]:
    """Four ways to name one file."""
    symbolic, hard = path.with_name("symbolic.csv"), path.with_name("hard.csv")
    symbolic.symlink_to(path)
    hard.hardlink_to(path)
    return [path, path.parent / "." / ".." / path.parent.name / path.name, symbolic, hard]


def test_no_command_writes_over_a_file_that_it_reads(tmp_path: Path) -> None:
    path, other = inbox(tmp_path), inbox(tmp_path, "other.csv")
    content = path.read_bytes()
    commands = [
        ["screen", str(path), "--format", "csv"],
        ["screen", str(other), "--committed", str(path)],
        ["assess", str(path)],
        ["assess", str(other), str(path)],
        ["topics", str(path)],
        ["backtest", str(path), "--candidate", str(other)],
        ["backtest", str(other), "--candidate", str(path)],
        ["sweep", str(path), "--set", "weight.partner=1,2"],
        ["replay", str(path), "--requests", str(other)],
        ["replay", str(other), "--requests", str(path)],
        ["test", str(path)],
        ["diff", str(tmp_path), str(path)],
    ]
    for target in paths_to(path):
        for command in commands:
            ran = run(*command, "--output", str(target))
            assert (ran.code, ran.out) == (2, ""), command
            assert ran.err.splitlines() == [
                f"triage: {target}: the output cannot be written over a file that is read; "
                "name another file"
            ]
        ran = run("screen", str(path), "--rejects", str(target))
        assert ran.code == 2
        assert "cannot be written over" in ran.err
        ran = run("screen", str(other), "--committed", str(path), "--rejects", str(target))
        assert ran.code == 2
    assert path.read_bytes() == content


def test_no_command_writes_over_a_part_of_its_policy(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    copytree(ROOT / "rules", rules)
    part = next(rules.rglob("*.yaml"))
    content = part.read_bytes()
    for command in (["check", str(rules)], ["rules", "--rules", str(rules)], ["worksheet"]):
        more = ["--rules", str(rules)] if command == ["worksheet"] else []
        ran = run(*command, *more, "--output", str(part))
        assert ran.code == 2
        assert "the output cannot be written over a file that is read" in ran.err
    assert part.read_bytes() == content
    shipped = ROOT / "rules" / part.relative_to(rules)
    for words in (["check"], ["screen", str(inbox(tmp_path))]):
        assert run(*words, "--output", str(shipped)).code == 2
    assert shipped.read_bytes() == content
    assert (
        run("rules", "--rules", str(rules), "--schema", "--output", str(rules / "schema.json")).code
        == 0
    )


def test_two_outputs_cannot_share_a_file_nor_stand_in_no_folder(tmp_path: Path) -> None:
    path, target = inbox(tmp_path), tmp_path / "out.csv"
    ran = run("screen", str(path), "--output", str(target), "--rejects", str(target))
    assert (ran.code, target.exists()) == (2, False)
    assert "two outputs cannot go to one file" in ran.err
    ran = run("screen", str(path), "--output", str(tmp_path / "no" / "out.csv"))
    assert (ran.code, ran.out) == (2, "")
    assert "expected a file in a folder that exists" in ran.err


# -- CSV for a double click


def cells(data: bytes, delimiter: str) -> list[list[str]]:
    """The cells of a CSV file that begins with a byte order mark."""
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_csv_for_french_excel_has_semicolons_and_the_same_cells(tmp_path: Path) -> None:
    path, plain, french = inbox(tmp_path), tmp_path / "plain.csv", tmp_path / "french.csv"
    for command in (
        ["screen", str(path), "--format", "csv"],
        ["screen", str(path), "--action-plan", "csv"],
        ["screen", "--template", "csv"],
    ):
        run(*command, "--csv-for", "excel-en", "--output", str(plain))
        run(*command, "--csv-for", "excel-fr", "--output", str(french))
        found = cells(french.read_bytes(), ";")
        assert found == cells(plain.read_bytes(), ",")
        assert len(found[0]) > 3
        assert b";" in french.read_bytes().splitlines()[0]


def test_decimals_have_the_mark_of_the_language(tmp_path: Path) -> None:
    history = str(ROOT / "examples" / "history" / "cases-synthetic.csv")
    grid = ["sweep", history, "--set", "weight.partner=20,30", "--format", "csv"]
    plain = cells(run(*grid).out.encode(), ",")
    french = cells(run(*grid, "--csv-for", "excel-fr").out.encode(), ";")
    numbers = [cell for row in plain[1:] for cell in row if "." in cell]
    assert numbers
    assert [[cell.replace(".", ",") for cell in row] for row in plain[1:]] == [
        [cell.replace(".", ",") for cell in row] for row in french[1:]
    ]
    assert not [cell for row in french[1:] for cell in row if cell in numbers]


def test_texts_keep_their_points() -> None:
    assert CSV_FORMS["excel-fr"].row(["1.5", 2]) == b"1.5;2\r\n"


@pytest.mark.parametrize("form", ["table", "json", "xlsx"])
def test_another_output_has_no_form_of_csv(form: str, tmp_path: Path) -> None:
    target = str(tmp_path / "out")
    more = ["--format", form, "--csv-for", "excel-fr", "--output", target]
    ran = run("screen", str(inbox(tmp_path)), *more)
    assert (ran.code, ran.out) == (2, "")
    assert "--csv-for needs a CSV output" in ran.err
