"""The tamper-evident trail: who did what to which object, when, from where and with what outcome.

A record is written in the transaction of the change it describes, so neither exists without the other. Records are
chained by SM3 digests, triggers refuse to change or remove them, and signed checkpoints, copied away from the
database, vouch for what the trail was.
"""

from audit.canonical import CanonicalError, canonical_json
from audit.checkpoints import AnchorFile, AuditCheckpoint, CheckpointDue, is_due, seal
from audit.entry import Actor, AuditEntry
from audit.export import export_lines
from audit.models import AuditRecord
from audit.repository import AuditFilter, list_records, recorded_actions
from audit.signing import CheckpointSigner
from audit.trail import record
from audit.triggers import append_only
from audit.verification import Trust, verify_trail
from audit.verify_export import Verdict

__all__ = [
    "Actor",
    "AnchorFile",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditFilter",
    "AuditRecord",
    "CanonicalError",
    "CheckpointDue",
    "CheckpointSigner",
    "Trust",
    "Verdict",
    "append_only",
    "canonical_json",
    "export_lines",
    "is_due",
    "list_records",
    "record",
    "recorded_actions",
    "seal",
    "verify_trail",
]
