"""Hostile text in a real terminal: no byte of it is obeyed, and all of it can be read."""

from __future__ import annotations

import json
import os
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, Terminal
from tests.hostile import MARKUP, PAYLOADS, foreign
from tests.hostile_server import answer, calls, failures
from tests.loaded import LoadedProgram
from tests.loopback import LoopbackServer, Received, Reply
from tests.serving import serving
from workbench.safe_text import safe_line

SAID = [*PAYLOADS.values(), *MARKUP]
PANES = ("\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[17~")  # F3 to F6
F2, RAW, ESCAPE, CTRL_Q, PAGE_DOWN = "\x1bOQ", "\x1b[18~", "\x1b", "\x11", "\x1b[6~"
CTRL_U = "\x15"
REFUSED = {
    "/tokens": "there is no command /tokens",
    f"/model m{MARKUP[0]}": "/model takes",
    f"/nonsense{MARKUP[0].replace(' ', '').replace('/', '')}": "there is no command /nonsense",
}
TOOLS = """\
tools:
  - name: echo
    description: Says it again.
    parameters: {type: object, properties: {text: {type: string}}}
    run: {python: "echo:echo"}
  - name: fail
    description: Fails.
    run: {python: "echo:fail"}
"""
ECHO = """\
def echo(text):
    return {text: text}

def fail():
    raise ValueError(open("said.txt", encoding="utf-8", errors="surrogatepass").read())
"""


class Server:
    """Answers question `n` with text `n`: calls, then an answer; behind all of them, failures that quote them."""

    def __init__(self) -> None:
        everything = " ".join(SAID)
        self.failures = failures(everything)

    def reply(self, received: Received) -> Reply:
        messages = received.body["messages"]
        asked = next(m["content"] for m in reversed(messages) if m["role"] == "user").split(" ", 1)[0]
        if asked == "fail":
            return self.failures.pop(0)
        number = int(asked)
        return answer(number, SAID[number]) if messages[-1]["role"] == "tool" else calls(SAID[number])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tools.yaml").write_text(TOOLS)
    (tmp_path / "echo.py").write_text(ECHO)
    (tmp_path / "said.txt").write_text(" ".join(SAID), encoding="utf-8", errors="surrogatepass")
    documents = [
        {"id": f"id {number} {said}", "title": f"title {said}", "text": f"harbour text {said}"}
        for number, said in enumerate(SAID)
        if not any("\ud800" <= character <= "\udfff" for character in said)
    ]
    (tmp_path / "docs.json").write_text(json.dumps({"sets": {"hostile": {"documents": documents}}}))
    (tmp_path / "bad.json").write_text(json.dumps({f"sets{SAID[0]}": 1, "sets": {SAID[9]: {"documentz": SAID[12]}}}))
    settings = {"documentz": SAID, "sets": {said: {said: said, "documents": [{said: said}]} for said in SAID}}
    (tmp_path / "all.json").write_text(json.dumps(settings))
    (tmp_path / "names").mkdir()
    for number, said in enumerate(SAID):
        name = said.replace("/", "-").replace("\0", "")
        if not any("\ud800" <= character <= "\udfff" for character in name):
            (tmp_path / "names" / f"{name}.md").write_text(f"harbour {number}")
    return tmp_path


def opened(folder: Path, *arguments: str) -> Terminal:
    return Terminal([COMMAND, *arguments], columns=120, rows=40, environ=os.environ, folder=folder)


@pytest.mark.parametrize("part", range(3))
def test_nothing_that_is_said_is_obeyed_and_all_of_it_is_shown(folder: Path, part: int) -> None:
    missing = []
    with serving(Server().reply) as server:
        flags = ["--base-url", server.url, "--tools", "tools.yaml", "--yes", "--docs", "docs.json", "--retries", "0"]
        with opened(folder, *flags, "--model", f"m{SAID[0]}") as term:
            term.wait_for("ask about your documents")
            for number, said in list(enumerate(PAYLOADS.values()))[part::3]:  # markup: tests/ui/test_hostile_places.py
                term.press(f"{number} harbour\r")
                screen = term.wait_for(f"The end of {number}.", "✓ complete")
                if not shown(said, screen):
                    missing.append(said)
                if number == part:  # of all of them at once: in the test of questions, lists and a resumed session
                    look_around(term)
            for prompt in [*["fail"] * len(failures("")), "0 harbour"]:  # what is asked next waits for the last failure
                count = len(server.received) + 1
                term.press(f"{prompt}\r")
                term.wait_until(partial(asked, server, count), "it was never asked")
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
            assert list(foreign(term.written)) == []
    assert missing == []


def asked(server: LoopbackServer, count: int) -> bool:
    return len(server.received) >= count


def look_around(term: Terminal) -> None:
    """Open rows of every pane, the raw text and the passage of a citation."""
    for pane in PANES:
        term.press(f"{pane} jj j ")
    term.press(RAW)
    term.wait_for("Esc close")
    term.press(ESCAPE)
    term.wait_until(lambda: "Esc close" not in term.text(), "it never closed")
    term.press(f"{F2}]\r jj ")
    term.wait_for("▸Sources")
    term.press(ESCAPE)
    term.wait_until(lambda: "▸Sources" not in term.text(), "the prompt never had the focus")


