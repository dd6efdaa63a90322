"""The one list of all normalizers, in the order in which a record is shown to them.

A specific normalizer recognizes only its own kind, so the order among them decides nothing. A fallback also
recognizes what a specific one would, and is therefore asked only after all of them, the most general last.
"""

from __future__ import annotations

from collectors.normalizers.cloud import (
    AliyunActiontrailNormalizer,
    AwsCloudtrailNormalizer,
    KubernetesAuditNormalizer,
)
from collectors.normalizers.contract import Normalizer
from collectors.normalizers.database import (
    DatabaseAuditNormalizer,
    MysqlAuditNormalizer,
    PostgresqlAuditNormalizer,
)
from collectors.normalizers.gateway import ApiGatewayNormalizer, ProxyGatewayNormalizer
from collectors.normalizers.generic_json import GenericJsonNormalizer
from collectors.normalizers.generic_text import GenericTextNormalizer
from collectors.normalizers.linux import AuditdNormalizer, JournaldNormalizer, SyslogNormalizer
from collectors.normalizers.network import (
    CefNormalizer,
    FirewallNormalizer,
    PacketsNormalizer,
    SuricataNormalizer,
    ZeekNormalizer,
)
from collectors.normalizers.network.device import DeviceNormalizer
from collectors.normalizers.web import ApacheNormalizer, NginxNormalizer
from collectors.normalizers.windows import (
    AzureMonitorNormalizer,
    EvtxNormalizer,
    FlatNormalizer,
    NxlogNormalizer,
    WinlogbeatNormalizer,
)

SPECIFIC: tuple[Normalizer, ...] = (
    EvtxNormalizer(),
    NxlogNormalizer(),
    WinlogbeatNormalizer(),
    AzureMonitorNormalizer(),
    FlatNormalizer(),
    AuditdNormalizer(),
    JournaldNormalizer(),
    AwsCloudtrailNormalizer(),
    AliyunActiontrailNormalizer(),
    KubernetesAuditNormalizer(),
    NginxNormalizer(),
    ApacheNormalizer(),
    ZeekNormalizer(),
    SuricataNormalizer(),
    CefNormalizer(),
    FirewallNormalizer(),
    MysqlAuditNormalizer(),
    PostgresqlAuditNormalizer(),
    DatabaseAuditNormalizer(),
    ApiGatewayNormalizer(),
    ProxyGatewayNormalizer(),
    PacketsNormalizer(),
)

FALLBACKS: tuple[Normalizer, ...] = (
    DeviceNormalizer(),
    SyslogNormalizer(),
    GenericJsonNormalizer(),
    GenericTextNormalizer(),
)

NORMALIZERS: tuple[Normalizer, ...] = SPECIFIC + FALLBACKS


def format_names() -> frozenset[str]:
    """The names that ``--format`` takes."""
    return frozenset(normalizer.name for normalizer in NORMALIZERS)
