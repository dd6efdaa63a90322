"""Reads the characters of a query: words with their escapes, quoted phrases, punctuation.

A backslash makes the next character literal where that character means something; before any other it is itself, so
that a Windows path may be written with one backslash or two.
"""

from __future__ import annotations

from dataclasses import dataclass

from store.errors import QuerySyntaxError

MAX_QUERY_CHARS = 20_000
_BREAKS = frozenset('()[]{}"')
_ESCAPABLE = frozenset('+-=&|><!(){}[]^"~*?:\\/ \t')


@dataclass(frozen=True, slots=True)
class Word:
    """An unquoted word: its text without escapes, and as a pattern in which ``*`` and ``?`` are wildcards."""

    text: str
    pattern: str
    has_wildcard: bool
    position: int


class Scanner:
    """A place in the text of a query."""

    def __init__(self, text: str) -> None:
        """Start at the beginning."""
        if len(text) > MAX_QUERY_CHARS:
            raise QuerySyntaxError(
                f"the query has more than {MAX_QUERY_CHARS:,} characters; shorten it",
                MAX_QUERY_CHARS,
                "query_too_long",
            )
        self.text = text
        self.position = 0

    def skip_spaces(self) -> None:
        """Go to the next character that is no space."""
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1

    def at_end(self) -> bool:
        """Whether only spaces are left."""
        self.skip_spaces()
        return self.position >= len(self.text)

    def peek(self) -> str:
        """The character here; empty at the end."""
        return self.text[self.position : self.position + 1]

    def take(self, *tokens: str) -> str | None:
        """Pass over the first of ``tokens`` that stands here."""
        for token in tokens:
            if self.text.startswith(token, self.position):
                self.position += len(token)
                return token
        return None

    def take_keyword(self, *names: str) -> str | None:
        """Pass over one of the words ``names`` (AND, OR, NOT, TO), if it stands here by itself."""
        for name in names:
            after = self.text[self.position + len(name) : self.position + len(name) + 1]
            if self.text.startswith(name, self.position) and (not after or after.isspace() or after in "()"):
                self.position += len(name)
                return name
        return None

    def error(self, message: str, fault: str) -> QuerySyntaxError:
        """An error at this place."""
        return QuerySyntaxError(message, self.position, fault)

    def word(self, *, in_value: bool) -> Word:
        """The word here; after a field's colon it may hold colons of its own (times, IPv6, drive letters)."""
        start, text, pattern, has_wildcard = self.position, [], [], False
        while self.position < len(self.text):
            char = self.text[self.position]
            if char.isspace() or char in _BREAKS or (char == ":" and not in_value):
                break
            if char in "~^":
                message = f"'{char}' (fuzzy search, boost) isn't supported; escape it with a backslash if meant"
                raise self.error(message, "query_part_not_supported")
            literal = char == "\\" and self.text[self.position + 1 : self.position + 2] in _ESCAPABLE
            if literal and self.position + 1 < len(self.text):
                self.position += 1
                char = self.text[self.position]
            wild = char in "*?" and not literal
            has_wildcard = has_wildcard or wild
            text.append(char)
            pattern.append(char if wild or char not in "*?\\" else f"\\{char}")
            self.position += 1
        if self.position == start:
            if self.peek():
                raise self.error(f"unexpected '{self.peek()}'", "unexpected_character")
            raise self.error("the query ends where a value should stand", "value_missing")
        return Word("".join(text), "".join(pattern), has_wildcard, start)

    def quoted(self) -> str:
        """The quoted text here, without quotes and escapes."""
        start, text = self.position, []
        self.position += 1
        while (char := self.peek()) != '"':
            if not char:
                message = 'the quote is not closed; add a " or escape it with a backslash'
                raise QuerySyntaxError(message, start, "quote_open")
            if char == "\\" and self.text[self.position + 1 : self.position + 2] in ('"', "\\"):
                self.position += 1
                char = self.peek()
            text.append(char)
            self.position += 1
        self.position += 1
        return "".join(text)

    def regex(self) -> str:
        """The expression between slashes here."""
        start = self.position
        self.position += 1
        parts = []
        while (char := self.peek()) != "/":
            if not char:
                message = "the expression is not closed; add a / or escape the first one"
                raise QuerySyntaxError(message, start, "regex_open")
            if char == "\\":
                following = self.text[self.position + 1 : self.position + 2]
                parts.append("/" if following == "/" else char + following)
                self.position += 2
                continue
            parts.append(char)
            self.position += 1
        self.position += 1
        return "".join(parts)
