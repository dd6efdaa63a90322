"""However many indicators there are, what one of them says is found at once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from audit import Actor
from detection.intelligence import ChangedBy, NewIndicator, import_indicators
from detection.intelligence.repository import active_of
from detection.intelligence.values import IndicatorType
from store.records import Base, RecordsDatabase

INDICATORS = 500


def test_what_a_hit_says_is_looked_up_by_its_value(tmp_path: Path) -> None:
    """Nearly all indicators are active: by their state, each of them would be read for every hit."""
    records = RecordsDatabase(f"sqlite:///{tmp_path / 'records.db'}")
    Base.metadata.create_all(records.engine)
    values = [f"198.51.{number >> 8}.{number & 255}" for number in range(INDICATORS)]
    new = [NewIndicator(IndicatorType.IP, value, "city-cert", 90) for value in values]
    import_indicators(records, new, ChangedBy(Actor("user", "u-1", "li.na")))

    steps = Counter[str]()
    with records.read() as session:
        database: Any = session.connection().connection.driver_connection
        database.set_progress_handler(lambda: steps.update(["taken"]), 1)
        [found] = active_of(session, IndicatorType.IP, [values[-1]])
        database.set_progress_handler(None, 1)

    assert found.value == values[-1]
    assert steps["taken"] < INDICATORS, "SQLite looked at every indicator"
    records.close()
