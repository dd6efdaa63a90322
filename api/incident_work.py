"""What the routes of incidents, notices and attachments share: scopes, ids, moments, pages and files."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Request, Response
from pydantic import AwareDatetime, Field, StringConstraints
from starlette.datastructures import UploadFile

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.problems import ProblemError
from api.registry_work import editor
from api.signing import decode_cursor, encode_cursor
from incidents import Attachment, AttachmentFiles, AttachmentKey, Subject, Upload, attach, read_attachment
from incidents.attachments.content import attachment_policy
from registry import UnitScope

READ, WRITE = "incidents:read", "incidents:write"
NOTICES, ISSUE, ANSWER, VERIFY = "notices:read", "notices:issue", "notices:answer", "notices:verify"
Id = Annotated[str, StringConstraints(pattern=r"^[\w.:-]{1,128}$")]
Words = Annotated[str, Field(max_length=8000)]
Title = Annotated[str, Field(max_length=255)]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(max_length=1024)]
_LAST_YEAR = 9998
_FORM_BYTES = 1 << 16
"""What a form holds beside the file."""
MAXIMUM_UPLOAD_BYTES = attachment_policy().bytes_maximum + _FORM_BYTES
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
        },
    }
}


def scope_of(caller: Caller, scope: str) -> UnitScope:
    """The units for which the caller holds a scope."""
    return signed_in(caller).unit_scope(scope)


def milliseconds(moment: AwareDatetime | None) -> int | None:
    """A moment as milliseconds since 1970 UTC.

    Raises:
        ProblemError: it lies beyond the year 9998, as no answer could tell it in every zone.
    """
    if moment is not None and moment.year > _LAST_YEAR:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_moment", "A time lies before the year 9999")
    return None if moment is None else round(moment.timestamp() * 1000)


def before_number(dependencies: ApiDependencies, purpose: str, cursor: str | None) -> int | None:
    """Below which number a page goes on.

    Raises:
        CursorError: the cursor belongs to another list.
    """
    return int(decode_cursor(dependencies.secret_key, purpose, cursor)) if cursor else None


def next_page(dependencies: ApiDependencies, purpose: str, numbers: list[int], limit: int) -> str | None:
    """The cursor of the page after one with these numbers; None at the end."""
    return encode_cursor(dependencies.secret_key, purpose, numbers[-1]) if len(numbers) == limit else None


def files_of(dependencies: ApiDependencies) -> AttachmentFiles:
    """The folder of attachments.

    Raises:
        ProblemError: this process was given none.
    """
    if dependencies.attachments is None:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE, "attachments_unavailable", "This process has no folder for attachments"
        )
    return dependencies.attachments


async def uploaded(request: Request) -> tuple[str, bytes]:
    """The name and the content of the form's field ``file``.

    Raises:
        ProblemError: there is none.
    """
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1) as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                return file.filename or "", await file.read()
    raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "no_file", "Send a form with the field `file`")


def download(dependencies: ApiDependencies, caller: Caller, scope: str, key: AttachmentKey) -> Response:
    """A file as bytes to be saved; a browser never shows it.

    Raises:
        IncidentNotFoundError, NoticeNotFoundError, AttachmentNotFoundError: there is none within the caller's units.
        AttachmentDamagedError: it is no longer what was stored.
    """
    files = files_of(dependencies)
    with dependencies.records.begin() as session:
        attachment, content = read_attachment(session, files, key, editor(caller, scope))
        name = f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}"
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": name})


def attached(
    dependencies: ApiDependencies, caller: Caller, scope: str, subject: tuple[Subject, str], file: tuple[str, bytes]
) -> Attachment:
    """Give a file to an incident or a notice, with a scope.

    Raises:
        IncidentNotFoundError, NoticeNotFoundError: there is no such subject within the caller's units.
        AttachmentError: the file is not taken.
    """
    files = files_of(dependencies)
    with dependencies.records.begin() as session:
        return attach(session, files, Upload(*subject, *file), editor(caller, scope))
