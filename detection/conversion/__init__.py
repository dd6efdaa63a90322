"""Conversion: a rule as a query to take to Kibana or Elasticsearch, with the names that events have there."""

from detection.conversion.correlations import convert_correlation
from detection.conversion.queries import convert
from detection.conversion.query import ConversionError, QueryFormat, RuleQuery

__all__ = ["ConversionError", "QueryFormat", "RuleQuery", "convert", "convert_correlation"]
