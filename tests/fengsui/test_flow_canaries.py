"""No raw value of a flow is left anywhere: planted in bodies, addresses, literals, broken records, then looked for."""
# ruff: noqa: S608 (statements are what is tested; none is run)

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from audit.authorship import ChangedBy
from audit.entry import Actor
from collectors.delivery import repository
from collectors.delivery.letters import DeadLetterFilter
from events import now_ms
from fengsui.flows import LiveFlows
from fengsui.processes.foundation import open_records
from fengsui.settings import Settings
from registry import UnitScope
from registry.importing import ImportKind, import_file
from registry.registers import Editor
from store.embedded import EmbeddedEventStore
from store.event_store import Window
from store.query import parse_query
from tests.fengsui.conftest import Fengsui
from tests.fengsui.running import Running
from tests.patience import until

NUMBERS = ["11010519491231002X", "110101190001010057", "110101190102020043"]
PHONES = ["13912345678", "13787654321"]
NAMES = ["欧阳测试甲", "司徒测试乙"]
MAIL = "canary.person@lanhu-mail.cn"
CANARIES = [*NUMBERS, *PHONES, *NAMES, MAIL]
_TIME = "2026-11-18T02:07:31.000+08:00"
_PAGES = ("", "alerts", "events", "dead-letters", "sources", "rules")


def _call(**changed: object) -> str:
    document: dict[str, object] = {
        "time": _TIME,
        "app_id": "app-ybj-ops",
        "client_ip": "192.0.2.150",
        "method": "POST",
        "path": "/share/v1/med/insured/query",
        "status": 200,
        "fields": ["name", "id_number"],
        "records": 9000,
        "masked": False,
        "purpose": "医保系统运维核对",
    }
    document |= changed
    return json.dumps({name: value for name, value in document.items() if value is not None}, ensure_ascii=False)


def _gateway() -> Iterator[str]:
    people = [{"姓名": NAMES[0], "id_number": number, "mobile": PHONES[0], "email": MAIL} for number in NUMBERS]
    yield _call(response_body=json.dumps({"data": people}, ensure_ascii=False))
    yield _call(responseBody={"data": people}, request_body={"name": NAMES[1], "id_number": NUMBERS[0]})
    yield _call(response={"status": 200, "body": json.dumps(people)})
    yield _call(path=f"/share/v1/persons/{NUMBERS[1]}", method="GET")
    yield _call(path=f"/share/v1/unknown/{NUMBERS[2]}/{PHONES[1]}?name={quote(NAMES[1])}&mail={MAIL}", method="GET")
    yield _call(path=f"/share/v1/med?xm={NAMES[0]}&sfzh={NUMBERS[0]}&tel={PHONES[0]}", query={"xm": NAMES[0]})
    yield _call(status=403, response_body=json.dumps(people), path=f"/share/v1/persons/{NUMBERS[1]}", records=0)
    yield _call(time=None, response_body=json.dumps(people), path=f"/v1?name={NAMES[0]}&id={NUMBERS[0]}")
    yield _call(time="no time at all", path=f"/v1/persons/{NUMBERS[1]}/{PHONES[1]}")
    yield _call(response_body=json.dumps(people))[:-40]  # cut, so that it is no JSON


def _databases() -> Iterator[str]:
    where = f"id_number = '{NUMBERS[0]}' OR name = '{NAMES[0]}' OR mobile = {PHONES[0]}"
    statement = f"SELECT name FROM insured WHERE {where}"
    audited = {"time": _TIME, "db_user": "ctr-wb03", "client_ip": "10.40.8.33", "server_ip": "10.20.6.31"}
    yield json.dumps(audited | {"db_type": "postgresql", "db_name": "medical", "sql": statement, "rows": 3})
    yield json.dumps(audited | {"db_type": "mysql", "db_name": "x", "sql": f"CALL f('{NAMES[1]}', '{NUMBERS[1]}')"})
    yield json.dumps(audited | {"time": None, "sql": statement}, ensure_ascii=False)
    stamp = "20261118 02:42:47,db-my01,ctr-wb03,192.0.2.150,2213,80001,QUERY,cases"
    yield f"{stamp},'SELECT * FROM applicant_contact WHERE name = \\'{NAMES[1]}\\' AND mobile = \\'{PHONES[1]}\\'',0"
    head = "2026-11-18 02:49:32.000 CST [5120]: user=ctr-wb03,db=population,app=psql,client=192.0.2.150 LOG:  "
    read = f"SELECT * FROM resident WHERE {where}"
    yield f'{head}AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.resident,"{read}",<not logged>,1'
    yield f"{head}statement: INSERT INTO resident (name, mobile) VALUES ('{NAMES[0]}', '{PHONES[1]}')"


