"""Code blocks to a flow: one line of code a line, coloured when the language is known and the code is short.

Owns the list of languages: a name that an answer gives never makes Pygments look for plugins. It refuses long code
(colouring is not linear for every lexer).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pygments.lexer import Lexer  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.token import Token as PygmentsToken  # type: ignore[import-untyped]
from pygments.token import _TokenType

from workbench.ui.markdown.flow import Flow, FlowBuilder
from workbench.ui.markdown.model import Styles
from workbench.ui.markdown.source import Offsets

HIGHLIGHT_LIMIT = 20_000
"""Characters of code that are still coloured."""

BASE: Styles = ("code-block",)
_TAB = 4
_PARTS = re.compile(r"[\n\t]|[^\n\t]+")

_NAMES = """
    bash c c# c++ clojure console cpp csharp css diff docker dockerfile elixir go graphql haskell hcl html http ini
    java javascript js json json5 jsx kotlin kt latex lua make makefile nginx perl php powershell proto protobuf py
    pycon python python3 r rb rs ruby rust scala scss sh shell sql swift tcl terraform tex toml ts tsx typescript
    xml yaml yml zig zsh
"""
_LANGUAGES = frozenset(_NAMES.split())

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


def code_flow(code: str, info: str, where: Offsets) -> Flow:
    """The flow of a code block's content, whose character i stands at `where[i]`; `info` is the fence's info."""
    builder = FlowBuilder(BASE)
    line_start = 0
    for start, end, styles in _coloured(code, info):
        for found in _PARTS.finditer(code, start, end):
            part, at = found.group(), found.start()
            if part == "\n":
                builder.add_break(where[at])
                line_start = len(builder)
            elif part == "\t":
                builder.add_at(" " * (_TAB - (len(builder) - line_start) % _TAB), where[at], styles)
            else:
                builder.add(part, where[at : found.end()], styles)
    return builder.build()


def _coloured(code: str, info: str) -> Iterator[tuple[int, int, Styles]]:
    """(start, end, styles) over the whole of `code`, in order."""
    language = info.split(maxsplit=1)[0].lower() if info.strip() else ""
    if language not in _LANGUAGES or len(code) > HIGHLIGHT_LIMIT:
        yield 0, len(code), ()
        return
    covered = 0
    for start, kind, text in _lexer(language).get_tokens_unprocessed(code):
        if start != covered or not text:  # a lexer may report out of order: what it skips stays plain
            continue
        covered = start + len(text)
        yield start, covered, _styles(kind)
    if covered < len(code):
        yield covered, len(code), ()


@lru_cache(maxsize=16)
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language)


def _styles(kind: _TokenType) -> Styles:
    while kind is not None:
        if style := _STYLES.get(kind):
            return (style,)
        kind = kind.parent
    return ()
