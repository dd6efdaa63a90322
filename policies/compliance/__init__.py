"""What a standard demands, item by item, and how judgments add up."""

from policies.compliance.catalog import (
    Automation,
    CatalogItem,
    ControlCatalog,
    ControlPoint,
    Domain,
    Importance,
    Item,
    Level,
    Protection,
    control_catalog,
)
from policies.compliance.scoring import Deduction, ScoringPolicy, scoring_policy

__all__ = [
    "Automation",
    "CatalogItem",
    "ControlCatalog",
    "ControlPoint",
    "Deduction",
    "Domain",
    "Importance",
    "Item",
    "Level",
    "Protection",
    "ScoringPolicy",
    "control_catalog",
    "scoring_policy",
]
