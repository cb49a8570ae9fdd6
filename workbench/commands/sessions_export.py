"""`workbench sessions export`: a session, or a turn of it, as a document, an object, a recording or a script.

Owns the command's flags, and that nothing is overwritten unless that is asked for. It imports what it works with when
it runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from workbench.errors import ConfigurationError

FORMATS: Final = ("md", "html", "json", "recording", "python", "curl")
NAME: Final = "export"
ASKER: Final = "sessions export"


def add(actions: Any) -> None:
    """Add the parser of `sessions export`."""
    export = actions.add_parser(NAME, help="one of them as a document, a recording or a script", allow_abbrev=False)
    export.add_argument("id", metavar="ID", help="a session by its id, or the beginning of it; or its file")
    export.add_argument("--turn", metavar="N", type=_number, help="this turn alone; without it, all of them")
    form = "what becomes of it: a document to read (md, html), all of it (json), what replays it (recording), or a "
    form += "script that sends its requests again (python, curl)"
    export.add_argument("--format", choices=FORMATS, required=True, help=form)
    export.add_argument("--output", metavar="FILE", type=Path, help="where it goes; without one, to standard output")
    export.add_argument("--force", action="store_true", help="overwrite FILE where it exists")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"expected the number of a turn, from 1, got {text!r}")
    return int(text)


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Write the export; return the exit code.

    Raises ConfigurationError for what is not there or is not to be overwritten, RecordingError for a session that
    cannot be read, OutputError for what cannot be written.
    """
    from workbench.printing.json_lines import event_line
    from workbench.printing.streams import noting
    from workbench.safe_text import safe_line
    from workbench.sessions.export.formats import Wanted, exported_text
    from workbench.sessions.folder import find_session, sessions_folder
    from workbench.startup.known_keys import redactor_of

    output: Path | None = arguments.output
    if output is not None and not arguments.force and os.path.lexists(output):
        raise _there(output)
    folder = sessions_folder(environ)
    redactor = redactor_of(vars(arguments), environ)
    path = find_session(folder, arguments.id, ASKER, on_damaged=noting(redactor))
    if output is not None:
        output = _replaceable(output, folder)
    wanted = Wanted(path, arguments.turn, redactor, event_line)
    pieces = exported_text(wanted, arguments.format)
    if output is None:
        _print(pieces, sys.stdout)
    else:
        _write(pieces, output, force=arguments.force)
        _print(iter([safe_line(f"{arguments.output} is written") + "\n"]), sys.stdout)
    return 0


def _replaceable(output: Path, sessions: Path | None) -> Path:
    """Where a link leads to, or the name itself: a new file, or one that an export may take the place of."""
    from workbench.paths import reason_of

    try:
        found = output.resolve()
        is_file = found.is_file() or not found.exists()
    except RuntimeError as error:
        raise _refusal(f"{output}: is a link that leads to itself", "name another file") from error
    except (OSError, ValueError) as error:
        raise _refusal(f"{output}: cannot be written: {reason_of(error)}", "name another file") from error
    if not is_file:
        raise _refusal(f"{output} is no regular file", "name another, or leave --output out for standard output")
    if sessions is not None and found.parent == sessions.resolve():
        raise _refusal(f"{output} is among the sessions themselves", "name a file in another folder")
    return found


def _print(pieces: Iterator[str], out: TextIO) -> None:
    from workbench.printing.standard_output import make_lossless, writing
    from workbench.safe_text import safe_text

    make_lossless(out, encoding="utf-8")
    at_terminal = out.isatty()
    for piece in pieces:
        with writing():
            out.write(safe_text(piece) if at_terminal else piece)
    with writing():
        out.flush()


def _write(pieces: Iterator[str], output: Path, *, force: bool) -> None:
    """Write the file whole or not at all, for its owner only as the session is."""
    from workbench.errors import OutputError
    from workbench.paths import reason_of

    try:
        descriptor, written = _opened(output, force=force)
    except FileExistsError:
        raise _there(output) from None
    except (OSError, ValueError) as error:
        raise _refusal(f"{output}: cannot be written: {reason_of(error)}", "name another file") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if force:
            written.replace(output)
    except BaseException as error:  # half a file would be in the way of the next try
        written.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise OutputError(f"{output}: cannot be written: {reason_of(error)}") from error


def _opened(output: Path, *, force: bool) -> tuple[int, Path]:
    """A new file to write to, of mode 0600, and its name: another one where it is to take the place of a file."""
    if force:
        import tempfile

        descriptor, name = tempfile.mkstemp(prefix=".workbench-", dir=output.parent)
        return descriptor, Path(name)
    return os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), output


def _there(output: Path) -> ConfigurationError:
    return _refusal(f"{output} exists, and nothing is overwritten", "name another file, or say --force")


def _refusal(message: str, hint: str) -> ConfigurationError:
    from workbench.sessions.export.exported import refusal

    return refusal(message, hint)
