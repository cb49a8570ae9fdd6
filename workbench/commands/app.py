"""`workbench`: the app. Owns what must be true before the screen opens, and the exit code after it closed."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from workbench.cohere_client import ChatClient, Description, connect
from workbench.commands import DUMB, draws_screen
from workbench.config.at_hand import SettingsAtHand, Start
from workbench.config.settings_model import Settings
from workbench.conversation import Conversation
from workbench.errors import ConfigurationError, Problem, RecordingError
from workbench.printing.streams import say
from workbench.safe_text import safe_line
from workbench.startup.logs import logging_to
from workbench.startup.setup import Plan, load_library, open_toolbox, read_plan, searchable, tell_held
from workbench.startup.terminal_variables import make_fit
from workbench.ui import collector
from workbench.ui.about import About
from workbench.ui.startup import Startup
from workbench.ui.wrong_keys import refuse_wrong_keys

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.documents.retrieval import Library
    from workbench.secrets.redactor import Redactor
    from workbench.sessions.asked_before import AskedBefore
    from workbench.startup.consent import TrustRequest
    from workbench.startup.first_keys import FirstKeys
    from workbench.startup.keeping import Keeping, Resumed
    from workbench.tools.toolbox import Toolbox
    from workbench.ui.app import WorkbenchApp
    from workbench.ui.asking import Asking
    from workbench.ui.restoring import Restoring
    from workbench.ui.stage import Stage
    from workbench.ui.terminal.outside import Notify, Outside

T = TypeVar("T")

_WITHOUT_TERM = "TERM is {!r}, which names no terminal that a screen can be drawn on"
PACE = 0.02  # seconds between the offline engine's deltas: about as fast as a model
RECENT = 3  # sessions that an empty chat names,
RECENT_LOOKED_AT = 8  # of those that were written to last
WARNINGS_SHOWN = 4  # of the documents
# What the first question needs and an empty screen does not: imported behind it, never on the event loop.
OF_A_TURN = (
    "workbench.conversation.loop",
    "workbench.conversation.rewriting",
    "workbench.conversation.searching",
    "workbench.conversation.some_tools",
    "workbench.conversation.under_way",
    "workbench.ui.routes",
    "workbench.config.own_presets",
    "workbench.ui.habits",
    "workbench.ui.markdown.turn_view",
    "workbench.ui.panes.source_rows",
    "workbench.ui.panes.step_rows",
)
OFFLINE_NOTES = (
    "The offline engine answers: it extracts sentences from your documents and calls your tools. It is not a "
    "language model. To ask a Cohere model, set CO_API_KEY; --base-url URL asks a server of your own.",
)
ON_HANDBOOK = "You are asking Workbench's own handbook: --docs FILE asks yours."


def app(arguments: argparse.Namespace, environ: Mapping[str, str], first_keys: FirstKeys | None = None) -> int:
    """Open the screen, or converse in lines where that is wanted or no screen can be drawn; return the exit code.

    `first_keys` holds the terminal until then; what was typed meanwhile is the screen's. Raises ConfigurationError
    before anything is drawn. Problems of the documents are found behind the first paint; they end the app, and are said
    then.
    """
    term = os.environ.get("TERM", "")
    why = ""  # there is no screen, where a person may have expected one
    if term == DUMB or (_at_terminal() and not draws_screen(term)):
        if term != DUMB and not getattr(arguments, "plain", False):
            why = _WITHOUT_TERM.format(term)
        arguments = argparse.Namespace(**{**vars(arguments), "plain": True})
    with collector.paused():
        pace = PACE if sys.stdin.isatty() else 0.0
        plan = read_plan(arguments, environ, pace=pace, docs_later=True, or_handbook=sys.stdin.isatty())
        if plan.settings.plain:
            from workbench.commands.plain import plain

            if first_keys is not None:
                first_keys.give_back()
            return plain(plan, environ, why)
        refuse_without_terminal()
        refuse_wrong_keys(plan.settings.keys)
        with logging_to(plan.settings.log, plan.redactor(environ)):
            return run_screen(screen(plan, environ), first_keys, mouse=plan.settings.mouse)


def refuse_without_terminal() -> None:
    """The screen is drawn on standard error and keys come from standard input: both must be a real terminal.

    Its variables are made fit for what draws on it, which is imported later.
    """
    hint = "workbench --plain and workbench ask PROMPT work without one"
    if not _at_terminal():
        raise ConfigurationError([Problem("workbench", 0, 0, "the screen needs a terminal", hint)])
    if not draws_screen(os.environ.get("TERM", "")):
        raise ConfigurationError([Problem("TERM", 0, 0, "this terminal cannot draw a screen", hint)])
    make_fit(os.environ)


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def screen(plan: Plan, environ: Mapping[str, str]) -> WorkbenchApp:
    """The app as planned, not yet on the screen. Raises ConfigurationError for what cannot be connected to."""
    from workbench.ui.app import WorkbenchApp
    from workbench.ui.arrangement_memory import ArrangementMemory
    from workbench.ui.themes.memory import ThemeMemory

    client = connect(plan.client, environ)
    conversation = Conversation(client, plan.options())
    return WorkbenchApp(
        conversation,
        _about(client.description, on_handbook=plan.on_handbook),
        AsPlanned(plan, conversation, client, environ),
        keys=plan.settings.keys,
        theme=plan.settings.theme,
        remembered=ThemeMemory.of_user(environ),
        arranged=ArrangementMemory.of_user(environ),
        low_bandwidth=plan.settings.low_bandwidth,
        outside=outside_of(plan.settings),
    )


def outside_of(settings: Settings) -> Outside:
    """What is said outside of the screen, as the settings have it."""
    from workbench.ui.terminal.outside import Outside, Wishes

    wishes = Wishes(
        title=settings.window_title,
        progress=settings.progress,
        notify=cast("Notify", settings.notify),
        notify_after=settings.notify_after,
    )
    return Outside(wishes, os.environ)


def report_of(redactor: Redactor, environ: Mapping[str, str], error: BaseException) -> str:
    """Write a report of a fault that the app survives; return the line that says so."""
    from workbench.startup.crash import crashed

    return crashed(error, redactor, environ)


class AsPlanned(Startup):
    """The documents, the tools and the files of the app's conversation.

    Files that a flag names are found before the screen opens; a session is imported and begun behind the first paint.
    """

    attaches = True

    def __init__(self, plan: Plan, conversation: Conversation, client: ChatClient, environ: Mapping[str, str]) -> None:
        self.reads_documents = bool(plan.docs or plan.sets)
        self.resumes = plan.resume is not None
        start = Start(plan.origins, environ)
        self.settings: SettingsAtHand = SettingsAtHand(plan.settings, conversation.redactor.text, start)
        self._plan = plan
        self._copy: Path | None = None  # of this session, which is about to be gone to
        self._conversation = conversation
        self._client = client
        self._environ = environ
        self._sets = list(plan.sets)
        self._warnings: list[str] = []
        self._stage: Stage | None = None
        self._toolbox: Toolbox | None = None
        self._path: Path | None = None
        self._keeping: Keeping | None = None
        self._asked: AskedBefore | None = None
        self._asked_early: list[str] = []  # before it was known where that is kept
        self._has_begun = False
        self._on_settings: list[str] = []  # what there is to say of those of a session that goes on

    def set_up(self, stage: Stage) -> None:
        """Open the tools and the files that are kept. Raises ConfigurationError or RecordingError."""
        self._stage = stage
        self._path = self._plan.resume
        if self._plan.record is not None:
            self._opened().record(self._plan.record)
        if self._plan.tools or self._plan.servers:
            self._conversation.toolbox = self._toolbox = open_toolbox(
                self._plan, stage.person(), self._environ, notice=self._notice, changed=stage.say_about
            )

    def prepare(self) -> None:
        """Read the documents files of the plan, import what a turn needs, and begin the session when one is kept.

        Raises ConfigurationError.
        """
        plan = self._plan
        if plan.docs:
            self._sets += plan.read_docs(self._environ)
        for name in OF_A_TURN:
            importlib.import_module(name)
        if self._is_kept:
            from workbench.sessions.asked_before import AskedBefore

            said = partial(self._on_the_stage.say, severity="warning")
            self._asked = AskedBefore.of_user(self._environ, self._conversation.redactor.text, said)
        if self._is_kept and self._path is None:
            self._opened().begin_session(self._environ)

    def asked_before(self) -> Sequence[str]:
        """What was asked in earlier conversations, unless this one is not to be kept either."""
        if self._asked is None or self.sessions is None:
            return ()
        from workbench.sessions.indexing import questions

        asked = self._asked.recalled()
        known = set(asked)
        return [*(text for text in questions(self.sessions) if text not in known), *asked]

    def note_asked(self, text: str) -> None:
        """Keep it with what was asked before, unless this conversation is not to be kept either."""
        if not self._has_begun:
            self._asked_early.append(text)
        elif self._asked is not None:
            self._asked.keep(text)

    @property
    def _is_kept(self) -> bool:
        """Whether the conversation is kept, and what is asked in it."""
        return self._plan.settings.session if self._plan.session is None else self._plan.session

    def load(self) -> Library | None:
        """The library of all sets, None when there are none; files outside of their sets' folders are asked for first.

        What could not be used of a folder is said when the app begins.

        Raises ConfigurationError with every file that could not be used.
        """
        from workbench.startup.consent import Consent

        plan = self._plan
        consent = Consent(self._environ, self._trusts, yes=plan.yes, further=plan.further)
        tell = self._on_the_stage.tell_loading
        library = load_library(tuple(self._sets), consent, self._warnings.append, self._environ, tell)
        library = searchable(library, self._client, plan.settings, self._environ)
        tell_held(self._client, library)
        return library

    async def begin(self, asking: Asking) -> None:
        """Say what a session goes on with, and what of the documents could not be used, the first few of many."""
        from workbench.documents.met import not_said

        self._has_begun = True
        for text in self._asked_early:
            self.note_asked(text)
        if (again := self._plan.going_on) is not None:
            if again.said:
                self._on_the_stage.say(again.said)
            for text in again.missing:
                self._on_the_stage.say(text, severity="warning")
        for text in self._on_settings:
            self._on_the_stage.say(text)
        lines = [safe_line(line) for line in self._warnings[:WARNINGS_SHOWN]]
        if more := len(self._warnings) - len(lines):
            lines.append(not_said(more, "notes on documents"))
        if lines:
            self._on_the_stage.say("\n".join(lines), severity="warning")

    def recent(self) -> list[tuple[str, str]]:
        """The last sessions, which are named by when they began, with their first questions.

        There are none where a session goes on.
        """
        from workbench.sessions.folder import summaries

        if self.resumes:
            return []
        masked = self._plan.redactor(self._environ).text
        try:
            found = list(islice(summaries(self.sessions, "sessions"), RECENT_LOOKED_AT))
        except ConfigurationError:  # there are none
            return []
        kept = [each for each in found if not each.problem and each.first][:RECENT]
        return [(f"--resume {each.id.rpartition('-')[0] or each.id}", masked(each.first)) for each in kept]

    async def restore(self) -> Restoring:
        """Read the session that goes on; the conversation has it back, and the screen gets it from the result."""
        from workbench.startup.settings_again import go_on
        from workbench.ui.background import in_background
        from workbench.ui.restoring import Restoring

        keeping, path = self._opened(), self._path
        assert path is not None

        def read() -> tuple[list[Turn], Resumed]:
            with collector.paused():  # what is read stays, and a pass over all of it would hold up every key
                resumed = keeping.resume_session(path, keep=self._plan.session is not False)
                turns = [each.turn for each in resumed.turns]
                resumed = replace(resumed, turns=())
                collector.keep()
            return turns, resumed

        try:
            turns, resumed = await in_background(read)
        except RecordingError as error:
            raise ConfigurationError([Problem("--resume", 0, 0, str(error))]) from error
        self._on_settings = go_on(self.settings, turns, self._plan.wins)
        self._conversation.options = self.settings.options()
        keeping.note_resumed()
        return Restoring(turns, keeping.changes(resumed))

    @property
    def sessions(self) -> Path | None:
        """The folder of the person's own sessions."""
        from workbench.sessions.folder import sessions_folder

        return sessions_folder(self._environ)

    @property
    def session(self) -> Path | None:
        """The file of the session that the conversation is in, once there is one."""
        return self._keeping.session if self._keeping is not None else None

    @property
    def is_kept(self) -> bool:
        """Whether all of the conversation is in a session, or will be."""
        return self._keeping is not None and self._keeping.is_kept

    async def switch(
        self, session: Path, leave: Callable[[], Awaitable[None]], before_question: Callable[[], object]
    ) -> Restoring:
        """Go on in another session, with what it was with, once `leave` has returned.

        Raises ConfigurationError and RecordingError.
        """
        from workbench.startup.switching import Switcher
        from workbench.ui.restoring import Restoring

        assert self.settings is not None  # an app that is planned has some
        stage, before = self._on_the_stage, self._toolbox

        def trusts(request: TrustRequest) -> bool:
            before_question()
            return stage.trusts(request.file, request.wishes, "stays here")

        switcher = Switcher(
            self._plan,
            self._conversation,
            self._client,
            self._opened(),
            self.settings,
            before,
            self._environ,
            trusts,
            stage.person,
            self._notice,
            stage.say_about,
            keeps_changes=session == self._copy,
        )
        switched = await switcher.switch(session, _in_thread, leave)
        collector.keep()
        self._plan, self._toolbox, self._copy = switched.plan, switched.toolbox, None
        if before is not None and before is not switched.toolbox:
            await before.aclose()
        if switched.suggestions is not None:
            stage.suggestions = switched.suggestions
        return Restoring(switched.turns, "\n".join(switched.words), "\n".join(switched.warnings[:WARNINGS_SHOWN]))

    async def fork(self, session: Path, turn: int | None = None) -> Path:
        """Copy a session up to a turn into a new one; its file. Raises RecordingError."""
        from workbench.sessions.forking import fork
        from workbench.ui.background import in_background

        folder = self.sessions
        if folder is None:
            raise RecordingError("no home folder is known (HOME, XDG_STATE_HOME)")
        await self._opened().kept()
        is_own = session == self.session
        made = await in_background(lambda: fork(session, folder, turn))
        self._copy = made if is_own else self._copy
        return made

    async def find_tools(self) -> None:
        """Start the servers that may be started without asking, and list their tools."""
        if self._toolbox is not None and self._plan.servers:
            await self._toolbox.prepare(ask=self._plan.yes)

    async def warm(self) -> None:
        """Load what the first answer needs, in threads: the client, then what colours code."""
        from workbench.ui.background import in_background
        from workbench.ui.markdown.highlighting import load_lexers

        await self._client.prepare()
        await in_background(load_lexers)

    def report(self, error: BaseException) -> str:
        """Write a report of a fault that the app survives; return the line that says so."""
        return report_of(self._conversation.redactor, self._environ, error)

    async def kept_in(self) -> Path | None:
        """The file of the session, with all of it written."""
        return None if self._keeping is None else await self._keeping.written()

    def parting(self) -> str:
        """The command that goes on with the conversation, when it is kept and there is something to go on with."""
        conversation, session = self._conversation, self.session
        if session is None or not conversation.turns:
            return ""
        from workbench.startup.parting import resuming

        return conversation.redactor.text(resuming(session, self._plan, conversation.options.model, self._environ))

    async def close(self) -> None:
        """Close the tools, then the client and the files, these also when the tools cannot be closed."""
        try:
            if self._toolbox is not None:
                await self._toolbox.aclose()
        finally:
            await self._client.aclose()
            if self._asked is not None:
                from workbench.ui.background import in_background

                await in_background(self._asked.close)
            if self._keeping is not None:
                await self._keeping.aclose()

    def _opened(self) -> Keeping:
        if self._keeping is None:
            from workbench.startup.keeping import Keeping

            self._keeping = Keeping(
                self._conversation, self._client, self._on_the_stage.not_kept, self._plan.files(), self.sessions
            )
        return self._keeping

    def _notice(self, line: str) -> None:
        """Say what became of a server, which may be at any time."""
        self._on_the_stage.say(safe_line(self._conversation.redactor.text(line)), severity="warning")

    def _trusts(self, request: TrustRequest) -> bool:
        return self._on_the_stage.trusts(request.file, request.wishes)

    @property
    def _on_the_stage(self) -> Stage:
        assert self._stage is not None, "set_up comes first"
        return self._stage


