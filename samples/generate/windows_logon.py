"""Logons and account changes as the security log writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from samples.generate import story
from samples.generate.windows_event import WindowsEvent, security

_DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"
ADMINISTRATORS = ("Administrators", "S-1-5-32-544")
REMOTE_DESKTOP_USERS = ("Remote Desktop Users", "S-1-5-32-555")


@dataclass(frozen=True, slots=True)
class Logon:
    """Who comes from where, by which way (2 at the screen, 3 over the network, 5 a service)."""

    user: str
    address: str
    kind: int = 3
    package: str = "Kerberos"
    workstation: str = "-"


def _subject(user: str, number: int) -> dict[str, str]:
    return {
        "SubjectUserSid": f"{_DOMAIN_SID}-{number}",
        "SubjectUserName": user,
        "SubjectDomainName": story.WINDOWS_DOMAIN,
        "SubjectLogonId": "0x3e7",
    }


def succeeded(moment: datetime, host: story.Host, logon: Logon, random: Random) -> WindowsEvent:
    """Security event 4624."""
    data = {
        **_subject(f"{host.name}$", 18),
        "TargetUserSid": f"{_DOMAIN_SID}-{random.randrange(1100, 1200)}",
        "TargetUserName": logon.user,
        "TargetDomainName": story.WINDOWS_DOMAIN,
        "TargetLogonId": f"0x{random.getrandbits(24):x}",
        "LogonType": str(logon.kind),
        "LogonProcessName": "NtLmSsp" if logon.package == "NTLM" else "Kerberos",
        "AuthenticationPackageName": logon.package,
        "WorkstationName": logon.workstation,
        "LmPackageName": "NTLM V2" if logon.package == "NTLM" else "-",
        "KeyLength": "128" if logon.package == "NTLM" else "0",
        "ProcessId": "0x0",
        "ProcessName": "-",
        "IpAddress": logon.address,
        "IpPort": str(random.randrange(49152, 65535)),
    }
    return security(moment, host, 4624, data)


def failed(moment: datetime, host: story.Host, logon: Logon, random: Random) -> WindowsEvent:
    """Security event 4625: wrong password."""
    data = {
        **_subject("-", 0),
        "TargetUserSid": "S-1-0-0",
        "TargetUserName": logon.user,
        "TargetDomainName": story.WINDOWS_DOMAIN,
        "Status": "0xc000006d",
        "FailureReason": "%%2313",
        "SubStatus": "0xc000006a",
        "LogonType": str(logon.kind),
        "LogonProcessName": "NtLmSsp ",
        "AuthenticationPackageName": logon.package,
        "WorkstationName": logon.workstation,
        "IpAddress": logon.address,
        "IpPort": str(random.randrange(49152, 65535)),
    }
    return security(moment, host, 4625, data)


def privileged(moment: datetime, host: story.Host, user: str, random: Random) -> WindowsEvent:
    """Security event 4672."""
    privileges = "SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeDebugPrivilege"
    return security(moment, host, 4672, {**_subject(user, random.randrange(1100, 1200)), "PrivilegeList": privileges})


def account_made(moment: datetime, host: story.Host, user: str, maker: str) -> WindowsEvent:
    """Security event 4720."""
    data = {
        "TargetUserName": user,
        "TargetDomainName": host.name,
        "TargetSid": "S-1-5-21-1844237615-746137067-839522115-1011",
        **_subject(maker, 1120),
        "PrivilegeList": "-",
        "SamAccountName": user,
        "DisplayName": "%%1793",
        "UserAccountControl": "\n\t\t%%2080\n\t\t%%2082\n\t\t%%2084",
    }
    return security(moment, host, 4720, data)


def member_added(moment: datetime, host: story.Host, group: tuple[str, str], maker: str) -> WindowsEvent:
    """Security event 4732."""
    data = {
        "MemberName": "-",
        "MemberSid": "S-1-5-21-1844237615-746137067-839522115-1011",
        "TargetUserName": group[0],
        "TargetDomainName": "Builtin",
        "TargetSid": group[1],
        **_subject(maker, 1120),
        "PrivilegeList": "-",
    }
    return security(moment, host, 4732, data)


def log_cleared(moment: datetime, host: story.Host, user: str) -> WindowsEvent:
    """Security event 1102."""
    return security(moment, host, 1102, _subject(user, 1120))
