"""What a terminal shows outside of its screen: the window's title, the progress of a turn, a bell or a notification.

Owns the sequences for it, which terminals know them, and when a person is called who looks elsewhere. All of it is
given back when the terminal is. Nothing is written while an answer streams, or while nothing happens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, Protocol, runtime_checkable

from textual.message import Message

from workbench.safe_text import safe_line
from workbench.ui.terminal import ground

PUSH_TITLE, POP_TITLE = "\x1b[22;0t", "\x1b[23;0t"
"""xterm's stack of titles: what was there before comes back. A terminal without one keeps the last title."""

ASK_FOCUS: Final = "\x1b[?1004$p"
"""Whether the terminal tells when it gets and loses the focus; one that does not know the question says nothing."""

ASK_NAME: Final = "\x1b[>q"
"""What the terminal is, with its version: SSH passes on no variable that says so."""

BEGUN, OVER = "\x1b]9;4;3;0\x1b\\", "\x1b]9;4;0;0\x1b\\"
"""ConEmu's progress: of a length that is not known, and none."""

BELL: Final = "\x07"
TITLE: Final = "Workbench"
LONGEST_TITLE: Final = 60  # characters of a question
VTE_WITH_PROGRESS: Final = 8_000
KONSOLE_WITH_PROGRESS: Final = 250_400
ITERM_WITH_PROGRESS: Final = (3, 6, 6)
PROGRESS_BY_NAME: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "ghostty": (1,),
        "iterm2": ITERM_WITH_PROGRESS,
        "kitty": (0, 38),
        "konsole": (25, 4),
        "mintty": (3,),
        "vte": (VTE_WITH_PROGRESS,),
        "wezterm": (),
    }
)
"""Terminals by the names that they answer with, and from which version on each shows progress, or lets it be."""

_NAME_ANSWER: Final = re.compile(r"\x1bP>\|([^\x00-\x1f\x7f]{1,100})\x1b\\")
_FOCUS_ANSWER: Final = re.compile(r"\x1b\[\?1004;([0-4])\$y")
_NOT_KNOWN: Final = frozenset("04")  # a mode that is not there, or off for good
_KNOWS_PROGRESS: Final = frozenset({"ghostty", "wezterm", "mintty", "xterm-ghostty"})

