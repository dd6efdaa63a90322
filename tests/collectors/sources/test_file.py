"""Files are read once, whatever rotation does to them."""

from __future__ import annotations

import bz2
import gzip
import random
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.decoders import decode_path, default_limits
from collectors.record import DeadLetter, Reason, RecordBatch
from collectors.sources import Checkpoints
from collectors.sources.config import FileSourceConfig
from collectors.sources.file import FileSource
from tests.patience import PATIENCE_SECONDS


class Follower:
    """A followed source that is looked at when the test says so; everything given is delivered at once."""

    def __init__(self, folder: Path, checkpoints: Checkpoints, **settings: object) -> None:
        quick = {"follow": True, "poll_seconds": 0.001, "settle_seconds": 0, "batch_records": 3}
        named = {"name": "logs", "paths": [str(folder / "app.log*")]}
        self.config = FileSourceConfig.model_validate({**quick, **named, **settings})
        self.checkpoints = checkpoints
        self.given: list[tuple[str, int, bytes]] = []
        self.dead: list[DeadLetter] = []
        self.start()

    def start(self) -> None:
        self.stop = threading.Event()
        self.source = FileSource(self.config, self.checkpoints, decode_path)
        self.stop.wait = self._no_wait  # type: ignore[method-assign]
        self.looks = 0
        self.batches = self.source.batches(self.stop)

    def _no_wait(self, _seconds: float | None = None) -> bool:
        self.looks += 1
        return self.stop.is_set() or self.looks >= self.until

    def end(self) -> None:
        self.batches.close()
        self.source.close()

    def restart(self) -> None:
        self.look()
        self.end()
        self.start()

    def look(self, times: int = 2) -> None:
        """Let the source look at its files; it is then started anew, as after a crash that lost nothing delivered."""
        self.looks, self.until = 0, times
        for batch in self.batches:
            self.take(batch)
        self.start()

    def take(self, batch: RecordBatch) -> None:
        self.given += [(batch.identity, record.position, record.raw) for record in batch.records]
        self.dead += batch.dead_letters
        if batch.checkpoint is not None:
            self.checkpoints.save(batch.checkpoint)

    @property
    def lines(self) -> list[bytes]:
        return [raw for _, _, raw in self.given]


class Living(Follower):
    """A followed source in a thread, whose memory of inodes and open files lasts."""

    def start(self) -> None:
        self.stop = threading.Event()
        self.source = FileSource(self.config, self.checkpoints, decode_path)
        self.gate = threading.Semaphore(0)
        self.idle = threading.Event()
        self.stop.wait = self._pause  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self.idle.wait(PATIENCE_SECONDS)

    def _pause(self, _seconds: float | None = None) -> bool:
        self.idle.set()
        self.gate.acquire()
        return self.stop.is_set()

    def _run(self) -> None:
        for batch in self.source.batches(self.stop):
            self.take(batch)

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.idle.clear()
            self.gate.release()
            assert self.idle.wait(PATIENCE_SECONDS)

    def restart(self) -> None:
        self.end()
        self.start()

    def end(self) -> None:
        self.stop.set()
        self.gate.release()
        self.thread.join(PATIENCE_SECONDS)
        assert not self.thread.is_alive()


Follow = Callable[..., Follower]


@pytest.fixture(params=[Follower, Living])
def follow(request: pytest.FixtureRequest, tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Follow]:
    made: list[Follower] = []

    def make(**settings: object) -> Follower:
        made.append(request.param(tmp_path, checkpoints, **settings))
        return made[-1]

    yield make
    for follower in made:
        follower.end()


def append(path: Path, *lines: bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))


def numbered(start: int, end: int) -> list[bytes]:
    return [b"2026-01-01T00:00:00Z host app: line %d" % number for number in range(start, end)]


