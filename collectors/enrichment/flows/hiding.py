"""Hiding values that identify people: in addresses, query strings, literals and any other text of a flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, unquote_plus

from classification.masking import Scanner, mask, mask_text
from collectors.enrichment.flows.identifying import category_of_name, category_of_value

_SUSPECT = re.compile(r"\d{6}|\d{3}[ -]\d{4}|@|[^\x00-\x7f]")
"""What any identifier has at least; a value without it needs no closer look."""
_WIDE = re.compile(r"[^\x00-\x7f]")
_TOKEN = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{11}|[0-9]{14,19}[Xx]?)(?![0-9A-Za-z])")
"""Values that stand by themselves and need no scan."""
_MAIL = re.compile(rb"@[A-Za-z0-9-]{1,63}\.[A-Za-z]")
_SHAPE = bytes.maketrans(b"0123456789 -", b"0000000000--")
"""Makes of a text its shape: one digit for all, one mark for what stands between groups of digits."""
_RUN = b"00000000000"
_GROUPED = b"0-0000"
"""What each of the groups below has; few records have it."""
_GROUPS = (b"000-0000-0000", b"000000-00000000", b"000-0000000", b"00-00000000000")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.|'')*)'|\"((?:[^\"\\]|\\.|\"\")*)\"", re.DOTALL)
_COMPARED = re.compile(r"\s*(?:=|><|=!|ekil|\(\s*ni)\s*[`\"\]]?(\w*[A-Za-z_])", re.IGNORECASE)
"""The column that a literal is compared with, in what stands before the literal, read backward."""
_COLUMN_REACH = 80
_SHORTEST = 6
_SHORTEST_WIDE = 2


@dataclass(slots=True)
class Hidden:
    """What was hidden in an event: each value with what stands for it now, and what was told of it."""

    masks: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)

    def add(self, value: str, masked: str, category: str | None) -> None:
        """Note a value; a short one may stand elsewhere for something else and is not looked for there."""
        if len(value) >= (_SHORTEST_WIDE if _WIDE.search(value) else _SHORTEST):
            self.masks[value] = masked
        if category is not None:
            self.categories[value] = category


class Hiding:
    """Hides values in texts; a whole scan is only made of texts that may need it."""

    def __init__(self, scanner: Scanner, remembered: int) -> None:
        """Take what finds identifiers in running text, and how many targets without any are remembered."""
        self._scanner = scanner
        self._plain_targets: set[str] = set()
        self._most = remembered

    def is_plain(self, text: str) -> bool:
        """Whether a text is told at first sight to hold nothing that would be hidden."""
        data = text.encode("utf-8", "surrogatepass")
        shape = data.translate(_SHAPE)
        return _RUN not in shape and not _may_need_scan(data, shape)

    def is_plain_target(self, target: str, template: str) -> bool:
        """Whether a request's target, path and query, holds nothing that would be hidden.

        One whose template has no parameters is remembered, as many calls have it.
        """
        if target in self._plain_targets:
            return True
        if "{" in template or "?" in target or self.in_target(target, template, Hidden()) != target:
            return False
        if len(self._plain_targets) >= self._most:
            self._plain_targets.clear()
        self._plain_targets.add(target)
        return True

    def in_target(self, target: str, template: str, hidden: Hidden) -> str:
        """A request's target with the values of its path and query hidden.

        Args:
            target: path and query.
            template: the path as it is registered, whose parameters' names tell what they hold; empty for none.
            hidden: takes what is hidden.
        """
        path, mark, query = target.partition("?")
        if "{" in template:
            path = self._in_path(path, template, hidden)
        if "%" in path or _SUSPECT.search(path):
            path = "/".join(self._segment(part, None, hidden) for part in path.split("/"))
        return path + mark + self.in_query(query, hidden) if mark else path

    def in_query(self, query: str, hidden: Hidden) -> str:
        """A query string with its values hidden."""
        return "&".join(self._parameter(part, hidden) for part in query.split("&"))

    def in_statement(self, statement: str, hidden: Hidden) -> str:
        """A statement with the literals hidden that identify somebody.

        A literal in a script other than Latin counts as a name: no test tells names from other words for certain.
        """
        if not _SUSPECT.search(statement) and "'" not in statement:
            return statement

        def hide(match: re.Match[str]) -> str:
            literal = match[1] if match[1] is not None else match[2]
            column = _COMPARED.match(statement[max(0, match.start() - _COLUMN_REACH) : match.start()][::-1])
            masked = self._value(literal, category_of_name(column[1][::-1]) if column else None, hidden)
            return match[0] if masked == literal else match[0][0] + masked + match[0][-1]

        return self.in_text(_LITERAL.sub(hide, statement), hidden)

    def in_text(self, text: str, hidden: Hidden) -> str:
        """Any text with what identifies somebody hidden."""
        data = text.encode("utf-8", "surrogatepass")
        shape = data.translate(_SHAPE)
        if _RUN in shape:
            text = _TOKEN.sub(lambda match: self._token(match[0], hidden), text)
        return mask_text(text, self._scanner) if _may_need_scan(data, shape) else text

    def in_document(self, document: object, hidden: Hidden) -> object:
        """A record's structure with everything hidden that was found, and what else identifies somebody."""
        if isinstance(document, str):
            return self.in_text(replaced(document, hidden.masks), hidden)
        if isinstance(document, dict):
            return {name: self.in_document(value, hidden) for name, value in document.items()}
        if isinstance(document, list):
            return [self.in_document(value, hidden) for value in document]
        if isinstance(document, int) and not isinstance(document, bool):
            text = str(document)
            masked = self.in_text(text, hidden)
            return document if masked == text else masked
        return document

    def _in_path(self, path: str, template: str, hidden: Hidden) -> str:
        parts, names = path.split("/"), template.split("/")
        if len(parts) != len(names):
            return path
        return "/".join(
            self._segment(part, category_of_name(name.strip("{}")) if name[:1] == "{" else None, hidden)
            for part, name in zip(parts, names, strict=True)
        )

    def _segment(self, segment: str, category: str | None, hidden: Hidden) -> str:
        return self._encoded(segment, unquote(segment), category, hidden)

    def _parameter(self, parameter: str, hidden: Hidden) -> str:
        name, mark, value = parameter.partition("=")
        if not value:
            return parameter
        return name + mark + self._encoded(value, unquote_plus(value), category_of_name(unquote_plus(name)), hidden)

    def _encoded(self, raw: str, plain: str, category: str | None, hidden: Hidden) -> str:
        masked = self._value(plain, category, hidden)
        if masked == plain:
            return raw
        encoded = quote(masked, safe="*@")
        if raw != plain:
            hidden.add(raw, encoded, None)
        return encoded

    def _value(self, value: str, category: str | None, hidden: Hidden) -> str:
        if not value or (category is None and not _SUSPECT.search(value)):
            return value
        category = category_of_value(value) or category
        if category is not None or (_WIDE.search(value) and len(value) >= _SHORTEST_WIDE):
            masked = mask(value, category)
            hidden.add(value, masked, category)
            return masked
        masked = self.in_text(value, hidden)
        if masked != value:
            hidden.add(value, masked, None)
        return masked

    def _token(self, token: str, hidden: Hidden) -> str:
        if token in hidden.masks:
            return hidden.masks[token]
        category = category_of_value(token)
        if category is None:
            return token
        masked = mask(token, category)
        hidden.add(token, masked, category)
        return masked


def _may_need_scan(data: bytes, shape: bytes) -> bool:
    """Whether a text holds an identifier written in groups, a mail address, or a word beside which secrets stand."""
    return (
        (_GROUPED in shape and any(group in shape for group in _GROUPS))
        or (b"@" in data and _MAIL.search(data) is not None)
        or b"eyJ" in data
        or b"assw" in data
        or b"AKI" in data
        or b"ASIA" in data
        or b"LTAI" in data
        or b"ghp_" in data
        or b"PRIVATE" in data
    )


def replaced(text: str, masks: Mapping[str, str]) -> str:
    """The text with each value replaced by what stands for it."""
    for value, masked in masks.items():
        if value in text:
            text = text.replace(value, masked)
    return text
