"""Commands as tools, run for real: what the program is given, what counts as its result, and how it fails."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.processes import MARK, marked
from workbench.cli import run as command_line
from workbench.commands.check import check
from workbench.config.load import load_configuration
from workbench.config.reader import read_tree
from workbench.config.tools_file import tools_of
from workbench.events import ToolResult
from workbench.tools.decisions import DENIED, Decision
from workbench.tools.people import AlwaysApprove, AnswerRequest, ApprovalRequest, NoPeople, People
from workbench.tools.result_documents import result_documents
from workbench.tools.runner import Progress
from workbench.tools.runners.command import Command
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

PATIENCE = 20.0
ARGUMENTS = "import json, sys; print(json.dumps(sys.argv[1:]))"


def put(folder: Path, command: Any, *further: Any, timeout: float = PATIENCE) -> Path:
    """A tools file whose tools `t0`, `t1` … run these commands, and take any argument."""
    parameters = {"type": "object", "additionalProperties": True}
    tools = [
        {
            "name": f"t{number}",
            "description": "d",
            "parameters": parameters,
            "run": {"command": each},
            "timeout": timeout,
        }
        for number, each in enumerate((command, *further))
    ]
    file = folder / "tools.yaml"
    file.write_text(json.dumps({"tools": tools}))
    return file


def toolbox(file: Path, people: People | None = None, environ: Mapping[str, str] | None = None) -> Toolbox:
    environ = {**os.environ, **(environ or {})}
    tools = load_configuration((), [file], environ).tools
    return Toolbox(tools, people=people or AlwaysApprove(NoPeople()), trust=TrustStore(), environ=environ)


async def run(
    folder: Path,
    command: Any,
    *,
    environ: Mapping[str, str] | None = None,
    timeout: float = PATIENCE,
    told: list[Progress] | None = None,
    **arguments: Any,
) -> ToolResult:
    box = toolbox(put(folder, command, timeout=timeout), environ=environ)
    report: list[Progress] = [] if told is None else told
    try:
        return await box.run(call_id="c", name="t0", arguments=json.dumps(arguments), report=report.append)
    finally:
        await box.aclose()


async def given(folder: Path, *words: str, **arguments: Any) -> Any:
    """What a program gets as its words."""
    result = await run(folder, [sys.executable, "-c", ARGUMENTS, *words], **arguments)
    assert result.error is None, result.error
    return result.result


def script(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


# -- what the program is given -----------------------------------------------------------


async def test_a_word_is_one_argument_whatever_stands_in_it(tmp_path: Path) -> None:
    odd = ["a b", "$(id)", "`id`", "; rm x", "-n", "'\"", "%s", "{x}", "${HOME}", "*", "ü€\n", ""]
    words = [f"<{{a{number}}}>" for number in range(len(odd))]
    arguments = {f"a{number}": text for number, text in enumerate(odd)}
    assert await given(tmp_path, *words, **arguments) == [f"<{text}>" for text in odd]


async def test_a_word_that_is_an_argument_is_none_one_or_several(tmp_path: Path) -> None:
    words = ["{a}", "-{a}-", "{b}", "--", "{c}", "{d}", "{e}", "{f}"]
    arguments = {"b": None, "c": ["x y", 2, {"z": 1}], "d": [], "e": True, "f": "\ud83d"}
    assert await given(tmp_path, *words, **arguments) == ["--", "--", "x y", "2", '{"z":1}', "true", "\ufffd"]


async def test_braces_and_variables_are_filled_in_once(tmp_path: Path) -> None:
    words = ["{{a}}", "${WORD}", "${NONE:-x}{{}}", "$${WORD}{a}$${", "{a}", "", " "]
    environ = {"WORD": "{a} ${HOME}"}
    expected = ["{a}", "{a} ${HOME}", "x{}", "${WORD}${WORD}${", "${WORD}", "", " "]
    result = await run(tmp_path, [sys.executable, "-c", ARGUMENTS, *words], environ=environ, a="${WORD}")
    assert result.result == expected


async def test_the_longer_form_has_stdin_a_folder_and_an_environment(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    code = "import json, os, sys; print(json.dumps([json.load(sys.stdin), os.getcwd(), os.environ.get('A')]))"
    command = {"argv": [sys.executable, "-c", code], "stdin": "json", "cwd": "deep", "env": {"A": "${WORD} {x}"}}
    result = await run(tmp_path, command, environ={"WORD": "w"}, x="é\ud83d", y=[1, None])
    assert result.result == [{"x": "é\ud83d", "y": [1, None]}, str((tmp_path / "deep").resolve()), "w {x}"]


async def test_without_it_stdin_is_empty_and_the_folder_that_of_the_file(tmp_path: Path) -> None:
    result = await run(tmp_path, ["sh", "-c", "cat; pwd -P"])
    assert result.result == f"{tmp_path.resolve()}\n"


async def test_keys_are_withheld(tmp_path: Path) -> None:
    environ = {"CO_API_KEY": "a-key-of-some-length", "COPY": "a-key-of-some-length", "OTHER": "stays"}
    result = await run(tmp_path, ["sh", "-c", "echo $CO_API_KEY$COPY$OTHER"], environ=environ)
    assert result.result == "stays\n"


async def test_a_program_beside_the_file_is_found_by_its_path(tmp_path: Path) -> None:
    script(tmp_path, "bin/say", "#!/bin/sh\necho said $1\n")
    assert (await run(tmp_path, ["./bin/say", "{x}"], x="it")).result == "said it\n"


# -- its result --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "result"),
    [
        ('{"a": [1, null]}\n', {"a": [1, None]}),
        ("5", 5),
        ('"text"', "text"),
        ("two words\n", "two words\n"),
        ("", ""),
        ("NaN", "NaN"),
        ("{'a': 1}", "{'a': 1}"),
    ],
)
async def test_what_is_printed_is_the_result_as_json_or_text(tmp_path: Path, printed: str, result: Any) -> None:
    ended = await run(tmp_path, ["printf", "%s", "{x}"], x=printed)
    assert (ended.result, ended.error, ended.output) == (result, None, printed)


async def test_what_is_no_text_is_shown_as_such(tmp_path: Path) -> None:
    assert (await run(tmp_path, ["printf", "\\377\\0a"])).result == "\ufffd\0a"


async def test_a_long_output_is_kept_up_to_a_megabyte_and_cut_for_the_model(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.write('word ' * 600_000)"
    result = await run(tmp_path, [sys.executable, "-c", code])
    kept, _, note = result.result.rpartition("\n")
    assert (len(kept), note) == (999_995, "… 2,000,005 bytes left out …")
    assert len(result.output) < 64_100
    (document,) = result_documents(result)
    assert 60_000 < len(document["document"]["data"]["result"]) < 64_000


async def test_lines_of_stderr_are_told_while_it_runs_and_kept_with_stdout(tmp_path: Path) -> None:
    told: list[Progress] = []
    result = await run(tmp_path, ["sh", "-c", "echo one >&2; echo result; echo two >&2"], told=told)
    assert (result.result, told) == ("result\n", [Progress("one", level="output"), Progress("two", level="output")])
    assert sorted(result.output.split()) == ["one", "result", "two"]


# -- how it fails ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (
            "echo out; echo no such city >&2; exit 3",
            "it ended without success: exit status 3; its last output: no such city",
        ),
        ("echo only this; exit 1", "it ended without success: exit status 1; its last output: only this"),
        ("kill -9 $$", "it ended without success: killed by signal 9 (SIGKILL)"),
    ],
)
async def test_an_exit_status_other_than_0_is_a_failure(tmp_path: Path, line: str, error: str) -> None:
    result = await run(tmp_path, ["sh", "-c", line])
    assert (result.error, result.error_kind, result.result) == (error, "exit", None)


async def test_what_cannot_be_started_says_why(tmp_path: Path) -> None:
    script(tmp_path, "data", "no program").chmod(0o644)
    script(tmp_path, "plain", "echo without a first line\n")
    reasons = {
        "no-such-program": "`no-such-program` could not be started: there is no such program on the PATH, or not",
        "./none": f"`./none` could not be started: there is no such program in {tmp_path}",
        "./data": "`./data` could not be started: Permission denied",
        "./plain": "`./plain` could not be started: it is no program: a script begins with `#!`",
    }
    for program, reason in reasons.items():
        result = await run(tmp_path, [program])
        assert (result.error_kind, (result.error or "")[: len(reason)]) == ("exit", reason)


async def test_a_folder_that_is_not_there_and_one_that_does_not_read_its_input(tmp_path: Path) -> None:
    result = await run(tmp_path, {"argv": ["true"], "cwd": "none"})
    assert (result.error or "").startswith("there is no folder `")
    assert result.error_kind == "exit"
    unread = await run(tmp_path, {"argv": ["true"], "stdin": "json"}, x="x" * 60_000)
    assert (unread.result, unread.error) == ("", None)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a\0b", "a command cannot be given the character NUL (U+0000)"),
        ("x" * 300_000, "the arguments are too long for words of a command; it can read `stdin: json`"),
    ],
    ids=["NUL", "long"],
)
async def test_what_no_program_can_be_given_is_refused(tmp_path: Path, text: str, error: str) -> None:
    result = await run(tmp_path, ["printf", "{x}"], x=text)
    assert (result.error, result.error_kind) == (error, "arguments")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no way to adopt orphans")
async def test_nothing_is_left_after_a_timeout(tmp_path: Path) -> None:
    mark = f"mark-{uuid.uuid4().hex}"
    line = "trap '' TERM; (setsid sleep 600 &) ; echo begun >&2; while :; do sleep 1; done"
    told: list[Progress] = []
    result = await run(tmp_path, ["sh", "-c", line], environ={MARK: mark}, timeout=1.0, told=told)
    assert (result.error, result.error_kind) == ("timed out after 1 s", "timeout")
    assert [progress.text for progress in told] == ["begun"]
    assert not marked(mark)


ENDLESS = """
import asyncio, resource, sys
from pathlib import Path
from tests.core.test_command_tools import run