def refuse(term: Terminal) -> None:
    """Scroll through the question of a tool and say no, once it has the keys."""
    screen = term.wait_for("May ", " run?", "type yes to allow")
    question = next(line.partition(" run?")[0].strip() for line in screen.splitlines() if " run?" in line)
    term.press("\t")
    term.wait_until(lambda: "Tab to answer" not in term.text(), "it never took the keys")
    term.press(PAGE_DOWN * 3)
    term.press("n")
    term.wait_until(lambda: question not in term.text(), "it was never answered")


def shown(said: str, screen: str) -> bool:
    """Whether a text is on the screen, where all that is no letter, or is wide, may look otherwise."""
    return safe_line(said).strip() in screen


def test_questions_lists_and_a_resumed_session_are_no_way_in(folder: Path) -> None:
    sayable = " ".join(said for said in SAID if said.encode(errors="ignore").decode() == said)
    script = [calls(sayable), answer(0, " ".join(SAID))]
    with serving(script) as server:
        flags = ["--base-url", server.url, "--tools", "tools.yaml", "--docs", "docs.json", "--model", f"m{SAID[0]}"]
        with opened(folder, *flags) as term:
            term.wait_for("ask about your documents")
            term.press("question\r")
            refuse(term)
            refuse(term)
            term.wait_for("✓ complete")
            look_around(term)
            term.press("/docs\r")
            term.wait_for("set goes along from the next turn on", "Esc close")
            term.press(ESCAPE)
            term.wait_for("ask about your documents")
            term.press("/tools\r")
            term.wait_for("Says it again.")
            term.press(ESCAPE)
            term.wait_until(lambda: "Says it again." not in term.text(), "the list stays")
            term.wait_for("ask about your documents")
            for command, refusal in REFUSED.items():
                term.press(f"{command}\r")
                term.wait_for(refusal)
                term.press(CTRL_U)
                term.wait_for("ask about your documents")
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
            assert list(foreign(term.written)) == []
        with opened(folder, *flags, "--resume") as term:
            term.wait_for("The end of 0.")
            look_around(term)
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
            assert list(foreign(term.written)) == []


def test_files_and_documents_with_hostile_names_are_listed(folder: Path) -> None:
    with opened(folder, "--docs", "names") as term:
        term.wait_for("ask about your documents", "names")
        for _ in range(3):
            term.press("harbour?\r")
            term.wait_for("✓ complete")
            term.press("\x1bOS" + " jj j j\r")
            term.press(ESCAPE + F2 + "\t\t\t\t\t")
        term.press("/docs\r")
        term.press(ESCAPE)
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0
        assert list(foreign(term.written)) == []


COMMANDS = [
    ["check", "bad.json"],
    ["check", "docs.json"],
    ["check", "all.json"],
    ["ask", "--docs", "docs.json", "harbour text?"],
    ["ask", "--json", "--docs", "docs.json", "harbour text?"],
    ["--docs", "bad.json"],
    ["sessions", "list"],
    ["--resume", SAID[0]],
    ["replay", SAID[9].replace("\0", "")],
    [SAID[2]],
    ["ask", f"--{SAID[4]}"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0].partition("\x1b")[0])
def test_no_command_prints_what_a_terminal_would_obey(folder: Path, arguments: list[str]) -> None:
    ask = [COMMAND, "ask", "--session", "--docs", "docs.json", " ".join(PAYLOADS.values()).replace("\0", "")[:2000]]
    if arguments[0] == "sessions":
        asked = subprocess.run(
            [os.fsencode(each) for each in ask[:-1]] + [b"harbour \x1b]0;pwned\x07 \xc2\x9b2J"], cwd=folder
        )
        assert asked.returncode == 0
    with opened(folder, *arguments) as term:
        term.wait_for_exit()
        assert term.written
        assert list(foreign(term.written)) == []


@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["text", "json"])
def test_ask_prints_what_a_server_says_as_what_it_is(folder: Path, flags: list[str], loaded: LoadedProgram) -> None:
    everything = " ".join(SAID)
    script = [calls(everything), answer(0, everything), *failures(everything)]
    with serving(script) as server:
        ask = ["ask", *flags, "--base-url", server.url, "--tools", "tools.yaml", "--yes", "--retries", "0", "q"]
        for _ in range(len(script) - 1):
            code, written = loaded.run_in_terminal(*ask, folder=folder, columns=120, rows=60)
            assert code in (0, 1)
            assert written
            assert b"Traceback" not in written
            assert list(foreign(written)) == []


def test_what_the_app_never_writes_is_told_from_what_it_does() -> None:
    """Sequences that the app writes as well would be missed as bytes; that they are shown as text is the proof then."""
    own = {"move", "colours", "leave the alternate screen", "mouse on", "hide the cursor"}
    unseen = {name for name, said in PAYLOADS.items() if not list(foreign(said.encode("utf-8", "replace")))}
    assert unseen - {"lone surrogates"} == own
