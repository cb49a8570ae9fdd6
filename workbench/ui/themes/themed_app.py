"""An app whose every theme has the roles: those of our own, and Textual's with roles made of their colours."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import SystemModalScreen
from textual.theme import Theme

from workbench.ui.terminal.display import ChangedCellsApp
from workbench.ui.terminal.ground import GroundTold, hinted
from workbench.ui.terminal.inks import Inks
from workbench.ui.themes.own import AUTO, DARK, LIGHT, OWN
from workbench.ui.themes.palette import Depth, Palette

if TYPE_CHECKING:
    from textual.command import CommandPalette

Result = TypeVar("Result")

DEFAULT_THEME: Final = AUTO.name

_DEPTHS: Final[Mapping[str, Depth]] = {"truecolor": "true", "256": "256", "standard": "16", "windows": "16"}
"""The depth of each of Rich's colour systems."""


class ThemedApp(ChangedCellsApp[Result], Generic[Result]):
    """Style sheets and contents may name `$wb-` variables, whatever the theme."""

    def __init__(self, **options: Any) -> None:
        self._palettes: dict[str, Palette] = {}
        self._theme_before: str | None = None  # while the list is open
        self._is_dark = hinted(os.environ)  # what is known of the terminal
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
        if self.palette is AUTO and self._is_dark is not None:
            return (DARK if self._is_dark else LIGHT).inks(self._depth(), known_as=AUTO)
        return self.palette.inks(self._depth())

    def on_ground_told(self, message: GroundTold) -> None:
        """The terminal said whether it is dark: a theme that goes by that is the dark or the light one from now on.

        Only what the terminal is told for each colour changes: nothing is styled anew.
        """
        if message.is_dark == self._is_dark:
            return
        self._is_dark = message.is_dark
        if self.palette is AUTO:
            self.forget_terminal()
            for screen in self.screen_stack[-1:]:
                screen.refresh()

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

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything anew; the terminal is told other colours from now on, so all that it shows is written."""
        self.forget_terminal()
        super().refresh_css(animate)
        for screen in self.screen_stack[-1:]:
            if isinstance(screen, SystemModalScreen):  # which Textual leaves out, when it is the one on top
                self.stylesheet.update(screen, animate=animate)
                screen.refresh(layout=True)

    def action_command_palette(self) -> None:
        """Open the palette."""
        from workbench.ui.themes.choosing import CalmPalette  # not for the first paint

        if self.use_command_palette and not any(isinstance(each, CalmPalette) for each in self.screen_stack):
            self.push_screen(CalmPalette(id="--command-palette"))

    def search_themes(self) -> None:
        """Open the list of themes, which shows the one that its cursor is on."""
        from workbench.ui.themes.choosing import ThemeList  # not for the first paint

        self._theme_before = self.theme
        self.push_screen(ThemeList())

    def on_command_palette_closed(self, message: CommandPalette.Closed) -> None:
        """A list has been closed; when no theme was chosen in it, the one from before is back."""
        before, self._theme_before = self._theme_before, None
        if before is not None and not message.option_selected:
            self.theme = before

    def choose_theme(self, name: str) -> None:
        """A theme was chosen in the list."""
        self.theme = name

    @property
    def palette(self) -> Palette:
        """The palette of the theme that is chosen."""
        return self._palettes[self.current_theme.name]
