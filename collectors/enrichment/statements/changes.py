"""Statements that change something: what they read, what they write, and where what they read goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from sqlglot import exp

from collectors.enrichment.statements.queries import Queries
from collectors.enrichment.statements.reading import STAR, Destination
from collectors.enrichment.statements.sources import (
    NOWHERE,
    FieldsOf,
    Frame,
    Origin,
    Origins,
    Outputs,
    Uncertain,
    table_name,
)


class Changes(Queries):
    """Resolves statements of every kind; gathers what they read, write and give away."""

    def __init__(self, fields_of: FieldsOf) -> None:
        """Start with nothing gathered."""
        super().__init__(fields_of)
        self.writes: set[Origin] = set()
        self.outputs: Origins = NOWHERE
        self.destination = Destination.NONE

    def statement(self, node: exp.Expr, frame: Frame) -> None:
        """Resolve a whole statement.

        Raises:
            Uncertain: where a column comes from can't be told, or the statement is of a form that is not known.
        """
        if isinstance(node, exp.Query):
            self._query(node, frame)
        elif isinstance(node, exp.Values):
            self.looked_at(node, frame)
        elif isinstance(node, exp.Insert | exp.Update | exp.Delete | exp.Merge):
            self._give(self.change(node, frame).all(), Destination.CLIENT)
        elif isinstance(node, exp.Create):
            self._create(node, frame)
        elif isinstance(node, exp.Copy):
            self._copy(node, frame)
        elif isinstance(node, exp.MultitableInserts):
            self._inserts(node, frame)
        elif isinstance(node, exp.Drop | exp.TruncateTable | exp.Alter):
            self._whole_tables(node)
        else:
            raise Uncertain(f"a form of statement that is not known ({type(node).__name__})")

    def member(self, body: exp.Expr, frame: Frame) -> Outputs:
        """What a common table expression gives; one may change tables and return what it changed."""
        if isinstance(body, exp.Insert | exp.Update | exp.Delete | exp.Merge):
            return self.change(body, frame)
        return self.query(body, frame)

    def change(self, node: exp.Expr, outer: Frame) -> Outputs:
        """Resolve a change of rows; returns what it returns."""
        frame = outer.within()
        self.bind_ctes(node, frame)
        if isinstance(node, exp.Insert):
            self._insert(node, frame)
        elif isinstance(node, exp.Update):
            self._update(node, frame)
        elif isinstance(node, exp.Delete):
            self._delete(node, frame)
        elif isinstance(node, exp.Merge):
            self._merge(node, frame)
        outputs = Outputs()
        returning = node.args.get("returning")
        for projection in returning.expressions if returning is not None else ():
            self._projected(projection, frame, outputs)
        return outputs

    def _query(self, node: exp.Query, frame: Frame) -> None:
        outputs = self.query(node, frame)
        into = node.args.get("into")
        if into is None:
            self._give(outputs.all(), Destination.CLIENT)
        elif isinstance(into.this, exp.Table) and isinstance(into.this.this, exp.Identifier):
            self._write(into.this, [STAR])
            self._give(outputs.all(), Destination.TABLE)
        else:  # into variables of the session
            self._give(outputs.all(), Destination.CLIENT)

    def _insert(self, node: exp.Insert, frame: Frame) -> None:
        target, names = _target(node.this)
        source = node.expression
        outputs = NOWHERE if source is None or isinstance(source, exp.Values) else self.query(source, frame).all()
        if isinstance(source, exp.Values):
            self.looked_at(source, frame)
        if isinstance(target, exp.Directory):
            self._give(outputs, Destination.FILE)
            return
        self._write(target, names or [STAR])
        if outputs:
            self._give(outputs, Destination.TABLE)
        frame.sources.clear()
        self.bind(target, frame)
        if node.args.get("conflict") is not None:
            self._conflict(node.args["conflict"], target, frame)

    def _conflict(self, conflict: exp.Expr, target: exp.Expr, frame: Frame) -> None:
        for each in conflict.expressions:
            if isinstance(each, exp.EQ):
                self._write(target, [each.this.name.lower()])
                values = [part for part in each.expression.find_all(exp.Column) if part.table.lower() != "excluded"]
                for column in values:
                    self.looked_at(column, frame)
        if conflict.args.get("where") is not None:
            raise Uncertain("a condition on what to do with a row that is there")

    def _update(self, node: exp.Update, frame: Frame) -> None:
        target, clause = node.this, node.args.get("from_")
        if clause is None or not _is_alias_of(target, clause.this):
            self.bind(target, frame)
        if clause is not None:
            self.bind(clause.this, frame)
        self._joined(target, clause, frame)
        taken: Origins = NOWHERE
        for assignment in node.expressions:
            if not isinstance(assignment, exp.EQ):
                raise Uncertain("an assignment of a form that is not known")
            taken |= self.looked_at(assignment.expression, frame, given=True)
            self._assign(assignment, target, frame)
        written = {origin.table for origin in self.writes}
        self._give(frozenset(each for each in taken if each.table not in written), Destination.TABLE)
        self._given_parts(node, frame)

    def _assign(self, assignment: exp.EQ, target: exp.Table, frame: Frame) -> None:
        places = assignment.this.expressions if isinstance(assignment.this, exp.Tuple) else [assignment.this]
        for column in places:
            if not isinstance(column, exp.Column):
                raise Uncertain("an assignment to something that is no column")
            if column.table:
                self.writes |= frame.qualified(column.table.lower(), column.name.lower())
            elif len(frame.sources) == 1 or not target.args.get("joins"):
                self.writes |= next(iter(frame.sources.values())).origins(column.name.lower())
            else:
                self.writes |= frame.unqualified(column.name.lower())

    def _delete(self, node: exp.Delete, frame: Frame) -> None:
        self.bind(node.this, frame)
        using = node.args.get("using") or []
        for table in using if isinstance(using, list) else [using]:
            if not _is_alias_of(node.this, table):
                self.bind(table, frame)
        self._joined(node.this, None, frame)
        tables = node.args.get("tables") or [node.this]
        for table in tables:
            source = frame.sources.get(table.alias_or_name.lower())
            if source is None or source.table is None:
                raise Uncertain("a deletion from a table that the statement does not name")
            self.writes.add(Origin(source.table, STAR))
        self._given_parts(node, frame)

    def _merge(self, node: exp.Merge, frame: Frame) -> None:
        self.bind(node.this, frame)
        self.bind(node.args["using"], frame)
        self.looked_at(node.args["on"], frame)
        taken: Origins = NOWHERE
        target = next(iter(frame.sources.values())).table
        for when in node.args["whens"].expressions:
            then = when.args["then"]
            if when.args.get("condition") is not None:
                self.looked_at(when.args["condition"], frame)
            taken |= self._merged(then, target, frame)
        self._give(taken, Destination.TABLE)

    def _merged(self, then: exp.Expr, target: object, frame: Frame) -> Origins:
        if target is None:
            raise Uncertain("a MERGE into something that is no table")
        table = next(iter(frame.sources.values()))
        taken: Origins = NOWHERE
        if isinstance(then, exp.Update):
            for assignment in then.expressions:
                self.writes |= table.origins(assignment.this.name.lower())
                taken |= self.looked_at(assignment.expression, frame, given=True)
        elif isinstance(then, exp.Insert):
            names = [column.name.lower() for column in then.this.expressions] if then.this is not None else [STAR]
            for name in names:
                self.writes |= table.origins(name)
            if then.expression is not None:
                taken |= self.looked_at(then.expression, frame, given=True)
        elif then.name.upper() == "DELETE":
            self.writes |= table.origins(STAR)
        return taken - {each for each in taken if each.table == table.table}

    def _create(self, node: exp.Create, frame: Frame) -> None:
        if node.kind not in {"TABLE", "VIEW"}:
            raise Uncertain("a definition of something that is no table")
        target, _ = _target(node.this)
        self._write(target, [STAR])
        if node.expression is not None:
            outputs = self.query(node.expression, frame).all()
            self._give(outputs, Destination.TABLE if node.kind == "TABLE" else Destination.NONE)

    def _copy(self, node: exp.Copy, frame: Frame) -> None:
        if node.args.get("kind"):
            target, names = _target(node.this)
            self._write(target, names or [STAR])
            return
        files = " ".join(str(file) for file in node.args.get("files") or ()).upper()
        destination = Destination.CLIENT if "STDOUT" in files else Destination.FILE
        if isinstance(node.this, exp.Query):
            self._give(self.query(node.this, frame).all(), destination)
            return
        target, names = _target(node.this)
        self.bind(target, frame)
        [source] = frame.sources.values()
        given = frozenset().union(*(source.origins(name) for name in names)) if names else source.everything().all()
        self.reads |= given
        self._give(given, destination)

    def _inserts(self, node: exp.MultitableInserts, frame: Frame) -> None:
        """Oracle's ``INSERT ALL … SELECT``: every target may take every column of the query."""
        source = node.args["source"]
        if not isinstance(source, exp.Query):
            raise Uncertain("several inserts from one table")
        self._give(self.query(source, frame).all(), Destination.TABLE)
        for conditional in node.expressions:
            for insert in conditional.find_all(exp.Insert):
                target, names = _target(insert.this)
                self._write(target, names or [STAR])

    def _whole_tables(self, node: exp.Expr) -> None:
        if isinstance(node, exp.Drop) and node.args.get("kind") not in {"TABLE", "VIEW"}:
            raise Uncertain("the removal of something that is no table")
        named = node.expressions if isinstance(node, exp.TruncateTable) else node.args.get("tables") or [node.this]
        for table in named:
            if not isinstance(table, exp.Table):
                raise Uncertain("a change of something that is no table")
            self._write(table, [STAR])

    def _joined(self, target: exp.Expr, clause: exp.Expr | None, frame: Frame) -> None:
        self.conditions([*(target.args.get("joins") or ()), *_joins_of(clause)], frame)

    def _given_parts(self, node: exp.Expr, frame: Frame) -> None:
        for part in ("where", "order"):
            if node.args.get(part) is not None:
                self.looked_at(node.args[part], frame)

    def _write(self, target: exp.Expr, columns: Iterable[str]) -> None:
        if not (isinstance(target, exp.Table) and isinstance(target.this, exp.Identifier)):
            raise Uncertain("a change of something that is no table")
        self.writes |= {Origin(table_name(target), column) for column in columns}

    def _give(self, outputs: Origins, destination: Destination) -> None:
        if outputs or destination is Destination.FILE:
            self.outputs |= outputs
            self.destination = max(self.destination, destination, key=list(Destination).index)


def _target(node: exp.Expr) -> tuple[exp.Expr, list[str]]:
    """A table and the columns listed after it."""
    if isinstance(node, exp.Schema):
        names = [each.name.lower() for each in node.expressions if isinstance(each, exp.Identifier | exp.Column)]
        return node.this, names
    return node, []


def _is_alias_of(target: exp.Expr, table: exp.Expr) -> bool:
    """Whether ``UPDATE a … FROM t a`` names with its target what stands in its FROM clause (SQL Server)."""
    names = {each.alias_or_name.lower() for each in chain([table], (join.this for join in _joins_of_table(table)))}
    return target.alias_or_name.lower() in names


def _joins_of(clause: exp.Expr | None) -> Iterator[exp.Join]:
    if clause is not None:
        yield from _joins_of_table(clause.this)


def _joins_of_table(table: exp.Expr) -> Iterator[exp.Join]:
    yield from table.args.get("joins") or ()
