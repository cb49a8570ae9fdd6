"""What is taken along from where one is: exactly that, and a file of it has a name that says what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loopback import message, stream
from tests.ui.harness import AppPilot, ask, rows_of, said, screen_text, served, settled, until, workbench_app
from workbench.ui.app import WorkbenchApp

SIZE = (120, 40)
QUESTION = "When do the doors open on Saturdays?"
CODE = """Run this:

```sh
tide --harbour 潮
\techo done
```

or

> 1. that:
>
>    ```python
>    if tide > 3:
>        print("\u202ehigh")
>    ```

```
plain
```
"""


async def copied(pilot: AppPilot, *keys: str) -> str:
    """What the keys copy; nothing else was copied since the last time."""
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    before = len(app.stage.said)
    await pilot.press(*keys)
    await until(pilot, lambda: len(app.stage.said) > before and "OSC 52" in said(app))
    text, size = app.clipboard, said(app).partition(" ")[0].replace(",", "")
    assert len(text) == int(size)
    return text


async def test_the_head_of_a_request_is_its_body_as_it_was_sent() -> None:
    app = workbench_app(documents=True)
    async with app.run_test(size=SIZE) as pilot, served(app, [stream(message("潮 \u202e “ok”"))] * 2) as server:
        await ask(pilot, QUESTION)
        await ask(pilot, "and then?")
        await pilot.press("f6", "home")
        await settled(pilot)
        body = await copied(pilot, "y")
        assert json.loads(body) == server.received[1].body
        assert body == json.dumps(server.received[1].body, ensure_ascii=False, indent=2)
        await pilot.press("ctrl+up")
        await settled(pilot)
        await pilot.press("home")
        assert json.loads(await copied(pilot, "y")) == server.received[0].body


async def test_a_call_is_its_result_and_a_source_its_passage() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, 'What are the opening hours of the place "library"?')
        rows = rows_of(app, "tools")
        await pilot.press("f3")
        call = next(key for key in rows.keys if key.startswith("call"))
        rows.show(call)
        assert await copied(pilot, "y") == json.dumps({"opens": "09:00", "closes": "18:00"}, indent=2)
        await ask(pilot, QUESTION)
        await pilot.press("f4")
        rows_of(app, "sources").show(next(key for key in rows_of(app, "sources").keys if "hours.md" in key))
        assert await copied(pilot, "y") == "The library opens at 09:00.\nOn Saturdays the doors open at 10:00."


async def test_in_the_chat_it_is_the_citation_that_one_walked_to_and_else_the_answer_that_is_read() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, QUESTION)
        answer = app.conversation.turns[0].text
        await pilot.press("f2")
        assert await copied(pilot, "y") == answer
        await pilot.press("]")
        cited = app.conversation.turns[0].citations[0].text
        assert await copied(pilot, "y") == f'"{cited}" — Visitor guide › Hours, guide/hours.md:1-9'
        await pilot.press("end")
        assert await copied(pilot, "y") == answer
        for number in range(12):
            await ask(pilot, f"the tide in the harbour? {number}")
        await pilot.press("f2", "home")
        await settled(pilot)
        await until(pilot, lambda: app.navigation.turn_in_view() is not app.conversation.turns[-1])
        read = app.navigation.turn_in_view()
        assert read is not None
        assert await copied(pilot, "y") == read.text


@pytest.mark.parametrize("size", [(150, 40), (80, 24)])
async def test_of_turns_that_all_fit_the_one_that_one_went_to_is_taken(size: tuple[int, int]) -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot, served(app, [stream(message(text)) for text in ("one", "two")]):
        await ask(pilot, "first?")
        await ask(pilot, "second?")
        await pilot.press("ctrl+up", "f2")
        assert await copied(pilot, "y") == "one"
        await pilot.press("ctrl+down")
        assert await copied(pilot, "y") == "two"
        await pilot.press("ctrl+up", "end")
        assert await copied(pilot, "y") == "two"


async def test_code_blocks_have_numbers_and_are_copied_by_them() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SIZE) as pilot, served(app, [stream(message(CODE))]):
        await ask(pilot, "how?")
        shown = screen_text(app).split("\n")
        for code, number in (("tide --harbour", "1"), ("if tide", "2"), ("  plain", "3")):
            line = next(line for line in shown if code in line)
            assert line[:72].rstrip(" │").endswith(f" {number}"), line
        await pilot.press("f2")
        assert await copied(pilot, "1", "y") == "tide --harbour 潮\n\techo done"
        assert await copied(pilot, "2", "y") == 'if tide > 3:\n    print("\u202ehigh")'
        assert await copied(pilot, "3", "y") == "plain"
        assert await copied(pilot, "2", "1", "y") == "tide --harbour 潮\n\techo done"
        assert await copied(pilot, "2", "down", "y") == CODE  # another key came: it is the answer again
        assert await copied(pilot, "y") == CODE
        await pilot.press("9")  # which is no block's, and so typed
        assert app.prompt.text == "9"
        app.prompt.clear()
        await pilot.press("f2")
        app.commands.run("/copy 2")
        assert app.clipboard == 'if tide > 3:\n    print("\u202ehigh")'
        app.commands.run("/copy 12")
        assert said(app) == "there is no code block 12: this answer has 3"
        await pilot.press("2")
        assert said(app) == "code block 2, 2 lines: y copies it, Y writes it"


async def test_a_file_has_what_would_be_copied_and_is_never_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot, served(app, [stream(message(CODE))]) as server:
        await pilot.press("f2", "Y")
        assert said(app) == "nothing to copy yet"
        await ask(pilot, QUESTION)
        await pilot.press("f2", "Y", "Y", "1", "Y", "2", "Y", "3", "Y", "f6", "home", "Y", "down", "Y")
        await until(pilot, lambda: "request-1.txt" in said(app))
        written = {path.name: path.read_text() for path in tmp_path.iterdir()}
        assert json.loads(written.pop("request-1.json")) == server.received[0].body
        assert written == {
            "answer-1.md": CODE,
            "answer-1-2.md": CODE,
            "code-1-1.sh": "tide --harbour 潮\n\techo done",
            "code-1-2.py": 'if tide > 3:\n    print("\u202ehigh")',
            "code-1-3.txt": "plain",
            "request-1.txt": "{",
        }
        assert "1 character written to request-1.txt" in said(app)


async def test_a_turn_is_taken_along_as_markdown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = workbench_app(tools=True)
    async with app.run_test(size=SIZE) as pilot:
        question = 'What are the opening hours of the place "library"? When do the doors open on Saturdays?'
        await ask(pilot, question)
        app.commands.run("/copy-turn turn.md")
        turn = app.conversation.turns[0]
        text = (tmp_path / "turn.md").read_text()
        assert text.startswith(f"## Question\n\n{question}\n\n## Plan\n\n")
        assert f"## Answer\n\n{turn.text.strip()}\n" in text
        assert '### 1. `opening_hours` · 0.0 s\n\n```json\n{"place":' in text
        assert 'Result:\n\n```json\n{\n  "opens": "09:00",' in text
        assert "## Sources\n\n1. " in text
        assert f'   - "{turn.citations[0].text}"' in text
        app.commands.run("/copy-turn turn.md")
        assert said(app) == "not written: turn.md exists, and nothing is overwritten"
        app.commands.run("/copy-turn")
        assert app.clipboard == text


async def test_one_block_of_code_alone_has_no_number_and_is_copied_by_it_all_the_same() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SIZE) as pilot, served(app, [stream(message("So:\n\n```\nplain\n```\n"))]):
        await ask(pilot, "how?")
        line = next(line for line in screen_text(app).split("\n") if "  plain" in line)
        assert line[:72].rstrip(" │").endswith("plain")
        await pilot.press("f2")
        assert await copied(pilot, "1", "y") == "plain"
