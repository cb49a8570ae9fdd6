"""What a person decides about a call: how far a yes goes, the words that say so, and why a no is one.

    yes      what is asked for: this call, or the whole file until it changes
    once     this call
    tool     every call of this tool until the program ends
    session  every call of every tool of its file until the program ends
    no       not this call; what stands behind it is told to the model

Owns which of them there are for a question, and reading a typed line as one. Refuses to take anything else for an
answer, and whatever is not typed out: a `y` is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Scope = Literal["once", "tool", "session", "file"]

YES: Final = "yes"
NO: Final = "no"
NO_LETTER: Final = "n"
LONGEST_REASON: Final = 2_000
"""Characters of a reason that the model is told."""

_BEHIND_NO: Final = " \t:,;.-"


@dataclass(frozen=True, slots=True)
class Decision:
    """How far a call is allowed, None when it is not; `reason` is why it is not, as the person wrote it."""

    scope: Scope | None
    reason: str = ""


DENIED: Final = Decision(None)


@dataclass(frozen=True, slots=True)
class Offer:
    """A word that allows something, and in a few words what; the first one of a question is what it is about."""

    word: str
    scope: Scope
    meaning: str


def offers(scope: Literal["call", "file"], *, of_file: bool, code: bool) -> tuple[Offer, ...]:
    """What may be answered to a question about a call, or about its file.

    `of_file` says whether there is a tools file, `code` whether the call runs code: a yes to one that does not is none
    to the code of other tools.
    """
    once = Offer("once", "once", "this call only")
    wider = [Offer("tool", "tool", "this tool, until the program ends")]
    if of_file:
        every = "this file's tools" if code else "this file's tools that run no code"
        wider.append(Offer("session", "session", f"{every}, until the program ends"))
    if scope == "file":
        return (Offer(YES, "file", "every tool of this file, until it changes"), once, *wider)
    return (Offer(YES, "once", "this call only"), *wider)


def read(line: str, offered: Sequence[Offer]) -> Decision | None:
    """What a line decides, None when it is no answer to what was offered; capitals do not matter."""
    said = line.strip()
    word = said.lower()
    for offer in offered:
        if word == offer.word or word == offer.scope == "once":
            return Decision(offer.scope)
    if word in (NO, NO_LETTER):
        return DENIED
    if word.startswith(NO) and word[len(NO)] in _BEHIND_NO:
        return Decision(None, said[len(NO) :].lstrip(_BEHIND_NO)[:LONGEST_REASON])
    return None


def may_become(typed: str, offered: Sequence[Offer]) -> bool:
    """Whether what was typed so far is an answer, or the beginning of one."""
    word = typed.lower()
    words = [NO, *(offer.word for offer in offered), *(offer.scope for offer in offered if offer.scope == "once")]
    return any(each.startswith(word) for each in words) or _gives_reason(word)


def _gives_reason(word: str) -> bool:
    return word.startswith(NO) and word[len(NO) : len(NO) + 1] in _BEHIND_NO
