"""tshark as a process: where it is, what it can tell, and its rows of fields as they come.

Nothing of tshark's standard error is passed on, since it may quote packets; its exit status says enough.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from collectors.sources.pcap.errors import TsharkFailedError, TsharkMissingError
from collectors.sources.pcap.fields import FIELDS, PREFERENCES

_SEPARATOR = "\x1e"
AGGREGATOR = "\x1f"
_CHUNK_BYTES = 1 << 16
_ROW_BYTES = 4 << 20
_STALL_SECONDS = 300.0
_QUESTION_SECONDS = 60.0
_VERSION = re.compile(r"([0-9]+\.[0-9]+\.[0-9]+)")


@dataclass(slots=True)
class Rows:
    """The rows of one capture, and, once they are exhausted, how tshark ended.

    Attributes:
        status: tshark's exit status; 0 is a capture read to its end.
        unread: rows that could not be read, being larger than a row may be or contradicting themselves.
    """

    path: Path
    status: int | None = None
    unread: int = 0

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Each frame's fields by name, empty ones left out; several values of a field joined by ``AGGREGATOR``.

        Raises:
            TsharkMissingError: tshark is not installed.
            TsharkFailedError: tshark stopped telling anything.
        """
        names = known_fields()
        process = subprocess.Popen(  # noqa: S603 (argument list, no shell; the path is absolute)
            _arguments(self.path, names),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        try:
            yield from self._rows(process, names)
            self.status = process.wait(_QUESTION_SECONDS)
        finally:
            _end(process)

    def _rows(self, process: subprocess.Popen[bytes], names: tuple[str, ...]) -> Iterator[dict[str, str]]:
        last = len(names) - 1
        row = ""
        for line in self._lines(process):
            row = f"{row}\n{line}" if row else line
            separators = row.count(_SEPARATOR)
            if separators >= last or len(row) > _ROW_BYTES:  # fewer: a value holds a line end
                if separators == last:
                    values = row.split(_SEPARATOR)
                    yield {name: value for name, value in zip(names, values, strict=True) if value}
                else:
                    self.unread += 1
                row = ""

    def _lines(self, process: subprocess.Popen[bytes]) -> Iterator[str]:
        rest = b""
        while chunk := _read(process):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _ROW_BYTES:
                rest, self.unread = b"", self.unread + 1
            for line in lines:
                yield line.decode("utf-8", "backslashreplace")


def tshark_version() -> str | None:
    """Tshark's version (``4.0.17``), None where it is not installed."""
    try:
        found = _VERSION.search(_answer("--version"))
    except (TsharkMissingError, TsharkFailedError):
        return None
    return found[1] if found else None


@lru_cache(maxsize=1)
def known_fields() -> tuple[str, ...]:
    """The fields of ``FIELDS`` that this tshark has; asking for another makes it refuse all.

    Raises:
        TsharkMissingError: tshark is not installed.
        TsharkFailedError: tshark does not answer.
    """
    known = {columns[2] for line in _answer("-G", "fields").splitlines() if len(columns := line.split("\t", 3)) > 2}  # noqa: PLR2004 (kind, description, name)
    return tuple(name for name in FIELDS if name in known)


def _program() -> str:
    program = shutil.which("tshark")
    if program is None:
        raise TsharkMissingError
    return program


def _answer(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 (argument list, no shell)
            [_program(), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_QUESTION_SECONDS,
            check=True,
            env=_environment(),
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise TsharkFailedError("tshark: does not answer; check that `tshark --version` works") from error
    return done.stdout.decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """An environment in which neither a user's Wireshark profile nor the zone or language changes the output."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "WIRESHARK_CONFIG_DIR": "/nonexistent",
    }


def _arguments(path: Path, names: tuple[str, ...]) -> list[str]:
    output = ["-T", "fields", "-E", f"separator={_SEPARATOR}", "-E", f"aggregator={AGGREGATOR}", "-E", "occurrence=a"]
    settings = [argument for name, value in PREFERENCES.items() for argument in ("-o", f"{name}:{value}")]
    chosen = [argument for name in names for argument in ("-e", name)]
    return [_program(), "-n", "-Q", "-r", str(path.absolute()), *settings, *output, *chosen]


def _read(process: subprocess.Popen[bytes]) -> bytes:
    if process.stdout is None:
        return b""
    ready, _, _ = select.select([process.stdout], [], [], _STALL_SECONDS)
    if not ready:
        raise TsharkFailedError(f"tshark: told nothing for {_STALL_SECONDS:.0f} s; the capture is left unfinished")
    return os.read(process.stdout.fileno(), _CHUNK_BYTES)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave no process behind, whether the rows were read to their end or given up."""
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
