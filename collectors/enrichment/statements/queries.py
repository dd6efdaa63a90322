"""Queries: which columns a SELECT looks at, and from which its results are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from collectors.enrichment.statements.sources import (
    NOWHERE,
    FieldsOf,
    Frame,
    Origin,
    Origins,
    Outputs,
    Source,
    Uncertain,
    table_name,
)

_PARTS = (
    "where",
    "group",
    "having",
    "qualify",
    "order",
    "windows",
    "distinct",
    "connect",
    "sort",
    "cluster",
    "distribute",
)
_BY_ALIAS = frozenset({"group", "having", "qualify", "order", "sort"})
_NOT_READ = ("pivots", "match", "sample_by")
_HARMLESS = frozenset({"dual", "sysdummy1"})
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


class Queries:
    """Resolves queries; gathers every column and table that they look at."""

    def __init__(self, fields_of: FieldsOf) -> None:
        """Keep how to look up the columns of a table."""
        self._fields_of = fields_of
        self.reads: set[Origin] = set()
        self.tables: set[exp.Table] = set()

    def query(self, node: exp.Expr, frame: Frame) -> Outputs:
        """What a query gives, seen from the frame around it.

        Raises:
            Uncertain: where a column comes from can't be told.
        """
        inner = frame.within()
        self.bind_ctes(node, inner)
        if isinstance(node, exp.Subquery | exp.Paren):
            return self.query(node.this, inner)
        if isinstance(node, exp.SetOperation):
            return self._united(node, inner)
        if isinstance(node, exp.Select):
            return self._selected(node, inner)
        if isinstance(node, exp.Values):
            self.looked_at(node, inner)
            return Outputs(positional=False)
        if isinstance(node, exp.Table):
            inner.add("", self._source(node, inner))
            return inner.sources[""].everything()
        raise Uncertain(f"a form of query that is not known ({type(node).__name__})")

    def bind_ctes(self, node: exp.Expr, frame: Frame) -> None:
        """Resolve the WITH clause of a node into the frame; a recursive one sees its own first member."""
        clause = node.args.get("with_")
        if clause is None:
            return
        for cte in clause.expressions:
            name, body = cte.alias.lower(), cte.this
            names = [column.name.lower() for column in cte.args["alias"].columns]
            if clause.recursive and isinstance(body, exp.SetOperation):
                frame.ctes[name] = _renamed(self.query(body.left, frame), names)
            frame.ctes[name] = _renamed(self.member(body, frame), names)

    def member(self, body: exp.Expr, frame: Frame) -> Outputs:
        """What the body of a common table expression gives; changes have their own reader."""
        return self.query(body, frame)

    def looked_at(self, node: exp.Expr, frame: Frame, *, given: bool = False) -> Origins:
        """Note every column of an expression as read.

        Args:
            node: the expression.
            frame: what it sees.
            given: whether to return the columns whose values the expression gives; what is only counted or asked for
                its existence is not among them.
        """
        origins: set[Origin] = set()
        for part, hidden in _columns_and_queries(node):
            if isinstance(part, exp.Column):
                found = self._column(part, frame)
                self.reads |= found
            else:
                found = self.query(part, frame).all()
            if given and not hidden:
                origins |= found
        return frozenset(origins)

    def bind(self, table: exp.Expr, frame: Frame) -> None:
        """Put a table, subquery or computed table of a FROM clause into the frame, with what is joined to it."""
        alias = table.alias_or_name.lower()
        if isinstance(table, exp.Table) and isinstance(table.this, exp.Paren | exp.Subquery):
            table = table.this
        if isinstance(table, exp.Paren) or (isinstance(table, exp.Subquery) and isinstance(table.this, exp.Table)):
            self.bind(table.this, frame)
        else:
            frame.add(alias or f"({len(frame.sources)})", self._source(table, frame))
        for join in table.args.get("joins") or ():
            self.join(join, frame)
        for lateral in table.args.get("laterals") or ():
            self.bind(lateral, frame)

    def join(self, join: exp.Join, frame: Frame) -> None:
        """Put what is joined into the frame; conditions are looked at when all sources stand."""
        self.bind(join.this, frame)

    def conditions(self, joins: Sequence[exp.Join], frame: Frame) -> None:
        """The columns that joins compare."""
        for join in joins:
            if join.method.upper() == "NATURAL":
                raise Uncertain("a NATURAL JOIN, which compares columns that it does not name")
            if join.args.get("on") is not None:
                self.looked_at(join.args["on"], frame)
            for name in join.args.get("using") or ():
                for source in frame.sources.values():
                    if source.has(name.name.lower()) is not False:
                        self.reads |= source.origins(name.name.lower())

    def _source(self, table: exp.Expr, frame: Frame) -> Source:
        if any(table.args.get(part) for part in _NOT_READ):
            raise Uncertain("a PIVOT or another clause that makes columns of its own")
        if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier):
            return self._table(table, frame)
        names = [column.name.lower() for column in table.args["alias"].columns] if table.args.get("alias") else []
        if isinstance(table, exp.Subquery):
            return Source(outputs=_renamed(self.query(table, frame), names))
        if isinstance(table, exp.Lateral) and isinstance(table.this, exp.Subquery):
            return Source(outputs=_renamed(self.query(table.this, frame), names))
        if isinstance(table, exp.Unnest | exp.Lateral | exp.Values | exp.Table | exp.TableFromRows):
            return self._computed(table, frame, names)
        raise Uncertain(f"a form of table that is not known ({type(table).__name__})")

    def _table(self, table: exp.Table, frame: Frame) -> Source:
        name = table_name(table)
        if not name.schema:
            outputs = frame.cte(name.name)
            if outputs is not None:
                columns = table.args["alias"].columns if table.args.get("alias") else ()
                return Source(outputs=_renamed(outputs, [column.name.lower() for column in columns]))
        if name.name in _HARMLESS:
            return Source(outputs=Outputs())
        self.tables.add(table)
        if table.args.get("alias") and table.args["alias"].columns:
            raise Uncertain("a table whose columns are renamed by its alias")
        return Source(table=name, fields=self._fields_of(name))

    def _computed(self, table: exp.Expr, frame: Frame, names: Sequence[str]) -> Source:
        """A table that a known function or a list makes; its columns are made of what it is given."""
        if isinstance(table.this, exp.Anonymous | exp.Dot):
            raise Uncertain("a table that a function makes")
        given = NOWHERE
        for argument in table.iter_expressions():
            if not isinstance(argument, exp.TableAlias | exp.Join):
                given |= self.looked_at(argument, frame, given=True)
        return Source(outputs=Outputs(dict.fromkeys(names, given))) if names else Source(made_of=given)

    def _selected(self, select: exp.Select, frame: Frame) -> Outputs:
        self._bind_from(select, frame)
        outputs = Outputs()
        for projection in select.expressions:
            self._projected(projection, frame, outputs)
        frame.aliases = frozenset(
            each.alias.lower() for each in select.expressions if isinstance(each, exp.Alias) and each.alias
        )
        for part in _PARTS:
            self._part(select, part, frame)
        return outputs

    def _bind_from(self, select: exp.Select, frame: Frame) -> None:
        clause = select.args.get("from_")
        if clause is not None:
            self.bind(clause.this, frame)
        joins = select.args.get("joins") or []
        for join in joins:
            self.join(join, frame)
        for lateral in select.args.get("laterals") or ():
            self.bind(lateral, frame)
        self.conditions([*joins, *_inner_joins(clause), *_inner_joins(*joins)], frame)
        if select.args.get("match") or select.args.get("pivots"):
            raise Uncertain("a clause that makes columns of its own")

    def _part(self, select: exp.Select, part: str, frame: Frame) -> None:
        given = select.args.get(part)
        if given is None or isinstance(given, bool):
            return
        for node in given if isinstance(given, list) else [given]:
            if part not in _BY_ALIAS:
                self.looked_at(node, frame)
                continue
            for column, _ in _columns_and_queries(node):
                own = isinstance(column, exp.Column) and not column.table and column.name.lower() in frame.aliases
                if not own:
                    self.looked_at(column, frame)

    def _projected(self, projection: exp.Expr, frame: Frame, outputs: Outputs) -> None:
        if projection.is_star:
            self._star(projection, frame, outputs)
            return
        value = projection.this if isinstance(projection, exp.Alias) else projection
        outputs.add(projection.alias_or_name.lower(), self.looked_at(value, frame, given=True))

    def _star(self, projection: exp.Expr, frame: Frame, outputs: Outputs) -> None:
        star = projection.this if isinstance(projection, exp.Column) else projection
        if star.args.get("except_") or star.args.get("replace") or star.args.get("rename"):
            raise Uncertain("a star with exceptions")
        qualifier = projection.table.lower() if isinstance(projection, exp.Column) else ""
        if qualifier and qualifier not in frame.sources:
            raise Uncertain("a star of a table that the statement does not name")
        for source in [frame.sources[qualifier]] if qualifier else frame.sources.values():
            everything = source.everything()
            outputs.positional &= everything.positional
            for name, origins in everything.columns.items():
                outputs.add(name, origins)
            outputs.stars |= everything.stars
            self.reads |= everything.all()

    def _united(self, union: exp.SetOperation, frame: Frame) -> Outputs:
        left, right = self.query(union.left, frame), self.query(union.right, frame)
        if union.args.get("order") is not None:
            _check_order(union.args["order"], left)
        return united(left, right)

    def _column(self, column: exp.Column, frame: Frame) -> Origins:
        name = column.name.lower()
        if isinstance(column.this, exp.Star):
            raise Uncertain("a star inside an expression")
        if not column.table:
            return frame.unqualified(name)
        return frame.qualified(column.table.lower(), name)


def united(left: Outputs, right: Outputs) -> Outputs:
    """The rows of both under the names of the left; columns correspond by their order where that is known."""
    aligned = left.positional and right.positional and len(left.columns) == len(right.columns)
    outputs = Outputs(dict(left.columns), left.stars | right.stars, positional=aligned)
    others = list(right.columns.values())
    mixed = right.all() if not aligned else NOWHERE
    for place, name in enumerate(left.columns):
        outputs.columns[name] |= others[place] if aligned else mixed
    if mixed and not left.columns:
        outputs.columns[""] = mixed
    return outputs


def _check_order(order: exp.Expr, left: Outputs) -> None:
    """The order of a union names its results, which are read already."""
    for column in order.find_all(exp.Column):
        if column.table or (column.name.lower() not in left.columns and not left.stars):
            raise Uncertain("the order of a union by something that it does not give")


def _renamed(outputs: Outputs, names: Sequence[str]) -> Outputs:
    """The outputs under the names that an alias lists."""
    if not names:
        return outputs
    if not outputs.positional or outputs.stars or len(names) != len(outputs.columns):
        return Outputs(dict.fromkeys(names, outputs.all()), positional=False)
    return Outputs(dict(zip(names, outputs.columns.values(), strict=True)))


def _inner_joins(*nodes: exp.Expr | None) -> Iterator[exp.Join]:
    """The joins that stand inside the tables of a FROM clause or of joins."""
    for node in nodes:
        table = node.this if node is not None else None
        while table is not None:
            joins = table.args.get("joins") or ()
            yield from joins
            yield from _inner_joins(*joins)
            table = table.this if isinstance(table, exp.Paren | exp.Subquery | exp.Table) else None
            if not isinstance(table, exp.Paren | exp.Subquery | exp.Table):
                return


def _columns_and_queries(node: exp.Expr, *, hidden: bool = False) -> Iterator[tuple[exp.Expr, bool]]:
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
        yield from _columns_and_queries(child, hidden=hidden)
