"""Detectors are tried over the API without a trace of the values."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.findings.asking import BASE, CANARIES, SignedIn

if TYPE_CHECKING:
    from conftest import Site


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Whatever any logger of the process says meanwhile."""
    texts: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(self.format(record))

    handler = Keep(level=0)
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(0)
    yield texts
    root.setLevel(before)
    root.removeHandler(handler)
    texts.append(caplog.text)


@pytest.mark.usefixtures("city")
def test_detectors_are_tried_on_a_column(sign_in: SignedIn) -> None:
    values: list[Any] = [CANARIES[0], None, "", 7, "440524188001010014"]
    answer = sign_in("lin").post("/api/v1/classify/try", json={"name": "身份证号", "values": values}).json()
    found = answer["findings"][0]
    assert (found["category"], found["grade"], found["hits"], answer["complete"]) == (
        "resident_id",
        "general_3",
        2,
        True,
    )
    assert found["samples"][0] == "110*************2X"
    assert {each["kind"] for each in found["evidence"]} >= {"checksum", "name"}
    named = sign_in("lin").post("/api/v1/classify/try", json={"name": "mobile_phone", "scheme": "l1_l4"}).json()
    assert (named["findings"][0]["category"], named["findings"][0]["grade"]) == ("mobile_phone", "L2")
    assert (named["findings"][0]["hits"], named["findings"][0]["samples"]) == (0, [])


@pytest.mark.usefixtures("city")
def test_detectors_are_tried_on_a_text(sign_in: SignedIn) -> None:
    text = f"联系电话{CANARIES[1]}，身份证{CANARIES[0]}。"
    answer = sign_in("lin").post("/api/v1/classify/try", json={"text": text}).json()
    assert answer["masked_text"] == "联系电话138******00，身份证110*************2X。"
    assert [(hit["category"], hit["start"], hit["end"], hit["masked"]) for hit in answer["hits"]] == [
        ("mobile_phone", 4, 15, "138******00"),
        ("resident_id", 19, 37, "110*************2X"),
    ]


def test_what_is_too_much_is_refused_without_repeating_it(sign_in: SignedIn) -> None:
    client = sign_in("analyst")
    refusals: list[tuple[dict[str, Any], int]] = [
        ({"text": "a", "values": []}, 422),
        ({"name": "n", "values": [""] * 10_001}, 422),
        ({"text": "字" * 500_001}, 413),
        ({"text": "x" * 500_001}, 422),
        ({"name": "n", "values": [{"a": CANARIES[0]}]}, 422),
        ({"name": "n", "scheme": "none"}, 404),
    ]
    for body, status in refusals:
        answer = client.post("/api/v1/classify/try", json=body)
        assert answer.status_code == status, list(body)
        assert CANARIES[0] not in answer.text


def test_no_value_is_anywhere_unmasked(
    city: Site, sign_in: SignedIn, ids: dict[str, str], everything_logged: list[str]
) -> None:
    """Values given to a scan, to the try-out and in people's words are in no file, log or answer."""
    lin, wang, bodies = sign_in("lin"), sign_in("wang"), []
    sentence = "，".join(f"样例{value}" for value in CANARIES)
    requests: list[tuple[httpx.Client, str, dict[str, Any]]] = [
        (lin, "/api/v1/classify/try", {"name": "身份证号", "comment": sentence, "values": list(CANARIES)}),
        (lin, "/api/v1/classify/try", {"text": sentence}),
        (lin, "/api/v1/classify/try", {"text": sentence, "values": [CANARIES[0]]}),
        (lin, "/api/v1/classify/try", {"values": [[CANARIES[0]]]}),
        (lin, f"{BASE}/findings/{ids['sfzh']}:amend", {"comment": sentence}),
        (wang, f"{BASE}/findings/{ids['sfzh']}:confirm", {"comment": sentence}),
        (wang, f"{BASE}/findings/{ids['dh']}:reject", {"reason": "context", "comment": sentence}),
        (lin, f"{BASE}/findings", {"resource_id": "visits", "field": "b", "category": "email", "comment": sentence}),
        (lin, f"{BASE}/findings:bulk", {"finding_ids": [ids["xm"]], "comment": sentence}),
        (lin, f"{BASE}/findings:bulk", {"finding_ids": [CANARIES[0]]}),
    ]
    for number, (client, path, body) in enumerate(requests):
        bodies.append(client.post(path, json=body, headers={"Idempotency-Key": f"k{number}"}).text)
    bodies += [lin.get(f"{BASE}{path}").text for path in ("/findings", f"/findings/{ids['sfzh']}", "/important-data")]
    bodies.append(sign_in("auditor").get("/api/v1/audit-records").text)
    written = b"".join(path.read_bytes() for path in _files(city))
    logged = "\n".join(everything_logged)
    for canary in CANARIES:
        assert [body for body in bodies if canary in body] == [], canary
        assert canary not in logged, canary
        for encoded in (canary.encode(), canary.encode("unicode_escape"), canary.encode("utf-16-le")):
            assert encoded not in written, canary


def _files(site: Site) -> list[Path]:
    folder = Path(str(site.records.url.database)).parent
    return [path for path in folder.rglob("*") if path.is_file()]
