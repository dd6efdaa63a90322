"""The table of windows that rules with a threshold count in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from store.records.database import Base, UtcMilliseconds


class ThresholdWindow(Base):
    """A group of a rule's matches in one window; ``waiting`` holds their events by id until the count is reached."""

    __tablename__ = "threshold_windows"
    __table_args__ = (Index("ix_threshold_windows_rule_id_start", "rule_id", "start"),)

    rule_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    group: Mapped[str] = mapped_column(String(32), primary_key=True)
    start: Mapped[UtcMilliseconds] = mapped_column(primary_key=True)
    reached: Mapped[bool]
    waiting: Mapped[dict[str, Any]] = mapped_column(JSON)
