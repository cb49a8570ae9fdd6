"""The conversation in plain lines: at a terminal that can do no more, asked for by a flag, and out of a pipe."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import unicodedata
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest

from tests.core.keeping import session
from tests.e2e.terminal import COMMAND, TRUE_COLOUR, Terminal
from tests.e2e.test_hostile_text import ECHO as HOSTILE_CODE
from tests.e2e.test_hostile_text import TOOLS as HOSTILE_TOOLS
from tests.hostile import PAYLOADS
from tests.hostile_server import answer, calls
from tests.loaded import LoadedProgram
from tests.loopback import Hang, Head, Received, Reply, message, sse, stream
from tests.serving import serving
from workbench.secrets.redactor import Redactor
from workbench.sessions.restore import every_turn

DUMB = {"TERM": "dumb"}
CTRL_C, CTRL_D = "\x03", "\x04"
DOCS = """\
files: guide.md
"""
GUIDE = """\
# Harbour guide

## Tides

The tide turns at noon.
On Sundays the tide turns at one.
"""
TOOLS = """\
tools:
  - name: tide_table
    description: The tide of a place.
    parameters: {type: object, properties: {place: {type: string}}, required: [place]}
    run: {reply: {turns: noon}}
  - name: count
    description: Counts.
    parameters: {type: object, properties: {text: {type: string}}}
    run: {python: "count:count"}
  - name: look
    description: What do you see?
    parameters: {type: object, properties: {at: {type: string}}}
    run: ask
"""
COUNT = """\
def count(text=""):
    return {"characters": len(text)}
"""
ANSWER = "The tide turns at noon."
BEGUN = message("The tide turns at noon and", done=False).partition(b"event: content-end")[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"docs.yaml": DOCS, "guide.md": GUIDE, "tools.yaml": TOOLS, "count.py": COUNT}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def terminal(folder: Path, *flags: str, kind: Mapping[str, str] = TRUE_COLOUR) -> Terminal:
    environ = {**os.environ, "CO_API_KEY": "the-key-0123456789"}
    return Terminal([COMMAND, *flags], columns=120, rows=60, environ=environ, folder=folder, kind=kind)


class Piped(Protocol):
    """The program with a pipe for its input and none of its streams at a terminal."""

    def __call__(
        self, folder: Path, questions: str | bytes, *flags: str, **environ: str
    ) -> subprocess.CompletedProcess[bytes]: ...


@pytest.fixture
def piped(loaded: LoadedProgram) -> Piped:
    def run(folder: Path, questions: str | bytes, *flags: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
        data = questions.encode() if isinstance(questions, str) else questions
        whole = {**os.environ, "CO_API_KEY": "the-key-0123456789", **environ}
        reading, writing = os.pipe()
        with ThreadPoolExecutor(1) as threads, os.fdopen(reading, "rb"):
            threads.submit(_write, writing, data)
            return loaded.run(*flags, environ=whole, folder=folder, stdin=reading)

    return run


def _write(pipe: int, data: bytes) -> None:
    with os.fdopen(pipe, "wb") as file:
        file.write(data)


def controls(written: bytes) -> list[str]:
    """Control characters but the newline, and what is no UTF-8; a terminal has put a return before each newline."""
    text = written.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
    return [text[max(0, at - 20) : at + 20] for at, each in enumerate(text) if each != "\n" and is_control(each)]


def is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs")


def lines_of(written: bytes) -> list[str]:
    return written.replace(b"\r\n", b"\n").decode().split("\n")


def cited(received: Received) -> Reply:
    """A call of the tide table, then an answer that cites it and a document."""
    messages = received.body["messages"]
    if messages[-1]["role"] == "user":
        return stream(message(plan="I will look it up.", tool_calls=[("call-1", "tide_table", '{"place": "harbour"}')]))
    tool = {"type": "tool", "id": "call-1:0", "tool_output": {"turns": "noon"}}
    guide = next(each for each in received.body["documents"] if "one" in str(each))
    document = {"type": "document", "id": guide["id"], "document": {"id": guide["id"], **guide["data"]}}
    text = f"{ANSWER} On Sundays the tide turns at one."
    return stream(
        message(
            text,
            thinking="The person asks about tides.",
            citations=[
                {"start": 4, "end": 22, "text": text[4:22], "sources": [tool]},
                {"start": 24, "end": len(text), "text": text[24:], "sources": [document]},
            ],
        )
    )


def calling(name: str, arguments: str = "{}") -> object:
    """Calls a tool each time that a person asks, and then says what it returned."""

    def reply(received: Received) -> Reply:
        last = received.body["messages"][-1]
        if last["role"] == "user":
            return stream(message(tool_calls=[("call-1", name, arguments)]))
        return stream(message(f"It said {last['content'][0]['document']['data']}."))

    return reply


TURN = [
    "plan:",
    "I will look it up.",
    'call tide_table {"place": "harbour"}',
    'result tide_table, 0.00 s: {"turns": "noon"}',
    "thought for 0.0 s",
    "answer:",
    "The tide turns at noon. On Sundays the tide turns at one.",
    "sources:",
    '[1] tide_table, tool: cited for "tide turns at noon"',
    '[2] Harbour guide › Tides, guide.md:6: cited for "On Sundays the tide turns at one."; found by ',
]


def told(lines: Sequence[str]) -> list[str]:
    """Lines in which each time is 0, since what is told counts and not how long it took, and without the words by which
    something was found, which are each question's own."""

    def zero(seconds: re.Match[str]) -> str:
        return f"0.{'0' * len(seconds[1])} s"

    found = (re.sub(r"(?<=; found by ).+", "", line) for line in lines)
    return [re.sub(r"[0-9]+ tok/s", "0 tok/s", re.sub(r"[0-9]+\.([0-9]+) s\b", zero, line)) for line in found]


