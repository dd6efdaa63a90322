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
    """A run of records of one file, normalized; ``quiet`` counts events that no rule matches and that were not made."""

    file: str
    events: list[Event]
    dead_letters: list[DeadLetter]
    quiet: int = 0

    @property
    def size(self) -> int:
        """How many events it is about."""
        return len(self.events) + self.quiet

    def describe(self, letter: DeadLetter) -> dict[str, object]:
        """A dead letter as a line: where and why, without the record itself."""
        return {"file": self.file, "position": letter.position, "reason": letter.reason, "detail": letter.detail}


def read_files(paths: Iterable[Path], options: ReadOptions) -> Iterator[FileBatch]:
    """Read files and folders into batches of events.

    Raises:
        FengsuiError: the format or the zone is unknown.
    """
    for name, batch in read_batches(paths, options, OFFLINE):
        yield normalized(name, batch, options)


def read_batches(paths: Iterable[Path], options: ReadOptions, source: str) -> Iterator[tuple[str, RecordBatch]]:
    """Decode files and folders into batches of records, each with the name of its file or archive member.

    Raises:
        FengsuiError: the format is unknown.
    """
    check_format(options.format)
    decoding = decode_options()
    for path in log_files(paths):
        for stream in decode_path(path, decoding):
            items = iter(stream)
            while chunk := list(islice(items, BATCH_RECORDS)):
                yield str(path.parent / stream.name), record_batch(source, stream.identity, chunk, path, options)


def record_batch(
    source: str, identity: str, items: Iterable[Record | DeadLetter], path: Path, options: ReadOptions
) -> RecordBatch:
    """What a decoder gave of a file, as one batch of a source."""
    records: list[Record] = []
    letters: list[DeadLetter] = []
    for item in items:
        if isinstance(item, Record):
            records.append(item)
        else:
            letters.append(item)
    return RecordBatch(source, identity, records, letters, None, options.format, int(path.stat().st_mtime * 1000))


def normalized(name: str, batch: RecordBatch, options: ReadOptions, quiet: int = 0) -> FileBatch:
    """A batch of records of a file as events."""
    context = SourceContext(batch.source, batch.identity, options.zone(), batch.reference_ms)
    done = normalize(batch, context, batch.format)
    return FileBatch(name, done.events, done.dead_letters, quiet)


def decode_options() -> DecodeOptions:
    """How files are decoded; packet captures where the machine can."""
    return DecodeOptions(packet_decoder=read_capture if tshark_version() else None)


def check_format(name: str | None) -> None:
    """Refuse a format that there is not.

    Raises:
        FengsuiError: no normalizer has this name.
    """
    if name is not None and name not in format_names():
        known = ", ".join(sorted(format_names()))
        raise FengsuiError(f"--format {name}: no such format; known are {known}")
