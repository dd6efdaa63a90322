"""Signed calls out and in, after Standard Webhooks: endpoints, deliveries with their log, callbacks."""
