"""Whether turn 300 of a conversation costs what turn 10 did: with a key, a tool in each turn, and twenty documents.

Each turn is two requests: the first is answered with a tool call, the second with some sentences that cite documents.
Beside CPU and memory: how long the program takes to end when it is told to, and to show the conversation again.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import processes
from tests.benchmarks.figures import number as digits
from tests.benchmarks.programs import WORKBENCH, environ
from tests.benchmarks.recorder import Recorder
from tests.benchmarks.screen import Screen, first_seen
from tests.benchmarks.server import cited, delta, ending, event, opening
from tests.benchmarks.session import WIDE, Failed
from tests.benchmarks.text import Citation
from tests.loopback import Action, Chunk, Head, LoopbackServer, Received

TURNS, QUICK_TURNS, EARLY = 300, 60, 10
AROUND = 20  # turns whose mean is the figure of one: the kernel counts in hundredths of a second
DOCUMENTS = 20
SENTENCE = "The market opens at nine and the bridge is closed on Mondays, says the almanac of the harbour. "
PARAGRAPH = SENTENCE * 4
SENTENCES = 8  # of an answer
ESCAPE = re.compile(rb"\x1b\[[^@-~]*[@-~]")
RESUMING = 15.0  # seconds that are watched
DEADLINE = 20.0  # seconds that anything may take that is waited for
WORD = len("The market")
TOOLS = """tools:
  - name: opening_hours
    description: When a place opens and closes.
    parameters: {type: object, properties: {place: {type: string}}, required: [place]}
    run: {reply: {opens: "09:00", closes: "18:00"}}
