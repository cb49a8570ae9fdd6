"""Ways to read a text: with what is no word of it blanked out, each character staying at its place.

Owns what counts as markup, as structure and as the same word. A reading is as long as its text, so that a place in it
is a place in the text: what stands inside a word becomes `JOINT`, what stands between words a space. Every pattern
takes time that grows with the text alone.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from workbench.language.words import UNSPACED

Reading = Literal["plain", "prose", "data", "values"]
"""`plain` drops what cannot be seen; `prose` also markup of Markdown and HTML; `data` also the escapes of JSON;
`values` the names of fields, too."""

QUOTES_AND_DASHES: Final = str.maketrans("‘’‚‛“”„‟‹›«»‐‑‒–—―−", "''''" + '"' * 4 + "''" + '""' + "-" * 7)
"""What typographers write, as what keyboards have."""

READINGS: Final[tuple[Reading, ...]] = ("plain", "prose", "data", "values")
JOINT: Final = "\x00"
PART: Final = "\x01"
"""Behind a character that more than one stand for: `&lt;` is read as `<` and three of these."""

_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,})[^\n]*", re.MULTILINE)
_ADDRESS = re.compile(r"\]\([^()\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500})?\)|\]\[[^\[\]\n]{0,200}\]")
_PARTING = "br|p|div|li|[uo]l|d[ltd]|t[rdh]|table|t?head|t?body|h[r1-6]|section|article|pre|blockquote"
_INLINE = "a|abbr|b|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|samp|small|span|strong|su[bp]|tt|u|var"
_TAG = re.compile(rf"</?(?:({_PARTING})|{_INLINE})(?:\s[^<>]{{0,300}})?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_NUMBERED = re.compile(r"^[ \t>*+•-]{0,40}\d{1,9}[.)](?=[ \t])", re.MULTILINE)
_TASK = re.compile(r"^([ \t>]{0,40}[-+*][ \t]{1,4})\[[ xX]\](?=[ \t])", re.MULTILINE)
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-\n[ \t>]{0,40}(?=[a-zà-öø-ÿ])")
_EMPHASIS = re.compile(r"[*`]+|~~|\\(?=[!-/:-@\[-`{-~])")
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\"\\/bfnrt]))"
)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"(\s{0,20}:)?|\Z)', re.DOTALL)
_FIELD = re.compile(r"(?:^|(?<=, ))[^:,\n]{1,60}:(?=[ \t])", re.MULTILINE)

_PUNCTUATION = (
    "\\s\x02-/:-@\\[-`{-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u0589\u058a\u05be\u05c0\u05c3\u060c\u061b\u061f"
    "\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u20a0-\u20cf\u2190-\u22ff\u2500-\u25ff\u2e00-\u2e7f\u3000-\u3003"
    "\u3008-\u3020\u30fb\ufe30-\ufe6b\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_HYPHENS = "\u2010-\u2015\u2212-"
_TOKEN = re.compile(
    f"[0-9][0-9{JOINT}]*(?:[.,:/{_HYPHENS}][0-9][0-9{JOINT}]*)+(?![^{_PUNCTUATION}])"  # 09:00, 1,000.5, 2026-11-30
    f"|[{UNSPACED}]"
    f"|[^{_PUNCTUATION}{UNSPACED}{JOINT}{PART}][^{_PUNCTUATION}{UNSPACED}]*"
)
_ANY_HYPHEN = re.compile(f"[{_HYPHENS}]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True)
class Read:
    """A text, read: `text` is as long as it, and `line` has its words, each between line feeds, in the form in which
    they are the same as others."""

    text: str
    line: str

    @property
    def count(self) -> int:
        """How many words there are."""
        return self.line.count("\n") - 1

    def places(self, first: int, count: int) -> list[tuple[int, int]]:
        """Where `count` words from number `first` on stand in the text, [start, end) each."""
        found = islice(_TOKEN.finditer(self.text), first, first + count)
        return [(each.start(), each.start() + len(each[0].rstrip(JOINT))) for each in found]


def read(text: str, reading: Reading) -> Read:
    """`text` in one of the ways of `READINGS`. A character of a script without spaces is a word."""
    if reading == "values":
        text = _FIELD.sub(_blank, _STRING.sub(_without_name, text))
    if reading in ("data", "values"):
        text = unescaped(text)
    if reading != "plain":
        for mark, pattern, put in _PROSE:
            if mark in text:
                text = pattern.sub(put, text)
    if not text.isascii():
        text = _UNSEEN.sub(JOINT, text)
    return Read(text, _line(text))


def unescaped(text: str) -> str:
    """`text` with the escapes of JSON as what they stand for, each followed by `PART` up to its length."""
    return _ESCAPE.sub(_unescaped, text)


def _line(text: str) -> str:
    line = "\n".join(["", *_TOKEN.findall(text), ""]).replace(JOINT, "").replace(PART, "")
    if not line.isascii():
        line = _ANY_HYPHEN.sub("-", unicodedata.normalize("NFKC", line))
    return _THOUSANDS.sub("", line) if "," in line else line


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _joined(found: re.Match[str]) -> str:
    return JOINT * len(found[0])


def _tag(found: re.Match[str]) -> str:
    return (" " if found[1] else JOINT) * len(found[0])


def _entity(found: re.Match[str]) -> str:
    return html.unescape(found[0])[: len(found[0])].ljust(len(found[0]), PART)


def _task(found: re.Match[str]) -> str:
    return found[1].ljust(len(found[0]))


def _unescaped(found: re.Match[str]) -> str:
    high, low, unit, simple = found.groups()
    if simple:
        return " \n" if simple in "nr" else "  " if simple in "bft" else simple + PART
    code = int(unit, 16) if unit else 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)
    return chr(code).ljust(len(found[0]), PART)


def _without_name(found: re.Match[str]) -> str:
    return found[0] if found[1] is None else " " * len(found[0])


_PROSE: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    ("~", _FENCE, _blank),
    ("`", _FENCE, _blank),
    ("](", _ADDRESS, _joined),
    ("][", _ADDRESS, _joined),
    ("<", _TAG, _tag),
    ("&", _ENTITY, _entity),
    ("]", _TASK, _task),
    (".", _NUMBERED, _blank),
    (")", _NUMBERED, _blank),
    ("-\n", _HYPHENATED, _joined),
    ("*", _EMPHASIS, _joined),
    ("`", _EMPHASIS, _joined),
    ("~", _EMPHASIS, _joined),
    ("\\", _EMPHASIS, _joined),
)
"""What a text must hold, the pattern of some markup, and what is put in its place."""
