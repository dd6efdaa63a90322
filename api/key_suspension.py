"""Ends API keys on behalf of playbooks, which stand below this part."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.identity.repository import find_api_key
from audit.authorship import Change, ChangedBy, audit_change
from playbooks import ActionError


def suspend_api_key(session: Session, key_id: str, by: ChangedBy) -> None:
    """Revoke a key by its id, whoever owns it; revoking it again changes nothing.

    Raises:
        ActionError: there is no such key.
    """
    found = find_api_key(session, key_id)
    if found is None:
        raise ActionError(f"there is no API key {key_id[:64]}; look at the list of keys")
    row = found[0]
    if row.revoked_ms is None:
        row.revoked_ms = by.at_ms
        audit_change(session, Change("api-key", "revoke", row.id, "by a playbook"), by)
