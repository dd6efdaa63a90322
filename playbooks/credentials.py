"""Credentials in a playbook (CACAO 2.0 §6): sealed before it is kept, opened only for the call, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playbooks.cacao import Playbook
from playbooks.cacao.variables import names_in
from playbooks.errors import InvalidPlaybookError, Problem
from store.records.secrets import SecretBox, SecretError

HIDDEN = "(sealed)"
"""Stands for a secret wherever a playbook is shown; a playbook that is added with it keeps the secret that it had."""
_PURPOSE = "playbook credentials"
_PLAIN = frozenset({"type", "name", "description", "username", "user_id", "oauth_header", "kms", "kms_key_identifier"})
"""What of a definition is no secret; all else is taken for one."""
_WHERE = "authentication_info_definitions"

Definitions = Mapping[str, Mapping[str, Any]]


class Credentials:
    """Seals and opens the secrets of playbooks; each is bound to its playbook and its place there."""

    def __init__(self, master: bytes) -> None:
        """Derive the key from the installation's own."""
        self._box = SecretBox(master, _PURPOSE)

    def sealed(self, playbook: Playbook, former: Definitions) -> dict[str, dict[str, Any]]:
        """The definitions of a playbook as they are kept; a secret that has not changed stays sealed as it was.

        Args:
            playbook: as it was written, its secrets plain.
            former: the kept definitions of its present version.

        Raises:
            InvalidPlaybookError: a secret is no text, is a variable, is hidden and was never given, or is elsewhere.
        """
        for name, definition in playbook.authentication_info_definitions.items():
            if definition.get("kms"):
                raise _problem((name, "kms"), "no key management service is asked; write the secret, it is sealed")
        return {
            name: {
                member: value if member in _PLAIN else self._seal(playbook.id, (name, member), value, former)
                for member, value in definition.items()
            }
            for name, definition in playbook.authentication_info_definitions.items()
        }

    def opened(self, playbook: Playbook, name: str) -> dict[str, Any]:
        """One definition with its secrets, for a call.

        Raises:
            SecretError: a secret can't be opened: it was moved, changed, or sealed under another key.
        """
        definition = playbook.authentication_info_definitions.get(name, {})
        return {
            member: value if member in _PLAIN else self._box.open(str(value), _place(playbook.id, (name, member)))
            for member, value in definition.items()
        }

    def _seal(self, playbook_id: str, where: tuple[str, str], value: object, former: Definitions) -> str:
        name, member = where
        kept, place = former.get(name, {}).get(member), _place(playbook_id, where)
        if not isinstance(value, str):
            raise _problem(where, "is taken for a secret and must be a text")
        if names_in(value):
            raise _problem(where, "a variable's value can be read in every run; write the secret itself, it is sealed")
        if value == HIDDEN:
            if kept is None:
                raise _problem(where, f"{HIDDEN} stands for a secret that was never given; write the secret")
            return str(kept)
        try:
            if kept is not None and self._box.open(str(kept), place) == value:
                return str(kept)
        except SecretError:
            pass  # sealed under another key: the secret that is given now takes its place
        return self._box.seal(value, place)


def hidden(document: Mapping[str, Any]) -> dict[str, Any]:
    """A playbook's document as it may be shown."""
    definitions: Definitions = document.get(_WHERE, {})
    shown = {
        name: {member: value if member in _PLAIN else HIDDEN for member, value in definition.items()}
        for name, definition in definitions.items()
    }
    return {**document, _WHERE: shown} if definitions else dict(document)


def _problem(where: tuple[str, str], reason: str) -> InvalidPlaybookError:
    return InvalidPlaybookError([Problem(".".join((_WHERE, *where)), reason)])


def _place(playbook_id: str, where: tuple[str, str]) -> str:
    return "/".join(("playbooks", playbook_id, *where))
