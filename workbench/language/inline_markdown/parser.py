"""The parser of inline Markdown, made to remember where every token stands in its source.

Owns the dialect: CommonMark with strikethrough, maths, and `<br>` for a break. Other HTML and link definitions are text
like any other, so that nothing an answer says is hidden; so are stars and underscores that no emphasis was meant by.
It refuses to guess: positions are recorded while parsing, not searched for
afterwards. Every inline token carries `meta["at"]` and `meta["end"]`, offsets into its inline content.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import (
    StateInline,
    autolink,
    backtick,
    entity,
    escape,
    image,
    link,
    strikethrough,
)
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from workbench.language.inline_markdown.flanking import identifier_end, is_in_address, stars_may
from workbench.language.inline_markdown.maths import is_display, maths_end

InlineRule = Callable[[StateInline, bool], bool]

SPECIAL = re.compile(r"[\n!$&*<\[\\\]_`~]")
_BREAK = re.compile(r"<(?:br[ \t]*/?|/br[ \t]*)>[ \t\n]*", re.IGNORECASE)


@cache
def parser() -> MarkdownIt:
    """The one parser; built when first needed, it holds no state of a document."""
    md = MarkdownIt("commonmark", {"html": False})
    md.enable("strikethrough")
    md.disable(["html_inline", "fragments_join"])  # joined text tokens would lose their positions
    rules: dict[str, InlineRule] = {
        "text": _text,
        "newline": _newline,
        "escape": escape,
        "backticks": backtick,
        "strikethrough": strikethrough.tokenize,
        "emphasis": _emphasis,
        "link": _where_a_target_follows(link),
        "image": _where_a_target_follows(image),
        "autolink": autolink,
        "entity": entity,
    }
    for name, rule in rules.items():
        md.inline.ruler.at(name, _recorded(rule))
    md.inline.ruler.before("escape", "maths", _recorded(_maths))
    md.inline.ruler.before("emphasis", "identifier", _recorded(_identifier))
    md.inline.ruler.before("autolink", "break", _recorded(_break))
    md.inline.ruler.push("literal", _recorded(_literal))
    return md


def _where_a_target_follows(rule: InlineRule) -> InlineRule:
    """`rule`, not tried in vain for each of many brackets: it looks for the closing one, through all others."""

    def run(state: StateInline, silent: bool) -> bool:
        return state.src.find("](", state.pos) >= 0 and rule(state, silent)

    return run


def _recorded(rule: InlineRule) -> InlineRule:
    """`rule`, stamping the tokens that it makes. It relies on `pending` being empty between rules."""

    def run(state: StateInline, silent: bool) -> bool:
        start, count = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            if state.pending:
                state.pushPending()
            _stamp(state.tokens[count:], start, state.pos)
        return True

    return run


def _stamp(tokens: list[Token], start: int, end: int) -> None:
    at = start
    for token in tokens:
        if "at" in token.meta:  # made by a rule inside this one
            continue
        token.meta["at"] = at
        token.meta["end"] = end
        if token.type == "text":
            at += len(token.content)
            token.meta["end"] = min(at, end)


def _text(state: StateInline, silent: bool) -> bool:
    """Everything up to the next character that could begin something else."""
    found = SPECIAL.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.push("text", "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def _maths(state: StateInline, silent: bool) -> bool:
    """Maths, as it is written."""
    if state.src[state.pos] not in "$\\":
        return False
    end = maths_end(state.src, state.pos, state.posMax)
    if end is None:
        return False
    if not silent:
        kind = "display_maths" if is_display(state.src, state.pos) else "maths"
        state.push(kind, "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def _identifier(state: StateInline, silent: bool) -> bool:
    """The name of a program with underscores around it, which are no emphasis."""
    end = identifier_end(state.src, state.pos) if state.src[state.pos] == "_" else None
    if end is None or end > state.posMax:
        return False
    if not silent:
        state.push("text", "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """The marks of emphasis, each a token; which of them open and close some, is found out when all are read."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    if marker == "*":
        opens, closes = stars_may(state.src, state.pos, scanned.length)
    else:
        opens = closes = not is_in_address(state.src, state.pos, scanned.length)
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=scanned.can_open and opens,
                close=scanned.can_close and closes,
            )
        )
    state.pos += scanned.length
    return True


def _break(state: StateInline, silent: bool) -> bool:
    """`<br>`, with the blanks around it."""
    found = _BREAK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        _trim_last(state.tokens, state.pos)
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _literal(state: StateInline, silent: bool) -> bool:
    """One character that turned out to begin nothing."""
    if not silent:
        state.push("text", "", 0).content = state.src[state.pos]
    state.pos += 1
    return True


def _newline(state: StateInline, silent: bool) -> bool:
    """A line's end: hard after two spaces. The spaces around it are not part of the text."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        spaces = _trim_last(state.tokens, state.pos)
        state.push("hardbreak" if spaces >= 2 else "softbreak", "br", 0)
    state.pos += 1
    while state.pos < state.posMax and state.src[state.pos] in " \t":
        state.pos += 1
    return True


def _trim_last(tokens: list[Token], position: int) -> int:
    """Drop the spaces that end the text token before `position`; their number."""
    if not tokens or tokens[-1].type != "text" or tokens[-1].meta["end"] != position:
        return 0
    content = tokens[-1].content
    tokens[-1].content = content.rstrip(" ")
    return len(content) - len(tokens[-1].content)
