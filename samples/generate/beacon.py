"""The implant's beacons: every log that sees them sees the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from samples.generate.clock import every
from samples.generate.story import BEACON_BEGIN, BEACON_END, COMMAND_DOMAIN

_PERIOD_SECONDS = 600
_JITTER_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Beacon:
    """When the implant calls, and the name it asks for: data leaves in the leftmost label, as hexadecimal digits."""

    moment: datetime
    name: str


def beacons() -> list[Beacon]:
    """All beacons of the day in order."""
    random = Random("beacon")
    moments = every(BEACON_BEGIN, BEACON_END, _PERIOD_SECONDS, random, _JITTER_SECONDS)
    return [Beacon(moment, f"{random.getrandbits(128):032x}.{COMMAND_DOMAIN}") for moment in moments]
