"""Questions with the passage that answers each, in eight languages, and how well they are found.

The passages are written for this, from facts that anybody can look up. In a file, a line is a passage, and one that
begins with `?` a question about the passage before it. `python -m tests.judged` prints the table, with a public set
more where the package is installed that has it.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import Stemmer

BEST = 8
Search = Callable[[str], list[int]]
"""The places of the passages that are best for a question, best first."""

_ALIKE = 0.5  # of 1, as people found them on average
WITHOUT_SPACES = frozenset(["ja", "ko", "th", "zh"])
"""Languages whose words the package does not find by itself; runs of characters are what is usual then."""

_OF_BM25S: Mapping[str, str] = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}


@dataclass(frozen=True)
class Judged:
    """The passages of one language, and questions, each with the place of the passage that answers it."""

    passages: tuple[str, ...]
    questions: tuple[tuple[str, int], ...]


def judged() -> dict[str, Judged]:
    """All there is, by the language."""
    return {file.stem: _read(file) for file in sorted(Path(__file__).parent.glob("*.txt"))}


def _read(file: Path) -> Judged:
    passages: list[str] = []
    questions: list[tuple[str, int]] = []
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("? "):
            questions.append((line[2:], len(passages) - 1))
        else:
            passages.append(line)
    return Judged(tuple(passages), tuple(questions))


def of_packages() -> dict[str, Judged]:
    """What installed packages have of this kind: the news of Lee, Pincombe and Welsh (2005) that gensim is tried with.

    Fifty texts, and how alike people found any two of them: each is asked for by the whole of another.
    """
    spec = importlib.util.find_spec("gensim")
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    data = [folder for each in folders if (folder := Path(each) / "test" / "test_data").is_dir()]
    if not data:
        return {}
    texts = tuple((data[0] / "lee.cor").read_text("utf-8", "replace").splitlines())
    rows = [line.split() for line in (data[0] / "similarities0-1.txt").read_text("ascii").splitlines()]
    likes = [(one, other) for one, row in enumerate(rows) for other, like in enumerate(row) if float(like) >= _ALIKE]
    return {"en": Judged(texts, tuple((texts[one], other) for one, other in likes if one != other))}


def recall(search: Search, of: Judged) -> float:
    """The share of questions whose passage is among the best eight."""
    return sum(place in search(question)[:BEST] for question, place in of.questions) / len(of.questions)


def best_of_bm25s(of: Judged, tongue: str) -> float:
    """The recall of the package bm25s, as it comes or with the tokens that suit the language best."""
    ways = [bm25s_of(of, tongue)]
    if tongue in WITHOUT_SPACES:
        ways += [bm25s_of_characters(of, sizes) for sizes in ((2,), (1, 2), (3,))]
    return max(recall(way, of) for way in ways)


def bm25s_of_characters(of: Judged, sizes: Sequence[int]) -> Search:
    """The search of the package bm25s, with runs of so many characters as tokens, and words of ASCII whole."""

    def tokens(text: str) -> list[str]:
        found: list[str] = []
        for run in re.findall(r"[a-z0-9]+|[^\W_a-z0-9]+", text.lower()):
            starts = [(size, start) for size in sizes for start in range(len(run) - size + 1)]
            found += [run] if run.isascii() or not starts else [run[start : start + size] for size, start in starts]
        return found

    index = bm25s.BM25()
    index.index([tokens(each) for each in of.passages], show_progress=False)
    return lambda question: _best(index, [tokens(question)])


def bm25s_of(of: Judged, tongue: str) -> Search:
    """The search of the package bm25s, with the stems and the stop words of the language where it has them."""
    name = _OF_BM25S.get(tongue)
    stemmer = Stemmer.Stemmer(name) if name else None

    def tokens(texts: list[str]) -> object:
        stop = tongue if name else []
        return bm25s.tokenize(texts, stopwords=stop, stemmer=stemmer, show_progress=False)

    index = bm25s.BM25()
    index.index(tokens(list(of.passages)), show_progress=False)

    return lambda question: _best(index, tokens([question]))


def _best(index: bm25s.BM25, tokens: object) -> list[int]:
    places, scores = index.retrieve(tokens, k=BEST, show_progress=False)
    return [int(place) for place, score in zip(places[0], scores[0], strict=True) if score > 0]
