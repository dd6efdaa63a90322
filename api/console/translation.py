"""The console's words in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml
from fastapi import Request

from api.dependencies import Language, dependencies_of

LANGUAGE_COOKIE = "fengsui_language"
_LOCALES = Path(__file__).parent / "locales"


@dataclass(frozen=True, slots=True)
class Catalog:
    """The messages of one language by dotted key."""

    language: Language
    messages: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The message of a key, its ``{names}`` filled in.

        Raises:
            KeyError: the catalog has no such key.
        """
        return self.messages[key].format(**values) if values else self.messages[key]

    def has(self, key: str) -> bool:
        """Whether there is a message of this key."""
        return key in self.messages


@cache
def catalog(language: Language) -> Catalog:
    """The catalog of a language, from ``locales``."""
    tree = yaml.safe_load((_LOCALES / f"{language}.yml").read_text(encoding="utf-8"))
    return Catalog(language, dict(_flat(tree, "")))


def language_of(request: Request) -> Language:
    """The language a reader chose, or the installation's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    for language in get_args(Language):
        if language == chosen:
            return catalog(language).language
    return dependencies_of(request).settings.language


def _flat(tree: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tree.items():
        found += _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(f"{prefix}{name}", str(value))]
    return found