"""


def calling() -> bytes:
    """The first answer of a turn: a plan and one call."""
    call = {"id": "call", "type": "function", "function": {"name": "opening_hours", "arguments": ""}}
    written = {"function": {"arguments": '{"place": "market"}'}}
    end = {"finish_reason": "TOOL_CALL", "usage": {"billed_units": {"input_tokens": 1, "output_tokens": 9}}}
    return b"".join(
        (
            event("message-start", id="message", delta={"message": {"role": "assistant"}}),
            event("tool-plan-delta", delta={"message": {"tool_plan": "I will look up the hours."}}),
            event("tool-call-start", index=0, delta={"message": {"tool_calls": call}}),
            event("tool-call-delta", index=0, delta={"message": {"tool_calls": written}}),
            event("tool-call-end", index=0),
            event("message-end", delta=end),
            b"data: [DONE]\n\n",
        )
    )


def answering() -> bytes:
    """The second answer: sentences in pieces of a word, each sentence with a citation."""
    pieces = [opening()]
    for number in range(SENTENCES):
        pieces += [delta(word + " ") for word in SENTENCE.split()]
        start = number * len(SENTENCE)
        pieces.append(cited(number, Citation(start, start + WORD, SENTENCE[:WORD])))
    return b"".join((*pieces, ending(SENTENCES * len(SENTENCE.split()))))


def script(received: Received) -> Iterator[Action]:
    """The answer to one request of the conversation."""
    yield Head()
    yield Chunk(answering() if received.body["messages"][-1]["role"] == "tool" else calling())


@contextmanager
def serving() -> Iterator[str]:
    """The server in a thread of its own; gives its base URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = LoopbackServer(script)
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
    try:
        yield server.url
    finally:
        asyncio.run_coroutine_threadsafe(server.aclose(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Conversation:
    """The program in its terminal, asked turn by turn; its session file tells when a turn is over."""

    def __init__(self, recorder: Recorder, home: Path) -> None:
        self._recorder = recorder
        self._home = home
        self._read = 0
        self._ended = 0

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return processes.cpu_seconds(self._recorder.pid)

    @property
    def memory(self) -> float:
        """Mebibytes in use now."""
        return processes.resident_bytes(self._recorder.pid) / 2**20

    def shown(self, words: str) -> None:
        """Returns when these words were written to the terminal; raises Failed when they are not in time."""
        if not self._recorder.read_until(lambda: words in self._written(), DEADLINE):
            raise Failed(f"{words!r} was never shown; written: {self._written()[-500:]!r}")

    def _written(self) -> str:
        return ESCAPE.sub(b"", b"".join(read.data for read in self._recorder.reads)).decode("utf-8", "replace")

    def turn(self, number: int) -> float:
        """Ask one question and wait until its answer is kept; returns the seconds of CPU that it took."""
        before = self.cpu
        self._recorder.reads.clear()
        self._recorder.send(f"When does the market open, question {number}?\r".encode())
        if not self._recorder.read_until(lambda: self._turns_kept() >= number, DEADLINE):
            raise Failed(f"turn {number} did not end")
        self._recorder.read_for(0.15)  # what is drawn last
        return self.cpu - before

    def _turns_kept(self) -> int:
        for path in self._home.rglob("*.jsonl"):
            with path.open("rb") as file:
                file.seek(self._read)
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            self._read += len(whole)
            self._ended += whole.count(b'"turn-end"')
        return self._ended

    def end(self) -> float:
        """Tell the program to end; returns the seconds until it is gone."""
        began = time.monotonic()
        os.kill(self._recorder.pid, signal.SIGTERM)
        if not self._recorder.read_until(lambda: self._recorder.ended, DEADLINE):
            raise Failed("it did not end")
        return time.monotonic() - began


def measure(turns: int) -> dict[str, float]:
    """The figures of one conversation of so many turns, and of going on with it."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        home = Path(folder)
        documents = [{"id": f"page-{n}", "title": f"Page {n}", "text": f"{n}: {PARAGRAPH}"} for n in range(DOCUMENTS)]
        almanac = {"documents": documents, "retrieval": {"mode": "all"}}
        (home / "docs.yaml").write_text(json.dumps({"sets": {"almanac": almanac}}))
        (home / "tools.yaml").write_text(TOOLS)
        with serving() as url:
            return _measured(home, url, turns)


def _measured(home: Path, url: str, turns: int) -> dict[str, float]:
    argv = [*WORKBENCH.argv(url), "--docs", "docs.yaml", "--tools", "tools.yaml", "--yes"]
    with Recorder(argv, WIDE, environ(home), home) as recorder:
        running = Conversation(recorder, home)
        running.shown(WORKBENCH.ready)
        recorder.read_for(1.0)
        cpu, memory = [], {}
        for number in range(1, turns + 1):
            cpu.append(running.turn(number))
            if number in (EARLY + AROUND, turns):
                memory[number] = running.memory
        gone = running.end()
    words = {f"question {turns}?", "✓ complete"}  # on the screen, not in one piece on the way to it
    with Recorder([*argv, "--resume"], WIDE, environ(home), home) as recorder:
        recorder.read_for(RESUMING)
        seen = first_seen(Screen(WIDE).feed(recorder.reads), words)
        if seen.keys() != words:
            raise Failed(f"{words - seen.keys()} never shown")
        resumed = max(seen.values()) - recorder.started
    early, late = cpu[EARLY - 1 : EARLY - 1 + AROUND], cpu[-AROUND:]
    return {
        f"CPU ms of turn {EARLY}": 1000 * sum(early) / len(early),
        f"CPU ms of turn {turns}": 1000 * sum(late) / len(late),
        f"MiB after turn {EARLY}": memory[EARLY + AROUND],
        f"MiB after turn {turns}": memory[turns],
        "ms from SIGTERM to gone": 1000 * gone,
        "ms until resumed and shown": 1000 * resumed,
    }


def table(*, quick: bool) -> str:
    """A Markdown table of the figures."""
    turns = QUICK_TURNS if quick else TURNS
    rows = [f"| {name} | {digits(value)} |" for name, value in measure(turns).items()]
    return "\n".join([f"| a conversation of {turns} turns | Workbench |", "| --- | ---: |", *rows])