def holds_in_order(lines: Sequence[str], wanted: Sequence[str]) -> bool:
    rest = iter(told(lines))
    return all(any(line == each for line in rest) for each in told(wanted))


@pytest.mark.parametrize(("flags", "kind"), [(["--plain"], TRUE_COLOUR), ([], DUMB)], ids=["flag", "dumb"])
def test_a_conversation_at_a_terminal(folder: Path, flags: list[str], kind: Mapping[str, str]) -> None:
    with serving(cited) as server:
        more = ["--base-url", server.url, "--docs", "docs.yaml", "--tools", "tools.yaml"]
        with terminal(folder, *flags, *more, kind=kind) as term:
            term.wait_for("/help lists the commands", "\n>")
            term.press("When does the tide turn?\n")
            term.wait_until(lambda: "state: complete" in term.text(), "no answer came")
            term.press("And on Sundays?\n")
            term.wait_until(lambda: term.written.count(b"state: complete") == 2, "no second answer came")
            term.press("/model other\n")
            term.wait_for("model: other")
            term.press(CTRL_D)
            assert term.wait_for_exit() == 0
            assert controls(term.written) == []
            lines = lines_of(term.written)
            assert holds_in_order(lines, ["> When does the tide turn?", *TURN, "> And on Sundays?", *TURN]), lines
            assert any(line.startswith("state: complete, coverage 2/2, first ") for line in lines)
            assert any(
                re.fullmatch(r"note: to go on: workbench --resume \S+ .*--model other --plain", x) for x in lines
            )
        assert [m["role"] for m in server.received[2].body["messages"]][:2] == ["user", "assistant"]


@pytest.mark.parametrize("environ", [{"TERM": "xterm-256color"}, DUMB], ids=["flag", "dumb"])
def test_a_pipe_is_a_question_a_line(piped: Piped, folder: Path, environ: dict[str, str]) -> None:
    with serving(cited) as server:
        flags = ["--base-url", server.url, "--docs", "docs.yaml", "--tools", "tools.yaml"]
        plain = [] if environ is DUMB else ["--plain"]
        done = piped(folder, "When does the tide turn?\n\nAnd on Sundays?", *plain, *flags, **environ)
    assert (done.returncode, done.stderr) == (0, b"")
    assert controls(done.stdout) == []
    lines = done.stdout.decode().split("\n")
    assert holds_in_order(lines, ["> When does the tide turn?", *TURN, "> And on Sundays?", *TURN]), lines


