"""The transcript widget in a running app: what is on the screen, what keys do, what messages it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from rich.style import Style
from textual.app import ComposeResult
from textual.color import Color
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import SELECT_ALL, Selection

from workbench.ui.markdown.column import LinesChange, TimeIsUp
from workbench.ui.markdown.turn_view import TurnView
from workbench.ui.themes.themed_app import ThemedApp
from workbench.ui.widgets.chat_view import ChatView, Mark, NoticeKind
from workbench.ui.widgets.transcript import Transcript

RULE = "───────────────────────────────── {} ──"


class Host(ThemedApp[None]):
    """Nothing but a transcript; keeps the messages that it sends."""

    def __init__(self) -> None:
        super().__init__()
        self.view = Transcript(id="transcript")
        self.sent: list[tuple[str, int, int]] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()

    def on_transcript_citation_selected(self, message: Transcript.CitationSelected) -> None:
        self.sent.append(("selected", message.turn, message.index))

    def on_transcript_citation_opened(self, message: Transcript.CitationOpened) -> None:
        self.sent.append(("opened", message.turn, message.index))

    @property
    def rows(self) -> list[str]:
        rows = [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def drawn(self, attribute: str) -> list[str]:
        """Per row, the text whose style has `attribute` ("underline", "bold", ...)."""
        return self._texts(lambda style: bool(getattr(style, attribute)))

    def chosen(self) -> list[str]:
        """Per row, the text on the ground of the selected citation."""
        ground = Color.parse(self.theme_variables["wb-cited-selected"]).rich_color
        return self._texts(lambda style: style.bgcolor == ground)

    def _texts(self, wanted: Callable[[Style], bool]) -> list[str]:
        rows = (self.view.render_line(y) for y in range(self.view.size.height))
        texts = ("".join(s.text for s in row if s.style and wanted(s.style)) for row in rows)
        return [text for text in texts if text.strip()]


@asynccontextmanager
async def running(width: int = 40, height: int = 12) -> AsyncIterator[tuple[Host, Transcript, Pilot[None]]]:
    app = Host()
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause()
        yield app, app.view, pilot


def answer(view: Transcript, turn: int, text: str, *marks: Mark, prompt: str = "Question?") -> None:
    view.begin_turn(turn, prompt)
    view.append_text(turn, text)
    for mark in marks:
        view.mark_citation(turn, mark)
    view.finish(turn)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the app run until `condition` holds; fails when it does not in good time."""
    for _ in range(2_000):
        if condition():
            return
        await pilot.pause(0.005)
    raise AssertionError("it never came to that")


def numbered(count: int, word: str = "line") -> str:
    return "\n\n".join(f"{word} {number}" for number in range(count))


async def test_a_turn_from_question_to_notice() -> None:
    async with running() as (app, view, _):
        chat: ChatView = view
        chat.begin_turn(1, "Is *this*\nplain?")
        chat.append_thinking(1, "Well, **perhaps**.")
        chat.append_text(1, "**Yes**, on ")
        chat.append_text(1, "Mondays.")
        chat.mark_citation(1, Mark(0, 9, 19, (1,)))
        chat.notice(1, "error", "✗ failed · the server went away")
        chat.finish(1, thinking_seconds=0.8, seconds=2.44)
        assert app.rows == [
            "▌ Is *this*",
            "▌ plain?",
            "",
            "▸ thought for 0.8 s",
            "Yes, on Mondays[1].",
            "",
            "✗ failed · the server went away",
            "───────────────────────── 1 · 2.4 s ──",
        ]
        assert app.drawn("underline") == ["on Mondays"]
        assert view.answer_text(1) == "**Yes**, on Mondays."


async def test_turns_follow_each_other() -> None:
    async with running() as (app, view, _):
        answer(view, 1, "one")
        answer(view, 2, "two")
        assert app.rows == [
            "▌ Question?", "", "one", RULE.format(1), "▌ Question?", "", "two", RULE.format(2),
        ]  # fmt: skip
        assert [view.answer_text(turn) for turn in (1, 2, 3)] == ["one", "two", ""]


async def test_what_came_before_the_first_layout_is_shown() -> None:
    app = Host()
    app.view.begin_turn(1, "Early?")
    app.view.append_text(1, "word " * 12)
    async with app.run_test(size=(31, 12)) as pilot:
        await pilot.pause()
        assert app.rows[2:] == ["word word word word word word"] * 2


