"""The values that a sentence names: dates, times, numbers, quotations, names, codes, and "in Oslo" phrases.

Owns how each looks in text, in linear time. Refuses to know what they are wanted for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH},?\s+(\d{{4}})\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE)
_DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_TIME = re.compile(
    r"\b([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?:\s*([ap])\.?m\b\.?)?|\b(1[0-2]|[1-9])\s*([ap])\.?m\b", re.I
)
_DAY = re.compile(
    r"\b(?:(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?|today|tonight|tomorrow|yesterday)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.#-])(?<!\d,)-?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d{1,2}(?!\d)|\.\d+)?)"
    r"(?![\d-]|\.\d)(?=\W|$|[a-z°%]{1,5}\b)"
)
_NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
}  # fmt: skip
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_QUOTED = re.compile(
    r"\"([^\"]{1,1000})\"|“([^”]{1,1000})”|«([^»]{1,1000})»|„([^“]{1,1000})“|`([^`]{1,1000})`"
    r"|(?<!\w)'([^']{1,1000})'(?!\w)|‘([^’]{1,1000})’|「([^」]{1,1000})」"
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_URL = re.compile(r"https?://[^\s<>\"'”]+[^\s<>\"'”.,;:!?)]")
_CODE = re.compile(r"#(\d[\w-]*)|\b([A-Za-z][\w]*-?\d[\w-]*|\d[\w]*-[\w-]+|\d+[A-Za-z]{2,}\d\w*)\b")
_CAPITALS = re.compile(r"\b[A-Z]{2,6}\b")
_EXPRESSION = re.compile(r"[-(\d][\d\s.()]{0,40}(?:(?:\*\*|[-+*/^%×÷])[\d\s.()-]{1,40})+")
_TOKEN = re.compile(r"\w[\w'’&-]*(?:\.\w+)*(?:(?<=[a-z])/[A-Z]\w+)*|[^\w\s]")  # Europe/Oslo is one
_NAME = re.compile(r"[^\W\d_a-z]")


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


PREPOSITIONS = _word_set(
    "in at for to from on about of near with into by called named via nach von für bei pour à para til fra"
)
_DETERMINERS = _word_set("the a an my our your his her their this that der die das dem den le la les el los las")
_STOPPERS = _word_set(
    """and or but today tonight tomorrow yesterday now right please next is are was were be will would has have
    does do did can could which that who when where what how if then than because so should instead open close
    und oder et ou y og morgen heute"""
)
_JOINTS = ("and", "or", ",", "&", "und", "et", "y", "og")
_PHRASE_WORDS = 5


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value and the span it stands in; `lead` is the preposition before a phrase."""

    start: int
    end: int
    value: Any
    lead: str = ""


def dates(text: str) -> list[NamedValue]:
    """Whole dates as ISO 8601 strings: `2026-05-03`, `3 May 2026`, `May 3, 2026`, `3.5.2026`."""
    found: list[NamedValue] = []
    for pattern, order in ((_ISO_DATE, "ymd"), (_DAY_FIRST, "dmy"), (_MONTH_FIRST, "mdy"), (_DOTTED, "dmy")):
        for match in pattern.finditer(text):
            parts = dict(zip(order, match.groups(), strict=True))
            iso = _iso(parts["y"], parts["m"], parts["d"])
            if iso:
                found.append(NamedValue(match.start(), match.end(), iso))
    return sorted(found, key=lambda one: one.start)


def _iso(year: str, month: str, day: str) -> str:
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return ""


def times(text: str) -> list[NamedValue]:
    """Times of day as `HH:MM`."""
    found: list[NamedValue] = []
    for match in _TIME.finditer(text):
        hour = int(match[1] or match[5])
        half = (match[4] or match[6] or "").lower()
        if half and hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        found.append(NamedValue(match.start(), match.end(), f"{hour:02}:{match[2] or '00'}"))
    return found


def days(text: str) -> list[NamedValue]:
    """Weekdays and words such as `tomorrow`, as they stand."""
    return [NamedValue(match.start(), match.end(), match[0]) for match in _DAY.finditer(text)]


def numbers(text: str) -> list[NamedValue]:
    """Numbers that are no part of a date or a time, as int or float, in order; small ones also in words."""
    taken = [*dates(text), *times(text)]
    found: list[NamedValue] = []
    for match in _NUMBER.finditer(text):
        digits = _plain_digits(match[0])
        if len(digits) <= 18 and not any(one.start <= match.start() < one.end for one in taken):
            value = float(digits) if "." in digits else int(digits)
            found.append(NamedValue(match.start(), match.end(), value))
    for match in _NUMBER_WORD.finditer(text):
        found.append(NamedValue(match.start(), match.end(), _NUMBER_WORDS[match[0].lower()]))
    return sorted(found, key=lambda one: one.start)


def _plain_digits(number: str) -> str:
    """`1,000.5` without its separators; a comma before one or two digits is a decimal one."""
    whole, comma, rest = number.rpartition(",")
    return f"{whole}.{rest}" if comma and rest.isdigit() and len(rest) < 3 else number.replace(",", "")


def quoted(text: str) -> list[NamedValue]:
    """What stands in quotation marks, without them."""
    return [
        NamedValue(match.start(), match.end(), next(group for group in match.groups() if group is not None).strip())
        for match in _QUOTED.finditer(text)
    ]


def emails(text: str) -> list[NamedValue]:
    """Email addresses."""
    return [NamedValue(match.start(), match.end(), match[0]) for match in _EMAIL.finditer(text)]


