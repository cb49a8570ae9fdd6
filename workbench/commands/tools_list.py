"""`workbench tools list`: the tools as the model is told of them, and what a call of each would take.

Runs none of them; of servers that have tools, those are started that may be.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from workbench.startup.setup import Plan
    from workbench.tools.specs import ToolSpec

NAME: Final = "list"
LONGEST_DESCRIPTION: Final = 60  # characters of it in a line for people
HEAD: Final = ("name", "kind", "runs code", "approve", "description")


def add(actions: Any) -> argparse.ArgumentParser:
    """Add the parser of `tools list`."""
    parser: argparse.ArgumentParser = actions.add_parser(NAME, help="the tools, one a line", allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="a JSON object a line, with the parameters of each")
    return parser


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the tools in the order of their files. Raises ConfigurationError for files that cannot be used."""
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import make_lossless, writing
    from workbench.safe_text import safe_line
    from workbench.startup.logs import logging_to
    from workbench.startup.tools_alone import read_tools

    plan = read_tools(arguments, environ)
    redactor = plan.redactor(environ)
    with logging_to(plan.settings.log, redactor):
        specs = asyncio.run(_listed(plan, environ)) if plan.servers else plan.tools
    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")
    with writing():
        if arguments.json:
            for spec in specs:
                write_line(sys.stdout, redactor.value(tool_json(spec)))
        else:
            for line in _table([_row(spec) for spec in specs]):
                print(safe_line(redactor.text(line)))
    return 0


async def _listed(plan: Plan, environ: Mapping[str, str]) -> Sequence[ToolSpec]:
    """The tools, with those of the servers that may be started and come."""
    from contextlib import aclosing

    from workbench.printing.streams import noting
    from workbench.printing.terminal_person import person_at_terminal
    from workbench.startup.tools_alone import toolbox_of

    redactor = plan.redactor(environ)
    opened = toolbox_of(plan, person_at_terminal(redactor), environ, noting(redactor))
    async with aclosing(opened) as toolbox:
        await toolbox.prepare()
        return toolbox.specs()


def tool_json(spec: ToolSpec) -> dict[str, Any]:
    """A tool as an object. `approve` is null where nothing is said: harmless tools run then, code asks for trust."""
    from workbench.tools.registry import kind_name
    from workbench.tools.runner import runs_code

    return {
        "name": spec.name,
        "description": spec.description,
        "parameters": dict(spec.parameters),
        "kind": kind_name(spec.run),
        "runs_code": runs_code(spec.run),
        "approve": spec.approve,
    }


def _row(spec: ToolSpec) -> tuple[str, ...]:
    tool = tool_json(spec)
    return (
        spec.name,
        tool["kind"],
        "yes" if tool["runs_code"] else "no",
        spec.approve or "",
        _short(spec.description),
    )


def _short(description: str) -> str:
    line = " ".join(description.split())
    return line if len(line) <= LONGEST_DESCRIPTION else f"{line[: LONGEST_DESCRIPTION - 1]}…"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The rows below their heads, each column as wide as its widest."""
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    for row in (HEAD, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
