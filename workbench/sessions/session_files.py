"""Which files a session was with: documents, tools, configuration. Their places, and nothing of what they hold.

Owns these fields of a `header` or `resume` line, and finding the last such line: from the end of the file, so that no
session is read whole for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.errors import RecordingError
from workbench.recordings.regular_files import RegularFile, regular_file

_PIECE: Final = 4 * 1024 * 1024  # bytes that are searched at once
_LONGEST: Final = 1024 * 1024  # of a line that is read for this
_ENVELOPE: Final = 120  # bytes of a line before its fields
_RESUME: Final = b',"kind":"resume",'
_RESUME_LINE: Final = re.compile(rb'\{"seq":\d+,"t":[\d.e+-]+' + _RESUME)


@dataclass(frozen=True, slots=True)
class SessionFiles:
    """The places of the files, each absolute. `config` is a settings file that was named, None for the usual one.

    `handbook` says that the program's own handbook stood in for documents.
    """

    docs: tuple[Path, ...] = ()
    tools: tuple[Path, ...] = ()
    config: Path | None = None
    handbook: bool = False

    def as_fields(self) -> dict[str, Any]:
        """What a line says of them; nothing of what there is none of."""
        fields: dict[str, Any] = {
            "docs": [str(path) for path in self.docs],
            "tools": [str(path) for path in self.tools],
        }
        fields["config"] = "" if self.config is None else str(self.config)
        fields["handbook"] = self.handbook
        return {name: value for name, value in fields.items() if value}


def noted_files(session: Path) -> SessionFiles:
    """The files that the session in `session` was with last; none for one of an earlier version, or none that can be
    read: whoever opens it says why."""
    try:
        with regular_file(session) as file:
            begin = _last_resume(file)
            return _files(file.read(begin or 0, _LONGEST))
    except RecordingError:
        return SessionFiles()


def _last_resume(file: RegularFile) -> int | None:
    """Where the last line begins that says that the session went on; None without one."""
    end = file.size
    while end > 0:
        begin = max(0, end - _PIECE)
        data = file.read(begin, end - begin)
        at = data.rfind(_RESUME)
        while at >= 0:
            start = data.rfind(b"\n", max(0, at - _ENVELOPE), at) + 1
            if start and _RESUME_LINE.match(data, start) and data.find(b"\n", at) >= 0:
                return begin + start
            at = data.rfind(_RESUME, 0, at)
        if begin == 0:
            break
        end = begin + _ENVELOPE  # the mark may stand across the two
    return None


def _files(data: bytes) -> SessionFiles:
    try:
        line = json.loads(data[: data.index(b"\n")])
    except (ValueError, RecursionError):
        return SessionFiles()
    if not isinstance(line, Mapping):
        return SessionFiles()
    config = _paths([line.get("config")])
    return SessionFiles(
        _paths(line.get("docs")),
        _paths(line.get("tools")),
        config[0] if config else None,
        line.get("handbook") is True,
    )


def _paths(value: Any) -> tuple[Path, ...]:
    """The absolute paths in a list; whatever else a line may hold is none."""
    texts = value if isinstance(value, list) else []
    return tuple(Path(text) for text in texts if isinstance(text, str) and Path(text).is_absolute())
