"""Keywords are never overlooked in a record's JSON, however its writer spelled it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import orjson
from hypothesis import given
from hypothesis import strategies as st

from detection.match import DatabaseCache
from detection.match.raw_text import FOLDING_TO_ASCII, RawTexts


def _all_escaped(value: dict[str, str]) -> bytes:
    units = value["a"].encode("utf-16-be")
    escaped = "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2))
    return f'{{"a":"{escaped}"}}'.encode()


_KEYWORDS = ("mimikatz", "sekurlsa::", 'say "x"', "c:\\perf/c.dat", "st", "i\u0307")
_CHINESE = ("mimikatz", "口令")
_pieces = st.one_of(
    st.sampled_from([*_KEYWORDS, "K", "ſ", "ß", "ﬁ", "ﬆ", "İ", "口令", "\\", '"', "/", "u0041"]), st.text(max_size=3)
)
_SEARCHERS = {keywords: RawTexts(keywords, DatabaseCache()) for keywords in (_KEYWORDS, _CHINESE)}
_spelled = st.sampled_from([orjson.dumps, lambda each: json.dumps(each).encode(), _all_escaped])


@given(text=st.lists(_pieces, max_size=6).map("".join), upper=st.booleans(), spell=_spelled, chinese=st.booleans())
def test_what_is_in_a_value_may_occur_in_its_record(
    text: str, *, upper: bool, spell: Callable[[object], bytes], chinese: bool
) -> None:
    text = (text.upper() if upper else text).encode("utf-8", "ignore").decode()
    keywords = _CHINESE if chinese else _KEYWORDS
    raw = spell({"a": text})
    if any(keyword in text.casefold() for keyword in keywords):
        assert _SEARCHERS[keywords].may_occur(raw)


def test_what_is_nowhere_does_not_occur() -> None:
    searcher = _SEARCHERS[_KEYWORDS]
    for value in (r"C:\users\u", "zzz 中文", "a\tb/c"):
        assert not searcher.may_occur(orjson.dumps({"a": value}))
    assert _SEARCHERS[_CHINESE].may_occur(orjson.dumps({"a": "中"})), "beyond ASCII it can't be told"
    assert not _SEARCHERS[_CHINESE].may_occur(orjson.dumps({"a": r"C:\users"}))


def test_the_characters_that_fold_to_ascii_are_all_there_are() -> None:
    found = [each for each in map(chr, range(0x80, sys.maxunicode + 1)) if any(map(str.isascii, each.casefold()))]
    assert "".join(found) == FOLDING_TO_ASCII
