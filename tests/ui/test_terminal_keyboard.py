"""Bytes of a terminal to messages: pastes that are hostile or never end, wrong UTF-8, sequences that make no sense."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from textual import constants, events
from textual.message import Message

from workbench.ui.keymap import told
from workbench.ui.terminal.keyboard import ANSWER_SECONDS, LONGEST_ANSWER, MOST_AT_ONCE, SILENCE_SECONDS, Keyboard
from workbench.ui.terminal.typed_keys import as_typed

START, END = b"\x1b[200~", b"\x1b[201~"
HOSTILE = [
    b"ab\x1b[A\x1b\r\x03cd",
    b"\x1b",
    b"\r\n\r",
    b"y\x11\x03\x04\x1a\x1b",
    b"\x1b[200~again\x1b[200~",
    b"\x1b[20\x1b[2\x1b[\x1b\x1b\x1b",
    b"\x1b[201\x1b[201 ~\x1b [201~",
    b"\x1bOP\x1b[15~\x1b[<0;1;1M\x1b[I\x1b[O\x1b[48;1;1;1;1t",
    b"\x1b]52;c;aGk=\x07\x1bP1$r\x1b\\\xc2\x9b201~",
    b"\xff\xfe\x1b\xc3(",
]


class Clock:
    """Time as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def fed(keyboard: Keyboard, pieces: Iterable[bytes]) -> list[Message]:
    return [message for piece in pieces for message in keyboard.feed(piece)]


def words(messages: Iterable[Message]) -> list[str]:
    """Keys by their names, pastes by their text in quotes."""
    found = []
    for message in messages:
        assert isinstance(message, events.Key | events.Paste), message
        found.append(message.key if isinstance(message, events.Key) else repr(message.text))
    return found


def pieces_of(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("body", HOSTILE)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 4096])
def test_a_paste_is_one_message_whatever_it_holds_and_presses_no_key(body: bytes, size: int) -> None:
    messages = fed(Keyboard(), pieces_of(b"a" + START + body + END + b"b\r", size))
    assert words(messages) == ["a", repr(body.decode("utf-8", "replace")), "b", "enter"]


def test_only_the_first_end_mark_ends_it_and_the_next_paste_is_another() -> None:
    messages = fed(Keyboard(), [START + b"one" + END + START + b"two" + END + b"x" + START + END + b"y"])
    assert words(messages) == ["'one'", "'two'", "x", "''", "y"]


def test_a_paste_that_never_ends_is_handed_over_whole_and_keys_are_keys_again() -> None:
    clock = Clock()
    keyboard = Keyboard(clock)
    assert words(keyboard.feed(START + b"half \x1b[2")) == []
    clock.now += SILENCE_SECONDS - 0.1
    assert words(keyboard.tick()) == []
    assert words(keyboard.feed(b"01")) == []
    clock.now += SILENCE_SECONDS - 0.1
    assert words(keyboard.tick()) == []
    clock.now += 0.2
    assert words(keyboard.tick()) == [repr("half \x1b[201")]
    assert words(keyboard.feed(b"k\r")) == ["k", "enter"]


def test_a_paste_beyond_the_limit_comes_in_pieces_and_stays_a_paste() -> None:
    keyboard = Keyboard()
    body = b"0123456789abcdef" * 1024
    count = MOST_AT_ONCE // len(body) + 3
    messages = fed(keyboard, [START, *[body] * count, b"\r", END, b"k"])
    texts = [message.text for message in messages if isinstance(message, events.Paste)]
    assert len(texts) == 2
    assert len(texts[0]) <= MOST_AT_ONCE + len(body)
    assert "".join(texts) == (body * count).decode() + "\r"
    assert words(messages)[2:] == ["k"]


def test_wrong_utf_8_becomes_a_stand_in_and_keys_go_on() -> None:
    characters = [
        message.character
        for message in fed(Keyboard(), [b"a\xff", b"\xe2\x82", b"\xac", b"\xe2", b"b"])
        if isinstance(message, events.Key)
    ]
    assert characters == ["a", "�", "€", "�", "b"]


