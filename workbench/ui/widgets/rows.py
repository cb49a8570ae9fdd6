"""A virtual list of rows of text: only what is in view is rendered, only rows that change are painted again.

Owns a cursor, folding of rows, and following the end. Content is given with style *names* (see `STYLES`), which are
resolved against the theme when a row is rendered. Refuses markup and strings: rows are `Content`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

STYLES = ("muted", "accent", "success", "warning", "error", "bold", "cited")


@dataclass(frozen=True, slots=True)
class Row:
    """`head` is one line, cut at the width with a count of what is hidden, before `tail` at its right end. Below
    it stands `brief`, cut alike, while the row is folded, and `body`, wrapped and indented by `indent` cells,
    while it is open.

    `look_at` is the code point of `body` that `show` brings into view.
    """

    head: Content
    tail: Content | None = None
    brief: Content | None = None
    body: Content | None = None
    indent: int = 3
    look_at: int | None = None


class RowList(ScrollView, can_focus=True):
    """Rows by key, in the order in which they were first put."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{name}" for name in STYLES} | {"rows--cursor"}
    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .rows--muted { color: $text-muted; }
        & > .rows--accent { color: $accent; }
        & > .rows--success { color: $text-success; }
        & > .rows--warning { color: $text-warning; }
        & > .rows--error { color: $text-error; }
        & > .rows--bold { text-style: bold; }
        & > .rows--cited { color: $accent; text-style: underline; }
        & > .rows--cursor { background: $boost; }
        &:focus > .rows--cursor { background: $accent 25%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("home,g", "edge(0)", "First", show=False),
        Binding("end,G", "edge(-1)", "Last", show=False),
        Binding("space", "fold", "Expand or fold", show=False),
        Binding("enter", "open", "Open", show=False),
    ]

    cursor: reactive[int] = reactive(-1, repaint=False)

    class Opened(Message):
        """Enter on a row."""

        def __init__(self, rows: RowList, key: str) -> None:
            self.rows = rows
            self.key = key
            super().__init__()

        @property
        def control(self) -> RowList:
            return self.rows

    def __init__(self, *, follow: bool = False, empty: str = "", id: str | None = None) -> None:
        """`follow` keeps the end in view while nobody moved the cursor; `empty` is said when there is no row."""
        super().__init__(id=id)
        self._follow = follow
        self._empty = empty
        self._keys: list[str] = []
        self._index: dict[str, int] = {}
        self._rows: list[Row] = []
        self._open: set[str] = set()
        self._rendered: list[list[Strip] | None] = []
        self._ends: list[int] = []
        self._width = 0

    # -- rows ----------------------------------------------------------------------------------

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._keys)

    def put(self, key: str, row: Row) -> None:
        """Add a row, or change the one with this key. Costs nothing when it is the same."""
        index = self._index.get(key)
        if index is None:
            self._index[key] = len(self._keys)
            self._keys.append(key)
            self._rows.append(row)
            self._rendered.append(None)
            self._ends.append(self._ends[-1] if self._ends else 0)
            self._measure(len(self._keys) - 1)
        elif self._rows[index] != row:
            self._rows[index] = row
            self._rendered[index] = None
            self._measure(index)

    def clear(self) -> None:
        self._keys.clear()
        self._index.clear()
        self._rows.clear()
        self._open.clear()
        self._rendered.clear()
        self._ends.clear()
        self.cursor = -1
        self.virtual_size = Size(self._width, 0)
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def show(self, key: str, *, unfold: bool = False) -> bool:
        """Put the cursor on a row and bring it into view; return whether there is such a row."""
        index = self._index.get(key)
        if index is None:
            return False
        row = self._rows[index]
        if unfold and row.body is not None and key not in self._open:
            self._open.add(key)
            self._rendered[index] = None
            self._measure(index)
        self.cursor = index
        if key in self._open and row.body is not None and row.look_at is not None:
            self._look_at(index, row.body[: row.look_at + 1], row.indent)
        return True

    def _look_at(self, index: int, before: Content, indent: int) -> None:
        """Bring the last line of `before`, the beginning of an open row's body, into view."""
        start = self._ends[index - 1] if index else 0
        line = start + len(before.wrap(max(2, self._width - indent)))
        if line >= start + self.size.height:
            self.scroll_to(y=line - self.size.height // 2, animate=False, immediate=True)

    def text(self, key: str) -> str:
        """A row's whole text, unfolded."""
        row = self._rows[self._index[key]]
        return row.head.plain.strip() if row.body is None else row.body.plain

    @property
    def cursor_key(self) -> str | None:
        return self._keys[self.cursor] if 0 <= self.cursor < len(self._keys) else None

    # -- rendering -------------------------------------------------------------------------------

    def _measure(self, index: int) -> None:
        """A row may have changed its height: move those below it, paint what changed."""
        if not self._width:
            return
        start = self._ends[index - 1] if index else 0
        height = len(self._strips(index))
        moved = start + height - self._ends[index]
        if moved:
            for at in range(index, len(self._ends)):
                self._ends[at] += moved
            self.virtual_size = Size(self._width, self._ends[-1])
            self.refresh_lines(start, max(1, self.size.height))
        else:
            self.refresh_lines(start, height)
        if self._follow and self.cursor < 0:
            self.scroll_end(animate=False, immediate=True)

    def _lay_out(self) -> None:
        self._rendered = [None] * len(self._rows)
        end = 0
        for index in range(len(self._rows)):
            end += len(self._strips(index))
            self._ends[index] = end
        self.virtual_size = Size(self._width, end)
        self.refresh()

    def _strips(self, index: int) -> list[Strip]:
        strips = self._rendered[index]
        if strips is None:
            strips = self._rendered[index] = self._render_row(self._rows[index], self._keys[index] in self._open)
        return strips

    def _render_row(self, row: Row, is_open: bool) -> list[Strip]:
        lines = [self._first_line(row)]
        if row.body is not None and is_open:
            lines += (line.pad_left(row.indent) for line in row.body.wrap(max(2, self._width - row.indent)))
        elif row.brief is not None:
            lines.append(self._cut(row.brief, self._width))
        return [self._strip(line) for line in lines]

    def _first_line(self, row: Row) -> Content:
        tail = row.tail
        if tail is None or tail.cell_length * 3 > self._width:
            return self._cut(row.head, self._width)
        head = self._cut(row.head, self._width - tail.cell_length - 1)
        return Content.assemble(head.truncate(self._width - tail.cell_length, pad=True), tail)

    @staticmethod
    def _cut(line: Content, width: int) -> Content:
        """The line as it fits the width, with how many characters of it do not."""
        if line.cell_length <= width:
            return line
        mark = "…"
        for _ in range(2):  # the count's own length decides how much is hidden
            shown = line.truncate(max(0, width - cell_len(mark)))
            mark = f"… +{len(line) - len(shown)}"
        return shown + Content.styled(mark, "muted") if width > len(mark) else line.truncate(max(0, width))

    def _strip(self, line: Content) -> Strip:
        base = self.visual_style
        segments = [Segment(text, style.rich_style) for text, style in line.render(base, "", parse_style=self._style)]
        return Strip(segments).adjust_cell_length(self._width, base.rich_style)

    def _style(self, name: str | Style) -> Style:
        if isinstance(name, Style):
            return name
        combined = Style()
        for part in name.split():
            combined += self.get_visual_style(f"rows--{part}", partial=True)
        return combined

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        line = y + self.scroll_offset.y
        width = self.size.width
        base = self.visual_style.rich_style
        if not self._rows:
            return self._empty_line(y, width)
        index = bisect_right(self._ends, line)
        if index >= len(self._rows):
            return Strip.blank(width, base)
        strips = self._strips(index)
        start = self._ends[index - 1] if index else 0
        strip = strips[line - start].adjust_cell_length(width, base)
        if index == self.cursor:
            strip = strip.apply_style(self.get_visual_style("rows--cursor", partial=True).rich_style)
        return strip

    def _empty_line(self, y: int, width: int) -> Strip:
        base = self.visual_style
        lines = Content(self._empty).wrap(max(1, width - 1)) if self._empty else []
        if y >= len(lines):
            return Strip.blank(width, base.rich_style)
        muted = (base + self._style("muted")).rich_style
        return Strip([Segment(" " + lines[y].plain, muted)]).adjust_cell_length(width, base.rich_style)

    def on_resize(self) -> None:
        width = self.scrollable_content_region.width
        if width != self._width:
            self._width = width
            self._lay_out()
        if self._follow and self.cursor < 0:
            self.scroll_end(animate=False, immediate=True)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._width:
            self._lay_out()

    # -- moving --------------------------------------------------------------------------------------

    def validate_cursor(self, cursor: int) -> int:
        return max(-1, min(cursor, len(self._keys) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        for index in (old, new):
            if 0 <= index < len(self._ends):
                start = self._ends[index - 1] if index else 0
                self.refresh_lines(start, self._ends[index] - start)
        if 0 <= new < len(self._ends):
            start = self._ends[new - 1] if new else 0
            region = Region(0, start, max(1, self._width), max(1, self._ends[new] - start))
            self.scroll_to_region(region, animate=False, force=True, immediate=True)

    def action_move(self, by: int) -> None:
        self.cursor = max(0, self.cursor + by) if self.cursor >= 0 or by > 0 else len(self._keys) - 1

    def action_edge(self, which: int) -> None:
        self.cursor = 0 if which == 0 else len(self._keys) - 1

    def action_fold(self) -> None:
        key = self.cursor_key
        if key is None or self._rows[self.cursor].body is None:
            return
        self._open ^= {key}
        self._rendered[self.cursor] = None
        self._measure(self.cursor)
        self.watch_cursor(-1, self.cursor)

    def action_open(self) -> None:
        if (key := self.cursor_key) is not None:
            self.post_message(self.Opened(self, key))

    def on_focus(self) -> None:
        if self.cursor < 0 and self._keys:
            self.cursor = len(self._keys) - 1 if self._follow else 0
