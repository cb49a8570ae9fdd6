"""How calls of tools look in the trace: one by itself, and those of one tool in a step together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.content import Content

from workbench.conversation.spans import joined
from workbench.safe_text import safe_line, safe_text
from workbench.ui.panes import values
from workbench.ui.panes.call_parts import FAILURES, told_content
from workbench.ui.panes.time_axis import Marked, tails
from workbench.ui.widgets.row import LONGEST_LINE, Row, beginning, cut

if TYPE_CHECKING:
    from workbench.conversation.trace import CallTrace
    from workbench.events import ToolResult

STATES: Final = {
    "writing": ("…", "writing", "muted"),
    "ready": ("○", "not run", "muted"),
    "running": ("⧗", "running", "accent"),
    "asking": ("⏸", "asks you", "warning"),
    "done": ("✓", "", "success"),
    "failed": ("✗", "failed", "error"),
    "denied": ("⊘", "denied", "warning"),
    "untrusted": ("⊘", "not trusted", "warning"),
    "refused": ("⊘", "refused", "warning"),
}
"""A glyph and a word for each state, and their style. What is done says so by having a result."""

WORST_FIRST: Final = ("asking", "running", "writing", "failed", "denied", "untrusted", "refused", "ready", "done")
INDENT: Final = 5
LINES_OF_CALL: Final = 2  # at least: its head, and what it was given or what came of it
MOST_PARSED: Final = 20_000  # characters of arguments that are read for a line
REASON_LINES: Final = 8  # of an error that is shown without opening its call
MOST_FAULTS: Final = 2  # of arguments, that are told without opening their call
MOST_REASONS: Final = 3  # different ones of calls that are folded together
MOST_EXAMPLES: Final = 12  # arguments of those


# -- one call ----------------------------------------------------------------------------------------------


def call_row(
    call: CallTrace, total: float | None, found: Callable[[], str], *, indent: int = 0, is_open: bool = False
) -> Row:
    """A call: its state and name, how long it ran and when; below, folded, its arguments and what came of it.

    `found` gives what can be found in what it holds.
    """
    result = call.result
    glyph, word, style = STATES[call.state]
    if result is not None and result.error is not None:
        word = FAILURES.get(result.error_kind, word)
    head = Content.assemble(
        " " * (indent + 1),
        (f"{glyph} ", style),
        (beginning(call.name)[0] or "(no name)", "bold"),
        (f"  {word}", style) if word else "",
    )
    ran = result is not None and not result.is_refused and not (call.asked and not result.seconds)
    duration = result.seconds if ran and result is not None else None
    below = INDENT + indent
    asked = _asked_in_words(call.person_seconds)
    return Row(
        head,
        tails=tails(duration, _spans(call), total),
        folded=partial(_lines, asked, below) if is_open else partial(_below, asked, _in_words(call), below),
        copied=partial(_came_of, call),
        holds=not is_open,
        found=None if is_open else found,
        said=None if is_open else beginning(call.name)[0],
        least=1 if is_open else LINES_OF_CALL,
    )


def _spans(call: CallTrace) -> list[Marked]:
    """When a person was asked about the call, and when it ran."""
    return [*((span, "waiting") for span in call.asked), *([(call.ran, "tool")] if call.ran is not None else [])]


@dataclass(frozen=True, slots=True)
class _InWords:
    """A call in a line or two: its arguments, how many characters of them were left out, and what came of it.

    Before there is a result, that is what the call told last. An error `wraps`, and is not cut.
    """

    arguments: Content
    rest: int
    outcome: Content | None = None
    arrow: str = "→ "
    wraps: bool = False


def _in_words(call: CallTrace) -> _InWords:
    arguments, rest = _arguments_in_words(call)
    result = call.result
    if result is not None:
        outcome = Content.styled(_outcome_in_words(result), _shade(result))
        return _InWords(Content(arguments), rest, outcome, wraps=result.error is not None)
    return _InWords(Content(arguments), rest, told_content(call.progress[-1]) if call.progress else None, "… ")


def _arguments_in_words(call: CallTrace) -> tuple[str, int]:
    if call.state != "writing" and len(call.arguments) <= MOST_PARSED:
        value = _read(call.arguments.text)
        if isinstance(value, dict):
            return values.in_a_line(value, ": "), 0
    return safe_line(call.arguments.slice(0, LONGEST_LINE)), max(0, len(call.arguments) - LONGEST_LINE)


def _outcome_in_words(result: ToolResult) -> str:
    if result.faults:
        return _faults_in_words(result.faults)
    if result.error is not None:
        return safe_line(" ".join(result.error[:LONGEST_LINE].split()))
    value = result.result
    if isinstance(value, str) and len(value) <= MOST_PARSED:
        read = _read(value)
        value = read if isinstance(read, dict | list) else value
    return values.in_a_line(value)


def _faults_in_words(faults: Sequence[Mapping[str, str]]) -> str:
    """The first faults of arguments, each with the last key of its place, and how many more there are."""
    told = [f"{fault.get('pointer', '').rpartition('/')[2]} {fault.get('reason', '')}" for fault in faults]
    more = f"; {len(told) - MOST_FAULTS} more" if len(told) > MOST_FAULTS else ""
    return safe_line("; ".join(each.strip()[:LONGEST_LINE] for each in told[:MOST_FAULTS]) + more)


def _asked_in_words(took: float) -> list[Content]:
    return [Content.styled(f"asked you {took:.1f} s", "waiting")] if took else []


def _below(asked: list[Content], said: _InWords, indent: int, width: int) -> list[Content]:
    """How long a person was asked, then arguments and result."""
    return _lines(asked, indent, width) + _arguments_and_outcome(said, indent, width)


def _lines(lines: Sequence[Content], indent: int, width: int) -> list[Content]:
    return [cut(line, max(2, width - indent)).pad_left(indent) for line in lines]


def _arguments_and_outcome(said: _InWords, indent: int, width: int) -> list[Content]:
    """Arguments and result on one line, where they have room; else one below the other."""
    room = max(2, width - indent)
    arguments, outcome, arrow = said.arguments, said.outcome, Content.styled(said.arrow, "muted")
    shown = [cut(arguments, room, said.rest).pad_left(indent)] if arguments.plain else []
    if outcome is None:
        return shown
    together = Content.assemble(arguments, "  ", arrow, outcome)
    if shown and not said.rest and together.cell_length <= room:
        return [together.pad_left(indent)]
    return [*shown, *_outcome_lines(arrow, outcome, room, indent, wraps=said.wraps)]


def reason_lines(reason: Content, width: int, *, indent: int = 3) -> list[Content]:
    """A reason that is not cut, unless it is very long: wrapped, below what it is a reason of."""
    return [line.pad_left(indent) for line in _wrapped(reason, max(2, width - indent))]


def _wrapped(reason: Content, room: int) -> list[Content]:
    lines = reason.wrap(room)
    if len(lines) <= REASON_LINES:
        return lines
    left = sum(len(line) for line in lines[REASON_LINES:])
    return [*lines[: REASON_LINES - 1], cut(lines[REASON_LINES - 1], room, left)]


def _outcome_lines(arrow: Content, outcome: Content, room: int, indent: int, *, wraps: bool) -> list[Content]:
    if not wraps:
        return [cut(arrow + outcome, room).pad_left(indent)]
    lines = _wrapped(outcome, max(2, room - 2))
    return [(arrow + line if at == 0 else line.pad_left(2)).pad_left(indent) for at, line in enumerate(lines)]


def _came_of(call: CallTrace) -> str:
    """What came of a call, as it came: its result or error; before there is one, its arguments."""
    result = call.result
    if result is None:
        return call.arguments.text
    return values.exact(result.result) if result.error is None else result.error


def whole_call(call: CallTrace) -> str:
    """All of a call: its name, its arguments, what it told, its result, and what it printed."""
    parts = [safe_line(call.name), values.whole(_arguments(call))]
    parts += [told_content(told).plain for told in call.progress]
    if (result := call.result) is not None:
        parts += ["→", values.whole(_outcome(result))]
        if result.output:
            parts += ["it printed", safe_text(result.output.rstrip())]
    return "\n".join(parts)


def _arguments(call: CallTrace) -> Any:
    """The arguments as they were written, or the object that they are."""
    text = call.arguments.text
    value = _read(text or "{}")
    return text if isinstance(value, str) else value


def _outcome(result: ToolResult) -> Any:
    """The error of a call, or its result; one that is JSON in a text as what it says."""
    if result.error is not None:
        return result.error
    if not isinstance(result.result, str):
        return result.result
    read = _read(result.result)
    return read if isinstance(read, dict | list) else result.result


def _read(text: str) -> Any:
    """What a text says when it is JSON, else the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _shade(result: ToolResult) -> str:
    if result.is_refused:
        return "warning"
    return "" if result.error is None else "error"


