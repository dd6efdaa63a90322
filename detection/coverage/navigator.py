"""Coverage as a layer of the ATT&CK Navigator (layer file format 4.5)."""

from __future__ import annotations

from typing import Any

from detection.coverage.matrix import Coverage, CoverageState, TechniqueCoverage
from detection.coverage.policy import CoveragePolicy
from events import format_timestamp

_LAYER_FORMAT = "4.5"
_NAVIGATOR = "5.1.0"
_SCORES = {CoverageState.SEEN: 100, CoverageState.BLIND: 50, CoverageState.NONE: 0}
_COLORS = ("#c9302c", "#e8b23a", "#2f8f5b")
_LABELS = ("no rule is on", "a rule is on, its telemetry is not seen", "a rule is on, its telemetry is seen")
_MOST_TITLES = 10


def navigator_layer(coverage: Coverage, policy: CoveragePolicy) -> dict[str, Any]:
    """The layer: each technique with its score (100 seen, 50 blind, 0 none) and the rules behind it.

    Techniques are colored in every tactic that they belong to, which the Navigator knows better than tags do.
    """
    return {
        "name": "Fengsui coverage",
        "description": f"Rules that are on and telemetry seen within {policy.telemetry_days} days",
        "domain": "enterprise-attack",
        "versions": {"attack": policy.attack_version, "navigator": _NAVIGATOR, "layer": _LAYER_FORMAT},
        "techniques": [_technique(each) for each in coverage.techniques],
        "gradient": {"colors": list(_COLORS), "minValue": 0, "maxValue": 100},
        "legendItems": [{"label": label, "color": color} for label, color in zip(_LABELS, _COLORS, strict=True)],
        "sorting": 3,
        "showTacticRowBackground": False,
        "selectTechniquesAcrossTactics": True,
    }


def _technique(technique: TechniqueCoverage) -> dict[str, Any]:
    on = [rule for rule in technique.rules if rule.on]
    fired = "never" if technique.last_fired_ms is None else format_timestamp(technique.last_fired_ms)
    return {
        "techniqueID": technique.technique_id,
        "score": _SCORES[technique.state],
        "comment": "\n".join(rule.title for rule in on[:_MOST_TITLES]),
        "enabled": True,
        "metadata": [
            {"name": "rules on", "value": str(len(on))},
            {"name": "rules not on", "value": str(len(technique.rules) - len(on))},
            {"name": "events seen", "value": str(max((rule.events for rule in on), default=0))},
            {"name": "last fired", "value": fired},
        ],
    }
