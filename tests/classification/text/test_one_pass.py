"""One pass over all patterns finds what each pattern finds by itself."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from classification.identifiers.names import load_names
from classification.text import Hit
from classification.text.candidates import CandidateScanner, Expression
from classification.text.codepoints import codes_of
from classification.text.context import NearWords, context_expressions
from classification.text.folding import fold
from classification.text.foreign_names import ForeignNameFinder
from classification.text.name_expressions import name_expressions
from classification.text.names import NameFinder
from classification.text.offsets import CharacterOffsets
from classification.text.persons import PersonFinder
from classification.text.shapes import load_shapes
from classification.text.spans import without_overlaps
from tests.classification.valid_identifiers import VALID

_PIECES = st.one_of(
    *VALID.values(),
    st.sampled_from(
        ["，", "号码", "。", " ", "\n", "：", "电话", "ip ", "a", "-", ".", "password=Abc12345!", "::1", "1.2"]
    ),
    st.text("0123456789abcdefABCDEF-.:", max_size=12),
)
_TEXTS = st.lists(_PIECES, max_size=12).map("".join)

Span = tuple[int, int, str]


@cache
def _scanner() -> CandidateScanner:
    return CandidateScanner({"context": [Expression(each) for each in context_expressions()]})


def _naive(data: bytes) -> set[Span]:
    """Each pattern by itself, from left to right."""
    found: set[Span] = set()
    for shape in load_shapes():
        for match in shape.regex.finditer(data):
            start, end = match.span("value") if "value" in shape.regex.groupindex else match.span()
            value = data[start:end].decode()
            found.update((start, end, test.category) for test in shape.tests if test.check(value))
    return found


def _in_one_pass(data: bytes) -> set[Span]:
    matches = _scanner().scan(data).shapes
    return {(c.start, c.end, test.category) for c in _scanner().candidates(data, matches) for test in c.passed}


@given(_TEXTS)
@settings(max_examples=400)
def test_one_pass_misses_nothing_that_a_pattern_finds_by_itself(text: str) -> None:
    data = text.encode()
    missed = _naive(data) - _in_one_pass(data)
    assert not missed


_NAMES = load_names()
_WORDS_AROUND_NAMES = sorted(
    {*_NAMES.before, *_NAMES.after, *_NAMES.labels, *_NAMES.honorifics, *_NAMES.words, *_NAMES.surnames.compound}
)
_NAME_PIECES = st.one_of(
    st.sampled_from(sorted(_NAMES.surname_scores)),
    st.text("".join(sorted(_NAMES.given_scores)), min_size=1, max_size=3),
    st.text(sorted(_NAMES.transliteration), min_size=2, max_size=5),
    st.sampled_from(_WORDS_AROUND_NAMES),
    st.sampled_from(["，", "、", "：", ": ", "\n", "·", "和", "的", "a", "9", "龘", "𠮷"]),
)


_CHINESE, _FOREIGN = NameFinder(), ForeignNameFinder()


@cache
def _persons() -> PersonFinder:
    return PersonFinder()


@cache
def _name_scanner() -> CandidateScanner:
    kinds = name_expressions().items()
    return CandidateScanner(
        {group: [Expression(each, started=kind.from_start) for each in kind.expressions] for group, kind in kinds}
    )


def _names_at_every_place(text: str) -> set[Hit]:
    codes = codes_of(text)
    places = np.arange(len(codes))
    foreign = {*_FOREIGN.find(text, codes, places), *_FOREIGN.find_dotted(text)}
    return foreign | {*_CHINESE.find(text, codes, places)}


@given(st.lists(_NAME_PIECES, min_size=1, max_size=14).map("".join))
@settings(max_examples=300)
def test_one_pass_points_to_every_name_that_reading_each_place_finds(text: str) -> None:
    data = text.encode()
    found = _persons().find(text, _name_scanner().scan(data).others, CharacterOffsets(data))
    assert set(found) == _names_at_every_place(text)


@given(_TEXTS)
@settings(max_examples=200)
def test_one_pass_finds_only_what_passes_its_check(text: str) -> None:
    data = text.encode()
    for start, end, category in _in_one_pass(data):
        checks = [test.check for shape in load_shapes() for test in shape.tests if test.category == category]
        assert any(check(data[start:end].decode()) for check in checks)


@given(st.sampled_from(["手机", "ip", "账号"]), st.integers(0, 10), st.integers(0, 10))
def test_words_near_are_seen(word: str, before: int, after: int) -> None:
    data = (" " * before + word + " " * after).encode()
    words = NearWords(end for _, _, end in _scanner().scan(data).others["context"])
    assert words.near(len(data), len(data) + 5)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12), st.sampled_from("abc"), st.sampled_from([0.5, 0.9]))))
def test_hits_kept_never_overlap_and_every_claim_is_covered_or_beaten(
    claims: list[tuple[int, int, str, float]],
) -> None:
    hits = [Hit(start, start + length, category, confidence) for start, length, category, confidence in claims]
    kept = without_overlaps(hits, "abc".index)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert set(kept) <= set(hits)
    assert bool(kept) == bool(hits)
    for hit in hits:
        longest = max(hits, key=lambda h: h.end - h.start)
        assert hit in kept or hit.end - hit.start <= longest.end - longest.start


def test_folding_keeps_every_offset() -> None:
    text = "ＡＢＣ１２３，（全角）：𝟏𝟐"
    assert len(fold(text)) == len(text)
    assert fold(text) == "ABC123,(全角):12"
