"""HTTP intake: records pushed as NDJSON or a JSON array, answered once they are on disk."""

from collectors.sources.http.intake import IntakeDoor, intake_app
from collectors.sources.http.server import IntakeServer
from collectors.sources.http.source import HttpSource

__all__ = ["HttpSource", "IntakeDoor", "IntakeServer", "intake_app"]
