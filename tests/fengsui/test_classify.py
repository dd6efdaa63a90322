"""``fengsui classify`` as its user runs it: what is found, and what broken input comes to."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from sqlalchemy import create_engine, text

from tests.servers.postgresql import OwnDatabase, PostgreSQLServer

if TYPE_CHECKING:
    from conftest import Fengsui

IDS = ("11010519491231002X", "440524188001010014")
HEADER_KEYS = ["resource", "field", "category", "grade", "confidence", "prevalence", "evidence"]
PEOPLE = f"姓名,身份证号,订单号\n张伟,{IDS[0]},20240101000000000001\n李娜,{IDS[1]},20240101000000000002\n"


def _by_field(lines: list[dict[str, Any]]) -> dict[str | None, list[str | None]]:
    found: dict[str | None, list[str | None]] = {}
    for line in lines:
        found.setdefault(line["field"], []).append(line["category"])
    return found


def test_one_line_a_column_graded_and_never_a_value(fengsui: Fengsui, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="gb18030")
    ran = fengsui("classify", "people.csv", "--scheme", "l1_l4")
    assert ran.status == 0, ran.err
    assert [list(line) for line in ran.lines] == [HEADER_KEYS] * 3
    assert _by_field(ran.lines) == {"姓名": ["person_name"], "身份证号": ["resident_id"], "订单号": [None]}
    by_name = {line["field"]: line for line in ran.lines}
    assert by_name["身份证号"]["resource"] == "people.csv"
    assert (by_name["身份证号"]["confidence"] > 0.9, by_name["身份证号"]["prevalence"]) == (True, 1.0)
    assert by_name["身份证号"]["grade"] != by_name["姓名"]["grade"] or by_name["姓名"]["grade"] is not None
    assert by_name["订单号"] | {"resource": "", "field": ""} == {
        "resource": "",
        "field": "",
        "category": None,
        "grade": None,
        "confidence": 0.0,
        "prevalence": 0.0,
        "evidence": [],
    }
    assert not any(value in ran.out + ran.err for value in (*IDS, "张伟"))
    assert "1 tables and texts, 3 fields, 2 rows" in ran.err


def test_one_identifier_in_sixty_thousand_rows_is_found(fengsui: Fengsui, tmp_path: Path) -> None:
    dice = random.Random(7)
    rows = [f"{number},{dice.randrange(10**9)}" for number in range(60_000)]
    rows[43_210] = f"43210,{IDS[0]}"
    (tmp_path / "big.csv").write_text("n,x\n" + "\n".join(rows), encoding="ascii")
    ran = fengsui("classify", "big.csv")
    [found] = [line for line in ran.lines if line["category"] == "resident_id"]
    assert (found["field"], found["prevalence"] < 0.0001, found["confidence"] > 0.5) == ("x", True, True)


def test_a_file_of_text_and_every_kind_of_source(fengsui: Fengsui, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "app.log").write_text(f"user {IDS[0]} signed in\nnothing\n", encoding="utf-8")
    (data / "people.ndjson").write_text(json.dumps({"p": {"sfzh": IDS[0]}}) + "\n", encoding="utf-8")
    (data / "empty.csv").touch()
    (data / "header.csv").write_text("sfzh,phone\n", encoding="utf-8")
    (data / "twice.csv").write_text(f"sfzh,sfzh\n{IDS[0]},{IDS[1]}\n", encoding="utf-8")
    with closing(sqlite3.connect(data / "city.db")) as connection:
        connection.execute("CREATE TABLE people (sfzh TEXT)")
        connection.execute("INSERT INTO people VALUES (?)", IDS[:1])
        connection.commit()
    ran = fengsui("classify", "data", f"sqlite:///{data}/city.db")
    assert ran.status == 0, ran.err
    found = {(line["resource"].removeprefix("data/"), line["field"]): line["category"] for line in ran.lines}
    assert found[("app.log", None)] == "resident_id"
    assert found[("people.ndjson", "p.sfzh")] == "resident_id"
    assert found[("empty.csv", None)] is None
    assert {("header.csv", "sfzh"), ("header.csv", "phone")} <= found.keys()
    assert found[("twice.csv", "sfzh")] == found[("twice.csv", "sfzh_2")] == "resident_id"
    assert found[(f"sqlite:///{data}/city.db#people", "sfzh")] == "resident_id"
    assert sum(line["resource"].endswith("#people") for line in ran.lines) == 2
    assert not any(value in ran.out + ran.err for value in IDS)


def _corrupt(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(500))


def _locked(path: Path) -> None:
    """Locked with a password where the machine can do that."""
    try:
        from msoffcrypto.format.ooxml import OOXMLFile  # noqa: PLC0415 (may be absent)
    except ImportError:
        return
    plain = path.with_name("plain.tmp")
    openpyxl.Workbook().save(plain)
    with plain.open("rb") as source, path.open("wb") as target:
        OOXMLFile(source).encrypt("secret", target)
    plain.unlink()


def _vast(path: Path) -> None:
    """Two cells, in the first place and in the last."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "x", "y"
    workbook.save(path)


