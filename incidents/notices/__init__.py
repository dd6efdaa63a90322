"""Notices (整改通知): demands on a unit, answered with evidence and verified by another person."""

from incidents.notices.answering import (
    Answer,
    DeadlineWish,
    acknowledge_notice,
    answer_notice,
    ask_extension,
)
from incidents.notices.deciding import decide_extension, reject_answer, verify_notice, withdraw_notice
from incidents.notices.issuing import NewNotice, issue_notice

__all__ = [
    "Answer",
    "DeadlineWish",
    "NewNotice",
    "acknowledge_notice",
    "answer_notice",
    "ask_extension",
    "decide_extension",
    "issue_notice",
    "reject_answer",
    "verify_notice",
    "withdraw_notice",
]
