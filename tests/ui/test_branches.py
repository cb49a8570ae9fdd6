"""Branches on the screen, by keys alone: editing a question or a call, stepping between branches, and their tree."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from tests.hostile import MARKUP, PAYLOADS
from tests.loopback import Chunk, Head, Received, Reply, Wait, message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    chat_text,
    in_focus,
    said,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from tests.ui.test_screens import Album, SnapshotAssertion
from tests.ui.test_sessions import docs, opened
from tests.ui.test_themes import PALETTES
from workbench.conversation import Changes, Options
from workbench.conversation.tree import Tree
from workbench.conversation.turn import Turn
from workbench.safe_text import safe_line
from workbench.ui.app import WorkbenchApp
from workbench.ui.branch_rows import MOST_LEAD, laid_out, tree_rows
from workbench.ui.screens.call_editor import CallEditor
from workbench.ui.screens.tree import TreeScreen
from workbench.ui.widgets.edited_text import EditedText

SMALL, WIDE = (80, 24), (120, 40)


def echo(received: Received) -> Reply:
    return stream(message(f"Answer to {received.body['messages'][-1]['content']}."))


def numbers(app: WorkbenchApp) -> list[int]:
    return [turn.number for turn in app.conversation.turns]


def asked_in(app: WorkbenchApp) -> list[str]:
    """What the person says in the last request."""
    body = app.conversation.turns[-1].steps[0].request
    return [each["content"] for each in body["messages"] if each["role"] == "user"]


async def five(pilot: AppPilot) -> None:
    for number in range(1, 6):
        await ask(pilot, f"q{number}")


async def over(pilot: AppPilot, app: WorkbenchApp, path: list[int]) -> None:
    """Until the conversation is this path, and the chat shows it."""
    await until(pilot, lambda: numbers(app) == path and not app.busy)
    await settled(pilot)


# -- a question ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_turn_two_of_five_is_edited_gone_on_from_and_left_again(size: tuple[int, int]) -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot, served(app, echo) as server:
        await five(pilot)
        await pilot.press("f2", "ctrl+up", "ctrl+up", "ctrl+up")
        await until(pilot, lambda: app.chat.view.turn_in_view == 2)
        await pilot.press("e")
        await until_shown(pilot, "turn 2 is edited: Enter asks it beside the turn as it was, Esc leaves that")
        assert app.prompt.text == "q2"
        assert in_focus(app) is app.prompt
        await pilot.press(*", other", "enter")
        await over(pilot, app, [1, 6])
        assert "is edited" not in screen_text(app)
        assert "Answer to q2, other." in chat_text(app)
        assert "Answer to q3." not in chat_text(app)
        assert "· 2 of 2" in chat_text(app)
        await ask(pilot, "q7")
        assert asked_in(app) == ["q1", "q2, other", "q7"]
        await pilot.press("f2", "t")
        await until_shown(pilot, "7 turns · 2 branches", "├─2 q2", "│ 5 q5", "└─6 q2, other", "7 q7")
        await pilot.press("k", "k", "enter")
        await over(pilot, app, [1, 2, 3, 4, 5])
        assert "Answer to q5." in chat_text(app)
        await ask(pilot, "q8")
        assert asked_in(app) == ["q1", "q2", "q3", "q4", "q5", "q8"]
        bodies = [[each["content"] for each in each.body["messages"][::2]] for each in server.received]
        assert bodies[5:] == [["q1", "q2, other"], ["q1", "q2, other", "q7"], asked_in(app)]


async def test_escape_leaves_what_is_edited_and_the_draft_comes_back() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, echo):
        await ask(pilot, "q1")
        app.prompt.insert("a draft")
        app.commands.run("/edit 1")
        await until_shown(pilot, "turn 1 is edited")
        await pilot.press("x", "escape")
        await until(pilot, lambda: app.prompt.text == "a draft")
        assert "is edited" not in screen_text(app)
        await pilot.press("up")
        assert app.prompt.text == "q1x"
        await pilot.press("down")
        assert app.prompt.text == "a draft"
        app.commands.run("/edit 7")
        await until(pilot, lambda: said(app) == "there is no turn 7 in this conversation")
        await ask(pilot, ", sent")
        assert asked_in(app) == ["q1", "a draft, sent"]


async def test_the_first_question_and_one_that_is_asked_while_a_turn_runs() -> None:
    app, go = workbench_app(documents=False), asyncio.Event()

    def slow(received: Received) -> Reply:
        whole = message(f"Answer to {received.body['messages'][-1]['content']}.")
        if received.body["messages"][-1]["content"] != "q2":
            return stream(whole)
        return [Head(), Chunk(whole[:200]), Wait(go), Chunk(whole[200:])]

    async with app.run_test(size=SMALL) as pilot, served(app, slow):
        await ask(pilot, "q1")
        app.prompt.insert("q2")
        await pilot.press("enter")
        await until(pilot, lambda: app.busy)
        app.commands.run("/edit 1")
        await pilot.press(*" again", "enter")
        await until_shown(pilot, "next: q1 again")
        app.commands.run("/tree")
        await until_shown(pilot, "2 q2")
        await pilot.press("k", "enter")
        assert isinstance(app.screen, TreeScreen)
        assert said(app) == "a turn is running: Esc stops it"
        await pilot.press("escape")
        go.set()
        await over(pilot, app, [3])
        assert asked_in(app) == ["q1 again"]
        assert "q2" not in chat_text(app)


async def test_brackets_step_between_branches_and_the_rule_says_which_it_is() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, echo):
        await ask(pilot, "q1")
        await ask(pilot, "q2")
        for text in ("other", "third"):
            app.commands.run("/edit 2")
            await ask(pilot, f" {text}")
        assert numbers(app) == [1, 4]
        await pilot.press("f2")
        for key, path, which in (
            (")", [1, 2], "1 of 3"), (")", [1, 3], "2 of 3"), ("(", [1, 2], "1 of 3"), ("(", [1, 4], "3 of 3"),
        ):  # fmt: skip
            await pilot.press("left_parenthesis" if key == "(" else "right_parenthesis")
            await over(pilot, app, path)
            assert which in chat_text(app)
            assert [pane.shown.number for pane in (app.tools, app.sources) if pane.shown] == [path[-1]] * 2
        await pilot.press("home")
        await settled(pilot)
        await pilot.press("ctrl+up")
        await until(pilot, lambda: app.tools.shown is app.conversation.turns[0])


async def test_a_turn_that_was_asked_again_is_a_branch() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, echo):
        await ask(pilot, "q1")
        await ask(pilot, "q2")
        app.commands.run("/retry")
        await over(pilot, app, [1, 3])
        assert "· 2 of 2" in chat_text(app)
        await ask(pilot, "q4")
        assert asked_in(app) == ["q1", "q2", "q4"]
        app.commands.run("/tree")
        await until_shown(pilot, "├─2 q2", "└─3 q2", "4 q4")


# -- a call ----------------------------------------------------------------------------------------------------


def with_call(received: Received) -> Reply:
    last = received.body["messages"][-1]
    if last["role"] == "user":
        return stream(message(plan="I look.", tool_calls=[("c1", "opening_hours", '{"place": "library"}')]))
    return stream(message(f"It says {json.dumps(last['content'][0]['document']['data'])}."))


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_a_result_and_arguments_are_edited_by_keys(size: tuple[int, int]) -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=size) as pilot, served(app, with_call) as server:
        await ask(pilot, "When?")
        await pilot.press("f3", "end", "k", "k", "e")
        await until(pilot, lambda: isinstance(app.screen, CallEditor))
        await until_shown(pilot, "opening_hours  turn 1, step 1  [result]", '"opens": "09:00"')
        await pilot.press("enter")
        await until(pilot, lambda: said(app) == "nothing was changed yet")
        await pilot.press(*["ctrl+k"] * 9, *"{x", "enter")
        await until(pilot, lambda: said(app).startswith("the result is no JSON any more: Expecting"))
        await pilot.press("ctrl+u", *'{"opens": 7}', "enter")
        await over(pilot, app, [2])
        assert app.conversation.turns[-1].text == 'It says {"opens": 7}.'
        assert len(server.received) == 3
        await pilot.press("f3", "g")
        await until_shown(pilot, "taken over")
        await pilot.press("j", "j", "j")
        await until_shown(pilot, "opens 7")
        await pilot.press("e", "tab")
        await until_shown(pilot, "[arguments]", '"place": "library"')
        await pilot.press(*["ctrl+k"] * 6, *"[1]", "enter")
        await until(pilot, lambda: said(app) == "arguments are an object of JSON, in braces")
        await pilot.press("ctrl+u", *'{"place": "pool"}', "enter")
        await over(pilot, app, [3])
        sent = server.received[-1].body["messages"][1]["tool_calls"][0]["function"]["arguments"]
        assert json.loads(sent) == {"place": "pool"}
        await until_shown(pilot, "place: pool")
        app.commands.run("/tree")
        await until_shown(pilot, "├─1 When?", "├─2 edited result", "└─3 edited arguments")
        await pilot.press("space")
        await until_shown(pilot, "made from turn 2", "a branch ends here")


NO_JSON = ["NaN", "-Infinity", "1e999", "[" * 150 + "]" * 150, "9" * 5000]


@pytest.mark.parametrize("value", NO_JSON, ids=range(len(NO_JSON)))
@pytest.mark.parametrize("other_part", [[], ["tab"]])
async def test_what_no_server_could_read_is_not_sent(value: str, other_part: list[str]) -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, with_call) as server:
        await ask(pilot, "When?")
        await pilot.press("f3", "end", "k", "k", "e", *other_part)
        editor = app.screen
        assert isinstance(editor, CallEditor)
        editor.query_one(EditedText).put(f'{{"a": {value}}}')
        await pilot.press("enter")
        await until(pilot, lambda: "JSON" in said(app))
        assert app.screen is editor
        assert len(server.received) == 2


async def test_half_of_a_character_is_sent_as_what_can_be_sent_and_kept() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, with_call) as server:
        await ask(pilot, "When?")
        await pilot.press("f3", "end", "k", "k", "e")
        app.screen.query_one(EditedText).put(r'{"a\ud800": "\ud800 and more"}')
        await pilot.press("enter")
        await over(pilot, app, [2])
        assert app.conversation.turns[-1].status == "complete"
        assert len(server.received) == 3
        await ask(pilot, "And?")
        assert app.conversation.turns[-1].status == "complete"


async def test_escape_leaves_a_call_as_it_was_and_other_rows_have_none() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, with_call):
        await ask(pilot, "When?")
        await pilot.press("f3", "end", "k", "k", "e", "x", "escape")
        await until(pilot, lambda: not isinstance(app.screen, CallEditor))
        assert numbers(app) == [1]
        await pilot.press("g")
        assert not app.commands.can("edit-call")
        app.commands.perform("edit-call")
        assert said(app) == "stand on a call of a tool to edit it or its result"


async def test_a_call_is_written_in_the_persons_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from contextlib import nullcontext

    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf \'{"opens": "from outside"}\' > "$1"\n')
    script.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(script))
    monkeypatch.delenv("VISUAL", raising=False)
    app = workbench_app(tools=True, documents=False)
    monkeypatch.setattr(app.stage, "lent", nullcontext)
    async with app.run_test(size=SMALL) as pilot, served(app, with_call):
        await ask(pilot, "When?")
        await pilot.press("f3", "end", "k", "k", "e", "ctrl+g")
        await until_shown(pilot, "from outside")
        await pilot.press("enter")
        await over(pilot, app, [2])
        assert "from outside" in app.conversation.turns[-1].text


# -- the tree --------------------------------------------------------------------------------------------------


async def test_a_branch_is_named_pruned_and_brought_back() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, echo):
        await ask(pilot, "q1")
        await ask(pilot, "q2")
        await ask(pilot, "q3")
        app.commands.run("/edit 2")
        await ask(pilot, " other")
        app.commands.run("/tree")
        await until_shown(pilot, "└─4 q2 other")
        await pilot.press("r")
        await until_shown(pilot, "name:")
        await pilot.press(*"my  branch", "enter")
        await until_shown(pilot, "└─4 “my branch” q2 other")
        await pilot.press("g", "j", "delete")
        await until_shown(pilot, "Enter hides turn 2 and 1 turn behind it, Esc does not")
        await pilot.press("escape")
        await until(pilot, lambda: "Enter hides" not in screen_text(app))
        assert isinstance(app.screen, TreeScreen)
        await pilot.press("ctrl+x", "enter")
        await until_shown(pilot, "2 turns · 1 branch · 2 hidden")
        assert "q3" not in screen_text(app)
        assert numbers(app) == [1, 4]
        await pilot.press("G", "delete", "enter")
        await until_shown(pilot, "1 turn · 1 branch · 3 hidden")
        await over(pilot, app, [1])
        await pilot.press("u")
        await until_shown(pilot, "4 “my branch” q2 other")
        await pilot.press("u")
        await until_shown(pilot, "4 turns · 2 branches", "│ 3 q3")
        await pilot.press("u")
        await until(pilot, lambda: said(app) == "nothing is pruned")
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(app.screen, TreeScreen))
        assert "q2" not in chat_text(app)


async def test_another_row_than_the_one_that_was_asked_about_is_not_pruned() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, echo):
        await five(pilot)
        app.commands.run("/tree")
        await until_shown(pilot, "5 turns")
        await pilot.press("delete", "k", "enter")
        await until(pilot, lambda: not isinstance(app.screen, TreeScreen))
        assert not app.conversation.tree.pruned
        assert numbers(app) == [1, 2, 3, 4, 5]


async def test_one_goes_to_a_turn_in_the_middle_or_on_right_behind_it() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, echo):
        await five(pilot)
        app.commands.run("/tree")
        await until_shown(pilot, "5 turns")
        await pilot.press("g", "j", "enter")
        await until(pilot, lambda: app.tools.shown is app.conversation.turns[1])
        assert numbers(app) == [1, 2, 3, 4, 5]
        await pilot.press("f2", "t")
        await until_shown(pilot, "5 turns")
        await pilot.press("g", "j", "c")
        await over(pilot, app, [1, 2])
        assert "q3" not in chat_text(app)
        await ask(pilot, "q6")
        assert asked_in(app) == ["q1", "q2", "q6"]
        app.commands.run("/tree")
        await until_shown(pilot, "├─3 q3", "└─6 q6")
        await pilot.press("slash", *"q4", "enter", "enter")
        await over(pilot, app, [1, 2, 3, 4, 5])


async def test_nothing_to_see_yet_and_a_new_conversation() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, echo):
        await until(pilot, lambda: not app.loading)
        app.commands.run("/tree")
        assert said(app) == "nothing was asked yet"
        app.commands.run("/edit")
        assert said(app) == "nothing to edit yet"
        await ask(pilot, "q1")
        app.commands.run("/edit")
        await until_shown(pilot, "turn 1 is edited")
        app.commands.run("/clear")
        await until(pilot, lambda: "is edited" not in screen_text(app))
        await ask(pilot, "q2")
        app.commands.run("/edit 1")
        assert app.prompt.text == "q2"
        await pilot.press("!", "enter")
        await over(pilot, app, [3])
        app.commands.run("/tree")
        await until_shown(pilot, "├─1 q2", "└─2 q2!")


async def test_settings_that_differ_and_cells_beside_the_conversation_are_in_the_tree() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=WIDE) as pilot, served(app, echo):
        await ask(pilot, "q1")
        each = [
            Changes(options=Options(model="command-other", system="Be brief.", parameters={"temperature": 0.3})),
            Changes(options=Options(model="command-test"), tools=frozenset({"b", "a"})),
        ]
        for cell in app.conversation.again_beside(1, each):
            async for _ in cell.events():
                pass
        app.commands.run("/tree")
        await until_shown(
            pilot, "├─2 model command-other · temperature 0.3 · system message Be brief.  q1", "└─3 tools a, b  q1"
        )
        assert numbers(app) == [1]
        await pilot.press("G", "enter")
        await over(pilot, app, [3])


async def test_a_session_comes_back_where_one_was_with_all_branches(project: Path) -> None:
    app = opened(*docs(project))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "When does the library open?")
        await ask(pilot, "How do I renew a book?")
        app.commands.run("/edit 1")
        await ask(pilot, " Please.")
        app.commands.run("/tree")
        await until_shown(pilot, "└─3")
        await pilot.press("k", "enter")
        await over(pilot, app, [1, 2])
        shown = chat_text(app)
    app = opened(*docs(project), "--resume")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        await settled(pilot)
        assert numbers(app) == [1, 2]
        assert chat_text(app) == shown
        await pilot.press("f2", "t")
        await until_shown(pilot, "3 turns · 2 branches", "└─3 When does the library open? Please.")
        await pilot.press("G", "enter")
        await over(pilot, app, [3])
    assert os.environ  # the session is of the test's own home


# -- how it looks ----------------------------------------------------------------------------------------------


def deep(count: int) -> Tree:
    """A tree in which each turn has another one beside it."""
    tree = Tree()
    for number in range(1, 2 * count, 2):
        parent = number - 2 if number > 1 else None
        tree.add(Turn(number, f"q{number}", parent=parent))
        tree.add(Turn(number + 1, f"other {number}", parent=parent))
    return tree


def test_what_follows_a_turn_alone_stands_below_it_and_no_tree_is_too_deep() -> None:
    tree = Tree()
    for number, parent in ((1, None), (2, 1), (3, 2), (4, 1), (5, 4), (6, 4), (7, None)):
        tree.add(Turn(number, "q", parent=parent))
    assert [f"{lead}{turn.number}" for turn, lead in laid_out(tree)] == [
        "├─1", "│ ├─2", "│ │ 3", "│ └─4", "│   ├─5", "│   └─6", "└─7",
    ]  # fmt: skip
    rows = tree_rows(deep(2000))
    assert len(rows) == 4000
    widest = max(make().head.plain.index(f"{key} ") for key, make in rows.items())
    assert widest <= MOST_LEAD + 6
    chain = Tree()
    for number in range(1, 5001):
        chain.add(Turn(number, "q", parent=number - 1 or None))
    assert {lead for _, lead in laid_out(chain)} == {""}


async def test_what_others_said_is_shown_as_it_is() -> None:
    """Some of each kind: that all of them are shown as they are, wherever the text is drawn, is tried elsewhere."""
    app = workbench_app(tools=True, documents=False)
    texts = [*MARKUP, *PAYLOADS.values()][::8]

    def hostile(received: Received) -> Reply:
        said = received.body["messages"][0]["content"]
        if received.body["messages"][-1]["role"] == "user":
            return stream(message(tool_calls=[("c1", said, json.dumps({"place": said}))]))
        return stream(message(said))

    async with app.run_test(size=(140, 40)) as pilot, served(app, hostile):
        for text in texts:
            app.commands.run("/clear")
            app.asking.put(text)
            await until(pilot, lambda: bool(app.conversation.turns) and not app.busy)
            await settled(pilot)
            app.conversation.name_branch(app.conversation.turns[-1].number, text)
            app.commands.run("/tree")
            await until(pilot, lambda: isinstance(app.screen, TreeScreen))
            await settled(pilot)
            shown = safe_line(" ".join(text.split())[:20]).strip()
            assert screen_text(app).count(shown) >= 2, text
            await pilot.press("escape")
            await pilot.press("f3", "end", "k", "k", "k", "e")
            await settled(pilot)
            if isinstance(app.screen, CallEditor):
                await pilot.press("tab")
                await settled(pilot)
                await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize("size", [(120, 40), (100, 30), (80, 24), (60, 15)])
async def test_the_tree_and_the_editor_of_a_call(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=size) as pilot, served(app, with_call):
        pictures = Album(app, pilot, snapshot)
        await ask(pilot, "When does it open?")
        await ask(pilot, "And on Sundays, when the market is on the square before the old town hall?")
        app.commands.run("/edit 1")
        await ask(pilot, " Please.")
        app.conversation.name_branch(2, "as it was")
        app.commands.run("/tree")
        await pictures.press(shows="branches")
        await pictures.take("tree")
        await pictures.press("k", "delete", shows="Enter hides")
        await pictures.take("pruning")
        await pictures.press("escape", "r", shows="name:")
        await pictures.take("naming")
        await pictures.press("escape", "escape", "f2", "e", shows="is edited")
        await pictures.take("question")
        await pictures.press("escape", "f3", "end", "k", "k", "e", shows="[result]")
        await pictures.take("call")
        pictures.close()


async def test_every_theme_draws_them() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, with_call):
        await ask(pilot, "When?")
        app.commands.run("/tree")
        await until_shown(pilot, "1 turn")
        await drawn_alike(app, pilot)
        await pilot.press("escape", "f3", "end", "k", "k", "e")
        await until_shown(pilot, "[result]")
        await drawn_alike(app, pilot)


async def drawn_alike(app: WorkbenchApp, pilot: AppPilot) -> None:
    """Every theme shows the same text."""
    await settled(pilot)
    before = screen_text(app)
    for theme in PALETTES:
        app.theme = theme
        await pilot.pause()
        assert screen_text(app) == before, theme


async def test_any_size_draws_them_whole() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=SMALL) as pilot, served(app, with_call):
        await ask(pilot, "When?")
        before: list[str] = []
        for opens, shows in (("/tree", "1 turn"), ("", "[result]")):
            if opens:
                app.commands.run(opens)
            else:
                await pilot.press("f3", "end", "k", "k", "e")
            await until_shown(pilot, shows)
            await settled(pilot)
            before.append(screen_text(app))
            for size in ((1, 1), (20, 5), (300, 100), (8, 24), SMALL):
                await pilot.resize_terminal(*size)
                await settled(pilot)
            await until(pilot, lambda: screen_text(app) == before[-1])
            await pilot.press("escape")
