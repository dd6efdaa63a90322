"""Compilation: many rules become shared predicates, conditions over their numbers, and anchors."""

from detection.compile.condition import Hits, predicates_of
from detection.compile.program import CompiledRule, Program, compile_program

__all__ = ["CompiledRule", "Hits", "Program", "compile_program", "predicates_of"]
