"""The network: one connection pool, kept alive between the requests of a conversation.

Owns connections and the proxy that they go through. Refuses to repeat a request: whether it is sent again is the
turn's to decide.
"""

from __future__ import annotations

import socket
from typing import Final

import httpx

from workbench.errors import ConnectionFailed

# Longer than most tools run: with httpx's 5 s each of them would be followed by a new TLS handshake.
_KEEPALIVE: Final = httpx.Limits(max_connections=20, max_keepalive_connections=5, keepalive_expiry=60.0)
_PROBE_SECONDS: Final = 60


def live_transport(proxy: str | None = None) -> httpx.AsyncBaseTransport:
    """A transport over the network, through `proxy` (a URL) when one is given.

    The certificates are httpx's own, or those of SSL_CERT_FILE and SSL_CERT_DIR. Raises ConnectionFailed
    for a proxy or certificates that cannot be used.
    """
    try:
        return httpx.AsyncHTTPTransport(
            limits=_KEEPALIVE,
            proxy=None if proxy is None else httpx.Proxy(proxy),
            socket_options=tuple(_probes()),
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # The text would hold the proxy's URL, and with it a password.
        raise ConnectionFailed(
            "The proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) cannot be used: it must be an "
            "http:// or https:// URL, or socks5:// with the package socksio installed."
        ) from error
    except OSError as error:  # they were good when the program began
        raise ConnectionFailed(
            f"The certificates of the environment (SSL_CERT_FILE, SSL_CERT_DIR, SSLKEYLOGFILE) cannot be used: "
            f"{error.strerror or error}. Correct the variable and start again."
        ) from error


def _probes() -> list[tuple[int, int, int]]:
    """Socket options that keep a quiet connection known to the routers on its way, while a model thinks."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE"):  # Linux and Windows, macOS
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), _PROBE_SECONDS))
            break
    return options