def test_a_file_is_read_like_a_pipe_and_commands_work_in_it(folder: Path) -> None:
    (folder / "questions.txt").write_text("/tools\nWhen?\n/retry\n/copy answer.txt\n/exit\nnever asked\n")
    with serving(lambda _: stream(message(ANSWER))) as server, (folder / "questions.txt").open("rb") as questions:
        argv = [COMMAND, "--plain", "--base-url", server.url, "--tools", "tools.yaml"]
        done = subprocess.run(argv, stdin=questions, capture_output=True, cwd=folder, env=dict(os.environ), timeout=60)
        assert [each.body["messages"][-1]["content"] for each in server.received] == ["When?", "When?"]
    assert done.returncode == 0, done.stderr
    assert b"tool tide_table: The tide of a place.\n" in done.stdout
    assert b"asked again: When?\n" in done.stdout
    assert (folder / "answer.txt").read_text() == ANSWER
    [begun] = [lines for lines, _ in every_turn(session(), Redactor()) if lines.number == 2]
    assert begun.made_from is not None
    assert begun.made_from.turn == 1


@pytest.mark.parametrize(
    ("reply", "code", "line"),
    [
        (stream(BEGUN), 1, "state: incomplete"),
        ([Head(400, {"content-type": "application/json", "content-length": "2"})], 1, "state: failed"),
        (stream(message(tool_calls=[("c", "tide_table", '{"place": "x"}')])), 3, "state: max-steps"),
    ],
)
def test_the_exit_code_of_a_pipe_is_that_of_its_worst_turn(
    piped: Piped, folder: Path, reply: Reply, code: int, line: str
) -> None:
    replies = [stream(message(ANSWER)), reply, stream(message(ANSWER))]
    with serving(replies) as server:
        flags = ["--base-url", server.url, "--tools", "tools.yaml", "--retries", "0", "--max-steps", "1"]
        done = piped(folder, "one\ntwo\nthree\n", "--plain", *flags)
    assert done.returncode == code, done.stdout
    assert line in done.stdout.decode()
    assert done.stdout.count(b"state: complete") == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/copy guide.md", "guide.md exists, and nothing is overwritten"),
        ("/copy no/a.md", "No such file or directory: no/a.md"),
    ],
)
def test_an_answer_that_is_not_written_to_a_file_is_exit_code_1_of_a_pipe(
    piped: Piped, folder: Path, line: str, said: str
) -> None:
    done = piped(folder, f"When does the tide turn?\n{line}\n", "--plain", "--offline", "--docs", "docs.yaml")
    assert f"note: not written: {said}\n" in done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b"")
    assert (folder / "guide.md").read_text() == GUIDE


def test_the_rest_of_a_line_that_is_too_long_is_dropped_and_the_next_is_asked(piped: Piped, folder: Path) -> None:
    questions = f"{'x' * 1_000_001}\nWhen does the tide turn?\n"
    done = piped(folder, questions, "--plain", "--offline", "--docs", "docs.yaml")
    written = done.stdout.decode()
    assert written.startswith(
        "note: standard input:1: has over 1,000,000 characters: the rest of the line is dropped\n"
    )
    assert f"\n> {'x' * 1_000_000}\n" in written
    assert "The tide turns at noon." in written.partition("\n> When does the tide turn?\n")[2]
    assert (done.returncode, done.stderr) == (2, b"")


