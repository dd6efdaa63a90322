"""What to ask the event store for when indicators have come in: everything that the watch would then match."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from detection.intelligence.policy import IntelligencePolicy
from detection.intelligence.values import IndicatorType, default_port
from store.query.patterns import escape_regex
from store.query.tree import Cidr, Or, Query, Regex, Term

_LONGEST_EXPRESSION = 900
"""Characters of one regular expression; Elasticsearch takes 1,000 (``index.max_regex_length``)."""


def search_query(kind: IndicatorType, values: Sequence[str], policy: IntelligencePolicy) -> Query:
    """Events whose fields may hold any of these values of a type; the watch has the last word on each."""
    fields = policy.types[kind]
    clauses = [clause for field in fields.fields for clause in _CLAUSES[kind](field, values)]
    clauses += [clause for field in fields.lists for clause in _listed(field, values)]
    return Or(tuple(clauses))


def _networks(field: str, values: Sequence[str]) -> Iterator[Query]:
    return (Cidr(field, value) for value in values)


def _hashes(field: str, values: Sequence[str]) -> Iterator[Query]:
    return (Term(field, value) for value in values)


def _listed(field: str, values: Sequence[str]) -> Iterator[Query]:
    return (Regex(field, f".*({expression}).*") for expression in _joined(values))


def _domains(field: str, values: Sequence[str]) -> Iterator[Query]:
    """The domains and all below them, in ASCII and as written in other scripts, with or without the root's dot."""
    spellings = [escape_regex(spelling) for value in values for spelling in _scripts(value)]
    return (Regex(field, rf"(.*\.)?({expression})\.?") for expression in _joined(spellings))


def _scripts(domain: str) -> list[str]:
    try:
        return list(dict.fromkeys((domain, domain.encode("ascii").decode("idna"))))
    except UnicodeError:
        return [domain]


def _urls(field: str, values: Sequence[str]) -> Iterator[Query]:
    return (Regex(field, _url_expression(value)) for value in values)


def _url_expression(url: str) -> str:
    """The spellings that are the same URL to the watch: with the default port, a fragment, an empty path or query."""
    parts = urlsplit(url)
    port = default_port(parts.scheme) if parts.port is None else ""
    path = "/?" if parts.path == "/" else escape_regex(parts.path)
    query = escape_regex(f"?{parts.query}") if parts.query else r"\??"
    origin = escape_regex(f"{parts.scheme}://{parts.netloc}")
    return f"{origin}({port})?{path}{query}(\\#.*)?" if port else f"{origin}{path}{query}(\\#.*)?"


def _joined(expressions: Iterable[str]) -> Iterator[str]:
    """Alternatives, in as few expressions as their length allows."""
    part: list[str] = []
    size = 0
    for each in expressions:
        if part and size + len(each) > _LONGEST_EXPRESSION:
            yield "|".join(part)
            part, size = [], 0
        part.append(each)
        size += len(each) + 1
    if part:
        yield "|".join(part)


_CLAUSES: dict[IndicatorType, Callable[[str, Sequence[str]], Iterator[Query]]] = {
    IndicatorType.IP: _networks,
    IndicatorType.DOMAIN: _domains,
    IndicatorType.URL: _urls,
    IndicatorType.HASH: _hashes,
}
