"""The house: import directions, what an import may cost, and what the README promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import architecture
from tests.core.test_sessions_search import made
from workbench.cli import SCHEMAS, run


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `statement`."""
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def imported_while(code: str, project: Path) -> set[str]:
    """The modules whose names `code` leaves in `seen`, run by a fresh interpreter in the project's folder."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(*seen)"], cwd=project, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


COMMAND = """
import contextlib, io, sys
from workbench.cli import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    assert run({argv}) == 0
seen = sys.modules
"""

# The app as `workbench --docs ... --tools ...` makes it; behind its first paint it first imports what a turn needs.
APP = """
import asyncio, sys, types
from workbench import cli
from workbench.commands import app
from workbench.startup import setup
arguments = cli.parse(["--docs", "config/docs.yaml", "--tools", "config/tools.yaml"])
screen = app.screen(app.read_plan(arguments, {}), {})
async def main(use):
    async with screen.run_test() as pilot:
        while screen.loading:
            await pilot.pause()
        await use(pilot)
"""

PAINTED = (
    APP
    + """
seen = set()
app.OF_A_TURN = ("what a turn needs",)
app.importlib = types.SimpleNamespace(import_module=lambda _: seen.update(sys.modules))
async def use(pilot):
    pass
asyncio.run(main(use))
"""
)

ASKED = (
    APP
    + """
async def use(pilot):
    global seen
    before = set(sys.modules)
    await pilot.press(*"when", "enter")
    while screen.busy or not screen.conversation.turns:
        await pilot.pause()
    assert screen.conversation.turns[-1].status == "complete"
    seen = set(sys.modules) - before
asyncio.run(main(use))
"""
)


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["--version"],
        ["check", "config/docs.yaml", "config/tools.yaml"],
        *(["schema", kind] for kind in SCHEMAS),
        ["sessions", "list"],
        ["compare", "--help"],
    ],
)
def test_a_command_that_opens_no_screen_imports_none(argv: list[str], project: Path) -> None:
    imported = imported_while(COMMAND.format(argv=argv), project)
    assert "workbench.cli" in imported
    assert not imported & {"textual", "cohere", "httpx", "jsonschema"}


@pytest.mark.parametrize("argv", [["sessions", "list"], ["sessions", "search", "tea"]], ids=" ".join)
def test_what_the_index_has_is_told_without_what_reads_sessions(argv: list[str], project: Path) -> None:
    made("20260101-101010-aaaaaa", "tea")
    assert run(argv) == 0
    imported = imported_while(COMMAND.format(argv=argv), project)
    assert f"workbench.commands.sessions_{argv[1]}" in imported
    assert not imported & {"workbench.conversation.turn", "workbench.events", "workbench.sessions.restore"}


def test_the_first_paint_waits_for_nothing_that_a_turn_needs(project: Path) -> None:
    imported = imported_while(PAINTED, project)
    assert "workbench.ui.widgets.transcript" in imported
    assert not imported & {"cohere", "httpx", "jsonschema", "pygments", "markdown_it"}
    assert not imported & {"workbench.conversation.loop", "workbench.events", "workbench.documents.load"}
    assert {
        name for name in imported if name.startswith(("workbench.sessions", "workbench.commands.sessions"))
    } == set()


def test_the_first_paint_reads_no_yaml_where_nothing_has_to_be_read_before(project: Path) -> None:
    nothing_given = PAINTED.replace('"--docs", "config/docs.yaml", "--tools", "config/tools.yaml"', "")
    imported = imported_while(nothing_given, project)
    assert "workbench.ui.widgets.transcript" in imported
    assert not imported & {"yaml", "workbench.config.reader", "workbench.config.findings"}


def test_the_first_turn_imports_nothing_on_the_event_loop(project: Path) -> None:
    """All that it needs was imported behind the first paint; the client is built in a thread of its own."""
    imported = imported_while(ASKED, project)
    beneath = ("workbench.cohere_client", "workbench.offline", "workbench.language", "workbench.documents.bm25")
    assert "cohere" in imported
    assert {name for name in imported if name.startswith("workbench.") and not name.startswith(beneath)} == set()
    assert not imported & {"pygments", "markdown_it"}


@pytest.mark.parametrize(
    "statement",
    [
        "import workbench",
        "from workbench.conversation import Conversation, Options",
        "import workbench.cohere_client",
        "import workbench.config.load",
        "from workbench.cli import parser; parser()",
    ],
)
def test_what_needs_no_screen_and_no_network_imports_neither(statement: str) -> None:
    assert not imported_by(statement) & {"textual", "cohere", "httpx"}


def test_a_conversation_in_lines_imports_no_screen() -> None:
    assert not imported_by("import workbench.commands.plain, workbench.commands.app") & {"textual", "rich", "pygments"}


def test_the_app_does_not_import_the_sdk() -> None:
    assert not imported_by("import workbench.ui.app, workbench.commands.app") & {"cohere", "httpx"}


def test_import_directions(project: Path) -> None:
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_arrow_goes_up(project: Path) -> None:
    found, house = architecture.imports(), architecture.floors()
    assert {room for floor in house for room in floor} == set(architecture.arrows(found))
    assert list(architecture.upward(found, house)) == []


def test_no_room_and_no_part_of_a_room_stands_in_a_circle(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.architecture"], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.stdout.splitlines()[-1], done.returncode) == ("no arrow up, no circle", 0)


def test_an_arrow_up_and_a_circle_would_be_seen() -> None:
    found = architecture.Imports(
        lines=dict.fromkeys(
            ("workbench", "workbench.low", "workbench.high.a", "workbench.high.b", "workbench.high"), 1
        ),
        of={
            "workbench.low": frozenset({"workbench.high.b"}),
            "workbench.high.a": frozenset({"workbench.low", "workbench.high.b"}),
            "workbench.high.b": frozenset({"workbench.high.a"}),
        },
    )
    assert list(architecture.upward(found, [["high"], ["low"]])) == ["workbench.low -> workbench.high.b"]
    assert architecture.circles(found) == [
        ["workbench.high", "workbench.low"],
        ["workbench.high.a", "workbench.high.b"],
    ]


def test_ci_runs_the_tests_as_the_readme_says(project: Path) -> None:
    readme, ci = (project / "README.md").read_text("utf-8"), (project / ".ci" / "run").read_text("utf-8")
    for command in ("pip install -e '.[test]'", "pytest", "pytest -m quick", "pytest -m thorough"):
        assert command in readme
        assert command.split()[-1] in ci


def test_every_picture_in_the_readme_exists(project: Path) -> None:
    for part in (project / "README.md").read_text("utf-8").split("](")[1:]:
        target = part.partition(")")[0]
        if "://" not in target:
            assert (project / target).exists(), target
