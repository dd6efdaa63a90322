"""The registers: how an entry of each kind is read, checked against the others, and written."""

from registry.registers.accounts import ACCOUNTS, note_uses
from registry.registers.consumers import CONSUMERS
from registry.registers.grading import FieldGrade, set_grades
from registry.registers.register import Editor, Expect, Outcome, Register, put
from registry.registers.resources import RESOURCES
from registry.registers.systems import SYSTEMS
from registry.registers.units import UNITS

__all__ = [
    "ACCOUNTS",
    "CONSUMERS",
    "RESOURCES",
    "SYSTEMS",
    "UNITS",
    "Editor",
    "Expect",
    "FieldGrade",
    "Outcome",
    "Register",
    "note_uses",
    "put",
    "set_grades",
]
