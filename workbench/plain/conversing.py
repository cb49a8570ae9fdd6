"""A conversation in lines: a question, its turn, and the next one, until there is none.

Owns what an interrupt does, what becomes of lines that are typed while a turn runs, and the exit code.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from workbench.conversation.changes import Changes
from workbench.conversation.lifting import is_liftable
from workbench.errors import OutputError
from workbench.plain.lines import Lines
from workbench.plain.performing import Performing, Quit
from workbench.plain.turn_lines import TurnLines, sources_of
from workbench.plain.typed import Ended, Interrupted, TypedLines
from workbench.printing.exit_codes import FAILED, INTERRUPTED, SIGNALLED, USAGE, WORST_FIRST, exit_code_of
from workbench.ui.actions import BY_ID
from workbench.ui.attachments import attach

if TYPE_CHECKING:
    from workbench.config.at_hand import SettingsAtHand
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.documents.passages import Passage

PROMPT: Final = "> "
TWICE_SECONDS: Final = 2.0  # within which a second interrupt ends the conversation
_LOGGER = logging.getLogger(__name__)


class Conversing:
    """Asks what comes of `typed` and writes to `lines`. `report` makes a line of a fault of this program."""

    def __init__(
        self,
        conversation: Conversation,
        typed: TypedLines,
        lines: Lines,
        report: Callable[[BaseException], str],
        settings: SettingsAtHand,
        *,
        asks: Lines | None = None,
        answerer: str | None = None,
    ) -> None:
        """`asks` is where the person sees a prompt, None where nobody sees one; `answerer` is named where no model
        answers."""
        self._conversation = conversation
        self._typed = typed
        self._lines = lines
        self._report = report
        self._asks = asks
        self._answerer = answerer
        self._performing = Performing(conversation, lines, settings)
        self._codes: set[int] = {0}
        self._ended_by: int | None = None  # a signal
        self._interrupted = float("-inf")
        self._loop = asyncio.get_running_loop()
        typed.on_early = self._came_early
        self._hear()

    @property
    def _is_shared(self) -> bool:
        """Whether what is typed is shown among the lines."""
        return self._asks is self._lines

    def show(self, turn: Turn) -> None:
        """Write a turn that was asked earlier."""
        self._lines.line(f"{PROMPT}{turn.prompt}")
        written = TurnLines(self._lines, self._answerer)
        for event in turn.events:
            written.event(event)
        written.finish(turn, sources_of(turn))

    async def run(self) -> int:
        """Ask until nothing more comes; return the exit code.

        At a terminal that is 0 however turns ended, which was seen there; of a pipe it is the worst of its turns
        and commands.
        """
        try:
            while self._ended_by is None:
                text = await self._next()
                is_command = text.startswith("/")
                question = self._perform(text) if is_command else text
                if question is not None:
                    await self._turn(question, self._performing if is_command else None)
                    if not self._typed.at_terminal and INTERRUPTED in self._codes:
                        break
        except (Ended, Quit):
            pass
        finally:
            for each in (self._lines, self._asks):
                if each is not None:
                    each.end_text()
        if self._ended_by is not None:
            return self._ended_by
        if self._typed.is_cut:
            self._codes.add(USAGE)
        worst = next(code for code in WORST_FIRST if code in self._codes)
        return 0 if self._typed.at_terminal else worst

    def _perform(self, text: str) -> str | None:
        """Carry out a line that begins with a slash; the question that is to be asked now, if one is. Raises Quit."""
        question = self._performing.run(text)
        if self._performing.refused:
            self._codes.add(USAGE)
        if self._performing.failed:
            self._codes.add(FAILED)
        return question

    async def _next(self) -> str:
        """The next line in which something stands. Raises Ended or Quit."""
        while True:
            prompt = self._asks if not self._typed.waits else None
            if prompt is not None:
                prompt.prompt(PROMPT)
            try:
                text = await self._typed.next()
            except Interrupted:
                if self._ended_by is not None:
                    raise Quit from None
                (self._asks or self._lines).line("note: Ctrl+C again ends the conversation; so does Ctrl+D")
                continue
            if prompt is not None:
                prompt.typed()
            text = text.strip().encode("utf-8", "replace").decode("utf-8")
            if text and prompt is not self._lines:
                self._lines.line(f"{PROMPT}{text}")
            if text:
                return text

    async def _turn(self, question: str, command: Performing | None) -> None:
        """Ask a question, which is that of the turn that a `command` asks again, if one does."""
        again, changes = (None, Changes()) if command is None else (command.again, command.changes)
        written = TurnLines(self._lines, self._answerer)
        try:
            attached = await self._attached(question)
            asked = self._conversation
            begun = asked.ask(question, attached) if again is None else asked.again(again, changes, attached)
            async with aclosing(begun) as events:
                async for event in events:
                    written.event(event)
            turn = self._conversation.turns[-1]
            written.finish(turn, await asyncio.to_thread(sources_of, turn))
            if is_liftable(turn):
                self._lines.line(f"note: /{BY_ID['lift'].command} goes on past that limit")
        except (OutputError, BrokenPipeError):
            raise
        except Exception as error:
            _LOGGER.error("a turn failed by a fault of this program", exc_info=error)
            self._lines.line(self._report(error))
            self._codes.add(FAILED)
        else:
            self._codes.add(exit_code_of(turn))

    async def _attached(self, question: str) -> list[Passage]:
        """The documents that the question names; what they are is said, and why any cannot be sent."""
        if "@" not in question:
            return []
        found = await asyncio.to_thread(attach, question)
        for each in found:
            if each.problem:
                self._lines.line(f"note: @{each.named.shown} is not attached: it {each.problem}")
        if names := [each.named.shown for each in found if not each.problem]:
            self._lines.line(f"note: attached {', '.join(names)}")
        return list({passage.id: passage for each in found for passage in each.passages}.values())

    def _came_early(self, text: str) -> None:
        if self._is_shared:
            self._lines.typed()
        if text.strip():
            self._lines.later(f"next: {text.strip()}")

    # -- signals -----------------------------------------------------------------------------------------

    def _hear(self) -> None:
        """Take the signals of an interrupt and of the end; one that is ignored, as `nohup` does it, stays so."""
        for number, act in (
            (signal.SIGINT, self._interrupt),
            (signal.SIGTERM, self._end),
            (signal.SIGHUP, self._end),
        ):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._loop.add_signal_handler(number, act, number)

    def _interrupt(self, _: signal.Signals) -> None:
        """Cancel the turn; at the prompt end the conversation, the second time."""
        if self._is_shared:  # where ^C is shown
            self._lines.break_text()
        if self._conversation.cancel():
            for text in self._typed.drop():
                self._lines.later(f"not asked: {text}")
            return
        now = self._loop.time()
        if now - self._interrupted < TWICE_SECONDS or not self._typed.at_terminal:
            self._ended_by = INTERRUPTED
        self._interrupted = now
        self._typed.interrupt()

    def _end(self, number: signal.Signals) -> None:
        self._ended_by = SIGNALLED + number
        self._conversation.cancel()
        self._typed.interrupt()
