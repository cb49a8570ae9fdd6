"""Hosts of URLs: one spelling for each, and the address where it is one.

Owns every way to write an IPv4 address that C libraries and browsers take (`127.1`, `0x7f000001`, `017700000001`, full
width digits), so that no spelling is looked up that means another thing elsewhere. Refuses what no name can be.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from workbench.tools.runners.web.addresses import Address

_LONGEST: Final = 253  # characters of a name in DNS
_LONGEST_LABEL: Final = 63
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
_DOTS: Final = re.compile("[\u3002\uff0e\uff61]")  # dots of other scripts, as IDNA has them
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")
# Two standards of names make different names of these, and of no other characters.
_DEVIATING: Final = frozenset("ßς\u200c\u200d")


class HostError(ValueError):
    """No host; the text says why."""


@dataclass(frozen=True, slots=True)
class Host:
    """`name` in the one spelling that is used: lower case, ASCII, without the last dot. `address` when it is one.

    `written` is how it was spelled, where that is another way.
    """

    name: str
    address: Address | None = None
    written: str = field(default="", compare=False)

    @property
    def in_url(self) -> str:
        """As it stands in a URL and in the header `Host`: an IPv6 address in brackets."""
        return f"[{self.name}]" if isinstance(self.address, IPv6Address) else self.name

    @property
    def is_this_machine(self) -> bool:
        """Whether it is a name that means this machine, whatever a resolver says (RFC 6761)."""
        return self.name == "localhost" or self.name.endswith(".localhost")


def read_host(text: str) -> Host:
    """The host that `text` of a URL's authority is, without its port. Raises HostError."""
    if text.startswith("["):
        return _ipv6(text)
    if not text:
        raise HostError("there is no host")
    name = _ascii(text)
    if name.endswith("."):
        name = name[:-1]
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        address = _ipv4(labels)
        return Host(str(address), address, text if text != str(address) else "")
    if len(name) > _LONGEST or any(len(each) > _LONGEST_LABEL or not _LABEL.fullmatch(each) for each in labels):
        raise HostError("no host has such a name")
    return Host(name)


def _ipv6(text: str) -> Host:
    inner = text[1:-1]
    if not text.endswith("]") or not inner.isascii():
        raise HostError("what is in brackets is no IPv6 address")
    if "%" in inner:
        raise HostError("an address with a zone is of one network only, and is not taken here")
    try:
        address = IPv6Address(inner)
    except AddressValueError:
        raise HostError("what is in brackets is no IPv6 address") from None
    return Host(str(address), address, text if inner != str(address) else "")


def _ascii(text: str) -> str:
    """The name in ASCII and lower case, as it is looked up."""
    if len(text) > _LONGEST + 1:
        raise HostError("no host has a name of that length")
    if text.isascii():
        return text.lower()
    if _DEVIATING & set(text.lower()):
        raise HostError("there are two ways to read this name: write the one that begins with xn--")
    flat = _DOTS.sub(".", unicodedata.normalize("NFKC", text))
    try:
        return flat.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise HostError("no host has such a name") from None


def _ipv4(labels: list[str]) -> IPv4Address:
    """The address of one to four numbers, the last of which fills what is left, as inet_aton(3) has it."""
    if len(labels) > 4:
        raise HostError("it ends in a number, and is no address")
    values = [_number(each) for each in labels]
    *first, last = values
    if any(each > 255 for each in first) or last >= 256 ** (4 - len(first)):
        raise HostError("a number in it is too large for an address")
    return IPv4Address(sum(each << (24 - 8 * at) for at, each in enumerate(first)) + last)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise HostError("it ends in a number, and is no address")
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    if len(text) > 1 and text.startswith("0"):
        try:
            return int(text, 8)
        except ValueError:
            raise HostError("a number in it begins with 0 and is not octal") from None
    return int(text)