def _bomb(path: Path) -> None:
    """A text of more than a gigabyte in a few megabytes."""
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as member:
            member.write(b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>')
            for _ in range(160):
                member.write(b"A" * (1 << 23))
            member.write(b"</t></si></sst>")
    assert path.stat().st_size < 10_000_000


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 50)


def _two_encodings(path: Path) -> None:
    path.write_bytes(b"a,b\n" + b"1,2\n" * 100_000 + b"\xff\xfe\xff,2\n")


_BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "corrupt.xlsx": (_corrupt, "no whole workbook"),
    "locked.xlsx": (_locked, "protected by a password"),
    "vast.xlsx": (_vast, "takes more than 2048 MiB of memory"),
    "bomb.xlsx": (_bomb, "takes more than 2048 MiB of memory"),
    "binary.csv": (_binary, "binary data of no known kind"),
    "two.csv": (_two_encodings, "1 lines are not in utf-8"),
}


def test_what_can_not_be_read_is_told_and_the_rest_goes_on(fengsui: Fengsui, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name, (make, _) in _BROKEN.items():
        make(data / name)
    cell = "字" * 400_000 + IDS[0] + "字" * 400_000
    (data / "cell.csv").write_text(f'a,b\n1,"{cell}"\n', encoding="utf-8")
    (data / "people.csv").write_text(PEOPLE, encoding="utf-8")
    ran = fengsui("classify", "data")
    assert ran.status == 1
    told = dict(line.split(": ", 1) for line in ran.err.splitlines() if line.startswith("data/"))
    for name, (_, detail) in _BROKEN.items():
        if (data / name).exists():
            assert detail in told[f"data/{name}".replace("vast.xlsx", "vast.xlsx#Sheet")], name
    assert "Traceback" not in ran.err
    found = {(line["resource"], line["field"]): line["category"] for line in ran.lines}
    assert found["data/people.csv", "身份证号"] == found["data/cell.csv", "b"] == "resident_id"
    assert {resource for resource, _ in found} == {"data/people.csv", "data/cell.csv", "data/two.csv"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.csv"], "no such file or folder"),
        (["nosuch://u:s3cr3t@h/d"], "no such kind of database"),
        (["dm://u:s3cr3t@h:5236"], "pip install dmPython dmSQLAlchemy"),
        (["x.csv", "--scheme", "none"], "There is no grading scheme"),
        (["x.csv", "--sample", "some"], "Invalid value"),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage(fengsui: Fengsui, tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n", encoding="utf-8")
    ran = fengsui("classify", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err
    assert "s3cr3t" not in ran.err


def test_a_database_that_is_not_there_is_an_input_that_failed(fengsui: Fengsui) -> None:
    ran = fengsui("classify", "postgresql+psycopg://reader:s3cr3t@127.0.0.1:1/city")
    assert ran.status == 1
    assert "postgresql://127.0.0.1:1/city: the database can't be reached" in ran.err
    assert "s3cr3t" not in ran.err


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become another user")
def test_a_file_that_may_not_be_read_is_told(project: Path) -> None:
    folder = Path("/tmp") / f"fengsui-unreadable-{os.getpid()}"  # noqa: S108 (must be reachable by another user)
    folder.mkdir(mode=0o755)
    try:
        (folder / "secret.csv").write_text(PEOPLE, encoding="utf-8")
        (folder / "secret.csv").chmod(0o600)
        (folder / "open.csv").write_text(PEOPLE, encoding="utf-8")
        script = (
            "import os; from classification.sources import FileSource, Problem; from pathlib import Path; "
            f"os.setuid(65534); found = list(FileSource(Path({str(folder)!r})).resources()); "
            "print([each.detail if isinstance(each, Problem) else 'ok' for each in found])"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    assert done.stdout.strip() == "['ok', 'Permission denied; give this user the right to read it']", done.stderr


@pytest.fixture
def cluster(postgresql_server: PostgreSQLServer) -> Iterator[OwnDatabase]:
    with postgresql_server.own_database() as database:
        yield database


def test_permission_denied_on_one_table_is_told_and_the_rest_goes_on(fengsui: Fengsui, cluster: OwnDatabase) -> None:
    engine = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (
            "CREATE ROLE clerk LOGIN PASSWORD 's3cr3t'",
            "CREATE TABLE hidden (sfzh text)",
            f"CREATE TABLE people AS SELECT '{IDS[0]}' AS sfzh",
            "GRANT SELECT ON people TO clerk",
        ):
            connection.execute(text(statement))
    engine.dispose()
    ran = fengsui("classify", cluster.url("clerk", "s3cr3t"))
    assert ran.status == 1
    assert "#public.hidden: permission denied; grant the account SELECT on it" in ran.err
    found = {line["resource"].partition("#")[2]: line["category"] for line in ran.lines}
    assert found["public.people"] == "resident_id"
    assert "s3cr3t" not in ran.out + ran.err
