"""A turn that a limit stopped, on the screen: what says so, and going on with one key or a command."""

from __future__ import annotations

import json

from tests.loopback import Received, Reply, message, stream
from tests.ui.harness import ask, said, served, settled, until, until_shown, workbench_app


def looking(received: Received) -> Reply:
    """Asks for one call after another, and answers behind the third."""
    done = len([each for each in received.body["messages"] if each["role"] == "tool"])
    if done == 3:
        return stream(message("Found it."))
    return stream(message(tool_calls=[(f"c{done}", "opening_hours", json.dumps({"place": f"hall {done}"}))]))


async def test_one_key_goes_on_past_the_limit_that_stopped_a_turn() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=(80, 24)) as pilot, served(app, looking) as server:
        await until(pilot, lambda: not app.loading)
        app.commands.run("/lift")
        await until(pilot, lambda: said(app) == "no limit that can be raised stopped the last turn")
        app.commands.run("/set max_steps=1")
        await ask(pilot, "Where?")
        await until_shown(
            pilot, "stopped after 1 step ", "/lift, or L in a pane, goes on", "! max-steps · /lift goes on"
        )
        await pilot.press("f2")
        await until_shown(pilot, "L go on")
        await pilot.press("L")
        await until(pilot, lambda: len(app.conversation.tree) == 2 and not app.busy)
        await settled(pilot)
        assert app.conversation.options.max_steps == 2
        assert app.conversation.turns[-1].status == "max-steps"
        await pilot.press("f5", "L")  # in any pane, and as often as one likes
        await until(pilot, lambda: len(app.conversation.tree) == 3 and not app.busy)
        await until_shown(pilot, "Found it.")
        assert [each.status for each in app.conversation.tree] == ["max-steps", "max-steps", "complete"]
        assert len(server.received) == 4
        assert [each["role"] for each in server.received[-1].body["messages"]] == ["user", *["assistant", "tool"] * 3]
        assert not app.commands.can("lift")
        app.commands.run("/tree")
        await until_shown(pilot, "goes on where it stopped")
