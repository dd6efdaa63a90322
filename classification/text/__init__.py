"""Identifiers in running text."""

from classification.text.hit import Hit
from classification.text.scanner import TextScanner

__all__ = ["Hit", "TextScanner"]
