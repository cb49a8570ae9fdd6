"""Named styles: what names such as `dim` and `code-keyword` look like, in the roles of the theme.

Lists and the transcript paint their lines themselves and name what each part is. Were these names component classes of
style sheets, Textual would style a node for each of them in every widget, which was half of what the first paint cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from rich.style import Style as RichStyle
from textual.color import Color
from textual.style import Style
from textual.widget import Widget

if TYPE_CHECKING:
    from workbench.ui.themes.themed_app import ThemedApp


@dataclass(frozen=True, slots=True)
class NamedStyle:
    """What one name looks like: the roles of its letters and of its ground, and words of a Rich style.

    What is None is as it is around it.
    """

    letters: str | None = None
    ground: str | None = None
    attributes: str = ""


HIT_STYLES: Final[Mapping[str, NamedStyle]] = MappingProxyType(
    {
        "hit": NamedStyle("text", ground="hit"),
        "hit-here": NamedStyle("here", ground="background", attributes="reverse bold"),
    }
)
"""Words that are looked for, and those of them that one stands on: where you are, the other way round."""


class NamedStyles:
    """The styles of the names of `table` in the theme of the app that `widget` is in."""

    def __init__(self, widget: Widget, table: Mapping[str, NamedStyle]) -> None:
        self._widget = widget
        self._table = table
        self._theme = ""
        self._contents: dict[str, Style] = {}
        self._riches: dict[str, RichStyle] = {}

    def content(self, name: str) -> Style:
        """A name's style as contents have it."""
        self._forget_another_theme()
        if (style := self._contents.get(name)) is None:
            named = self._table[name]
            colours = Style(self._colour(named.ground), self._colour(named.letters))
            style = self._contents[name] = Style.parse(named.attributes) + colours
        return style

    def rich(self, name: str) -> RichStyle:
        """A name's style as segments have it."""
        self._forget_another_theme()
        if (style := self._riches.get(name)) is None:
            named = self._table[name]
            letters, ground = self._colour(named.letters), self._colour(named.ground)
            style = self._riches[name] = RichStyle.parse(named.attributes) + RichStyle(
                color=letters.rich_color if letters else None, bgcolor=ground.rich_color if ground else None
            )
        return style

    def _forget_another_theme(self) -> None:
        if (theme := self._widget.app.theme) != self._theme:
            self._theme = theme
            self._contents.clear()
            self._riches.clear()

    def _colour(self, role: str | None) -> Color | None:
        if role is None:
            return None
        app = cast("ThemedApp[object]", self._widget.app)
        return Color.parse(app.palette.shades[role].true)
