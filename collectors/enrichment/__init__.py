"""Enrichment: what an event says, joined with what is registered, and rid of what may not be stored."""

from collectors.enrichment.enricher import FlowEnricher
from collectors.enrichment.letters import SEALING, LetterProtection

__all__ = ["SEALING", "FlowEnricher", "LetterProtection"]
