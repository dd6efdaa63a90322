"""What a process on many machines is told: passwords in files, and an account to begin with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fengsui.errors import SettingsError
from fengsui.settings import Settings
from tests.fengsui.command_line import Ran


def test_the_password_of_the_records_comes_from_a_file_and_is_kept_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss:w/ord\n", encoding="utf-8")
    url = "postgresql+psycopg://fengsui@postgres/fengsui?sslmode=verify-full"
    settings = Settings(records_url=url, records_password_file=file)
    expected = "postgresql+psycopg://fengsui:p%40ss%3Aw%2Ford@postgres/fengsui?sslmode=verify-full"
    assert settings.records_database_url == expected
    assert "p@ss" not in settings.model_dump_json()
    file.unlink()
    with pytest.raises(SettingsError, match="give this user the file"):
        _ = settings.records_database_url


def test_the_first_account_is_made_once(fengsui: Callable[..., Ran]) -> None:
    made = fengsui("accounts", "first-administrator", "--data-dir", "data")
    assert (made.status, made.out) == (0, "")
    assert "口令" in made.err
    again = fengsui("accounts", "first-administrator", "--data-dir", "data")
    assert again.status == 0
    assert "there are accounts already" in again.err
