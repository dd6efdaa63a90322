"""The tamper-evident trail: who did what to which object, when, from where and with what outcome.

A record is written in the transaction of the change it describes, so neither exists without the other. Records are
chained by SM3 digests, and triggers refuse to change or remove them.
"""

from audit.canonical import CanonicalError, canonical_json
from audit.entry import Actor, AuditEntry
from audit.models import AuditRecord
from audit.repository import AuditFilter, list_records
from audit.trail import record, verify_chain
from audit.triggers import append_only

__all__ = [
    "Actor",
    "AuditEntry",
    "AuditFilter",
    "AuditRecord",
    "CanonicalError",
    "append_only",
    "canonical_json",
    "list_records",
    "record",
    "verify_chain",
]
