"""Statements made by rules that also know what they read: the reader agrees, whatever the combination."""
# ruff: noqa: S608 (statements are what is tested; none is run)

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.enrichment.statements import StatementReader
from collectors.enrichment.statements.fingerprint import fingerprint
from collectors.enrichment.statements.reading import Columns

TABLES = {"person": ("id", "name", "mobile"), "unit": ("code", "title"), "visit": ("number", "cost", "diagnosis")}


@dataclass(frozen=True)
class Query:
    """A query by its text, its results with their origins, and everything that it looks at."""

    text: str
    results: tuple[tuple[str, frozenset[str]], ...]
    reads: frozenset[str]


literals = st.sampled_from(["1", "'x'", "'a''b'", "3.5", "'-- no comment'", "'SELECT name FROM person'"])


@st.composite
def from_table(draw: st.DrawFn) -> Query:
    table = draw(st.sampled_from(sorted(TABLES)))
    columns = draw(st.lists(st.sampled_from(TABLES[table]), min_size=1, max_size=3, unique=True))
    alias = draw(st.sampled_from(["", "t", table]))
    prefix = f"{alias}." if alias and draw(st.booleans()) else ""
    results, items = [], []
    for place, column in enumerate(columns):
        wrapped = draw(st.sampled_from(["{}", "UPPER({})", "COALESCE({}, 'x')", "CONCAT({}, '-')"]))
        items.append(f"{wrapped.format(prefix + column)} AS c{place}")
        results.append((f"c{place}", frozenset({f"{table}.{column}"})))
    text = f"SELECT {', '.join(items)} FROM {table} {alias}"
    reads = {f"{table}.{column}" for column in columns}
    if draw(st.booleans()):
        bound = draw(st.sampled_from(TABLES[table]))
        text += f" WHERE {prefix}{bound} = {draw(literals)}"
        reads.add(f"{table}.{bound}")
    return Query(text, tuple(results), frozenset(reads))


def derived(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    @st.composite
    def build(draw: st.DrawFn) -> Query:
        query = draw(inner)
        chosen = draw(st.lists(st.sampled_from([name for name, _ in query.results]), min_size=1, unique=True))
        origins = dict(query.results)
        items = ", ".join(f"d.{name} AS c{place}" for place, name in enumerate(chosen))
        if draw(st.booleans()):
            text = f"SELECT {items} FROM ({query.text}) d"
        else:
            text = f"WITH d AS ({query.text}) SELECT {items} FROM d"
        return Query(text, tuple((f"c{place}", origins[name]) for place, name in enumerate(chosen)), query.reads)

    return build()


def united(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    @st.composite
    def build(draw: st.DrawFn) -> Query:
        left, right = draw(inner), draw(inner)
        width = min(len(left.results), len(right.results))
        sides = [
            f"SELECT {', '.join(f'u.c{place}' for place in range(width))} FROM ({side.text}) u"
            for side in (left, right)
        ]
        results = tuple((f"c{place}", left.results[place][1] | right.results[place][1]) for place in range(width))
        return Query(f"{sides[0]} UNION ALL {sides[1]}", results, left.reads | right.reads)

    return build()


queries = st.recursive(from_table(), lambda inner: derived(inner) | united(inner), max_leaves=5)


def spelled(columns: Columns) -> frozenset[str]:
    return frozenset(f"{table.name}.{name}" for table, names in columns.items() for name in names)


def reader() -> StatementReader:
    return StatementReader(lambda table: frozenset(TABLES[table.name]) if table.name in TABLES else None)


@given(queries, st.sampled_from(["mysql", "postgres", "oracle", "hive"]))
@settings(max_examples=150)
def test_reads_what_the_query_was_made_of(query: Query, dialect: str) -> None:
    reading = reader().read(query.text, dialect)
    assert reading.unknown is None
    assert spelled(reading.outputs) == frozenset().union(*(origins for _, origins in query.results))
    assert spelled(reading.reads) == query.reads


@given(st.text(max_size=200), st.sampled_from(["mysql", "postgres", "oracle", "tsql", "hive", "", "other"]))
@settings(max_examples=300)
def test_takes_any_text(text: str, dialect: str) -> None:
    reading = reader().read(text, dialect)
    assert reading.unknown is None or len(text) < 20 or text not in reading.unknown


@given(st.lists(st.sampled_from(["SELECT", "FROM", "(", ")", ",", "*", "name", "person", "'", '"', "/*", "*/", "--",
                                 "WHERE", "=", "UNION", "JOIN", "WITH", "AS", ";", "INSERT INTO", "UPDATE", "1"]),
                max_size=40))  # fmt: skip
@settings(max_examples=300)
def test_takes_any_words(words: list[str]) -> None:
    statement, remembering = " ".join(words), reader()
    first = remembering.read(statement, "mysql")
    assert remembering.read(statement, "mysql") == first == reader().read(statement, "mysql")


def test_forgets_no_difference_but_values() -> None:
    one = fingerprint("SELECT name FROM person WHERE id IN (1, 2, 3) AND mobile = 'it''s'", "mysql")
    assert one == fingerprint("SELECT  name FROM person\nWHERE id IN (4) AND mobile = 'x'", "mysql").replace(
        "(?)", "(?)"
    )
    assert fingerprint("SELECT a FROM t_2024", "mysql") != fingerprint("SELECT a FROM t_2025", "mysql")
    assert fingerprint("SELECT a FROM 2024_log", "mysql") != fingerprint("SELECT a FROM 2025_log", "mysql")
    assert fingerprint("SELECT a /*x*/, b FROM t", "mysql") != fingerprint("SELECT a 'x', b FROM t", "mysql")
    assert fingerprint('SELECT "a" FROM t', "postgres") != fingerprint('SELECT "b" FROM t', "postgres")
    assert fingerprint('SELECT "a" FROM t', "mysql") == fingerprint('SELECT "b" FROM t', "mysql")


def test_reads_one_form_once() -> None:
    asked: list[str] = []

    def fields_of(table: object) -> None:
        asked.append(str(table))

    reading = StatementReader(fields_of)
    first = reading.read("SELECT a FROM t WHERE b = 'x'", "mysql")
    assert reading.read("SELECT a FROM t WHERE b = 'another'", "mysql") is first
    assert asked == ["t"]
    reading.forget()
    assert reading.read("SELECT a FROM t WHERE b = 'x'", "mysql") is not first


def test_stays_within_its_bounds() -> None:
    nested = "SELECT a FROM t WHERE " + "(" * 500 + "1=1" + ")" * 500
    assert "nested" in str(reader().read(nested, "mysql").unknown)
    assert "longer" in str(reader().read("SELECT '" + "x" * 70_000 + "'", "mysql").unknown)
    unclosed = "SELECT '" * 2_000
    assert reader().read(unclosed, "mysql").unknown is not None
