"""Reports over assessments: Word and HTML, each made of a snapshot alone, so that the same snapshot gives the same."""

from compliance.reports.making import ReportFormat, make_report, request_report
from compliance.reports.snapshot import take_snapshot

__all__ = ["ReportFormat", "make_report", "request_report", "take_snapshot"]
