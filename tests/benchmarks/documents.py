"""What a large set of documents costs beside one of ten: the first index, the next, searches, a question.

The first index is compared with what SQLite's full-text search takes to insert the same passages and nothing else, in
the same run. The words of the passages are drawn as those of a language are: few of them often, most of them seldom.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.figures import number, percentile
from tests.benchmarks.programs import WORKBENCH, environ
from tests.benchmarks.session import Failed

PASSAGES, QUICK_PASSAGES = 100_000, 5_000
OF_A_FILE: Final = 50  # passages
AT_ONCE: Final = 5_000  # passages that are inserted
WORDS: Final = (60, 140)  # of a passage
VOCABULARY: Final = 20_000
QUESTIONS, QUICK_QUESTIONS = 200, 50
WORDS_OF_A_QUESTION: Final = 5
ROUNDS, QUICK_ROUNDS = 5, 2
SYLLABLES: Final = ("ka", "lo", "mi", "ner", "sol", "tar", "ven", "dru", "pex", "qui", "ras", "bo", "fen", "gal", "hur")

MEASURED: Final = """
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode
print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
"""What runs a command, and tells its seconds and KiB. It is small: a child begins with the memory of its parent."""


@dataclass(frozen=True, slots=True)
class Language:
    """Words of which the one at place n is used about 1/n as often as the first."""

    luck: random.Random
    words: Sequence[str]
    weights: Sequence[float]

    @classmethod
    def made(cls, seed: int) -> Language:
        """Another one for each seed."""
        luck = random.Random(seed)
        words = ["".join(luck.choices(SYLLABLES, k=luck.choice((2, 3, 3, 4)))) for _ in range(VOCABULARY)]
        return cls(luck, words, [1 / place for place in range(1, VOCABULARY + 1)])

    def said(self, count: int) -> str:
        """So many words."""
        return " ".join(self.luck.choices(self.words, self.weights, k=count))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, as JSON lines, how many seconds it took, and how many MiB it held at most."""

    lines: Sequence[dict[str, Any]]
    seconds: float
    mebibytes: float


def table(*, quick: bool) -> str:
    """A row for each figure; seconds if nothing else is said."""
    passages, questions, rounds = (
        (QUICK_PASSAGES, QUICK_QUESTIONS, QUICK_ROUNDS) if quick else (PASSAGES, QUESTIONS, ROUNDS)
    )
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        rows = dict(_figures(Path(name), passages, questions, rounds))
    lines = [f"| {what} | {figure} |" for what, figure in rows.items()]
    return "\n".join([f"| {passages:,} passages, seconds where nothing else is said | |", "| --- | ---: |", *lines])


def _figures(home: Path, passages: int, questions: int, rounds: int) -> Iterator[tuple[str, str]]:
    language = Language.made(1)
    large, small = home / "large", home / "small"
    raw = _raw_inserts(home / "raw.db", _written(large, passages, language))
    _ten_documents(small)
    run = _runner(home)
    first = run(["index", "--docs", str(large), "--json"])
    yield "full-text inserts of the same text, and nothing else", number(raw)
    yield "first index; over those inserts", f"{number(first.seconds)}; {number(first.seconds / raw)}"
    yield "the same again", number(run(["index", "--docs", str(large), "--json"]).seconds)
    with (large / "r1.md").open("a", encoding="utf-8") as file:
        file.write("\n## New\n\nThe zanzibar lamp is lit at dusk.\n")
    yield "with one changed file", number(run(["index", "--docs", str(large), "--json"]).seconds)
    asked = "\n".join(language.said(WORDS_OF_A_QUESTION) for _ in range(questions))
    searched = run(["search", "-", "--docs", str(large), "--json"], asked)
    each = list({line["query"]: 1000 * line["seconds"] for line in searched.lines}.values())
    yield "ms of a search, p50 and p95", f"{number(percentile(each, 50))}, {number(percentile(each, 95))}"
    question = f"Which {language.said(2)} is lit at dusk?"
    both = [
        [run(["ask", "--offline", "--json", "--docs", str(docs), question]) for _ in range(rounds)]
        for docs in (large, small)
    ]
    seconds = [percentile([ran.seconds for ran in runs], 50) for runs in both]
    yield "`ask`, and with ten documents", ", ".join(map(number, seconds))
    most = [max(ran.mebibytes for ran in runs) for runs in both]
    yield "MiB of `ask`, and with ten documents", ", ".join(map(number, most))


def _written(folder: Path, passages: int, language: Language) -> Iterator[str]:
    """Markdown files with so many passages in all, each below a heading of its own; their texts."""
    folder.mkdir(parents=True)
    for file in range(max(4, passages // OF_A_FILE)):
        parts = [f"# Report {file}\n"]
        for part in range(OF_A_FILE):
            text = language.said(language.luck.randint(*WORDS)) + "."
            parts.append(f"## Part {part}\n\n{text}\n")
            yield text
        (folder / f"r{file}.md").write_text("\n".join(parts), encoding="utf-8")


def _ten_documents(folder: Path) -> None:
    folder.mkdir(parents=True)
    for place in range(10):
        text = f"# Note {place}\n\nThe key number {place} opens locker {place * 7}.\n"
        (folder / f"s{place}.md").write_text(text, encoding="utf-8")


def _raw_inserts(path: Path, texts: Iterator[str]) -> float:
    """Seconds of the inserts alone."""
    seconds = 0.0
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("create virtual table passages using fts5(text, tokenize='porter unicode61')")
        while batch := [(text,) for text in itertools.islice(texts, AT_ONCE)]:
            began = time.monotonic()
            database.executemany("insert into passages values (?)", batch)
            seconds += time.monotonic() - began
        began = time.monotonic()
        database.commit()
        return seconds + time.monotonic() - began


def _runner(home: Path) -> Callable[..., Ran]:
    """What runs a command of Workbench in a home of its own."""
    environment = dict(environ(home))
    del environment["CO_API_KEY"]

    def run(words: Sequence[str], typed: str = "") -> Ran:
        argv = [sys.executable, "-c", MEASURED, *WORKBENCH.argv("")[:3], *words]
        done = subprocess.run(argv, input=typed.encode(), capture_output=True, env=environment, check=False)
        if done.returncode:
            raise Failed(f"{' '.join(words)} ended with {done.returncode}")
        seconds, kibibytes = map(float, done.stderr.split())
        return Ran([json.loads(line) for line in done.stdout.splitlines()], seconds, kibibytes / 1024)

    return run
