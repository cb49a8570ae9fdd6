"""The lines of standard input, one after another: typed at a terminal, or out of a pipe or a file.

A terminal edits its lines itself, and gives each when it has ended; it is read all the time, so that what is typed
early is known to be early. A pipe is read when a line is wanted. Owns which line may answer a question: none that was
typed, or begun, before it was asked, and none that comes together with others, as a paste does.
"""

from __future__ import annotations

import asyncio
import os
import select
import termios
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from workbench.terminal_input import PASTE_SECONDS

PAUSE_SECONDS: Final = 0.5
"""Nobody types any more when no line has come for so long: only then an answer is asked for."""

READ_AT_ONCE: Final = 65_536  # bytes
LONGEST_LINE: Final = 1_000_000
"""Characters of one line that are kept; a terminal takes fewer."""

MOST_DROPPED: Final = 100_000_000  # characters of one line; what has more, such as /dev/zero, has no end


class Ended(Exception):
    """There is no further line."""


class Interrupted(Exception):
    """The person, or a signal, does not want to go on waiting for a line."""


class TypedLines:
    """The lines of `fd`. `on_early` is told each line that comes while nobody waits for one, `on_cut` why not all of a
    line is kept; `is_cut` tells that one was."""

    def __init__(self, fd: int, on_early: Callable[[str], object] = str, on_cut: Callable[[str], object] = str) -> None:
        self.at_terminal = os.isatty(fd)
        self.on_early = on_early
        self.on_cut = on_cut
        self.is_cut = False
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._lines: deque[str] = deque()
        self._begun = ""  # of a line that has no end yet
        self._dropped = 0  # characters of it
        self._number = 1  # of it
        self._ended = False
        self._interrupted = False
        self._wanted = False
        self._answering = False
        self._changed = asyncio.Event()
        self._heard = float("-inf")  # when a line came last
        if self.at_terminal:
            self._loop.add_reader(fd, self._read)

    def close(self) -> None:
        """Read no more."""
        if self.at_terminal:
            self._loop.remove_reader(self._fd)

    @property
    def waits(self) -> bool:
        """Whether there is a line that nobody has got yet, the terminal's own included."""
        if self.at_terminal and not self._lines and not self._ended and select.select((self._fd,), (), (), 0)[0]:
            self._wanted = True
            self._read()
            self._wanted = False
        return bool(self._lines)

    def interrupt(self) -> None:
        """Whoever waits for a line waits no longer."""
        self._interrupted = True
        self._changed.set()

    def drop(self) -> list[str]:
        """The lines that wait, which nobody gets any more."""
        dropped = list(self._lines)
        self._lines.clear()
        self._begun = ""
        return dropped

    def keep(self, line: str) -> None:
        """Let a line that was no answer be the last of those that wait."""
        self._lines.append(line)
        self.on_early(line)

    async def has_any(self) -> bool:
        """Whether there is a line, once that is known."""
        await self._until(lambda: bool(self._lines))
        return bool(self._lines)

    async def next(self) -> str:
        """The next line, without its end. Raises Ended or Interrupted."""
        if not await self.has_any():
            raise Ended
        return self._lines.popleft()

    async def answer(self, ask: Callable[[], object]) -> str:
        """The line that answers what `ask` asks, which is called once nobody types; again when that was no answer.

        For a terminal. Raises Ended or Interrupted.
        """
        self._answering = True
        try:
            return await self._answer(ask)
        finally:
            self._answering = False

    async def _answer(self, ask: Callable[[], object]) -> str:
        self._heard = max(self._heard, self._loop.time())  # whoever typed until now has not read the question yet
        while True:
            early = len(self._lines)
            await self._quiet(PAUSE_SECONDS)
            begun, waiting = self._take_begun(), len(self._lines)
            for line in list(self._lines)[early:]:
                self.on_early(line)
            ask()
            await self._until(partial(self._are_more_than, waiting))
            if not self._are_more_than(waiting):
                raise Ended
            await self._quiet(PASTE_SECONDS)
            fresh = [self._lines.pop() for _ in range(len(self._lines) - waiting)][::-1]
            behind = self._take_begun()
            if len(fresh) == 1 and not begun and not behind:
                return fresh[0]
            for line in (begun + fresh[0], *fresh[1:]):
                self.keep(line)
            self._begun = behind

    async def _quiet(self, seconds: float) -> None:
        """Returns once no line has come for so long."""
        while (left := self._heard + seconds - self._loop.time()) > 0 and not self._ended:  # noqa: ASYNC110 - it is the time that counts
            await asyncio.sleep(left)

    def _are_more_than(self, count: int) -> bool:
        return len(self._lines) > count

    # -- reading -----------------------------------------------------------------------------------------

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Returns when this holds, or there is no more to read. Raises Interrupted."""
        self._wanted = True
        try:
            while not holds() and not self._ended:
                if self._interrupted:
                    break
                await self._more()
        finally:
            self._wanted = False
        if self._interrupted:
            self._interrupted = False
            raise Interrupted

    async def _more(self) -> None:
        """Returns when something has been read, or was interrupted."""
        self._changed.clear()
        if self.at_terminal:
            await self._changed.wait()
            return
        try:
            self._loop.add_reader(self._fd, self._changed.set)
        except (PermissionError, ValueError):  # a file of the disk, which always has something, or its end
            self._read()
            return
        try:
            await self._changed.wait()
        finally:
            self._loop.remove_reader(self._fd)
        if not self._interrupted:
            self._read()

    def _read(self) -> None:
        try:
            data = os.read(self._fd, READ_AT_ONCE)
        except BlockingIOError:  # another program took it, or has left the file so
            return
        except OSError:  # hung up
            data = b""
        if not data:
            self._end()
        self._take(self._decode(data))
        self._changed.set()

    def _end(self) -> None:
        """No more comes; what was begun is a line, too."""
        self._ended = True
        self.close()
        if self._begun:
            self._take("\n")

    def _take(self, text: str) -> None:
        *whole, begun = text.split("\n")
        for part in whole:
            self._add(part)
            self._end_line()
        self._add(begun)
        if self._dropped > MOST_DROPPED and not self._ended:
            self._end()

    def _add(self, part: str) -> None:
        """Part of the line that has no end yet; as much of it as may be kept."""
        room = LONGEST_LINE - len(self._begun)
        self._begun += part[:room]
        self._dropped += max(0, len(part) - room)

    def _end_line(self) -> None:
        line, self._begun = self._begun.removesuffix("\r"), ""
        if self._dropped:
            self._tell_cut()
        self._number += 1
        self._heard = self._loop.time()
        self._lines.append(line)
        if self.at_terminal and not (self._wanted or self._answering):
            self.on_early(line)

    def _tell_cut(self) -> None:
        behind = ", and nothing behind it is read" if self._ended and self._dropped > MOST_DROPPED else ""
        self._dropped, self.is_cut = 0, True
        why = f"has over {LONGEST_LINE:,} characters: the rest of the line is dropped{behind}"
        self.on_cut(f"standard input:{self._number}: {why}")

    def _take_begun(self) -> str:
        """What has been typed of a line that has not ended; nothing of it is in the terminal's line any more."""
        begun, self._begun = self._begun, ""
        try:
            before = termios.tcgetattr(self._fd)
            at_once = termios.tcgetattr(self._fd)
            at_once[3] &= ~termios.ICANON
            at_once[6][termios.VMIN] = at_once[6][termios.VTIME] = 0
            termios.tcsetattr(self._fd, termios.TCSANOW, at_once)
            try:
                begun += self._decode(os.read(self._fd, READ_AT_ONCE))
            finally:
                termios.tcsetattr(self._fd, termios.TCSANOW, before)
        except (termios.error, OSError):  # hung up, which reading tells as well
            return begun
        if "\n" in begun:  # it has ended meanwhile
            self._take(begun)
            begun, self._begun = self._begun, ""
        return begun
