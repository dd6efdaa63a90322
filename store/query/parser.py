"""Reads Lucene syntax (the query parser's grammar of Apache Lucene 9) into the tree.

Written by hand rather than on luqum: that grammar has no ``&&``, ``||`` and ``!``, breaks IPv6 addresses and negative
numbers after a colon, reports no position for most errors and is not safe between threads. Parts that follow each
other without an operator must all match; AND binds tighter than OR.
"""

from __future__ import annotations

from events import now_ms as present_ms
from store.query.clauses import clause, comparison, exists, match_regex, range_clause
from store.query.scanner import Scanner
from store.query.tree import And, MatchAll, Not, Or, Query

MAX_DEPTH = 50
MAX_CLAUSES = 1_000


def parse_query(text: str, now_ms: int | None = None) -> Query:
    """The tree of a query in Lucene syntax; an empty text or ``*`` is every event.

    Args:
        text: terms, ``"quoted phrases"``, wildcards ``*`` ``?``, ranges ``[a TO b]`` ``{a TO b}`` with ``*`` for an
            open end, ``field:>=x``, networks (``source.ip:10.0.0.0/8``), ``_exists_:field`` or ``field:*``,
            AND OR NOT && || ! + -, parentheses, ``field:(a OR b)``, ``/expressions/``, dates and date math.
        now_ms: what ``now`` means; the present where not given.

    Raises:
        QuerySyntaxError: the text can't be read; says where and how to write it.
    """
    parser = _Parser(Scanner(text), present_ms() if now_ms is None else now_ms)
    if parser.scanner.at_end():
        return MatchAll()
    query = parser.disjunction(None)
    if not parser.scanner.at_end():
        raise parser.scanner.error(f"unexpected '{parser.scanner.peek()}'; close or remove it", "unexpected_character")
    return query


class _Parser:
    """Recursive descent over one query."""

    def __init__(self, scanner: Scanner, now_ms: int) -> None:
        self.scanner = scanner
        self.now_ms = now_ms
        self.depth = 0
        self.clauses = 0

    def disjunction(self, field: str | None) -> Query:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels of parentheses; flatten the query"
            raise self.scanner.error(message, "query_too_deep")
        parts = [self.conjunction(field)]
        while not self.scanner.at_end() and (self.scanner.take("||") or self.scanner.take_keyword("OR")):
            parts.append(self.conjunction(field))
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def conjunction(self, field: str | None) -> Query:
        parts = [self.unary(field)]
        while not self.scanner.at_end() and self.scanner.peek() != ")":
            if self.scanner.text.startswith("||", self.scanner.position):
                break
            here = self.scanner.position
            if self.scanner.take_keyword("OR"):
                self.scanner.position = here
                break
            _ = self.scanner.take("&&") or self.scanner.take_keyword("AND")
            parts.append(self.unary(field))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def unary(self, field: str | None) -> Query:
        negated = False
        while not self.scanner.at_end():
            operator = self.scanner.take("!", "-", "+") or self.scanner.take_keyword("NOT")
            if operator is None:
                break
            negated ^= operator != "+"
        part = self.primary(field)
        return Not(part) if negated else part

    def primary(self, field: str | None) -> Query:
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise self.scanner.error(f"more than {MAX_CLAUSES:,} parts; split the query", "query_too_many_parts")
        self.scanner.skip_spaces()
        for word in ("AND", "OR", "TO"):
            here = self.scanner.position
            if self.scanner.take_keyword(word):
                self.scanner.position = here
                message = f"{word} has nothing on one side; quote it to search for the word"
                raise self.scanner.error(message, "operator_alone")
        if self.scanner.peek() == "(":
            return self.group(field)
        if field is not None or self.scanner.peek() in ('"', "/", "[", "{", "<", ">"):
            return self.value(field)
        return self.named_or_bare()

    def group(self, field: str | None) -> Query:
        opened = self.scanner.position
        self.scanner.position += 1
        query = self.disjunction(field)
        if self.scanner.at_end() or not self.scanner.take(")"):
            message = f"the parenthesis opened at character {opened + 1} is not closed; add a )"
            raise self.scanner.error(message, "parenthesis_open")
        return query

    def named_or_bare(self) -> Query:
        word = self.scanner.word(in_value=False)
        if not self.scanner.take(":"):
            if set(word.pattern) == {"*"}:
                return MatchAll()
            return clause(None, word, self.now_ms)
        self.scanner.skip_spaces()
        if word.text == "_exists_":
            return exists(self.scanner)
        if word.has_wildcard:
            if word.pattern == "*" and self.scanner.take("*"):
                return MatchAll()
            self.scanner.position = word.position
            message = "a field's name can't hold wildcards; name each field, joined by OR"
            raise self.scanner.error(message, "field_with_wildcard")
        return self.group(word.text) if self.scanner.peek() == "(" else self.value(word.text)

    def value(self, field: str | None) -> Query:
        scanner, peek = self.scanner, self.scanner.peek()
        if peek == '"':
            start = scanner.position
            return clause(field, (scanner.quoted(), start), self.now_ms)
        if peek == "/":
            return match_regex(field, scanner)
        if peek in ("[", "{"):
            return range_clause(field, scanner, self.now_ms)
        if peek in ("<", ">"):
            return comparison(field, scanner, self.now_ms)
        return clause(field, scanner.word(in_value=True), self.now_ms)
