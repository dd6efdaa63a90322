"""Scans in the background: sources with sealed credentials, looked at by workers (``worker``) that may die."""

from classification.scans.data_sources import DataSourceRegister, NewDataSource, retire
from classification.scans.errors import (
    DataSourceNotFoundError,
    InvalidDataSourceError,
    ScanConflictError,
    ScanNotFoundError,
)
from classification.scans.lifecycle import cancel, resume, start
from classification.scans.models import DataSource, ResourceState, Scan, ScanResource, ScanState
from classification.scans.repository import get_scan, get_source, list_scans, list_sources, scan_resources
from classification.source_limits import SourceLimits

__all__ = [
    "DataSource",
    "DataSourceNotFoundError",
    "DataSourceRegister",
    "InvalidDataSourceError",
    "NewDataSource",
    "ResourceState",
    "Scan",
    "ScanConflictError",
    "ScanNotFoundError",
    "ScanResource",
    "ScanState",
    "SourceLimits",
    "cancel",
    "get_scan",
    "get_source",
    "list_scans",
    "list_sources",
    "resume",
    "retire",
    "scan_resources",
    "start",
]
