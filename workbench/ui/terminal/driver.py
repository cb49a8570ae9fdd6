"""Textual's driver for Linux and macOS, with an output of ours that never makes the event loop wait.

Owns where bytes to the terminal go, what is read from it, that the app ends with it, or when a signal says so, and
that it stops and goes on as a shell wants it to.
Where the terminal cannot be opened once more (another user's, after `su`), bytes go the way of Textual: through a
thread, for which nothing is ever pending.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import constants
from textual.app import App
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from workbench.printing.exit_codes import SIGNALLED
from workbench.ui.terminal import ground, jobs, textual_inside
from workbench.ui.terminal.ending import Deadline, give_back
from workbench.ui.terminal.keyboard import Keyboard
from workbench.ui.terminal.output import TerminalOutput
from workbench.ui.terminal.outside import HasOutside, Outside, multiplexer
from workbench.ui.terminal.textual_inside import OpenDriver

if TYPE_CHECKING:
    from workbench.startup.first_keys import FirstKeys

CLOSING_SECONDS = 2.0
"""How long a terminal may take for the last bytes."""

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""What `kill`, a closed connection and an interrupted group of programs send. Ctrl+C is a key, and no signal."""

UNKNOWN_SIZE = (80, 24)
"""Columns and rows, where the terminal does not say: a serial line."""

READ_AT_ONCE = 65_536  # bytes; a terminal gives 4,096
LOOK_SECONDS = 0.1  # between two looks at whether the input is still ours
ALTERNATE_KEYS = 4
"""Of the Kitty keyboard protocol: tell also what a key writes with Shift, and which one it is on a Latin keyboard."""

OTHER_KEYS, NO_OTHER_KEYS = "\x1b[>4;1m", "\x1b[>4m"
"""Of xterm: tell also of keys with modifiers that are no character, such as Shift+Enter; tmux does it when it is asked
so, and knows nothing of Kitty's protocol."""

_KEYS_ASKED = re.compile(r"\x1b\[>([0-9]+)u\Z")

TOLD_TOGETHER_SECONDS = 0.05
"""Between two signals that were sent at once, such as those of `kill %1`, in the order in which they are handled."""

UNSTOPPED_SECONDS = 0.2  # after a stop that was none, until the terminal is taken again


