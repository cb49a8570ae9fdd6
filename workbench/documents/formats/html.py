"""HTML: the text that a reader sees, with its headings and lines.

Owns the choice of elements and the collapsing of white space. Refuses scripts, styles and all behaviour;
never fails on broken markup, what was read until then is kept.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Literal

from workbench.documents.formats.html_rows import Row, Table, end_row
from workbench.documents.formats.outline import Part, outlined
from workbench.documents.source_lines import Flaw, Parsed, SourceFile

_DROPPED = frozenset(["script", "style", "template", "svg", "iframe", "object", "select"])
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "head", "header", "hr", "html", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr"),
        *("ul", *_HEADINGS),
    )
)
_CELLS = frozenset(["td", "th"])
_ROW_ENDS = frozenset(["tr", "table", "tbody", "thead", "tfoot"])
_CELL = "\x1e\x1f"  # where a cell begins, among pieces of text
_SPACE = re.compile(r"\s+")


def parse(source: SourceFile) -> Parsed:
    """The one document of an HTML page; its title is the page's, else the first h1, else the stem."""
    reader = _Reader()
    problems: list[Flaw] = []
    try:
        reader.feed(_without_endless_marks(source.text))
        reader.close()
    except AssertionError as error:  # how html.parser reports a declaration that it cannot read
        line, column = reader.getpos()
        message, outcome = f"cannot be read as HTML from here: {error}", "the text before it is used"
        problems.append(source.problem(line, column + 1, message, "remove or escape the '<!'", outcome=outcome))
    reader.end()
    return Parsed((outlined(reader.parts, source.stem, reader.title),), tuple(problems))


class _Reader(HTMLParser):
    """Collects the parts of a page; `parts` and `title` are ready after `end()`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Part] = []
        self.title = ""
        self._pieces: list[str] = []
        self._lines: tuple[int, int] | None = None
        self._tag = ""
        self._prefix = ""
        self._dropped: list[str] = []
        self._rows: list[Row] = []
        self._tables: list[Table] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropped.append(tag)
        elif tag == "br":
            self._pieces.append("\n")
        elif tag in _CELLS and self._rows:
            self._begin_cell(self._rows[-1])
            if tag == "th" and self._tables:
                self._tables[-1].headed = True
        elif tag in _BLOCKS and not (tag == "p" and self._tag == "li" and self._lines is None):
            self.end_block(row_ends=tag in _ROW_ENDS and tag != "table")
            if tag in _ROW_ENDS:
                self._begin_row(tag)
            self._tag = tag
            self._prefix = "- " if tag == "li" else ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._dropped:
            if tag in self._dropped:
                del self._dropped[self._dropped.index(tag) :]
        elif tag in _BLOCKS:
            self.end_block(row_ends=tag in _ROW_ENDS)
            if tag in _ROW_ENDS:
                self._end_row(tag)

    def end(self) -> None:
        """The page has ended: close what is open."""
        self.end_block(row_ends=True)
        self._end_rows(0)

    def _begin_cell(self, row: Row) -> None:
        if self._tag == "tr":  # no block stands in the row until now
            if self._lines is not None:
                self._pieces.append(_CELL)
            return
        self.end_block()
        if not row.cells:
            row.cells.append(row.start)
        row.cells.append(len(self.parts))
        self._tag = "td"

    def _begin_row(self, tag: str) -> None:
        if tag == "table":
            self._tables.append(Table(len(self._rows)))
        else:
            self._end_row(tag)
            if tag == "tr":
                self._rows.append(Row(len(self.parts)))

    def _end_row(self, tag: str) -> None:
        """End the row of the innermost table, if one is open; with the table, none of it is open any longer."""
        self._end_rows(self._tables[-1].rows if self._tables else 0)
        if tag == "table" and self._tables:
            self._tables.pop()

    def _end_rows(self, left: int) -> None:
        """End the innermost rows until `left` are open."""
        while len(self._rows) > left:
            row = self._rows.pop()
            row.headed = bool(self._tables) and self._tables[-1].headed
            end_row(self.parts, row, self._rows[-1] if self._rows else None)

    def handle_data(self, data: str) -> None:
        if self._dropped:
            return
        self._pieces.append(data if self._tag == "pre" else _SPACE.sub(" ", data))
        text = data.strip()
        if not text:
            return
        line = self.getpos()[0]
        first = line + data[: len(data) - len(data.lstrip())].count("\n")
        last = line + data.rstrip().count("\n")
        self._lines = (self._lines[0] if self._lines else first, last)

    def end_block(self, *, row_ends: bool = False) -> None:
        """Close the block that is being read, if it has any text; before a block in a row, each cell is a part."""
        raw, lines, tag, prefix = "".join(self._pieces), self._lines, self._tag, self._prefix
        self._pieces, self._lines, self._tag, self._prefix = [], None, "", ""
        if lines is None:
            return
        if self._rows and tag == "tr":
            if not row_ends:
                for cell in raw.split(_CELL):
                    self._rows[-1].cells.append(len(self.parts))
                    if text := _collapsed(cell):
                        self.parts.append(Part("paragraph", text, lines, exact=False))
                return
            self._rows[-1].is_one = _CELL in raw or "\n" not in raw
            if _CELL in raw:
                raw = raw.replace("\n", " ").replace(_CELL, " | ")
        text = raw.strip("\n").rstrip() if tag == "pre" else _collapsed(raw)
        if tag == "title":
            self.title = self.title or " ".join(text.split())
            return
        kind: Literal["heading", "fence", "paragraph"] = "fence" if tag == "pre" else "paragraph"
        heading = ""
        if tag in _HEADINGS:
            kind, heading = "heading", " ".join(text.split())
        gap = 1 if self.parts and tag in ("li", "tr", "dd") else 2
        level = _HEADINGS.get(tag, 0)
        if prefix and self._rows:
            self._rows[-1].items.add(len(self.parts))
        self.parts.append(Part(kind, prefix + text, lines, level, heading, gap, exact=tag == "pre"))


def _without_endless_marks(text: str) -> str:
    """`text` with the tags and comments that never end as plain text; html.parser takes quadratic time on them."""
    after_tags = text.rfind(">") + 1
    text = text[:after_tags] + text[after_tags:].replace("<", "&lt;")
    after_comments = text.rfind("-->") + 1
    return text[:after_comments] + text[after_comments:].replace("<!--", "&lt;!--")


def _collapsed(raw: str) -> str:
    """The lines that the page itself breaks, other white space as one space."""
    lines = (" ".join(line.split()) for line in raw.split("\n"))
    return "\n".join(line for line in lines if line)
