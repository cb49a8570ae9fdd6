"""`workbench completion SHELL`: what each shell offers, asked of the shell itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from workbench.cli import OPTIONS, SCHEMAS, SHELLS, run
from workbench.commands import COMMANDS
from workbench.config.settings_model import OF_NAME
from workbench.ui.themes.own import OWN

# Asked by the function that the script binds, as bash calls it.
BASH = """
. ./script
asked() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
    _shtab_workbench
    printf '%s\\n' "${COMPREPLY[@]}" ---
}
"""
FISH = "source ./script\n"


def answers(shell: str, lines: Sequence[Sequence[str]], folder: Path) -> list[set[str]]:
    """What the shell offers for the last word of each line, when `folder` is the current one."""
    if shell == "bash":
        asked = "".join(f"asked {' '.join(map(_quoted, line))}\n" for line in lines)
        return _run(["bash", "--noprofile", "--norc", "-c", BASH + asked], folder)
    asked = "".join(f"complete -C {_quoted(' '.join(line))}; echo ---\n" for line in lines)
    return [{each.partition("\t")[0] for each in found} for found in _run(["fish", "-N", "-c", FISH + asked], folder)]


def _quoted(word: str) -> str:
    return f"'{word}'"


def _run(argv: Sequence[str], folder: Path) -> list[set[str]]:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return [set(filter(None, part.splitlines())) for part in done.stdout.split("---\n")[:-1]]


THEMES = {palette.name for palette in OWN} | {"nord"}
CASES: Mapping[tuple[str, ...], Callable[[set[str]], bool]] = {
    ("",): lambda found: found >= set(COMMANDS),
    ("che",): lambda found: found == {"check"},
    ("schema", ""): lambda found: found >= set(SCHEMAS),
    ("completion", ""): lambda found: found >= set(SHELLS),
    ("sessions", ""): lambda found: found >= {"list", "show", "search", "rename", "rm"},
    ("compare", "do"): lambda found: found == {"docs.yaml"},
    ("tools", ""): lambda found: found >= {"list", "check", "run", "serve"},
    ("tools", "run", "name", "--tools", "do"): lambda found: found == {"docs.yaml"},
    ("--theme", ""): lambda found: found >= THEMES,
    ("ask", "--theme", "workbench-d"): lambda found: found == {"workbench-dark"},
    ("--model", ""): lambda found: found >= {OF_NAME["model"].default, OF_NAME["model"].example},
    ("--docs", ""): lambda found: {each.rstrip("/") for each in found} >= {"guide", "docs.yaml"},
    ("ask", "--tools", "do"): lambda found: found == {"docs.yaml"},
    ("--config", "do"): lambda found: found == {"docs.yaml"},
    ("--record", "do"): lambda found: found == {"docs.yaml"},
    ("check", "do"): lambda found: found == {"docs.yaml"},
    ("replay", "do"): lambda found: found == {"docs.yaml"},
    ("init", ""): lambda found: {each.rstrip("/") for each in found if not each.startswith("-")} == {"guide"},
}


def script(shell: str, folder: Path, capsys: pytest.CaptureFixture[str], name: str = "script") -> str:
    """The script, which is in `folder` beside a file and a folder."""
    assert run(["completion", shell]) == 0
    text = capsys.readouterr().out
    folder.mkdir()
    (folder / name).write_text(text)
    (folder / "docs.yaml").write_text("")
    (folder / "guide").mkdir()
    return text


def options(lines: Iterable[Sequence[str]]) -> list[list[str]]:
    return [["workbench", *line] for line in lines]


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_the_shell_completes_what_can_be_named(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    script(shell, tmp_path / "here", capsys)
    for (line, holds), found in zip(CASES.items(), answers(shell, options(CASES), tmp_path / "here"), strict=True):
        assert holds(found), f"{line}: {found}"


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_the_shell_completes_every_option(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    script(shell, tmp_path / "here", capsys)
    lines = [
        ["--"],
        ["ask", "--"],
        ["search", "--"],
        ["replay", "--"],
        ["sessions", "rm", "--"],
        ["sessions", "export", "--"],
    ]
    found = set[str]().union(*answers(shell, options(lines), tmp_path / "here"))
    assert {each for each in found if each.startswith("--")} == set(OPTIONS)


TYPED = {
    "workbench che": "workbench check",
    "workbench ask --theme workbench-d": "workbench ask --theme workbench-dark",
    "workbench --model command-r7b-12": "workbench --model command-r7b-12-2024",
    "workbench schema to": "workbench schema tools",
    "workbench --docs do": "workbench --docs docs.yaml",
    "workbench init gu": "workbench init guide/",
}


def test_zsh_completes_what_is_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zsh = shutil.which("zsh")
    if zsh is None:
        pytest.skip("there is no zsh here")
    script("zsh", tmp_path / "here", capsys, name="_workbench")  # where a folder of functions has it
    environ = {**os.environ, "HOME": str(tmp_path)}
    with Terminal([zsh, "-f", "-i"], columns=80, rows=24, environ=environ, folder=tmp_path / "here") as term:
        term.press("PS1='ready> '; fpath=($PWD $fpath); autoload -U compinit; compinit -u -d ../dump; clear\n")
        for typed, completed in TYPED.items():
            term.wait_for("ready>")
            term.press(f"{typed}\t")
            term.wait_for(completed)
            term.press("\x15\x0c")  # an empty line, on an empty screen


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_all_that_there_is(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, tmp_path / "here", capsys)
    names = {*COMMANDS, *SCHEMAS, *THEMES, *OF_NAME["model"].usual, *(each.strip("-") for each in OPTIONS)}
    assert [name for name in sorted(names) if name not in text] == []


def test_another_shell_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(["completion", "tcsh"])
    assert end.value.code == 2
    assert "invalid choice: 'tcsh' (choose from 'bash', 'zsh', 'fish')" in capsys.readouterr().err
