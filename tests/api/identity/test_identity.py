"""Accounts, sign-in, lockout, sessions and keys on a real database."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from api.identity import (
    AccountError,
    ApiKeyError,
    Presented,
    Principal,
    Refusal,
    SignedIn,
    create_user,
    end_session,
    ensure_first_administrator,
    role_policy,
    sign_in,
    sign_in_policy,
)
from api.identity.accounts import NewAccount
from api.identity.api_keys import NewApiKey, add_api_key, prepare_api_key
from api.identity.authentication import Credential, RequestOrigin, authenticate
from api.identity.models import User, UserSession
from api.identity.policy import RolePolicy
from audit import Actor, AuditFilter, list_records
from events import now_ms
from store.records import RecordsDatabase
from store.records.secrets import SecretBox

_SETUP = Actor("system", "test", "test")
_ORIGIN = RequestOrigin("192.0.2.1", "test", "r1")
_PASSWORD = "correct horse battery"
_BOX = SecretBox(bytes(32), "second factor")


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    with empty_records.begin() as session:
        create_user(session, NewAccount("Wang.Min", _PASSWORD, ["analyst"]), _SETUP)
    return empty_records


def _sign_in(records: RecordsDatabase, password: str = _PASSWORD, name: str = "wang.min") -> SignedIn | Refusal:
    return sign_in(records, Presented(name, password), _ORIGIN, _BOX)


def _signed_in(records: RecordsDatabase) -> SignedIn:
    outcome = _sign_in(records)
    assert isinstance(outcome, SignedIn)
    return outcome


def _set(records: RecordsDatabase, statement: str, **values: object) -> None:
    with records.begin() as session:
        session.execute(text(statement), values)


def test_a_password_opens_a_session_with_the_roles_scopes(records: RecordsDatabase) -> None:
    signed = _signed_in(records)
    principal = authenticate(records, Credential(session_token=signed.token))
    assert principal is not None
    assert principal.scopes == role_policy().roles["analyst"].scopes
    with records.read() as session:
        row = session.get_one(UserSession, principal.session_id)
        assert signed.token not in {row.token_digest, row.id}
        assert session.get_one(User, principal.user_id).password_hash.startswith("$argon2id$")


def test_each_sign_in_gets_a_token_of_its_own(records: RecordsDatabase) -> None:
    assert _signed_in(records).token != _signed_in(records).token


@pytest.mark.parametrize(
    ("name", "password", "refusal"),
    [
        ("wang.min", "wrong password", Refusal.WRONG_PASSWORD),
        ("wang.min", "", Refusal.WRONG_PASSWORD),
        ("wang.min", "x" * 5000, Refusal.WRONG_PASSWORD),
        ("nobody", _PASSWORD, Refusal.UNKNOWN_ACCOUNT),
        ("", "", Refusal.UNKNOWN_ACCOUNT),
    ],
)
def test_refusals_are_recorded_without_what_was_typed(
    records: RecordsDatabase, name: str, password: str, refusal: Refusal
) -> None:
    assert _sign_in(records, password, name) is refusal
    with records.read() as session:
        [row] = list_records(session, AuditFilter(action="session:create"), 9)
        assert (row.outcome, row.reason, row.source_address) == ("failure", refusal.value, "192.0.2.1")
        assert row.actor_name in {"wang.min", f"unknown ({len(name)} characters)"}


def test_repeated_failure_locks_even_the_right_password_out(records: RecordsDatabase) -> None:
    for _ in range(sign_in_policy().lockout.failures):
        assert _sign_in(records, "wrong password") is Refusal.WRONG_PASSWORD
    assert _sign_in(records) is Refusal.LOCKED
    _set(records, "UPDATE users SET locked_until_ms = :now", now=now_ms() - 1)
    assert isinstance(_sign_in(records), SignedIn)


def test_failures_long_apart_do_not_lock(records: RecordsDatabase) -> None:
    policy = sign_in_policy().lockout
    for _ in range(policy.failures - 1):
        _sign_in(records, "wrong password")
    _set(records, "UPDATE users SET first_failure_ms = first_failure_ms - :ms", ms=policy.within_ms + 1000)
    _sign_in(records, "wrong password")
    assert isinstance(_sign_in(records), SignedIn)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE user_sessions SET last_seen_ms = last_seen_ms - :idle",
        "UPDATE user_sessions SET expires_ms = :now",
        "UPDATE user_sessions SET ended_ms = :now",
        "UPDATE users SET disabled = true",
    ],
)
def test_a_session_ends(records: RecordsDatabase, statement: str) -> None:
    signed = _signed_in(records)
    values = {"idle": sign_in_policy().session.idle_ms, "now": now_ms()}
    _set(records, statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    assert authenticate(records, Credential(session_token=signed.token)) is None


def test_only_the_readers_own_requests_keep_a_session_alive(records: RecordsDatabase) -> None:
    signed = _signed_in(records)

    def last_seen() -> int:
        with records.read() as session:
            return session.get_one(UserSession, signed.principal.session_id).last_seen_ms

    _set(records, "UPDATE user_sessions SET last_seen_ms = last_seen_ms - 120000")
    before = last_seen()
    authenticate(records, Credential(session_token=signed.token, passive=True))
    assert last_seen() == before
    authenticate(records, Credential(session_token=signed.token))
    assert last_seen() > before


def test_signing_out_ends_the_session(records: RecordsDatabase) -> None:
    signed = _signed_in(records)
    with records.begin() as session:
        end_session(session, signed.principal, _ORIGIN)
    assert authenticate(records, Credential(session_token=signed.token)) is None


@pytest.mark.parametrize("token", ["", "x", "fsk_", "fsk_a_b", "fsk_0_0_0", "\ud800", "é" * 100])
def test_a_senseless_credential_is_nobody(records: RecordsDatabase, token: str) -> None:
    assert authenticate(records, Credential(session_token=token)) is None
    assert authenticate(records, Credential(bearer=token)) is None


def test_a_key_never_does_more_than_its_owner_may_today(records: RecordsDatabase) -> None:
    owner = _signed_in(records).principal
    secret, prepared = prepare_api_key(NewApiKey("hook", ["alerts:read", "alerts:triage"]), owner)
    with records.begin() as session:
        add_api_key(session, prepared, owner.actor, _ORIGIN)
    found = authenticate(records, Credential(bearer=secret))
    assert found is not None
    assert found.scopes == {"alerts:read", "alerts:triage"}
    assert authenticate(records, Credential(bearer=secret[:-1] + ("A" if secret[-1] != "A" else "B"))) is None
    _set(records, "UPDATE users SET roles = :roles", roles='["auditor"]')
    narrowed = authenticate(records, Credential(bearer=secret))
    assert narrowed is not None
    assert narrowed.scopes == {"alerts:read"}
    _set(records, "UPDATE api_keys SET expires_ms = :now", now=now_ms())
    assert authenticate(records, Credential(bearer=secret)) is None


@pytest.mark.parametrize(
    "request_",
    [
        NewApiKey("", ["alerts:read"]),
        NewApiKey("hook", []),
        NewApiKey("hook", ["audit:read"]),
        NewApiKey("hook", ["alerts:read"], 0),
        NewApiKey("hook", ["alerts:read"], 100_000),
    ],
)
def test_a_key_that_may_not_be_is_refused(records: RecordsDatabase, request_: NewApiKey) -> None:
    owner: Principal = _signed_in(records).principal
    with pytest.raises(ApiKeyError):
        prepare_api_key(request_, owner)


def test_the_first_administrator_is_made_once(empty_records: RecordsDatabase) -> None:
    empty = empty_records
    with empty.begin() as session:
        password = ensure_first_administrator(session)
    assert password is not None
    with empty.begin() as session:
        assert ensure_first_administrator(session) is None
    signed = sign_in(empty, Presented("admin", password), _ORIGIN, _BOX)
    assert isinstance(signed, SignedIn)
    assert {"alerts:read", "alerts:triage", "events:read", "users:write"} <= signed.principal.scopes
    assert "audit:read" not in signed.principal.scopes
    empty.close()


def test_separated_duties_are_not_held_together(records: RecordsDatabase) -> None:
    roles = ["security_administrator", "audit_administrator"]
    with pytest.raises(AccountError, match="separation of duties"), records.begin() as session:
        create_user(session, NewAccount("both", _PASSWORD, roles), _SETUP)


def test_a_policy_that_contradicts_itself_is_refused() -> None:
    shipped = role_policy().model_dump()
    shipped["first_administrator"]["roles"] = ("system_administrator", "audit_administrator")
    with pytest.raises(ValidationError, match="separation of duties"):
        RolePolicy.model_validate(shipped)
    shipped = role_policy().model_dump()
    shipped["roles"]["analyst"]["scopes"] = {"alerts:raed"}
    with pytest.raises(ValidationError, match="alerts:raed"):
        RolePolicy.model_validate(shipped)
