"""Looking for words in a view of lines: what is typed behind a slash, the hits, and walking from one to the next.

Owns typing the word, which hit one stands on, going around the ends, and that a long text is looked through in slices
of time. What stands where, and how a hit is shown, is for the views, which say it with the methods below.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from textual import events
from textual.message import Message

from workbench.safe_text import safe_line
from workbench.ui.markdown.needle import Needle
from workbench.ui.terminal.textual_inside import OpenApp
from workbench.ui.widgets.following import FollowingView

SLICE_SECONDS: Final = 0.008
LONGEST_PASTE: Final = 10_000  # characters of one that are looked at
"""So long is looked before keys and text get their turn,"""

BREATH_SECONDS: Final = 0.004
"""for so long."""

NEWS_SECONDS: Final = 0.2
"""What comes while an answer streams is looked through so often."""

LONGEST_WORD: Final = 200
"""Characters that may be looked for."""

FROM_TOP: Final = "from the top again"
FROM_END: Final = "from the end again"

CURSOR: Final = "▏"

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class SearchState:
    """What the last row says of a search: its `word`, which is being typed or kept, the hit one is on, counted from
    1, or 0 for none, and how many there are `so_far`; `said` is a word on how one got there."""

    word: str
    typing: bool
    here: int = 0
    total: int = 0
    so_far: bool = False
    said: str = ""

    @property
    def shown(self) -> str:
        """The line."""
        return f"/{safe_line(self.word)}{CURSOR if self.typing else ''}"

    @property
    def count(self) -> str:
        """How many there are."""
        if not self.word:
            return ""
        if not self.total:
            return "…" if self.so_far else "not found"
        number = f"{self.here:,} of {self.total:,}" if self.here else f"{self.total:,}"
        return f"{number}{'…' if self.so_far else ''}{f' · {self.said}' if self.said else ''}"


class SearchingView(FollowingView, Generic[Place]):
    """Lines that can be searched. `Place` is where one is in them, apart from any width."""

    class Searched(Message):
        """Sent when there is something new to say of the search in a view."""

        def __init__(self, view: SearchingView[Any]) -> None:
            self.view = view
            super().__init__()

        @property
        def control(self) -> SearchingView[Any]:
            """The view."""
            return self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._word: str | None = None
        self._typing = False
        self._from: Place | None = None  # where one was when one began to type
        self._seeking = False  # for the first hit from there on
        self._steps = 0  # to be walked as soon as it is known what is there
        self._whole = True  # all was looked through
        self._again: int | None = None  # a hit that is shown once more when that is so,
        self._waits = False  # and what it will be in has not come yet
        self._went_around = ""
        self._look_due: asyncio.TimerHandle | None = None
        self._said: SearchState | None = None
        self._told = 0.0

    # -- what a view says -------------------------------------------------------------------------

    def _look_for(self, needle: Needle | None) -> None:
        """Begin to look for something else; for nothing, when it is None."""
        raise NotImplementedError

    def _look_on(self, time_is_up: Callable[[], bool]) -> bool:
        """Look through more; return whether all was looked through."""
        raise NotImplementedError

    @property
    def _hit_count(self) -> int:
        """How many hits are known."""
        raise NotImplementedError

    @property
    def _hit_here(self) -> int | None:
        """The number of the hit that one stands on, counted from 0."""
        raise NotImplementedError

    def _hit_from(self, place: Place) -> int | None:
        """The first hit at a place or below it; None when none is known."""
        raise NotImplementedError

    def _show_hit(self, number: int) -> None:
        """Stand on a hit and bring it into view."""
        raise NotImplementedError

    def _where(self) -> Place:
        """Where one is."""
        raise NotImplementedError

    def _go_back(self, place: Place) -> None:
        """Show what was shown when one was at a place, and stand on no hit."""
        raise NotImplementedError

    # -- what a person does -----------------------------------------------------------------------

    @property
    def search(self) -> SearchState | None:
        """What there is to say of the search; None without one."""
        if self._word is None:
            return None
        here = self._hit_here if self._hit_count else None
        number = 0 if here is None else here + 1
        return SearchState(self._word, self._typing, number, self._hit_count, not self._whole, self._went_around)

    @property
    def is_typed_into(self) -> bool:
        """Whether one types what is looked for: keys of characters mean nothing else then."""
        return self._typing

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is written here."""
        return self._typing and character is not None and character.isprintable()

    def action_search(self) -> None:
        """Begin to type what is looked for."""
        self.forget_search()
        self.screen.set_focus(self)
        self._word, self._typing, self._from = "", True, self._where()
        self._tell()

    def action_next_hit(self, by: int) -> None:
        """Go to the next hit, or to the one before for -1; around the end, and that is said."""
        if self._word:
            self._steps += by
            self._went_around = ""
            self._advance()

    def action_half_page(self, by: int) -> None:
        """Scroll by half a page, up for -1."""
        self.scroll_to(y=self.scroll_offset.y + by * max(1, self._page // 2))

    def forget_search(self, *, back: bool = False) -> bool:
        """Take the search away, and go `back` to where one was; return whether there was one."""
        if self._word is None:
            return False
        place = self._from
        self._word, self._typing, self._from = None, False, None
        self._seeking, self._steps, self._whole, self._went_around = False, 0, True, ""
        self._again, self._waits = None, False
        if back and place is not None:
            self._go_back(place)
        self._look_for(None)
        self._stop_looking()
        self._tell()
        return True

    async def on_key(self, event: events.Key) -> None:
        """While one types what is looked for, keys write it, Enter keeps it, and Esc takes it away."""
        if not self._typing or self._word is None:
            return
        event.stop()
        event.prevent_default()
        match event.key:
            case "escape":
                self.forget_search(back=True)
            case "enter":
                self._keep()
            case "backspace" | "ctrl+h":
                if self._word:
                    self._type(self._word[:-1])
                else:
                    self.forget_search(back=True)
            case "ctrl+u":
                self._type("")
            case "ctrl+w":
                self._type(self._word.rstrip()[: self._word.rstrip().rfind(" ") + 1])
            case _ if event.is_printable and event.character:
                self._type(self._word + event.character)

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted while one types is looked for, its line ends as blanks."""
        if self._typing and self._word is not None:
            event.stop()
            event.prevent_default()
            self._type(self._word + " ".join(event.text[:LONGEST_PASTE].split()))

    def on_blur(self) -> None:
        """One went elsewhere: what was typed is kept. Where the terminal itself lost the focus, one goes on typing."""
        if self._typing and self.app.app_focus:
            self._keep()

    def _keep(self) -> None:
        if not self._word:
            self.forget_search(back=True)
            return
        self._typing = False
        self._tell()

    def _type(self, word: str) -> None:
        word = word[:LONGEST_WORD]
        if word == self._word:
            return
        self._again, self._waits = None, False
        self._word, self._went_around = word, ""
        if not word and self._from is not None:
            self._go_back(self._from)
        self._whole = not word
        self._look_for(Needle(word) if word else None)
        self._seeking, self._steps = bool(word), 0
        if word:
            self._look_now()
        else:
            self._tell()

    # -- looking ----------------------------------------------------------------------------------

    def _news(self) -> None:
        """There is more to look through, or something else: do so soon, if anything is looked for."""
        if self._word:
            self._look_soon(NEWS_SECONDS)

    def _look_soon(self, seconds: float) -> None:
        if self._look_due is None and self.is_attached:
            self._look_due = asyncio.get_running_loop().call_later(seconds, self._look_in_time)

    def _stop_looking(self) -> None:
        if self._look_due is not None:
            self._look_due.cancel()
            self._look_due = None

    def _look_in_time(self) -> None:
        try:
            if self.is_attached:
                self._look_now()
        except Exception as error:
            if not isinstance(self.app, OpenApp):
                raise
            self.app.fail(error)

    def _look_now(self) -> None:
        """Look for a moment, and go on soon when that was not enough."""
        self._stop_looking()
        if not self._word or self._waits:
            return
        end = time.perf_counter() + SLICE_SECONDS
        self._whole = self._look_on(lambda: time.perf_counter() >= end)
        self._advance()
        if not self._whole:
            self._look_soon(BREATH_SECONDS)

    def _show_again(self, number: int) -> None:
        """Show a hit once more, when what is about to come was looked through: it will stand elsewhere."""
        self._again = number
        self._wait()

    def _wait(self) -> None:
        """Look no further until other things stand here."""
        self._waits, self._whole = True, False

    def _came(self) -> None:
        """What stands here is other than it was: look through it at once, and show again what was to be."""
        self._waits = False
        if self._word:
            self._whole = False
            self._look_soon(BREATH_SECONDS)

    def _advance(self) -> None:
        """Go where one wants to, as far as that is known, and say where one is."""
        if self._again is not None:
            if not self._whole:
                return
            again, self._again = self._again, None
            if self._hit_count:
                self._show_hit(min(again, self._hit_count - 1))
        if self._seeking:
            self._seek()
        while self._steps and not self._seeking and self._again is None and self._walk_on(1 if self._steps > 0 else -1):
            pass
        self._tell()

    def _seek(self) -> None:
        """Show the first hit from where one began, around the end if need be."""
        assert self._from is not None
        number = self._hit_from(self._from)
        if number is None and not self._whole:
            return
        self._seeking = False
        if number is not None or self._hit_count:
            self._show_hit(number or 0)
        else:
            self._go_back(self._from)

    def _walk_on(self, by: int) -> bool:
        """Walk one hit on; return whether it is known which one that is."""
        count, here = self._hit_count, self._hit_here
        if here is None:
            at = self._hit_from(self._where())
            to = (count if at is None else at) + (by if by < 0 else 0)
        else:
            to = here + by
        around = not 0 <= to < count
        if around and not self._whole:
            return False
        self._steps -= by
        if not count:
            self._steps = 0
        else:
            self._went_around = "" if not around else FROM_TOP if by > 0 else FROM_END
            self._show_hit(to % count)
        return True

    def _tell(self) -> None:
        """Say what is new; of a count that goes on, not each time."""
        now, state = time.monotonic(), self.search
        if state == self._said or (state is not None and self._waits_to_tell(state, now)):
            return
        self._said, self._told = state, now
        self.post_message(self.Searched(self))

    def _waits_to_tell(self, state: SearchState, now: float) -> bool:
        """Whether only the count is new, while it goes on."""
        said = self._said
        is_same = said is not None and (state.word, state.typing, state.here) == (said.word, said.typing, said.here)
        return is_same and state.so_far and now < self._told + NEWS_SECONDS

    def on_unmount(self) -> None:
        """Look no more."""
        self._stop_looking()
