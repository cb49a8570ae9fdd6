"""Headings and sentences in English, as the questions that a person would ask."""

from __future__ import annotations

import re
from typing import Final

from workbench.language.asked import (
    CODE,
    LONGEST_THING,
    PHRASE_ENDS,
    SUBJECT,
    Asked,
    may_be_asked_about,
    within,
    words_of,
)

_LETTER = re.compile(r"[^\W\d]")
_NO_THING = re.compile(r"[,:;/|=<>“”\"()]|\b(?:that|which|every|is|are|not|no|too)\b", re.IGNORECASE)
_GOES_WRONG = re.compile(
    r"(?:the|an?|nothing|no|my|your) .+ (?:is|are|does not|do not|cannot|fails?|stops?)\b|nothing \w+s\b", re.IGNORECASE
)
_CALL = re.compile(r"([A-Za-z_][\w.]*)\([^()]*\)\Z")
_DOES = words_of(  # they are no nouns, or seldom
    """activate add adjust allow append apply approve ask assign attach authenticate avoid become begin bring build buy
    call cancel check choose clean clear clone close combine compare compile complete compute configure confirm
    connect convert create customise customize decide define delete deploy describe detect determine develop
    disable disconnect discover download edit embed enable encrypt ensure evaluate exclude execute expand
    explain explore export extend extract fetch fill find fix follow generate get give go grant handle hide
    identify ignore implement import improve include initialise initialize insert inspect install integrate
    interpret invite join keep launch learn leave load locate make manage measure merge migrate modify mount
    move open optimise optimize organise organize override parse pass pay play prepare prevent provide publish
    pull push put rebuild receive recover redirect reduce refuse register reinstall reload remove rename renew
    replace replay reset resolve restart restore retrieve retry return revert roll run save scale secure see
    select send serve set share show sign skip solve sort specify split start stop store submit subscribe switch
    sync take tell train transfer translate troubleshoot try turn understand uninstall unlock unsubscribe update
    upgrade upload use validate verify visit wait walk watch work wrap write"""
)
_MAY_DO = words_of(  # with an object behind them; else they are nouns
    """access backup benchmark block book borrow break cache change charge cite commit contact control copy cover debug
    design display document drop escape experiment filter format group help import index issue lend link list
    lock log map mark mirror mock model monitor name order package paste pin plan plot press print process
    profile program query queue quit quote record release repair report request return review schedule search
    set ship sign sort state stream style support tag test track trust type unit use view work"""
)
_VERBS: Final = _DOES | _MAY_DO
_OBJECTS = words_of(
    """a an the your my our all any every each it its them this that these those to from with on in into as up out off
    for new multiple several two more between back about at by files data"""
)
_WITH_AN_OBJECT = words_of("install use run build deploy upgrade update configure uninstall start")
_HOW = words_of("as with from in on for by via using through without")
_WH = "what|where|why|who|which|when|how"
_MODALS = "can|cannot|can't|may|must|should|will|is|are|was|were|does|do|did|has|have"

# What READMEs call their parts: the question about the program, and without its name.
_PARTS: Final = {
    "installation install installing setup": ("How do I install {}?", "How do I install it?"),
    "usage using": ("How do I use {}?", ""),
    "configuration configuring": ("How do I configure {}?", "How do I configure it?"),
    "features": ("What are the features of {}?", "What are the features?"),
    "requirements prerequisites dependencies": ("What are the requirements of {}?", "What are the requirements?"),
    "license licence": ("What is the license of {}?", "What is the license?"),
    "contributing contribute": ("How do I contribute to {}?", "How do I contribute?"),
    "overview introduction about": ("What is {}?", ""),
    "quick_start quickstart getting_started": ("How do I get started with {}?", "How do I get started?"),
    "examples example faq notes see_also links references changelog table_of_contents contents credits todo": ("", ""),
}
_OF_PART: Final = {part.replace("_", " "): asked for parts, asked in _PARTS.items() for part in parts.split()}
_DULL = words_of("license licence contributing contribute")
_LONGEST_NAME: Final = 3  # words of what a document is called, as a name
_SAID = re.compile(rf"{SUBJECT}(is|are|was|were|can|may|must|has|have|costs?|needs?)\b(.*)")


