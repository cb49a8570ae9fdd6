"""The request of an HTTP tool: as its file has it, and as one call sends it.

Owns what an argument may become: a piece of a path or a query, quoted, a value of JSON or of a form, or text of one
header. Refuses an argument that would change where the request goes, or begin a header of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import quote, quote_plus, urlencode

from workbench import __version__
from workbench.errors import ToolError, quoted
from workbench.surrogates import sendable
from workbench.tools.runners.web.texts import LEFT_OUT, Missing, Text, filled_data, texts_in
from workbench.tools.runners.web.urls import LONGEST, Url, UrlError, read_url
from workbench.tools.templates import spelled

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BODIES: Final = ("json", "form", "body")
MOST_SENT: Final = 10_000_000  # bytes of a body: arguments are smaller, and may stand in it many times
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TYPES: Final = {"json": "application/json", "form": "application/x-www-form-urlencoded", "body": "text/plain"}
_OWN_HEADERS: Final = {
    "User-Agent": f"workbench/{__version__}",
    "Accept": "application/json, text/*;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}

Body = Literal["json", "form", "body"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that can be sent. `headers` are those of the tool, `shown` is its URL for people, without variables.

    `own_headers` are those that go to whatever server a redirect leads to.
    """

    method: str
    url: Url
    headers: Mapping[str, str]
    content: bytes
    shown: str
    own_headers: Mapping[str, str] = field(default_factory=lambda: _OWN_HEADERS)

    def all_headers(self) -> list[tuple[bytes, bytes]]:
        """As they are sent, `Host` among them; the tool's own stand in the place of ours."""
        given = {name.lower() for name in self.headers}
        own = [(name, value) for name, value in self.own_headers.items() if name.lower() not in given]
        named = [("Host", self.url.authority), *own, *self.headers.items()]
        if self.content or self.method in ("POST", "PUT", "PATCH"):
            named.append(("Content-Length", str(len(self.content))))
        return [(name.encode("ascii"), value.encode("utf-8", "replace")) for name, value in named]

    def redirected(self, status: int, url: Url) -> Prepared:
        """The request that a redirect with this status to `url` asks for. Raises ToolError.

        What a tool sends is for the server that it names: of another one no header and no body is for.
        """
        shown = str(url)
        asks_to_get = (status == 303 and self.method != "HEAD") or (status in (301, 302) and self.method == "POST")
        if self.url.scheme == "https" and url.scheme != "https":
            raise ToolError("http", f"{self.shown} redirected to {shown}, which is not encrypted: not followed")
        if url.origin == self.url.origin:
            if not asks_to_get:
                return replace(self, url=url, shown=shown)
            kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("content-")}
            return replace(self, method="GET", url=url, headers=kept, content=b"", shown=shown)
        if not asks_to_get and self.method not in ("GET", "HEAD"):
            raise ToolError(
                "http",
                f"{self.shown} redirected the {self.method} to another server, {shown}: what it sends is not for "
                "that one; name it in `url`",
            )
        method = "GET" if asks_to_get else self.method
        return replace(self, method=method, url=url, headers={}, content=b"", shown=shown)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a tools file has it. `headers` are by their names as written; `content` is what `body` names."""

    method: str
    url: Text
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Text] = field(default_factory=dict)
    body: Body | None = None
    content: Any = None

    def texts(self) -> Iterator[Text]:
        """Every text of it."""
        yield self.url
        yield from self.headers.values()
        yield from texts_in([dict(self.query), self.content])

    def names(self) -> frozenset[str]:
        """The arguments that it has places for."""
        return frozenset(name for text in self.texts() for name in text.names)

    def variables(self) -> dict[str, bool]:
        """The variables that it has places for, in their order, and whether it can be without each."""
        found: dict[str, bool] = {}
        for text in self.texts():
            for each in sorted(text.variables, key=lambda variable: text.written.index(variable.name)):
                found[each.name] = found.get(each.name, True) and each.default is not None
        return found

    def prepared(self, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Prepared:
        """The request of a call. Raises ToolError: "arguments", "address", or "http" where a variable is missing."""
        try:
            url = self._url(arguments, environ)
            headers = {
                name: self._header(name, text, arguments, environ)
                for name, text in self.headers.items()
                if text.only is None or arguments.get(text.only) is not None
            }
            content = self._content(arguments, environ)
        except Missing as missing:
            raise ToolError(
                "http",
                f"the environment variable {missing.name} is not set, and the request needs it (the keys to the chat "
                "API are not given to tools)",
            ) from None
        if len(content) > MOST_SENT:
            raise ToolError("arguments", f"the request would have a body of more than {MOST_SENT:,} bytes")
        if self.body is not None and "content-type" not in map(str.lower, headers):
            headers["Content-Type"] = _TYPES[self.body]
        return Prepared(self.method, url, headers, content, self.shown(arguments))

    def shown(self, arguments: Mapping[str, Any]) -> str:
        """The URL of a call for people: its arguments filled in, its variables as they are written."""
        pairs = _pairs(self.query, arguments, None)
        url = self.url.shown(arguments, _in_url)
        return _with_query(url, [(key, quote(value, safe="${}", errors="replace")) for key, value in pairs])

    def shown_lines(self, arguments: Mapping[str, Any]) -> list[str]:
        """Headers and body of a call for people, as `shown`, a line or more each."""
        lines = [
            f"header {name}: {text.shown(arguments)}"
            for name, text in self.headers.items()
            if text.only is None or arguments.get(text.only) is not None
        ]
        if self.body is None:
            return lines
        content = _shown_data(self.content, arguments)
        content = None if content is LEFT_OUT else content
        text = content if self.body == "body" else json.dumps(content, ensure_ascii=False, indent=2)
        return [*lines, *f"{self.body}: {spelled(text)}".split("\n")]

    def _url(self, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Url:
        """Where it goes. No argument may change the server, nor lead out of the path that it stands in."""
        pairs = [(key, _in_url(value)) for key, value in _pairs(self.query, arguments, environ)]
        plain = dict.fromkeys(self.url.names, "a")
        try:
            url = read_url(_with_query(self.url.filled(arguments, environ, _in_url), pairs))
            usual = read_url(self.url.filled(plain, environ, _in_url))
        except UrlError as error:
            raise ToolError("address", f"the URL {self.shown(arguments)} cannot be used: {error}") from None
        if url.origin != usual.origin:
            raise ToolError("address", "an argument would change the server that the request goes to")
        if url.dots > usual.dots:
            raise ToolError("arguments", "`.` and `..` cannot be a part of the path: they would lead out of it")
        return url

    def _header(self, name: str, text: Text, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> str:
        for each in sorted(text.names):
            if _CONTROL.search(spelled(arguments.get(each))):
                raise ToolError(
                    "arguments", f"{quoted(each)} goes into the header {quoted(name)}, where no line break can stand"
                )
        value = text.filled(arguments, environ).strip()
        if _CONTROL.search(value):
            raise ToolError("http", f"what a variable holds cannot stand in the header {quoted(name)}: a line break")
        return value

    def _content(self, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> bytes:
        if self.body is None:
            return b""
        if self.body == "form":
            pairs = _pairs(self.content, arguments, environ)
            return urlencode(pairs, quote_via=quote_plus, errors="replace").encode("ascii")
        filled = filled_data(self.content, arguments, environ)
        if self.body == "body":
            return sendable(spelled(None if filled is LEFT_OUT else filled)).encode()
        text = json.dumps(None if filled is LEFT_OUT else filled, ensure_ascii=False, separators=(",", ":"))
        return sendable(text).encode()


def _in_url(text: str) -> str:
    """A text as one piece of a URL. Raises ToolError for one that is longer than a URL can be."""
    if len(text) > LONGEST:
        raise ToolError("arguments", f"what would stand in the URL is longer than {LONGEST:,} characters")
    return quote(text, safe="", errors="replace")


def _with_query(url: str, pairs: list[tuple[str, str]]) -> str:
    """`url` with `pairs`, whose values are quoted, behind the query that it has."""
    if not pairs:
        return url
    url = url.partition("#")[0]
    before = "" if url.endswith(("?", "&")) else "&" if "?" in url else "?"
    return f"{url}{before}{'&'.join(f'{_in_url(key)}={value}' for key, value in pairs)}"


def _pairs(
    data: Mapping[str, Any], arguments: Mapping[str, Any], environ: Mapping[str, str] | None
) -> list[tuple[str, str]]:
    """Each key with its text, once for each item of a list. Without an `environ`, variables are as they are written."""
    pairs: list[tuple[str, str]] = []
    for key, value in data.items():
        filled = _shown_data(value, arguments) if environ is None else filled_data(value, arguments, environ)
        if filled is LEFT_OUT or filled is None:
            continue
        pairs += [(key, spelled(item)) for item in (filled if isinstance(filled, list) else [filled])]
    return pairs


def _shown_data(data: Any, arguments: Mapping[str, Any]) -> Any:
    """As `filled_data`, with each variable as it is written."""
    if isinstance(data, Mapping):
        items = {key: _shown_data(value, arguments) for key, value in data.items()}
        return {key: value for key, value in items.items() if value is not LEFT_OUT}
    if isinstance(data, list):
        return [each for item in data if (each := _shown_data(item, arguments)) is not LEFT_OUT]
    if not isinstance(data, Text):
        return data
    return arguments.get(data.only, LEFT_OUT) if data.only is not None else data.shown(arguments)