# -- several -----------------------------------------------------------------------------------------------


def group_row(
    calls: Sequence[CallTrace], total: float | None, found: Callable[[], str], *, is_open: bool, least: int = 1
) -> Row:
    """Calls of one tool in one step, as one: how many, in which states, how long at least one of them ran, and when.

    `found` gives what can be found in them, `least` is how many lines the row is given room for.
    """
    states = [call.state for call in calls]
    worst = min(states, key=WORST_FIRST.index)
    glyph, word, style = STATES[worst]
    waited = sum(call.person_seconds for call in calls)
    head = Content.assemble(
        " ",
        (f"{glyph} ", style),
        (beginning(calls[0].name)[0] or "(no name)", "bold"),
        (f" ×{len(calls)}", "bold"),
        (f"  {states.count(worst)} {word}" if word else "", style),
        ("  ▾" if is_open else "  ▸", "muted"),
    )
    ran = joined(call.ran for call in calls if call.ran is not None)
    spans: list[Marked] = [(span, "waiting") for call in calls for span in call.asked]
    spans += [(span, "tool") for span in ran]
    duration = sum(ended - began for began, ended in ran) if ran else None
    folded = None if is_open else partial(_group_below, _asked_in_words(waited), _examples(calls), _reasons(calls))
    return Row(
        head,
        tails=tails(duration, spans, total),
        folded=folded,
        copied=partial(_all, tuple(calls)),
        holds=not is_open,
        found=None if is_open else found,
        said="",
        least=least,
    )


