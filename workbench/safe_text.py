"""Making text from outside safe to display.

Owns the mapping of every character that a terminal would obey, or a reader could not see, to a visible stand-in.
It is stateless and maps one code point to one code point: no split of a stream can defeat it, and offsets
into the text stay valid. It refuses to judge meaning: what is visible is shown as it came.
"""

from __future__ import annotations

import re
from functools import cache

_REPLACEMENT = "�"  # what cannot be encoded, and C1 controls
_INVISIBLE = "·"  # formatting that would change the text around it, or hide in it
_LINE_BREAK = "␤"  # separators that some programs take for a newline

# Joiner (U+200D) and the emoji and text presentation selectors (U+FE0E, U+FE0F) are kept: emoji and Indic
# scripts are wrong without them, and they neither reorder nor hide what stands beside them.
_INVISIBLE_RANGES = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian selectors and separator
    (0x200B, 0x200C),  # zero-width space and non-joiner
    (0x200E, 0x200F),  # direction marks
    (0x202A, 0x202E),  # bidi embeddings and overrides
    (0x2060, 0x206F),  # word joiner, invisible operators, bidi isolates, deprecated formatting
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0D),  # variation selectors that carry no emoji meaning
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),  # half-width Hangul filler
    (0xFFF9, 0xFFFB),  # interlinear annotation
    (0x13430, 0x1343F),  # hieroglyph format controls
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE0FFF),  # tags and the supplementary variation selectors
)
_UNENCODABLE_RANGES = (
    (0x0080, 0x009F),  # C1 controls
    (0xD800, 0xDFFF),  # lone surrogates
    (0xFDD0, 0xFDEF),  # noncharacters
    *((plane | 0xFFFE, plane | 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
)
_SEPARATORS = (0x2028, 0x2029)
_NAMED = 5  # characters that one message names
_NAMES = {
    "\t": "tab",
    "\n": "line feed",
    "\r": "carriage return",
    "\x1b": "escape",
    "\ufeff": "byte order mark (zero width no-break space)",
}


def _stand_ins() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)}
    table[0x7F] = "␡"
    for ranges, stand_in in ((_INVISIBLE_RANGES, _INVISIBLE), (_UNENCODABLE_RANGES, _REPLACEMENT)):
        for first, last in ranges:
            table.update(dict.fromkeys(range(first, last + 1), stand_in))
    table.update(dict.fromkeys(_SEPARATORS, _LINE_BREAK))
    return table


_STAND_INS = _stand_ins()
_LINE_STAND_INS = _STAND_INS | {0x09: " ", 0x0A: _LINE_BREAK}
_SUSPECT = re.compile(r"[^\n\t\x20-\x7e\xa0-\xac\xae-\u02ff]")
_LINE_SUSPECT = re.compile(r"[^\x20-\x7e\xa0-\xac\xae-\u02ff]")


def shows_nothing(character: str) -> bool:
    """Whether a character is there and cannot be seen, being none that a terminal obeys."""
    return _STAND_INS.get(ord(character)) == _INVISIBLE


def invisible_at(text: str, start: int = 0, end: int | None = None) -> int | None:
    """The index of the first character between `start` and `end` that cannot be seen; a space and a line end can."""
    found = _unseen().search(text, start, len(text) if end is None else end)
    return found.start() if found else None


def name_of(character: str) -> str:
    """A character's number and its name: "U+00A0 no-break space"."""
    import unicodedata  # a large table, for messages alone

    name = _NAMES.get(character) or unicodedata.name(character, "control character").lower()
    return f"U+{ord(character):04X} {name}"


def with_names(text: str) -> str:
    """`text` with what cannot be seen shown in its place, and named at the end.

    "`<U+00A0>title`" goes on "; it holds U+00A0 no-break space". Controls stay in their place: whatever displays the
    text has a stand-in for each of them.
    """
    if text.isascii() and text.isprintable():
        return text
    found = dict.fromkeys(run[0][0] for run in _unseen().finditer(text))
    if not found:
        return text
    shown = [name_of(each) for each in list(found)[:_NAMED]] + ["others"] * (len(found) > _NAMED)
    return f"{_unseen().sub(_numbered, text)}; it holds {', '.join(shown)}"


def without_invisible(text: str) -> str:
    """`text` without any character that cannot be seen; spaces and line ends stay."""
    return _unseen().sub("", text)


def _numbered(run: re.Match[str]) -> str:
    character, times = run[0][0], f" × {len(run[0])}" if len(run[0]) > 1 else ""
    return run[0] if character < " " or "\x7f" <= character < "\xa0" else f"<U+{ord(character):04X}{times}>"


@cache
def _unseen() -> re.Pattern[str]:
    """A run of one character that nobody sees, those included that safe text keeps: joiners, blanks of all widths."""
    hidden = "".join(f"{chr(first)}-{chr(last)}" for first, last in (*_INVISIBLE_RANGES, (0x200D, 0x200D)))
    return re.compile(f"((?![ \\n])[\\s\x00-\x1f\x7f-\x9f\u2800\ufe0e\ufe0f{hidden}])\\1*")


def safe_text(text: str) -> str:
    """`text` with every control, bidi and invisible character as a visible stand-in one cell wide.

    Newline and tab stay. The result has as many code points as `text`, each standing for the one at its place.
    """
    return text.translate(_STAND_INS) if _SUSPECT.search(text) else text


def safe_line(text: str) -> str:
    """As `safe_text`, for places of one line: a newline is shown as `␤`, a tab as a space."""
    return text.translate(_LINE_STAND_INS) if _LINE_SUSPECT.search(text) else text
