"""What a program's message says, by the tables in ``messages.yml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

from collectors.normalizers.network_fields import endpoint
from events import Event, Value

_LONGEST_MESSAGE = 4096
_PAM = "pam"
_SIDES = ("source", "destination", "server")
_OLD_PAM = re.compile(r"(?P<program>[\w.-]+)\(pam_\w+\)")


class Message(BaseModel):
    """One message: its pattern and what ECS calls it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str
    action: str
    outcome: str | None = None
    reason: str | None = None
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    copy_from: dict[str, str] = {}


class MessageTables(BaseModel):
    """The tables, the program each is for, and which programs and facilities report sign-ins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    programs: dict[str, str]
    auth_programs: frozenset[str]
    auth_facilities: frozenset[int]
    tables: dict[str, tuple[Message, ...]]


@dataclass(frozen=True, slots=True)
class _Compiled:
    pattern: re.Pattern[str]
    constants: dict[str, Value]
    copies: dict[str, str]


@cache
def message_tables() -> MessageTables:
    """The tables shipped beside this module."""
    text = files(__package__).joinpath("messages.yml").read_text(encoding="utf-8")
    return MessageTables.model_validate(yaml.safe_load(text))


def program_of(appname: str) -> str:
    """The program's plain name: without folder, without the PAM module that older systems put behind it."""
    old = _OLD_PAM.fullmatch(appname)
    return (old["program"] if old else appname).rsplit("/", 1)[-1].lower()


def is_authentication(program: str, facility: int | None) -> bool:
    """Whether a program's messages belong to the dataset of sign-ins."""
    tables = message_tables()
    return program in tables.auth_programs or facility in tables.auth_facilities


def interpret(program: str, message: str) -> Event:
    """The ECS fields of a program's message; empty for one that no table knows."""
    if len(message) > _LONGEST_MESSAGE:
        return {}
    tables = message_tables()
    for name in (tables.programs.get(program), _PAM):
        for compiled in _compiled(name) if name else ():
            found = compiled.pattern.fullmatch(message)
            if found is not None:
                return _fields(compiled, found)
    return {}


@cache
def _compiled(table: str) -> tuple[_Compiled, ...]:
    return tuple(
        _Compiled(re.compile(message.pattern, re.DOTALL), _constants(message), dict(message.copy_from))
        for message in message_tables().tables[table]
    )


def _constants(message: Message) -> dict[str, Value]:
    constants: dict[str, Value] = {"event.action": message.action}
    if message.outcome:
        constants["event.outcome"] = message.outcome
    if message.reason:
        constants["event.reason"] = message.reason
    if message.category:
        constants["event.category"] = list(message.category)
    if message.type:
        constants["event.type"] = list(message.type)
    return constants


def _fields(compiled: _Compiled, found: re.Match[str]) -> Event:
    named = {name.replace("__", "."): value for name, value in found.groupdict().items() if value}
    event: Event = dict(compiled.constants)
    for side in _SIDES:
        event |= endpoint(side, named.pop(f"{side}.address", None), named.pop(f"{side}.port", None))
    event |= named
    event |= {target: named[origin] for target, origin in compiled.copies.items() if origin in named}
    return event
