"""Reading the audit trail, which is itself recorded where the whole of it is taken out or checked."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from audit import AuditEntry, Verdict, export_lines, record, verify_trail


def check_trail(dependencies: ApiDependencies, caller: Caller) -> Verdict:
    """Check the whole trail, its checkpoints and their copies; that and what was found is recorded."""
    with dependencies.records.read() as session:
        verdict = verify_trail(session, dependencies.trust)
    found: dict[str, object] = {"holds": verdict.holds, "records": verdict.records, "first_bad": verdict.first_bad}
    _note(dependencies, caller, "audit:verify", found)
    return verdict


def export_trail(dependencies: ApiDependencies, caller: Caller) -> Iterator[bytes]:
    """The whole trail as lines for the stand-alone check; recorded before the first line is given."""
    _note(dependencies, caller, "audit:export", None)

    def lines() -> Iterator[bytes]:
        with dependencies.records.read() as session:
            for line in export_lines(session):
                yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)

    return lines()


def _note(dependencies: ApiDependencies, caller: Caller, action: str, after: dict[str, object] | None) -> None:
    entry = AuditEntry(
        signed_in(caller).actor,
        action,
        "audit",
        after=after,
        request_id=caller.origin.request_id,
        source_address=caller.origin.source_address,
    )
    with dependencies.records.begin() as session:
        record(session, entry)
