"""A turn: a question, and every step until its answer is whole. Events in, the state of the turn out. No I/O.

Owns the order of steps, their messages, tool results, times, the answer over all steps, and the ledger of its
sources; `summary` has the parts of it as JSON. Refuses to decide what happens next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from workbench import surrogates
from workbench.conversation.changes import MadeFrom
from workbench.conversation.event_log import EventLog
from workbench.conversation.fold import PLAN, Citation, Message, MessageFold, assistant_message, unique_calls
from workbench.conversation.summary import calls_json, citations_json, error_json, uncited_json
from workbench.conversation.times import Times, asked, times_of
from workbench.conversation.trace import Trace
from workbench.documents.choices import Choices
from workbench.documents.ledger import Ledger, coverage, uncited
from workbench.documents.passages import Passage
from workbench.documents.search_tool import passages_of
from workbench.errors import WorkbenchError
from workbench.events import (
    KNOWN,
    WIRE_EVENTS,
    Cited,
    CitedPlace,
    ContentDelta,
    Debug,
    Event,
    Malformed,
    MessageStart,
    Request,
    Retrieval,
    Retry,
    ToolCallDelta,
    ToolCallStart,
    ToolPlanDelta,
    ToolResult,
    TurnSummary,
)
from workbench.tools.result_documents import result_documents
from workbench.tools.result_sizes import for_model
from workbench.wire.text_runs import TextRun

Status = Literal["running", "complete", "incomplete", "failed", "cancelled", "max-steps", "timeout", "limit"]
TOKENS = frozenset({ContentDelta, ToolPlanDelta, ToolCallStart})
LONGEST_REASON = 200  # characters of why a call is lost
CALLING = (ToolCallStart.kind, ToolCallDelta.kind)
ANSWER = frozenset(KNOWN) - {MessageStart, Debug}
_FROM_THE_WIRE = frozenset(WIRE_EVENTS)


@dataclass(slots=True)
class Step:
    """One request and what came of it. `results` are in the order of the message's tool calls.

    `answering` tells whether anything of an answer has come: from then on the request is not sent again. `lost_call`
    says why a piece of a tool call could not be read. `prompt` is what the model read, of a server that tells. `given`
    says that the step was taken over from another turn, and `edited` has the arguments that a person gave calls in it.
    """

    number: int
    began: float
    request: Mapping[str, Any]
    fold: MessageFold = field(default_factory=MessageFold)
    results: dict[int, ToolResult] = field(default_factory=dict)
    in_ledger: int = 0
    server_error: str = ""
    lost_call: str = ""
    answering: bool = False
    prompt: str = ""
    given: bool = False
    edited: Mapping[int, str] = field(default_factory=dict)  # by the ordinal of the call

    def message(self) -> Message:
        """The step's message so far; cost grows with its length."""
        message = self.fold.message()
        if not self.edited:
            return message
        calls = (
            replace(call, arguments=self.edited.get(ordinal, call.arguments))
            for ordinal, call in enumerate(message.tool_calls)
        )
        return replace(message, tool_calls=tuple(calls))


