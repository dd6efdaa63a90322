"""jemalloc is given to the processes that take events in where it works, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fengsui.allocator import preloading

_ASKED = "from fengsui.allocator import in_use; print(in_use())"


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LD_PRELOAD", raising=False)


def test_a_process_gets_it_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = preloading()
    if not found:
        pytest.skip("jemalloc is not installed; as root: apt-get install libjemalloc2")
    ran = subprocess.run([sys.executable, "-c", _ASKED], env={**os.environ, **found}, capture_output=True, check=True)
    assert ran.stdout == b"True\n"
    monkeypatch.setenv("LD_PRELOAD", "")
    assert preloading() == {}
    without = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, check=True)
    assert without.stdout == b"False\n"


def test_a_library_that_does_not_load_is_passed_over(tmp_path: Path) -> None:
    assert preloading([str(tmp_path / "absent")]) == {}
    (tmp_path / "libjemalloc.so.2").write_bytes(b"no library")
    assert preloading([str(tmp_path)]) == {}
    if found := preloading():
        (tmp_path / "x86_64").mkdir()
        (tmp_path / "x86_64" / "libjemalloc.so.2").symlink_to(found["LD_PRELOAD"])
        assert preloading([str(tmp_path)]) == {"LD_PRELOAD": str(tmp_path / "x86_64" / "libjemalloc.so.2")}
