"""A quiet day on the Windows hosts, with what looks like an attack but is none."""

from __future__ import annotations

from datetime import datetime
from random import Random

from samples.generate import story
from samples.generate.clock import ROUND_THE_CLOCK, after, moments
from samples.generate.windows_event import POWERSHELL, WindowsEvent, guid, hashes, sysmon
from samples.generate.windows_logon import REMOTE_DESKTOP_USERS, Logon, failed, member_added, privileged, succeeded
from samples.generate.windows_process import SYSTEM32, Process, audited, created

_EXPLORER = "C:\\Windows\\explorer.exe"
_SERVICES = f"{SYSTEM32}\\services.exe"
_POWERSHELL = f"{SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe"
_SYSTEM = "NT AUTHORITY\\SYSTEM"
_OFFICE = "C:\\Program Files\\WPS Office\\wps.exe"
_USERS = ("LANHU\\clerk01", "LANHU\\clerk02", "LANHU\\clerk07", "LANHU\\clerk12")
_CLERKS = ("clerk01", "clerk02", "clerk07", "clerk12")
_INVENTORY = f'"{_POWERSHELL}" -NoProfile -ExecutionPolicy RemoteSigned -File C:\\ops\\inventory.ps1'
_ROUTINE = (
    Process(_OFFICE, f'"{_OFFICE}" "D:\\docs\\weekly.docx"', _EXPLORER, _USERS[0]),
    Process(f"{SYSTEM32}\\notepad.exe", "notepad.exe notes.txt", _EXPLORER, _USERS[1]),
    Process(f"{SYSTEM32}\\svchost.exe", "svchost.exe -k netsvcs -p -s Schedule", _SERVICES, _SYSTEM, "System"),
    Process(f"{SYSTEM32}\\taskhostw.exe", "taskhostw.exe Install", f"{SYSTEM32}\\svchost.exe", _SYSTEM, "System"),
    Process(_POWERSHELL, _INVENTORY, f"{SYSTEM32}\\svchost.exe", _SYSTEM, "System"),
    Process(f"{SYSTEM32}\\whoami.exe", "whoami /groups", f"{SYSTEM32}\\cmd.exe", _USERS[2]),
)
_NAMES = ("zwfw.lanhu.example", "oa.lanhu.example", "time.lanhu.example", "a1b2c3d4e5f6.cdn.example", "mail.example")


def background(random: Random) -> list[WindowsEvent]:
    """Everything that is not the story."""
    return [*_processes(random), *_network(random), *_changes(random), *_logons(random), *_look_alikes(random)]


def _host(random: Random) -> story.Host:
    return random.choice(story.WINDOWS_HOSTS)


def _processes(random: Random) -> list[WindowsEvent]:
    events: list[WindowsEvent] = []
    for moment in moments(random, 170):
        host, process = _host(random), random.choice(_ROUTINE)
        events.append(created(moment, host, process, random))
        if random.randrange(2):
            events.append(audited(moment, host, process, random))
    return events


def _network(random: Random) -> list[WindowsEvent]:
    events: list[WindowsEvent] = []
    for moment in moments(random, 110):
        host, name = _host(random), random.choice(_NAMES)
        caller = {"ProcessGuid": guid(random), "ProcessId": str(random.randrange(1000, 9000)), "Image": _OFFICE}
        answer = {"QueryName": name, "QueryStatus": "0", "QueryResults": "::ffff:10.20.2.11;"}
        events.append(sysmon(moment, host, 22, {**caller, **answer, "User": random.choice(_USERS)}))
        events.append(connection(after(moment, 0.1), host, caller, (story.WEB.address, 443)))
    return events


