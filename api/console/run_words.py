"""What playbooks, their actions and the roles that approve are called in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from api.console.translation import catalog
from api.dependencies import Language
from api.identity.policy import role_policy
from api.playbook_documents import HistoryDocument
from playbooks.runs.vocabulary import HistoryKind

_BETWEEN = " / "


@dataclass(frozen=True, slots=True)
class RunWords:
    """Names; what nothing names stands for itself."""

    language: Language

    def name(self, text: str) -> str:
        """The reader's half of a name that shipped playbooks write as ``中文 / English``."""
        halves = text.split(_BETWEEN)
        if len(halves) != 2:  # noqa: PLR2004 (both languages)
            return text
        return halves[0] if self.language == "zh" else halves[1]

    def action(self, kind: str) -> str:
        """What an action does."""
        words, key = catalog(self.language), f"run_action.{kind}"
        return words(key) if words.has(key) else kind

    def role(self, role: str) -> str:
        """A role's name."""
        known = role_policy().roles.get(role)
        return getattr(known.label, self.language) if known else role

    def code(self, code: str, kind: str = "") -> str:
        """What a line of a run's history says; a wait is named by what is waited for."""
        words = catalog(self.language)
        keys = [f"run_wait.{code}" if kind == HistoryKind.WAITING else f"run_code.{code}", f"run_code.{code}"]
        return next((words(key) for key in keys if words.has(key)), code)

    def step(self, name: str) -> str:
        """A step by its name, or by its type where it has none."""
        words, key = catalog(self.language), f"run_step.{name}"
        return words(key) if words.has(key) else self.name(name)

    def names(self, text: str) -> str:
        """A text that begins with a step's name in both languages."""
        name, mark, rest = text.partition(": ")
        return f"{self.name(name)}{mark}{rest}"

    def history_text(self, line: HistoryDocument, step_names: Mapping[str, str]) -> str:
        """The text of a line: who is asked, which branch was chosen, else as it was written."""
        if line.kind == HistoryKind.APPROVAL and line.code == "asked":
            return self.role(line.text)
        if line.kind == HistoryKind.BRANCHES:
            return self.step(step_names.get(line.text, line.text))
        return self.names(line.text) if line.kind == HistoryKind.ENDED else self.name(line.text)

    @staticmethod
    def plain(value: object) -> str:
        """A document as people read it."""
        return json.dumps(value, ensure_ascii=False, indent=2, default=str)
