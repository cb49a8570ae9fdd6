"""What the README shows works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND
from workbench.commands.check import check


def blocks(project: Path, language: str) -> list[str]:
    """The README's code blocks in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (project / "README.md").read_text("utf-8"), re.M | re.S)


def test_the_python_example_asks_and_cites(project: Path) -> None:
    (code,) = blocks(project, "python")
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "Define a tool with a name" in done.stdout
    assert "(1,)" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("complete None [")


@pytest.mark.parametrize("number", [0, 1])
def test_the_configuration_examples_are_valid(project: Path, tmp_path: Path, number: int) -> None:
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide" / "hours.md").write_text("# Hours\n\nThe library opens at nine.\n")
    file = tmp_path / "example.yaml"
    file.write_text(blocks(project, "yaml")[number])
    assert check([file], os.environ, sys.stdout, sys.stderr) == 0


def test_the_commands_for_scripts_work(project: Path) -> None:
    lines = [line for block in blocks(project, "sh") for line in block.splitlines()]
    asking = [
        line for line in lines if line.startswith(tuple(f"workbench {name}" for name in ("ask", "check", "sessions")))
    ]
    assert len(asking) == 6
    for line in asking:
        command = line.split("|")[0].replace("workbench", COMMAND, 1).replace('"..."', '"Which key cancels a turn?"')
        done = subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout
