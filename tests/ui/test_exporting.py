"""Turns and requests taken along in another form: what is copied and written is what would be sent again."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from textual.command import CommandPalette

from tests.loopback import LoopbackServer, message, stream
from tests.ui.harness import AppPilot, ask, in_focus, rows_of, said, screen_text, served, settled, until, workbench_app
from workbench import cli
from workbench.commands.app import screen
from workbench.secrets.redactor import Redactor
from workbench.sessions.export.exported import read_exported
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp

SIZE = (120, 40)
QUESTION = "When do the doors open on Saturdays? $(id) `id` 'x' \"y\""
CALL = message(plan="I look.", tool_calls=[("c1", "train_status", "{}")], finish_reason="TOOL_CALL")


async def copied(pilot: AppPilot, before: int) -> str:
    app = pilot.app
    await until(pilot, lambda: isinstance(app, WorkbenchApp) and len(app.stage.said) > before)
    assert isinstance(app, WorkbenchApp) and "OSC 52" in said(app)
    return app.clipboard


async def choose(pilot: AppPilot, name: str) -> None:
    """Take a row of the list that is open."""
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await pilot.press(*name)
    await until(pilot, lambda: name in screen_text(pilot.app))  # type: ignore[arg-type]
    await settled(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, CommandPalette))


async def sent_by(script: str, program: str, folder: Path) -> list[object]:
    """The bodies that a script sends to the loopback server."""
    file = folder / "script"
    file.write_text(script, encoding="utf-8")
    async with LoopbackServer(lambda _: stream(message("At nine."))) as server:
        environ = {**os.environ, "CO_API_URL": server.url, "CO_API_KEY": "a-key-for-the-script"}
        done = await asyncio.create_subprocess_exec(program, file, env=environ, stdout=PIPE, stderr=PIPE)
        _, problem = await done.communicate()
        assert done.returncode == 0, problem
        return [each.body for each in server.received]


async def test_a_row_of_a_request_is_copied_as_what_sends_it_again(tmp_path: Path) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=SIZE) as pilot, served(app, [stream(CALL), stream(message("It is."))]) as server:
        await ask(pilot, QUESTION)
        bodies = [each.body for each in server.received]
        assert len(bodies) == 2
        rows = rows_of(app, "request")
        await pilot.press("f6")
        await settled(pilot)
        for step, key in ((1, "head 1"), (2, rows.keys[-2])):
            rows.show(key)
            before = len(app.stage.said)
            await pilot.press("C")
            await choose(pilot, "json")
            assert json.loads(await copied(pilot, before)) == bodies[step - 1]
            before = len(app.stage.said)
            await pilot.press("C")
            await choose(pilot, "python")
            script = await copied(pilot, before)
            assert f"# turn 1, step {step}\n" in script
            assert await sent_by(script, sys.executable, tmp_path) == [bodies[step - 1]]
        assert in_focus(app) is rows


async def test_a_turn_is_copied_in_every_form(tmp_path: Path) -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot, served(app, [stream(message("At nine."))] * 2) as server:
        await ask(pilot, QUESTION)
        await ask(pilot, "and then?")
        texts = {}
        for form in ("python", "curl", "JSON", "markdown", "html"):
            before = len(app.stage.said)
            app.commands.run(f"/copy-as {form}")
            texts[form] = await copied(pilot, before)
        body = server.received[1].body
        assert await sent_by(texts["python"], sys.executable, tmp_path) == [body]
        assert await sent_by(texts["curl"], "sh", tmp_path) == [body]
        [turn] = json.loads(texts["JSON"])["turns"]
        assert (turn["prompt"], turn["summary"]["text"]) == ("and then?", "At nine.")
        assert "At nine." in texts["markdown"] and "# turn 2" not in texts["markdown"].lower().splitlines()[0]
        assert texts["html"].startswith("<!DOCTYPE html>") and "and then?" in texts["html"]


async def test_escape_takes_no_form_and_nothing_is_copied() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f2")
        before = len(app.stage.said)
        await pilot.press("C")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await until(pilot, lambda: "markdown" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, CommandPalette))
        assert len(app.stage.said) == before


async def test_the_conversation_and_a_turn_are_written_to_new_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:

        async def run(command: str) -> str:
            before = len(app.stage.said)
            app.commands.run(command)
            await until(pilot, lambda: len(app.stage.said) > before)
            return said(app)

        assert await run("/export html") == "nothing to export yet"
        await ask(pilot, "When do the doors open on Saturdays?")
        await ask(pilot, "What does a day ticket cost?")
        assert "written to conversation.html" in await run("/export html")
        assert "written to conversation-2.html" in await run("/export html")
        page = Path("conversation.html").read_text("utf-8")
        assert "doors open on Saturdays" in page and "day ticket cost" in page
        assert "written to talk.md" in await run("/export talk.md")
        assert "talk.md exists, and nothing is overwritten" in await run("/export talk.md")
        assert "written to turn-2.json" in await run("/export turn json")
        [turn] = json.loads(Path("turn-2.json").read_text("utf-8"))["turns"]
        assert turn["prompt"] == "What does a day ticket cost?"
        assert "written to conversation.json" in await run("/export json")
        assert len(json.loads(Path("conversation.json").read_text("utf-8"))["turns"]) == 2
        assert "kept in no file" in await run("/export recording")
        app.commands.run("/export")
        await choose(pilot, "curl")
        await until(pilot, lambda: Path("conversation.sh").exists())


async def test_a_recording_of_a_session_replays_as_it_was(tmp_path: Path) -> None:
    arguments = cli.parse(["--offline", "--model", "command-test"])
    app = screen(read_plan(arguments, os.environ), os.environ)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        for question in ("When does the library open?", "How do I renew a book?"):
            await ask(pilot, question)
        for scope, name in (("", "whole.jsonl"), ("turn ", "last.jsonl")):
            app.commands.run(f"/export {scope}recording {tmp_path / name}")
            await until(pilot, lambda name=name: (tmp_path / name).exists() and name in said(app))  # type: ignore[misc]
        asked = [turn.prompt for turn in app.conversation.turns]
        answers = [turn.text for turn in app.conversation.turns]
    whole, last = (read_exported(tmp_path / name, Redactor()).turns for name in ("whole.jsonl", "last.jsonl"))
    assert [(each.turn.prompt, each.turn.text) for each in whole] == list(zip(asked, answers, strict=True))
    assert [each.turn.text for each in last] == answers[1:]
