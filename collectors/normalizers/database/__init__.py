"""Audit logs of databases."""

from collectors.normalizers.database.appliance import DatabaseAuditNormalizer
from collectors.normalizers.database.mysql import MysqlAuditNormalizer
from collectors.normalizers.database.postgresql import PostgresqlAuditNormalizer

__all__ = ["DatabaseAuditNormalizer", "MysqlAuditNormalizer", "PostgresqlAuditNormalizer"]
