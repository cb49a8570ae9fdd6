"""The chat client that the rest of the program uses, and the choice of what is beneath it.

Owns that choice and the client's life. Refuses to import the SDK itself: the first stream does so in a
thread, since it takes about a second and must not stand in the way of the first paint. For the same reason
recordings are imported only when one is played.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.cohere_client import endpoint
from workbench.cohere_client.certificates import check_certificates
from workbench.cohere_client.client_options import NO_MODEL, OFFLINE_ENGINE, OFFLINE_SPACE, ClientOptions, Description
from workbench.errors import ChatError, ConfigurationError, Problem
from workbench.secrets.keys import ApiKey, find_key
from workbench.secrets.redactor import Redactor

if TYPE_CHECKING:
    import httpx

    from workbench.cohere_client.channel import Channel
    from workbench.cohere_client.comparing import CohereModels, Waits
    from workbench.cohere_client.transports.recorder import Sink
    from workbench.offline.holdings import Held
    from workbench.recordings.exchanges import Exchange

# Hosts that cannot exist: what should have stayed in the process would not reach a network.
_NOWHERE: Final[Mapping[str, str]] = {"offline": "http://offline.invalid", "replay": "http://replay.invalid"}


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that `connect` found out, for the thread that builds the channel."""

    options: ClientOptions
    description: Description
    redactor: Redactor = field(default_factory=Redactor)
    key: ApiKey | None = None
    proxy: str | None = None
    recorded: tuple[Exchange, ...] = ()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic


class ChatClient:
    """Streams of v2 chat, over whatever `description` says. For one event loop; made by `connect`."""

    def __init__(self, plan: _Plan) -> None:
        self.description = plan.description
        self._plan = plan
        self._sinks: list[Sink] = []
        self.held: Held | None = None
        """Says what is loaded, to the offline engine."""
        self._building: asyncio.Task[Channel] | None = None
        self._closed = False
        self._models: CohereModels | None = None

    async def prepare(self) -> None:
        """Imports and builds all that a stream needs, so that the first one starts at once. Raises ChatError.

        What documents are searched with is built, too.
        """
        await self._channel()
        if self._models is not None and not self._models.is_ready:
            await asyncio.to_thread(self._models.prepare)

    @asynccontextmanager
    async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        """POSTs `body`, the JSON of a v2 chat request, with `"stream": true` added.

        Gives the chunks of the response's body as they arrive, decoded from its content-encoding. Raises
        ChatError and nothing else, at the start and while the chunks are read. On exit the response is
        closed; the connection is used again when the chunks were read to their end, that is beyond
        `[DONE]`.
        """
        channel = await self._channel()
        async with channel.stream(body) as chunks:
            yield chunks

    def record(self, sink: Sink) -> None:
        """From the next request on, what is sent and received goes to `sink`, too."""
        self._sinks.append(sink)

    def record_no_more(self, sink: Sink) -> None:
        """From the next request on, `sink` gets nothing more."""
        self._sinks.remove(sink)

    @property
    def redactor(self) -> Redactor:
        """What takes the API key out of texts and values; the client's own go through it."""
        return self._plan.redactor

    def models(self, waits: Waits, *, retries: int = 3) -> CohereModels | None:
        """What makes vectors and ranks texts at the same place, for threads; None where recordings are played.

        `waits` decides how long to wait before a request is sent again, and `retries` how often it is. They are closed
        with the client.
        """
        if self._models is None and self.description.kind != "replay":
            from workbench.cohere_client.comparing import MOST_SECONDS, CohereModels

            plan = replace(self._plan, options=replace(self._plan.options, idle_timeout=MOST_SECONDS))
            is_local = self.description.kind == "offline"
            self._models = CohereModels(
                lambda: _build(plan, (), lambda: None),
                self.redactor,
                waits,
                space=OFFLINE_SPACE if is_local else endpoint.host_of(self.description.base_url or ""),
                notice=NO_MODEL if is_local else "",
                is_local=is_local,
                retries=retries,
            )
        return self._models

    async def aclose(self) -> None:
        """Closes connections. A second call does nothing."""
        self._closed = True
        models, self._models = self._models, None
        if models is not None:
            await asyncio.to_thread(models.close)
        building, self._building = self._building, None
        if building is not None and building.done() and not building.cancelled() and not building.exception():
            await building.result().aclose()
        elif building is not None:
            building.cancel()

    async def _channel(self) -> Channel:
        if self._closed:
            raise ChatError("The client is closed.")
        if self._building is None:
            self._building = asyncio.create_task(asyncio.to_thread(_build, self._plan, self._sinks, lambda: self.held))
        # Shielded: a stream that is cancelled meanwhile must not take the others' channel with it.
        return await asyncio.shield(self._building)