@pytest.mark.parametrize(
    "sequence",
    [b"\x1b[;;99999999999u", b"\x1b[99999999999u", b"\x1b[1114112;1u", b"\x1b[\xd9\xa1;\xd9\xa1R"],
)
def test_a_sequence_at_which_the_parser_fails_is_dropped(sequence: bytes) -> None:
    keyboard = Keyboard()
    fed(keyboard, [sequence])
    assert words(keyboard.feed(b"k\r"))[-2:] == ["k", "enter"]


@pytest.mark.parametrize(
    "answer", [b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", b"\x1b]0;l\r\x03evil\x07", b"\x1bP>|xterm(370)\x1b\\"]
)
def test_an_answer_that_somebody_else_asked_for_presses_no_key(answer: bytes) -> None:
    assert words(Keyboard().feed(b"a" + answer + b"b")) == ["a", "b"]


@pytest.mark.parametrize("at", range(4, 24))
def test_an_answer_in_two_reads_presses_no_key_either(at: int) -> None:
    answer = b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\"
    assert words(fed(Keyboard(), [b"a" + answer[: at - 1], answer[at - 1 :] + b"b"])) == ["a", "b"]


def test_what_only_looked_like_an_answer_is_typed_after_all() -> None:
    clock = Clock()
    keyboard = Keyboard(clock)
    typed = ["circumflex_accent", "right_square_bracket"]
    assert words(keyboard.feed(b"a\x1b]bc")) == ["a"]
    assert words(keyboard.tick()) == []
    clock.now += ANSWER_SECONDS
    messages = [*keyboard.tick(), *keyboard.feed(b"\x1b[A")]
    assert words(messages) == [*typed, "b", "c", "up"]
    assert words(keyboard.feed(b"d\x1b]e" + START + b"f" + END)) == ["d", *typed, "e", "'f'"]
    assert words(keyboard.feed(b"\x1b]" + b"g" * LONGEST_ANSWER)) == [*typed, *"g" * LONGEST_ANSWER]


def test_nothing_but_an_answer_leaves_what_follows_alone() -> None:
    keyboard, answer = Keyboard(), b"\x1b]11;rgb:0000/0000/0000\x07"
    assert words(fed(keyboard, [answer, b"A", answer, b"\x1b[", b"A"])) == ["A", "up"]


@pytest.mark.parametrize("size", [1, 2, 3, 4096])
def test_alt_enter_is_told_as_such_however_its_bytes_are_read(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 60.0)
    sent = b"ab\x1b\rcd\r\x1b\x1b\r\x1b[A\r\x1bOA\x1b\r" + START + b"\x1b\r" + END + b"\x1b\r"
    assert words(fed(Keyboard(), pieces_of(sent, size))) == [
        "a", "b", "alt+enter", "c", "d", "enter", "escape", "alt+enter", "up", "enter", "up", "alt+enter",
        repr("\x1b\r"), "alt+enter",
    ]  # fmt: skip


def test_an_esc_that_was_waited_for_and_a_later_enter_are_two_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.0)
    keyboard = Keyboard()
    assert words([*keyboard.feed(b"\x1b"), *keyboard.tick(), *keyboard.feed(b"\r")]) == ["escape", "enter"]
    assert words(fed(keyboard, [b"\x1b", b"\r", b"\x1b", b"\rk"])) == ["escape", "enter", "escape", "enter", "k"]


def test_alt_enter_after_a_sequence_at_which_the_parser_fails_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 60.0)
    no_size_but_a_click = b"\x1b[48;0;0;0;0t\x1b[<0;1;1M"
    messages = fed(Keyboard(), [no_size_but_a_click + b"\x1b", b"\rk"])
    assert words(each for each in messages if isinstance(each, events.Key)) == ["enter", "k"]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("alt+A", b"\x1bA"),
        ("alt+shift+a", b"\x1bA"),
        ("alt+A", b"\x1b[97;4u"),
        ("shift+alt+A", b"\x1b[97;4u"),
        ("alt+upper_case_a", b"\x1bA"),
        ("alt+a", b"\x1ba"),
        ("ctrl+space", b"\x00"),
        ("ctrl+space", b"\x1b[32;5u"),
        ("ctrl+@", b"\x00"),
        ("ctrl+at", b"\x1b[50;6u"),
        ("ctrl+A", b"\x01"),
    ],
)
def test_a_key_of_the_settings_is_told_by_one_of_its_names(
    written: str, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.0)
    keyboard = Keyboard()
    [key] = words([*keyboard.feed(sent), *keyboard.tick()])
    assert key in told(written)


