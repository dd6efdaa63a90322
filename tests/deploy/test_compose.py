"""The containers: what docker-compose.yml gives each of them, and whether the settings it passes are settings."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from fengsui.settings import Settings
from tests.servers.fetching import cache_folder
from tests.servers.lacking import lacking

ONCE = {"setup", "init", "data-view"}
OURS = {"init", "serve", "collect", "work", "detection-worker"}
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
_SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|PASSPHRASE|CREDENTIAL", re.IGNORECASE)


@pytest.fixture(scope="module")
def composed(project: Path) -> dict[str, Any]:
    """The file with its anchors and the defaults of its variables."""
    found: dict[str, Any] = _with_defaults(yaml.safe_load((project / "docker-compose.yml").read_text(encoding="utf-8")))
    return found


@pytest.fixture(scope="module")
def resolved(project: Path) -> dict[str, Any]:
    """The same as docker compose's own library reads it, with every profile."""
    return _resolved(project, {"COMPOSE_PROFILES": "*"})


def _resolved(project: Path, environment: Mapping[str, str], *files: Path) -> dict[str, Any]:
    command = [_checker(project), "compose", project / "docker-compose.yml", *files]
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("COMPOSE_", "FENGSUI_"))}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**outside, **environment})
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _with_defaults(value: Any) -> Any:  # noqa: ANN401 (whatever YAML holds)
    if isinstance(value, dict):
        return {name: _with_defaults(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_defaults(each) for each in value]
    return _VARIABLE.sub(lambda each: each[2] or "", value) if isinstance(value, str) else value


def _services(project: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from project["services"].items()


def _check_hardening(project: Mapping[str, Any]) -> None:
    for name, service in _services(project):
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        limits = service["deploy"]["resources"]["limits"]
        assert float(limits["cpus"]) > 0, name
        assert limits["memory"], name
        assert int(limits["pids"]) > 0, name
        uid = int(service["user"].split(":")[0])
        if name == "setup":
            assert (uid, service["network_mode"]) == (0, "none")
            assert set(service["cap_add"]) == {"CHOWN", "DAC_OVERRIDE", "FOWNER"}
        else:
            assert uid >= 999, name
            assert "cap_add" not in service, name
        tag = service["image"].rpartition("/")[2].partition(":")[2]
        assert tag not in {"", "latest"}, name
        assert service["ulimits"]["core"] in (0, {}), name  # compose leaves noughts out
        assert name in ONCE or service["healthcheck"]["test"], name
        assert service["restart"] == ("no" if name in ONCE else "unless-stopped"), name


def test_every_container_is_restricted_limited_and_watched(composed: dict[str, Any]) -> None:
    assert len(composed["services"]) == 14
    _check_hardening(composed)


def test_no_secret_stands_in_an_environment_or_a_command(composed: dict[str, Any]) -> None:
    for name, service in _services(composed):
        for variable, value in (service.get("environment") or {}).items():
            if _SECRET_NAME.search(variable) and value is not None:
                assert variable.endswith("_FILE"), (name, variable)
                assert value.startswith("/run/"), (name, variable)
            assert not re.search(r"://[^/@:]+:[^/@]+@", str(value)), (name, variable)
    assert all("file" in secret for secret in composed["secrets"].values())


def test_only_what_people_look_at_is_published_and_only_on_loopback(composed: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in _services(composed) if "ports" in service}
    assert published == {
        "serve": ["127.0.0.1:8460:8460"],
        "kibana": ["127.0.0.1:5601:5601"],
        "prometheus": ["127.0.0.1:9090:9090"],
    }
    assert composed["networks"]["stores"] == {"internal": True}
    for name in ("elasticsearch", "elasticsearch-2", "elasticsearch-3", "postgres", "kafka", "detection-worker"):
        assert composed["services"][name]["networks"] == ["stores"], name


def test_each_part_is_given_its_own_credentials_and_runs_as_their_owner(
    composed: dict[str, Any], project: Path
) -> None:
    users = _credentials(project)._USERS
    for name, service in _services(composed):
        held = {each.split(":")[0] for each in service["volumes"] if each.startswith("credentials-")}
        if name == "setup":
            assert held == {f"credentials-{part}" for part in users} | {"credentials-authority"}
            continue
        owner = "init" if name == "data-view" else name
        assert held == {f"credentials-{owner}"}, name
        assert all(each.endswith(":ro") for each in service["volumes"] if each.startswith("credentials-")), name
        assert service["user"] == f"{users[owner]}:{users[owner]}", name
    passwords = _credentials(project)._PASSWORDS
    assert OURS.isdisjoint(set(passwords["elastic"]) - {"init"})


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_is_passed_to_fengsui_are_settings_that_it_has(
    composed: dict[str, Any], project: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {key: value for key, value in composed["services"][name]["environment"].items() if value is not None}
    environment["FENGSUI_SETTINGS"] = str(project / "deploy/compose/fengsui.toml")
    settings = _load(environment, monkeypatch)
    assert settings.store is not None
    assert [*settings.store.hosts] == ["https://elasticsearch:9200"]
    assert settings.store.password_file == Path("/run/credentials/elasticsearch.password")
    assert settings.records_url is not None
    assert "sslmode=verify-full" in settings.records_url
    assert settings.kafka is None
    if name == "serve":
        assert settings.api.tls is not None
        assert settings.api.secure_cookies


def test_the_profile_for_many_machines_passes_brokers_and_every_node(
    composed: dict[str, Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (project / "deploy/compose/scale.env").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    passed = composed["services"]["collect"]["environment"]
    kafka = {name: value for name, value in given.items() if name.startswith("FENGSUI_KAFKA__")}
    assert set(kafka) == {name for name, value in passed.items() if value is None}
    hosts = given["FENGSUI_STORE_HOSTS"]
    environment = {**passed, **kafka, "FENGSUI_STORE__HOSTS": hosts}
    environment["FENGSUI_SETTINGS"] = str(project / "deploy/compose/fengsui.toml")
    settings = _load(environment, monkeypatch)
    assert settings.kafka is not None
    assert (settings.kafka.encryption, settings.kafka.user) == ("tls", "fengsui")
    assert settings.kafka.password_file == Path("/run/credentials/kafka.password")
    assert settings.store is not None
    names = {host.removeprefix("https://").partition(":")[0] for host in settings.store.hosts}
    assert names == {name for name, service in _services(composed) if name.startswith("elasticsearch")}


def test_prometheus_is_given_every_file_that_its_settings_name(composed: dict[str, Any], project: Path) -> None:
    service = composed["services"]["prometheus"]
    mounted = {each.split(":")[1] for each in service["volumes"]} | {each["target"] for each in service["secrets"]}
    made = {f"/etc/prometheus/fengsui/{name}" for name in ("ca.crt", "prometheus.crt", "prometheus.key")}
    for name in ("prometheus.yml", "web.yml", "client.yml"):
        text = (project / "deploy/monitoring" / name).read_text(encoding="utf-8")
        named = set(re.findall(r"_file: (/[\w./-]+)", text))
        assert named <= mounted | made, name
    text = (project / "deploy/monitoring/prometheus.yml").read_text(encoding="utf-8")
    scraped = dict(re.findall(r'"([\w-]+):(\d+)"', text))
    scraped |= dict(re.findall(r"names: \[([\w-]+)\], type: A, port: (\d+)", text))
    assert set(scraped) == OURS - {"init"}
    for name in set(scraped) - {"serve"}:
        environment = composed["services"][name]["environment"]
        [port] = [value for key, value in environment.items() if re.fullmatch(r"FENGSUI_MONITORING__\w+_PORT", key)]
        assert port == scraped[name], name


def test_the_image_holds_every_package_and_runs_as_nobody_in_particular(project: Path) -> None:
    dockerfile = (project / "Dockerfile").read_text(encoding="utf-8")
    packages = set(re.findall(r'"(\w+)\*"', (project / "pyproject.toml").read_text(encoding="utf-8")))
    copied = set(re.findall(r"^COPY (\w+) /src/\1$", dockerfile, re.MULTILINE))
    assert len(packages) > 10
    assert copied == packages
    allowed = {
        line[1:] for line in (project / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    assert (
        packages
        | {"requirements.lock", "requirements-tracing.lock", "pyproject.toml", "README.md", "LICENSE", "deploy"}
        == allowed
    )
    scripts = re.findall(
        r"(deploy/\S+\.py)", dockerfile.partition("FROM ${PYTHON_IMAGE}\n")[2].partition("ENV PATH")[0]
    )
    assert len(scripts) == 5
    composed = (project / "docker-compose.yml").read_text(encoding="utf-8")
    [server] = re.findall(r"postgres:(\d+)\.", composed)
    assert f"postgresql-client-{server} " in dockerfile
    assert re.findall(r"python:[\w.-]+", composed) == re.findall(r"ARG PYTHON_IMAGE=(.*)", dockerfile)
    assert all((project / script).is_file() for script in scripts)
    assert "--require-hashes -r /src/requirements.lock" in dockerfile
    assert re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    assert re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE)[-1] == "10001:10001"
    assert "\nHEALTHCHECK " in dockerfile


@pytest.mark.services
def test_docker_composes_own_parser_reads_the_same(composed: dict[str, Any], resolved: dict[str, Any]) -> None:
    assert set(resolved["services"]) == set(composed["services"])
    _check_hardening(resolved)
    for name, service in _services(resolved):
        for mount in service.get("volumes") or ():
            if mount["type"] == "bind":
                assert Path(mount["source"]).is_file(), (name, mount["source"])


@pytest.mark.services
@pytest.mark.parametrize("profile", ["", "scale", "kibana", "prometheus"])
def test_each_profile_starts_with_all_that_it_waits_for(composed: dict[str, Any], project: Path, profile: str) -> None:
    if profile == "scale":
        resolved = _resolved(project, {}, project / "deploy/compose/scale.env")
    else:
        resolved = _resolved(project, {"COMPOSE_PROFILES": profile})
    wanted = {name for name, service in _services(composed) if service.get("profiles", [profile]) == [profile]}
    assert set(resolved["services"]) == wanted
    for name, service in _services(resolved):
        assert set(service.get("depends_on") or ()) <= wanted, name
        if name in OURS:
            assert bool(service["environment"].get("FENGSUI_KAFKA__SERVERS")) is (profile == "scale"), name
            nodes = [each for each in wanted if each.startswith("elasticsearch")]
            assert len(json.loads(service["environment"]["FENGSUI_STORE__HOSTS"])) == len(nodes), name


@pytest.mark.services
def test_buildkits_own_linter_finds_nothing_in_the_dockerfile(project: Path) -> None:
    done = subprocess.run(
        [_checker(project), "dockerfile", project / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def _load(environment: Mapping[str, str | None], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of an environment, each of whose names must be one."""
    for name, value in environment.items():
        if name.startswith("FENGSUI_") and value is not None:
            monkeypatch.setenv(name, value)
            if name != "FENGSUI_SETTINGS":
                assert _is_setting(Settings, name.removeprefix("FENGSUI_").lower().split("__")), name
    return Settings()


def _is_setting(model: type[BaseModel], path: list[str]) -> bool:
    field = model.model_fields.get(path[0])
    if field is None:
        return False
    kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
    inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return not path[1:] if not inner else bool(path[1:]) and _is_setting(inner[0], path[1:])


def _credentials(project: Path) -> Any:  # noqa: ANN401 (a module)
    spec = importlib.util.spec_from_file_location("credentials", project / "deploy/compose/credentials.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _checker(project: Path) -> Path:
    """The program that reads both files, built once."""
    go = shutil.which("go")
    if go is None:
        lacking("no Go to build the checker of docker-compose.yml with: apt-get install golang, or https://go.dev/dl/")
    built = cache_folder() / "compose-checker"
    sources = project / "deploy" / "checker"
    newest = max(path.stat().st_mtime for path in sources.iterdir())
    if not built.exists() or built.stat().st_mtime < newest:
        built.parent.mkdir(parents=True, exist_ok=True)
        command = [go, "build", "-o", str(built), "."]
        done = subprocess.run(command, cwd=sources, capture_output=True, text=True, timeout=1_200, check=False)
        if done.returncode:
            lacking(f"the checker of docker-compose.yml can't be built: {done.stderr.strip().splitlines()[-1]}")
    return built
