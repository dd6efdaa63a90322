"""Which addresses may be called from here."""

from __future__ import annotations

from fengsui.settings import Settings
from playbooks import AddressGuard


def call_guard(settings: Settings) -> AddressGuard:
    """Which addresses playbooks and webhooks may call: what policy allows, and what the settings add."""
    shipped, added = AddressGuard(), settings.playbooks
    return AddressGuard((*shipped.networks, *added.networks), shipped.ports | {*added.ports})