def of_heading(heading: str, document: str, text: str) -> Asked | None:
    """What to ask of the part of a document with this heading; None when no rule fits."""
    heading = _without_capitals(heading, text)
    part = _OF_PART.get(heading.lower())
    if part is not None:
        name = "" if heading == document else _name(document)
        asked = part[0].format(name) if name else part[1]
        return Asked(asked, "doing" if heading.lower() not in _DULL else "thing") if asked else None
    if call := _CALL.match(heading):
        return Asked(f"What does {call[1]} do?", "thing")
    first = heading.split()[0].lower()
    if first in _WH.split("|"):
        return _clause(heading)
    if doing := _doing(heading, _name(document)):
        return Asked(f"How do I {_mine(doing)}?", "doing")
    if happening := _happening(heading, text):
        return happening
    return _thing(heading, document, text)


def of_sentence(sentence: str, text: str) -> Asked | None:
    """What to ask about what a sentence speaks of; None when it names nothing at its beginning."""
    found = _SAID.match(sentence)
    if found is None or not may_be_asked_about(found[1]):
        return None
    subject, verb, rest = within(found[1].strip(), text), found[2], found[3].strip()
    if dated := re.match(r"(\w+(?:ed|lt|nt|wn|de)) (?:in|on|at|since) (?:\w+ )?\d", rest):
        return Asked(f"When {verb} {subject} {dated[1]}?", "thing") if verb in ("is", "are", "was", "were") else None
    if verb in ("is", "are") and re.match(r"(?:an?|the|one) ", rest):
        return Asked(f"What {verb} {subject}?", "thing")
    return Asked(f"What is said about {subject}?", "bare")


def _name(document: str) -> str:
    """What a document is called, where that is a name; else ""."""
    return document if len(document.split()) <= _LONGEST_NAME and not re.search(r"[][():,;/|]", document) else ""


def _without_capitals(heading: str, text: str) -> str:
    """A heading whose words all begin with capitals, without those of words that are written small below it."""
    first, *rest = heading.split()
    long = [word for word in rest if len(word) > len("with")]
    if not long or not all(word[:1].isupper() for word in long):
        return heading
    small = set(re.findall(r"[a-z][\w-]*", CODE.sub("", text))) | _OBJECTS | PHRASE_ENDS | {"works", "work"}
    return " ".join([first, *(word.lower() if word.lower() in small and word[1:].islower() else word for word in rest)])


def _doing(heading: str, name: str) -> str:
    """What a heading tells to do, from its verb on, and with what where it says only how; "" when it tells nothing."""
    words = heading.split()
    first, second = words[0].lower(), words[1].lower() if len(words) > 1 else ""
    if second == "to" and len(words) > 2 and words[2].lower() in _VERBS:  # "Keys to quit"
        return " ".join(words[2:])
    if base := _of_gerund(first):
        if base in _WITH_AN_OBJECT and second in _HOW:
            return " ".join([base, name or "it", *words[1:]])
        is_doing = second in _OBJECTS or (base in _DOES and len(words) > 1)
        return " ".join([base, *words[1:]]) if is_doing and second not in ("into", "of", "and", "or") else ""
    if second == "and":  # "Copy and paste in tmux"
        does = first in _VERBS and words[2:3] != [] and words[2].lower() in _VERBS
    else:
        does = bool(second) and first in _DOES and second not in ("of", "is", "or")
        does = does or (first in _MAY_DO and second in _OBJECTS)
    return " ".join([first, *words[1:]]) if does else ""


def _of_gerund(word: str) -> str:
    """The verb of a word in -ing, "" when it is none."""
    if not word.endswith("ing"):
        return ""
    stem = word[:-3]
    forms = (stem, f"{stem}e", stem[:-1] if stem[-2:-1] == stem[-1:] else stem)
    return next((form for form in forms if form in _VERBS), "")


