"""What a piece of an answer costs in the transcript: in a block of some lines, and in one ten times as long."""

from __future__ import annotations

import statistics
import time

from workbench.ui.markdown.document import Document

LINES = 200
TIMES = 10
RUNS = 3
PIECE = 100  # characters shown together
WIDTH = 80
BLOCKS = {
    "list": ("", "- item **{n}** of a list that goes on\n"),
    "table": ("| n | text |\n|--:|---|\n", "| {n} | a cell of a table that goes on |\n"),
    "code": ("```python\n", "value_{n} = other({n})  # and so on\n"),
    "paragraph": ("", "Line {n} of a paragraph that goes on. "),
}


def milliseconds(name: str, lines: int) -> float:
    """The median time that a piece takes to be parsed and laid out."""
    head, line = BLOCKS[name]
    source = head + "".join(line.format(n=number) for number in range(lines))
    times = []
    for _ in range(RUNS):
        answer = Document(WIDTH)
        began = time.perf_counter()
        for start in range(0, len(source), PIECE):
            answer.append(source[start : start + PIECE])
            answer.update()
        times.append(time.perf_counter() - began)
    return statistics.median(times) / -(-len(source) // PIECE) * 1e3


def table() -> str:
    rows = []
    for name in BLOCKS:
        short, long = milliseconds(name, LINES), milliseconds(name, LINES * TIMES)
        rows.append(f"| {name} | {short:.2f} | {long:.2f} | {long / short:.2f} |")
    return "\n".join(
        [
            f"| {PIECE} characters of a | ms in {LINES} lines | ms in {LINES * TIMES:,} lines | ratio |",
            "| --- | ---: | ---: | ---: |",
            *rows,
        ]
    )
