"""The tree of turns as rows: its lines, what each turn asked, and what it has otherwise than the one beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from textual.content import Content

from workbench.conversation.spending import tokens_of
from workbench.conversation.tree import Tree
from workbench.conversation.turn import Turn
from workbench.safe_text import safe_line, safe_text
from workbench.ui.widgets.row import LONGEST_LINE, MakeRow, Row, beginning

GLYPHS: Final[Mapping[str, tuple[str, str]]] = {
    "complete": ("✓", "success"),
    "running": ("⧗", "accent"),
    "failed": ("✗", "error"),
    "timeout": ("✗", "error"),
    "cancelled": ("■", "muted"),
}
"""A glyph for how a turn stands, and its style."""
OTHERWISE: Final = ("!", "warning")
ON_PATH: Final = "●"
MOST_LEAD: Final = 24  # cells of the lines of the tree before a turn
LONGEST_VALUE: Final = 30  # characters of a value that differs
_NO_SETTING: Final = frozenset({"messages", "documents", "stream", "tools"})


def tree_rows(tree: Tree) -> dict[str, MakeRow]:
    """What makes the row of each turn that is not hidden, by its number, in the order of the branches."""
    path = {turn.number for turn in tree.path}
    return {
        str(turn.number): partial(_row, turn, lead, tree, is_on_path=turn.number in path)
        for turn, lead in laid_out(tree)
    }


def laid_out(tree: Tree) -> list[tuple[Turn, str]]:
    """The turns that are not hidden, each with the lines of the tree before it; what follows a turn alone stands right
    below it."""
    rows: list[tuple[Turn, str]] = []
    waiting = _parting(tree.children(None), "")
    while waiting:
        turn, lead, below = waiting.pop()
        rows.append((turn, lead))
        waiting += _parting(tree.children(turn.number), below)
    return rows


def _parting(turns: Sequence[Turn], below: str) -> list[tuple[Turn, str, str]]:
    """Each turn with the lines before it and before what follows it, the last first."""
    below = below if len(below) <= MOST_LEAD else f"…{below[1 - MOST_LEAD :]}"
    if len(turns) < 2:
        return [(turn, below, below) for turn in turns]
    *others, last = turns
    return [(last, f"{below}└─", f"{below}  "), *((turn, f"{below}├─", f"{below}│ ") for turn in reversed(others))]


def told_apart(turn: Turn, tree: Tree) -> list[str]:
    """What a turn has otherwise than the one that it was made from, or than the first that was asked in its place."""
    base = _base(turn, tree)
    if base is None:
        return []
    told = [f"{name} {value}" for name, value in _changed(_settings(base), _settings(turn))]
    if (made := turn.made_from) is not None:
        told += ["edited arguments"] if made.arguments else []
        told += ["edited result"] if made.results else []
        told += ["goes on where it stopped"] if made.goes_on else []
        for what, names in (("sets", made.sets), ("tools", made.tools)):
            told += [] if names is None else [f"{what} {', '.join(sorted(names)) or 'none'}"]
    return [safe_line(each) for each in told]


def _base(turn: Turn, tree: Tree) -> Turn | None:
    if turn.made_from is not None and turn.made_from.turn in tree:
        return tree.turn(turn.made_from.turn)
    first = tree.children(turn.parent, hidden=True)[0]
    return None if first is turn else first


def _settings(turn: Turn) -> dict[str, Any]:
    body = turn.steps[0].request if turn.steps else {}
    settings = {name: value for name, value in body.items() if name not in _NO_SETTING}
    messages = body.get("messages") or ()
    system = [each.get("content") for each in messages if isinstance(each, Mapping) and each.get("role") == "system"]
    return {**settings, "system message": system[0]} if system else settings


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield ("no", name) if name not in after else (name, _short(after[name]))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    line = " ".join(text[: 2 * LONGEST_VALUE].split())
    return line if len(text) <= LONGEST_VALUE else f"{line[:LONGEST_VALUE]}…"


def _row(turn: Turn, lead: str, tree: Tree, *, is_on_path: bool) -> Row:
    apart, base = told_apart(turn, tree), _base(turn, tree)
    name = " ".join(tree.names.get(turn.number, "").split())
    words, rest = beginning(" ".join(turn.prompt[: 2 * LONGEST_LINE].split()))
    rest += max(0, len(turn.prompt) - 2 * LONGEST_LINE)
    asked = base is None or base.prompt != turn.prompt
    told = Content(words) if asked else Content.styled(words, "muted")
    differs = Content.styled(" · ".join(apart), "accent")
    parts = [told, differs] if asked else [differs, told]
    head = Content.assemble(
        (f" {ON_PATH if is_on_path else ' '} ", "here"),
        (lead, "muted"),
        (f"{turn.place} ", "bold"),
        (f"“{beginning(name)[0]}” " if name else "", "link"),
        Content("  ").join(part for part in parts if part.plain),
    )
    return Row(head, tails=_tails(turn), body=lambda: _body(turn, tree, apart), indent=5, head_rest=rest)


def _tails(turn: Turn) -> tuple[Content, ...]:
    glyph, style = GLYPHS.get(turn.status, OTHERWISE)
    count = tokens_of(turn.usage())
    tokens = "" if count is None else f"{count:,}"
    word = turn.status if turn.status != "complete" else ""
    long = " · ".join(filter(None, (word, f"{tokens} tokens" if tokens else "")))
    return tuple(Content.assemble((glyph, style), (f" {said}" if said else "", "muted")) for said in (long, tokens, ""))


def _body(turn: Turn, tree: Tree, apart: Sequence[str]) -> Content:
    """The whole question, and in words where the turn stands."""
    followers = len(tree.children(turn.number))
    made = turn.made_from
    base = tree.turn(made.turn) if made is not None and made.turn in tree else None
    lines = [
        *(
            [f"made from turn {base.place}{', beside the conversation' if made and made.beside else ''}"]
            if base
            else []
        ),
        *apart,
        f"{followers} {'turn goes' if followers == 1 else 'turns go'} on from it"
        if followers
        else "a branch ends here",
    ]
    return Content.assemble(safe_text(turn.prompt.strip()), *((f"\n{line}", "muted") for line in lines))
