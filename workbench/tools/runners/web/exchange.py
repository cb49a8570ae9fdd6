"""One call's requests and answers: the first, and those that redirects lead to.

Owns following redirects, each looked at as if it were the first, and what an answer means for the model. Refuses more
than MOST_REDIRECTS, and to let through what httpx raises: a failure has words.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import ToolError, causes_of
from workbench.tools.runners.web.account import Account
from workbench.tools.runners.web.addresses import Address
from workbench.tools.runners.web.bodies import Body, meaning_of, read_body, text_of, without_secrets
from workbench.tools.runners.web.connections import Connections
from workbench.tools.runners.web.reach import Reach, Resolver, addresses_of
from workbench.tools.runners.web.request import Prepared
from workbench.tools.runners.web.urls import UrlError, joined

if TYPE_CHECKING:
    import httpx

MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TELLING: Final = (
    "content-type", "content-length", "content-encoding", "location", "retry-after", "www-authenticate", "server",
    "date", "etag", "last-modified", "cache-control", "link", "deprecation", "sunset",
)  # fmt: skip
_TELLING_PARTS: Final = ("request-id", "trace-id", "correlation-id", "ratelimit")
_MOST_TOLD: Final = 30  # headers
_BEGINNING: Final = 500  # characters of the body of an error
_IN_THREAD: Final = 50_000  # bytes of a body from which on reading it is for a thread


@dataclass(frozen=True, slots=True)
class _Way:
    addresses: Sequence[Address]
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What every call of a tool is carried out with."""

    reach: Reach
    resolver: Resolver
    connections: Connections

    async def value(self, request: Prepared, account: Account) -> Any:
        """What the model gets for a request: JSON, or text. Raises ToolError; `account` is told what happens."""
        by = ""
        for _ in range(MOST_REDIRECTS + 1):
            way = await self._way(request, account, by)
            status, location, value = await self._once(request, way, account)
            if location is None:
                return value
            by = f"{request.shown} redirected here: "
            request = _redirected(request, status, location, account)
        raise ToolError("http", f"{request.shown} is redirected more than {MOST_REDIRECTS} times")

    async def _once(self, request: Prepared, way: _Way, account: Account) -> tuple[int, str | None, Any]:
        """The status, where it redirects to, and what the answer means when it does not."""
        await self.connections.ready(request.url)
        import httpx

        account.note(f"{request.method} {request.shown}")
        try:
            async with self.connections.response(request, way.addresses, way.proxy) as response:
                _tell_head(response, account)
                status, location = response.status_code, _location(response)
                if location is not None:
                    return status, location, None
                return status, None, await _value(request, response, account)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            raise ToolError("http", _words(error, request)) from None

    async def _way(self, request: Prepared, account: Account, by: str) -> _Way:
        """The addresses to connect to, or the proxy. Raises ToolError, behind who led there in `by`."""
        try:
            return await self._allowed_way(request, account)
        except ToolError as error:
            raise ToolError(error.kind, f"{by}{error}") from None

    async def _allowed_way(self, request: Prepared, account: Account) -> _Way:
        url = request.url
        proxy = self.connections.proxy_for(url)
        if proxy is not None:
            # The name is the proxy's to look up; what is no name can be looked at here.
            if url.host.address is not None or url.host.is_this_machine:
                await addresses_of(url, self.reach, self.resolver)
            account.does(f"asking the proxy for {url.place}")
            return _Way((), proxy)
        if url.host.address is None:
            account.does(f"looking up {url.host.name}")
        addresses = await addresses_of(url, self.reach, self.resolver)
        account.does(f"waiting for {url.place}")
        return _Way(addresses)


def _redirected(request: Prepared, status: int, location: str, account: Account) -> Prepared:
    try:
        target = joined(request.url, location)
    except UrlError as error:
        raise ToolError(
            "address", f"{request.shown} redirected to {location}, which is not followed: {error}"
        ) from None
    account.does(f"redirected to {target.place}")
    return request.redirected(status, target)


