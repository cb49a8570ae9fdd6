"""From the command line and the settings to a conversation that can be asked.

Owns the order of precedence (flag, settings file, default) and what is opened and closed around a conversation.
Documents and tools are imported when there are some: the screen must not wait for what it does not show.
"""

from __future__ import annotations

import argparse
import importlib
import math
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.cohere_client import ChatClient, ClientOptions, connect, endpoint
from workbench.config.at_hand import SettingsAtHand, Start, no_preset
from workbench.config.load import load_configuration, load_documents_files
from workbench.config.request_parameters import options_of, with_schema
from workbench.config.settings_model import OF_NAME, SETTING_KEYS, SETTINGS, Settings, default_settings_path
from workbench.conversation import Conversation, Options
from workbench.errors import ConfigurationError
from workbench.paths import is_there
from workbench.secrets.own_process import withhold
from workbench.secrets.redactor import Redactor

if TYPE_CHECKING:
    from workbench.config.presets import Values
    from workbench.documents.opening import Opened as OpenedSets
    from workbench.documents.passages import SetSpec
    from workbench.documents.retrieval import Library
    from workbench.origin import Origin
    from workbench.sessions.session_files import SessionFiles
    from workbench.startup.consent import Asker, Consent, Wish
    from workbench.startup.going_on import GoingOn
    from workbench.startup.keeping import Keeping
    from workbench.tools.mcp.servers import ServerSpec
    from workbench.tools.people import People
    from workbench.tools.specs import ToolSpec
    from workbench.tools.toolbox import Toolbox


PRESET: Final = "preset"
OF_SEARCHES: Final = ("workbench.tools.toolbox", "workbench.tools.runners.documents")
"""What a turn needs whose model searches documents itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the files and flags say, read and checked; no document loaded and nothing connected yet.

    `docs` are documents files that are still to be read, and `docs_named_by` the settings file that names them, when
    that is not trusted; `docs_added` was added while the program ran. `further` is what that file may ask for.
    `session` is what a flag says of keeping one; `resume` is the one to go on with, `config` a settings file that was
    named, `by_flag` the settings that are flags' and not a file's, a preset's that a flag names included, and
    `going_on` what is so because of that session. `on_handbook` says that the program's own handbook stands in for
    documents. `origins` says in words where each setting is from that somebody named, and `wins` has those that win
    over what a session was asked with: of flags, and of a settings file that one names. `given` is what flags say, and
    `or_handbook` what `read_plan` was told of it, to plan for another session.
    """

    settings: Settings
    client: ClientOptions
    sets: tuple[SetSpec, ...]
    tools: tuple[ToolSpec, ...]
    docs: tuple[Path, ...] = ()
    docs_named_by: Origin | None = None
    docs_added: tuple[Path, ...] = ()
    further: tuple[Wish, ...] = ()
    yes: bool = False
    record: Path | None = None
    session: bool | None = None
    resume: Path | None = None
    config: Path | None = None
    by_flag: Set[str] = frozenset()
    going_on: GoingOn | None = None
    on_handbook: bool = False
    origins: Mapping[str, str] = field(default_factory=dict)
    wins: Set[str] = frozenset()
    given: Mapping[str, Any] = field(default_factory=dict)
    or_handbook: bool = False
    servers: tuple[ServerSpec, ...] = ()

    def redactor(self, environ: Mapping[str, str]) -> Redactor:
        """What keeps the keys of `environ` out of logs."""
        return Redactor.of(environ, self.settings.api_key_env)

    def read_docs(self, environ: Mapping[str, str]) -> tuple[SetSpec, ...]:
        """The sets of the documents files that are still to be read. Raises ConfigurationError."""
        return load_documents_files(
            self.docs,
            environ,
            named_by=self.docs_named_by,
            stays="docs" in self.by_flag,
            secrets=_named(self.settings.api_key_env),
        )

    def all_docs(self, environ: Mapping[str, str]) -> tuple[SetSpec, ...]:
        """All sets that are named, as their files have them now; those that were added have names that are free.

        Raises ConfigurationError.
        """
        from workbench.startup.shipped import handbook

        own = handbook() if self.on_handbook else None
        secrets = _named(self.settings.api_key_env)
        sets = load_documents_files(
            self.settings.docs if own is None else (own,),
            environ,
            named_by=self.docs_named_by,
            stays="docs" in self.by_flag,
            secrets=secrets,
        )
        added = load_documents_files(self.docs_added, environ, stays=True, secrets=secrets)
        names = {spec.name for spec in sets}
        for spec in added:
            numbered = (f"{spec.name}~{number}" for number in count(2))
            name = next(each for each in chain((spec.name,), numbered) if each not in names)
            names.add(name)
            sets = (*sets, replace(spec, name=name))
        return sets

    def files(self) -> SessionFiles:
        """The places of the files that all this is from, for a session to note."""
        from workbench.startup.going_on import files_of

        docs = (*self.settings.docs, *self.docs_added)
        return files_of(docs, self.settings.tools, self.config, handbook=self.on_handbook)

    def options(self) -> Options:
        """What every request carries, and the limits of a turn."""
        return options_of(self.settings)


