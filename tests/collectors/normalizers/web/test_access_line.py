"""Access lines: whatever a client sends inside the quotes, the fields around it stay where they are."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from collectors.normalizers.web.access_line import parse_access_line
from collectors.record import NormalizedBatch
from events import Event

_printable = st.characters(min_codepoint=32, max_codepoint=126)
_sent = st.text(_printable | st.sampled_from(["\x16", "\x03", "\x00", "\n", "é", "中"]), max_size=60)


def _escaped(value: str) -> str:
    """As mod_log_config and nginx write it: quotes and control characters never stand for themselves."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in escaped)


@given(request=_sent, referrer=_sent, agent=_sent, status=st.integers(100, 599), size=st.integers(0, 10**12))
def test_what_is_quoted_comes_back_as_it_was(request: str, referrer: str, agent: str, status: int, size: int) -> None:
    line = parse_access_line(
        f'192.0.2.1 - a user [31/Jan/2026:08:15:30 +0000] "{_escaped(request)}" {status} {size} '
        f'"{_escaped(referrer)}" "{_escaped(agent)}"'
    )
    assert (line.host, line.user, line.request) == ("192.0.2.1", "a user", request)
    assert (line.status, line.bytes) == (str(status), str(size))
    assert [value or "-" for value in (line.referrer, line.agent)] == [value or "-" for value in (referrer, agent)]


def test_a_combined_line_is_nginx_where_the_format_is_named(event_of: Callable[..., Event]) -> None:
    line = '192.0.2.1 - - [31/Jan/2026:08:15:30 +0000] "GET / HTTP/1.1" 200 5 "-" "x"'
    assert event_of(line)["event.dataset"] == "apache.access"
    named = event_of(line, log_format="nginx")
    assert (named["event.dataset"], named["nginx.access.remote_addr"]) == ("nginx.access", "192.0.2.1")


def test_an_impossible_date_is_a_dead_letter_without_the_line_in_it(run: Callable[..., NormalizedBatch]) -> None:
    (letter,) = run('192.0.2.1 - secretuser [31/Feb/2026:08:15:30 +0000] "GET / HTTP/1.1" 200 5').dead_letters
    assert letter.reason == "no_time"
    assert "secretuser" not in letter.detail
