"""What is pasted, and the backstop behind every widget."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.color import Color

from tests.ui.harness import ask, said, screen_text, settled, until, until_shown, workbench_app
from tests.ui.test_key_order import write
from workbench.ui.backstop import SafeLines
from workbench.ui.terminal.keyboard import Keyboard
from workbench.ui.widgets.prompt import LONGEST, PASTED_AT_ONCE

HOSTILE = "a\x07b\x9bc\x7fd\u202ee\u200bf\x1b[31mg"


def is_obeyed(character: str) -> bool:
    return character in "\u202e\u200b" or ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0


async def test_a_paste_is_not_sent_and_brings_no_control_character() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.post_message(events.Paste(f"one\r\ntwo\rthree\tfour {HOSTILE}"))
        await settled(pilot)
        assert app.prompt.text == "one\ntwo\nthree\tfour a␇b�c␡d\u202ee\u200bf␛[31mg"
        assert app.conversation.turns == []
        shown = screen_text(app)
    assert "a␇b�c␡d" in shown


async def test_opening_a_long_paste_lets_everything_else_go_on_and_keys_wait_behind_it() -> None:
    app = workbench_app()
    text = "a line of what was pasted\n" * 4_000
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        sizes = []
        app.prompt.focus()
        for event in (events.Paste(text), events.Key("alt+o", None), events.Key("z", "z")):
            app.prompt.post_message(event)
        while not app.prompt.text.endswith("z"):
            sizes.append(len(app.prompt.text))
            await asyncio.sleep(0)
        assert app.prompt.text == text + "z"
    steps = [after - before for before, after in pairwise(sizes)]
    assert max(steps) <= PASTED_AT_ONCE


LONG = "".join(f"line {number}\n" for number in range(212))


async def test_a_long_paste_is_folded_and_sent_whole() -> None:
    app = workbench_app()
    sent: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.asking.put = sent.append  # type: ignore[method-assign, assignment]
        write(app, f"see \x1b[200~{LONG}\x1b[201~ and \x1b[200~{'x' * 1001}\x1b[201~!".encode())
        await until_shown(pilot, "> see [pasted 212 lines] and [pasted 1,001 characters]!")
        write(app, b"\r\x1b[A")
        await until(pilot, lambda: bool(sent))
        assert sent == [f"see {LONG} and {'x' * 1001}!"]
        await until(pilot, lambda: app.prompt.text == sent[0])


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (b"\x7f", "ab c"),
        (b"\x17", "ab c"),
        (b"\x15", " c"),
        (b"\x1b[D!", "ab![pasted 212 lines] c"),
        (b"\x1b[D\x1b[C!", "ab[pasted 212 lines]! c"),
        (b"\x1b[D\x1b[3~", "ab c"),
        (b"\x1bb!", "ab!"),
        (b"\x7f\x1f!", "ab[pasted 212 lines]! c"),
        (b"\x1b\x7f\x19!", "ab[pasted 212 lines]! c"),
    ],
)
async def test_a_folded_paste_is_one_thing(keys: bytes, text: str) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, f"ab c\x1b[D\x1b[D\x1b[200~{LONG}\x1b[201~".encode() + keys)
        await settled(pilot)
        assert app.prompt.text.startswith(text)
        assert app.prompt.whole == app.prompt.text.replace("[pasted 212 lines]", LONG)


async def test_a_folded_paste_opens_and_two_of_them_are_told_apart() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        other = LONG.replace("line", "[pasted 212 lines]")
        write(app, f"\x1b[200~{LONG}\x1b[201~ \x1b[200~{other}\x1b[201~ \x1b[200~{LONG}\x1b[201~".encode())
        await until_shown(pilot, "[pasted 212 lines] [pasted 212 lines · 2] [pasted 212 lines]")
        assert app.prompt.whole == f"{LONG} {other} {LONG}"
        write(app, b"\x01\x1bo")
        await until(pilot, lambda: app.prompt.text == f"{LONG} [pasted 212 lines · 2] [pasted 212 lines]")
        write(app, b"\x03\x1bo")
        await until_shown(pilot, "nothing that was pasted is folded here")


async def test_a_folded_paste_is_sent_whole_however_much_was_pasted_since() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.prompt.post_message(events.Paste(LONG))
        await until_shown(pilot, "> [pasted 212 lines]")
        for number in range(8):
            app.prompt.post_message(events.Paste(f"{number}" * 180_000))
            app.prompt.post_message(events.Key("backspace", None))
        await settled(pilot)
        assert app.prompt.whole == LONG
        write(app, b"\x1f" * 20)
        await settled(pilot)
        assert "[pasted" not in app.prompt.whole


@pytest.mark.parametrize("away", [b"\x12", b"\x1b[A", b"\x15"], ids=["searching", "in the history", "killed"])
async def test_a_folded_paste_that_was_put_aside_is_kept(away: bytes) -> None:
    app = workbench_app()
    back = {b"\x12": "escape", b"\x1b[A": "down", b"\x15": "ctrl+y"}[away]
    async with app.run_test(size=(80, 24)) as pilot:
        app.prompt.asked.remember("asked before")
        write(app, f"\x1b[200~{LONG}\x1b[201~".encode() + away)
        await settled(pilot)
        for number in range(8):
            app.prompt._pastes.folded(f"{number}" * 180_000)
        app.prompt.forget_pastes()
        await pilot.press(back)
        await until(pilot, lambda: app.prompt.text == "[pasted 212 lines]")
        assert app.prompt.whole == LONG


async def test_a_short_paste_stays_as_it_is() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        text = "line\n" * 10
        write(app, f"\x1b[200~{text}\x1b[201~".encode())
        await until(pilot, lambda: app.prompt.text == text)


@pytest.mark.parametrize(
    ("size", "lines", "before"),
    [((80, 24), 9, b""), ((20, 5), 3, b""), ((80, 24), 9, b"kept\n"), ((80, 24), 9, b"\x12"), ((20, 5), 3, b"\x12")],
)
async def test_lines_go_and_come_with_undo_and_redo(size: tuple[int, int], lines: int, before: bytes) -> None:
    app = workbench_app()
    pasted = "\n".join(f"l{number}" for number in range(lines))
    async with app.run_test(size=size) as pilot:
        write(app, before + f"\x1b[200~{pasted}\x1b[201~".encode())
        await until(pilot, lambda: app.prompt.text.endswith(pasted))
        first = app.prompt.text.removesuffix(pasted)
        for _ in range(2):
            write(app, b"\x1f")
            await until(pilot, lambda: app.prompt.text == first)
            await settled(pilot)
            app.prompt.redo()
            await until(pilot, lambda: app.prompt.text.endswith(pasted))
            await settled(pilot)
            assert app.prompt.cursor_location == app.prompt.document.end


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (b"\x15" * 40, ""),
        (b"\x17" * 40, ""),
        (b"\x1b[A" * 20 + b"\x01" + b"\x0b" * 40, ""),
        (b"\x03\x1b[A\x1b[B", ""),
        (b"\x1b[A" * 20 + b"\x1b[A", "short"),
        (b"\x15" * 40 + b"\x19" + b"\x1f", ""),
    ],
)
async def test_what_shortens_a_long_prompt_leaves_the_cursor_in_it(keys: bytes, text: str) -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        app.prompt.asked.remember("short")
        write(app, b"line\n" * 16 + b"end" + keys)
        await settled(pilot)
        await until(pilot, lambda: app.prompt.text == text)
        assert app.prompt.cursor_location <= app.prompt.document.end


@pytest.mark.parametrize("rows", [24, 40, 60])
async def test_the_prompt_grows_to_a_third_of_the_screen(rows: int) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, rows)) as pilot:
        app.prompt.insert("line\n" * 100)
        await settled(pilot)
        assert rows // 3 - 1 <= app.prompt.region.height <= rows // 3
        app.prompt.clear()
        await settled(pilot)
        assert app.prompt.region.height == 1


async def test_a_paste_that_is_too_long_is_refused_whole_with_a_word() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.prompt.put("before")
        app.post_message(events.Paste("\x1b" * (LONGEST + 1)))
        await settled(pilot)
        assert app.prompt.text == "before"
        assert "200,001 characters are too many" in said(app)


async def test_what_a_terminal_would_obey_does_not_pass_the_backstop() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.prompt.put(HOSTILE)
        await settled(pilot)
        lines = app.prompt.render_lines(app.prompt.size.region)
        text = "".join(strip.text for strip in lines)
    assert "def" in text
    assert not [character for character in text if is_obeyed(character)]


def test_the_backstop_keeps_every_width() -> None:
    for text in ("plain", "naïve 日本 👩‍🚀 ✓", HOSTILE, "\xad\ud800", "नमस्ते"):
        (after,) = SafeLines().apply([Segment(text)], Color(0, 0, 0))
        assert cell_len(after.text) == cell_len(text)
    assert SafeLines().apply([Segment("日本 👩‍🚀")], Color(0, 0, 0))[0].text == "日本 👩‍🚀"


async def test_pages_of_the_chat_are_turned_from_the_prompt() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for turn in range(4):
            await ask(pilot, f"question {turn}\n" * 12)
        assert "question 3" in screen_text(app)
        app.prompt.focus()
        await pilot.press(*["pageup"] * 9)
        await settled(pilot)
        assert "question 0" in screen_text(app)
        assert app.focused is app.prompt
        await pilot.press(*["pagedown"] * 9)
        await settled(pilot)
        assert "question 3" in screen_text(app)


@pytest.mark.parametrize("undo", [b"\x1f", b"\x1b[95;5u", b"\x1b[45;5u", b"\x1b[45;6u", b"\x1b[117;3u"])
async def test_what_was_typed_is_undone_and_done_again(undo: bytes) -> None:
    """By whatever a terminal sends for Ctrl+_ and Alt+U; Ctrl+Z, which stops the program, changes nothing."""
    keys = [event.key for event in Keyboard().feed(undo + b"\x1b/") if isinstance(event, events.Key)]
    app = workbench_app()
    async with app.run_test() as pilot:
        await pilot.press(*"tide")
        await pilot.press("ctrl+z")
        assert app.prompt.text == "tide"
        await pilot.press(keys[0])
        assert app.prompt.text == ""
        await pilot.press(keys[1])
        assert app.prompt.text == "tide"


async def test_what_is_typed_is_taken_as_what_is_pasted() -> None:
    app = workbench_app()
    text = "می\u200cخواهم 10\u202f000 क्\u200dष\u3000\u00ad"
    async with app.run_test() as pilot:
        for event in Keyboard().feed(text.encode()):
            app.post_message(event)
        await until(pilot, lambda: app.prompt.text == text)


@pytest.mark.parametrize("alt_d", [b"\x1bd", b"\x1b[100;3u", b"\x1b[1074::100;3u", b"\x1b[27;3;100~", b"\x1b[3;5~"])
async def test_a_word_to_the_right_is_deleted_and_other_keys_with_alt_type_nothing(alt_d: bytes) -> None:
    app = workbench_app()
    async with app.run_test() as pilot:
        for event in Keyboard().feed(b"one two three\x01\x1bq\x1b[97;3u\x1b.\x1b1" + alt_d + alt_d + b"\x05!"):
            app.post_message(event)
        await until(pilot, lambda: app.prompt.text.endswith("!"))
        assert app.prompt.text == " three!"


async def test_a_draft_that_was_cleared_comes_back() -> None:
    app = workbench_app()
    async with app.run_test() as pilot:
        app.asking.put = lambda prompt: None  # type: ignore[method-assign]
        await pilot.press(*"asked", "enter", *"draft", "ctrl+c")
        assert app.prompt.text == ""
        await pilot.press("up")
        assert app.prompt.text == "draft"
        await pilot.press("up")
        assert app.prompt.text == "asked"
        await pilot.press("down", "down")
        assert app.prompt.text == ""
        await pilot.press("space", "ctrl+c", "up")
        assert app.prompt.text == "draft", "blanks are no draft"


async def test_in_a_draft_of_several_rows_up_and_down_go_by_the_row_before_the_history() -> None:
    app = workbench_app()
    async with app.run_test(size=(40, 24)) as pilot:
        app.asking.put = lambda prompt: None  # type: ignore[method-assign]
        await pilot.press(*"asked", "enter")
        draft = "word " * 20 + "\nlast"
        app.prompt.insert(draft)
        await settled(pilot)
        rows = app.prompt.wrapped_document.height
        assert rows > 3
        for _ in range(rows - 1):
            await pilot.press("up")
            assert app.prompt.text == draft
        assert app.prompt.cursor_location[0] == 0
        await pilot.press("up")
        assert app.prompt.text == "asked"
        await pilot.press("down")
        assert app.prompt.text == draft
        await pilot.press(*["up"] * (rows - 1))
        for _ in range(rows - 1):
            assert app.prompt.text == draft
            await pilot.press("down")
        assert app.prompt.cursor_location[0] == 1


async def test_changes_of_what_was_asked_stay_until_something_is_sent() -> None:
    app = workbench_app()
    sent: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.asking.put = sent.append  # type: ignore[method-assign, assignment]
        await pilot.press(*"one", "enter", *"two", "enter", *"draft", "up", *"!", "up", *"?", "down")
        assert app.prompt.text == "two!"
        await pilot.press("down")
        assert app.prompt.text == "draft"
        await pilot.press("up", "up")
        assert app.prompt.text == "one?"
        await pilot.press("enter")
        assert sent == ["one", "two", "one?"]
        await pilot.press("up", "up")
        assert app.prompt.text == "two"
        await pilot.press("up", "down", "down", "down")
        assert app.prompt.text == ""
