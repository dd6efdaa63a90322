"""A site's own policies take the place of the shipped ones, in every process started from here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fengsui.settings import load_settings
from fengsui.site_policies import adopt_site_policies
from policies import SITE_FOLDER, PolicyError, policy_path
from registry import zone_policy
from registry.index.organization import Organization


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("FENGSUI_SETTINGS", str(tmp_path / "fengsui.toml"))
    monkeypatch.setenv(SITE_FOLDER, "")
    zone_policy.cache_clear()
    yield
    zone_policy.cache_clear()


def _site(tmp_path: Path, name: str, content: str) -> Path:
    file = tmp_path / "policies" / name
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")
    (tmp_path / "fengsui.toml").write_text(f'policies = "{tmp_path / "policies"}"\n', encoding="utf-8")
    return file


def _with_extranet() -> str:
    shipped = policy_path("registry/zones.yml").read_text(encoding="utf-8")
    return shipped.replace("ranges:\n", "ranges:\n  - {network: 59.192.0.0/10, zone: government_extranet}\n")


def test_an_address_has_the_zone_that_the_site_gives_it(tmp_path: Path) -> None:
    assert Organization([], [], zone_policy()).zone("59.200.1.1") == "internet"
    zone_policy.cache_clear()
    own = _site(tmp_path, "registry/zones.yml", _with_extranet())
    adopt_site_policies()
    assert Organization([], [], zone_policy()).zone("59.200.1.1") == "government_extranet"
    assert policy_path("registry/zones.yml") == own
    assert policy_path("registry/sharing.yml").is_file(), "what the site does not name stays as shipped"
    assert os.environ[SITE_FOLDER] == str(tmp_path / "policies"), "processes started from here do the same"
    assert load_settings().policies == tmp_path / "policies"


def test_a_site_file_that_breaks_its_schema_is_named(tmp_path: Path) -> None:
    own = _site(tmp_path, "registry/zones.yml", _with_extranet().replace("zone: government_extranet", "zone: extranet"))
    adopt_site_policies()
    with pytest.raises(PolicyError, match="unknown zones") as caught:
        zone_policy()
    assert str(own) in str(caught.value)


def test_a_misspelled_file_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    _site(tmp_path, "registry/zone.yml", _with_extranet())
    with pytest.raises(PolicyError, match=r"registry/zone\.yml is named like no shipped policy"):
        adopt_site_policies()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fengsui.toml").write_text('policies = "nowhere"\n', encoding="utf-8")
    with pytest.raises(PolicyError, match="is no folder"):
        adopt_site_policies()


def test_without_the_setting_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "fengsui.toml").write_text("[api]\nport = 1\n", encoding="utf-8")
    adopt_site_policies()
    assert not os.environ.get(SITE_FOLDER)
