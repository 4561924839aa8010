"""POST /v1/screenings: an uploaded inbox in any intake format, answered by a report in any form."""

import shutil
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import IO

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from triage.errors import RequestError, UsageError
from triage.intake.cells import shown
from triage.intake.inbox import Intake, Rejected
from triage.intake.profile import HiddenParts
from triage.limits.allocate import Order
from triage.messages import Language
from triage.reports.rendering import MEDIA_TYPES, REPORTS
from triage.service import Limits, Screening
from triage_api import bodies, limits, openapi
from triage_api.desk import Desk
from triage_api.middleware import exchange_of
from triage_api.problems import ProblemError

FIELD, COMMITTED, SEEN = "inbox", "committed", "seen"
MOST_SEEN = 10
ORDERS: tuple[Order, ...] = ("rank", "best")
HIDDEN: tuple[HiddenParts, ...] = ("read", "skip")
FORMS = ("json", *REPORTS)
CHUNK = 256 * 1024
IN_MEMORY = 8_000_000


def router(desk: Desk) -> APIRouter:
    """The endpoint that screens."""
    routes = APIRouter(tags=["decisions"])

    @routes.post("/v1/screenings", **openapi.SCREENING)
    async def screen(request: Request) -> Response:
        language = exchange_of(request).language
        as_of = bodies.day(request, language)
        form = bodies.choice(request, "format", FORMS, "json", language)
        order = bodies.choice(request, "allocate", ORDERS, "rank", language)
        suggestions = bodies.flag(request, "accept_suggestions", language)
        hidden = bodies.choice(request, "hidden", HIDDEN, "read", language)
        sheet = bodies.parameter(request, "sheet")
        intake = Intake(sheet, accept_suggestions=suggestions, hidden=hidden)
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise ProblemError("media-type", expected="multipart/form-data")
        uploads = await _uploads(request)
        wanted = _Wanted(form, as_of, intake, language, order)
        deadline = limits.Deadline()
        try:
            size, report, unread = await desk.work(lambda: _screen(desk, uploads, wanted, deadline))
        finally:
            for _, upload in uploads:
                await upload.close()
        suffix = form.rpartition("-")[2]
        headers = {
            "Content-Language": language,
            "Content-Length": str(size),
            "Content-Disposition": f'attachment; filename="screening.{suffix}"',
            **bodies.unread_header(unread),
        }
        return StreamingResponse(_chunks(report), headers=headers, media_type=MEDIA_TYPES[suffix])

    return routes


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a screening is asked for."""

    form: str
    as_of: date | None
    intake: Intake
    language: Language
    order: Order


@dataclass(frozen=True, slots=True)
class _KeptUpload:
    """An upload on disk: its path here, and the name that its sender gave it."""

    path: str
    name: str


Uploads = Sequence[tuple[str, UploadFile]]
Kept = Mapping[str, Sequence[_KeptUpload]]


async def _uploads(request: Request) -> Uploads:
    """The inbox with the name of its field, and what is committed or was seen where it is sent."""
    try:
        content = await request.form(max_files=2 + MOST_SEEN, max_fields=0)
    except HTTPException:
        raise ProblemError("invalid-inbox") from None
    items = content.multi_items()
    uploads = [(name, item) for name, item in items if isinstance(item, UploadFile)]
    count = Counter(name for name, _ in uploads)
    known = count[FIELD] == 1 and count[COMMITTED] <= 1 and count[SEEN] <= MOST_SEEN
    if not known or count.keys() - {FIELD, COMMITTED, SEEN} or len(uploads) < len(items):
        await content.close()
        raise ProblemError("invalid-inbox")
    return uploads


def _screen(
    desk: Desk, uploads: Uploads, wanted: _Wanted, deadline: limits.Deadline
) -> tuple[int, IO[bytes], list[str]]:
    """The size of the report, the report, and the headers that mean nothing here."""
    # It is closed when it was sent.
    report: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    try:
        with TemporaryDirectory(prefix="triage-") as folder:
            files: dict[str, list[_KeptUpload]] = defaultdict(list)
            for number, (field, upload) in enumerate(uploads):
                files[field].append(_kept(upload, field, Path(folder) / f"{number}-{field}"))
            with closing(_result(desk, files, wanted, deadline)) as result:
                for piece in result.pieces():
                    deadline.check()
                    report.write(piece)
                unread = [name for names in result.inbox.unknown_headers.values() for name in names]
        size = report.tell()
        report.seek(0)
        return size, report, unread
    except BaseException:
        report.close()
        raise


def _kept(upload: UploadFile, field: str, path: Path) -> _KeptUpload:
    given = Path((upload.filename or "").replace("\\", "/"))
    # Only the ending of the sender's name is used, by which the kind of file is told.
    suffix = given.suffix.lower()
    path = path.with_suffix(suffix if suffix[1:].isalnum() and suffix.isascii() else "")
    with path.open("wb") as stream:
        shutil.copyfileobj(upload.file, stream)
    return _KeptUpload(str(path), shown(given.name) or field)


def _result(desk: Desk, files: Kept, wanted: _Wanted, deadline: limits.Deadline) -> Screening:
    """The screening, which names the files as their sender does."""
    [inbox], committed, seen = files[FIELD], files.get(COMMITTED, ()), files.get(SEEN, ())
    every = [inbox, *committed, *seen]
    kept = Limits(tuple(file.path for file in committed), wanted.order)
    triage, form, check = desk.speaking(wanted.language), wanted.form, deadline.check
    try:
        result = triage.screen(
            *([inbox.path], wanted.as_of, None, form, check, wanted.intake, kept),
            [file.path for file in seen],
        )
    except UsageError as error:
        raise ProblemError("invalid-inbox", detail=_renamed(error.message, every)) from None
    surveys = result.inbox.surveys
    surveys[inbox.path] = replace(surveys[inbox.path], source=inbox.name)
    result.inbox.rejected = _renamed_rows(result.inbox.rejected, inbox, every)
    for file in committed:
        if result.committed and result.limits:
            result.committed.rejected = _renamed_rows(result.committed.rejected, file, [file])
            result.limits = replace(result.limits, files=(file.name,))
    for file, (_, read) in zip(seen, result.seen, strict=True):
        read.rejected = _renamed_rows(read.rejected, file, [file])
    result.seen = [(file.name, read) for file, (_, read) in zip(seen, result.seen, strict=True)]
    names = {file.path: file.name for file in every}
    result.duplicates = [link.with_names(names) for link in result.duplicates]
    return result


def _renamed_rows(
    rows: Iterable[Rejected], source: _KeptUpload, files: Collection[_KeptUpload]
) -> list[Rejected]:
    renamed = []
    for row in rows:
        errors = [
            RequestError(one.field, one.value, _renamed(one.expected, files), one.cause)
            for one in row.errors
        ]
        renamed.append(replace(row, source=source.name, errors=tuple(errors)))
    return renamed


def _renamed(text: str, files: Iterable[_KeptUpload]) -> str:
    """A text with the sender's names of the files, not the paths where we put them."""
    for file in files:
        text = text.replace(file.path, file.name)
    return text


async def _chunks(report: IO[bytes]) -> AsyncIterator[bytes]:
    with report:
        while chunk := report.read(CHUNK):
            yield chunk
