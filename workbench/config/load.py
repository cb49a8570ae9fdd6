"""Several configuration files at once: owns reading them together and what may not repeat between them.

Refuses a set or a tool of the same name in two files. A file named twice is read once. Loads no document
and runs no tool. What reads a kind of file is imported with the first such file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import ConfigurationError, Problem, quoted
from workbench.safe_text import with_names

if TYPE_CHECKING:
    from workbench.documents.passages import FilePlace, SetSpec
    from workbench.origin import Origin
    from workbench.tools.mcp.servers import ServerSpec
    from workbench.tools.specs import ToolSpec


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """What documents files and tools files hold together, in the order of the files."""

    sets: tuple[SetSpec, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    servers: tuple[ServerSpec, ...] = ()


def load_configuration(
    docs: Sequence[Path],
    tools: Sequence[Path],
    environ: Mapping[str, str],
    *,
    named_by: Origin | None = None,
    stays: bool = False,
    secrets: Set[str] = frozenset(),
) -> LoadedConfig:
    """What all the files hold. Raises ConfigurationError with every problem of every file, in the order given.

    `named_by` is the settings file that names `docs`, when that is not trusted. With `stays`, no link in a folder
    among `docs` leads out of it. `secrets` is as for `Reader`.
    """
    sets, set_problems = _read_sets(docs, environ, named_by, secrets, stays=stays)
    specs, servers, tool_problems = _read_tools(tools, environ, secrets)
    _refuse((*set_problems, *tool_problems))
    return LoadedConfig(sets, specs, servers)


def load_documents_files(
    paths: Sequence[Path],
    environ: Mapping[str, str],
    *,
    named_by: Origin | None = None,
    stays: bool = False,
    secrets: Set[str] = frozenset(),
) -> tuple[SetSpec, ...]:
    """The sets of all files, as of `load_configuration`. Raises ConfigurationError with every problem."""
    return load_configuration(paths, (), environ, named_by=named_by, stays=stays, secrets=secrets).sets


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise ConfigurationError(problems)


def _read_sets(
    paths: Sequence[Path], environ: Mapping[str, str], named_by: Origin | None, secrets: Set[str], *, stays: bool
) -> tuple[tuple[SetSpec, ...], list[Problem]]:
    """The sets of documents files, and of documents and folders given in their place: these take free names."""
    if not paths:
        return (), []
    from workbench.config.documents_file import documents_of
    from workbench.config.given_documents import documents_at, each_given, gathered
    from workbench.config.reader import read_tree

    problems: list[Problem] = []
    found: list[SetSpec] = []
    given: list[SetSpec] = []
    seen: dict[str, FilePlace] = {}
    for path in _distinct(list(each_given(paths))):
        if spec := documents_at(path, named_by, stays=stays):
            given.append(spec)
            found.append(spec)
            continue
        of_file, problems_of_file = documents_of(read_tree(path), environ, secrets)
        problems += problems_of_file
        problems += _repeated("set", ((spec.name, spec.place) for spec in of_file), seen)
        found += of_file
    return gathered(found, given, seen.keys()), problems


def _read_tools(
    paths: Sequence[Path], environ: Mapping[str, str], secrets: Set[str]
) -> tuple[tuple[ToolSpec, ...], tuple[ServerSpec, ...], list[Problem]]:
    if not paths:
        return (), (), []
    from workbench.config.mcp_servers import servers_of
    from workbench.config.reader import read_tree
    from workbench.config.tools_file import tools_of

    problems: list[Problem] = []
    tools: list[ToolSpec] = []
    servers: list[ServerSpec] = []
    seen: dict[str, FilePlace] = {}
    seen_servers: dict[str, FilePlace] = {}
    for path in _distinct(paths):
        tree = read_tree(path)
        found, of_file = tools_of(tree, environ, secrets)
        of_these, of_servers = servers_of(tree, environ, secrets)
        problems += (*of_file, *of_servers)
        problems += _repeated("tool", ((tool.spec.name, tool.place) for tool in found), seen)
        problems += _repeated("server", ((server.spec.name, server.place) for server in of_these), seen_servers)
        tools += (tool.spec for tool in found)
        servers += (server.spec for server in of_these)
    return tuple(tools), tuple(servers), problems


def _distinct(paths: Sequence[Path]) -> list[Path]:
    """The paths without those that lead to a file named before, as when settings and a flag both name it."""
    return list({path.absolute(): path for path in reversed(paths)}.values())[::-1]


def _repeated(what: str, names: Iterable[tuple[str, FilePlace]], seen: dict[str, FilePlace]) -> list[Problem]:
    """A problem for each name that an earlier file has; `seen` is brought up to date."""
    problems = []
    for name, place in names:
        if first := seen.get(name):
            hint = f"the other is at {first.file}:{first.line}:{first.column}; rename one of the two"
            message = with_names(f"a second {what} {quoted(name)}")
            problems.append(Problem(place.file, place.line, place.column, message, hint))
        seen.setdefault(name, place)
    return problems
