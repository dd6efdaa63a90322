"""Correlation documents become correlations: their references are looked up among all that is in force."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from detection.correlation.extended import names_in, terms_of
from detection.correlation.parsing import Declaration, parse_correlation
from detection.rules import Rule, UnsupportedRule
from detection.rules.correlation_rule import Condition, CorrelationRule
from detection.rules.documents import Document, line_of
from detection.rules.errors import RuleError
from detection.rules.metadata import description_in, text_of

_RULES = ("correlation", "rules")


def resolve_correlations(
    documents: Iterable[Document], rules: Sequence[Rule]
) -> tuple[list[CorrelationRule], list[UnsupportedRule]]:
    """The correlations of the documents, and those that can't be evaluated, with the reason.

    Args:
        documents: correlation documents; they may refer to each other.
        rules: the rules in force.
    """
    resolution = _Resolution(rules)
    for document in documents:
        resolution.declare(document)
    resolution.resolve_all()
    return list(resolution.correlations.values()), resolution.unsupported


def silent_rules(correlations: Iterable[CorrelationRule]) -> frozenset[str]:
    """Ids of the rules that only feed correlations: none of those that refer to them says ``generate: true``."""
    silent: set[str] = set()
    speaking: set[str] = set()
    for correlation in correlations:
        (speaking if correlation.generate else silent).update(each.id for each in correlation.references)
    return frozenset(silent - speaking)


class _Resolution:
    """The declarations by id and name, resolved one after the other, those referred to first."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.correlations: dict[str, CorrelationRule] = {}
        self.unsupported: list[UnsupportedRule] = []
        self._declared: dict[str, Declaration] = {}
        self._rules = {rule.id: rule for rule in rules}
        self._named: dict[str, list[str]] = defaultdict(list)
        for rule in rules:
            if rule.name:
                self._named[rule.name].append(rule.id)
        self._open: list[str] = []

    def declare(self, document: Document) -> None:
        try:
            declaration = parse_correlation(document)
            id_ = self._own_id(document)
        except RuleError as error:
            self._report(document, error)
            return
        self._declared[id_] = declaration
        if name := text_of(document.content, "name"):
            self._named[name].append(id_)

    def _own_id(self, document: Document) -> str:
        id_ = _id_of(document.content)
        if id_ in self._declared or id_ in self._rules:
            raise RuleError(f"id {id_} is already that of another rule; give the correlation its own", ("id",))
        return id_

    def resolve_all(self) -> None:
        for id_, declaration in self._declared.items():
            try:
                self._resolve(id_)
            except RuleError as error:
                self._report(declaration.document, error)

    def _resolve(self, id_: str) -> CorrelationRule:
        if id_ in self.correlations:
            return self.correlations[id_]
        declaration = self._declared[id_]
        if id_ in self._open:
            raise RuleError("the correlation refers to itself, directly or through others; break the circle", _RULES)
        self._open.append(id_)
        try:
            names = declaration.rules or names_in(declaration.expression)
            found = {name: self._find(name, declaration.document) for name in names}
            correlation = _built(id_, declaration, found)
        finally:
            self._open.pop()
        self.correlations[id_] = correlation
        return correlation

    def _find(self, name: str, document: Document) -> Rule | CorrelationRule:
        ids = [name] if name in self._rules or name in self._declared else self._named.get(name, [])
        if len(ids) > 1:
            ids = [id_ for id_ in ids if self._path_of(id_) == document.path] or ids
        if not ids:
            raise RuleError(f"no rule in force has the id or name '{name}'; load it too, or correct the name", _RULES)
        if len(ids) > 1:
            raise RuleError(f"{len(ids)} rules have the name '{name}'; refer to the one meant by its id", _RULES)
        rule = self._rules.get(ids[0])
        try:
            return rule or self._resolve(ids[0])
        except RuleError as error:
            raise RuleError(f"'{name}' can't be evaluated: {error}", _RULES) from error

    def _path_of(self, id_: str) -> object:
        rule = self._rules.get(id_)
        return rule.path if rule else self._declared[id_].document.path

    def _report(self, document: Document, error: RuleError) -> None:
        line = line_of(document.path, document.index, error.where)
        id_ = str(document.content.get("id") or "")
        self.unsupported.append(UnsupportedRule(id_, document.path, line, f"correlation: {error}"))


def _built(id_: str, declaration: Declaration, found: Mapping[str, Rule | CorrelationRule]) -> CorrelationRule:
    document = declaration.document
    return CorrelationRule(
        id=id_,
        **description_in(document, line_of(document.path, document.index) if document.index else 1),
        type=declaration.type,
        references=tuple(found.values()),
        group_by=declaration.group_by,
        aliases=_aliases(declaration, found),
        timespan_ms=declaration.timespan_ms,
        condition=_bounded(_condition(declaration, found), document.content, found),
        generate=declaration.generate,
    )


def _aliases(declaration: Declaration, found: Mapping[str, Rule | CorrelationRule]) -> tuple[Mapping[str, str], ...]:
    """The aliases by slot; a rule is named as in ``rules``, by its name or by its id."""
    slots: tuple[dict[str, str], ...] = tuple({} for _ in found)
    places: dict[str, int] = {}
    for slot, (written, rule) in enumerate(found.items()):
        places |= {known: slot for known in (written, rule.name, rule.id) if known}
    for alias, fields in declaration.aliases.items():
        for rule_name, field in fields.items():
            if rule_name not in places:
                raise RuleError(
                    f"alias '{alias}' names '{rule_name}', which is none of the rules; correct it",
                    ("correlation", "aliases", alias, rule_name),
                )
            slots[places[rule_name]][alias] = field
    return slots


def _condition(declaration: Declaration, found: Mapping[str, Rule | CorrelationRule]) -> Condition:
    """The condition with what the specification leaves unsaid: by default every rule must have matched."""
    if declaration.expression:
        unused = set(found) - set(names_in(declaration.expression))
        if unused and " of " not in declaration.expression:
            raise RuleError(f"the condition does not say what of '{min(unused)}'", ("correlation", "condition"))
        return Condition(terms=terms_of(declaration.expression, {name: slot for slot, name in enumerate(found)}))
    if declaration.condition.comparisons:
        return declaration.condition
    return Condition((("gte", len(found)),))


def _bounded(
    condition: Condition, content: Mapping[str, object], found: Mapping[str, Rule | CorrelationRule]
) -> Condition:
    """The condition with the field that ``fengsui.bound`` names in place of its number."""
    section = content.get("fengsui")
    bound = section.get("bound") if isinstance(section, Mapping) else None
    if bound is None:
        return condition
    where = ("fengsui", "bound")
    if not isinstance(bound, str) or not bound:
        raise RuleError("'bound' must name the event field with the number to compare with", where)
    if len(condition.comparisons) != 1 or condition.terms:
        raise RuleError("'bound' takes the place of one number; write one comparison such as 'gt: 0'", where)
    if any(isinstance(each, CorrelationRule) for each in found.values()):
        raise RuleError("'bound' is a field of events; a correlation over correlations has none", where)
    return replace(condition, bound=bound)


def _id_of(content: Mapping[str, object]) -> str:
    """The id, or a stable one for a correlation without (the specification makes it optional)."""
    title = f"{text_of(content, 'title')}\n{text_of(content, 'name')}\ncorrelation"
    return text_of(content, "id") or hashlib.blake2b(title.encode(), digest_size=16).hexdigest()