Notify = Literal["off", "bell", "notification"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the settings say. `progress` None shows it where the terminal is known to understand it.

    `notify` is how a person is called who looks elsewhere, when a turn took `notify_after` seconds or longer.
    """

    title: bool = False
    progress: bool | None = False
    notify: Notify = "off"
    notify_after: float = 10.0


class FocusTold(Message):
    """The terminal has said whether it tells when it gets and loses the focus."""

    def __init__(self, *, is_told: bool) -> None:
        self.is_told = is_told
        super().__init__()


class NameTold(Message):
    """The terminal has said what it is, such as `kitty(0.42.1)` or `tmux 3.3a`."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__()


def name_told(answer: str) -> NameTold | None:
    """What an answer to `ASK_NAME` says; None for any other answer."""
    told = _NAME_ANSWER.fullmatch(answer)
    return NameTold(told[1]) if told else None


def focus_told(text: str) -> FocusTold | None:
    """What an answer to `ASK_FOCUS` among these keys says; None when there is none."""
    answer = _FOCUS_ANSWER.search(text)
    return FocusTold(is_told=answer[1] not in _NOT_KNOWN) if answer else None


def knows_progress(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is one that shows OSC 9;4 as progress.

    Others take it for the text of a notification (older iTerm2 and kitty, which say no version), or drop it: tmux and
    screen do, whatever is around them.
    """
    if multiplexer(environ):
        return False
    name, version = environ.get("TERM_PROGRAM", ""), environ.get("TERM_PROGRAM_VERSION", "")
    if environ.get("LC_TERMINAL"):  # which SSH forwards
        name, version = environ["LC_TERMINAL"], environ.get("LC_TERMINAL_VERSION", "")
    if name in ("iTerm.app", "iTerm2"):
        return _numbers(version) >= ITERM_WITH_PROGRESS
    return (
        bool(environ.get("WT_SESSION"))
        or environ.get("ConEmuANSI") == "ON"
        or bool({name.lower(), environ.get("TERM", "")} & _KNOWS_PROGRESS)
        or _numbers(environ.get("VTE_VERSION", "")) >= (VTE_WITH_PROGRESS,)
        or _numbers(environ.get("KONSOLE_VERSION", "")) >= (KONSOLE_WITH_PROGRESS,)
    )


def named_knows_progress(name: str) -> bool:
    """As `knows_progress`, of a terminal that calls itself so."""
    word = re.match(r"[A-Za-z]+2?", name)
    least = PROGRESS_BY_NAME.get(word[0].lower()) if word else None
    return least is not None and word is not None and _numbers(name[word.end() :]) >= least


class Outside:
    """Writes to the terminal whenever it is ours: between `taken` and `given_back`."""

    def __init__(self, wishes: Wishes = Wishes(), environ: Mapping[str, str] = MappingProxyType({})) -> None:
        takes_commands = ground.can_be_asked(environ)  # else they would be text on its screen
        self._asks = takes_commands and environ.get("TERM_PROGRAM") != "Apple_Terminal"  # which shows the last letter
        self._multiplexer = multiplexer(environ)
        self._has_title = wishes.title and takes_commands
        self._finds_out = wishes.progress is None and takes_commands
        self._has_progress = (wishes.progress is True and takes_commands) or (
            wishes.progress is None and knows_progress(environ)
        )
        self._notify: Notify = "bell" if wishes.notify == "notification" and not takes_commands else wishes.notify
        self._after = wishes.notify_after
        self._title = TITLE
        self._in_turn = False
        self._is_told_focus = False
        self._is_away = False
        self._write: Callable[[str], object] | None = None

    # -- the terminal ------------------------------------------------------------------------------------

    def taken(self, write: Callable[[str], object]) -> None:
        """The terminal is ours, and `write` writes to it."""
        self._write = write
        self._is_away = False  # whoever has just come back looks at it
        title = f"{PUSH_TITLE}{_title(self._title)}" if self._has_title else ""
        asking = ASK_FOCUS if self._notify != "off" and self._asks else ""
        asking += ASK_NAME if self.asks_name else ""
        progress = self._wrapped(BEGUN) if self._in_turn and self._has_progress else ""
        self._say(title + asking + progress)

    @property
    def asks_name(self) -> bool:
        """Whether the terminal is asked what it is."""
        return self._finds_out and self._asks

    def given_back(self) -> str:
        """The terminal is not ours any more: what makes it as it was."""
        if self._write is None:
            return ""
        self._write = None
        progress = self._wrapped(OVER) if self._in_turn and self._has_progress else ""
        return progress + (POP_TITLE if self._has_title else "")

    def name_told(self, name: str) -> None:
        """The terminal has said what it is: tmux and screen are between the one that shows something and us."""
        for multiplexer in ("tmux", "screen"):
            if name.lower().startswith(multiplexer):
                self._multiplexer = multiplexer
        if self._finds_out and not self._multiplexer and not self._has_progress and named_knows_progress(name):
            self._has_progress = True
            if self._in_turn:
                self.step_began()

    def focus_told(self, *, is_told: bool) -> None:
        """The terminal has said whether it tells its focus."""
        self._is_told_focus = is_told

    def focus_changed(self, *, is_away: bool) -> None:
        """The terminal has lost the focus, or got it."""
        self._is_told_focus, self._is_away = True, is_away

    # -- the turn ----------------------------------------------------------------------------------------

    def turn_began(self, question: str) -> None:
        """A question was asked: it is the title, and there is progress."""
        self._in_turn = True
        self._entitle(f"{question[:LONGEST_TITLE]}{'…' if len(question) > LONGEST_TITLE else ''} - {TITLE}")
        self.step_began()

    def step_began(self) -> None:
        """A request is sent: a terminal that forgets progress after a while is told again."""
        if self._has_progress:
            self._say(self._wrapped(BEGUN))

    def person_asked(self, what: str, seconds: float) -> None:
        """A person is waited for, so many seconds after the turn began."""
        self._call(f"{TITLE} asks you: {what}", seconds)

    def turn_ended(self, status: str, seconds: float) -> None:
        """The turn is over, which took so many seconds."""
        self._in_turn = False
        if self._has_progress:
            self._say(self._wrapped(OVER))
        self._call(f"{TITLE}: {status}", seconds)

    def began_anew(self) -> None:
        """Nothing is asked."""
        self._entitle(TITLE)

    def _entitle(self, title: str) -> None:
        self._title = title
        if self._has_title:
            self._say(_title(title))

    def _call(self, text: str, seconds: float) -> None:
        """Call a person who looks elsewhere, or of whom the terminal does not tell that."""
        if self._notify == "off" or seconds < self._after or (self._is_told_focus and not self._is_away):
            return
        if self._notify == "notification":
            self._say(self._wrapped(f"\x1b]9;{safe_line(text)}\x1b\\"))
        if self._notify == "bell" or self._multiplexer:  # which shows a bell in its list of windows
            self._say(BELL)

    def _wrapped(self, command: str) -> str:
        """A command for the terminal around tmux or screen, which they pass on where they may."""
        if self._multiplexer == "tmux":
            return "\x1bPtmux;" + command.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        if self._multiplexer == "screen":
            return "\x1bP" + command.removesuffix("\x1b\\") + "\x07\x1b\\"
        return command

    def _say(self, text: str) -> None:
        if self._write is not None and text:
            self._write(text)


@runtime_checkable
class HasOutside(Protocol):
    """An app that says something outside of its screen."""

    outside: Outside


def _title(text: str) -> str:
    return f"\x1b]2;{safe_line(text)}\x1b\\"


def multiplexer(environ: Mapping[str, str]) -> Literal["tmux", "screen", ""]:
    """What is between the terminal and us, as far as the environment says."""
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith("tmux"):
        return "tmux"
    return "screen" if environ.get("STY") or term.startswith("screen") else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]{1,9}", version))
