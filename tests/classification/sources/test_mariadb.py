"""MariaDB as a source: sampled by a session that can only read, takes no lock and waits for none."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from classification.sources import DatabaseSource, Sampling, SamplingMethod, UnreadableError, open_source
from classification.sources.addresses import open_for_reading, parse_address
from tests.classification.sources.reading import pieces_of, read_source
from tests.servers.mariadb import OWNER, READER, MariaDBServer

ROWS = 20_000
_READING = re.compile(
    r"select |show |set session |set autocommit|set names|commit|rollback|use |describe ", re.IGNORECASE
)
_LOCKING = re.compile(r"for update|lock in share mode|lock tables|get_lock|into outfile|into @", re.IGNORECASE)


@pytest.fixture(scope="module")
def owner(mariadb_server: MariaDBServer) -> Iterator[Connection]:
    """A connection that may do everything, with tables of the city made."""
    engine = create_engine(mariadb_server.url(OWNER), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (
            "CREATE TABLE people (id INT PRIMARY KEY, `手机` VARCHAR(20) COMMENT '手机号码', photo BLOB, extra JSON)",
            "INSERT INTO people SELECT seq, 13800000000 + seq, 'x', '{\"a\": 1}' FROM seq_1_to_20000",
            "CREATE TABLE `order; DROP TABLE people` (`select` INT, `a``b` TEXT)",
            "INSERT INTO `order; DROP TABLE people` VALUES (1, REPEAT('长', 5000))",
            "CREATE TABLE secret (a INT, b INT)",
            "CREATE VIEW phones AS SELECT `手机` FROM people",
            "GRANT SELECT ON city.people TO 'reader'@'%%'",
            "GRANT SELECT ON city.`order; DROP TABLE people` TO 'reader'@'%%'",
            "GRANT SELECT ON city.phones TO 'reader'@'%%'",
            "GRANT INSERT ON city.secret TO 'reader'@'%%'",
        ):
            connection.exec_driver_sql(statement)
        yield connection


@pytest.fixture(scope="module")
def address(mariadb_server: MariaDBServer, owner: Connection) -> str:
    """The reader's address of the city."""
    assert owner.scalar(text("SELECT COUNT(*) FROM people")) == ROWS
    return mariadb_server.url(READER)


def test_it_is_sampled_and_a_forbidden_table_reported(address: str) -> None:
    found, problems = read_source(source := open_source(address))
    by_name = {name.partition("#")[2]: content for name, content in found.items()}
    names = ["city.order; DROP TABLE people", "city.people", "city.phones", "city.secret"]
    assert (problems, sorted(by_name)) == ([], names)
    people = by_name["city.people"]
    assert (people.rows, people.comments["手机"], people.columns["extra"][0]) == (1000, "手机号码", '{"a": 1}')
    assert "photo" not in people.columns or not any(people.columns["photo"])
    assert by_name["city.secret"].broken == "permission denied; grant the account SELECT on it"
    assert "pass-word" not in "".join([source.name, *found])


def test_every_row_in_portions(address: str) -> None:
    source = DatabaseSource(parse_address(address), Sampling(method=SamplingMethod.ALL, rows=1))
    assert sum(piece.rows for piece in pieces_of(source, "#city.people")) == ROWS


def test_its_statements_only_read_and_lock_nothing(address: str, owner: Connection) -> None:
    owner.exec_driver_sql("TRUNCATE mysql.general_log")
    read_source(open_source(address))
    said = owner.execute(
        text(
            "SELECT command_type, CONVERT(argument USING utf8mb4) FROM mysql.general_log "
            "WHERE user_host LIKE 'reader%' AND command_type <> 'Connect' AND command_type <> 'Quit'"
        )
    ).all()
    statements = [str(argument).strip() for _, argument in said]
    assert [each for each in statements if not _READING.match(each)] == []
    assert [each for each in statements if _LOCKING.search(each)] == []
    assert "SET SESSION TRANSACTION READ ONLY" in statements
    assert sum("people" in each and each.lower().startswith("select") for each in statements) >= 2


@pytest.mark.usefixtures("owner")
def test_it_refuses_writing(mariadb_server: MariaDBServer) -> None:
    for user in (READER, OWNER):
        engine = open_for_reading(parse_address(mariadb_server.url(user)))
        with pytest.raises(DBAPIError, match="READ ONLY"), engine.begin() as connection:
            connection.execute(text("INSERT INTO secret VALUES (1, 2)"))


def test_nobody_is_held_off_and_no_lock_waited_for(address: str, owner: Connection) -> None:
    pieces = pieces_of(open_source(address), "#city.people")
    assert [next(pieces).rows, next(pieces).rows] == [0, 1000]
    owner.exec_driver_sql("SET SESSION lock_wait_timeout = 2")
    owner.exec_driver_sql("ALTER TABLE people ADD COLUMN later INT")
    owner.exec_driver_sql("LOCK TABLES people WRITE")
    try:
        started = time.monotonic()
        found, _ = read_source(open_source(address))
        assert time.monotonic() - started < 30
    finally:
        owner.exec_driver_sql("UNLOCK TABLES")
    locked = next(content for name, content in found.items() if name.endswith("#city.people"))
    assert locked.broken == "locked by someone else; look again later"


def test_a_refused_sign_in_is_told_without_the_password(mariadb_server: MariaDBServer) -> None:
    with pytest.raises(UnreadableError, match="sign-in") as raised:
        read_source(open_source(mariadb_server.url(("reader", "wr0ng"))))
    assert "wr0ng" not in str(raised.value)
