"""Connections to addresses that were looked at before, and to no other.

Owns httpx, which it is asked for an address and never for a name: the name is in the header `Host`, and in TLS it is
what is asked for and what the certificate is checked against. A connection is used again by the same server's name at
the same address alone. Refuses the proxies of the environment unless a tool says `proxy: true`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import ConfigurationError, ToolError
from workbench.tools.runners.web.addresses import Address
from workbench.tools.runners.web.request import Prepared
from workbench.tools.runners.web.urls import Url

if TYPE_CHECKING:
    import ssl

    import httpx

_MOST_KEPT: Final = 8  # servers that a tool has connections to which nobody uses
_LONGEST_CONNECT: Final = 10.0  # seconds, where there is another address to try
_LOGGERS: Final = ("httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@dataclass(slots=True)
class _Kept:
    transport: httpx.AsyncHTTPTransport
    users: int = 0


class Connections:
    """Those of one tool. `proxied` says that it goes through the proxies that `environ` names."""

    def __init__(self, environ: Mapping[str, str], *, proxied: bool) -> None:
        self._environ = environ
        self._proxied = proxied
        self._kept: dict[tuple[object, ...], _Kept] = {}
        self._certificates: ssl.SSLContext | None = None
        self._preparing = asyncio.Lock()

    async def aclose(self) -> None:
        """Closes all of them; no request may be under way."""
        kept, self._kept = self._kept, {}
        for each in kept.values():
            await each.transport.aclose()

    def proxy_for(self, url: Url) -> str | None:
        """The proxy that a request goes through; None for none. Raises ToolError for one that there cannot be."""
        if not self._proxied:
            return None
        from workbench.cohere_client.endpoint import find_proxy

        try:
            return find_proxy(f"{url.scheme}://{url.authority}", self._environ)
        except ConfigurationError as error:
            raise ToolError("http", str(error)) from None

    @contextlib.asynccontextmanager
    async def response(
        self, request: Prepared, addresses: Sequence[Address], proxy: str | None
    ) -> AsyncIterator[httpx.Response]:
        """The response to `request`, its body unread, from the first of `addresses` that a connection is had to.

        With a `proxy` the name goes to that one, and there are no addresses. Raises what httpx raises.
        """
        token = _quiet.set(True)
        try:
            async with self._sent(request, addresses, proxy) as response:
                yield response
        finally:
            _quiet.reset(token)

    @contextlib.asynccontextmanager
    async def _sent(
        self, request: Prepared, addresses: Sequence[Address], proxy: str | None
    ) -> AsyncIterator[httpx.Response]:
        import httpx

        targets: Sequence[Address | None] = [None] if proxy is not None else addresses
        for number, address in enumerate(targets):
            is_last = number == len(targets) - 1
            async with self._transport(request.url, address, proxy) as transport:
                try:
                    sent = _as_sent(request, address, None if is_last else _LONGEST_CONNECT)
                    response = await transport.handle_async_request(sent)
                except (httpx.ConnectError, httpx.ConnectTimeout):  # nothing was sent
                    if is_last:
                        raise
                    continue
                try:
                    yield response
                finally:
                    await response.aclose()
                return

    @contextlib.asynccontextmanager
    async def _transport(
        self, url: Url, address: Address | None, proxy: str | None
    ) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        key = (*url.origin, address, proxy)
        kept = self._kept.pop(key, None) or _Kept(self._made(proxy))
        self._kept[key] = kept  # behind those that were used before
        kept.users += 1
        try:
            yield kept.transport
        finally:
            kept.users -= 1
            await self._forget()

    async def _forget(self) -> None:
        """Closes those that were used longest ago, when there are many."""
        idle = [key for key, each in self._kept.items() if not each.users]
        for key in idle[: max(0, len(self._kept) - _MOST_KEPT)]:
            await self._kept.pop(key).transport.aclose()

    def _made(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        import httpx

        limits = httpx.Limits(max_connections=None, max_keepalive_connections=10, keepalive_expiry=30.0)
        try:
            return httpx.AsyncHTTPTransport(
                verify=self._certificates or _no_certificates(),
                trust_env=False,
                limits=limits,
                proxy=None if proxy is None else httpx.Proxy(proxy),
            )
        except (ImportError, ValueError, httpx.InvalidURL):  # its text would hold the URL, and with it a password
            raise ToolError("http", "the proxy that the environment names cannot be used") from None

    async def ready(self, url: Url) -> None:
        """Has a thread import and read what takes long, once; before a response of `url` is asked for.

        Raises ToolError.
        """
        if "httpx" in sys.modules and (url.scheme == "http" or self._certificates is not None):
            return
        async with self._preparing:
            try:
                await asyncio.to_thread(import_module, "httpx")
                if url.scheme == "https" and self._certificates is None:
                    self._certificates = await asyncio.to_thread(_certificates)
            except OSError as error:
                why = error.strerror or type(error).__name__
                raise ToolError(
                    "http", f"the certificates (SSL_CERT_FILE, SSL_CERT_DIR) cannot be used: {why}"
                ) from None


def _certificates() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def _no_certificates() -> ssl.SSLContext:
    """For connections without TLS; one with TLS would trust nobody."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _as_sent(request: Prepared, address: Address | None, connect: float | None) -> httpx.Request:
    """The request to an address, whose name is in its header and in TLS; without an address, to the name."""
    import httpx

    url = request.url
    extensions: dict[str, Any] = {"timeout": {"connect": connect, "read": None, "write": None, "pool": None}}
    if address is not None and url.host.address is None:
        extensions["sni_hostname"] = url.host.name
    host = url.host.name if address is None else str(address)
    return httpx.Request(
        request.method,
        httpx.URL(scheme=url.scheme, host=host, port=url.port, raw_path=url.target.encode("ascii")),
        headers=request.all_headers(),
        content=request.content,
        extensions=extensions,
    )


class Quiet(logging.Filter):
    """Keeps what is sent and received for tools out of logs, where headers would stand with what is secret in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is of anything but a tool's request."""
        return not _quiet.get()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No log has a tool's requests for as long as this is open."""
    of_tools = Quiet()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(of_tools)
    try:
        yield
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(of_tools)
