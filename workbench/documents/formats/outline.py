"""From parts of a page to a document: heading paths, the page's title, and what stays together.

Owns what Markdown, reStructuredText and HTML have in common. Knows the syntax of none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal, NamedTuple

from workbench.documents.source_lines import SourceBlock, SourceDocument

SEPARATOR = " › "
_TITLE_LIMIT = 120  # a "heading" as long as a page must not become part of every title


class Part(NamedTuple):
    """A heading (`level` from 1, `heading` its plain text), a fence or a paragraph, with its lines.

    `leads` marks a paragraph that says itself that the next part belongs to it.
    """

    kind: Literal["heading", "fence", "paragraph"]
    text: str
    lines: tuple[int, int]
    level: int = 0
    heading: str = ""
    gap: int = 2
    exact: bool = True
    leads: bool = False


def outlined(parts: Sequence[Part], stem: str, given_title: str = "") -> SourceDocument:
    """The document of a page's `parts`; its title is the given one, else the first level-1 heading, else `stem`."""
    top = next((part.heading for part in parts if part.kind == "heading" and part.level == 1), "")
    title = _short(given_title or top or stem)
    path: list[tuple[int, str]] = []
    above = _path_title(path, title, bool(given_title))
    blocks: list[SourceBlock] = []
    for part, following in zip_longest(parts, parts[1:]):
        is_heading = part.kind == "heading"
        if is_heading:
            while path and path[-1][0] >= part.level:
                path.pop()
            path.append((part.level, _short(part.heading)))
            above = _path_title(path, title, bool(given_title))
        introduces = part.leads or (part.kind == "paragraph" and _is_fence(following))
        blocks.append(SourceBlock(part.text, part.lines, above, part.gap, part.exact, is_heading, introduces))
    return SourceDocument(title=title, blocks=tuple(blocks))


def _is_fence(part: Part | None) -> bool:
    return part is not None and part.kind == "fence"


def _path_title(path: Sequence[tuple[int, str]], title: str, given: bool) -> str:
    names = [name for _, name in path if name]
    headed = bool(path) and (path[0][1] == title or (path[0][0] == 1 and not given))
    return SEPARATOR.join(names if headed else [title, *names])


def _short(title: str) -> str:
    return title if len(title) <= _TITLE_LIMIT else title[: _TITLE_LIMIT - 1] + "…"


def gap_between(before: int, first: int) -> int:
    """The line feeds between a part that ends at line `before` and one from line `first`: 1, or 2 if apart."""
    return 2 if first - before > 1 else 1
