"""How a library is asked for what a question needs: what every library, whole or chosen from, is told besides it."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.documents.choices import NOTHING_CHOSEN, Choices
from workbench.documents.embedding import Stop


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How a question is searched for.

    `rewrite` is what a model wrote to be searched for in its place. Phrases that no passage has find nothing; if not
    `strictly`, their words are searched then, which a note says. The search may wait for a network until `stop` is
    stopped, which raises Stopped; with `local` nothing is sent anywhere. What is off by `choices` is not found.
    """

    rewrite: str = ""
    strictly: bool = True
    stop: Stop | None = None
    local: bool = False
    choices: Choices = NOTHING_CHOSEN
