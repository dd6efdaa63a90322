"""What the codes of incidents, notices and their clocks are called in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from api.dependencies import Language
from incidents.classes import class_policy
from incidents.clocks.policy import clocks_policy
from incidents.flow import STEPS, flow_policy
from incidents.levels import level_policy
from incidents.vocabulary import IncidentLevel, IncidentState


class _Bilingual(Protocol):
    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ResponseWords:
    """Names of codes; a code that policy no longer names stands for itself."""

    language: Language

    def of(self, label: _Bilingual) -> str:
        """A label in the reader's language."""
        return label.zh if self.language == "zh" else label.en

    def state(self, state: str) -> str:
        """A step, or how an incident ended."""
        policy = flow_policy()
        if state in policy.steps:
            return self.of(policy.steps[IncidentState(state)].label)
        ended = {code.value: label for code, label in policy.ended.items()}
        return self.of(ended[state]) if state in ended else state

    def steps(self) -> list[tuple[str, str]]:
        """The five steps with their names, in order."""
        return [(step.value, self.state(step)) for step in STEPS]

    def conclusion(self, code: str | None) -> str:
        """How an incident ended."""
        known = flow_policy().conclusions.get(code or "")
        return self.of(known.label) if known else code or ""

    def level(self, level: int) -> str:
        """The name of an incident's level."""
        return self.of(level_policy().levels[IncidentLevel(level)])

    def levels(self) -> list[tuple[int, str]]:
        """The levels with their names, the gravest first."""
        return [(int(level), self.of(label)) for level, label in level_policy().levels.items()]

    def incident_class(self, code: str, subclass: str | None = None) -> str:
        """A class, with its subclass where there is one."""
        known = class_policy().classes.get(code)
        if known is None:
            return code
        below = known.subclasses.get(subclass or "")
        return f"{self.of(known.label)} / {self.of(below)}" if below else self.of(known.label)

    def classes(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """The classes with their names and their subclasses with theirs."""
        return [
            (code, self.of(each.label), [(name, self.of(label)) for name, label in each.subclasses.items()])
            for code, each in class_policy().classes.items()
        ]

    def clock(self, code: str, entry: str = "") -> str:
        """A clock's name; by its entry of policy, or else by the first of its code."""
        policy = clocks_policy()
        known = policy.entry(entry) or next((each for each in policy.clocks if each.code == code), None)
        return self.of(known.label) if known else code

    def reason(self, reason: Mapping[str, object]) -> str:
        """The name of the figure by which a level was proposed; other rules stand for themselves."""
        rule = str(reason.get("rule", ""))
        known = next((each for each in level_policy().thresholds if each.fact == rule), None)
        return self.of(known.label) if known else rule
