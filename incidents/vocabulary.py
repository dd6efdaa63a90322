"""The words of incidents and notices, as codes that never change; what people call them is in policies/incidents."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class IncidentState(StrEnum):
    """Where an incident stands: the five steps 事件分析→信息通报→协调指挥→应急处置→追踪溯源, then closed; or merged."""

    ANALYSIS = "analysis"
    NOTIFICATION = "notification"
    COORDINATION = "coordination"
    RESPONSE = "response"
    TRACING = "tracing"
    CLOSED = "closed"
    MERGED = "merged"


class IncidentLevel(IntEnum):
    """特别重大 (Ⅰ), 重大 (Ⅱ), 较大 (Ⅲ), 一般 (Ⅳ)."""

    ESPECIALLY_MAJOR = 1
    MAJOR = 2
    CONSIDERABLE = 3
    GENERAL = 4


class IncidentSource(StrEnum):
    """What opened an incident."""

    RULE = "rule"
    PERSON = "person"
    API = "api"
    PLAYBOOK = "playbook"


class Importance(StrEnum):
    """Of what an incident affects: 特别重要、重要、一般."""

    ESPECIALLY_IMPORTANT = "especially_important"
    IMPORTANT = "important"
    GENERAL = "general"


class BusinessLoss(StrEnum):
    """特别严重、严重、较大、较小."""

    ESPECIALLY_SEVERE = "especially_severe"
    SEVERE = "severe"
    CONSIDERABLE = "considerable"
    MINOR = "minor"


class SocialHarm(StrEnum):
    """特别重大、重大、较大、一般."""

    ESPECIALLY_MAJOR = "especially_major"
    MAJOR = "major"
    CONSIDERABLE = "considerable"
    GENERAL = "general"


class Operator(StrEnum):
    """Whose duty to report decides: 关键信息基础设施运营者, 中央和国家机关, 其他网络运营者."""

    CRITICAL_INFRASTRUCTURE = "critical_infrastructure"
    CENTRAL_ORGAN = "central_organ"
    OTHER = "other"


class ReportKind(StrEnum):
    """What is reported of an incident: at once, upward by who received it, and when it is over."""

    FIRST = "first"
    UPWARD = "upward"
    SUMMARY = "summary"


class TimelineKind(StrEnum):
    """What a line of an incident's timeline tells of."""

    OPENED = "opened"
    STEP = "step"
    LEVEL = "level"
    OWNER = "owner"
    CHANGED = "changed"
    ALERT = "alert"
    EVENT = "event"
    MERGE = "merge"
    TASK = "task"
    COMMENT = "comment"
    ATTACHMENT = "attachment"
    REPORT = "report"
    CLOCK = "clock"
    NOTICE = "notice"
    RUN = "run"


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class NoticeState(StrEnum):
    """Where a notice stands; a rejected one waits for another answer."""

    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    REJECTED = "rejected"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class NoticeSource(StrEnum):
    """What a notice comes from; its reference is an id of that kind."""

    PERSON = "person"
    INCIDENT = "incident"
    GAP = "gap"
    PLAYBOOK = "playbook"


class NoticeStep(StrEnum):
    """What happens to a notice."""

    ISSUE = "issue"
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    VERIFY = "verify"
    REJECT = "reject"
    WITHDRAW = "withdraw"


class ClockAct(StrEnum):
    """What happens to a clock."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    MET = "met"
    WARNED = "warned"
    BREACHED = "breached"
    ESCALATED = "escalated"
    CANCEL = "cancel"


class ReminderStage(StrEnum):
    """At which stages of a clock people are told."""

    WARNED = "warned"
    LATE = "late"
    ESCALATED = "escalated"


class MessageState(StrEnum):
    """What became of a message; ``unknown`` where nobody can tell whether it was sent, so it is not sent again."""

    PENDING = "pending"
    STARTED = "started"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Subject(StrEnum):
    """What has clocks and attachments."""

    INCIDENT = "incident"
    NOTICE = "notice"


class ClockMoment(StrEnum):
    """Moments at which clocks begin and end; the last three are of notices, which are acknowledged too."""

    OPENED = "opened"
    DISCOVERED = "discovered"
    ACKNOWLEDGED = "acknowledged"
    HANDLED = "handled"
    CLOSED = "closed"
    FIRST_REPORT = "first_report"
    UPWARD_REPORT = "upward_report"
    SUMMARY_REPORT = "summary_report"
    ISSUED = "issued"
    ANSWERED = "answered"
    VERIFIED = "verified"


class ClockState(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"
