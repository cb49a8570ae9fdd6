"""A text in the person's own pager. Owns which program that is, and that a terminal obeys nothing of the text."""

from __future__ import annotations

import shlex
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.paths import reason_of
from workbench.safe_text import safe_line, safe_text
from workbench.ui.editor import LONGEST_COMMAND, LONGEST_SHOWN, run_lent

VARIABLE: Final = "PAGER"
USUAL: Final = ("less", "more")  # where `$PAGER` is not set, the first of these that there is
STAYS: Final = "-R -+F"  # of less: it shows what it is given until one leaves it, however short that is


class PagerFailed(Exception):
    """The pager cannot be run, or has failed; the text says why, and what was run."""


@dataclass(frozen=True, slots=True)
class Pager:
    """A pager: its `command` as a person writes it, and what names it."""

    command: str
    named: str


def pager_of(environ: Mapping[str, str]) -> Pager:
    """The pager that `$PAGER` names; where it is not set, less, or else more."""
    if command := environ.get(VARIABLE, "").strip():
        return Pager(command, f"${VARIABLE}")
    found = next((name for name in USUAL if shutil.which(name, path=environ.get("PATH"))), "")
    return Pager(found, found or f"no ${VARIABLE}")


def show_in(pager: Pager, text: str, environ: Mapping[str, str]) -> None:
    """Show `text` in the pager until it ends. The terminal must be free for it. Raises PagerFailed."""
    command = _command(pager.command)
    with tempfile.TemporaryFile() as file:
        file.write(safe_text(text).encode("utf-8", errors="replace"))
        if not text.endswith("\n"):
            file.write(b"\n")
        file.seek(0)
        try:
            status = run_lent(command, stdin=file, environ=_environ(command, environ))
        except (OSError, ValueError) as error:
            raise PagerFailed(f"{_shown(pager.command)} cannot be run: {reason_of(error)}; set ${VARIABLE}") from error
    if status and status != -signal.SIGPIPE:
        how = f"signal {-status}" if status < 0 else f"exit code {status}"
        raise PagerFailed(f"{_shown(pager.command)} ended with {how}; set ${VARIABLE} to another")


def _command(written: str) -> list[str]:
    if not written:
        raise PagerFailed(f"there is neither {' nor '.join(USUAL)}: set ${VARIABLE}")
    if len(written) > LONGEST_COMMAND:
        raise PagerFailed(f"{_shown(written)} is too long: {len(written):,} characters, of {LONGEST_COMMAND:,} at most")
    try:
        return shlex.split(written)
    except ValueError as error:
        raise PagerFailed(f"{_shown(written)} is no command: {str(error).lower()}") from error


def _environ(command: Sequence[str], environ: Mapping[str, str]) -> Mapping[str, str]:
    if Path(command[0]).name != "less":
        return environ
    return {**environ, "LESS": f"{environ.get('LESS', '')} {STAYS}".strip()}


def _shown(command: str) -> str:
    return safe_line(command if len(command) <= LONGEST_SHOWN else f"{command[:LONGEST_SHOWN]}…")
