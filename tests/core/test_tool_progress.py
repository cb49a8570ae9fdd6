"""What a running call tells: paced where it is much, shown in the trace, kept in the session and told again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.core.keeping import came_back, kept, session
from tests.core.test_replay import played
from tests.core.test_sessions_resume import ANSWER, CALL
from tests.loopback import stream
from workbench.conversation.turn import Turn
from workbench.events import Event, ToolProgress, ToolResult
from workbench.tools.runner import Progress, Report
from workbench.tools.telling import AT_ONCE, EVERY, LONGEST, MOST, Telling


@dataclass
class Times:
    """A clock that is set by hand, and what is to happen later."""

    now: float = 0.0
    due: list[Due] = field(default_factory=list)

    def later(self, seconds: float, what: Callable[[], None]) -> Due:
        self.due.append(due := Due(self.now + seconds, what))
        return due

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        for each in [each for each in self.due if each.at <= self.now]:
            self.due.remove(each)
            if not each.is_cancelled:
                each.what()


@dataclass
class Due:
    at: float
    what: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


def _telling() -> tuple[Telling, Times, list[Progress]]:
    times, told = Times(), list[Progress]()
    return Telling(told.append, times.later, lambda: times.now), times, told


def test_what_is_told_slowly_is_told_at_once() -> None:
    telling, times, told = _telling()
    for number in range(100):
        telling.report(Progress(str(number)))
        times.pass_(EVERY)
    assert [each.text for each in told] == [str(number) for number in range(100)]


def test_of_what_is_told_fast_the_last_comes_when_its_time_has_come() -> None:
    telling, times, told = _telling()
    for number in range(1_000):
        telling.report(Progress(str(number), done=number, total=1_000))
    assert len(told) == AT_ONCE
    times.pass_(EVERY)
    assert (told[-1].text, told[-1].done) == ("999", 999)
    times.pass_(10)
    assert len(told) == AT_ONCE + 1


def test_lines_of_a_log_that_are_left_out_are_counted() -> None:
    telling, times, told = _telling()
    for number in range(AT_ONCE + 5):
        telling.report(Progress(f"line {number}", level="info"))
    times.pass_(EVERY)
    assert told[-1].text == f"… 4 lines left out … line {AT_ONCE + 4}"


def test_the_last_report_is_not_lost_when_the_call_ends() -> None:
    telling, times, told = _telling()
    for number in range(50):
        telling.report(Progress(str(number)))
    telling.end()
    times.pass_(10)
    assert [each.text for each in told] == [*(str(number) for number in range(AT_ONCE)), "49"]


def test_there_is_an_end_to_what_one_call_tells() -> None:
    telling, times, told = _telling()
    for _ in range(2 * MOST):
        telling.report(Progress("x" * 2 * LONGEST))
        times.pass_(1)
    telling.end()
    assert len(told) == MOST + 1
    assert {len(each.text) for each in told} == {LONGEST}


class Tells:
    """A tool that tells how far it is."""

    def definitions(self) -> list[dict[str, Any]]:
        return [{"type": "function", "function": {"name": "hours"}}]

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        report(Progress("asking", done=1, total=2))
        report(Progress("careful", level="warning"))
        return ToolResult(id=call_id, name=name, arguments=arguments, result="open")


def _told(turn: Turn) -> list[list[dict[str, Any]]]:
    calls = [call for step in turn.trace.steps for call in step.calls]
    return [[asdict(each) | {"t": 0} for each in call.progress] for call in calls]


async def test_what_a_call_tells_is_in_its_trace_kept_and_told_again() -> None:
    events = list[Event]()
    async with kept([stream(CALL), stream(ANSWER)]) as (conversation, _):
        conversation.toolbox = Tells()
        turn = await conversation.run("q", on_event=events.append)
    assert sum(isinstance(event, ToolProgress) for event in events) == 2 * len(_told(turn))
    calls = _told(turn)
    assert [(each["text"], each["done"], each["total"], each["level"]) for each in calls[0]] == [
        ("asking", 1, 2, ""),
        ("careful", None, None, "warning"),
    ]
    [restored] = came_back(session())
    assert _told(restored.turn) == calls
    [again], events = await played(session())
    assert _told(again) == calls
    assert sum(isinstance(event, ToolProgress) for event in events) == 2 * len(calls)
