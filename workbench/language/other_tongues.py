"""Headings and sentences in German, French and Spanish, as the questions that a person would ask."""

from __future__ import annotations

import re

from workbench.language.asked import LONGEST_THING, SUBJECT, Asked, may_be_asked_about, within

_MINE_IN_GERMAN = {"ihren": "meinen", "ihre": "meine", "ihrem": "meinem", "ihrer": "meiner", "ihr": "mein",
                   "deinen": "meinen", "deine": "meine", "deinem": "meinem", "deiner": "meiner", "dein": "mein",
                   "sich": "mich"}  # fmt: skip
_ACCUSATIVE = {"der": "den", "die": "die", "das": "das", "ein": "einen", "eine": "eine"}
_GERMAN_WH = re.compile(r"(?:wie|was|wo|wann|warum|wer|welche\w*|woher|wohin)\b", re.IGNORECASE)
_SAID_IN_GERMAN = re.compile(rf"{SUBJECT}(?:ist|sind|war|waren|hat|haben|kann|können|wird|werden|kostet|dürfen)\b")


def german_heading(heading: str, document: str, text: str) -> Asked | None:
    """As `english.of_heading`, in German."""
    words = heading.split()
    if _GERMAN_WH.match(heading):
        clause = re.match(r"(wie) (?:man|Sie|du) (.+) (\w+?)(?:t|en|st)\Z", heading, re.IGNORECASE)
        return Asked(f"Wie kann ich {clause[2]} {clause[3]}en?", "doing") if clause else Asked(f"{heading}?", "bare")
    if len(words) > 1 and re.fullmatch(r"[a-zäöüß]+(?:en|ern|eln)", words[-1]):
        first = words[0] if words[0].lower() not in _ACCUSATIVE else words[0].lower()
        own = [_MINE_IN_GERMAN.get(word.lower(), word) for word in (first, *words[1:])]
        return Asked(f"Wie kann ich {' '.join(own)}?", "doing")
    if len(words) > LONGEST_THING or re.search(r"[,:;/|=<>“”\"()]", heading):
        return None
    first = _ACCUSATIVE.get(words[0].lower(), words[0])
    return Asked(f"Was muss ich über {' '.join([first, *words[1:]])} wissen?", "thing")


def german_sentence(sentence: str, text: str) -> Asked | None:
    """As `english.of_sentence`, in German."""
    found = _SAID_IN_GERMAN.match(sentence)
    if found is None or not may_be_asked_about(found[1]):
        return None
    first, *rest = found[1].split()
    return Asked(f"Was steht hier über {' '.join([_ACCUSATIVE.get(first.lower(), first), *rest])}?", "bare")


# -- French and Spanish ----------------------------------------------------------------------------

_MINE_IN_FRENCH = {"votre": "mon", "vos": "mes", "ton": "mon", "ta": "ma", "tes": "mes"}
_SAID_IN_FRENCH = re.compile(rf"{SUBJECT}(?:est|sont|était|étaient|a|ont|peut|peuvent|doit|doivent|coûte)\b")
_SAID_IN_SPANISH = re.compile(rf"{SUBJECT}(?:es|son|está|están|era|tiene|tienen|puede|pueden|debe|cuesta)\b")


def french_heading(heading: str, document: str, text: str) -> Asked | None:
    """As `english.of_heading`, in French."""
    words = heading.split()
    if re.match(r"(?:comment|pourquoi|où|quand|qui|que|quel\w*|combien|qu['’]est-ce)\b", heading, re.IGNORECASE):
        return Asked(f"{heading} ?", "doing")
    reflexive = re.match(r"(?:se |s['’])(\w+(?:er|ir|re))\b", heading, re.IGNORECASE)
    doing = re.fullmatch(r"[^\W\d_]{2,}(?:er|ir|re)", words[0]) and len(words) > 1 and words[1][:1].islower()
    if reflexive or doing:
        own = " ".join(_MINE_IN_FRENCH.get(word.lower(), word) for word in words)
        return Asked(f"Comment {own[:1].lower()}{own[1:]} ?", "doing")
    if len(words) > LONGEST_THING or re.search(r"[:;/|=<>“”\"()]", heading):
        return None
    return Asked(f"{heading} : que faut-il savoir ?", "thing")


def french_sentence(sentence: str, text: str) -> Asked | None:
    """As `english.of_sentence`, in French."""
    found = _SAID_IN_FRENCH.match(sentence)
    if found is None or not may_be_asked_about(found[1]):
        return None
    return Asked(f"Que sait-on sur {within(found[1].strip(), text)} ?", "bare")


def spanish_heading(heading: str, document: str, text: str) -> Asked | None:
    """As `english.of_heading`, in Spanish."""
    words = heading.split()
    if re.match(r"(?:cómo|por qué|dónde|cuándo|quién|qué|cuál\w*|cuánto\w*)\b", heading, re.IGNORECASE):
        return Asked(f"¿{heading[:1].upper()}{heading[1:]}?", "doing")
    if len(words) > 1 and re.fullmatch(r"[^\W\d_]{2,}(?:ar|er|ir)(?:se)?", words[0]):
        own = " ".join({"su": "mi", "sus": "mis", "tu": "mi", "tus": "mis"}.get(word.lower(), word) for word in words)
        return Asked(f"¿Cómo puedo {own[:1].lower()}{own[1:]}?", "doing")
    if len(words) > LONGEST_THING or re.search(r"[:;/|=<>“”\"()]", heading):
        return None
    return Asked(f"¿Qué hay que saber sobre {within(heading, text)}?", "thing")


def spanish_sentence(sentence: str, text: str) -> Asked | None:
    """As `english.of_sentence`, in Spanish."""
    found = _SAID_IN_SPANISH.match(sentence)
    if found is None or not may_be_asked_about(found[1]):
        return None
    return Asked(f"¿Qué se dice sobre {within(found[1].strip(), text)}?", "bare")
