"""A regular expression means the same whichever engine it is left to."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detection.match import DatabaseCache
from detection.match.scanner import Scanner
from detection.rules.expression import RegexTest

LEFT_TO_THE_FALLBACK = "(?:zz){0,1000}"
"""Hyperscan would take too long for such a repeat, so the whole expression goes to the other engine."""

_LETTERS = "aAzZkK\u212asSſéÉäÄßẞσςΣяЯѢѣǆǅǄµμ\u212båÅωΩθϴ1_ -\t京iIİıდᲓꙊꙋᲈᏰᏸꭰᎠ"
_atom = st.one_of(
    st.sampled_from(
        [*_LETTERS, r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\b", ".", "[a-z]", "[^k]", "[а-я]", "[^\\]]"]
    ),
    st.lists(st.sampled_from([*"aAkséσяµ京_", r"\d", r"\w", r"\s"]), min_size=1, max_size=3).map(
        lambda parts: f"[{''.join(parts)}]"
    ),
)
_expression = st.lists(_atom, min_size=1, max_size=4).map("".join)


def _finds(expression: str, flags: str, text: str) -> bool:
    return bool(Scanner({}, {7: RegexTest(expression, flags)}, DatabaseCache()).find(text))


@settings(max_examples=400)
@given(expression=_expression, flags=st.sampled_from(["", "i"]), text=st.text(st.sampled_from(_LETTERS), max_size=5))
@example(expression=r"\wé", flags="i", text="KÉ")
@example(expression=r"[\w]é", flags="i", text="kÉ")
@example(expression="[^k]", flags="i", text="\u212a")
def test_both_engines_agree(expression: str, flags: str, text: str) -> None:
    assert _finds(expression, flags, text) == _finds(expression + LEFT_TO_THE_FALLBACK, flags, text)


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("straße", "STRAẞE", True),
        ("(?i)ДОСТУП", "доступ", True),
        ("k", "\u212a", True),
        ("σας", "ΣΑΣ", True),
        (r"\bé", "xÉ", True),  # \b knows ASCII alone
        (r"^\w+$", "é", False),
        (r"[\W]", "é", True),
        (r"[[:alpha:]\d]x", "7X", True),
        ("i", "İ", False),  # Unicode folds it to two letters, or in Turkish alone
        ("[a-z]", "ı", False),
        ("[^i]", "İ", True),
        ("ı", "I", False),
        ("დ", "Დ", False),  # Hyperscan's Unicode is older than the Georgian capitals
    ],
)
def test_letters_of_every_alphabet_fold(expression: str, text: str, *, found: bool) -> None:
    flags = "" if expression.startswith("(?i)") else "i"
    assert _finds(expression, flags, text) == found
    assert _finds(expression + LEFT_TO_THE_FALLBACK, flags, text) == found
