"""The samples are what their generator writes, and nothing in them can be anybody's."""

from __future__ import annotations

import gzip
import re
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from samples.generate.__main__ import write
from samples.generate.catalog import FILES
from samples.generate.people import UNUSED_REGION
from samples.generate.story import STEPS

_ALLOWED = [
    ip_network(network)
    for network in ("10.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
_ADDRESS_4 = re.compile(r"(?<![\w./-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]|/\d)")
_ADDRESS_6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){2,}:?[0-9a-f:]*[0-9a-f](?![\w:])")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[0-9X](?![0-9A-Za-z])")
_TELEPHONE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")
_VERSIONS = {"10.0.20348.1"}
_TEXTS = sorted(name for name in FILES if name != "border.pcap")
_MOST_BYTES = 6_000_000


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def _text(path: Path) -> str:
    encoding = "gb18030" if path.name.startswith("gb18030") else "utf-8"
    return _unpacked(path.read_bytes()).decode(encoding)


def test_generator_writes_the_committed_files_byte_for_byte(city: Path, tmp_path: Path) -> None:
    write(tmp_path)

    assert {path.name for path in city.iterdir()} == set(FILES) == {path.name for path in tmp_path.iterdir()}
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (city / name).read_bytes(), name


def test_samples_stay_small(city: Path) -> None:
    assert sum(len(_unpacked(path.read_bytes())) for path in city.iterdir()) <= _MOST_BYTES


@pytest.mark.parametrize("name", _TEXTS)
def test_every_address_is_one_that_belongs_to_nobody(name: str, city: Path) -> None:
    text = _text(city / name)
    found = {*_ADDRESS_4.findall(text), *_ADDRESS_6.findall(text)} - _VERSIONS

    strangers = {address for address in found if not _is_allowed(address)}

    assert strangers == set()


def _is_allowed(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return True
    return any(address in network for network in _ALLOWED)


def test_address_check_sees_addresses(city: Path) -> None:
    text = _text(city / "nginx-access.log")

    assert "198.51.100.23" in _ADDRESS_4.findall(text)
    assert any(found.startswith("2001:db8:") for found in _ADDRESS_6.findall(text))


@pytest.mark.parametrize("name", _TEXTS)
def test_no_identity_or_telephone_number_can_be_a_person(name: str, city: Path) -> None:
    text = _text(city / name)

    assert {number for number in _IDENTITY.findall(text) if not number.startswith(UNUSED_REGION)} == set()
    assert {number for number in _TELEPHONE.findall(text) if not number.startswith("154")} == set()


def test_identity_numbers_have_true_check_digits(city: Path) -> None:
    numbers = set(_IDENTITY.findall(_text(city / "postgresql.log")))

    assert len(numbers) > 200
    assert all(_check_sum(number) == 1 for number in numbers)


def _check_sum(number: str) -> int:
    """ISO 7064 MOD 11-2: a valid number leaves 1."""
    value = 0
    for digit in number:
        value = (value * 2 + (10 if digit == "X" else int(digit))) % 11
    return value


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readme_names_every_file_and_every_step(readme: str, project: Path) -> None:
    text = (project / "samples" / readme).read_text(encoding="utf-8")

    assert [name for name in FILES if f"`{name}`" not in text] == []
    assert [step.what for step in STEPS if f"| {step.moment:%H:%M} |" not in text] == []
