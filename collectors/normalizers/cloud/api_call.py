"""ECS categories and types of a control-plane call, judged by the words that cloud APIs are named with."""

from __future__ import annotations

import re

from events import Event, Value

_FIRST_WORD = re.compile(r"[A-Z]?[a-z]+")
_TYPES = {
    "creation": "create run register import issue generate allocate copy restore launch",
    "deletion": "delete remove terminate release deregister purge destroy",
    "access": "get list describe head lookup query search download view read check select simulate batch",
    "change": "put update modify set attach detach add associate disassociate enable disable start stop change reset "
    "tag untag revoke authorize replace cancel send apply bind unbind upload move reboot",
}
_TYPE_OF_WORD = {word: kind for kind, words in _TYPES.items() for word in words.split()}
_SIGN_IN = frozenset(
    {"consolelogin", "consolesignin", "signin", "assumerole", "assumerolewithsaml", "assumerolewithwebidentity"}
    | {"getsessiontoken", "getfederationtoken", "switchrole", "checkmfa"}
)
_SIGN_OUT = frozenset({"consolesignout", "signout", "consolelogout"})
_IDENTITY_SERVICES = frozenset({"iam", "ram", "ims", "sso", "cloudsso", "identitystore", "resourcemanager"})
_IDENTITY_TYPES = {"creation": "creation", "deletion": "deletion", "access": "info", "change": "change"}


def api_call(service: str, action: str, *, read_only: bool | None) -> Event:
    """``event.category`` and ``event.type`` of one call.

    Args:
        service: the called service's short name (``iam``, ``ecs``).
        action: the call's name (``CreateUser``).
        read_only: what the log itself says about it, if it does.
    """
    lowered = action.lower()
    if lowered in _SIGN_IN or lowered in _SIGN_OUT:
        return _kinds("authentication", "end" if lowered in _SIGN_OUT else "start")
    kind = "access" if read_only else _type_of(action)
    if service.lower() in _IDENTITY_SERVICES:
        return _kinds("iam", _IDENTITY_TYPES[kind])
    return _kinds("configuration", kind)


def _type_of(action: str) -> str:
    word = _FIRST_WORD.match(action)
    return _TYPE_OF_WORD.get(word[0].lower(), "change") if word else "change"


def _kinds(category: str, kind: str) -> Event:
    categories: Value = [category]
    return {"event.category": categories, "event.type": [kind]}
