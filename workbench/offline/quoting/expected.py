"""What the answer to a question should look like: a price, a span of time, a person, an address.

Owns how a question asks for each, and how each looks in a text, in a few languages. Refuses to find the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.language.words import terms

_OPENING = 300  # code points in which a question shows what it asks for
_NUMBER = (
    r"(?:\d[\d.,:]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|eighteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|thousand|half an?|once|twice|zwei|drei|vier|fünf"
    r"|deux|trois|quatre|cinq|dos|tres|cuatro|cinco)\b|[一二三四五六七八九十百千]+)"
)
_SPAN = (
    r"(?:-?\s?(?:and a half |or \w+ |to \w+ |working |calendar |business )?"
    r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|mins?|secs?|hrs?"
    r"|sekunden?|minuten?|stunden?|tagen?|wochen?|monaten?|jahren?|heures?|jours?|semaines?|mois|ans?|horas?|días?"
    r"|semanas?|meses|años?)\b|[分年日週]|時間|か月)"
)
_UNITS = (
    r"[kcm]?m[²³2]?|km/h|mph|in|ft|feet|foot|inch(?:es)?|yards?|miles?|[km]?g|lbs?|oz|ounces?|tonnes?|tons?|[cm]?l|[kMG]?W|k?V"
    r"|[kMGT]?B|d[bB]|bar|psi|%|percent|°\s?[CF]?|degrees|kelvin|(?:kilo|centi|milli)?(?:met(?:re|er)|gram(?:me)?|lit(?:re|er))s?"
    r"|(?:tea|table)?spoons?|cups?|pounds|watts?|volts?|metern?|grad|mètres|metros"
)
_MONTHS = (
    r"january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|märz|juni|juli"
    r"|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|enero|febrero|marzo"
    r"|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_DAYS = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekdays?|weekends?|daily|montags?|dienstags?|mittwochs?|donnerstags?"
    r"|freitags?|samstags?|sonntags?|täglich|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes"
    r"|miércoles|jueves|viernes|sábado|domingo"
)
_KINDS: Sequence[tuple[str, str]] = (
    (
        r"how much (?:is|are|does|do|did|for|per|money)|\b(?:costs?|prices?|fees?|fares?|salary|pays?|budget|deposit)\b"
        r"|expensive|combien coût|was kostet|wie ?viel kostet|wie teuer|cuánto (?:cuesta|vale)|いくら|料金",
        r"[$€£¥]\s?\d|\d\s?[$€£¥]|\d\s?(?:eur|euros?|usd|dollars?|cents?|pounds?|gbp|chf|francs?|yen|kr)\b"
        r"|\b(?:free|gratis|kostenlos|gratuite?s?|gratuit[ao]s?)\b|円",
    ),
    (
        r"how long|how (?:soon|quickly|quick|late|early)|how many (?:days|weeks|months|years|hours|minutes|seconds)"
        r"|how much (?:time|notice)|wie lange|combien de temps|cuánto tiempo|どのくらい|所要時間",
        rf"{_NUMBER}{_SPAN}",
    ),
    (
        r"how (?:big|large|tall|high|far|wide|deep|heavy|fast|hot|loud|warm|cold|strong|thick|long)"
        r"|what (?:temperature|weight)"
        r"|how much (?!is|are|does|do|did|money|time|notice)\w+",
        rf"{_NUMBER}\s?(?:{_UNITS})(?![a-z])",
    ),
    (r"how (?:many|often|old)|number of|wie (?:viele|oft)|hvor mange|combien de|cuánt[ao]s", _NUMBER),
    (
        r"\bwhen\b|(?:what|which|until what) (?:time|date|day|year|month|hours?)|deadline|\b(?:wann|quand|cuándo)\b"
        r"|qu(?:el|elle) (?:jour|heure|date)|qué (?:hora|día)|um wie viel uhr|hvornår|何時|いつ|何曜日",
        rf"\d{{1,2}}[:.]\d\d|\d\s?[ap]\.?m\b|\b(?:{_MONTHS}|{_DAYS}|noon|midnight|uhr|heures)\b|\b1\d{{3}}\b|\b20\d\d\b"
        rf"|\d{{4}}-\d\d|\b(?:within|after|before|until)\b.{{0,30}}{_NUMBER}{_SPAN}|[時月日年]",
    ),
    (
        r"\bwho(?:se|m)?\b|\bauthor\b|\b(?:wer|wem|qui|quién)\b|誰",
        r"(?:[A-ZÀ-Þ][\w'’-]+ ){1,2}[A-ZÀ-Þ][\w'’-]+|[,;(] [A-ZÀ-Þ]\w+|\b(?:Mr|Mrs|Ms|Dr)\b|(?<=\w )[A-ZÀ-Þ]\w+",
    ),
    (
        r"\bwhere\b|\b(?:wo|où|dónde)\b|what (?:place|location)|どこ",
        r"\b(?:in|at|on|under|behind|near|beneath|beside|next to|below|above|from|to|im|am|dans|sur|en)\b (?!\d)"
        r"|[~/]\w",
    ),
    (r"e-?mail|\bmail address", r"\S@\S"),
    (r"\b(?:phone|telephone|call|ring|numéro|telefon\w*)\b", r"\+?\d(?:[\s/-]?\d){5,}"),
    (r"\b(?:url|link|website|web ?site|address)\b", r"https?://"),
    (r"\b(?:port|which version|what version|code)\b", r"\d"),
)
_COMPILED = tuple((re.compile(ask, re.IGNORECASE), re.compile(look, re.IGNORECASE)) for ask, look in _KINDS[:5])
_CASED = tuple((re.compile(ask, re.IGNORECASE), re.compile(look)) for ask, look in _KINDS[5:])
_COUNTED = re.compile(r"how many (\w+)(?: (\w+))?", re.IGNORECASE)
_UNCOUNTED = 0.6  # a number, but not beside what is to be counted
_BETWEEN = 3  # words between a number and what it counts


class Expected:
    """What the answer to one question should look like."""

    def __init__(self, question: str) -> None:
        opening = question[:_OPENING]
        self._looks = [look for ask, look in (*_COMPILED, *_CASED) if ask.search(opening)]
        counted = _COUNTED.search(opening)
        self._counted = frozenset(terms(" ".join(filter(None, counted.groups())))) if counted else frozenset[str]()

    def __bool__(self) -> bool:
        return bool(self._looks)

    def met_by(self, text: str) -> float:
        """How well `text` looks like the answer, 0 to 1; 0 when the question does not tell."""
        if not any(look.search(text) for look in self._looks):
            return 0.0
        return 1.0 if not self._counted or self._counts(text) else _UNCOUNTED

    def _counts(self, text: str) -> bool:
        """Whether a number stands shortly before what is to be counted: `three large hearts`."""
        return any(
            self._counted.intersection(terms(" ".join(text[match.end() :].split()[:_BETWEEN])))
            for match in re.finditer(_NUMBER, text, re.IGNORECASE)
        )
