"""Vectors of texts by their words: texts that share words, or words of near meanings, are near one another.

Owns how a word becomes numbers: a direction that its letters alone decide, so that the same text has the same vector on
every machine. It is no model, and knows nothing that the words do not say.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections import Counter
from functools import lru_cache
from typing import Final

from workbench.language.meanings import related
from workbench.language.words import terms

MOST_WORDS: Final = 1_000  # different ones of a text; those behind them change little
_UNIT: Final = 4  # what a word weighs that stands once
_OFTEN: Final = 3  # times that repeating a word still counts
_TELLING: Final = 1.5  # a long word tells more than a short one,
_NAMING: Final = 2.5  # and what has digits or signs in it, as numbers and names of parts do, still more
_LONG: Final = 7  # letters
_NEAR: Final = 0.5  # of what its own word weighs, for a word of near meaning at its best
_SPREAD: Final = 30.0  # of the numbers of a vector, which go from -127 to 127
_LOW_BIT: Final = bytes(each & 1 for each in range(256))


def vector_of(text: str, dimensions: int, *, is_question: bool) -> array[float]:
    """The numbers of a text: their mean is 0 and their spread 1; all are 0 for a text without words.

    A question leads to words of near meanings, too.
    """
    weights = _weights(text, is_question=is_question)
    # Every word adds its weight to about half of the lanes of one large number: so all dimensions are added up at once.
    lanes = sum(weight * _direction(word, dimensions) for word, weight in weights.items())
    added = array("H", lanes.to_bytes(2 * dimensions, "little"))
    if not _IS_LITTLE:
        added.byteswap()
    whole = sum(weights.values())
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return array("d", ((2 * each - whole) / length for each in added))


def as_int8(numbers: array[float]) -> list[int]:
    """The numbers as signed bytes."""
    return [max(-127, min(127, round(each * _SPREAD))) for each in numbers]


def as_bits(numbers: array[float]) -> bytes:
    """A bit for each number, 1 for what is above 0, the first one highest."""
    text = "".join("1" if each > 0 else "0" for each in numbers)
    return int(text, 2).to_bytes(len(numbers) // 8, "big")


def _weights(text: str, *, is_question: bool) -> dict[str, int]:
    weights: dict[str, int] = {}
    for word, count in list(Counter(terms(text)).items())[:MOST_WORDS]:
        telling = _NAMING if not word.isalpha() else _TELLING if len(word) >= _LONG else 1.0
        weights[word] = round(_UNIT * telling * (1 + math.log(min(count, _OFTEN))))
    if is_question:
        for word, weight in tuple(weights.items()):
            for other, factor in related(word).items():
                weights.setdefault(other, max(1, round(weight * factor * _NEAR)))
    return weights


@lru_cache(maxsize=4096)
def _direction(word: str, dimensions: int) -> int:
    """A lane of 16 bits for each dimension, 0 or 1 by what the word's letters say."""
    lanes = bytearray(2 * dimensions)
    lanes[::2] = hashlib.shake_128(word.encode("utf-8", "surrogatepass")).digest(dimensions).translate(_LOW_BIT)
    return int.from_bytes(lanes, "little")


_IS_LITTLE: Final = array("H", b"\1\0")[0] == 1