def urls(text: str) -> list[NamedValue]:
    """Web addresses, without the punctuation after them."""
    return [NamedValue(match.start(), match.end(), match[0]) for match in _URL.finditer(text)]


def codes(text: str) -> list[NamedValue]:
    """Identifiers: words with digits such as `A-1043` or `LH123`, and `#77` without its sign."""
    return [NamedValue(match.start(), match.end(), match[1] or match[2]) for match in _CODE.finditer(text)]


def capitals(text: str) -> list[NamedValue]:
    """Words all in capitals, such as ticker symbols."""
    return [NamedValue(match.start(), match.end(), match[0]) for match in _CAPITALS.finditer(text)]


def expressions(text: str) -> list[NamedValue]:
    """Arithmetic, such as `12 * (3 + 4)`; a date is none."""
    found: list[NamedValue] = []
    for match in _EXPRESSION.finditer(text):
        value = match[0].strip(" .")
        while value.count("(") < value.count(")") and value.endswith(")"):
            value = value[:-1]
        if sum(map(str.isdigit, value)) > 1 and not dates(match[0]):
            found.append(NamedValue(match.start(), match.end(), value))
    return found


def names(text: str) -> list[NamedValue]:
    """Runs of capitalised words, without a first word of a sentence that stands alone; `ICE 578` with its number."""
    tokens = list(_TOKEN.finditer(text))
    found: list[NamedValue] = []
    place = 0
    while place < len(tokens):
        end = place
        while end < len(tokens) and _is_name(tokens[end][0]) and (end == place or _adjacent(text, tokens, end)):
            end += 1
        if (
            end > place
            and len(tokens[end - 1][0]) > 1
            and tokens[end - 1][0].isupper()
            and _is_number(text, tokens, end)
        ):
            end += 1
        first = place == 0 or tokens[place - 1][0] in ".!?:\n"
        begin = place + 1 if first and end > place and tokens[place][0].lower() in _STOPPERS else place
        if end > begin and not (first and end - begin == 1 and begin == place):
            found.append(_joined(text, tokens[begin:end]))
        place = max(end, place + 1)
    return found


def _is_number(text: str, tokens: Sequence[re.Match[str]], place: int) -> bool:
    return place < len(tokens) and tokens[place][0].isdigit() and _adjacent(text, tokens, place)


def _is_name(token: str) -> bool:
    return bool(_NAME.match(token)) and token[0].isupper() and token not in ("I", "I'm", "I'd", "I'll", "I've")


def _adjacent(text: str, tokens: Sequence[re.Match[str]], place: int) -> bool:
    return text[tokens[place - 1].end() : tokens[place].start()] == " "


def _joined(text: str, tokens: Sequence[re.Match[str]], lead: str = "") -> NamedValue:
    start, end = tokens[0].start(), tokens[-1].end()
    return NamedValue(start, end, " ".join(text[start:end].split()), lead)


def phrases(text: str) -> list[NamedValue]:
    """What follows a preposition, without its article: `in the old town` gives `old town`, led by `in`.

    Phrases joined by `and`, `or` or a comma share the preposition; `between X and Y` is `from X to Y`.
    """
    tokens = list(_TOKEN.finditer(text))
    words = [token[0].lower() for token in tokens]
    found: list[NamedValue] = []
    for place, word in enumerate(words):
        if word == "between":
            parts = _parts(text, tokens, words, place + 1)[:2]
            pairs = zip(parts, ("from", "to"), strict=False)
            found.extend(NamedValue(part.start, part.end, part.value, lead) for part, lead in pairs)
        elif word in PREPOSITIONS:
            parts = _parts(text, tokens, words, place + 1)
            found.extend(NamedValue(part.start, part.end, part.value, word) for part in parts)
    return found


def _parts(text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> list[NamedValue]:
    """The phrase at `place` and those that it is enumerated with; `Paris, France` is one."""
    found: list[NamedValue] = []
    joints: list[str] = []
    while True:
        while place < len(words) and words[place] in _DETERMINERS:
            place += 1
        end = _phrase_end(tokens, words, place)
        if end == place:
            break
        found.append(_joined(text, tokens[place:end]))
        if end + 1 >= len(words) or words[end] not in _JOINTS:
            break
        joints.append(words[end])
        place = end + 2 if words[end] == "," and words[end + 1] in _JOINTS else end + 1
        if place >= len(words) or not _is_coordinate(tokens, words, place):
            break
    if len(found) == 2 and joints[0] == "," and _is_name(found[0].value) and _is_name(found[1].value):
        start, last = found[0].start, found[1].end
        return [NamedValue(start, last, " ".join(text[start:last].split()))]
    return found


def _phrase_end(tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> int:
    """Where the phrase ends that starts at `place`: a name ends with its last capitalised word."""
    end = place
    named = place < len(words) and _is_name(tokens[place][0])
    while end < len(words) and end - place < _PHRASE_WORDS and _goes_on(words[end]):
        if named and not _is_name(tokens[end][0]) and not words[end].isdigit():
            break
        end += 1
    return end


def _goes_on(word: str) -> bool:
    return word not in PREPOSITIONS and word not in _STOPPERS and word[0].isalnum() and not _DAY.fullmatch(word)


def _is_coordinate(tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> bool:
    """Whether what follows `and` is another name like the one before it, and not the next clause."""
    if _is_name(tokens[place][0]):
        return True
    ends = place + 1 == len(words) or words[place + 1] in _JOINTS or not words[place + 1][0].isalnum()
    return _goes_on(words[place]) and ends
