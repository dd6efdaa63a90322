from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fengsui.allocator import in_use, preloading

if TYPE_CHECKING:
    from tests.fengsui.conftest import Fengsui

ATTACKER = "source.ip:198.51.100.0/24"


def test_what_is_ingested_is_found_and_ingesting_again_changes_nothing(fengsui: Fengsui, city: Path) -> None:
    first = fengsui("ingest", city / "sshd.log", "--timezone", "Asia/Shanghai")
    assert first.status == 1, "one line of the sample is broken on purpose"
    found = fengsui("search", f"{ATTACKER} AND event.outcome:failure", "--limit", "5")
    assert found.status == 0, found.err
    times = [event["@timestamp"] for event in found.lines]
    assert len(times) == 5
    assert times == sorted(times, reverse=True)
    assert all(event["source.ip"].startswith("198.51.100.") for event in found.lines)
    again = fengsui("ingest", city / "sshd.log", "--timezone", "Asia/Shanghai")
    assert " 0 events stored" in again.err
    total = found.err.split(" of ")[1]
    assert fengsui("search", f"{ATTACKER} AND event.outcome:failure", "--limit", "5").err.split(" of ")[1] == total


def test_a_search_pages_through_everything_within_its_window(fengsui: Fengsui, city: Path) -> None:
    fengsui("ingest", city / "sshd.log", "--timezone", "Asia/Shanghai")
    everything = fengsui("search", "*", "--limit", "100000").lines
    assert len({event["event.id"] for event in everything}) == len(everything) > 500
    middle = everything[len(everything) // 2]["@timestamp"]
    before = fengsui("search", "*", "--to", middle, "--limit", "100000").lines
    after = fengsui("search", "*", "--from", middle, "--limit", "100000").lines
    assert len(before) + len(after) == len(everything)
    assert min(event["@timestamp"] for event in after) == middle


def test_a_wrong_query_or_moment_says_where_and_how(fengsui: Fengsui) -> None:
    for arguments in (["search", "a:(b"], ["search", "*", "--from", "yesterday-ish"]):
        ran = fengsui(*arguments)
        assert ran.status == 2, ran.err
        assert "Traceback" not in ran.err
        assert len(ran.err.strip()) > 20


def test_settings_that_are_wrong_name_file_line_and_setting(fengsui: Fengsui, tmp_path: Path) -> None:
    (tmp_path / "fengsui.toml").write_text('data_dir = "x"\n\n[api]\nport = 99999\n', encoding="utf-8")
    ran = fengsui("search", "*")
    assert ran.status == 2
    assert "fengsui.toml:4" in ran.err
    assert "api.port" in ran.err
    (tmp_path / "fengsui.toml").write_text("data_dir = \n", encoding="utf-8")
    assert "correct the TOML" in fengsui("search", "*").err
    ran = fengsui("search", "*", FENGSUI_SETTINGS=str(tmp_path / "absent.toml"), FENGSUI_API__PORT="abc")
    assert (ran.status, "api.port" in ran.err) == (2, True)


def test_doctor_says_what_is_there_and_what_is_broken(fengsui: Fengsui, tmp_path: Path) -> None:
    ran = fengsui("doctor")
    assert ran.status == 0, ran.err
    found = {line["check"]: line for line in ran.lines}
    assert found["rules"]["status"] == "ok"
    assert found["python"]["detail"].startswith("3.")
    assert found["jemalloc"]["status"] == ("ok" if preloading() or in_use() else "missing")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bad.yml").write_text("title: [", encoding="utf-8")
    (tmp_path / "fengsui.toml").write_text('[detection]\nrules = ["rules"]\n', encoding="utf-8")
    broken = {line["check"]: line for line in fengsui("doctor").lines}
    assert broken["rules"]["status"] == "missing"
    assert "rules check" in broken["rules"]["fix"]


def test_rules_check_names_file_line_and_fix_and_exits_with_1(fengsui: Fengsui, project: Path, tmp_path: Path) -> None:
    assert fengsui("rules", "check", project / "detection" / "content").status == 0
    (tmp_path / "bad.yml").write_text("title: Night\nlogsource: {product: linux}\ndetection:\n  condition: nothing\n")
    ran = fengsui("rules", "check", "bad.yml")
    assert ran.status == 1
    error = next(line for line in ran.lines if line["severity"] == "error")
    assert Path(error["path"]).name == "bad.yml"
    assert error["line"] >= 1
    assert error["message"]


def test_a_lost_password_is_replaced_and_an_unknown_account_refused(fengsui: Fengsui) -> None:
    ran = fengsui("accounts", "reset-password", "admin")
    assert ran.status == 2
    assert "no account 'admin'" in ran.err
