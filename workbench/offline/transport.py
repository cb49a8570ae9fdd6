"""The engine as an httpx transport: the same client and the same bytes as the cloud, without a network.

Owns paths, methods and the pace of a stream. Refuses to answer on the event loop: the work is done in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import MappingProxyType

import httpx

from workbench.offline import comparing
from workbench.offline.engine import EngineReply, answer, error, message_id
from workbench.offline.holdings import Held, Holdings

_CHAT = "/v2/chat"
_COMPARING = MappingProxyType({"/v2/embed": comparing.embed, "/v2/rerank": comparing.rerank})
_FIRST = 4  # paces before the first piece, as a model takes longest to begin
_PACED = (b"event: content-delta\n", b"event: tool-plan-delta\n", b"event: tool-call-delta\n")


class OfflineTransport(httpx.AsyncBaseTransport):
    """Answers `POST` to `/v2/chat`, `/v2/embed` and `/v2/rerank`, and with JSON bodies 404 for another path and 405 for
    another method.

    `pace` is in seconds for each piece of text of a stream; 0 sends as fast as it is read. One chunk of the
    body is one frame. Cancelling the reader ends the stream. `held` says what is loaded.
    """

    def __init__(self, *, pace: float = 0.0, held: Held = Holdings) -> None:
        self._pace = pace
        self._held = held

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request as the API would; the engine works in a thread, the body comes at the pace that is set."""
        body = await request.aread()
        reply = await self._reply(request, body)
        headers = dict(reply.headers)
        if reply.status == 405:
            headers["allow"] = "POST"
        return httpx.Response(reply.status, headers=headers, stream=_Frames(reply, self._pace), request=request)

    async def _reply(self, request: httpx.Request, body: bytes) -> EngineReply:
        path = request.url.path.rstrip("/")
        served = next((each for each in (_CHAT, *_COMPARING) if path.endswith(each)), None)
        if served is None:
            message = f"the offline engine serves {_CHAT}, {' and '.join(_COMPARING)} only, not {path or '/'}"
            return error(404, message_id(body), message)
        if request.method != "POST":
            return error(405, message_id(body), f"{served} takes POST, not {request.method}")
        if served != _CHAT:
            return await asyncio.to_thread(_COMPARING[served], body)
        return await asyncio.to_thread(answer, body, self._held)


class _Frames(httpx.AsyncByteStream):
    """The frames of a reply as chunks, at its pace."""

    def __init__(self, reply: EngineReply, pace: float) -> None:
        self._reply = reply
        self._pace = pace

    async def __aiter__(self) -> AsyncIterator[bytes]:
        factor = _FIRST
        for frame in self._reply.frames:
            delay = 0.0
            if frame.startswith(_PACED):
                delay = self._pace * factor
                factor = 1
            await asyncio.sleep(delay)  # at pace 0 too: the loop gets its turn between frames
            yield frame