def typed(data: bytes) -> str:
    """What the keys of some bytes write where one types, with the names of those that write nothing in brackets."""
    found = []
    for message in Keyboard().feed(data):
        assert isinstance(message, events.Key)
        key = as_typed(message)
        found.append(key.character or "" if key.is_printable else f"[{key.key}]")
    return "".join(found)


@pytest.mark.parametrize(
    ("sequence", "keys"),
    [
        # Ctrl and Alt on a keyboard of another script: the key of a Latin one
        ("1081::113;5u", "[ctrl+q]"),
        ("1092::97;5u", "[ctrl+a]"),
        ("968::99;5u", "[ctrl+c]"),
        ("1511::101;5u", "[ctrl+e]"),
        ("1074::100;3u", "[alt+d]"),
        ("1081:1049:113;6u", "[ctrl+shift+q]"),
        ("1093::91;5u", "[escape]"),
        ("1094::119;5;1094u", "[ctrl+w]"),
        # also where it writes a sign (Hebrew, Greek, Bulgarian), or only the same key of a Latin one does
        ("39::119;5u", "[ctrl+w]"),
        ("39::119;5;39u", "[ctrl+w]"),
        ("39:34:119;6u", "[ctrl+shift+w]"),
        ("39::119;3u", "[alt+w]"),
        ("47::113;5u", "[ctrl+q]"),
        ("59::113;5u", "[ctrl+q]"),
        ("44::113;5u", "[ctrl+q]"),
        ("1514::44;5u", "[ctrl+comma]"),
        ("1509::46;5u", "[ctrl+full_stop]"),
        ("1507::59;5u", "[ctrl+semicolon]"),
        ("1580::91;5u", "[escape]"),
        ("1591::39;5u", "[ctrl+apostrophe]"),
        ("1608::44;5u", "[ctrl+comma]"),
        ("1098::93;5u", "[ctrl+right_square_bracket]"),
        ("1078::59;5u", "[ctrl+semicolon]"),
        ("1101::39;5u", "[ctrl+apostrophe]"),
        ("1073::44;5u", "[ctrl+comma]"),
        ("1102::46;5u", "[ctrl+full_stop]"),
        ("962::119;5u", "[ctrl+w]"),
        # without the key of a Latin one: its own
        ("39;5u", "[ctrl+apostrophe]"),
        ("47;5u", "[ctrl+slash]"),
        ("59;3u", "[alt+semicolon]"),
        # what is typed stays so
        ("39::119u", "'"),
        ("39::119;1;39u", "'"),
        ("59:58:113;2u", ":"),
        # a sign of a Latin keyboard is its own: Dvorak, Colemak, French
        ("39::113;5u", "[ctrl+apostrophe]"),
        ("44::119;5u", "[ctrl+comma]"),
        ("46::101;5u", "[ctrl+full_stop]"),
        ("59::122;5u", "[ctrl+semicolon]"),
        ("59::112;5u", "[ctrl+semicolon]"),
        ("44::109;5u", "[ctrl+comma]"),
        ("45::47;5u", "[ctrl+minus]"),
        ("38::49;3u", "[alt+ampersand]"),
        # on another Latin one: its own
        ("97::113;5u", "[ctrl+a]"),
        ("113::120;5u", "[ctrl+q]"),
        ("246::59;5u", "[ctrl+ö]"),
        # characters without a text
        ("32u", " "),
        ("47u", "/"),
        ("97u", "a"),
        ("1092u", "ф"),
        ("49:33;2u", "!"),
        ("47:63;2u", "?"),
        ("97;2u", "A"),
        ("97:65;2u", "A"),
        ("97;65u", "A"),
        ("97;66u", "a"),
        ("49;65u", "1"),
        ("97;129u", "a"),
        ("1092:1060:97;2u", "Ф"),
        ("8204u", "\u200c"),
        ("57400u", "1"),
        ("57411u", "*"),
        # with one, which wins
        ("49:33;2;33u", "!"),
        ("101;;233u", "é"),
        ("0;;228u", "ä"),
        ("101;;101:769u", "e\u0301"),
        ("97;3;8706u", "∂"),
        ("113;7;64u", "@"),
        ("32;2;32u", " "),
        ("0;;8205u", "\u200d"),
        # but not one that only repeats the letter of a command
        ("100;3;100u", "[alt+d]"),
        ("99;5;3u", "[ctrl+c]"),
        ("99;5;99u", "[ctrl+c]"),
        # Alt+B and Alt+F move by a word, however they are told
        ("98;3u", "[ctrl+left]"),
        ("102;3u", "[ctrl+right]"),
        ("98;67u", "[ctrl+left]"),
        ("102;131u", "[ctrl+right]"),
        ("1080::98;3u", "[ctrl+left]"),
        ("966::102;3u", "[ctrl+right]"),
        ("98;3:2u", "[ctrl+left]"),
        ("98;3:3u", ""),
        ("27;3;102~", "[ctrl+right]"),
        ("98;7u", "[alt+ctrl+b]"),
        ("98;3;8747u", "∫"),
        # pressed, held, and let go
        ("97;1:1u", "a"),
        ("97;1:2u", "a"),
        ("97;1:3u", ""),
        ("97;1:3;97u", ""),
        ("113;5:3u", ""),
        ("1;1:3A", ""),
        ("1;1:1A", "[up]"),
        ("1;5:2D", "[ctrl+left]"),
        ("3;1:3~", ""),
        ("13;1:3u", ""),
        # of xterm
        ("27;2;13~", "[shift+enter]"),
        ("27;5;13~", "[ctrl+enter]"),
        ("27;3;13~", "[alt+enter]"),
        ("27;2;9~", "[shift+tab]"),
        ("27;3;127~", "[alt+backspace]"),
        ("27;5;113~", "[ctrl+q]"),
        ("27;6;81~", "[ctrl+shift+q]"),
        ("27;6;95~", "[ctrl+underscore]"),
        ("27;3;100~", "[alt+d]"),
        ("27;2;65~", "A"),
        ("27;2;33~", "!"),
        ("27;5;99~", "[ctrl+c]"),
        ("27;5;67~", "[ctrl+c]"),
        ("27;5;106~", "[ctrl+j]"),
        ("27;5;95~", "[ctrl+underscore]"),
        ("27;5;32~", "[ctrl+space]"),
        ("27;5;9~", "[ctrl+tab]"),
        ("27;5;127~", "[ctrl+backspace]"),
        ("27;5;8~", "[ctrl+backspace]"),
        ("27;3;49~", "[alt+1]"),
        ("27;7;97~", "[alt+ctrl+a]"),
        # a sign for which Shift is pressed, with Alt: the sign, whichever key writes it
        ("27;4;60~", "[alt+less_than_sign]"),
        ("44:60;4u", "[alt+less_than_sign]"),
        ("60;3u", "[alt+less_than_sign]"),
        ("48:61;4u", "[alt+equals_sign]"),
        ("97:65;4u", "[alt+shift+a]"),
        ("27;1;97~", "a"),
        ("27;0;97~", "a"),
        ("27;5;99999999999~", ""),
        # with Ctrl, what an old terminal cannot tell from another key is that key
        ("27;5;91~", "[escape]"),
        ("27;5;105~", "[tab]"),
        ("27;5;109~", "[enter]"),
        ("27;5;104~", "[backspace]"),
        ("91;5u", "[escape]"),
        ("105;5u", "[tab]"),
        ("109;5;109u", "[enter]"),
        ("104;5u", "[backspace]"),
        ("1080::98;5u", "[ctrl+b]"),
        ("1096::105;5u", "[tab]"),
        ("105;6u", "[ctrl+shift+i]"),
        ("105;7u", "[alt+ctrl+i]"),
        # keys as before
        ("13u", "[enter]"),
        ("13;2u", "[shift+enter]"),
        ("27u", "[escape]"),
        ("127u", "[backspace]"),
        ("9;2u", "[shift+tab]"),
        ("57414u", "[enter]"),
        ("A", "[up]"),
        ("1;2P", "[shift+f1]"),
        ("15;2~", "[shift+f5]"),
        # nothing
        ("57344u", ""),
        ("1u", ""),
        ("55296u", ""),
        ("u", ""),
    ],
)
def test_a_sequence_of_a_key_is_read_in_every_form(sequence: str, keys: str) -> None:
    assert typed(f"\x1b[{sequence}x".encode()) == keys + "x"


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        # the keyboard that a Cyrillic letter was written on has no Latin one, whichever sign stands for it
        ("\u0444\x1b[39::113;5u", "\u0444[ctrl+q]"),
        ("\x1b[1092u\x1b[44::119;5u", "\u0444[ctrl+w]"),
        ("\x1b[1092::97;5u\x1b[46::101;5u", "[ctrl+a][ctrl+e]"),
        ("\u0444 1\x1b[39::113;5u", "\u0444 1[ctrl+q]"),
        # until a Latin one is written
        ("\u0444a\x1b[39::113;5u", "\u0444a[ctrl+apostrophe]"),
        ("\u0444a\x1b[39::119;5u", "\u0444a[ctrl+w]"),
        # one whose Latin letters stand elsewhere is no Hebrew one, until it writes another script
        ("\x1b[101::100;5u\x1b[47::113;5u", "[ctrl+e][ctrl+slash]"),
        ("\x1b[101::100;5u\u05d0\x1b[47::113;5u", "[ctrl+e]\u05d0[ctrl+q]"),
        ("\x1b[101::101;5u\x1b[47::113;5u", "[ctrl+e][ctrl+q]"),
    ],
)
@pytest.mark.parametrize("size", [1, 4096])
def test_what_is_typed_tells_whether_a_sign_stands_for_a_letter(data: str, keys: str, size: int) -> None:
    keyboard, found = Keyboard(), ""
    for message in fed(keyboard, pieces_of(data.encode(), size)):
        assert isinstance(message, events.Key)
        key = as_typed(message)
        found += key.character or "" if key.is_printable else f"[{key.key}]"
    assert found == keys


