"""What does not count as it seems to: a call that was refused is no failure and no source, and a citation that has no
place in the answer is said to have none."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest

from tests.loopback import message, stream
from tests.ui.harness import (
    ask,
    chat_text,
    rows_of,
    screen_text,
    served,
    settled,
    tool_specs,
    until_shown,
    workbench_app,
)
from workbench.printing.answer import Printer
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.app import WorkbenchApp
from workbench.ui.panes.chat_pane import ChatPane, unplaced_words

SIZES = [(120, 40), (80, 24)]
ANSWER = "It was not allowed. The library opens at nine."


def cited(text: str, start: int, *sources: Mapping[str, Any], type: str = "TEXT_CONTENT") -> dict[str, Any]:
    return {"start": start, "end": start + len(text), "text": text, "type": type, "sources": list(sources)}


def of_call(id: str) -> dict[str, Any]:
    return {"type": "tool", "id": id, "tool_output": {"error": "no"}}


def of_document(id: str = "guide/hours.md#1") -> dict[str, Any]:
    return {"type": "document", "id": id, "document": {"id": id}}


def answered(app: WorkbenchApp) -> Printer:
    """What `ask` says of the last turn."""
    turn = app.conversation.turns[-1]
    printer = Printer(io.StringIO(), io.StringIO())
    for event in turn.events:
        printer.event(event)
    printer.finish(turn)
    return printer


# -- calls that were refused -------------------------------------------------------------------------------------


def guarded(app: WorkbenchApp) -> None:
    """Tools of which one is never approved."""
    specs = [*tool_specs(), ToolSpec("erase", "Erases it", CannedReply("gone"), {"type": "object"}, approve="never")]
    app.conversation.toolbox = Toolbox(specs, people=NoPeople(), trust=TrustStore(), environ={}, clock=lambda: 0.0)


@pytest.mark.parametrize("source", ["c1:0", "c1"])
@pytest.mark.parametrize(
    ("name", "arguments", "why", "word"),
    [
        ("erase", "{}", "denied", "denied"),
        ("opening_hours", '{"place": 7}', "arguments do not fit", "refused"),
        ("opening_hours", '{"place"', "arguments do not fit", "refused"),
        ("opening_ours", "{}", "no such tool", "refused"),
    ],
)
async def test_a_call_that_was_refused_is_no_failure_and_no_source(
    name: str, arguments: str, why: str, word: str, source: str
) -> None:
    app = workbench_app()
    guarded(app)
    script = [
        stream(message(tool_calls=[("c1", name, arguments)])),
        stream(message(ANSWER, citations=[cited("not allowed", 7, of_call(source))])),
    ]
    async with app.run_test(size=SIZES[0]) as pilot, served(app, script):
        await ask(pilot, "May I?")
        await until_shown(pilot, f"⊘ {name}  {why}")
        screen = screen_text(app)
        assert "failed" not in screen
        assert "✗" not in screen
        assert "cited of" not in screen
        assert "[1]" not in chat_text(app)
        assert "coverage 0/2" in screen
    turn = app.conversation.turns[-1]
    assert [entry.kind for entry in turn.ledger.entries() if entry.kind != "document"] == []
    printer = answered(app)
    notes = printer._notes
    assert isinstance(notes, io.StringIO)
    assert f"⊘ {name} {word} · " in notes.getvalue()
    assert "“not allowed” (of a tool call that was refused)" in notes.getvalue()
    assert "Sources:" not in notes.getvalue()


async def test_a_citation_of_a_refused_call_and_of_a_document_is_one_of_the_document() -> None:
    app = workbench_app()
    guarded(app)
    script = [
        stream(message(tool_calls=[("c1", "erase", "{}"), ("c2", "train_status", "{}")])),
        stream(
            message(
                ANSWER,
                citations=[
                    cited("not allowed", 7, of_call("c1:0"), of_call("c2:0")),
                    cited("library", 24, of_call("c1"), of_document()),
                ],
            )
        ),
    ]
    async with app.run_test(size=SIZES[0]) as pilot, served(app, script):
        await ask(pilot, "May I?")
        await until_shown(pilot, "⊘ erase  denied", "✓ train_status", "coverage 2/2")
        assert "not allowed[1]" in chat_text(app)
        assert "library[2]" in chat_text(app)
    entries = app.conversation.turns[-1].ledger.entries()
    assert [(entry.number, entry.title) for entry in entries if entry.number] == [
        (1, "train_status"),
        (2, "Visitor guide › Hours"),
    ]


async def test_a_call_that_failed_is_still_a_failure_with_its_error_as_a_source() -> None:
    app = workbench_app()
    endless = ToolSpec("measure", "Measures.", CannedReply(float("inf")))
    app.conversation.toolbox = Toolbox([endless], people=NoPeople(), trust=TrustStore(), environ={})
    script = [
        stream(message(tool_calls=[("c1", "measure", "{}")])),
        stream(message(ANSWER, citations=[cited("not allowed", 7, of_call("c1:0"))])),
    ]
    async with app.run_test(size=SIZES[0]) as pilot, served(app, script):
        await ask(pilot, "May I?")
        await until_shown(pilot, "✗ measure  failed", "1 cited of", "coverage 1/2")


# -- citations without a place -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_a_citation_that_is_not_in_the_answer_is_said_to_have_no_place(size: tuple[int, int]) -> None:
    app = workbench_app()
    script = [stream(message(ANSWER, citations=[cited("The museum opens at ten.", 20, of_document())]))]
    async with app.run_test(size=size) as pilot, served(app, script):
        await ask(pilot, "When?")
        await until_shown(pilot, "coverage 0/2, 1 not placed")
        assert "! cited, but not found in the answer: “The museum opens at ten.” [1]" in chat_text(app)
        await pilot.press("f4")
        await until_shown(pilot, "1 cited of 4 · 1 not placed")


async def test_those_that_have_a_place_are_marked_as_ever_and_many_without_one_are_counted() -> None:
    app = workbench_app()
    lost = [cited(f"words {number}", 3, of_document()) for number in range(6)]
    script = [stream(message(ANSWER, citations=[cited("library", 24, of_document()), *lost]))]
    async with app.run_test(size=SIZES[0]) as pilot, served(app, script):
        await ask(pilot, "When?")
        await until_shown(pilot, "library[1]", "coverage 1/2, 6 not placed", "“words 2” [1]")
        assert "! 3 more citations are not found where the model has them" in chat_text(app)
        assert "words 3" not in chat_text(app)


async def test_citations_in_plan_and_thinking_have_their_place_there() -> None:
    app = workbench_app()
    thought = cited("nine", 5, of_document(), type="THINKING_CONTENT")
    script = [stream(message(ANSWER, thinking="It is nine.", citations=[thought]))]
    async with app.run_test(size=SIZES[0]) as pilot, served(app, script):
        await ask(pilot, "When?")
        await settled(pilot)
        assert "not placed" not in screen_text(app)
        assert "not found" not in chat_text(app)


@pytest.mark.parametrize(("type", "where"), [("THINKING_CONTENT", "thinking"), ("PLAN", "plan")])
async def test_one_of_thinking_or_of_a_plan_that_is_not_there_is_said_too(type: str, where: str) -> None:
    app = workbench_app()
    lost = cited("The museum", 2, of_document(), type=type)
    script = [stream(message(ANSWER, thinking="It is nine.", citations=[lost]))]
    async with app.run_test(size=SIZES[0]) as pilot, served(app, script):
        await ask(pilot, "When?")
        await until_shown(
            pilot, f"! cited, but not found in the {where}: “The museum” [1]", "1 cited of 4 · 1 not placed"
        )


@pytest.mark.parametrize(
    ("text", "sources", "words"),
    [
        ("a\nb\x1b[31m" + "x" * 200, [of_document()], "“a b␛[31m" + "x" * 112 + "…” [1]"),
        ("[bold]x[/]", [of_document(), of_document("guide/market.md#1")], "“[bold]x[/]” [1][2]"),
        ("museum", [], "“museum” without a source"),
        ("", [of_document()], "[1]"),
    ],
)
async def test_what_is_said_of_them_is_safe_and_short(text: str, sources: list[dict[str, Any]], words: str) -> None:
    app = workbench_app()
    script = [stream(message(ANSWER, citations=[cited(text, 3, *sources)]))]
    async with app.run_test(size=SIZES[0]) as pilot, served(app, script):
        await ask(pilot, "When?")
    assert unplaced_words(app.conversation.turns[-1]) == [f"! cited, but not found in the answer: {words}"]


async def test_a_turn_that_is_brought_back_says_it_too() -> None:
    app = workbench_app()
    script = [stream(message(ANSWER, citations=[cited("The museum", 20, of_document())]))]
    async with app.run_test(size=SIZES[0]) as pilot, served(app, script):
        await ask(pilot, "When?")
        turn = app.conversation.turns[-1]
        chat = app.chat
        assert isinstance(chat, ChatPane)
        chat.reset()
        assert "not found" not in chat_text(app)
        chat.restore(turn)
        await until_shown(pilot, "! cited, but not found in the answer: “The museum” [1]")
    assert rows_of(app, "sources").keys
