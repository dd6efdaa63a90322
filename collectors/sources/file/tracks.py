"""Which of the contents that a source knows a file holds, whatever it is called by now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from collectors.decoders import content_identity
from collectors.record import Checkpoint
from collectors.sources.contract import Checkpoints
from collectors.sources.file.fingerprint import Fingerprint, Likeness
from collectors.sources.file.watched import Watched
from events import now_ms

HEAD_BYTES = 1 << 16
_STRONG_BYTES = 64  # what was read must be so long for a rewritten file to be taken for a copy of it


@dataclass(slots=True)
class Track:
    """One content being read.

    Attributes:
        identity: names it in event ids; fixed at first sight.
        fingerprint: what was read of it.
        encoding: of its text, where known.
        inode: device and inode of the file it was last read from.
        begun_ms: when it was first seen; of several in one inode, the last begun is the present one.
    """

    identity: str
    fingerprint: Fingerprint
    encoding: str | None
    inode: str
    begun_ms: int

    @property
    def position(self) -> int:
        """Everything before it was given."""
        return self.fingerprint.position

    def checkpoint(self, source: str) -> Checkpoint:
        """The checkpoint that holds once everything given is delivered."""
        state = {
            "marks": self.fingerprint.to_text(),
            "encoding": self.encoding,
            "inode": self.inode,
            "begun": self.begun_ms,
        }
        return Checkpoint(source, self.identity, self.position, state)


@dataclass(slots=True)
class _Known:
    """What an inode held when it was last looked at; no track when it was cut and holds nothing whole yet.

    An inode ``seen`` by this process is still the same file, since it is held open; one that only a checkpoint speaks
    of may have been given to another.
    """

    track: Track | None
    size: int
    seen: bool = True


class Tracks:
    """The contents of one source, found again by inode where it has not changed and by content where it has."""

    def __init__(self, source: str, checkpoints: Checkpoints) -> None:
        """Take up what the checkpoints say."""
        self._source = source
        self._checkpoints = checkpoints
        self._tracks: dict[str, Track] = {}
        self._inodes: dict[str, _Known] = {}
        for checkpoint in checkpoints.load(source):
            if "marks" in checkpoint.state:
                self._restore(checkpoint)

    def _restore(self, checkpoint: Checkpoint) -> None:
        state = checkpoint.state
        fingerprint = Fingerprint.from_text(str(state["marks"]), checkpoint.position)
        encoding = str(state["encoding"]) if state["encoding"] else None
        track = Track(checkpoint.identity, fingerprint, encoding, str(state["inode"]), int(state["begun"] or 0))
        self._tracks[track.identity] = track
        known = self._inodes.get(track.inode)
        if known is None or known.track is None or known.track.begun_ms <= track.begun_ms:
            self._inodes[track.inode] = _Known(track, track.position, seen=False)

    def continued(self, watched: Watched) -> Track | None:
        """The track that a plain file was last seen to hold, if it still does."""
        known = self._inodes.get(watched.inode)
        if known is None or known.track is None or watched.size < max(known.size, known.track.position):
            return None
        if known.track.fingerprint.compare(watched.file) is not Likeness.SAME:
            return None
        return self._hold(watched, known.track)

    def find(self, watched: Watched) -> Track | None:
        """The track that a plain file continues by its content, where its inode does not tell.

        None means: it is new (``is_new`` then says yes), or a copy in the making, of which more has to be seen.
        """
        known = self._inodes.get(watched.inode)
        if known is None:
            track = self.match(watched.file)
            return track and self._hold(watched, track)
        if known.track is not None and self._lags_behind(known, watched):
            known.size = watched.size
            return None
        track = self.match(watched.file, _STRONG_BYTES if known.seen else 0)
        self._inodes[watched.inode] = _Known(track, watched.size)
        return track and self._hold(watched, track)

    def _hold(self, watched: Watched, track: Track) -> Track:
        """Note that the file holds the track."""
        track.inode = watched.inode
        self._inodes[watched.inode] = _Known(track, watched.size)
        return track

    @staticmethod
    def _lags_behind(known: _Known, watched: Watched) -> bool:
        """Whether the file is a copy that grows towards what was read elsewhere."""
        track = known.track
        if track is None or not known.size <= watched.size < track.position:
            return False
        return track.fingerprint.compare(watched.file) is Likeness.SHORTER

    def is_new(self, watched: Watched) -> bool:
        """Whether a file that ``find`` found no track for is to be begun, rather than waited for."""
        known = self._inodes.get(watched.inode)
        if known is not None:
            return known.track is None
        return all(track.fingerprint.compare(watched.file) is not Likeness.SHORTER for track in self._tracks.values())

    def match(self, file: BinaryIO, at_least: int = 0) -> Track | None:
        """The track whose whole reading the file contains; the longest where there are several."""
        candidates = sorted(self._tracks.values(), key=lambda track: track.position, reverse=True)
        for track in candidates:
            if track.position >= at_least and track.fingerprint.compare(file) is Likeness.SAME:
                return track
        return None

    def begin(self, watched: Watched, head: bytes, encoding: str | None) -> Track:
        """A new track; its identity is kept at once, so that a crash can't give its records two."""
        fingerprint = Fingerprint.of_new(head)
        track = Track(self._free_identity(head), fingerprint, encoding, watched.inode, now_ms())
        self._tracks[track.identity] = track
        self._hold(watched, track)
        self._checkpoints.save(track.checkpoint(self._source))
        return track

    def forget_inode(self, inode: str) -> None:
        """The inode is gone; its number may come again with another file."""
        self._inodes.pop(inode, None)

    def _free_identity(self, head: bytes) -> str:
        """What the first line gives, numbered where an earlier content began alike."""
        base = content_identity(head)
        identity, number = base, 1
        while identity in self._tracks:
            number += 1
            identity = f"{base}#{number}"
        return identity
