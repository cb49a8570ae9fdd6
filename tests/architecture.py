"""The rooms of the house as they are: `python -m tests.architecture` prints their floors, their sizes and their arrows.

The floors are those of the layers contract in pyproject.toml; the arrows are imports, those for type checkers included.
Below them stand what may not be (arrows that go up, circles of modules) and where to look again: the longest modules.
The exit code is 1 when there is an arrow up or a circle.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grimp

PACKAGE: Final = "workbench"
PROJECT: Final = Path(__file__).resolve().parents[1]
LOOK_AGAIN: Final = 400  # lines of a module that may hold more than one idea


@dataclass(frozen=True, slots=True)
class Imports:
    """Which modules there are, with their lines, and which of them each imports."""

    lines: Mapping[str, int]
    of: Mapping[str, frozenset[str]]


def imports(project: Path = PROJECT) -> Imports:
    """Read the package below `project`."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    lines = {module: _lines(project, module) for module in graph.modules}
    return Imports(lines, {module: frozenset(graph.find_modules_directly_imported_by(module)) for module in lines})


def _lines(project: Path, module: str) -> int:
    path = project.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return len(source.read_text("utf-8").splitlines())


def floors(project: Path = PROJECT) -> list[list[str]]:
    """The rooms of each floor, the highest first, as the layers contract names them."""
    settings = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers")
    return [[room.strip() for room in floor.split("|")] for floor in layers]


def room_of(module: str) -> str:
    """`ui` for `workbench.ui.app`; "" for the package itself, which holds the version only."""
    return module.partition(".")[2].partition(".")[0]


def arrows(found: Imports) -> dict[str, set[str]]:
    """For each room the other rooms that it imports from."""
    rooms: dict[str, set[str]] = {room_of(module): set() for module in found.lines if room_of(module)}
    for module, imported in found.of.items():
        for other in imported:
            if room_of(module) and room_of(other) not in ("", room_of(module)):
                rooms[room_of(module)].add(room_of(other))
    return rooms


def upward(found: Imports, house: Sequence[Sequence[str]]) -> Iterator[str]:
    """Imports of a room on the same floor or a higher one."""
    floor_of = {room: number for number, rooms in enumerate(house) for room in rooms}
    for module, imported in sorted(found.of.items()):
        for other in sorted(imported):
            here, there = room_of(module), room_of(other)
            if here and there not in ("", here) and floor_of[there] <= floor_of[here]:
                yield f"{module} -> {other}"


def circles(found: Imports) -> list[list[str]]:
    """The groups of packages and modules side by side in which each leads, by imports, to each other."""
    groups = []
    for parent in sorted({module.rpartition(".")[0] for module in found.lines} - {""}):
        groups += _circles_of(_siblings(found, parent))
    return groups


def _siblings(found: Imports, parent: str) -> dict[str, set[str]]:
    """What stands directly below `parent`, and what of it each imports, itself or by what is below it."""
    start, depth = f"{parent}.", parent.count(".") + 2

    def ancestor(module: str) -> str:
        return ".".join(module.split(".")[:depth])

    edges: dict[str, set[str]] = {ancestor(module): set() for module in found.lines if module.startswith(start)}
    for module, imported in found.of.items():
        if module.startswith(start):
            edges[ancestor(module)] |= {ancestor(other) for other in imported if other.startswith(start)}
    return {name: others - {name} for name, others in edges.items()}


def _circles_of(edges: Mapping[str, set[str]]) -> list[list[str]]:
    reached = {name: _reached(edges, name) for name in edges}
    groups = {
        tuple(sorted({name, *(other for other in reached[name] if name in reached[other])}))
        for name in edges
        if name in reached[name]
    }
    return [list(group) for group in sorted(groups)]


def _reached(edges: Mapping[str, set[str]], name: str) -> set[str]:
    reached: set[str] = set()
    ahead = list(edges[name])
    while ahead:
        if (other := ahead.pop()) not in reached:
            reached.add(other)
            ahead += edges[other]
    return reached


def report(found: Imports, house: Sequence[Sequence[str]]) -> Iterator[str]:
    """The house in lines of text."""
    drawn = arrows(found)
    for number, rooms in enumerate(house, start=1):
        for room in rooms:
            modules = [module for module in found.lines if room_of(module) == room]
            lines = sum(found.lines[module] for module in modules)
            below = ", ".join(other for floor in house for other in floor if other in drawn.get(room, ()))
            yield f"{number:3}  {room:14} {len(modules):4} modules {lines:6,} lines  -> {below or '(nothing of ours)'}"
    yield ""
    yield from (f"arrow up: {arrow}" for arrow in upward(found, house))
    yield from (f"circle: {' <-> '.join(circle)}" for circle in circles(found))
    longest = sorted(((lines, module) for module, lines in found.lines.items() if lines > LOOK_AGAIN), reverse=True)
    yield from (f"look again: {module} has {lines} lines" for lines, module in longest)


def main() -> int:
    """Print the house. 1 when an arrow goes up or modules stand in a circle, else 0."""
    found, house = imports(), floors()
    print("\n".join(report(found, house)))
    wrong = [*upward(found, house), *circles(found)]
    print("no arrow up, no circle" if not wrong else f"{len(wrong)} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
