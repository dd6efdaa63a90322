"""The shape of the records database, as steps from one version to the next (Alembic).

Steps stand on their own: they import no part of the product, so that an old step keeps meaning what it meant.
``store.records.migrate.upgrade`` takes them.
"""
