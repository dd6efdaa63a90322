"""Parameters that an API call and a form in the console send alike."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class FormQuery(BaseModel):
    """A form sends its empty fields too; they ask for nothing."""

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: Any) -> Any:  # noqa: ANN401 (pydantic hands over whatever came)
        if not isinstance(values, dict):
            return values
        kept = {}
        for name, value in values.items():
            cleaned = [item for item in value if item != ""] if isinstance(value, list) else value
            if cleaned not in ("", []):
                kept[name] = cleaned
        return kept
