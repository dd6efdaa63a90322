"""Compilation: many rules become shared predicates, conditions over their numbers, and anchors."""

from detection.compile.condition import Hits, predicates_of
from detection.compile.kept_program import program_of
from detection.compile.program import CompiledRule, Program

__all__ = ["CompiledRule", "Hits", "Program", "predicates_of", "program_of"]
