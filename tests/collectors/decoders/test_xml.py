from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.record import DeadLetter, Reason, Record

Decode = Callable[..., tuple[list[Record], list[DeadLetter]]]


EVENT = b"<Event xmlns='urn:e'><System><EventID>%d</EventID></System></Event>"


def numbers(records: list[Record]) -> list[object]:
    return [record.document["Event"]["System"]["EventID"] for record in records]


def test_the_shape_of_an_event(decode: Decode) -> None:
    data = b"""<Event xmlns="urn:e"><System><Provider Name="P" Guid="{g}"/><EventID Qualifiers="16384">7036</EventID>
      <Execution ProcessID="4" ThreadID="8"/><Correlation/><Computer>host</Computer></System>
      <EventData Name="N"><Data Name="param1">1</Data><Data Name="empty"></Data><Data>a</Data><Data>b</Data>
      <Binary>00FF</Binary></EventData></Event>"""
    records, dead = decode(data)
    assert not dead
    assert records[0].raw == data
    assert records[0].document == {
        "Event": {
            "#attributes": {"xmlns": "urn:e"},
            "System": {
                "Provider": {"#attributes": {"Name": "P", "Guid": "{g}"}},
                "EventID": {"#attributes": {"Qualifiers": 16384}, "#text": 7036},
                "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": 8}},
                "Correlation": None,
                "Computer": "host",
            },
            "EventData": {
                "#attributes": {"Name": "N"},
                "param1": "1",
                "empty": "",
                "Data": {"#text": ["a", "b"]},
                "Binary": "00FF",
            },
        }
    }


def test_user_data_keeps_its_own_names(decode: Decode) -> None:
    records, _ = decode(b"<Event xmlns='u'><UserData><Cleared xmlns='v'><Who>x</Who></Cleared></UserData></Event>")
    assert records[0].document["Event"]["UserData"] == {"Cleared": {"#attributes": {"xmlns": "v"}, "Who": "x"}}


@pytest.mark.parametrize(
    "broken",
    [
        b"<Event ><System><EventID>9</System></Event>",
        b"<Event ><System><EventID>9</Even",
        b"stray text",
        b"<Event >&x;</Event>",
    ],
)
def test_a_broken_event_leaves_its_neighbors(decode: Decode, broken: bytes) -> None:
    records, dead = decode(EVENT % 1 + broken + b"\n" + EVENT % 2)
    assert numbers(records) == [1, 2]
    assert [(letter.position, letter.reason) for letter in dead] == [(len(EVENT % 1), Reason.UNDECODABLE)]


def test_a_cut_export(decode: Decode) -> None:
    records, dead = decode(b"<Events>" + EVENT % 1 + (EVENT % 2)[:40])
    assert numbers(records) == [1]
    assert [letter.reason for letter in dead] == [Reason.TRUNCATED]


def test_nesting_too_deep(decode: Decode) -> None:
    deep = b"<Event ><UserData>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</UserData></Event>"
    records, dead = decode(EVENT % 1 + deep + EVENT % 2)
    assert numbers(records) == [1, 2]
    assert [letter.reason for letter in dead] == [Reason.TOO_DEEP]


def test_characters_that_xml_forbids(decode: Decode) -> None:
    records, dead = decode(b"<Event ><EventData><Data Name='c'>a&#x1b;b\x01c\xff</Data></EventData></Event>")
    assert not dead
    assert records[0].document["Event"]["EventData"] == {"c": "a\ufffdb\ufffdc\ufffd"}


def test_entities_are_not_expanded(decode: Decode, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP")
    data = (
        b"<Event ><!DOCTYPE x [<!ENTITY e SYSTEM 'file://%s'>]><Data Name='d'>&e;</Data></Event>" % str(secret).encode()
    )
    records, dead = decode(data)
    assert not records
    assert [letter.reason for letter in dead] == [Reason.UNDECODABLE]
