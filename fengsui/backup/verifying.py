"""Opening a backup: nothing of it is used before all of it is known to be what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.files import digest_file
from fengsui.backup.manifest import FileEntry, Manifest, open_seal, read_manifest
from fengsui.progress import with_progress

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class VerifiedBackup:
    """A whole backup whose every file has the digests of its sealed manifest."""

    folder: Path
    manifest: Manifest
    digest: str
    keys: dict[str, bytes] = field(repr=False)

    def below(self, parent: str) -> Iterator[FileEntry]:
        """The files below a folder of the backup."""
        return (entry for entry in self.manifest.files if entry.path.startswith(f"{parent}/"))


def verify_backup(folder: Path, passphrase: str) -> VerifiedBackup:
    """Read a backup through.

    Raises:
        BackupRefusedError: it is not whole or was changed; names the files.
    """
    manifest, digest = read_manifest(folder)
    keys = open_seal(folder, manifest, digest, passphrase)
    entries = with_progress(manifest.files, lambda _entry: 1)
    problems = [problem for entry in entries if (problem := _problem(folder, entry))]
    if problems:
        more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise BackupRefusedError(f"{folder}: {'; '.join(problems[:_SHOWN])}{more}; take another backup")
    return VerifiedBackup(folder, manifest, digest, keys)


def _problem(folder: Path, entry: FileEntry) -> str | None:
    path = folder / entry.path
    try:
        size = path.stat().st_size
        if size != entry.bytes:
            return f"{entry.path} has {size} bytes instead of {entry.bytes}"
        return None if digest_file(path, entry.path) == entry else f"{entry.path} was changed"
    except OSError:
        return f"{entry.path} is missing or can't be read"
