"""SQL databases: sampled, only read, never locked, credentials never shown."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from classification.sources import (
    DatabaseSource,
    Sampling,
    SamplingMethod,
    SourceNotFoundError,
    UnreadableError,
    open_source,
    parse_address,
    public_name,
    scan_policy,
)
from classification.sources.addresses import open_for_reading
from classification.sources.policy import ScanPolicy
from tests.classification.sources.reading import Content, pieces_of, read_source
from tests.servers.postgresql import OwnDatabase, PostgreSQLServer

ALL = Sampling(method=SamplingMethod.ALL, rows=1)
_SCRIPT = """
CREATE TABLE people (name TEXT, "sj""hm" VARCHAR(20), photo BLOB, note TEXT);
CREATE TABLE "order; DROP TABLE people" ("select" INTEGER, "a b" TEXT);
CREATE TABLE keyed (id TEXT PRIMARY KEY, mail TEXT) WITHOUT ROWID;
CREATE TABLE empty (a TEXT);
CREATE VIEW phones AS SELECT "sj""hm" AS phone FROM people;
CREATE VIEW broken AS SELECT * FROM gone;
"""


@pytest.fixture
def city(tmp_path: Path) -> Path:
    path = tmp_path / "city.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_SCRIPT)
        rows = [(f"p{n}", f"1380000{n:04}", b"\xff\xd8", "x" * 10) for n in range(9000)]
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", rows)
        connection.executemany("INSERT INTO keyed VALUES (?, ?)", [(str(n), f"{n}@example.cn") for n in range(50)])
        connection.execute('INSERT INTO "order; DROP TABLE people" VALUES (1, ?)', ("x" * 100_000,))
        connection.commit()
    return path


def _contents(path: Path, sampling: Sampling | None = None) -> dict[str, Content]:
    found, problems = read_source(open_source(f"sqlite:///{path}", sampling))
    assert not problems
    return {name.partition("#")[2]: content for name, content in found.items()}


def test_every_table_and_view_is_sampled(city: Path) -> None:
    found = _contents(city)
    assert [*found] == ["broken", "empty", "keyed", "order; DROP TABLE people", "people", "phones"]
    people = found["people"]
    assert (people.rows, len({*people.columns["name"]})) == (1000, 1000)
    assert people.types == {"name": "TEXT", 'sj"hm': "VARCHAR(20)", "photo": "BLOB", "note": "TEXT"}
    assert max(int(str(name)[1:]) for name in people.columns["name"]) > 5000  # not the first rows alone
    assert people.columns["photo"] == []
    assert (found["phones"].rows, found["keyed"].rows) == (1000, 50)
    assert found["empty"].columns == {"a": []}
    assert found["broken"].broken is not None
    cut = found["order; DROP TABLE people"]
    assert (cut.columns["select"], len(str(cut.columns["a b"][0])), len(cut.problems)) == ([1], 65536, 1)


@pytest.mark.parametrize(("method", "rows"), [(SamplingMethod.FIRST, 7), (SamplingMethod.RANDOM, 20)])
def test_policy_says_how_many_rows(city: Path, method: SamplingMethod, rows: int) -> None:
    found = _contents(city, Sampling(method=method, rows=rows))["people"]
    assert found.rows == rows
    if method is SamplingMethod.FIRST:
        assert found.columns["name"] == [f"p{n}" for n in range(7)]


def test_all_rows_where_they_are_asked_for(city: Path) -> None:
    found = _contents(city, ALL)
    assert found["people"].columns["name"] == [f"p{n}" for n in range(9000)]
    assert (found["phones"].rows, found["keyed"].rows) == (9000, 50)


def test_a_writer_is_never_held_off(city: Path) -> None:
    pieces = pieces_of(open_source(f"sqlite:///{city}", ALL), "#people")
    assert [next(pieces), next(pieces)]
    with closing(sqlite3.connect(city, timeout=0)) as writer:
        writer.execute("INSERT INTO empty VALUES ('x')")
        writer.commit()


def test_nothing_can_be_written(city: Path) -> None:
    engine = open_for_reading(parse_address(f"sqlite:///{city}"))
    with pytest.raises(DBAPIError), engine.connect() as connection:
        connection.execute(text("DELETE FROM people"))


def test_a_statement_that_takes_too_long_is_given_up(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried = scan_policy().databases.model_copy(update={"statement_seconds": 0.2})
    policy: ScanPolicy = scan_policy().model_copy(update={"databases": hurried})
    for module in ("addresses", "sampling", "database"):
        monkeypatch.setattr(f"classification.sources.{module}.scan_policy", lambda: policy)
    with closing(sqlite3.connect(city)) as connection:
        endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS x FROM n"
        connection.execute(f"CREATE VIEW endless AS {endless}")
    started = time.monotonic()
    found = _contents(city)
    assert time.monotonic() - started < 20
    assert found["endless"].broken is not None
    assert "took too long" in found["endless"].broken
    assert found["people"].rows == 1000


def test_damaged_and_missing_files_are_told(city: Path, tmp_path: Path) -> None:
    data = bytearray(city.read_bytes())
    data[100:] = b"\xff" * (len(data) - 100)
    (tmp_path / "bad.db").write_bytes(data)
    found, [problem] = read_source(open_source(str(tmp_path)))
    assert "damaged" in problem
    assert any(name.endswith("city.db#people") for name in found)
    with pytest.raises(UnreadableError, match="no such file"):
        read_source(open_source("sqlite:///nowhere.db"))


@pytest.mark.parametrize(
    "address", ["nosuch://u:secret@h/db", "postgresql+nosuch://u:secret@h/db", "oracle://u:se@cret:x@h:port/db"]
)
def test_a_wrong_address_is_told_without_its_password(address: str) -> None:
    with pytest.raises((SourceNotFoundError, UnreadableError)) as raised:
        read_source(open_source(address))
    assert "cret" not in str(raised.value)


def test_the_name_shows_no_credentials() -> None:
    url = parse_address("postgresql+psycopg://reader:secret@db.example:5432/city?sslmode=require&password=x")
    assert public_name(url) == "postgresql://db.example:5432/city"


@pytest.fixture(scope="module")
def cluster(postgresql_server: PostgreSQLServer) -> Iterator[OwnDatabase]:
    with postgresql_server.own_database() as database:
        yield database


@pytest.fixture(scope="module")
def province(cluster: OwnDatabase) -> str:
    engine = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (
            "CREATE ROLE reader LOGIN PASSWORD 'pass-word'",
            'CREATE SCHEMA "Civil Affairs"',
            'CREATE TABLE "Civil Affairs".people (id int, "手机" text, photo bytea, extra jsonb, mood text[])',
            'COMMENT ON COLUMN "Civil Affairs".people."手机" IS \'手机号码\'',
            (
                "INSERT INTO \"Civil Affairs\".people SELECT n, 13800000000 + n, 'x', '{\"a\": 1}', '{y}' "
                "FROM generate_series(1, 100000) n"
            ),
            'ANALYZE "Civil Affairs".people',
            "CREATE TABLE secret (a text)",
            "CREATE TABLE small AS SELECT 'x' AS a",
            "CREATE MATERIALIZED VIEW seen AS SELECT * FROM small",
            'GRANT USAGE ON SCHEMA "Civil Affairs" TO reader',
            'GRANT SELECT ON "Civil Affairs".people, small, seen TO reader',
        ):
            connection.execute(text(statement))
    engine.dispose()
    return cluster.url("reader", "pass-word")


def test_postgresql_is_sampled_and_a_forbidden_table_reported(province: str) -> None:
    source = open_source(province)
    found, problems = read_source(source)
    by_name = {name.partition("#")[2]: content for name, content in found.items()}
    assert (problems, sorted(by_name)) == ([], ["Civil Affairs.people", "public.secret", "public.seen", "public.small"])
    people = by_name["Civil Affairs.people"]
    assert (people.rows, people.comments["手机"], people.columns["extra"][0]) == (1000, "手机号码", '{"a":1}')
    assert max(map(int, map(str, people.columns["id"]))) > 50_000
    assert by_name["public.secret"].broken == "permission denied; grant the account SELECT on it"
    assert by_name["public.small"].columns == {"a": ["x"]}
    assert "pass-word" not in "".join([source.name, *found])


def test_a_descendant_of_postgresql_under_another_name_is_told_so(cluster: OwnDatabase) -> None:
    owner = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("CREATE DATABASE descendant"))
    there = create_engine(make_url(cluster.url("postgres")).set(database="descendant"))
    with there.begin() as connection:
        connection.execute(text("SET allow_system_table_mods = on"))
        named = "CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql AS"
        connection.execute(text(f"{named} $$ SELECT 'KingbaseES V008R006 on x86_64' $$"))
    owner.dispose()
    there.dispose()
    source = open_source(there.url.render_as_string(hide_password=False))
    with pytest.raises(UnreadableError, match="does not call itself PostgreSQL; install its own"):
        list(source.resources())


def test_postgresql_refuses_writing_and_waits_for_no_lock(cluster: OwnDatabase, province: str) -> None:
    owner = create_engine(cluster.url("postgres"))
    with pytest.raises(DBAPIError), open_for_reading(parse_address(cluster.url("postgres"))).begin() as connection:
        connection.execute(text("CREATE TABLE made (a int)"))
    with owner.begin() as locking:
        locking.execute(text("LOCK TABLE small IN ACCESS EXCLUSIVE MODE"))
        started = time.monotonic()
        found, _ = read_source(open_source(province))
        assert time.monotonic() - started < 20
    small = next(content for name, content in found.items() if name.endswith("#public.small"))
    assert small.broken == "locked by someone else; look again later"
    owner.dispose()


def test_all_rows_of_postgresql_in_portions(province: str) -> None:
    source = DatabaseSource(parse_address(province), ALL)
    assert sum(piece.rows for piece in pieces_of(source, "people")) == 100_000


def test_a_refused_sign_in_is_told_without_the_password(cluster: OwnDatabase, province: str) -> None:
    for address in (province.replace("pass-word", "wr0ng"), cluster.url("nobody", "wr0ng")):
        with pytest.raises(UnreadableError) as raised:
            read_source(open_source(address))
        assert "sign-in" in str(raised.value) or "reached" in str(raised.value)
        assert "wr0ng" not in str(raised.value)
