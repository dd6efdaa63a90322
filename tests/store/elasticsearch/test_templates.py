"""Templates come from the field table, may be installed as often as wanted, and days outlive their changes."""

from __future__ import annotations

import random
import re
import tomllib
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from events import FieldTable, field_table
from store import ElasticsearchSettings, StoreError, Window, parse_query
from store.elasticsearch.cluster import Cluster
from store.elasticsearch.condition import condition_of
from store.elasticsearch.installation import install
from store.elasticsearch.mapping import build_mapping
from store.elasticsearch.names import IndexNames
from store.elasticsearch.store import ElasticsearchEventStore
from store.placement import IndexKey
from store.query import MatchAll
from tests.servers.client import patient_client
from tests.store.conftest import MakeEvent

from .installations import installation


@pytest.mark.services
def test_installing_again_changes_nothing_and_without_it_nothing_is_written(
    elasticsearch: str, make_event: MakeEvent
) -> None:
    with installation(elasticsearch) as settings:
        assert {template.outcome for template in install(settings).templates} == {"unchanged"}
        more = settings.model_copy(update={"shards": 2})
        assert condition_of(settings).broken == []
        assert "run `fengsui store init`" in condition_of(more).broken[0]
        assert [template.outcome for template in install(more).templates] == ["changed", "unchanged", "unchanged"]
    with closing(ElasticsearchEventStore(settings, "write")) as store:
        with pytest.raises(StoreError, match="templates are missing; run `fengsui store init`"):
            store.write([make_event(1)])
        assert store.days() == []


@pytest.mark.services
def test_days_made_with_other_fields_are_searched_by_theirs(
    elasticsearch: str, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = ("user.name", "source.port", "source.ip", "message")
    fewer = FieldTable({name: kind for name, kind in field_table().types.items() if name not in later})
    values = {"user__name": "Alice", "source__port": 443, "source__ip": "10.1.2.3", "message": "Root logged in"}
    first, second = make_event(0, **values), make_event(30, **values)
    with installation(elasticsearch) as settings, closing(ElasticsearchEventStore(settings, "write")) as store:
        with monkeypatch.context() as earlier:
            earlier.setattr("store.elasticsearch.installation.field_table", lambda: fewer)
            earlier.setattr("store.elasticsearch.catalog.field_table", lambda: fewer)
            install(settings)
            store.write([first])
        with pytest.raises(StoreError, match="of another version"):
            store.write([second])
        install(settings)
        store.write([second, make_event(1, **values)])
        for text in ("user.name:alice", "source.port:[80 TO 500]", "source.ip:10.0.0.0/8", "_exists_:source.port"):
            page = store.search(parse_query(text), Window(), order="oldest")
            assert (page.total, page.events[0], page.events[-1]) == (3, first, second), text
        assert store.search(parse_query("logged"), Window()).events == [second]
        ports: Any = store.aggregate(MatchAll(), Window(), {"ports": {"terms": {"field": "source.port"}}})["ports"]
        assert ports["buckets"] == [{"key": 443, "doc_count": 1}]


@pytest.mark.services
def test_an_index_that_the_templates_did_not_make_is_not_passed_over(elasticsearch: str, make_event: MakeEvent) -> None:
    with installation(elasticsearch) as settings, closing(ElasticsearchEventStore(settings, "write")) as store:
        store.write([make_event(0)])
        with closing(patient_client(elasticsearch)) as client:
            client.indices.delete_index_template(name=settings.index_prefix)
            client.indices.create(index=f"{settings.index_prefix}-standard-2023.11.16")
        install(settings)
        with pytest.raises(StoreError, match="was not made by Fengsui's templates"):
            store.search(MatchAll(), Window())


def test_every_field_is_mapped_and_better_types_are_taken_only_where_they_are() -> None:
    types = field_table().types
    plain, better = (build_mapping(types, compact_text=has)["properties"] for has in (False, True))
    assert set(types) <= set(plain)
    assert plain["event.original"]["type"] == "text"
    assert better["event.original"]["type"] == "match_only_text"
    assert {name for name in plain if plain[name] != better[name]} == {"event.original"}


def test_what_a_cluster_lacks_is_told_with_what_it_means() -> None:
    poor = Cluster("9.4.3", 1, compact_text=False, secured=False, tiers={}, hot={})
    rich = Cluster("9.4.3", 3, compact_text=True, secured=True, tiers={"warm": ("a", "b"), "cold": ("a", "c")}, hot={})
    assert [lack.partition(":")[0] for lack in poor.lacks(tiers_wanted=True)] == [
        "a second data node",
        "security",
        "the type match_only_text",
        "nodes of the tiers cold, warm (roles, or node.attr.data)",
    ]
    assert rich.lacks(tiers_wanted=True) == []


def test_names_tell_what_they_name_and_a_request_for_years_stays_short() -> None:
    names = IndexNames("fengsui-events")
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(1_500)]
    keys = [IndexKey(name, day) for day in [*days, None] for name in ("standard", "data_access")]
    assert [names.key(names.name(key)) for key in keys] == keys
    foreign = ["fengsui-events-other-standard-2020.01.01", "fengsui-events-standard-2020.13.01", "fengsui-eventsx"]
    assert names.keys(foreign) == []
    chance = random.Random(3)
    for size in (1, 40, 400, len(keys)):
        wanted = chance.sample(keys, size)
        expression = names.expression(wanted)
        assert len(",".join(expression)) < 3_500
        for name in map(names.name, wanted):
            assert any(name == part or (part.endswith("*") and name.startswith(part[:-1])) for part in expression)


def test_settings_of_tiers_follow_each_other() -> None:
    with pytest.raises(ValueError, match="cold_after_days"):
        ElasticsearchSettings(hosts=("http://es:9200",), warm_after_days=30, cold_after_days=7)


def test_the_settings_that_the_guide_shows_are_settings(project: Path) -> None:
    guide = (project / "docs" / "event-store.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    settings = ElasticsearchSettings.model_validate(tomllib.loads(shown)["store"])
    assert len(settings.hosts) == 3
    assert settings.api_key_file == Path("/etc/fengsui/es.key")
    assert f"`{settings.index_prefix}`" in guide
