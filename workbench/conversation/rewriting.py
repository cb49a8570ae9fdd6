"""Has the model write what documents are searched for: one small request ahead of a turn's own.

Owns that it never ends a turn: whatever goes wrong with it is told in what comes of it, and the question is searched
for then. It is sent once, and kept in recordings as what it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from workbench.conversation.fold import MessageFold
from workbench.conversation.options import Options, StreamsChat
from workbench.documents.rewriting import Rewritten, messages_for, query_of
from workbench.errors import ChatError
from workbench.recordings.exchanges import ASIDE
from workbench.wire.decoder import decode
from workbench.wire.frames import FrameReader

MOST_SECONDS: Final = 20.0
_MOST_TOKENS: Final = 1000  # of which a model that thinks needs most
_MOST_BYTES: Final = 1_000_000


async def rewritten(
    client: StreamsChat,
    options: Options,
    question: str,
    history: Sequence[Mapping[str, Any]],
    clock: Callable[[], float],
) -> Rewritten:
    """The query that the model of `options` writes for `question`, which goes on from `history`.

    Raises nothing but CancelledError.
    """
    body: dict[str, Any] = {"model": options.model, "messages": messages_for(question, history)}
    body["max_tokens"] = _MOST_TOKENS
    if "thinking" in options.parameters:  # it is of a model that can think, which is not worth its time here
        body["thinking"] = {"type": "disabled"}
    fold, began = MessageFold(), clock()
    token = ASIDE.set("rewrite")
    error = ""
    try:
        async with asyncio.timeout(MOST_SECONDS):
            await _take(client, body, fold)
    except TimeoutError:
        error = f"the model wrote no query within {MOST_SECONDS:g} s"
    except ChatError as failure:
        error = str(failure)
    finally:
        ASIDE.reset(token)
    text = "" if error else query_of(fold.message().text)
    if not (text or error):
        error = "the model wrote no query"
    return Rewritten(options.model, text, round(clock() - began, 6), dict(fold.usage or {}), error)


async def _take(client: StreamsChat, body: Mapping[str, Any], fold: MessageFold) -> None:
    """Take in the answer. Raises ChatError, for one that is far too long, too."""
    reader, size = FrameReader(_MOST_BYTES), 0
    async with client.stream(body) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            if size > _MOST_BYTES:
                raise ChatError("what the model wrote is no query: it does not end")
            for frame in reader.feed(chunk):
                fold.apply(decode(frame, 0.0, 0))
    for frame in reader.close():
        fold.apply(decode(frame, 0.0, 0))
