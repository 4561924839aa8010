"""POST /v1/screenings: an uploaded inbox in any intake format, answered by a report in any form."""

import shutil
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
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
from triage.inbox import Intake, Rejected
from triage.intake import shown
from triage.messages import Language, say
from triage.reports.rendering import MEDIA_TYPES, REPORTS
from triage_api import bodies, limits, openapi
from triage_api.desk import Desk, in_header
from triage_api.middleware import exchange_of
from triage_api.problems import ProblemError, invalid_parameter

FIELD = "inbox"
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
        form = bodies.parameter(request, "format") or "json"
        if form not in FORMS:
            raise invalid_parameter("format", form, say("expected.one-of-terms", language, ids=", ".join(FORMS)))
        suggestions = bodies.flag(request, "accept_suggestions", language)
        intake = Intake(sheet=bodies.parameter(request, "sheet"), accept_suggestions=suggestions)
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise ProblemError("media-type", expected="multipart/form-data")
        upload = await _upload(request)
        deadline = limits.Deadline()
        try:
            size, report, unread = await desk.work(
                lambda: _screen(desk, upload, form, as_of, intake, language, deadline)
            )
        finally:
            await upload.close()
        kind = form.rpartition("-")[2]
        headers = {
            "Content-Language": language,
            "Content-Length": str(size),
            "Content-Disposition": f'attachment; filename="screening.{kind}"',
        }
        if unread:
            headers["X-Unread-Keys"] = in_header(unread)
        return StreamingResponse(_chunks(report), headers=headers, media_type=MEDIA_TYPES[kind])

    return routes


async def _upload(request: Request) -> UploadFile:
    try:
        content = await request.form(max_files=1, max_fields=0)
    except HTTPException:
        raise ProblemError("invalid-inbox") from None
    upload = content.get(FIELD)
    if not isinstance(upload, UploadFile):
        await content.close()
        raise ProblemError("invalid-inbox")
    return upload


def _screen(
    desk: Desk,
    upload: UploadFile,
    form: str,
    as_of: date | None,
    intake: Intake,
    language: Language,
    deadline: limits.Deadline,
) -> tuple[int, IO[bytes], list[str]]:
    """The size of the report, the report, and the headers that mean nothing here."""
    given = Path((upload.filename or "").replace("\\", "/"))
    name = shown(given.name) or FIELD
    report: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it was sent
    try:
        with TemporaryDirectory(prefix="triage-") as folder:
            # Only the ending of the sender's name is used, by which the kind of file is told.
            suffix = given.suffix.lower()
            path = Path(folder) / ("inbox" + (suffix if suffix[1:].isalnum() and suffix.isascii() else ""))
            with path.open("wb") as stream:
                shutil.copyfileobj(upload.file, stream)
            try:
                result = desk.speaking(language).screen([str(path)], as_of, None, form, deadline.check, intake)
            except UsageError as error:
                raise ProblemError("invalid-inbox", detail=error.message.replace(str(path), name)) from None
            with closing(result):
                inbox = result.inbox
                inbox.rejected = [_renamed(one, str(path), name) for one in inbox.rejected]
                for piece in result.pieces():
                    deadline.check()
                    report.write(piece)
                unread = [header for found in inbox.unknown_headers.values() for header in found]
        size = report.tell()
        report.seek(0)
        return size, report, unread
    except BaseException:
        report.close()
        raise


def _renamed(rejected: Rejected, path: str, name: str) -> Rejected:
    """A rejected row with the sender's name of the file, not the place where we put it."""
    errors = tuple(RequestError(one.field, one.value, one.expected.replace(path, name)) for one in rejected.errors)
    return replace(rejected, source=name, errors=errors)


async def _chunks(report: IO[bytes]) -> AsyncIterator[bytes]:
    with report:
        while chunk := report.read(CHUNK):
            yield chunk
