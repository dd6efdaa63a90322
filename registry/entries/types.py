"""The types of an entry's values; each takes what people write in a cell as well as what a program sends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from registry.comparison import comparable
from registry.labels import code_of, registry_labels
from registry.policy import import_policy

_SEPARATORS = re.compile(r"[;;、,,\n]+")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?")
_MAXIMUM_LIST = 2000
Code = TypeVar("Code", bound=StrEnum)


class Entry(BaseModel):
    """An entry: what is not known is refused, blanks around texts are dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    def document(self) -> dict[str, Any]:
        """The entry as plain JSON values."""
        return self.model_dump(mode="json")


def named(kind: type[Code]) -> BeforeValidator:
    """Takes a code's own spelling or its name in either language."""
    return BeforeValidator(lambda value: code_of(kind, value) if isinstance(value, str) else value)


def _items(value: Any) -> Any:  # noqa: ANN401 (pydantic hands over whatever came)
    if isinstance(value, str):
        return [item.strip() for item in _SEPARATORS.split(value) if item.strip()]
    return value if value is not None else []


def _once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _yes_or_no(value: Any) -> Any:  # noqa: ANN401 (as above)
    if not isinstance(value, str):
        return value
    for word, label in registry_labels().words.items():
        if comparable(value) in {comparable(label.zh), comparable(label.en)}:
            return word
    return value


def _moment(value: Any, *, end_of_day: bool) -> Any:  # noqa: ANN401 (as above)
    """Milliseconds since 1970 UTC of a date (a day of the registry's zone) or a moment with its zone."""
    if isinstance(value, str):
        if not (text := value.strip()):
            return None
        if written := _DATE.fullmatch(text):
            value = _parsed(lambda: date(int(written[1]), int(written[2]), int(written[3])))
        else:
            value = _parsed(lambda: datetime.fromisoformat(text))
    if isinstance(value, datetime) and value.time() == time(0) and value.tzinfo is None:
        value = value.date()
    zone = import_policy().zone
    if isinstance(value, datetime):
        return round((value if value.tzinfo else value.replace(tzinfo=zone)).timestamp() * 1000)
    if isinstance(value, date):
        day = value + timedelta(days=1) if end_of_day else value
        return round(datetime.combine(day, time(0), zone).timestamp() * 1000)
    return value


def _parsed(parse: Callable[[], date]) -> date:
    try:
        return parse()
    except ValueError as error:
        raise PydanticCustomError("no_date", "no date; write it as 2026-01-31") from error


def _empty_is_none(value: Any) -> Any:  # noqa: ANN401 (as above)
    return None if isinstance(value, str) and not value.strip() else value


Identifier = Annotated[str, StringConstraints(pattern=r"^[\w][\w.\-]{0,63}$")]
"""Of letters, digits, ``_``, ``-`` and ``.``: it stands in paths and file names."""
ResourceId = Annotated[str, StringConstraints(pattern=r"^[\w][\w.\-:]{0,127}$")]
AccountId = Annotated[str, StringConstraints(pattern=r"^[^\s/\x00-\x1f]{1,128}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
ShortText = Annotated[str, StringConstraints(max_length=255)]
LongText = Annotated[str, StringConstraints(max_length=4000)]
OptionalId = Annotated[Identifier | None, BeforeValidator(_empty_is_none)]
Grade = Annotated[Annotated[str, StringConstraints(pattern=r"^[\w.\-]{1,32}$")] | None, BeforeValidator(_empty_is_none)]
Number = Annotated[Annotated[int, Field(ge=0, le=10**12)] | None, BeforeValidator(_empty_is_none)]
Level = Annotated[Annotated[int, Field(ge=1, le=5)] | None, BeforeValidator(_empty_is_none)]
YesOrNo = Annotated[bool, BeforeValidator(lambda value: _yes_or_no(value) if value != "" else False)]
Texts = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=128)]],
    BeforeValidator(_items),
    AfterValidator(_once),
    Field(max_length=_MAXIMUM_LIST),
]
_Milliseconds = Annotated[int, Field(ge=0, le=253_402_300_799_999)]
FromDay = Annotated[_Milliseconds, BeforeValidator(lambda value: _moment(value, end_of_day=False))]
"""A moment; of a date its beginning. Milliseconds since 1970 UTC."""
UntilDay = Annotated[_Milliseconds, BeforeValidator(lambda value: _moment(value, end_of_day=True))]
"""A moment that is no longer in; of a date its end."""
OptionalFromDay = Annotated[_Milliseconds | None, BeforeValidator(lambda value: _moment(value, end_of_day=False))]
OptionalUntilDay = Annotated[_Milliseconds | None, BeforeValidator(lambda value: _moment(value, end_of_day=True))]
