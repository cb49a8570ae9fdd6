"""One turn, run: request -> events -> tools -> next request, until it is done.

Owns the order of things: retrieval, steps, requests sent again, tool calls, and the limits of a turn. What is retrieved
is for `retrieving`, how calls are run for `calling`, how a turn goes on after a step for `verdicts`. Refuses to keep
history, to print, to draw, and to know any JSON of the wire.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

from workbench.conversation.bounds import Meter
from workbench.conversation.calling import Calling
from workbench.conversation.given import fold_given
from workbench.conversation.limits import Watch
from workbench.conversation.masking import EventMask
from workbench.conversation.options import (
    MEGABYTE,
    Documents,
    Options,
    Prepares,
    StreamsChat,
    Tools,
)
from workbench.conversation.retrieving import Retrieving
from workbench.conversation.retrying import Backoff
from workbench.conversation.spending import refuse_spent
from workbench.conversation.turn import Status, Turn
from workbench.conversation.verdicts import lacks_tools, too_many, verdict
from workbench.errors import (
    AnswerLimit,
    ChatError,
    DocumentsAway,
    StreamTimeout,
    TokenLimit,
    TurnTimeout,
    WorkbenchError,
)
from workbench.events import (
    KNOWN,
    Event,
    Messages,
    Request,
    Retry,
    TurnEnd,
    TurnStart,
    TurnSummary,
)
from workbench.recordings.exchanges import OF_TURN
from workbench.wire.decoder import decode
from workbench.wire.frames import Frame, FrameReader

if TYPE_CHECKING:
    from workbench.conversation.tree import TreeMark
    from workbench.documents.passages import Passage
    from workbench.secrets.redactor import Redactor

SLICE_SECONDS = 0.002
"""So long events are handed on before others get their turn: a chunk may hold thousands, or be there already."""

MOST_UNKEPT = 4 * MEGABYTE  # of what came, that a slow disk may not have yet


class KeepsTurns(Protocol):
    """Keeps what happens in a conversation; `sessions.session_keeper.SessionKeeper` is one. No method raises."""

    def event(self, turn: Turn, event: Event) -> None:
        """`turn` has folded `event`."""

    def cleared(self) -> None:
        """The conversation began anew."""

    def forgot(self, turn: Turn) -> None:
        """`turn`, the last one, is no part of the conversation any more."""

    def changed(self, mark: TreeMark) -> None:
        """The tree of the conversation changed, as `mark` says."""

    async def kept(self) -> None:
        """Returns once nothing so far can be lost, or when it cannot be kept."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What of a request does not come of the conversation, without keys."""

    model: str
    system: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    parameters: dict[str, Any]


