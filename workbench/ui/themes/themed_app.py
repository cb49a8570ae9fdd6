"""An app whose every theme has the roles: those of our own, and Textual's with roles made of their colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from textual.filter import LineFilter, Monochrome, NoColor
from textual.theme import Theme

from workbench.ui.terminal.display import ChangedCellsApp
from workbench.ui.terminal.inks import Inks
from workbench.ui.themes.own import AUTO, OWN
from workbench.ui.themes.palette import Depth, Palette

Result = TypeVar("Result")

DEFAULT_THEME: Final = AUTO.name

_DEPTHS: Final[Mapping[str, Depth]] = {"truecolor": "true", "256": "256", "standard": "16", "windows": "16"}
"""The depth of each of Rich's colour systems."""


class ThemedApp(ChangedCellsApp[Result], Generic[Result]):
    """Style sheets and contents may name `$wb-` variables, whatever the theme."""

    def __init__(self, **options: Any) -> None:
        self._palettes: dict[str, Palette] = {}
        super().__init__(**options)
        self._palettes |= {palette.name: palette for palette in OWN}
        for palette in OWN:
            self.register_theme(palette.theme())
        self.theme = DEFAULT_THEME

    def get_theme(self, theme_name: str) -> Theme | None:
        """A theme by its name, as Textual asks for it, with our roles among its variables."""
        theme = super().get_theme(theme_name)
        if theme is None or theme.name in self._palettes or not self._palettes:  # Textual asks while it is made
            return theme
        from workbench.ui.themes.derived import derived  # not for the first paint

        palette = self._palettes[theme.name] = derived(theme)
        self.register_theme(themed := palette.theme())
        return themed

    def inks(self) -> Inks:
        """What the terminal is told for the colours of the theme."""
        return self.palette.inks(self._depth())

    def _depth(self) -> Depth:
        if self.no_color:
            return "none"
        return _DEPTHS.get(self.console.color_system or "truecolor", "true")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, but for the one that turns colours into greys: for NO_COLOR inks have none."""
        filters = super().get_line_filters()
        if not self.draws_changed_cells:
            return filters
        return [each for each in filters if not isinstance(each, Monochrome | NoColor)]

    def watch_theme(self) -> None:
        """The terminal is told other colours from now on: all that it shows is written anew."""
        self.forget_terminal()

    @property
    def palette(self) -> Palette:
        """The palette of the theme that is chosen."""
        return self._palettes[self.current_theme.name]