async def _in_thread(work: Callable[[], T]) -> T:
    """Read what stays, in a thread: a pass of the collector over all of it would hold up every key."""
    from workbench.ui.background import in_background

    def run() -> T:
        with collector.paused():
            return work()

    return await in_background(run)


def run_screen(made: WorkbenchApp, first_keys: FirstKeys | None = None, *, mouse: bool = True) -> int:
    """Let the app run to its end, with the mouse or without; return the exit code.

    `first_keys` holds the terminal for it. Raises what ended it, when nobody caught that.
    """
    if first_keys is not None:
        made.take_over(first_keys)
    with _interrupts_end(first_keys):
        problems = made.run(mouse=mouse)
    if parting := made.parting():
        say(safe_line(parting), sys.stderr)
    if made.fault is not None:
        raise made.fault
    for problem in problems or ():
        say(safe_line(made.conversation.redactor.text(str(problem))), sys.stderr)
    return made.return_code or 0


@contextlib.contextmanager
def _interrupts_end(first_keys: FirstKeys | None) -> Iterator[None]:
    """An interrupt that comes before the driver takes them ends the program: asyncio would end half of the app."""
    taken = signal.getsignal(signal.SIGINT)
    if taken is signal.default_int_handler:  # one that is ignored stays ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL if first_keys is None else first_keys.end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, taken)


def _about(description: Description, *, on_handbook: bool) -> About:
    notes = (ON_HANDBOOK,) if on_handbook else ()
    if description.kind == "offline":
        return About(description.label, description.label, (*notes, *OFFLINE_NOTES))
    key = f", with the key of {description.key_source}" if description.key_source else ""
    return About(description.label, None, (*notes, f"Asking {description.label}{key}."))
