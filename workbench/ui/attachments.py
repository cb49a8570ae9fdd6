"""What `@file` in a question means: that the file, or some lines of it, goes along as a document of that turn.

Owns how it is written: `@guide.md`, `@notes/guide.md#20-45`, `@"a name with blanks.md"`. An `@` inside of a word, as in
an address, is none, and neither is one behind which no file is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.documents.passages import Named

if TYPE_CHECKING:
    from workbench.documents.attached import Attached

_WRITTEN = re.compile(r"""(?<!\S)@(?:"([^"\n]+)"|([^\s"]+))""")
_BEGUN = re.compile(r"""(?<!\S)@(?:"([^"\n]*)|([^\s"]*))\Z""")
_LINES = re.compile(r"#(\d{1,9})(?:-(\d{1,9}))?\Z")
_ENDS_PROSE: Final = ".,:;?!)…"


def attach(prompt: str) -> list[Attached]:
    """What comes of the files that a question names. For a thread."""
    from workbench.documents.attached import attached_by  # not for the first paint

    return attached_by(named_in(prompt), Path())


def files_of(names: Sequence[tuple[Named, ...]]) -> dict[str, str]:
    """Those of `names` that a file has, as they are written, each with why it is not sent or "". For a thread."""
    from workbench.documents.attached import found, refusal

    there = dict.fromkeys(named for meant in names if (named := found(meant, Path())) is not None)
    return {named.shown: refusal(named, Path()) for named in there}


@dataclass(frozen=True, slots=True)
class Token:
    """The `@` at `start`, and what was typed of a path behind it."""

    start: int
    path: str

    def written(self, path: str) -> str:
        """How a path is written behind an `@`: with blanks in quotes, open behind a folder, for what is in it."""
        if not any(character.isspace() for character in path):
            return f"@{path}"
        return f'@"{path}' if path.endswith("/") else f'@"{path}"'


def token_before(before: str) -> Token | None:
    """The `@` whose path is being typed at the end of a line."""
    begun = _BEGUN.search(before)
    return None if begun is None else Token(begun.start(), begun[1] if begun[1] is not None else begun[2])


def named_in(text: str) -> Iterator[tuple[Named, ...]]:
    """For each `@` of a text what it may mean, the likeliest first: a file may end so, or the sentence does."""
    for match in _WRITTEN.finditer(text):
        written = match[1] or match[2]
        spelled = [written] if match[1] else [written, written.rstrip(_ENDS_PROSE)]
        meant = [Named(path) for path in spelled]
        for path in spelled:
            if lines := _LINES.search(path):
                first = int(lines[1])
                meant.append(Named(path[: lines.start()], (first, int(lines[2] or first))))
        yield tuple(dict.fromkeys(each for each in meant if each.path))
