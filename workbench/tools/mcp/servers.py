"""An MCP server as configured: how it is reached, and what holds for the tools that it has.

Owns what it does in words, for whoever is asked whether it may be started. Refuses to show what `${VAR}` stands for,
and the values of its environment and its headers at all.
"""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from workbench.tools.mcp.variables import names_in, needed_by
from workbench.tools.specs import Approval

START_SECONDS: Final = 30.0
CALL_SECONDS: Final = 30.0
NOT_INSTALLED: Final = 'MCP servers need the package mcp: pip install "cohere-workbench[mcp]"'


@dataclass(frozen=True, slots=True)
class Program:
    """A server that is started and spoken to over its pipes. Texts are as they are written, `${VAR}` not filled in.

    `folder` is where it runs; relative paths among `argv` are meant from there.
    """

    argv: tuple[str, ...]
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def what(self) -> str:
        """In words, what is run, with the names of the variables that it is given."""
        words = " ".join(_word(each) for each in self.argv)
        given = f", with the environment variables {', '.join(sorted(self.env))}" if self.env else ""
        return f"runs {words} in {self.folder}{given}"

    def doubt(self, path: str | None) -> tuple[str, str] | None:
        """A message and a hint when what is to be run is not there; `path` is the PATH that is looked in."""
        name = self.argv[0]
        if "${" in name or _is_file(self.folder / name) or shutil.which(name, path=path):
            return None
        return f"the program {name!r} is not found", "install it, or write the path to it"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that is reached at a URL. Texts are as they are written. `legacy` is the transport of 2024, SSE."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    legacy: bool = False

    def what(self) -> str:
        """In words, where to calls go, with the names of headers and of the variables that they are made of."""
        sent = f", with the headers {', '.join(sorted(self.headers))}" if self.headers else ""
        variables = names_in((self.url, *self.headers.values()))
        of = f" made of {', '.join(variables)}" if variables else ""
        return f"sends calls to {self.url}{sent}{of}"


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """What holds for one tool of a server, where it is otherwise than for the server."""

    approve: Approval | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """One server. Seconds: `timeout` of a call, `startup_timeout` until it has listed its tools.

    `include` and `exclude` are patterns of names of tools (`*`, `?`); without `include` all are taken. `file` and
    `digest` are those of the tools file, as of `ToolSpec`.
    """

    name: str
    reach: Program | Endpoint
    approve: Approval | None = None
    timeout: float = CALL_SECONDS
    startup_timeout: float = START_SECONDS
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    tools: Mapping[str, ToolOptions] = field(default_factory=dict)
    file: Path | None = None
    digest: str | None = field(default=None, compare=False)

    def needs(self) -> Set[str]:
        """The variables without which the server cannot be started, or reached."""
        reach = self.reach
        if isinstance(reach, Program):
            return needed_by((*reach.argv, *reach.env.values()))
        return needed_by((reach.url, *reach.headers.values()))

    def takes(self, tool: str) -> bool:
        """Whether the tool of that name is one of those that are wanted."""
        wanted = not self.include or _is_one_of(tool, self.include)
        return wanted and not _is_one_of(tool, self.exclude)

    def options(self, tool: str) -> ToolOptions:
        """What holds for a tool of the server."""
        own = self.tools.get(tool, ToolOptions())
        timeout = self.timeout if own.timeout is None else own.timeout
        return ToolOptions(own.approve or self.approve, timeout)


def _is_one_of(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _word(text: str) -> str:
    """One element of a command line, so that it is seen where it ends."""
    return text if text and not any(each.isspace() or each in "'\"" for each in text) else repr(text)
