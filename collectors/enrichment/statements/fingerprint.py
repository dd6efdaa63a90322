"""A statement without its values: what statements that differ in nothing else have in common.

Two statements with one fingerprint read the same tables and columns. Where a text can't be taken apart safely, more of
it is kept, so that it only ever shares its fingerprint with fewer.
"""

from __future__ import annotations

import re

_NUMBER = r"(?<![\w$#@.])(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w$.])"
_PLAIN = r"'(?:[^']|'')*'"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*'"
_MYSQL = re.compile(rf'{_ESCAPED}|"(?:[^"\\]|\\.|"")*"|{_NUMBER}', re.DOTALL)
_POSTGRES = re.compile(rf"\b[eE]{_ESCAPED}|{_PLAIN}|\$(\w*)\$.*?\$\1\$|{_NUMBER}", re.DOTALL)
_OTHER = re.compile(rf"{_PLAIN}|{_NUMBER}", re.DOTALL)
_LITERALS = {
    "mysql": _MYSQL,
    "hive": _MYSQL,
    "postgres": _POSTGRES,
    "oracle": _OTHER,
    "tsql": _OTHER,
}
_LIST = re.compile(r"\( ?\?(?: ?, ?\?)+ ?\)")
_ROWS = re.compile(r"\(\?\)(?: ?, ?\(\?\))+")
_LEADING_COMMENT = re.compile(r"\s*/\*(?![!+M])(?:[^*/]|\*(?!/)|/(?!\*))*\*/\s*")
_LEADING = 64
"""Within how many characters a comment before a statement begins."""
_COMMENT_MARKS = ("--", "/*", "#", "q'", "Q'")


def fingerprint(statement: str, dialect: str) -> str:
    """The statement with ``?`` for each literal and each list of literals, and single spaces.

    A comment before the statement is left out. One with comments elsewhere (or with Oracle's own quotes) keeps all its
    text: comments may hold quotes, and quotes may hold what looks like a comment; taking them apart is the parser's.
    """
    if "/*" in statement[:_LEADING]:
        statement = _LEADING_COMMENT.sub("", statement, count=1) if _LEADING_COMMENT.match(statement) else statement
    for mark in _COMMENT_MARKS:
        if mark in statement:
            return statement
    bare = " ".join(_LITERALS.get(dialect, _OTHER).sub("?", statement).split())
    return _ROWS.sub("(?)", _LIST.sub("(?)", bare)) if "(?" in bare or "( ?" in bare else bare
