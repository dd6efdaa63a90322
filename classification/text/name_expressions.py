"""Personal names as expressions over UTF-8 bytes, for the one pass over a text.

They follow from the scores of characters and words and are wider than these, never narrower: a place to which no
expression points can't reach the threshold, and every place to which one points is weighed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from classification.identifiers.names import NamePolicy, load_names

_ANY = b"[\xe4-\xe9][\x80-\xbf]{2}"
_NOT_CHINESE = (
    b"(?:^|[\\x00-\\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xe3\xea-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})"
)
_LABEL_ENDS = ":： \t"
_LISTING = "、和与及"
_DOTS = "·•‧・"
_TELLING = 4


@dataclass(frozen=True, slots=True)
class NameExpressions:
    """Expressions of one kind, and where from a match a name may stand.

    Attributes:
        expressions: what Hyperscan looks for.
        from_start: places are counted from where a match starts, not from where it ends.
        surnames: so many characters further on a Chinese name may begin; negative ones lie before.
        foreign: so many characters further on a transliterated name may have a character; None for nowhere.
    """

    expressions: tuple[bytes, ...]
    from_start: bool
    surnames: tuple[int, ...] = ()
    foreign: int | None = None

    def place(self, start: int, end: int) -> int:
        """From where in a match places are counted."""
        return start if self.from_start else end


@cache
def name_expressions() -> Mapping[str, NameExpressions]:
    """Every expression by its kind.

    Returns:
        ``dot`` stands for transliterated names in several parts, which are looked for where one is at all.
    """
    policy = load_names()
    single = {word for word in policy.after if len(word) == 1}
    name = _one_of([*policy.surname_scores, *policy.transliteration]) + b"(?:" + _ANY + b"){1,2}"
    return {
        "surname": NameExpressions((*_bare(policy), *_introduced(policy)), from_start=False, surnames=(-2,)),
        "title": NameExpressions(_words(policy.before), from_start=False, surnames=(0,), foreign=0),
        "acting": NameExpressions(
            tuple(name + word for word in _words(single)), from_start=False, surnames=(-3, -4), foreign=-2
        ),
        "acting_word": NameExpressions(_words(policy.after - single), from_start=True, surnames=(-2, -3), foreign=-1),
        "honorific": NameExpressions(_words(policy.honorifics), from_start=True, surnames=(-1,)),
        "compound": NameExpressions(_words(policy.surnames.compound), from_start=True, surnames=(0,)),
        "foreign": NameExpressions((_transliterated(policy),), from_start=False, foreign=-1),
        "dot": NameExpressions(_words(_DOTS), from_start=True),
    }


def _bare(policy: NamePolicy) -> Iterator[bytes]:
    """Each surname and the characters that may follow it where nothing around speaks for a name.

    Each surname is an expression of its own: Hyperscan looks for many short strings at once, and for what follows
    only behind one of them.
    """
    for surname, score in policy.surname_scores.items():
        least = _least_first(policy, score, policy.scores["edge"])
        if least <= policy.scores["other"]:
            yield surname.encode() + _ANY
        elif members := [
            character
            for character, given in policy.given_scores.items()
            if given + policy.scores["word"] * (surname + character in policy.words) >= least
        ]:
            yield surname.encode() + _one_of(members)


def _introduced(policy: NamePolicy) -> Iterator[bytes]:
    """Surnames that need something before them, behind a label or in a list, each with what may follow there."""
    scores = policy.scores
    for before, context in ((_LISTING, scores["listed"]), (_LABEL_ENDS, scores["label"])):
        names = [
            _one_of(members) + given
            for score, members in _by_score(policy.surname_scores.items())
            if _least_first(policy, score, scores["edge"]) > scores["other"]
            and (given := _given_at_least(policy, _least_first(policy, score, context)))
        ]
        if names:
            yield _one_of(before) + b"(?:" + b"|".join(names) + b")"


def _least_first(policy: NamePolicy, surname: float, context: float) -> float:
    """What the first character of a given name needs, with the best behind it and nothing that speaks for it after."""
    best = max([*policy.given_scores.values(), policy.scores["two_characters"]])
    return policy.threshold - surname - context - policy.scores["edge"] - best


def _by_score(scored: Iterable[tuple[str, float]]) -> Iterator[tuple[float, list[str]]]:
    for score, group in groupby(sorted(scored, key=lambda each: each[1]), key=lambda each: each[1]):
        yield score, [character for character, _ in group]


def _given_at_least(policy: NamePolicy, least: float) -> bytes:
    """The characters of given names with this score or more; b"" where none has."""
    if least <= policy.scores["other"]:
        return _ANY
    members = [character for character, score in policy.given_scores.items() if score >= least]
    return _one_of(members) if members else b""


def _transliterated(policy: NamePolicy) -> bytes:
    """Characters of a transliterated name that tell by themselves, with no Chinese character before them."""
    return _NOT_CHINESE + _one_of(policy.transliteration) + b"{%d}" % _TELLING


def _words(words: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(sorted({word.encode() for word in words}))


def _one_of(characters: Iterable[str]) -> bytes:
    """One of some characters, with as few branches as their bytes allow; equal tails are written once."""
    return _any_of({character.encode() for character in characters})


def _any_of(strings: set[bytes]) -> bytes:
    tails: defaultdict[int, set[bytes]] = defaultdict(set)
    for string in strings:
        tails[string[0]].add(string[1:])
    heads: defaultdict[frozenset[bytes], set[int]] = defaultdict(set)
    for head, rest in tails.items():
        heads[frozenset(rest)].add(head)
    branches = (_byte(found) + (_any_of(set(rest)) if rest != {b""} else b"") for rest, found in heads.items())
    return b"(?:" + b"|".join(sorted(branches)) + b")"


def _byte(values: Iterable[int]) -> bytes:
    """A class of bytes; those of ASCII are escaped, since they may mean something in a class."""
    runs = (_escaped(first) + (b"-" + _escaped(last) if last > first else b"") for first, last in _ranges(values))
    return b"[" + b"".join(runs) + b"]"


def _escaped(value: int) -> bytes:
    return bytes([value]) if value >= 0x80 else b"\\x%02x" % value  # noqa: PLR2004 (ASCII)


def _ranges(values: Iterable[int]) -> Iterator[tuple[int, int]]:
    ordered = sorted(values)
    for _, run in groupby(enumerate(ordered), key=lambda each: each[1] - each[0]):
        found = [value for _, value in run]
        yield found[0], found[-1]
