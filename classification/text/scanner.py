"""The text scanner: every identifier in running text, in one Hyperscan pass, with the words around it weighed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from itertools import chain

from classification.identifiers import Pattern, load_identifiers
from classification.text.addresses import PLACES, ROADS, AddressFinder
from classification.text.candidates import Candidate, CandidateScanner, Matches
from classification.text.codepoints import codes_of
from classification.text.context import NearWords, context_expressions, has_context, is_something_else
from classification.text.folding import NEEDS_FOLDING, fold
from classification.text.foreign_names import ForeignNameFinder
from classification.text.hit import Hit
from classification.text.names import NameFinder
from classification.text.offsets import character_offsets
from classification.text.organizations import ENDINGS, KNOWN, OrganizationFinder
from classification.text.spans import without_overlaps

_CHUNK = 1 << 18
_OVERLAP = 1 << 12
_PROOF = 1e-3
_OTHERS = {
    "context": context_expressions(),
    "full_width": NEEDS_FOLDING,
    "place": tuple(place.encode() for place in PLACES),
    "road": tuple(ending.encode() for ending in ROADS),
    "ending": tuple(ending.encode() for ending in ENDINGS),
    "organization": tuple(name.encode() for name in KNOWN),
}


_WORDS = ("place", "road", "ending", "organization")


class TextScanner:
    """Finds identifiers, names, addresses and organizations in text.

    Threads may share one: it holds no state between texts, and the pass over the patterns is taken in turns.
    """

    def __init__(self) -> None:
        self._policy = load_identifiers()
        self._precedence = {category: place for place, category in enumerate(self._policy.identifiers)}
        self._names = NameFinder()
        self._foreign_names = ForeignNameFinder()
        self._addresses = AddressFinder()
        self._organizations = OrganizationFinder()

    @cached_property
    def _patterns(self) -> CandidateScanner:
        return CandidateScanner(others=_OTHERS)

    def find(self, text: str) -> list[Hit]:
        """Every hit, in the order of the text, none over another.

        Args:
            text: of any length; a long one is taken in pieces that overlap, so that memory stays bounded.

        Returns:
            Offsets count the characters of ``text`` as given, also where it is full-width.
        """
        hits: list[Hit] = []
        for start in range(0, max(len(text), 1), _CHUNK):
            hits += self._piece(text, start)
        return without_overlaps(hits, self._precedence.__getitem__)

    def find_names(self, text: str) -> list[Hit]:
        """Only the Chinese names of persons, places and organizations, of a text of moderate length."""
        data = text.encode("utf-8", "surrogatepass")
        matches = self._patterns.scan(data)
        hits = self._chinese(text, matches, character_offsets(data, _places_of_words(matches)))
        return without_overlaps(hits, self._precedence.__getitem__)

    def _piece(self, text: str, start: int) -> Iterator[Hit]:
        """Hits that begin within one piece; its neighbors' edges are read too, for what lies across and for context."""
        first, end = max(0, start - _OVERLAP), start + _CHUNK
        piece = text if len(text) <= _CHUNK else text[first : end + _OVERLAP]
        for hit in self._hits(piece):
            if start <= hit.start + first < end:
                yield Hit(hit.start + first, hit.end + first, hit.category, hit.confidence)

    def _hits(self, text: str) -> Iterator[Hit]:
        data = text.encode("utf-8", "surrogatepass")
        matches = self._patterns.scan(data)
        if "full_width" in matches.others:
            text = fold(text)
            data = text.encode("utf-8", "surrogatepass")
            matches = self._patterns.scan(data)
        words = NearWords(end for _, _, end in matches.others.get("context", ()))
        candidates = list(self._patterns.candidates(data, matches.shapes, words=words))
        places = chain((place for each in candidates for place in (each.start, each.end)), _places_of_words(matches))
        offsets = character_offsets(data, places)
        for candidate in candidates:
            yield from self._weighed(candidate, text, offsets[candidate.start], offsets[candidate.end])
        if len(data) > len(text):
            yield from self._chinese(text, matches, offsets)

    def _weighed(self, candidate: Candidate, text: str, start: int, end: int) -> Iterator[Hit]:
        for test in candidate.passed:
            near = has_context(test.category, text, start, end)
            if (near or test.pattern.alone) and not is_something_else(test.category, text, start):
                yield Hit(start, end, test.category, self._confidence(test.pattern, near=near))

    def _confidence(self, pattern: Pattern, *, near: bool) -> float:
        weights = self._policy.weights
        doubt = 1 - weights["checksum" if pattern.chance <= _PROOF else "pattern"]
        return round(1 - doubt * (1 - weights["context"] * near), 3)

    def _chinese(self, text: str, matches: Matches, offsets: Mapping[int, int]) -> Iterator[Hit]:
        """What has no digits to check: names of persons, places and organizations."""
        codes = codes_of(text)
        yield from self._names.find(text, codes)
        yield from self._foreign_names.find(text, codes)
        places, roads, endings, known = (
            sorted({(offsets[start], offsets[end]) for _, start, end in matches.others.get(group, ())})
            for group in _WORDS
        )
        starts = dict.fromkeys(start for start, _ in places)
        yield from self._addresses.find(text, starts, [end for _, end in roads])
        yield from self._organizations.find(text, endings, known)


def _places_of_words(matches: Matches) -> Iterator[int]:
    """The offsets in bytes of the words of which names of places and organizations are made."""
    return (place for group in _WORDS for match in matches.others.get(group, ()) for place in match[1:])


@cache
def text_scanner() -> TextScanner:
    """The one scanner of this process; threads may share it."""
    return TextScanner()
