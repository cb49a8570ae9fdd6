"""Words of English, German, French and Spanish as one form of all their inflections, for the search of passages.

Owns which words of a language say too little to be looked for, and what its stems are. Snowball's algorithms make
them; a word has lost its accents before, so that it is found however it was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

from workbench.language.words import STOP_WORDS, UNSPACED_WORDS, WordRules, folded, pairs_of

if TYPE_CHECKING:
    from Stemmer import Stemmer

_ALGORITHMS: Final = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}

LITTLE_WORDS: Final = {
    "en": " ".join(STOP_WORDS),
    "de": """aber als also am an ander andere anderen anderer anderes auch auf aus bei beim bin bis bist da damit dann
    das dass dein deine dem den denn der deren des dessen deshalb die dies diese diesem diesen dieser dieses dir doch
    dort du durch ein eine einem einen einer eines er es etwas euch euer für gegen gibt hab habe haben hat hatte
    hatten hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist ja jede jedem jeden jeder
    jedes jener kann kein keine keinem keinen keiner können könnte machen man manche mein meine mich mir mit muss
    musste nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner selbst sich sie sind so
    solche soll sollen sollte sondern sonst über um und uns unser unsere unter viel vom von vor wann war waren warum
    was weil weiter welche welchem welchen welcher welches wem wen wenn wer werde werden wessen wie wieder wieso will
    wir wird wirst wo wofür woher wohin womit worin würde würden wurde wurden zu zum zur zwar zwischen""",
    "fr": """ai aient ainsi alors as au aucun aucune auquel aussi autre autres aux avait avant avec avez avoir avons c
    ça ce ceci cela celle celles celui ces cet cette ceux chaque chez ci comme comment contre d dans de depuis des dès
    doit donc dont du elle elles en entre es est et étaient était été être eu eux fait faut font furent fut il ils j
    je jusque l la laquelle le lequel les lesquelles lesquels leur leurs lors lorsque lui m ma mais me même mêmes mes
    moi mon n ne ni nos notre nous on ont ou où par pas pendant peu peut peuvent plus pour pourquoi pouvez qu quand
    que quel quelle quelles quels qui quoi s sa sans se sera ses si soit son sont sous sur t ta te tes toi ton tous
    tout toute toutes très tu un une vers voici vos votre vous y""",
    "es": """a al algo algún alguna algunas alguno algunos ante antes así aun aunque bajo cada como cómo con contra cual
    cuál cuales cuáles cualquier cuando cuándo cuanta cuánta cuantas cuántas cuanto cuánto cuantos cuántos de debe
    del desde donde dónde durante e el él ella ellas ellos en entre era eran es esa esas ese eso esos esta está están
    estar estas este esto estos fue fueron ha había han hasta hay la las le les lo los más me mi mis mucho muy nada ni
    no nos nosotros nuestra nuestro o os otra otras otro otros para pero poco por porque puede pueden pues que qué
    quien quién quienes se sea ser si sí sido sin sobre son su sus también tan tanto te tiene tienen todo todos tu tus
    un una unas uno unos usted y ya yo""",
}
"""Of each language, the words that nobody looks for, as they are written."""

TONGUES: Final = tuple(LITTLE_WORDS)
"""The languages that have stems: the first is that of a text which tells nothing."""


@cache
def left_out(tongue: str) -> frozenset[str]:
    """The little words of a language of `TONGUES`, without accents."""
    return frozenset(folded(LITTLE_WORDS[tongue]).split())


@cache
def rules_of(tongue: str) -> WordRules:
    """What is made of the words of a text in a language of `TONGUES`."""
    stem = _stemmer(_ALGORITHMS[tongue]).stemWord
    return WordRules(left_out(tongue), _STEMS.get(tongue, _plain)(stem), characters_of)


def version() -> str:
    """Which stems these are: other versions have others for a few words."""
    import Stemmer

    return str(Stemmer.version())


def characters_of(run: str) -> list[str]:
    """A run of a script without spaces: its overlapping pairs, and each character that may be a word by itself."""
    words = UNSPACED_WORDS.findall(run)
    return words if len(run) == 1 and words else [*pairs_of(run), *words]


def _stemmer(algorithm: str) -> Stemmer:
    from Stemmer import Stemmer

    return Stemmer(algorithm, 0)  # what was stemmed is remembered with the rest of its word


def _plain(stem: Callable[[str], str]) -> Callable[[str], str]:
    return stem


def _french(stem: Callable[[str], str]) -> Callable[[str], str]:
    """With the accent of "fermée", without which it is none of the forms of "fermer"."""

    def stem_of(word: str) -> str:
        if word.endswith(("ee", "ees")):
            word = _accented(word, "ee", "ée")
        return folded(stem(word))

    return stem_of


def _spanish(stem: Callable[[str], str]) -> Callable[[str], str]:
    """With the accent of "canción", which the plural has not."""

    def stem_of(word: str) -> str:
        return folded(stem(_accented(word, "ion", "ión") if word.endswith("ion") else word))

    return stem_of


def _accented(word: str, plain: str, accented: str) -> str:
    return accented.join(word.rsplit(plain, 1))


_STEMS: Final = {"fr": _french, "es": _spanish}
