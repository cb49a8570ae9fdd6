"""Addresses that a tool must not reach unless it says so: of this machine, of its network, of what hosts it.

Owns the list, by IANA's registries of special addresses, and what IPv4 address another one carries. Refuses to ask
anybody: an address is looked at, never a name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

Address = IPv4Address | IPv6Address

# The first that holds an address names it: smaller networks stand before those that they are part of.
_IPV4: Final[Mapping[IPv4Network, str]] = {
    ipaddress.IPv4Network(network): name
    for network, name in {
        "0.0.0.0/32": "unspecified",
        "0.0.0.0/8": "of this network",
        "10.0.0.0/8": "private",
        "100.100.100.200/32": "metadata",
        "100.64.0.0/10": "shared by carriers",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "metadata",
        "169.254.169.254/32": "metadata",
        "169.254.0.0/16": "link-local",
        "172.16.0.0/12": "private",
        "192.0.0.192/32": "metadata",
        "192.0.0.0/24": "reserved",
        "192.0.2.0/24": "for documentation",
        "192.88.99.0/24": "reserved",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "for benchmarks",
        "198.51.100.0/24": "for documentation",
        "203.0.113.0/24": "for documentation",
        "224.0.0.0/4": "multicast",
        "255.255.255.255/32": "broadcast",
        "240.0.0.0/4": "reserved",
    }.items()
}
_IPV6: Final[Mapping[IPv6Network, str]] = {
    ipaddress.IPv6Network(network): name
    for network, name in {
        "::/128": "unspecified",
        "::1/128": "loopback",
        "::ffff:0:0/96": "IPv4-mapped",
        "::ffff:0:0:0/96": "IPv4-translated",
        "::/96": "IPv4-compatible",
        "64:ff9b::/96": "NAT64",
        "64:ff9b:1::/48": "NAT64",
        "100::/64": "discard-only",
        "2001::/32": "Teredo",
        "2001:2::/48": "for benchmarks",
        "2001::/23": "reserved",
        "2001:db8::/32": "for documentation",
        "2002::/16": "6to4",
        "3fff::/20": "for documentation",
        "fd00:ec2::254/128": "metadata",
        "fd20:ce::254/128": "metadata",
        "fc00::/7": "private",
        "fe80::/10": "link-local",
        "fec0::/10": "site-local",
        "ff00::/8": "multicast",
    }.items()
}
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_ISATAP: Final = frozenset({b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"})  # RFC 5214, before the IPv4 address


def why_not_public(address: Address) -> str | None:
    """In a word or two, what kind of address this is that is not of the public internet; None when it is.

    What carries an IPv4 address is none, whichever that is: it leads to where only its own network knows.
    """
    if isinstance(address, IPv4Address):
        return next((name for network, name in _IPV4.items() if address in network), None)
    if address.scope_id is not None:
        return "link-local"
    for network, name in _IPV6.items():
        if address in network:
            return name
    if address.packed[8:12] in _ISATAP:
        return "ISATAP"
    return None if address in _GLOBAL_UNICAST else "reserved"


def read_address(text: str) -> Address | None:
    """The address that a resolver's `text` is; None when it is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
