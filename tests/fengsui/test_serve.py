"""What ``serve`` refuses before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengsui.errors import FengsuiError
from fengsui.processes.serve import run_serve
from fengsui.settings import load_settings


def test_a_certificate_or_key_that_cant_be_read_is_told_by_its_name(tmp_path: Path) -> None:
    certificate = tmp_path / "api.crt"
    certificate.write_text("PEM", encoding="ascii")
    tls = {"certificate": certificate, "key": tmp_path / "api.key"}
    settings = load_settings(data_dir=tmp_path / "data", api={"tls": tls, "secure_cookies": True})
    with pytest.raises(FengsuiError, match=rf"^{tmp_path / 'api.key'}: No such file"):
        run_serve(settings)
    assert not (tmp_path / "data").exists()
