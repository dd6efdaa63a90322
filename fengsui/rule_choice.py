"""The rules that a person at the terminal means: by file or folder, or by id among the rules in force."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from detection import Rule, RuleSet, load_rules
from detection.correlation import CorrelationRule
from detection.rules import default_reading_cache
from fengsui.errors import FengsuiError
from fengsui.output import say


def chosen_rules(names: Sequence[str], folders: Sequence[Path]) -> list[Rule | CorrelationRule]:
    """The rules and correlations of files and folders, and those of ``folders`` with the ids named.

    Unusable ones are told of.

    Raises:
        FengsuiError: a name is neither a path nor the id of a rule, or no rule is left.
    """
    paths = [Path(name) for name in names if Path(name).exists()]
    wanted = [name for name in names if not Path(name).exists()]
    rule_set = load_rules(paths)
    for each in rule_set.unsupported:
        say(f"rule not in force: {each.path}:{each.line}: {each.id or 'no id'}: {each.reason}")
    by_id = {rule.id: rule for rule in _all(load_rules(folders, cache=default_reading_cache()))} if wanted else {}
    for name in wanted:
        if name not in by_id:
            looked = ", ".join(str(folder) for folder in folders)
            raise FengsuiError(f"{name}: no file, and no rule of this id in {looked}; name one, or give --rules")
    chosen = [*_all(rule_set), *(by_id[name] for name in wanted)]
    if not chosen:
        raise FengsuiError(f"{', '.join(names)}: no rule that can be used; see what `fengsui rules check` says")
    return chosen


def _all(rule_set: RuleSet) -> list[Rule | CorrelationRule]:
    return [*rule_set.rules, *rule_set.correlations]
