"""What identifiers are: their labels, patterns, strictest checks and the words that go with them."""

from classification.identifiers.policy import Identifier, IdentifierPolicy, Pattern, load_identifiers

__all__ = ["Identifier", "IdentifierPolicy", "Pattern", "load_identifiers"]
