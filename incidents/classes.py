"""The model of ``policies/incidents/classes.yml``: classes and subclasses of GB/T 20986-2023."""

from __future__ import annotations

from functools import cache

from incidents.errors import InvalidIncidentError
from incidents.wording import Label, PolicyModel
from policies import load_policy


class IncidentClass(PolicyModel):
    """A class with its subclasses by code."""

    label: Label
    subclasses: dict[str, Label]


class ClassPolicy(PolicyModel):
    """All classes by code, in the standard's order."""

    classes: dict[str, IncidentClass]


@cache
def class_policy() -> ClassPolicy:
    """The shipped classes."""
    return load_policy("incidents/classes.yml", ClassPolicy)


def check_class(class_code: str, subclass_code: str | None) -> None:
    """Hold a class and a subclass against the policy.

    Raises:
        InvalidIncidentError: one of them is unknown.
    """
    classes = class_policy().classes
    if class_code not in classes:
        raise InvalidIncidentError(f"There is no class {class_code[:64]!r}; choose one of {', '.join(classes)}")
    known = classes[class_code].subclasses
    if subclass_code is not None and subclass_code not in known:
        raise InvalidIncidentError(
            f"Class {class_code} has no subclass {subclass_code[:64]!r}; choose one of {', '.join(known) or 'none'}"
        )
