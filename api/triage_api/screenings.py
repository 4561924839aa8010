"""POST /v1/screenings: an uploaded inbox in any intake format, answered by a report in any form."""

import shutil
from collections.abc import AsyncIterator, Mapping
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
from triage.limits.allocate import Order
from triage.messages import Language, say
from triage.reports.rendering import MEDIA_TYPES, REPORTS
from triage.service import Limits
from triage_api import bodies, limits, openapi
from triage_api.desk import Desk, in_header
from triage_api.middleware import exchange_of
from triage_api.problems import ProblemError, invalid_parameter

FIELD, COMMITTED = "inbox", "committed"
ORDERS: tuple[Order, ...] = ("rank", "best")
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
            raise invalid_parameter(
                "format", form, say("expected.one-of-terms", language, ids=", ".join(FORMS))
            )
        order = next(
            (one for one in ORDERS if one == (bodies.parameter(request, "allocate") or "rank")),
            None,
        )
        if order is None:
            expected = say("expected.one-of-terms", language, ids=", ".join(ORDERS))
            raise invalid_parameter(
                "allocate", bodies.parameter(request, "allocate") or "", expected
            )
        suggestions = bodies.flag(request, "accept_suggestions", language)
        intake = Intake(sheet=bodies.parameter(request, "sheet"), accept_suggestions=suggestions)
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise ProblemError("media-type", expected="multipart/form-data")
        uploads = await _uploads(request)
        wanted = _Wanted(form, as_of, intake, language, order)
        deadline = limits.Deadline()
        try:
            size, report, unread = await desk.work(lambda: _screen(desk, uploads, wanted, deadline))
        finally:
            for upload in uploads.values():
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a screening is asked for."""

    form: str
    as_of: date | None
    intake: Intake
    language: Language
    order: Order


async def _uploads(request: Request) -> dict[str, UploadFile]:
    """The inbox, and what is committed already where that is sent too."""
    try:
        content = await request.form(max_files=2, max_fields=0)
    except HTTPException:
        raise ProblemError("invalid-inbox") from None
    found = {name: one for name, one in content.multi_items() if isinstance(one, UploadFile)}
    if (
        FIELD not in found
        or not found.keys() <= {FIELD, COMMITTED}
        or len(found) < len(content.multi_items())
    ):
        await content.close()
        raise ProblemError("invalid-inbox")
    return found


def _screen(
    desk: Desk, uploads: Mapping[str, UploadFile], wanted: _Wanted, deadline: limits.Deadline
) -> tuple[int, IO[bytes], list[str]]:
    """The size of the report, the report, and the headers that mean nothing here."""
    report: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it was sent
    try:
        with TemporaryDirectory(prefix="triage-") as folder:
            names = {field: _kept(upload, field, Path(folder)) for field, upload in uploads.items()}
            path, name = names[FIELD]
            committed = {COMMITTED: names[COMMITTED]} if COMMITTED in names else {}
            kept = Limits(tuple(place for place, _ in committed.values()), wanted.order)
            screen = desk.speaking(wanted.language).screen
            try:
                result = screen(
                    [path], wanted.as_of, None, wanted.form, deadline.check, wanted.intake, kept
                )
            except UsageError as error:
                detail = error.message
                for place, given in names.values():
                    detail = detail.replace(place, given)
                raise ProblemError("invalid-inbox", detail=detail) from None
            with closing(result):
                inbox, before = result.inbox, result.committed
                inbox.rejected = [_renamed(one, name, names) for one in inbox.rejected]
                for place, given in committed.values():
                    if before is not None and result.limits is not None:
                        before.rejected = [
                            _renamed(one, given, {"": (place, given)}) for one in before.rejected
                        ]
                        result.limits = replace(result.limits, files=(given,))
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


def _kept(upload: UploadFile, field: str, folder: Path) -> tuple[str, str]:
    """Where an upload is put, and what its sender calls it."""
    given = Path((upload.filename or "").replace("\\", "/"))
    # Only the ending of the sender's name is used, by which the kind of file is told.
    suffix = given.suffix.lower()
    path = folder / (field + (suffix if suffix[1:].isalnum() and suffix.isascii() else ""))
    with path.open("wb") as stream:
        shutil.copyfileobj(upload.file, stream)
    return str(path), shown(given.name) or field


def _renamed(rejected: Rejected, name: str, names: Mapping[str, tuple[str, str]]) -> Rejected:
    """A rejected row with the sender's names of the files, not the places where we put them."""
    errors = []
    for one in rejected.errors:
        expected = one.expected
        for place, given in names.values():
            expected = expected.replace(place, given)
        errors.append(RequestError(one.field, one.value, expected))
    return replace(rejected, source=name, errors=tuple(errors))


async def _chunks(report: IO[bytes]) -> AsyncIterator[bytes]:
    with report:
        while chunk := report.read(CHUNK):
            yield chunk
