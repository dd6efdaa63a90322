"""The shape of the records database, as steps from one version to the next (Alembic).

Steps stand on their own: they import no part of the product, so that an old step keeps meaning what it meant.
"""

from store.migrations.upgrade import upgrade

__all__ = ["upgrade"]
