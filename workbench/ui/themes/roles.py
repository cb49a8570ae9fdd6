"""Roles: what a colour is for. Every colour on the screen is the value that the chosen theme gives to one of them.

Style sheets and contents name a role as `$wb-NAME`. A theme says of each role what it is in true colour, of 256 colours
and of 16, and what it is where there is no colour at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

PREFIX: Final = "wb-"
"""Of the style sheets' variables."""

Kind = Literal["text", "ground", "line"]
"""Letters, what stands behind letters, and what carries none: rules, bars, the thumb of a scroll bar."""


@dataclass(frozen=True, slots=True)
class Role:
    """What one colour is for.

    `on` names the grounds that a text stands on besides the screen's. `without` has the attributes, as words of a Rich
    style, that stand for the colour where a theme has none for it.
    """

    name: str
    kind: Kind
    meaning: str
    on: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


_EVERYWHERE: Final = ("surface", "panel", "band", "here-tint")

ROLES: Final = (
    Role("background", "ground", "the screen"),
    Role("surface", "ground", "a block of code, a dialog"),
    Role("panel", "ground", "the title bar, a field to type in"),
    Role("band", "ground", "what the person said"),
    Role("here-tint", "ground", "the head of the selected row", without=("reverse",)),
    Role("cited-selected", "ground", "the cited words of the citation that is selected", without=("reverse",)),
    Role("selection", "ground", "text selected with the mouse or in a field", without=("reverse",)),
    Role("hit", "ground", "the words that are looked for", without=("reverse",)),
    Role("text", "text", "what is read", (*_EVERYWHERE, "cited-selected", "selection", "hit")),
    Role("dim", "text", "what is read second: labels, places, times", _EVERYWHERE),
    Role("disabled", "text", "hints, what cannot be used now", ("panel",)),
    Role(
        "here", "text", "where you are: the focused pane's title, the selection's bar", _EVERYWHERE, without=("bold",)
    ),
    Role(
        "cite",
        "text",
        "a citation's number, and the line under its words",
        (*_EVERYWHERE, "cited-selected"),
        without=("bold",),
    ),
    Role("link", "text", "an address", _EVERYWHERE),
    Role("success", "text", "it went well", _EVERYWHERE),
    Role("warning", "text", "look at this", _EVERYWHERE),
    Role("error", "text", "it failed", _EVERYWHERE, without=("bold",)),
    Role("code-comment", "text", "in code: a comment", ("surface", "cited-selected")),
    Role("code-keyword", "text", "in code: a word of the language", ("surface", "cited-selected")),
    Role("code-string", "text", "in code: a string", ("surface", "cited-selected")),
    Role("code-number", "text", "in code: a number", ("surface", "cited-selected")),
    Role("code-name", "text", "in code: a name that is defined or called", ("surface", "cited-selected")),
    Role("code-inserted", "text", "in a diff: a line that was added", ("surface", "cited-selected")),
    Role("code-deleted", "text", "in a diff: a line that was taken out", ("surface", "cited-selected")),
    Role("model", "text", "time that the model took", ("here-tint",)),
    Role("tool", "text", "time that a tool took", ("here-tint",)),
    Role("waiting", "text", "time that a person, or a retry, was waited for", ("here-tint",)),
    Role("band-bar", "line", "the bar before what the person said"),
    Role("rule", "line", "between panes, between turns, in tables"),
    Role("scrollbar", "line", "the thumb of a scroll bar", without=("reverse", "dim")),
)

BY_NAME: Final = {role.name: role for role in ROLES}
