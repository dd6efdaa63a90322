"""EVTX on recorded files: whole, cut, damaged, packed, and rendered as XML."""

from __future__ import annotations

import gzip
import random
import struct
from pathlib import Path

import evtx
import orjson
import pytest

from collectors.decoders import decode_path
from collectors.record import DeadLetter, Reason, Record

pytestmark = pytest.mark.shared_data
CHUNK = 65536


@pytest.fixture(scope="module")
def recording(shared_data: Path) -> Path:
    """The recording with the most records of those that have one chunk."""
    single = [path for path in sorted(shared_data.glob("evtx/**/*.evtx")) if path.stat().st_size == 4096 + CHUNK]
    return max(single, key=lambda path: len(read(path)))


def read(path: Path) -> list[Record | DeadLetter]:
    return [item for stream in decode_path(path) for item in stream]


def test_records_are_what_the_reader_renders(recording: Path) -> None:
    records = read(recording)
    rendered = list(evtx.PyEvtxParser(str(recording)).records_json())
    assert len(records) > 20
    assert [record.position for record in records] == [item["event_record_id"] for item in rendered]
    assert [record.document for record in records] == [orjson.loads(item["data"]) for item in rendered]
    assert [orjson.loads(record.raw) for record in records] == [record.document for record in records]


def test_packed_recordings_are_the_same(recording: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(recording.read_bytes()))
    assert read(packed) == read(recording)
    identities = {stream.identity for path in (packed, recording) for stream in decode_path(path)}
    assert len(identities) == 1


def whole_records(data: bytes) -> int:
    """How many records end before the data does."""
    count, place = 0, 4096 + 512
    while data[place : place + 4] == b"**\0\0":
        place += struct.unpack_from("<I", data.ljust(place + 8, b"\0"), place + 4)[0]
        count += place <= len(data)
    return count


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.3, 0.5, 0.7])
def test_a_cut_recording_keeps_its_readable_records(recording: Path, tmp_path: Path, kept: float) -> None:
    whole = recording.read_bytes()
    used = struct.unpack_from("<I", whole, 4096 + 48)[0]
    cut = tmp_path / "cut.evtx"
    cut.write_bytes(whole[: 4096 + 600 + int((used - 600) * kept)])
    items = read(cut)
    records = [item for item in items if isinstance(item, Record)]
    assert records == read(recording)[: len(records)]
    assert len(records) == whole_records(cut.read_bytes())
    assert items[-1].reason is Reason.TRUNCATED


@pytest.mark.parametrize("size", [9, 100, 4000, 4096])
def test_a_recording_cut_in_its_header(recording: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.evtx"
    cut.write_bytes(recording.read_bytes()[:size])
    items = read(cut)
    assert items
    assert {item.reason for item in items} == {Reason.TRUNCATED}


def test_a_damaged_record_leaves_its_neighbors(recording: Path, tmp_path: Path) -> None:
    data = bytearray(recording.read_bytes())
    starts = [place for place in range(4096 + 512, 4096 + CHUNK, 8) if data[place : place + 4] == b"**\0\0"]
    victim = starts[len(starts) // 2]
    data[victim + 24 : victim + 40] = b"\xee" * 16
    damaged = tmp_path / "damaged.evtx"
    damaged.write_bytes(data)
    items = read(damaged)
    whole = read(recording)
    assert len([item for item in items if isinstance(item, Record)]) >= len(whole) - 1
    assert {item.reason for item in items if isinstance(item, DeadLetter)} == {Reason.UNDECODABLE}


def test_offsets_that_run_in_a_circle_do_not_stop_the_reader(recording: Path, tmp_path: Path) -> None:
    data = bytearray(recording.read_bytes())
    struct.pack_into("<I", data, 4096 + 128, 40)
    struct.pack_into("<I", data, 4096 + 40, 40)
    circle = tmp_path / "circle.evtx"
    circle.write_bytes(data)
    assert [item.position for item in read(circle)] == [item.position for item in read(recording)]


def test_random_damage_never_raises(shared_data: Path, tmp_path: Path) -> None:
    source = random.Random(20)
    recordings = sorted(shared_data.glob("evtx/**/*.evtx"))
    path = tmp_path / "damaged.evtx"
    for _ in range(150):
        data = bytearray(source.choice(recordings).read_bytes())
        for _ in range(source.randrange(1, 60)):
            data[source.choice([source.randrange(len(data)), source.randrange(8, 8192)])] = source.randrange(256)
        path.write_bytes(data[: source.randrange(9, len(data))] if source.random() < 0.3 else data)
        assert read(path)


def test_the_same_events_as_xml_have_the_same_documents(shared_data: Path, tmp_path: Path) -> None:
    checked = 0
    for recording in sorted(shared_data.glob("evtx/**/*.evtx")):
        rendered = [item["data"].split("?>", 1)[1] for item in evtx.PyEvtxParser(str(recording)).records()]
        path = tmp_path / "export.xml"
        path.write_text("<?xml version='1.0'?><Events>" + "".join(rendered) + "</Events>", encoding="utf-16")
        exported = read(path)
        assert [as_text(item.document) for item in exported] == [as_text(item.document) for item in read(recording)]
        checked += len(exported)
    assert checked > 500


def as_text(value: object) -> object:
    """The value with numbers as XML writes them and line breaks as it keeps them."""
    if isinstance(value, dict):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("\r\n", "\n").replace("\r", "\n")
