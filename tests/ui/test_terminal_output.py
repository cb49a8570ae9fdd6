"""Output to a terminal that may be slow, over a real pseudo-terminal that is read only when a test says so."""

from __future__ import annotations

import asyncio
import os
import select
import threading
import time
import tty
from collections.abc import AsyncIterator

import pytest

from workbench.ui.terminal.output import TerminalOutput

MORE_THAN_FITS = 300_000  # bytes; a pseudo-terminal holds a few thousand
BLOCKED_SECONDS = 20.0  # what would have waited for the terminal waits for ever


class Pair:
    """A pseudo-terminal: `output` writes to its one end, `read` takes from the other."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.drained = asyncio.Event()
        self.times = 0
        self.output = TerminalOutput(self._slave, asyncio.get_running_loop(), self._note)

    def _note(self) -> None:
        assert asyncio.get_running_loop() is not None  # fails in any thread but the loop's
        self.times += 1
        self.drained.set()

    def read(self) -> bytes:
        """What is there now."""
        found = b""
        while select.select([self.master], [], [], 0)[0]:
            found += os.read(self.master, 65536)
        return found

    async def read_until(self, size: int) -> bytes:
        """At least so many bytes, with the loop running in between."""
        found = b""
        async with asyncio.timeout(BLOCKED_SECONDS):
            while len(found) < size:
                found += self.read()
                await asyncio.sleep(0)
        return found

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1

    def close(self) -> None:
        self.output.close()
        for fd in (self.master, self._slave):
            if fd >= 0:
                os.close(fd)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    yield made
    made.close()


def numbered(first: int, count: int) -> str:
    return "".join(f"{number:08d}\n" for number in range(first, first + count))


async def test_what_fits_is_written_at_once_and_nobody_is_told(pair: Pair) -> None:
    pair.output.write("héllo")
    assert not pair.output.pending
    assert pair.read() == "héllo".encode()
    await asyncio.sleep(0)
    assert pair.times == 0


async def test_what_does_not_fit_waits_in_order_and_the_end_is_told(pair: Pair) -> None:
    texts = [numbered(0, 20_000), numbered(20_000, 20_000), "last"]
    for text in texts:
        pair.output.write(text)  # would never return if it blocked: nobody reads
    assert pair.output.pending
    whole = "".join(texts).encode()
    assert await pair.read_until(len(whole)) == whole
    async with asyncio.timeout(BLOCKED_SECONDS):
        await pair.drained.wait()
    assert not pair.output.pending
    assert pair.times == 1


async def test_it_is_told_though_a_later_text_was_what_found_room(pair: Pair) -> None:
    pair.output.write(numbered(0, MORE_THAN_FITS // 9))
    found = b""
    while pair.output.pending:  # all without the loop: it has not been able to watch the terminal yet
        found += pair.read()
        pair.output.write("")
    async with asyncio.timeout(BLOCKED_SECONDS):
        await pair.drained.wait()
    assert found + pair.read() == numbered(0, MORE_THAN_FITS // 9).encode()


async def test_it_is_told_each_time(pair: Pair) -> None:
    for times in (1, 2, 3):
        pair.drained.clear()
        pair.output.write("x" * MORE_THAN_FITS)
        await pair.read_until(MORE_THAN_FITS)
        async with asyncio.timeout(BLOCKED_SECONDS):
            await pair.drained.wait()
        assert pair.times == times


async def test_texts_of_threads_stay_whole_and_in_order(pair: Pair) -> None:
    def write(name: str) -> None:
        for number in range(2_000):
            pair.output.write(f"{name}{number:06d};" * 3)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    parts = (await pair.read_until(4 * 2_000 * 3 * 8)).decode().split(";")[:-1]
    for thread in threads:
        thread.join()
    for name in "abcd":
        assert [part[1:] for part in parts if part[0] == name] == [f"{n:06d}" for n in range(2_000) for _ in range(3)]
    assert all(parts[at] == parts[at + 1] == parts[at + 2] for at in range(0, len(parts), 3))


async def test_the_descriptor_of_others_still_blocks(pair: Pair) -> None:
    assert os.get_blocking(pair._slave)


@pytest.mark.parametrize("waiting", [False, True])
async def test_a_hang_up_is_noticed_and_never_raises_or_spins(pair: Pair, waiting: bool) -> None:
    if waiting:
        pair.output.write("x" * MORE_THAN_FITS)
        await asyncio.sleep(0)
    pair.hang_up()
    if not waiting:
        pair.output.write("more")
    async with asyncio.timeout(BLOCKED_SECONDS):
        while not pair.output.gone:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0)
    pair.output.write("and more")
    assert not pair.output.pending
    loop = asyncio.get_running_loop()
    assert not loop.remove_writer(pair.output._fd)  # nothing that the loop would call for ever
    assert pair.output.drain(0)


async def test_draining_waits_for_the_terminal_but_not_for_ever(pair: Pair) -> None:
    pair.output.write("x" * MORE_THAN_FITS)
    began = time.monotonic()
    assert not pair.output.drain(0.05)
    assert time.monotonic() - began < BLOCKED_SECONDS
    found: list[bytes] = []

    def read() -> None:
        while sum(map(len, found)) < MORE_THAN_FITS:
            found.append(os.read(pair.master, 65536))

    thread = threading.Thread(target=read)
    thread.start()
    assert pair.output.drain(BLOCKED_SECONDS)
    thread.join()
    assert not pair.output.pending


async def test_after_closing_nothing_is_written_or_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.output.write("x" * MORE_THAN_FITS)
    pair.output.close()
    fd = pair.output._fd
    reused = os.open(os.devnull, os.O_WRONLY)
    assert reused == fd
    pair.output.write("late")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not pair.output.pending
    assert pair.times == 0
    monkeypatch.setattr(pair.output, "close", lambda: os.close(reused))


async def test_what_is_no_terminal_is_refused(pair: Pair) -> None:
    read, write = os.pipe()
    with pytest.raises(OSError):
        TerminalOutput(write, asyncio.get_running_loop(), lambda: None)
    os.close(read)
    os.close(write)
