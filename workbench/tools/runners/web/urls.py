"""URLs of HTTP tools, read strictly: what two readers could take apart in two ways is no URL here.

Owns scheme, host, port and what is asked of the server. Refuses users and passwords in a URL, backslashes, control
characters and every scheme but http and https.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin

from workbench.errors import quoted
from workbench.tools.runners.web.hosts import Host, HostError, read_host

LONGEST: Final = 16_000  # characters
_PORTS: Final = {"http": 80, "https": 443}
_PARTS: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<target>[^#]*)(?:#.*)?")
_AUTHORITY: Final = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{0,5}))?")
_NEVER: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_NEVER_IN_AUTHORITY: Final = re.compile(r"[\s%<>^`{|}\"]")
_TO_QUOTE: Final = re.compile(r"[^\x21-\x7e]|[\"<>^`{|}]")


class UrlError(ValueError):
    """No URL that a tool could go to; the text says why."""


@dataclass(frozen=True, slots=True)
class Url:
    """`target` is the path with its query, in ASCII; `port` is the scheme's own when none was written."""

    scheme: str
    host: Host
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port, as the header `Host` has them: without the port that goes without saying."""
        return self.host.in_url if self.port == _PORTS[self.scheme] else self.place

    @property
    def place(self) -> str:
        """Host and port, both in any case."""
        return f"{self.host.in_url}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What two URLs of one server have in common."""
        return self.scheme, self.host.name, self.port

    @property
    def dots(self) -> int:
        """How many parts of the path are `.` or `..`, which lead elsewhere than they stand."""
        return sum(each in (".", "..") for each in self.target.partition("?")[0].split("/"))

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def read_url(text: str) -> Url:
    """The URL that `text` is. Raises UrlError."""
    text = text.strip(" ")
    if len(text) > LONGEST:
        raise UrlError(f"it is longer than {LONGEST:,} characters")
    if _NEVER.search(text):
        raise UrlError("there is a backslash or a control character in it")
    match = _PARTS.fullmatch(text)
    if match is None:
        raise UrlError("it does not begin with http:// or https://")
    scheme = match["scheme"].lower()
    if scheme not in _PORTS:
        raise UrlError(f"it begins with {quoted(scheme + '://')}, not with http:// or https://")
    host, port = _authority(match["authority"], scheme)
    target = _TO_QUOTE.sub(lambda found: quote(found[0], safe=""), match["target"])
    return Url(scheme, host, port, target if target.startswith("/") else f"/{target}")


def joined(base: Url, location: str) -> Url:
    """Where the `location` of a redirect leads from `base`. Raises UrlError."""
    location = location.strip(" \t")
    if _NEVER.search(location):  # before anything takes such characters out
        raise UrlError("there is a backslash or a control character in it")
    try:
        return read_url(urljoin(str(base), location))
    except UrlError:
        raise
    except ValueError:
        raise UrlError("it cannot be read") from None


def read_place(text: str) -> tuple[str, int]:
    """Host, in its one spelling, and port of `host:port`. Raises UrlError."""
    match = _AUTHORITY.fullmatch(text)
    if match is None or not match["port"]:
        raise UrlError("it is not `host:port`")
    host, port = _authority(text, "http")
    return host.name, port


def _authority(text: str, scheme: str) -> tuple[Host, int]:
    if "@" in text:
        raise UrlError("there is a user or a password in it")
    match = _AUTHORITY.fullmatch(text)
    if match is None or (_NEVER_IN_AUTHORITY.search(match["host"]) and not match["host"].startswith("[")):
        raise UrlError("its host and port cannot be read")
    try:
        host = read_host(match["host"])
    except HostError as error:
        raise UrlError(f"its host {quoted(match['host'])} cannot be used: {error}") from None
    port = int(match["port"]) if match["port"] else _PORTS[scheme]
    if not 0 < port < 65_536:
        raise UrlError(f"there is no port {port}")
    return host, port
