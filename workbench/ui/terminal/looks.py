"""Looks: what a terminal has to be told to write in a style, and the shortest way from one look to another.

Owns SGR (ECMA-48 8.3.117) but for the colours, which are the inks' affair. Styles that differ only in what a terminal
never sees (Textual's meta data) are one look.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style

from workbench.ui.terminal.inks import Ink, Inks

_ATTRIBUTES = (
    "bold", "dim", "italic", "underline", "blink", "blink2", "reverse", "conceal", "strike", "underline2", "frame",
    "encircle", "overline",
)  # fmt: skip
"""The attributes of a Rich style, by their bit in a look."""

_ON = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""The code that switches on each attribute, by its bit."""

_OFF = ("22", "22", "23", "24", "25", "25", "27", "28", "29", "24", "54", "54", "55")
"""The code that switches it off; some switch off two."""

_MOST_KEPT = 4096  # styles and changes remembered; a screen has a few dozen, Textual's meta data make more


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How a cell looks. There is one object for each look, so looks are compared by identity.

    `attributes` are bits as in `_ON`; `foreground` and `background` are SGR parameters, "" for the terminal's own
    colour; `link` is what opens a hyperlink (OSC 8), "" for none.
    """

    attributes: int = 0
    foreground: str = ""
    background: str = ""
    link: str = ""


class Looks:
    """Every look that was asked for, in the inks of a theme at the terminal's depth of colours."""

    def __init__(self, inks: Inks) -> None:
        self.plain = Look()
        self._inks = inks
        self._known: dict[tuple[int, str, str, str], Look] = {(0, "", "", ""): self.plain}
        self._of_style: dict[Style, Look] = {}
        self._changes: dict[tuple[Look, Look], str] = {}

    def of(self, style: Style | None) -> Look:
        """The look of `style`; None is the terminal's own."""
        if style is None:
            return self.plain
        look = self._of_style.get(style)
        if look is None:
            look = self._find(style)
            if len(self._of_style) >= _MOST_KEPT:
                self._of_style.clear()
            self._of_style[style] = look
        return look

    def change(self, before: Look | None, after: Look) -> str:
        """The sequence that takes a terminal from one look to another; `before` is None when that is unknown."""
        if before is after:
            return ""
        if before is None:
            return _closed(_sgr(["0", *_parameters(after)]), after)
        change = self._changes.get((before, after))
        if change is None:
            if len(self._changes) >= _MOST_KEPT:
                self._changes.clear()
            change = self._changes[before, after] = _shortest(before, after)
        return change

    def _find(self, style: Style) -> Look:
        link = f"id={style.link_id};{style.link}" if style.link else ""
        ground = self._inks.ground(style.bgcolor)
        letter = ground.letters or self._inks.letter(style.color)
        parts = (_attributes(style) | _bits(letter) | _bits(ground), letter.code, ground.code, link)
        look = self._known.get(parts)
        if look is None:
            look = self._known[parts] = Look(*parts)
        return look


def _attributes(style: Style) -> int:
    return sum(1 << bit for bit, name in enumerate(_ATTRIBUTES) if getattr(style, name))


def _bits(ink: Ink) -> int:
    return sum(1 << _ATTRIBUTES.index(name) for name in ink.attributes)


def _shortest(before: Look, after: Look) -> str:
    anew = _sgr(["0", *_parameters(after)])
    changed = _sgr(_changed_parameters(before, after))
    shorter = changed if len(changed) <= len(anew) else anew
    return shorter if before.link == after.link else _closed(shorter, after)


def _parameters(look: Look) -> list[str]:
    return [*_switched(look.attributes, _ON), *filter(None, (look.foreground, look.background))]


def _changed_parameters(before: Look, after: Look) -> list[str]:
    off = list(dict.fromkeys(_switched(before.attributes & ~after.attributes, _OFF)))
    kept = before.attributes
    for bit, code in enumerate(_OFF):
        if code in off:
            kept &= ~(1 << bit)
    colours = []
    if before.foreground != after.foreground:
        colours.append(after.foreground or "39")
    if before.background != after.background:
        colours.append(after.background or "49")
    return [*off, *_switched(after.attributes & ~kept, _ON), *colours]


def _switched(attributes: int, codes: tuple[str, ...]) -> list[str]:
    return [code for bit, code in enumerate(codes) if attributes >> bit & 1]


def _sgr(parameters: list[str]) -> str:
    """The control sequence; without parameters there is nothing to change."""
    if not parameters:
        return ""
    return "\x1b[m" if parameters == ["0"] else f"\x1b[{';'.join(parameters)}m"


def _closed(sequence: str, look: Look) -> str:
    """With the hyperlink of before closed and that of `look` opened."""
    return f"{sequence}\x1b]8;;\x1b\\" + (f"\x1b]8;{look.link}\x1b\\" if look.link else "")