def connect(options: ClientOptions, environ: Mapping[str, str]) -> ChatClient:
    """The client for `options`; returns at once and opens no connection.

    A replay goes before `offline`; without a key and a base URL, in `options` or `environ`, it is offline
    too. Raises ConfigurationError for a bad key, URL or number, and RecordingError for a file that cannot be
    replayed.
    """
    _check_numbers(options)
    return ChatClient(_planned(options, environ))


def play(
    recorded: tuple[Exchange, ...],
    *,
    name: str,
    speed: float = 1.0,
    redactor: Redactor | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> ChatClient:
    """A client that answers with `recorded`, in order, at `speed`; `name` is what texts call it.

    `sleep` and `clock` stand for time.
    """
    description, masks = Description("replay", name), redactor or Redactor()
    options = ClientOptions(speed=speed)
    return ChatClient(_Plan(options, description, masks, recorded=recorded, sleep=sleep, clock=clock))


def _planned(options: ClientOptions, environ: Mapping[str, str]) -> _Plan:
    redactor = Redactor.of(environ, options.api_key_env)
    if options.replay is not None:
        return _replay(options, redactor)
    base_url = None if options.offline else endpoint.find_base_url(options.base_url, environ)
    key = None if options.offline else find_key(environ, options.api_key_env)
    if base_url is None and key is None:
        return _Plan(options, Description("offline", OFFLINE_ENGINE), redactor)
    url = base_url or endpoint.COHERE_URL
    proxy = endpoint.find_proxy(url, environ)
    if key is not None:
        endpoint.refuse_in_clear(url, "--base-url" if options.base_url else endpoint.URL_VARIABLE, proxy)
    label = endpoint.host_of(url) if key else f"{endpoint.host_of(url)} (no key)"
    description = Description("live", label, url, key.source if key else None)
    check_certificates(environ)
    return _Plan(options, description, redactor, key, proxy)


def _replay(options: ClientOptions, redactor: Redactor) -> _Plan:
    from workbench.recordings.exchanges import read_exchanges

    assert options.replay is not None
    recorded = read_exchanges(options.replay)
    return _Plan(options, Description("replay", f"replay of {options.replay.name}"), redactor, recorded=recorded)


def _check_numbers(options: ClientOptions) -> None:
    rules = (
        ("--connect-timeout", options.connect_timeout, options.connect_timeout > 0, "seconds above 0"),
        ("--timeout", options.idle_timeout, options.idle_timeout > 0, "seconds above 0"),
        ("--speed", options.speed, options.speed >= 0, "0 or more"),
        ("pace", options.pace, options.pace >= 0, "0 or more"),
    )
    problems = [
        Problem(name, 0, 0, f"{value:g} is not possible", f"it must be {rule}")
        for name, value, good, rule in rules
        if not good
    ]
    if problems:
        raise ConfigurationError(problems)


def _build(plan: _Plan, sinks: Sequence[Sink], held: Callable[[], Held | None]) -> Channel:
    """Imports the SDK and builds the channel; for a thread."""
    try:
        from workbench.cohere_client.channel import Channel
        from workbench.cohere_client.failures import Failures
        from workbench.cohere_client.server_errors import ErrorTexts
        from workbench.cohere_client.transports.recorder import RecorderTransport

        transport = RecorderTransport(_transport(plan, held), sinks, redactor=plan.redactor)
    except ImportError as error:
        raise ChatError(f"The client cannot be loaded: {error}. Install the program again.") from error
    description = plan.description
    url = description.base_url
    name = endpoint.host_of(url) if url else description.label
    failures = Failures(
        ErrorTexts(name, url, plan.key, plan.redactor),
        idle_timeout=plan.options.idle_timeout,
        connect_timeout=plan.options.connect_timeout,
        proxy=endpoint.without_credentials(plan.proxy),
    )
    return Channel(
        transport,
        base_url=url or _NOWHERE[description.kind],
        key=plan.key,
        failures=failures,
        client_name=plan.options.client_name,
    )


def _transport(plan: _Plan, held: Callable[[], Held | None]) -> httpx.AsyncBaseTransport:
    if plan.description.kind == "replay":
        from workbench.cohere_client.transports.cassette import CassetteTransport

        name = plan.description.label
        speed = plan.options.speed
        return CassetteTransport(plan.recorded, name=name, speed=speed, sleep=plan.sleep, clock=plan.clock)
    if plan.description.kind == "offline":
        from workbench.offline.holdings import Holdings
        from workbench.offline.transport import OfflineTransport

        return OfflineTransport(pace=plan.options.pace, held=lambda: (held() or Holdings)())
    from workbench.cohere_client.transports.live import live_transport

    return live_transport(plan.proxy)
