"""What playbooks, their actions and the roles that approve are called in the reader's language."""

from __future__ import annotations

import json
from dataclasses import dataclass

from api.console.translation import catalog
from api.dependencies import Language
from api.identity.policy import role_policy

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

    def code(self, code: str) -> str:
        """A line of a run's history."""
        words, key = catalog(self.language), f"run_code.{code}"
        return words(key) if words.has(key) else code

    @staticmethod
    def plain(value: object) -> str:
        """A document as people read it."""
        return json.dumps(value, ensure_ascii=False, indent=2, default=str)