def test_a_file_that_a_question_names_goes_along_and_what_cannot_is_said(piped: Piped, folder: Path) -> None:
    (folder.parent / "outside.md").write_text("The moon turns at six.\n")
    questions = (
        "When does the tide turn? @guide.md#5 and @guide.md#6, mail me@guide.md\n@../outside.md and @nothing.md\n"
    )
    with serving(lambda _: stream(message(ANSWER))) as server:
        done = piped(folder, questions, "--plain", "--base-url", server.url)
        first, second = (each.body for each in server.received)
    assert (done.returncode, done.stderr) == (0, b"")
    sent = [each["data"]["text"] for each in first["documents"]]
    assert sent == ["The tide turns at noon.", "On Sundays the tide turns at one."]
    assert first["messages"][-1]["content"] == questions.split("\n")[0]
    assert "documents" not in second
    lines = done.stdout.decode().split("\n")
    assert [each for each in lines if "attached" in each] == [
        "note: attached guide.md#5, guide.md#6",
        "note: @../outside.md is not attached: it lies outside of this folder; --docs FILE takes it",
    ]


def test_what_cannot_be_used_is_located(piped: Piped, folder: Path) -> None:
    (folder / "docs.yaml").write_text("file: guide.md\n")
    done = piped(folder, "When?\n", "--plain", "--offline", "--docs", "docs.yaml")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"docs.yaml:1:1: ") and b"did you mean" in done.stderr
    done = piped(folder, "/nonsense\n", "--plain", "--offline")
    assert done.returncode == 2
    assert b"note: there is no command /nonsense" in done.stdout


@pytest.mark.parametrize("flags", [["--plain"], ["--set", "plain=true"], []])
def test_nothing_to_ask_is_a_line_and_exit_code_2(piped: Piped, folder: Path, flags: list[str]) -> None:
    done = piped(folder, "", *flags, "--offline", TERM="dumb" if not flags else "xterm")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().count("\n") == 1


def test_without_a_terminal_the_screen_is_refused_with_what_to_do(piped: Piped, folder: Path) -> None:
    done = piped(folder, "When?\n", "--offline", TERM="xterm-256color")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--plain" in done.stderr


@pytest.mark.parametrize("term", ["", "unknown"])
def test_a_terminal_without_a_name_gets_lines_and_is_told_why(folder: Path, term: str) -> None:
    with terminal(folder, "--offline", kind={"TERM": term}) as opened:
        opened.wait_for(f"note: TERM is {term!r}", "/help lists the commands")
        opened.press(CTRL_D)
        assert opened.wait_for_exit() == 0
        assert controls(opened.written) == []


def test_ask_takes_the_flag(piped: Piped, folder: Path) -> None:
    done = piped(folder, "", "ask", "--plain", "--offline", "--docs", "docs.yaml", "When does the tide turn?")
    assert done.returncode == 0
    assert b"The tide turns at noon." in done.stdout


@pytest.mark.parametrize("flags", [["--plain", "replay"], ["replay"]])
def test_a_recording_is_played_in_lines(piped: Piped, folder: Path, flags: list[str]) -> None:
    with serving(cited) as server:
        more = ["--base-url", server.url, "--docs", "docs.yaml", "--tools", "tools.yaml", "--record", "a.jsonl"]
        asked = piped(folder, "When does the tide turn?\n", "--plain", *more).stdout.decode().split("\n")
    environ = {"TERM": "xterm-256color" if "--plain" in flags else "dumb"}
    done = piped(folder, "", *flags, "a.jsonl", "--speed", "max", **environ)
    assert done.returncode == 0, done.stderr
    assert holds_in_order(done.stdout.decode().split("\n"), asked[asked.index("> When does the tide turn?") : -3])


def test_a_log_beside_the_terminal_is_whole_and_questions_are_seen(folder: Path) -> None:
    with serving(calling("count", '{"text": "abc"}')) as server:  # type: ignore[arg-type]
        command = f"{COMMAND} --plain --base-url {server.url} --tools tools.yaml >log"
        environ = dict(os.environ)
        with Terminal(["/bin/sh", "-c", command], columns=100, rows=30, environ=environ, folder=folder) as term:
            term.wait_until(lambda: term.written.endswith(b"> "), "there is no prompt")
            term.press("Count it\n")
            term.wait_for("question: may count", "type yes to allow")
            term.press("yes\n")
            term.wait_until(lambda: term.written.count(b"> ") == 2, "there is no second prompt")
            term.press(CTRL_D)
            assert term.wait_for_exit() == 0
            assert controls(term.written) == []
    log = (folder / "log").read_text()
    assert "> Count it\ncall count" in log and "state: complete" in log


