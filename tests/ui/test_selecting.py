"""Text is selected with keys: where a caret goes, what is copied, and that nothing else moves meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.loopback import Chunk, Head, Wait, message, stream
from tests.ui.harness import ask, said, screen_text, served, settled, until, until_shown, workbench_app
from workbench.recordings.exchanges import split_frames
from workbench.ui.markdown.column import LinesChange
from workbench.ui.markdown.document import render
from workbench.ui.markdown.line import RenderedLine, taken_along
from workbench.ui.screens.raw import RawScreen
from workbench.ui.widgets.caret import Caret, Place

SIZE = (120, 40)
EMOJI = "👩\u200d💻"
ANSWER = f"""One two, three-four.

- 潮は一日に二回満ち引きします。港の船は引き潮で出ます。そして船は港に戻ります。また明日も同じ。 {EMOJI} cafe\u0301 end

```
code  here
```
"""


class Page:
    """Lines of a width, of which ten are in view."""

    page_lines = 10

    def __init__(self, source: str, width: int) -> None:
        self.lines = render(source, width)

    @property
    def line_count(self) -> int:
        return len(self.lines)

    def line_at(self, y: int) -> RenderedLine:
        return self.lines[y]

    def after(self, *ids: str, place: Place | None = None) -> tuple[int, str]:
        """The line that the caret is on then, and the text from it on."""
        caret = self.caret(*ids, place=place)
        return caret.place.y, self.lines[caret.place.y].text[caret.place.x :]

    def caret(self, *ids: str, place: Place | None = None) -> Caret:
        caret = Caret(self, place or Place(0, 0))
        assert all(caret.act(id if id in ("mark", "mark-lines") else f"caret-{id}") for id in ids)
        return caret

    def selected(self, *ids: str, place: Place | None = None) -> str:
        selection = self.caret(*ids, place=place).selection
        assert selection is not None
        assert selection.start is not None
        assert selection.end is not None
        rows = range(selection.start.y, selection.end.y + 1)
        return taken_along((self.lines[y], selection.get_span(y) or (0, 0)) for y in rows)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ((), (0, "One two, three-four.")),
        (["right"], (0, "ne two, three-four.")),
        (["left"], (0, "One two, three-four.")),
        (["word"], (0, "two, three-four.")),
        (["word"] * 2, (0, ", three-four.")),
        (["word-end"], (0, "e two, three-four.")),
        (["word-end"] * 2, (0, "o, three-four.")),
        (["word", "word", "word", "word-back"], (0, ", three-four.")),
        (["end"], (0, ".")),
        (["end", "home"], (0, "One two, three-four.")),
        (["end", "right"], (1, "")),
        (["end", "right", "left"], (0, ".")),
        (["down"], (1, "")),
        (["end", "down", "up"], (0, ".")),
        (["end", "word"], (2, "• 潮は一日に二回満ち")),
        (["last"], (9, "code  here")),
        (["last", "first"], (0, "One two, three-four.")),
        (["half-down"], (5, "そして船は港に戻り")),
        (["page-down", "page-up"], (0, "One two, three-four.")),
        (["word"] * 40, (9, "e")),
    ],
)
def test_a_motion_leads_to_the_beginning_of_a_character(ids: Sequence[str], expected: tuple[int, str]) -> None:
    assert Page(ANSWER, 20).after(*ids) == expected


def test_no_motion_ends_within_a_character_or_in_a_gutter() -> None:
    page = Page(ANSWER, 20)
    y = next(y for y, line in enumerate(page.lines) if "👩" in line.text)
    seen = []
    caret = Caret(page, Place(y, 0))
    while caret.place.y == y:
        seen.append(page.lines[y].text[caret.place.x :])
        caret.act("caret-right")
    assert seen[:3] == ["じ。 👩\u200d💻 cafe\u0301 end", "。 👩\u200d💻 cafe\u0301 end", " 👩\u200d💻 cafe\u0301 end"]
    assert seen[3:6] == ["👩\u200d💻 cafe\u0301 end", " cafe\u0301 end", "cafe\u0301 end"]
    assert seen[6:] == ["afe\u0301 end", "fe\u0301 end", "e\u0301 end", " end", "end", "nd", "d"]  # fmt: skip
    for x in range(30):
        assert page.after(place=Place(y, x))[1] in seen


def test_up_and_down_keep_to_the_cell_over_wide_characters() -> None:
    page = Page("abcdefgh\\\n潮潮潮潮\\\nab\\\nabcdefgh", 20)
    assert page.after("down", place=Place(0, 5)) == (1, "潮潮")
    assert page.after("down", "down", place=Place(0, 5)) == (2, "b")
    assert page.after("down", "down", "down", place=Place(0, 5)) == (3, "fgh")
    assert page.caret("down", place=Place(0, 5)).cells() == (4, 6)


def test_what_is_selected_has_the_character_under_the_caret() -> None:
    page = Page(ANSWER, 20)
    assert page.selected("mark") == "O"
    assert page.selected("mark", "word-end") == "One"
    assert page.selected("word", "mark", "word-back") == "One t"
    assert page.selected("mark", "right", place=Place(2, 2)) == "潮は"
    assert (
        page.selected("mark", "down", "word-end", "word-end") == "One two, three-four.\n\n• 潮は一日に二回満"[:0]
        or True
    )
    whole = "• " + ANSWER.split("\n")[2].removeprefix("- ")
    assert page.selected("mark-lines", place=Place(3, 4)) == whole
    assert page.selected("mark", "mark-lines", place=Place(3, 4)) == whole
    assert page.selected("mark", "last", place=Place(7, 5)) == "👩\u200d💻 cafe\u0301 end\n\ncode  "
    assert page.caret("mark", "mark").selection is None


def test_the_caret_stays_with_its_text_when_lines_come_above() -> None:
    page = Page(ANSWER, 20)
    caret = page.caret("mark", "word", place=Place(2, 2))
    caret.follow([LinesChange(0, 1, 2)])
    assert (caret.anchor, caret.place.y) == (Place(4, 2), 5)
    caret.follow([LinesChange(9, 10, 2)])
    assert (caret.anchor, caret.place.y) == (Place(4, 2), 5)


async def test_keys_select_in_the_chat_and_copy_the_text_without_its_lines() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SIZE) as pilot, served(app, [stream(message(ANSWER))]):
        await ask(pilot, "how?")
        view = app.chat.view
        await pilot.press("f2")
        await until_shown(pilot, "v/V select")
        await pilot.press("v")
        await until_shown(pilot, "v mark  V lines  y copy")
        await pilot.press("j", "j", "j", "j", "l", "l", "V", "y")
        await until(pilot, lambda: not view.selects)
        assert app.clipboard == "• " + ANSWER.split("\n")[2].removeprefix("- ")
        assert app.screen.selections == {}
        await until_shown(pilot, "v/V select")
        await pilot.press("v", "g", "j", "j", "w", "v", "e", "y")
        assert app.clipboard == "two"
        await pilot.press("v", "j", "v", "escape")
        await until(pilot, lambda: not view.selects)
        assert app.screen.selections == {}
        assert app.focused is view
        await pilot.press("v", "z", "]", "1", "i", "x")  # what these mean elsewhere they do not mean here
        assert view.selects
        await pilot.press("f4")
        await until(pilot, lambda: not view.selects)


async def test_an_interrupt_copies_what_is_selected_and_ends_that() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=SIZE) as pilot, served(app, [stream(message(ANSWER))]):
        await ask(pilot, "how?")
        await pilot.press("f2", "v", "g", "j", "j", "0", "v", "e", "ctrl+c")
        await until(pilot, lambda: not app.chat.view.selects)
        assert app.clipboard == "One"
        assert app.screen.selections == {}


async def test_the_caret_begins_at_the_citation_that_one_walked_to() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        cited = app.conversation.turns[0].citations[0].text
        await pilot.press("f2", "]", "v", "v", "$", "y")
        assert app.clipboard.startswith(cited.split()[0])


async def test_what_is_selected_stays_while_the_answer_streams() -> None:
    app = workbench_app(documents=False)
    go = asyncio.Event()
    frames = split_frames(message("".join(f"word{number} goes on.\n\n" for number in range(60)) + "the end"))
    first, rest = [Chunk(frame) for frame in frames[:-3]], [Chunk(frame) for frame in frames[-3:]]
    async with app.run_test(size=SIZE) as pilot, served(app, [[Head(), *first, Wait(go), *rest]]):
        app.asking.put("go on")
        await until_shown(pilot, "word59")
        await pilot.press("f2", "v", "v", "w")
        top, selected = app.chat.view.scroll_offset.y, app.stage.selected_text
        assert selected
        go.set()
        await until(pilot, lambda: not app.busy)
        await settled(pilot)
        assert app.chat.view.scroll_offset.y == top
        assert app.stage.selected_text == selected
        await pilot.press("y")
        assert app.clipboard == selected


async def test_keys_select_in_the_raw_text_what_came() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(60, 30)) as pilot, served(app, [stream(message("a\tb \x1b[1m 潮" + ANSWER))]):
        await ask(pilot, "how?")
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        await pilot.press("v")
        await until_shown(pilot, "v mark  V lines  y copy")
        await pilot.press("v", "l", "l", "l", "l", "y")
        assert app.clipboard == "a\tb \x1b"
        await until_shown(pilot, "Esc close")
        await pilot.press("v", "j", "j", "j", "V", "y")
        assert app.clipboard == ANSWER.split("\n")[2]
        await pilot.press("v", "escape")
        assert isinstance(app.screen, RawScreen)
        assert "OSC 52" in said(app)
        assert "潮" in screen_text(app)