async def test_deltas_are_joined_and_shown_without_more_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    refreshes = []
    update = TurnView.update

    def counted(self: TurnView, time_is_up: TimeIsUp) -> list[LinesChange]:
        refreshes.append(self.turn)
        return update(self, time_is_up)

    async with running() as (app, view, pilot):
        view.begin_turn(1, "Question?")
        monkeypatch.setattr(TurnView, "update", counted)
        for _ in range(200):
            view.append_text(1, "word ")
        assert (refreshes, app.rows[2:]) == ([], [])
        await until(pilot, lambda: bool(refreshes))
        assert refreshes == [1]
        assert app.rows[-1].endswith("word")


async def test_an_unknown_turn_is_ignored() -> None:
    async with running() as (app, view, _):
        view.append_text(7, "x")
        view.append_thinking(7, "x")
        view.mark_citation(7, Mark(0, 0, 1, (1,)))
        view.notice(7, "info", "x")
        view.finish(7)
        view.select_citation(7, 0)
        assert (app.rows, view.selected_citation) == ([], None)


async def test_clear_forgets_everything() -> None:
    async with running(height=6) as (app, view, pilot):
        answer(view, 1, numbered(20), Mark(0, 0, 4, (1,)))
        await pilot.press("right_square_bracket")
        view.clear()
        await pilot.pause()
        assert (app.rows, view.selected_citation, view.max_scroll_y) == ([], None, 0)
        answer(view, 1, "new")
        assert app.rows[0] == "▌ Question?"


# -- scrolling -----------------------------------------------------------------------------------


async def test_it_follows_the_end_until_the_user_scrolls_up_and_again_from_the_end() -> None:
    async with running(height=8) as (app, view, pilot):
        view.begin_turn(1, "Question?")
        for number in range(20):
            view.append_text(1, f"line {number}\n\n")
            await pilot.pause()
        await until(pilot, lambda: app.rows[-1] == "line 19")
        await pilot.press("pageup")
        above = app.rows
        view.append_text(1, numbered(20, "more"))
        view.finish(1)
        await pilot.pause()
        assert app.rows == above
        await pilot.press("end")
        assert app.rows[-2:] == ["more 19", RULE.format(1)]
        view.append_text(1, "\n\nlast")
        view.finish(1)
        assert app.rows[-2] == "last"


async def test_scrolling_keys() -> None:
    async with running(height=8) as (app, view, pilot):
        answer(view, 1, numbered(30))
        await pilot.pause()
        await pilot.press("home")
        assert app.rows[0] == "▌ Question?"
        await pilot.press("down", "down", "down")
        assert app.rows[:2] == ["", "line 1"]
        await pilot.press("pagedown")
        assert view.scroll_offset.y == 11
        await pilot.press("up")
        assert view.scroll_offset.y == 10
        await pilot.press("end")
        assert app.rows[-2] == "line 29"


async def test_scrolling_down_to_the_end_follows_again() -> None:
    async with running(height=8) as (app, view, pilot):
        answer(view, 1, numbered(10))
        await pilot.pause()
        await pilot.press("up", "up", "down", "down")
        view.append_text(1, "\n\nlast")
        view.finish(1)
        assert app.rows[-2] == "last"


async def test_a_new_question_goes_to_the_end() -> None:
    async with running(height=8) as (app, view, pilot):
        answer(view, 1, numbered(20))
        await pilot.pause()
        await pilot.press("home")
        view.begin_turn(2, "Next?")
        assert app.rows[-1] == "▌ Next?"


async def test_growth_above_does_not_move_what_is_read() -> None:
    async with running(height=8) as (app, view, pilot):
        answer(view, 1, "short")
        answer(view, 2, numbered(20))
        await pilot.pause()
        await pilot.press("up", "up")
        before = app.rows
        view.append_text(1, numbered(9, "late"))
        view.finish(1)
        await pilot.pause()
        assert app.rows == before


async def test_a_new_width_wraps_again_and_keeps_the_place() -> None:
    async with running(width=60, height=8) as (app, view, pilot):
        answer(view, 1, "\n\n".join(f"p{n} " + "word " * 20 for n in range(20)))
        await pilot.pause()
        await pilot.press("home", "pagedown", "pagedown")
        while not app.rows[0].startswith("p"):
            await pilot.press("down")
        first = app.rows[0].split()[0]
        await pilot.resize_terminal(30, 10)
        await pilot.pause()
        assert app.rows[0].split()[0] == first
        assert max(map(len, app.rows)) <= 29
        await pilot.resize_terminal(60, 8)
        await pilot.pause()
        assert app.rows[0].split()[0] == first