def test_a_reader_that_has_gone_is_no_fault(folder: Path) -> None:
    with serving(lambda _: stream(message(ANSWER * 2000))) as server:
        command = f"printf 'one\\ntwo\\n' | {COMMAND} --plain --base-url {server.url} | head -n 1"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, cwd=folder, timeout=60)
    assert (done.returncode, done.stderr) == (1, b"")


# -- what comes from outside ------------------------------------------------------------------------------


@pytest.fixture
def hostile_folder(tmp_path: Path) -> Path:
    said = list(PAYLOADS.values())
    (tmp_path / "tools.yaml").write_text(HOSTILE_TOOLS)
    (tmp_path / "echo.py").write_text(HOSTILE_CODE)
    (tmp_path / "said.txt").write_text(" ".join(said), encoding="utf-8", errors="surrogatepass")
    texts = [each.encode("utf-8", "replace").decode() for each in said]
    (tmp_path / "hostile.md").write_text("# harbour " + "\n\n# harbour ".join(texts))
    return tmp_path


def hostile(received: Received) -> Reply:
    messages = received.body["messages"]
    asked = next(m["content"] for m in reversed(messages) if m["role"] == "user").split(" ", 1)[0]
    said = list(PAYLOADS.values())[int(asked)]
    return answer(int(asked), f"{said}\tend") if messages[-1]["role"] == "tool" else calls(said)


def test_no_byte_of_hostile_text_is_obeyed_in_a_pipe(piped: Piped, hostile_folder: Path) -> None:
    numbers = range(0, len(PAYLOADS), 3)  # all of them are tried on single lines elsewhere
    questions = "".join(f"{number} harbour \x1b]0;title\x07\t\x9b2J\n" for number in numbers)
    with serving(hostile) as server:
        flags = ["--base-url", server.url, "--tools", "tools.yaml", "--yes", "--docs", "hostile.md"]
        done = piped(hostile_folder, questions, "--plain", *flags, "--model", f"m{PAYLOADS['title']}")
    assert controls(done.stdout) == controls(done.stderr) == []
    for number in numbers:
        assert f"The end of {number}." in done.stdout.decode()


def test_no_byte_of_hostile_text_is_obeyed_at_a_terminal(hostile_folder: Path) -> None:
    with serving(hostile) as server:
        flags = ["--base-url", server.url, "--tools", "tools.yaml", "--yes", "--docs", "hostile.md"]
        with terminal(hostile_folder, "--plain", *flags, kind=DUMB) as term:
            for number in range(1, len(PAYLOADS), 12):
                term.press(f"{number} harbour\n")

                def has_ended(end: bytes = f"The end of {number}.".encode()) -> bool:
                    return end in term.written and term.text().rstrip().endswith("\n>")

                term.wait_until(has_ended, "no answer")
            term.press(CTRL_D)
            assert term.wait_for_exit() == 0
    assert controls(term.written) == []


# -- the person -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [("yes", "result count"), ("", "denied count"), ("no", "denied count"), (CTRL_D, "denied count")],
)
def test_code_runs_behind_a_yes_alone(folder: Path, typed: str, outcome: str) -> None:
    with serving(calling("count", '{"text": "abc"}')) as server:  # type: ignore[arg-type]
        with terminal(folder, "--plain", "--base-url", server.url, "--tools", "tools.yaml") as term:
            term.press("Count it\n")
            screen = term.wait_for("type yes to allow")
            assert "question: may count of" in screen and 'arguments: {"text": "abc"}' in screen
            term.press(typed if typed == CTRL_D else f"{typed}\n")
            term.wait_for(outcome, "state: complete")
            assert controls(term.written) == []


