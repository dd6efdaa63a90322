"""Logs of network devices and sensors, and what packet captures hold."""

from collectors.normalizers.network.cef import CefNormalizer
from collectors.normalizers.network.firewall import FirewallNormalizer
from collectors.normalizers.network.packets import PacketsNormalizer
from collectors.normalizers.network.suricata import SuricataNormalizer
from collectors.normalizers.network.zeek import ZeekNormalizer

__all__ = ["CefNormalizer", "FirewallNormalizer", "PacketsNormalizer", "SuricataNormalizer", "ZeekNormalizer"]
