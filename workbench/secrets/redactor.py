"""What keeps API keys out of everything but the request's own header: one redactor, for texts, bytes and JSON.

Owns finding a key, in each of its spellings, also where it comes in pieces. Refuses to know where texts go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, AnyStr, Final, Generic

from workbench.json_depth import DEEPEST, TOO_DEEP
from workbench.secrets.keys import MASK, ApiKey, known_keys

# So many characters of a key are no secret, and end an ordinary piece of text now and then: it is not held up.
_LEAST_HELD: Final = 4
_FEW: Final = tuple(range(_LEAST_HELD - 1, 0, -1))
_NO_ACCIDENT: Final = 8  # and with so many, a text that ends was cut off within a key
_BY_NUMBER: Final = rb"\u00"  # how JSON may write any character of ASCII, and has to write few
_WRITE: Final = json.JSONEncoder(ensure_ascii=False).encode


class Redactor:
    """Puts `***` in the place of each of `keys`. It is false when there is none, or none long enough to look for."""

    def __init__(self, keys: Iterable[ApiKey] = ()) -> None:
        spellings = {each for key in keys for each in key.spellings()}
        # The longest first: a spelling may hold another.
        self.__texts = tuple(sorted(spellings, key=lambda each: (-len(each), each)))
        # JSON writes each character by itself: a text that holds one of these is written with it so written.
        self.__written = tuple(_WRITE(each)[1:-1] for each in self.__texts)
        self.__written_bytes = tuple(
            each.encode() for each in self.__written if each.isascii() and _BY_NUMBER.decode() not in each
        )
        # Others can be written in several ways: a slash may be escaped, and what is not of ASCII.
        self.__is_written_otherwise = not all(each.isascii() and "/" not in each for each in self.__written)
        self.__bytes = tuple(each.encode("utf-8", "surrogateescape") for each in self.__texts)

    @classmethod
    def of(cls, environ: Mapping[str, str], variable: str | None = None) -> Redactor:
        """The redactor of every key in `environ`; `variable` names one more variable that holds one."""
        return cls(known_keys(environ, variable))

    def __bool__(self) -> bool:
        return bool(self.__texts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.__texts)} spellings)"

    def text(self, text: str) -> str:
        """`text` without the keys."""
        return _without(self.__texts, text, MASK)

    def covered(self, text: str) -> str:
        """`text` with as many `*` in the place of a key as it has characters: for where widths are settled."""
        for spelling in self.__texts:
            if spelling in text:
                text = text.replace(spelling, "*" * len(spelling))
        return text

    def value(self, value: Any) -> Any:
        """A copy of a JSON value without the keys, in names too; `value` itself when there is no key.

        What is nested too deeply to be looked through is left out of it.
        """
        if not self.__texts or self._is_clean(value):
            return value
        try:
            return self._value(value, DEEPEST)
        except RecursionError:
            return TOO_DEEP

    def is_in_no_text_of(self, data: bytes | bytearray) -> bool:
        """Whether it is seen at a glance that no text in a JSON value, whoever wrote `data`, holds a key.

        That is so where each printable character is written as itself, in UTF-8, and there is no key.
        """
        if self.__is_written_otherwise or _BY_NUMBER in data or 0 in data[:4]:
            return False
        return not any(spelling in data for spelling in self.__written_bytes)

    def texts_in_pieces(self) -> Pieces[str]:
        """What masks one text that comes in pieces."""
        return Pieces(self.__texts, MASK)

    def data_in_pieces(self) -> Pieces[bytes]:
        """What masks one stream of bytes that comes in pieces."""
        return Pieces(self.__bytes, MASK.encode())

    def _is_clean(self, value: Any) -> bool:
        """Whether it is seen at a glance that there is no key in a value: written as JSON, it holds none."""
        try:
            text = _WRITE(value)
        except (TypeError, ValueError, RecursionError):
            return False
        return not any(spelling in text for spelling in self.__written)

    def _value(self, value: Any, levels: int) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, list | tuple | Mapping):
            return value
        if levels == 0:
            return TOO_DEEP
        if isinstance(value, Mapping):
            return {self._value(name, levels): self._value(item, levels - 1) for name, item in value.items()}
        return type(value)([self._value(item, levels - 1) for item in value])


class Pieces(Generic[AnyStr]):
    """Hands a text on piece by piece. The end of a piece with which a key may begin is held until the next one.

    Of a key of which the first three characters were handed on at the end of a piece, the rest is masked; and of one
    whose beginning was masked where something else came in between, the rest is left out: the mask stands for it.
    """

    def __init__(self, spellings: tuple[AnyStr, ...], mask: AnyStr) -> None:
        self._spellings: tuple[AnyStr, ...] = spellings
        self._mask: AnyStr = mask
        self._shown: AnyStr = mask[:0]
        self._held: AnyStr = mask[:0]
        self._rests: tuple[AnyStr, ...] = ()  # of keys whose beginning was masked, what would be their end
        self._after: AnyStr = mask[:0]  # what came since then and may be the beginning of one of these
        self._openings: tuple[tuple[AnyStr, AnyStr], ...] = tuple((each, each[:_LEAST_HELD]) for each in spellings)
        self._heads: frozenset[AnyStr] = frozenset(each[:end] for each in spellings for end in range(1, _LEAST_HELD))
        self._characters: frozenset[AnyStr] = frozenset(
            each[at : at + 1] for each in spellings for at in range(len(each))
        )
        self._longest = max(map(len, spellings), default=1)

    def feed(self, piece: AnyStr) -> AnyStr:
        """What of the text can be handed on now that `piece` has come."""
        if not self._spellings:
            return piece
        if self._rests:
            piece = self._behind_mask(piece)
        before = self._shown
        whole = _without(self._spellings, before + self._held + piece, self._mask)
        new = whole[_common(before, whole) :]
        begun = self._begun(whole)
        if begun < _LEAST_HELD:
            self._shown, self._held = whole[len(whole) - begun :], self._mask[:0]
            return new
        held = min(begun, len(new))
        self._shown, self._held = whole[len(whole) - begun : len(whole) - held], new[len(new) - held :]
        return new[: len(new) - held]

    def close(self) -> AnyStr:
        """What is still held, when nothing more comes; masked when it is much of a key."""
        if self._rests:
            return self._given_up()
        begun, held = self._shown + self._held, self._held
        self._shown, self._held = self._mask[:0], self._mask[:0]
        return self._mask if held and len(begun) >= _NO_ACCIDENT else held

    def release(self) -> AnyStr:
        """What is still held, where something else comes in between: as `close`, but the text may go on."""
        if self._rests:
            return self._mask[:0]  # the key may go on
        begun, held = self._shown + self._held, self._held
        masked = bool(held) and len(begun) >= _NO_ACCIDENT
        if masked:
            self._rests = tuple(each[len(begun) :] for each in self._spellings if each.startswith(begun))
        self._shown, self._held = (self._mask[:0] if masked else begun), self._mask[:0]
        return self._mask if masked else held

    def _behind_mask(self, piece: AnyStr) -> AnyStr:
        """What of the text behind a masked beginning is no end of that key, as far as it is known by now."""
        self._after += piece
        if any(len(rest) > len(self._after) and rest.startswith(self._after) for rest in self._rests):
            return self._mask[:0]
        return self._given_up()

    def _given_up(self) -> AnyStr:
        """What came behind a masked beginning, without the end of the key. A few letters alike are an accident."""
        end = max(_common(rest, self._after) for rest in self._rests)
        is_end = end >= _LEAST_HELD or any(rest == self._after[:end] for rest in self._rests)
        text = self._after[end:] if is_end else self._after
        self._rests, self._after = (), self._mask[:0]
        return text

    def _begun(self, text: AnyStr) -> int:
        """How many characters at the end of `text` are the beginning of a key."""
        if text[-1:] not in self._characters:  # as with a line break, which ends every frame
            return 0
        tail = text[1 - self._longest :]
        much = max((_begun(spelling, tail) for spelling, head in self._openings if head in tail), default=0)
        return much or next((few for few in _FEW[-len(text) :] if text[-few:] in self._heads), 0)


def _without(spellings: tuple[AnyStr, ...], text: AnyStr, mask: AnyStr) -> AnyStr:
    for spelling in spellings:
        if spelling in text:
            text = text.replace(spelling, mask)
    return text


def _begun(spelling: AnyStr, text: AnyStr) -> int:
    """How many characters at the end of `text` are the beginning of this spelling; 0 for a few."""
    start = max(0, len(text) - len(spelling) + 1)
    while (start := text.find(spelling[:_LEAST_HELD], start)) >= 0:
        if spelling.startswith(text[start:]):
            return len(text) - start
        start += 1
    return 0


def _common(before: AnyStr, after: AnyStr) -> int:
    """How many characters the two begin with alike."""
    for length in range(len(before), 0, -1):
        if after[:length] == before[:length]:
            return length
    return 0
