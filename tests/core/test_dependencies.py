"""What is imported is declared in pyproject.toml, and the other way round."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

OURS = {"workbench", "tests"}
# Programs and plugins, which nobody imports, and types for mypy.
NEVER_IMPORTED = {
    "import-linter", "mypy", "pytest-asyncio", "pytest-textual-snapshot", "pytest-xdist", "ruff", "types-jsonschema",
    "types-pyyaml",
}  # fmt: skip


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    return {normal(re.match(r"[\w.-]+", each)[0]) for each in requirements}  # type: ignore[index]


def imported(folder: Path) -> set[str]:
    """The distributions of the modules that the code in `folder` imports, wherever in it."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    distributions = packages_distributions()
    modules = found - set(sys.stdlib_module_names) - OURS
    return {normal(name) for module in modules for name in distributions.get(module, [module])}


@pytest.fixture
def about(project: Path) -> dict[str, list[str]]:
    """The requirements of the program as "", and of each extra by its name."""
    table = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    return {"": table["dependencies"], **table["optional-dependencies"]}


def test_the_program_imports_what_it_declares(project: Path, about: dict[str, list[str]]) -> None:
    assert imported(project / "workbench") == declared(about[""])


def test_the_tests_import_what_is_declared(project: Path, about: dict[str, list[str]]) -> None:
    wanted = imported(project / "tests")
    assert wanted - declared(about[""]) - declared(about["test"]) == set()
    assert declared(about["test"]) - wanted == NEVER_IMPORTED


def test_every_requirement_has_a_floor(about: dict[str, list[str]]) -> None:
    without = [each for each in about[""] if not re.search(r">=|==", each)]
    assert without == []
