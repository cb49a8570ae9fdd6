"""README's tour works as it stands there, key by key, in what tmux over SSH makes of a terminal, at both sizes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.demo import QUERIES, Cast
from tests.e2e.terminal import Terminal
from tests.e2e.test_terminal import LEAVES_ALTERNATE_SCREEN, SIZES
from tests.emulator import Cell, Screen, Stream
from tests.tour import OVER_SSH, ROOT, opened, see, sent, stops, take
from workbench.ui.themes.own import AUTO

START, *TOUR, LEAVE = stops((ROOT / "README.md").read_text("utf-8"))


def chat_and_rest(terminal: Terminal) -> tuple[list[list[Cell]], list[list[Cell]]]:
    """The cells of the chat, and those of the panes beside or below it."""
    rows = terminal.screen.rows()[1:-2]
    bar = next((x for x, cell in enumerate(rows[0]) if cell.data == "│"), 0)
    if bar:
        return [row[:bar] for row in rows], [row[bar + 1 :] for row in rows]
    below = next(y for y, row in enumerate(rows) if "[F4 Sources]" in "".join(cell.data for cell in row))
    return rows[:below], rows[below:]


def words(cells: Iterator[Cell]) -> str:
    """The letters and digits of some cells: what stands between them differs by where lines end."""
    return re.sub(r"\W", "", re.sub(r"\[\d+\]", "", "".join(cell.data for cell in cells)))


def selected(rows: list[list[Cell]]) -> str:
    """What stands on the ground of the citation that is selected, which is a grey of the 256 colours."""
    number = AUTO.shades["cited-selected"].of_256
    assert number is not None
    ground = f"{8 + 10 * (number - 232):02x}" * 3
    return words(cell for row in rows for cell in row if cell.bg == ground)


def underlined(rows: list[list[Cell]]) -> str:
    return words(cell for row in rows for cell in row if cell.underscore)


def replayed(cast: Cast, size: tuple[int, int]) -> list[list[Cell]]:
    """The screen at the end of a recording."""
    header, *lines = map(json.loads, cast.text("", OVER_SSH).splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, *size)
    screen = Screen(*size)
    stream = Stream(screen)
    for _, kind, text in lines:
        assert kind == "o" and not QUERIES.search(text)
        stream.feed(text)
    return screen.rows()


@pytest.mark.parametrize("size", SIZES)
def test_every_key_of_the_tour_shows_what_the_table_says(size: tuple[int, int]) -> None:
    cast = Cast(size)
    with opened(START, size, hears=cast.write) as terminal:
        see(terminal, START.seen)
        for stop in TOUR:
            for _ in take(terminal, stop):
                pass
            if stop.keys == ("]",):
                chat, sources = chat_and_rest(terminal)
                assert len(selected(chat)) > 20
                assert underlined(sources) == selected(chat)
        assert replayed(cast, size) == terminal.screen.rows()
        terminal.press(sent(LEAVE.keys[0]))
        assert terminal.wait_for_exit() == 0
        left = terminal.written.rpartition(LEAVES_ALTERNATE_SCREEN)[2].decode()
        assert all(seen in left for seen in LEAVE.seen)


def test_the_tour_has_a_key_for_each_thing_that_is_promised() -> None:
    pressed = [key for stop in TOUR for key in stop.keys]
    assert [key for key in pressed if re.fullmatch(r"F\d", key)] == ["F3", "F5", "F6", "F7", "F1"]
    assert all(stop.seen for stop in (START, *TOUR, LEAVE))
