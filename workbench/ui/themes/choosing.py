"""The list of themes: the one under the cursor is shown on the whole screen, Enter keeps it, Esc goes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, runtime_checkable

from textual import on
from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList

from workbench.ui.themes.own import OWN

if TYPE_CHECKING:
    from textual.theme import Theme

ROOMY_ROWS: Final = 14  # from here there is room for frames around what is looked for, and for the screen above it
INPUT_ROWS: Final = 1  # above the list, without frames
LIST_SHARE: Final = 0.4  # of the rows: what one is in stays in view above the list, beside it and below

_MEANINGS = {palette.name: palette.meaning for palette in OWN}


@runtime_checkable
class ChoosesThemes(Protocol):
    """An app that opens the list."""

    def choose_theme(self, name: str) -> None:
        """A theme was chosen in the list."""


class CalmPalette(CommandPalette):
    """Textual's palette, in colours that a theme has: its own rules have the same weight as these, and may win else."""

    DEFAULT_CSS = """
    CalmPalette {
        background: transparent !important;
        & > .command-palette--help-text { color: $wb-dim !important; text-style: not bold not dim !important; }
        & > Vertical { background: $wb-surface !important; }
        #--input { border: hkey $wb-rule !important; }
        SearchIcon { color: $wb-dim !important; }
        CommandInput, CommandInput:focus { border: blank $wb-surface !important; }
        CommandList, CommandList:focus {
            border-top: blank $wb-surface !important;
            border-bottom: hkey $wb-rule !important;
            border-left: none !important;
            border-right: none !important;
            background-tint: transparent !important;
        }
        LoadingIndicator { color: $wb-here !important; border-bottom: hkey $wb-rule !important; }
    }
    CalmPalette.-short {
        & > Vertical { margin-top: 0; }
        #--input { border: none !important; }
        SearchIcon { margin: 0 1 0 2; }
        CommandInput, CommandInput:focus { border: none !important; height: 1; }
        CommandList, CommandList:focus { border-top: none !important; border-bottom: none !important; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]

    def on_resize(self, event: Resize) -> None:
        """The list is as long as leaves what is chosen in view. A small screen has no room for frames."""
        rows = event.size.height
        self.set_class(rows < ROOMY_ROWS, "-short")
        found = self.query_one(CommandList)
        found.styles.max_height = rows - INPUT_ROWS if rows < ROOMY_ROWS else int(rows * LIST_SHARE)
        self.call_after_refresh(found.scroll_to_highlight)

    def action_page(self, by: int) -> None:
        """A page of the list up, or down."""
        found = self.query_one(CommandList)
        with suppress(KeyError, IndexError):  # Textual's list has no lines yet, when keys come with the one that opens
            found.action_page_up() if by < 0 else found.action_page_down()  # type: ignore[no-untyped-call]


class ThemeList(CalmPalette):
    """What `search_themes` opens: at the right, for the rest of the screen shows the theme."""

    DEFAULT_CSS = """
    ThemeList { align-horizontal: right; & > Vertical { width: 56; max-width: 100%; } }
    """

    def __init__(self) -> None:
        super().__init__([Themes], placeholder="Search for themes…")

    @on(OptionList.OptionHighlighted)
    def _look_at(self, event: OptionList.OptionHighlighted) -> None:
        """The cursor has moved: show the theme that it is on."""
        hit = getattr(event.option, "hit", None)  # the option that says that there is none has no hit
        if isinstance(hit, Hit | DiscoveryHit) and hit.text in self.app.available_themes:
            self.app.theme = str(hit.text)


class Themes(Provider):
    """Every theme, the chosen one first, then our own, then Textual's."""

    def _commands(self) -> Iterator[tuple[Theme, Callable[[], None]]]:
        app = self.app
        assert isinstance(app, ChoosesThemes)
        chosen = app.theme
        own = list(_MEANINGS)
        themes = sorted(app.available_themes.values(), key=lambda theme: theme.name)
        themes.sort(key=lambda theme: own.index(theme.name) if theme.name in own else len(own))
        themes.sort(key=lambda theme: theme.name != chosen)
        for theme in themes:
            yield theme, partial(app.choose_theme, theme.name)

    async def discover(self) -> Hits:
        """All of them."""
        for theme, choose in self._commands():
            yield DiscoveryHit(_shown(Content(theme.name), theme), choose, text=theme.name)

    async def search(self, query: str) -> Hits:
        """Those whose name is like what was typed."""
        matcher = self.matcher(query)
        for theme, choose in self._commands():
            if (score := matcher.match(theme.name)) > 0:
                yield Hit(score, _shown(matcher.highlight(theme.name), theme), choose, text=theme.name)


def _shown(name: Content, theme: Theme) -> Content:
    meaning = _MEANINGS.get(theme.name) or ("dark" if theme.dark else "light")
    return Content.assemble(name, (f"  {meaning}", "not bold $wb-dim"))
