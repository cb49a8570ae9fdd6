"""The conversation that a recording is of, as it was at a place of it, for whoever shows it.

Owns which turns it consisted of then, and what it was asked with. Nobody answers: there is nothing to ask.
"""

from __future__ import annotations

from typing import Any

from workbench.cohere_client import play
from workbench.conversation import Conversation, Options
from workbench.conversation.tree import Tree
from workbench.conversation.turn import Turn
from workbench.events import ToolResult
from workbench.secrets.redactor import Redactor
from workbench.sessions.playback import CountedDocuments, options_of, tools_of
from workbench.sessions.reel import Place, Reel
from workbench.tools.runner import Report


class PlayedConversation(Conversation):
    """A conversation whose turns are those of `reel`, as far as it is shown. `name` is what it is called in texts."""

    def __init__(self, reel: Reel, *, name: str, redactor: Redactor) -> None:
        self._played = play((), name=name, redactor=redactor)
        super().__init__(self._played, Options())
        self.name = name
        self.reel = reel
        self._shown: int | None = None  # the place of the turn that is shown
        self._tree_then = Tree()  # of the turns before it
        self.show(Place(0, 0), None)

    def show(self, at: Place, turn: Turn | None) -> None:
        """Be what it was at a place, where `turn` is what the last turn was. With None, nothing has been asked yet."""
        played = self.reel.turns[at.turn]
        if at.turn != self._shown:
            self._shown, self._tree_then = at.turn, self._tree_before(at.turn)
        tree = self._tree = self._tree_then
        if turn is not None:
            tree.add(turn)
        elif played.turn.number in tree:
            tree.remove(played.turn.number)
        self.turns[:] = tree.path
        self.options = options_of(played.body)
        definitions = tools_of(played.body)
        self.toolbox = GivenTools(definitions) if definitions else None
        documents = played.body.get("documents")
        count = len(documents) if isinstance(documents, list) else 0
        self.library = CountedDocuments(count) if count else None

    def _tree_before(self, place: int) -> Tree:
        """The turns that had been asked when the one of this place was."""
        tree = Tree()
        for each in self.reel.turns[: place + 1]:
            if any(dropped.turn is None for dropped in each.before):
                tree = Tree()  # a turn that was only asked again stays, as a branch
            if each is not self.reel.turns[place]:
                tree.add(each.turn)
        return tree

    async def aclose(self) -> None:
        """Closes what stands in for the server."""
        await self._played.aclose()


class GivenTools:
    """The tools that the model was given. None of them can be run."""

    def __init__(self, definitions: list[dict[str, Any]]) -> None:
        self._definitions = definitions

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`."""
        return self._definitions

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        """Nothing is run: the result says so."""
        refused = "this is a recording: no tool is run"
        return ToolResult(id=call_id, name=name, arguments=arguments, error=refused, error_kind="denied")
