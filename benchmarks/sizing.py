"""From events a second to machines and disks: ``python -m benchmarks.sizing [--event-bytes N] ...``.

Prints two tables in Markdown: one installation by its rate, and a province that fifty cities join, simulated day by day
for three years: each day adds what was logged and drops what its retention class no longer keeps
(``policies/retention/classes.yml``). Every figure that is assumed is an option; measure your own first.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run from anywhere

from policies.retention import storage_policy

RATES = (100, 1_000, 5_000, 20_000, 100_000, 1_000_000)
"""Events a second, on average over the day."""
CITIES, CITY_RATE, JOINING_MONTHS, MONTHS = 50, 20_000, 24, 36
"""The province: so many cities join at an even pace, each with so many events a second."""
DAY_SECONDS, MONTH_DAYS = 86_400, 30
TB, GB = 1e12, 1e9


@dataclass(frozen=True)
class Assumptions:
    """What is assumed; defaults are ours, as docs/operations.md says where from."""

    event_bytes: int
    stored_share: float
    peak: float
    worker_rate: int
    node_rate: int
    node_disk_tb: float
    warm_disk_tb: float
    embedded_rate: int
    fullness: float = 0.75
    replicas: int = 1
    kafka_days: int = 3
    kafka_copies: int = 3
    class_shares: tuple[tuple[str, float], ...] = (
        ("standard", 0.80),
        ("identity", 0.15),
        ("data_access", 0.049),
        ("certificate_access", 0.001),
    )


def main() -> None:
    """Print both tables."""
    assumed = _options()
    days = storage_policy().days
    print("\n".join(_by_rate(assumed, days)))
    print()
    print("\n".join(_province(assumed, days)))


def _by_rate(assumed: Assumptions, days: Mapping[str, int]) -> Iterator[str]:
    yield "| events/s | a day, raw | kept in the end | engine | Elasticsearch nodes | detection workers | Kafka |"
    yield "|--:|--:|--:|---|--:|--:|--:|"
    for rate in RATES:
        held = sum(_day_bytes(rate, assumed) * share * days[name] for name, share in assumed.class_shares)
        raw = _day_bytes(rate, assumed) / assumed.stored_share
        if rate * assumed.peak <= assumed.embedded_rate:
            yield f"| {rate:,} | {raw / GB:,.0f} GB | {held / TB:,.1f} TB | embedded, one machine | – | – | – |"
            continue
        nodes, workers = _nodes(rate, held, assumed), _workers(rate, assumed)
        kafka = raw * assumed.kafka_days * assumed.kafka_copies
        both = held * (1 + assumed.replicas)
        yield (
            f"| {rate:,} | {raw / GB:,.0f} GB | {both / TB:,.1f} TB with copies | Elasticsearch | {nodes} | {workers} "
            f"| {kafka / TB:,.1f} TB |"
        )


def _province(assumed: Assumptions, days: Mapping[str, int]) -> Iterator[str]:
    yield "| month | cities | events/s | a day, raw | kept, with copies | hot nodes | warm nodes | detection workers |"
    yield "|--:|--:|--:|--:|--:|--:|--:|--:|"
    written: list[float] = []
    for month in range(1, MONTHS + 1):
        cities = min(CITIES, math.ceil(CITIES * month / JOINING_MONTHS))
        written += [_day_bytes(cities * CITY_RATE, assumed)] * MONTH_DAYS
        if month not in {1, 6, 12, 18, 24, 30, 36}:
            continue
        rate, held = cities * CITY_RATE, _held(written, assumed, days)
        hot = sum(written[-7:]) * (1 + assumed.replicas)
        hot_nodes = max(
            3, math.ceil(rate * assumed.peak / assumed.node_rate), _disks(hot, assumed.node_disk_tb, assumed)
        )
        warm = max(0.0, held - hot)
        raw = written[-1] / assumed.stored_share
        yield (
            f"| {month} | {cities} | {rate:,} | {raw / TB:,.1f} TB | {held / TB:,.0f} TB | {hot_nodes} "
            f"| {_disks(warm, assumed.warm_disk_tb, assumed)} | {_workers(rate, assumed)} |"
        )


def _held(written: list[float], assumed: Assumptions, days: Mapping[str, int]) -> float:
    """Bytes on disks after the days written so far: of each class, the days that it keeps, with copies."""
    kept = sum(sum(written[-days[name] :]) * share for name, share in assumed.class_shares)
    return kept * (1 + assumed.replicas)


def _day_bytes(rate: int, assumed: Assumptions) -> float:
    return rate * DAY_SECONDS * assumed.event_bytes * assumed.stored_share


def _nodes(rate: int, held: float, assumed: Assumptions) -> int:
    """Three at least, so that one may fail; else what the peak or the disks need."""
    by_rate = math.ceil(rate * assumed.peak / assumed.node_rate)
    return max(3, by_rate, _disks(held * (1 + assumed.replicas), assumed.node_disk_tb, assumed))


def _disks(held: float, disk_tb: float, assumed: Assumptions) -> int:
    return math.ceil(held / (disk_tb * TB * assumed.fullness))


def _workers(rate: int, assumed: Assumptions) -> int:
    return max(2, math.ceil(rate * assumed.peak / assumed.worker_rate))


def _options() -> Assumptions:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--event-bytes", type=int, default=800, help="of a raw record, on average")
    parser.add_argument("--stored-share", type=float, default=0.5, help="bytes on disk for a byte of raw record")
    parser.add_argument("--peak", type=float, default=3.0, help="the busiest minute against the day's average")
    parser.add_argument(
        "--worker-rate", type=int, default=4_000, help="events/s that a detection worker (a core) takes"
    )
    parser.add_argument("--node-rate", type=int, default=20_000, help="events/s that one Elasticsearch node takes")
    parser.add_argument("--node-disk-tb", type=float, default=20, help="disk of an Elasticsearch node in TB")
    parser.add_argument("--warm-disk-tb", type=float, default=80, help="disk of a warm node in TB")
    parser.add_argument("--embedded-rate", type=int, default=4_000, help="events/s at the peak that one machine takes")
    return Assumptions(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
