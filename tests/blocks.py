"""Random Markdown, and its blocks as our parser and as markdown-it-py see them, in one form that can be compared.

A block is what stands in it, without what is inside of its lines: `random_document` makes sources that are hard for
whoever reads them line by line, `ours` and `reference` read them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workbench.ui.markdown.block_parser import BlockParser
from workbench.ui.markdown.blocks import AnswerUnit, CodeUnit, NoteUnit, RuleUnit, TableUnit, TextUnit
from workbench.ui.markdown.containers import Item, ListBlock, Quote
from workbench.ui.markdown.feed import LineFeed
from workbench.ui.markdown.scan import cells


@dataclass(frozen=True, slots=True)
class Block:
    """`path` are the quotes and items around it, outermost first; `line` is where it begins, from 0.

    `kind` has the level of a heading, the language of code, and how the columns of a table are aligned.
    """

    path: tuple[str, ...]
    kind: str
    lines: tuple[str, ...]
    line: int


@dataclass(slots=True)
class Names:
    """Quotes and lists as they come, numbered."""

    known: dict[object, int] = field(default_factory=dict)

    def of(self, thing: object) -> int:
        return self.known.setdefault(thing, len(self.known))


# -- as our parser sees it ------------------------------------------------------------------------------------


def ours(source: str) -> tuple[list[Block], dict[str, bool]]:
    """The blocks, and which lists are loose."""
    units = _units(source)
    names, loose = Names(), {}
    for unit in units:
        for each in unit.frame.chain:
            if isinstance(each, Item):
                loose[_list(each.parent, names)] = each.parent.loose
            names.of(each)
    blocks = []
    for _, group in groupby(units, key=_block_of):
        parts = list(group)
        path = tuple(_container(each, names) for each in parts[0].frame.chain)
        line = source.count("\n", 0, parts[0].start)
        blocks.append(Block(path, _kind(parts[0]), tuple(text for part in parts for text in _lines(part)), line))
    return blocks, loose


def _units(source: str) -> list[AnswerUnit]:
    feed, parser = LineFeed(), BlockParser()
    feed.add(source)
    while (line := feed.take()) is not None:
        parser.feed(line)
    if (line := feed.take_rest()) is not None:
        parser.feed(line)
    parser.finish()
    return [unit for unit in parser.take() if not isinstance(unit, NoteUnit)]


def _block_of(unit: AnswerUnit) -> object:
    """What the parts of one block share."""
    if isinstance(unit, CodeUnit):
        return id(unit.block)
    return id(unit.table) if isinstance(unit, TableUnit) else id(unit)


def _list(block: ListBlock, names: Names) -> str:
    return f"{block.number if block.ordered else ''}{block.marker} list {names.of(block)}"


def _container(each: Quote | Item, names: Names) -> str:
    if isinstance(each, Quote):
        return f"quote {names.of(each)}"
    return f"{_list(each.parent, names)} item {each.number}"


def _kind(unit: AnswerUnit) -> str:
    match unit:
        case CodeUnit():
            return f"code {unit.block.info}".rstrip()
        case TableUnit():
            return f"table {' '.join(unit.table.aligns)}"
        case RuleUnit():
            return "rule"
        case TextUnit(heading=level) if level:
            return f"heading {level}"
        case TextUnit(lines=()):
            return "nothing"
    return "paragraph"


def _lines(unit: AnswerUnit) -> list[str]:
    match unit:
        case CodeUnit():
            return [text for text, _ in unit.lines]
        case TableUnit():
            count = len(unit.table.aligns)
            rows = [unit.table.head, *unit.rows] if unit.has_head else list(unit.rows)
            found = [[text for text, _ in cells(*row)][:count] for row in rows]
            return [" | ".join([*row, *[""] * (count - len(row))]) for row in found]
        case TextUnit():
            return [line for text, _ in unit.lines if (line := text.strip())]
    return []


# -- as markdown-it-py sees it ----------------------------------------------------------------------------------


@cache
def _markdown_it() -> MarkdownIt:
    """CommonMark with tables; what is text on our screen on purpose is none of its blocks."""
    return MarkdownIt("commonmark").enable("table").disable(["html_block", "reference"])


def reference(source: str) -> tuple[list[Block], dict[str, bool]]:
    """The blocks, and which lists are loose; of one that holds no paragraph nothing is said."""
    return _Reading(_markdown_it().parse(source)).read()


class _Reading:
    """One pass over the tokens, with the containers that are open."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._names = Names()
        self._path: list[str] = []
        self._lists: list[tuple[str, int]] = []
        self._blocks: list[Block] = []
        self._loose: dict[str, bool] = {}
        self._empty: list[tuple[Token, int]] = []  # what began each container, and how many blocks there were

    def read(self) -> tuple[list[Block], dict[str, bool]]:
        for at, token in enumerate(self._tokens):
            self._take(at, token)
        return self._blocks, self._loose

    def _take(self, at: int, token: Token) -> None:
        match token.type:
            case "blockquote_open":
                self._enter(f"quote {self._names.of(at)}", token)
            case "bullet_list_open" | "ordered_list_open":
                start = token.attrs.get("start", 1) if token.type == "ordered_list_open" else ""
                self._lists.append((f"{start}{token.markup} list {self._names.of(at)}", 0))
            case "list_item_open":
                name, count = self._lists[-1]
                self._lists[-1] = (name, count + 1)
                self._names.of(at)
                self._enter(f"{name} item {count}", token)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "blockquote_close" | "list_item_close":
                self._leave()
            case "paragraph_open":
                if self._lists and self._path[-1].startswith(self._lists[-1][0]):
                    self._loose[self._lists[-1][0]] = not token.hidden
                self._add(token, "paragraph", self._tokens[at + 1].content.split("\n"))
            case "heading_open":
                self._add(token, f"heading {token.tag[1]}", self._tokens[at + 1].content.split("\n"))
            case "code_block" | "fence":
                lines = token.content.removesuffix("\n").split("\n") if token.content else []
                self._add(token, f"code {token.info.strip()}".rstrip(), lines, stripped=False)
            case "hr":
                self._add(token, "rule", [])
            case "table_open":
                self._add(token, *self._table(at), stripped=False)

    def _enter(self, name: str, token: Token) -> None:
        self._path.append(name)
        self._empty.append((token, len(self._blocks)))

    def _leave(self) -> None:
        opening, count = self._empty.pop()
        if count == len(self._blocks):
            self._add(opening, "nothing", [])
        self._path.pop()

    def _add(self, token: Token, kind: str, lines: Sequence[str], *, stripped: bool = True) -> None:
        assert token.map is not None
        texts = tuple(line for each in lines if (line := each.strip())) if stripped else tuple(lines)
        self._blocks.append(Block(tuple(self._path), kind, texts, token.map[0]))

    def _table(self, at: int) -> tuple[str, list[str]]:
        rows: list[list[str]] = []
        aligns: list[str] = []
        for number in range(at, len(self._tokens)):
            token = self._tokens[number]
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            if token.type in ("th_open", "td_open"):
                rows[-1].append(self._tokens[number + 1].content)
            if token.type == "th_open":
                aligns.append(str(token.attrs.get("style", "left")).removeprefix("text-align:"))
        return f"table {' '.join(aligns)}", [" | ".join(row) for row in rows]