def test_what_was_typed_before_answers_nothing(folder: Path) -> None:
    with serving(calling("count")) as server:  # type: ignore[arg-type]
        with terminal(folder, "--plain", "--base-url", server.url, "--tools", "tools.yaml") as term:
            term.wait_for("\n>")
            term.press("Count it\nyes\nyes\nhalf a li")  # all of it ahead of the question, the last without its end
            term.wait_for("next: yes", "type yes to allow")
            term.press("ne\n")
            term.wait_for("next: half a line")
            term.wait_until(lambda: term.written.count(b"type yes to allow") == 2, "it was not asked again")
            assert b"result count" not in term.written and b"denied count" not in term.written
            term.press("no\n")
            term.wait_for("denied count")


def test_a_paste_answers_nothing(folder: Path) -> None:
    with serving(calling("count")) as server:  # type: ignore[arg-type]
        with terminal(folder, "--plain", "--base-url", server.url, "--tools", "tools.yaml") as term:
            term.press("Count it\n")
            term.wait_for("type yes to allow")
            term.press("yes\nand more\n")
            term.wait_for("next: yes", "next: and more")
            term.wait_until(lambda: term.written.count(b"type yes to allow") == 2, "it was not asked again")
            term.press("yes\nand the beginning of a line")
            term.wait_until(lambda: term.written.count(b"type yes to allow") == 3, "it was not asked again")
            assert b"result count" not in term.written
            term.press(CTRL_C)
            term.wait_for("state: cancelled", "not asked: and more")


@pytest.mark.parametrize(("typed", "outcome"), [("yes\n", "✓ count"), ("yes\nand more\n", "⊘ count denied")])
def test_ask_takes_no_paste_for_a_yes_either(folder: Path, typed: str, outcome: str) -> None:
    with serving(calling("count", '{"text": "abc"}')) as server:  # type: ignore[arg-type]
        with terminal(folder, "ask", "--base-url", server.url, "--tools", "tools.yaml", "Count it") as term:
            term.press("yes\n")  # ahead of the question
            term.wait_for("type yes to allow")
            term.press(typed)
            term.wait_for(outcome)
            assert term.wait_for_exit() == 0


def test_ask_asks_again_where_what_is_typed_is_no_answer(folder: Path) -> None:
    with serving(calling("count", '{"text": "abc"}')) as server:  # type: ignore[arg-type]
        with terminal(folder, "ask", "--base-url", server.url, "--tools", "tools.yaml", "Count it") as term:
            term.wait_for("type yes to allow")
            term.press("y\n")
            term.wait_for("y is no answer to that")
            term.wait_until(lambda: term.written.count(b"type yes to allow") == 2, "it was not asked again")
            term.press("yes\n")
            term.wait_for("✓ count")
            assert term.wait_for_exit() == 0


def test_a_tool_of_the_file_starts_no_server_and_what_it_prints_is_shown_once(folder: Path) -> None:
    (folder / "mixed.yaml").write_text(
        "tools: [{name: say, description: Says., parameters: {}, run: {command: [echo, the tide turns]}}]\n"
        "mcp: {town: {command: [no-such-server]}}\n"
    )
    with terminal(folder, "tools", "run", "say", "--yes", "--tools", "mixed.yaml") as term:
        assert term.wait_for_exit() == 0
        assert term.written.count(b"the tide turns") == 1
        assert b"town" not in term.written
    with terminal(folder, "tools", "run", "other", "--yes", "--tools", "mixed.yaml") as term:
        assert term.wait_for_exit() == 2
        assert b"the MCP server town did not start" in term.written


def test_a_tool_is_answered_in_a_line(folder: Path) -> None:
    with serving(calling("look", '{"at": "the sea"}')) as server:  # type: ignore[arg-type]
        with terminal(folder, "--plain", "--base-url", server.url, "--tools", "tools.yaml") as term:
            term.press("Look\n")
            term.wait_for("question: what does look return? What do you see?", 'arguments: {"at": "the sea"}')
            term.wait_for("type the result in one line")
            term.press('{"seen": "a ship"}\n')
            term.wait_for('result look, 0.00 s: {"seen": "a ship"}', "state: complete")
            term.press("Look again\n")
            term.wait_until(lambda: term.written.count(b"type the result in one line") == 2, "it was not asked")
            term.press("\n")
            term.wait_for("look: the person refused to answer")


