"""What was delivered stays in no file of the spool, and reading goes on behind it."""

from __future__ import annotations

from pathlib import Path

from collectors.sources.spool import Corruption, Message, Spool, SpoolReader

_SECRET = b"11010519491231002X"


def _on_disk(folder: Path) -> bool:
    return any(_SECRET in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _read(reader: SpoolReader) -> list[bytes]:
    return [item.message.data for item in reader.read(100) if not isinstance(item, Corruption)]


def test_nothing_is_left_once_all_is_delivered_and_reading_goes_on(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    reader = SpoolReader(spool, 1)
    spool.append([Message(b"a " + _SECRET), Message(b"b " + _SECRET)], key="push-1")
    assert _read(reader) == [b"a " + _SECRET, b"b " + _SECRET]
    spool.release(2)
    assert _on_disk(tmp_path)  # the second is still to be delivered
    spool.release(3)
    assert not _on_disk(tmp_path)
    assert spool.append([Message(b"again")], key="push-1") == 2  # the push is still known
    spool.append([Message(b"c")])
    assert _read(reader) == [b"c"]
    spool.release(4)
    spool.close()
    reopened = Spool(tmp_path)
    reopened.append([Message(b"d")])
    assert _read(SpoolReader(reopened, 4)) == [b"d"]
    reopened.close()
