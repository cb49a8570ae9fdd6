"""The table of actions, the keys that rebind them, and the pages that are made from it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests import keys_page
from workbench.ui import slash
from workbench.ui.actions import ACTIONS, BY_ID, SPOTS
from workbench.ui.key_problems import KeyProblem, key_problems
from workbench.ui.keymap import Keymap, label, told
from workbench.ui.screens.help import GROUPS as GROUPS_OF_HELP

LABELS = {label(key) for action in ACTIONS for key in action.keys} | {"Shift+Tab"}
WRITTEN_KEY = re.compile(r"\b(?:Ctrl\+(?:\w+|\S)|(?:Shift|Alt)\+\w+|F\d\d?|PageUp|PageDown)(?<![.,;:])")


def test_every_action_has_an_id_of_its_own_and_words_for_what_it_does() -> None:
    assert len(BY_ID) == len(ACTIONS)
    assert all(action.meaning for action in ACTIONS)
    titles = [action.title for action in ACTIONS if action.title]
    assert len(set(titles)) == len(titles)


def test_the_table_needs_no_screen() -> None:
    code = "import sys, workbench.ui.key_problems; print([name for name in sys.modules if name.startswith('textual')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_keys_of_the_table_are_no_problem() -> None:
    assert key_problems({action.id: action.keys for action in ACTIONS}) == []


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (
            {"nextpane": ["f9"]},
            KeyProblem("nextpane", "there is no action 'nextpane'", "did you mean 'next-pane'?"),
        ),
        (
            {"zzzz": ["f9"]},
            KeyProblem("zzzz", "there is no action 'zzzz'", "the handbook's page of keys lists the actions"),
        ),
        ({"new": ["cntrl+n"]}, KeyProblem("new", "there is no key 'cntrl+n'", "did you mean 'ctrl+n'?")),
        ({"new": ["pagup"]}, KeyProblem("new", "there is no key 'pagup'", "did you mean 'pageup'?")),
        (
            {"new": [""]},
            KeyProblem("new", "there is no key ''", "keys are written as ctrl+n, alt+enter, f2, pageup, ]"),
        ),
        ({"grow": ["ctrl+m"]}, KeyProblem("grow", "a terminal tells 'ctrl+m' as 'enter'", "take another key")),
        ({"grow": ["ctrl+M"]}, KeyProblem("grow", "a terminal tells 'ctrl+M' as 'enter'", "take another key")),
        ({"grow": ["ctrl+I"]}, KeyProblem("grow", "a terminal tells 'ctrl+I' as 'tab'", "take another key")),
        ({"grow": ["ctrl+["]}, KeyProblem("grow", "a terminal tells 'ctrl+[' as 'escape'", "take another key")),
        ({"help": ["ctrl+h"]}, KeyProblem("help", "a terminal tells 'ctrl+h' as 'backspace'", "take another key")),
        ({"new": ["ctrl+ctrl+a"]}, KeyProblem("new", "there is no key 'ctrl+ctrl+a'", "did you mean 'ctrl+a'?")),
        (
            {"retry": ["alt+A"], "docs": ["alt+shift+a"]},
            KeyProblem(
                "docs",
                "'alt+shift+a' already means 'retry': ask the last question again",
                "give one of them another key; `retry: []` takes it from the other",
            ),
        ),
        (
            {"retry": ["ctrl+space"], "docs": ["ctrl+@"]},
            KeyProblem(
                "docs",
                "'ctrl+@' already means 'retry': ask the last question again",
                "give one of them another key; `retry: []` takes it from the other",
            ),
        ),
        (
            {"help": ["?"]},
            KeyProblem("help", "'?' could no longer be typed where one writes", "add ctrl+ or alt+ to it"),
        ),
        (
            {"send": ["space"]},
            KeyProblem("send", "'space' could no longer be typed where one writes", "add ctrl+ or alt+ to it"),
        ),
        (
            {"edit": ["left"]},
            KeyProblem("edit", "'left' could no longer move the cursor where one writes", "add ctrl+ or alt+ to it"),
        ),
        (
            {"help": ["home"]},
            KeyProblem("help", "'home' could no longer move the cursor where one writes", "add ctrl+ or alt+ to it"),
        ),
        (
            {"edit": ["delete"]},
            KeyProblem("edit", "'delete' could no longer delete where one writes", "add ctrl+ or alt+ to it"),
        ),
        (
            {"refuse": ["backspace"]},
            KeyProblem("refuse", "'backspace' could no longer delete where one writes", "add ctrl+ or alt+ to it"),
        ),
        (
            {"new": ["ctrl+q"]},
            KeyProblem(
                "new",
                "'ctrl+q' already means 'quit': quit",
                "give one of them another key; `quit: []` takes it from the other",
            ),
        ),
        (
            {"grow": ["j"]},
            KeyProblem(
                "grow",
                "'j' already means 'scroll-down': a line down",
                "give one of them another key; `scroll-down: []` takes it from the other",
            ),
        ),
        (
            {"next-citation": ["b"], "fold-thinking": ["b"]},
            KeyProblem(
                "fold-thinking",
                "'b' already means 'next-citation': the next citation",
                "give one of them another key; `next-citation: []` takes it from the other",
            ),
        ),
        (
            {"retry": ["shift+ctrl+f5"], "docs": ["ctrl+shift+f5"]},
            KeyProblem(
                "docs",
                "'ctrl+shift+f5' already means 'retry': ask the last question again",
                "give one of them another key; `retry: []` takes it from the other",
            ),
        ),
        (
            {"refuse": ["enter"]},
            KeyProblem(
                "refuse",
                "'enter' already means 'answer': answer what a tool asks",
                "give one of them another key; `answer: []` takes it from the other",
            ),
        ),
        (
            {"edit": ["ctrl+_"]},
            KeyProblem(
                "edit",
                "'ctrl+_' already means 'undo': undo what was typed",
                "give one of them another key; `undo: []` takes it from the other",
            ),
        ),
    ],
)
def test_a_key_that_cannot_be_meant_is_a_problem(keys: Mapping[str, Sequence[str]], expected: KeyProblem) -> None:
    [problem] = key_problems(keys)
    assert (problem.id, problem.message, problem.hint) == (expected.id, expected.message, expected.hint)
    assert problem.key in ("", *keys[problem.id])
    assert bool(problem.key) == (problem.id in BY_ID and keys[problem.id] != [""])


@pytest.mark.parametrize(
    "keys",
    [
        {"quit": [], "new": ["ctrl+q"]},  # the key of another action, from which it was taken
        {"row-up": ["j"], "row-down": ["k"]},  # one another's
        {"grow": ["left"], "copy": ["delete"], "edit": ["ctrl+left"], "help": ["shift+end"]},
        {"grow": ["W"]},  # of an action that works elsewhere
        {"next-citation": ["b", "]"], "previous-citation": ["B"]},
        {"retry": ["alt+a"], "docs": ["alt+A"]},
        {"grow": ["+"], "copy": ["ctrl++"]},
        {"grow": ["shift+ctrl+f5"], "copy": ["ctrl+f5"]},
        {"undo": ["ctrl+underscore"], "help": ["f1", "alt+é"], "retry": ["ctrl+x"]},
    ],
)
def test_keys_that_can_be_told_apart_are_none(keys: Mapping[str, Sequence[str]]) -> None:
    assert key_problems(keys) == []


def test_all_problems_are_said_at_once() -> None:
    problems = key_problems({"nothing": ["f9"], "new": ["nokey", "x"], "edit": ["ctrl+q"]})
    assert [problem.id for problem in problems] == ["nothing", "new", "new", "edit"]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("ctrl+n", "Ctrl+N"),
        ("right_square_bracket", "]"),
        ("]", "]"),
        ("upper_case_g", "G"),
        ("shift+g", "G"),
        ("ctrl+underscore", "Ctrl+_"),
        ("shift+enter", "Shift+Enter"),
        ("pageup", "PageUp"),
        ("f12", "F12"),
        ("+", "+"),
        ("alt+a", "Alt+A"),
        ("alt+A", "Alt+Shift+A"),
    ],
)
def test_a_key_is_shown_as_it_is_read(key: str, shown: str) -> None:
    assert label(key) == shown


def test_what_was_rebound_has_its_own_keys_and_all_else_those_of_the_table() -> None:
    keymap = Keymap({"send": ["alt+enter"], "newline": [], "no-action": ["f9"]})
    assert keymap.keys("send") == ("alt+enter",)
    assert keymap.keys("newline") == ()
    assert (keymap.label("newline"), keymap.short("newline")) == ("", "")
    assert keymap.short("new") == "^N"
    assert keymap.label("row-up", "row-down") == "Up, k / Down, j"
    assert keymap.label("show-chat", "show-tools") == "F2, F3"
    pressed = keymap.pressed("prompt")
    assert pressed["alt+enter"] == "send"
    assert "enter" not in pressed
    assert [pressed[key] for key in told("ctrl+underscore")] == ["undo"] * 3


def test_slash_commands_are_found_by_every_name() -> None:
    assert {name: action.id for name, action in slash.BY_NAME.items()} == {
        "help": "help", "model": "model", "docs": "docs", "tools": "tools", "copy": "copy-answer", "raw": "raw",
            "run-tool": "run-tool",
        "copy-turn": "copy-turn", "retry": "retry", "clear": "new", "new": "new", "theme": "theme", "exit": "quit",
        "quit": "quit", "set": "set", "settings": "settings-panel", "preset": "preset",
        "again": "again", "reset": "reset", "system": "system", "panes": "hide-side",
        "edit": "edit-turn", "tree": "tree", "compare": "compare", "grid": "grid",
        "sessions": "sessions", "fork": "fork",
        "break": "break", "speed": "speed", "goto": "goto",
        "copy-as": "copy-as", "export": "export", "lift": "lift", "citations": "citations",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "/etc/hosts what does this do?",
        "/etc/hosts",
        "/exit/code",
        "/usr is full",
        "/api/v2/chat: which fields?",
        "/foo bar baz",
        "/clear: what does it do?",
        "/code review of the pump",
        "/modal verbs?",
        "/copyright of the page?",
        "/exits of the building?",
        "/save the whales?",
        "/ exit",
        "/ clear the cache",
        "//exit",
        "// a comment, what does it mean?",
        "/tmp\nis full",
    ],
)
def test_prose_that_begins_with_a_slash_is_a_question(text: str) -> None:
    assert slash.read(text, "F1") is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"/{name}{between}code 137 means what?"
            for name, action in slash.BY_NAME.items()
            for between in (" ", "\n", "\t", "\u00a0", "  ")
        ),
        "/EXIT code 137",
        "/exit now",
        "/clear the cache: how?",
        "/model of the pump, where is it?",
        "/model what?",
        "/model pump.",
        "/model 泵在哪里？",
        "/model насос",
        '/model "command r"',
        "/copy machine?",
        "/copy-as recording",
        "/copy-as a poem",
        "/export licence, who needs one?",
        "/export talk",
        "/export the turn as html",
        "/copy the file notes.md to notes.old",
        "/copy 'notes.md' or notes.old",
    ],
)
def test_what_follows_a_command_that_cannot_take_it_is_refused(text: str) -> None:
    meant = slash.read(text, "F1")
    assert isinstance(meant, slash.Refusal)
    assert "takes" in meant.reason
    assert "nothing was done" in meant.reason


@pytest.mark.parametrize(
    ("text", "id", "rest"),
    [
        *(
            (f"/{name}{end}", action.id, "")
            for name, action in slash.BY_NAME.items()
            for end in ("", " ", "\n", " \t ")
        ),
        ("/EXIT", "quit", ""),
        ("/model command-a-03-2025", "model", "command-a-03-2025"),
        ("/model  CohereLabs/c4ai-command-r7b:free ", "model", "CohereLabs/c4ai-command-r7b:free"),
        ("/model cohere.command-r-plus-v1:0", "model", "cohere.command-r-plus-v1:0"),
        ("/model /models/mine", "model", "/models/mine"),
        ("/copy ~/answer.md", "copy-answer", "~/answer.md"),
        ('/copy "a file.md"', "copy-answer", "a file.md"),
        ("/copy 'what now?'", "copy-answer", "what now?"),
        ("/sessions day  ticket", "sessions", "day ticket"),
        ("/copy-as Python", "copy-as", "Python"),
        ("/export html", "export", "html"),
        ("/export TURN md", "export", "turn markdown"),
        ("/export turn", "export", "turn"),
        ("/export curl again", "export", "curl again"),
        ("/export 'my talk.html'", "export", "html my talk.html"),
        ("/export turn json ~/turn.json", "export", "turn json ~/turn.json"),
    ],
)
def test_a_command_with_what_it_takes_is_one(text: str, id: str, rest: str) -> None:
    assert slash.read(text, "F1") == slash.Command(BY_ID[id], rest)


@pytest.mark.parametrize(
    ("text", "help_key", "reason"),
    [
        ("/exti", "F1", "there is no command /exti; did you mean /exit?"),
        ("/exit?", "F1", "there is no command /exit?; did you mean /exit?"),
        ("/modle command-r", "F1", "there is no command /modle; did you mean /model?"),
        ("/cpoy answer.md", "F1", "there is no command /cpoy; did you mean /copy?"),
        ("/expert", "F1", "there is no command /expert; did you mean /export?"),
        ("/explain", "F1", "there is no command /explain; F1 lists the commands"),
        *(
            (
                text,
                "F1",
                "there is no command /save; /copy FILE writes the last answer to a file, and /export FILE the "
                "conversation",
            )
            for text in ("/save", "/save x", "/save 'my answer.md'")
        ),
        ("/xyzzy", "F9", "there is no command /xyzzy; F9 lists the commands"),
        ("/xyzzy", "", "there is no command /xyzzy; /help lists the commands"),
        ("/", "F1", "there is no command /; F1 lists the commands"),
    ],
)
def test_a_mistyped_command_is_met(text: str, help_key: str, reason: str) -> None:
    assert slash.read(text, help_key) == slash.Refusal(reason)


def test_the_handbook_has_the_table() -> None:
    """When this fails, the table has changed: `python -m tests.keys_page` writes the page."""
    assert keys_page.PAGE.read_text("utf-8") == keys_page.page()


def test_no_bar_of_a_key_or_a_command_parts_a_cell() -> None:
    rows = [line for line in keys_page.section().splitlines() if line.startswith("| `")]
    assert {len(re.split(r"(?<!\\)\|", row)) for row in rows} == {7}


@pytest.mark.parametrize("file", ["README.md", "config/handbook"])
def test_every_key_that_is_written_of_is_in_the_table(file: str, project: Path) -> None:
    path = project / file
    pages = sorted(path.glob("*.md")) if path.is_dir() else [path]
    found = {(page.name, key) for page in pages for key in WRITTEN_KEY.findall(page.read_text("utf-8"))}
    assert found
    assert [(page, key) for page, key in sorted(found) if key not in LABELS] == []


def test_the_help_has_the_actions_of_every_place() -> None:
    shown = [place for _, places in GROUPS_OF_HELP for place in places]
    assert sorted(shown) == sorted(SPOTS)
