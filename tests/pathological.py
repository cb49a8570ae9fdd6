"""Answers that are hard to show: each has a name, its text at any size, and the way in which it is cut into deltas.

They are what a model that loops, a proxy that garbles or a person with bad intentions can send. Tests take them small,
the benchmark `pathological` large.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

DELTA = 20_000  # characters
ACUTE, JOINER, FAMILY = "\u0301", "\u200d", "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


@dataclass(frozen=True, slots=True)
class Pathological:
    """`text` makes the answer from a count, of which `large` and `small` are two.

    A delta has `delta` characters, 0 for all of them. `cited` tells whether each of as many citations as the count says
    covers one character, and `at_once` whether the whole body is one chunk of the network.
    """

    name: str
    text: Callable[[int], str]
    large: int
    small: int
    delta: int = DELTA
    cited: bool = False
    at_once: bool = False

    def chunks(self, count: int) -> Iterator[bytes]:
        """The body of the response, a chunk for each event."""
        frames = (f"data: {json.dumps(event)}\n\n".encode() for event in self._events(count))
        if self.at_once:
            yield b"".join((*frames, b"data: [DONE]\n\n"))
        else:
            yield from frames
            yield b"data: [DONE]\n\n"

    def _events(self, count: int) -> Iterator[dict[str, Any]]:
        text = self.text(count)
        yield {"type": "message-start", "id": "m", "delta": {"message": {"role": "assistant"}}}
        yield _content("content-start", {"type": "text", "text": ""})
        step = self.delta or len(text)
        for start in range(0, len(text), step):
            yield _content("content-delta", {"text": text[start : start + step]})
        for number in range(count if self.cited else 0):
            yield _citation(number, text)
        yield {"type": "content-end", "index": 0}
        yield {"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}


def _content(kind: str, content: dict[str, str]) -> dict[str, Any]:
    return {"type": kind, "index": 0, "delta": {"message": {"content": content}}}


def _citation(number: int, text: str) -> dict[str, Any]:
    """One of 300 sources, cited for a word of the text."""
    start = number * 5 % (len(text) - 4)
    data = {"id": f"s{number % 300}", "title": f"Source {number % 300}", "text": "A passage of some words. " * 20}
    source = {"type": "document", "id": data["id"], "document": data}
    citation = {"start": start, "end": start + 4, "text": text[start : start + 4], "sources": [source]}
    return {"type": "citation-start", "index": number, "delta": {"message": {"citations": citation}}}


def _nested(count: int, indent: str, marker: str) -> str:
    return "".join(f"{indent * level}{marker}level {level}\n" for level in range(count))


def _alternating(count: int) -> str:
    return "".join(f"{'> - ' * level}level {level}\n\n" for level in range(1, count))


def _table(rows: int, columns: int, cell: str = "cell") -> str:
    row = f"|{f' {cell} |' * columns}\n"
    return f"{row}|{'---|' * columns}\n{row * rows}"


def _repeated(mark: str) -> Callable[[int], str]:
    return lambda n: mark * (n // len(mark))


def _code(info: str, line: str, count: int) -> str:
    return f"```{info}\n{line * count}```\n\nafter the code\n"


MEGABYTE = 1_000_000
SMALL = 4_000

ANSWERS: tuple[Pathological, ...] = (
    Pathological("a fence of backticks that stays open", lambda n: "```\n" + "a line of code\n" * n, 100_000, 400),
    Pathological("a fence of tildes that stays open", lambda n: "~~~python\n" + "x = f(1)\n" * n, 100_000, 400),
    Pathological("one line of words", lambda n: "word " * (n // 5), MEGABYTE, SMALL),
    Pathological("one line without a blank", lambda n: "w" * n, MEGABYTE, SMALL),
    *(
        Pathological(f"nothing but {mark!r}", _repeated(mark), MEGABYTE, SMALL)
        for mark in ("*", "_", "[", "![", "<", "`", "|", ">", "#", "~", "\\", "&", "- ", "1. ", "- \n", "> \n", "#\n")
    ),
    Pathological("lists within lists", lambda n: _nested(n, "  ", "- "), 1_000, 60),
    Pathological("lists within lists, one line", lambda n: "- " * n + "end\n", 1_000, 60),
    Pathological("quotes within quotes", lambda n: _nested(n, ">", "> "), 1_000, 60),
    Pathological("lists within quotes within lists", _alternating, 300, 40),
    Pathological("a list of many items", lambda n: "- an item *with* words\n" * n, 1_000, 100),
    Pathological("a numbered list of many items", lambda n: "1. an item `with` words\n\n" * n, 10_000, 100),
    Pathological("a table of many rows", lambda n: _table(n, 4), 10_000, 100),
    Pathological("a table of many columns", lambda n: _table(5, n), 1_000, 100),
    Pathological(
        "a table with one long cell", lambda n: _table(3, 3) + f"| a | {'b ' * (n // 2)}| c |\n", 100_000, SMALL
    ),
    Pathological(
        "a table whose last row is the widest", lambda n: _table(n, 4) + _table(1, 4, "wide" * 90), 2_000, 100
    ),
    Pathological("emphasis that stays open", lambda n: "*a **a " * n, 50_000, 500),
    Pathological("emphasis that closes late", lambda n: "*a " * n + "b*" * n, 50_000, 500),
    Pathological("emphasis of every length", lambda n: "".join("*" * (1 + i % 9) + "a" for i in range(n)), 50_000, 500),
    Pathological("links that stay open", lambda n: "[a](" * n, 50_000, 500),
    Pathological("brackets within brackets", lambda n: "[" * n + "]" * n + "(x)", 50_000, 1_000),
    Pathological("images within images", lambda n: "![a" * n + "](b)" * n, 20_000, 300),
    Pathological("link definitions", lambda n: "".join(f"[r{i}]: /url{i} 'title'\n" for i in range(n)), 10_000, 100),
    Pathological("links to definitions", lambda n: "".join(f"[r{i}][] " for i in range(n)), 50_000, 300),
    *(
        Pathological(f"maths of {mark!r}", _repeated(mark), MEGABYTE, SMALL)
        for mark in ("$", "$a ", "$$a ", "\\(", "\\[a ", "\\begin{a}\n")
    ),
    Pathological("maths that closes late", lambda n: "\\begin{a} $$ x_1 \\( " + "*b* _c_\n" * n + "$$", 50_000, 300),
    Pathological("breaks in cells", lambda n: _table(3, 3) + f"| a | {'b<br>' * n}| c |\n", 20_000, 300),
    Pathological("HTML that stays open", lambda n: "<div>\n<!-- a comment\n" + "<b x='" * n, 50_000, 500),
    Pathological("entities", lambda n: "&amp;&#x41;&nosuch; " * n, 100_000, 300),
    Pathological("autolinks", lambda n: "<https://example.org/a> https://example.org/b " * n, 20_000, 100),
    Pathological(
        "code spans of every length", lambda n: "".join("`" * (1 + i % 99) + "a" for i in range(n)), 20_000, 300
    ),
    Pathological("headings of many lines", lambda n: "a line\n" * n + "===\n", 100_000, 500),
    Pathological("combining marks on one letter", lambda n: ("a" + ACUTE * 1_000 + " ") * n, 500, 4),
    Pathological("combining marks without end", lambda n: "a" + ACUTE * n, MEGABYTE, SMALL),
    Pathological("wide characters", lambda n: "漢字かな交じり文" * (n // 8), MEGABYTE, SMALL),
    Pathological("joined emoji", lambda n: FAMILY * n, 100_000, 300),
    Pathological("one chain of joiners", lambda n: ("\N{MAN}" + JOINER) * n, 100_000, 500),
    Pathological("right to left", lambda n: "שלום עולם مرحبا " * n, 50_000, 200),
    Pathological("blanks", lambda n: " " * n, MEGABYTE, SMALL),
    Pathological("blank lines", lambda n: " \n\n" * n, 100_000, 500),
    Pathological("tabs", lambda n: "\ta\t\tb\n" * n, 50_000, 300),
    Pathological("every kind of line end", lambda n: "a\r\nb\rc\n\r\u2028d\u0085" * n, 50_000, 300),
    Pathological("control characters", lambda n: "\x00\x1b[31m\x07\x9b2J\u202eabc" * n, 50_000, 300),
    Pathological("paragraphs of a word", lambda n: "word\n\n" * n, 50_000, 300),
    Pathological("rules", lambda n: "***\n" * n, 50_000, 300),
    Pathological("lines of one paragraph", lambda n: "a line *of* it\n" * n, 50_000, 300),
    Pathological("a fence with a long info", lambda n: f"```{'x' * n}\ncode\n```\n", MEGABYTE, SMALL),
    Pathological("code for a slow lexer", lambda n: _code("perl", "s/(a|b)*c/$x{'y'}/g; # {{{\n", n), 5_000, 100),
    Pathological("code just short enough to colour", lambda n: _code("scala", 'val x = s"$y"\n', n), 1_240, 100),
    Pathological("code of one line", lambda n: _code("python", "f(x, 'y') + ", n // 12), 500_000, SMALL),
    Pathological("many short codes", lambda n: _code("ts", "const x = `a${b}`\n", 3) * n, 2_000, 20),
    Pathological("code spans", lambda n: "`a` ``b`` " * n, 50_000, 300),
    Pathological("citations of one paragraph", lambda n: "word " * n, 1_000, 60, cited=True),
    Pathological("citations of many paragraphs", lambda n: "word word\n\n" * n, 2_000, 60, cited=True),
    Pathological("deltas of one character", lambda n: "a **b** c\n" * (n // 10), 100_000, 1_000, delta=1),
    Pathological("deltas of one character in one chunk", lambda n: "words " * n, 3_000, 200, delta=1, at_once=True),
    Pathological("one delta", lambda n: "A **paragraph** of some words.\n\n" * (n // 32), 5 * MEGABYTE, SMALL, delta=0),
)
