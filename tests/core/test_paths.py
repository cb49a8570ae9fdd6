"""Paths that the system refuses to look up: each is a sentence, where it was named, and no fault of the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.loaded import LoadedProgram
from workbench.cli import run
from workbench.documents.globs import find_files
from workbench.documents.passages import FilePattern, FilePlace
from workbench.paths import is_file, is_folder, is_there, look_at
from workbench.secrets.redactor import Redactor
from workbench.startup.crash import crashed

TOO_LONG = "n" * 300
FAR_TOO_LONG = "n" * 5000
REFUSED = {
    "a name too long": (f"/{TOO_LONG}", "File name too long"),
    "a path too long": (f"/{FAR_TOO_LONG}", "File name too long"),
    "a path of many folders": ("/" + "folder/" * 1000, "File name too long"),
    "a NUL": ("/tmp/a\0b", "the name holds a NUL byte"),
    "half a pair": ("/tmp/\ud800", "the name holds a character that no file name can have"),
}


@pytest.mark.parametrize(("name", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_name_that_no_file_can_have(name: str, reason: str) -> None:
    for path in (name, Path(name)):
        found = look_at(path)
        assert (found.kind, found.reason) == ("unreachable", reason)
        assert not is_file(path)
        assert not is_folder(path)
        assert not is_there(path)


def test_what_is_there(tmp_path: Path) -> None:
    file, link, broken, circle = (tmp_path / name for name in ("file", "link", "broken", "circle"))
    file.write_text("")
    link.symlink_to(file)
    broken.symlink_to(tmp_path / "nothing")
    circle.symlink_to(circle)
    assert [look_at(path).kind for path in (file, link, tmp_path, Path("/dev/null"))] == [
        "file", "file", "folder", "other",
    ]  # fmt: skip
    assert [look_at(path).kind for path in (broken, tmp_path / "nothing", file / "below")] == ["absent"] * 3
    assert look_at(circle).kind == "unreachable"
    assert look_at(circle).reason == "Too many levels of symbolic links"
    assert is_there("/dev/null")


# -- each place that takes a path ----------------------------------------------------------------


def refused(loaded: LoadedProgram, arguments: Sequence[str], environ: Mapping[str, str] | None = None) -> str:
    """What the command, which must end with exit code 2, says in one line."""
    done = loaded.run_text(*arguments, environ=environ)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "fault of this program" not in done.stderr
    assert "Errno" not in done.stderr
    return done.stderr


def ids(value: str) -> str:
    """What pytest calls a case: not by its 5,000 letters."""
    return ascii(value)[:40]


def circle(folder: Path) -> str:
    path = folder / "circle"
    path.symlink_to(path)
    return str(path)


NAMES: dict[str, tuple[Callable[[Path], str], str]] = {
    "too long": (lambda _: f"./{TOO_LONG}", "File name too long"),
    "far too long": (lambda _: f"/{FAR_TOO_LONG}", "File name too long"),
    "too long, with a suffix": (lambda _: f"./{TOO_LONG}.yaml", "File name too long"),
    "a circle of links": (circle, "Too many levels of symbolic links"),
    "below a circle of links": (lambda folder: f"{circle(folder)}/x", "Too many levels of symbolic links"),
}
FLAGS = {
    "--docs": ("ask", "--offline", "q", "--docs"),
    "--tools": ("ask", "--offline", "q", "--tools"),
    "--config": ("ask", "--offline", "q", "--config"),
    "--resume": ("ask", "--offline", "q", "--resume"),
    "--record": ("ask", "--offline", "q", "--record"),
    "--log": ("ask", "--offline", "q", "--log"),
    "check": ("check",),
    "init": ("init",),
    "replay": ("replay", "--json"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_with_a_path_that_cannot_be_looked_up(
    flag: str, name: str, tmp_path: Path, loaded: LoadedProgram
) -> None:
    make, reason = NAMES[name]
    if flag == "--record" and name == "a circle of links":
        reason = "exists already"
    assert reason in refused(loaded, [*FLAGS[flag], make(tmp_path)])


def test_a_document_whose_name_is_too_long(loaded: LoadedProgram) -> None:
    said = refused(loaded, ["ask", "--offline", "q", "--docs", f"./{TOO_LONG}.md"])
    assert "cannot be reached: File name too long" in said


@pytest.mark.parametrize("key", ["docs", "tools", "log"])
@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (TOO_LONG, "File name too long"),
        (FAR_TOO_LONG, "File name too long"),
        ("~" + TOO_LONG, "File name too long"),
        (r'"a\0b"', "control characters are not allowed"),
        (r'"~\0b"', "control characters are not allowed"),
        ("circle", "Too many levels of symbolic links"),
        ("circle/below.yaml", "Too many levels of symbolic links"),
    ],
    ids=ids,
)
def test_a_setting_with_a_path_that_cannot_be_looked_up(
    key: str, written: str, reason: str, tmp_path: Path, loaded: LoadedProgram
) -> None:
    circle(tmp_path)
    value = written if key == "log" else f"[{written}]"
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"{key}: {value}\n", "utf-8")
    said = refused(loaded, ["ask", "--offline", "--config", str(settings), "q"])
    assert reason in said
    if key != "log":
        assert reason in refused(loaded, ["check", str(settings)])


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (TOO_LONG, "File name too long"),
        (f"{FAR_TOO_LONG}/*.md", "File name too long"),
        (f"'*/{TOO_LONG}/*.md'", "File name too long"),
        (f"'**/{TOO_LONG}'", "File name too long"),
        (f"~{TOO_LONG}/x.md", "no home folder"),
        (r'"a\0b"', "control characters are not allowed"),
        (r'"~\0b/*"', "control characters are not allowed"),
        ("circle", "Too many levels of symbolic links"),
        ("circle/*.md", "Too many levels of symbolic links"),
        ("fol*/circle/x.md", "Too many levels of symbolic links"),
    ],
    ids=ids,
)
def test_a_pattern_of_files_that_cannot_be_looked_up_is_a_problem_at_its_place(
    written: str, reason: str, tmp_path: Path, loaded: LoadedProgram
) -> None:
    circle(tmp_path)
    (tmp_path / "folder").mkdir()
    circle(tmp_path / "folder")
    docs = tmp_path / "docs.yaml"
    docs.write_text(f"sets:\n  one:\n    files:\n      - {written}\n", "utf-8")
    done = loaded.run_text("check", str(docs))
    assert (done.returncode, done.stdout) == (2, "")
    first = done.stderr.splitlines()[0]
    assert first.startswith(f"{docs}:4:9: ")
    assert reason in first


@pytest.mark.parametrize(
    "written", ["a\0b", "a\0b/*.md", "~\0b/x", "*/a\0b/*", f"~{TOO_LONG}/x", "~\ud800/x", "\ud800/*"], ids=ids
)
def test_a_pattern_that_no_file_can_have_is_a_problem(written: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    found, problems = find_files(FilePattern(written, tmp_path, FilePlace("docs.yaml", 1, 1)))
    assert found == []
    assert len(problems) == 1


def test_one_folder_that_cannot_be_entered_does_not_hide_the_others(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    circle(tmp_path / "a")
    (tmp_path / "b" / "circle").mkdir()
    (tmp_path / "b" / "circle" / "x.md").write_text("text")
    pattern = FilePattern("*/circle/*.md", tmp_path, FilePlace("docs.yaml", 1, 1))
    found, problems = find_files(pattern)
    assert [file.name for file in found] == ["b/circle/x.md"]
    assert [problem.message.rpartition(": ")[2] for problem in problems] == ["Too many levels of symbolic links"]


@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "HOME"])
@pytest.mark.parametrize("command", [("ask", "--offline", "q"), ("replay", "--json", "no.jsonl")])
def test_a_settings_folder_that_cannot_be_looked_up(
    variable: str, command: Sequence[str], tmp_path: Path, loaded: LoadedProgram
) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "XDG_CONFIG_HOME"}
    for value, reason in (
        (f"/{TOO_LONG}", "File name too long"),
        (f"/{FAR_TOO_LONG}", "File name too long"),
        (circle(tmp_path), "Too many levels of symbolic links"),
    ):
        said = refused(loaded, command, {**environ, variable: value})
        assert said.startswith(f"{variable}: ")
        assert reason in said
        assert "--config" in said


@pytest.mark.parametrize("value", [f"/{TOO_LONG}", f"/{FAR_TOO_LONG}", "circle", "file"])
def test_a_state_folder_that_cannot_be_used(value: str, tmp_path: Path, loaded: LoadedProgram) -> None:
    """Nothing can be kept there: an answer that is asked for is had all the same, and what is missing is said."""
    (tmp_path / "file").write_text("")
    state = value if value.startswith("/") else circle(tmp_path) if value == "circle" else str(tmp_path / value)
    environ = {**os.environ, "XDG_STATE_HOME": state}
    listed = loaded.run_text("sessions", "list", environ=environ)
    assert listed.returncode == 2
    assert "XDG_STATE_HOME" in listed.stderr
    assert len((listed.stdout + listed.stderr).splitlines()) == 1
    kept = loaded.run_text("ask", "--offline", "--session", "q", environ=environ)
    assert kept.returncode == 0
    assert kept.stdout.startswith("This is the offline engine")
    assert "no longer kept" in kept.stderr
    assert "Traceback" not in kept.stderr


# -- folders that may not be read -----------------------------------------------------------------


NOBODY = 65_534


@pytest.fixture
def unreadable() -> Iterator[tuple[Path, int | None]]:
    """A folder that the program may not enter, and as whom: as nobody, when it is root that runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-closed-"))
    folder.chmod(0o755)
    closed = folder / "closed"
    closed.mkdir()
    (closed / "workbench").mkdir()
    for name in ("x.yaml", "x.md", "x.jsonl", "workbench/config.yaml"):
        (closed / name).write_text("model: m\n")
    user: int | None = None
    if os.geteuid() == 0:
        user = NOBODY
        as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        # From a folder that is not the checkout's: in there it would be found even where others may not come.
        usable = (
            shutil.which("setpriv")
            and not subprocess.run(
                [*as_nobody, sys.executable, "-m", "workbench", "--version"], capture_output=True, cwd=folder
            ).returncode
        )
        if not usable:
            shutil.rmtree(folder)
            pytest.skip("the program cannot be run as another user here")
    closed.chmod(0)
    yield closed, user
    closed.chmod(0o700)
    shutil.rmtree(folder)


