"""Lines of standard input, however long they are and in whatever pieces they come."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from workbench.plain import typed
from workbench.plain.typed import Ended, TypedLines


@contextmanager
def pipe(data: bytes) -> Iterator[int]:
    """The end to read from of a pipe with `data` and then its end."""
    read, write = os.pipe()

    def fill() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(write, "wb", buffering=0) as out:
            out.write(data)

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield read
    finally:
        os.close(read)
        thread.join()


@asynccontextmanager
async def lines_of(data: bytes) -> AsyncIterator[tuple[TypedLines, list[str]]]:
    said: list[str] = []
    with pipe(data) as read:
        yield TypedLines(read, on_cut=said.append), said


async def all_of(lines: TypedLines) -> list[str]:
    got = []
    while True:
        try:
            got.append(await lines.next())
        except Ended:
            return got


async def test_lines_are_whole_in_whatever_pieces_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "READ_AT_ONCE", 3)
    async with lines_of("erste Zeile\r\nzw\u00f6lf\n\nletzte".encode()) as (lines, said):
        assert await all_of(lines) == ["erste Zeile", "zw\u00f6lf", "", "letzte"]
        assert not lines.is_cut
    assert said == []


@pytest.mark.parametrize("at_once", [7, 65_536])
async def test_a_line_without_an_end_is_cut_and_the_next_is_whole(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed, "READ_AT_ONCE", at_once)
    monkeypatch.setattr(typed, "LONGEST_LINE", 100)
    async with lines_of(b"a" * 100 + b"\n" + b"b" * 1000 + b"\nnext\n" + b"c" * 101) as (lines, said):
        assert await all_of(lines) == ["a" * 100, "b" * 100, "next", "c" * 100]
        assert lines.is_cut
    why = "has over 100 characters: the rest of the line is dropped"
    assert said == [f"standard input:2: {why}", f"standard input:4: {why}"]


async def test_what_is_kept_of_a_line_without_an_end_is_no_more_than_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never ends is not read for ever either."""
    monkeypatch.setattr(typed, "MOST_DROPPED", 3 * typed.LONGEST_LINE)
    size = 6 * typed.LONGEST_LINE
    async with lines_of(b"\0" * size) as (lines, said):
        [line] = await asyncio.wait_for(all_of(lines), 30)
    assert len(line) == typed.LONGEST_LINE
    assert said[0].endswith("the rest of the line is dropped, and nothing behind it is read")
