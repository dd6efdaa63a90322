"""What a machine lacks for a server: the test is skipped and says how to get it, or fails where they are required."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRED = "FENGSUI_REQUIRE_SERVERS"


def lacking(what: str) -> NoReturn:
    """Skip the test with the reason, or fail it where ``FENGSUI_REQUIRE_SERVERS`` is set."""
    if os.environ.get(REQUIRED, "0") not in {"", "0"}:
        pytest.fail(f"{what} ({REQUIRED} is set)", pytrace=False)
    pytest.skip(what)
