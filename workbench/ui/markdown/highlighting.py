"""Code blocks to a flow: one line of code a line, coloured when the language is known and the code is short.

Owns the list of languages: a name that an answer gives never makes Pygments look for plugins. It refuses long code, and
code that takes long: colouring is not linear for every lexer, and some take seconds for a row of slashes.
"""

from __future__ import annotations

import re
import time
from array import array
from bisect import bisect_right
from collections.abc import Generator, Iterator
from functools import cache
from threading import Lock

from pygments.lexer import Lexer  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.token import Token as PygmentsToken  # type: ignore[import-untyped]
from pygments.token import _TokenType

from workbench.ui.markdown.flow import Flow, FlowBuilder
from workbench.ui.markdown.line import Styles
from workbench.ui.markdown.offsets import Offsets

HIGHLIGHT_LIMIT = 20_000
"""Characters of code that are still coloured."""

LONGEST = 0.5
"""Seconds of computing after which a code is left plain,"""

LONGEST_AT_ONCE = 0.04
"""and one that is coloured without a pause."""

BASE: Styles = ("code-block",)
_TAB = 4
_TOKENS_AT_ONCE = 20
_PARTS = re.compile(r"[\n\t]|[^\n\t]+")

_NAMES = """
    bash c c# c++ clojure console cpp csharp css diff docker dockerfile elixir go graphql haskell hcl html http ini
    java javascript js json json5 jsx kotlin kt latex lua make makefile nginx perl php powershell proto protobuf py
    pycon python python3 r rb rs ruby rust scala scss sh shell sql swift tcl terraform tex toml ts tsx typescript
    xml yaml yml zig zsh
"""
LANGUAGES = frozenset(_NAMES.split())
_SESSIONS = frozenset({"console", "pycon"})  # their lexers have read all before they give the first token
_SESSION_LIMIT = 2_000  # characters
_ALIASES = {"kt": "kotlin"}  # names that answers give and Pygments does not know

_LOADING = Lock()  # Pygments does not expect two threads to load the same lexer

_STYLES = {
    PygmentsToken.Comment: "code-comment",
    PygmentsToken.Keyword: "code-keyword",
    PygmentsToken.Operator.Word: "code-keyword",
    PygmentsToken.Literal.String: "code-string",
    PygmentsToken.Literal.Number: "code-number",
    PygmentsToken.Name.Builtin: "code-keyword",
    PygmentsToken.Name.Class: "code-name",
    PygmentsToken.Name.Function: "code-name",
    PygmentsToken.Name.Decorator: "code-name",
    PygmentsToken.Name.Tag: "code-name",
    PygmentsToken.Generic.Deleted: "code-deleted",
    PygmentsToken.Generic.Inserted: "code-inserted",
}


class Colours:
    """The styles of a code, from its start on."""

    __slots__ = ("_ends", "_kinds")

    def __init__(self) -> None:
        self._ends = array("L")
        self._kinds = bytearray()

    @staticmethod
    def of(code: str, info: str) -> Colours:
        """The colours of a short code; plain when the language is not known, or when finding them takes too long."""
        colouring = colour(code, info, LONGEST_AT_ONCE)
        while True:
            try:
                next(colouring)
            except StopIteration as done:
                colours: Colours = done.value
                return colours

    def add(self, end: int, styles: Styles) -> None:
        """`styles` up to `end`."""
        kind = _PALETTE.index(styles)
        if self._kinds and self._kinds[-1] == kind:
            self._ends[-1] = end
        else:
            self._ends.append(end)
            self._kinds.append(kind)

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int, Styles]]:
        """(start, end, styles) over the whole of [start, end), in order."""
        number = bisect_right(self._ends, start)
        while start < end:
            stop = min(self._ends[number], end) if number < len(self._ends) else end
            yield start, stop, _PALETTE[self._kinds[number]] if number < len(self._ends) else ()
            start = stop
            number += 1


def colourable(info: str, size: int) -> bool:
    """Whether code of so many characters is coloured; `info` is the fence's info."""
    language = _language(info)
    return language in LANGUAGES and size <= (_SESSION_LIMIT if language in _SESSIONS else HIGHLIGHT_LIMIT)


def colour(code: str, info: str, longest: float = LONGEST) -> Generator[None, None, Colours]:
    """Colour `code`, pausing now and then; it stays plain when that takes more than `longest` seconds of computing."""
    colours = Colours()
    if not colourable(info, len(code)):
        return colours
    covered, spent, began = 0, 0.0, time.thread_time()
    tokens = _lexer(_language(info)).get_tokens_unprocessed(code + "\n")  # some know a line by its end alone
    for count, (start, kind, text) in enumerate(tokens):
        if start == covered < len(code) and text:  # a lexer may report out of order: what it skips stays plain
            covered = min(start + len(text), len(code))
            colours.add(covered, _styles(kind))
        if count % _TOKENS_AT_ONCE == _TOKENS_AT_ONCE - 1:
            spent += time.thread_time() - began
            if spent > longest:
                return Colours()
            yield
            began = time.thread_time()
    return colours


def code_flow(code: str, where: Offsets, colours: Colours, offset: int = 0) -> Flow:
    """The flow of some code, whose character i stands at `where[i]` and is number `offset` + i of the coloured."""
    builder = FlowBuilder(BASE)
    line_start = 0
    for first, last, styles in colours.spans(offset, offset + len(code)):
        for found in _PARTS.finditer(code, first - offset, last - offset):
            part, at = found.group(), found.start()
            if part == "\n":
                builder.add_break(where[at])
                line_start = len(builder)
            elif part == "\t":
                builder.add_at(" " * (_TAB - (len(builder) - line_start) % _TAB), where[at], styles)
            else:
                builder.add(part, where[at : found.end()], styles)
    return builder.build()


def _language(info: str) -> str:
    return info.split(maxsplit=1)[0].lower() if info.strip() else ""


def load_lexers() -> None:
    """Load every lexer, for a thread: the first use of one takes up to a fifth of a second."""
    for language in sorted(LANGUAGES):
        _lexer(language)


@cache
def _lexer(language: str) -> Lexer:
    with _LOADING:
        return get_lexer_by_name(_ALIASES.get(language, language))


_PALETTE: tuple[Styles, ...] = ((), *((style,) for style in dict.fromkeys(_STYLES.values())))


def _styles(kind: _TokenType) -> Styles:
    while kind is not None:
        if style := _STYLES.get(kind):
            return (style,)
        kind = kind.parent
    return ()


def suffix_of(info: str) -> str:
    """What the name of a file of such code ends with; `.txt` where the language is not known."""
    language = _language(info)
    names = _lexer(language).filenames if language in LANGUAGES else []
    found = names[0].removeprefix("*") if names else ""
    return found if found[:1] == "." and found[1:].isalnum() else ".txt"