async def test_a_new_size_at_the_end_stays_at_the_end() -> None:
    async with running(width=60, height=8) as (app, view, pilot):
        answer(view, 1, "word " * 200 + "last")
        await pilot.pause()
        for size in ((25, 8), (25, 20), (70, 5)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.rows[-2].endswith("last")


# -- citations -----------------------------------------------------------------------------------


async def test_walking_the_citations() -> None:
    async with running(height=8) as (app, view, pilot):
        text = numbered(30)
        spans = [text.index(f"line {number}") for number in (2, 25)]
        answer(view, 1, text, *(Mark(n, at, at + 6 + n, (n + 1,)) for n, at in enumerate(spans)))
        answer(view, 2, "again", Mark(0, 0, 5, (1,)))
        await pilot.pause()
        await pilot.press("home", "right_square_bracket")
        assert view.selected_citation == (1, 0)
        assert app.chosen() == ["line 2[1]"]
        await pilot.press("right_square_bracket")
        assert app.chosen() == ["line 25[2]"]
        await pilot.press("right_square_bracket", "right_square_bracket")
        assert view.selected_citation == (2, 0)
        await pilot.press("left_square_bracket", "enter")
        await pilot.pause()
        walked = [(1, 0), (1, 1), (2, 0), (1, 1)]
        assert app.sent == [*(("selected", *citation) for citation in walked), ("opened", 1, 1)]


async def test_walking_starts_from_what_is_in_view() -> None:
    async with running(height=8) as (_, view, pilot):
        text = numbered(30)
        spans = [text.index(f"line {number}") for number in (2, 25)]
        answer(view, 1, text, *(Mark(n, at, at + 6 + n, (n + 1,)) for n, at in enumerate(spans)))
        await pilot.pause()
        await pilot.press("left_square_bracket")
        assert view.selected_citation == (1, 1)


async def test_without_citations_the_keys_do_nothing() -> None:
    async with running() as (app, view, pilot):
        answer(view, 1, "text")
        await pilot.press("right_square_bracket", "left_square_bracket", "enter")
        await pilot.pause()
        assert (view.selected_citation, app.sent) == (None, [])


async def test_selecting_from_outside_scrolls_and_sends_nothing() -> None:
    async with running(height=8) as (app, view, pilot):
        text = numbered(30)
        at = text.index("line 3")
        answer(view, 1, text, Mark(4, at, at + 6, (1,)))
        await pilot.pause()
        view.select_citation(1, 4)
        await pilot.pause()
        assert app.chosen() == ["line 3[1]"]
        view.select_citation(1, 99)
        assert (view.selected_citation, app.sent) == ((1, 4), [])


async def test_a_selected_span_over_several_lines_stands_out_on_each() -> None:
    async with running(width=20) as (app, view, _):
        text = "- one two\n- **three four** five\n"
        answer(view, 1, text, Mark(0, text.index("two"), text.index(" five"), (2,)))
        view.select_citation(1, 0)
        assert app.chosen() == ["two", "three four[2]"]


async def test_the_indentation_of_cited_lines_is_not_underlined() -> None:
    async with running(width=30) as (app, view, _):
        text = "```\nif x:\n    return 1\n```\n"
        answer(view, 1, text, Mark(0, text.index("if x"), text.index("1\n") + 1, (1,)))
        assert [row for row in app.rows if "return" in row] == ["      return 1[1]"]
        assert app.drawn("underline") == ["if x:", "return 1"]


# -- thinking ------------------------------------------------------------------------------------


async def test_thinking_streams_folds_and_unfolds() -> None:
    async with running(width=30) as (app, view, pilot):
        view.begin_turn(1, "Why?")
        view.append_thinking(1, "First I look.\nThen I *leap*.")
        view.toggle_thinking()
        assert app.rows[2:] == ["▾ thinking …", "  First I look.", "  Then I *leap*."]
        await pilot.press("space")
        assert app.rows[2:] == ["▾ thinking …", "  Then I *leap*."]
        view.append_text(1, "Because.")
        view.finish(1, thinking_seconds=2.0)
        assert app.rows[2:] == ["▸ thought for 2.0 s", "Because.", RULE.format(1)[-28:]]
        await pilot.press("space")
        assert app.rows[2:] == [
            "▾ thought for 2.0 s",
            "  First I look.",
            "  Then I *leap*.",
            "",
            "Because.",
            RULE.format(1)[-28:],
        ]


async def test_space_folds_the_turn_in_view() -> None:
    async with running(height=8) as (app, view, pilot):
        for turn in (1, 2):
            view.begin_turn(turn, "Why?")
            view.append_thinking(turn, f"thought {turn}")
            view.append_text(turn, numbered(12))
            view.finish(turn)
        await pilot.pause()
        await pilot.press("home", "space")
        assert app.rows[2:4] == ["▾ thought", "  thought 1"]
        await pilot.press("end", "space")
        selected = view.get_selection(SELECT_ALL)
        assert selected is not None
        assert [line for line in selected[0].splitlines() if "thought " in line] == ["thought 1", "thought 2"]


# -- what comes from outside ---------------------------------------------------------------------

HOSTILE = [
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b[2J\x1b[31mred",
    "\x9b31m",
    "a\u202egnp.exe",
    "a\u200bb\ufeffc",
    "\U000e0041\U000e0042",
    "\ud83d lone",
    "[bold]x[/]",
    "[@click=app.quit]x[/]",
    "[/]",
    "[link=http://a.b]x[/link]",
    "a\rb\x08c\x7f",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_shown_and_obeyed_nowhere(text: str) -> None:
    async with running(width=60) as (app, view, pilot):
        view.begin_turn(1, text)
        view.append_thinking(1, text)
        view.toggle_thinking()
        view.append_text(1, f"{text} `{text}` **{text}**\n\n```\n{text}\n```\n\n| {text} |\n|---|\n| {text} |\n")
        view.mark_citation(1, Mark(0, 0, len(text), (1,)))
        kinds: tuple[NoticeKind, ...] = ("error", "warning", "info")
        for kind in kinds:
            view.notice(1, kind, text)
        view.finish(1)
        await pilot.pause()
        everything = "\n".join(app.rows)
        everything.encode("utf-8")
        assert not [character for character in everything if ord(character) < 32 and character != "\n"]
        assert not set("\x7f\x9b\u202e\u200b\ufeff\U000e0041\ud83d") & set(everything)
        if text.startswith("["):
            assert everything.count(text) >= 5
        for y in range(view.size.height):
            for segment in view.render_line(y):
                assert segment.style is None or "@click" not in segment.style.meta


async def test_every_style_is_there_in_light_and_dark() -> None:
    async with running(width=60, height=40) as (app, view, pilot):
        text = (
            "# H\n\n**b** *i* ~~s~~ `c` [l](http://a.b) ![i](m)\n\n> q\n\n- x\n\n---\n\n| h |\n|---|\n| c |\n\n"
            "```python\n@f\nclass A: return 'x', 1  # c\n```\n\n```diff\n-a\n+b\n```\n"
        )
        answer(view, 1, text, Mark(0, 0, 3, (1,)))
        looks = []
        for theme in ("textual-dark", "textual-light"):
            app.theme = theme
            await pilot.pause()
            looks.append([segment.style for y in range(30) for segment in view.render_line(y)])
        assert looks[0] != looks[1]


async def test_selected_text_is_what_is_rendered_without_what_is_only_for_the_screen() -> None:
    async with running() as (_, view, _):
        answer(view, 1, "**bold** and `code`\n\nnext 日本 line", Mark(0, 0, 8, (1,)))
        selection = Selection.from_offsets(Offset(4, 2), Offset(7, 4))
        assert view.get_selection(selection) == ("[1] and code\n\nnext 日本", "\n")
        whole = view.get_selection(SELECT_ALL)
        assert whole is not None
        assert whole[0] == "Question?\n\nbold[1] and code\n\nnext 日本 line\n"


async def test_selecting_with_the_mouse_marks_and_copies() -> None:
    async with running() as (app, view, pilot):
        answer(view, 1, "one two three")
        await pilot.pause()
        await pilot.mouse_down(view, offset=(5, 2))
        await pilot.hover(view, offset=(7, 2))
        await pilot.mouse_up(view, offset=(7, 2))
        await pilot.pause()
        assert app.screen.get_selected_text() == "two"


async def test_cited_code_keeps_its_colours_and_a_diff_has_its_own() -> None:
    text = "```diff\n-old\n+new\n```\n\n```python\nreturn 'a'\n```\n\nIt is new."
    looks = []
    for marks in ((), (Mark(0, 0, len(text), (1,)),)):
        async with running(60, 24) as (app, view, pilot):
            answer(view, 1, text, *marks)
            await until(pilot, lambda: any("return" in row for row in app.rows))
            segments = [segment for y in range(24) for segment in view.render_line(y)]
            looks.append({segment.text: segment.style for segment in segments if segment.style})
    plain, cited = looks
    words = ("-old", "+new", "return", "'a'")
    for word in words:
        assert cited[word].color == plain[word].color
        assert cited[word].underline
    assert len({plain[word].color for word in ("-old", "+new", "It is new.")}) == 3
    assert "It is new." in cited
