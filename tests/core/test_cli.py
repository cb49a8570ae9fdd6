"""The command line: where flags may stand, what a wrong one is told, exit codes, streams that are closed or full."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from workbench.cli import OPTIONS, parse, parser, run
from workbench.commands import COMMANDS

COMMAND = (sys.executable, "-m", "workbench")
FULL = Path("/dev/full")


def workbench(*arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **(environ or {})},
        timeout=60,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


def in_shell(redirection: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    line = f'exec "$@" {redirection}'
    return subprocess.run(["sh", "-c", line, "sh", *COMMAND, *arguments], capture_output=True, timeout=60)


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The last line of what a usage error says."""
    with pytest.raises(SystemExit) as exit_:
        parse(argv)
    assert exit_.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


# -- where flags may stand ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [
        ("--docs", "a", "--docs", "b", "ask", "q"),
        ("--docs", "a", "ask", "--docs", "b", "q"),
        ("--docs", "a", "ask", "q", "--docs", "b"),
        ("ask", "--docs", "a", "q", "--docs", "b"),
    ],
)
def test_files_on_both_sides_of_the_command_add_up(argv: Sequence[str]) -> None:
    given = parse(argv)
    assert given.docs == [Path("a"), Path("b")]
    assert given.prompt == "q"
    assert "tools" not in vars(given)
    assert not [name for name in vars(given) if name.endswith("_of_command")]


def test_of_one_value_the_last_one_counts_and_a_flag_before_the_command_is_kept() -> None:
    given = parse(["--model", "a", "--yes", "--tools", "t", "ask", "--model", "b", "q"])
    assert (given.model, given.yes, given.tools) == ("b", True, [Path("t")])


def test_the_app_takes_files_too() -> None:
    assert parse(["--docs", "a", "--tools", "b"]).docs == [Path("a")]


def test_every_option_is_known_to_the_hints() -> None:
    known = set(parser().format_help().split()) | {"--json", "--help", "--speed", "--undo"}
    known |= {"--dry-run", "--repeat", "--turn", "--format", "--output", "--force", "--step", "--break"}
    known |= {"--top-k", "--mode", "--questions", "--where"}
    assert {option for option in OPTIONS if option not in known} == set()


# -- what a wrong one is told ---------------------------------------------------------------------


def test_an_unquoted_question_is_told_to_be_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "ask", "how", "are", "you")
    assert "put it in quotes ('how are you')" in said


def test_a_misspelt_option_is_told_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean --docs?" in refused(capsys, "ask", "--doc", "x", "q")
    assert "no option --jsn here (did you mean --json?)" in refused(capsys, "ask", "q", "--jsn=1")


def test_an_option_of_another_command_is_told_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "check", "--tools", "tools.yaml")
    assert "--tools is no option of check: workbench check --help" in said
    assert "--json stands behind a command" in refused(capsys, "--json")


def test_a_question_in_the_place_of_a_command_is_told_of_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert 'workbench ask "..."' in refused(capsys, "What is this?")


def test_a_question_that_looks_like_an_option_goes_behind_the_dashes() -> None:
    assert parse(["ask", "--", "-why"]).prompt == "-why"


def test_control_characters_of_an_argument_stay_out_of_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b" not in refused(capsys, "ask", "a", "\x1b[31mb")


def test_an_empty_model_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--model" in refused(capsys, "ask", "--model", "", "q")


def test_a_recording_that_cannot_begin_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("mine")
    for path in (there, tmp_path / "no" / "folder.jsonl"):
        assert run(["ask", "--record", str(path), "q"]) == 2
        assert capsys.readouterr().err.startswith(f"--record: {path}: ")
    assert there.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ((), []),
        (("--json",), []),
        (("-why",), ["a question that begins with - goes behind --"]),
        (("--docs", "notes.md"), ["a question behind --resume, or one that is the name of a file, goes behind --"]),
        (("--resume", "why?"), ["a question behind --resume, or one that is the name of a file, goes behind --"]),
    ],
)
def test_without_a_question_ask_says_what_is_missing_with_an_example(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], hint: list[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(["ask", *arguments])
    assert exit_.value.code == 2
    assert capsys.readouterr().err.splitlines() == [
        "workbench ask: the question is missing",
        'for example: workbench ask --docs notes.md "When does the library open?"',
        *hint,
        "all options: workbench ask --help",
    ]


def test_the_help_of_ask_tells_where_a_question_stands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["ask", "--help"])
    assert "begins with - goes behind --" in " ".join(capsys.readouterr().out.split())


# -- streams that are closed, full or narrow ------------------------------------------------------


def test_without_standard_input_a_question_is_still_answered() -> None:
    done = in_shell("<&-", "ask", "q")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"This is the offline engine")


def test_a_question_from_a_closed_input_is_an_empty_one() -> None:
    done = in_shell("<&-", "ask", "-")
    assert done.returncode == 2
    assert done.stderr.startswith(b"PROMPT: the question is empty")


def test_notes_do_not_go_into_the_answer_when_standard_error_is_closed(project: Path) -> None:
    done = in_shell("2>&-", "ask", "--docs", str(project / "config" / "library.yaml"), "When is lunch in the café?")
    assert done.returncode == 0
    assert b"lunch" in done.stdout
    assert b"Sources:" not in done.stdout


@pytest.mark.skipif(not FULL.exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("command", [("ask", "q"), ("ask", "--json", "q"), ("check", "config/docs.yaml")])
def test_a_full_disk_is_said_in_one_line(project: Path, command: Sequence[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run([*COMMAND, *command], stdout=full, stderr=subprocess.PIPE, cwd=project, timeout=60)
    assert done.returncode == 1
    assert done.stderr == b"workbench: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("command", [("ask", "--offline", "--docs", "x.yaml", "hi"), ("check", "x.yaml")])
def test_a_folder_that_is_gone_is_said_in_one_line(tmp_path: Path, command: Sequence[str], project: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f'cd "{gone}" && rmdir "{gone}" && exec "$@"'
    environ = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(["sh", "-c", line, "sh", *COMMAND, *command], capture_output=True, timeout=60, env=environ)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [("ask", "q"), ("ask", "--json", "q"), ("check", "config/docs.yaml")])
def test_a_reader_that_left_is_no_crash(project: Path, command: Sequence[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([*COMMAND, *command], stdout=write, stderr=subprocess.PIPE, cwd=project, timeout=60)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


def test_what_the_encoding_lacks_is_written_as_an_escape(project: Path) -> None:
    docs = str(project / "config" / "library.yaml")
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    done = workbench("ask", "--docs", docs, "When is lunch in the café?", environ=ascii_only)
    assert done.returncode == 0
    assert b"caf\\xe9" in done.stdout


def test_json_lines_are_utf_8_whatever_the_encoding() -> None:
    done = workbench("ask", "--json", "q", environ={"PYTHONIOENCODING": "utf-16"})
    assert done.stdout.splitlines()[-1].startswith(b'{"event": "turn-end"')


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(["--help"])
    assert end.value.code == 0
    listed = re.findall(r"^    ([a-z]+) {2,}\S", capsys.readouterr().out.partition("commands:")[2], re.MULTILINE)
    assert listed == list(COMMANDS)
