"""What the picker says of a session: two lines, and below them where the words stand that are looked for.

All of it is text of models and files: shown safely, and never parsed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.content import Content

from workbench.safe_text import safe_line
from workbench.ui.widgets.row import Row, cut

if TYPE_CHECKING:
    from workbench.sessions.listing import ListedSession
    from workbench.sessions.search import Hit

INDENT: Final = 3  # cells before the second line
LONGEST: Final = 400  # characters of a question in a row
MOST_HITS: Final = 3  # of a session that are shown
MOST_BEFORE: Final = 24  # characters that are shown before what is found
_STEPS: Final = (
    (60, 1, "just now"),
    (3600, 60, "{} min ago"),
    (86_400, 3600, "{} h ago"),
    (2 * 86_400, 86_400, "yesterday"),
    (21 * 86_400, 86_400, "{} days ago"),
    (70 * 86_400, 7 * 86_400, "{} weeks ago"),
    (700 * 86_400, 30 * 86_400, "{} months ago"),
)
"""Up to so many seconds, in units of so many, in these words."""


def row_of(session: ListedSession, *, is_here: bool, now: float, hits: Sequence[Hit] = ()) -> Row:
    """The row of a session; `now` is in seconds since 1970. With `is_here` it is the one that one is in."""
    return Row(
        _head(session, is_here=is_here),
        tails=(Content.styled(f"{relative(now - session.written)} ", "muted"),),
        brief=_figures(session, is_here=is_here),
        folded=partial(_hit_lines, tuple(hits)) if hits else None,
    )


def relative(seconds: float) -> str:
    """How long ago something was."""
    for most, unit, words in _STEPS:
        if seconds < most:
            return words.format(int(seconds // unit))
    return f"{int(seconds // (365 * 86_400))} years ago"


def exact(seconds: float) -> str:
    """A time since 1970 in the person's own zone; a file may have one that no calendar has."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (ValueError, OverflowError, OSError):
        return "?"


def by_session(hits: Sequence[Hit]) -> Mapping[str, Sequence[Hit]]:
    """The hits of each session by its id."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.id, []).append(hit)
    return found


def is_named(session: ListedSession, words: Sequence[str]) -> bool:
    """Whether all the words are in its name, its id or its model."""
    text = f"{session.name or ''} {session.id} {session.model}".casefold()
    return all(word.casefold() in text for word in words)


def called(session: ListedSession) -> str:
    """What a sentence calls it: its name, or its id."""
    return safe_line(session.name or session.id)


def _head(session: ListedSession, *, is_here: bool) -> Content:
    mark = Content.styled(" ● ", "here") if is_here else Content("   ")
    question = safe_line(" ".join(session.prompt[:LONGEST].split()))
    if session.name:
        rest = Content.styled(f" · {question}", "muted") if question else Content("")
        return Content.assemble(mark, Content.styled(safe_line(session.name), "bold"), rest)
    if question:
        return Content.assemble(mark, question)
    said = "nothing was asked yet" if session.turns == 0 else session.id
    return Content.assemble(mark, Content.styled(safe_line(said), "muted"))


def _figures(session: ListedSession, *, is_here: bool) -> Content:
    parts = [exact(session.written)]
    if session.problem:
        problem = Content.styled(f" · cannot be read: {safe_line(session.problem)}", "warning")
        return Content.assemble(" " * INDENT, Content.styled(parts[0], "muted"), problem)
    if session.model:
        parts.append(safe_line(session.model))
    if session.turns is not None:
        parts.append(f"{session.turns:,} turn{'s' if session.turns != 1 else ''}")
    if session.tokens is not None:
        parts.append(f"{session.tokens:,} tokens")
    if is_here:
        parts.append("you are here")
    return Content.styled(" " * INDENT + " · ".join(parts), "muted")


def _hit_lines(hits: Sequence[Hit], width: int) -> list[Content]:
    lines = [cut(_hit_line(hit, width), width) for hit in hits[:MOST_HITS]]
    if (more := len(hits) - MOST_HITS) > 0:
        lines.append(Content.styled(f"{' ' * INDENT}… in {more} more turn{'s' if more > 1 else ''}", "muted"))
    return lines


def _hit_line(hit: Hit, width: int) -> Content:
    """Where it is, and the words around it, which are marked; what stands long before them is left out."""
    where = Content.styled(f"{' ' * INDENT}turn {hit.turn} {hit.kind}  ", "accent")
    before = min(MOST_BEFORE, max(0, width - where.cell_length) // 3)
    begin = max(0, hit.places[0][0] - before) if hit.places else 0
    text = Content(_one_line(hit.text))
    for start, end in hit.places:
        text = text.stylize("hit", start, end)
    return Content.assemble(where, "…" if begin else "", text[begin:])


def _one_line(text: str) -> str:
    """As many characters as there are, each safe to show, so that places stay where they are."""
    return "".join(" " if each.isspace() or len(shown := safe_line(each)) != 1 else shown for each in text)
