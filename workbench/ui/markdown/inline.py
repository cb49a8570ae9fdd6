"""Inline tokens to a flow.

Owns emphasis, code, maths, links and images. It refuses actions: a link is its text and, when they differ, its address,
and so is an image.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token

from workbench.language.inline_markdown.parser import SPECIAL, parser
from workbench.ui.markdown.flow import Flow, FlowBuilder
from workbench.ui.markdown.line import Styles
from workbench.ui.markdown.offsets import Offsets

LONGEST_DATA = 80  # characters that tell of what kind a picture is that its address holds
_SPANS = {"strong": "strong", "em": "emphasis", "s": "strike"}


def text_flow(text: str, where: Offsets, base: Styles = ()) -> Flow:
    """The flow of inline Markdown; `where[i]` is the place of character i of `text`."""
    if not SPECIAL.search(text):
        builder = FlowBuilder(base)
        builder.add(text, where)
        return builder.build()
    tokens: list[Token] = []
    parser().inline.parse(text, parser(), {}, tokens)
    return inline_flow(tokens, where, base)


def inline_flow(tokens: Sequence[Token], where: Offsets, base: Styles = ()) -> Flow:
    """The flow of an inline token's children; `where[i]` is the place of character i of its content."""
    builder = FlowBuilder(base)
    _Inline(builder, where).add_all(tokens, 0)
    return builder.build()


class _Inline:
    def __init__(self, builder: FlowBuilder, where: Offsets) -> None:
        self._builder = builder
        self._where = where
        self._styles: list[str] = []  # that are on, each once
        self._opened: list[str | None] = []  # by each that was opened and is not closed: the style that came on with it
        self._links: list[tuple[int, str]] = []

    def add_all(self, tokens: Sequence[Token], shift: int) -> None:
        """`shift` is where the tokens' own content begins in the inline content (an image's description)."""
        for number, token in enumerate(tokens):
            start, end = token.meta["at"] + shift, token.meta["end"] + shift
            beside = (*tokens[max(number - 1, 0) : number], *tokens[number + 1 : number + 2])
            if token.type == "softbreak" and any(other.type == "display_maths" for other in beside):
                self._builder.add_break(self._where[start])
            else:
                self._add(token, start, end)

    def _add(self, token: Token, start: int, end: int) -> None:
        builder, styles = self._builder, tuple(self._styles)
        match token.type:
            case "text":
                self._add_text(token.content, start, end, styles)
            case "text_special":
                builder.add_at(token.content, self._where[end - 1], styles)
            case "softbreak":
                builder.add(" ", (self._where[start],), styles)
            case "hardbreak":
                builder.add_break(self._where[end - 1])
            case "maths" | "display_maths":
                self._add_maths(token, start, styles)
            case "code_inline":
                self._add_code(token, start, end, (*styles, "code"))
            case "image":
                self._add_image(token, start, end, styles)
            case "link_open":
                self._links.append((len(builder), str(token.attrs.get("href", ""))))
                self._open("link")
            case "link_close":
                self._close_link(token, end)
            case _:
                self._change_style(token)

    def _add_text(self, content: str, start: int, end: int, styles: Styles) -> None:
        if end - start == len(content):
            self._builder.add(content, self._where[start:end], styles)
        elif len(content) < end - start:  # blanks before a line's end were dropped
            self._builder.add(content, self._where[start : start + len(content)], styles)
        else:  # an autolink's address, decoded for reading
            self._builder.add_at(content, self._where[end - 1], styles)

    def _add_code(self, token: Token, start: int, end: int, styles: Styles) -> None:
        first = start + len(token.markup)
        if end - len(token.markup) - first > len(token.content):  # one blank was dropped on each side
            first += 1
        self._builder.add(token.content, self._where[first : first + len(token.content)], styles)

    def _add_maths(self, token: Token, start: int, styles: Styles) -> None:
        """As it is written, its lines too when it is set apart."""
        for number, line in enumerate(token.content.split("\n")):
            if number and token.type == "display_maths":
                self._builder.add_break(self._where[start - 1])
            elif number:
                self._builder.add(" ", (self._where[start - 1],), styles)
            self._builder.add(line, self._where[start : start + len(line)], styles)
            start += len(line) + 1

    def _add_image(self, token: Token, start: int, end: int, styles: Styles) -> None:
        """What the image is said to show, and its address."""
        before = len(self._builder)
        self._open("image")
        if token.children:
            self.add_all(token.children, start + len("!["))
        else:
            self._builder.add_at("image", self._where[start], (*styles, "image"))
        label = self._builder.text_from(before)
        self._close()
        self._add_address(str(token.attrs.get("src", "")), (label,), end)

    def _close_link(self, token: Token, end: int) -> None:
        start, address = self._links.pop()
        self._close()
        label = self._builder.text_from(start)
        if token.info != "auto":
            self._add_address(address, (label, f"mailto:{label}"), end)

    def _add_address(self, address: str, said: Sequence[str], end: int) -> None:
        """An address, unless it is `said` already; of one that holds a whole picture only what kind it is of."""
        if address.startswith("data:"):
            address = f"{address[:LONGEST_DATA].partition(',')[0]},…"
        if address and address not in said:
            self._builder.add_at(f" ({address})", self._where[end - 1], (*self._styles, "url"))

    def _change_style(self, token: Token) -> None:
        style = _SPANS.get(token.tag)
        if style and token.nesting > 0:
            self._open(style)
        elif style and token.nesting < 0:
            self._close()

    def _open(self, style: str) -> None:
        """A style that is on already looks no different: emphasis within emphasis, a thousand deep, costs nothing."""
        fresh = style not in self._styles
        self._opened.append(style if fresh else None)
        if fresh:
            self._styles.append(style)

    def _close(self) -> None:
        if self._opened.pop() is not None:
            self._styles.pop()
