"""HTTP: a request to a server as a tool, filled in with the arguments of a call.

Owns the configuration, what a person is told before a call, and its clock. Refuses addresses that are not of the
public internet unless the tool says `allow_private`; variables are filled in at the call, and taken out again of all
that comes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from workbench.errors import ToolError
from workbench.tools.runner import ApprovedCall, CallOutcome, Runner, Surroundings, ToolKind, WrittenValue

if TYPE_CHECKING:
    from workbench.tools.runners.web.exchange import Exchange
    from workbench.tools.runners.web.reach import Reach, Resolver
    from workbench.tools.runners.web.request import Request

_SHOWN: Final = 80  # characters of one text, for approval
_TEXT: Final = {"type": "string"}
_VALUES: Final = {"type": ["string", "number", "boolean", "null"]}
_FIELDS: Final = {
    "type": "object",
    "additionalProperties": {"anyOf": [_VALUES, {"type": "array", "items": _VALUES}]},
}


@dataclass(frozen=True, slots=True)
class Http(ToolKind):
    """A request. `reach` is what it may go to besides the public internet, `proxied` whether proxies are used.

    Names are looked up by `resolver`, by the system's own where there is none.
    """

    request: Request
    reach: Reach
    proxied: bool = False
    resolver: Resolver | None = field(default=None, compare=False, repr=False)

    written: ClassVar[str] = "{url: https://…}"
    meaning: ClassVar[str] = "A request over HTTP, filled in with the arguments."
    runs_code: ClassVar[bool] = True

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """The request that the map describes; None once a problem is told. Nothing is looked up."""
        from workbench.tools.runners.web.reading import OPTIONAL, read_proxy, read_reach, read_request

        fields = value.fields(["url"], OPTIONAL)
        if fields is None:
            return None
        request = read_request(fields)
        reach = read_reach(fields.get("allow_private"))
        proxied = read_proxy(fields.get("proxy"))
        if request is None or reach is None or proxied is None:
            return None
        return cls(request, reach, proxied)

    @classmethod
    def schema(cls) -> Mapping[str, Any]:
        """A map with a URL, and one body at most."""
        from workbench.tools.runners.web.request import METHODS

        place = {"type": "string", "pattern": r"^.+:[0-9]{1,5}$"}
        properties = {
            "url": {**_TEXT, "description": "Where it goes; an argument, as {name}, may stand behind the host."},
            "method": {
                "enum": [*METHODS, *(each.lower() for each in METHODS)],
                "description": "GET, or POST with a body.",
            },
            "query": {**_FIELDS, "description": "What is added to the URL; an argument that is not given is left out."},
            "headers": {"type": "object", "additionalProperties": _TEXT, "description": "Such as Authorization."},
            "json": {"description": "A body of JSON; the text {name} alone becomes the argument's value."},
            "form": {**_FIELDS, "description": "A body as a form of a page sends it."},
            "body": {**_TEXT, "description": "A body of text."},
            "allow_private": {
                "anyOf": [{"type": "boolean"}, {"type": "array", "minItems": 1, "items": place}],
                "description": "What it may reach of this machine and private networks: all, or each host:port.",
            },
            "proxy": {"type": "boolean", "description": "Whether it goes through the proxies of the environment."},
        }
        return {"type": "object", "properties": properties, "required": ["url"], "additionalProperties": False}

    def what(self) -> str:
        """Say what is sent where, with which variables, and what it may reach."""
        request = self.request
        parts = [f"sends {request.method} {request.url.written}"]
        parts += [f"query {_shown(request.query)}"] if request.query else []
        parts += [f"header {name}: {_cut(text.written)}" for name, text in request.headers.items()]
        parts += [f"{request.body} {_shown(request.content)}"] if request.body else []
        return ", ".join(parts) + self._besides()

    def what_of(self, arguments: Mapping[str, Any]) -> Sequence[str]:
        """The request that a call sends: its method and URL, then a line for each header, then its body."""
        sent = f"sends {self.request.method} {self.request.shown(arguments)}{self._besides()}"
        return (sent, *self.request.shown_lines(arguments))

    def _besides(self) -> str:
        """What is true of every call: the variables that it sends, and what it may reach."""
        variables = ", ".join(self.request.variables())
        said = f"; it sends what the environment has for {variables}" if variables else ""
        said += f"; {words}" if (words := self.reach.words()) else ""
        return said + ("; it goes through the proxy of the environment" if self.proxied else "")

    def names(self) -> frozenset[str]:
        """The arguments that the request has places for."""
        return self.request.names()

    def needs(self) -> frozenset[str]:
        """The variables that a call cannot be without."""
        return frozenset(name for name, is_spare in self.request.variables().items() if not is_spare)

    def doubt(self) -> tuple[str, str] | None:
        """A message and a hint when its server cannot be gone to as written, or secrets would go there in the clear."""
        from workbench.tools.runners.web.urls import UrlError, read_url

        url = self.request.url
        if url.variables:
            return None
        try:
            read = read_url(url.filled(dict.fromkeys(url.names, "a"), {}))
            if read.host.address is not None:
                self.reach.require(read, [read.host.address])
        except UrlError as error:
            return f"the URL cannot be used: {error}", "every call of the tool will fail"
        except ToolError as error:
            return str(error), "every call of the tool will fail"
        names = ", ".join(self.request.variables())
        is_far = read.host.address is None and not read.host.is_this_machine
        if names and read.scheme == "http" and is_far and (read.host.name, read.port) not in self.reach.places:
            return f"anybody on the way to {read.place} can read what {names} holds", "use https://"
        return None

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """What sends each call's request, with the variables of `surroundings`, over connections that it keeps."""
        from workbench.tools.runners.web.connections import Connections, quiet
        from workbench.tools.runners.web.exchange import Exchange
        from workbench.tools.runners.web.reach import by_system

        connections = Connections(surroundings.environ, proxied=self.proxied)
        exchange = Exchange(self.reach, self.resolver or by_system, connections)
        with quiet():
            try:
                yield partial(self._run, exchange, surroundings.environ)
            finally:
                await connections.aclose()

    async def _run(self, exchange: Exchange, environ: Mapping[str, str], call: ApprovedCall) -> CallOutcome:
        from workbench.tools.runners.web.account import Account, redactor_of

        account = Account(redactor_of(self.request.variables(), environ), call.report)
        error: ToolError | None = None
        value: Any = None
        try:
            async with asyncio.timeout(call.timeout) as clock:
                prepared = self.request.prepared(call.arguments, environ)
                value = await exchange.value(prepared, account)
        except ToolError as failed:
            error = ToolError(failed.kind, account.shown(str(failed)))
        except TimeoutError:
            if not clock.expired():
                raise
            error = ToolError("timeout", f"timed out after {call.timeout:g} s, {account.doing}")
        except Exception as unforeseen:  # noqa: BLE001 - whatever it says may hold what a variable holds
            error = ToolError("failed", account.shown(f"{type(unforeseen).__name__}: {unforeseen}"))
        return CallOutcome(value, error, account.output())


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _shown(data: Any) -> str:
    """A value of the request as it is written."""
    import json

    return _cut(json.dumps(data, ensure_ascii=False, default=lambda text: text.written))
