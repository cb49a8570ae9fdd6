"""The terminal's ground: what answers mean, in whatever pieces they come, and that none is left among the keys."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual import constants, events
from textual.message import Message

from workbench.ui.terminal.ground import (
    ESCAPE_SECONDS,
    EXPECTED_SECONDS,
    PIECE_SECONDS,
    GroundTold,
    can_be_asked,
    hinted,
)
from workbench.ui.terminal.keyboard import Keyboard

DARK = b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\"


class Asked:
    """A keyboard whose terminal has just been asked, with a clock as a test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.keyboard = Keyboard(lambda: self.now)
        self.keyboard.expect_ground()

    def __call__(self, *pieces: bytes, after: float = 0.0) -> list[str]:
        """What the pieces are, one after the other, with so many seconds, and looks in between, before each."""
        found: list[Message] = []
        for piece in pieces:
            found += [*self.wait(after), *self.keyboard.feed(piece)]
        return words(found)

    def wait(self, seconds: float) -> list[Message]:
        found: list[Message] = []
        for _ in range(20 if seconds else 0):
            self.now += seconds / 20
            found += self.keyboard.tick()
        return found


@pytest.fixture(autouse=True)
def escape_is_a_key_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's parser has a clock of its own."""
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.0)


def words(messages: Iterable[Message]) -> list[str]:
    told = []
    for message in messages:
        if isinstance(message, GroundTold):
            told.append("<dark>" if message.is_dark else "<light>")
        else:
            assert isinstance(message, events.Key | events.Paste), message
            told.append(message.key if isinstance(message, events.Key) else repr(message.text))
    return told


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        (b"rgb:0000/0000/0000", "<dark>"),
        (b"rgb:ffff/ffff/ffff", "<light>"),
        (b"rgb:1e/1e/2e", "<dark>"),
        (b"rgb:fd/f6/e3", "<light>"),
        (b"rgb:0000/2b2b/3636", "<dark>"),
        (b"rgba:ffff/ffff/ffff/8080", "<light>"),
        (b"#fdf6e3", "<light>"),
        (b"#002b36", "<dark>"),
        (b"rgb:f/f/f", "<light>"),
    ],
)
@pytest.mark.parametrize("end", [b"\x07", b"\x1b\\"])
def test_an_answer_says_whether_the_terminal_is_dark(body: bytes, end: bytes, meaning: str) -> None:
    assert Asked()(b"a\x1b]11;" + body + end + b"b") == ["a", "b", meaning]


@pytest.mark.parametrize("at", range(1, len(DARK)))
@pytest.mark.parametrize("after", [0.0, 0.02, 0.6, 3.0])
def test_an_answer_in_two_pieces_types_nothing_however_late_the_second_is(at: int, after: float) -> None:
    asked = Asked()
    found = asked(b"a" + DARK[:at], DARK[at:] + b"b", after=after) + words(asked.wait(0.1))
    # Long after it, an escape character was the key Esc, and "Alt+]" a key, too.
    pressed = {"escape", "alt+right_square_bracket", "circumflex_accent", "right_square_bracket"} if at <= 2 else set()
    if at == 1 and after > PIECE_SECONDS:
        return  # nobody is as slow in the middle of one sequence; it is an Esc, and what follows is typed
    assert [each for each in found if each not in pressed] == ["a", "b", "<dark>"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_an_answer_in_many_pieces_between_keys(size: int) -> None:
    data = b"hi" + DARK + b"\x1b[A" + b"you"
    asked = Asked()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert sorted(asked(*pieces)) == sorted([*"hi", "<dark>", "up", *"you"])


@pytest.mark.parametrize(
    "broken",
    [
        b"\x1b]11;rgb:zz/1/2\x07",
        b"\x1b]11;\x07",
        b"\x1b]11;rgb:1/2\x1b\\",
        b"\x1b]11;rgb:1/2/3/4/5\x07",
        b"\x1b]11;#12\x07",
        b"\x1b]11;rgb:1e1e/1e1e/2e2e",
        b"\x1b]11;rgb:1e1e/zz",
        b"\x1b]11;r",
        b"\x1b]11;",
        b"\x1b]11",
        b"\x1b]1",
        b"\x1b]11;?\x1b\\",
        b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b",
    ],
)
def test_of_a_broken_answer_nothing_is_typed(broken: bytes) -> None:
    asked = Asked()
    assert asked(b"a" + broken) == ["a"]
    assert asked(b"x", b"y\x1b[A", after=2.0) == ["x", "y", "up"]
    assert Asked()(b"a" + broken, b"x") in (["a", "x"], ["a"])  # the key may be taken for one more digit


def test_keys_are_keys_while_an_answer_is_expected() -> None:
    asked = Asked()
    assert asked(b"\x1b[A\x1bOPx\x1b]0;title\x07y") == ["up", "f1", "x", "y"]
    assert asked(b"\x1b") == []
    assert words(asked.wait(ESCAPE_SECONDS + 0.5)) == ["escape"]
    assert asked(b"]") + words(asked.wait(PIECE_SECONDS + 0.1)) == ["right_square_bracket"]
    assert asked(b"11;") + words(asked.wait(PIECE_SECONDS + 0.1)) == ["1", "1", "semicolon"]


def test_answers_that_nobody_waits_for_say_nothing_and_type_nothing() -> None:
    asked = Asked()
    asked.wait(EXPECTED_SECONDS + 1.0)
    assert asked(b"a" + DARK + b"b", b"c") == ["a", "b", "c"]
    assert asked(b"\x1b") + words(asked.wait(0.5)) == ["escape"]


def test_a_paste_is_left_alone() -> None:
    assert Asked()(b"\x1b[200~x" + DARK + b"y\x1b[201~z") == [repr("x" + DARK.decode() + "y"), "z"]


@pytest.mark.parametrize(
    ("said", "meaning"),
    [("15;0", True), ("0;15", False), ("0;default;15", False), ("7;8", True), ("0;7", False), ("15;default", None)]
    + [(nothing, None) for nothing in ("", "default;default", "15;16", "0;-1", "0;٣", "x", ";")],
)
def test_what_the_environment_hints_at(said: str, meaning: bool | None) -> None:
    assert hinted({"COLORFGBG": said}) is meaning
    assert hinted({}) is None


def test_who_is_asked() -> None:
    asked = (
        "xterm",
        "xterm-256color",
        "screen",
        "screen-256color",
        "tmux-256color",
        "alacritty",
        "foot",
        "rxvt-unicode",
    )
    assert all(can_be_asked({"TERM": term}) for term in asked)
    assert not any(can_be_asked({"TERM": term}) for term in ("", "linux", "linux-16color", "dumb", "vt100", "vt220"))
    assert not can_be_asked({})
