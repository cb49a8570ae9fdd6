"""Block tokens to leaves: what stands on the lines of an answer, with the prefixes of the containers around it.

Owns splitting a source into its top-level blocks, and quotes, lists and gaps. It refuses widths: a leaf is laid out
elsewhere. A block that is nested deeper than the parser goes is kept as plain text rather than lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from workbench.ui.markdown.code import code_flow
from workbench.ui.markdown.flow import Flow, FlowBuilder
from workbench.ui.markdown.inline import inline_flow
from workbench.ui.markdown.model import Run, Styles
from workbench.ui.markdown.parser import MAX_LEVEL, parser
from workbench.ui.markdown.source import SourceLines, offsets

_BULLETS = "•◦▪"
_QUOTE = Run("│ ", ("quote-bar",))


@dataclass(frozen=True, slots=True)
class TextContent:
    flow: Flow


@dataclass(frozen=True, slots=True)
class CodeContent:
    flow: Flow


@dataclass(frozen=True, slots=True)
class RuleContent:
    """A thematic break. Its flow is empty, and there for the marker of a citation that nothing precedes."""

    flow: Flow


@dataclass(frozen=True, slots=True)
class TableContent:
    """`rows[0]` is the head; every row has a cell for each of `aligns` ("left", "right" or "center")."""

    aligns: tuple[str, ...]
    rows: tuple[tuple[Flow, ...], ...]


Content = TextContent | CodeContent | RuleContent | TableContent


@dataclass(frozen=True, slots=True)
class Leaf:
    """`lead` stands before its first line and `hang` before the others; `gap` is the blank line above, if any."""

    content: Content
    lead: tuple[Run, ...] = ()
    hang: tuple[Run, ...] = ()
    gap: tuple[Run, ...] | None = None

    def flows(self) -> Iterator[Flow]:
        """Its flows, in the order of the source."""
        match self.content:
            case TextContent(flow) | CodeContent(flow) | RuleContent(flow):
                yield flow
            case TableContent(rows=rows):
                for row in rows:
                    yield from row


@dataclass(frozen=True, slots=True)
class TopBlock:
    """A top-level block: code points [start, end) of the answer, up to where the next block begins."""

    start: int
    end: int
    leaves: tuple[Leaf, ...]


@dataclass(slots=True)
class _Node:
    token: Token
    children: list[_Node] = field(default_factory=list)


@dataclass(slots=True)
class _Prefix:
    first: tuple[Run, ...]
    rest: tuple[Run, ...]
    used: bool = False

    def take(self) -> tuple[Run, ...]:
        runs = self.rest if self.used else self.first
        self.used = True
        return runs


def parse_blocks(source: str, base: int = 0) -> list[TopBlock]:
    """The top-level blocks of `source`, which begins at offset `base` of the answer.

    `source` is safe text with "\\n" line ends. Blank lines belong to the block before them.
    """
    lines = SourceLines(source, base)
    tops = _tree(parser().parse(source))
    if not tops:
        return []
    starts = [node.token.map[0] for node in tops if node.token.map]
    ends = [*(base + lines.start(line) for line in starts[1:]), base + len(source)]
    return [
        TopBlock(base + lines.start(start), end, _leaves(node, lines, end))
        for node, start, end in zip(tops, starts, ends, strict=True)
    ]


def _leaves(node: _Node, lines: SourceLines, end: int) -> tuple[Leaf, ...]:
    if _depth_reached(node):
        return (_verbatim(node.token, lines, end),)
    builder = _LeafBuilder(lines)
    builder.add(node)
    return tuple(builder.leaves)


def _tree(tokens: Sequence[Token]) -> list[_Node]:
    root: list[_Node] = []
    open_lists = [root]
    for token in tokens:
        if token.nesting < 0:
            open_lists.pop()
            continue
        node = _Node(token)
        open_lists[-1].append(node)
        if token.nesting > 0:
            open_lists.append(node.children)
    return root


def _depth_reached(top: _Node) -> bool:
    nodes = [top]
    while nodes:
        node = nodes.pop()
        if node.token.level >= MAX_LEVEL - 1 and node.token.nesting > 0:
            return True
        nodes += node.children
    return False


def _verbatim(token: Token, lines: SourceLines, end: int) -> Leaf:
    """The block's source as it is, line by line."""
    builder = FlowBuilder()
    start = lines.start(token.map[0] if token.map else 0)
    text = lines.text[start : end - lines.base].rstrip()
    for at, character in enumerate(text, lines.base + start):
        if character == "\n":
            builder.add_break(at)
        else:
            builder.add(character, (at,))
    return Leaf(TextContent(builder.build()))


