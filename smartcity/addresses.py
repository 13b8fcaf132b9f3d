"""Whose request it is: the network address, through trusted proxies only."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from smartcity.settings import SettingError

Address = IPv4Address | IPv6Address


class Proxies:
    """The proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or networks."""

    def __init__(self, text: str) -> None:
        try:
            self._networks = [ip_network(part.strip()) for part in text.split(",") if part.strip()]
        except ValueError as error:
            raise SettingError(
                f"SMARTCITY_TRUSTED_PROXIES: {error}. Expected are addresses or networks, divided by commas."
            ) from None

    def address_of(self, scope: Scope) -> str:
        """The address to count for limits: the last one that no trusted proxy vouches for; IPv6 by its /64."""
        address = _peer(scope)
        if address is None:
            return "unknown"
        hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
        while self._trusts(address) and hops:
            before = _parsed(hops.pop())
            if before is None:
                break
            address = before
        if isinstance(address, IPv6Address):
            return str(ip_network((address, 64), strict=False))
        return str(address)

    def scheme_of(self, scope: Scope) -> str:
        """'https' or 'http', as the browser sees it."""
        peer = _peer(scope)
        if peer is not None and self._trusts(peer):
            forwarded = Headers(scope=scope).get("x-forwarded-proto", "").strip().lower()
            if forwarded in ("http", "https"):
                return forwarded
        return str(scope.get("scheme", "http"))

    def request_id_of(self, scope: Scope) -> str | None:
        """The id that a trusted proxy gave the request."""
        peer = _peer(scope)
        return Headers(scope=scope).get("x-request-id") if peer is not None and self._trusts(peer) else None

    def _trusts(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._networks)


def _peer(scope: Scope) -> Address | None:
    client = scope.get("client")
    return _parsed(client[0]) if client else None


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
