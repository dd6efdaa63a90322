"""Tells what a file is from its content, and refuses what it should not be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field, StringConstraints

from incidents.errors import AttachmentError
from incidents.wording import PolicyModel
from policies import load_policy

_MOST_ENTRIES = 10_000
_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}
"""Control characters that no text has; an escape stands in terminals' logs."""


class ContentKind(StrEnum):
    """What can be recognized."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    WORD = "word"
    EXCEL = "excel"
    TEXT = "text"


class FileType(PolicyModel):
    """How a type is recognized, and the endings that its names may have."""

    kind: ContentKind
    endings: frozenset[Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,8}$")]]


class AttachmentPolicy(PolicyModel):
    """What may be attached."""

    bytes_maximum: int = Field(gt=0)
    name_maximum: int = Field(gt=0, le=255)
    per_subject_maximum: int = Field(gt=0)
    types: dict[str, FileType]


@cache
def attachment_policy() -> AttachmentPolicy:
    """The shipped limits."""
    return load_policy("incidents/attachments.yml", AttachmentPolicy)


def checked_name(name: str) -> str:
    """A file's own name without folders and characters that could mislead.

    Raises:
        AttachmentError: nothing is left, or it is too long.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(character for character in last if character.isprintable() and character not in '<>:"|?*').strip()
    if not kept.strip("."):
        raise AttachmentError("The file has no name; give it one with its ending")
    if len(kept) > (maximum := attachment_policy().name_maximum):
        raise AttachmentError(f"The file's name has more than {maximum} characters; shorten it")
    return kept


def media_type_of(name: str, content: bytes) -> str:
    """The type of a file as its content shows it.

    Raises:
        AttachmentError: it is empty or too large, of no allowed type, or its name says another.
    """
    policy = attachment_policy()
    if not 0 < len(content) <= policy.bytes_maximum:
        raise AttachmentError(f"A file has 1 to {policy.bytes_maximum} bytes; this one has {len(content)}")
    ending = name.rpartition(".")[2].lower()
    for media_type, allowed in policy.types.items():
        if ending in allowed.endings:
            if _RECOGNIZES[allowed.kind](content):
                return media_type
            raise AttachmentError(f"The file is named .{ending} and is none; give it the ending of what it is")
    known = ", ".join(sorted(each for allowed in policy.types.values() for each in allowed.endings))
    raise AttachmentError(f"Files .{ending[:16]} are not taken; send one of {known}")


def _is_png(content: bytes) -> bool:
    return content.startswith(b"\x89PNG\r\n\x1a\n") and content.rstrip(b"\0").endswith(b"IEND\xaeB`\x82")


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-1024:]


def _is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]


def _is_text(content: bytes) -> bool:
    if _CONTROLS & set(content):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _is_word(content: bytes) -> bool:
    return _is_office(content, "word/document.xml")


def _is_excel(content: bytes) -> bool:
    return _is_office(content, "xl/workbook.xml")


def _is_office(content: bytes, main_part: str) -> bool:
    """Whether it is an Office Open XML package (ECMA-376) with this part, and without macros; nothing is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return len(names) <= _MOST_ENTRIES and {"[Content_Types].xml", main_part} <= names and not has_macros


_RECOGNIZES: dict[ContentKind, Callable[[bytes], bool]] = {
    ContentKind.PDF: _is_pdf,
    ContentKind.PNG: _is_png,
    ContentKind.JPEG: _is_jpeg,
    ContentKind.WORD: _is_word,
    ContentKind.EXCEL: _is_excel,
    ContentKind.TEXT: _is_text,
}
