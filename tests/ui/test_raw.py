"""The raw text: every character of it at its place, live, and out of the program byte by byte."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from tests.loopback import Chunk, Head, Reply, Wait, message, sse, stream
from tests.ui.harness import AppPilot, ask, said, screen_text, served, until, until_shown, workbench_app
from workbench.ui.app import WorkbenchApp
from workbench.ui.raw_text import PIECE, PIECE_LINES, RawText
from workbench.ui.screens.raw import RawScreen

WIDE = (120, 40)
ODD = "**not bold** <b>\r\n\ttab \x1b[31m\u202e漢字 e\u0301 [bold]x[/bold]\n\n  end \n"
ALPHABET = ["a", "word ", "\n", "\n\n", "\r\n", "\t", "漢", "e\u0301", "\N{MAN}\u200d\N{WOMAN}", "\x00", "x" * 300]


def some_text(seed: int, pieces: int) -> str:
    chosen = random.Random(seed)
    return "".join(chosen.choice(ALPHABET) for _ in range(pieces))


def laid_out(text: str, width: int) -> RawText:
    rows = RawText(width)
    rows.take(text)
    list(rows.work())
    return rows


def rows_of(rows: RawText) -> list[tuple[str, int | None]]:
    """What each row shows, and the number beside it."""
    return [(row.shown, row.number) for row in map(rows.row, range(rows.height))]


def put_together(rows: RawText) -> str:
    """The text as the rows have it: a line's end before each row that begins a line."""
    parts = []
    for number in range(rows.height):
        row = rows.row(number)
        parts.append(("\n" if row.number not in (None, 1) else "") + rows.text[row.start : row.end])
    return "".join(parts)


# -- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [1, PIECE // 2 - 1, PIECE // 2, PIECE - 1, PIECE])
def test_a_line_longer_than_a_piece_is_laid_out_below_a_short_one(before: int) -> None:
    text = "x" * (before - 1) + "\n" + "y" * (3 * PIECE) + "\nz"
    rows = RawText(80)
    rows.take(text)
    for _ in zip(range(20), rows.work(), strict=False):
        pass
    assert not rows.pending
    assert put_together(rows) == text


@pytest.mark.parametrize("width", [2, 11, 80])
@pytest.mark.parametrize("seed", range(4))
def test_every_character_is_on_one_row_and_every_line_has_its_number(seed: int, width: int) -> None:
    text = some_text(seed, 2_000)
    rows = laid_out(text, width)
    assert put_together(rows) == text.removesuffix("\n")
    numbers = [row.number for row in map(rows.row, range(rows.height)) if row.number is not None]
    assert numbers == list(range(1, len(text.removesuffix("\n").split("\n")) + 1))


@pytest.mark.parametrize("seed", range(4))
def test_text_that_grows_has_the_rows_that_it_has_as_a_whole(seed: int) -> None:
    text = some_text(seed, 400)
    growing = RawText(40)
    for end in range(0, len(text), 97):
        growing.take(text[:end])
        list(growing.work())
    growing.take(text)
    list(growing.work())
    assert put_together(growing) == text.removesuffix("\n")
    assert growing.text == text


@pytest.mark.parametrize("end", [PIECE - 1, PIECE, PIECE + 1])
def test_a_line_that_ends_where_a_piece_does_is_followed_by_no_empty_row(end: int) -> None:
    whole = laid_out("w" * end + "\nnext", 100)
    grown = RawText(100)
    for text in ("w" * end, "w" * end + "\nnext"):
        grown.take(text)
        list(grown.work())
    for rows in (whole, grown):
        assert rows_of(rows)[-1] == ("next", 2)
        assert all(shown for shown, _ in rows_of(rows))


def test_many_short_lines_are_in_pieces_too() -> None:
    rows = laid_out("\n" * 10 * PIECE_LINES, 80)
    assert rows.height == 10 * PIECE_LINES
    assert rows.row(rows.height - 1).number == 10 * PIECE_LINES


