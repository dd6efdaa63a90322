"""Files are what their content says, are kept by digest, and are read back whole or not at all."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from incidents import (
    AttachmentDamagedError,
    AttachmentError,
    AttachmentFiles,
    AttachmentKey,
    AttachmentNotFoundError,
    NewIncident,
    Subject,
    Upload,
    attach,
    open_incident,
    read_attachment,
)
from incidents.attachments.content import attachment_policy, checked_name, media_type_of
from store.records import RecordsDatabase
from tests.incidents.town import PDF

if TYPE_CHECKING:
    from pathlib import Path

    from tests.incidents.conftest import People

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def _workbook(extra: str | None = None) -> bytes:
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    if extra:
        with zipfile.ZipFile(target, "a") as package:
            package.writestr(extra, b"x")
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", _PNG, "image/png"),
        ("表.xlsx", _workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("日志.log", "登录失败\n".encode("gb18030"), "text/plain"),
        ("a.json", b'{"a": 1}', "text/plain"),
    ],
)
def test_what_is_taken(name: str, content: bytes, media_type: str) -> None:
    assert media_type_of(name, content) == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", _PNG),
        ("a.png", PDF),
        ("a.docx", _workbook()),
        ("a.xlsx", _workbook("xl/vbaProject.bin")),
        ("a.xlsx", _workbook()[:-30]),
        ("a.txt", b"MZ\x90\x00\x03"),
        ("a.txt", b"\xff\xfe\xff"),
        ("a.exe", b"MZ"),
        ("a.html", b"<script>"),
        ("a.svg", b"<svg/>"),
        ("pdf", PDF[:0]),
        ("noending", PDF),
    ],
)
def test_what_is_not(name: str, content: bytes) -> None:
    with pytest.raises(AttachmentError):
        media_type_of(name, content)


def test_a_file_too_large_is_refused() -> None:
    with pytest.raises(AttachmentError, match="bytes"):
        media_type_of("a.txt", b"x" * (attachment_policy().bytes_maximum + 1))


@given(st.binary(max_size=600), st.sampled_from(["pdf", "png", "jpg", "docx", "xlsx", "txt", "exe"]))
def test_any_bytes_are_taken_or_refused(content: bytes, ending: str) -> None:
    try:
        found = media_type_of(f"a.{ending}", content)
    except AttachmentError as error:
        assert str(error)  # noqa: PT017 (either way is right, the words must be there)
    else:
        assert found in attachment_policy().types


@given(st.text(max_size=300))
def test_any_name_is_safe_or_refused(name: str) -> None:
    try:
        kept = checked_name(name)
    except AttachmentError:
        return
    assert kept
    assert not set('/\\<>:"|?*\r\n\0') & set(kept)
    assert kept.isprintable()


def test_a_file_is_kept_once_and_read_back_whole(
    records: RecordsDatabase, files: AttachmentFiles, people: People, tmp_path: Path
) -> None:
    with records.begin() as session:
        incident = open_incident(session, NewIncident("x", "malware"), people()).id
        first, second = (
            attach(session, files, Upload(Subject.INCIDENT, incident, name, PDF), people())
            for name in ("a.pdf", "b.pdf")
        )
    [stored] = [path for path in tmp_path.glob("attachments/*/*") if path.is_file()]
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(PDF)
    assert (stored.name, first.sha256, first.sm3) == (
        hashlib.sha256(PDF).hexdigest(),
        stored.name,
        sm3.finalize().hex(),
    )
    key = AttachmentKey(Subject.INCIDENT, incident, second.id)
    with records.begin() as session:
        assert read_attachment(session, files, key, people())[1] == PDF
        with pytest.raises(AttachmentNotFoundError):
            read_attachment(session, files, AttachmentKey(Subject.INCIDENT, incident, "none"), people())
        for damage in (lambda: stored.write_bytes(PDF + b" "), stored.unlink):
            damage()
            with pytest.raises(AttachmentDamagedError, match="restore"):
                read_attachment(session, files, key, people())
