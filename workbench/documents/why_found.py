"""Why a passage was found: the words of the question that it has, as they are or in another form, and where.

Owns which of a question's words a search has found in a passage, and where in a text such words stand. Refuses to rank,
and to know how a passage was ranked: one that was found by its meaning may have none of the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from workbench.documents.passages import Passage
from workbench.documents.shelf import Retrieved
from workbench.language.meanings import SortedTerms, widened
from workbench.language.search_terms import AskedWord, asked_words, passage_terms
from workbench.language.words import UNSPACED, is_unspaced

Span = tuple[int, int]

MOST_READ: Final = 400_000  # characters of all passages of a turn in which words are looked for: more are sent whole
MOST_MARKED: Final = 40_000  # characters of one passage
_PIECE: Final = re.compile(
    rf"(?P<unspaced>[{UNSPACED}]+)|\d+(?:[.,:]\d+)+"
    rf"|[^\s\-‐-―/_.,;:!?()\[\]{{}}\"'“”‘’«»„*|<>…。、！？`#=+&~{UNSPACED}]+"
)


def found_by(questions: Sequence[str], retrieved: Iterable[Retrieved]) -> list[Retrieved]:
    """What was retrieved, each with the words of the question that its passage has; those that say so keep theirs.

    `questions` as for `words_found`.
    """
    found = list(retrieved)
    matched = words_found(questions, [each.passage for each in found])
    return [each if each.matched else replace(each, matched=its) for each, its in zip(found, matched, strict=True)]


def words_found(questions: Sequence[str], passages: Sequence[Passage]) -> list[tuple[str, ...]]:
    """Of each passage the words of the question that it has, as they were written.

    `questions` are what was asked, the newest first: the first of them that has anything in common with the passages is
    the one that found them. Takes time for each word of the passages, and says nothing of more than `MOST_READ`
    characters.
    """
    nothing: list[tuple[str, ...]] = [()] * len(passages)
    if not passages or sum(len(each.text) for each in passages) > MOST_READ:
        return nothing
    has = [_terms_of(each) for each in passages]
    known = SortedTerms(frozenset().union(*has))
    for question in questions:
        words = [(word, frozenset(widened(asked, known))) for word, asked in _words(question)]
        matched = [_merged(word for word, also in words if not also.isdisjoint(own)) for own in has]
        if any(matched):
            return matched
    return nothing


def places_of(words: Iterable[str], passage_title: str, text: str) -> list[Span]:
    """Where in a passage's `text` stand the `words` that it was found by, as code points [start, end), in order.

    Of a text that is longer than `MOST_MARKED` characters the rest is not looked through.
    """
    text = text[:MOST_MARKED]
    whole = f"{passage_title}\n{text}"
    pieces = [(start, end, _terms_of_piece(text[start:end], whole)) for start, end in _pieces(text)]
    known = SortedTerms(frozenset(passage_terms(whole)).union(*(its for *_, its in pieces)))
    wanted = frozenset(widened(asked_words(" ".join(words)), known))
    return _joined(text, ((start, end) for start, end, its in pieces if not its.isdisjoint(wanted)))


def places_in_question(words: Iterable[str], question: str) -> list[Span]:
    """Where in a question the `words` stand that found a passage, as code points [start, end), in order."""
    wanted = frozenset(asked for word in words for asked in asked_words(word, question))
    found = (
        (start, end)
        for start, end in _pieces(question)
        if not wanted.isdisjoint(_asked_of_piece(question[start:end], question))
    )
    return _joined(question, found)


def _terms_of(passage: Passage) -> frozenset[str]:
    return frozenset(passage_terms(f"{passage.title}\n{passage.text}"))


def _terms_of_piece(piece: str, whole: str) -> frozenset[str]:
    """The terms of a piece of a passage; of a pair of characters that pair alone, not each of them."""
    found = frozenset(passage_terms(piece, whole))
    return found & {piece} or found if is_unspaced(piece) else found


def _asked_of_piece(piece: str, question: str) -> list[AskedWord]:
    """What is searched for a piece of a question; for a pair of characters that pair alone."""
    found = asked_words(piece, question)
    return [each for each in found if piece in each] or found if is_unspaced(piece) else found


def _words(question: str) -> Iterator[tuple[str, list[AskedWord]]]:
    """The words of a question as they are written, each with what is searched for it."""
    for start, end in _pieces(question):
        if asked := _asked_of_piece(question[start:end], question):
            yield question[start:end], asked


def _merged(words: Iterable[str]) -> tuple[str, ...]:
    """Words, each once whatever its case; pairs of characters that overlap as the stretch that they are."""
    found: list[str] = []
    for word in words:
        last = found[-1] if found else ""
        if len(word) == 2 == len(word.strip()) and last and last[-1] == word[0] and not word.isascii():
            found[-1] = last + word[1]
        else:
            found.append(word)
    known: dict[str, str] = {}
    for word in found:
        known.setdefault(word.casefold(), word)
    return tuple(known.values())


def _pieces(text: str) -> Iterator[Span]:
    """Words and numbers; of a script without spaces the pairs of characters that a search has, or a lone one."""
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        if piece["unspaced"] is None:
            yield start, end
        else:
            yield from ((at, min(at + 2, end)) for at in range(start, max(start + 1, end - 1)))


def _joined(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans, those as one that overlap or have nothing between them but blanks."""
    found: list[Span] = []
    for start, end in spans:
        if found and (start <= found[-1][1] or text[found[-1][1] : start].isspace()):
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
