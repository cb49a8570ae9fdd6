"""How calls of tools look in the trace: one by itself, and those of one tool in a step together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.content import Content

from workbench.conversation.spans import joined
from workbench.safe_text import safe_line, safe_text
from workbench.ui.panes import values
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
    "refused": ("⊘", "refused", "warning"),
}
"""A glyph and a word for each state, and their style. What is done says so by having a result."""

FAILURES: Final = {"timeout": "timed out", "cancelled": "cancelled"}
WORST_FIRST: Final = ("asking", "running", "writing", "failed", "denied", "refused", "ready", "done")
INDENT: Final = 5
LINES_OF_CALL: Final = 2  # at least: its head, and what it was given or what came of it
MOST_PARSED: Final = 20_000  # characters of arguments that are read for a line
REASON_LINES: Final = 8  # of an error that is shown without opening its call
MOST_REASONS: Final = 3  # different ones of calls that are folded together
ALL_OF_A_TURN: Final = "/copy-turn has all"
MOST_EXAMPLES: Final = 12  # arguments of those


# -- one call ----------------------------------------------------------------------------------------------


def call_row(call: CallTrace, total: float | None, copy_key: str, *, indent: int = 0) -> Row:
    """A call: its state and name, how long it ran and when; below, its arguments and what came of it."""
    glyph, word, style = STATES[call.state]
    result = call.result
    if call.state == "failed" and result is not None:
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
    return Row(
        head,
        tails=tails(duration, _spans(call), total),
        body=partial(_body, call, copy_key),
        indent=below,
        folded=partial(_below, _asked_in_words(call.person_seconds), *_in_words(call), below),
        copied=partial(_came_of, call),
        least=LINES_OF_CALL,
    )


def _spans(call: CallTrace) -> list[Marked]:
    """When a person was asked about the call, and when it ran."""
    return [*((span, "waiting") for span in call.asked), *([(call.ran, "tool")] if call.ran is not None else [])]


def _in_words(call: CallTrace) -> tuple[Content, int, Content | None]:
    """The arguments and how many characters of them were left out, and the result, the error in its colour."""
    arguments, rest = _arguments_in_words(call)
    if call.result is None:
        return Content(arguments), rest, None
    return Content(arguments), rest, Content.styled(_outcome_in_words(call.result), _shade(call.result))


def _arguments_in_words(call: CallTrace) -> tuple[str, int]:
    if call.state != "writing" and len(call.arguments) <= MOST_PARSED:
        value = _read(call.arguments.text)
        if isinstance(value, dict):
            return values.in_a_line(value, ": "), 0
    return safe_line(call.arguments.slice(0, LONGEST_LINE)), max(0, len(call.arguments) - LONGEST_LINE)


def _outcome_in_words(result: ToolResult) -> str:
    if result.error is not None:
        return safe_line(" ".join(result.error[:LONGEST_LINE].split()))
    value = result.result
    if isinstance(value, str) and len(value) <= MOST_PARSED:
        read = _read(value)
        value = read if isinstance(read, dict | list) else value
    return values.in_a_line(value)


def _asked_in_words(took: float) -> list[Content]:
    return [Content.styled(f"asked you {took:.1f} s", "waiting")] if took else []


def _below(
    asked: list[Content], arguments: Content, rest: int, outcome: Content | None, indent: int, width: int
) -> list[Content]:
    """How long a person was asked, then arguments and result."""
    lines = [cut(line, max(2, width - indent)).pad_left(indent) for line in asked]
    return lines + _arguments_and_outcome(arguments, rest, outcome, indent, width)


def _arguments_and_outcome(
    arguments: Content, rest: int, outcome: Content | None, indent: int, width: int
) -> list[Content]:
    """Arguments and result on one line, where they have room; else one below the other. An error is not cut."""
    room = max(2, width - indent)
    arrow = Content.styled("→ ", "muted")
    if outcome is None:
        return [cut(arguments, room, rest).pad_left(indent)] if arguments.plain else []
    is_error = bool(outcome.spans)
    if not arguments.plain:
        return _outcome_lines(arrow, outcome, room, indent, wraps=is_error)
    together = Content.assemble(arguments, "  ", arrow, outcome)
    if not rest and together.cell_length <= room:
        return [together.pad_left(indent)]
    return [cut(arguments, room, rest).pad_left(indent), *_outcome_lines(arrow, outcome, room, indent, wraps=is_error)]


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


def _body(call: CallTrace, copy_key: str) -> Content:
    """Arguments, result and what was printed, each as far as it is looked at."""
    parts = [_shown(_beginning(call.arguments.text or "{}"), "", ALL_OF_A_TURN)]
    if (result := call.result) is not None:
        shade = _shade(result)
        copies = f"{copy_key} copies all" if copy_key else ALL_OF_A_TURN
        parts += [Content.styled("→", shade or "muted"), _shown(_outcome_beginning(result), shade, copies)]
        if result.output:
            output = values.beginning_of(result.output.rstrip())
            parts += [Content.styled("it printed", "muted"), _shown(output, "", ALL_OF_A_TURN)]
    return Content("\n").join(parts)


def _beginning(text: str) -> tuple[str, str]:
    """The beginning of a text, as JSON where it is an object, a list or another value of that, and what is left."""
    if len(text) > values.MOST_READ and text.lstrip()[:1] in ("{", "["):
        return values.beginning_of_json_text(text) or values.beginning_of(text)
    value = _read(text) if len(text) <= values.MOST_READ else text
    return values.beginning_of(text if isinstance(value, str) else value)


def _outcome_beginning(result: ToolResult) -> tuple[str, str]:
    if result.error is not None or not isinstance(result.result, str):
        return values.beginning_of(_outcome(result))
    if len(result.result) > values.MOST_READ:
        return _beginning(result.result)
    return values.beginning_of(_outcome(result))


def _shown(beginning: tuple[str, str], shade: str, how: str) -> Content:
    text, left = beginning
    if not left:
        return Content.styled(text, shade)
    return Content.assemble((text, shade), "\n", (f"… {left}: {how}", "warning"))


def _came_of(call: CallTrace) -> str:
    """What came of a call, as it came: its result or error; before there is one, its arguments."""
    result = call.result
    if result is None:
        return call.arguments.text
    return values.exact(result.result) if result.error is None else result.error


def _whole(call: CallTrace) -> str:
    """All of a call, to be taken along."""
    parts = [values.whole(_arguments(call))]
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


def group_row(calls: Sequence[CallTrace], total: float | None, *, is_open: bool, least: int = 1) -> Row:
    """Calls of one tool in one step, as one: how many, in which states, how long at least one of them ran, and when.

    `least` is how many lines it is given room for.
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
    return "\n\n".join(f"{safe_line(call.name)}\n{_whole(call)}" for call in calls)
