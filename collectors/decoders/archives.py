"""Opens what is compressed or archived: gzip, bzip2 and zip, one inside another as far as the policy allows."""

from __future__ import annotations

import bz2
import gzip
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, cast

from collectors.decoders.byte_source import ByteSource
from collectors.decoders.expansion import ExpansionGuard
from collectors.decoders.limits import ArchiveLimits
from collectors.decoders.recognition import MAGIC_BYTES, recognize_compression
from collectors.record import DeadLetter, Reason

_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """One plain file, wherever it lay; ``refusal`` says why one can't be opened."""

    name: str
    source: ByteSource
    refusal: DeadLetter | None = None


@dataclass(frozen=True, slots=True)
class _Walk:
    """How many layers lie around what is opened, and how far it may expand."""

    guard: ExpansionGuard
    limits: ArchiveLimits
    layers: int = 0

    def deeper(self, guard: ExpansionGuard) -> _Walk:
        """Within one layer more."""
        return _Walk(guard, self.limits, self.layers + 1)


def open_members(source: ByteSource, name: str, guard: ExpansionGuard, limits: ArchiveLimits) -> Iterator[Member]:
    """The plain files in a source: itself where it is one; each is to be read before the next is asked for."""
    return _open_layer(Member(name, source), _Walk(guard, limits))


def _open_layer(member: Member, walk: _Walk) -> Iterator[Member]:
    kind = recognize_compression(member.source.peek(MAGIC_BYTES))
    if kind is None:
        yield member
    elif walk.layers >= walk.limits.layers:
        detail = f"{kind} inside {walk.layers} other layers (archive.layers); unpack it first"
        yield _refused(member.name, Reason.EXPANDS_TOO_FAR, detail)
    elif kind == "zip":
        yield from _open_zip(member, walk)
    else:
        compressed = cast("IO[bytes]", member.source)
        opened = gzip.GzipFile(fileobj=compressed, mode="rb") if kind == "gzip" else bz2.BZ2File(compressed)
        inner = ByteSource(walk.guard.guarded(opened.read1), below=member.source)
        yield from _open_layer(Member(member.name, inner), walk.deeper(walk.guard))


def _open_zip(member: Member, walk: _Walk) -> Iterator[Member]:
    """The members of a zip, whose directory stands at its end: it has to be a file."""
    with ExitStack() as stack:
        path = stack.enter_context(member.source.on_disk())
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            detail = f"a zip whose directory can't be read ({type(error).__name__}); fetch the file again"
            yield _refused(member.name, Reason.TRUNCATED, detail, member.source.failure)
            return
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        most = walk.limits.members
        for entry in entries[:most]:
            yield from _open_entry(archive, entry, member.name, walk)
        if len(entries) > most:
            detail = f"holds {len(entries)} files, more than {most} (archive.members); split it"
            yield _refused(member.name, Reason.EXPANDS_TOO_FAR, detail)


def _open_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, outer: str, walk: _Walk) -> Iterator[Member]:
    name = f"{outer}!{entry.filename}"
    if entry.flag_bits & _ENCRYPTED:
        yield _refused(name, Reason.UNDECODABLE, "encrypted; decrypt it first")
        return
    try:
        opened = cast("zipfile.ZipExtFile", archive.open(entry))
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        detail = f"can't be opened in its zip ({type(error).__name__}); pack it again with deflate"
        yield _refused(name, Reason.UNDECODABLE, detail)
        return
    with opened:
        guard = walk.guard.for_member(entry.compress_size)
        inner = ByteSource(guard.guarded(opened.read1))
        yield from _open_layer(Member(name, inner), walk.deeper(guard))


def _refused(name: str, reason: Reason, detail: str, cause: DeadLetter | None = None) -> Member:
    refusal = cause or DeadLetter(0, reason, f"{name}: {detail}", b"", decoder="archive")
    return Member(name, ByteSource(lambda _: b""), refusal)
