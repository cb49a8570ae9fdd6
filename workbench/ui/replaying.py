"""A recording that is played on the screen: on and back, at any pace, event by event.

Owns where one is in it, the pace, and where it pauses. Going on hands events to the panes as a turn does that runs;
going back, or far ahead, has them draw the turn as it was. Nothing is sent, and no tool is run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.worker import Worker

from workbench.conversation.turn_again import TurnAgain
from workbench.errors import did_you_mean
from workbench.sessions.reel import Place, Unit
from workbench.ui.arrangement import PaneName
from workbench.ui.messages import TurnRewound
from workbench.ui.panes.events_pane import EventsPane
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.following import FollowingView
from workbench.ui.widgets.replay_line import Position, ReplayLine

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.sessions.played import PlayedTurn
    from workbench.sessions.played_conversation import PlayedConversation
    from workbench.ui.asking import Asking
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage

ONE_BY_ONE: Final = 64  # events that are handed on as they came, where one goes ahead
SLICE_SECONDS: Final = 0.01  # of going somewhere, or of playing, before keys get their turn
FOLDED_TOGETHER: Final = 50  # events between two looks at the clock
LINE_SECONDS: Final = 0.05  # between two changes of the line that says where one is, while it plays
MOST_KEPT: Final = 4  # turns in which going back stays cheap
FASTEST: Final = 1024.0
PLACEHOLDER: Final = "a replay: / for its commands"


class Replaying:
    """Plays the recording of `conversation`. `speed` is how many times as fast, 0 as fast as the screen can.

    It pauses behind each event of a kind of `breaks`. `answerer` names what answered a turn when no model did. `sleep`
    and `clock` stand for time.
    """

    def __init__(
        self,
        stage: Stage,
        asking: Asking,
        navigation: Navigation,
        conversation: PlayedConversation,
        *,
        speed: float,
        breaks: frozenset[str],
        answerer: Callable[[PlayedTurn], str | None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stage = stage
        self._asking = asking
        self._navigation = navigation
        self._conversation = conversation
        self._reel = conversation.reel
        self._answerer = answerer
        self._sleep = sleep
        self._clock = clock
        self.speed = speed
        self.breaks = set(breaks)
        """The kinds of events behind which it pauses."""
        self.is_playing = False
        self._at: Place | None = None  # None until it has begun
        self._again: dict[int, TurnAgain] = {}
        self._target: Place | None = None  # where one is on the way to
        self._journey: Iterator[None] = iter(())
        self._worker: Worker[None] | None = None
        self._line_due = 0.0
        self.keys = frozenset(stage.keymap.pressed("replay"))
        """The keys that mean something in a replay."""
        self.line = stage.replay_line = ReplayLine(id="replay-line")
        stage.status.is_live = False
        stage.prompt.placeholder = stage.prompt.invitation = PLACEHOLDER
        stage.prompt.led = stage.keymap.pressed("replay")
        self._actions: dict[str, Callable[[str], object]] = {
            "play": lambda _: self.toggle(),
            "play-here": lambda _: self.toggle(),
            "event-on": partial(self._step, "event", 1),
            "event-back": partial(self._step, "event", -1),
            "frame-on": partial(self._step, "frame", 1),
            "frame-back": partial(self._step, "frame", -1),
            "call-on": partial(self._step, "call", 1),
            "call-back": partial(self._step, "call", -1),
            "break": self._break,
            "faster": lambda _: self._at_speed(min(FASTEST, self.speed * 2)),
            "slower": lambda _: self._at_speed(self.speed / 2 if self.speed else FASTEST),
            "speed": self._set_speed,
            "goto": self._goto,
        }

    # -- what a person does ------------------------------------------------------------------------------

    def perform(self, id: str, rest: str = "") -> None:
        """Do what the action `id` is for; `rest` is what was typed after its slash command."""
        if self._at is not None:
            self._actions[id](rest)

    @property
    def busy(self) -> bool:
        """Whether it plays, or is on its way somewhere, or has not begun."""
        return self._at is None or self.is_playing or self._target is not None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of events that the recording has."""
        return tuple(self._reel.counts)

    @property
    def at(self) -> Place | None:
        """Where one is; None until it has begun."""
        return self._at

    def begin(self, *, paused: bool) -> None:
        """Show the first question, and play on from there unless it begins `paused`."""
        self._on(Place(), joined=False)
        if paused:
            self._rest()
        else:
            self.play()

    def toggle(self) -> None:
        """Play, or pause."""
        if not self.pause():
            self.play()

    def play(self) -> None:
        """Play on; from the beginning, where this is the end."""
        if self._at == self._reel.end and self._target is None:
            self._go(Place(), plays=True)
        else:
            self._play_from_here()

    def _play_from_here(self) -> None:
        if self._target is None:
            self.is_playing = True
            self._worker = self._stage.work(self._play, "replay")

    def pause(self) -> bool:
        """Stay here; return whether it played."""
        was_playing, self.is_playing = self.is_playing, False
        if was_playing:
            if self._worker is not None:
                self._worker.cancel()
            self._rest()
        return was_playing

    def go_to_event(self, turn: Turn, number: int) -> None:
        """Go behind an event of a turn, which count from 0."""
        found = next((at for at, each in enumerate(self._reel.turns) if each.turn.number == turn.number), None)
        if found is not None:
            self._go(self._reel.numbered(Place(found, 1), number + 1))

    def choose_break(self, kind: str) -> bool:
        """Pause behind events of this kind from now on, or no longer; return whether it does now."""
        self.breaks ^= {kind}
        self._show_line()
        return kind in self.breaks

    def _step(self, unit: Unit, by: int, _: str) -> None:
        from_here = self._target or self._at
        assert from_here is not None
        target = self._reel.moved(from_here, unit, by)
        if target is not None:
            self._go(target)
        elif not self.pause():
            thing = {"event": "event", "frame": "frame", "call": "tool call"}[unit]
            self._stage.say(f"no {thing} comes {'behind' if by > 0 else 'before'} this in the recording")

    def _break(self, kind: str) -> None:
        kinds = self._reel.counts
        if not kind:
            from workbench.ui.screens.breaks import BreaksScreen

            self.pause()
            self._stage.open(BreaksScreen(kinds, self.breaks, self.choose_break))
        elif kind in kinds or kind in self.breaks:
            does = "pauses" if self.choose_break(kind) else "no longer pauses"
            self._stage.say(f"the replay {does} behind {kind}")
        else:
            hint = did_you_mean(kind, kinds) or "/break lists those that there are"
            self._stage.say(f"the recording has no event {kind!r}; {hint}", severity="warning")

    def _set_speed(self, typed: str) -> None:
        if typed:
            self._at_speed(0.0 if typed == "max" else min(FASTEST, float(typed.removesuffix("x"))))
        else:
            self._stage.say(f"it plays at {speed_in_words(self.speed)}; /speed N or max changes that")

    def _at_speed(self, speed: float) -> None:
        self.speed = speed
        if self.is_playing:
            self.play()
        self._show_line()

    def _goto(self, typed: str) -> None:
        here = self._target or self._at
        assert here is not None
        if not typed:
            self._stage.say("/goto takes the number of an event, a time as 1.5s, start or end")
        elif typed in ("start", "end"):
            self._go(Place() if typed == "start" else self._reel.end)
        elif typed.endswith("s"):
            self._go(self._reel.timed(here, float(typed[:-1])))
        else:
            self._go(self._reel.numbered(here, int(typed)))

    # -- going ---------------------------------------------------------------------------------------------

    def _go(self, target: Place, *, plays: bool = False) -> None:
        """Go there, at once where that takes no longer than a slice of time; one that `plays` does so from there on."""
        self.pause()
        self._target = target
        self._journey = self._towards(target)
        if not self._goes_on():
            self._worker = self._stage.work(partial(self._travel, plays=plays), "replay")
        elif plays:
            self._play_from_here()

    async def _travel(self, *, plays: bool) -> None:
        for _ in iter(self._goes_on, True):
            await asyncio.sleep(0)
        if plays:
            # Not from within the worker that playing takes the place of.
            self._stage.chat.call_later(self._play_from_here)

    def _goes_on(self) -> bool:
        """Go on for a slice of time; return whether one is there."""
        end = time.monotonic() + SLICE_SECONDS
        for _ in self._journey:
            if time.monotonic() > end:
                return False
        self._target = None
        self._rest()
        return True

    def _towards(self, target: Place) -> Iterator[None]:
        here = self._at
        assert here is not None
        is_here = self._turn_again(here.turn).at == here.events
        ahead = target.events - here.events if target.turn == here.turn else None
        if target.turn == here.turn + 1 and here.events == len(self._reel.turns[here.turn].kinds):
            ahead = target.events
        if is_here and ahead is not None and 0 <= ahead <= ONE_BY_ONE:
            self._bring_back()
            while self._at != target and (after := self._after()) is not None:
                self._on(after, joined=False)
                yield
            return
        for number in range(here.turn, target.turn):
            whole = self._reel.turns[number].turn
            self._stage.deliver("chat", TurnRewound(whole, whole.events[-1]))
            yield
        going = self._turn_again(target.turn)
        if going.at > target.events:
            going.back_towards(target.events)
        while going.at < target.events:
            for _ in range(min(FOLDED_TOGETHER, target.events - going.at)):
                going.on()
            yield
        self._at = target
        self._become(target, going.turn)
        self._stage.outside.began_anew()
        panes: list[PaneName] = list(self._stage.panes)
        for pane in panes:
            self._stage.deliver(pane, TurnRewound(going.turn, going.turn.events[-1]))

    def _bring_back(self) -> None:
        """Let the panes show the turn in which one goes on, wherever one looked meanwhile."""
        turn = self._conversation.turns[-1]
        if self._stage.tools.shown is not turn:
            self._navigation.show_beside(turn)

    def _after(self) -> Place | None:
        return self._reel.moved(self._at or Place(0, 0), "event", 1)

    def _on(self, place: Place, *, joined: bool) -> None:
        """Go on to the next event, which is at `place`, and hand it on to the panes."""
        going = self._turn_again(place.turn)
        if going.at >= place.events:
            going.back_towards(0)
        event = going.on()
        self._at = place
        if place.events == 1:
            self._become(place, going.turn)
        self._asking.show(going.turn, event, joined=joined)
        for cited in going.brought:  # the turn has them, and shows them when one comes back here
            self._asking.show(going.turn, cited, joined=joined)

    def _become(self, place: Place, turn: Turn) -> None:
        """The conversation is what it was there."""
        self._conversation.show(place, turn)
        self._stage.answered_by(self._answerer(self._reel.turns[place.turn]))
        self._stage.show_where(turn)

    def _turn_again(self, number: int) -> TurnAgain:
        going = self._again.pop(number, None) or TurnAgain(self._reel.turns[number].turn)
        self._again[number] = going  # the one that was used last is at the end
        while len(self._again) > MOST_KEPT:
            del self._again[next(iter(self._again))]
        return going

    # -- playing -------------------------------------------------------------------------------------------

    async def _play(self) -> None:
        try:
            await self._play_on()
        except Exception:
            self.is_playing = False  # one stays where the fault was
            raise

    async def _play_on(self) -> None:
        self._let_views_be(steady=False)
        self._bring_back()
        here = self._at or Place()
        began, turn, since, gave_way = self._clock(), here.turn, self._reel.seconds(here), time.monotonic()
        while (place := self._after()) is not None:
            if place.turn != turn:
                began, turn, since = self._clock(), place.turn, 0.0
            wait = began + (self._reel.seconds(place) - since) / self.speed - self._clock() if self.speed else 0.0
            if wait > 0:
                self._show_line()
                await self._sleep(wait)
                gave_way = time.monotonic()
            elif time.monotonic() - gave_way > SLICE_SECONDS:
                self._show_line_soon()
                await asyncio.sleep(0)
                gave_way = time.monotonic()
            self._on(place, joined=True)
            if (kind := self._reel.kind(place)) in self.breaks:
                self._stage.say(f"paused behind {kind}")
                break
        self.is_playing = False
        self._rest()

    # -- saying where ----------------------------------------------------------------------------------------

    def _rest(self) -> None:
        """One stays here: say where that is, and stand there in the events."""
        self._let_views_be(steady=True)
        self._show_line()
        self._stage.show_hints()
        chat = self._stage.chat
        chat.call_later(chat.view.come_to_rest)  # behind the events that are on their way to it
        events = self._stage.panes["events"]
        if isinstance(events, EventsPane) and self._at is not None:
            events.call_later(events.stand_on, self._at.events - 1)

    def _let_views_be(self, *, steady: bool) -> None:
        """Whether every view shows one event in one way, or moves on as rarely as it can."""
        for pane in self._stage.panes.values():
            body = pane.body() if isinstance(pane, Pane) else None
            if isinstance(body, FollowingView):
                body.is_steady = steady

    def _show_line_soon(self) -> None:
        if time.monotonic() > self._line_due:
            self._show_line()

    def _show_line(self) -> None:
        self._line_due = time.monotonic() + LINE_SECONDS
        if self._at is None:
            return
        count, total = self._reel.length(self._at)
        self.line.position = Position(
            event=self._at.events,
            count=count,
            kind=self._reel.kind(self._at),
            step=len(self._conversation.turns[-1].steps),
            seconds=self._reel.seconds(self._at),
            total=total,
            speed=speed_in_words(self.speed),
            stops=len(self.breaks),
            is_playing=self.is_playing,
        )


def speed_in_words(speed: float) -> str:
    """A speed as a person reads it."""
    return f"{speed:g}×" if speed else "max speed"
