"""Compiled programs kept on disk: compiling a folder of rules takes seconds, looking up what came of it does not.

A program is known by a hash of what its rules ask and of the code that compiles them. Of each field the tests are kept
as text until they are asked for, and a rule's own expression is not decoded at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson

from detection.compile import program
from detection.compile.program import CompiledRule, Program, compile_program
from detection.kept_file import code_digest, keep, read_kept
from detection.rules import expression_coding
from detection.rules.expression import ReferenceTest, Test
from detection.rules.expression_coding import coded_test, decoded_test
from detection.rules.rule import Rule

_DIGEST_BYTES = 32
_MOST_KEPT = 50
_WORTH_KEEPING_RULES = 50


def program_of(rules: Sequence[Rule], folder: Path | None) -> Program:
    """The rules compiled together, or what a folder keeps of that; without a folder nothing is kept."""
    path = _path(rules, folder) if folder and len(rules) >= _WORTH_KEEPING_RULES else None
    data = read_kept(path) if path else None
    if data is not None:
        return _read(orjson.loads(data), rules)
    compiled = compile_program(rules)
    if path:
        keep(path, _written(compiled), _MOST_KEPT)
    return compiled


@cache
def _code() -> bytes:
    return code_digest([Path(program.__file__).parent, Path(expression_coding.__file__).parent], ["orjson"])


def _path(rules: Sequence[Rule], folder: Path) -> Path | None:
    """Where the program of these rules is kept; None where a rule can't be spelled in JSON."""
    digest = hashlib.blake2b(_code(), digest_size=_DIGEST_BYTES)
    try:
        for rule in rules:
            digest.update(rule.detection.as_text().encode() + b"\n")
    except TypeError:
        return None
    return folder / f"{digest.hexdigest()}.program"


def _written(compiled: Program) -> bytes:
    names = list(dict.fromkeys(compiled.fields))
    places = {name: place for place, name in enumerate(names)}
    rules = [
        [list(each.numbers), None if each.anchor is None else list(each.anchor)] for each in compiled.rules.values()
    ]
    tests = [_text_of(compiled.tests(name)) for name in names]
    references = [[number, field, coded_test(test)] for number, field, test in compiled.references]
    absences = [[field, sorted(numbers)] for field, numbers in compiled.absences.items()]
    return orjson.dumps([rules, names, [places[name] for name in compiled.fields], tests, references, absences])


def _text_of(tests: Mapping[int, Test]) -> str:
    return orjson.dumps([list(tests), [coded_test(test) for test in tests.values()]]).decode()


def _read(data: list[Any], rules: Sequence[Rule]) -> Program:
    kept, names, places, tests, references, absences = data
    compiled = {rule: CompiledRule(rule, *each) for rule, each in zip(rules, kept, strict=True)}
    texts: dict[str | None, str] = dict(zip(names, tests, strict=True))

    def tests_of(field: str | None) -> Mapping[int, Test]:
        numbers, coded = orjson.loads(texts[field]) if field in texts else ((), ())
        return dict(zip(numbers, map(decoded_test, coded), strict=True))

    compared = [(number, field, cast("ReferenceTest", decoded_test(test))) for number, field, test in references]
    absent = {field: frozenset(numbers) for field, numbers in absences}
    return Program(compiled, list(map(names.__getitem__, places)), tests_of, compared, absent)
