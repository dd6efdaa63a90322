"""Settings of sources: what is wrong is named, with the fix."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from collectors.sources.config import AnySourceConfig, host_and_port

_SOURCE = TypeAdapter[AnySourceConfig](AnySourceConfig)


def test_configuration_errors_name_the_setting_and_the_fix() -> None:
    wrong = [
        ({"type": "syslog", "name": "s"}, "no address to listen at"),
        ({"type": "syslog", "name": "s", "tls": ["0.0.0.0:6514"]}, "certificate"),
        ({"type": "syslog", "name": "s", "udp": ["514"]}, "host:port"),
        ({"type": "file", "name": "s", "paths": ["x"], "timezone": "Beijing"}, "Asia/Shanghai"),
        ({"type": "http", "name": "s", "token_sha256": ["secret"]}, "token_sha256"),
        ({"type": "file", "name": "S P", "paths": ["x"]}, "name"),
        ({"type": "ftp", "name": "s"}, "ftp"),
    ]
    for entry, words in wrong:
        with pytest.raises(ValidationError, match=words):
            _SOURCE.validate_python(entry)


def test_addresses() -> None:
    assert host_and_port("192.0.2.1:514") == ("192.0.2.1", 514)
    assert host_and_port("[::1]:6514") == ("::1", 6514)


def test_a_spool_holds_several_of_the_largest_pushes() -> None:
    entry = {"type": "http", "name": "s", "token_sha256": ["0" * 64], "spool": {"max_bytes": 1 << 20}}
    with pytest.raises(ValidationError, match="max_expanded_bytes"):
        _SOURCE.validate_python(entry)
    config = _SOURCE.validate_python({**entry, "max_expanded_bytes": 1 << 18})
    assert config.name == "s"
