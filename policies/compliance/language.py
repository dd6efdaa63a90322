"""Words in the two languages that people read assessments in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Language = Literal["zh", "en"]
_Text = Annotated[str, StringConstraints(pattern=r"\S")]


class Words(BaseModel):
    """The same in both languages; neither may be missing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: _Text
    en: _Text

    def of(self, language: Language) -> str:
        """In one of them."""
        return self.zh if language == "zh" else self.en
