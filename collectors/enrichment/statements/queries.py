"""Queries: which columns a SELECT looks at, and from which its results are made."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from collectors.enrichment.statements.outputs import check_order, renamed, united
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
from collectors.enrichment.statements.walking import columns_and_queries, inner_joins

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
_PATTERN = frozenset("*+?|()[]")
"""What Hive takes for a pattern of column names where quoted identifiers are switched off."""
_HARMLESS = frozenset({"dual", "sysdummy1"})


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
                frame.ctes[name] = renamed(self.query(body.left, frame), names)
            frame.ctes[name] = renamed(self.member(body, frame), names)

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
        for part, hidden in columns_and_queries(node):
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
            return Source(outputs=renamed(self.query(table, frame), names))
        if isinstance(table, exp.Lateral) and isinstance(table.this, exp.Subquery):
            return Source(outputs=renamed(self.query(table.this, frame), names))
        if isinstance(table, exp.Unnest | exp.Lateral | exp.Values | exp.Table | exp.TableFromRows):
            return self._computed(table, frame, names)
        raise Uncertain(f"a form of table that is not known ({type(table).__name__})")

    def _table(self, table: exp.Table, frame: Frame) -> Source:
        name = table_name(table)
        if not name.schema:
            outputs = frame.cte(name.name)
            if outputs is not None:
                columns = table.args["alias"].columns if table.args.get("alias") else ()
                return Source(outputs=renamed(outputs, [column.name.lower() for column in columns]))
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
        self.conditions([*joins, *inner_joins(clause), *inner_joins(*joins)], frame)
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
            for column, _ in columns_and_queries(node):
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
            check_order(union.args["order"], left)
        return united(left, right)

    def _column(self, column: exp.Column, frame: Frame) -> Origins:
        name = column.name.lower()
        if isinstance(column.this, exp.Star):
            raise Uncertain("a star inside an expression")
        if not _PATTERN.isdisjoint(name):
            raise Uncertain("a name that may be a pattern of names")
        if not column.table:
            return frame.unqualified(name)
        return frame.qualified(column.table.lower(), name)
