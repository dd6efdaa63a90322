"""What waits for delivery goes in groups: as much as there is, in order, and never more than the bounds allow."""

from __future__ import annotations

import threading
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collectors.delivery import DeliverySettings, Parcel
from collectors.delivery.queue import BatchQueue
from tests.collectors.delivery.batches import batch, numbers
from tests.patience import PATIENCE_SECONDS


def _never() -> bool:
    return False


def _at_once() -> bool:
    return True


@given(st.lists(st.integers(1, 30), max_size=12), st.integers(1, 60), st.integers(65_536, 80_000))
def test_groups_keep_the_order_and_the_bounds(sizes: list[int], most_records: int, most_bytes: int) -> None:
    settings = DeliverySettings(group_records=most_records, group_bytes=most_bytes)
    queue = BatchQueue(settings)
    given_in = [Parcel(batch(0, *numbers(0, size), b"x" * size * 1_000)) for size in sizes]
    for parcel in given_in:
        assert queue.put(parcel, _never)
    groups = []
    while group := queue.take(_at_once):
        groups.append(group)
    assert [parcel for group in groups for parcel in group] == given_in
    assert queue.load == (0, 0)
    assert all(len(group) == 1 or (_records(group) <= most_records and _bytes(group) <= most_bytes) for group in groups)
    for group, following in pairwise(groups):
        assert _records([*group, following[0]]) > most_records or _bytes([*group, following[0]]) > most_bytes


def _records(group: list[Parcel]) -> int:
    return sum(parcel.records for parcel in group)


def _bytes(group: list[Parcel]) -> int:
    return sum(parcel.bytes for parcel in group)


def test_a_group_is_taken_at_once_when_a_source_waits_for_room() -> None:
    queue = BatchQueue(DeliverySettings(linger_seconds=1e6, queue_records=10, group_records=10))
    for start in (0, 4):
        queue.put(Parcel(batch(start, *numbers(start, start + 4))), _never)
    waiting = threading.Thread(target=queue.put, args=(Parcel(batch(8, *numbers(8, 12))), _never), daemon=True)
    waiting.start()
    groups: list[list[Parcel]] = []
    taking = threading.Thread(target=lambda: groups.append(queue.take(_never)), daemon=True)
    taking.start()
    taking.join(PATIENCE_SECONDS)
    assert [_records(group) for group in groups] == [8]
    waiting.join(PATIENCE_SECONDS)
    assert queue.load[0] == 4


def test_a_group_is_what_gathered_meanwhile() -> None:
    queue = BatchQueue(DeliverySettings(linger_seconds=0))
    queue.put(Parcel(batch(0, *numbers(0, 5))), _never)
    assert _records(queue.take(_never)) == 5
    for start in range(5, 30_005, 5_000):
        queue.put(Parcel(batch(start, *numbers(start, start + 5_000))), _never)
    assert _records(queue.take(_never)) == 30_000
