"""The records database: everything but events (alerts, catalog, grants, users, audit trail …).

SQLAlchemy 2 on SQLite (WAL) or PostgreSQL. Each part declares its tables in its own ``models.py`` on ``Base`` and
keeps its queries in its own ``repository.py``; a unit of work is one ``begin()``.
"""

from store.records.database import Base, RecordsDatabase, UtcMilliseconds

__all__ = ["Base", "RecordsDatabase", "UtcMilliseconds"]
