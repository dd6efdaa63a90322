"""Linux hosts: syslog lines and the journal with the programs that report sign-ins, and the audit system."""

from collectors.normalizers.linux.auditd import AuditdNormalizer
from collectors.normalizers.linux.journald import JournaldNormalizer
from collectors.normalizers.linux.syslog import SyslogNormalizer

__all__ = ["AuditdNormalizer", "JournaldNormalizer", "SyslogNormalizer"]
