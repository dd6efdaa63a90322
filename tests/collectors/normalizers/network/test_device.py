from __future__ import annotations

from collections.abc import Callable

import pytest

from events import Event


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "10.9.8.7 6705: Feb 17 13:40:03.673: %PARSER-5-CFGLOG_LOGGEDCMD: User:admin  logged command:no logging",
            {
                "@timestamp": "2026-02-17T13:40:03.673Z",
                "cisco.ios.facility": "PARSER",
                "event.code": "CFGLOG_LOGGEDCMD",
                "event.dataset": "cisco.ios",
                "host.name": "10.9.8.7",
                "log.level": "notice",
                "message": "%PARSER-5-CFGLOG_LOGGEDCMD: User:admin  logged command:no logging",
                "process.command_line": "no logging",
                "user.name": "admin",
            },
        ),
        (
            "<189>44: sw1: *Feb 17 13:40:03: %SYS-5-CONFIG_I: x",
            {"event.dataset": "cisco.ios", "host.name": "sw1", "event.code": "CONFIG_I"},
        ),
        (
            "<165>Feb 17 2026 13:40:03 fw1 : %ASA-4-106023: Deny tcp src outside:192.0.2.1/1",
            {"event.dataset": "cisco.asa", "event.code": "106023", "log.level": "warning", "host.name": "fw1"},
        ),
        (
            '<189>Feb 17 2026 13:40:03 SW %%01SHELL/5/CMD(s)[1]:(Ip=10.1.1.1, User=ops, Command="display version")',
            {
                "event.dataset": "huawei.vrp",
                "event.code": "CMD",
                "source.ip": "10.1.1.1",
                "user.name": "ops",
                "process.command_line": "display version",
            },
        ),
        (
            "<190>Feb 17 13:40:03 2026 SW2 %%10SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=10.1.1.2-User=ops; Command is save",
            {"event.dataset": "h3c.comware", "source.ip": "10.1.1.2", "process.command_line": "save"},
        ),
    ],
)
def test_messages_of_devices(event_of: Callable[..., Event], line: str, expected: dict[str, object]) -> None:
    event = event_of(line)
    assert {name: event.get(name) for name in expected} == expected