# -- random documents -------------------------------------------------------------------------------------------

WORDS = (
    "tide",
    "two words",
    "12. March",
    "a * b",
    "x | y",
    "#no",
    "- dash",
    "1986. A year",
    "=",
    "`code`",
    "\\| pipe",
    "é 漢",
)
BLANKS = ("", "", "", "", " ", "  ", "   ")


class Writer:
    """Writes documents from a grammar of blocks; some of their lines are moved, taken out or indented by tabs."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def document(self) -> str:
        lines = self._blocks(0)
        for _ in range(self._random.choice((0, 0, 1, 3))):
            at = self._random.randrange(len(lines))
            lines[at : at + 1] = self._changed(lines[at])
            lines = lines or [""]
        return "\n".join(lines).rstrip() + "\n"

    def _changed(self, line: str) -> list[str]:
        match self._random.randrange(5):
            case 0:
                return []
            case 1:
                return [" " * self._random.randrange(1, 6) + line]
            case 2:
                return ["\t" + line]
            case 3:
                return [line.lstrip()]
        return [line.replace(" ", "\t", 1)]

    def _blocks(self, depth: int) -> list[str]:
        found: list[str] = []
        for _ in range(self._random.choice((1, 1, 2, 2, 3))):
            makers = [self._paragraph, self._paragraph, self._heading, self._fence, self._code, self._rule, self._table]
            lines = self._random.choice(makers)()
            if depth < 3 and self._random.random() < 0.4:
                lines = self._random.choice((self._quote, self._list, self._list))(depth + 1)
            found += lines
            found += self._random.choice(([], [""], [""], ["", ""], ["  "], ["\t"]))
        return found

    def _text(self) -> str:
        return " ".join(self._random.choice(WORDS) for _ in range(self._random.randint(1, 3)))

    def _paragraph(self) -> list[str]:
        return [self._random.choice(BLANKS) + self._text() for _ in range(self._random.randint(1, 3))]

    def _heading(self) -> list[str]:
        if self._random.random() < 0.4:
            return [*self._paragraph(), self._random.choice(("===", "---", "-", " =", "--- ", "- -"))]
        marks = "#" * self._random.randint(1, 7)
        return [self._random.choice(BLANKS) + marks + self._random.choice((" ", "  ", "", "\t")) + self._ending()]

    def _ending(self) -> str:
        return self._random.choice((self._text(), f"{self._text()} #", f"{self._text()}##", "", "#"))

    def _fence(self) -> list[str]:
        mark = self._random.choice(("```", "````", "~~~", "~~~~"))
        blank = self._random.choice(BLANKS)
        body = [
            self._random.choice(("", " ", "  ", "    ", "\t")) + self._random.choice((self._text(), "", "```"))
            for _ in range(3)
        ]
        closing = self._random.choice(([mark], [blank + mark + mark[0]], [mark + " x"], ["    " + mark], []))
        return [blank + mark + self._random.choice(("", "py", " py x", " a`b")), *body, *closing]

    def _code(self) -> list[str]:
        return [
            self._random.choice(("    ", "\t", "     ", "  \t")) + self._text()
            for _ in range(self._random.randint(1, 3))
        ]

    def _rule(self) -> list[str]:
        return [
            self._random.choice(BLANKS) + self._random.choice(("---", "***", "* * *", "_ _ _", "--", "-\t-\t-", "+++"))
        ]

    def _table(self) -> list[str]:
        columns = self._random.randint(1, 3)
        head = self._row(columns)
        dashes = [self._random.choice(("---", ":-:", "-:", ":--", "-")) for _ in range(columns)]
        edge = self._random.choice(("|", "|", ""))
        row = edge + self._random.choice(("|", " | ")).join(dashes) + edge
        return [
            head,
            row,
            *(self._row(self._random.randint(1, columns + 1)) for _ in range(self._random.randint(0, 3))),
        ]

    def _row(self, columns: int) -> str:
        edge = self._random.choice(("|", "|", "| ", ""))
        return (
            edge
            + " | ".join(self._random.choice(("a", "b c", "", "\\|", "1.", "`x`", "- d")) for _ in range(columns))
            + edge.strip()
        )

    def _quote(self, depth: int) -> list[str]:
        mark = self._random.choice(("> ", "> ", "> ", ">", ">", " > ", " > ", ">\t"))
        lazy = self._random.choice((0.0, 0.0, 0.3))
        return [line if line.strip() and self._random.random() < lazy else mark + line for line in self._blocks(depth)]

    def _list(self, depth: int) -> list[str]:
        marker = self._random.choice(("-", "*", "+", "1.", "1)", "7.", "0.", "10."))
        gap = self._random.choice((" ", " ", "  ", "    ", "     ", "\t"))
        between = self._random.choice(([], [], [""]))
        return [line for _ in range(self._random.randint(1, 3)) for line in (*self._item(marker, gap, depth), *between)]

    def _item(self, marker: str, gap: str, depth: int) -> Iterator[str]:
        indent = " " * len(marker + gap.expandtabs(4))
        if self._random.random() < 0.1:
            yield marker
            return
        body = self._paragraph() if self._random.random() < 0.5 else self._blocks(depth)
        lazy = self._random.choice((0.0, 0.0, 0.3))
        for number, line in enumerate(body):
            if number == 0:
                yield marker + gap + line
            elif not line.strip() or self._random.random() < lazy:
                yield line
            else:
                yield self._random.choice((indent, indent, indent, indent, indent, "\t")) + line


def random_document(seed: int) -> str:
    """A document that is the same for the same seed."""
    return Writer(seed).document()
