"""Identifiers in running text."""

from classification.text.hit import Hit
from classification.text.scanner import TextScanner, text_scanner

__all__ = ["Hit", "TextScanner", "text_scanner"]
