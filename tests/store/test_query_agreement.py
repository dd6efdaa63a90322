"""Whatever the query and the events: an engine finds exactly the events that ``evaluate`` says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from events import Event, format_timestamp, timestamp_ms
from store import Window
from store.query import And, Cidr, Exists, MatchAll, Not, Or, Query, Range, Regex, Term, Wildcard, evaluate

from .conftest import BASE_MS, NewStore

KEYWORDS = ("user.name", "process.executable", "winlog.event_data.IpAddress")
UNTYPED = ("app.custom", "k8s.labels.app/name", "a..b\\c", "数据.字段")
LONGS, IPS, DATES = ("source.port",), ("source.ip",), ("event.created",)
TEXTS = ("message", "event.original")
FIELDS = (*KEYWORDS, *UNTYPED, *LONGS, *IPS, *DATES, *TEXTS, "tls.established", "vulnerability.score.base")

_word = st.sampled_from(
    ["root", "Root", "admin", "ADMIN-1", "a", "b", "Ärger", "登录", "登", "录失败", "", "x_y", "7", "-"]
)
_path = st.sampled_from(
    ["C:\\Windows\\System32\\cmd.exe", "c:\\windows\\CMD.EXE", "/bin/sh", "a*b?c", "line\nbreak", "[x](y)"]
)
_number = st.sampled_from(["-1", "0", "5", "10", "80", "443", "5.0", "1e3", "99999999999999999999"])
_address = st.sampled_from(["10.0.0.1", "10.1.2.3", "192.168.0.1", "fe80::1", "::ffff:10.0.0.1", "2001:DB8::5", "-"])
_moment = st.integers(BASE_MS - 10**8, BASE_MS + 10**8).map(format_timestamp)
_text = st.lists(st.one_of(_word, _path, _number), min_size=1, max_size=4).map(" ".join)
_anything = st.one_of(
    _word, _path, _number, _address, _moment, _text,
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none(),
)  # fmt: skip
_small = st.one_of(st.integers(-2, 500), _number, _word)


def _values_for(field: str) -> st.SearchStrategy[object]:
    usual: st.SearchStrategy[object] = _text if field in TEXTS else st.one_of(_word, _path)
    usual = _small if field in LONGS else _address if field in IPS else _moment if field in DATES else usual
    one = st.one_of(usual, usual, usual, _anything)
    return st.one_of(one, one, st.lists(one, max_size=3))


@st.composite
def _events(draw: st.DrawFn) -> list[Event]:
    events = []
    for number in range(draw(st.integers(1, 8))):
        names = draw(st.lists(st.sampled_from(FIELDS), max_size=6, unique=True))
        moment = BASE_MS + draw(st.integers(-1, 1)) * 86_400_000
        event = {"@timestamp": format_timestamp(moment), "event.id": f"{number:032x}"}
        events.append(event | {name: draw(_values_for(name)) for name in names})
    return events


_field = st.sampled_from(FIELDS)
_pattern = st.lists(
    st.one_of(st.sampled_from(["*", "?", "\\\\", "\\*"]), st.sampled_from([*"abcdmorstx15.:登", "oo", "exe", " "])),
    max_size=5,
).map("".join)
_expression = st.sampled_from(["a.*", "(root|admin).*", "[a-z]+", "[^a].", ".+\\.exe", "r.{2}t", ".*", "登.?"])
_bound = st.one_of(st.none(), _word, _number)


def _ordered(field: str) -> st.SearchStrategy[Range]:
    bound = _bound
    if field in LONGS or field == "vulnerability.score.base":
        bound = st.one_of(st.none(), st.sampled_from(["-1", "0", "4.5", "5", "80", "1e3"]))
    elif field in IPS:
        bound = st.one_of(st.none(), st.sampled_from(["10.0.0.0", "10.1.2.3", "fe80::", "192.168.0.1"]))
    elif field in DATES:
        bound = st.one_of(st.none(), _moment)
    return st.builds(Range, st.just(field), bound, bound, st.booleans(), st.booleans())


_RANGED = (*KEYWORDS, *UNTYPED, *LONGS, *IPS, *DATES, "vulnerability.score.base")
_leaf: st.SearchStrategy[Query] = st.one_of(
    st.builds(Term, st.one_of(_field, st.none()), st.one_of(_word, _path, _number, _address, _text)),
    st.builds(Wildcard, st.one_of(_field, st.none()), _pattern),
    st.builds(Regex, st.one_of(st.sampled_from((*KEYWORDS, *UNTYPED, *TEXTS, *LONGS)), st.none()), _expression),
    st.sampled_from(_RANGED).flatmap(_ordered),
    st.builds(
        Cidr, st.sampled_from((*IPS, *KEYWORDS, *UNTYPED)), st.sampled_from(["10.0.0.0/8", "fe80::/10", "0.0.0.0/0"])
    ),
    st.builds(Exists, _field),
    st.just(MatchAll()),
)
_queries = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Or(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=4,
)


@settings(max_examples=25)
@given(events=_events(), queries=st.lists(_queries, min_size=20, max_size=30))
def test_engine_and_definition_agree(new_store: NewStore, events: list[Event], queries: list[Query]) -> None:
    with new_store() as store:
        assert store.write(events).created == len(events)
        for query in queries:
            page = store.search(query, Window(), order="oldest")
            expected = {str(event["event.id"]) for event in events if evaluate(query, event)}
            assert {str(event["event.id"]) for event in page.events} == expected, query
            assert (page.total, page.total_is_exact, page.incomplete) == (len(expected), True, None)


@settings(max_examples=8)
@given(events=_events(), start=st.integers(-3, 3), length=st.integers(0, 4))
def test_a_window_holds_its_start_and_not_its_end(
    new_store: NewStore, events: list[Event], start: int, length: int
) -> None:
    window = Window(BASE_MS + start * 43_200_000, BASE_MS + (start + length) * 43_200_000)
    with new_store() as store:
        store.write(events)
        page = store.search(MatchAll(), window)
    inside = [
        event
        for event in events
        if (window.start_ms or 0) <= timestamp_ms(str(event["@timestamp"])) < (window.end_ms or 0)
    ]
    assert page.total == len(inside)
