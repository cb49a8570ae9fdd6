"""Which servers are reached without a proxy: what `NO_PROXY` means, as curl and Go read it.

Owns the forms of its entries. Refuses to look a name up: an address in `NO_PROXY` is for hosts that are written as one.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS: Final = {"http": 80, "https": 443}
_ENTRIES: Final = re.compile(r"[,\s]+")
_PREFIX: Final = re.compile(r"[0-9]{1,3}")
# Of an entry: an address in brackets, or what has one colon at most; an IPv6 address without brackets has no port.
_WITH_PORT: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*):([0-9]{1,5})")


def is_direct(parts: SplitResult, exceptions: str) -> bool:
    """Whether the URL of these `parts` is one of the `exceptions`, the value of `NO_PROXY`.

    An entry is a name, which is of its subdomains too, with or without a dot or `*.` ahead; an address; a network such
    as `127.0.0.0/8` or `fd00::/8`; or `*`, all. Names and addresses may have a port. Commas or blanks are between.
    """
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or _PORTS.get(parts.scheme, 0)
    addresses = _addresses(host)
    return any(_matches(entry, host, addresses, port) for entry in _ENTRIES.split(exceptions.lower()) if entry)


def _matches(entry: str, host: str, addresses: tuple[_Address, ...], port: int) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return _are_within(addresses, entry)
    if found := _WITH_PORT.fullmatch(entry):
        entry = found[1]
        if int(found[2]) != port:
            return False
    if addresses:
        return addresses[-1:] == _addresses(entry)[-1:]
    name = entry.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _are_within(addresses: tuple[_Address, ...], network: str) -> bool:
    base, _, prefix = network.partition("/")
    if not (first := _addresses(base)) or not _PREFIX.fullmatch(prefix):
        return False
    try:
        wide = ipaddress.ip_network(f"{first[0]}/{prefix}", strict=False)
    except ValueError:  # more bits than there are
        return False
    return any(address in wide for address in addresses)


def _addresses(text: str) -> tuple[_Address, ...]:
    """The address that `text` is, without its zone, and the IPv4 one that it holds, if so; none for a name."""
    try:
        address = ipaddress.ip_address(text.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return ()
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (address,) if mapped is None else (address, mapped)
