"""The values a site gives to the placeholders of rules (``policies/detection/placeholders.yml``)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from policies import load_policy


class PlaceholderPolicy(BaseModel):
    """Values by the placeholder's name; a placeholder without any keeps the rules that need it out of force."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    placeholders: dict[str, list[str]]


def load_placeholders() -> dict[str, list[str]]:
    """The values of the policy.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/placeholders.yml", PlaceholderPolicy).placeholders
