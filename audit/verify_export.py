#!/usr/bin/env python3
"""Check an exported audit trail: one file, needs nothing but Python, no database and no other part of Fengsui.

Usage: python3 verify_export.py EXPORT [--anchors FILE ...] --public-key HEX_OR_FILE

EXPORT is NDJSON as ``fengsui audit export`` writes it. ANCHORS are copies of checkpoints kept away from the database.
The public key must come from where its owner published it, never from the export. Exit status: 0 the trail holds,
1 it does not, 2 wrong usage.

A record's digest is SM3 (GB/T 32905-2016) of its canonical JSON (RFC 8785), which holds the previous record's digest.
A checkpoint says how long the trail was, its last digest and the Merkle root (RFC 6962 §2.1, with SM3) of the records
since the checkpoint before, and is signed with Ed25519 (RFC 8032). Records after the last checkpoint are unanchored:
a chain alone can be cut at its end or rewritten whole.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

GENESIS_DIGEST = "0" * 64
PREFIX_DIGITS = 16
"""Hexadecimal digits of each record's digest that a checkpoint repeats, so that a rewritten record can be named."""
CHECKPOINT_CONTEXT = b"fengsui-audit-checkpoint\n"
Row: TypeAlias = dict[str, Any]
Digest: TypeAlias = Callable[[bytes], bytes]
Canonical: TypeAlias = Callable[[Row], bytes]
CheckSignature: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""Whether a signature (second) of a message (third) was made by the owner of a public key (first)."""


def _sm3_in_python(data: bytes) -> bytes:
    """SM3 after GB/T 32905-2016, for a Python whose OpenSSL lacks it."""
    mask = 0xFFFFFFFF

    def rotate(value: int, by: int) -> int:
        by %= 32
        return ((value << by) | (value >> (32 - by))) & mask

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + b"\x00" * ((55 - len(data)) % 64) + (len(data) * 8).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        words = [int.from_bytes(padded[start + 4 * i : start + 4 * i + 4], "big") for i in range(16)]
        for i in range(16, 68):
            mixed = words[i - 16] ^ words[i - 9] ^ rotate(words[i - 3], 15)
            mixed ^= rotate(mixed, 15) ^ rotate(mixed, 23)
            words.append(mixed ^ rotate(words[i - 13], 7) ^ words[i - 6])
        a, b, c, d, e, f, g, h = state
        for i in range(64):
            constant = 0x79CC4519 if i < 16 else 0x7A879D8A  # noqa: PLR2004 (the standard's rounds)
            ss1 = rotate((rotate(a, 12) + e + rotate(constant, i)) & mask, 7)
            ss2 = ss1 ^ rotate(a, 12)
            early = i < 16  # noqa: PLR2004 (as above)
            ff = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if early else (e & f) | (~e & mask & g)
            tt1 = (ff + d + ss2 + (words[i] ^ words[i + 4])) & mask
            tt2 = (gg + h + ss1 + words[i]) & mask
            a, b, c, d, e, f, g, h = (
                tt1,
                a,
                rotate(b, 9),
                c,
                tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17),
                e,
                rotate(f, 19),
                g,
            )
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


def _fastest_sm3() -> Digest:
    try:
        empty = hashlib.new("sm3")
    except ValueError:
        return _sm3_in_python

    def digest(data: bytes) -> bytes:
        hashing = empty.copy()
        hashing.update(data)
        return hashing.digest()

    return digest


sm3 = _fastest_sm3()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def canonical_row(row: Row) -> bytes:
    """RFC 8785 of an object of texts, integers and nulls whose names are ASCII."""
    return _encode({name: row[name] for name in sorted(row)}).encode()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf data after RFC 6962 §2.1: leaves hashed behind 0x00, nodes behind 0x01, SM3 for SHA-256."""
    level = [sm3(b"\x00" + leaf) for leaf in leaves] or [sm3(b"")]
    while len(level) > 1:
        pairs = [sm3(b"\x01" + left + right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def checkpoint_message(checkpoint: Mapping[str, Any]) -> bytes:
    """What of a checkpoint is signed: everything but the signature."""
    return CHECKPOINT_CONTEXT + canonical_row({k: v for k, v in checkpoint.items() if k != "signature"})


_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
Point: TypeAlias = tuple[int, int, int, int]


def _add(left: Point, right: Point) -> Point:
    a = (left[1] - left[0]) * (right[1] - right[0]) % _P
    b = (left[1] + left[0]) * (right[1] + right[0]) % _P
    c, d = 2 * left[3] * right[3] * _D % _P, 2 * left[2] * right[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _point(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def ed25519_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature is good (RFC 8032 §5.1.7), in plain Python."""
    if len(public_key) != 32 or len(signature) != 64:  # noqa: PLR2004 (the lengths RFC 8032 gives)
        return False
    key, commitment = _point(public_key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or _BASE is None or scalar >= _ORDER:
        return False
    challenge = hashlib.sha512(signature[:32] + public_key + message).digest()
    left = _multiply(scalar, _BASE)
    right = _add(commitment, _multiply(int.from_bytes(challenge, "little") % _ORDER, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    Attributes:
        records: how many records there are.
        first_bad: number of the first record that is missing, changed or out of its place; None where all hold.
        anchored_to: number of the last record that a checkpoint with a good signature vouches for; 0 for none.
        problems: what is wrong, in words.
    """

    records: int
    first_bad: int | None
    anchored_to: int
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong; records after ``anchored_to`` are nevertheless unanchored."""
        return not self.problems

    @property
    def unanchored(self) -> int:
        """How many records no checkpoint vouches for."""
        return max(self.records - self.anchored_to, 0)


@dataclass(slots=True)
class TrailCheck:
    """Checks a trail record by record, in the order in which it is kept.

    Attributes:
        checkpoints: those found beside the records and those kept elsewhere.
        public_keys: trusted keys; a checkpoint signed with any other vouches for nothing.
        canonical: how a record is written for its digest.
        signature_holds: how signatures are checked.
    """

    checkpoints: Iterable[Row]
    public_keys: Sequence[bytes]
    canonical: Canonical = canonical_row
    signature_holds: CheckSignature = ed25519_holds
    _problems: list[str] = field(default_factory=list)
    _first_bad: int | None = None
    _digests: list[bytes] = field(default_factory=list)
    _anchors: dict[int, Row] = field(default_factory=dict)
    _sequence: int = 0
    _previous: object = GENESIS_DIGEST
    _longest: int = 0
    _anchored_to: int = 0

    def run(self, records: Iterable[Row]) -> Verdict:
        """The verdict over all records, which are taken apart on the way."""
        self._trust_checkpoints()
        self._longest = max(self._anchors, default=0)
        for row in records:
            self._take(row)
        self._look_for_a_cut()
        return Verdict(self._sequence, self._first_bad, self._anchored_to, tuple(self._problems))

    def _trust_checkpoints(self) -> None:
        for checkpoint in self.checkpoints:
            try:
                end, signature = int(checkpoint["to_sequence"]), bytes.fromhex(checkpoint["signature"])
                message, start = checkpoint_message(checkpoint), int(checkpoint["from_sequence"])
            except (KeyError, TypeError, ValueError):
                self._problems.append("a checkpoint is unreadable")
                continue
            if not any(self.signature_holds(key, signature, message) for key in self.public_keys):
                self._problems.append(f"the checkpoint of records {start} to {end} is not signed with a trusted key")
            elif self._anchors.setdefault(end, checkpoint) != checkpoint:
                self._problems.append(f"two checkpoints of record {end} contradict each other")

    def _take(self, row: Row) -> None:
        self._sequence += 1
        digest = row.pop("digest", None)
        computed = self._followed(row, digest) if self._first_bad is None else None
        self._previous = digest
        if self._sequence <= self._longest:
            self._digests.append(computed or _as_bytes(digest))
            if self._sequence in self._anchors:
                self._compare(self._anchors[self._sequence])

    def _followed(self, content: Row, digest: object) -> bytes | None:
        """The digest of a record that is in its place and as it was written, None where that is said to be wrong."""
        if content.get("sequence") != self._sequence:
            problem = "is missing or out of its place"
        elif content.get("previous_digest") != self._previous:
            problem = "does not follow the record before it"
        else:
            try:
                computed = sm3(self.canonical(content))
            except (TypeError, ValueError):
                problem = "can't be read"
            else:
                if computed.hex() == digest:
                    return computed
                problem = "was changed"
        self._bad(self._sequence, f"record {self._sequence} {problem}")
        return None

    def _compare(self, anchor: Row) -> None:
        start = int(anchor["from_sequence"])
        covered = self._digests[start - 1 :]
        if anchor["head_digest"] == self._previous and anchor["merkle_root"] == merkle_root(covered).hex():
            if self._first_bad is None:
                self._anchored_to = self._sequence
            return
        known = str(anchor["leaves"])
        for at, digest in enumerate(covered):
            if known[at * PREFIX_DIGITS : (at + 1) * PREFIX_DIGITS] != digest.hex()[:PREFIX_DIGITS]:
                self._bad(start + at, f"record {start + at} is not what its checkpoint vouches for: it was rewritten")
                return
        self._bad(start, f"records {start} to {self._sequence} are not what their checkpoint vouches for")

    def _bad(self, sequence: int, problem: str) -> None:
        self._problems.append(problem)
        self._first_bad = sequence if self._first_bad is None else min(self._first_bad, sequence)

    def _look_for_a_cut(self) -> None:
        if self._longest > self._sequence:
            lost = f"records {self._sequence + 1} to {self._longest} are missing"
            self._bad(self._sequence + 1, f"{lost}: the end was cut off")


def _as_bytes(digest: object) -> bytes:
    try:
        return bytes.fromhex(str(digest))
    except ValueError:
        return str(digest).encode()


def read_lines(path: Path) -> Iterator[Row]:
    """The objects of an NDJSON file; a line that is none becomes an empty object, which no check accepts."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            yield row if isinstance(row, dict) else {}


def check_export(export: Path, anchors: Sequence[Path], public_keys: Sequence[bytes]) -> Verdict:
    """Check a file that ``fengsui audit export`` wrote."""
    inside = (row for row in read_lines(export) if row.get("kind") == "checkpoint")
    outside = (row for path in anchors for row in read_lines(path))
    checkpoints = [{k: v for k, v in row.items() if k != "kind"} for rows in (inside, outside) for row in rows]
    records = (row for row in read_lines(export) if row.get("kind") not in {"checkpoint", "export"})
    return TrailCheck(checkpoints, public_keys).run({k: v for k, v in row.items() if k != "kind"} for row in records)


def describe(verdict: Verdict) -> str:
    """A verdict in lines for people."""
    lines = [f"records: {verdict.records}", *(f"problem: {each}" for each in verdict.problems)]
    if verdict.first_bad is not None:
        lines.append(f"first bad record: {verdict.first_bad}")
    lines.append(f"anchored: 1 to {verdict.anchored_to}" if verdict.anchored_to else "anchored: none")
    if verdict.unanchored:
        lines.append(f"unanchored: {verdict.anchored_to + 1} to {verdict.records} (no checkpoint vouches for these)")
    return "\n".join([*lines, "the trail holds" if verdict.holds else "the trail does NOT hold"])


def main() -> int:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("--anchors", type=Path, action="append", default=[])
    parser.add_argument("--public-key", required=True, help="64 hexadecimal digits, or a file that holds them")
    options = parser.parse_args()
    named = Path(options.public_key)
    try:
        key = bytes.fromhex((named.read_text("ascii") if named.is_file() else options.public_key).strip())
        verdict = check_export(options.export, options.anchors, [key])
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print(describe(verdict))  # noqa: T201 (a program that prints)
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
