"""Access logs of the gateways through which data is shared."""

from collectors.normalizers.gateway.api_gateway import ApiGatewayNormalizer
from collectors.normalizers.gateway.proxy_gateway import ProxyGatewayNormalizer

__all__ = ["ApiGatewayNormalizer", "ProxyGatewayNormalizer"]
