"""Encodings of text files: which was taken is said, and no byte is guessed in silence."""

import io
from pathlib import Path

import pytest

from commands import run
from triage.formats.encodings import Encoding, find_encoding

HEAD = "id,received,type,countries,title\n"
FRENCH = f"{HEAD}A,2022-07-04,meeting,Haïti,Côte d’Ivoire : « été »\n"


def found(content: bytes) -> Encoding:
    """The encoding of this content."""
    return find_encoding(io.BytesIO(content))


@pytest.mark.parametrize("text", ["", "plain", FRENCH, "外務省", "\ufeff" + FRENCH])
def test_utf_8_is_certain_and_ordinary(text: str) -> None:
    assert found(text.encode()).is_plain


@pytest.mark.parametrize(
    "text",
    [
        "L'élève à Montréal, « Réunion » d'été, où ça coûte",
        "ÉCOLE À QUÉBEC",
        "Haïti",
        "Curaçao",
        "Éric Noël, Île-de-France",
        "España y México, ñandú",
        "São Tomé et Príncipe, à Zürich",
        "naïve déjà vu",
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_an_older_encoding_is_told_by_its_letters_or_refused(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    result = found(content)
    assert result.certainty == "unsure" or content.decode(result.name) == text
    if encoding == "cp1252":
        assert result == Encoding("cp1252", "likely")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_read_with_and_without_a_mark(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes(FRENCH.encode(encoding))
    ran = run("screen", str(path), "--format", "csv")
    assert ran.code == 0
    assert "Côte d’Ivoire" in ran.out
    name = "UTF-32" if encoding == "utf-32" else "UTF-16"
    assert ran.err.startswith(f"{path}: read as {name}")


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "Windows-1252"), ("mac_roman", "Mac OS Roman")]
)
def test_which_encoding_was_taken_is_said(encoding: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "older.csv"
    path.write_bytes(FRENCH.encode(encoding))
    ran = run("screen", str(path), "--format", "csv")
    assert "Côte d’Ivoire" in ran.out
    assert ran.err.startswith(f"{path}: read as {name}, which is likely but not certain; ")


def test_an_encoding_that_cannot_be_told_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "unsure.csv"
    path.write_bytes(f"{HEAD}A,2022-07-04,meeting,Japan,Zürich und Köln\n".encode("cp850"))
    ran = run("screen", str(path))
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "the encoding cannot be told" in ran.err


def test_a_stray_byte_spoils_its_cell_and_nothing_else(tmp_path: Path) -> None:
    stray = b"B,2022-07-04,meeting,Japan,caf\xe9\n"
    second = "C,2022-07-04,meeting,Pérou,Haïti\n"
    path = tmp_path / "mixed.csv"
    for mark in (b"", b"\xef\xbb\xbf"):
        path.write_bytes(mark + FRENCH.encode() + stray + second.encode())
        ran = run("screen", str(path), "--format", "csv")
        assert "Côte d’Ivoire" in ran.out
        assert "cafÃ" not in ran.out
        said, *others = ran.err.splitlines()
        assert said.startswith(f"{path}: read as UTF-8, but for bytes in some cells that are not")
        assert "(places: 1; rows: 3)" in said
        assert any("caf�" in line and "row 3" in line for line in others)


def test_rejected_rows_keep_their_stray_bytes(tmp_path: Path) -> None:
    path, rejects = tmp_path / "mixed.csv", tmp_path / "rejects.csv"
    path.write_bytes(FRENCH.encode() + b"B,soon,meeting,Japan,caf\xe9\n")
    run("screen", str(path), "--rejects", str(rejects))
    assert rejects.read_bytes().endswith(b"B,soon,meeting,Japan,caf\xe9\r\n")
