"""`http:` of a tools file: from what is written to a request and what it may reach, with every problem in its place.

Owns what can be wrong before a call. Refuses an argument in the place of a server, and headers that are not the tool's
to set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from workbench.errors import did_you_mean, quoted
from workbench.secrets.keys import KEY_VARIABLES
from workbench.tools.runner import WrittenValue
from workbench.tools.runners.web.reach import Reach
from workbench.tools.runners.web.request import BODIES, METHODS, Body, Request
from workbench.tools.runners.web.texts import Text, Variable, read_data, texts_in
from workbench.tools.runners.web.urls import UrlError, read_place

OPTIONAL: Final = ("method", "query", "headers", *BODIES, "allow_private", "proxy")
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_TO_SET: Final = frozenset({
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect",
    "accept-encoding", "proxy-authorization", "proxy-connection",
})  # fmt: skip
_SERVER: Final = re.compile(r"(?:https?://[^/?#\\]+|\0(?:://)?[^/?#\\]*)[/?#]", re.IGNORECASE)
_SCHEME: Final = re.compile(r"https?://[^/?#\\\s]|\0", re.IGNORECASE)
_EXAMPLE: Final = "such as https://api.example.com/items/{id}"


def read_request(fields: Mapping[str, WrittenValue]) -> Request | None:
    """The request that the `fields` of `http` are; None once a problem is told."""
    url = _url(fields["url"])
    query = _data_map(fields.get("query"), "query")
    headers = _headers(fields.get("headers"))
    given = [key for key in BODIES if key in fields]
    for key in given[1:]:
        fields[key].problem(f"`http` has both `{given[0]}` and `{key}`", "keep one: a request has one body")
    body: Body | None = next((key for key in BODIES if key in given), None)
    content = _content(body, fields[body]) if body is not None else None
    method = _method(fields, body)
    if url is None or query is None or headers is None or method is None or len(given) > 1:
        return None
    if body is not None and content is None and fields[body].data() is not None:
        return None
    return Request(method, url, query, headers, body, content)


def read_reach(value: WrittenValue | None) -> Reach | None:
    """What `allow_private` says; None once a problem is told."""
    if value is None:
        return Reach()
    data = value.data()
    if isinstance(data, bool):
        return Reach(anywhere=data)
    hint = 'write true, or a list such as ["localhost:8000"]'
    if not isinstance(data, list) or not data:
        value.problem("`allow_private` is true, or a list of `host:port`", hint)
        return None
    places: set[tuple[str, int]] = set()
    faults = 0
    for each in data:
        try:
            places.add(read_place(each if isinstance(each, str) else ""))
        except UrlError as error:
            value.problem(f"{quoted(str(each))} in `allow_private` cannot be used: {error}", hint)
            faults += 1
    return None if faults else Reach(places=frozenset(places))


def read_proxy(value: WrittenValue | None) -> bool | None:
    """Whether the proxies of the environment are used; None once a problem is told."""
    data = False if value is None else value.data()
    if isinstance(data, bool):
        return data
    if value is not None:
        value.problem("`proxy` is true or false", "true goes through the proxies of HTTPS_PROXY, HTTP_PROXY, ALL_PROXY")
    return None


def _url(value: WrittenValue) -> Text | None:
    text = _text(value)
    if text is None:
        return None
    so_far = ""
    for part in text.parts:
        if isinstance(part, Variable):
            so_far += "\0"  # a character that no URL has
            continue
        for written, name in part.parts:
            if name and not _SERVER.match(so_far.lstrip()):
                value.problem(
                    f"the argument `{{{name}}}` stands where the server is named",
                    f"write scheme and host in the file, {_EXAMPLE}: a model must not choose where a request goes",
                )
                return None
            so_far += "a" if name else written
    if _SCHEME.match(so_far.strip()):
        return text
    value.problem(f"{quoted(text.written)} is no http:// or https:// URL", _EXAMPLE)
    return None


def _method(fields: Mapping[str, WrittenValue], body: str | None) -> str | None:
    if "method" not in fields:
        return "GET" if body is None else "POST"
    value = fields["method"]
    written = value.written_text()
    if written is None:
        return None
    method = written.upper()
    if method not in METHODS:
        value.problem(f"{quoted(written)} is no method", did_you_mean(method, METHODS, f"one of {', '.join(METHODS)}"))
        return None
    if body is not None and method == "HEAD":
        value.problem(f"a {method} has no body, and there is `{body}`", "use POST, or `query` for what is asked")
        return None
    return method


def _headers(value: WrittenValue | None) -> dict[str, Text] | None:
    entries = {} if value is None else value.entries()
    if entries is None:
        return None
    found: dict[str, Text] = {}
    faults = 0
    for name, each in entries.items():
        text = _text(each)
        key = name.lower()
        if not _HEADER.fullmatch(name):
            each.problem(f"{quoted(name)} is no name of a header", "letters, digits and -")
        elif key in _NOT_TO_SET:
            each.problem(
                f"the header {quoted(name)} is not the tool's to set", "leave it out: it is sent as it has to be"
            )
        elif key in map(str.lower, found):
            each.problem(f"a second header {quoted(name)}", "keep one")
        elif text is not None:
            found[name] = text
            continue
        faults += 1
    return None if faults else found


def _content(body: str, value: WrittenValue) -> Any:
    if body == "form":
        return _data_map(value, body)
    if body == "body" and not isinstance(value.data(), str):
        value.problem("`body` is a text", "use `json` for a value, `form` for fields")
        return None
    return _read_data(value)


def _data_map(value: WrittenValue | None, of: str) -> dict[str, Any] | None:
    """A map of texts, numbers and lists of these."""
    if value is None:
        return {}
    data = value.data()
    if not isinstance(data, Mapping):
        value.problem(f"`{of}` is a map of names and values", f"such as `{of}: {{q: '{{question}}'}}`")
        return None
    for key, each in data.items():
        if any(isinstance(item, Mapping | list) for item in (each if isinstance(each, list) else [each])):
            value.problem(f"{quoted(str(key))} of `{of}` is neither text nor a list of texts", "use `json` for a value")
            return None
    read = _read_data(value)
    return read if isinstance(read, dict) else None


def _read_data(value: WrittenValue) -> Any:
    """A value with its texts read; None once a problem is told, and for null."""
    try:
        read = read_data(value.data())
    except ValueError as error:
        value.problem(str(error))
        return None
    for text in texts_in(read):
        if _has_key(value, text):
            return None
    return read


def _text(value: WrittenValue) -> Text | None:
    written = value.written_text()
    if written is None:
        return None
    try:
        text = Text.read(written)
    except ValueError as error:
        value.problem(str(error))
        return None
    return None if _has_key(value, text) else text


def _has_key(value: WrittenValue, text: Text) -> bool:
    """Whether it names a variable of the key to the chat API, which is told as a problem."""
    for each in sorted(variable.name for variable in text.variables):
        if each in KEY_VARIABLES:
            value.problem(f"`${{{each}}}` is the key to the chat API", "no tool is given it; use a variable of its own")
            return True
    return False
