"""Opening a backup: nothing of it is used before all of it is known to be what was written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.files import Digests
from fengsui.backup.manifest import FileEntry, Manifest, read_manifest
from fengsui.backup.sealed_files import SealBrokenError, open_chunks, sealed_size
from fengsui.progress import with_progress

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class VerifiedBackup:
    """A whole backup, each file of which opened with its key and has the digests of the manifest."""

    folder: Path
    manifest: Manifest
    digest: str

    def content(self, entry: FileEntry) -> Iterator[bytes]:
        """What was sealed in a file, checked once more as it is read.

        Raises:
            BackupRefusedError: it is no longer what it was when the backup was verified.
        """
        digests, key = Digests(), bytes.fromhex(entry.key)
        try:
            with (self.folder / entry.path).open("rb") as file:
                yield from digests.of(open_chunks(file, key, entry.path))
        except (OSError, SealBrokenError) as error:
            raise BackupRefusedError(f"{entry.path} was changed while it was restored") from error
        if digests.entry(entry.path, key) != entry:
            raise BackupRefusedError(f"{entry.path} was changed while it was restored")


def verify_backup(folder: Path, passphrase: str) -> VerifiedBackup:
    """Read a backup through.

    Raises:
        BackupRefusedError: it is not whole or was changed; names the files.
    """
    manifest, digest = read_manifest(folder, passphrase)
    backup = VerifiedBackup(folder, manifest, digest)
    entries = with_progress(manifest.files, lambda _entry: 1)
    problems = [problem for entry in entries if (problem := _problem(backup, entry))]
    if problems:
        more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise BackupRefusedError(f"{folder}: {'; '.join(problems[:_SHOWN])}{more}; take another backup")
    return backup


def _problem(backup: VerifiedBackup, entry: FileEntry) -> str | None:
    try:
        size = (backup.folder / entry.path).stat().st_size
        if size != sealed_size(entry.bytes):
            return f"{entry.path} has {size} bytes instead of {sealed_size(entry.bytes)}"
        deque(backup.content(entry), maxlen=0)
    except OSError:
        return f"{entry.path} is missing or can't be read"
    except BackupRefusedError:
        return f"{entry.path} was changed"
    return None
