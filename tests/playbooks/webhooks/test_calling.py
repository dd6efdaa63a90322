"""What may be called: no address inside unless allowed, at the moment of connecting; no redirects, bounded answers."""

from __future__ import annotations

import threading
from ipaddress import ip_address, ip_network

import pytest

from playbooks import ActionError, AddressGuard
from playbooks.actions.calling import Caller, Request
from tests.patience import PATIENCE_SECONDS
from tests.playbooks.conftest import Receiver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 (an address to refuse)
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b:1::a00:1",
    ],
)
def test_inner_addresses_are_refused(address: str) -> None:
    guard = AddressGuard((), frozenset({443}), lambda *_: [address])
    assert not guard.allows(ip_address(address))
    with pytest.raises(ActionError):
        Caller(guard).send(Request("GET", "https://looks-harmless.example/", {}))


def test_one_inner_address_among_several_is_enough() -> None:
    guard = AddressGuard((), frozenset({443}), lambda *_: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(ActionError, match=r"10\.0\.0\.1"):
        guard.address_for("mixed.example", 443)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h/",
        "file:///etc/passwd",
        "http://user:pw@h/",
        "http://h:22/",
        "http://",
        "http://h:99999/",
        "gopher://h:80/",
    ],
)
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(ActionError):
        AddressGuard().check_url(url)


def test_the_checked_address_is_the_one_connected_to(receiver: Receiver) -> None:
    answers = iter([["127.0.0.1"], ["10.255.255.1"]])
    guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({receiver.port}), lambda *_: next(answers))
    answer = Caller(guard).send(Request("GET", f"http://rebinding.example:{receiver.port}/x", {}))
    assert (answer.status, receiver.paths()) == (200, ["GET /x"])


def test_redirects_are_not_followed_and_answers_are_cut(receiver: Receiver) -> None:
    guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({receiver.port}))
    receiver.answer = lambda *_: (302, b"")
    assert Caller(guard).send(Request("GET", f"http://127.0.0.1:{receiver.port}/", {})).status == 302
    receiver.answer = lambda *_: (200, b"x" * 500_000)
    assert len(Caller(guard).send(Request("GET", f"http://127.0.0.1:{receiver.port}/", {})).body) == 65_536
    assert len(receiver.requests) == 2


def test_nobody_there_was_not_sent_and_silence_may_have_been(receiver: Receiver) -> None:
    over = threading.Event()
    receiver.answer = lambda *_: (over.wait(PATIENCE_SECONDS), (200, b""))[1]
    guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({receiver.port, 1}))
    gone = Caller(guard).send(Request("GET", "http://127.0.0.1:1/", {}))
    silent = Caller(guard).send(Request("POST", f"http://127.0.0.1:{receiver.port}/", {}, b"", 2))
    over.set()
    assert [(each.status, each.was_sent) for each in (gone, silent)] == [(None, False), (None, True)]
