"""The spool keeps what it took, whatever happens to it."""

from __future__ import annotations

import random
import resource
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.sources.spool import KeyReusedError, Message, Spool, SpoolError, SpoolFullError, SpoolReader
from collectors.sources.spool.reader import Corruption
from collectors.sources.spool.segment import START, read_frames
from collectors.sources.spool.spool import SpoolSettings


def everything(spool: Spool, position: int = 1) -> list[tuple[int, bytes]]:
    found = SpoolReader(spool, position).read(1_000_000)
    return [(item.sequence, item.message.data) for item in found if not isinstance(item, Corruption)]


def messages(*texts: str) -> list[Message]:
    return [Message(text.encode()) for text in texts]


def test_messages_come_back_in_order_with_their_senders(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([Message(b"one", "10.0.0.1:514"), Message(b"\x00\xff two", None)])
    spool.append([Message(b"three", "[2001:db8::1]:6514", length=9, is_cut=True)])
    found = list(SpoolReader(spool, 1).read(10))
    assert [(item.sequence, item.message) for item in found if not isinstance(item, Corruption)] == [
        (1, Message(b"one", "10.0.0.1:514", 3)),
        (2, Message(b"\x00\xff two", None, 6)),
        (3, Message(b"three", "[2001:db8::1]:6514", 9, is_cut=True)),
    ]
    spool.close()


def test_numbers_and_id_go_on_after_reopening(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(messages("a", "b"))
    spool.close()
    again = Spool(tmp_path)
    again.append(messages("c"))
    assert again.id == spool.id
    assert everything(again) == [(1, b"a"), (2, b"b"), (3, b"c")]
    assert everything(again, 3) == [(3, b"c")]
    again.close()


def test_reader_sees_what_is_appended_later(tmp_path: Path) -> None:
    spool = Spool(tmp_path, SpoolSettings(segment_bytes=4096))
    reader = SpoolReader(spool, 1)
    seen = []
    for number in range(50):
        spool.append(messages(f"{number}" * 100))
        seen += [item.message.data for item in reader.read(1000) if not isinstance(item, Corruption)]
    assert seen == [(f"{number}" * 100).encode() for number in range(50)]
    spool.close()


def test_delivered_segments_are_deleted_and_numbers_never_return(tmp_path: Path) -> None:
    spool = Spool(tmp_path, SpoolSettings(segment_bytes=4096))
    for number in range(40):
        spool.append(messages(f"{number:0500d}"))
    before = len(list(tmp_path.glob("*.segment")))
    spool.release(41)
    assert before > 3
    assert len(list(tmp_path.glob("*.segment"))) == 1
    spool.close()
    again = Spool(tmp_path)
    again.append(messages("next"))
    assert everything(again, 41) == [(41, b"next")]
    again.close()


def test_a_lost_spool_does_not_give_numbers_that_were_delivered(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.skip_to(500)
    spool.append(messages("new"))
    assert everything(spool, 500) == [(500, b"new")]
    spool.close()


def test_full_spool_refuses_whole_pushes_and_takes_again_after_release(tmp_path: Path) -> None:
    spool = Spool(tmp_path, SpoolSettings(max_bytes=1 << 16, segment_bytes=1 << 13))
    taken = 0
    while taken < 60:
        taken += spool.append(messages("x" * 1000, "y" * 1000))
    with pytest.raises(SpoolFullError, match="try again later"):
        spool.append(messages("x" * 1000, "y" * 4000))
    assert len(everything(spool)) == taken
    spool.release(taken)
    spool.append(messages("room"))
    assert everything(spool, taken + 1) == [(taken + 1, b"room")]
    spool.close()


def test_a_key_is_taken_once_even_after_its_segment_is_gone(tmp_path: Path) -> None:
    settings = SpoolSettings(segment_bytes=4096)
    spool = Spool(tmp_path, settings)
    assert spool.append(messages("a", "b"), "k1", "print") == 2
    assert spool.append(messages("a", "b"), "k1", "print") == 2
    with pytest.raises(KeyReusedError):
        spool.append(messages("c"), "k1", "other")
    for _ in range(20):
        spool.append(messages("z" * 1000))
    spool.release(20)
    spool.close()
    again = Spool(tmp_path, settings)
    assert again.append(messages("a", "b"), "k1", "print") == 2
    assert again.append(messages("new"), "k2", "p") == 1
    assert everything(again)[-1] == (23, b"new")
    again.close()


def test_many_threads_lose_and_double_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, SpoolSettings(segment_bytes=1 << 14))

    def push(worker: int) -> None:
        for number in range(50):
            spool.append(messages(f"{worker}/{number}"))

    threads = [threading.Thread(target=push, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = everything(spool)
    assert sorted(data for _, data in found) == sorted(f"{w}/{n}".encode() for w in range(8) for n in range(50))
    assert [number for number, _ in found] == list(range(1, 401))
    spool.close()


def _filled(folder: Path) -> list[tuple[int, bytes]]:
    spool = Spool(folder, SpoolSettings(segment_bytes=4096))
    for number in range(12):
        spool.append(messages(*(f"{number}.{part}." + "m" * 150 for part in range(3))))
    spool.close()
    return [
        (number * 3 + part + 1, f"{number}.{part}.".encode() + b"m" * 150) for number in range(12) for part in range(3)
    ]


def _frame_ends(segment: Path) -> dict[int, int]:
    """Where the frame of each message ends in the file."""
    ends = {}
    with segment.open("rb") as file:
        file.seek(START)
        for frame in read_frames(file, int(segment.name.split(".")[0])):
            ends |= dict.fromkeys(range(frame.sequence, frame.sequence + len(frame.messages)), file.tell())
    return ends


@settings(max_examples=30)
@given(data=st.data())
def test_damage_anywhere_costs_only_what_it_hits(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("spool")
    expected = _filled(folder)
    files = sorted(folder.glob("*.segment"))
    victim = data.draw(st.sampled_from(files))
    ends = _frame_ends(victim)
    content = victim.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        victim.write_bytes(content[:place])
    else:
        victim.write_bytes(
            content[:place] + bytes([content[place] ^ data.draw(st.integers(1, 255))]) + content[place + 1 :]
        )
    spool = Spool(folder)
    items = list(SpoolReader(spool, 1).read(1_000_000))
    found = [(item.sequence, item.message.data) for item in items if not isinstance(item, Corruption)]
    lost = [pair for pair in expected if pair not in found]
    assert [pair for pair in found if pair not in expected] == []
    first_of_victim = int(victim.name.split(".")[0])
    following = [int(file.name.split(".")[0]) for file in files if file > victim]
    assert all(first_of_victim <= number < (following[0] if following else 1000) for number, _ in lost)
    assert all(pair in found for pair in expected if ends.get(pair[0], place + 1) <= place)
    spool.append(messages("after"))
    position = SpoolReader(spool, 1)
    assert [item.message.data for item in position.read(10**6) if not isinstance(item, Corruption)][-1] == b"after"
    spool.close()


def test_corruption_in_the_middle_is_reported_with_what_is_left(tmp_path: Path) -> None:
    _filled(tmp_path)
    first, second = sorted(tmp_path.glob("*.segment"))[:2]
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 0xFF
    first.write_bytes(content)
    spool = Spool(tmp_path)
    damaged = [item for item in SpoolReader(spool, 1).read(10**6) if isinstance(item, Corruption)]
    assert len(damaged) == 1
    assert damaged[0].next_sequence == int(second.name.split(".")[0])
    assert damaged[0].raw
    assert damaged[0].length == len(damaged[0].raw)
    assert content.endswith(damaged[0].raw)
    spool.close()


@pytest.mark.fault
def test_a_full_disk_refuses_and_keeps_what_was_taken(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(messages("before"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(SpoolFullError, match="disk is full"):
            spool.append(messages(*("x" * 1000 for _ in range(100))))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    spool.append(messages("after"))
    assert everything(spool) == [(1, b"before"), (2, b"after")]
    spool.close()


def test_a_folder_that_is_none_says_so(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(SpoolError, match="can't open the spool"):
        Spool(file)


def test_random_pushes_and_reopenings(tmp_path: Path) -> None:
    dice = random.Random(7)
    spool = Spool(tmp_path, SpoolSettings(segment_bytes=4096))
    expected: list[bytes] = []
    released = 0
    for step in range(200):
        batch = [f"{step}:{dice.random()}" * dice.randint(1, 9) for _ in range(dice.randint(1, 5))]
        spool.append(messages(*batch))
        expected += [text.encode() for text in batch]
        if dice.random() < 0.1:
            released = dice.randint(released, len(expected))
            spool.release(released + 1)
        if dice.random() < 0.1:
            spool.close()
            spool = Spool(tmp_path, SpoolSettings(segment_bytes=4096))
    assert everything(spool, released + 1) == list(enumerate(expected[released:], released + 1))
    spool.close()
