"""Letters become drafts of requests, in which nothing counts until a person confirms it."""

import io
import json
import re
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import run
from support import shipped
from triage.errors import UsageError
from triage.formats.letters import LetterError, html_text, read_letter
from triage.intake.draft_requests import draft_request

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LETTER = "Visit on biometrics\n\nThe Embassy of Japan asks for a study tour on biometrics.\n"


def document(body: str, head: str = "") -> bytes:
    """A Word document with this body."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        xml = f'{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        archive.writestr("word/document.xml", xml)
    return stream.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def mail(**parts: str) -> EmailMessage:
    """An e-mail of 4 July 2022 with a plain text, a page, or both."""
    message = EmailMessage()
    message["Subject"] = "Études : voyage au Canada"
    message["Date"] = "Mon, 4 Jul 2022 09:30:00 -0400"
    message["From"] = "someone@example.org"
    message.set_content(parts.get("plain", "Nous souhaitons un voyage d'études sur l'asile."))
    if "html" in parts:
        message.add_alternative(parts["html"], subtype="html")
    return message


# -- what is read


def test_a_mail_gives_its_subject_its_day_and_its_text(tmp_path: Path) -> None:
    message = mail(html="<p>Another text</p>")
    message.add_attachment(b"resettlement", maintype="text", subtype="plain", filename="a.txt")
    path = tmp_path / "letter.eml"
    path.write_bytes(message.as_bytes())
    letter = read_letter(path)
    assert letter.subject == "Études : voyage au Canada"
    assert letter.text == "Nous souhaitons un voyage d'études sur l'asile."
    assert letter.day is not None
    assert letter.day.isoformat() == "2022-07-04"


def test_a_mail_of_html_alone_gives_the_text_of_the_page(tmp_path: Path) -> None:
    page = "<html><head><title>T</title><style>p {}</style></head><body><p>One<br>two</p>"
    page += "<script>three()</script><div>f&eacute;e</div></body></html>"
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content(page, subtype="html")
    path = tmp_path / "letter.eml"
    path.write_bytes(message.as_bytes())
    assert read_letter(path).text == "One\ntwo\n\nfée"


def test_a_page_that_is_not_closed_is_read_as_far_as_it_goes() -> None:
    assert html_text("<p>a<script>b").split() == ["a"]
    assert html_text("</script>a &amp; <b>b").split() == ["a", "&", "b"]


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain; charset=nonsense",
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64",
        "Content-Type: multipart/mixed; boundary=x",
        "Date: never",
    ],
)
def test_a_mail_with_wrong_headers_is_read_or_refused(tmp_path: Path, head: str) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(f"Subject: Visit\n{head}\n\nasylum caf\xe9\n".encode("latin-1"))
    assert read_letter(path).subject == "Visit"


def test_a_word_document_gives_the_text_of_its_runs(tmp_path: Path) -> None:
    copy = "<mc:Fallback xmlns:mc='urn:x'><w:p><w:r><w:t>twice</w:t></w:r></w:p></mc:Fallback>"
    gone = "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    code = "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    body = paragraph("One") + paragraph("two") + copy + gone + code + paragraph("end")
    path = tmp_path / "letter.docx"
    path.write_bytes(document(body))
    letter = read_letter(path)
    assert (letter.subject, letter.text.split()) == ("One", ["One", "two", "end"])


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.msg", b"x", "letters.outlook"),
        ("a.pdf", b"x", "letters.kind"),
        ("a.docm", b"x", "letters.kind"),
        ("a.docx", b"no archive", "letters.damaged"),
        ("a.docx", b"\xd0\xcf\x11\xe0old", "letters.locked"),
        ("a.docx", document("<w:p>"), "letters.damaged"),
        ("a.docx", document(paragraph("&x;"), '<!DOCTYPE a [<!ENTITY x "y">]>'), "letters.damaged"),
        ("a.txt", b"\0\1\2", "letters.no-text"),
        ("a.eml", b"", "letters.no-text"),
    ],
)
def test_what_is_no_letter_is_refused(tmp_path: Path, name: str, content: bytes, key: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LetterError) as caught:
        read_letter(path)
    assert caught.value.key == key
    ran = run("draft", str(path))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_document_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.docx"
    path.write_bytes(document(paragraph("a" * 10_000)))
    monkeypatch.setattr("triage.formats.letters.MOST_UNPACKED", 1_000)
    with pytest.raises(LetterError, match="too-large"):
        read_letter(path)


def test_an_archive_without_a_document_is_no_letter(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.xml", "<a/>")
    with pytest.raises(LetterError, match="no-document"):
        read_letter(path)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([".eml", ".docx", ".txt"]), st.binary(max_size=300))
def test_whatever_comes_is_a_letter_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)
    try:
        made = draft_request(path, shipped(), "en")
    except UsageError as error:
        assert "\n" not in error.message  # noqa: PT017
        return
    plain = yaml.safe_load(made.to_yaml()) or {}
    assert set(plain) <= {"title", "summary"}


# -- what the draft says


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_draft_has_each_value_with_the_words_that_it_rests_on(
    tmp_path: Path, language: str
) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(mail().as_bytes())
    text = run("draft", str(path), "--lang", language).out
    assert "# received: 2022-07-04  # " in text
    assert "#   - asylum_systems  # " in text
    assert "# engagement_type: study_tour  # " in text
    for word in ("4 Jul 2022 09:30:00 -0400", "asile", "voyage d'études"):
        assert word in text
    shape = json.loads(run("draft", str(path), "--lang", language, "--format", "json").out)
    values = {(one["fact"], one["value"]): one for one in shape["to_confirm"]}
    assert values["topics", "asylum_systems"]["words"] == ["asile"]
    assert values["topics", "asylum_systems"]["strength"] == "strong"
    assert {"title", "summary", "to_confirm"} == set(shape)


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_an_unconfirmed_draft_is_no_request(tmp_path: Path, form: str) -> None:
    path, made = tmp_path / "letter.txt", tmp_path / f"draft.{form}"
    path.write_text(LETTER, "utf-8")
    run("draft", str(path), "--format", form, "--output", str(made))
    ran = run("screen", str(made))
    assert ran.code == 1
    assert "engagement_type" in ran.err


def test_a_confirmed_draft_is_a_request(tmp_path: Path) -> None:
    path, made = tmp_path / "letter.txt", tmp_path / "draft.yaml"
    path.write_text(LETTER, "utf-8")
    run("draft", str(path), "--output", str(made))
    head, text = made.read_text("utf-8").split("\ntitle:", 1)
    confirmed = re.sub(r"^# ", "", f"title:{text}", flags=re.MULTILINE)
    made.write_text(f"{head}\n{confirmed.replace('received:', 'received: 2022-07-04')}", "utf-8")
    told = json.loads(run("screen", str(made), "--format", "json").out)
    (decision,) = told["decisions"]
    assert "suggested_facts" not in decision["flags"]
    assert [one["fact"] for one in decision["unknown"] if one["fact"] == "topics"] == []


def test_no_name_of_a_file_gets_out_of_the_comment(tmp_path: Path) -> None:
    path = tmp_path / "a\ntopics: [culture]\n.txt"
    path.write_text(LETTER, "utf-8")
    plain = yaml.safe_load(run("draft", str(path)).out)
    assert set(plain) == {"title", "summary"}
