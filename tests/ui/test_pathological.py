"""Answers that are hard to show, small: each is kept as it was sent, and the app takes the next question."""

from __future__ import annotations

import pytest

from tests.loopback import Chunk, Head, message, stream
from tests.pathological import ANSWERS, Pathological
from tests.ui.harness import served, until, workbench_app

SIZE = (80, 24)


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.name for answer in ANSWERS])
async def test_a_hard_answer_is_kept_whole_and_the_next_question_is_answered(answer: Pathological) -> None:
    text = answer.text(answer.small)
    body = b"".join(answer.chunks(answer.small))
    app = workbench_app(documents=False)
    async with app.run_test(size=SIZE) as pilot, served(app, [[Head(), Chunk(body)], stream(message("still here"))]):
        app.asking.put("hard")
        await until(pilot, lambda: len(app.conversation.turns) == 1 and not app.busy and not app.chat.view.is_working)
        turn = app.conversation.turns[0]
        assert (turn.status, turn.text) == ("complete", text)
        assert app.chat.view.answer_text(turn.number) == text
        await pilot.press("f7", "y", "escape")
        assert app.clipboard == text
        app.asking.put("next")
        await until(pilot, lambda: len(app.conversation.turns) == 2 and not app.busy)
        assert app.conversation.turns[1].text == "still here"
    assert app.return_code in (None, 0)
