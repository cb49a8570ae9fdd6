"""The program without its checkout: the wheel, in an environment of its own, started in an empty folder."""

from __future__ import annotations

import ensurepip
import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.terminal import Terminal

QUESTION = "How do I define a tool?"
CTRL_Q = "\x11"


def done(argv: Sequence[str | Path], folder: Path) -> str:
    """What a program that must succeed writes on standard output."""
    finished = subprocess.run(list(map(str, argv)), cwd=folder, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def built(project: Path, folder: Path) -> Path:
    """The wheel, built as pip builds it."""
    done([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], project)
    (wheel,) = folder.glob("*.whl")
    return wheel


def installed(wheel: Path, folder: Path) -> Path:
    """The programs of a new environment with this wheel; what it needs is that of the tests, which costs no network."""
    bundled = sorted(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
    done([sys.executable, "-m", "venv", *(["--without-pip"] if bundled else []), folder], folder.parent)
    programs = folder / "bin"
    pip = [programs / "python", bundled[-1] / "pip"] if bundled else [programs / "pip"]
    done([*pip, "install", "--quiet", "--no-deps", "--no-index", "--no-compile", wheel], folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    # Read as one more folder, in which no .pth counts: the checkout that the tests run in is in none of the two.
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"))
    return programs


def test_who_installs_it_anew_asks_the_handbook(project: Path, tmp_path: Path) -> None:
    programs = installed(built(project, tmp_path / "dist"), tmp_path / "venv")
    empty = tmp_path / "empty"
    empty.mkdir()
    where = done([programs / "python", "-c", "import workbench; print(workbench.__file__)"], empty)
    assert where.startswith(str(tmp_path / "venv"))

    command = str(programs / "workbench")
    with Terminal([command], columns=80, rows=24, environ=os.environ, folder=empty) as term:
        term.wait_for("You are asking Workbench's own handbook", "· handbook ", "Alt+1")
        term.press(f"{QUESTION}\r")
        term.wait_for("✓ complete", "Define a tool with a name")
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0
    assert list(empty.iterdir()) == []

    assert "Define a tool" not in done([command, "ask", QUESTION], empty)
    shipped = next((tmp_path / "venv").glob("lib/python*/site-packages/workbench/shipped"))
    assert "Define a tool with a name" in done([command, "ask", "--docs", shipped / "docs.yaml", QUESTION], empty)
    done([command, "init"], empty)
    assert len(done([command, "check", "."], empty).splitlines()) == 3
    assert "list their paths" in done([command, "ask", "--docs", "docs.yaml", "How do I add my own files?"], empty)
    examples = sorted(shipped.glob("*.yaml"))
    assert len(done([command, "check", *examples], empty).splitlines()) == len(examples) == 8