def test_nobody_behind_a_pipe_is_asked(piped: Piped, folder: Path) -> None:
    with serving(calling("count")) as server:  # type: ignore[arg-type]
        done = piped(folder, "Count it\nyes\n", "--plain", "--base-url", server.url, "--tools", "tools.yaml")
    assert b"not trusted count: nobody is here to trust" in done.stdout
    assert b"result count" not in done.stdout


def test_a_file_that_asks_for_more_is_asked_for_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Terminal, "program", None)  # one that is loaded already may ask before anything is typed
    (folder / "docs.yaml").write_text("files: ../outside.md\n")
    (folder.parent / "outside.md").write_text("The treasure lies under the lighthouse.")
    with terminal(folder, "--plain", "--offline", "--docs", "docs.yaml", kind=DUMB) as term:
        term.press("yes\n")  # typed ahead
        term.wait_for("type yes to trust")
        term.watch(0.3)
        assert "lists the commands" not in term.text()
        term.press("yes\n")
        term.wait_for("/help lists the commands")
        assert controls(term.written) == []


# -- the end ----------------------------------------------------------------------------------------------


def slow(received: Received) -> Reply:
    return [*stream(BEGUN), Hang()]


def test_an_interrupt_cancels_the_turn_and_twice_it_ends_the_program(folder: Path) -> None:
    with serving(slow) as server:
        with terminal(folder, "--plain", "--base-url", server.url) as term:
            term.press("When?\n")
            term.wait_for("The tide turns at noon")
            term.press("And then?\n")
            term.watch(0.2)
            term.press(CTRL_C)
            term.wait_for("\nand\n", "state: cancelled", "not asked: And then?")
            term.press(CTRL_C)
            term.wait_for("Ctrl+C again ends the conversation")
            term.press(CTRL_C)
            assert term.wait_for_exit() == 130
            assert controls(term.written) == []
            assert "Traceback" not in term.text() and "--resume" in term.text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it(folder: Path, number: signal.Signals, code: int) -> None:
    with serving(slow) as server:
        with terminal(folder, "--plain", "--base-url", server.url) as term:
            term.press("When?\n")
            term.wait_for("The tide turns at noon")
            term.tell(number)
            assert term.wait_for_exit() == code
            assert b"state: cancelled" in term.written


def test_a_session_goes_on_and_says_what_was_said(piped: Piped, folder: Path) -> None:
    with serving(cited) as server:
        flags = ["--plain", "--base-url", server.url, "--docs", "docs.yaml", "--tools", "tools.yaml"]
        before = piped(folder, "When does the tide turn?\n", *flags).stdout.decode().split("\n")
        assert piped(folder, "no session\n", *flags, "--no-session").returncode == 0
        done = piped(folder, "And on Sundays?\n", *flags, "--resume")
    after = done.stdout.decode().split("\n")
    assert done.returncode == 0, done.stderr
    said = before[before.index("> When does the tide turn?") : -2]
    assert told(said) == told(after[after.index(said[0]) : after.index(said[0]) + len(said)])
    assert holds_in_order(after, [*said, "> And on Sundays?", *TURN])
    assert b"no session" not in done.stdout


def test_a_line_that_is_longer_than_any_terminal_takes(piped: Piped, folder: Path) -> None:
    question = "tide " * 40_000
    with serving(lambda _: stream(message(ANSWER))) as server:
        done = piped(folder, f"{question}\n", "--plain", "--base-url", server.url)
        assert server.received[0].body["messages"][-1]["content"] == question.strip()
    assert done.returncode == 0


def test_an_unfinished_word_is_not_lost(piped: Piped, folder: Path) -> None:
    events = [{"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": "un"}}}}]
    with serving([stream(sse(*events, done=False))]) as server:
        done = piped(folder, "x\n", "--plain", "--base-url", server.url, "--retries", "0")
    assert b"\nun\n" in done.stdout
