"""Conversion: a rule as a query to take to Kibana or Elasticsearch, with the names that events have there."""

from detection.conversion.queries import ConversionError, QueryFormat, RuleQuery, convert

__all__ = ["ConversionError", "QueryFormat", "RuleQuery", "convert"]
