"""What somebody with the database in hand, but without the signing key, can do to a trail."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from audit.verify_export import GENESIS_DIGEST, canonical_row, sm3

Trail = list[dict[str, Any]]


def open_to_change(session: Session, table: str) -> None:
    """Take away what refuses changes, as somebody may who owns the database."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    else:
        for operation in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER {table}_no_{operation}"))


def change(trail: Trail, at: int, random_: random.Random) -> None:
    name = random_.choice(["actor_name", "action", "object_id", "reason", "after", "time_ms", "outcome", "digest"])
    trail[at][name] = 12345 if name == "time_ms" else f"tampered {random_.random()}"


def delete(trail: Trail, at: int, random_: random.Random) -> None:
    del trail[at : at + random_.randint(1, 5)]


def insert(trail: Trail, at: int, _random: random.Random) -> None:
    trail.insert(at, {**trail[at], "action": "forged:entry"})


def reorder(trail: Trail, at: int, random_: random.Random) -> None:
    other = (at + random_.randint(1, len(trail) - 1)) % len(trail)
    trail[at], trail[other] = trail[other], trail[at]


def truncate(trail: Trail, at: int, _random: random.Random) -> None:
    del trail[at:]


def rewrite(trail: Trail, at: int, random_: random.Random) -> None:
    """Change a record and make every digest after it right again."""
    trail[at]["object_id"] = f"rewritten {random_.random()}"
    chain_anew(trail, at)


def rewrite_without(trail: Trail, at: int, _random: random.Random) -> None:
    """Take a record out and close the gap, numbers and digests alike."""
    del trail[at]
    chain_anew(trail, at)


def chain_anew(trail: Trail, start: int) -> None:
    for index in range(start, len(trail)):
        row = trail[index]
        row["sequence"] = index + 1
        row["previous_digest"] = trail[index - 1]["digest"] if index else GENESIS_DIGEST
        row["digest"] = sm3(canonical_row({k: v for k, v in row.items() if k != "digest"})).hex()


TAMPERINGS: tuple[Callable[[Trail, int, random.Random], None], ...] = (
    *(change, delete, insert, reorder, truncate, rewrite, rewrite_without),
)
