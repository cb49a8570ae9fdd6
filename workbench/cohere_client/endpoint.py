"""Where requests go: the base URL and the proxy on the way to it.

Owns the checks of a base URL, whose host it is, and the proxy variables of the environment, as pure functions. Refuses
URLs that the SDK would silently turn into wrong paths, URLs that carry credentials, and a key on a line that is not
encrypted, unless that ends on this machine.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final
from urllib.parse import SplitResult, urlsplit

from workbench.cohere_client.direct import is_direct
from workbench.errors import ConfigurationError, Problem

COHERE_URL: Final = "https://api.cohere.com"
URL_VARIABLE: Final = "CO_API_URL"
_COHERE_HOSTS: Final = ("api.cohere.com", "api.cohere.ai")
_PROXY_SCHEMES: Final = ("http", "https", "socks5", "socks5h")
# Longest first: the hint shows what is left when the ending is cut off.
_HOST: Final = re.compile(r"[^\s/?#@%\\\[\]<>^`{|}\"]+")  # or an address in brackets, which urlsplit takes away
_API_PATHS: Final = ("/v2/chat", "/v1/chat", "/v2", "/v1")


def find_base_url(given: str | None, environ: Mapping[str, str]) -> str | None:
    """The base URL that was `given`, else that of `CO_API_URL`; None when neither is set.

    Raises ConfigurationError for one that cannot be used.
    """
    if given is not None:
        return checked_base_url(given, "--base-url")
    value = environ.get(URL_VARIABLE, "").strip()
    return checked_base_url(value, URL_VARIABLE) if value else None


def checked_base_url(url: str, source: str) -> str:
    """`url` without slashes at its end. `source` is the flag or variable it came from, for the error's text.

    Raises ConfigurationError.
    """
    url = url.strip()
    parts = _split(url, source)
    if parts.username is not None or parts.password is not None:
        raise _refusal(source, "the base URL holds a user name or password", "give the key by CO_API_KEY")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = f"for example {COHERE_URL} or http://localhost:8000/cohere"
        raise _refusal(source, f"{url!r} is no http:// or https:// URL with a host", hint)
    if parts.query or parts.fragment:
        raise _refusal(source, f"{url!r} has a query or a fragment", "give only scheme, host, port and path")
    bare = url.rstrip("/")
    for ending in _API_PATHS:
        if bare.endswith(ending):
            message = f"{url!r} ends in {ending}, but /v2/chat is added to the base URL"
            raise _refusal(source, message, f"use {bare.removesuffix(ending)}")
    return bare


def host_of(base_url: str) -> str:
    """`host` or `host:port` of a checked base URL."""
    return urlsplit(base_url).netloc


def is_cohere(url: str) -> bool:
    """Whether a checked base URL leads to Cohere's own API: encrypted, to its name as it is written, at its port."""
    parts = urlsplit(url)
    host, _, port = parts.netloc.lower().partition(":")
    return parts.scheme == "https" and host.removesuffix(".") in _COHERE_HOSTS and port in ("", "443")


def same_server(one: str, other: str) -> bool:
    """Whether two checked base URLs are of one server: scheme, host and port."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc.lower()) == (second.scheme, second.netloc.lower())


def refuse_in_clear(url: str, source: str, proxy: str | None = None) -> None:
    """Raise ConfigurationError when a key sent to `url`, by way of `proxy`, could be read on its way.

    `source` is where the URL came from.
    """
    if urlsplit(url).scheme == "https":
        return
    if not _is_this_machine(url):
        message = f"{host_of(url)} would get the API key over plain http, which anybody on the way can read"
        hint = (
            "use https://, or a tunnel to it (ssh -L) and http://localhost, or no key: unset its variable "
            "(CO_API_KEY, COHERE_API_KEY) for a server that needs none"
        )
        raise _refusal(source, message, hint)
    if proxy is not None and urlsplit(proxy).scheme in _PROXY_SCHEMES and not _is_this_machine(proxy):
        message = f"the proxy {without_credentials(proxy)} would get the API key over plain http"
        raise _refusal(source, message, f"reach {host_of(url)} directly: add it to NO_PROXY")


def _is_this_machine(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ("%" not in host and ipaddress.ip_address(host).is_loopback)
    except ValueError:  # a name that is no address
        return False


def without_credentials(url: str | None) -> str:
    """Scheme, host and port of a proxy's URL, for texts; "" for None."""
    return "" if url is None else re.sub(r"//[^/]*@", "//", url)


def find_proxy(base_url: str, environ: Mapping[str, str]) -> str | None:
    """The URL of the proxy for `base_url`: of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, lower case first.

    None for no proxy, as for what NO_PROXY holds (`direct.is_direct`). Raises ConfigurationError for a URL that no
    proxy can have, without showing it: it may hold a password.
    """
    parts = urlsplit(base_url)
    if is_direct(parts, _value(environ, "no_proxy")[1]):
        return None
    variable, proxy = _value(environ, f"{parts.scheme}_proxy")
    if not proxy:
        variable, proxy = _value(environ, "all_proxy")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if fault := _proxy_fault(proxy):
        raise _refusal(variable, f"the proxy cannot be used: {fault}", "such as http://proxy.example:3128, or unset it")
    return proxy


def _proxy_fault(url: str) -> str:
    """What is wrong with the URL of a proxy, without a word of it; "" when it can be used."""
    if not url.isprintable() or " " in url:
        return "its URL holds a space or a character that cannot be shown"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        host.encode("ascii" if host.isascii() else "idna")
    except ValueError:
        return "its URL has no host, or no port, that there can be"
    if parts.scheme not in _PROXY_SCHEMES:
        return f"its URL begins with none of {', '.join(f'{each}://' for each in _PROXY_SCHEMES)}"
    if not _HOST.fullmatch(host):
        return "its URL has no host, or one that there cannot be"
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        return f"{parts.scheme}:// needs the package socksio, which is not installed"
    return ""


def _value(environ: Mapping[str, str], name: str) -> tuple[str, str]:
    """The variable of this name that is set, lower case first, and its value; "" for none."""
    for each in (name, name.upper()):
        if value := environ.get(each, "").strip():
            return each, value
    return name.upper(), ""


def _split(url: str, source: str) -> SplitResult:
    if not url.isprintable() or " " in url:
        raise _refusal(source, "the base URL holds a space or a control character", "set it again")
    try:
        parts = urlsplit(url)
        _ = parts.port  # out of range or no number: raises here, and not at the first request
    except ValueError as error:
        raise _refusal(source, f"the base URL cannot be read: {error}", f"for example {COHERE_URL}") from None
    return parts


def _refusal(place: str, message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Problem(place, 0, 0, message, hint)])
