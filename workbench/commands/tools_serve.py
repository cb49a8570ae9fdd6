"""`workbench tools serve`: the same tools, offered as an MCP server to whichever client starts this command.

Standard input and output are the protocol's: what there is to say for people is on standard error. Nobody can be asked
meanwhile, so code is trusted before it serves, and a tool that asks for each call is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from workbench.events import ToolResult
    from workbench.secrets.redactor import Redactor
    from workbench.startup.setup import Plan
    from workbench.tools.specs import ToolSpec
    from workbench.tools.toolbox import Toolbox

NAME: Final = "serve"
EXTRA: Final = "mcp"
UNTRUSTED: Final = "run it once at a terminal to be asked, or allow it for this run with --yes"


def add(actions: Any) -> argparse.ArgumentParser:
    """Add the parser of `tools serve`."""
    parser: argparse.ArgumentParser = actions.add_parser(
        NAME, help="offer them to MCP clients, on standard input and output", allow_abbrev=False
    )
    return parser


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Serve until the client closes standard input, which is 0, or a signal comes, which is 130.

    Raises ConfigurationError when the files cannot be used, when they run code that is not trusted, and without the
    package that speaks the protocol.
    """
    from workbench.startup.logs import logging_to
    from workbench.startup.tools_alone import read_tools

    plan = read_tools(arguments, environ)
    _need_package()
    with logging_to(plan.settings.log, plan.redactor(environ)):
        return asyncio.run(_serve(plan, environ))


def _need_package() -> None:
    from importlib.util import find_spec

    from workbench.errors import ConfigurationError, Problem

    if find_spec(EXTRA) is None:
        hint = f"pip install 'cohere-workbench[{EXTRA}]'"
        raise ConfigurationError([Problem("tools serve", 0, 0, f"this needs the package {EXTRA}", hint)])


async def _serve(plan: Plan, environ: Mapping[str, str]) -> int:
    from contextlib import aclosing

    from workbench import __version__
    from workbench.commands.ask import interruptible
    from workbench.printing.exit_codes import INTERRUPTED
    from workbench.printing.streams import noting
    from workbench.printing.terminal_person import person_at_terminal
    from workbench.startup.tools_alone import toolbox_of

    redactor = plan.redactor(environ)
    note = noting(redactor)
    toolbox = toolbox_of(plan, person_at_terminal(redactor), environ, note)
    async with aclosing(toolbox):
        await toolbox.prepare()
        offered = _offered(toolbox.specs(), note, yes=plan.yes)
        await _require_trust(toolbox, offered)
        from workbench.tools.mcp.serving import ToolServer

        server = ToolServer(
            toolbox,
            offered,
            version=__version__,
            masked=redactor.value,
            ended=lambda result: _tell(redactor, result),
        )
        note(f"{len(offered)} tool{'s' if len(offered) != 1 else ''} for an MCP client on standard input and output")
        serving = asyncio.ensure_future(server.serve())
        interruptible(serving)
        await asyncio.wait([serving])
        if serving.cancelled():
            return INTERRUPTED
        serving.result()
        return 0


def _offered(specs: Sequence[ToolSpec], note: Callable[[str], object], *, yes: bool) -> tuple[ToolSpec, ...]:
    """The tools whose calls need nobody; of the others is said why they are left out."""
    offered = []
    for spec in specs:
        if spec.run.asks_person:
            note(f"{spec.name} is left out: a person gives its results, and nobody can be asked here")
        elif spec.approve == "never":
            note(f"{spec.name} is left out: it is set to `approve: never`")
        elif spec.approve == "ask" and not yes:
            note(
                f"{spec.name} is left out: it is approved call by call, and nobody can be asked here (--yes allows it)"
            )
        else:
            offered.append(spec)
    return tuple(offered)


async def _require_trust(toolbox: Toolbox, offered: Sequence[ToolSpec]) -> None:
    """Returns once all of them may run, for which a person at a terminal is asked; raises ConfigurationError."""
    from workbench.errors import ConfigurationError, Problem, ToolError

    for spec in offered:
        try:
            await toolbox.allow(spec.name)
        except ToolError:
            problem = f"{spec.name} runs code that is not trusted: nothing is served"
            raise ConfigurationError([Problem(str(spec.file or NAME), 0, 0, problem, UNTRUSTED)]) from None


def _tell(redactor: Redactor, result: ToolResult) -> None:
    """Say on standard error how a call ended, behind what it printed."""
    from workbench.printing.streams import say
    from workbench.safe_text import safe_line

    ended = f"✓ {result.name} {result.seconds:.2f} s" if result.error is None else f"✗ {result.name} · {result.error}"
    for line in (*result.output.splitlines(), ended):
        say(safe_line(redactor.text(line)), sys.stderr)