class WorkbenchDriver(OpenDriver):
    """`pending` tells whether the terminal is behind; `when_drained` is called when it is not any more.

    `when_started` is called each time that the terminal is taken: after an editor or a stop it shows nothing of ours.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        self.when_drained: Callable[[], None] = _nothing
        self.when_started: Callable[[], None] = _nothing
        self._output: TerminalOutput | None = None
        self._is_gone = False
        self._is_ours = False  # else a shell, or an editor, has the terminal
        self._deadline = Deadline(self._give_back)
        self._told = app
        self._asks_other_keys = bool(multiplexer(os.environ)) and not constants.DISABLE_KITTY_KEY
        self._outside = app.outside if isinstance(app, HasOutside) else Outside()
        self._first_keys: FirstKeys | None = getattr(app, "first_keys", None)
        self._typed_before = 0  # bytes still to be read that came while Enter was made a new line
        self._keyboard: Keyboard | None = None  # Textual's own, where it is made differently
        self._events = asyncio.get_running_loop()
        super().__init__(app, **options)
        self._clock = jobs.LoopClock(self._events)
        # Being told to end leaves the terminal as at any other end. Besides, the loop is woken for every signal from
        # now on: one that another thread got would else wait until something happens.
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` does, and then it stays so
                self._events.add_signal_handler(number, self._end, number)
                signal.signal(number, self._deadline.begin)  # runs though the loop is held up; that is woken anyhow
        if signal.getsignal(signal.SIGQUIT) is not signal.SIG_IGN:
            self._events.add_signal_handler(signal.SIGQUIT, _nothing)
            signal.signal(signal.SIGQUIT, self._quit)

    @property
    def pending(self) -> bool:
        """Whether something written has not been taken by the terminal yet."""
        return self._output is not None and self._output.pending

    @property
    def _keys_given_back(self) -> str:
        return NO_OTHER_KEYS if self._asks_other_keys else ""

    def write(self, data: str) -> None:
        """Write `data` without waiting for the terminal; the app ends when that turns out to be gone."""
        data = _KEYS_ASKED.sub(_with_alternates, data) if data.startswith("\x1b[>") else data
        if self._output is not None:
            self._output.write(data)
            if self._output.gone:
                self._hung_up()
        elif self._is_ours and not self._is_gone:
            super().write(data)

    def run_input_thread(self) -> None:
        """Read until the input is given up; Textual runs this in a thread."""
        keyboard = self._keyboard
        if keyboard is None:
            super().run_input_thread()
            return
        while not self.exit_event.is_set():
            ready, _, _ = select.select((self.fileno,), (), (), LOOK_SECONDS)
            data = b""
            if ready:
                try:
                    data = os.read(self.fileno, READ_AT_ONCE)
                except BlockingIOError:  # another program took it, or has made the terminal non-blocking
                    continue
                except OSError:  # hung up, or not ours to read from any more: as good as the end
                    data = b""
                if not data:
                    self._hung_up()
                    return
            for message in keyboard.feed(self._with_enter(data)):
                self.process_message(message)
            for message in keyboard.tick():
                self.process_message(message)

    def _with_enter(self, data: bytes) -> bytes:
        """What was read, with Enter where the terminal made a new line of it before the program held it."""
        before, self._typed_before = self._typed_before, max(0, self._typed_before - len(data))
        return data[:before].replace(b"\n", b"\r") + data[before:]

    def process_message(self, message: Message) -> None:
        """Hand on what was read from the terminal, but for a size that it was not asked to tell."""
        if isinstance(message, Resize) and not self.size_is_told:
            return  # nobody asked for it in this way, and it may say anything
        super().process_message(message)

    def start_application_mode(self) -> None:
        """Take the terminal, at the start and after a stop or an editor; the app ends when it has hung up meanwhile."""
        if not os.isatty(self.fileno):  # hung up while it was not ours
            self._hung_up()
            return
        if self._output is None:
            self._output = self._open()
        self._is_ours = True
        self.when_started()
        self._keyboard = _keyboard()
        if self._keyboard is not None:
            self._keyboard.expects_name = self._outside.asks_name
        first_keys, self._first_keys = self._first_keys, None
        if first_keys is not None:
            self._typed_before = first_keys.typed
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if first_keys is not None:  # what Textual has found is not what was before
            self.attrs_before = first_keys.before
            first_keys.hand_over()
        if self._asks_other_keys:
            self.write(f"{OTHER_KEYS}\x1b[m")  # some might take it for colours
        self._outside.taken(self.write)
        self._ask_for_ground()
        # Textual reads the size while it handles the signal, where another may interrupt it: the older size is then
        # told last, and stays.
        self._events.add_signal_handler(signal.SIGWINCH, self._resized)

    def _ask_for_ground(self) -> None:
        """Ask the terminal whether it is dark; nobody waits for its answer, which may be another after a stop."""
        if self._keyboard is not None and self.input_tty and ground.can_be_asked(os.environ):
            self._keyboard.expect_ground()
            self.write(ground.QUESTION)

    def stop_application_mode(self) -> None:
        """Give the terminal back, and wait up to `CLOSING_SECONDS` until it has taken all that was written."""
        # The colours in which the last cell was written are not the shell's.
        self.write(f"{self._keys_given_back}\x1b[m{self._outside.given_back()}")
        super().stop_application_mode()
        if self._output is not None:
            self._output.drain(CLOSING_SECONDS)

    def close(self) -> None:
        """Let go of the terminal for good."""
        self._is_ours = False
        if not self._is_gone:  # else its thread, if it was of use, has died, and would be waited for
            super().close()
        if self._output is not None:
            self._output.close()
            self._output = None

    def _open(self) -> TerminalOutput | None:
        try:
            assert sys.__stderr__ is not None
            return TerminalOutput(sys.__stderr__.fileno(), self._events, self._is_drained)
        except OSError:
            return None

    def terminal_size(self) -> tuple[int, int]:
        """Columns and rows of the terminal that is drawn on, wherever standard output goes.

        `COLUMNS` and `LINES` are not asked: they may be out of date.
        """
        size = os.terminal_size((0, 0))
        with contextlib.suppress(OSError):
            assert sys.__stderr__ is not None
            size = os.get_terminal_size(sys.__stderr__.fileno())
        return size.columns or UNKNOWN_SIZE[0], size.lines or UNKNOWN_SIZE[1]

    def _resized(self) -> None:
        if not self.size_is_told:  # else the terminal says it
            size = Size(*self.terminal_size())
            super().process_message(Resize(size, size))

    def _end(self, number: signal.Signals) -> None:
        self._leave_in_background()
        self._told.exit(return_code=SIGNALLED + number)

    def _quit(self, number: int, _: object) -> None:
        """A signal handler: end by this signal, as if nobody had handled it, but for the terminal."""
        self._give_back()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def _hung_up(self) -> None:
        """The terminal is gone, from whatever thread that is seen: end as if its SIGHUP had come, which may not."""
        self._is_gone = True
        self._deadline.begin(signal.SIGHUP)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._events.call_soon_threadsafe(self._end, signal.SIGHUP)

    def _give_back(self) -> None:
        if self._first_keys is not None:
            self._first_keys.give_back()
        elif self._is_ours and jobs.in_foreground(self.fileno):
            give_back(self.fileno, self.attrs_before, self._keys_given_back + self._outside.given_back())

    def _is_drained(self) -> None:
        self.when_drained()

    def stop(self) -> bool:
        """Give the terminal back and stop, as Ctrl+Z does it to other programs; not where nobody would go on with us.

        Returns whether it did, when the program goes on.
        """
        if not jobs.can_be_continued():
            return False
        self.suspend_application_mode()
        self.remember_stop()
        with self._clock.standing():
            jobs.stop_group()
        self._events.call_later(UNSTOPPED_SECONDS, self._take_if_unstopped)
        return True

    def _take_if_unstopped(self) -> None:
        """Whoever would have continued us may have ended just then, and the system has not stopped us."""
        if not self._is_ours and self.takes_terminal_again:
            self._continue()

    def told_to_stop(self) -> None:
        """Stop, and not in the middle of a frame: a signal may come while one is being written."""
        if self.takes_terminal_again:
            self._events.call_soon_threadsafe(self._stop_alone)
        else:  # an editor has the terminal, and was stopped by a key
            jobs.stop_if_continued()

    def _stop_alone(self) -> None:
        with self._clock.standing():
            super().told_to_stop()

    def told_to_go_on(self) -> None:
        """Go on and take the terminal again; after `bg`, stop again: without it nothing could be shown.

        That is looked at here, before anything is written. One that was told to end meanwhile does so instead, though
        another thread may still have to hand on that signal.
        """
        if not (self._deadline.began or jobs.in_foreground(self.fileno)):
            time.sleep(TOLD_TOGETHER_SECONDS)
        if self._deadline.began:
            self._leave_in_background()
        elif not (self.takes_terminal_again and self._stopped_in_background()):
            self._events.call_soon_threadsafe(self._continue)

    def _leave_in_background(self) -> None:
        if not jobs.in_foreground(self.fileno):
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # what is still to be said does not stop us either
            self._events.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        """Let go of the terminal without a word: another has it, and has set it as it needs it."""
        self.attrs_before = None
        self.exit_event.set()
        if self._is_ours:
            self.close()

    def _stopped_in_background(self) -> bool:
        """Stop again where `bg` had the program go on; whether that was so."""
        if jobs.in_foreground(self.fileno) or not jobs.can_be_continued():
            return False
        with self._clock.standing():
            jobs.stop_group(signal.SIGTTOU)
        return True

    def _continue(self) -> None:
        """Take the terminal again; one that was stopped without a word (SIGSTOP) has not let it go."""
        if self._deadline.began:  # a terminal that is closed says so with SIGHUP and SIGCONT
            return
        if self._stopped_in_background():
            return
        if self.takes_terminal_again and not self.was_stopped:
            self.suspend_application_mode()
        super().told_to_go_on()


def _keyboard() -> Keyboard | None:
    """What reads keys as ours does; None where this Textual is made differently."""
    return None if textual_inside.missing(textual_inside.KEYBOARD) else Keyboard()


def _with_alternates(asked: re.Match[str]) -> str:
    """What Textual asks the terminal to tell of keys, and the alternates."""
    return f"\x1b[>{int(asked[1]) | ALTERNATE_KEYS}u"


def _nothing() -> None:
    """Nobody waits."""