@pytest.fixture
def settings(tmp_path: Path, project: Path) -> Settings:
    """A data folder with the demo city's registry in it."""
    made = Settings(data_dir=tmp_path / "data")
    made.data_dir.mkdir(mode=0o700)
    editor = Editor(ChangedBy(Actor("system", "test", "test"), now_ms()), UnitScope.everything())
    with closing(open_records(made)) as records:
        for kind in ImportKind:
            path = project / "samples" / "registry" / f"{kind.value}.csv"
            assert import_file(records, kind, path.read_bytes(), editor).taken
    return made


@pytest.fixture
def ingested(settings: Settings, tmp_path: Path, fengsui: Fengsui) -> str:
    """The planted records, ingested; what was printed meanwhile."""
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "gateway.ndjson").write_text("\n".join(_gateway()) + "\n", encoding="utf-8")
    for place, line in enumerate(_databases()):
        (planted / f"audit-{place}.log").write_text(line + "\n", encoding="utf-8")
    done = fengsui("ingest", planted, "--data-dir", settings.data_dir, "--timezone", "Asia/Shanghai")
    assert done.status in {0, 1}, done.err
    return done.out + done.err


def _raw_values(text: str) -> set[str]:
    folded = text + json.dumps(text) + re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    spelled = {each: {each, quote(each), each.lower()} for each in CANARIES}
    return {each for each, ways in spelled.items() if any(way in folded for way in ways)}


def test_nothing_raw_is_left_in_files_documents_or_rows(ingested: str, settings: Settings) -> None:
    assert _raw_values(ingested) == set()
    with closing(EmbeddedEventStore(settings.events_dir, "read")) as store:
        documents = list(store.search(parse_query("*"), Window(), limit=1_000).events)
    assert len(documents) >= len(list(_gateway())) + len(list(_databases())) - 5
    assert any(event.get("fengsui.data.subject") for event in documents)
    assert [event for event in documents if _raw_values(json.dumps(event, ensure_ascii=False))] == []
    for path in settings.data_dir.rglob("*"):
        if path.is_file():
            assert _raw_values(path.read_bytes().decode("utf-8", "replace")) == set(), path


def test_a_dead_letter_shows_nothing_raw_and_can_be_replayed(ingested: str, settings: Settings) -> None:
    with closing(open_records(settings)) as records:
        with records.read() as session:
            letters = repository.find_dead_letters(session, DeadLetterFilter())
        assert len(letters) >= 3
        flows = LiveFlows(settings, records)
        for letter in letters:
            assert _raw_values(letter.letter.raw.decode()) == set()
            assert letter.is_whole
            assert _raw_values(flows.unseal(letter).decode())
    assert "dead letters" in ingested


def _texts(answers: list[httpx.Response]) -> list[tuple[str, str]]:
    return [(str(answer.url), answer.text) for answer in answers]


@pytest.mark.fault
def test_nothing_raw_is_shown(ingested: str, started: Callable[..., Running]) -> None:
    running = started()
    with closing(running.sign_in()) as client:
        until(lambda: client.get("/api/v1/alerts").json()["alerts"])
        answers = [client.get(f"/{page}") for page in _PAGES]
        listed = client.get("/api/v1/alerts", params={"limit": 100})
        answers += [listed, client.get("/api/v1/events", params={"limit": 100}), client.get("/api/v1/dead-letters")]
        for alert in listed.json()["alerts"]:
            answers += [client.get(f"/api/v1/alerts/{alert['id']}"), client.get(f"/alerts/{alert['id']}")]
        assert sum(answer.status_code == 200 for answer in answers) > len(_PAGES)
        assert {path: _raw_values(text) for path, text in _texts(answers) if _raw_values(text)} == {}
    assert _raw_values(running.log.read_text(encoding="utf-8") + ingested) == set()
