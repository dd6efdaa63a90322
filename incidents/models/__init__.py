"""Tables of incidents, notices, their clocks, timeline and attachments."""

from incidents.models.attachments import Attachment
from incidents.models.clocks import Clock, ClockEvent
from incidents.models.incidents import (
    Incident,
    IncidentAlert,
    IncidentReport,
    IncidentTask,
    IncidentTransition,
    TimelineRecord,
)
from incidents.models.notices import Notice, NoticeTransition
from incidents.models.reminders import Reminder, ReminderMessage, ReminderReading

__all__ = [
    "Attachment",
    "Clock",
    "ClockEvent",
    "Incident",
    "IncidentAlert",
    "IncidentReport",
    "IncidentTask",
    "IncidentTransition",
    "Notice",
    "NoticeTransition",
    "Reminder",
    "ReminderMessage",
    "ReminderReading",
    "TimelineRecord",
]
