"""The HTTP intake: who may push, how much, and that an answer means the records are on disk."""

from __future__ import annotations

import gzip
import hashlib
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from collectors.record import Reason
from collectors.sources import Checkpoints
from collectors.sources.config import HttpSourceConfig
from collectors.sources.http import HttpSource, IntakeServer
from collectors.sources.spool import Spool, SpooledMessage, SpoolReader
from collectors.sources.spool.spool import SpoolSettings

TOKEN = "correct-horse"
OTHER = "other-source"


class Intake:
    def __init__(self, folder: Path, checkpoints: Checkpoints, settings: SpoolSettings | None = None) -> None:
        self.server = IntakeServer("127.0.0.1:0")
        self.spools = {}
        self.sources = []
        for name, token in (("web", TOKEN), ("db", OTHER)):
            config = HttpSourceConfig(
                name=name,
                listen="127.0.0.1:0",
                token_sha256=(hashlib.sha256(token.encode()).hexdigest(),),
                max_body_bytes=10_000,
                max_expanded_bytes=16_000,
            )
            self.spools[name] = Spool(folder / name, settings)
            self.sources.append(HttpSource(config, self.spools[name], checkpoints, self.server))
        for source in self.sources:
            source.open()
        assert self.server.address is not None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.server.address[1]}")

    def push(self, body: bytes, source: str = "web", token: str | None = TOKEN, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            named["Authorization"] = f"Bearer {token}"
        return self.client.post(f"/intake/{source}", content=body, headers=named)

    def spooled(self, source: str = "web") -> list[bytes]:
        found = SpoolReader(self.spools[source], 1).read(100_000)
        return [item.message.data for item in found if isinstance(item, SpooledMessage)]

    def close(self) -> None:
        self.client.close()
        for source in self.sources:
            source.close()


@pytest.fixture
def intake(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Intake]:
    made = Intake(tmp_path, checkpoints)
    yield made
    made.close()


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["detail"]
    return response.status_code, body["code"]


def test_lines_are_on_disk_when_the_answer_comes(intake: Intake) -> None:
    response = intake.push(b'{"a":1}\r\n\n{"b":2}\nnot json\n')
    assert (response.status_code, response.json()) == (202, {"accepted": 3})
    assert intake.spooled() == [b'{"a":1}', b'{"b":2}', b"not json"]
    assert intake.spooled("db") == []


def test_an_array_gives_its_elements(intake: Intake) -> None:
    response = intake.push(b' [{"a": 1}, {"b": "\xe7\x83\xbd"}, 3]', content_type="application/json; charset=utf-8")
    assert response.json() == {"accepted": 3}
    assert intake.spooled() == [b'{"a":1}', '{"b":"烽"}'.encode(), b"3"]
    assert problem(intake.push(b'[{"a": 1}', content_type="application/json")) == (400, "invalid_json")
    assert problem(intake.push(b"[" * 9_000, content_type="application/json")) == (400, "invalid_json")


def test_gzip_is_expanded_within_its_limit(intake: Intake) -> None:
    body = gzip.compress(b'{"a":1}\n') + gzip.compress(b'{"b":2}\n')
    assert intake.push(body, content_encoding="gzip").json() == {"accepted": 2}
    bomb = gzip.compress(b"x" * 5_000_000)
    assert len(bomb) < 10_000
    assert problem(intake.push(bomb, content_encoding="gzip")) == (413, "too_large")
    assert problem(intake.push(body[:-5], content_encoding="gzip")) == (400, "invalid_gzip")
    assert problem(intake.push(b"plain", content_encoding="gzip")) == (400, "invalid_gzip")
    assert problem(intake.push(b"x", content_encoding="br")) == (415, "unsupported_encoding")
    assert len(intake.spooled()) == 2


def test_a_body_beyond_the_limit_is_refused_however_it_is_sent(intake: Intake) -> None:
    assert problem(intake.push(b"x" * 10_001)) == (413, "too_large")
    chunks = (b"x" * 1000 for _ in range(20))
    response = intake.client.post("/intake/web", content=chunks, headers={"Authorization": f"Bearer {TOKEN}"})
    assert problem(response) == (413, "too_large")
    assert intake.spooled() == []


@pytest.mark.parametrize("token", [None, "wrong", "correct-horse2", "烽燧".encode().decode("latin-1")])
def test_no_valid_token(intake: Intake, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}".encode("latin-1")}
    for source in ("web", "nowhere"):
        response = intake.client.post(f"/intake/{source}", content=b"x", headers=headers)
        assert problem(response) == (401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"
    assert intake.client.post("/intake/web", content=b"x", headers={"Authorization": TOKEN}).status_code == 401


def test_a_token_opens_only_its_own_source(intake: Intake) -> None:
    assert problem(intake.push(b"x", source="db")) == (403, "forbidden")
    assert problem(intake.push(b"x", source="nowhere")) == (403, "forbidden")
    assert intake.push(b"x", source="db", token=OTHER).status_code == 202
    assert intake.client.get("/intake/web").status_code == 405


def test_the_same_key_is_taken_once_even_after_a_restart(tmp_path: Path, checkpoints: Checkpoints) -> None:
    first = Intake(tmp_path, checkpoints)
    assert first.push(b"a\nb\n", idempotency_key="k").json() == {"accepted": 2}
    assert first.push(b"a\nb\n", idempotency_key="k").json() == {"accepted": 2}
    first.close()
    second = Intake(tmp_path, checkpoints)
    assert second.push(b"a\nb\n", idempotency_key="k").json() == {"accepted": 2}
    assert problem(second.push(b"other", idempotency_key="k")) == (422, "idempotency_key_reused")
    assert problem(second.push(b"a", idempotency_key="k" * 256)) == (400, "invalid_idempotency_key")
    assert second.spooled() == [b"a", b"b"]
    second.close()


def test_a_full_spool_asks_to_come_again(tmp_path: Path, checkpoints: Checkpoints) -> None:
    intake = Intake(tmp_path, checkpoints, SpoolSettings(max_bytes=1 << 16))
    statuses = [intake.push(b"x" * 9_000) for _ in range(12)]
    assert problem(statuses[-1]) == (503, "spool_full")
    assert int(statuses[-1].headers["retry-after"]) > 0
    assert len(intake.spooled()) == sum(response.status_code == 202 for response in statuses)
    intake.close()


def test_records_name_their_sender_and_deep_ones_are_dead_letters(intake: Intake) -> None:
    intake.push(b'{"a":1}\nplain\n' + b'{"a":' * 1500 + b"1" + b"}" * 1500 + b"\n")
    batch = next(intake.sources[0].batches(threading.Event()))
    assert [(record.position, record.document, record.text) for record in batch.records] == [
        (1, {"a": 1}, None),
        (2, None, "plain"),
    ]
    assert all(str(record.peer).startswith("127.0.0.1:") for record in batch.records)
    assert [(letter.position, letter.reason) for letter in batch.dead_letters] == [(3, Reason.TOO_DEEP)]
    assert batch.checkpoint is not None
    assert (batch.checkpoint.identity, batch.checkpoint.position) == (intake.spools["web"].id, 4)
    assert batch.reference_ms > 0


def test_an_interrupted_push_leaves_nothing(intake: Intake) -> None:
    def broken() -> Iterator[bytes]:
        yield b"first\n"
        raise io.UnsupportedOperation

    with pytest.raises(io.UnsupportedOperation):
        intake.client.post("/intake/web", content=broken(), headers={"Authorization": f"Bearer {TOKEN}"})
    assert intake.push(b"whole\n").status_code == 202
    assert intake.spooled() == [b"whole"]
