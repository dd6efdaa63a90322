"""Identifiers in running text."""

from classification.text.hit import Hit

__all__ = ["Hit"]
