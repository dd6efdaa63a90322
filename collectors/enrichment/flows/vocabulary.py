"""The words of data flows that rules and people meet."""

from __future__ import annotations

from enum import StrEnum

UNREGISTERED = "unregistered"
"""Stands for a consumer, unit or resource that the registry does not know."""
UNKNOWN = "unknown"
"""Stands for the resource of a statement that can't be read for certain."""


class Activity(StrEnum):
    """What is done to the data: 收集、存储、使用、加工、提供、公开、销毁."""

    COLLECT = "collect"
    STORE = "store"
    USE = "use"
    PROCESS = "process"
    PROVIDE = "provide"
    OPEN = "open"
    DESTROY = "destroy"


UNDETERMINED = "undetermined"
"""Status of a flow that can't be judged, because its record's clock is far off or its statement can't be read."""
