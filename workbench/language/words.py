"""What a word and a sentence are: the terms of search, and the sentence spans of an answer.

Owns tokenising and sentence boundaries, for any language and any input, in linear time. Knows nothing of
documents or scores, and refuses nothing: every string has terms and sentences, perhaps none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from workbench.language import block_marks


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TERM_LIMIT = 64  # a longer word is cut alike in questions and passages, so it is still found

# Letters that Unicode does not decompose, but that people type without their stroke.
_PLAIN_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d"}
_ANY_OF_THESE = re.compile("[øłđæœıð]")
_ACCENTS = re.compile("[\u0300-\u036f\u0640\u00ad\u200b-\u200d\u2060\ufeff]+")

# Scripts written without spaces between words, and Hangul, whose particles stick to their words.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
UNSPACED_WORDS: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""A character of these scripts that is a word, or what a word is made of: those of Chinese."""

_SCRIPT_RUN = re.compile(f"([{UNSPACED}]+)")

# `\w` leaves out the vowel signs of many scripts; a word must not break at them.
_MARKS = "".join(chr(c) for c in range(0x0483, 0x1D00) if unicodedata.category(chr(c)) in ("Mn", "Mc"))
_WORD = rf"[\w{_MARKS}]"
_TOKEN = re.compile(
    rf"(?:(?<![\w-])--?)?{_WORD}++(?:(?:[.'’-]|(?<=\d)[,:](?=\d)){_WORD}++)*"
    r"(?:\+\+|#|:(?![^\s`'\")\]},]))?"
)
_ACRONYM = re.compile(r"[a-z](?:\.[a-z])+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ASCII_WORD = re.compile(r"[a-z]{3,}")
_PART = re.compile(r"[^_.'’,:+#-]+")
_SILENT_MARKS = '.,;!?()[]"*'  # around a word these are no part of any term

STOP_WORDS = _words(
    """a about all also am an and any are aren as at be been being but by can could did didn do does doesn
    doing don during each eg etc for from had has hasn have haven having he her here hers him his how i ie if
    in into is isn it its just me my no nor not of off on or our ours s she should shouldn so some such t
    than that the their theirs them then there these they this those through to too was wasn we were weren
    what when where which while who whom whose why will with won would wouldn you your yours"""
)

_ELIDED = _words("c d j l m n s t qu jusqu lorsqu puisqu")  # French and Italian, before an apostrophe
_WHOLE = _words("setting")  # what their ending would make of these means something else


@dataclass(frozen=True, slots=True)
class WordRules:
    """What is made of the words of a text: those left out, the stem of each other one, which is folded already, and
    what stands for a run of characters of a script without spaces."""

    left_out: frozenset[str]
    stem: Callable[[str], str]
    of_run: Callable[[str], list[str]]


def terms(text: str) -> list[str]:
    """The terms of `text` by which the offline engine compares texts, in order and with repeats.

    Case-folded, without accents and English stop words, English plurals, -ing and -ed removed. Numbers stay.
    An identifier gives itself and its parts (`max_tokens`, `max`, `token`; `--docs`, `docs`; `run:`, `run`).
    Text in scripts without spaces gives overlapping pairs of characters, a lone character itself.
    """
    return _REMEMBERED.joined(text).split()


class ChunkTerms(dict[str, str]):
    """The terms of what stands between white space in a text, joined by blanks; found out once for each.

    No term holds a blank, and none reaches over one: so the terms of a text are those of its chunks. `fresh`, where one
    is given, gets every term that a chunk has which was not known.
    """

    _MOST = 1 << 17

    def __init__(self, rules: WordRules, fresh: set[str] | None = None) -> None:
        super().__init__()
        self._rules = rules
        self._fresh = fresh

    def __missing__(self, chunk: str) -> str:
        found = _chunk_terms(chunk, self._rules)
        if self._fresh is not None:
            self._fresh.update(found)
        joined = " ".join(found)
        if len(chunk) <= _TERM_LIMIT:
            if len(self) >= self._MOST:
                self.clear()
            self[chunk] = joined
        return joined

    def joined(self, text: str) -> str:
        """The terms of `text`, in order and with repeats, with one blank or more between them."""
        return " ".join(map(self.__getitem__, text.split()))


def is_unspaced(text: str) -> bool:
    """Whether `text` begins in a script without spaces between words."""
    return not text.isascii() and _SCRIPT_RUN.match(text) is not None


def folded(text: str) -> str:
    """`text` in small letters without accents, as its terms are compared."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    small = unicodedata.normalize("NFC", bare).casefold()
    return _ANY_OF_THESE.sub(lambda letter: _PLAIN_LETTERS[letter[0]], small)


def pairs_of(run: str) -> list[str]:
    """The overlapping pairs of characters of a run, or its only one."""
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]


def _chunk_terms(chunk: str, rules: WordRules) -> list[str]:
    """The terms of a chunk. Nearly all are one plain word, perhaps in marks that say nothing: that is seen at once."""
    bare = chunk.strip(_SILENT_MARKS)
    if bare.isalnum() and bare.isascii():
        word = bare.lower()
        if word.isdigit():
            return [word[:_TERM_LIMIT]]
        return [] if word in rules.left_out else [rules.stem(word[:_TERM_LIMIT])]
    found: list[str] = []
    for token in _TOKEN.findall(folded(chunk)):
        found.extend(_token_terms(token, rules))
    return found


def _token_terms(token: str, rules: WordRules) -> list[str]:
    if token.isascii():
        return list(_word_terms(token, rules))
    runs = [run for run in _SCRIPT_RUN.split(token) if run]
    if len(runs) == 1 and not _SCRIPT_RUN.match(token):
        return list(_word_terms(token, rules))
    found: list[str] = []
    for run in runs:
        if _SCRIPT_RUN.match(run):
            found.extend(rules.of_run(run))
        else:
            found.extend(_word_terms(run.strip("-.'’_"), rules))
    return found


def _word_terms(token: str, rules: WordRules) -> Iterator[str]:
    """The whole token where it is more than one word, then its words."""
    bare = token.lstrip("-").rstrip(":#+")
    if _NUMBER.fullmatch(bare):
        yield _THOUSANDS.sub("", bare)[:_TERM_LIMIT]
        return
    if _ACRONYM.fullmatch(bare):
        bare = bare.replace(".", "")
    bare = bare.removesuffix("'s").removesuffix("’s")
    parts = _PART.findall(bare)
    if len(parts) > 1 and parts[0] in _ELIDED and bare[len(parts[0])] in "'’":
        bare, parts = bare[len(parts[0]) + 1 :], parts[1:]
    if len(token) <= _TERM_LIMIT:
        if token.startswith("--") or token.endswith(("#", "++", ":")):
            yield token
        if len(parts) > 1 and "'" not in bare and "’" not in bare:
            yield bare
    for part in parts:
        if part not in rules.left_out:
            yield rules.stem(part[:_TERM_LIMIT])


def _stem(word: str) -> str:
    """A light stem: related English forms meet, and words of other languages only lose what plurals lose."""
    if not _ASCII_WORD.fullmatch(word):
        return word
    singular = _without_plural(word)
    stem = singular if singular in _WHOLE else _without_ending(singular)
    if len(stem) > 2 and stem[-1] == "e" and stem[-2] != "e":
        stem = stem[:-1]
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "aeiou":
        stem = stem[:-1]
    return stem


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if not word.endswith("s") or word.endswith(("ss", "us")) or (word.endswith("is") and len(word) > 4):
        return word
    return word[:-1]


def _without_ending(word: str) -> str:
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ing"):
        stem = word[:-3]
    elif word.endswith("ed") and not word.endswith("eed"):
        stem = word[:-2]
    else:
        return word
    has_vowel = any(letter in "aeiouy" for letter in stem)
    return stem if len(stem) > 1 and has_vowel else word


LIGHT: Final = WordRules(STOP_WORDS, _stem, pairs_of)
"""As little as possible is made of words: enough for English."""

_REMEMBERED = ChunkTerms(LIGHT)


# -- words --------------------------------------------------------------------------------

_LONGEST_WORD = 40
_WHITE = " \n\t\r\v\f\x1c\x1d\x1e\x1f"  # of ASCII, where `str.split` parts it
_COUNTED_WORD = re.compile(f"[{UNSPACED}]|[^\\s{UNSPACED}]{{1,{_LONGEST_WORD}}}")


def count_words(text: str) -> int:
    """How many words `text` has; see `word_spans`."""
    if not text.isascii() and _SCRIPT_RUN.search(text):
        return sum(1 for _ in _COUNTED_WORD.finditer(text))
    chunks = text.split()
    longest = max(map(len, chunks), default=0)
    return len(chunks) if longest <= _LONGEST_WORD else sum(-(-len(chunk) // _LONGEST_WORD) for chunk in chunks)


def most_words(text: str) -> int:
    """A number that `count_words` does not go beyond, had much sooner."""
    if not text.isascii():
        return count_words(text)
    return sum(map(text.count, _WHITE)) + 1 + len(text) // _LONGEST_WORD


def has_more_words(text: str, most: int) -> bool:
    """Whether `text` has more words than that; counts no further."""
    return next(islice(_COUNTED_WORD.finditer(text), most, None), None) is not None


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each word: what stands between white space, a character of a script without spaces.

    What is longer than 40 characters counts as several words, so that a number of words bounds a size.
    """
    return (match.span() for match in _COUNTED_WORD.finditer(text))


# -- sentences ----------------------------------------------------------------------------

_FENCE = re.compile(r"[ \t]{0,3}" + block_marks.FENCE)
_HEADING = re.compile(r"[ \t]{0,3}" + block_marks.HEADING)
_QUOTE = re.compile(rf"[ \t]{{0,3}}{block_marks.QUOTE}[ \t>]*")
_ITEM = re.compile(rf"[ \t]*{block_marks.ANY_ITEM}[ \t]+(?:\[[ xX]\][ \t]+)?")
_ROW = re.compile(r"[ \t]*" + block_marks.ROW)
_RULE = re.compile(r"[ \t]*(?:[=]{2,}|(?:[-*_][ \t]*){3,})[ \t]*\Z")
_LINE = re.compile(r"[^\n]*\n?")

_CLOSERS = "\"'”’»)\\]}*_`"
_STOP = re.compile(
    rf"(?<![.!?…])[.!?…]++[{_CLOSERS}]*+(?=\s|\Z)"
    rf"|(?<![.!?…])[.!?…]*+[。！？｡।॥؟۔]++[{_CLOSERS}」』）】]*+"
)
_CODE_SPAN = re.compile(r"`[^`\n]+`")
_OPENING = "「『（【\"'“‘(["

_TITLES = _words("Dr Mr Mrs Ms Prof St Mt Sr Sra Mme Mlle Hr Fr Gen Col Capt Lt Sgt Rev Hon")
_NEVER_LAST = _words("e.g i.e z.b d.h u.a p.ej cf vs approx ca resp bzw incl excl viz")
_BEFORE_NUMBER = _words("no nr nos fig figs eq sec art p pp vol ch ver est tel ext")
_OFTEN_INSIDE = _words("etc inc ltd co corp dept jr al usw")
_STARTERS = _words(
    """The A An It In This That These Those He She They We I You If When There At On For But And So However
    To By As After Before Its Their Our No Yes"""
)
_MONTHS = _words(
    """Januar Jänner Februar Feber März April Mai Juni Juli August September Oktober November Dezember
    Jan Feb Apr Jun Jul Aug Sep Sept Okt Nov Dez"""
)
_ORDINAL = re.compile(r"(?:3[01]|[12]?[1-9]|[12]0)\Z")
_BEFORE_ORDINAL = re.compile(r"\b(?i:am|im|vom|zum|zur|beim|ins|der|dem|den|des|die|das)\s+\d+\Z")
_LETTERS_APART = re.compile(r"(?<!\w)[^\W\d_]\.\s(?:[^\W\d_]|ex)\Z")
"""What stands before the last full stop of an abbreviation such as `z. B.`, and of `p. ex.`"""

_LAST_WORD = re.compile(r"[^\s(\[\"'“‘*_`]*\Z")
_NEXT_WORD = re.compile(r"[\s\"'“‘(\[*_`]*([^\W_]*)")


SentenceKind = Literal["text", "item", "heading", "row", "code"]
"""What a sentence is part of: a paragraph, an item of a list, or the line that it is of a heading, a table or code."""


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a Markdown or plain `text` as (start, end) in code points, end exclusive.

    In order, never overlapping, without surrounding white space or the marks of headings, quotes and list
    items. A heading, a table row and a line of a code fence is one sentence each; a list item begins one.
    Fence marks, rules and everything else without a letter or digit are no sentences.
    """
    return [(start, end) for start, end, _ in sentences_with_kinds(text)]


def sentences_with_kinds(text: str) -> list[tuple[int, int, SentenceKind]]:
    """As `sentences`, each with what it is part of."""
    found: list[tuple[int, int, SentenceKind]] = []
    for start, end, kind in _blocks(text):
        is_split = kind in ("text", "item")
        for span in _split(text, start, end) if is_split else [(start, end)]:
            trimmed = _trimmed(text, *span)
            if trimmed is not None:
                found.append((*trimmed, kind))
    return found


def _blocks(text: str) -> Iterator[tuple[int, int, SentenceKind]]:
    """(start, end, kind) of each block; all but text and items are one sentence whatever their punctuation."""
    paragraph: int | None = None
    of: SentenceKind = "text"
    fence = ""
    for line in _LINE.finditer(text):
        start, end = line.span()
        mark = _FENCE.match(text, start, end)
        kind = _line_kind(text, start, end, mark, fence)
        if paragraph is not None and kind != "text":
            yield paragraph, start, of
            paragraph = None
        if kind == "fence" and mark is not None:
            fence = "" if fence else mark[1]
        elif kind in ("heading", "row", "code"):
            yield _after_marks(text, start, end), end, kind
        elif kind == "item" or (kind == "text" and paragraph is None):
            paragraph, of = _after_marks(text, start, end), kind
    if paragraph is not None:
        yield paragraph, len(text), of


def _line_kind(
    text: str, start: int, end: int, mark: re.Match[str] | None, fence: str
) -> SentenceKind | Literal["fence", "blank"]:
    """What a line is, outside or inside `fence`."""
    if fence:
        closes = mark is not None and mark[1].startswith(fence) and not text[mark.end() : end].strip()
        return "fence" if closes else "code"
    if mark is not None:
        return "fence"
    if text[start:end].isspace() or start == end or _RULE.match(text, start, _line_end(text, start, end)):
        return "blank"
    if _HEADING.match(text, start, end):
        return "heading"
    if _ROW.match(text, start, end):
        return "row"
    return "item" if _ITEM.match(text, start, end) else "text"


def _line_end(text: str, start: int, end: int) -> int:
    return end - 1 if end > start and text[end - 1] == "\n" else end


def _after_marks(text: str, start: int, end: int) -> int:
    for pattern in (_QUOTE, _ITEM, _HEADING):
        match = pattern.match(text, start, end)
        if match:
            start = match.end()
    return start


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    code = _CODE_SPAN.finditer(text, start, end)
    current = next(code, None)
    begin = start
    for stop in _STOP.finditer(text, start, end):
        while current is not None and current.end() <= stop.start():
            current = next(code, None)
        if current is not None and current.start() < stop.start():
            continue
        if _ends_sentence(text, begin, stop, end):
            yield begin, stop.end()
            begin = stop.end()
    if begin < end:
        yield begin, end


def _ends_sentence(text: str, begin: int, stop: re.Match[str], end: int) -> bool:
    mark = stop[0]
    following = _NEXT_WORD.match(text, stop.end(), min(end, stop.end() + 80))
    word = following[1] if following else ""
    closed = mark[-1] not in ".!?…。！？｡।॥؟۔"
    if any(sign in mark for sign in "。！？｡।॥؟۔"):
        after = text[stop.end() : stop.end() + 1]
        return not closed or not after or after.isspace() or after in _OPENING
    if "!" in mark or "?" in mark:
        return not (closed and word[:1].islower())
    if mark.startswith(("..", "…")):
        return not word[:1].islower()
    before = _LAST_WORD.search(text, max(begin, stop.start() - 24), stop.start())
    if not closed and _goes_on(text[max(begin, stop.start() - 12) : stop.start()], before[0] if before else "", word):
        return False
    return _full_stop_ends(before[0] if before else "", word, closed)


def _goes_on(behind: str, before: str, word: str) -> bool:
    """Whether a full stop, with the text `behind` it, is one of letters that stand apart, as in `z. B.` and `p. ex.`,
    or makes a number before the next `word` an ordinal, as in `am 3. Mai`."""
    if len(before) == 1 and before.islower() and (len(word) == 1 or word[:1].islower()) and word not in _STARTERS:
        return True
    if _LETTERS_APART.search(behind) is not None:
        return word not in _STARTERS
    if _ORDINAL.match(before) is None or not word:
        return False
    is_named = word in _MONTHS or (word[0].islower() and behind.strip() != before)  # else the number of an item
    return is_named or (_BEFORE_ORDINAL.search(behind) is not None and word not in _STARTERS)


def _full_stop_ends(before: str, word: str, closed: bool) -> bool:
    """Whether a full stop between `before` and the next `word` ends a sentence, or belongs to `before`."""
    if closed:
        return not word[:1].islower()
    lower = before.lower()
    if before in _TITLES or lower in _NEVER_LAST:
        return False
    if lower in _BEFORE_NUMBER:
        return not word[:1].isdigit()
    if len(before) == 1 and before.isalpha() and before.isupper():
        return word in _STARTERS
    if _ACRONYM.fullmatch(lower):
        return word in _STARTERS if before != lower else not word[:1].islower()
    return not (lower in _OFTEN_INSIDE and word[:1].islower())


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    if not any(character.isalnum() for character in piece):
        return None
    start += len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())
