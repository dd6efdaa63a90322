"""One-time codes: set up, demanded at sign-in, never passing twice, and taken away when lost."""

from __future__ import annotations

import pyotp
import pytest
from sqlalchemy import text

from api.identity import Presented, Refusal, SignedIn, authenticate, create_user, sign_in, sign_in_policy
from api.identity.accounts import NewAccount
from api.identity.authentication import Credential, RequestOrigin
from api.identity.models import SecondFactor, User
from api.identity.repository import find_user
from api.identity.second_factor import SecondFactorError, begin_enrollment, confirm, take_away
from audit import Actor, AuditFilter, list_records
from events import now_ms
from store.records import RecordsDatabase
from store.records.secrets import SecretBox

_SETUP = Actor("system", "test", "test")
_ORIGIN = RequestOrigin("192.0.2.1", "test", "r1")
_PASSWORD = "correct horse battery"
_BOX = SecretBox(bytes(32), "second factor")
_STEP_MS = 30_000


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    with empty_records.begin() as session:
        create_user(session, NewAccount("sec", _PASSWORD, ["security_administrator"]), _SETUP)
        create_user(session, NewAccount("ana", _PASSWORD, ["analyst"]), _SETUP)
    return empty_records


def _enroll(records: RecordsDatabase, name: str = "sec") -> pyotp.TOTP:
    with records.begin() as session:
        totp = pyotp.TOTP(begin_enrollment(session, _user(records, name), _BOX).secret)
    with records.begin() as session:
        confirm(session, _user(records, name), totp.at(_moment(-1)), _BOX)
    return totp


def _user(records: RecordsDatabase, name: str) -> User:
    with records.read() as session:
        user = find_user(session, name)
    assert user is not None
    return user


def _moment(steps: int) -> int:
    return (now_ms() + steps * _STEP_MS) // 1000


def _sign_in(records: RecordsDatabase, code: str = "", name: str = "sec") -> SignedIn | Refusal:
    return sign_in(records, Presented(name, _PASSWORD, code), _ORIGIN, _BOX)


def test_a_code_is_demanded_beside_the_password_and_passes_once(records: RecordsDatabase) -> None:
    totp = _enroll(records)
    assert _sign_in(records) is Refusal.CODE_MISSING
    code = totp.at(_moment(0))
    assert isinstance(_sign_in(records, f" {code[:3]} {code[3:]} "), SignedIn)
    assert _sign_in(records, code) is Refusal.WRONG_CODE
    assert isinstance(_sign_in(records, totp.at(_moment(1))), SignedIn)
    assert _sign_in(records, totp.at(_moment(0))) is Refusal.WRONG_CODE  # an older step after a newer one


def test_codes_of_other_times_and_of_others_do_not_pass(records: RecordsDatabase) -> None:
    totp, other = _enroll(records), _enroll(records, "ana")
    for code in (totp.at(_moment(5)), totp.at(_moment(-5)), other.at(_moment(0)), "0", "abcdef", "１２３４５６"):
        assert _sign_in(records, code) is Refusal.WRONG_CODE
        with records.begin() as session:
            session.execute(text("UPDATE users SET failed_sign_ins = 0"))


def test_wrong_codes_lock_the_account_like_wrong_passwords(records: RecordsDatabase) -> None:
    totp = _enroll(records)
    for _ in range(sign_in_policy().lockout.failures):
        assert _sign_in(records, "000000") in {Refusal.WRONG_CODE, Refusal.LOCKED}
    assert _sign_in(records, totp.at(_moment(0))) is Refusal.LOCKED


def test_a_missing_code_is_no_guess(records: RecordsDatabase) -> None:
    totp = _enroll(records)
    for _ in range(sign_in_policy().lockout.failures + 1):
        assert _sign_in(records) is Refusal.CODE_MISSING
    assert isinstance(_sign_in(records, totp.at(_moment(0))), SignedIn)


def test_an_enrollment_without_its_first_code_demands_nothing(records: RecordsDatabase) -> None:
    with records.begin() as session:
        begin_enrollment(session, _user(records, "sec"), _BOX)
    with records.begin() as session, pytest.raises(SecondFactorError, match="wrong"):
        confirm(session, _user(records, "sec"), "000000", _BOX)
    assert isinstance(_sign_in(records), SignedIn)
    with records.begin() as session, pytest.raises(SecondFactorError, match="begin"):
        confirm(session, _user(records, "ana"), "000000", _BOX)


def test_the_secret_is_sealed_and_bound_to_its_account(records: RecordsDatabase) -> None:
    totp = _enroll(records)
    with records.read() as session:
        factor = session.get_one(SecondFactor, _user(records, "sec").id)
        assert totp.secret not in factor.sealed_secret
    other = _enroll(records, "ana")
    with records.begin() as session:
        session.execute(text("UPDATE second_factors SET sealed_secret = :s"), {"s": factor.sealed_secret})
    with pytest.raises(ValueError, match="another key, or changed"):
        _sign_in(records, other.at(_moment(0)), "ana")


def test_a_second_one_needs_the_first_taken_away(records: RecordsDatabase) -> None:
    _enroll(records)
    with records.begin() as session, pytest.raises(SecondFactorError, match="taken away"):
        begin_enrollment(session, _user(records, "sec"), _BOX)
    with records.begin() as session:
        take_away(session, _user(records, "sec"), _SETUP)
    assert isinstance(_sign_in(records), SignedIn)
    with records.begin() as session, pytest.raises(SecondFactorError, match="no second factor"):
        take_away(session, _user(records, "sec"), _SETUP)
    with records.read() as session:
        actions = [row.action for row in list_records(session, AuditFilter(), 20)]
    assert {"user:enroll-second-factor", "user:remove-second-factor"} <= set(actions)


def test_whoever_must_enroll_may_do_nothing_else_after_the_grace(records: RecordsDatabase) -> None:
    with records.begin() as session:
        session.execute(text("UPDATE users SET created_ms = created_ms - :g"), {"g": _grace()})
    for name, overdue in (("sec", True), ("ana", False)):
        signed = _sign_in(records, name=name)
        assert isinstance(signed, SignedIn)
        assert signed.principal.must_enroll is overdue
        assert (signed.principal.scopes == frozenset()) is overdue
        seen = authenticate(records, Credential(session_token=signed.token))
        assert seen is not None
        assert seen.must_enroll is overdue
    _enroll(records)
    seen = authenticate(records, Credential(session_token=signed.token))
    assert seen is not None
    assert seen.scopes


def _grace() -> int:
    return sign_in_policy().second_factor.grace_ms
