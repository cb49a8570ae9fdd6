"""Whose the time of a turn was: the model's, the tools', a person's. Each moment of a turn is counted once.

Owns the rule by which moments are given out, so that the shares of a turn add up to it. Knows nothing of screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from workbench.conversation.spans import Span, joined

if TYPE_CHECKING:
    from workbench.conversation.trace import CallTrace, StepTrace, Trace

_A_SECOND: Final = 1_000_000  # of what is counted in: times of events have no smaller digits


@dataclass(frozen=True, slots=True)
class Times:
    """The shares of a turn, in seconds, and their sum, which is how long it took so far.

    A moment is `tools` when at least one call ran in it; else `person` when one was asked; else `model` when a request
    was out, from its sending to the end of its message, with the waits before it is sent again; else `rest`: documents
    were looked for, servers of tools started, something was written down. `start` is how much of the rest was before
    the first request.
    """

    model: float = 0.0
    tools: float = 0.0
    person: float = 0.0
    rest: float = 0.0
    total: float = 0.0
    start: float = field(default=0.0, compare=False)


def times_of(steps: Sequence[StepTrace], total: float, before: Sequence[Span] = ()) -> Times:
    """The shares of the first `total` seconds of a turn with these steps, to the microsecond.

    `before` is when a person was asked before the first of them.
    """
    end = _counted(total)
    tools = list(_clipped((span for step in steps for call in step.calls for span in ran(call, total)), end))
    of_calls = (span for step in steps for call in step.calls for span in asked(call, total))
    person = list(_clipped((*before, *of_calls), end))
    model = list(_clipped((sent(step, total) for step in steps), end))
    first = min([end, *(int(began) for began, _ in model[:1])])
    ran_for = _length(tools)
    with_person = _length(tools + person)
    with_model = _length(tools + person + model)
    return Times(
        model=_seconds(with_model - with_person),
        tools=_seconds(ran_for),
        person=_seconds(with_person - ran_for),
        rest=_seconds(end - with_model),
        total=_seconds(end),
        start=_seconds(first - _length(_clipped(before, first))),
    )


def sent(step: StepTrace, total: float) -> Span:
    """From when to when the model had the step's request; one that has not ended has it until `total`."""
    return step.began, total if step.model_ended is None else step.model_ended


def ran(call: CallTrace, total: float) -> Iterator[Span]:
    """When a call ran: not, or from when to when; one that still runs does so until `total`."""
    if call.ran is not None:
        yield call.ran
    elif call.state == "running":
        yield call.began, total


def asked(call: CallTrace | Trace, total: float) -> Iterator[Span]:
    """When a person was asked about a call, or before there was one in the turn; a question that is still open stands
    there until `total`."""
    yield from call.asked
    if call.asked_since is not None:
        yield call.asked_since, total


def _counted(seconds: float) -> int:
    return round(seconds * _A_SECOND)


def _seconds(counted: float) -> float:
    return counted / _A_SECOND


def _clipped(spans: Iterable[Span], end: int) -> Iterator[Span]:
    for began, ended in spans:
        first, last = max(0, _counted(began)), min(end, _counted(ended))
        if first < last:
            yield first, last


def _length(spans: Iterable[Span]) -> float:
    return sum(ended - began for began, ended in joined(spans))


def rounded(times: Times, digits: int = 1) -> Times:
    """The shares with so many digits behind the point, so that they still add up to the total, rounded too.

    What is left over when each is cut goes to those of which most was cut.
    """
    unit: int = 10**digits
    exact = {name: getattr(times, name) * unit for name in ("model", "tools", "person", "rest")}
    shares = {name: int(value + _ALMOST) for name, value in exact.items()}
    total = round(times.total * unit)
    by_cut = sorted(shares, key=lambda name: shares[name] - exact[name])
    for name in by_cut[: max(0, total - sum(shares.values()))]:
        shares[name] += 1
    return Times(**{name: share / unit for name, share in shares.items()}, total=total / unit, start=times.start)


_ALMOST: Final = 1e-6  # of a unit: what a binary fraction may lack
