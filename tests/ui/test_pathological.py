"""Answers that are hard to show, small: each is kept as it was sent, and the app takes the next question."""

from __future__ import annotations

import pytest

from tests.loopback import Chunk, Head, Reply, message, stream
from tests.pathological import ANSWERS, Pathological
from tests.ui.harness import AppPilot, served, until, workbench_app
from workbench.ui.app import WorkbenchApp

SIZE = (80, 24)
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_hard_answer_is_kept_whole_and_the_next_question_is_answered(part: int) -> None:
    """One app for many: it goes on after each."""
    answers = ANSWERS[part::PARTS]
    script: list[Reply] = []
    for answer in answers:
        script += [[Head(), Chunk(b"".join(answer.chunks(answer.small)))], stream(message("still here"))]
    app = workbench_app(documents=False)
    async with app.run_test(size=SIZE) as pilot, served(app, script):
        for answer in answers:
            await hear(pilot, app, answer)
            app.commands.run("/clear")
    assert app.return_code in (None, 0)


async def hear(pilot: AppPilot, app: WorkbenchApp, answer: Pathological) -> None:
    """Ask for it, copy it, and ask for another."""
    text, turns = answer.text(answer.small), app.conversation.turns
    assert turns == []
    app.asking.put("hard")
    await until(pilot, lambda: len(turns) == 1 and not app.busy and not app.chat.view.is_working)
    turn = turns[0]
    assert (answer.name, turn.status, turn.text) == (answer.name, "complete", text)
    assert app.chat.view.answer_text(turn.number) == text, answer.name
    await pilot.press("f7", "y", "escape")
    assert app.clipboard == text, answer.name
    app.asking.put("next")
    await until(pilot, lambda: len(turns) == 2 and not app.busy)
    assert (answer.name, turns[1].text) == (answer.name, "still here")
