"""The body of a push: received within its limit, decompressed within another, cut into messages."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from http import HTTPStatus

import orjson

from collectors.sources.http.problem import Refusal

_GZIP_WINDOW = 16 + zlib.MAX_WBITS


async def receive(chunks: AsyncIterator[bytes], announced: str | None, most: int) -> bytes:
    """The body as sent.

    Raises:
        Refusal: it is longer than ``most`` bytes, as announced or in fact.
    """
    if announced is not None and announced.isdecimal() and int(announced) > most:
        raise too_large(most)
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise too_large(most)
    return bytes(body)


def expand(body: bytes, encoding: str, most: int) -> bytes:
    """The body without its content coding (RFC 9110 §8.4.1).

    Raises:
        Refusal: the coding is not gzip, the data is damaged, or it grows beyond ``most`` bytes.
    """
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        detail = "content coding not known; send gzip, or none"
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", detail, {"Accept-Encoding": "gzip"})
    expanded = bytearray()
    while body:
        inflate = zlib.decompressobj(_GZIP_WINDOW)
        try:
            expanded += inflate.decompress(body, most + 1 - len(expanded))
        except zlib.error as error:
            raise _broken_gzip() from error
        if len(expanded) > most:
            raise too_large(most)
        if not inflate.eof:
            raise _broken_gzip()
        body = inflate.unused_data
    return bytes(expanded)


def split(body: bytes, media_type: str) -> list[bytes]:
    """The records of a body: the elements of a JSON array sent as ``application/json``, else the lines not blank.

    A line that is no JSON is taken too: it becomes a dead letter, or a record of another format, later on.

    Raises:
        Refusal: the body begins like a JSON array and is none.
    """
    if media_type != "application/json" or not body.lstrip().startswith(b"["):
        return [line.rstrip(b"\r") for line in body.split(b"\n") if line and not line.isspace()]
    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        detail = f"no JSON array: broken near byte {error.pos}; mend it, or send one object a line"
        raise Refusal(HTTPStatus.BAD_REQUEST, "invalid_json", detail) from error
    return [orjson.dumps(item) for item in items]


def too_large(most: int) -> Refusal:
    """The refusal of a body beyond a limit."""
    detail = f"more than {most} bytes; send fewer records at a time"
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)


def _broken_gzip() -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, "invalid_gzip", "the gzip data is damaged or not whole; send it again")