async def _value(request: Prepared, response: httpx.Response, account: Account) -> Any:
    status, reason = response.status_code, _reason(response)
    encoding, length = response.headers.get("content-encoding", ""), _length(response)
    body = Body(b"")
    if request.method != "HEAD":
        body = await read_body(response.aiter_raw(), encoding, lambda done: account.received(done, length))
    content_type = response.headers.get("content-type", "")
    if status >= 400 or status in _REDIRECTS or status < 200:
        raise ToolError("http", _refused(request, f"HTTP {status} {reason}".strip(), body, content_type, account))
    if body.fault:
        raise ToolError("http", f"{request.shown} answered, but {body.fault}")
    if request.method == "HEAD":
        return {"status": status, "headers": {name: account.shown(value) for name, value in _headers(response).items()}}
    if not body.data:
        return account.redactor.text(f"HTTP {status} {reason}".strip() + ", without a body")
    plain_length = length if encoding in ("", "identity") else None
    given = (body, content_type, plain_length, account.redactor)
    meaning = await asyncio.to_thread(meaning_of, *given) if len(body.data) > _IN_THREAD else meaning_of(*given)
    if meaning.note:
        account.note(meaning.note)
    return meaning.value


def _refused(request: Prepared, line: str, body: Body, content_type: str, account: Account) -> str:
    """What a failed request is told by: its status, and how its body begins."""
    text = without_secrets(text_of(body.data[: 20 * _BEGINNING], content_type), account.redactor)
    said = " ".join(text.replace("\0", " ").split())
    said = f"{said[:_BEGINNING]}…" if len(said) > _BEGINNING else said
    return f"{line} from {request.method} {request.shown}" + (f": {said}" if said else "")


def _tell_head(response: httpx.Response, account: Account) -> None:
    """The line of the status and the headers that tell something."""
    version = _text(response.extensions.get("http_version", b"HTTP/1.1"))
    account.note(f"{version} {response.status_code} {_reason(response)}".rstrip())
    told = [
        f"{name}: {value}"
        for name, value in _headers(response).items()
        if name in _TELLING or any(part in name for part in _TELLING_PARTS)
    ]
    for line in told[:_MOST_TOLD]:
        account.note(line)


def _headers(response: httpx.Response) -> dict[str, str]:
    """Each header once."""
    found: dict[str, str] = {}
    for name, value in response.headers.raw:
        key = _text(name).lower()
        found[key] = f"{found[key]}, {_text(value)}" if key in found else _text(value)
    return found


def _location(response: httpx.Response) -> str | None:
    """Where a redirect leads; None when it is none. Raises ToolError where it says two things."""
    if response.status_code not in _REDIRECTS:
        return None
    said = {_text(value) for name, value in response.headers.raw if name.lower() == b"location"}
    if len(said) > 1:
        raise ToolError("http", "the server redirected to several places at once: not followed")
    return next(iter(said), None)


def _length(response: httpx.Response) -> int | None:
    said = response.headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else None


def _reason(response: httpx.Response) -> str:
    return _text(response.extensions.get("reason_phrase", b""))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _words(error: Exception, request: Prepared) -> str:
    """What went wrong with a connection, for people; httpx's own texts are empty now and then."""
    place, causes = request.url.place, list(causes_of(error))
    said = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), None)
    said = said or str(error) or type(error).__name__
    kind = type(error).__name__
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        verified = next(cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
        return f"the certificate of {place} cannot be verified: {verified.verify_message or said}"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"no secure connection to {place}: {said}; is it an http:// server?"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"{place} refused the connection"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"the name of the proxy for {place} cannot be resolved"
    if kind == "ProxyError":
        return f"the proxy did not let the request to {place} through: {said}"
    if kind in ("ConnectError", "ConnectTimeout"):
        return f"no connection to {place}: {said}"
    if kind in ("LocalProtocolError", "UnsupportedProtocol", "InvalidURL"):
        return f"the request cannot be sent: {said}"
    if kind == "RemoteProtocolError":
        return f"{place} sent what is no whole HTTP answer: {said}"
    return f"the connection to {place} broke: {said}"
