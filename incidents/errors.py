"""What can be wrong with what people ask of alerts, incidents and notices."""

from __future__ import annotations


class IncidentError(Exception):
    """Root of the errors of this part; says where, what and what to do next."""


class AlertNotFoundError(IncidentError):
    """There is no alert of this id."""


class InvalidStepError(IncidentError):
    """A step lacks what it needs or carries too much."""


class IncidentNotFoundError(IncidentError):
    """There is no such incident, or none that the caller may see."""


class NoticeNotFoundError(IncidentError):
    """There is no such notice, or none that the caller may see."""


class AttachmentNotFoundError(IncidentError):
    """There is no such attachment, or none that the caller may see."""


class TaskNotFoundError(IncidentError):
    """There is no such task in this incident."""


class IncidentTransitionError(IncidentError):
    """The state of an incident does not allow the step."""


class NoticeTransitionError(IncidentError):
    """The state of a notice does not allow the step."""


class InvalidIncidentError(IncidentError):
    """What is said of an incident contradicts policy or registry."""


class InvalidNoticeError(IncidentError):
    """What is said of a notice contradicts policy or registry."""


class SameVerifierError(IncidentError):
    """Who answered a notice wants to verify the answer."""


class AttachmentError(IncidentError):
    """A file is not taken: its size, its name or its content."""


class AttachmentDamagedError(IncidentError):
    """A stored file is missing or no longer what was stored."""
