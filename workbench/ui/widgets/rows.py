"""A virtual list of rows of text: only what is in view is made and rendered, only rows that change are painted again.

Owns a cursor, folding of rows, and following the end. Content is given with style *names* (see `STYLES`), which are
resolved against the theme when a row is rendered. Refuses markup and strings: rows are `Content`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from workbench.ui.bindings import bindings
from workbench.ui.markdown.line import RenderedLine, taken_along
from workbench.ui.markdown.needle import Needle
from workbench.ui.themes.named_styles import HIT_STYLES, NamedStyle, NamedStyles
from workbench.ui.widgets.found_rows import FoundInRows, FoundRow, hit_line, is_in_sight, marked_lines, tinted
from workbench.ui.widgets.line_painter import with_selection
from workbench.ui.widgets.row import MakeRow, Row
from workbench.ui.widgets.searching import SearchingView

STYLES: Mapping[str, NamedStyle] = {
    "muted": NamedStyle("dim"),
    "accent": NamedStyle("cite"),
    **{name: NamedStyle(name) for name in ("dim", "here", "cite", "link", "success", "warning", "error")},
    **{name: NamedStyle(name) for name in ("model", "tool", "waiting", "rule")},
    "key": NamedStyle("code-name"),
    "string": NamedStyle("code-string"),
    "value": NamedStyle("code-number"),
    "bold": NamedStyle(attributes="bold"),
    "italic": NamedStyle(attributes="italic"),
    "cited": NamedStyle(attributes="underline"),
    "matched": NamedStyle(attributes="bold"),
    "cursor": NamedStyle(ground="band"),
    "focused cursor": NamedStyle(ground="here-tint"),
    "bar": NamedStyle("dim"),
    "focused bar": NamedStyle("here"),
    **HIT_STYLES,
}
"""What the parts of rows may be named, `key`, `string` and `value` of JSON too, and the row that one stands on."""
BAR = "▌"


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where one is: the row under the cursor, the line at the top of the view, and whether the end is followed."""

    cursor: str | None
    top: int
    follows: bool


