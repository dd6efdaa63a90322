from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from policies import PolicyError, load_policy


class Clocks(BaseModel):
    model_config = ConfigDict(extra="forbid")

    clocks: list[dict[str, int]]
    name: str = "none"


def test_a_policy_file_becomes_its_model(tmp_path: Path) -> None:
    file = tmp_path / "clocks.yml"
    file.write_text("name: 首报\nclocks:\n  - {hours: 1}\n", encoding="utf-8")
    assert load_policy(file, Clocks) == Clocks(name="首报", clocks=[{"hours": 1}])


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("clocks:\n  - {hours: 1}\n  - {hours: soon}\n", 3, "hours"),
        ("name: x\nclocks: []\nextra: 1\n", 3, "extra"),
        ("name: x\n", 1, "clocks"),
    ],
)
def test_a_broken_policy_names_file_line_and_field(tmp_path: Path, text: str, line: int, word: str) -> None:
    file = tmp_path / "clocks.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=rf"clocks\.yml:{line} .*{word}"):
        load_policy(file, Clocks)


def test_text_that_is_no_yaml_and_a_missing_file_are_policy_errors(tmp_path: Path) -> None:
    file = tmp_path / "clocks.yml"
    file.write_text("clocks: [", encoding="utf-8")
    with pytest.raises(PolicyError, match="no valid YAML"):
        load_policy(file, Clocks)
    with pytest.raises(PolicyError, match="restore the file"):
        load_policy(tmp_path / "absent.yml", Clocks)
