"""The people of the sample city can each sign in, and their passwords are their owner's to read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from api.identity import Presented, SignedIn, sign_in
from api.identity.authentication import RequestOrigin
from api.identity.policy import role_policy
from fengsui.demo_accounts import FILE, make_demo_accounts
from registry import UnitScope
from store.records import RecordsDatabase
from store.records.migrate import upgrade
from store.records.secrets import SecretBox


def test_each_signs_in_with_one_role_and_only_once_made(tmp_path: Path) -> None:
    with closing(RecordsDatabase(f"sqlite:///{tmp_path}/records.db")) as records:
        upgrade(records)
        assert make_demo_accounts(records, tmp_path) == tmp_path / FILE
        assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
        assert make_demo_accounts(records, tmp_path) is None
        seen = set()
        for line in (tmp_path / FILE).read_text(encoding="utf-8").splitlines():
            name, password, _, role = line.split()
            box = SecretBox(bytes(32), "second factor")
            signed = sign_in(records, Presented(name, password), RequestOrigin(), box)
            assert isinstance(signed, SignedIn)
            assert signed.principal.scopes == role_policy().scopes_of([role])
            seen.add(role)
            if role == "unit_user":
                assert signed.principal.unit_scope("registry:read") == UnitScope.below(["lh-ybj"])
        assert len(seen) == 7
