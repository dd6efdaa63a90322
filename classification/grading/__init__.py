"""Grading as policy data: a scheme's grades, the grade of a column, a table and a derived resource, and why."""

from classification.grading.decision import GradeDecision, Reason
from classification.grading.errors import GradingError, UnknownGradeError, UnknownSchemeError
from classification.grading.grades import SeenCategory, TableFacts, grade_column, grade_resource, grade_table
from classification.grading.scheme import Label, Scheme
from classification.grading.schemes import default_scheme, load_scheme, scheme_names

__all__ = [
    "GradeDecision",
    "GradingError",
    "Label",
    "Reason",
    "Scheme",
    "SeenCategory",
    "TableFacts",
    "UnknownGradeError",
    "UnknownSchemeError",
    "default_scheme",
    "grade_column",
    "grade_resource",
    "grade_table",
    "load_scheme",
    "scheme_names",
]
