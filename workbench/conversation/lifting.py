"""Going on past a limit of ours that stopped a turn: which one that was, and what it is raised to.

Values alone: `Conversation.again` runs the turn that goes on. Refuses limits of a server, and those on how much of one
answer is taken in: an answer that reaches these would not end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.conversation.options import MOST_REPEATS, MOST_SECONDS, MOST_STEPS, MOST_TOKENS
from workbench.conversation.spending import tokens_of_turn

if TYPE_CHECKING:
    from workbench.conversation.options import Options
    from workbench.conversation.turn import Turn


@dataclass(frozen=True, slots=True)
class Lift:
    """The setting `name`, which is the limit, and its `value` from now on."""

    name: str
    value: Any


def lift_of(turn: Turn, options: Options, in_all: int) -> Lift | None:
    """How the limit that stopped `turn` is raised so far that the turn goes on as long again as it may go by `options`.

    None when no limit that can be raised stopped it, or the limit is the highest there is. One that is high enough
    already stays as it is. `in_all` is how many tokens its conversation has used.
    """
    if turn.error is None or not is_liftable(turn):
        return None
    name = turn.error.limit
    most, now = _HIGHEST[name], getattr(options, name)
    if now is None:
        return Lift(name, None)
    reached = _reached(turn, in_all)[name]
    if now > reached:
        return Lift(name, now)
    raised = min(_RAISED[name](now, reached), most)
    return Lift(name, raised) if raised > reached else None


def is_liftable(turn: Turn) -> bool:
    """Whether a limit stopped the turn that can be raised."""
    return turn.error is not None and turn.error.limit in _RAISED


def _reached(turn: Turn, in_all: int) -> Mapping[str, float]:
    """How far a turn has come, of each limit."""
    return {
        "max_steps": len(turn.steps),
        "max_repeats": same_calls(turn) - 1,
        "max_time": turn.seconds,
        "max_tokens_turn": tokens_of_turn(turn),
        "max_tokens_total": in_all,
    }


def same_calls(turn: Turn) -> int:
    """How many of the last steps of a turn asked for the very same calls, one behind the other; 1 when none did."""
    count, last = 0, None
    for step in reversed(turn.steps):
        calls = [(call.name, call.parsed()) for call in step.message().tool_calls]
        if count and calls != last:
            break
        count, last = count + 1, calls
    return count


def _again(now: float, _: float) -> float:
    return 2 * now


def _further(now: float, reached: float) -> float:
    return reached + now


def _once_more(_: float, reached: float) -> float:
    return reached + 1


_RAISED: Final[Mapping[str, Callable[[Any, Any], float]]] = {
    "max_steps": _again,
    "max_repeats": _once_more,
    "max_time": _again,
    "max_tokens_turn": _further,
    "max_tokens_total": _further,
}
_HIGHEST: Final[Mapping[str, float]] = {
    "max_steps": MOST_STEPS,
    "max_repeats": MOST_REPEATS,
    "max_time": MOST_SECONDS,
    "max_tokens_turn": MOST_TOKENS,
    "max_tokens_total": MOST_TOKENS,
}
