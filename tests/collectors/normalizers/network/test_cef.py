"""CEF: what a device escapes comes back as it was, and keys are found wherever the format puts them."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.network.cef import CefNormalizer, parse_extensions
from collectors.record import NormalizedBatch, Record
from events import Event

_keys = st.from_regex(r"\A[A-Za-z][A-Za-z0-9]{0,15}\Z")
# A value ends where the next key begins, so white space at its ends says nothing.
_values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\u2028\u2029\x85")).map(str.strip)
_headers = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("=", "\\=").replace("\n", "\\n").replace("\r", "\\r")


@given(st.dictionaries(_keys, _values, max_size=8))
def test_extensions_come_back_as_they_were(extensions: dict[str, str]) -> None:
    text = " ".join(f"{key}={_escaped(value)}" for key, value in extensions.items())
    assert parse_extensions(text) == extensions


@given(vendor=_headers, product=_headers, name=_headers)
def test_header_fields_come_back_as_they_were(vendor: str, product: str, name: str) -> None:
    fields = [part.replace("\\", "\\\\").replace("|", "\\|") for part in (vendor, product, "1", "id", name)]
    line = f"CEF:1|{'|'.join(fields)}|5|rt=1769847330123"
    event = CefNormalizer().normalize(Record(0, line.encode(), text=line), SourceContext("s", "i"))
    found = tuple(event.get(f"cef.{field}", "") for field in ("device.vendor", "device.product", "name"))
    assert found == (vendor, product, name)


def test_an_unescaped_equals_sign_inside_a_word_stays_in_its_value() -> None:
    assert parse_extensions("request=http://a/?b=c&d=e msg=x") == {"request": "http://a/?b=c&d=e", "msg": "x"}


def test_times_without_year_are_placed_before_the_reference(event_of: Callable[..., Event]) -> None:
    event = event_of("CEF:0|V|P|1|x|N|1|rt=Dec 31 23:00:00")
    assert event["@timestamp"] == "2025-12-31T23:00:00.000Z"


def test_without_any_time_it_is_a_dead_letter(run: Callable[..., NormalizedBatch]) -> None:
    (letter,) = run("CEF:0|V|P|1|x|N|1|src=192.0.2.1").dead_letters
    assert (letter.reason, "rt, end, start" in letter.detail) == ("no_time", True)
