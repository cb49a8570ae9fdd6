"""The folder of a user's sessions: one recording for each, named by when it began.

Owns the place and the names, and finding a session by them. Refuses to read more of a file than it must.
"""

from __future__ import annotations

import difflib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from workbench.errors import ConfigurationError, Problem, RecordingError
from workbench.paths import is_file, look_at, reason_of
from workbench.recordings.recording import RecordingWriter, verify
from workbench.sessions.summary import SessionSummary, summary
from workbench.state_files import state_folder

SUFFIX: Final = ".jsonl"
RESUME: Final = "--resume"
LAST: Final = "last"
"""Names the session that was written to last, wherever an id may stand."""

NEAR: Final = 3  # sessions named when one is not found
TAKING_FILES: Final = ("replay", "compare")  # commands that may have meant a file


def sessions_folder(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_STATE_HOME/workbench/sessions` (or below `~/.local/state`); None when there is no home."""
    folder = state_folder(environ)
    return None if folder is None else folder / "sessions"


def new_session(folder: Path | None, header: Mapping[str, Any], began: float) -> RecordingWriter:
    """A new file in `folder`, which is made when it is missing and is for its owner only.

    `began` is a time of the clock. Raises RecordingError.
    """
    if folder is None:
        raise RecordingError("no home folder is known (HOME, XDG_STATE_HOME)")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise RecordingError(f"{folder}: cannot be made: {reason_of(error)}") from error
    now = time.time()
    return RecordingWriter.create(session_file(folder, new_id(now)), {**header, "began": round(now, 3)}, began=began)


def new_id(now: float) -> str:
    """The id of a session that begins now, in seconds since 1970."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(3)}"


def session_file(folder: Path, id: str) -> Path:
    """Where the session of this id is kept in `folder`."""
    return folder / f"{id}{SUFFIX}"


def find_session(
    folder: Path | None,
    wanted: str | None,
    asker: str = RESUME,
    *,
    on_damaged: Callable[[str], object] | None = None,
) -> Path:
    """The session that `wanted` names: an id, the beginning of one, or a path. None and `LAST` are the one that was
    written to last.

    `on_damaged` is for whoever reads it: the last one is then the last that can be read, and each that is passed over
    for that is told. Where none can be, it is the last one all the same.

    Raises ConfigurationError when there is none such, or more than one, which names the flag or command that asked.
    """
    if wanted == LAST:
        wanted = None
    if wanted is not None and ("/" in wanted or wanted.endswith(SUFFIX)):
        there = look_at(wanted)
        if there.kind == "unreachable":
            raise _refusal(f"{wanted}: cannot be reached: {there.reason}", asker=asker)
        if there.kind == "absent":
            raise _refusal("there is no such file", wanted, asker)
        return Path(wanted)  # what is no file is refused where it is opened
    paths = session_paths(folder, asker)
    what = "file and no session" if asker in TAKING_FILES else "session"
    if not paths and wanted is not None and asker != RESUME:
        raise _refusal(f"there is no {what} {wanted!r}", "no session was kept yet", asker)
    if not paths:
        raise _refusal("there is no session yet", "the app keeps one unless --no-session is given", asker)
    if wanted is None:
        latest_first = sorted(paths, key=lambda path: (_written(path), path.name), reverse=True)
        return latest_first[0] if on_damaged is None else _last_readable(latest_first, on_damaged)
    found = [path for path in paths if path.stem == wanted] or [path for path in paths if path.stem.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        begin_so = ", ".join(path.stem for path in found[-NEAR:])
        raise _refusal(f"{len(found)} sessions begin with {wanted!r}", begin_so, asker)
    ids = [path.stem for path in reversed(paths)]
    near = difflib.get_close_matches(wanted, ids, NEAR, cutoff=0.4) or ids[:NEAR]
    meant = f"did you mean {' or '.join(near)}? workbench sessions list"
    raise _refusal(f"there is no {what} {wanted!r}", meant, asker)


def _last_readable(latest_first: Sequence[Path], on_damaged: Callable[[str], object]) -> Path:
    passed: list[str] = []
    for path in latest_first:
        try:
            verify(path)
        except RecordingError as error:
            passed.append(str(error))
            continue
        for each in passed:
            on_damaged(f"{each}: the session before it that can be read is taken")
        return path
    return latest_first[0]


def own_session(
    folder: Path | None, wanted: str, asker: str, *, on_damaged: Callable[[str], object] | None = None
) -> Path:
    """As `find_session`, of the person's own folder alone: what is a path is no id, and is refused."""
    if not wanted or "/" in wanted or "\0" in wanted or wanted.startswith(".") or wanted.endswith(SUFFIX):
        raise _refusal(f"{wanted!r} is no id of a session", "workbench sessions list shows them", asker)
    return find_session(folder, wanted, asker, on_damaged=on_damaged)


def session_paths(folder: Path | None, asker: str = RESUME) -> list[Path]:
    """The files of all sessions, oldest first. Raises ConfigurationError when the folder cannot be read, which names
    the flag or command that asked."""
    return [path for path in session_entries(folder, asker) if is_file(path)]


def session_entries(folder: Path | None, asker: str) -> list[Path]:
    """All that has the name of a session, whatever it is, oldest first. Raises as `session_paths`."""
    if folder is None:
        raise _refusal("no home folder is known", "set HOME or XDG_STATE_HOME, or give a path", asker)
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.name.endswith(SUFFIX))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        hint = "correct XDG_STATE_HOME, or HOME where that is not set"
        raise _refusal(f"{folder}: cannot be read: {reason_of(error)}", hint, asker) from error


def summaries(folder: Path | None, asker: str) -> Iterator[SessionSummary]:
    """Every session in the folder, latest first. Raises ConfigurationError as `session_paths`."""
    for path in reversed(session_entries(folder, asker)):
        yield summary(path, _written(path))


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _refusal(message: str, hint: str = "", asker: str = RESUME) -> ConfigurationError:
    return ConfigurationError([Problem(asker, 0, 0, message, hint)])
