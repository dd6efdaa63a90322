"""The shape of the masking policy (``policies/classification/masking.yml``)."""

from __future__ import annotations

from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies import load_policy

Form = Literal["text", "code", "phone", "resident_id", "address"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShownEnds(_Strict):
    """So many characters at both ends of a value."""

    head: int = Field(0, ge=0)
    tail: int = Field(0, ge=0)


class CategoryMask(ShownEnds):
    """What a category shows, the form that its fingerprints are made of, and the category as which they are made."""

    form: Form = "text"
    joins: str | None = None


class MaskLength(_Strict):
    """How many asterisks stand for what is hidden."""

    minimum: int = Field(ge=1)
    maximum: int = Field(ge=1)


class MaskingPolicy(_Strict):
    """The whole file; its head says what each figure means."""

    ceiling: ShownEnds
    head_share_percent: int = Field(ge=0, le=50)
    tail_from_length: int = Field(ge=1)
    mask_length: MaskLength
    categories: dict[str, CategoryMask]

    @model_validator(mode="after")
    def _nothing_beyond_the_ceiling(self) -> Self:
        for name, ends in self.categories.items():
            if ends.head > self.ceiling.head or ends.tail > self.ceiling.tail:
                raise ValueError(f"{name} shows more than the ceiling; lower it, or raise the ceiling for all")
        head = min(self.ceiling.head, self.tail_from_length * self.head_share_percent // 100)
        if head + self.ceiling.tail >= self.tail_from_length:
            raise ValueError("the ceiling would show a whole value of tail_from_length; raise that, or lower this")
        if self.mask_length.minimum > self.mask_length.maximum:
            raise ValueError("mask_length: minimum is more than maximum; lower it")
        return self

    @model_validator(mode="after")
    def _what_joins_is_of_one_form(self) -> Self:
        for name, each in self.categories.items():
            joined = self.categories.get(each.joins) if each.joins is not None else None
            if each.joins is not None and (joined is None or joined.joins is not None or joined.form != each.form):
                raise ValueError(f"{name} joins {each.joins}, which is no category of the same form; name one that is")
        return self

    def of(self, category: str | None) -> CategoryMask:
        """What a category shows; nothing where it is not named."""
        return self.categories.get(category or "", _HIDDEN)


_HIDDEN = CategoryMask()


@cache
def masking_policy() -> MaskingPolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/masking.yml", MaskingPolicy)