class RowList(SearchingView[RowPlace], can_focus=True):
    """Rows by key, in the order in which they were first put."""

    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("rows", "text")]

    cursor: reactive[int] = reactive(-1, repaint=False)

    class Opened(Message):
        """Sent when Enter is pressed on a row; `key` is the row's."""

        def __init__(self, rows: RowList, key: str) -> None:
            self.rows = rows
            self.key = key
            super().__init__()

        @property
        def control(self) -> RowList:
            """The list that the row is in."""
            return self.rows

    class FilterAsked(Message):
        """Sent when fewer rows are to be shown: the filter `by` places behind this one."""

        def __init__(self, rows: RowList, by: int) -> None:
            self.rows = rows
            self.by = by
            super().__init__()

    can_filter: bool = False
    """Whether somebody filters the rows."""

    def __init__(self, *, follow: bool = False, empty: str = "", id: str | None = None) -> None:
        """`follow` keeps the end in view while nobody moved the cursor; `empty` is said when there is no row."""
        super().__init__(id=id)
        self._styles = NamedStyles(self, STYLES)
        self._follow = follow
        self.empty = empty
        self._keys: list[str] = []
        self._index: dict[str, int] = {}
        self._rows: list[Row | MakeRow] = []
        self._open: set[str] = set()
        self._rendered: list[list[Strip] | None] = []
        self._ends: list[int] = []
        self._width = 0
        self._batched = False
        self._dirty: tuple[int, int] | None = None
        self._looking = False  # the cursor's row was shown, and nobody has moved since
        self._shown_open: str | None = None  # the row that was opened to be shown
        self._found: FoundInRows | None = None
        self._at_hit = False  # the cursor's row was shown for the hit that one stands on
        self._let_out: list[str] = []  # rows that hold others and were opened to show a hit
        self._reader_at: tuple[str, int] | None = None  # since another width, the row, and its line, meant to be on top
        self._is_promised = False  # another size, that is, until the next layout
        self.on_lines: Callable[[], bool] = lambda: False
        """Called when it may have another number of lines; whether it gets another height for them."""

    # -- rows ----------------------------------------------------------------------------------

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the rows, in their order."""
        return tuple(self._keys)

    @property
    def made(self) -> tuple[str, ...]:
        """The keys of the rows that were made by now: those that were seen."""
        return tuple(key for key, row in zip(self._keys, self._rows, strict=True) if isinstance(row, Row))

    def is_open(self, key: str) -> bool:
        """Whether a row is open, or would be if it had anything to open."""
        return key in self._open

    def put(self, key: str, row: Row | MakeRow) -> None:
        """Add a row, or change the one with this key. Costs nothing when it is the same."""
        index = self._index.get(key)
        if index is None:
            index = self._index[key] = len(self._keys)
            self._keys.append(key)
            self._rows.append(row)
            self._rendered.append(None)
            self._ends.append(self._start(index))
            self._news()
        elif self._rows[index] != row:
            self._rows[index] = row
            self._row_changed(index)
            self._rendered[index] = None
        else:
            return
        self._measure(index)

    def put_all(self, rows: Mapping[str, Row | MakeRow]) -> None:
        """Make these the rows, in this order. What is open stays open, and the cursor's row keeps its place."""
        if tuple(rows)[: len(self._keys)] == self.keys:
            with self.at_once():
                for key, row in rows.items():
                    self.put(key, row)
            if self._waits:  # for other rows, and these are all
                self._came()
            return
        known = {
            key: (self._rows[index], self._rendered[index], self._ends[index] - self._start(index))
            for key, index in self._index.items()
        }
        cursor = self.cursor_key
        above = self._start(self.cursor) - self.scroll_offset.y if cursor is not None else 0
        hit = self._found.here if self._found is not None else None
        hit_key = self._keys[hit.row] if hit is not None else None
        self._rows_changed(self._same_as(rows))
        self._keys, self._rows = list(rows), list(rows.values())
        self._index = {key: index for index, key in enumerate(self._keys)}
        if self._found is not None and hit_key is not None:
            self._found.moved(self._index.get(hit_key))
        same = {key: known[key] for key, row in rows.items() if key in known and known[key][0] == row}
        self._rendered = [same[key][1] if key in same else None for key in self._keys]
        self._open &= set(self._keys)
        self._ends = [0] * len(self._keys)
        self.set_reactive(RowList.cursor, self._index.get(cursor, -1) if cursor is not None else -1)
        self._measure_all({key: lines for key, (_, _, lines) in same.items()})
        if self.cursor >= 0:
            self.scroll_to(y=self._start(self.cursor) - above, animate=False, immediate=True, force=True)
        elif self._width and self._is_following:
            self._jump(self._settled_top)
        self.on_lines()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within, rows are put and nothing is painted; all that changed is, once, at the end."""
        self._batched = True
        try:
            yield
        finally:
            self._batched = False
            self._settle(resizes=self.on_lines())

    def clear(self) -> None:
        """Remove all rows; the end is followed again."""
        self._let_out.clear()
        self._rows_changed(0)
        self._at_hit = False
        if self._found is not None:
            self._found.moved(None)
        self._keys.clear()
        self._index.clear()
        self._rows.clear()
        self._open.clear()
        self._shown_open = None
        self._rendered.clear()
        self._ends.clear()
        self._dirty = None
        self._follows = True
        self._reader_at = None
        self.cursor = -1
        self._empty_soon()
        self.on_lines()

    def _empty_soon(self) -> None:
        """Show with the next frame that there are no rows, unless there are others by then."""
        self._top = 0
        self.set_reactive(RowList.scroll_y, 0.0)
        self.set_reactive(RowList.scroll_target_y, 0.0)
        self._take_height(0)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = 0
        self.refresh()

    def cut(self, count: int) -> None:
        """Remove the rows behind the first `count`; costs what those do."""
        if count >= len(self._keys):
            return
        self._rows_changed(count)
        if self._found is not None and (hit := self._found.here) is not None and hit.row >= count:
            self._found.moved(None)
        for key in self._keys[count:]:
            del self._index[key]
            self._open.discard(key)
        for each in (self._keys, self._rows, self._rendered, self._ends):
            del each[count:]
        self._dirty = None
        self.set_reactive(RowList.cursor, min(self.cursor, count - 1))
        if self._width:
            self._jump(self._settled_top if self._is_following else min(self.scroll_offset.y, self._last_top))
            self.refresh()
        self.on_lines()

    def show(self, key: str, *, unfold: bool = False) -> bool:
        """Put the cursor on a row and bring it into view; return whether there is such a row.

        One that `unfold` opens is folded again when another row is shown, unless somebody has folded or opened it.
        """
        index = self._index.get(key)
        if index is None:
            return False
        self._at_hit = False
        if self._shown_open not in (None, key):
            self._set_open(str(self._shown_open), False)
            self._shown_open = None
        if unfold and self._row(index).body is not None and key not in self._open:
            self._set_open(key, True)
            self._shown_open = key
        self.cursor = index
        self._looking = True
        self._look()
        return True

    def see(self, first: str, last: str) -> None:
        """Bring rows into view, the first one at the top where there is no room for all."""
        start, end = self._start(self._index[first]), self._ends[self._index[last]]
        if end > self.scroll_offset.y + self._page:
            self.scroll_to(y=min(start, end - self._page), animate=False, immediate=True, force=True)

    def unfold(self, key: str) -> bool:
        """Open a folded row and bring it into view; return whether it was one, and had anything to open."""
        index = self._index.get(key)
        if index is None or key in self._open or self._row(index).body is None:
            return False
        self._set_open(key, True)
        self.show(key)
        return True

    def _set_open(self, key: str, is_open: bool) -> None:
        (self._open.add if is_open else self._open.discard)(key)
        if (index := self._index.get(key)) is not None:
            self._rendered[index] = None
            self._measure(index)

    def _look(self) -> None:
        """Bring the head of the cursor's row into view, with the lines of the open row that matter."""
        if (
            self._page
            and 0 <= self.cursor < len(self._keys)
            and (y := self._looked_at(self.scroll_offset.y)) is not None
        ):
            self.scroll_to(y=y, animate=False, immediate=True, force=True)
            self._looking = True

    def _looked_at(self, top: int) -> int | None:
        """Where the view has to begin to have in view what matters of the cursor's row; None when `top` will do."""
        row, start = self._row(self.cursor), self._start(self.cursor)
        if self._at_hit and (line := self._line_of_hit()) is not None:
            hidden = 1 if line > row.head_line else 0  # a head that is above the view is painted at its top
            is_seen = top + hidden <= start + line < top + self._page
            return None if is_seen else max(start, start + line - max(hidden, self._page // 3))
        lines = row.looked_at(self._width) if self._keys[self.cursor] in self._open else range(0)
        first, last = (lines[0], lines[-1]) if lines else (row.head_line, row.head_line)
        head = start + row.head_line
        if top <= head and start + last < top + self._page:
            return None
        # A head that is above the view is painted at its top: what matters stands below it, and a line above that.
        fits = last - row.head_line < self._page
        return start if last < self._page else head if fits else start + max(row.head_line, first - 2)

    def text(self, key: str) -> str:
        """A row's whole text, unfolded."""
        return self._row(self._index[key]).text()

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor; None when it is on none."""
        return self._keys[self.cursor] if 0 <= self.cursor < len(self._keys) else None

    # -- rendering -------------------------------------------------------------------------------

    def _row(self, index: int) -> Row:
        row = self._rows[index]
        if not isinstance(row, Row):
            row = self._rows[index] = row()
        return row

    def _start(self, index: int) -> int:
        """The first line of a row."""
        return self._ends[index - 1] if index else 0

    def _height(self, index: int) -> int:
        """Lines of a row. One that is folded need not be rendered to know."""
        row = self._rows[index]
        if not isinstance(row, Row):
            return 1
        folded = row.folded_height(self._width)
        if folded is None or self._is_open(index):
            return len(self._strips(index))
        return folded

    def _is_open(self, index: int) -> bool:
        return self._keys[index] in self._open and self._row(index).body is not None

    def lines_needed(self, width: int, most: int) -> int:
        """How many lines there are to be seen in a list that is `width` cells wide, counted as far as `most`.

        It changes nothing, and measures no more rows than it counts.
        """
        if not self._rows:
            return min(most, max(1, len(self._empty_lines(width))))
        width, lines = width - self.styles.scrollbar_size_vertical, 0
        for index, row in enumerate(self._rows):
            if lines >= most:
                break
            least = row.least if isinstance(row, Row) else 1
            lines += max(least, self._height_at(index, width))
        return min(lines, most)

    def _height_at(self, index: int, width: int) -> int:
        """Lines of a row at any width."""
        row = self._rows[index]
        if width == self._width:
            return self._ends[index] - self._start(index)
        if not isinstance(row, Row):
            return 1
        folded = row.folded_height(width)
        is_open = self._is_open(index)
        return len(self._drawn(index)[0].lines(width, is_open=is_open)) if folded is None or is_open else folded

    def _measure(self, index: int) -> None:
        """A row may have changed its height: move those below it, paint what changed."""
        if not self._width:
            if not self._batched:
                self.on_lines()
            return
        start = self._start(index)
        moved = start + self._height(index) - self._ends[index]
        if moved:
            for at in range(index, len(self._ends)):
                self._ends[at] += moved
        # Below a row that has moved the others are painted too, as far as the view goes.
        end = max(self._ends[index], self.scroll_offset.y + self.size.height) if moved else self._ends[index]
        self._dirty = (start, end) if self._dirty is None else (min(start, self._dirty[0]), max(end, self._dirty[1]))
        if not self._batched:
            self._settle(resizes=self.on_lines())

    def _settle(self, *, resizes: bool = False) -> None:
        """Show what changed: with the next layout, where the view `resizes` soon."""
        if self._dirty is None or not self._width:
            return
        first, end = self._dirty
        self._dirty = None
        top = self.scroll_offset.y
        target = self._followed(top) if self._is_following else min(top, self._last_top)
        self._take_height(target, resizes=resizes)
        if resizes:
            self.refresh()
            self._see_to_it()
        elif target != top:
            self._jump(target)
        elif first < top + self._page and end > top:
            first, end = max(first, top), min(max(end, first + 1), top + self._page)
            self._paint(Region(0, first - top, self.size.width, end - first))

    def _see_to_it(self) -> None:
        """Another size was promised, and comes with the next layout. Where it was another widget that got one, nobody
        says so here: then the scroll bar and the end that is followed are as of the size that there is."""

        def look() -> None:
            self._is_promised = False
            if self._width and self._is_placed:
                top = self.scroll_offset.y
                target = self._followed(top) if self._is_following else min(top, self._last_top)
                if target != top:
                    self._jump(target)
                else:
                    self._take_height(target)

        if not self._is_promised:
            self._is_promised = self.call_after_refresh(look)

    @property
    def _is_following(self) -> bool:
        return self._follow and self.cursor < 0 and self._follows

    @property
    def line_count(self) -> int:
        """How many lines all rows have together, as folded as they are."""
        return self._ends[-1] if self._ends else 0

    @property
    def line_width(self) -> int:
        """How many cells the rows were measured for."""
        return self._width

    def _lay_out(self) -> None:
        """Measure every row, for another width or theme."""
        self._rendered = [None] * len(self._rows)
        self._measure_all({})

    def _measure_all(self, known: Mapping[str, int]) -> None:
        """Measure the rows but those whose lines are `known` by their keys."""
        if not self._width:
            return
        end = 0
        for index, key in enumerate(self._keys):
            end += known[key] if key in known else self._height(index)
            self._ends[index] = end
        self._dirty = None
        if end > self._page and not self.show_vertical_scrollbar:
            self.virtual_size = Size(self._width, end)  # lays out the screen, and the scroll bar comes with that
        else:
            self._take_height(0)
        self.refresh()

    def _strips(self, index: int) -> list[Strip]:
        strips = self._rendered[index]
        if strips is None:
            row, here = self._drawn(index)
            lines = row.lines(self._width, is_open=self._keys[index] in self._open)
            if self._found is not None:
                lines = marked_lines(lines, row.head_line, self._found.needle, here)
            strips = self._rendered[index] = [self._strip(line) for line in lines]
        return strips

    def _strip(self, line: Content) -> Strip:
        base = self.visual_style
        segments = [Segment(text, style.rich_style) for text, style in line.render(base, "", parse_style=self._style)]
        return Strip(segments).adjust_cell_length(self._width, base.rich_style)

    def _style(self, name: str | Style) -> Style:
        if isinstance(name, Style):
            return name
        combined = Style()
        for part in name.split():
            combined += self._styles.content(part)
        return combined

    def render_line(self, y: int) -> Strip:
        """Line `y` of the view, with the places that the mouse selects by."""
        return self.row(y).apply_offsets(0, y + self.scroll_offset.y)

    def row(self, y: int) -> Strip:
        """Line `y` of the view; of an empty list, what is said there."""
        return with_selection(self, self._line(y), y + self.scroll_offset.y)

    def _line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        width = self.size.width
        base = self.visual_style.rich_style
        if not self._rows:
            return self._empty_line(y, width)
        index = bisect_right(self._ends, line)
        if index >= len(self._rows):
            return Strip.blank(width, base)
        strips = self._strips(index)
        within = line - self._start(index)
        if index != self.cursor:
            return strips[within].adjust_cell_length(width, base)
        head = self._row(index).head_line
        within = head if y == 0 and within > head else within
        return self._selected(strips[within].adjust_cell_length(width, base), within - head)

    def _selected(self, strip: Strip, below: int) -> Strip:
        """A line of the cursor's row, `below` its head: a bar at its left, and the head tinted."""
        if below < 0:
            return strip
        if below == 0:
            behind = self._styles.rich("focused cursor" if self.has_focus else "cursor")
            strip = Strip(tinted(strip, behind, self._styles.rich("hit")), strip.cell_length)
        if not strip.text.startswith(" "):
            return strip
        bar = self.visual_style.rich_style + self._styles.rich("focused bar" if self.has_focus else "bar")
        return Strip([Segment(BAR, bar), *strip.crop(1)], strip.cell_length)

    def _empty_line(self, y: int, width: int) -> Strip:
        base = self.visual_style
        lines = self._empty_lines(width)
        if y >= len(lines):
            return Strip.blank(width, base.rich_style)
        muted = (base + self._style("muted")).rich_style
        return Strip([Segment(" " + lines[y].plain, muted)]).adjust_cell_length(width, base.rich_style)

    def _empty_lines(self, width: int) -> list[Content]:
        return Content(self.empty).wrap(max(1, width - 1)) if self.empty else []

    def on_resize(self) -> None:
        """The size changed: measure the rows anew, and keep the cursor, or the end that is followed, in view."""
        width = self.scrollable_content_region.width
        if width != self._width:
            self._reader_at = self._reader_at or self._row_on_top()
            self._width = width
            if self._rows:  # else there is nothing to scroll, and setting a size lays the whole screen out again
                self._lay_out()
            if self._reader_at is not None and (index := self._index.get(self._reader_at[0])) is not None:
                start, end = self._start(index), self._ends[index]
                self._top = max(start, min(start + self._reader_at[1], end - 1))
        self._place(self._top_for_size())

    def _row_on_top(self) -> tuple[str, int] | None:
        """The row that is meant to be at the top of the view, and its line there."""
        index = bisect_right(self._ends, self._top)
        return (self._keys[index], self._top - self._start(index)) if index < len(self._keys) else None

    def _top_for_size(self) -> int:
        """The line at the top of the view: of the end that is followed, else the one that is meant, as far as the
        cursor's row stays in view."""
        if self._is_following:
            return self._settled_top
        top = min(self._top, self._last_top)
        if not 0 <= self.cursor < len(self._keys) or not self._page:
            return top
        if self._looking:
            looked_at = self._looked_at(top)
            return top if looked_at is None else min(looked_at, self._last_top)
        start, end = self._start(self.cursor), self._ends[self.cursor]
        if end - start > self._page:
            return top if start <= top <= end - self._page else start
        return max(min(top, start), end - self._page)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The list was scrolled: what is at its top now is meant to be there."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_placed:
            self._reader_at = None

    def notify_style_update(self) -> None:
        """The theme changed: the rows are rendered anew, when they are painted."""
        super().notify_style_update()
        self._rendered = [None] * len(self._rows)
        self.refresh()

    # -- moving --------------------------------------------------------------------------------------

    def validate_cursor(self, cursor: int) -> int:
        """The nearest row that there is; -1 is none."""
        return max(-1, min(cursor, len(self._keys) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """The cursor moved: paint the rows that it left and came to, and bring the latter into view."""
        self._looking = self._looking and old == -1
        if old != -1 or new != -1:
            self._top, self._reader_at = self.scroll_offset.y, None
        for index in (old, new):
            if 0 <= index < len(self._ends):
                start = self._start(index)
                self.refresh_lines(start, self._ends[index] - start)
        if 0 <= new < len(self._ends):
            start = self._start(new)
            region = Region(0, start, max(1, self._width), max(1, self._ends[new] - start))
            self.scroll_to_region(region, animate=False, force=True, immediate=True)

    def action_move(self, by: int) -> None:
        """Move the cursor `by` rows, up when that is negative; without a cursor, up begins at the last row."""
        self.cursor = max(0, self.cursor + by) if self.cursor >= 0 or by > 0 else len(self._keys) - 1

    def action_page(self, by: int) -> None:
        """Move the cursor down `by` times as many lines as are in view, up when that is negative."""
        if not self._keys:
            return
        line = self._start(max(0, self.cursor)) + by * max(1, self.size.height - 1)
        self.cursor = min(bisect_right(self._ends, max(0, line)), len(self._keys) - 1)

    def action_half_page(self, by: int) -> None:
        """Move the cursor by half as many lines as are in view, up when that is negative."""
        if self._keys:
            line = self._start(max(0, self.cursor)) + by * max(1, self.size.height // 2)
            self.cursor = min(bisect_right(self._ends, max(0, line)), len(self._keys) - 1)

    def action_filter(self, by: int) -> None:
        """Ask for the filter `by` places behind this one."""
        if self.can_filter:
            self.post_message(self.FilterAsked(self, by))

    # -- looking for words -----------------------------------------------------------------------------

    def _row_changed(self, index: int) -> None:
        """What was found in a row does not hold any more."""
        if self._found is not None:
            self._found.changed(index)
            self._news()

    def _rows_changed(self, count: int) -> None:
        """What was found in rows behind the first `count` does not hold any more."""
        if self._found is not None:
            self._found.cut(count)
            self._came()

    def _same_as(self, rows: Mapping[str, Row | MakeRow]) -> int:
        """How many rows at the beginning are the same."""
        pairs = zip(zip(self._keys, self._rows, strict=True), rows.items(), strict=False)
        same = (number for number, (old, new) in enumerate(pairs) if old != new)
        return next(same, min(len(self._keys), len(rows))) if self._found is not None else 0

    def let_out(self, key: str) -> None:
        """Show the rows that a row holds, or take them away again."""
        raise NotImplementedError

    def _look_for(self, needle: Needle | None) -> None:
        if needle is None:
            self._let_out.clear()
        elif self._put_back():  # what one types now may stand elsewhere
            self._wait()
        before = self._found.here if self._found is not None else None
        self._found = None if needle is None else FoundInRows(needle, self._found)
        self._rendered = [None] * len(self._rows)
        if before is not None and before.row < len(self._rows):
            self._measure(before.row)  # a part of it was shown for the hit
        self.refresh()

    def _put_back(self) -> bool:
        """Take away the rows that were let out to show a hit; return whether there were any."""
        known = [holder for holder in self._let_out if holder in self._index]
        shown = [holder for holder in known if not self._row(self._index[holder]).holds]
        self._let_out = []
        for holder in reversed(shown):
            self.let_out(holder)
        return bool(shown)

    def _look_on(self, time_is_up: Callable[[], bool]) -> bool:
        return self._found is None or self._found.look(self._rows, time_is_up)

    @property
    def _hit_count(self) -> int:
        return 0 if self._found is None else self._found.total

    @property
    def _hit_here(self) -> int | None:
        return None if self._found is None else self._found.number_here()

    def _hit_from(self, place: RowPlace) -> int | None:
        index = self._index.get(place.cursor) if place.cursor is not None else None
        if index is None:
            index = bisect_right(self._ends, place.top)
        return None if self._found is None else self._found.first_from(index)

    def _where(self) -> RowPlace:
        return RowPlace(self.cursor_key, self.scroll_offset.y, self._is_following)

    def _go_back(self, place: RowPlace) -> None:
        if self._found is not None:
            self._stand_on(None)
        self._put_back()
        if (key := self._shown_open) is not None:
            self._set_open(key, False)
            self._shown_open = None
        self.set_reactive(RowList.cursor, self._index.get(place.cursor, -1) if place.cursor is not None else -1)
        self._follows, self._reader_at = place.follows, None
        self._jump(self._settled_top if self._is_following else min(place.top, self._last_top))
        if not self._is_following:
            self._top = place.top  # it is, once the view is as high again as these rows need

    def _show_hit(self, number: int) -> None:
        assert self._found is not None
        here = self._found.at(number)
        self._stand_on(here)
        index, key = here.row, self._keys[here.row]
        row = self._row(index)
        folded = row.lines(self._width, is_open=False)
        is_hidden = here.part > 0 or not is_in_sight(folded, row.head_line, self._found.needle, here)
        self.show(key, unfold=is_hidden)
        if is_hidden and row.holds:
            self._show_again(number)
            self._let_out.append(key)
            self.let_out(key)
            return
        self._at_hit = True
        self._look()

    def _drawn(self, index: int) -> tuple[Row, FoundRow | None]:
        """What is drawn for a row, and which of the hits there is the one that one stands on."""
        row = self._row(index)
        return (row, None) if self._found is None else self._found.drawn(row, index)

    def _line_of_hit(self) -> int | None:
        """The line of the cursor's row, from its first, on which the hit begins that one stands on."""
        if self._found is None or (here := self._found.here_in(self.cursor)) is None:
            return None
        row, shown_as = self._drawn(self.cursor)
        lines = row.lines(self._width, is_open=self._keys[self.cursor] in self._open)
        return hit_line(lines, row.head_line, self._found.needle, shown_as or here)

    def _stand_on(self, here: FoundRow | None) -> None:
        assert self._found is not None
        for each in (self._found.here, here):
            if each is not None and each.row < len(self._rendered):
                self._rendered[each.row] = None
        before, self._found.here = self._found.here, here
        for row in {each.row for each in (before, here) if each is not None and each.row < len(self._keys)}:
            self._measure(row)  # another part of what it holds may be shown now
        self.refresh()

    def action_edge(self, which: int) -> None:
        """Move the cursor to the first row for 0, to the last for anything else."""
        self.cursor = 0 if which == 0 else len(self._keys) - 1

    def action_fold(self) -> None:
        """Unfold the row under the cursor, or fold it again; one without a body stays as it is."""
        self._stand()
        key = self.cursor_key
        if key is None or self._row(self.cursor).body is None:
            return
        if key == self._shown_open:
            self._shown_open = None
        self._set_open(key, key not in self._open)
        self.watch_cursor(-1, self.cursor)

    def action_open(self) -> None:
        """Send `Opened` with the row under the cursor."""
        self._stand()
        if (key := self.cursor_key) is not None:
            self.post_message(self.Opened(self, key))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse selected of the rows, without the lines that they are wrapped to."""
        return taken_along(self._selected_lines(selection)), "\n"

    def _selected_lines(self, selection: Selection) -> Iterator[tuple[RenderedLine, tuple[int, int]]]:
        first, last = selection.start, selection.end
        index = bisect_right(self._ends, 0 if first is None else first.y)
        while index < len(self._keys) and (last is None or self._start(index) <= last.y):
            lines = self._drawn(index)[0].taken_lines(self._width, is_open=self._keys[index] in self._open)
            for y, line in enumerate(lines, self._start(index)):
                if (span := selection.get_span(y)) is not None:
                    yield line, span
            index += 1

    def on_click(self, event: events.Click) -> None:
        """The first click on a row stands on it, the next one expands or folds it; one that selects does neither."""
        if self.text_selection is not None:
            return
        index = bisect_right(self._ends, event.y + self.scroll_offset.y)
        if index >= len(self._keys):
            return
        if index == self.cursor:
            self.action_fold()
        else:
            self.cursor = index

    def on_focus(self) -> None:
        """Stand on a row in view: a click that brought the focus still means what it pointed at."""
        self._stand()

    def _stand(self) -> None:
        """Have a cursor. Rows may come to a list that has the focus, which follows their end until a row is meant."""
        if self.cursor >= 0 or not self._keys:
            return
        if not self._width:
            self.cursor = len(self._keys) - 1 if self._follow else 0
            return
        line = self.scroll_offset.y + (max(0, self.size.height - 1) if self._follow else 0)
        self.cursor = min(bisect_right(self._ends, line), len(self._keys) - 1)
