"""Lines are given once with their offsets, whatever their encoding, their length or the container around them."""

from __future__ import annotations

import gzip
import threading
import zipfile
from pathlib import Path

from collectors.decoders import decode_path, default_limits
from collectors.record import Reason, RecordBatch
from collectors.sources import Checkpoints
from collectors.sources.config import FileSourceConfig
from collectors.sources.file import FileSource
from tests.collectors.sources.file.following import Follow, append, numbered


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
