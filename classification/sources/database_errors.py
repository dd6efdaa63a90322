"""What a database's refusal means, by its code; its text is never repeated, because it can hold values."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from classification.sources.errors import UnreadableError

_DENIED = ("permission denied; grant the account SELECT on it", "not_permitted")
_TOO_SLOW = ("given up, because it took too long; sample fewer rows, or allow more time in the policy", "took_too_long")
_LOCKED = ("locked by someone else; look again later", "locked")
_DAMAGED = ("the database file is damaged or no database; restore it", "damaged")
_SIGN_IN = ("the database refused the sign-in; check user and password", "sign_in_refused")
_UNREACHABLE = ("the database can't be reached; check address, port and network", "unreachable")

_MEANINGS: dict[str, tuple[str, str]] = {
    "42501": _DENIED,
    "57014": _TOO_SLOW,
    "55P03": _LOCKED,
    "28P01": _SIGN_IN,
    "28000": _SIGN_IN,
    "3D000": ("there is no such database; check its name", "gone"),
    "42P01": ("it is gone; look again", "gone"),
    "1044": _DENIED,
    "1142": _DENIED,
    "1143": _DENIED,
    "1045": _SIGN_IN,
    "1205": _LOCKED,
    "3024": _TOO_SLOW,
    "1969": _TOO_SLOW,
    "SQLITE_INTERRUPT": _TOO_SLOW,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CANTOPEN": ("the database file can't be opened; give this user the right to read it", "not_permitted"),
    "SQLITE_AUTH": _DENIED,
}


def explain(error: SQLAlchemyError) -> UnreadableError:
    """The error that people are told: what is the matter and what to do next."""
    codes = _codes(error)
    meaning = next((_MEANINGS[code] for code in codes if code in _MEANINGS), None)
    if meaning is None:
        connecting = isinstance(error, DBAPIError) and (error.connection_invalidated or not error.statement)
        refused = f"the database refuses it ({codes[0]}); ask who runs it", "database_refuses"
        meaning = _UNREACHABLE if connecting else refused
    return UnreadableError(*meaning)


def _codes(error: SQLAlchemyError) -> list[str]:
    """MySQL's number (its SQLSTATE says less), SQLSTATE or SQLite's name of an error; its class last."""
    original = getattr(error, "orig", None)
    arguments = getattr(original, "args", ())
    number = [str(arguments[0])] if arguments and isinstance(arguments[0], int) else []
    named = [getattr(original, name, None) for name in ("sqlstate", "pgcode", "sqlite_errorname")]
    return [*number, *(code for code in named if isinstance(code, str)), type(original or error).__name__]
