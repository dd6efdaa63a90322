"""Figures of the transport: how far a worker is behind what was sent to the partitions that it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from collectors.transport import GroupConsumer


class TransportFigures(Collector):
    """Asked when they are scraped."""

    def __init__(self, groups: Callable[[], Sequence[GroupConsumer | None]]) -> None:
        """Keep whom to ask; a group that is not joined has no figures."""
        self._groups = groups

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """One figure a partition."""
        lag = GaugeMetricFamily(
            "fengsui_transport_lag_messages", "Messages sent that are not done", labels=("topic", "partition")
        )
        for group in filter(None, self._groups()):
            for partition, messages in group.lag().items():
                lag.add_metric([group.topic, str(partition)], messages)
        yield lag
