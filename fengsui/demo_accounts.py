"""One account a role in the sample city, so that its story can be walked by each of the people in it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from api.identity.accounts import NewAccount, create_user
from api.identity.repository import find_user
from audit import Actor
from store.records import RecordsDatabase

FILE = "demo-accounts.txt"
_DEMO = Actor("system", "demo", "demo")
_PASSWORD_BYTES = 12
_OWNER_ONLY = 0o600
_CONTRACTING_UNIT = "lh-ybj"
"""The unit whose contractor reads at night in the sample day."""

_PEOPLE = (
    ("secadmin", "security_administrator", "安全管理员", ()),
    ("audadmin", "audit_administrator", "审计管理员", ()),
    ("analyst", "analyst", "安全分析员", ()),
    ("dataofficer", "data_administrator", "数据管理员", ()),
    ("unituser", "unit_user", "单位用户", (_CONTRACTING_UNIT,)),
    ("auditor", "auditor", "审计员", ()),
    ("hook", "hook", "自动化接口", ()),
)


def make_demo_accounts(records: RecordsDatabase, folder: Path) -> Path | None:
    """Make the accounts that are not there yet, and write their random passwords to a file that its owner alone reads.

    Returns the file, None when nothing was made.
    """
    lines = []
    with records.begin() as session:
        for name, role, label, units in _PEOPLE:
            if find_user(session, name) is None:
                password = secrets.token_urlsafe(_PASSWORD_BYTES)
                create_user(session, NewAccount(name, password, [role], label, units), _DEMO)
                lines.append(f"{name:<12} {password}  {label} {role}\n")
        if not lines:
            return None
        # Within the transaction: accounts whose passwords nobody can read are not made.
        return _written(folder / FILE, lines)


def _written(path: Path, lines: list[str]) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)
    return path
