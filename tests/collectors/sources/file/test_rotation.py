"""Files are read once, whatever rotation does to them."""

from __future__ import annotations

import bz2
import gzip
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.sources import Checkpoints
from tests.collectors.sources.file.following import Follow, Follower, Living, append, numbered


def test_rename_and_create(follow: Follow, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    append(log, *numbered(0, 5))
    follower = follow()
    follower.look()
    append(log, *numbered(5, 7))
    log.rename(tmp_path / "app.log.1")
    append(log, *numbered(7, 9))
    follower.look()
    append(tmp_path / "app.log.1", b"written late to the old file")
    follower.look()
    assert sorted(follower.lines) == sorted([*numbered(0, 9), b"written late to the old file"])


def test_copy_and_truncate(follow: Follow, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    append(log, *numbered(0, 5))
    follower = follow()
    follower.look()
    append(log, *numbered(5, 7))
    shutil.copyfile(log, tmp_path / "app.log.1")
    log.write_bytes(b"")
    follower.look()
    append(log, *numbered(7, 30))
    follower.look()
    assert sorted(follower.lines) == sorted(numbered(0, 30))


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_the_unread_end_of_a_compressed_log_is_not_lost(
    follow: Follow, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    log = tmp_path / "app.log"
    append(log, *numbered(0, 500))
    follower = follow()
    follower.look()
    append(log, *numbered(500, 600))
    content = log.read_bytes() + b"unfinished"
    log.unlink()
    (tmp_path / f"app.log.1{suffix}").write_bytes(pack(content))
    append(log, *numbered(600, 601))
    follower.look()
    follower.look()
    expected = [*numbered(0, 601), b"unfinished"]
    if isinstance(follower, Living):  # the deleted file was still open and gave its own end
        assert sorted(follower.lines) in (sorted(expected), sorted([*expected[:-1], b"unfinished"]))
    assert sorted(follower.lines) == sorted(expected)


def test_truncated_and_begun_again(follow: Follow, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    append(log, *numbered(0, 5))
    follower = follow()
    follower.look()
    log.write_bytes(b"".join(line + b"\n" for line in numbered(100, 103)))
    follower.look()
    assert follower.lines == numbered(0, 5) + numbered(100, 103)


def test_a_file_that_begins_like_the_last_one_is_another(follow: Follow, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    header = b"#fields ts uid"
    append(log, header, *numbered(0, 3))
    follower = follow()
    follower.look()
    log.write_bytes(b"")
    follower.look()
    append(log, header, *numbered(5, 6))
    follower.look()
    assert sorted(follower.lines) == sorted([header, header, *numbered(0, 3), *numbered(5, 6)])
    assert len({(identity, position) for identity, position, _ in follower.given}) == 6


def test_a_deleted_file_gives_what_was_written_to_it(tmp_path: Path, checkpoints: Checkpoints) -> None:
    log = tmp_path / "app.log"
    append(log, *numbered(0, 2))
    follower = Living(tmp_path, checkpoints)
    try:
        with log.open("ab") as writer:
            writer.write(b"last words\n")
            log.unlink()
        follower.look(3)
        assert follower.lines == [*numbered(0, 2), b"last words"]
        append(log, b"a new file")
        follower.look()
        assert follower.lines[-1] == b"a new file"
    finally:
        follower.end()


STEPS = ("append", "append", "append", "rename", "copytruncate", "truncate", "gzip", "look", "look", "restart")


class Rotation:
    """Writes numbered lines to app.log and rotates it, remembering what no reader can have seen."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.folder, self.dice = folder, dice
        self.log, self.first = folder / "app.log", folder / "app.log.1"
        self.written: list[bytes] = []
        self.unread: list[bytes] = []  # in app.log, since the last look
        self.destroyed: set[bytes] = set()

    def append(self) -> None:
        sizes = [self.dice.choice([0, 5, 70, 5000]) for _ in range(self.dice.randint(1, 6))]
        lines = [b"%d %s" % (number, b"x" * size) for number, size in enumerate(sizes, len(self.written))]
        append(self.log, *lines)
        self.written += lines
        self.unread += lines

    def rename(self) -> None:
        if self.log.exists():
            shift(self.folder)
            self.log.rename(self.first)
            self.unread = []
            if self.dice.random() < 0.7:
                self.log.touch()

    def copytruncate(self) -> None:
        if self.log.exists():
            shift(self.folder)
            shutil.copyfile(self.log, self.first)
            self.log.write_bytes(b"")
            self.unread = []

    def truncate(self) -> None:
        if self.log.exists():
            self.log.write_bytes(b"")
            self.destroyed.update(self.unread)
            self.unread = []

    def gzip(self) -> None:
        if self.first.exists():
            (self.folder / "app.log.1.gz").write_bytes(gzip.compress(self.first.read_bytes()))
            self.first.unlink()


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from([Follower, Living]))
def test_any_rotation_gives_every_line_once(
    seed: int,
    kind: type[Follower],
    tmp_path_factory: pytest.TempPathFactory,
    new_checkpoints: Callable[[], Checkpoints],
) -> None:
    dice = random.Random(seed)
    rotation = Rotation(tmp_path_factory.mktemp("logs"), dice)
    follower = kind(rotation.folder, new_checkpoints())
    try:
        for _ in range(dice.randint(5, 40)):
            step = dice.choice(STEPS)
            if step in {"look", "restart"}:
                follower.look() if step == "look" else follower.restart()
                rotation.unread = []
            else:
                getattr(rotation, step)()
        follower.look(4)
    finally:
        follower.end()
    given_lines = sorted(follower.lines)
    assert given_lines == sorted(set(given_lines))
    assert set(rotation.written) - set(given_lines) <= rotation.destroyed
    assert set(given_lines) <= set(rotation.written)
    assert len({(identity, position) for identity, position, _ in follower.given}) == len(given_lines)


def shift(folder: Path) -> None:
    """Move app.log.1 and app.log.1.gz one on, as logrotate does."""
    for number in range(40, 0, -1):
        for suffix in ("", ".gz"):
            path = folder / f"app.log.{number}{suffix}"
            if path.exists():
                path.rename(folder / f"app.log.{number + 1}{suffix}")
