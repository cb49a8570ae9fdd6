"""What every test stands on: no key, no home and no network of the machine it runs on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import itertools
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.loaded import LoadedProgram
from workbench.conversation.retrying import Backoff

# What takes longer than a person waits who has just changed a line: real terminals (tests/e2e), processes, time limits
# that must run out, every size of a screen, thousands of hostile texts. All else is quick; so is a new module, until it
# stands here. CI runs what is quick once more, with the lowest versions of all that is needed.
NOT_QUICK = {
    "core": {
        "ask_piped", "ask_repeated", "bounds", "branches", "canary", "cli", "command_tools", "config_schemas",
        "converting", "dependencies", "documents_formats", "documents_split", "editing_folder", "environment",
        "export_runs", "export_scripts", "faults", "full_disk", "hostile_configurations", "house", "index", "judged",
        "lance", "loaded", "logs", "mcp_http", "mcp_peers", "mcp_servers", "mutations", "odd_files", "paths", "played",
        "replay", "retrying", "sdk_model", "search_turns", "sessions_killed", "sessions_resume", "spelled_keys",
        "stores_alike", "streams", "tools_code", "tools_lifetime", "tools_processes", "tools_python", "tools_serve",
        "tools_workers", "trust_key", "written",
    },
    "ui": {
        "actions", "again", "app", "arranging", "asking", "attachments", "bench", "bench_screens", "branches",
        "canary", "cited_words", "compare", "completion", "depth_screens", "documents_list", "documents_screens",
        "event_walk", "events_pane", "evidence_walk", "exporting", "faults", "first_minute", "form_screens", "grid",
        "habits", "heights", "history_search", "hostile_places", "key_bursts", "key_order", "lifting",
        "low_bandwidth", "markdown_citations", "markdown_growth", "markdown_reference", "markdown_render",
        "markdown_stream", "markdown_taken_back", "on_handbook", "other_screens", "pathological", "prompt",
        "question_dock", "raw", "replay", "rows", "rows_selected", "screens", "seams", "search", "selecting",
        "session_picker", "sessions", "settings_panel", "settings_resumed", "sizes", "snapshots", "takings",
        "terminal_display", "textual_inside", "theme_choice", "theming", "tools_list", "trace", "transcript",
        "transcript_size", "turns_shown", "typing_in_panes", "uncounted",
    },
}  # fmt: skip

# What tries many of a kind: every size, every theme, every recording, random input. CI runs it behind all else.
THOROUGH = {
    "core": {
        "ask_piped", "branches", "dependencies", "documents_split", "export_runs", "export_scripts", "lance",
        "loaded", "mcp_peers", "mutations", "stores_alike",
    },
    "e2e": {
        "canary", "colours", "crash", "display", "exported_page", "first_keys", "hostile_text", "installed",
        "outside", "renaming", "sizes",
    },
    "ui": {
        "bench_screens", "cited_words", "documents_screens", "form_screens", "grid", "hostile_places", "key_bursts",
        "markdown_reference", "markdown_stream", "pathological", "replay", "screens", "session_picker",
        "settings_panel", "sizes", "theming", "transcript_size",
    },
}  # fmt: skip

# Of a test with many cases, so many are run behind every change, from all over the list, and in a module that is not
# quick so many; the others are thorough. Of those that take a real terminal or a whole session of the app, the first.
QUICK_CASES, CASES = 10, 5
ONE_CASE = {
    "core": {"cli", "environment", "loaded", "sessions_killed", "streams"},
    "e2e": {
        "crash", "ending", "environment", "first_keys", "hidden_process", "stopping", "terminal", "tool_processes",
        "tour", "trust",
    },
    "ui": {
        "actions", "app", "arranging", "branches", "canary", "compare", "depth_screens", "documents_list",
        "event_walk", "faults", "grid", "key_order", "markdown_growth", "other_screens", "prompt", "question_dock",
        "search", "snapshots", "terminal_display", "trace_values",
    },
}  # fmt: skip

settings.register_profile("any machine", deadline=None)  # one that has other things to do is no slow program
settings.load_profile("any machine")

# Some hundred processes of the program are started: none but the first is to compile it. Workers and their children
# inherit that; nothing but `__pycache__` is written.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# New objects before a pass over them, and how many such passes go before one over older ones: Python's own 700 would be
# a pass for every screen that is painted. An app that has ended is found by one over the oldest, so they are not rare.
gc.set_threshold(20_000, 10, 5)

WORKERS_PER_PROCESSOR = 3

PROJECT = Path(__file__).resolve().parents[1]

LOOPBACK = ("127.0.0.1", "::1", "localhost")
OF_THE_MACHINE = (
    "CO_API_KEY", "COHERE_API_KEY", "CO_API_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_COLOR", "COLORFGBG",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "TMUX", "STY",
)  # fmt: skip


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """More workers than there are processors: many tests wait for a terminal, a process or a server."""
    return WORKERS_PER_PROCESSOR * (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )


def pytest_configure(config: pytest.Config) -> None:
    """Whoever names files or folders wants all of their tests, the thorough ones too."""
    if hasattr(config, "workerinput"):  # one of several processes, which is told
        wants_all = config.workerinput["wants_all"]
    else:
        is_named = config.args_source is pytest.Config.ArgsSource.ARGS
        wants_all = is_named and config.option.markexpr == "not thorough"
    if wants_all:
        config.option.markexpr = ""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process that is about to run tests what was wanted."""
    node.workerinput["wants_all"] = not node.config.option.markexpr
    node.workerinput["reads_all"] = node.config.args_source is pytest.Config.ArgsSource.TESTPATHS


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Each of several processes begins to read the tests elsewhere: what one has compiled is there for the others.

    In a new checkout compiling is most of what it takes to find the tests. A module that fails does so once more, where
    it is told.
    """
    told = getattr(session.config, "workerinput", None)
    if told is None or not told["reads_all"]:
        return
    modules = sorted(path.relative_to(PROJECT) for path in (PROJECT / "tests").rglob("test_*.py"))
    first = len(modules) * int(told["workerid"].removeprefix("gw")) // int(told["workercount"])
    for path in modules[first:] + modules[:first]:
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(path.with_suffix("").parts))


@pytest.hookimpl(tryfirst=True)  # before those are left out that are not asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the quick tests, and the thorough ones. All that are not quick go first: nothing long is left at the end."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if is_thorough(item.path):
            item.add_marker("thorough")
        elif item.get_closest_marker("thorough") is None:
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for each in cases.values():
        chosen = set(each[:: -(-len(each) // cases_of(each[0].path))])
        for item in each:
            if item not in chosen:
                item.add_marker("thorough")
            elif is_quick(item.path):
                item.add_marker("quick")
    items.sort(key=lambda item: is_quick(item.path))


def cases_of(module: Path) -> int:
    """How many cases of a test in this module are run behind every change."""
    if is_quick(module):
        return QUICK_CASES
    return 1 if named(module) in ONE_CASE.get(module.parent.name, ()) else CASES


def is_quick(module: Path) -> bool:
    """Whether the tests of this module are quick."""
    name = named(module)
    return name not in NOT_QUICK.get(module.parent.name, {name})


def is_thorough(module: Path) -> bool:
    """Whether all the tests of this module are thorough."""
    return named(module) in THOROUGH.get(module.parent.name, ())


def named(module: Path) -> str:
    """What a module of tests is called in the tables above."""
    return module.stem.removeprefix("test_")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out modules of which no test is wanted: finding many thousands of tests takes time, in every process."""
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    match config.option.markexpr:
        case "quick":
            is_wanted = is_quick(collection_path)
        case "not thorough":
            is_wanted = not is_thorough(collection_path)
        case _:
            is_wanted = True
    return None if is_wanted else True


def pytest_collection_finish() -> None:
    """What is loaded now stays: no collection of garbage is to look through it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Collect what is left until nothing is: pytest, which looks for late exceptions, does so five times whatever."""
    while gc.collect():
        pass
    gc.freeze()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for each test. pytest itself would look through those of all other tests before it makes one more."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> None:
    """An environment without keys and proxies, and with an empty home."""
    for name in OF_THE_MACHINE:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections to anywhere but this machine fail the test that makes them."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to connect to {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


@pytest.fixture(autouse=True)
def no_real_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is sent again is so at once."""

    async def at_once(self: Backoff, seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Backoff, "sleep", at_once)


@pytest.fixture
def project() -> Path:
    """The project's folder."""
    return PROJECT


@pytest.fixture(scope="session")
def loaded() -> Iterator[LoadedProgram]:
    """The program, for commands in processes of their own that need not import it first."""
    with LoadedProgram(PROJECT) as program:
        yield program