@dataclass(frozen=True, slots=True)
class AllowedSettings:
    """Settings, once what their file asks for is allowed.

    `untrusted` is that file, when nobody had to trust it and it is not the person's own; `further` what it may ask for
    another time. `said` are the settings that the file has a value for, and `of_preset` those of the preset that a flag
    named.
    """

    settings: Settings
    untrusted: Origin | None = None
    further: tuple[Wish, ...] = ()
    said: Set[str] = frozenset()
    of_preset: Set[str] = frozenset()


def read_settings(given: Mapping[str, Any], environ: Mapping[str, str], trusts: Asker | None = None) -> AllowedSettings:
    """The settings file's, with what flags say in its place; `trusts` as of `consent_of`. Raises ConfigurationError."""
    if not given.get("config") and default_settings_path(environ) is None:
        preset = _preset(given, Settings(), environ)
        return AllowedSettings(_with_flags(replace(Settings(), **preset), given), of_preset=frozenset(preset))
    from workbench.config.settings_file import load_settings_file
    from workbench.startup.wishes import all_wishes_of, wishes_of

    file = load_settings_file(given.get("config"), environ, _named(given.get("api_key_env")))
    preset = _preset(given, file.settings, environ)
    settings = _with_flags(replace(file.settings, **preset), given)
    wishes = wishes_of(file, settings, given, environ)
    further = all_wishes_of(file, environ)
    consent_of(given, Redactor.of(environ, settings.api_key_env), environ, further, trusts).require(wishes)
    untrusted = None if wishes or file.is_own or given.get("yes") else file.origin
    return AllowedSettings(settings, untrusted, further, file.said, frozenset(preset))


def consent_of(
    given: Mapping[str, Any],
    redactor: Redactor,
    environ: Mapping[str, str],
    further: Sequence[Wish],
    trusts: Asker | None = None,
) -> Consent:
    """Whoever sits at the terminal allows things, if standard input and standard error are one; else `--yes`.

    `trusts` asks them where a screen has the terminal.
    """
    from workbench.startup.consent import Consent, at_terminal

    ask = trusts or (at_terminal(redactor) if sys.stdin.isatty() and sys.stderr.isatty() else None)
    return Consent(environ, ask, yes=given.get("yes", False), further=further)


def _preset(given: Mapping[str, Any], settings: Settings, environ: Mapping[str, str]) -> Values:
    """What the preset has that a flag names: of the `settings`, or one that was saved. Raises ConfigurationError."""
    if (name := given.get(PRESET)) is None:
        return {}
    presets = SettingsAtHand(settings, start=Start(environ=environ)).presets()
    if name not in presets:
        raise ConfigurationError([no_preset(name, presets, "--preset")])
    return presets[name].values


def _with_flags(settings: Settings, given: Mapping[str, Any]) -> Settings:
    flags: dict[str, Any] = {name: given[name] for name in SETTING_KEYS if name in given}
    if flags.get("timeout") is not None:
        # A flag wins over the file: so does silence for so long, before the first byte, too.
        flags.setdefault("first_byte_timeout", None)
    flags |= {name: tuple(said) for name, said in flags.items() if isinstance(said, list)}
    return replace(settings, **flags)


def _named(variable: str | None) -> frozenset[str]:
    return frozenset({variable} if variable else ())


def read_plan(
    arguments: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    pace: float = 0.0,
    docs_later: bool = False,
    or_handbook: bool = False,
    trusts: Asker | None = None,
) -> Plan:
    """Read every file that the flags and the settings name. Raises ConfigurationError with all their problems.

    With `or_handbook` the program's own handbook stands in for documents where nobody names documents, tools or a
    server: who does has something to try, and what is sent is what was named. A session goes on with what it was with,
    the handbook or none.

    `docs_later` leaves the documents files to be read, if all are there: importing what reads them is a tenth of a
    start. A recording is begun at once, though, and a mistake must not leave it behind. `trusts` as of `consent_of`.
    """
    flags = vars(arguments)
    resumed, again = _resumed(flags, environ)
    given = flags if again is None else {**flags, **again.given}
    allowed = read_settings(given, environ, trusts)
    settings, named_by = with_schema(allowed.settings), None if "docs" in given else allowed.untrusted
    secrets = _named(settings.api_key_env)
    withhold(secrets, environ)
    wanted = or_handbook and not settings.tools and not _names_a_server(settings, environ)
    handbook = _handbook(given, allowed, again, wanted=wanted)
    docs = settings.docs if handbook is None else (handbook,)
    docs_later = docs_later and "record" not in given and all(map(is_there, docs))
    loaded = load_configuration(
        () if docs_later else docs,
        settings.tools,
        environ,
        named_by=named_by,
        stays="docs" in given,
        secrets=secrets,
    )
    client = ClientOptions(
        offline=settings.offline,
        base_url=settings.base_url,
        api_key_env=settings.api_key_env,
        pace=pace,
        connect_timeout=settings.connect_timeout,
        idle_timeout=math.inf,  # a turn has limits of its own
    )
    return Plan(
        settings,
        client,
        loaded.sets,
        loaded.tools,
        docs=docs if docs_later else (),
        docs_named_by=named_by,
        further=allowed.further,
        yes=given.get("yes", False),
        record=given.get("record"),
        session=given.get("session"),
        resume=resumed,
        config=given.get("config"),
        by_flag=frozenset(SETTING_KEYS) & given.keys() | allowed.of_preset,
        going_on=again,
        on_handbook=handbook is not None,
        origins=_origins(vars(arguments), allowed, again, environ),
        wins=(frozenset(SETTING_KEYS) & vars(arguments).keys())
        | allowed.of_preset
        | (allowed.said if "config" in vars(arguments) else frozenset()),
        given=flags,
        or_handbook=or_handbook,
        servers=loaded.servers,
    )


def _origins(
    flags: Mapping[str, Any], allowed: AllowedSettings, again: GoingOn | None, environ: Mapping[str, str]
) -> dict[str, str]:
    """Where each setting is from that somebody named, what wins written last."""
    of_variables = {row.name: row.environment for row in SETTINGS if row.environment and environ.get(row.environment)}
    of_preset = dict.fromkeys(allowed.of_preset, f"preset {flags.get(PRESET)}")
    of_session = dict.fromkeys(again.given if again is not None else (), "the session")
    of_flags = {name: OF_NAME[name].option if OF_NAME[name].flag else "--set" for name in SETTING_KEYS if name in flags}
    return {**of_variables, **dict.fromkeys(allowed.said, "the settings file"), **of_session, **of_preset, **of_flags}


def _names_a_server(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether another server than Cohere's is to answer."""
    url = None if settings.offline else endpoint.find_base_url(settings.base_url, environ)
    return url is not None and not endpoint.is_cohere(url)


def _handbook(
    given: Mapping[str, Any], allowed: AllowedSettings, again: GoingOn | None, *, wanted: bool
) -> Path | None:
    """The handbook, where it stands in for documents; `docs: []` says that there are to be none."""
    from workbench.startup.shipped import handbook

    if "docs" in given or "docs" in allowed.said:
        return None
    if again is None:
        return handbook() if wanted else None
    return handbook() if again.handbook else None


def _resumed(given: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Path | None, GoingOn | None]:
    """The session that is to go on, if one is, and what it goes on with. Raises ConfigurationError."""
    if given.get("resume") is None:
        return None, None
    from workbench.sessions.folder import find_session, sessions_folder
    from workbench.startup.going_on import going_on

    folder, passed = sessions_folder(environ), list[str]()
    session = find_session(folder, given["resume"] or None, on_damaged=passed.append)
    again = going_on(session, folder, given)
    return session, replace(again, missing=(*passed, *again.missing))


def open_toolbox(
    plan: Plan,
    people: People,
    environ: Mapping[str, str],
    before: Toolbox | None = None,
    *,
    notice: Callable[[str], object],
    changed: Callable[[], object] = lambda: None,
) -> Toolbox | None:
    """The tools of the plan, or None when there are none. `--yes` approves for this run only.

    What was allowed until the program ends at `before`, the toolbox that this one comes after, stays allowed. `notice`
    gets a line for people about a server that does not come, and `changed` is called when there are other tools than
    before; no server is started before `Toolbox.prepare`.
    """
    if not plan.tools and not plan.servers:
        return None
    from workbench.tools.people import AlwaysApprove
    from workbench.tools.toolbox import Toolbox
    from workbench.tools.trust import TrustStore

    trust = TrustStore() if plan.yes else TrustStore.of_user(environ)
    secrets = _named(plan.settings.api_key_env)
    asked: People = AlwaysApprove(people) if plan.yes else people
    granted = before.granted if before is not None else None
    return Toolbox(
        plan.tools,
        people=asked,
        trust=trust,
        environ=environ,
        secrets=secrets,
        granted=granted,
        servers=plan.servers,
        notice=notice,
        changed=changed,
    )


def load_library(
    sets: tuple[SetSpec, ...],
    consent: Consent,
    warn: Callable[[str], object],
    environ: Mapping[str, str],
    tell: Callable[[str], object] = lambda _: None,
) -> Library | None:
    """The documents of the plan, once those outside of their folders are allowed.

    `warn` is told each file of a folder or a glob that could not be used, or not all of it, the first few of many;
    `tell`, now and then, how far the index of a large set is built.
    Raises ConfigurationError with every other problem, and with those of a folder of which nothing can be used.
    """
    if not sets:
        return None
    from workbench.documents.retrieval import Library

    opened = open_documents(sets, consent, warn, environ, tell)
    library = Library(opened.shelves)
    if library.of_tool() is not None:
        for name in OF_SEARCHES:
            importlib.import_module(name)  # here in a thread: a turn would do so on the event loop
    return library


def open_documents(
    sets: tuple[SetSpec, ...],
    consent: Consent,
    warn: Callable[[str], object],
    environ: Mapping[str, str],
    tell: Callable[[str], object],
    *,
    index_all: bool = False,
) -> OpenedSets:
    """As `load_library`, with what was found out; with `index_all`, small sets get an index, too."""
    from workbench.documents.index.place import indexes_folder
    from workbench.documents.load import trusting
    from workbench.documents.opening import open_sets
    from workbench.startup.consent import Wish
    from workbench.startup.index_progress import IndexProgress

    folder, progress = indexes_folder(environ), IndexProgress(tell)
    opened = open_sets(sets, folder, progress.note, index_all=index_all, environ=environ)
    if opened.loaded.outside:
        consent.require([Wish(each.named_by, each.problem) for each in opened.loaded.outside])
        opened = open_sets(trusting(sets), folder, progress.note, index_all=index_all, environ=environ)
    if opened.loaded.fatal:
        raise ConfigurationError(opened.loaded.fatal)
    for shelf in opened.shelves:
        if shelf.files.left:
            warn(f"{shelf.name}: {shelf.files.told()}")
    for each in opened.loaded.warnings():
        warn(each.as_warning())
    return opened


def searchable(
    library: Library | None, client: ChatClient, settings: Settings, environ: Mapping[str, str]
) -> Library | None:
    """A library with the models that its sets are searched with, which are the client's."""
    if library is None or not library.needs_models:
        return library
    from workbench.startup.search_models import with_models

    return with_models(library, client, environ, settings.retries)


def tell_held(client: ChatClient, library: Library | None) -> None:
    """Let the offline engine say what there is when it is greeted; another server is not told."""
    if library is None or client.description.kind != "offline":
        return
    from workbench.offline.holdings import Holdings

    client.held = lambda: Holdings(library.describe(), next(iter(library.suggestions()), ""))


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation that can be asked, its client, where it is kept, if it is, and its settings."""

    conversation: Conversation
    client: ChatClient
    keeping: Keeping | None
    settings: SettingsAtHand


@asynccontextmanager
async def open_conversation(
    plan: Plan,
    library: Library | None,
    people: People,
    environ: Mapping[str, str],
    *,
    on_problem: Callable[[str], object],
) -> AsyncIterator[Opened]:
    """A conversation with its documents, its tools and its client; all is closed on exit.

    It is kept as a session when a flag says so. `on_problem` is told what can no longer be kept.
    """
    client: ChatClient = connect(plan.client, environ)
    library = searchable(library, client, plan.settings, environ)
    tell_held(client, library)
    toolbox = open_toolbox(plan, people, environ, notice=on_problem)
    conversation = Conversation(client, plan.options(), library=library, toolbox=toolbox)
    settings = SettingsAtHand(plan.settings, conversation.redactor.text, Start(plan.origins, environ))
    keeping: Keeping | None = None
    async with AsyncExitStack() as stack:
        if toolbox is not None:
            stack.push_async_callback(toolbox.aclose)
        if plan.record is not None or plan.session or plan.resume is not None:
            keeping = _kept(plan, conversation, client, settings, environ, on_problem)
            stack.push_async_callback(keeping.aclose)
        stack.push_async_callback(client.aclose)
        yield Opened(conversation, client, keeping, settings)


def _kept(
    plan: Plan,
    conversation: Conversation,
    client: ChatClient,
    settings: SettingsAtHand,
    environ: Mapping[str, str],
    on_problem: Callable[[str], object],
) -> Keeping:
    from workbench.sessions.asked_before import AskedBefore
    from workbench.sessions.folder import sessions_folder
    from workbench.startup.keeping import Keeping
    from workbench.startup.settings_again import go_on

    keeping = Keeping(conversation, client, on_problem, plan.files(), sessions_folder(environ))
    keeping.asked = AskedBefore.of_user(environ, client.redactor.text, on_problem)
    if plan.record is not None:
        keeping.record(plan.record)
    if plan.resume is not None:
        resumed = keeping.resume_session(plan.resume, keep=plan.session is not False)
        on_settings = go_on(settings, [each.turn for each in resumed.turns], plan.wins)
        conversation.options = settings.options()
        keeping.note_resumed()
        again = plan.going_on
        for told in (keeping.changes(resumed), *((again.said, *again.missing) if again else ()), *on_settings):
            if told:
                on_problem(told)
    elif plan.session:
        keeping.begin_session(environ)
    return keeping
