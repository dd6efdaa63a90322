"""Which file each module makes."""

from __future__ import annotations

from collections.abc import Callable

from samples.generate import (
    aliyun_actiontrail,
    application_log,
    aws_cloudtrail,
    border_capture,
    data_gateway,
    firewall_cef,
    kubernetes_audit,
    linux_auditd,
    linux_auth,
    mysql_audit,
    nginx_access,
    postgresql_audit,
    suricata_eve,
    windows_export,
    windows_sysmon,
)

FILES: dict[str, Callable[[], bytes]] = {
    "aliyun-actiontrail.json": aliyun_actiontrail.render,
    "auditd.log": linux_auditd.render,
    "aws-cloudtrail.json.gz": aws_cloudtrail.render,
    "border.pcap": border_capture.render,
    "firewall.log": firewall_cef.render,
    "gateway-access.ndjson": data_gateway.render,
    "gb18030-app.log": application_log.render,
    "kubernetes-audit.ndjson": kubernetes_audit.render,
    "mysql-audit.log": mysql_audit.render,
    "nginx-access.log": nginx_access.render,
    "postgresql.log": postgresql_audit.render,
    "sshd.log": linux_auth.render,
    "suricata-eve.json": suricata_eve.render,
    "windows-export.xml": windows_export.render,
    "windows-sysmon.ndjson": windows_sysmon.render,
}
"""Name of the file, and what renders its bytes."""
