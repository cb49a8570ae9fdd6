"""In which encoding bytes are that are no UTF-8: what a page says of itself, else what its letters look like.

Owns which encodings are thought of: those that people's files are in. A guess is said to be one by whoever makes use
of it. The detector is imported for the first file that needs it.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import Final

from workbench.documents.alphabets import by_alphabet

_DECLARED: Final = re.compile(
    rb"""<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_LOOKED_AT: Final = 4096  # bytes of a page in which it says what it is in
_GUESSED: Final = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "koi8_r"),
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949"),
)
_AS_BROWSERS: Final = {  # what is written, and what is meant by it everywhere
    **dict.fromkeys(("ascii", "iso8859-1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_OF_PAGES: Final = frozenset(
    (
        *_GUESSED,
        *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *("utf-8", "cp1257", "cp1258", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "big5hkscs"),
    )
)
_CENTRAL: Final = frozenset(["Hungarian", "Czech", "Slovak", "Slovene", "Croatian", "Romanian", "Polish"])
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_SPACE: Final = re.compile(r"\S\s")
_PAGES: Final = 3  # of 256 characters each, in which nearly all of a text is
_MOST_USUAL: Final = 0.9
_MOST_CONTROL: Final = 0.02  # the share of characters above which a guess is none


def declared(data: bytes) -> str | None:
    """The encoding that a page of HTML or XML names, None where it names none that a page can be in."""
    found = _DECLARED.search(data[:_LOOKED_AT])
    if found is None:
        return None
    try:
        name = codecs.lookup((found[1] or found[2]).decode("ascii")).name
    except (LookupError, UnicodeDecodeError):
        return None
    name = _AS_BROWSERS.get(name, name)
    return name if name in _OF_PAGES else None


def unmarked(data: bytes) -> tuple[str, str] | None:
    """The text of bytes that could pass for UTF-8 and are UTF-16, UTF-32 or JIS without a mark, and which; else None.

    Of UTF-16 each other byte is one of a few, and only there are noughts: more than that, pictures and programs have.
    """
    if b"\x1b$" in data:
        text = _in(data, "iso2022_jp")
        return None if text is None or text.isascii() else (text, "iso2022_jp")
    if b"\0" not in data or len(data) % 2:
        return None
    for encoding, high in (("utf-32-le", 3), ("utf-32-be", 0)):
        if len(data) % 4 == 0 and not any(data[high::4]) and _is_written(text := _in(data, encoding)):
            return text or "", encoding
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        if 0 in (low := data[1 - high :: 2]):
            continue
        usual = sum(count for _, count in Counter(data[high::2]).most_common(_PAGES))
        if usual >= _MOST_USUAL * len(low) and _is_written(text := _in(data, encoding)):
            return text or "", encoding
    return None


def guessed(data: bytes) -> tuple[str, str] | None:
    """The text of bytes that are no UTF-8, and the encoding that they are in by all appearance; None for no text."""
    if (told := by_alphabet(data)) and not _has_control(told[0]):
        return told
    from charset_normalizer import from_bytes

    matches = from_bytes(data, cp_isolation=list(_GUESSED))
    best = matches.best()
    if best is None:
        return None
    encoding = best.encoding
    # Much of Western Europe reads the same in the encoding of Central Europe, and is rarely in that.
    western = next((each for each in matches if each.encoding == "cp1252"), None)
    if encoding == "cp1250" and (
        (western is None and _in(data, "cp1252") == str(best))
        or (western is not None and western.coherence >= best.coherence and best.language not in _CENTRAL)
    ):
        encoding = "cp1252"
    text = _in(data, encoding)
    return None if text is None or _has_control(text) else (text, encoding)


def _is_written(text: str | None) -> bool:
    """Whether there are words without a control character."""
    return text is not None and _SPACE.search(text) is not None and _CONTROL.search(text) is None and "\0" not in text


def _has_control(text: str) -> bool:
    """Whether more control characters are in a text than a few."""
    return len(_CONTROL.findall(text)) > _MOST_CONTROL * len(text)


def _in(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
