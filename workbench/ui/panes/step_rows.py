"""How the turn, its steps and what the model said in them look in the trace: heads, plans, thoughts, the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.content import Content

from workbench.plural import plural
from workbench.safe_text import safe_text
from workbench.ui.panes.call_rows import reason_lines
from workbench.ui.panes.cited_text import cited_content
from workbench.ui.panes.time_axis import Marked, seconds, tails
from workbench.ui.widgets.row import LONGEST_LINE, Row, beginning

if TYPE_CHECKING:
    from workbench.conversation.text_buffer import TextBuffer
    from workbench.conversation.times import Times
    from workbench.conversation.trace import StepTrace, Trace
    from workbench.conversation.turn import Turn
    from workbench.events import Cited, Retry

LEAST_TOLD: Final = 0.05  # seconds of a share of the turn,
LEAST_SHARE: Final = 0.05  # and how much of it what is nobody's has to be
ROOM_FOR_HINT: Final = 24  # cells at the end of an answer's line, from which on it says in words how to go there
LONGEST_ANSWER: Final = 20_000  # characters of an answer that is shown below its row


# -- the turn ------------------------------------------------------------------------------------------------


def times_in_words(turn: Turn, room: int) -> str:
    """`2.4 s  model 1.5 tools 0.9 asked you 8.2`: the time of the turn, once it is over, and whose it was; in fewer
    words where these do not fit `room` cells. As they are said, the shares add up to the time of the turn, but for
    what is nobody's, where that is little or there is no room for it."""
    if turn.trace.total is None:
        return ""
    from workbench.conversation.times import rounded  # not for the first paint

    exact, shown = turn.times, rounded(turn.times)
    said, rest = "", rest_in_words(exact)
    for names in (
        ("model", "tools", "asked you", rest),
        ("model", "tools", "you", rest),
        ("model", "tools", "you"),
    ):
        shares = zip(
            names,
            (exact.model, exact.tools, exact.person, exact.rest),
            (shown.model, shown.tools, shown.person, shown.rest),
            strict=False,
        )
        least = {rest: max(LEAST_TOLD, LEAST_SHARE * exact.total)}
        parts = [f"{name} {short:.1f}" for name, took, short in shares if took >= least.get(name, LEAST_TOLD)]
        said = "  ".join([f"{shown.total:.1f} s", *([" ".join(parts)] if parts else [])])
        if len(said) <= room:
            break
    return said


def rest_in_words(times: Times) -> str:
    """What to call the time that was nobody's: the start, where most of it was before the first request."""
    return "start" if times.start > times.rest / 2 else "rest"


def turn_row(turn: Turn) -> Row:
    """The turn: of how many steps and calls it is, how long it took and whose time that was, each in its colour."""
    trace = turn.trace
    calls = [call for step in trace.steps for call in step.calls]
    done = sum(call.state == "done" for call in calls)
    of_all = "" if done == len(calls) else f"{done:,} of "
    counts = [f"{of_all}{plural(len(calls), 'call')}{' done' if of_all else ''}"] if calls else []
    is_bad = of_all and trace.total is not None
    head = Content.assemble(
        (" turn  ", "bold"),
        ("".join(counts), "warning" if is_bad else "muted"),
        (" · " if counts else "", "muted"),
        (plural(len(trace.steps), "step"), "muted"),
    )
    total = trace.total
    spans = [] if total is None else list(_spans(trace, total))
    body = None if total is None else partial(_shares, turn)
    return Row(head, tails=tails(total, spans, total), body=body, indent=3)


def _spans(trace: Trace, total: float) -> Iterator[Marked]:
    """When the model, a person and tools had their time: what comes later is painted over what came before."""
    from workbench.conversation.times import asked, ran, sent

    steps = trace.steps
    calls = [call for step in steps for call in step.calls]
    yield from ((span, "waiting") for span in asked(trace, total))
    yield from ((sent(step, total), "model") for step in steps)
    yield from ((span, "waiting") for call in calls for span in asked(call, total))
    yield from ((span, "tool") for call in calls for span in ran(call, total))


