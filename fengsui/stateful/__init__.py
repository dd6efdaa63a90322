"""Rules that remember (correlations, new terms, thresholds) where several workers detect.

A match of such a rule is sent to the partition of the matches topic that remembers for the rule, and to no other: all
that a correlation with everything it is chained to (or a rule of such a type) has to know is in one partition, whatever
fields it groups by. Whoever has the partition loads what was remembered from the records database and goes on.

The time by which correlations tell that nothing more will come is that of the slowest partition of records: workers
tell how far they are (``clocks``), so a backlog makes events late for nobody.
"""

from fengsui.stateful.consuming import StatefulDetection, Surroundings
from fengsui.stateful.publishing import PublishedMatches
from fengsui.stateful.telling import ClockTelling

__all__ = ["ClockTelling", "PublishedMatches", "StatefulDetection", "Surroundings"]
