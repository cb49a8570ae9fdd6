"""What of an answer a source could support: the parts that coverage counts, and that one steps through.

Owns which sentences say nothing by themselves: headings, the heads of tables, questions back to the person, and
lead-ins such as "The documents say:". A block of code is one part. Refuses to judge whether anything is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from workbench.language import block_marks
from workbench.language.words import SentenceKind, sentences_with_kinds

Span = tuple[int, int]

_MARKUP: Final = "*_`~ \t\n"
_CLOSES_QUOTE: Final = "\"'”’»)]}」』）】"
_OPENS_QUOTE: Final = "\"'“‘«([{「『（【"
_COLONS: Final = (":", "：", "﹕")
_QUESTIONS: Final = ("?", "？", "؟", "⸮", "՞", "፧")
_STRONG_ALONE: Final = re.compile(r"(\*\*|__)(?!\s)[^\n]*?[^\s.!?…。！？]\1:?\Z")
_BELOW_A_HEAD: Final = re.compile(r"[^\n]*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*(?:\n|\Z)")
_FENCE: Final = re.compile(r"^[ \t]{0,3}" + block_marks.FENCE, re.MULTILINE)


def claims(text: str) -> list[Span]:
    """The parts of a Markdown or plain `text` that say something, as (start, end) in code points, end exclusive.

    They are in order and never overlap: sentences, rows of tables without their heads, and whole blocks of code. Left
    out are headings, also those that are a paragraph in bold; questions; and what ends a paragraph or an item with a
    colon, for what it introduces stands below it. Never raises; the time is linear in the text.
    """
    return list(_claims(text))


def _claims(text: str) -> Iterator[Span]:
    code: Span | None = None
    for start, end, kind in sentences_with_kinds(text):
        if code is not None and (kind != "code" or _FENCE.search(text, code[1], start)):
            yield code
            code = None
        if kind == "code":
            code = (start if code is None else code[0], end)
        elif _says_something(text, start, end, kind):
            yield start, end
    if code is not None:
        yield code


def _says_something(text: str, start: int, end: int, kind: SentenceKind) -> bool:
    match kind:
        case "heading":
            return False
        case "row":
            return _BELOW_A_HEAD.match(text, end) is None
    said = text[start:end].strip(_MARKUP)
    return not (
        said.endswith(_COLONS)
        or _asks(said)
        or (kind == "text" and _STRONG_ALONE.fullmatch(text[start:end]) is not None)
    )


def _asks(said: str) -> bool:
    """Whether a sentence is a question, and not one that only quotes a question at its end."""
    bare = said.rstrip(_CLOSES_QUOTE + _MARKUP)
    is_quoted = len(bare) < len(said) and said[-1] in _CLOSES_QUOTE
    return bare.endswith(_QUESTIONS) and (not is_quoted or said[0] in _OPENS_QUOTE)