def test_lines_are_given_with_their_offsets_once(follow: Follow, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    append(log, b"first", b"second")
    follower = follow()
    follower.look()
    append(log, b"third")
    follower.look()
    assert [(position, raw) for _, position, raw in follower.given] == [(0, b"first"), (6, b"second"), (13, b"third")]
    assert len({identity for identity, _, _ in follower.given}) == 1


def test_a_partial_line_waits_for_its_newline(follow: Follow, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    append(log, b"whole")
    with log.open("ab") as file:
        file.write(b"par")
    follower = follow()
    follower.look()
    assert follower.lines == [b"whole"]
    append(log, b"tial")
    follower.look()
    assert follower.lines == [b"whole", b"partial"]


def test_a_partial_line_is_given_when_nothing_more_comes(follow: Follow, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(b"no newline")
    follower = follow(hold_partial_seconds=0)
    follower.look()
    assert follower.lines == [b"no newline"]


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


def test_two_files_with_the_same_first_line_keep_apart(follow: Follow, tmp_path: Path) -> None:
    append(tmp_path / "app.log.a", b"#header", *numbered(0, 3))
    append(tmp_path / "app.log.b", b"#header", *numbered(3, 6))
    follower = follow()
    follower.look()
    append(tmp_path / "app.log.a", b"a")
    append(tmp_path / "app.log.b", b"b")
    follower.look()
    assert sorted(follower.lines) == sorted([b"#header", b"#header", *numbered(0, 6), b"a", b"b"])


def test_a_line_beyond_the_limit_is_a_dead_letter(follow: Follow, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    length = default_limits().record.bytes + 1
    append(log, b"before", b"x" * length, b"after")
    follower = follow()
    follower.look()
    assert follower.lines == [b"before", b"after"]
    assert [(letter.reason, letter.position, letter.length) for letter in follower.dead] == [
        (Reason.TOO_LARGE, 7, length)
    ]


def test_utf16_and_gb18030(tmp_path: Path, checkpoints: Checkpoints) -> None:
    (tmp_path / "wide.txt").write_bytes("烽燧一\n烽燧二\n".encode("utf-16"))
    (tmp_path / "chinese.txt").write_bytes("登录失败\n登录成功\n".encode("gb18030"))
    config = FileSourceConfig(name="logs", paths=(str(tmp_path / "*.txt"),))
    texts = [
        record.text
        for batch in FileSource(config, checkpoints, decode_path).batches(threading.Event())
        for record in batch.records
    ]
    assert sorted(str(text) for text in texts) == sorted(["烽燧一", "烽燧二", "登录失败", "登录成功"])


def test_containers_are_read_once_and_resumed(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.writestr("a.json", "[" + ",".join(f'{{"a":{number}}}' for number in range(10)) + "]")
        archive.writestr("b.log", "".join(f"line {number}\n" for number in range(10)))
    config = FileSourceConfig(name="logs", paths=(str(tmp_path / "*"),), batch_records=3)

    def batches() -> list[RecordBatch]:
        return list(FileSource(config, checkpoints, decode_path).batches(threading.Event()))

    first = batches()
    full = [(batch.identity, record.position) for batch in first for record in batch.records]
    assert len(full) == 20
    for batch in first[:4]:
        assert batch.checkpoint is not None
        checkpoints.save(batch.checkpoint)
    rest = [(batch.identity, record.position) for batch in batches() for record in batch.records]
    given = sum(len(batch.records) for batch in first[:4])
    assert rest == full[given:]
    assert first[-1].checkpoint is not None
    checkpoints.save(first[-1].checkpoint)
    assert batches() == []


def test_once_reads_everything_even_unfinished(tmp_path: Path, checkpoints: Checkpoints) -> None:
    (tmp_path / "a.log").write_bytes(b"one\ntwo")
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(b"three\nfour"))
    (tmp_path / "c.log").write_bytes(b"")
    config = FileSourceConfig(name="logs", paths=(str(tmp_path / "*"),))
    lines = [
        record.raw
        for batch in FileSource(config, checkpoints, decode_path).batches(threading.Event())
        for record in batch.records
    ]
    assert sorted(lines) == [b"four", b"one", b"three", b"two"]


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


@settings(max_examples=60, deadline=None)
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
