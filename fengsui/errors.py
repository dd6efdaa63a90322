"""Errors of the command line and the wiring."""

from __future__ import annotations

from api.errors import ApiError
from classification.errors import ClassificationError
from collectors.sources import SourceError
from collectors.sources.pcap import CaptureError
from compliance import ComplianceError
from detection import DetectionError
from policies import PolicyError
from registry import RegistryError
from store import StoreError


class FengsuiError(Exception):
    """Root of the errors that the command line shows to its user; says where, what and what to do next."""


class SettingsError(FengsuiError):
    """The settings can't be used."""


USER_ERRORS = (
    FengsuiError,
    ApiError,
    CaptureError,
    ClassificationError,
    ComplianceError,
    DetectionError,
    PolicyError,
    RegistryError,
    SourceError,
    StoreError,
)
"""The roots of the parts' errors: what a user can mend, told in a line without a traceback."""