class _LeafBuilder:
    """Walks a block's nodes and keeps the prefixes of the containers that are open."""

    def __init__(self, lines: SourceLines) -> None:
        self.leaves: list[Leaf] = []
        self._lines = lines
        self._prefixes: list[_Prefix] = []
        self._styles: Styles = ()
        self._bullets = 0
        self._gap: tuple[Run, ...] | None = None

    def add(self, node: _Node) -> None:
        match node.token.type:
            case "paragraph_open":
                self._emit(TextContent(self._inline(node.children[0].token, self._styles)))
            case "heading_open":
                level = min(int(node.token.tag[1:]), 3)
                self._emit(TextContent(self._inline(node.children[0].token, (f"heading-{level}",))))
            case "fence" | "code_block":
                self._emit(CodeContent(self._code(node.token)))
            case "table_open":
                self._emit(self._table(node))
            case "hr":
                self._emit(RuleContent(FlowBuilder().build()))
            case "blockquote_open":
                self._add_quote(node)
            case "bullet_list_open" | "ordered_list_open":
                self._add_list(node)

    def _emit(self, content: Content) -> None:
        lead = tuple(run for prefix in self._prefixes for run in prefix.take())
        hang = tuple(run for prefix in self._prefixes for run in prefix.rest)
        self.leaves.append(Leaf(content, lead, hang, self._gap))
        self._gap = None

    def _separate(self) -> None:
        """The next leaf has a blank line above it, which shows the containers that are open now."""
        self._gap = tuple(run for prefix in self._prefixes for run in prefix.rest)

    def _add_all(self, nodes: Sequence[_Node], *, loose: bool) -> None:
        for number, node in enumerate(nodes):
            if number and loose:
                self._separate()
            self.add(node)

    def _contain(self, prefix: _Prefix, nodes: Sequence[_Node], *, loose: bool) -> None:
        self._prefixes.append(prefix)
        self._add_all(nodes, loose=loose)
        if not prefix.used:
            self._emit(TextContent(FlowBuilder().build()))
        self._prefixes.pop()

    def _add_quote(self, node: _Node) -> None:
        outside, self._styles = self._styles, ("quote",)
        self._contain(_Prefix((_QUOTE,), (_QUOTE,)), node.children, loose=True)
        self._styles = outside

    def _add_list(self, node: _Node) -> None:
        loose = any(
            child.token.type == "paragraph_open" and not child.token.hidden
            for item in node.children
            for child in item.children
        )
        labels = self._labels(node)
        bulleted = node.token.type == "bullet_list_open"
        self._bullets += bulleted
        for number, (item, label) in enumerate(zip(node.children, labels, strict=True)):
            if number and loose:
                self._separate()
            prefix = _Prefix((Run(label, ("bullet",)),), (Run(" " * len(label)),))
            self._contain(prefix, item.children, loose=loose)
        self._bullets -= bulleted

    def _labels(self, node: _Node) -> list[str]:
        if node.token.type == "bullet_list_open":
            return [_BULLETS[self._bullets % len(_BULLETS)] + " "] * len(node.children)
        start = int(node.token.attrs.get("start", 1))
        numbers = [f"{number}{node.token.markup} " for number in range(start, start + len(node.children))]
        return [number.rjust(len(numbers[-1])) for number in numbers]

    def _inline(self, token: Token, base: Styles) -> Flow:
        where = self._lines.content(
            _first_line(token), token.content, heading=bool(base) and base[0].startswith("heading")
        )
        return inline_flow(token.children or (), where, base)

    def _code(self, token: Token) -> Flow:
        first = _first_line(token) + (token.type == "fence")
        content = token.content.removesuffix("\n")
        where = self._lines.content(first, content) if content else offsets()
        return code_flow(content, token.info, where)

    def _table(self, node: _Node) -> TableContent:
        rows = [row for part in node.children for row in part.children]
        aligns = tuple(_align(cell.token) for cell in rows[0].children)
        return TableContent(aligns, tuple(self._row(row, head=number == 0) for number, row in enumerate(rows)))

    def _row(self, row: _Node, *, head: bool) -> tuple[Flow, ...]:
        tokens = [cell.children[0].token for cell in row.children]
        places = self._lines.cells(_first_line(row.token), [token.content for token in tokens])
        base: Styles = ("table-head",) if head else self._styles
        return tuple(
            inline_flow(token.children or (), where, base) for token, where in zip(tokens, places, strict=True)
        )


def _first_line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _align(cell: Token) -> str:
    return str(cell.attrs.get("style", "text-align:left")).removeprefix("text-align:")
