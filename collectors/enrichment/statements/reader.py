"""Reads SQL statements: parse, resolve, remember."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from functools import cache

from pydantic import BaseModel, ConfigDict, Field
from sqlglot import Dialect, exp

from collectors.enrichment.statements.bounds import is_unconditional
from collectors.enrichment.statements.changes import Changes
from collectors.enrichment.statements.fingerprint import fingerprint
from collectors.enrichment.statements.preparation import Prepared, dialect_of, explains, prepared
from collectors.enrichment.statements.reading import (
    STAR,
    Destination,
    StatementReading,
    TableName,
    together,
    unreadable,
)
from collectors.enrichment.statements.sources import (
    PSEUDO_COLUMNS,
    FieldsOf,
    Frame,
    Uncertain,
    columns_by_table,
    table_name,
)
from policies import load_policy

_INERT = frozenset(
    [
        "commit",
        "rollback",
        "savepoint",
        "release",
        "show",
        "ping",
        "help",
        "kill",
        "reset",
        "discard",
        "listen",
        "unlisten",
        "unlock",
        "analyze",
        "vacuum",
        "checkpoint",
        "grant",
        "revoke",
        "flush",
        "deallocate",
        "close",
        "abort",
        "end",
        "connect",
        "comment",
    ]
)
"""First words of statements that read and change no rows."""
_SESSION = frozenset({"set", "use", "begin", "start", "lock"})
"""First words of statements that do so only when nothing else stands in them."""
_HEAD = 200
_QUOTED_WORD = re.compile(r'"(\w{1,64})"')
_WORK = re.compile(r"\b(?:select|insert|update|delete|merge|call|exec|execute|perform)\b|\(", re.IGNORECASE)
_VERBS: dict[type[exp.Expr], str] = {exp.TruncateTable: "truncate", exp.MultitableInserts: "insert"}

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # its warnings quote the statement


class StatementPolicy(BaseModel):
    """How far statements are read (``policies/collection/statements.yml``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    longest: int = Field(ge=1)
    deepest: int = Field(ge=1, le=60)
    remembered: int = Field(ge=1)


@cache
def statement_policy() -> StatementPolicy:
    """The policy in force.

    Raises:
        PolicyError: the file is missing or breaks its schema.
    """
    return load_policy("collection/statements.yml", StatementPolicy)


class StatementReader:
    """Reads statements, each form of them once; one thread at a time."""

    def __init__(self, fields_of: FieldsOf, policy: StatementPolicy | None = None) -> None:
        """Start with nothing remembered; ``fields_of`` gives the columns of the tables that are known."""
        self._fields_of = fields_of
        self._policy = policy or statement_policy()
        self._remembered: OrderedDict[tuple[str, str | None], StatementReading] = OrderedDict()

    def forget(self) -> None:
        """Read anew what was read; the columns of tables have changed."""
        self._remembered.clear()

    def read(self, statement: str, database: str | None) -> StatementReading:
        """What a statement reads and writes; right, or with a reason why it is not certain.

        Args:
            statement: the SQL text as the audit record has it, parameters as placeholders or with values.
            database: the kind of database as audit records name it (``mysql``, ``kingbase`` …).
        """
        dialect = dialect_of(database)
        if len(statement) > self._policy.longest:
            return unreadable("longer than statements are read")
        key = (fingerprint(statement, dialect or ""), dialect)
        found = self._remembered.get(key)
        if found is None:
            found = self._read(statement, dialect)
            self._remembered[key] = found
            if len(self._remembered) > self._policy.remembered:
                self._remembered.popitem(last=False)
        return found

    def _read(self, statement: str, dialect: str | None) -> StatementReading:
        verb = _first_word(statement)
        if verb in _INERT or (verb in _SESSION and not _WORK.search(statement)):
            return StatementReading(verb)
        if explains(statement):
            runs = "analyze" in statement[:_HEAD].lower()
            return unreadable("runs what it explains", verb) if runs else StatementReading(verb)
        if dialect is None:
            return unreadable("the kind of database is not known", verb)
        if _deepest(statement) > self._policy.deepest:
            return unreadable("nested more deeply than statements are read", verb)
        return self._parsed(statement, dialect, verb)

    def _parsed(self, statement: str, dialect: str, verb: str) -> StatementReading:
        try:
            ready = prepared(statement, dialect)
            if ready.loads is not None:
                return _loading(ready.loads)
            nodes = [node for node in Dialect.get_or_raise(dialect).parse(ready.text) if node is not None]
            return together(self._resolved(node, ready, dialect) for node in nodes) if nodes else StatementReading("")
        except Exception as error:  # noqa: BLE001 (whatever a parser makes of a hostile text, its record goes on)
            return unreadable(f"can't be parsed ({type(error).__name__})", verb)

    def _quotes_a_column(self, text: str, changes: Changes) -> bool:
        words = {word.lower() for word in _QUOTED_WORD.findall(text)}
        return bool(words) and any(words & (self._fields_of(table_name(each)) or set()) for each in changes.tables)

    def _resolved(self, node: exp.Expr, ready: Prepared, dialect: str) -> StatementReading:
        verb = _VERBS.get(type(node)) or ("select" if isinstance(node, exp.Query) else node.key)
        changes, doubt = Changes(self._fields_of), None
        try:
            changes.statement(node, Frame(pseudo=PSEUDO_COLUMNS.get(dialect, frozenset())))
        except Uncertain as uncertain:
            doubt = str(uncertain)
        if doubt is None and dialect == "mysql" and self._quotes_a_column(ready.text, changes):
            doubt = "a word in double quotes that is a string or, in the mode ANSI_QUOTES, a column"
        return StatementReading(
            verb,
            reads=columns_by_table(changes.reads) | _bare(changes),
            outputs=columns_by_table(changes.outputs),
            writes=columns_by_table(changes.writes),
            destination=Destination.FILE if ready.to_file else changes.destination,
            unconditional=bool(changes.outputs or changes.writes) and is_unconditional(node),
            unknown=doubt,
        )


def _bare(changes: Changes) -> dict[TableName, frozenset[str]]:
    """Tables of which no column is named (``SELECT COUNT(*) FROM t``) are read all the same."""
    named = {origin.table for origin in {*changes.reads, *changes.writes}}
    return {table_name(table): frozenset() for table in changes.tables if table_name(table) not in named}


def _loading(table: str) -> StatementReading:
    schema, _, name = table.rpartition(".")
    return StatementReading("load", writes={TableName("", schema, name): frozenset({STAR})})


def _first_word(statement: str) -> str:
    word = statement.lstrip(" \t\r\n(;").split(None, 1)[:1]
    return word[0].lower().strip("(;") if word and word[0][0].isalpha() else ""


def _deepest(statement: str) -> int:
    """How many brackets are open at once, those in literals included."""
    depth = deepest = 0
    for character in statement:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    return deepest
