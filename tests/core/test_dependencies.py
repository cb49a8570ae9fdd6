"""What is imported is declared in pyproject.toml, and the other way round."""

from __future__ import annotations

import ast
import functools
import re
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

OURS = {"workbench", "tests"}
# Programs and plugins, which nobody imports, types for mypy, and what the program's own extras need.
NEVER_IMPORTED = {
    "apsw", "hatchling", "import-linter", "mammoth", "mypy", "pytest-asyncio", "pytest-xdist", "ruff",
    "sqlite-vec",
    "types-jsonschema", "types-openpyxl", "types-pyyaml",
}  # fmt: skip


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirement: str) -> str:
    """The distribution that is required."""
    name = re.match(r"[\w.-]+", requirement)
    assert name is not None
    return normal(name[0])


def declared(requirements: list[str]) -> set[str]:
    return {named(each) for each in requirements}


def imported(folder: Path) -> set[str]:
    """The distributions of the modules that the code in `folder` imports, wherever in it."""
    return set().union(*(imported_by(path) for path in folder.rglob("*.py")))


@functools.cache
def providers() -> Mapping[str, list[str]]:
    """The distributions that each module is in: to read them all takes a while."""
    return packages_distributions()


def imported_by(path: Path) -> set[str]:
    """The distributions of the modules that one file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    distributions = providers()
    modules = found - set(sys.stdlib_module_names) - OURS
    return {normal(name) for module in modules for name in distributions.get(module, [module])}


def of_the_program(about: dict[str, list[str]]) -> list[str]:
    """What it needs itself, with all of its extras."""
    return [each for extra, requirements in about.items() if extra != "test" for each in requirements]


@pytest.fixture
def about(project: Path) -> dict[str, list[str]]:
    """The requirements of the program as "", and of each extra by its name."""
    table = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    return {"": table["dependencies"], **table["optional-dependencies"]}


def test_the_program_imports_what_it_declares(project: Path, about: dict[str, list[str]]) -> None:
    assert imported(project / "workbench") == declared(of_the_program(about))


def test_what_is_for_servers_is_needed_by_nothing_else(project: Path, about: dict[str, list[str]]) -> None:
    others = {each for each in (project / "workbench").rglob("*.py") if each.parent.name != "mcp"}
    own = declared(about["mcp"])
    assert {path.name for path in others if imported_by(path) & own} == set()


def test_the_tests_import_what_is_declared(project: Path, about: dict[str, list[str]]) -> None:
    wanted = imported(project / "tests")
    assert wanted - declared(about[""]) - declared(about["test"]) == set()
    assert declared(about["test"]) - wanted == NEVER_IMPORTED


def test_every_requirement_has_a_floor(about: dict[str, list[str]]) -> None:
    without = [each for each in of_the_program(about) if not re.search(r">=|==", each)]
    assert without == []


# -- the lock file ------------------------------------------------------------------------------------------

MADE_BY = """
uv lock
uv export --format requirements-txt --no-hashes --no-emit-project --all-extras --no-annotate --no-header \\
    --output-file constraints.txt
"""


@pytest.fixture
def packages(project: Path) -> list[dict[str, Any]]:
    """The packages of uv.lock: one has several versions where its newest wants a newer Python than our oldest."""
    found: list[dict[str, Any]] = tomllib.loads((project / "uv.lock").read_text("utf-8"))["package"]
    return found


@pytest.fixture
def locked(packages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The packages of uv.lock by their names."""
    return {each["name"]: each for each in packages}


def test_the_lock_file_is_of_these_requirements(locked: dict[str, dict[str, Any]], about: dict[str, list[str]]) -> None:
    wanted = {each for extra in about.values() for each in extra}
    found = locked["cohere-workbench"]["metadata"]["requires-dist"]
    assert {(each["name"], parts(each["specifier"])) for each in found} == {
        (named(each), parts(re.sub(r"^[\w.-]+(\[\w+\])?", "", each))) for each in wanted
    }, f"pyproject.toml has changed; run {MADE_BY}"


def parts(specifier: str) -> frozenset[str]:
    return frozenset(specifier.split(","))


def test_the_constraints_are_those_of_the_lock_file(project: Path, packages: list[dict[str, Any]]) -> None:
    lines = (project / "constraints.txt").read_text("utf-8").splitlines()
    constraints = {line.partition(" ;")[0] for line in lines}
    ours = {"cohere-workbench"}
    assert constraints == {f"{each['name']}=={each['version']}" for each in packages if each["name"] not in ours}, (
        f"uv.lock has changed; run {MADE_BY}"
    )


def test_all_that_is_locked_comes_from_the_public_index(packages: list[dict[str, Any]]) -> None:
    for each in packages:
        assert each["source"] in ({"registry": "https://pypi.org/simple"}, {"editable": "."}), each["name"]
        for file in (*each.get("wheels", ()), *filter(None, [each.get("sdist")])):
            assert file["url"].startswith("https://files.pythonhosted.org/"), each["name"]
