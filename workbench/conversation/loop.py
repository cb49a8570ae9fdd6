"""One turn, run: request -> events -> tools -> next request, until it is done.

Owns the order of things: retrieval, steps, requests sent again, tool calls run side by side, the limits of a turn,
and the verdict on a step. Refuses to keep history, to print, to draw, and to know any JSON of the wire.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from workbench.conversation.bounds import Meter
from workbench.conversation.fold import ToolCall
from workbench.conversation.given import fold_given
from workbench.conversation.lifting import same_calls
from workbench.conversation.limits import Watch
from workbench.conversation.masking import EventMask
from workbench.conversation.options import (
    MEGABYTE,
    Documents,
    Options,
    Prepares,
    PreparesTools,
    SearchesDocuments,
    StreamsChat,
    Tools,
)
from workbench.conversation.retrying import Backoff
from workbench.conversation.spending import refuse_spent
from workbench.conversation.turn import Status, Turn, unique_calls
from workbench.documents.embedding import Stop
from workbench.errors import (
    AnswerLimit,
    ChatError,
    DocumentsAway,
    NoTools,
    StepLimit,
    StreamFailed,
    StreamTimeout,
    TokenLimit,
    TurnTimeout,
    WorkbenchError,
)
from workbench.events import (
    KNOWN,
    Event,
    Messages,
    PersonAnswered,
    PersonAsked,
    Request,
    Retrieval,
    Retry,
    ToolProgress,
    ToolResult,
    ToolStarted,
    TurnEnd,
    TurnStart,
    TurnSummary,
)
from workbench.recordings.exchanges import OF_TURN
from workbench.tools.runner import Progress
from workbench.wire.decoder import decode
from workbench.wire.finish_reasons import TOOL_CALL, is_failure, known_as
from workbench.wire.frames import Frame, FrameReader

if TYPE_CHECKING:
    from workbench.conversation.tree import TreeMark
    from workbench.documents.passages import Passage
    from workbench.documents.retrieval import Retrieved
    from workbench.documents.rewriting import Rewritten
    from workbench.secrets.redactor import Redactor

SLICE_SECONDS = 0.002
"""So long events are handed on before others get their turn: a chunk may hold thousands, or be there already."""

SERVERS = "the servers of the tools"
"""What a person is asked about before the first request."""

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


@dataclass(slots=True)
class _Called:
    """A call that was begun, and since when it may run, or since when a person is asked about it instead."""

    ordinal: int
    call: ToolCall
    since: float
    asked: bool = False


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
        self._library = library
        self._toolbox = toolbox
        self._attached = attached
        self._earlier = earlier
        self._in_all = in_all
        self._keeper = keeper
        self._hand_on = put
        self._taken = taken
        self._clock = clock
        self._backoff = backoff
        self._redactor = redactor
        self._masking = EventMask(redactor)
        self._around = self._without_keys_around()
        self._meter = Meter(options.bounds)
        self._began = clock()
        self._called: dict[str, _Called] = {}  # the calls of this step that have no result yet, by their ids
        self._asked_since: float | None = None  # a person is asked before there is a request
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
        documents = await self._documents(history, local=True)
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
        await self._prepare_tools()
        if self._base is None:
            documents = await self._documents(history)
        else:
            documents = self._taken_over(self._base)
            if self._lacks_tools():
                return "incomplete"
            self._refuse_spent()
            await self._run_tools()
        for number in range(len(self._turn.steps) + 1, self._options.max_steps + 1):
            self._refuse_spent()
            await self._stream(number, self._body(history, documents))
            status = self._verdict()
            if status is not None:
                return status
            self._meter.check(self._turn.steps[-1].fold)
            self._refuse_spent()
            await self._run_tools()
        self._turn.error = _too_many(len(self._turn.steps))  # as the steps that were taken over were so many
        return "max-steps"

    def _refuse_spent(self) -> None:
        refuse_spent(self._options, self._turn, self._in_all)

    def _taken_over(self, base: Turn) -> list[dict[str, Any]]:
        """Take over the first steps of `base`; return the documents that they were sent with."""
        for event in fold_given(self._turn, base):
            self._turn.keep(event)
            self._hand_on(event)
        return list(self._turn.steps[0].request.get("documents") or ())

    async def _documents(self, history: Sequence[Mapping[str, Any]], *, local: bool = False) -> list[dict[str, Any]]:
        """What is attached and what is retrieved for the prompt behind `history`; noted in the ledger, as sent.

        With `local` no model is asked for it that is elsewhere.
        """
        attached = [self._masked(passage) for passage in self._attached]
        for passage in attached:
            self._turn.ledger.sent(passage)
        retrieved = await self._retrieved(self._library, history, local=local) if self._library is not None else ()
        ranks = itertools.count(1)
        for each in retrieved:
            rank = next(ranks) if each.is_found else None
            self._turn.ledger.sent(
                each.passage, each.score, rank, pinned=each.pinned, spans=each.spans, matched=each.matched
            )
        return [passage.as_document() for passage in (*attached, *(each.passage for each in retrieved))]

    async def _retrieved(
        self, library: Documents, history: Sequence[Mapping[str, Any]], *, local: bool
    ) -> Sequence[Retrieved]:
        """What is found for the prompt, off the event loop; how, is an event where that is worth telling."""
        if not isinstance(library, SearchesDocuments):
            items = await asyncio.to_thread(library.retrieve, self._turn.prompt, self._earlier)
            return await asyncio.to_thread(self._explained, items, "")
        rewrite = await self._rewritten(history) if library.asks_for_rewrite and not local else None
        stop, query = Stop(), rewrite.text if rewrite else ""
        search = partial(
            library.found, self._turn.prompt, self._earlier, rewrite=query, strictly=False, stop=stop, local=local
        )
        try:
            found = await asyncio.to_thread(search)
        finally:
            stop.stop()  # of one who does not wait any more, the request is given up, too
        if (found.tells or rewrite is not None) and not local:
            said = Retrieval(
                t=self._now(),
                seconds=found.seconds,
                sets=tuple(look.as_json() for look in found.looks),
                query=found.narrowed,
                notes=found.notes,
                rewrite=None if rewrite is None else rewrite.as_json(),
            )
            self._emit(said)
        return await asyncio.to_thread(self._explained, found.items, found.query.text)

    def _explained(self, found: Sequence[Retrieved], searched: str) -> list[Retrieved]:
        """What was found by the words `searched`, or those of the prompt, masked, and with why each of it was found."""
        from workbench.documents.why_found import found_by  # a turn without documents needs no near meanings

        questions = (self._redactor.text(searched), self._turn.prompt, *reversed(self._earlier))
        explained = found_by(questions, found)
        masked = [replace(each, passage=self._masked(each.passage)) for each in explained]
        return [
            each if each.passage.text == its.passage.text else replace(each, spans=())  # which are of the other text
            for each, its in zip(masked, explained, strict=True)
        ]

    async def _rewritten(self, history: Sequence[Mapping[str, Any]]) -> Rewritten:
        """What the model writes to be searched for in place of the prompt."""
        from workbench.conversation.rewriting import rewritten

        self._refuse_spent()
        if isinstance(self._client, Prepares):
            await self._client.prepare()
        query = await rewritten(self._client, self._options, self._turn.prompt, history, self._clock)
        return replace(query, text=self._redactor.text(query.text), error=self._redactor.text(query.error))

    def _masked(self, passage: Passage) -> Passage:
        names = ("id", "title", "text", "data", "path") if self._redactor else ()
        return replace(passage, **{name: self._redactor.value(getattr(passage, name)) for name in names})

    async def _prepare_tools(self) -> None:
        """Have the tools found that are on servers, before the first request names them."""
        if isinstance(self._toolbox, PreparesTools):
            try:
                await self._toolbox.prepare()
            finally:
                self.person_asked("", is_open=False)
            self._around = self._without_keys_around()

    def _without_keys_around(self) -> _Around:
        """What a request has around its conversation: it is the same in each of the turn's steps."""
        options, value = self._options, self._redactor.value
        system = [{"role": "system", "content": options.system}] if options.system else []
        tools = self._toolbox.definitions() if self._toolbox is not None else []
        return _Around(value(options.model), value(system), value(tools), value(dict(options.parameters)))

    def _body(self, history: Sequence[Mapping[str, Any]], documents: list[dict[str, Any]]) -> dict[str, Any]:
        """The body of the next request. The messages of earlier turns in it are those of `history`, not copies."""
        around = self._around
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

    def _verdict(self) -> Status | None:
        """How the turn ends after this step, or None when its tool calls are to be run."""
        step = self._turn.steps[-1]
        fold = step.fold
        if not fold.ended:
            if step.server_error:
                raise StreamFailed(f"the stream ended without its message-end: {step.server_error}")
            self._turn.error = StreamFailed(
                "the stream ended before its message-end: the connection was cut or the server gave up; "
                "what had come is kept"
                if step.answering
                else "the stream ended before anything of an answer came: the server gave up; look at its log"
            )
            return "incomplete"
        if is_failure(fold.finish_reason):
            raise StreamFailed(_failure(fold.finish_reason, fold.error, fold.error_type))
        if known_as(fold.finish_reason) == TOOL_CALL:
            return self._tool_verdict()
        if calls := step.message().tool_calls:
            names = ", ".join(dict.fromkeys(call.name for call in calls))
            self._turn.error = StreamFailed(
                f"the model called {names}, and stopped with {fold.finish_reason or 'no reason'}, "
                f"not with {TOOL_CALL}: nothing was run, and this is no whole answer; ask again"
            )
            return "incomplete"
        if step.lost_call:
            self._turn.error = StreamFailed(
                f"of a tool call came what cannot be read ({step.lost_call}): nothing was run, and this is no whole "
                "answer; ask again, or look at the server's log"
            )
            return "incomplete"
        return "complete"

    def _tool_verdict(self) -> Status | None:
        step = self._turn.steps[-1]
        calls = step.message().tool_calls
        if step.lost_call or not calls:
            # A call that is run without a piece of its arguments may do something else than what was asked for.
            what = f"of its call came what cannot be read ({step.lost_call})" if step.lost_call else "no call came"
            self._turn.error = StreamFailed(
                f"the model stopped to call a tool, and {what}: nothing was run, and this is no whole answer; "
                "ask again, or look at the server's log"
            )
            return "incomplete"
        if self._lacks_tools():
            return "incomplete"
        if len(self._turn.steps) >= self._options.max_steps:
            self._turn.error = _too_many(len(self._turn.steps))
            return "max-steps"
        if (same := same_calls(self._turn)) > self._options.max_repeats:
            before = "step before" if same == 2 else f"{same - 1} steps before"
            self._turn.error = StepLimit(
                f"stopped: step {len(self._turn.steps)} asked for the very same tool calls as the {before} "
                "(max_repeats sets the limit)",
                limit="max_repeats",
            )
            return "max-steps"
        return None

    def _lacks_tools(self) -> bool:
        """Whether calls of the last step are still to run, and there are no tools; the turn's error says so then."""
        step = self._turn.steps[-1]
        left = [call.name for at, call in enumerate(step.message().tool_calls) if at not in step.results]
        if not left or (self._toolbox is not None and self._toolbox.definitions()):
            return False
        names = ", ".join(dict.fromkeys(left))
        self._turn.error = NoTools(f"the model called {names}, and no tools are configured (--tools FILE)")
        return True

    # -- tools ------------------------------------------------------------------------------------

    async def _run_tools(self) -> None:
        """Run the step's calls that have no result side by side; each result is an event as soon as it is there."""
        step = self._turn.steps[-1]
        calls = unique_calls(step.message().tool_calls)
        async with asyncio.TaskGroup() as group:
            for ordinal, call in enumerate(calls):
                if ordinal in step.results:
                    continue
                group.create_task(self._run_tool(step.number, ordinal, call))

    async def _run_tool(self, step: int, ordinal: int, call: ToolCall) -> None:
        assert self._toolbox is not None
        started = self._now()
        called = self._called[call.id] = _Called(ordinal, call, started)
        self._emit(ToolStarted(t=started, step=step, id=call.id, name=call.name, arguments=call.parsed(), call=ordinal))

        def report(progress: Progress) -> None:
            about: dict[str, Any] = {"step": step, "id": call.id, "name": call.name, "call": ordinal}
            self._emit(ToolProgress(t=self._now(), **about, **asdict(progress)))

        try:
            await self._kept()
            result = await self._toolbox.run(call_id=call.id, name=call.name, arguments=call.arguments, report=report)
        except asyncio.CancelledError:
            self.person_asked(call.id, is_open=False)
            now = self._now()
            self._emit(
                ToolResult(
                    t=now,
                    step=step,
                    id=call.id,
                    name=call.name,
                    arguments=call.parsed(),
                    error="cancelled",
                    error_kind="cancelled",
                    seconds=now - called.since,
                    call=ordinal,
                )
            )
            raise
        finally:
            self._called.pop(call.id, None)
        self._emit(replace(result, t=self._now(), step=step, call=ordinal))
        await self._kept()

    def person_asked(self, call_id: str, *, is_open: bool) -> None:
        """A person is asked about a call from now on, or no longer; of a call that does not run, nothing is noted."""
        if not call_id and not self._turn.steps:
            self._asked_first(is_open=is_open)
            return
        called = self._called.get(call_id)
        if called is None or called.asked == is_open:
            return
        now, since = self._now(), called.since
        called.asked, called.since = is_open, now
        about: dict[str, Any] = {"id": call_id, "name": called.call.name, "call": called.ordinal}
        step = self._turn.steps[-1].number
        if is_open:
            self._emit(PersonAsked(t=now, step=step, **about))
        else:
            self._emit(PersonAnswered(t=now, step=step, seconds=round(now - since, 6), **about))

    def _asked_first(self, *, is_open: bool) -> None:
        """A person is asked before the first request, whether servers may be started, or no longer."""
        now, since = self._now(), self._asked_since
        if is_open and since is None:
            self._asked_since = now
            self._emit(PersonAsked(t=now, id="", name=SERVERS))
        elif not is_open and since is not None:
            self._asked_since = None
            self._emit(PersonAnswered(t=now, id="", name=SERVERS, seconds=round(now - since, 6)))


def _too_many(steps: int) -> StepLimit:
    count = f"{steps} step{'s' if steps != 1 else ''}"
    said = f"stopped after {count} with tool calls still wanted (--max-steps sets the limit)"
    return StepLimit(said, limit="max_steps")


def _failure(finish_reason: str, error: str, error_type: str) -> str:
    said = error or ("the model ran out of time" if known_as(finish_reason) == "TIMEOUT" else "no reason was given")
    kind = f" ({error_type})" if error_type else ""
    return f"the model stopped with {finish_reason}{kind}: {said}"
