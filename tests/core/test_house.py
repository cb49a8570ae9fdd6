"""The house: import directions, what an import may cost, the length of modules, and what the README promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LONGEST_MODULE = 400


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `statement`."""
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import workbench",
        "import workbench.conversation",
        "import workbench.cohere_client",
        "import workbench.config.load",
        "from workbench.cli import parser; parser()",
    ],
)
def test_what_needs_no_screen_and_no_network_imports_neither(statement: str) -> None:
    assert not imported_by(statement) & {"textual", "cohere", "httpx"}


def test_the_app_does_not_import_the_sdk() -> None:
    assert not imported_by("import workbench.ui.app, workbench.commands.app") & {"cohere", "httpx"}


def test_import_directions(project: Path) -> None:
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_module_is_too_long(project: Path) -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in (project / "workbench").rglob("*.py")}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_ci_runs_the_tests_as_the_readme_says(project: Path) -> None:
    readme, ci = (project / "README.md").read_text("utf-8"), (project / ".ci" / "run").read_text("utf-8")
    for command in ("pip install -e '.[test]'", "pytest"):
        assert command in readme
        assert command.split()[-1] in ci


def test_every_picture_in_the_readme_exists(project: Path) -> None:
    for part in (project / "README.md").read_text("utf-8").split("](")[1:]:
        target = part.partition(")")[0]
        if "://" not in target:
            assert (project / target).exists(), target
