"""The few words that the engine knows: what says little in a question, what names a tool.

Owns these lists and nothing else. They are English, with the question words of a few other languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from workbench.language.words import terms

_LITTLE_MEANING = """
    tell please explain describe know need want like give show say mean find get go make use work do let see look
    much many long often far kind thing way info detail according current currently now there here really actually
    exactly help could may must one two over under up down out before after above below between through during
    without within against per via
    possible happen try take put set still every any only other more most than then
    oft lange
    wie viel viele wann wo wer was ist sind der die das ein eine einen dem den und oder kann ich man mein meine
    für mit im am zu von auf gibt es quand où qui que quoi est sont les la le un une des du et ou pour avec
    comment combien puis je mon ma dans sur au cuando donde quién qué cómo cuánto cuál es son el los las por
    faut il elle on nous vous ils elles fait peut doit ce cette se par wird werden hat haben muss müssen darf sich
    wir ihr sie es bei nach man hay tiene puede pueden debe se lo su al una unos para con puedo mi en del
    wissen über steht hier savoir sait saber sobre dice said
    hvornår hvor hvad hvem er og kan jeg min en et på til af hvordan hur vad när
"""
_SOME_MEANING = "name question answer document file text passage page information list write"
_TOOL_MEANINGS = """
    weather rain snow sunny umbrella cold warm hot forecast temperature
    time clock
    convert exchange currency dollar euro pound usd eur gbp
    calculate calculator compute sum multiply divide arithmetic math expression
    translate translation
    stock share ticker
    email mail
    schedule calendar meeting appointment
    delay status
    price cost dollar euro pound cheap
    open hours opening close
    book reserve reservation
    train departure
    route direction distance
"""
_ABBREVIATIONS = """
    km kilometer kilometre
    m meter metre
    cm centimeter centimetre
    mi mile
    ft foot feet
    kg kilogram kilo
    g gram
    lb pound
    oz ounce
    l liter litre
    celsius centigrade c
    fahrenheit f
    en english
    de german
    fr french
    es spanish
    it italian
    ja japanese
    zh chinese
    usd dollar
    eur euro
    gbp sterling
"""
_TOOL_SAYS_LITTLE = """
    get fetch find search look lookup retrieve query return call check tool function api data value result input
    output parameter string number optional required example given name id item user about provide request
    service specific available information current list
"""
_CHANGES = """
    cancel delete remove create add send write update edit change set turn switch enable disable start stop play pause
    book reserve order buy pay transfer schedule move rename upload publish post reply assign close open restart approve
    reject submit register subscribe unsubscribe install run execute
"""
_SEARCHES = "search find lookup look browse"
_LOOKS_UP = (
    "search find lookup look list show define translate convert calculate compute count describe check compare explain"
)
_SEARCH_WORDS = """
    search find lookup look retrieve query web internet online google knowledge base document docs doc passage
    general question answer anything fact engine result relevant return snippet page information topic
    text content top match wiki
"""

_OPENING = 300  # code points in which a question shows what kind it is

_OVERVIEW = re.compile(
    r"\b(?:summari[sz]e|summary|overview|tl;?dr)\b|\bwhat\b.*\b(?:documents?|files?|handbook|texts?)\b.*\b(?:about|contain|say)"
    r"|\bwhat(?:'s| is) (?:in|inside) (?:the|these|my) (?:documents?|files?)",
    re.IGNORECASE,
)
_ASKS_FOR_CODE = re.compile(
    r"\b(?:how|define|write|example|config\w*|syntax|code|command|snippet|schema|yaml|json|format)\b", re.IGNORECASE
)
_FOLLOW_UP = re.compile(
    r"(?:and|but|or|also|what about|how about|then|so)\b|.*\b(?:it|they|them|that|this|those|these|there|its|their"
    r"|he|she|him|her)\b",
    re.IGNORECASE | re.DOTALL,
)


def _grouped(text: str) -> Mapping[str, frozenset[str]]:
    groups: dict[str, frozenset[str]] = {}
    for row in text.strip().splitlines():
        group = frozenset(terms(row))
        for word in group:
            groups[word] = groups.get(word, frozenset()) | group - {word}
    return groups


LITTLE_MEANING = frozenset(terms(_LITTLE_MEANING))
SOME_MEANING = frozenset(terms(_SOME_MEANING))
TOOL_SAYS_LITTLE = frozenset(terms(_TOOL_SAYS_LITTLE))
SEARCH_WORDS = frozenset(terms(_SEARCH_WORDS))
CHANGES = frozenset(terms(_CHANGES))
LOOKS_UP = frozenset(terms(_LOOKS_UP))
SEARCHES = frozenset(terms(_SEARCHES))
TOOL_MEANINGS = _grouped(_TOOL_MEANINGS)
ABBREVIATIONS = _grouped(_ABBREVIATIONS)


def asks_for_overview(text: str) -> bool:
    """Whether `text` asks what the documents are about."""
    return _OVERVIEW.search(text[:_OPENING]) is not None


def asks_for_code(text: str) -> bool:
    """Whether an example in code would answer `text`."""
    return _ASKS_FOR_CODE.search(text[:_OPENING]) is not None


def is_follow_up(text: str) -> bool:
    """Whether `text` reads like the continuation of a conversation."""
    return _FOLLOW_UP.match(text[:_OPENING].strip()) is not None
