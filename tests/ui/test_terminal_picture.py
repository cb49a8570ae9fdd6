"""The picture: however few bytes it takes, the terminal shows what writing every row whole would have shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.emulator import Cell, Screen, screen_without_wrap
from workbench.ui.terminal.cells import Row, cells, cut, is_odd, loose_marks, put
from workbench.ui.terminal.inks import Inks
from workbench.ui.terminal.looks import Looks
from workbench.ui.terminal.picture import Picture

WIDTH, HEIGHT = 16, 9
INKS = Inks(colours=ColorSystem.TRUECOLOR)
STYLES = (
    None,
    Style(color="#c0c0c0", bgcolor="#101010"),
    Style(color="#c0c0c0", bgcolor="#101010", bold=True),
    Style(color="red", underline=True),
    Style(bgcolor="#202040", italic=True, reverse=True),
)
TEXTS = (
    "a", "b", "word ", " ", "      ", "│", "界", "漢字", "e\u0301", "n\u0303o", "界\u0301", "👍", "❤\ufe0f",
    "1\ufe0f\u20e3", "👩\u200d💻", "क\u0940", "ก\u0e47", "🇩🇪",
)  # fmt: skip

segments = st.tuples(st.sampled_from(TEXTS), st.sampled_from(STYLES)).map(lambda parts: Segment(*parts))
strips = st.lists(segments, max_size=12).map(lambda row: Strip(row).adjust_cell_length(WIDTH))
rows = st.integers(0, HEIGHT - 1)
Frame = dict[int, Strip]


def measured(strip: Strip) -> Strip:
    """A row that Rich has cut right; through a keycap emoji it cuts so that the row is too short."""
    return strip if len(cells(strip, Looks(INKS))) == WIDTH else Strip.blank(WIDTH)


@st.composite
def frames(draw: st.DrawFn) -> list[Frame]:
    """A whole first frame, then some that change rows, parts of rows, or move rows up."""
    screen = [draw(strips) for _ in range(HEIGHT)]
    found = [dict(enumerate(screen))]
    for kind in draw(st.lists(st.sampled_from(("rows", "part", "scroll", "nothing")), min_size=1, max_size=6)):
        before = list(screen)
        if kind == "rows":
            for y in draw(st.sets(rows)):
                screen[y] = draw(strips)
        elif kind == "part":
            y, x = draw(rows), draw(st.integers(0, WIDTH - 1))
            new = draw(strips).crop(0, draw(st.integers(0, WIDTH - x)))
            screen[y] = measured(Strip.join([before[y].crop(0, x), new, before[y].crop(x + new.cell_length)]))
        elif kind == "scroll":
            top = draw(st.integers(0, HEIGHT - 4))
            bottom, by = draw(st.integers(top + 3, HEIGHT - 1)), draw(st.integers(1, 3))
            bar = Strip([Segment(draw(st.sampled_from("│▂ ")), draw(st.sampled_from(STYLES)))])
            moved = [*before[top + by : bottom + 1], *(draw(strips) for _ in range(by))]
            screen[top : bottom + 1] = [measured(Strip.join([row.crop(0, WIDTH - 1), bar])) for row in moved]
        found.append({y: row for y, row in enumerate(screen) if row is not before[y]})
    return found


def whole(frame: Frame) -> Screen:
    """A screen that was written as Textual does: every row whole."""
    screen, stream = screen_without_wrap(WIDTH, HEIGHT)
    for y, strip in frame.items():
        stream.feed(f"\x1b[{y + 1};1H")
        for text, style, _ in strip:
            stream.feed(Strip.render_style(style or Style.null(), text, ColorSystem.TRUECOLOR))
    return screen


def followed(found: list[Frame], *, old_widths: bool = False) -> tuple[Screen, Screen, list[list[Cell]], list[Row]]:
    looks = Looks(INKS)
    picture = Picture(WIDTH, HEIGHT, looks)
    screen, stream = screen_without_wrap(WIDTH, HEIGHT, old_widths=old_widths)
    stream.feed("\x1b[7;41mwhat the shell left\x1b[3;5Hthere")
    known: Frame = {}
    for number, frame in enumerate(found):
        known |= frame
        cursor = (number % WIDTH, number % HEIGHT)
        stream.feed(picture.change({y: cells(strip, looks) for y, strip in frame.items()}, cursor))
        assert (screen.cursor.x, screen.cursor.y) == cursor
        assert picture.change({y: cells(strip, looks) for y, strip in known.items()}, cursor) == ""
        if not old_widths:
            assert screen.rows() == whole(known).rows()
    return screen, whole(known), screen.rows(), [cells(known[y], looks) for y in range(HEIGHT)]


@given(frames())
def test_any_frames_are_shown_as_if_written_whole(found: list[Frame]) -> None:
    followed(found)


@given(frames())
def test_where_a_terminal_disagrees_about_a_width_nothing_else_is_misplaced(found: list[Frame]) -> None:
    _, right, shown, wanted = followed(found, old_widths=True)
    for y, row in enumerate(wanted):
        if any(map(loose_marks, row)):
            continue
        odd = False
        for x, cell in enumerate(row):
            odd = is_odd(cell) if cell[0] else odd
            if not odd:
                assert shown[y][x] == right.cells(y)[x], (y, x)


def picture_of(*texts: str) -> tuple[Picture, Looks]:
    looks = Looks(INKS)
    picture = Picture(WIDTH, len(texts), looks)
    picture.change({y: line(text, looks) for y, text in enumerate(texts)}, (0, 0))
    return picture, looks


def line(text: str, looks: Looks) -> Row:
    return cells(Strip([Segment(text)]).adjust_cell_length(WIDTH), looks)


def test_one_character_more_costs_a_jump_and_that_character() -> None:
    picture, looks = picture_of("one", "two")
    assert picture.change({1: line("two!", looks)}, (0, 0)) == "\x1b[2;4H!\x1b[1H"


def test_rows_that_moved_are_moved_by_the_terminal() -> None:
    texts = [f"line {number}" for number in range(8)]
    picture, looks = picture_of(*texts)
    moved = picture.change({y: line(text, looks) for y, text in enumerate([*texts[1:], "new"])}, (0, 0))
    assert "\x1b[1;8r\x1b[8H\n\x1b[r" in moved
    assert not any(text in moved for text in texts)


@pytest.mark.parametrize(("x", "after"), [(2, "abx cd"), (3, "ab xcd"), (4, "ab界xd")])
def test_half_of_a_wide_character_is_blank(x: int, after: str) -> None:
    looks = Looks(INKS)
    row = cells([Segment("ab界cd")], looks)
    put(row, x, cells([Segment("x")], looks))
    assert "".join(text for text, _ in row) == after
    assert len(row) == 6


def test_a_row_is_cut_through_a_wide_character() -> None:
    looks = Looks(INKS)
    row = cells([Segment("ab界cd")], looks)
    assert [text for text, _ in cut(row, 3)] == ["a", "b", " "]


def test_a_mark_joins_the_character_of_the_segment_before() -> None:
    looks = Looks(INKS)
    row = cells([Segment("界", STYLES[3]), Segment("\u0301x")], looks)
    assert [text for text, _ in row] == ["界\u0301", "", "x"]
    assert row[1][1] is row[0][1] is looks.of(STYLES[3])


def test_a_mark_with_a_cell_of_its_own_is_kept_and_the_next_gap_takes_the_shift() -> None:
    looks = Looks(INKS)
    picture = Picture(WIDTH, 1, looks)
    screen, stream = screen_without_wrap(WIDTH, 1, old_widths=True)
    for end in ("│", "│x"):
        stream.feed(picture.change({0: line(f"क\u0940ab क\u093f   {end}", looks)}, (0, 0)))
        assert screen.display[0].rstrip() == f"क\u0940ab क\u093f {end}"  # in a row that is a cell longer for each
        assert screen.cells(0)[8].data == "│"
