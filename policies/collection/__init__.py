"""Policy of collection: how much of a source is taken in at most."""
