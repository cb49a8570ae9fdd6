"""Turns, each behind the one that it goes on from, and the history that the next request carries.

Owns the public way to ask, and to ask again with something changed, and cancelling; `loop` runs the turn, `tree` knows
the branches, `history` what of a turn goes on to the model. The client, the documents and the tools are given to it.
Refuses to print, to draw, and to know any JSON of the wire.

    async for event in conversation.ask("When does the library open?"):
        match event:
            case ContentDelta(text=text):
                print(text, end="")
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from workbench.conversation.changes import Changes, MadeFrom
from workbench.conversation.history import History
from workbench.conversation.options import Documents, KnowsKeys, Options, StreamsChat, Tools

if TYPE_CHECKING:
    from workbench.conversation.loop import KeepsTurns, TurnLoop
    from workbench.conversation.retrying import Backoff
    from workbench.conversation.tree import Change, Tree
    from workbench.conversation.turn import Turn
    from workbench.conversation.under_way import UnderWay
    from workbench.documents.choices import Choices
    from workbench.documents.passages import Passage
    from workbench.events import Event, Request
    from workbench.secrets.redactor import Redactor
    from workbench.tools.specs import ToolSpec

__all__ = ["Changes", "Conversation", "Options"]

MOST_BESIDE: Final = 4  # turns that run beside the conversation at the same time; the others wait


class Conversation:
    """Turns with their history: a tree, of which `turns` is the path where a person is. One turn of it at a time.

    `library`, `toolbox` and `keeper` may be set later, before the first turn. `clock` gives seconds and only ever
    grows. `backoff` decides how long to wait before a request is sent again.
    """

    def __init__(
        self,
        client: StreamsChat,
        options: Options = Options(),  # noqa: B008 - frozen
        *,
        library: Documents | None = None,
        toolbox: Tools | None = None,
        keeper: KeepsTurns | None = None,
        clock: Callable[[], float] = time.monotonic,
        backoff: Backoff | None = None,
    ) -> None:
        self.client = client
        self.options = options
        self.library = library
        self.toolbox = toolbox
        self.backoff = backoff
        self.keeper = keeper
        self.tools_off: frozenset[str] = frozenset()
        """The names of tools that the turns from now on do not get; of ones that there are not, too."""
        self.choices: Choices | None = None
        """What of the documents the turns from now on get, and what is pinned to the next one; None for all of them."""
        self.turns: list[Turn] = []
        self._tree: Tree | None = None  # made when it is first asked for: what it needs is not for the first paint
        self._clock = clock
        self._serial = 0
        self._earlier = 0  # turns that are no part of this conversation
        self._tokens_forgotten = 0  # that were used by turns which are no part of the tree any more
        self._history = History(lambda: self.redactor)
        self._under_way: UnderWay | None = None
        self._beside: list[UnderWay] = []
        self._gate = asyncio.Semaphore(MOST_BESIDE)

    @property
    def redactor(self) -> Redactor:
        """What keeps the API keys that the client knows out of all that is asked, sent in a body, and answered."""
        from workbench.secrets.redactor import Redactor

        return self.client.redactor if isinstance(self.client, KnowsKeys) else Redactor()

    @property
    def tree(self) -> Tree:
        """Every turn of this conversation, of all branches."""
        from workbench.conversation.tree import Tree

        if self._tree is None:
            self._tree = Tree()
        return self._tree

    @property
    def tools_on(self) -> Tools | None:
        """The tools that the next turn gets."""
        from workbench.conversation.some_tools import SomeTools

        if self.toolbox is None or not self.tools_off:
            return self.toolbox
        return SomeTools(self.toolbox, None, self.tools_off)

    @property
    def search_tool(self) -> ToolSpec | None:
        """The tool by which the model searches documents in the turns from now on, on or off; None where none is."""
        if self.library is None:
            return None
        from workbench.conversation.searching import search_of
        from workbench.conversation.some_documents import documents_on

        return search_of(self.toolbox, documents_on(self.library, self.choices))

    @property
    def has_tools(self) -> bool:
        """Whether there are tools that a turn may get, on or off."""
        return self.toolbox is not None or self.search_tool is not None

    @property
    def every_tool(self) -> Tools | None:
        """All tools that there are, on or off, with the search of documents."""
        from workbench.conversation.searching import with_search
        from workbench.conversation.some_documents import documents_on

        return with_search(self.toolbox, documents_on(self.library, self.choices), self.toolbox)

    @property
    def next_number(self) -> int:
        """The number that the next turn gets."""
        return self._serial + 1

    @property
    def running(self) -> bool:
        """Whether a turn of the conversation itself is being run now."""
        return self._under_way is not None and self._under_way.running

    async def ask(self, prompt: str, attached: Sequence[Passage] = ()) -> AsyncGenerator[Event, None]:
        """Run one turn; yield every event as it happens, `TurnEnd` last, whatever goes wrong.

        `attached` are documents of this turn alone, besides those that are found for it.

        Failures of request and stream are in `TurnEnd`, never raised. Closing the iterator, or cancelling
        the task that reads it, cancels the turn. Raises RuntimeError when a turn is already running.
        """
        await self._free()
        turn = self._next(prompt, self.tree.end)
        prepared = self._prepared(turn, attached)
        self._unpin()
        async with aclosing(self._going_on(prepared)) as events:
            async for event in events:
                yield event

    async def again(
        self,
        number: int,
        changes: Changes = Changes(),  # noqa: B008 - frozen
        attached: Sequence[Passage] = (),
    ) -> AsyncGenerator[Event, None]:
        """Ask the turn of this number again, with `changes`, beside itself; yield every event as `ask` does.

        Nothing is overwritten: the new turn goes on from the same turn as the other one, and the conversation goes on
        from the new one. Where calls are edited it begins with the steps up to these, which are not sent again, and
        with all that were done where it goes on.

        Raises TreeError when there is no such turn, or no such call in it, and RuntimeError as `ask`.
        """
        await self._free()
        turn = self._sibling(number, changes)
        prepared = self._prepared(turn, attached, changes)
        if not changes.takes_over:
            self._unpin()
        async with aclosing(self._going_on(prepared)) as events:
            async for event in events:
                yield event

    def again_beside(self, number: int, each: Iterable[Changes], attached: Sequence[Passage] = ()) -> list[UnderWay]:
        """A turn for each of `each`, all of them the turn of this number asked again, to run side by side.

        Each runs once its events are taken, a few at the same time, and can be cancelled alone (`cancel_beside` stops
        all). The conversation itself does not move. Raises TreeError as `again`.
        """
        made = [
            self._prepared(self._sibling(number, changes, beside=True), attached, changes, beside=True)
            for changes in each
        ]
        self._unpin()
        self._beside = [*(one for one in self._beside if not one.is_over), *made]
        return made

    async def preview(self, prompt: str, attached: Sequence[Passage] = ()) -> Request:
        """The first request that `ask` would send, with what is found for it. Nothing is sent, and no turn begins.

        Raises what retrieving documents raises.
        """
        from workbench.conversation.turn import Turn

        turn = Turn(self.next_number, self.redactor.text(prompt), parent=self.tree.end)
        turn.choices = self.choices
        loop = self._loop_of(turn, attached, Changes(), lambda _: None, partial(asyncio.sleep, 0))
        return await loop.first_request(self.history())

    async def run(
        self,
        prompt: str,
        *,
        on_token: Callable[[str], None] | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_complete: Callable[[Turn], None] | None = None,
    ) -> Turn:
        """Run one turn to its end and return it; the callbacks get each piece of text, each event, the turn."""
        from workbench.events import ContentDelta

        async with aclosing(self.ask(prompt)) as events:
            async for event in events:
                if on_event is not None:
                    on_event(event)
                if on_token is not None and isinstance(event, ContentDelta) and event.text:
                    on_token(event.text)
        turn = self.turns[-1]
        if on_complete is not None:
            on_complete(turn)
        return turn

    def cancel(self) -> bool:
        """Stop the running turn; its `TurnEnd` still comes. Returns whether there was one."""
        return self.running and self._under_way is not None and self._under_way.cancel()

    def cancel_beside(self) -> bool:
        """Stop all turns that run, or wait, beside the conversation. Returns whether there was one."""
        stopped = [each.cancel() for each in self._beside]  # all, whatever the first says
        return any(stopped)

    @property
    def runs_beside(self) -> bool:
        """Whether a turn runs, or waits, beside the conversation."""
        return any(not each.is_over for each in self._beside)

    async def ended_beside(self) -> None:
        """Returns when no turn runs beside the conversation any more, and what came of each is given to the keeper."""
        for each in self._beside:
            await each.ended()

    def person_asked(self, call_id: str, is_open: bool) -> None:
        """A question about this call of a running turn is put to a person now, or is over: that time is theirs.

        Turns that run side by side may have calls of one id: told in the task of a call, it is about that one.
        """
        from workbench.recordings.exchanges import OF_TURN

        number = OF_TURN.get()
        for each in (self._under_way, *self._beside):
            if each is not None and each.running and number in (None, each.turn.number):
                each.loop.person_asked(call_id, is_open=is_open)

    # -- the tree ------------------------------------------------------------------------------

    def go_to(self, number: int | None) -> None:
        """Make the conversation that of the branch that ends in this turn; None is before the first question.

        Raises TreeError when there is no such turn, RuntimeError when a turn is running.
        """
        self._refuse_running()
        self._change("go-to", number)

    def branch(self, number: int) -> list[Turn]:
        """The turns from the first question to this one. Raises TreeError when there is none."""
        return self.tree.branch(number)

    def children(self, number: int | None) -> list[Turn]:
        """The turns that go on from this one, or the first questions for None, but for those that were pruned."""
        return self.tree.children(number)

    def name_branch(self, number: int, text: str) -> None:
        """Call the branch that ends in this turn `text`; "" takes its name away. Raises TreeError."""
        self._change("name-branch", number, self.redactor.text(text))

    def prune(self, number: int) -> None:
        """Hide this turn and all that follows it; where the conversation is there, it goes back to before the turn.

        Nothing is deleted. Raises TreeError when there is no such turn, RuntimeError when one is running there.
        """
        turn = self.tree.turn(number)
        if turn in self.turns:
            self.go_to(turn.parent)
        self._change("prune", number)

    def unprune(self, number: int) -> None:
        """Show a turn that was pruned, and what follows it. Raises TreeError when there is no such turn."""
        self._change("unprune", number)

    def clear(self) -> None:
        """Begin anew: no turns, no history."""
        if self.keeper is not None and len(self.tree):
            self.keeper.cleared()
        self._tree = None
        self._tokens_forgotten = 0
        self.tools_off, self.choices = frozenset(), None
        self._history.clear()
        self._earlier = self._serial
        self._follow_path()

    def restore(self, turns: Sequence[Turn], *, last: int, tree: Tree | None = None) -> None:
        """Go on behind `turns`, which were asked earlier; `last` is the highest number that a turn had so far.

        They are the path of `tree`, or all that there are.
        """
        self._tree = tree
        if tree is None:
            for before, turn in zip((None, *turns), turns, strict=False):
                turn.parent = None if before is None else before.number
                self.tree.add(turn)
        self._tokens_forgotten = 0
        self._serial = last
        self.tools_off = turns[-1].tools_off if turns else frozenset()
        chosen = turns[-1].choices if turns else None
        self.choices = chosen and chosen.lasting
        self._earlier = min((turn.number for turn in self.tree), default=last + 1) - 1
        self._history.clear()
        for turn in self.tree:
            turn.place = turn.number - self._earlier
            self._history.remember(turn)
        self._follow_path()

    def tokens_used(self) -> int:
        """The tokens that all turns of this conversation have used, of all branches; cost grows with their number."""
        from workbench.conversation.spending import tokens_of_turn

        return self._tokens_forgotten + sum(map(tokens_of_turn, self.tree))

    def history(self) -> list[dict[str, Any]]:
        """The messages that the next request carries before its prompt."""
        return self._history.of(self.turns)

    def forget_last(self) -> str | None:
        """Take the last turn out of turns and history, to ask it again; return its prompt."""
        from workbench.conversation.spending import tokens_of_turn

        if self.running or not self.turns:
            return None
        turn = self.turns[-1]
        if self.keeper is not None:
            self.keeper.forgot(turn)
        self._tokens_forgotten += tokens_of_turn(turn)
        self._history.forget(turn.number)
        self.tree.remove(turn.number)
        self._follow_path()
        return turn.prompt

    def _change(self, change: Change, number: int | None, text: str = "") -> None:
        from workbench.conversation.tree import TreeMark

        mark = TreeMark(change, number, text)
        self.tree.take(mark)
        if self.keeper is not None:
            self.keeper.changed(mark)
        self._follow_path()

    def _follow_path(self) -> None:
        self.turns[:] = self.tree.path

    # -- running -------------------------------------------------------------------------------

    async def _free(self) -> None:
        """Wait for a turn that is on its way out. Raises RuntimeError when another one is running."""
        if self._under_way is not None and self._under_way.is_ending:
            await self._under_way.ended()
        self._refuse_running()

    def _refuse_running(self) -> None:
        if self.running:
            raise RuntimeError("a turn is already running: cancel it first")

    async def _going_on(self, under_way: UnderWay) -> AsyncGenerator[Event, None]:
        """Run a turn that the conversation goes on from."""
        self._under_way = under_way
        self._add(under_way.turn)
        async with aclosing(under_way.events()) as events:
            async for event in events:
                yield event

    def _add(self, turn: Turn) -> None:
        beside = turn.made_from is not None and turn.made_from.beside
        self.tree.add(turn, moves=not beside)
        self._follow_path()

    def _next(self, prompt: str, parent: int | None, made_from: MadeFrom | None = None) -> Turn:
        from workbench.conversation.turn import Turn

        self._serial += 1
        place = self._serial - self._earlier
        return Turn(self._serial, self.redactor.text(prompt), place, parent=parent, made_from=made_from)

    def _sibling(self, number: int, changes: Changes, *, beside: bool = False) -> Turn:
        """The turn in which the one of this number is asked again. Raises TreeError."""
        from workbench.conversation.given import edited_step, last_done
        from workbench.errors import TreeError

        base, value = self.tree.turn(number), self.redactor.value
        if changes.takes_over and changes.prompt not in (None, base.prompt):
            raise TreeError("a turn that goes on from within another one goes on from its question")
        if changes.takes_over and base.status == "running":
            raise TreeError(f"turn {number} is still running: it can be gone on from once it has ended")
        had = base.made_from if changes.goes_on else None
        made_from = MadeFrom(
            number,
            edited_step(base, changes) if changes.edits_calls else last_done(base) if changes.goes_on else 0,
            value(dict(changes.arguments)),
            value(dict(changes.results)),
            had.sets if had is not None and changes.sets is None else changes.sets,
            had.tools if had is not None and changes.tools is None else changes.tools,
            beside,
        )
        return self._next(base.prompt if changes.prompt is None else changes.prompt, base.parent, made_from)

    def _prepared(
        self,
        turn: Turn,
        attached: Sequence[Passage],
        changes: Changes = Changes(),  # noqa: B008 - frozen
        *,
        beside: bool = False,
    ) -> UnderWay:
        """`turn`, ready to run behind its parent."""
        from workbench.conversation.under_way import UnderWay

        turn.settings = self.redactor.value((changes.options or self.options).settings)
        turn.tools_off = self.tools_off
        turn.choices = self._chosen(turn)
        return UnderWay(
            turn,
            partial(self._loop_of, turn, attached, changes),
            self._history.of(self.tree.branch(turn.parent)),
            begun=self._add if beside else lambda _: None,
            over=self._over,
            gate=self._gate if beside else None,
        )

    def _loop_of(
        self,
        turn: Turn,
        attached: Sequence[Passage],
        changes: Changes,
        put: Callable[[Event], None],
        taken: Callable[[], Awaitable[object]],
    ) -> TurnLoop:
        """What runs `turn` behind its parent, and hands its events to `put`."""
        from workbench.conversation.loop import TurnLoop
        from workbench.conversation.retrying import Backoff
        from workbench.conversation.searching import with_search
        from workbench.conversation.some_documents import documents_on
        from workbench.conversation.some_tools import SomeTools

        library, toolbox = documents_on(self.library, turn.choices), self.tools_on
        if changes.sets is not None and library is not None:
            library = library.only(changes.sets)
        if changes.tools is not None and self.toolbox is not None:
            toolbox = SomeTools(self.toolbox, changes.tools)
        toolbox = with_search(toolbox, library, self.toolbox, self.tools_off)
        made = turn.made_from
        return TurnLoop(
            turn,
            self.client,
            changes.options or self.options,
            library=library,
            toolbox=toolbox,
            attached=attached,
            earlier=[earlier.prompt for earlier in self.tree.branch(turn.parent)],
            in_all=self.tokens_used,
            keeper=self.keeper,
            put=put,
            taken=taken,
            clock=self._clock,
            backoff=self.backoff or Backoff(),
            redactor=self.redactor,
            base=self.tree.turn(made.turn) if made is not None and made.step else None,
        )

    def _chosen(self, turn: Turn) -> Choices | None:
        """What of the documents a turn gets: as things stand, and what was pinned to the turn that it asks again."""
        made, choices = turn.made_from, self.choices
        had = None if made is None else self.tree.turn(made.turn).choices
        if made is not None and made.step:
            return had  # it has the documents of the other turn
        if had is None or not had.pinned or (choices is not None and choices.pinned):
            return choices
        return had.pins if choices is None else replace(choices, pinned=had.pinned)

    def _unpin(self) -> None:
        """What was pinned has gone along with its turn."""
        if self.choices is not None:
            self.choices = self.choices.lasting

    def _over(self, turn: Turn) -> None:
        """A turn does not run any more: later ones go on from what it said."""
        if turn.number in self.tree and self.tree.turn(turn.number) is turn:  # else the conversation began anew
            self._history.remember(turn)
