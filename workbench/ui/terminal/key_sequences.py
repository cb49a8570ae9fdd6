"""What a terminal says of one key in a sequence, in the words that Textual's parser knows.

Owns the reading of the sequences of the Kitty keyboard protocol and of xterm's modifyOtherKeys: the key, the character
that it writes with Shift, the one of the same key on a Latin keyboard, modifiers, press or release, and the text. They
come in many forms; the parser is told of each in one: the key and its modifiers, or the key and the text it types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from workbench.ui.terminal.layouts import Layout
from workbench.ui.terminal.typed_keys import is_text

SHIFT, ALT, CTRL = 1, 2, 4
OTHERS: Final = 8 | 16 | 32  # super, hyper, meta
CAPS_LOCK: Final = 64
NAMED: Final = SHIFT | ALT | CTRL | OTHERS  # those of which a key is named; the locks are not
RELEASED: Final = "3"

_SEQUENCE: Final = re.compile(r"\x1b\[([0-9:;]*)([u~ABCDEFHPQRS])")
_OTHER_KEY: Final = re.compile(r"27;([0-9]+);([0-9]+)")
"""Of xterm: modifiers and character, which is the one with Shift where that is pressed."""

_BY_NAME: Final = frozenset({9, 13, 27, 127})  # Tab, Enter, Esc, Backspace
_PRIVATE: Final = range(0xE000, 0xF900)  # where the protocol has keys that write nothing
_FUNCTIONS: Final = range(57358, 57455)  # those that it names: Caps Lock to the third level of a keyboard
_KEYPAD: Final[Mapping[int, str]] = MappingProxyType(
    {
        **{57399 + digit: str(digit) for digit in range(10)},
        **dict(zip(range(57409, 57414), "./*-+", strict=True)),
        57415: "=",
    }
)
_BY_WORD: Final[Mapping[str, str]] = MappingProxyType({"b": "D", "f": "C"})
"""With Alt: the arrow that with Ctrl moves by a word, as which Textual's parser takes the two of an old terminal."""
_AS_OF_OLD: Final[Mapping[str, int]] = MappingProxyType({"[": 27, "h": 127, "i": 9, "m": 13})
"""With Ctrl: the key that an old terminal cannot tell from it, which is what hands expect of it. A terminal that
tells them apart changes nothing about that."""


@dataclass(frozen=True, slots=True)
class _Pressed:
    """A key by the code point that it writes alone, with what is told about it; 0 and "" are not told."""

    code: int
    modifiers: int
    shifted: int = 0
    base: int = 0
    text: str = ""

    @property
    def alone(self) -> str:
        """What it writes without Ctrl and Alt, as far as the key itself says."""
        letter = _character(self.code)
        with_shift = bool(self.modifiers & SHIFT)
        if with_shift and self.shifted:
            return _character(self.shifted)
        is_upper = with_shift != bool(self.modifiers & CAPS_LOCK)
        return letter.upper() if is_upper and len(letter.upper()) == 1 else letter


def retold(sequence: str, layout: Layout) -> str | None:
    """The sequence of a key as Textual's parser knows it; "" for what presses none, None for what tells no key.

    `layout` learns from it.
    """
    match = _SEQUENCE.fullmatch(sequence)
    if match is None:
        return None
    fields, end = match[1], match[2]
    if end == "~" and (other := _OTHER_KEY.fullmatch(fields)):
        return _told(_of_other_key(int(other[1]), int(other[2])), layout)
    code, modifiers, text, *more = f"{fields};;".split(";")
    if any(more):
        return None
    bits, _, happened = modifiers.partition(":")
    if happened == RELEASED:
        return ""
    held = max(0, _number(bits) - 1)
    if end != "u":
        return f"\x1b[{code.partition(':')[0]}{_modifiers(held)}{end}" if ":" in fields else sequence
    own, shifted, base, *_ = f"{code}::".split(":")
    typed = "".join(_character(_number(each)) for each in text.split(":"))
    return _told(_Pressed(_number(own), held, _number(shifted), _number(base), typed), layout)


def with_alt(character: str) -> str:
    """The sequence, without its escape character, of a key that is pressed with Alt and writes `character` alone."""
    small = character.lower()
    if character != small and len(small) == 1:
        return f"[{ord(small)};{1 + (SHIFT | ALT)}u"
    return f"[{ord(character)};{1 + ALT}u"


def _of_other_key(modifiers: int, code: int) -> _Pressed:
    held, character = max(0, modifiers - 1), _character(code)
    if code == 8:  # Backspace, in an older terminal
        return _Pressed(127, held)
    if held & (NAMED & ~SHIFT):
        small = character.lower()
        if small != character and len(small) == 1:
            return _Pressed(ord(small), held)
        return _Pressed(code, held & ~SHIFT if _is_sign(character) else held)
    return _Pressed(code, held, shifted=code)


def _told(key: _Pressed, layout: Layout) -> str:
    """A key in the words of the parser: with its modifiers when it is a command, with its text when it types."""
    held = key.modifiers & NAMED
    text = _text(key)
    if text:
        codes = ":".join(str(ord(each)) for each in text)
        return f"\x1b[{key.code or 1}{_modifiers(held & SHIFT, ';')};{codes}u"
    if key.code in _BY_NAME or key.code in _FUNCTIONS:
        return f"\x1b[{key.code}{_modifiers(held)}u"
    if key.code in _PRIVATE:
        return ""
    if held & ALT and held & SHIFT and _is_sign(_character(key.shifted)):
        return f"\x1b[{key.shifted}{_modifiers(held & ~SHIFT)}u"  # as other terminals tell it: Alt and `<`
    name = layout.command(_character(key.code), _character(key.base))
    if held == ALT and (arrow := _BY_WORD.get(name)):
        return f"\x1b[1{_modifiers(CTRL)}{arrow}"
    if held == CTRL and (same := _AS_OF_OLD.get(name.lower())):
        return f"\x1b[{same}u"
    return f"\x1b[{ord(name)}{_modifiers(held)}u" if is_text(name) else ""


def _text(key: _Pressed) -> str:
    """What a key types: the text that the terminal tells, else what its code point says; "" when it is a command."""
    text = key.text if is_text(key.text) else ""
    if key.modifiers & (NAMED & ~SHIFT):
        # A terminal may tell of Ctrl or Alt with a letter that letter as text; what AltGr writes is another.
        own = {_character(code).lower() for code in (key.code, key.shifted, key.base)}
        return "" if key.modifiers & OTHERS or text.lower() in own else text
    if text or key.code in _BY_NAME:
        return text
    if key.code in _PRIVATE:
        return _KEYPAD.get(key.code, "")
    return key.alone if is_text(key.alone) else ""


def _is_sign(character: str) -> bool:
    """Whether a key writes neither letter nor digit nor blank: then Shift is in the character that it writes."""
    return is_text(character) and not character.isalnum() and not character.isspace()


def _modifiers(held: int, always: str = "") -> str:
    return f";{held + 1}" if held else always


def _number(digits: str) -> int:
    return int(digits) if digits else 0


def _character(code: int) -> str:
    """The character of a code point, "" for a number that is none."""
    return chr(code) if 0 < code < 0x110000 else ""
