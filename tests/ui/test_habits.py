"""What hands do that come from a shell, vim, less, lazygit, k9s or another chat: it works, or a line says what does.

A table: the habit, the keys, and what comes of them in a terminal of 80 by 24, after a question with an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from textual.events import Paste

from tests.ui.harness import ask, in_focus, pane_of, rows_of, said, screen_text, settled, until, workbench_app
from workbench.ui import habits
from workbench.ui.arrangement import Panel
from workbench.ui.keymap import Keymap
from workbench.ui.screens.help import HelpScreen
from workbench.ui.slash import Command, Refusal

QUESTION = "When does the library open on Saturdays?"
SIZE = (80, 24)


@dataclass(frozen=True)
class Habit:
    """`keys` have this in the `prompt`, `say` that last, `show` that on the screen, or `leave` the program. `pane` is
    where one is then, None for the prompt. Nothing is asked by them unless `asked` says how many questions there are.
    """

    keys: tuple[str, ...]
    prompt: str = ""
    says: str = ""
    shows: str = ""
    leaves: bool = False
    pane: Panel | None = None
    asked: int = 1


def typed(text: str, *more: str) -> tuple[str, ...]:
    names = {" ": "space", "\n": "ctrl+j", "\\": "backslash"}
    return (*(names.get(character, character) for character in text), *more)


HABITS = {
    # of a shell's line
    "ctrl+a and ctrl+e go to the ends of the line": Habit(typed("ab", "ctrl+a", "x", "ctrl+e", "y"), "xaby"),
    "ctrl+k and ctrl+y": Habit(typed("one two", "ctrl+a", "ctrl+k", "ctrl+y", "ctrl+y"), "one twoone two"),
    "ctrl+u deletes the line": Habit(typed("one two", "ctrl+u")),
    "ctrl+w deletes a word": Habit(typed("one two", "ctrl+w"), "one "),
    "ctrl+_ undoes": Habit(typed("one two", "ctrl+w", "ctrl+underscore"), "one two"),
    "ctrl+t changes two characters": Habit(typed("ba", "ctrl+t"), "ab"),
    "ctrl+b, ctrl+f and ctrl+h": Habit(typed("abd", "ctrl+b", "c", "ctrl+f", "e", "backspace"), "abcd"),
    "alt+b, alt+f and alt+d": Habit(typed("one two", "alt+b", "alt+b", "alt+f", "x", "alt+d"), "onex"),
    "up brings back the last question": Habit(("up",), QUESTION),
    "down leads back to the draft": Habit((*"ab", "up", "down"), "ab"),
    "ctrl+r searches the history": Habit(("ctrl+r", *"libr", "enter"), QUESTION),
    "ctrl+l draws again": Habit(("ctrl+l",), shows=QUESTION),
    "ctrl+d on an empty line": Habit(("ctrl+d",), says="Ctrl+Q quits"),
    "ctrl+d in a line deletes": Habit(typed("abc", "ctrl+a", "ctrl+d"), "bc"),
    "ctrl+c clears the line": Habit(typed("abc", "ctrl+c")),
    "ctrl+c twice": Habit(("ctrl+c", "ctrl+c"), leaves=True),
    "ctrl+x ctrl+e is the editor": Habit(typed("abc", "ctrl+x"), "abc", says="Ctrl+G writes the question in $EDITOR"),
    "ctrl+s and ctrl+q hold output": Habit(("ctrl+s", "ctrl+q"), says="Ctrl+S holds nothing here: Ctrl+Q again quits"),
    "ctrl+q": Habit(("ctrl+q",), leaves=True),
    "exit": Habit(typed("exit", "enter"), leaves=True),
    "quit": Habit(typed("quit", "enter"), leaves=True),
    "a command with !": Habit(typed("!ls -l", "enter"), "!ls -l", says="no shell command runs here: Ctrl+Z goes to"),
    "clear": Habit(typed("clear", "enter"), "clear", says="/clear begins a new conversation"),
    "tab completes a command": Habit((*"/he", "tab"), "/help"),
    "a backslash before enter goes on in the next line": Habit(typed("a\\", "enter", "b"), "a\nb"),
    "two of them are text": Habit(typed("a\\\\", "enter"), asked=2),
    # of another chat
    "ctrl+j": Habit((*"a", "ctrl+j", "b"), "a\nb"),
    "shift+enter": Habit((*"a", "shift+enter", "b"), "a\nb"),
    "alt+enter": Habit((*"a", "alt+enter", "b"), "a\nb"),
    "esc esc clears the prompt": Habit((*"abc", "escape", "escape"), "abc", says="Ctrl+C clears the prompt"),
    "? in an empty prompt": Habit(("?",), "?", says="F1 shows every key"),
    "/help": Habit((*"/help", "enter"), shows="Where you type"),
    "help": Habit(typed("help", "enter"), "help", says="F1 shows every key and command"),
    "/clear": Habit((*"/clear", "enter"), says="a new conversation: Up brings back what was asked", asked=0),
    "/quit": Habit((*"/quit", "enter"), leaves=True),
    "a heading is a question": Habit(typed("# Saturdays", "enter"), asked=2),
    "ctrl+o goes on to the panes": Habit(("ctrl+o",), pane="chat"),
    "ctrl+n begins anew": Habit(("ctrl+n",), says="Up brings back what was asked", asked=0),
    # of vim, less, lazygit and k9s
    "gg and G": Habit(("f5", *"Ggg"), pane="events", shows="request"),
    "/ n N": Habit(("f2", "/", *"doors", "enter", "n", "N"), pane="chat", shows="/doors"),
    "j k": Habit(("f5", *"jjk"), pane="events"),
    "ctrl+d, ctrl+u, ctrl+f and ctrl+b page": Habit(("f5", "g", "ctrl+f", "ctrl+d", "ctrl+u", "ctrl+b"), pane="events"),
    "space pages the chat": Habit(("f2", "g", "space"), pane="chat"),
    "enter opens a row": Habit(("f6", "g", "down", "down", "down", "enter"), pane="request", shows='"role": "user"'),
    ":q in a pane": Habit(("f2", ":", "q", "enter"), leaves=True),
    ":wq": Habit(typed(":wq", "enter"), leaves=True),
    ":help": Habit(typed(":help", "enter"), shows="Where you type"),
    ": and a pane": Habit(typed(":events", "enter"), ":events", says="F5 shows Events"),
    ": and a command": Habit(typed(":retry", "enter"), ":retry", says="commands begin with a slash: /retry"),
    ": and something else": Habit(typed(":wat", "enter"), ":wat", says="commands begin with a slash: /help shows them"),
    "q in a pane": Habit(("f3", "q"), "q", says="Esc leaves a pane, Ctrl+Q quits"),
    "q alone": Habit(typed("q", "enter"), "q", says="Ctrl+Q quits"),
    "? in a pane, and q": Habit(("f2", "?", "q"), pane="chat"),
    "x, d and dd destroy nothing": Habit(("f2", *"xdd"), "xdd", shows=QUESTION),
    "h and l are typed": Habit(("f3", *"hl"), "hl"),
    "i and a are typed": Habit(("f2", *"ia"), "ia"),
    "yy copies": Habit(("f2", *"yy"), pane="chat"),
    # while the prompt has the focus
    "pageup and end": Habit(("pageup", "end"), shows="10:00"),
    "home": Habit(("home",), shows=QUESTION),
    "] and [ walk the citations": Habit(("]", "["), shows="F4 Sources"),
    "a bracket and more is text": Habit(("]", "a"), "]a"),
}  # fmt: skip


@pytest.mark.parametrize("name", HABITS)
async def test_a_habit_works_or_a_line_says_what_does(name: str) -> None:
    habit = HABITS[name]
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, QUESTION)
        app.stage.said.clear()
        await pilot.press(*habit.keys)
        if habit.leaves:
            await pilot.pause()
            assert app.return_code == 0
            return
        await settled(pilot)
        assert app.return_code is None
        assert app.prompt.text == habit.prompt
        assert habit.says in said(app)
        assert habit.says or not said(app) or name == "yy copies"  # which is said in the words of the clipboard
        assert habit.shows in screen_text(app)
        assert len(app.conversation.turns) == habit.asked
        if not isinstance(app.screen, HelpScreen):
            assert in_focus(app) is (app.prompt if habit.pane is None else pane_of(app, habit.pane).body())


async def test_a_refused_line_is_asked_when_it_is_sent_again() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*typed("!ls", "enter"))
        await settled(pilot)
        assert not app.conversation.turns
        await pilot.press("enter")
        await settled(pilot)
        assert [turn.prompt for turn in app.conversation.turns] == ["!ls"]


async def test_a_paste_of_200_lines_is_one_mark_and_asks_nothing() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        app.post_message(Paste("exit\n" * 200))
        await settled(pilot)
        assert "[pasted 200 lines]" in app.prompt.text
        assert not app.conversation.turns


async def test_space_goes_on_by_a_page_where_nothing_was_thought() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 18)) as pilot:
        for _ in range(4):
            await ask(pilot, QUESTION)
        await pilot.press("f2", "g")
        await settled(pilot)
        view = app.chat.view
        assert view.scroll_offset.y == 0
        await pilot.press("space")
        await settled(pilot)
        first = view.scroll_offset.y
        assert first > 0
        await pilot.press("ctrl+b", "ctrl+f")
        await settled(pilot)
        assert view.scroll_offset.y == first
        await pilot.press("escape", "home")
        await settled(pilot)
        assert view.scroll_offset.y == 0
        await pilot.press("end")
        await settled(pilot)
        assert view.scroll_offset.y + view.scrollable_content_region.height >= view.line_count


async def test_enter_opens_a_row_and_folds_it_again() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("f6", "g")
        await settled(pilot)
        rows = rows_of(app, "request")
        rows.show(next(key for key in rows.keys if key.startswith("item ")))
        folded = rows.line_count
        await pilot.press("enter")
        await settled(pilot)
        assert rows.line_count > folded
        await pilot.press("enter")
        await settled(pilot)
        assert rows.line_count == folded


async def test_enter_on_an_event_goes_to_what_it_became() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("f5", "g", "down", "enter")
        await until(pilot, lambda: in_focus(app) is rows_of(app, "request"))


@pytest.mark.parametrize(
    "line",
    [
        "What is :q in vim?", "exit the harbour", "quit smoking?", ":) thanks", ":-)", "!", "!!!",
        "# Title", "!important is what?", "?", "?!", "¿Qué?", "help me", "exit\nquit", "q1", ":1", "clear skies?",
    ],
)  # fmt: skip
def test_a_question_is_a_question(line: str) -> None:
    assert habits.read(line, Keymap()) is None


@pytest.mark.parametrize("line", [" exit ", ":q!", "quit()", ":x", ":qa"])
def test_a_line_that_leaves(line: str) -> None:
    meant = habits.read(line, Keymap())
    assert isinstance(meant, Command)
    assert meant.action.id == "quit"


def test_what_is_said_has_the_keys_of_the_settings() -> None:
    keymap = Keymap({"quit": ["f12"], "suspend": [], "show-events": []})
    assert habits.read("q", keymap) == Refusal("F12 quits")
    assert habits.read("!ls", keymap) == Refusal("no shell command runs here")
    assert habits.read(":events", keymap) == Refusal("commands begin with a slash: /help shows them")
