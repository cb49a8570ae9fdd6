"""What README and handbook show works as it stands there: every command is run, every file is loaded.

A command that opens the screen does so, without a terminal, until its documents are read.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.loaded import LoadedProgram
from workbench import cli
from workbench.sessions.folder import session_paths, sessions_folder
from workbench.startup.starter_files import starter_files, write_new
from workbench.ui.app import WorkbenchApp

PROJECT = Path(__file__).parents[2]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "config" / "handbook").glob("*.md"))]

# What installs, tests and looks on is not run here: it needs a network, another machine, or an hour.
OTHER_PROGRAMS = {"python3", ".", "pip", "pipx", "uv", "pytest", "export"}
BESIDE_A_PIPE = {"echo", "git", "jq", "printf", "tail"}
RECORDINGS = ("bug.jsonl", "bug.recording.jsonl")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a line: its words, the variables before it, whether a pipe leads into it, and where it writes."""

    words: list[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    is_fed: bool = False
    into: str = ""


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """The language and the text of each block of code."""
    yield from re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def of_language(*languages: str) -> list[Any]:
    return [
        pytest.param(text, id=f"{page.stem}{number}")
        for page in PAGES
        for number, (language, text) in enumerate(blocks(page))
        if language in languages
    ]


def commands(line: str) -> Iterator[Command]:
    """The commands of a line as a shell takes it apart."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&>")
    lexer.whitespace_split = True
    words: list[str] = []
    fed = False
    for word in (*lexer, "&&"):
        if word not in ("|", "&&"):
            words.append(word)
            continue
        if words:
            yield command(words, is_fed=fed)
        words, fed = [], word == "|"


def command(words: list[str], *, is_fed: bool) -> Command:
    into = words[words.index(">") + 1] if ">" in words else ""
    kept = words[: words.index(">")] if into else words
    environ = {}
    while "=" in kept[0] and not kept[0].startswith("-"):
        name, _, environ[name] = kept[0].partition("=")
        kept = kept[1:]
    if kept[0] in ("ssh", "tmux"):  # with a command of ours behind its own words, as one word or as several
        at = next((at for at, word in enumerate(kept) if word.split()[0] == "workbench"), len(kept))
        kept = shlex.split(kept[at]) if at < len(kept) and " " in kept[at] else kept[at:]
    return Command(kept, environ, is_fed, into)


# -- what a command may meet ---------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: with what `workbench init` writes, documents, recordings, and the examples."""
    place = tmp_path / "here"
    write_new(place, starter_files(()))
    shutil.copytree(PROJECT / "config", place / "config")
    (place / "guide").mkdir()
    for name in ("notes.md", "guide/hours.md"):
        (place / name).write_text("# Hours\n\nThe library opens at nine.\n")
    monkeypatch.chdir(place)
    return place


def with_a_session() -> None:
    """One of the person's own sessions, of the morning that the handbook names."""
    assert cli.run(["ask", "--offline", "--session", "--docs", "docs.yaml", "How do I add my own files?"]) == 0
    (path,) = session_paths(sessions_folder(os.environ))
    path.rename(path.with_name(f"20260131-091500{path.name[15:]}"))


def with_recordings(folder: Path, words: list[str]) -> None:
    """What is replayed is there, and what is to be recorded is not."""
    made = folder / "made.jsonl"
    if not made.exists():
        assert cli.run(["ask", "--offline", "--docs", "docs.yaml", "--record", str(made), "How do I add files?"]) == 0
    for name in RECORDINGS:
        (folder / name).unlink(missing_ok=True)
        if "--record" not in words:
            shutil.copy(made, folder / name)


def on_a_screen(words: list[str], environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the command with a screen that nobody sees, until there is nothing more to be read."""
    seen: list[WorkbenchApp] = []

    def shown(made: WorkbenchApp, *_: object, **__: object) -> int:
        async def look(pilot: Pilot[object]) -> None:
            while made.is_running and (made.loading or any(each.group == "load" for each in made.workers)):
                await pilot.pause(0.01)
            seen.append(made)
            made.exit()

        problems = made.run(headless=True, size=(80, 24), auto_pilot=look)
        assert (problems, made.fault) == (None, None)
        return made.return_code or 0

    monkeypatch.setenv("TERM", "xterm-256color")
    for module in ("app", "replay"):
        monkeypatch.setattr(f"workbench.commands.{module}.refuse_without_terminal", lambda: None)
        monkeypatch.setattr(f"workbench.commands.{module}.run_screen", shown)
    assert cli.run(words, {**os.environ, **environ}) == 0
    assert len(seen) == 1


def as_the_shell_has_it(word: str) -> list[str]:
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


def run(
    each: Command, folder: Path, loaded: LoadedProgram, environ: Mapping[str, str], patch: pytest.MonkeyPatch
) -> None:
    words = [path for word in each.words[1:] for path in as_the_shell_has_it(word)]
    with_recordings(folder, words)
    given = cli.parse(words, environ)
    in_lines = "--plain" in words or environ.get("TERM") == "dumb"
    if not in_lines and (given.command == "app" or (given.command == "replay" and not given.json)):
        on_a_screen(words, environ, patch)
        return
    place = folder
    if words == ["init"]:
        place = folder / "empty"
        place.mkdir()
    with (folder / "notes.md").open("rb") as text:
        stdin = text.fileno() if each.is_fed or in_lines else subprocess.DEVNULL
        done = loaded.run(*words, environ={**os.environ, **environ}, folder=place, stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    if each.into:
        written = Path(each.into).expanduser()
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(done.stdout)


# -- what is shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", of_language("", "sh"))
def test_every_command_runs(
    text: str, folder: Path, loaded: LoadedProgram, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ: dict[str, str] = {}
    if "--resume" in text or "sessions" in text or "20260131" in text:
        with_a_session()
    for each in (each for line in text.splitlines() for each in commands(line)):
        environ |= each.environ
        if each.words[0] == "export":
            environ |= dict(word.split("=", 1) for word in each.words[1:])
        elif each.words[0] == "workbench":
            run(each, folder, loaded, environ, monkeypatch)
        else:
            assert each.words[0] in OTHER_PROGRAMS | BESIDE_A_PIPE


@pytest.mark.parametrize("text", of_language("yaml"))
def test_every_file_loads(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "shown.yaml"
    # Part of a set is shown alone, where the text is of that part.
    file.write_text(text if not text.startswith(("retrieval:", "split:")) else f"files: guide/*.md\n{text}")
    assert cli.run(["check", str(file)]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("text", of_language("python"))
def test_every_function_can_be_called(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "shown"}
    exec(compile(text, "shown", "exec"), names)
    if "search" in names:
        assert names["search"]("hours", 1) == [{"title": "A result", "query": "hours"}]
    elif "build" in names:
        assert list(names["build"](1)) == [{"done": 0, "total": 1, "text": "page 0"}]
    else:
        out = capsys.readouterr().out
        assert "Define a tool with a name" in out
        assert "(1,)" in out
        assert out.splitlines()[-1].startswith("complete None [")


@pytest.mark.parametrize("text", of_language("tmux"))
def test_tmux_takes_its_settings(text: str, tmp_path: Path) -> None:
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("there is no tmux here")
    (tmp_path / "conf").write_text(text)
    ours = [tmux, "-S", str(tmp_path / "socket")]
    asked = [*ours, "-f", "/dev/null", "start-server", ";", "source-file", str(tmp_path / "conf"), ";", "kill-server"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_block_is_left_out() -> None:
    assert {language for page in PAGES for language, _ in blocks(page)} == {"", "sh", "yaml", "python", "tmux"}


def test_what_stands_behind_a_program_of_others_is_found() -> None:
    found = list(
        commands("A=1 ssh -t host workbench --offline | tail -n 1 && tmux new -d 'workbench --resume' > x # y")
    )
    assert [each.words for each in found] == [
        ["workbench", "--offline"],
        ["tail", "-n", "1"],
        ["workbench", "--resume"],
    ]
    assert [(each.environ, each.is_fed, each.into) for each in found] == [
        ({"A": "1"}, False, ""), ({}, True, ""), ({}, False, "x"),
    ]  # fmt: skip