def test_a_folder_that_may_not_be_entered(unreadable: tuple[Path, int | None], loaded: LoadedProgram) -> None:
    closed, user = unreadable
    home = closed.parent / "home"
    home.mkdir()
    home.chmod(0o777)
    environ = {**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home), "XDG_CONFIG_HOME": str(home)}

    def run(arguments: Sequence[str], code: int = 2, **changes: str) -> str:
        done = loaded.run_text(*arguments, folder=home, environ={**environ, **changes}, user=user)
        assert done.returncode == code, done.stderr
        assert "fault of this program" not in done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    for flag, arguments in FLAGS.items():
        for name in ("x.yaml", "below/x", *(("x.md",) if flag == "--docs" else ())):
            said = run([*arguments, str(closed / name)])
            assert "ermission" in said, (flag, name)
            assert len(said.splitlines()) == 1
    said = run(["ask", "--offline", "q"], XDG_CONFIG_HOME=str(closed))
    assert said.startswith("XDG_CONFIG_HOME: ")
    assert "Permission denied" in said
    said = run(["sessions", "list"], XDG_STATE_HOME=str(closed))
    assert "Permission denied" in said
    assert "Permission denied" in run(["ask", "--offline", "--session", "q"], 0, XDG_STATE_HOME=str(closed))
    docs = closed.parent / "docs.yaml"
    for pattern in ("closed/x.md", "closed/*.md", "closed", "*/x.md", "**/x.md"):
        docs.write_text(f"sets: {{one: {{files: ['{pattern}']}}}}\n")
        assert "Permission denied" in run(["check", str(docs)]), pattern
    (home / "settings.yaml").write_text("docs: [../closed/x.yaml]\ntools: [../closed/x.yaml]\n")
    assert run(["check", "settings.yaml"]).count("Permission denied") == 2
    assert "ermission" in run(["ask", "--offline", "--config", "settings.yaml", "--yes", "q"])


# -- the report of a fault ------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["too long", "circle", "file", "full", "relative", "nul", "half a pair"])
def test_a_fault_is_reported_in_a_line_whatever_the_folder_of_reports_is(state: str, tmp_path: Path) -> None:
    places = {
        "too long": f"/{FAR_TOO_LONG}",
        "circle": circle(tmp_path),
        "file": str(tmp_path / "file"),
        "full": "/dev/full",
        "relative": "relative",
        "nul": "/tmp/a\0b",
        "half a pair": "/tmp/\ud800",
    }
    (tmp_path / "file").write_text("")
    line = crashed(LookupError("what failed"), Redactor(), {"XDG_STATE_HOME": places[state]})
    assert "LookupError: what failed" in line
    assert "no report could be written" in line
    assert "\n" not in line


def test_a_fault_with_no_settings_folder_and_no_room_is_still_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("what failed")

    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, f"/{FAR_TOO_LONG}")
    monkeypatch.setattr("workbench.commands.check.read_tree", fail)
    assert run(["check", "x.yaml"]) == 1
    assert capsys.readouterr().err.startswith("workbench: a fault of this program: LookupError: what failed; no report")
