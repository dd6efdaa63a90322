"""Flows: what gateway calls and audited statements took, joined with the registry and judged."""
