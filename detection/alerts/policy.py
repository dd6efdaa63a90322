"""The shape of the grouping policy (``policies/detection/grouping.yml``)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from detection.rules import Level
from detection.rules.settings import duration_ms
from policies import load_policy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupingKind(_Strict):
    """The entities of the alerts on some datasets."""

    datasets: list[str] = Field(min_length=1)
    entities: list[str] = Field(min_length=1)


class GroupingPolicy(_Strict):
    """Windows in milliseconds by level, entities by dataset."""

    windows: dict[Level, Annotated[int, BeforeValidator(duration_ms)]]
    kinds: list[GroupingKind]
    default: list[str] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_level_has_a_window(self) -> GroupingPolicy:
        missing = ", ".join(level for level in Level if level not in self.windows)
        if missing:
            raise ValueError(f"windows: {missing} has none; give each level a window")
        return self

    def entities(self, dataset: str) -> list[str]:
        """The fields by which alerts on a dataset are grouped."""
        for kind in self.kinds:
            if any(fnmatchcase(dataset, pattern) for pattern in kind.datasets):
                return kind.entities
        return self.default


def load_grouping_policy() -> GroupingPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/grouping.yml", GroupingPolicy)
