"""Which addresses may be called: none inside, unless policy names their network (guards against SSRF)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from playbooks.errors import ActionError
from playbooks.policy import run_policy

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
_LONGEST_URL = 2048


def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system resolves it."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Says which addresses may be connected to.

    Attributes:
        networks: that may be called although they are not public.
        ports: that may be called.
        resolve: host and port to addresses.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = field(default_factory=lambda: run_policy().calls.networks)
    ports: frozenset[int] = field(default_factory=lambda: run_policy().calls.ports)
    resolve: Resolve = system_resolve

    def check_url(self, url: str) -> None:
        """Refuse what can't be called whatever the host resolves to.

        Raises:
            ActionError: no http(s) address, one with credentials in it, or a port that is not allowed.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        except ValueError as error:
            raise ActionError("the address is none; write https://host/path") from error
        if len(url) > _LONGEST_URL or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ActionError("the address must be http:// or https:// with a host, at most 2048 characters")
        if parts.username or parts.password:
            raise ActionError("the address holds credentials; keep them in authentication_info_definitions")
        if port not in self.ports:
            raise ActionError(f"port {port} may not be called; add it to policies/playbooks/runs.yml")

    def address_for(self, host: str, port: int) -> str:
        """The address to connect to: checked, and the very one that is then used, so no second answer counts.

        Raises:
            ActionError: the host is unknown, or any of its addresses may not be called.
        """
        try:
            addresses = self.resolve(host, port)
        except OSError as error:
            raise ActionError(f"{host}: can't be resolved; check the name") from error
        refused = next((each for each in addresses if not self.allows(ip_address(each.split("%")[0]))), None)
        if not addresses or refused:
            raise ActionError(
                f"{host}: {refused or 'no address'} may not be called; add its network to policies/playbooks/runs.yml"
            )
        return addresses[0]

    def allows(self, address: Address) -> bool:
        """Whether an address is public or in an allowed network."""
        plain = getattr(address, "ipv4_mapped", None) or address
        if any(plain.version == network.version and plain in network for network in self.networks):
            return True
        if any(plain.version == network.version and plain in network for network in run_policy().calls.refused):
            return False
        embedded = getattr(plain, "sixtofour", None) or (getattr(plain, "teredo", None) or (None, None))[1]
        return plain.is_global and not plain.is_multicast and (embedded is None or self.allows(embedded))