def _shares(turn: Turn) -> Content:
    """Whose time the turn was, a line each, and their sum."""
    from workbench.conversation.times import rounded

    exact, shown = turn.times, rounded(turn.times, 2)
    lines = []
    for name, style, took, short in (
        ("model", "model", exact.model, shown.model),
        ("tools", "tool", exact.tools, shown.tools),
        ("asked you", "waiting", exact.person, shown.person),
        (rest_in_words(exact), "muted", exact.rest, shown.rest),
    ):
        if took or name in ("model", "tools"):
            share = f"{took / exact.total:.0%}" if exact.total else ""
            lines.append(Content.assemble(("━ ", style), f"{name:<10}{short:>9.2f} s", (f"{share:>6}", "muted")))
    lines.append(Content.assemble("  ", (f"{'turn':<10}{shown.total:>9.2f} s", "bold")))
    return Content("\n").join(lines)


# -- a step --------------------------------------------------------------------------------------------------


def step_row(turn: Turn, step: StepTrace) -> Row:
    """A step: how long the model took in it; of one that did not end, until the turn did."""
    total = turn.trace.total
    ended = total if step.model_ended is None else step.model_ended
    took = None if ended is None else ended - step.began
    spans: Sequence[Marked] = [] if ended is None else [((step.began, ended), "model")]
    made = turn.made_from
    whose = "  taken over" if made is not None and step.number <= made.step else ""
    head = Content.assemble((f" step {step.number}", "bold"), (whose, "muted"))
    return Row(head, tails=tails(took, spans, total))


def retry_row(event: Retry, total: float | None) -> Row:
    """A request that was sent again: which time, after how long, and why."""
    reason = str(event.error["message"])
    said = Content.styled(beginning(reason)[0], "warning")
    return Row(
        Content.assemble(
            (" ↻ ", "warning"),
            (f"retry {event.attempt} of {event.most}", "bold"),
            (f"  after {event.wait:.1f} s", "muted"),
        ),
        tails=tails(event.wait, [((event.t, event.t + event.wait), "waiting")], total),
        body=lambda: Content(safe_text(reason)),
        folded=partial(reason_lines, said),
    )


def thought_row(turn: Turn, step: StepTrace) -> Row:
    """How long was thought; it opens to what."""
    began, ended = step.thinking or (0.0, 0.0)
    return Row(
        Content.styled(f"   thought for {seconds(ended - began)} s", "muted"),
        body=lambda: Content(safe_text(turn.steps[step.number - 1].message().thinking.strip())),
        indent=5,
    )


def cited_in_plan(turn: Turn, step: StepTrace) -> list[Cited]:
    """The citations that rest in the plan of a step."""
    return [each for each in turn.citations if each.place == "plan" and each.step == step.number and each.is_sourced]


def plan_row(step: StepTrace, cited: Sequence[Cited]) -> Row:
    """The plan, as far as it has come."""
    line, rest = _beginning(step.plan)
    lead = len(line) - len(line.lstrip())
    return Row(
        Content.assemble(("   plan  ", "muted"), cited_content(line.strip(), cited, lead)),
        body=lambda: _plan_body(step.plan.text, cited),
        indent=5,
        head_rest=rest,
    )


def _plan_body(plan: str, cited: Sequence[Cited]) -> Content:
    return cited_content(safe_text(plan.strip()), cited, len(plan) - len(plan.lstrip()))


def _beginning(text: TextBuffer) -> tuple[str, int]:
    """As `beginning`, of a text that grows: it may be megabytes, and its row is made anew twenty times a second."""
    return beginning(text.slice(0, LONGEST_LINE))[0], max(0, len(text) - LONGEST_LINE)


def answer_row(turn: Turn, step: StepTrace, goes_there: str) -> Row:
    """What the step answers: its first line, and the key that goes there."""
    text = turn.steps[step.number - 1].message().text.strip()
    first, _, rest = text.partition("\n")
    line, left = beginning(first)
    return Row(
        Content.assemble(("   answer  ", "muted"), line),
        tails=tuple(Content.styled(hint, "muted") for hint in _hints(goes_there)),
        body=lambda: Content(safe_text(text[:LONGEST_ANSWER])),
        indent=5,
        head_rest=left + len(rest),
        repeats=True,
        copied=lambda: text,
    )


def _hints(goes_there: str) -> Iterator[str]:
    """What says how to go to the answer: where there is room for more of the answer too, in words, else the key."""
    if goes_there:
        yield f"{goes_there} goes there".rjust(ROOM_FOR_HINT)
        yield goes_there


def is_answering(turn: Turn, step: StepTrace) -> bool:
    """Whether the step has said something that is whole by now."""
    return step.model_ended is not None and turn.steps[step.number - 1].fold.text_length() > 0
