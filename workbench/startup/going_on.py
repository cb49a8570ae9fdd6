"""What a session goes on with: the files that it was with, unless flags name others.

Owns which of them are used again, and the words on those that are not. They count as if flags had named them, so
whatever they ask for is asked here, too. A session from elsewhere than the person's own folder names files of
somebody's choice: these are told, and not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.config.given_documents import is_pattern
from workbench.config.setting_types import user_path
from workbench.paths import is_there, look_at
from workbench.sessions.session_files import SessionFiles, noted_files

NAMED: Final = 3  # files that a line names
WHAT: Final = {"docs": "documents", "tools": "tools", "config": "settings"}
"""What each kind of files is for, by the name of its flag."""


@dataclass(frozen=True, slots=True)
class GoingOn:
    """`given` are the files to use, by the names of flags; `said` tells of them, `missing` of those that are gone, and
    of later sessions that could not be read.

    `handbook` says that the session was with the program's own.
    """

    given: Mapping[str, Any]
    said: str = ""
    missing: tuple[str, ...] = ()
    handbook: bool = False


def going_on(session: Path, folder: Path | None, given: Mapping[str, Any]) -> GoingOn:
    """What `session` was with, but for what flags say, which are in `given`; `folder` is that of the person's own."""
    files = noted_files(session)
    noted = {"config": [files.config] if files.config else [], "docs": files.docs, "tools": files.tools}
    wanted = {name: list(paths) for name, paths in noted.items() if paths and name not in given}
    handbook = files.handbook and "docs" not in given
    if wanted and session.parent != folder:
        flags = " and ".join(f"--{name}" for name in wanted)
        every = [path for paths in wanted.values() for path in paths]
        missing = f"the session was with {named(every)}: give {flags} to go on with that"
        return GoingOn({}, _said([], handbook), (missing,), handbook)
    used = {name: [path for path in paths if _can_be_used(path)] for name, paths in wanted.items()}
    gone = {name: [path for path in paths if path not in used[name]] for name, paths in wanted.items()}
    again = [path for name in ("config", "docs", "tools") for path in used.get(name, ())]
    found: dict[str, Any] = {name: paths[0] if name == "config" else paths for name, paths in used.items() if paths}
    return GoingOn(
        found,
        _said(again, handbook),
        tuple(_missing(name, paths) for name, paths in gone.items() if paths),
        handbook,
    )


def _said(again: Sequence[Path], handbook: bool) -> str:
    words = " and ".join(filter(None, ("the handbook" if handbook else "", named(again) if again else "")))
    return f"with {words}, as the session was" if words else ""


def named(paths: Sequence[Path]) -> str:
    """The files in a sentence, each by its name alone, the first few of many."""
    names = [path.name for path in paths]
    if len(names) > NAMED:
        names[NAMED:] = [f"{len(names) - NAMED} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def files_of(
    docs: Sequence[Path], tools: Sequence[Path], config: Path | None, *, handbook: bool = False
) -> SessionFiles:
    """The places of files as they were given. A pipe is left out, which nobody can read again.

    The `handbook` has no place that is noted: it is that of whichever version goes on.
    """
    kept = tuple(place for path in docs if look_at(place := _absolute(path)).kind != "other")
    return SessionFiles(kept, tuple(map(_absolute, tools)), None if config is None else _absolute(config), handbook)


def _missing(name: str, paths: Sequence[Path]) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    are = "are" if more else "is"
    return (
        f"the session was with {paths[0]}{more}, which {are} gone: go on without "
        f"{'their' if more else 'its'} {WHAT[name]}, or give --{name}"
    )


def _can_be_used(path: Path) -> bool:
    return look_at(path).kind in ("file", "folder") or is_pattern(path)


def _absolute(path: Path) -> Path:
    return (path if is_there(path) else user_path(str(path))).absolute()
