"""Every word a page asks for exists, in both languages, with the same places to fill in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from api.console.translation import catalog
from api.identity.policy import role_policy
from collectors.delivery.models import LetterState
from collectors.record import Reason
from detection.alerts import AlertState, Disposition

_ASKED = re.compile(r"""\bt\(\s*'([a-z_.\-0-9]+)'\s*[,)]""")
_ASKED_BY_PREFIX = re.compile(r"""\bt\(\s*'([a-z_.]+\.)' ~""")


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_places() -> None:
    zh, en = catalog("zh").messages, catalog("en").messages
    assert set(zh) == set(en)
    assert {key: _places(text) for key, text in zh.items()} == {key: _places(text) for key, text in en.items()}
    assert all(text.strip() for text in (*zh.values(), *en.values()))


def _repeated(node: yaml.Node) -> list[str]:
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = [key.value for key, _ in node.value]
    return [key for key in keys if keys.count(key) > 1] + [key for _, held in node.value for key in _repeated(held)]


@pytest.mark.parametrize("folder", ["api/console/locales", "policies"])
def test_no_name_stands_twice_where_the_last_would_win(project: Path, folder: str) -> None:
    for path in (project / folder).rglob("*.yml"):
        assert not _repeated(yaml.compose(path.read_text("utf-8"), yaml.CSafeLoader)), path


def test_chinese_is_chinese() -> None:
    latin = [key for key, text in catalog("zh").messages.items() if not re.search(r"[\u4e00-\u9fff]", text)]
    assert latin == []


def test_templates_ask_only_for_what_there_is(project: Path) -> None:
    messages = catalog("zh").messages
    for template in (project / "api/console/templates").glob("*.html"):
        text = template.read_text("utf-8")
        assert [key for key in _ASKED.findall(text) if key not in messages] == [], template.name
        for prefix in _ASKED_BY_PREFIX.findall(text):
            assert any(key.startswith(prefix) for key in messages), (template.name, prefix)


def test_every_state_disposition_reason_and_scope_has_a_name() -> None:
    messages = catalog("en").messages
    wanted = [f"state.{each}" for each in AlertState] + [f"disposition.{each}" for each in Disposition]
    wanted += [f"reason.{each}" for each in Reason]
    assert [key for key in wanted if key not in messages] == []
    assert all(label.zh and label.en for label in role_policy().scopes.values())


def test_pages_carry_no_inline_code(project: Path) -> None:
    for template in (project / "api/console/templates").glob("*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=|hx-on|javascript:", text), (
            template.name
        )


def test_every_state_of_a_dead_letter_has_a_name() -> None:
    assert [each for each in LetterState if f"letter_state.{each}" not in catalog("zh").messages] == []


def test_the_actions_of_the_trail_have_words(project: Path) -> None:
    source = "\n".join(file.read_text("utf-8") for file in (project / "api/identity").rglob("*.py"))
    written = set(re.findall(r'_entry\(\s*"([a-z-]+:[a-z-]+)"', source))
    messages = catalog("zh").messages
    assert {"user:create", "session:end"} <= written
    assert [each for each in written if f"audit_object.{each.partition(':')[0]}" not in messages] == []
    assert [each for each in written if f"audit_verb.{each.partition(':')[2]}" not in messages] == []