def test_a_paste_tells_nothing_of_the_keyboard() -> None:
    messages = fed(Keyboard(), [START + "\u0444".encode() + END + b"\x1b[39::113;5u"])
    assert words(messages) == [repr("\u0444"), "ctrl+apostrophe"]


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("\x1bd", "[alt+d]"),
        ("\x1bd\x1bd\x1b[D", "[alt+d][alt+d][left]"),
        ("\x1bq\x1b.\x1b1\x1bé\x1b ", "[alt+q][alt+full_stop][alt+1][alt+é][alt+space]"),
        ("\x1bA", "[alt+shift+a]"),
        ("\x1b<", "[alt+less_than_sign]"),
        ("\x1b=", "[alt+equals_sign]"),
        ("\x1bb\x1bf", "[ctrl+left][ctrl+right]"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("10\u202f000\u00a0€\u3000\u00ad\u200e\ue0b0", "10\u202f000\u00a0€\u3000\u00ad\u200e\ue0b0"),
        ("\U0001fae9", "\U0001fae9"),  # an emoji that is younger than this Python
    ],
)
@pytest.mark.parametrize("size", [1, 4096])
def test_text_is_typed_whatever_it_is_and_a_letter_with_alt_is_none(
    data: str, keys: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 60.0)
    messages = fed(Keyboard(), pieces_of(data.encode(), size))
    keyed = [as_typed(message) for message in messages if isinstance(message, events.Key)]
    assert "".join(key.character or "" if key.is_printable else f"[{key.key}]" for key in keyed) == keys


def test_a_letter_with_alt_is_none_however_textual_tells_it() -> None:
    assert as_typed(events.Key("alt+d", "d")).character is None
    assert as_typed(events.Key("enter", "\r")).is_printable is False
    assert isinstance(as_typed(events.Key("zero_width_joiner", "\u200d")), events.Key)


def test_any_bytes_leave_it_usable() -> None:
    chance = random.Random(1)
    clock = Clock()
    keyboard = Keyboard(clock)
    for _ in range(400):
        size = chance.randint(1, 200)
        data = (
            chance.randbytes(size)
            if chance.random() < 0.5
            else bytes(chance.choices(b"\x1b[]<;:0129~uMmRPt\r", k=size))
        )
        fed(keyboard, [data])
        clock.now += chance.random()
        list(keyboard.tick())
    clock.now += SILENCE_SECONDS
    list(keyboard.tick())
    assert words(keyboard.feed(b"x" * 40 + b"\r"))[-1] == "enter"
    assert words(keyboard.feed(START + b"\r" + END)) == [repr("\r")]