def connection(
    moment: datetime, host: story.Host, caller: dict[str, str], destination: tuple[str, int]
) -> WindowsEvent:
    """Sysmon event 3: an outgoing TCP connection of the calling process."""
    data = {
        **caller,
        "User": _USERS[0],
        "Protocol": "tcp",
        "Initiated": "true",
        "SourceIsIpv6": "false",
        "SourceIp": host.address,
        "SourceHostname": f"{host.name}.{story.CITY_DOMAIN}",
        "SourcePort": str(49152 + int(caller["ProcessId"]) % 16000),
        "DestinationIsIpv6": "false",
        "DestinationIp": destination[0],
        "DestinationHostname": "-",
        "DestinationPort": str(destination[1]),
    }
    return sysmon(moment, host, 3, data)


def _changes(random: Random) -> list[WindowsEvent]:
    """Files written, libraries loaded, registry values set."""
    events: list[WindowsEvent] = []
    for moment in moments(random, 90):
        host = _host(random)
        caller = {"ProcessGuid": guid(random), "ProcessId": str(random.randrange(1000, 9000)), "Image": _OFFICE}
        written = {"TargetFilename": f"D:\\docs\\draft-{random.randrange(90)}.docx", "CreationUtcTime": "-"}
        loaded = {"ImageLoaded": f"{SYSTEM32}\\mscoree.dll", "Hashes": hashes(random), "Signed": "true"}
        key = {"EventType": "CreateKey", "TargetObject": "HKU\\S-1-5-21\\Software\\Kingsoft\\Office"}
        value = {"EventType": "SetValue", "TargetObject": f"{key['TargetObject']}\\Recent", "Details": "DWORD (0x1)"}
        code, change = random.choice(((11, written), (7, loaded), (12, key), (13, value)))
        events.append(sysmon(moment, host, code, {**caller, **change, "User": random.choice(_USERS)}))
    return events


def _logons(random: Random) -> list[WindowsEvent]:
    events: list[WindowsEvent] = []
    for moment in moments(random, 150):
        host, logon = _host(random), Logon(random.choice(_CLERKS), f"10.30.1.{random.randrange(100, 140)}")
        if random.randrange(12) == 0:
            events.append(failed(moment, host, logon, random))
        events.append(succeeded(after(moment, 3), host, logon, random))
    for moment in moments(random, 40, ROUND_THE_CLOCK):
        host, service = _host(random), Logon("svc_backup", "-", 5, "Negotiate")
        events.append(succeeded(moment, host, service, random))
        events.append(privileged(moment, host, "svc_backup", random))
    return events


def _look_alikes(random: Random) -> list[WindowsEvent]:
    """The virus scanner looks at LSASS with few rights, an operator fills a harmless group, the inventory runs."""
    scanner = "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\MsMpEng.exe"
    touched = {
        "SourceProcessGUID": guid(random),
        "SourceProcessId": "2210",
        "SourceThreadId": "2301",
        "SourceImage": scanner,
        "TargetProcessGUID": guid(random),
        "TargetProcessId": "688",
        "TargetImage": f"{SYSTEM32}\\lsass.exe",
        "GrantedAccess": "0x1000",
        "CallTrace": f"{SYSTEM32}\\ntdll.dll+9d4c4|{SYSTEM32}\\KERNELBASE.dll+2c0fe",
        "SourceUser": _SYSTEM,
        "TargetUser": _SYSTEM,
    }
    events = [sysmon(moment, _host(random), 10, touched) for moment in moments(random, 24, ROUND_THE_CLOCK)]
    events.append(member_added(story.at("15:20:11"), story.OFFICE_PC, REMOTE_DESKTOP_USERS, "ops01"))
    for moment in moments(random, 12):
        script = {"ScriptBlockText": "Get-CimInstance Win32_OperatingSystem | Export-Csv C:\\ops\\inventory.csv"}
        numbered = {"MessageNumber": "1", "MessageTotal": "1", **script, "ScriptBlockId": guid(random).strip("{}")}
        events.append(WindowsEvent(moment, _host(random), POWERSHELL, 4104, {**numbered, "Path": ""}))
    return events
