"""What a network device did with a connection, in ECS words."""

from __future__ import annotations

from events import Event, Value

_DENIED = ("den", "block", "drop", "reject", "reset", "discard", "prevent", "quarantin", "阻断", "拒绝", "丢弃")
_ALLOWED = ("allow", "accept", "permit", "pass", "forward", "允许", "放行", "通过")
_FAILED = ("fail", "error", "0")


def action_fields(action: str | None, outcome: str | None, *, is_connection: bool) -> Event:
    """``event.action``, ``.outcome``, ``.category`` and ``.type`` of a device's verdict.

    Args:
        action: what the device says it did.
        outcome: what the device says came of it, if it does.
        is_connection: whether the record is about a connection.
    """
    word = (action or "").lower()
    kinds: list[str] = ["connection"] if is_connection else ["info"]
    if word.startswith(_DENIED):
        kinds.append("denied")
    elif word.startswith(_ALLOWED):
        kinds.append("allowed")
    types: Value = [*kinds]
    event: Event = {"event.category": ["network"] if is_connection else ["host"], "event.type": types}
    if action:
        event["event.action"] = action
    if outcome:
        event["event.outcome"] = "failure" if outcome.lower().startswith(_FAILED) else "success"
    elif len(kinds) > 1:
        event["event.outcome"] = "success"
    return event