def test_a_place_is_found_again_at_another_width() -> None:
    text = some_text(7, 3_000)
    rows = laid_out(text, 50)
    offset = rows.row(rows.height // 2).start
    rows.resize(23)
    found = rows.row(rows.find(offset))
    assert found.start <= offset <= found.end


def test_only_what_is_looked_at_is_laid_out() -> None:
    rows = RawText(80)
    rows.take("w" * 1_000_000)
    list(rows.work(lambda: rows.height > 0))
    assert rows.pending
    list(rows.reach(0, 40))
    assert rows.row(0).shown == "w" * 80


# -- the screen ----------------------------------------------------------------------------------


async def opened(pilot: AppPilot) -> RawScreen:
    await pilot.press("f7")
    await until(pilot, lambda: isinstance(pilot.app.screen, RawScreen))
    assert isinstance(pilot.app.screen, RawScreen)
    return pilot.app.screen


def copied(app: WorkbenchApp) -> str:
    return app.clipboard


async def test_one_key_shows_what_came_as_it_came_and_copies_it() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        async with served(app, [stream(message(ODD))]):
            await ask(pilot, "odd?")
        await opened(pilot)
        await until_shown(pilot, "Raw text of turn 1", "**not bold** <b>␍", "⇥tab ␛[31m·漢字", "[bold]x[/bold]")
        assert "\x1b[31m" not in screen_text(app)
        await pilot.press("y")
        assert copied(app) == ODD
        assert "sent to the terminal's clipboard" in said(app)
        await pilot.press("escape")
        assert app.screen is app.screen_stack[0]
        assert app.focused is app.prompt


@pytest.mark.parametrize("text", [ODD, "no line end", "\r\n\r\n", "\ud83d\ude00 joined", "\N{BYTE ORDER MARK}bom"])
async def test_files_have_the_bytes_that_came(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        async with served(app, [stream(message(text))]):
            await ask(pilot, "odd?")
        app.commands.run("/copy copied.md")
        await opened(pilot)
        await pilot.press("w", "w")
        await until(pilot, lambda: Path("answer-1-2.md").exists())
        assert "answer-1-2.md" in said(app)
    expected = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()
    for name in ("copied.md", "answer-1.md", "answer-1-2.md"):
        assert Path(name).read_bytes() == expected


async def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        async with served(app, [stream(message("text"))]):
            await ask(pilot, "?")
        await opened(pilot)
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        await pilot.press("w")
        await until(pilot, lambda: "not written: No such file" in said(app))


async def test_thinking_and_plan_are_parts_of_their_own() -> None:
    app = workbench_app(tools=True)
    calls = [("c1", "opening_hours", '{"place": "library"}')]
    async with app.run_test(size=WIDE) as pilot:
        first = stream(message("", plan="I will *look*.", tool_calls=calls))
        async with served(app, [first, stream(message("It opens at 9.", thinking="hm, <b>"))]):
            await ask(pilot, "when?")
        await opened(pilot)
        await until_shown(pilot, "[answer 14]", "thinking 7", "plan 14")
        for part, text in (("thinking", "hm, <b>"), ("plan", "I will *look*."), ("answer", "It opens at 9.")):
            await pilot.press("right")
            await until_shown(pilot, f"[{part} {len(text)}]", text)
            await pilot.press("y")
            assert copied(app) == text
        await pilot.press("left")
        await until_shown(pilot, "[plan 14]")


async def test_it_is_live_while_the_answer_streams() -> None:
    app = workbench_app()
    go_on = asyncio.Event()
    body = message("The **first** part and the **second** part.")
    half = body.index(b"second")
    async with app.run_test(size=WIDE) as pilot:
        script: list[Reply] = [[Head(), Chunk(body[:half]), Wait(go_on), Chunk(body[half:])]]
        async with served(app, script):
            app.prompt.insert("?")
            await pilot.press("enter")
            await until_shown(pilot, "first")
            await opened(pilot)
            await until_shown(pilot, "The **first** part", "streaming")
            assert "second" not in screen_text(app)
            go_on.set()
            await until_shown(pilot, "The **first** part and the **second** part.")
            await until(pilot, lambda: "streaming" not in screen_text(app))


async def test_the_turn_that_is_read_is_shown() -> None:
    app = workbench_app()
    long = "\n\n".join(f"paragraph {n}" for n in range(60))
    async with app.run_test(size=WIDE) as pilot:
        async with served(app, [stream(message(long)), stream(message("the second"))]):
            await ask(pilot, "one")
            await ask(pilot, "two")
        await opened(pilot)
        await until_shown(pilot, "Raw text of turn 2")
        await pilot.press("escape", "f2", "home")
        await opened(pilot)
        await until_shown(pilot, "Raw text of turn 1", "paragraph 0")
        await pilot.press("end")
        await until_shown(pilot, "paragraph 59")
        await pilot.press("home")
        await until_shown(pilot, "paragraph 0")


async def test_without_an_answer_it_says_so() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f7")
        assert "no answer yet" in said(app)
        assert not isinstance(app.screen, RawScreen)


async def test_what_the_mouse_selects_is_the_text_as_it_came() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        async with served(app, [stream(message(ODD))]):
            await ask(pilot, "?")
        screen = await opened(pilot)
        await until_shown(pilot, "not bold")
        view = screen._view
        assert view.get_selection(Selection(Offset(2, 0), Offset(3, 1))) == (ODD[2 : ODD.index("\t") + 3], "")
        assert view.get_selection(Selection(None, None)) == (ODD, "")


async def test_a_very_long_answer_can_be_walked() -> None:
    app = workbench_app()
    text = "".join(f"line {n} of it\n" for n in range(20_000)) + "x" * 200_000 + "\nthe last line"
    body = sse(
        {"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}},
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": text}}}},
        {"type": "message-end", "delta": {"finish_reason": "COMPLETE"}},
    )
    async with app.run_test(size=WIDE) as pilot:
        async with served(app, [stream(body)]):
            await ask(pilot, "?")
        screen = await opened(pilot)
        await until_shown(pilot, "line 0 of it")
        await pilot.press("end")
        await until_shown(pilot, "20002 the last line")
        await pilot.resize_terminal(80, 24)
        await until_shown(pilot, "20002 the last line")
        await pilot.press("home")
        await until_shown(pilot, "1 line 0 of it")
        await pilot.press("pagedown")
        await until_shown(pilot, "line 22 of it")
        assert screen._view.text == text
