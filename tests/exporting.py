"""Turns to be exported: from bodies, or from what a server might say, with a text of its own in every place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.conversation.turn import Turn
from workbench.documents.passages import Passage
from workbench.events import (
    CitationStart,
    ContentDelta,
    ContentStart,
    Event,
    MessageEnd,
    Request,
    Retry,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolPlanDelta,
    ToolResult,
    ToolStarted,
    TurnEnd,
    Unknown,
)
from workbench.printing.json_lines import event_line
from workbench.sessions.export.exported import Exported, ExportedTurn
from workbench.sessions.export.html_page import html_page
from workbench.sessions.export.markdown_page import markdown_page


def turn_of(events: Sequence[Event], prompt: str = "q", *, number: int = 1, sent: Sequence[Passage] = ()) -> Turn:
    """A complete turn of these events; `sent` went along with it."""
    turn = Turn(number, prompt)
    for passage in sent:
        turn.ledger.sent(passage)
    for event in events:
        cited = turn.apply(event)
        for each in (event, *cited):
            turn.keep(each)
    turn.status = "complete"
    turn.keep(TurnEnd(t=turn.seconds, step=1, status="complete", summary=turn.summary()))
    return turn


def session_of(*turns: Turn, source: str = "127.0.0.1:1", base_url: str = "http://127.0.0.1:1") -> Exported:
    """A session with these turns."""
    return Exported("20260131-091500-abcdef", 1_769_850_900.0, [ExportedTurn(each, source, base_url) for each in turns])


def of_bodies(*bodies: Mapping[str, Any]) -> Exported:
    """A session of one turn that sent these requests."""
    return session_of(turn_of([Request(t=0.1 * step, step=step, body=body) for step, body in enumerate(bodies, 1)]))


def citation(start: int, text: str, *sources: Mapping[str, Any]) -> CitationStart:
    """A citation in the only block of text."""
    return CitationStart(t=0.5, index=0, start=start, end=start + len(text), text=text, sources=tuple(sources))


def answered(text: str, *citations: CitationStart, sent: Sequence[Passage] = (), prompt: str = "q") -> Turn:
    """A turn whose answer is `text`."""
    events: list[Event] = [Request(t=0.0, step=1, body={"model": "m", "messages": []})]
    events += [ContentStart(t=0.1, index=0, type="text"), ContentDelta(t=0.2, index=0, text=text), *citations]
    return turn_of([*events, MessageEnd(t=1.0, finish_reason="COMPLETE")], prompt, sent=sent)


def full_of(text: str) -> Exported:
    """A session in which every place that something from outside can have has `text`."""
    passage = Passage(id=f"d{text}", set=text, title=text, text=f"before {text} behind", path=text, lines=(1, 2))
    blocks = (f"Says {text} so.", text, f"- {text}", f"`{text}`", f"```{text}\n{text}\n```", f"[{text}]({text})")
    answer = "\n\n".join([*blocks, f"![{text}]({text})"])
    call: dict[str, Any] = {"id": f"c{text}", "name": text, "arguments": {text: [text]}}
    events: list[Event] = [
        Request(t=0.0, step=1, body={"model": text, "messages": [{"role": "user", "content": text}], text: text}),
        Retry(t=0.1, step=1, attempt=1, most=3, wait=0.1, error={"kind": "http", "status": 500, "message": text}),
        ToolPlanDelta(t=0.2, text=text),
        ToolCallStart(t=0.2, index=0, id=call["id"], name=text, arguments=""),
        ToolCallDelta(t=0.3, index=0, arguments=text),
        ToolCallEnd(t=0.3, index=0),
        Unknown(t=0.3, type=text, raw=text),
        MessageEnd(t=0.4, finish_reason="TOOL_CALL"),
        ToolStarted(t=0.4, step=1, call=0, **call),
        ToolResult(t=0.6, step=1, call=0, **call, result={text: text}, output=text, seconds=0.2),
        Request(t=0.6, step=2, body={"model": text, "messages": []}),
        ContentStart(t=0.6, step=2, index=0, type="thinking", text=text),
        ContentStart(t=0.7, step=2, index=1, type="text"),
        ContentDelta(t=0.7, step=2, index=1, text=answer),
        CitationStart(
            t=0.8, step=2, index=0, start=0, end=4, text="Says", sources=({"type": "document", "id": passage.id},)
        ),
        CitationStart(
            t=0.8, step=2, index=1, start=5, end=5 + len(text), text=text, sources=(_tool(call["id"], text),)
        ),
        CitationStart(
            t=0.8, step=2, index=2, start=9000, end=9010, text=f"{text}!", sources=({"type": text, "id": text},)
        ),
        MessageEnd(t=1.0, step=2, finish_reason=text, error=text),
    ]
    return session_of(turn_of(events, text, sent=[passage]), source=text)


def _tool(call_id: str, text: str) -> dict[str, Any]:
    return {"type": "tool", "id": f"{call_id}:0", "tool_output": {text: text}}


def page(session: Exported) -> str:
    """The session as HTML."""
    return "".join(html_page(session, event_line))


def document(session: Exported) -> str:
    """The session as Markdown."""
    return "".join(markdown_page(session))
