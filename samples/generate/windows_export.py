"""``windows-export.xml``: a few events of the domain controller, saved from Event Viewer as XML."""

from __future__ import annotations

from random import Random
from xml.sax.saxutils import escape, quoteattr

from samples.generate import story
from samples.generate.clock import utc_microseconds
from samples.generate.windows_event import WindowsEvent
from samples.generate.windows_logon import Logon, failed, privileged, succeeded

_NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"


def render() -> bytes:
    """The file's bytes."""
    random = Random("windows-export.xml")
    events = [_xml(event, number) for number, event in enumerate(_events(random), 51_204)]
    return (
        '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>' + "".join(events) + "</Events>\n"
    ).encode()


def _events(random: Random) -> list[WindowsEvent]:
    host = story.DOMAIN_CONTROLLER
    clerk, operator = Logon("clerk07", "10.30.1.107"), Logon("ops01", story.OPERATOR_ADDRESSES[0])
    guess = Logon("svc_deploy", story.WEB.address, 3, "NTLM", "WEB01")
    return [
        succeeded(story.at("08:31:02"), host, clerk, random),
        succeeded(story.at("09:02:44"), host, operator, random),
        privileged(story.at("09:02:44"), host, "ops01", random),
        failed(story.at("10:24:58"), host, guess, random),
        failed(story.at("10:25:06"), host, guess, random),
        failed(story.at("13:40:19"), host, clerk, random),
        succeeded(story.at("13:40:31"), host, clerk, random),
    ]


def _xml(event: WindowsEvent, number: int) -> str:
    provider, guid = event.provider
    data = "".join(f"<Data Name={quoteattr(name)}>{escape(value)}</Data>" for name, value in event.data.items())
    return (
        f"<Event xmlns='{_NAMESPACE}'><System>"
        f"<Provider Name='{provider}' Guid='{guid}'/><EventID>{event.code}</EventID><Version>2</Version>"
        f"<Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords>"
        f"<TimeCreated SystemTime='{utc_microseconds(event.moment)}'/><EventRecordID>{number}</EventRecordID>"
        f"<Correlation/><Execution ProcessID='688' ThreadID='4012'/><Channel>{event.channel}</Channel>"
        f"<Computer>{event.host.name}.{story.CITY_DOMAIN}</Computer><Security/></System>"
        f"<EventData>{data}</EventData></Event>"
    )
