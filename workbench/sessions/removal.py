"""Sessions that are removed, in a folder of their own from which they come back: nothing is deleted here.

Owns that a session in use stays where it is, and that those that were removed together come back together.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workbench.errors import ConfigurationError, Problem, RecordingError
from workbench.paths import is_there, reason_of
from workbench.recordings.recording import not_in_use
from workbench.sessions.folder import SUFFIX
from workbench.sessions.names import name_file

REMOVED: Final = "removed"
"""The folder within that of the sessions."""


def remove(folder: Path, sessions: Sequence[Path]) -> Path:
    """Move all of `sessions` away, or none; return the folder in which they are now.

    Raises RecordingError for one that another program writes, or that cannot be moved.
    """
    into = folder / REMOVED / f"{time.time_ns():020d}"
    with contextlib.ExitStack() as held:
        for session in sessions:
            held.enter_context(not_in_use(session))
        try:
            into.parent.mkdir(mode=0o700, exist_ok=True)
            into.mkdir(mode=0o700)
        except OSError as error:
            raise RecordingError(f"{into}: cannot be made: {reason_of(error)}") from error
        moved: list[Path] = []
        try:
            for session in sessions:
                _move(session, into)
                moved.append(into / session.name)
        except RecordingError:
            for session in moved:
                _move(session, folder)
            raise
    return into


def undo(folder: Path, wanted: Sequence[str], asker: str) -> list[Path]:
    """Move back what was removed last, or the sessions whose ids are `wanted`, or begin so; return their files.

    Raises ConfigurationError when there is nothing to bring back, which names the command that asked, and
    RecordingError for a session whose place is taken, or that cannot be moved.
    """
    together = _batches(folder)
    if not together:
        raise _refusal(asker, "no session was removed", "workbench sessions list shows those that there are")
    if wanted:
        found = list(dict.fromkeys(_named(together, each, asker) for each in wanted))
    else:
        found = sorted(together[-1].glob(f"*{SUFFIX}"))
    for session in found:
        if is_there(folder / session.name):
            raise RecordingError(f"{folder / session.name}: is there already: the one that was removed stays away")
    for session in found:
        _move(session, folder)
        with contextlib.suppress(OSError):  # others that were removed with it are still there
            session.parent.rmdir()
    return [folder / session.name for session in found]


def _batches(folder: Path) -> list[Path]:
    """The folders of what was removed together, the last one last; those that hold no session are none."""
    return sorted(each for each in (folder / REMOVED).glob("*") if any(each.glob(f"*{SUFFIX}")))


def _named(together: Sequence[Path], wanted: str, asker: str) -> Path:
    every = [session for each in together for session in each.glob(f"*{SUFFIX}")]
    found = [each for each in every if each.stem == wanted] or [each for each in every if each.stem.startswith(wanted)]
    ids = sorted({each.stem for each in found})
    if not found or not wanted:
        raise _refusal(asker, f"no session {wanted!r} was removed", f"those that were are in {together[-1].parent}")
    if len(ids) > 1:
        raise _refusal(asker, f"{len(ids)} sessions that were removed begin with {wanted!r}", ", ".join(ids[-3:]))
    return found[-1]


def _move(session: Path, into: Path) -> None:
    try:
        session.rename(into / session.name)
        with contextlib.suppress(FileNotFoundError):
            name_file(session).rename(name_file(into / session.name))
    except OSError as error:
        raise RecordingError(f"{session}: cannot be moved: {reason_of(error)}") from error


def _refusal(asker: str, message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Problem(asker, 0, 0, message, hint)])
