"""How one file is read: as lines from where they were left, or as a whole once it has settled."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from collectors.decoders.encodings import wide_newline
from collectors.decoders.recognition import MAGIC_BYTES, Recognition, recognize, recognize_compression
from collectors.record import DeadLetter, Reason, RecordBatch
from collectors.sources.config import FileSourceConfig
from collectors.sources.contract import Checkpoints
from collectors.sources.file.container_reading import ContainerProgress, Decode, container_identity, read_container
from collectors.sources.file.line_reading import BatchStyle, read_lines
from collectors.sources.file.tracks import HEAD_BYTES, Track, Tracks
from collectors.sources.file.watched import Watched

_LINES = frozenset({"lines", "ndjson"})


class FileReading:
    """Reads files of one source, whose contents it knows from the checkpoints."""

    def __init__(self, config: FileSourceConfig, checkpoints: Checkpoints, decode: Decode) -> None:
        """Take up where the checkpoints say."""
        self._config = config
        self._decode = decode
        self._tracks = Tracks(config.name, checkpoints)
        self._containers = {
            checkpoint.identity: ContainerProgress(
                checkpoint.identity, checkpoint.position, bool(checkpoint.state["done"])
            )
            for checkpoint in checkpoints.load(config.name)
            if "done" in checkpoint.state
        }

    def read(self, watched: Watched, now: float, *, last: bool = False) -> Iterator[RecordBatch]:
        """What is new in a file; with ``last``, whatever there is, since nothing more will come.

        Raises:
            OSError: the file can't be read.
        """
        watched.look(now)
        if watched.is_read or watched.size == 0:
            return
        quiet = now - watched.since
        has_settled = last or not self._config.follow or quiet >= self._config.settle_seconds
        is_final = last or not self._config.follow or quiet >= self._config.hold_partial_seconds
        if watched.is_partial and not is_final:
            return
        track = self._tracks.continued(watched)
        if track is not None:
            yield from self._read_lines(watched, track, final=is_final)
            return
        head = _head(watched.file)
        compression = recognize_compression(head[:MAGIC_BYTES])
        if compression is None:
            found = recognize(head, self._config.encoding, whole=has_settled and len(head) == watched.size)
            if found.decoder in _LINES:
                track = self._track_of(watched, head, found, final=is_final)
                if track is not None:
                    yield from self._read_lines(watched, track, final=is_final)
                return
        if has_settled:
            yield from self._read_settled(watched, compression)

    def forget(self, watched: Watched) -> None:
        """The file is gone; its inode may be given to another."""
        self._tracks.forget_inode(watched.inode)

    def _read_lines(self, watched: Watched, track: Track, *, final: bool) -> Iterator[RecordBatch]:
        size = watched.size
        yield from read_lines(watched.file, track, self._style(watched), final=final)
        watched.is_read = track.position >= size
        watched.is_partial = not watched.is_read

    def _track_of(self, watched: Watched, head: bytes, found: Recognition, *, final: bool) -> Track | None:
        """The track that a file of lines continues, or a new one once its first line is whole.

        None asks for more: of a copy in the making, or of a first line.
        """
        track = self._tracks.find(watched)
        if track is not None or not self._tracks.is_new(watched):
            return track
        if wide_newline(found.encoding) not in head and len(head) < HEAD_BYTES and not final:
            return None
        return self._tracks.begin(watched, head, found.encoding)

    def _read_settled(self, watched: Watched, compression: str | None) -> Iterator[RecordBatch]:
        """Read a file as a whole, unless that was done; a compressed log that was followed is read from there on."""
        identity = container_identity(watched.path)
        progress = self._containers.setdefault(identity, ContainerProgress(identity))
        if not progress.done:
            content = _expanded(watched.file, compression)
            track = self._followed_before(content) if content and not progress.given else None
            if content is not None and track is not None:
                yield from self._read_rest(watched, content, track)
                progress.done = True
                yield RecordBatch(self._config.name, identity, [], [], progress.checkpoint(self._config.name))
            else:
                yield from read_container(watched.path, progress, self._decode, self._style(watched))
        watched.is_read = True

    def _followed_before(self, content: BinaryIO) -> Track | None:
        try:
            return self._tracks.match(content)
        except (EOFError, OSError, zlib.error):
            return None  # the decoder says what is wrong with it

    def _read_rest(self, watched: Watched, content: BinaryIO, track: Track) -> Iterator[RecordBatch]:
        """The end of a log that was compressed before all of it was read."""
        style = self._style(watched)
        try:
            yield from read_lines(content, track, style, final=True)
        except (EOFError, OSError, zlib.error):
            detail = "the compressed file can't be read to its end; fetch it again"
            letter = DeadLetter(track.position, Reason.TRUNCATED, detail, b"")
            yield RecordBatch(style.source, track.identity, [], [letter], track.checkpoint(style.source))

    def _style(self, watched: Watched) -> BatchStyle:
        config = self._config
        return BatchStyle(config.name, config.batch_records, config.format, watched.modified_ms)


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(HEAD_BYTES)


def _expanded(file: BinaryIO, compression: str | None) -> BinaryIO | None:
    """The content of a file compressed as a whole."""
    file.seek(0)
    if compression == "gzip":
        return cast("BinaryIO", gzip.open(file))
    return cast("BinaryIO", bz2.open(file)) if compression == "bzip2" else None
