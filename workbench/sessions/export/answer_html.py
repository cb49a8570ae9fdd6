"""An answer as HTML, its citations marked and numbered in it.

Owns which elements there are, none with an attribute that comes from the answer, and where a citation is marked: at the
very characters that it was placed at. An address is shown, and leads nowhere.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from workbench.language.inline_markdown.placed import DEEPEST, PlacedBlock, placed_blocks
from workbench.safe_text import safe_text

if TYPE_CHECKING:
    from markdown_it.token import Token

LONGEST: Final = 400_000  # characters of an answer that is read as Markdown
_LONGEST_ADDRESS: Final = 500
_ELEMENTS: Final = {
    "paragraph": "p", "blockquote": "blockquote", "bullet_list": "ul", "list_item": "li", "table": "table",
    "thead": "thead", "tbody": "tbody", "tr": "tr", "th": "th", "td": "td", "strong": "strong", "em": "em", "s": "s",
}  # fmt: skip
_HIGHEST: Final = 4  # the level of an answer's first heading in the page
_LOWEST: Final = 6


@dataclass(frozen=True, slots=True)
class Marked:
    """A citation of the answer from `start` to `end`; `html` is what stands behind it, an element of ours."""

    start: int
    end: int
    html: str


def shown(text: str) -> str:
    """Text from outside as text of HTML, whatever is in it."""
    return escape(safe_text(text.replace("\r\n", "\n")))


def answer_html(text: str, citations: Iterable[Marked]) -> str:
    """The answer `text` as elements."""
    out = _Out(text, citations)
    blocks = list(placed_blocks(text)) if len(text) <= LONGEST else []
    if not blocks or any(block.token.level >= DEEPEST for block in blocks):
        out.add("<pre>")  # nothing of it may be lost
        out.run(text, range(len(text)))
        out.add("</pre>")
    else:
        for block in blocks:
            _add_block(out, block)
    out.flush(len(text))
    return out.html()


class _Out:
    """Takes the characters of an answer in its order, and puts the marks of its citations among them."""

    def __init__(self, text: str, citations: Iterable[Marked]) -> None:
        self._text = text
        self._pieces: list[str] = []
        self._ends = sorted(citations, key=lambda each: (each.end, each.start))
        self._spans = _joined((each.start, each.end) for each in self._ends)
        self._starts = [begin for begin, _ in self._spans]
        self._bounds = sorted({place for span in self._spans for place in span} | {each.end for each in self._ends})
        self._next = 0
        self.in_code = False

    def html(self) -> str:
        return "".join(self._pieces)

    def add(self, element: str) -> None:
        self._pieces.append(element)

    def run(self, content: str, where: Sequence[int]) -> None:
        """`content`, of which character i stands at `where[i]` of the answer."""
        begin = 0
        while begin < len(content):
            place = where[begin]
            self.flush(place)
            cut = bisect_right(self._bounds, place)
            bound = self._bounds[cut] if cut < len(self._bounds) else len(self._text)
            end = bisect_left(where, bound, begin + 1, len(content)) if place < bound else len(content)
            piece = shown(content[begin:end])
            self._pieces.append(f'<span class="cited">{piece}</span>' if self._is_cited(place) else piece)
            begin = end

    def flush(self, place: int) -> None:
        """What stands behind the citations that end up to `place`; within code that waits for the end of it."""
        while self._next < len(self._ends) and self._ends[self._next].end <= place and not self.in_code:
            self._pieces.append(self._ends[self._next].html)
            self._next += 1

    def _is_cited(self, place: int) -> bool:
        number = bisect_right(self._starts, place) - 1
        return number >= 0 and place < self._spans[number][1]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that meet as one."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _add_block(out: _Out, block: PlacedBlock) -> None:
    token = block.token
    match token.type:
        case "inline":
            _add_inline(out, block.children, block.where, 0)
            if block.where:
                out.flush(block.where[-1])
        case "fence" | "code_block":
            out.add("<pre><code>")
            out.in_code = True
            out.run(token.content, block.where)
            out.in_code = False
            out.add("</code></pre>")
            out.flush(block.end or 0)
        case "hr":
            out.add("<hr>")
        case "heading_open" | "heading_close":
            level = min(_HIGHEST - 1 + int(token.tag[1:]), _LOWEST)
            out.add(f"<{'/' if token.nesting < 0 else ''}h{level}>")
        case "ordered_list_open":
            start = token.attrs.get("start", 1)
            out.add(f'<ol start="{start:d}">' if isinstance(start, int) else "<ol>")
        case "ordered_list_close":
            out.add("</ol>")
        case _ if not token.hidden:
            _add_element(out, token)
        case _ if token.nesting < 0:  # the paragraph of an item: what follows it stands apart
            out.add("\n")


def _add_element(out: _Out, token: Token) -> None:
    name = _ELEMENTS.get(token.type.removesuffix("_open").removesuffix("_close"))
    if name is not None:
        out.add(f"<{'/' if token.nesting < 0 else ''}{name}>")


def _add_inline(out: _Out, tokens: Iterable[Token], where: Sequence[int], shift: int) -> None:
    """`shift` is where the tokens' own content begins in the inline content, as that of a picture's description."""
    links: list[tuple[str, str]] = []
    for token in tokens:
        begin, end = token.meta["at"] + shift, token.meta["end"] + shift
        places = where[begin:end]
        match token.type:
            case "text" | "text_special":
                out.run(token.content, _as_long(places, len(token.content)))
            case "softbreak":
                out.add("\n")
            case "hardbreak":
                out.add("<br>")
            case "code_inline":
                _add_code(out, token, begin, end, where)
            case "maths" | "display_maths":
                out.add("<code>")
                out.run(token.content, _as_long(places, len(token.content)))
                out.add("</code>")
            case "image":
                _add_inline(out, token.children or (), where, begin + len("!["))
                _add_address(out, str(token.attrs.get("src", "")))
            case "link_open":
                links.append((str(token.attrs.get("href", "")), token.info))
            case "link_close" if links:
                address, info = links.pop()
                if info != "auto":
                    _add_address(out, address)
            case _:
                _add_element(out, token)


def _add_code(out: _Out, token: Token, begin: int, end: int, where: Sequence[int]) -> None:
    first = begin + len(token.markup)
    if end - len(token.markup) - first > len(token.content):  # one blank was dropped on each side
        first += 1
    out.add("<code>")
    out.in_code = True
    out.run(token.content, _as_long(where[first:end], len(token.content)))
    out.in_code = False
    out.add("</code>")


def _add_address(out: _Out, address: str) -> None:
    if address.startswith("data:"):
        address = f"{address[:_LONGEST_ADDRESS].partition(',')[0]},…"
    if address:
        out.add(f' <span class="address">({shown(address[:_LONGEST_ADDRESS])})</span>')


def _as_long(places: Sequence[int], length: int) -> Sequence[int]:
    """So many places, the last one again where there are too few; what was an escape has more than one."""
    if len(places) >= length:
        return places[-length:] if length == 1 else places[:length]
    return [*places, *[places[-1] if places else 0] * (length - len(places))]
