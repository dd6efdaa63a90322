"""Statements: which tables and columns an SQL statement reads, gives away and writes; right, or declared unknown."""

from collectors.enrichment.statements.reader import StatementReader, statement_policy
from collectors.enrichment.statements.reading import STAR, Columns, Destination, StatementReading, TableName

__all__ = ["STAR", "Columns", "Destination", "StatementReader", "StatementReading", "TableName", "statement_policy"]
