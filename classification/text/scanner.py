"""The text scanner: every identifier in running text, in one Hyperscan pass, with the words around it weighed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property

from classification.identifiers import Pattern, load_identifiers
from classification.text.addresses import PLACES, ROADS, AddressFinder
from classification.text.candidates import Candidate, CandidateScanner, Expression, Match, Matches
from classification.text.context import NearWords, context_expressions, has_context, is_something_else
from classification.text.folding import NEEDS_FOLDING, fold
from classification.text.hit import Hit
from classification.text.name_expressions import name_expressions
from classification.text.offsets import CharacterOffsets
from classification.text.organizations import ENDINGS, KNOWN, OrganizationFinder
from classification.text.persons import PersonFinder
from classification.text.spans import without_overlaps

_CHUNK = 1 << 18
_OVERLAP = 1 << 12
_PROOF = 1e-3
_WORDS = {"place": PLACES, "road": ROADS, "ending": ENDINGS, "organization": KNOWN}


def _others() -> dict[str, list[Expression]]:
    """What the pass looks for beside the identifiers' shapes, by group."""
    words = {group: [Expression(word.encode()) for word in members] for group, members in _WORDS.items()}
    names = {
        group: [Expression(each, started=kind.from_start) for each in kind.expressions]
        for group, kind in name_expressions().items()
    }
    context = [Expression(each) for each in context_expressions()]
    return {"context": context, "full_width": [Expression(each) for each in NEEDS_FOLDING], **words, **names}


class TextScanner:
    """Finds identifiers, names, addresses and organizations in text.

    Threads may share one: it holds no state between texts, and the pass over the patterns is taken in turns.
    """

    def __init__(self) -> None:
        self._policy = load_identifiers()
        self._precedence = {category: place for place, category in enumerate(self._policy.identifiers)}
        self._persons = PersonFinder()
        self._addresses = AddressFinder()
        self._organizations = OrganizationFinder()

    @cached_property
    def _patterns(self) -> CandidateScanner:
        return CandidateScanner(others=_others())

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
        hits = self._chinese(text, matches, CharacterOffsets(data))
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
        if matches.others["full_width"]:
            text = fold(text)
            data = text.encode("utf-8", "surrogatepass")
            matches = self._patterns.scan(data)
        words = NearWords(end for _, _, end in matches.others["context"])
        candidates = list(self._patterns.candidates(data, matches.shapes, words=words))
        offsets = CharacterOffsets(data)
        starts = offsets.of([candidate.start for candidate in candidates]).tolist()
        ends = offsets.of([candidate.end for candidate in candidates]).tolist()
        for candidate, start, end in zip(candidates, starts, ends, strict=True):
            yield from self._weighed(candidate, text, start, end)
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

    def _chinese(self, text: str, matches: Matches, offsets: CharacterOffsets) -> Iterator[Hit]:
        """What has no digits to check: names of persons, places and organizations."""
        yield from self._persons.find(text, matches.others, offsets)
        places, roads, endings, known = (_words(matches.others[group], offsets) for group in _WORDS)
        starts = dict.fromkeys(start for start, _ in places)
        yield from self._addresses.find(text, starts, [end for _, end in roads])
        yield from self._organizations.find(text, endings, known)


def _words(matches: list[Match], offsets: CharacterOffsets) -> list[tuple[int, int]]:
    """Where the words of which names are made start and end, each once."""
    starts, ends = (offsets.of([match[edge] for match in matches]).tolist() for edge in (1, 2))
    return sorted(set(zip(starts, ends, strict=True)))


@cache
def text_scanner() -> TextScanner:
    """The one scanner of this process; threads may share it."""
    return TextScanner()