class Turn:
    """The state of one turn. `apply` folds each event once, in order; `keep` then takes it into `events` and `trace`.

    All that is shown of a turn is here, so that any turn can be shown at any time.
    """

    def __init__(
        self,
        number: int,
        prompt: str,
        place: int | None = None,
        *,
        parent: int | None = None,
        made_from: MadeFrom | None = None,
    ) -> None:
        """`number` is the turn's own among all that were ever asked, in files too; `place` counts from 1 which of its
        conversation it is, whatever was asked in conversations before. `parent` is the number of the turn that it goes
        on from, None for a first one, and `made_from` tells of the turn that was asked again in this one."""
        self.number = number
        self.parent = parent
        self.made_from = made_from
        self.place = number if place is None else place
        self.prompt = prompt
        self.settings: Mapping[str, Any] | None = None
        """What it was asked with: the settings that were not their default, as JSON; None where that is not known."""
        self.tools_off: frozenset[str] = frozenset()
        """The names of the tools that were switched off in the conversation when it was asked."""
        self.choices: Choices | None = None
        """What was chosen of the documents for it; None where nothing was."""
        self.steps: list[Step] = []
        self.status: Status = "running"
        self.error: WorkbenchError | None = None
        self.ledger = Ledger()
        self.events = EventLog()
        self.trace = Trace()
        self.usage_of_search: Mapping[str, Any] = {}
        """The usage of the request in which a model wrote what was searched for."""
        self.first_token: float | None = None
        self.last_token: float | None = None
        self.seconds: float = 0.0
        self._citations: dict[tuple[int, int], Cited] = {}
        self._text_base: list[int] = []
        self._thinking_base: list[int] = []

    # -- folding ------------------------------------------------------------------------------

    def apply(self, event: Event) -> tuple[Cited, ...]:
        """Fold one event; return the citations that it brought, placed in the answer's text."""
        if event.t > self.seconds:
            self.seconds = event.t
        if type(event) in _FROM_THE_WIRE:
            return self._wire(event) if self.steps else ()
        match event:
            case Request():
                self._begin_step(event)
            case Retrieval():
                self.usage_of_search = (event.rewrite or {}).get("usage") or {}
            case Retry():
                # What a failed attempt left, such as a message-start, is no part of the next one.
                step = self.steps[-1]
                step.fold, step.server_error, step.lost_call = MessageFold(), "", ""
            case ToolResult():
                self._tool_result(event)
        return ()

    def keep(self, event: Event) -> None:
        """Keep an event that is handed on, in order: `apply` has folded it, or there is nothing to fold."""
        self.events.append(event)
        self.trace.apply(event)

    def take_run(self, run: TextRun, t: float) -> None:
        """As `apply` and `keep`, of the events of a run of frames that came at `t`, which are not decoded for it."""
        self.fold_run(run, t)
        self.events.append_run(run, t, len(self.steps))

    def fold_run(self, run: TextRun, t: float) -> None:
        """As `apply`, of the events of a run of frames that came at `t`."""
        step = len(self.steps)
        for index, pieces in groupby(run.pieces, itemgetter(0)):
            self.apply(ContentDelta(t=t, step=step, index=index, text="".join(text for _, text in pieces)))

    def settle(self, t: float) -> tuple[Cited, ...]:
        """The stream of this step has ended: the citations that can be placed only now, or whose place has moved.

        A place moves when text came for an earlier block after it was found.
        """
        if not self.steps:
            return ()
        step, base = self.steps[-1], self._text_base[-1]
        step.fold.settle()
        bases = step.fold.text_bases()
        moved = []
        for citation in step.fold.citations:
            start = None if citation.start is None or not step.fold.is_text(citation.block) else citation.start
            if start is not None:
                start += base + bases[citation.block or 0]
            known = self._citations[step.number, citation.ordinal]
            if known.start != start or (start is None and known.place != self._place(step, citation)):
                moved.append(self._cited(step, base, citation, t))
        return tuple(moved)

    def _begin_step(self, event: Request) -> None:
        length = self._text_base[-1] + self.steps[-1].fold.text_length() if self.steps else 0
        self._text_base.append(length)
        thought = self._thinking_base[-1] + self.steps[-1].fold.thinking_length() if self.steps else 0
        self._thinking_base.append(thought)
        self.steps.append(Step(event.step, event.t, event.body))

    def _wire(self, event: Event) -> tuple[Cited, ...]:
        step, kind = self.steps[-1], type(event)
        if kind in TOKENS:
            self.first_token = event.t if self.first_token is None else self.first_token
            self.last_token = event.t
        if kind in ANSWER:
            step.answering = True
        elif isinstance(event, Debug):
            step.prompt = event.prompt
        elif isinstance(event, Malformed):
            step.server_error = step.server_error or event.reason
            if event.about in CALLING:
                step.lost_call = step.lost_call or event.reason[:LONGEST_REASON]
        citations = step.fold.apply(event)
        if not citations:
            return ()
        base = self._text_base[-1]
        return tuple(self._cited(step, base, citation, event.t) for citation in citations)

    def _cited(self, step: Step, base: int, citation: Citation, t: float) -> Cited:
        key = (step.number, citation.ordinal)
        known = self._citations.get(key)
        start = self._start(step, base, citation)
        cited = Cited(
            t=t,
            step=step.number,
            ordinal=known.ordinal if known else len(self._citations),
            start=start,
            end=None if start is None else start + len(citation.text),
            text=citation.text,
            type=citation.type,
            sources=citation.sources,
            numbers=known.numbers if known else self.ledger.cite(citation.sources),
            place=self._place(step, citation),
            within=self._within(step, citation),
        )
        self._citations[key] = cited
        return cited

    @staticmethod
    def _start(step: Step, base: int, citation: Citation) -> int | None:
        """Where the citation begins in the answer, when it rests there."""
        if citation.start is None or not step.fold.is_text(citation.block):
            return None
        return base + step.fold.text_base(citation.block or 0) + citation.start

    @staticmethod
    def _place(step: Step, citation: Citation) -> CitedPlace:
        """What the citation rests in, "" for nowhere."""
        if citation.start is None:
            return ""
        if citation.block == PLAN:
            return "plan"
        return "answer" if step.fold.is_text(citation.block) else "thinking"

    def _within(self, step: Step, citation: Citation) -> int | None:
        """Where the citation begins in what was thought, or in the step's plan, when it rests there."""
        match self._place(step, citation):
            case "thinking":
                return self._thinking_base[-1] + step.fold.thinking_base(citation.block or 0) + (citation.start or 0)
            case "plan":
                return citation.start
            case _:
                return None

    def place_of_text(self, step: int, block: int, start: int) -> tuple[Literal["answer", "thinking"], int] | None:
        """Where code point `start` of a block of a step's message is in the answer, or in all that was thought.

        None where there is no such block.
        """
        if not 0 < step <= len(self.steps) or not 0 <= block < self.steps[step - 1].fold.block_count:
            return None
        fold = self.steps[step - 1].fold
        if fold.is_text(block):
            return "answer", self._text_base[step - 1] + fold.text_base(block) + start
        return "thinking", self._thinking_base[step - 1] + fold.thinking_base(block) + start

    def citation_of(self, step: int, ordinal: int) -> int | None:
        """Which of the turn's citations that one of a step's message is; None where there is none."""
        cited = self._citations.get((step, ordinal))
        return None if cited is None else cited.ordinal

    def _tool_result(self, event: ToolResult) -> None:
        step = self.steps[-1]
        step.results[event.call] = event
        while (result := step.results.get(step.in_ledger)) is not None:
            # In the order of the calls, which is the order in which the model gets them, however they ended.
            if result.is_refused:
                self.ledger.refused(result.id, result.error or "")
            elif result.of_documents and (found := list(passages_of(result.result))):
                self.ledger.found_by_call(result.id, found, self._matched(result.arguments, found))
            else:
                self.ledger.tool_result(result.id, result.name, result.arguments, _as_text(result))
            step.in_ledger += 1

    def _matched(self, arguments: Any, found: Sequence[tuple[Passage, Any, Any]]) -> list[tuple[str, ...]]:
        """The words of a search of the model's own, else of the prompt, that what it found has."""
        from workbench.documents.why_found import words_found  # a turn without documents needs no near meanings

        query = arguments.get("query") if isinstance(arguments, Mapping) else None
        searched = (query, self.prompt) if isinstance(query, str) else (self.prompt,)
        return words_found(searched, [passage for passage, *_ in found])

    # -- reading -------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The answer's text: every text delta of every step, in the order of their blocks."""
        return "".join(step.message().text for step in self.steps)

    @property
    def thinking(self) -> str:
        """What was thought in all steps, in their order; cost grows with its length."""
        return "".join(step.message().thinking for step in self.steps)

    @property
    def plan(self) -> str:
        """The tool plans of all steps, in their order; cost grows with their length."""
        return "".join(step.message().tool_plan for step in self.steps)

    @property
    def citations(self) -> tuple[Cited, ...]:
        """The citations so far, each with its last known place, in the order in which they first came."""
        return tuple(self._citations.values())

    @property
    def unanchored(self) -> tuple[Cited, ...]:
        """The citations whose text was found nowhere, neither in the answer nor in what was planned or thought."""
        return tuple(
            self._citations[step.number, citation.ordinal]
            for step in self.steps
            for citation in step.fold.citations
            if citation.start is None
        )

    @property
    def cited_spans(self) -> list[tuple[int, int]]:
        """(start, end) of what is cited in the answer, but for what rests on calls alone that were refused."""
        return [
            (cited.start, cited.end)
            for cited in self.citations
            if cited.is_sourced and cited.start is not None and cited.end is not None
        ]

    @property
    def uncited(self) -> list[tuple[int, int]]:
        """(start, end) of the sentences of the answer that `coverage` counts and nothing cites, in order."""
        return uncited(self.text, self.cited_spans)

    @property
    def finish_reason(self) -> str:
        """The last step's finish reason, as received; "" before there is one."""
        return self.steps[-1].fold.finish_reason if self.steps else ""

    @property
    def times(self) -> Times:
        """Whose the time of the turn was so far; steps that were taken over took none of it."""
        return times_of(self.trace.steps, self.seconds, list(asked(self.trace, self.seconds)))

    @property
    def tool_seconds(self) -> float:
        """How long at least one tool ran, in seconds."""
        return self.times.tools

    @property
    def person_seconds(self) -> float:
        """How long a person was asked about calls while no tool ran, in seconds."""
        return self.times.person

    def usage(self) -> dict[str, Any]:
        """The usage of all steps that were not taken over, and of what was asked for a search, added up field by field.

        Of one request alone it is as received.
        """
        total: dict[str, Any] = {}
        _add_usage(total, self.usage_of_search)
        for step in self.steps:
            _add_usage(total, {} if step.given else step.fold.usage or {})
        return total

    def messages(self, *, thinking: bool) -> list[dict[str, Any]]:
        """The turn as messages of a request: the prompt, then each step's message and tool results.

        A step whose calls do not all have results (it failed, or was cancelled) goes without its calls.
        """
        messages: list[dict[str, Any]] = [{"role": "user", "content": self.prompt}]
        for step in self.steps:
            messages += _step_messages(step, thinking=thinking)
        return messages

    def summary(self) -> TurnSummary:
        """The turn as the last line of `ask --json` tells it; cost grows with its length."""
        text, times = self.text, self.times
        covered, sentences = coverage(text, self.cited_spans)
        return TurnSummary(
            status=self.status,
            finish_reason=self.finish_reason or None,
            text=surrogates.joined(text),
            thinking=surrogates.joined(self.thinking),
            tool_calls=tuple(
                entry for step in self.steps for entry in calls_json(step.message().tool_calls, step.results)
            ),
            citations=tuple(citations_json(self.citations, text)),
            ledger=tuple(entry.as_json() for entry in self.ledger.entries()),
            coverage={"cited": covered, "sentences": sentences} if sentences else None,
            uncited=uncited_json(text, self.cited_spans),
            usage=self.usage(),
            error=error_json(self.error),
            steps=len(self.steps),
            seconds={
                "first_token": self.first_token,
                "total": times.total,
                "tools": times.tools,
                "person": times.person,
            },
        )