def _examples(calls: Sequence[CallTrace]) -> Content:
    """What differs in their arguments, of the first of them."""
    read = [_read(call.arguments.text) if len(call.arguments) <= MOST_PARSED else "" for call in calls[:MOST_EXAMPLES]]
    objects = [value for value in read if isinstance(value, dict) and value]
    names = [name for name, _ in values.telling(objects[0])] if objects else []
    differing = [name for name in names if len({values.in_a_line(each.get(name)) for each in objects}) > 1]
    if not differing:
        return Content("")
    name = differing[0]
    more = " …" if len(calls) > MOST_EXAMPLES else ""
    shown = ", ".join(values.in_a_line(each[name]) for each in objects if name in each)
    return Content(f"{safe_line(str(name))}: {shown}{more}")


def _reasons(calls: Sequence[CallTrace]) -> list[Content]:
    """Why some of them failed, each reason once."""
    failed = [call.result for call in calls if call.result is not None and call.result.error is not None]
    said = {_outcome_in_words(result): _shade(result) for result in failed}
    return [Content.styled(text, shade) for text, shade in said.items()]


def _group_below(asked: list[Content], examples: Content, reasons: Sequence[Content], width: int) -> list[Content]:
    room = max(2, width - INDENT)
    lines = [cut(line, room).pad_left(INDENT) for line in (*asked, examples) if line.plain]
    for reason in reasons[:MOST_REASONS]:
        lines += _outcome_lines(Content.styled("→ ", "muted"), reason, room, INDENT, wraps=True)
    if len(reasons) > MOST_REASONS:
        lines.append(Content.styled(f"… {len(reasons) - MOST_REASONS} other reasons", "muted").pad_left(INDENT))
    return lines


def _all(calls: Sequence[CallTrace]) -> str:
    return "\n\n".join(map(whole_call, calls))
