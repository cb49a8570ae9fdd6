"""`workbench sessions rename ID NAME`: what a person calls a conversation."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, Final

NAME: Final = "rename"
ASKER: Final = "sessions rename"


def add(actions: Any) -> None:
    """Add the parser of `sessions rename`."""
    parser = actions.add_parser(NAME, help="give one a name", allow_abbrev=False)
    parser.add_argument("id", metavar="ID", help="its id, the beginning of that, or last")
    parser.add_argument("name", metavar="NAME", help="what it is called from now on; '' takes its name away")


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Give the session its name, which may be one that others have, too.

    Raises ConfigurationError when there is no such session, or the name is too long, RecordingError when it cannot be
    written.
    """
    from workbench.errors import ConfigurationError, Problem
    from workbench.printing.standard_output import writing
    from workbench.safe_text import safe_line
    from workbench.sessions.folder import own_session, sessions_folder
    from workbench.sessions.names import LONGEST, rename
    from workbench.startup.known_keys import redactor_of

    name = redactor_of(vars(arguments), environ).text(arguments.name).strip()
    if len(name) > LONGEST:
        problem = f"a name of {len(name)} characters is too long"
        raise ConfigurationError([Problem(ASKER, 0, 0, problem, f"at most {LONGEST} are kept")])
    session = own_session(sessions_folder(environ), arguments.id, ASKER)
    rename(session, name)
    with writing():
        print(safe_line(f"{session.stem} is called {name}" if name else f"{session.stem} has no name any more"))
    return 0
