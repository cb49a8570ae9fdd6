"""What a thousand sessions of twenty turns cost, with tool calls and citations in each: lists, searches, the picker.

And what one session of 50,000 events costs: until it is on the screen, and a page of it. The sessions are written by
the journal that writes those of the program, and read by the program in a real terminal.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks import processes
from tests.benchmarks.figures import number, percentile
from tests.benchmarks.programs import WORKBENCH, environ
from tests.benchmarks.recorder import Recorder
from tests.benchmarks.screen import Screen, first_seen
from tests.benchmarks.session import SMALL, Failed
from tests.loopback import message
from workbench.recordings.exchanges import frames_of
from workbench.recordings.journal import Journal
from workbench.recordings.recording import RecordingWriter
from workbench.sessions.folder import session_file
from workbench.sessions.indexing import update, update_one
from workbench.sessions.listing import listed_sessions
from workbench.sessions.search import search, search_known

SESSIONS, QUICK_SESSIONS = 1000, 50
TURNS: Final = 20  # of each
EVENTS, QUICK_EVENTS = 50_000, 5_000  # of the long session
EVENTS_OF_TURN: Final = 2_500
PIECE: Final = 1000  # bytes that the network brings at once
WORDS: Final = 60  # of an answer
VOCABULARY: Final = 5_000
RUNS, QUICK_RUNS = 10, 3
F10, ENTER, PAGE_UP, F2 = b"\x1b[21~", b"\r", b"\x1b[5~", b"\x1bOQ"
ESC: Final = b"\x1b"
PAUSE: Final = 0.6  # seconds in which what was drawn comes to rest
LIMIT: Final = 30.0  # seconds that anything may take that is waited for
LAST_WORDS: Final = "thelastwordofall"
TOOL: Final = {"type": "function", "function": {"name": "opening_hours", "parameters": {"type": "object"}}}


@dataclass(frozen=True, slots=True)
class Spoken:
    """The sentences of a generated conversation, which differ from one to the next."""

    luck: random.Random

    def words(self, count: int) -> str:
        """So many words; no two of them stand beside each other often."""
        return " ".join(f"word{self.luck.randrange(VOCABULARY)}" for _ in range(count))


def table(*, quick: bool) -> str:
    """Milliseconds by what was done, and a page of a long session beside one of a short one."""
    count, runs = (QUICK_SESSIONS, QUICK_RUNS) if quick else (SESSIONS, RUNS)
    events = QUICK_EVENTS if quick else EVENTS
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        home = Path(name)
        folder = home / "state" / "workbench" / "sessions"
        folder.mkdir(parents=True)
        asyncio.run(make(folder, count))
        rows = dict(_in_process(folder, runs))
        rows["`sessions list`, all of the command"] = [_command(home) for _ in range(QUICK_RUNS)]
        asyncio.run(make_long(folder, events))
        listed_sessions(folder, "benchmark", _nobody)
        update(folder, "benchmark", _nobody, str)
        rows |= _in_a_terminal(home, runs)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    title = f"ms, of {count:,} sessions of {TURNS} turns and one of {events:,} events, {size:,.0f} MB"
    lines = [f"| {name} | {number(percentile(each, 50))} | {number(max(each))} |" for name, each in rows.items()]
    return "\n".join([f"| {title} | median | most |", "| --- | ---: | ---: |", *lines])


# -- the sessions ------------------------------------------------------------------------------------


async def make(folder: Path, count: int) -> None:
    """So many sessions, each in a file of its own."""
    spoken = Spoken(random.Random(1))
    for session in range(count):
        journal, path = _journal(folder, 1_700_000_000.0 + 1000 * session, session)
        for turn in range(1, TURNS + 1):
            _turn(journal, turn, spoken.words(12), message(**_answer(spoken.words(WORDS))))
        await journal.aclose()
        written = time.time() - (10 * 24 + session) * 3600
        os.utime(path, (written, written))


async def make_long(folder: Path, events: int) -> None:
    """One session of so many events, the one that was written to last; its last answer ends with `LAST_WORDS`."""
    spoken = Spoken(random.Random(2))
    journal, path = _journal(folder, 1_600_000_000.0, 0)
    turns = max(1, events // EVENTS_OF_TURN)
    for turn in range(1, turns + 1):
        text = spoken.words(EVENTS_OF_TURN) + (f" {LAST_WORDS}" if turn == turns else "")
        _turn(journal, turn, f"a long answer, please, number {turn}", message(**_answer(text)))
    await journal.aclose()
    written = time.time() - 3 * 24 * 3600
    os.utime(path, (written, written))


def _journal(folder: Path, began: float, session: int) -> tuple[Journal, Path]:
    name = time.strftime("%Y%m%d-%H%M%S", time.gmtime(began))
    path = session_file(folder, f"{name}-{session:06x}")
    header = {"source": "benchmark", "model": "command-a-03-2025", "began": began}
    journal = Journal(
        lambda at: RecordingWriter.create(path, header, began=at), on_problem=_failed, clock=time.monotonic
    )
    return journal, path


def _failed(problem: str) -> None:
    raise Failed(problem)


def _answer(text: str) -> dict[str, Any]:
    """An answer, of which some words are cited."""
    places = range(0, len(text) - 20, max(20, len(text) // 4))
    source = {"type": "tool", "id": "call:0", "tool_output": {"opens": "09:00"}}
    cited = [{"start": at, "end": at + 8, "text": text[at : at + 8], "sources": [source]} for at in places]
    return {"text": text, "citations": cited}


def _turn(journal: Journal, turn: int, prompt: str, answer: bytes) -> None:
    """A turn of two steps: a tool call, then the answer."""
    arguments = {"place": prompt.split()[-1]}
    call = {"turn": turn, "step": 1, "call": 0, "id": "call", "name": "opening_hours", "arguments": arguments}
    asked = {"role": "user", "content": prompt}
    calling = message(plan="I look up the hours.", tool_calls=[("call", "opening_hours", f'{{"place": "{turn}"}}')])
    result = {"opens": "09:00", "place": arguments["place"]}
    journal.append("turn-start", {"turn": turn, "prompt": prompt})
    journal.append("step", {"turn": turn, "step": 1})
    _exchange(journal, [asked], calling)
    journal.append("tool-start", call)
    journal.append("tool-result", {**call, "seconds": 0.1, "result": result})
    journal.append("step", {"turn": turn, "step": 2})
    _exchange(journal, [asked, {"role": "tool", "tool_call_id": "call", "content": str(result)}], answer)
    journal.append("turn-end", {"turn": turn, "status": "complete", "error": None, "seconds": 0.4})


def _exchange(journal: Journal, messages: list[dict[str, str]], answer: bytes) -> None:
    body = {"model": "command-a-03-2025", "messages": messages, "tools": [TOOL], "temperature": 0.3}
    fields = journal.requests.fields(body)
    request = fields["request"]
    journal.append("request", fields)
    head = [["content-type", "text/event-stream"]]
    journal.append("response", {"request": request, "at": 0.1, "status": 200, "headers": head})
    for at in range(0, len(answer), PIECE):
        journal.append("frames", {"request": request, "at": 0.2, "frames": frames_of(answer[at : at + PIECE])})
    journal.append("end", {"request": request, "at": 0.3, "outcome": "complete"})


# -- measuring ---------------------------------------------------------------------------------------


def _in_process(folder: Path, runs: int) -> Iterator[tuple[str, list[float]]]:
    """What is done in threads of the program, without it."""
    yield "list, from nothing", [_milliseconds(lambda: listed_sessions(folder, "list", _nobody))]
    yield "list", [_milliseconds(lambda: listed_sessions(folder, "list", _nobody)) for _ in range(runs)]
    yield "index, from nothing", [_milliseconds(lambda: update(folder, "search", _nobody, str))]
    changed = min(folder.glob("*.jsonl"))
    times = []
    for more in range(runs):
        _go_on(changed, TURNS + 1 + more)
        times.append(_milliseconds(lambda: update_one(changed, str)))
    yield "index, a turn later", times
    yield "list, a turn later", [_milliseconds(lambda: listed_sessions(folder, "list", _nobody))]
    words = iter(random.Random(3).sample(range(VOCABULARY), 2 * runs))
    search_known(folder, "warm", "search")
    yield (
        "picker's search, of a new word",
        [_milliseconds(lambda: search_known(folder, f"word{next(words)}", "search")) for _ in range(runs)],
    )
    yield (
        "search of the command, of a new word",
        [_milliseconds(lambda: search(folder, f"word{next(words)}", "search", _nobody)) for _ in range(runs)],
    )
    yield (
        "search, of what is in every turn",
        [_milliseconds(lambda: search(folder, "opening hours", "search", _nobody)) for _ in range(runs)],
    )


def _go_on(path: Path, turn: int) -> None:
    """A turn more, without an answer; in the list it stays where it is."""
    written = path.stat().st_mtime
    _, writer = RecordingWriter.resume(path, list)
    writer.append("turn-start", {"turn": turn, "prompt": f"and more of word{turn}"})
    writer.append("turn-end", {"turn": turn, "status": "complete", "error": None, "seconds": 1})
    writer.close()
    os.utime(path, (written, written))


def _command(home: Path) -> float:
    argv = [*WORKBENCH.argv("")[:3], "sessions", "list"]
    return _milliseconds(lambda: subprocess.run(argv, env=dict(environ(home)), stdout=subprocess.DEVNULL, check=True))


def _in_a_terminal(home: Path, runs: int) -> dict[str, list[float]]:
    argv = [*WORKBENCH.argv("")[:3], "--offline"]
    rows: dict[str, list[float]] = {}
    with Recorder(argv, SMALL, environ(home), home) as recorder:
        running = _Running(recorder)
        running.shown({WORKBENCH.ready})
        recorder.read_for(2.0)
        rows["picker, from F10 to its rows, the first time"] = [running.until(F10, {"days ago"})]
        again, used = [], []
        for _ in range(runs):
            running.press(ESC)
            before = running.cpu
            again.append(running.until(F10, {"days ago"}))
            used.append(running.cpu - before)
        rows["picker, from F10 to its rows"] = again
        rows["the same, CPU"] = used
        rows["a word typed in the picker, to what is found"] = [
            running.rest(f"word{700 + 13 * each}".encode(), then=b"\x15") for each in range(runs)
        ]
        before = running.cpu
        rows["the long session, from Enter to its end on the screen"] = [running.until(ENTER, {LAST_WORDS})]
        rows["the same of the long session, CPU"] = [running.cpu - before]
        recorder.read_for(2.0)
        running.press(F2)
        long = [running.cost(PAGE_UP) for _ in range(2 * runs)]
        running.press(ESC)
        running.press(F10)
        running.press(f"{time.strftime('%Y%m%d', time.gmtime(1_700_000_000.0))}".encode())
        running.until(ENTER, {f"turn {TURNS + runs} of"})
        recorder.read_for(2.0)
        running.press(F2)
        short = [running.cost(PAGE_UP) for _ in range(2 * runs)]
    rows["PageUp in the long session, CPU"] = long
    rows["PageUp in a short one, CPU"] = short
    return rows


class _Running:
    """The program in its terminal."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._screen = Screen(SMALL)
        self._fed = 0

    def press(self, keys: bytes) -> None:
        """Press keys, and let what is drawn come to rest."""
        self._recorder.send(keys)
        self._recorder.read_for(PAUSE)

    def until(self, keys: bytes, words: set[str]) -> float:
        """Milliseconds from keys to words on the screen, in what is written from then on."""
        self._feed()
        pressed = self._recorder.send(keys)
        return (self.shown(words) - pressed) * 1000

    def rest(self, keys: bytes, then: bytes) -> float:
        """Milliseconds from keys to the last that was written for them; `then` is pressed behind that."""
        self._feed()
        pressed = self._recorder.send(keys)
        self._recorder.read_for(PAUSE)
        last: float = max(each.at for each in self._feed())
        self.press(then)
        return (last - pressed) * 1000

    def shown(self, words: set[str]) -> float:
        """When all the words were on the screen, of what was not looked at so far."""
        deadline = time.monotonic() + LIMIT
        seen: dict[str, float] = {}
        while seen.keys() != words:
            if time.monotonic() > deadline or self._recorder.ended:
                raise Failed(f"{words - seen.keys()} never shown; the screen:\n{self._screen.text()}")
            self._recorder.read_for(0.05)
            seen |= first_seen(self._feed(), words - seen.keys())
        return max(seen.values())

    def cost(self, keys: bytes) -> float:
        """Milliseconds of CPU for keys, and all that is drawn for them."""
        before = self.cpu
        self.press(keys)
        return self.cpu - before

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU so far: on a machine that others use, these tell more than the time."""
        return processes.cpu_seconds(self._recorder.pid) * 1000

    def _feed(self) -> list[Any]:
        new = self._recorder.reads[self._fed :]
        self._fed += len(new)
        return self._screen.feed(new)


def _milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def _nobody(text: str) -> None:
    """Nobody is told."""