class TurnLoop:
    """One turn being run; every event goes through `_emit`, which takes keys out, folds it and hands it on.

    `put` hands an event on, and `taken` waits for those that they went to, so that a fast server cannot get far ahead.
    """

    def __init__(
        self,
        turn: Turn,
        client: StreamsChat,
        options: Options,
        *,
        library: Documents | None,
        toolbox: Tools | None,
        attached: Sequence[Passage] = (),
        earlier: Sequence[str],
        in_all: Callable[[], int],
        keeper: KeepsTurns | None,
        put: Callable[[Event], None],
        taken: Callable[[], Awaitable[object]],
        clock: Callable[[], float],
        backoff: Backoff,
        redactor: Redactor,
        base: Turn | None = None,
    ) -> None:
        """`in_all` tells how many tokens the conversation has used. `base` is the turn whose first steps are taken
        over, where `turn` was made from one in that way."""
        self._turn = turn
        self._base = base
        self._client = client
        self._options = options
        self._toolbox = toolbox
        self._in_all = in_all
        self._keeper = keeper
        self._hand_on = put
        self._taken = taken
        self._clock = clock
        self._backoff = backoff
        self._redactor = redactor
        self._masking = EventMask(redactor)
        self._around: _Around | None = None  # once the tools are there
        self._meter = Meter(options.bounds)
        self._began = clock()
        self._calling = Calling(turn, toolbox, now=self._now, emit=self._emit, kept=self._kept)
        self._retrieving = Retrieving(
            turn=turn,
            library=library,
            attached=attached,
            earlier=earlier,
            client=client,
            options=options,
            redactor=redactor,
            refuse_spent=self._refuse_spent,
            now=self._now,
            emit=self._emit,
        )
        self._others_had_their_turn = time.monotonic()

    def _now(self) -> float:
        return round(self._clock() - self._began, 6)

    def _emit(self, event: Event) -> None:
        for each in self._masking.events(event):
            self._fold(each)

    def _fold(self, event: Event) -> None:
        cited = self._turn.apply(event)
        self._put(event)
        for citation in cited:
            self._put(citation)

    def _put(self, event: Event) -> None:
        self._turn.keep(event)
        if self._keeper is not None:
            self._keeper.event(self._turn, event)
        self._hand_on(event)

    async def _kept(self) -> None:
        """Wait until what happened so far would survive the end of the program."""
        if self._keeper is not None:
            await self._keeper.kept()

    # -- the turn ------------------------------------------------------------------------------

    async def run(self, history: Sequence[Mapping[str, Any]]) -> None:
        """Run the turn; always ends with a `TurnEnd`. Only an error of our own is raised, after it.

        `history` holds no key: it goes into each request as it is.
        """
        OF_TURN.set(self._turn.number)
        self._began = self._clock()  # it may have waited for others
        self._put(TurnStart(turn=self._turn.number, prompt=self._turn.prompt))
        try:
            async with asyncio.timeout(self._options.max_time):
                await self._kept()
                self._turn.status = await self._steps(history)
        except asyncio.CancelledError:
            self._turn.status = "cancelled"
        except TimeoutError:
            self._turn.status = "timeout"
            self._turn.error = TurnTimeout(
                f"the turn took longer than {self._options.max_time:g} s and was stopped; "
                "what had come is kept (--max-time sets the limit)"
            )
        except StreamTimeout as error:
            self._turn.status, self._turn.error = "timeout", error
        except (AnswerLimit, TokenLimit) as error:
            self._turn.status, self._turn.error = "limit", error
        except (ChatError, DocumentsAway) as error:
            self._turn.status, self._turn.error = "failed", error
        except BaseException as error:
            self._turn.status = "failed"
            said = self._redactor.text(f"{type(error).__name__}: {error}")
            self._turn.error = WorkbenchError(f"a fault of this program: {said}")
            self._end()
            raise
        self._end()

    async def first_request(self, history: Sequence[Mapping[str, Any]]) -> Request:
        """The request of the first step, with the documents that are found for it; it is not sent."""
        documents = await self._retrieving.documents(history, local=True)
        return Request(t=self._now(), step=1, body=self._body(history, documents))

    def cancelled(self) -> TurnEnd:
        """The end of a turn that was cancelled before it began to run."""
        self._turn.status = "cancelled"
        end = self._ending()
        self._turn.keep(end)
        return end

    def _end(self) -> None:
        self._put(self._ending())

    def _ending(self) -> TurnEnd:
        self._turn.seconds = self._now()
        step = max(1, len(self._turn.steps))
        # Blocks that came out of their order may spell a key only now that they are joined.
        summary = self._turn.summary()
        said = {each.name: getattr(summary, each.name) for each in fields(summary)}
        masked = TurnSummary(**{name: self._redactor.value(value) for name, value in said.items()})
        return TurnEnd(t=self._turn.seconds, step=step, status=self._turn.status, summary=masked)

    async def _steps(self, history: Sequence[Mapping[str, Any]]) -> Status:
        await self._calling.prepare()
        if self._base is None:
            documents = await self._retrieving.documents(history)
        else:
            documents = self._taken_over(self._base)
            if lacks_tools(self._turn, self._toolbox):
                return "incomplete"
            self._refuse_spent()
            await self._calling.run()
        for number in range(len(self._turn.steps) + 1, self._options.max_steps + 1):
            self._refuse_spent()
            await self._stream(number, self._body(history, documents))
            status = verdict(self._turn, self._options, self._toolbox)
            if status is not None:
                return status
            self._meter.check(self._turn.steps[-1].fold)
            self._refuse_spent()
            await self._calling.run()
        self._turn.error = too_many(len(self._turn.steps))  # as the steps that were taken over were so many
        return "max-steps"

    def _refuse_spent(self) -> None:
        refuse_spent(self._options, self._turn, self._in_all)

    def _taken_over(self, base: Turn) -> list[dict[str, Any]]:
        """Take over the first steps of `base`; return the documents that they were sent with."""
        for event in fold_given(self._turn, base):
            self._turn.keep(event)
            self._hand_on(event)
        return list(self._turn.steps[0].request.get("documents") or ())

    def person_asked(self, call_id: str, *, is_open: bool) -> None:
        """As of `Calling`."""
        self._calling.person_asked(call_id, is_open=is_open)

    def _without_keys_around(self) -> _Around:
        """What a request has around its conversation: it is the same in each of the turn's steps."""
        options, value = self._options, self._redactor.value
        system = [{"role": "system", "content": options.system}] if options.system else []
        tools = self._toolbox.definitions() if self._toolbox is not None else []
        return _Around(value(options.model), value(system), value(tools), value(dict(options.parameters)))

    def _body(self, history: Sequence[Mapping[str, Any]], documents: list[dict[str, Any]]) -> dict[str, Any]:
        """The body of the next request. The messages of earlier turns in it are those of `history`, not copies."""
        around = self._around = self._around or self._without_keys_around()
        own = self._redactor.value(self._turn.messages(thinking=True))
        body = {"model": around.model, "messages": Messages([*around.system, *history, *own])}
        if documents:
            body["documents"] = documents
        if around.tools:
            body["tools"] = around.tools
        return body | around.parameters

    # -- one step ------------------------------------------------------------------------------

    async def _stream(self, number: int, body: dict[str, Any]) -> None:
        """Send the request and take in its answer; sent again when it failed before anything of one came."""
        self._emit(Request(t=self._now(), step=number, body=body))
        for attempt in itertools.count(1):
            try:
                await self._attempt(number, body)
                return
            except ChatError as error:
                wait = self._wait(error, attempt)
                if wait is None:
                    raise
                retry = Retry(
                    t=self._now(),
                    step=number,
                    attempt=attempt,
                    most=self._options.retries,
                    wait=wait,
                    error={"kind": error.kind, "status": error.status, "message": error.message},
                )
            self._emit(retry)
            await self._backoff.sleep(wait)

    def _wait(self, error: ChatError, attempt: int) -> float | None:
        """Seconds until the request is sent again, or None when it is not to be."""
        if self._turn.steps[-1].answering or attempt > self._options.retries:
            return None
        return self._backoff.wait(error, attempt)

    async def _attempt(self, number: int, body: dict[str, Any]) -> None:
        reader, pieces = FrameReader(self._options.bounds.line), self._redactor.data_in_pieces()
        step, unkept = self._turn.steps[-1], 0
        if isinstance(self._client, Prepares):
            await self._client.prepare()
        watch = Watch(first_byte=self._options.first_byte_timeout, idle=self._options.timeout)
        frames: Iterator[Frame] = iter(())
        try:
            async with AsyncExitStack() as stack:
                async with watch.limit():
                    chunks = await stack.enter_async_context(self._client.stream(body))
                self._others_had_their_turn = time.monotonic()
                async for chunk in watch.chunks(chunks):
                    now = self._now()
                    frames = iter(reader.feed(pieces.feed(chunk)))
                    for frame in frames:
                        if isinstance(self._take(frame, now, number), KNOWN):
                            watch.event()
                        await self._give_way()
                    if step.fold.ended:
                        watch.whole()
                    self._meter.check(step.fold, line_too_long=reader.gave_up)
                    if (unkept := unkept + len(chunk)) > MOST_UNKEPT:
                        await self._kept()
                        unkept = 0
                    await self._give_way()
        except (ChatError, AnswerLimit):
            if not step.fold.ended:
                raise
        except asyncio.CancelledError:
            # What was read with the frame at which it was stopped has come, and is in the recording.
            with suppress(AnswerLimit):
                for frame in frames:
                    self._take(frame, self._now(), number)
            raise
        finally:
            self._flush(reader, pieces.close(), number)

    async def _give_way(self) -> None:
        """Let others have their turn, once a slice of time is over."""
        if time.monotonic() - self._others_had_their_turn > SLICE_SECONDS:
            await self._taken()
            self._others_had_their_turn = time.monotonic()

    def _take(self, frame: Frame, now: float, number: int) -> Event:
        """Hand on what a frame of step `number` says; AnswerLimit, when that was too much."""
        event = decode(frame, now, number)
        self._emit(event)
        self._meter.event(event)
        return event

    def _flush(self, reader: FrameReader, rest: bytes, number: int) -> None:
        """Hand on what the body's end left over: a frame without its blank line, what was held back, late anchors."""
        now = self._now()
        for frame in (*reader.feed(rest), *reader.close()):
            self._emit(decode(frame, now, number))
        for event in self._masking.rest():
            self._fold(event)
        for citation in self._turn.settle(now):
            self._put(citation)