def _mine(text: str) -> str:
    """A text to a person as that person says it."""
    for yours, mine in (("your", "my"), ("yours", "mine"), ("yourself", "myself"), ("you", "I")):
        text = re.sub(rf"\b{yours}\b", mine, text)
    return text


def _clause(heading: str) -> Asked | None:
    """ "What tools can see" and its like, as a main clause."""
    if to_do := re.match(r"how to (.+)", heading, re.IGNORECASE):
        return Asked(f"How do I {_mine(to_do[1])}?", "doing")
    if works := re.match(r"how (.+?) (works?)\b(.*)", heading, re.IGNORECASE):
        does = "does" if works[2].lower() == "works" else "do"
        return Asked(f"How {does} {_mine(works[1])} work{works[3]}?", "happening")
    if re.match(rf"(?:{_WH}) (?:{_MODALS})\b", heading, re.IGNORECASE):
        return Asked(f"{heading}?", "asked")
    if when := re.match(r"when (.+)", heading, re.IGNORECASE):
        return Asked(f"What happens when {_mine(when[1])}?", "happening")
    if turned := re.match(rf"(what|where|why|how|who) (.+?) ({_MODALS})\b\s*(.*)", heading, re.IGNORECASE):
        word, subject, modal, rest = turned.groups()
        if modal in ("cannot", "can't"):
            modal, rest = "can", f"not {rest}"
        if modal in ("do", "does", "did") and not rest:
            rest = "do"
        return Asked(f"{word} {modal} {_mine(subject)} {_mine(rest)}".rstrip() + "?", "happening")
    if re.match(r"what (?:happens|counts|comes|goes|changes|changed|means|belongs|remains)\b", heading, re.IGNORECASE):
        return Asked(f"{heading}?", "happening")
    return None


def _happening(heading: str, text: str) -> Asked | None:
    """What goes wrong, as a heading in a whole sentence: "The key is refused"."""
    if re.search(r"\b(?:that|which|who)\b|,", heading):
        return None
    if _GOES_WRONG.match(heading):
        return Asked(f"What can I do when {_mine(within(heading, text))}?", "happening")
    if re.search(r"\b(?:does not|do not|cannot|can't|won't|is not|doesn't|don't|fails)\b", heading, re.IGNORECASE):
        return Asked(f"{heading}: what can I do?", "happening")
    return None


def _thing(heading: str, document: str, text: str) -> Asked | None:
    """What a heading names: "Status line"."""
    words = heading.split()
    is_thing = len(words) <= LONGEST_THING and _LETTER.search(heading) and not _NO_THING.search(heading)
    if not is_thing or words[0].lower() in _DOES or words[0].endswith("ly"):
        return None
    head = next((at for at, word in enumerate(words) if word.lower() in PHRASE_ENDS), len(words))
    if head == 0:
        return None
    has_the = f"the {within(heading, text)}".lower() in text.lower()
    is_name = len(words) == 1 and heading == document and not (has_the or is_plural(heading))
    thing = heading if is_name else within(heading, text)
    if len(words) == 1 and thing.endswith("ing") and thing.islower() and len(thing) > len("thing"):
        return Asked(f"How does {thing} work?", "thing")
    joined = head < len(words) and words[head].lower() in ("and", "or")
    plural = joined or is_plural(words[head - 1])
    has_article = words[0].lower() in ("the", "a", "an", "your", "my", "our")
    needs = has_the or (head < len(words) and words[head] == "of") or (len(words) == 1 if plural else head > 1)
    article = "the " if needs and not has_article else ""
    return Asked(f"What {'are' if plural else 'is'} {article}{_mine(thing)}?", "thing")


def is_plural(word: str) -> bool:
    """Whether a noun speaks of several, by its look."""
    if not word.isalpha() or not word[1:].islower():
        return False
    word = word.lower()
    return word in ("people", "children", "data") or (
        word.endswith("s") and not word.endswith(("ss", "us", "is", "ics", "news"))
    )