def _step_messages(step: Step, *, thinking: bool) -> list[dict[str, Any]]:
    message = step.message()
    answered = bool(message.tool_calls) and step.results.keys() == set(range(len(message.tool_calls)))
    answered = answered and not any(result.error_kind == "cancelled" for result in step.results.values())
    entry = assistant_message(message, thinking=thinking and answered, tool_calls=answered)
    if entry is None:
        return []
    if not answered:
        return [entry]
    calls = unique_calls(message.tool_calls)
    for call, written in zip(calls, entry["tool_calls"], strict=True):
        written["id"] = call.id
    return [entry] + [
        {"role": "tool", "tool_call_id": call.id, "content": result_documents(step.results[ordinal])}
        for ordinal, call in enumerate(calls)
    ]


def _add_usage(total: dict[str, Any], usage: Mapping[str, Any]) -> None:
    for key, value in usage.items():
        known = total.get(key)
        if isinstance(value, Mapping):
            if not isinstance(known, dict):
                known = total[key] = {}
            _add_usage(known, value)
        elif _is_number(value) and _is_number(known):
            total[key] = known + value
        else:
            total[key] = value


def _as_text(event: ToolResult) -> str:
    """What the model got of a tool's result as a person reads it: its text, or indented JSON."""
    if event.error is not None:
        return event.error
    sent = for_model(event.result)
    return sent if isinstance(sent, str) else json.dumps(sent, ensure_ascii=False, indent=2)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
