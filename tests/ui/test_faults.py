"""Every fault of a server on the screen: said where it happened, what came is kept, the next question is answered."""

from __future__ import annotations

import asyncio

import pytest

from tests.core.streams import frame
from tests.faults import GROUPS
from tests.faults.fault import NEXT, PARTIAL, SAID, WHOLE, Fault, script
from tests.loopback import Chunk, Close, Hang, Head, Reply, stream
from tests.ui.harness import screen_text, served, until_shown, workbench_app
from workbench.conversation import Options
from workbench.conversation.options import MEGABYTE, Bounds
from workbench.conversation.turn import Turn
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.app import WorkbenchApp
from workbench.ui.panes.chat_pane import ENDINGS

WIDE = (140, 50)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.conversation.limits.DRAIN", 0.1)
    monkeypatch.setattr("workbench.cohere_client.channel.ERROR_BODY_SECONDS", 0.3)


def options(fault: Fault) -> Options:
    given = {flag: float(value) for flag, value in zip(fault.flags[::2], fault.flags[1::2], strict=True)}
    assert given.keys() <= {"--timeout", "--first-byte-timeout", "--max-time"}
    return Options(
        model="command-test",
        timeout=given.get("--timeout"),
        first_byte_timeout=given.get("--first-byte-timeout"),
        max_time=given.get("--max-time"),
    )


async def asked(app: WorkbenchApp, question: str) -> Turn:
    """The turn of the question, as soon as it is over; what it brought may still be on its way to the screen."""
    app.asking.put(question)
    async with asyncio.timeout(30):
        while app.busy:  # noqa: ASYNC110 - a look at the screen each time would take most of the test
            await asyncio.sleep(0.002)
    return app.conversation.turns[-1]


@pytest.mark.parametrize("group", GROUPS)
async def test_after_every_fault_the_next_question_is_answered(group: str) -> None:
    """One app for all faults of a group: nothing that one of them leaves behind may stand in the way of another."""
    app, faults = workbench_app(documents=False), GROUPS[group]
    tools = [ToolSpec("hours", "When a place opens.", CannedReply({"opens": "09:00"}))]
    async with app.run_test(size=WIDE) as pilot, served(app, script(faults)):
        app.conversation.toolbox = Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={})
        for fault in faults:
            app.conversation.options = options(fault)
            turn = await asked(app, fault.name)
            assert (fault.name, turn.status, turn.text) == (fault.name, fault.status, fault.text)
            if fault.status in ENDINGS:
                await until_shown(pilot, ENDINGS[fault.status][1])
            app.conversation.options = Options(model="command-test")
            turn = await asked(app, "next?")
            assert (fault.name, turn.status, turn.text) == (fault.name, "complete", NEXT)
            await until_shown(pilot, NEXT)
            app.commands.run("/clear")


async def test_an_answer_without_end_is_stopped_and_the_next_question_is_answered() -> None:
    app = workbench_app(documents=False)
    more = frame("content-delta", index=0, delta={"message": {"content": {"text": "more " * 500}}})
    endless: Reply = [Head(), Chunk(PARTIAL), Hang(more, 0)]
    async with app.run_test(size=WIDE) as pilot, served(app, [endless, stream(WHOLE)]):
        app.conversation.options = Options(model="command-test", bounds=Bounds(text=MEGABYTE // 8))
        turn = await asked(app, "tide?")
        assert (turn.status, turn.text.startswith(SAID)) == ("limit", True)
        await until_shown(pilot, "stopped · the text of this turn is over 0.125 MB", "max_text_mb")
        app.commands.run("/clear")
        turn = await asked(app, "next?")
        assert (turn.status, turn.text) == ("complete", SAID)


async def test_many_odd_frames_are_few_lines() -> None:
    app, odd = workbench_app(documents=False), b"data: {oops\n\n" * 25
    async with app.run_test(size=(240, 60)) as pilot, served(app, [stream(odd + WHOLE)]):
        await asked(app, "tide?")
        await until_shown(pilot, SAID, "! more such frames came")
        assert screen_text(app).count("! not JSON") == 20


async def test_what_was_cut_is_kept_and_asked_again() -> None:
    app = workbench_app(documents=False)
    replies: list[Reply] = [[Head(), Chunk(PARTIAL), Close()], stream(WHOLE)]
    async with app.run_test(size=WIDE) as pilot, served(app, replies) as server:
        await asked(app, "tide?")
        await until_shown(pilot, SAID, "✗ failed", "/retry asks again")
        app.commands.run("/retry")
        await until_shown(pilot, "✓ complete")
        assert [turn.text for turn in app.conversation.turns] == [SAID]
        assert [each["content"] for each in server.received[1].body["messages"]] == ["tide?"]


async def test_an_answer_that_came_whole_is_read_and_said_to_be() -> None:
    app = workbench_app(documents=False)
    answer = b'{"message": {"content": [{"type": "text", "text": "The tide turns"}]}, "finish_reason": "COMPLETE"}'
    hostile = b'event: not-streamed\n\nevent: not-streamed\ndata: {"type":"not-streamed","message":7}\n\n'
    replies: list[Reply] = [
        [Head(200, {"content-type": "application/json"}), Chunk(answer)],
        stream(hostile + WHOLE),
    ]
    async with app.run_test(size=WIDE) as pilot, served(app, replies):
        turn = await asked(app, "tide?")
        assert (turn.status, turn.text) == ("complete", SAID)
        await until_shown(pilot, SAID, "! the server did not stream: its whole answer came at once")
        assert (await asked(app, "again?")).text == SAID
