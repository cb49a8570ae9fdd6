"""Whatever Textual calls its insides tomorrow: the app starts, answers a question, ends, and keeps faults to itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from workbench.ui.terminal.textual_inside import ALL, DISPLAY, DRIVER, ENDING

CTRL_Q, F1, CTRL_V = "\x11", "\x1bOP", "\x1b[200~pasted words\x1b[201~"
DOCS = "- {id: tides, title: Tides, text: The tide turns twice a day in the harbour.}\n"
SECRET = "secret-in-a-local"
PROGRAM = f"""
import sys
from tests.renaming import Renaming
sys.meta_path.insert(0, Renaming(sys.argv.pop(1).split(",")))
from workbench.__main__ import main
from workbench.ui.app import WorkbenchApp

def fail(self, id):
    local = "{SECRET}"[::1]
    raise RuntimeError("the fault")

WorkbenchApp.action_perform = fail
main()
"""

# Each class whose private names are used, without those; the classes in private modules; these modules.
PRIVATE = [
    *([name for name in each.names if name.startswith("_")] for each in ALL),
    sorted({each.owner for each in ALL if "._" in each.module}),
    sorted({each.module.rpartition(".")[2] for each in ALL if "._" in each.module}),
]
DRAWN = {name for each in (*DISPLAY, *DRIVER) for name in (*each.names, each.owner, each.module.rpartition(".")[2])}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs.yaml").write_text(DOCS)
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path


def renamed(folder: Path, *argv: str) -> Terminal:
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    words = [sys.executable, *argv, "--offline", "--docs", "docs.yaml", "--no-session"]
    return Terminal(words, columns=120, rows=30, environ=environ, folder=folder)


@pytest.mark.parametrize("names", [",".join(names) for names in PRIVATE if names])
def test_without_some_names_the_app_answers_the_stock_way(folder: Path, names: str) -> None:
    with renamed(folder, "-m", "tests.renaming", names) as term:
        term.wait_for("· docs 1")
        if DRAWN & set(names.split(",")):
            term.wait_for("drawing goes on with more bytes")
        term.press("When does the tide turn?\r")
        term.wait_for("The tide turns twice a day in the harbour.[1]", "✓ complete")
        term.press(CTRL_V)
        term.wait_for("> pasted words")
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0
    assert b"\x1b[?1049l" in term.written


@pytest.mark.parametrize("name", sorted({name for each in ENDING for name in each.names}))
def test_without_a_name_a_fault_is_told_without_its_values(folder: Path, name: str) -> None:
    with renamed(folder, "program.py", name) as term:
        term.wait_for("· docs 1")
        term.press(F1)
        assert term.wait_for_exit() == 1
    after = term.written.rpartition(b"\x1b[?1049l")[2]
    assert b"a fault of this program" in after
    assert SECRET.encode() not in term.written
