"""Vectors and ranks from Cohere's API, or from what stands in for it: the models that the documents are searched with.

Owns that a request is sent again as one for an answer would be, that no key goes along, and that what comes back is
what was asked for. For threads: each call waits, and can be stopped. The SDK is imported by the first.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from array import array
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from workbench.cohere_client.loop_thread import LoopThread
from workbench.documents.embedding import Purpose, Reranked, Span, Stop, Vector
from workbench.errors import ChatError, StreamTimeout
from workbench.secrets.redactor import Redactor

if TYPE_CHECKING:
    from workbench.cohere_client.channel import Channel

T = TypeVar("T")

MOST_SECONDS: Final = 60.0
"""For one request, whatever a turn may take."""


_WITH_SPANS: Final = re.compile(r"rerank-v(\d+)")
_FIRST_WITH_SPANS: Final = 5  # version of the models
_MOST_QUESTIONS: Final = 500  # whose vectors are remembered
_FIXED: Final = re.compile(r"embed-.*v[123]\.")  # models whose vectors have one number of dimensions


class Waits(Protocol):
    """Decides how long to wait before a request is sent again; `conversation.retrying.Backoff` is one."""

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        ...

    def wait(self, error: ChatError, attempt: int) -> float | None:
        """Seconds until retry number `attempt`, from 1; None when there is none."""
        ...


class CohereModels:
    """An Embedder and a Reranker over `build`'s channel, which is built in the loop of a thread of its own.

    `space` and `notice` are as of an Embedder; `is_local` tells that nothing leaves this machine, or is billed.
    """

    def __init__(
        self,
        build: Callable[[], Channel],
        redactor: Redactor,
        waits: Waits,
        *,
        space: str,
        notice: str = "",
        is_local: bool = False,
        retries: int = 3,
    ) -> None:
        self.space = space
        self.notice = notice
        self.is_free = is_local
        self._build = build
        self._redactor = redactor
        self._waits = waits
        self._retries = retries
        self._thread = LoopThread()
        self._lock = threading.Lock()
        self._channel: Channel | None = None
        self._questions: dict[tuple[str, int, str], Vector] = {}  # those that were embedded last

    def embed(self, texts: Sequence[str], *, model: str, dimensions: int, purpose: Purpose, stop: Stop) -> list[Vector]:
        """A vector for each text. Raises ChatError, and Stopped once `stop` is."""
        given: dict[str, Any] = {} if _FIXED.match(model) else {"output_dimension": dimensions}
        sent = [self._redactor.text(text) for text in texts]
        question = (model, dimensions, sent[0]) if purpose == "search_query" and len(sent) == 1 else None
        if question is not None and (known := self._questions.get(question)) is not None:
            return [known]

        async def ask(channel: Channel) -> list[Vector]:
            body = await channel.body_of(
                lambda sdk: sdk.embed(
                    model=model,
                    texts=sent,
                    input_type=purpose,
                    embedding_types=["int8", "ubinary"],
                    truncate="END",
                    **given,
                ),
                model,
            )
            return _vectors(body, len(sent), model)

        found = self._asked(ask, stop)
        if question is not None:
            if len(self._questions) >= _MOST_QUESTIONS:
                self._questions.clear()
            self._questions[question] = found[0]
        return found

    def rerank(self, question: str, texts: Sequence[str], *, model: str, stop: Stop) -> list[Reranked]:
        """Each text, the best first. Raises ChatError, and Stopped once `stop` is."""
        sent = [self._redactor.text(text) for text in texts]
        query = self._redactor.text(question)

        async def ask(channel: Channel) -> list[Reranked]:
            given: dict[str, Any] = {"relevant_spans": channel.relevant_spans()} if self._tells_spans(model) else {}
            response = await channel.call(
                lambda sdk: sdk.rerank(model=model, query=query, documents=sent, **given), model
            )
            return _ranks(response.data.results, sent, model)

        return self._asked(ask, stop)

    @property
    def is_ready(self) -> bool:
        """Whether all is built that a request needs."""
        return self._channel is not None

    def prepare(self) -> None:
        """Import and build all that a request needs, so that the first one starts at once. Raises ChatError."""
        self._opened()

    def close(self) -> None:
        """Close the connections. A second call does nothing."""
        with self._lock:
            channel, self._channel = self._channel, None
        if channel is not None:
            self._thread.run(channel.aclose, Stop())
        self._thread.close()

    def _tells_spans(self, model: str) -> bool:
        version = _WITH_SPANS.search(model)
        return self.is_free or (version is not None and int(version[1]) >= _FIRST_WITH_SPANS)

    def _asked(self, ask: Callable[[Channel], Coroutine[Any, Any, T]], stop: Stop) -> T:
        stop.check()
        channel = self._opened()
        return self._thread.run(lambda: self._tried(lambda: ask(channel)), stop)

    def _opened(self) -> Channel:
        with self._lock:
            if self._channel is None:
                self._channel = self._build()
            return self._channel

    async def _tried(self, send: Callable[[], Awaitable[T]]) -> T:
        """What `send` gives, which is tried again when it fails for a while."""
        for attempt in count(1):
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    return await send()
            except TimeoutError as error:
                raise StreamTimeout(f"no answer came within {MOST_SECONDS:g} s") from error
            except ChatError as error:
                wait = self._waits.wait(error, attempt) if attempt <= self._retries else None
                if wait is None:
                    raise
            await self._waits.sleep(wait)
        raise AssertionError("the loop above ends by itself")


def _vectors(body: bytes, wanted: int, model: str) -> list[Vector]:
    """The vectors of a response. Raises ChatError for anything else than was asked for."""
    try:
        embeddings = json.loads(body)["embeddings"]
        pairs = list(zip(embeddings["int8"], embeddings["ubinary"], strict=True))
        vectors = [Vector(array("b", numbers).tobytes(), bytes(bits)) for numbers, bits in pairs]
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ChatError(f"{model} gave no vectors that can be read: {error}") from error
    if len(vectors) != wanted:
        raise ChatError(f"{model} gave {len(vectors)} vectors for {wanted} texts")
    return vectors


def _ranks(results: Any, texts: Sequence[str], model: str) -> list[Reranked]:
    """The ranks of a response, the best first. Raises ChatError for texts that were never sent, or come twice."""
    try:
        found = [
            Reranked(int(each.index), float(each.relevance_score), _spans(each.relevant_spans, texts[each.index]))
            for each in results
        ]
    except (AttributeError, TypeError, ValueError, LookupError) as error:
        raise ChatError(f"{model} gave no ranks that can be read: {error}") from error
    indexes = [each.index for each in found]
    if len(set(indexes)) != len(indexes) or any(index < 0 for index in indexes):
        raise ChatError(f"{model} ranked a text twice, or one that it was not sent")
    return sorted(found, key=lambda each: -each.score)


def _spans(spans: Any, text: str) -> tuple[Span, ...]:
    """The spans that lie in the text."""
    found = [(int(each.start), int(each.end), float(each.score)) for each in spans or ()]
    return tuple(each for each in found if 0 <= each[0] < each[1] <= len(text))
