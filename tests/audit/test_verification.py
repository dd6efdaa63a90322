"""Nobody touches the trail unseen: tampered with in every way, checked in the database and as an exported file.

``FENGSUI_TAMPERINGS`` says how often a trail of a thousand records is tampered with at random (420 without it).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from audit import (
    Actor,
    AnchorFile,
    AuditEntry,
    AuditRecord,
    CheckpointDue,
    CheckpointSigner,
    Trust,
    export_lines,
    is_due,
    record,
    seal,
    verify_trail,
)
from audit import verify_export as program
from audit.signing import signature_holds
from audit.verify_export import (
    TrailCheck,
    Verdict,
    _sm3_in_python,
    checkpoint_message,
    ed25519_holds,
    merkle_root,
    sm3,
)
from store.records import RecordsDatabase
from tests.audit.tampering import TAMPERINGS, Trail, chain_anew, open_to_change, truncate

_SIGNER = CheckpointSigner(bytes(range(32)))
_ACTOR = Actor("user", "u1", "王敏")
_NOW = CheckpointDue(100, 0)
_TAMPERINGS = int(os.environ.get("FENGSUI_TAMPERINGS", "420"))


def _append(database: RecordsDatabase, count: int) -> None:
    with database.begin() as session:
        for number in range(count):
            record(session, AuditEntry(_ACTOR, "alert:close", "alert", f"a{number}", after={"state": "误报"}))


def _seal_all(database: RecordsDatabase, due: CheckpointDue = _NOW) -> None:
    with database.begin() as session:
        while seal(session, _SIGNER, due):
            pass


def _lines(database: RecordsDatabase, kind: str) -> Trail:
    with database.read() as session:
        lines = list(export_lines(session))
    return [{k: v for k, v in line.items() if k != "kind"} for line in lines if line["kind"] == kind]


def _check(trail: Trail, checkpoints: Iterable[dict[str, Any]]) -> Verdict:
    return TrailCheck(checkpoints, [_SIGNER.public_key], signature_holds=signature_holds).run(map(dict, trail))


def test_a_sealed_trail_holds_and_is_anchored_to_its_last_checkpoint(database: RecordsDatabase) -> None:
    _append(database, 230)
    _seal_all(database)
    _append(database, 7)
    with database.read() as session:
        verdict = verify_trail(session, Trust((_SIGNER.public_key,)))
    assert (verdict.holds, verdict.records, verdict.anchored_to, verdict.unanchored) == (True, 237, 230, 7)
    assert [line["to_sequence"] for line in _lines(database, "checkpoint")] == [100, 200, 230]


def test_is_sealed_after_so_many_records_or_so_long(database: RecordsDatabase) -> None:
    _append(database, 9)
    with database.begin() as session:
        assert not is_due(session, CheckpointDue(10, 3600))
        assert seal(session, _SIGNER, CheckpointDue(10, 3600)) is None
        assert is_due(session, CheckpointDue(9, 3600))
        assert is_due(session, CheckpointDue(10, 0))
        assert is_due(session, CheckpointDue(10, 3600, 0))
        sealed = seal(session, _SIGNER, CheckpointDue(10, 0))
        assert sealed is not None
        assert sealed.to_sequence == 9
        assert not is_due(session, CheckpointDue(1, 0))
    _append(database, 1)
    with database.read() as session:
        assert not is_due(session, CheckpointDue(10, 3600, 0)), "only the very first is early"


def test_checkpoints_refuse_change(database: RecordsDatabase) -> None:
    _append(database, 3)
    _seal_all(database)
    for statement in ("UPDATE audit_checkpoints SET to_sequence = 2", "DELETE FROM audit_checkpoints"):
        with pytest.raises(DBAPIError, match="append-only"), database.begin() as session:
            session.execute(text(statement))


@pytest.mark.timeout(3600)
def test_every_tampering_is_found_or_lies_in_what_is_said_to_be_unanchored(database: RecordsDatabase) -> None:
    _append(database, 1000)
    _seal_all(database, CheckpointDue(250, 3600))
    pristine, checkpoints = _lines(database, "record"), _lines(database, "checkpoint")
    anchored = checkpoints[-2]["to_sequence"]
    kept = checkpoints[:-1]  # the last quarter stays unanchored
    random_ = random.Random(20261121)
    found = unanchored = 0
    for number in range(_TAMPERINGS):
        trail = [dict(row) for row in pristine]
        tamper = TAMPERINGS[number % len(TAMPERINGS)]
        at = random_.randrange(len(trail))
        tamper(trail, at, random_)
        verdict = _check(trail, kept)
        if verdict.holds:
            assert at >= anchored, f"{tamper.__name__} at {at + 1} was not seen"
            assert verdict.anchored_to == anchored
            unanchored += 1
        else:
            assert verdict.first_bad is not None
            assert verdict.first_bad <= at + 1
            found += 1
    assert found > _TAMPERINGS * 2 // 3
    assert unanchored > _TAMPERINGS // 20


@pytest.mark.parametrize("number", [0, -(2**63)])
def test_a_record_forged_before_the_first_is_found(database: RecordsDatabase, number: int) -> None:
    _append(database, 450)
    with database.begin() as session:
        first = session.execute(select(AuditRecord.__table__).where(AuditRecord.sequence == 1)).mappings().one()
        session.execute(insert(AuditRecord).values({**first, "sequence": number}))
    with database.read() as session:
        verdict = verify_trail(session, Trust())
    assert (verdict.first_bad, verdict.records) == (1, 451)


def test_a_rewritten_record_is_named_though_every_digest_fits_again(database: RecordsDatabase) -> None:
    _append(database, 50)
    _seal_all(database)
    trail, checkpoints = _lines(database, "record"), _lines(database, "checkpoint")
    trail[29]["actor_name"] = "somebody else"
    chain_anew(trail, 29)
    verdict = _check(trail, checkpoints)
    assert verdict.first_bad == 30
    assert "rewritten" in verdict.problems[0]
    assert _check(trail, []).holds  # without an anchor nothing tells, and it says so:
    assert _check(trail, []).unanchored == 50


def test_a_cut_end_is_named_by_the_copy_kept_elsewhere(database: RecordsDatabase, tmp_path: Path) -> None:
    anchors = AnchorFile(tmp_path / "elsewhere" / "checkpoints.ndjson")
    for _ in range(2):
        _append(database, 30)
        _seal_all(database)
        with database.read() as session:
            assert anchors.catch_up(session) == 1
            assert anchors.catch_up(session) == 0
    assert AnchorFile(anchors.path)._copied_to == 60
    with database.begin() as session:
        for table in ("audit_records", "audit_checkpoints"):
            open_to_change(session, table)
        session.execute(text("DELETE FROM audit_records WHERE sequence > 40"))
        session.execute(text("DELETE FROM audit_checkpoints WHERE to_sequence > 30"))
    with database.read() as session:
        alone = verify_trail(session, Trust((_SIGNER.public_key,)))
        verdict = verify_trail(session, Trust((_SIGNER.public_key,), (anchors.path, tmp_path / "none")))
    assert (alone.holds, alone.anchored_to, alone.unanchored) == (True, 30, 10)
    assert (verdict.first_bad, verdict.holds) == (41, False)


def test_a_checkpoint_signed_by_another_vouches_for_nothing(database: RecordsDatabase) -> None:
    _append(database, 10)
    _seal_all(database)
    checkpoints = _lines(database, "checkpoint")
    forged = {**checkpoints[0], "head_digest": "0" * 64}
    forged["signature"] = CheckpointSigner(bytes(32)).sign(checkpoint_message(forged)).hex()
    for bad in (forged, {**checkpoints[0], "from_sequence": 2}, {"to_sequence": 10}, {}):
        verdict = _check(_lines(database, "record"), [bad])
        assert not verdict.holds
        assert verdict.anchored_to == 0
        assert verdict.first_bad is None
    contradicting = {**checkpoints[0], "created_ms": 1, "signature": ""}
    contradicting["signature"] = _SIGNER.sign(checkpoint_message(contradicting)).hex()
    assert "contradict" in _check(_lines(database, "record"), [checkpoints[0], contradicting]).problems[0]


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", program.__file__, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_stand_alone_program_needs_nothing_but_the_export(database: RecordsDatabase, tmp_path: Path) -> None:
    _append(database, 25)
    _seal_all(database, CheckpointDue(20, 3600))
    with database.read() as session:
        lines = [json.dumps(line, ensure_ascii=False) for line in export_lines(session)]
    export, key = tmp_path / "trail.ndjson", tmp_path / "key"
    export.write_text("\n".join(lines), encoding="utf-8")
    key.write_text(_SIGNER.public_key.hex() + "\n", encoding="ascii")
    good = _run(export, "--public-key", key)
    assert (good.returncode, good.stderr) == (0, "")
    assert "anchored: 1 to 20\nunanchored: 21 to 25" in good.stdout
    export.write_text("\n".join(lines).replace('"a11"', '"a99"'), encoding="utf-8")
    bad = _run(export, "--public-key", _SIGNER.public_key.hex())
    assert bad.returncode == 1
    assert "first bad record: 12" in bad.stdout
    assert _run(export, "--public-key", "no key").returncode == 2
    export.write_text("\n".join([*lines[:5], "{broken", "[]", *lines[6:]]), encoding="utf-8")
    assert _run(export, "--public-key", key).returncode == 1


def test_cutting_an_export_is_seen_with_the_checkpoints_kept_elsewhere(
    database: RecordsDatabase, tmp_path: Path
) -> None:
    _append(database, 25)
    _seal_all(database, CheckpointDue(20, 3600))
    trail, checkpoints = _lines(database, "record"), _lines(database, "checkpoint")
    truncate(trail, 15, random.Random(1))
    export, anchors = tmp_path / "trail.ndjson", tmp_path / "anchors.ndjson"
    export.write_text("".join(json.dumps({"kind": "record", **row}) + "\n" for row in trail), encoding="utf-8")
    anchors.write_text("".join(json.dumps(row) + "\n" for row in checkpoints), encoding="utf-8")
    result = _run(export, "--anchors", anchors, "--public-key", _SIGNER.public_key.hex())
    assert "first bad record: 16" in result.stdout


def test_sm3_gives_the_examples_of_its_standard() -> None:
    # GB/T 32905-2016, appendix A
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert _sm3_in_python(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@given(st.binary(max_size=300))
def test_both_ways_of_sm3_agree(data: bytes) -> None:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    assert _sm3_in_python(data) == sm3(data) == digest.finalize()


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64), st.integers(0, 511))
def test_both_ways_of_checking_a_signature_agree(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert ed25519_holds(public, signature, message)
    assert signature_holds(public, signature, message)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not ed25519_holds(public, bytes(flipped), message)
    assert not signature_holds(public, bytes(flipped), message)
    assert not ed25519_holds(public, signature, message + b"x")


@given(st.lists(st.binary(max_size=8), max_size=20))
def test_the_merkle_root_is_that_of_the_rfc(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == _rfc_6962(leaves)


def _rfc_6962(leaves: list[bytes]) -> bytes:
    """The recursion as RFC 6962 §2.1 writes it."""
    if not leaves:
        return sm3(b"")
    if len(leaves) == 1:
        return sm3(b"\x00" + leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sm3(b"\x01" + _rfc_6962(leaves[:split]) + _rfc_6962(leaves[split:]))
