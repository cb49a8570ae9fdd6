"""What a list of a thousand sessions costs, and a search in all of them: at first, when they are read, and then."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.figures import number, percentile
from tests.benchmarks.fold import body
from workbench.recordings.exchanges import Requests, frames_of
from workbench.recordings.recording import NewLine, RecordingWriter
from workbench.sessions.listing import listed_sessions
from workbench.sessions.search import search

SESSIONS, QUICK_SESSIONS = 1000, 50
TURNS = 20  # of each
DELTAS = 60  # of each answer
PIECE = 1000  # bytes that the network brings at once
RUNS = 20
VOCABULARY = 5000
SEARCHES = {"a rare word": "word4999", "two words": "word7 word11", "a word of every turn": "tea", "no hit": "nothing"}


def table(*, quick: bool) -> str:
    """Milliseconds by what was done."""
    count = QUICK_SESSIONS if quick else SESSIONS
    with tempfile.TemporaryDirectory(prefix="benchmark-") as home:
        folder = Path(home) / "sessions"
        folder.mkdir()
        make(folder, count)
        rows = {
            "list, at first": [milliseconds(lambda: listed_sessions(folder, "list", _nobody))],
            "list": [milliseconds(lambda: listed_sessions(folder, "list", _nobody)) for _ in range(RUNS)],
            "search, at first": [milliseconds(lambda: search(folder, "tea", "search", _nobody))],
        }
        for name, words in SEARCHES.items():
            rows[f"search, {name}"] = [_searched(folder, words) for _ in range(RUNS)]
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    title = f"ms, of {count} sessions of {TURNS} turns, {size:,.0f} MB"
    lines = [f"| {name} | {number(percentile(each, 50))} | {number(max(each))} |" for name, each in rows.items()]
    return "\n".join([f"| {title} | median | most |", "| --- | ---: | ---: |", *lines])


def make(folder: Path, count: int) -> None:
    """So many sessions, whose questions differ."""
    luck = random.Random(1)
    answer = body(DELTAS)
    for session in range(count):
        began = 1_700_000_000.0 + 1000 * session
        name = time.strftime("%Y%m%d-%H%M%S", time.gmtime(began))
        writer = RecordingWriter.create(folder / f"{name}-{session:06x}.jsonl", {"began": began}, began=0.0)
        writer.append_all(_lines(luck, answer))
        writer.close()


def _lines(luck: random.Random, answer: bytes) -> list[NewLine]:
    requests, messages = Requests(), list[dict[str, str]]()
    lines: list[NewLine] = []
    for turn in range(1, TURNS + 1):
        prompt = f"tea {' '.join(f'word{luck.randrange(VOCABULARY)}' for _ in range(20))}"
        messages = [*messages, {"role": "user", "content": prompt}]
        frames = [answer[at : at + PIECE] for at in range(0, len(answer), PIECE)]
        head = [["content-type", "text/event-stream"]]
        lines += [
            NewLine(turn, "turn-start", {"turn": turn, "prompt": prompt}),
            NewLine(turn, "step", {"turn": turn, "step": 1}),
            NewLine(turn, "request", requests.fields({"model": "m", "messages": messages})),
            NewLine(turn, "response", {"request": turn, "at": 0.1, "status": 200, "headers": head}),
            *(NewLine(turn, "frames", {"request": turn, "at": 0.2, "frames": frames_of(each)}) for each in frames),
            NewLine(turn, "end", {"request": turn, "at": 0.3, "outcome": "complete"}),
            NewLine(turn, "turn-end", {"turn": turn, "status": "complete", "error": None, "seconds": 0.4}),
        ]
        messages = [*messages, {"role": "assistant", "content": "an answer"}]
    return lines


def milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def _searched(folder: Path, words: str) -> float:
    return milliseconds(lambda: search(folder, words, "search", _nobody))


def _nobody(text: str) -> None:
    """Nobody is told."""
