"""Going from one session to another while the app runs: with what the other one was with, asked as it was asked last.

Owns that all is as `--resume` has it, where flags win and what a file asks for is asked for again; and that nothing has
changed when the other one cannot be gone on with.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from workbench.startup.settings_again import go_on
from workbench.startup.setup import Plan, load_library, open_toolbox, read_plan, searchable, tell_held

if TYPE_CHECKING:
    from workbench.cohere_client import ChatClient
    from workbench.config.at_hand import SettingsAtHand
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.documents.retrieval import Library
    from workbench.startup.consent import Asker
    from workbench.startup.keeping import Keeping, ReadSession
    from workbench.tools.people import People
    from workbench.tools.toolbox import Toolbox

T = TypeVar("T")


class InThread(Protocol):
    """Runs something off the event loop."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """What `work` returns, or raises."""


@dataclass(frozen=True, slots=True)
class Switched:
    """What a conversation is with, once it is in another session: `words` say what is as it was there, and what not.

    `warnings` are of files that are gone, and of documents that could not be used. `suggestions` are questions that the
    documents answer, None where these are the same as before.
    """

    plan: Plan
    toolbox: Toolbox | None
    turns: Sequence[Turn]
    words: Sequence[str]
    warnings: Sequence[str]
    suggestions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class _Documents:
    library: Library | None
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switcher:
    """Lets `conversation` go on in other sessions. `plan` is what it is with now, `toolbox` its tools.

    `trusts` asks the person what a file may have, in a thread; `people` answer for tools; `notice` and `changed` are as
    of `open_toolbox`. With `keeps_changes` what the
    person has changed of the settings stays: the other session is a copy of this one.
    """

    plan: Plan
    conversation: Conversation
    client: ChatClient
    keeping: Keeping
    settings: SettingsAtHand
    toolbox: Toolbox | None
    environ: Mapping[str, str]
    trusts: Asker
    people: Callable[[], People]
    notice: Callable[[str], object]
    changed: Callable[[], object]
    keeps_changes: bool = False

    async def switch(self, session: Path, in_thread: InThread, leave: Callable[[], Awaitable[None]]) -> Switched:
        """Go on in `session`, once `leave` has returned, which is called when all of it is read.

        Raises ConfigurationError and RecordingError, and nothing has changed then.
        """
        warnings: list[str] = []
        plan = await in_thread(lambda: plan_for(self.plan, session, self.environ, self.trusts))
        documents = None
        if not has_same_documents(self.plan, plan):
            documents = await in_thread(lambda: self._documents(plan, warnings.append))
        toolbox = self.toolbox
        if (self.plan.tools, self.plan.servers) != (plan.tools, plan.servers):
            toolbox = open_toolbox(plan, self.people(), self.environ, toolbox, notice=self.notice, changed=self.changed)
        read = await in_thread(lambda: self.keeping.read_session(session, keep=plan.session is not False))
        await leave()
        return await self._go_on(plan, documents, toolbox, read, warnings)

    def _documents(self, plan: Plan, warn: Callable[[str], object]) -> _Documents:
        from workbench.startup.consent import Consent

        sets = (*plan.sets, *(plan.read_docs(self.environ) if plan.docs else ()))
        consent = Consent(self.environ, self.trusts, yes=plan.yes, further=plan.further)
        library = load_library(sets, consent, warn, self.environ)
        library = searchable(library, self.client, plan.settings, self.environ)
        return _Documents(library, library.suggestions() if library is not None else ())

    async def _go_on(
        self,
        plan: Plan,
        documents: _Documents | None,
        toolbox: Toolbox | None,
        read: ReadSession,
        warnings: Sequence[str],
    ) -> Switched:
        turns = [each.turn for each in read.resumed.turns]
        changed = self.settings.changed() if self.keeps_changes else ()
        kept = {row.name: self.settings.value(row) for row in changed}
        self.settings.begin_anew(plan.settings, plan.origins)
        for name, value in kept.items():
            self.settings.put(name, value)
        on_settings = go_on(self.settings, turns, plan.wins)
        conversation = self.conversation
        conversation.options = self.settings.options()
        conversation.toolbox = toolbox
        if documents is not None:
            conversation.library, self.client.held = documents.library, None
            tell_held(self.client, documents.library)
        resumed = await self.keeping.switch(read, plan.files())
        again = plan.going_on
        told = (again.said if again else "", self.keeping.changes(resumed), *on_settings)
        gone = again.missing if again else ()
        return Switched(
            plan,
            toolbox,
            turns,
            [text for text in told if text],
            [*gone, *warnings],
            documents.suggestions if documents else None,
        )


def plan_for(plan: Plan, session: Path, environ: Mapping[str, str], trusts: Asker) -> Plan:
    """What a program with the flags of `plan` goes on with in `session`; no document is loaded yet.

    `trusts` asks the person what a file may have. Raises ConfigurationError for what cannot be read or is not allowed.
    """
    given = argparse.Namespace(**{**plan.given, "resume": str(session)})
    return read_plan(given, environ, docs_later=True, or_handbook=plan.or_handbook, trusts=trusts)


def has_same_documents(one: Plan, other: Plan) -> bool:
    """Whether both are with the same documents: those of one need not be read again for the other."""
    return (one.settings.docs, one.on_handbook) == (other.settings.docs, other.on_handbook)
