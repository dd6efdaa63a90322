"""Windows events before they are written down: what Winlogbeat and an Event Viewer export share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from samples.generate.clock import utc_milliseconds
from samples.generate.story import Host

SYSMON = "Microsoft-Windows-Sysmon/Operational"
SECURITY = "Security"
POWERSHELL = "Microsoft-Windows-PowerShell/Operational"
EVENT_LOG = "Microsoft-Windows-Eventlog"

PROVIDERS = {
    SYSMON: ("Microsoft-Windows-Sysmon", "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"),
    SECURITY: ("Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-a5ba-3e3b0328c30d}"),
    POWERSHELL: ("Microsoft-Windows-PowerShell", "{a0c1853b-5c40-4b15-8766-3cf1c58f985a}"),
}
LOG_CLEARED = 1102
_CLEARED_PROVIDER = (EVENT_LOG, "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}")

TASKS = {
    (SYSMON, 1): "Process Create (rule: ProcessCreate)",
    (SYSMON, 3): "Network connection detected (rule: NetworkConnect)",
    (SYSMON, 7): "Image loaded (rule: ImageLoad)",
    (SYSMON, 10): "Process accessed (rule: ProcessAccess)",
    (SYSMON, 11): "File created (rule: FileCreate)",
    (SYSMON, 12): "Registry object added or deleted (rule: RegistryEvent)",
    (SYSMON, 13): "Registry value set (rule: RegistryEvent)",
    (SYSMON, 22): "Dns query (rule: DnsQuery)",
    (SECURITY, 1102): "Log clear",
    (SECURITY, 4624): "Logon",
    (SECURITY, 4625): "Logon",
    (SECURITY, 4672): "Special Logon",
    (SECURITY, 4688): "Process Creation",
    (SECURITY, 4720): "User Account Management",
    (SECURITY, 4732): "Security Group Management",
    (POWERSHELL, 4104): "Execute a Remote Command",
}


@dataclass(frozen=True, slots=True)
class WindowsEvent:
    """One event: when, on which host, in which channel, which id, and its named data."""

    moment: datetime
    host: Host
    channel: str
    code: int
    data: dict[str, str]

    @property
    def provider(self) -> tuple[str, str]:
        """Name and GUID of the provider."""
        return _CLEARED_PROVIDER if self.code == LOG_CLEARED else PROVIDERS[self.channel]

    @property
    def task(self) -> str:
        """The task's name as the event's provider shows it."""
        return TASKS[self.channel, self.code]


def sysmon(moment: datetime, host: Host, code: int, data: dict[str, str]) -> WindowsEvent:
    """A Sysmon event; ``RuleName`` and ``UtcTime`` stand first, as Sysmon writes them."""
    stamp = utc_milliseconds(moment).replace("T", " ").removesuffix("Z")
    return WindowsEvent(moment, host, SYSMON, code, {"RuleName": "-", "UtcTime": stamp, **data})


def security(moment: datetime, host: Host, code: int, data: dict[str, str]) -> WindowsEvent:
    """An event of the security log."""
    return WindowsEvent(moment, host, SECURITY, code, data)


def guid(random: Random) -> str:
    """A GUID in braces."""
    return "{" + str(UUID(int=random.getrandbits(128))) + "}"


def hashes(random: Random) -> str:
    """The Hashes field of Sysmon; of no real file."""
    return (
        f"SHA1={random.getrandbits(160):040X},MD5={random.getrandbits(128):032X},"
        f"SHA256={random.getrandbits(256):064X},IMPHASH={random.getrandbits(128):032X}"
    )
