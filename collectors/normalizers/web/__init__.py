"""Logs of web servers."""

from collectors.normalizers.web.apache import ApacheNormalizer
from collectors.normalizers.web.nginx import NginxNormalizer

__all__ = ["ApacheNormalizer", "NginxNormalizer"]
