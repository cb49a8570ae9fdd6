"""Which language a text is in, as far as a few little words tell: enough to choose words of our own for it.

Owns those words and nothing else. A text in none of these languages, or too short to tell, is in "".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

_LOOKED_AT: Final = 4_000  # characters
_WORD = re.compile(r"[^\W\d_]+")
_LITTLE: Final = {
    "en": "the of and to is are it for with that this be or not you your when by as from can how what",
    "de": "der die das und ist sind nicht ein eine einen zu von mit für auf den dem im werden wird oder wie was sie",
    "fr": "le la les des et est sont un une du pour dans que qui ne pas avec sur vous il elle au aux ou où ce se",
    "es": "el la los las y es son un una de que en para con por no se del al su como más o si hay",
    "it": "il lo gli di e è sono un una che per con non si del della dei alla come più nel o ma",
    "nl": "de het een en van is zijn niet voor met op te dat die u je wordt worden of als er bij",
    "pt": "o os as e é são um uma de que em para com por não se do da dos das no na ao como mais ou",
}
_OF_WORD: Final = {
    word: tuple(name for name, words in _LITTLE.items() if word in words.split())
    for word in {each for words in _LITTLE.values() for each in words.split()}
}


def language_of(texts: Iterable[str], least: int = 2) -> str:
    """The language of the texts, such as "en" or "de"; "" where none has the most little words, and `least` of them."""
    found = Counter[str]()
    for text in texts:
        for word in _WORD.findall(text[:_LOOKED_AT].lower()):
            found.update(_OF_WORD.get(word, ()))
    (first, most), (_, next_most) = [*found.most_common(2), ("", 0), ("", 0)][:2]
    return first if most >= least and most > next_most else ""
