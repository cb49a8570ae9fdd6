"""In which encoding bytes are, by the alphabets of languages: read in the right one, the letters are those of one.

Owns the alphabets, and what no word looks like. Refuses to decide where letters do not tell: that is for a detector of
frequencies, which a line of text is often too short for.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Final

_LATIN: Final = {
    language: frozenset(letters + letters.upper())
    for language, letters in {
        "German": "äöüßé",
        "French": "àâæçéèêëîïôœùûüÿ",
        "Spanish": "áéíóúüñªº",
        "Portuguese": "áâãàçéêíóôúüªº",
        "Italian": "àèéìíîòóùú",
        "Dutch": "áéèëêïíóöüú",
        "Swedish and Finnish": "åäöéüà",
        "Danish and Norwegian": "æøåéòôêà",
        "Icelandic": "áðéíóúýþæö",
        "Catalan": "àçèéíïòóúü·",
        "Irish": "áéíóú",
        "Polish": "ąćęłńóśźż",
        "Czech": "áčďéěíňóřšťúůýž",
        "Slovak": "áäčďéíĺľňóôŕšťúýž",
        "Hungarian": "áéíóöőúüű",
        "Romanian": "ăâîşţșț",
        "Croatian and Slovene": "čćđšž",
        "Turkish": "çğıöşüâîûİ",
        "Estonian": "äõöüšž",
        "Latvian": "āčēģīķļņšūž",
        "Lithuanian": "ąčęėįšųūž",
    }.items()
}
_WEST: Final = ("German", "French", "Spanish", "Portuguese", "Italian", "Swedish and Finnish")
_EAST: Final = ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian and Slovene")
_OF_LATIN: Final = (
    ("cp1252", (*_WEST, "Dutch", "Danish and Norwegian", "Catalan", "Irish")),
    ("cp1250", _EAST),
    ("cp1254", ("Turkish",)),
    ("cp1252", ("Icelandic",)),  # its few letters are those of Turkish in the other; a text has accents as well
    ("iso8859_2", _EAST),
    ("cp1257", ("Lithuanian", "Latvian", "Estonian")),
    ("mac_roman", _WEST),
    ("cp850", _WEST),
)
"""Encodings with the languages that are written in them, the likeliest first: much reads well in several."""


@dataclass(frozen=True, slots=True)
class _Script:
    """An alphabet beside the Latin one: its letters, those that make most of any text in it, and its encodings."""

    letters: frozenset[str]
    common: frozenset[str]
    encodings: tuple[str, ...]


_SCRIPTS: Final = (
    _Script(
        frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўђјљњћџ"),
        frozenset("оеаинтсрвлк"),
        ("cp1251", "koi8_r", "koi8_u", "cp866"),
    ),
    _Script(frozenset("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"), frozenset("αοιετσνηυρά"), ("cp1253",)),
    _Script(frozenset(map(chr, range(0x5D0, 0x5EB))), frozenset("יוהלאמרתבנש"), ("cp1255",)),
)
_LOOKED_AT: Final = 4000  # words with letters beyond ASCII
_MOST_FOREIGN: Final = 0.02  # the share of such letters, or words, that may be of another language
_MOST_ACCENTED: Final = 0.5  # of the letters of a Latin text
_LEAST_COMMON: Final = 0.5
_LEAST_KANA: Final = 0.1
_LEAST_HANGUL: Final = 0.97
_NASAL: Final = re.compile(r"õ(?=e)", re.IGNORECASE)  # in Portuguese; in other company it is a Hungarian ő, misread
_WORD: Final = re.compile(r"[\x21-\x7e]*[^\s\x00-\x7f]\S*")
_BETWEEN: Final = frozenset("’‘–—·\xad\xa0…")  # letters of a word, or of two without a space
_NEVER_BEHIND: Final = frozenset("¼½¾¹±¶")  # a letter
_NEVER_AHEAD: Final = frozenset("£¥±¶")  # of one
_MARKS: Final = frozenset("’‘‚“”„«»‹›…–—•·€£¢¥§©®™°±×÷½¼¾²³¹µ¿¡†‡¶ªº¦¬\xad\xa0´¨¸№")


def by_alphabet(data: bytes) -> tuple[str, str] | None:
    """The text of bytes that are no UTF-8, and its encoding; None where its letters do not tell it."""
    return _japanese_or_korean(data) or _latin(data) or _other(data)


def _latin(data: bytes) -> tuple[str, str] | None:
    """The text in the first encoding in which its letters are those of one language that uses it."""
    for encoding, languages in _OF_LATIN:
        text = _in(data, encoding)
        words = None if text is None else _words(text)
        if text is None or not words:
            continue
        letters = [each for word in words for each in _NASAL.sub("o", word) if each.isalpha()]
        beyond = Counter(each for each in letters if each > "\x7f")
        foreign = min(sum(n for each, n in beyond.items() if each not in _LATIN[name]) for name in languages)
        most = int(_MOST_FOREIGN * beyond.total())
        if foreign <= most and beyond.total() <= _MOST_ACCENTED * len(letters):
            return text, encoding
    return None


def _other(data: bytes) -> tuple[str, str] | None:
    """The text in the encoding of another alphabet in which the letters are most like those of its languages."""
    best: tuple[float, str, str] = (_LEAST_COMMON, "", "")
    for script in _SCRIPTS:
        for encoding in script.encodings:
            text = _in(data, encoding)
            words = None if text is None else _words(text)
            if text is None or not words:
                continue
            letters = [each for word in words for each in word.lower() if each.isalpha() and each > "\x7f"]
            own = sum(each in script.letters for each in letters)
            if not letters or own < (1 - _MOST_FOREIGN) * len(letters):
                continue
            common = sum(each in script.common for each in letters) / len(letters)
            if common > best[0]:
                best = common, text, encoding
    return (best[1], best[2]) if best[2] else None


def _japanese_or_korean(data: bytes) -> tuple[str, str] | None:
    """The text, where it is full of the letters that only these languages have."""
    for encoding in ("cp932", "euc_jp"):
        text = _in(data, encoding)
        beyond = [] if text is None else _beyond(text)
        kana = sum("ぁ" <= each <= "ん" for each in beyond)
        narrow = sum("\uff61" <= each <= "\uff9f" for each in beyond)
        if text is not None and beyond and kana >= _LEAST_KANA * len(beyond) and narrow < kana:
            return text, encoding
    text = _in(data, "cp949")
    letters = [each for each in _beyond(text or "") if each.isalpha()]
    hangul = sum("가" <= each <= "힣" for each in letters)
    if text is not None and len(letters) > 1 and hangul >= _LEAST_HANGUL * len(letters) and not _latin(data):
        return text, "cp949"
    return None


def _words(text: str) -> list[str] | None:
    """The words of a text that have letters beyond ASCII; None where too many look like none."""
    found = [match[0] for match in islice(_WORD.finditer(text), _LOOKED_AT)]
    odd = sum(not _is_word(each) for each in found)
    return None if odd > _MOST_FOREIGN * len(found) else found


def _is_word(word: str) -> bool:
    """Whether a word may be one: no sign stands within it, no capital follows a small letter, no control character."""
    around = zip(("", *word), word, (*word[1:], ""), strict=False)
    return all(_may_stand(before, each, after) for before, each, after in around)


def _may_stand(before: str, each: str, after: str) -> bool:
    """Whether a character may stand between these two, each "" where a word begins or ends."""
    if each <= "\x7f":
        return True
    if each.isalpha():
        return not (each.isupper() and before.islower())
    if each not in _MARKS and not unicodedata.category(each).startswith("M"):
        return False
    if (before.isalpha() and each in _NEVER_BEHIND) or (after.isalpha() and each in _NEVER_AHEAD):
        return False
    return each in _BETWEEN or not (before.isalpha() and after.isalpha())


def _beyond(text: str) -> list[str]:
    return [each for each in text[: _LOOKED_AT * 10] if each > "\x7f"]


def _in(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
