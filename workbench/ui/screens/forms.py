"""A short list to choose one thing from: its rows are found by their names, Enter takes one, Esc takes none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from workbench.safe_text import safe_line
from workbench.ui.themes.choosing import CalmPalette


class ShortList(CalmPalette):
    """`choices` are names, each with a word on it; `take` gets the name that was chosen."""

    def __init__(self, placeholder: str, choices: Sequence[tuple[str, str]], take: Callable[[str], object]) -> None:
        super().__init__([_provider(choices, take)], placeholder=placeholder)


def _provider(choices: Sequence[tuple[str, str]], take: Callable[[str], object]) -> type[Provider]:
    class Choices(Provider):
        """All of them, or those whose name is like what was typed."""

        async def discover(self) -> Hits:
            for name, note in choices:
                yield DiscoveryHit(_shown(Content(name), note), partial(take, name), text=name)

        async def search(self, query: str) -> Hits:
            matcher = self.matcher(query)
            for name, note in choices:
                if (score := matcher.match(name)) > 0:
                    yield Hit(score, _shown(matcher.highlight(name), note), partial(take, name), text=name)

    return Choices


def _shown(name: Content, note: str) -> Content:
    return Content.assemble(name, (f"  {safe_line(note)}", "not bold $wb-dim"))
