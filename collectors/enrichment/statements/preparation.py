"""Before parsing: forms that the parser does not know, brought to forms that it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import Dialect, TokenType
from sqlglot.tokenizer_core import Token

DIALECTS = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "percona": "mysql",
    "tidb": "mysql",
    "oceanbase": "mysql",
    "goldendb": "mysql",
    "gbase": "mysql",
    "gbase8a": "mysql",
    "postgresql": "postgres",
    "postgres": "postgres",
    "opengauss": "postgres",
    "gaussdb": "postgres",
    "kingbase": "postgres",
    "kingbasees": "postgres",
    "highgo": "postgres",
    "vastbase": "postgres",
    "greenplum": "postgres",
    "oracle": "oracle",
    "dm": "oracle",
    "dameng": "oracle",
    "mssql": "tsql",
    "tsql": "tsql",
    "sqlserver": "tsql",
    "sql server": "tsql",
    "microsoft sql server": "tsql",
    "hive": "hive",
    "impala": "hive",
    "inceptor": "hive",
    "sparksql": "hive",
}
"""By a database's name in audit records, the parser's dialect; products without one go with the one they follow."""

_EXECUTED_COMMENT = re.compile(r"/\*M?!\d{0,6}(.*?)\*/", re.DOTALL)
_FILE_WORDS = frozenset({"OUTFILE", "DUMPFILE"})
_FILE_OPTIONS = frozenset(
    [
        "CHARACTER",
        "CHARSET",
        "SET",
        "FIELDS",
        "COLUMNS",
        "LINES",
        "TERMINATED",
        "OPTIONALLY",
        "ENCLOSED",
        "ESCAPED",
        "STARTING",
        "BY",
    ]
)
_EXPLAIN = re.compile(r"\s*(?:EXPLAIN|DESCRIBE|DESC)\b", re.IGNORECASE)
_CURSOR = re.compile(r"\s*DECLARE\s+\S+(?:\s+\w+){0,6}?\s+CURSOR(?:\s+\w+\s+HOLD)?\s+FOR\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<![\w:]):(\d+)\b")
"""Parameters by number, which the parser knows by name alone."""
_REPLACE = re.compile(r"\s*REPLACE\s+(?:(?:LOW_PRIORITY|DELAYED)\s+)?(?:INTO\s+)?", re.IGNORECASE)
_INSERT_WORDS = re.compile(r"\bINSERT\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY)\s+", re.IGNORECASE)
_LOAD = re.compile(r"\s*LOAD\s+(?:DATA|XML)\b.*?\bINTO\s+TABLE\s+(?P<table>[`\w.]+)\b.*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement ready for the parser.

    Attributes:
        text: what to parse.
        to_file: whether its result is written to a file on the server.
        loads: the table that a ``LOAD DATA`` fills; nothing is parsed then.
    """

    text: str
    to_file: bool = False
    loads: str | None = None


def dialect_of(database: str | None) -> str | None:
    """The parser's dialect for a database by its name in audit records; None for one that is not known."""
    return DIALECTS.get(database.lower().strip()) if database else None


def explains(statement: str) -> bool:
    """Whether the statement only asks how another one would run, or what a table looks like."""
    return _EXPLAIN.match(statement) is not None


def prepared(statement: str, dialect: str) -> Prepared:
    """The statement in the parser's words."""
    if dialect == "oracle":
        return Prepared(_NUMBERED.sub(r":p\1", _CURSOR.sub("", statement, count=1)))
    if dialect != "mysql":
        return Prepared(_CURSOR.sub("", statement, count=1))
    statement = _EXECUTED_COMMENT.sub(r" \1 ", statement)
    loading = _LOAD.fullmatch(statement)
    if loading is not None:
        return Prepared("", loads=loading["table"].replace("`", "").lower())
    statement = _REPLACE.sub("INSERT INTO ", statement, count=1) if _REPLACE.match(statement) else statement
    statement = _INSERT_WORDS.sub("INSERT ", statement)
    return _without_file(statement) if "FILE" in statement.upper() else Prepared(statement)


def _without_file(statement: str) -> Prepared:
    """The statement less its ``INTO OUTFILE '…' …`` clause (MySQL manual, 15.2.13.1 "SELECT ... INTO Statement")."""
    tokens = Dialect.get_or_raise("mysql").tokenize(statement)
    for place, token in enumerate(tokens[:-2]):
        if token.token_type is TokenType.INTO and tokens[place + 1].text.upper() in _FILE_WORDS:
            end = _last_option(tokens, place + 2)
            return Prepared(statement[: token.start] + " " + statement[tokens[end].end + 1 :], to_file=True)
    return Prepared(statement)


def _last_option(tokens: Sequence[Token], place: int) -> int:
    """The place of the last token that tells how the file is written; ``place`` is that of the file's name."""
    while place + 1 < len(tokens) and (
        tokens[place + 1].text.upper() in _FILE_OPTIONS
        or tokens[place + 1].token_type is TokenType.STRING
        or tokens[place].text.upper() == "SET"
    ):
        place += 1
    return place
