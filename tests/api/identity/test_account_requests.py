"""Work on privileged accounts waits for a second person, and does exactly what that person saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from api.identity import AccountError, ApiKeyError, Principal, create_user
from api.identity.account_requests import (
    AccountRequest,
    AccountRequestConflictError,
    AskedBy,
    OwnAccountRequestError,
    RoleChange,
    approve,
    change_account_roles,
    close_account,
    expire_due,
    find_request,
    give_password,
    make_account,
    make_key,
    reject,
    take_factor_away,
    withdraw,
)
from api.identity.accounts import NewAccount
from api.identity.api_keys import NewApiKey, live_api_key
from api.identity.authentication import RequestOrigin
from api.identity.models import User
from api.identity.passwords import password_matches
from api.identity.repository import find_user
from api.identity.second_factor import begin_enrollment, confirm, is_confirmed
from api.identity.sessions import principal_of_user
from audit import Actor, AuditFilter, list_records
from events import now_ms
from store.records import RecordsDatabase
from store.records.secrets import SecretBox

_SETUP = Actor("system", "test", "test")
_PASSWORD = "correct horse battery"
_BOX = SecretBox(bytes(32), "second factor")
_PRIVILEGED = ["audit_administrator"]


@dataclass
class Office:
    """A system administrator, a security administrator and an analyst."""

    records: RecordsDatabase

    def by(self, name: str) -> AskedBy:
        return AskedBy(self.principal(name), RequestOrigin("192.0.2.1", "test", f"r-{name}"))

    def principal(self, name: str) -> Principal:
        return principal_of_user(self.user(name))

    def user(self, name: str) -> User:
        with self.records.read() as session:
            user = find_user(session, name)
            assert user is not None, name
            session.expunge(user)
            return user

    def asked(self, what: Callable[[Session, AskedBy], object], name: str = "sys") -> AccountRequest:
        with self.records.begin() as session:
            found = what(session, self.by(name))
        request = found[1] if isinstance(found, tuple) else found
        assert isinstance(request, AccountRequest)
        assert request.state == "pending"
        return request

    def actions(self) -> list[tuple[str, str]]:
        with self.records.read() as session:
            return [(each.action, each.actor_name) for each in reversed(list_records(session, AuditFilter(), 50))]


@pytest.fixture
def office(empty_records: RecordsDatabase) -> Office:
    with empty_records.begin() as session:
        for name, role in (
            ("sys", "system_administrator"),
            ("sec", "security_administrator"),
            ("sec2", "security_administrator"),
            ("ana", "analyst"),
        ):
            create_user(session, NewAccount(name, _PASSWORD, [role]), _SETUP)
    return Office(empty_records)


def _new(name: str, roles: list[str], email: str = "") -> NewAccount:
    return NewAccount(name, _PASSWORD, roles, email=email)


def test_a_privileged_account_is_made_when_another_approves_it(office: Office) -> None:
    wanted = _new("Aud", _PRIVILEGED, "aud@lanhai.example")
    request = office.asked(lambda session, by: make_account(session, wanted, by))
    with office.records.begin() as session:
        assert find_user(session, "aud") is None
        with pytest.raises(AccountRequestConflictError):
            make_account(session, wanted, office.by("sys"))
    with office.records.begin() as session, pytest.raises(OwnAccountRequestError):
        approve(session, request.id, "", office.by("sys"))
    with office.records.begin() as session:
        approve(session, request.id, "单号 7", office.by("sec"))
    made = office.user("aud")
    assert (made.roles, made.email) == (_PRIVILEGED, "aud@lanhai.example")
    assert password_matches(made.password_hash, _PASSWORD)
    with office.records.begin() as session:
        settled = find_request(session, request.id)
        assert (settled.state, settled.decided_by, settled.reason) == ("approved", "sec", "单号 7")
        assert (settled.credential, settled.user_id) == (None, made.id)
        with pytest.raises(AccountRequestConflictError):
            reject(session, request.id, "", office.by("sec2"))
    told = office.actions()[-3:]
    assert told == [("account-request:create", "sys"), ("user:create", "sec"), ("account-request:approve", "sec")]
    with office.records.read() as session:
        kept = [each.after or "" for each in list_records(session, AuditFilter(), 50)]
    assert not any("aud@lanhai.example" in each or "$argon2" in each for each in kept)


def test_other_accounts_do_not_wait(office: Office) -> None:
    with office.records.begin() as session:
        made = make_account(session, _new("plain", ["unit_user"]), office.by("sys"))
        assert isinstance(made, User)
        assert give_password(session, made, office.by("sys"))[1] is None
        changed = change_account_roles(session, made, RoleChange(["analyst"], ["u-1"]), office.by("sys"))
        assert isinstance(changed, User)
        assert (changed.roles, changed.units) == (["analyst"], ["u-1"])


def test_nothing_waits_before_there_was_anybody_to_decide(empty_records: RecordsDatabase) -> None:
    with empty_records.begin() as session:
        create_user(session, NewAccount("sys", _PASSWORD, ["system_administrator"]), _SETUP)
    office = Office(empty_records)
    with empty_records.begin() as session:
        first = make_account(session, _new("sec", ["security_administrator"]), office.by("sys"))
        assert isinstance(first, User)
        assert isinstance(make_account(session, _new("aud", _PRIVILEGED), office.by("sys")), AccountRequest)
        with pytest.raises(AccountError, match="only account that decides"):
            close_account(session, first, office.by("sys"))
        with pytest.raises(AccountError, match="only account that decides"):
            change_account_roles(session, first, RoleChange(["analyst"]), office.by("sys"))


@pytest.mark.parametrize(("name", "roles"), [("ana", ["analyst", "audit_administrator"]), ("sec2", ["analyst"])])
def test_roles_that_privilege_are_given_and_taken_by_two(office: Office, name: str, roles: list[str]) -> None:
    user = office.user(name)
    request = office.asked(lambda session, by: change_account_roles(session, user, RoleChange(roles), by))
    assert office.user(name).roles == user.roles
    with office.records.begin() as session:
        approve(session, request.id, "", office.by("sec"))
    assert office.user(name).roles == sorted(roles)


def test_what_changed_since_it_was_asked_for_is_not_approved(office: Office) -> None:
    ana = office.user("ana")
    request = office.asked(lambda session, by: change_account_roles(session, ana, RoleChange(_PRIVILEGED), by))
    with office.records.begin() as session:
        change_account_roles(session, session.get_one(User, ana.id), RoleChange(["auditor"]), office.by("sys"))
    with office.records.begin() as session, pytest.raises(AccountRequestConflictError, match="changed since"):
        approve(session, request.id, "", office.by("sec"))
    assert office.user("ana").roles == ["auditor"]


def test_a_privileged_password_works_when_it_is_approved_and_never_by_its_own_account(office: Office) -> None:
    sec = office.user("sec")
    with office.records.begin() as session:
        password, request = give_password(session, sec, office.by("sys"))
    assert request is not None
    assert password_matches(office.user("sec").password_hash, _PASSWORD)
    with office.records.begin() as session, pytest.raises(OwnAccountRequestError):
        approve(session, request.id, "", office.by("sec"))
    with office.records.begin() as session:
        approve(session, request.id, "", office.by("sec2"))
    assert password_matches(office.user("sec").password_hash, password)


def test_a_privileged_second_factor_is_taken_by_two(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.identity.second_factor._passes", lambda *_: True)
    with office.records.begin() as session:
        user = session.get_one(User, office.user("sec").id)
        begin_enrollment(session, user, _BOX)
        confirm(session, user, "000000", _BOX)
    request = office.asked(lambda session, by: take_factor_away(session, office.user("sec"), by))
    with office.records.begin() as session:
        assert is_confirmed(session, user.id)
        approve(session, request.id, "", office.by("sec2"))
        session.flush()
        assert not is_confirmed(session, user.id)


def test_a_wide_key_works_when_it_is_approved(office: Office) -> None:
    wide, narrow = NewApiKey("wide", ["users:write"]), NewApiKey("narrow", ["sources:read"])
    with office.records.begin() as session:
        secret, request = make_key(session, wide, office.by("sys"))
        assert not isinstance(make_key(session, narrow, office.by("sys"))[1], AccountRequest)
        with pytest.raises(ApiKeyError):
            make_key(session, NewApiKey("beyond", ["account-requests:decide"]), office.by("sys"))
    with office.records.read() as session:
        assert live_api_key(session, secret, now_ms()) is None
    with office.records.begin() as session:
        approve(session, request.id, "", office.by("sec"))
    with office.records.read() as session:
        found = live_api_key(session, secret, now_ms())
        assert found is not None
        assert (found[0].scopes, found[1].name) == (["users:write"], "sys")


def test_what_is_rejected_withdrawn_or_left_changes_nothing(office: Office) -> None:
    def wanted(name: str) -> AccountRequest:
        return office.asked(lambda session, by: make_account(session, _new(name, _PRIVILEGED), by))

    first, second, third = map(wanted, ("one", "two", "three"))
    with office.records.begin() as session:
        reject(session, first.id, "不需要", office.by("sec"))
    with office.records.begin() as session, pytest.raises(OwnAccountRequestError):
        withdraw(session, second.id, office.by("sec"))
    with office.records.begin() as session:
        withdraw(session, second.id, office.by("sys"))
        assert expire_due(session, third.expires_ms - 1) == 0
        assert expire_due(session, third.expires_ms) == 1
    with office.records.begin() as session:
        states = [
            (each.state, each.credential) for each in (find_request(session, r.id) for r in (first, second, third))
        ]
        assert states == [("rejected", None), ("withdrawn", None), ("expired", None)]
        assert [find_user(session, name) for name in ("one", "two", "three")] == [None] * 3
    assert office.actions()[-1] == ("account-request:expire", "account requests")


@pytest.mark.parametrize("email", ["no address", "a@b c", "a\n@b.cn", "x" * 250 + "@b.cn", "@b.cn", "Li <li@b.cn>"])
def test_what_is_no_mail_address_is_refused(office: Office, email: str) -> None:
    with office.records.begin() as session, pytest.raises(AccountError, match="mail address"):
        make_account(session, _new("someone", ["analyst"], email), office.by("sys"))
