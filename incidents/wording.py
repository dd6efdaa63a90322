"""What the models of this part's policies share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class PolicyModel(BaseModel):
    """Says nothing that the policy does not know, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(PolicyModel):
    """A name for people, in both languages."""

    zh: str
    en: str
