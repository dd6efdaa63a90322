"""Walking through the syntax tree of a statement: its columns, its queries, its joins."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from collectors.enrichment.statements.sources import Uncertain

_RUNS_TEXT = frozenset(
    [
        "dblink",
        "dblink_exec",
        "dblink_open",
        "query_to_xml",
        "query_to_xml_and_xmlschema",
        "table_to_xml",
        "schema_to_xml",
        "database_to_xml",
        "cursor_to_xml",
        "pg_read_file",
        "pg_read_binary_file",
        "lo_import",
        "lo_export",
        "load_file",
        "openquery",
        "openrowset",
        "opendatasource",
        "sys_exec",
        "sys_eval",
        "xmlquery_to_xml",
        "ts_stat",
        "crosstab",
        "connectby",
        "reflect",
        "java_method",
    ]
)
"""Functions that run SQL given as text, or read files: what they look at does not stand in the statement."""


def inner_joins(*nodes: exp.Expr | None) -> Iterator[exp.Join]:
    """The joins that stand inside the tables of a FROM clause or of joins."""
    for node in nodes:
        table = node.this if node is not None else None
        while table is not None:
            joins = table.args.get("joins") or ()
            yield from joins
            yield from inner_joins(*joins)
            table = table.this if isinstance(table, exp.Paren | exp.Subquery | exp.Table) else None
            if not isinstance(table, exp.Paren | exp.Subquery | exp.Table):
                return


def columns_and_queries(node: exp.Expr, *, hidden: bool = False) -> Iterator[tuple[exp.Expr, bool]]:
    """The columns and queries within an expression, outermost first, and whether their values stay inside it."""
    if isinstance(node, exp.Query):
        yield node, hidden
        return
    if isinstance(node, exp.Column):
        yield node, hidden
        return
    if isinstance(node, exp.Anonymous | exp.Func) and node.name.lower() in _RUNS_TEXT:
        raise Uncertain("a function that runs text or reads a file")
    hidden = hidden or isinstance(node, exp.Count | exp.Exists | exp.ApproxDistinct)
    for child in node.iter_expressions():
        yield from columns_and_queries(child, hidden=hidden)