async def main():
    await run(Path(sys.argv[1]), ["true"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = await run(Path(sys.argv[1]), ["yes", "0123456789" * 20], timeout=2.0)
    assert result.error_kind == "timeout", result
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * (1 if sys.platform == "darwin" else 1024))

asyncio.run(main())
"""


@pytest.mark.thorough
def test_a_command_that_prints_without_end_takes_little_memory(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", ENDLESS, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 32 * 1024 * 1024


@pytest.mark.parametrize(
    ("question", "cited"),
    [("statistics of the numbers 3, 5 and 10", "median: 5"), ("count_primes below 300000", "primes: 25997")],
)
def test_a_result_is_cited_in_the_answer(question: str, cited: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(__file__).parents[2] / "config" / "programs.yaml"
    assert command_line(["ask", "--offline", "--json", "--yes", "--tools", str(file), question]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert cited in last["text"]
    assert any(cited in each["text"] and each["sources"][0]["type"] == "tool" for each in last["citations"])


# -- what is asked before ----------------------------------------------------------------


class Person:
    """Says yes or no, and does `then` while it is asked."""

    def __init__(self, *, yes: bool = True, then: Callable[[], object] = lambda: None) -> None:
        self.asked: list[ApprovalRequest] = []
        self._yes, self._then = yes, then

    async def approve(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        self._then()
        return Decision("file") if self._yes else DENIED

    async def answer(self, request: AnswerRequest) -> str:
        raise AssertionError("no tool here is typed")


async def test_the_question_shows_exactly_what_will_run(tmp_path: Path) -> None:
    command = {"argv": ["printf", "%s", "<{x}>", "{l}"], "env": {"A": "./a.so", "B_TOKEN": "hidden"}}
    file, no = put(tmp_path, command, ["ls", "{x}"]), Person(yes=False)
    await toolbox(file, no).run(call_id="c", name="t0", arguments='{"x": "a \\" b", "l": ["-n", ""]}')
    (asked,) = no.asked
    assert asked.what == (
        f'runs the command printf %s "<{{x}}>" "{{l}}" in {tmp_path}, with A, B_TOKEN set; '
        f'other tools of its file: runs the command ls "{{x}}" in {tmp_path}'
    )
    assert asked.lines == ('command: printf %s "<a \\" b>" -n ""', "variable A: ./a.so")


NAMED: dict[str, list[str]] = {
    "its program": ["./run"],
    "a script": ["sh", "run"],
    "an option": ["sh", "--file=run"],
    "what a script imports": [sys.executable, "tool.py"],
    "a module": [sys.executable, "-m", "tool"],
    "an absolute path": [sys.executable, "{folder}/tool.py"],
}


@pytest.mark.parametrize("name", NAMED)
async def test_a_changed_file_of_a_command_asks_again_and_does_not_run_unasked(tmp_path: Path, name: str) -> None:
    def change() -> None:
        for file in ("run", "helper.py"):
            path = tmp_path / file
            path.write_text(path.read_text() + "\n#\n")

    script(tmp_path, "run", "#!/bin/sh\necho ran\n")
    (tmp_path / "tool.py").write_text("import helper\nprint(helper.WORD)\n")
    (tmp_path / "helper.py").write_text("WORD = 'ran'\n")
    argv = [word.replace("{folder}", str(tmp_path)) for word in NAMED[name]]
    person = Person()
    box = toolbox(put(tmp_path, argv), person)

    async def call() -> ToolResult:
        return await box.run(call_id="c", name="t0", arguments="")

    await call()
    await call()
    assert len(person.asked) == 1
    assert ("run" if name in ("its program", "a script", "an option") else "helper.py") in person.asked[0].what
    change()
    await call()
    assert len(person.asked) == 2
    person._then = change
    change()
    result = await call()
    assert (len(person.asked), result.error_kind) == (3, "untrusted")
    assert "changed after it was allowed to run" in (result.error or "")


@pytest.mark.parametrize(("program", "times"), [("tee", 1), ("sh", 2)])
async def test_a_file_of_data_is_code_only_to_what_runs_code(tmp_path: Path, program: str, times: int) -> None:
    (tmp_path / "notes.txt").write_text("true\n")
    person = Person()
    box = toolbox(put(tmp_path, [program, "notes.txt"]), person)
    await box.run(call_id="c", name="t0", arguments="")
    (tmp_path / "notes.txt").write_text(":\n")
    await box.run(call_id="c", name="t0", arguments="")
    assert len(person.asked) == times


# -- configuration -----------------------------------------------------------------------


def read(folder: Path, command: str, parameters: str = "{}") -> tuple[list[Any], list[str]]:
    file = folder / "tools.yaml"
    file.write_text(f"- {{name: x, parameters: {parameters}, run: {{command: {command}}}}}\n")
    tools, problems = tools_of(read_tree(file), {"CO_API_KEY": "k", "WORD": "w"})
    return [tool.spec.run for tool in tools], [f"{problem.message} ({problem.hint})" for problem in problems]


def test_both_forms_are_read(tmp_path: Path) -> None:
    properties = "{type: object, properties: {x: {type: string}}}"
    (short,), none = read(tmp_path, '[ls, "{x}"]', properties)
    (long,), _ = read(tmp_path, '{argv: [ls, "{x}"], stdin: none}', properties)
    assert (short, none) == (long, [])
    assert isinstance(short, Command)
    assert short.names() == {"x"}


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("ls -l", "a command is a list of words (write its words as a list"),
        ("[]", "expected a list that is not empty"),
        ("[ls, 5]", "expected text, found the number 5"),
        ('[ls, "{"]', "there is a single `{`"),
        ('["{x}", ls]', "the first word is the program, and the model does not choose that"),
        ('["", ls]', "the first word is the program"),
        ('[ls, "${NONE}"]', "environment variable `NONE` is not set"),
        ('[ls, "${CO_API_KEY}"]', "`${CO_API_KEY}` is not expanded"),
        ('[ls, "{y}"]', "`{y}` stands for an argument that the tool does not have"),
        ("{stdin: json}", "missing key `argv`"),
        ("{argv: [ls], stdin: yaml}", "`stdin` is `yaml`, which is not known (one of json, none)"),
        ("{argv: [ls], env: [A]}", "expected a map"),
        ('{argv: [ls], env: {"A=B": c}}', "`A=B` cannot be set in an environment"),
        ("{argv: [ls], shell: true}", "unknown key `shell`"),
    ],
)
def test_what_is_written_wrong_is_said(tmp_path: Path, command: str, problem: str) -> None:
    _, problems = read(tmp_path, command)
    assert len(problems) == 1
    assert problem in problems[0]


@pytest.mark.parametrize(
    ("command", "doubt"),
    [
        ("[no-such-program]", "there is no program `no-such-program` on the PATH"),
        ("[./none]", "there is no program `./none` in "),
        ("[./tools.yaml]", "`./tools.yaml` may not be run (make it executable: chmod +x "),
        ("{argv: [ls], cwd: none}", "there is no folder `none` in "),
    ],
)
def test_check_says_what_is_not_there(tmp_path: Path, command: str, doubt: str) -> None:
    read(tmp_path, command)
    out, err = io.StringIO(), io.StringIO()
    assert check([tmp_path / "tools.yaml"], {}, out, err) == 0
    assert doubt in err.getvalue()
