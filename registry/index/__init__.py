"""The registry in memory: what a flow is joined with, and whether a grant covers it, in microseconds."""

from registry.index.attribution import Attribution
from registry.index.entries import Account, Consumer, Field, Grant, Resource, System, Unit
from registry.index.judging import Finding, FlowQuestion, GrantJudgment
from registry.index.snapshot import RegistryIndex

__all__ = [
    "Account",
    "Attribution",
    "Consumer",
    "Field",
    "Finding",
    "FlowQuestion",
    "Grant",
    "GrantJudgment",
    "RegistryIndex",
    "Resource",
    "System",
    "Unit",
]
