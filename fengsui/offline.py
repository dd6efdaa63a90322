"""Files read offline: decoded, normalized, in batches, with no store and no checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collectors.decoders import DecodeOptions, decode_path
from collectors.normalizers.catalog import format_names
from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import DeadLetter, Record, RecordBatch
from collectors.sources.pcap import read_capture, tshark_version
from collectors.walk import log_files
from events import Event
from fengsui.errors import FengsuiError

BATCH_RECORDS = 4_000
OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are read: ``format`` overrides recognition, ``timezone`` is that of times without one (IANA)."""

    format: str | None = None
    timezone: str | None = None

    def zone(self) -> ZoneInfo | None:
        """The zone of times without one; None is the machine's own.

        Raises:
            FengsuiError: there is no such zone.
        """
        if self.timezone is None:
            return None
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise FengsuiError(
                f"--timezone {self.timezone}: no such zone; use an IANA name such as Asia/Shanghai"
            ) from error


@dataclass(frozen=True, slots=True)
class FileBatch:
    """A run of records of one file, normalized."""

    file: str
    events: list[Event]
    dead_letters: list[DeadLetter]

    def describe(self, letter: DeadLetter) -> dict[str, object]:
        """A dead letter as a line: where and why, without the record itself."""
        return {"file": self.file, "position": letter.position, "reason": letter.reason, "detail": letter.detail}


def read_files(paths: Iterable[Path], options: ReadOptions) -> Iterator[FileBatch]:
    """Read files and folders into batches of events.

    Raises:
        FengsuiError: the format or the zone is unknown.
    """
    zone = options.zone()
    for name, batch in read_batches(paths, options, OFFLINE):
        context = SourceContext(batch.source, batch.identity, zone, batch.reference_ms)
        normalized = normalize(batch, context, batch.format)
        yield FileBatch(name, normalized.events, normalized.dead_letters)


def read_batches(paths: Iterable[Path], options: ReadOptions, source: str) -> Iterator[tuple[str, RecordBatch]]:
    """Decode files and folders into batches of records, each with the name of its file or archive member.

    Raises:
        FengsuiError: the format is unknown.
    """
    _check_format(options.format)
    decode_options = DecodeOptions(packet_decoder=read_capture if tshark_version() else None)
    for path in log_files(paths):
        changed_ms = int(path.stat().st_mtime * 1000)
        for stream in decode_path(path, decode_options):
            items = iter(stream)
            while chunk := list(islice(items, BATCH_RECORDS)):
                records = [item for item in chunk if isinstance(item, Record)]
                letters = [item for item in chunk if isinstance(item, DeadLetter)]
                yield (
                    str(path.parent / stream.name),
                    RecordBatch(source, stream.identity, records, letters, None, options.format, changed_ms),
                )


def _check_format(name: str | None) -> None:
    if name is not None and name not in format_names():
        known = ", ".join(sorted(format_names()))
        raise FengsuiError(f"--format {name}: no such format; known are {known}")
