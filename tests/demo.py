"""Record README's tour as it is taken in a real terminal, for asciinema: `python -m tests.demo`."""

from __future__ import annotations

import codecs
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Final

from tests.tour import OVER_SSH, ROOT, opened, see, sent, stops, take

SIZE: Final = (100, 30)
READS: Final = 1.6  # seconds that a person looks at what came
TYPES: Final = 0.06  # seconds between the letters of a question
LONGEST_PAUSE: Final = 3.0  # seconds; a player leaves out the rest
QUERIES: Final = re.compile(r"\x1b\]1[01];\?(?:\x07|\x1b\\)|\x1b\[\?\d+\$p|\x1b\[[>?]?[0-9;]*[cn]|\x1b\[\?u|\x1b\[>q")
"""What the program asks a terminal. A player's would answer, to nobody."""


class Cast:
    """What was written to a terminal and when, as asciicast of version 2: a header, then an event a line."""

    def __init__(self, size: tuple[int, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._clock = clock
        self._began = clock()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._events: list[tuple[float, str, str]] = []

    def write(self, data: bytes) -> None:
        """Note what was written now; of a character that is not whole the rest is waited for."""
        if text := QUERIES.sub("", self._decoder.decode(data)):
            self._events.append((self._clock() - self._began, "o", text))

    def mark(self, label: str) -> None:
        """Note what happens now, which players list."""
        self._events.append((self._clock() - self._began, "m", label))

    def text(self, title: str, kind: Mapping[str, str]) -> str:
        """The whole file."""
        columns, rows = self._size
        header = {
            "version": 2,
            "width": columns,
            "height": rows,
            "title": title,
            "idle_time_limit": LONGEST_PAUSE,
            "env": dict(kind),
        }
        lines = [header, *([round(t, 3), kind, text] for t, kind, text in self._events)]
        return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def record(environ: Mapping[str, str]) -> Cast:
    """Take the tour at the pace of a person."""
    start, *tour, leave = stops((ROOT / "README.md").read_text("utf-8"))
    cast = Cast(SIZE)
    with opened(start, SIZE, environ=environ, hears=cast.write) as terminal:
        see(terminal, start.seen)
        terminal.watch(READS)
        for stop in tour:
            cast.mark(" ".join(stop.keys))
            for _ in take(terminal, stop, typed_apart=TYPES):
                terminal.watch(READS)
            terminal.watch(READS)
        cast.mark(leave.keys[0])
        terminal.press(sent(leave.keys[0]))
        terminal.wait_for_exit()
    return cast


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        places = {f"XDG_{name}_HOME": f"{home}/{name}" for name in ("STATE", "CONFIG", "CACHE", "DATA")}
        cast = record({**os.environ, **places, "HOME": home})
    path = ROOT / "screenshots" / "tour.cast"
    path.parent.mkdir(exist_ok=True)
    path.write_text(cast.text("Workbench: a tour of two minutes", OVER_SSH), "utf-8")
    print(path.relative_to(ROOT), f"{path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
