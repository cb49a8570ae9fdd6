"""Splitting: blocks in, passages of a bounded number of words out.

Owns where a document may be cut: before headings, between blocks, and only when a block does not fit,
between its sentences, lines or words. Refuses to lose or repeat text: the passages of a document hold all of
its characters in order, white space at the cuts aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.documents.passages import SplitSpec
from workbench.documents.source_lines import SourceBlock
from workbench.language.words import count_words, most_words, sentences, word_spans

_CHUNK_WORDS = 20  # a sentence that does not fit is cut this fine, so that it fills what is left of a passage


@dataclass(frozen=True, slots=True)
class SplitPiece:
    """One passage's text, heading path and (first, last) lines."""

    text: str
    title: str
    lines: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is not cut again: parts of blocks, joined as they stand in the document; `words` is how many there are, or
    with `at_most` more than that."""

    parts: Sequence[SourceBlock]
    words: int
    at_most: bool = False


def split(blocks: Sequence[SourceBlock], spec: SplitSpec) -> list[SplitPiece]:
    """The passages of one document's `blocks`, each of at most `spec.max_words` words.

    Mode "none" gives one passage. Blocks without any text give no passage.
    """
    filled = [block for block in blocks if block.text.strip()]
    if spec.mode == "none":
        return [_piece(filled)] if filled else []
    return [_piece(parts) for parts in _packed(filled, max(1, spec.max_words))]


def _packed(blocks: Sequence[SourceBlock], limit: int) -> Iterator[list[SourceBlock]]:
    current: list[SourceBlock] = []
    words, at_most = 0, False  # of these: they are counted only where it is not plain that all fit
    for chain in _chains(blocks):
        opens = chain[0].heading
        for atom in _atoms(chain, limit):
            more, loosely = atom.words, atom.at_most
            if not opens and words + more > limit and (at_most or loosely):
                words, more = _counted(current), _counted(atom.parts)
                at_most = loosely = False
            if current and (opens or words + more > limit):
                yield current
                current, words, at_most = [], 0, False
            current.extend(atom.parts)
            words += more
            at_most = at_most or loosely
            opens = False
    if current:
        yield current


def _counted(blocks: Sequence[SourceBlock]) -> int:
    return sum(count_words(block.text) for block in blocks)


def _chains(blocks: Sequence[SourceBlock]) -> Iterator[list[SourceBlock]]:
    """Blocks that belong together: headings with what follows, an introduction with its fence."""
    chain: list[SourceBlock] = []
    for block in blocks:
        chain.append(block)
        if not (block.heading or block.introduces):
            yield chain
            chain = []
    if chain:
        yield chain


def _atoms(chain: Sequence[SourceBlock], limit: int) -> Iterator[_Atom]:
    """The chain whole if it fits; else its first block with the headings, and each other block alone."""
    most = sum(most_words(block.text) for block in chain)
    if most <= limit:
        yield _Atom(chain, most, at_most=True)
        return
    counts = [count_words(block.text) for block in chain]
    if sum(counts) <= limit:
        yield _Atom(chain, sum(counts))
        return
    body = next((i for i, block in enumerate(chain) if not block.heading), len(chain))
    headed = sum(counts[: body + 1])
    if body < len(chain) and headed <= limit:
        yield _Atom(chain[: body + 1], headed)
        rest, room = body + 1, limit
    else:
        rest, room = 0, limit - sum(counts[:body])
    for position in range(rest, len(chain)):
        fits = room if position == body and room > 0 else limit
        if counts[position] <= fits:
            yield _Atom((chain[position],), counts[position])
        else:
            yield from _cut(chain[position], fits)


def _cut(block: SourceBlock, limit: int) -> Iterator[_Atom]:
    """A block that does not fit, as its sentences and lines; a longer sentence as short runs of words."""
    cuts = _sentence_starts(block.text)
    line = block.lines[0] if block.lines else 0
    for start, end in pairwise([*cuts, len(block.text)]):
        for part_start, part_end in _word_runs(block.text, start, end, limit):
            text = block.text[part_start:part_end]
            lines = block.lines
            if lines is not None and block.exact:
                first = line + text[: len(text) - len(text.lstrip())].count("\n")
                lines = (first, line + text.rstrip().count("\n"))
            line += text.count("\n")
            gap = block.gap if part_start == 0 else 0
            yield _Atom((block._replace(text=text, lines=lines, gap=gap),), count_words(text))


def _sentence_starts(text: str) -> list[int]:
    """Where sentences may be parted: at the line's start where a list mark or a fence precedes."""
    starts = [0]
    before = 0
    for start, end in sentences(text):
        line_feed = text.rfind("\n", before, start)
        cut = start if line_feed < 0 else line_feed + 1
        if cut > starts[-1]:
            starts.append(cut)
        before = end
    return starts


def _word_runs(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    words = list(word_spans(text[start:end]))
    if len(words) <= limit:
        yield start, end
        return
    step = min(limit, _CHUNK_WORDS)
    starts = [start + words[i][0] for i in range(0, len(words), step)]
    starts[0] = start
    yield from pairwise([*starts, end])


def _piece(parts: Sequence[SourceBlock]) -> SplitPiece:
    texts: list[str] = []
    first = last = None
    for part in parts:
        if texts and part.gap:
            texts[-1] = texts[-1].rstrip()
            texts.append("\n" * part.gap)
        texts.append(part.text)
        if part.lines is not None:
            first, last = first or part.lines[0], part.lines[1]
    lines = None if first is None or last is None else (first, last)
    return SplitPiece("".join(texts).strip("\n").rstrip(), parts[-1].title, lines)
