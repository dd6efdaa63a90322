"""What correlations had to leave out, so that it can be told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Running totals of a family of correlations.

    Attributes:
        observed: events taken in.
        late: events that came later than the lateness allows (or again after they were evaluated), left out.
        without_group: events that lack a field of ``group-by``, left out.
        evaluated_early: events evaluated before their lateness was over because too many were waiting.
        evicted_groups: groups forgotten because there were too many.
        evicted_events: events forgotten because their group held too many.
    """

    observed: int = 0
    late: int = 0
    without_group: int = 0
    evaluated_early: int = 0
    evicted_groups: int = 0
    evicted_events: int = 0

    @property
    def left_out(self) -> tuple[int, int, int, int]:
        """What may have cost a match: late and early events, forgotten groups and events."""
        return self.late, self.evaluated_early, self.evicted_groups, self.evicted_events
