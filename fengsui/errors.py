"""Errors of the command line and the wiring."""

from __future__ import annotations


class FengsuiError(Exception):
    """Root of the errors that the command line shows to its user; says where, what and what to do next."""


class SettingsError(FengsuiError):
    """The settings can't be used."""
