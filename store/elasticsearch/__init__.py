"""The Elasticsearch engine of the event store: one index a retention class and day of the events' own time.

The client takes a second to load, so that only its settings are imported here; the store is in ``store``, what brings
a cluster to what this version needs in ``installation``.
"""

from store.elasticsearch.settings import ElasticsearchSettings

__all__ = ["ElasticsearchSettings"]
