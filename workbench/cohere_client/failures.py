"""Failures of a request or its stream, as `errors.ChatError`.

Owns the translation of what the SDK, httpx and the system raise. Refuses to let any of it through: each
failure becomes one clear text, without the key.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import Literal

import httpx
from cohere.core.api_error import ApiError
from cohere.core.parse_error import ParsingError

from workbench.cohere_client.server_errors import ErrorTexts, failure_in, shortened
from workbench.errors import ChatError, ConnectionFailed, NotAStream, StreamTimeout, causes_of

Phase = Literal["request", "stream"]


@dataclass(frozen=True, slots=True)
class Failures:
    """Translates for one client. Timeouts are in seconds; `proxy` is without credentials, "" for none."""

    texts: ErrorTexts
    idle_timeout: float
    connect_timeout: float
    proxy: str = ""

    def translate(
        self, error: Exception, phase: Phase, *, response: httpx.Response | None = None, model: str = ""
    ) -> ChatError:
        """The ChatError for `error`. `response` is what had arrived of one; `model` is the request's."""
        if isinstance(error, ApiError | ParsingError):
            # Header names are lower case: httpx made this dict.
            return self.texts.error(error.status_code, error.headers or {}, error.body, model=model)
        if isinstance(error, httpx.TimeoutException):
            return self._timeout(error)
        if isinstance(error, httpx.HTTPError | OSError):
            return ConnectionFailed(self._connection(error, phase), transient=_passes(error))
        if phase == "request" and response is not None and not response.is_success:
            # The SDK could not read the error body as JSON: bytes that are no UTF-8, or too deep a nesting.
            return self.texts.error(response.status_code, response.headers, response.text, model=model)
        what = "send the request" if phase == "request" else "read the stream"
        return ChatError(f"Could not {what}: {self._described(error)}")

    def not_a_stream(self, response: httpx.Response, start: str) -> NotAStream:
        """The error for status 200 with another content type; `start` is how the body begins, without a key."""
        if said := failure_in(start):
            # Read from JSON, a key may stand there that was spelled with escapes until now.
            said = shortened(self.texts.redactor.text(said)).rstrip(".")
            message = f"{self._server} answered with HTTP {response.status_code}: {said}. "
            message += "The server failed, or refused the request, and says that all is well; look at its log."
            return NotAStream(message, status=response.status_code, body=start)
        kind = self.texts.redactor.text(response.headers.get("content-type") or "no content type")
        said = shortened(start) or "(empty)"
        advice = "Check the base URL: something else than the v2 chat API seems to answer there."
        message = f"{self._server} answered with {shortened(kind)}, not an event stream: {said} {advice}"
        return NotAStream(message, status=response.status_code, body=start)

    def _timeout(self, error: httpx.TimeoutException) -> ChatError:
        # The texts of httpx's timeouts are empty.
        if isinstance(error, httpx.ConnectTimeout):
            return ConnectionFailed(
                f"Could not connect to {self._server} within {self.connect_timeout:g} s. "
                f"Check the network{self._proxy_hint} and the base URL, or allow more with --connect-timeout.",
                transient=True,
            )
        if isinstance(error, httpx.PoolTimeout):
            return ConnectionFailed("Too many requests are open at once. Wait for some to end.")
        verb = "took" if isinstance(error, httpx.WriteTimeout) else "sent"
        return StreamTimeout(
            f"{self._server} {verb} nothing for {self.idle_timeout:g} s. Try again, or allow more with --timeout."
        )

    def _connection(self, error: Exception, phase: Phase) -> str:
        if isinstance(error, httpx.ProxyError):
            return f"The proxy {self.proxy} did not let the request through: {self._described(error)}"
        if isinstance(error, httpx.ConnectError):
            return self._connect(error)
        if isinstance(error, httpx.DecodingError):
            return f"{self._server} sent a body that is not in its own content-encoding: {self._described(error)}"
        if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
            return f"The request cannot be sent: {self._described(error)}"
        when = "in the middle of the answer" if phase == "stream" else "before it answered"
        return f"The connection to {self._server} broke {when}: {self._described(error)}. Try again."

    def _connect(self, error: httpx.ConnectError) -> str:
        causes = tuple(causes_of(error))
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return (
                f"The name of {self._target} cannot be resolved. "
                f"Check the base URL, the network{self._proxy_hint} and DNS."
            )
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return (
                f"The certificate of {self._target} cannot be verified: {self._described(error)}. "
                "For a company's own authority, set SSL_CERT_FILE to its certificates."
            )
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return f"No secure connection to {self._target}: {self._described(error)}. Is it an http:// server?"
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return f"{self._target} refused the connection. Is the server running, and is the port right?"
        return f"Could not connect to {self._target}: {self._described(error)}. Check the network{self._proxy_hint}."

    def _described(self, error: BaseException) -> str:
        """The error's text without the key, or what the system said beneath it, or its type."""
        system = (cause.strerror for cause in causes_of(error) if isinstance(cause, OSError) and cause.strerror)
        said = shortened(self.texts.redactor.text(str(error))).rstrip(".")
        return said or self.texts.redactor.text(next(system, type(error).__name__))

    @property
    def _server(self) -> str:
        return self.texts.name

    @property
    def _target(self) -> str:
        return f"{self._server} (by the proxy {self.proxy})" if self.proxy else self._server

    @property
    def _proxy_hint(self) -> str:
        return f", the proxy {self.proxy}" if self.proxy else ""


def _passes(error: BaseException) -> bool:
    """Whether a connection that failed so may well succeed a moment later."""
    if isinstance(error, httpx.ProxyError | httpx.DecodingError | httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return False
    return not any(_is_lasting(cause) for cause in causes_of(error))


def _is_lasting(cause: BaseException) -> bool:
    """A name that does not exist, unlike one that could not be looked up, or TLS that does not match."""
    unknown_name = isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN
    return unknown_name or isinstance(cause, ssl.SSLError)
