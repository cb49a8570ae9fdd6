"""Which servers a tool may reach: names are looked up once, and no address is gone to that was not looked at.

Owns `allow_private`, the looking up, and the words of a refusal. Refuses a name as soon as one of its addresses is
refused: which of them is connected to is nobody's to choose.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from workbench.errors import ToolError
from workbench.tools.runners.web.addresses import Address, read_address, why_not_public
from workbench.tools.runners.web.urls import Url

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name, for a port, in the order in which they are to be tried. Raises OSError."""

MOST_ADDRESSES: Final = 64  # of one name; no server has more
_LOOPBACK: Final = IPv4Address("127.0.0.1")


async def by_system(name: str, port: int) -> list[str]:
    """What the system's own resolver says, asked in a thread that nobody waits for once nobody wants to know."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def tell(found: list[str] | OSError) -> None:
        if answer.done():
            return
        if isinstance(found, list):
            answer.set_result(found)
        else:
            answer.set_exception(found)

    def ask() -> None:
        found: list[str] | OSError
        try:
            entries = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except OSError as error:
            found = error
        except UnicodeError:
            found = socket.gaierror(socket.EAI_NONAME, "no name")
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever asked
            loop.call_soon_threadsafe(tell, found)

    # The pool of the loop is waited for at the end of the program: a resolver that hangs must not hold that up.
    threading.Thread(target=ask, name=f"resolve {name}", daemon=True).start()
    return await answer


@dataclass(frozen=True, slots=True)
class Reach:
    """What a tool may reach besides the public internet: with `anywhere` all, else the host and port of `places`."""

    anywhere: bool = False
    places: frozenset[tuple[str, int]] = frozenset()

    def words(self) -> str:
        """In words, for approval; "" when there is nothing besides."""
        if self.anywhere:
            return "it may reach this machine and private networks"
        if not self.places:
            return ""
        listed = ", ".join(
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in sorted(self.places)
        )
        return f"it may reach {listed}, on private networks too"

    def allows(self, url: Url, address: Address) -> bool:
        """Whether it may connect to `address` for `url`: it is public, or was allowed by its name or by itself."""
        if self.anywhere or not self.places.isdisjoint({(url.host.name, url.port), (str(address), url.port)}):
            return True
        return why_not_public(address) is None

    def require(self, url: Url, addresses: Sequence[Address]) -> None:
        """Raises ToolError "address" unless it may connect to each of them."""
        for address in addresses:
            if not self.allows(url, address):
                raise ToolError("address", self._refusal(url, address))

    def _refusal(self, url: Url, address: Address) -> str:
        why = why_not_public(address)
        if url.host.address != address:
            where = f"{url.place} leads to {address}, which is"
        elif url.host.written:
            where = f"{url.host.written} is {url.place},"
        else:
            where = f"{url.place} is"
        return (
            f"{where} no public address ({why}): not connected to. If the tool is meant to reach it, write "
            f'`allow_private: ["{url.place}"]` beside its `url`'
        )


async def addresses_of(url: Url, reach: Reach, resolver: Resolver) -> list[Address]:
    """The addresses that may be connected to for `url`, looked up once. Raises ToolError: "address" or "http"."""
    if url.host.address is not None:
        reach.require(url, [url.host.address])
        return [url.host.address]
    if url.host.is_this_machine:  # whatever a resolver would say
        reach.require(url, [_LOOPBACK])
    try:
        found = await resolver(url.host.name, url.port)
    except OSError as error:
        raise ToolError("http", f"the name {url.host.name} cannot be resolved: {_reason(error)}") from None
    addresses = [read_address(each) for each in found[:MOST_ADDRESSES]]
    known = [each for each in addresses if each is not None]
    if not known or len(known) < len(addresses):
        raise ToolError("http", f"the name {url.host.name} has no address that can be connected to")
    reach.require(url, known)
    return known


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
