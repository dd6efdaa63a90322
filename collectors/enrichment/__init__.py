"""Enrichment: what an event says, joined with what is registered."""
