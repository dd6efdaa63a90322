"""Windows event log and Sysmon in the dialects that ship them, one event form for all.

Every field of EventData and UserData stands under ``winlog.event_data.`` with its original name and its value as
the event log shows it; the head of the event under ``winlog.``; what the shipper added under ``winlog.<shipper>.``.
ECS names are derived by ``event_table`` from the tables in ``events.yml``.
"""

from collectors.normalizers.windows.azure_monitor import AzureMonitorNormalizer
from collectors.normalizers.windows.evtx import EvtxNormalizer
from collectors.normalizers.windows.flat import FlatNormalizer
from collectors.normalizers.windows.nxlog import NxlogNormalizer
from collectors.normalizers.windows.winlogbeat import WinlogbeatNormalizer

__all__ = [
    "AzureMonitorNormalizer",
    "EvtxNormalizer",
    "FlatNormalizer",
    "NxlogNormalizer",
    "WinlogbeatNormalizer",
]
