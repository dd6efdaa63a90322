"""Explanation: for any event and rule, which part held and which did not, and why."""

from detection.explanation.evaluation import explain
from detection.explanation.tree import Comparison, Explanation, Group, Joint, Node, Reason, RouteCheck, RouteCondition

__all__ = [
    "Comparison",
    "Explanation",
    "Group",
    "Joint",
    "Node",
    "Reason",
    "RouteCheck",
    "RouteCondition",
    "explain",
]
