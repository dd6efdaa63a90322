"""Process creations as Sysmon and the security log see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from samples.generate import story
from samples.generate.windows_event import WindowsEvent, guid, hashes, security, sysmon

SYSTEM32 = "C:\\Windows\\System32"


@dataclass(frozen=True, slots=True)
class Process:
    """A process to be created: who starts what, from where."""

    image: str
    command_line: str
    parent: str
    user: str
    integrity: str = "Medium"


def created(moment: datetime, host: story.Host, process: Process, random: Random) -> WindowsEvent:
    """Sysmon event 1."""
    name = process.image.rpartition("\\")[2]
    data = {
        "ProcessGuid": guid(random),
        "ProcessId": str(random.randrange(1000, 20000)),
        "Image": process.image,
        "FileVersion": "10.0.20348.1 (WinBuild.160101.0800)",
        "Description": name.removesuffix(".exe"),
        "Product": "Microsoft® Windows® Operating System",
        "Company": "Microsoft Corporation",
        "OriginalFileName": name,
        "CommandLine": process.command_line,
        "CurrentDirectory": f"{SYSTEM32}\\",
        "User": process.user,
        "LogonGuid": guid(random),
        "LogonId": f"0x{random.getrandbits(24):x}",
        "TerminalSessionId": "1",
        "IntegrityLevel": process.integrity,
        "Hashes": hashes(random),
        "ParentProcessGuid": guid(random),
        "ParentProcessId": str(random.randrange(600, 1000)),
        "ParentImage": process.parent,
        "ParentCommandLine": process.parent,
        "ParentUser": process.user,
    }
    return sysmon(moment, host, 1, data)


def audited(moment: datetime, host: story.Host, process: Process, random: Random) -> WindowsEvent:
    """Security event 4688."""
    data = {
        "SubjectUserSid": f"S-1-5-21-1004336348-1177238915-682003330-{random.randrange(1000, 1200)}",
        "SubjectUserName": process.user.rpartition("\\")[2],
        "SubjectDomainName": story.WINDOWS_DOMAIN,
        "SubjectLogonId": f"0x{random.getrandbits(24):x}",
        "NewProcessId": f"0x{random.randrange(1000, 20000):x}",
        "NewProcessName": process.image,
        "TokenElevationType": "%%1938",
        "ProcessId": f"0x{random.randrange(600, 1000):x}",
        "CommandLine": process.command_line,
        "TargetUserSid": "S-1-0-0",
        "TargetUserName": "-",
        "TargetDomainName": "-",
        "TargetLogonId": "0x0",
        "ParentProcessName": process.parent,
        "MandatoryLabel": "S-1-16-8192",
    }
    return security(moment, host, 4688, data)
