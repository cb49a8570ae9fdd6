"""Which rows a trace has: of the turn, its steps and their calls, as nodes that hold others.

Owns what somebody opened of it, and in which forms results are wanted. Refuses to draw: that is the pane's. What the
rows say is imported when there is a turn: the screen is painted before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from workbench.ui.keymap import Keymap
from workbench.ui.panes.nodes import APART, Node, Seen, Slice, seen
from workbench.ui.panes.trace_rows import OF_A_CALL, part_key
from workbench.ui.widgets.row import Row

if TYPE_CHECKING:
    from workbench.conversation.trace import CallTrace, StepTrace
    from workbench.conversation.turn import Turn
    from workbench.ui.panes.call_parts import CallParts, Form

FOLDED_FROM: Final = 3  # calls of one tool in a step, that are one row
MOST_OPENED: Final = 2_000  # rows, from which on no more are opened all at once


class TraceTree:
    """The rows of the trace of `turn`, None for none; `keymap` has the keys that they name."""

    def __init__(self) -> None:
        self.turn: Turn | None = None
        self.keymap = Keymap()
        self._turned: set[str] = set()  # rows that somebody opened, or folded where they were open
        self._parts: dict[str, CallParts] = {}  # of calls, by the keys of their rows
        self._forms: dict[str, Form] = {}  # in which results are wanted, by the places of their calls

    def begin(self, turn: Turn | None) -> None:
        """Of another turn nothing is open yet."""
        self._turned.clear()
        self._forms.clear()
        self.go_on(turn)

    def go_on(self, turn: Turn | None) -> None:
        """The turn is another one than before, with the same calls, or has more: what is open stays so."""
        self.turn = turn
        self._parts.clear()

    def seen(self) -> Iterator[Seen | Slice]:
        """The rows that stand in the list, in their order."""
        return seen(self._nodes(), self._turned)

    # -- what is open ------------------------------------------------------------------------------

    def turn_over(self, key: str) -> None:
        """Open a row that holds others, or fold it."""
        self._turned ^= {key}

    def is_turned(self, key: str) -> bool:
        """Whether somebody opened a row, or folded one that is open at first."""
        return key in self._turned

    def open_all(self) -> set[str]:
        """Open whatever holds rows, as far as one may want to see that at once; the keys of what was folded."""
        opened: set[str] = set()
        waiting: list[Node | Slice] = list(self._nodes())
        for _ in range(MOST_OPENED):
            if not waiting:
                break
            node = waiting.pop(0)
            if isinstance(node, Slice) or node.held is None or node.by_itself:
                continue
            if not node.is_open(self._turned):
                self._turned ^= {node.key}
                opened.add(node.key)
            waiting[:0] = node.held()
        return opened

    def fold_all(self) -> None:
        """Fold whatever is open."""
        self._turned.clear()

    def forget(self, place: str) -> bool:
        """The call at a place has changed; whether anything had been made of its parts."""
        return [self._parts.pop(f"{kind} {place}", None) for kind in ("call", "one")] != [None, None]

    # -- calls ---------------------------------------------------------------------------------------

    def call(self, key: str) -> tuple[str, CallTrace] | None:
        """The place, step and ordinal, of the call that a row is about, and the call; None of any other row."""
        kind, place, *_ = (*key.split(" ", 2), "")
        if kind not in OF_A_CALL:
            return None
        number, _, ordinal = place.partition(".")
        step = None if self.turn is None else self.turn.trace.step(int(number))
        return (place, step.calls[int(ordinal)]) if step is not None and int(ordinal) < len(step.calls) else None

    def other_form(self, place: str, call: CallTrace, holder: str) -> str:
        """Have the result of a call shown in another form; of one that is folded, in the one that it has. Return the
        key of the result's row."""
        kind = holder.partition(" ")[0]
        if holder in self._turned:
            self._forms[place] = self._parts_of(kind, place, call).form_behind()
        else:
            self._turned ^= {holder}
        result = part_key(place, "result")
        self._turned.discard(result)
        return result

    # -- the rows ----------------------------------------------------------------------------------

    def _nodes(self) -> Iterator[Node]:
        turn = self.turn
        if turn is None:
            return
        steps = [step for step in turn.trace.steps if _tells(step)]
        if len(steps) > 1 or any(step.calls for step in steps):
            from workbench.ui.panes.step_rows import turn_row

            yield Node("turn", _always(turn_row, turn))
        if (searched := turn.trace.searched) is not None:
            from workbench.ui.panes.search_rows import query_row, search_row

            if searched.rewrite is not None or searched.query or searched.notes:
                yield Node("query", _always(query_row, searched, turn.trace.total))
            for number, look in enumerate(searched.sets):
                yield Node(f"search {number}", _always(search_row, searched, look, turn.trace.total))
        for step in steps:
            yield from self._of_step(turn, step)

    def _of_step(self, turn: Turn, step: StepTrace) -> Iterator[Node]:
        from workbench.ui.panes import step_rows as rows

        total, number = turn.trace.total, step.number
        yield Node(f"step {number}", _always(rows.step_row, turn, step))
        for event in step.retries:
            yield Node(f"retry {number}.{event.attempt}", _always(rows.retry_row, event, total))
        if step.thinking is not None and step.model_ended is not None:
            yield Node(f"thought {number}", _always(rows.thought_row, turn, step))
        if len(step.plan):
            yield Node(f"plan {number}", _always(rows.plan_row, step, rows.cited_in_plan(turn, step)))
        yield from self._calls(step, total)
        if rows.is_answering(turn, step):
            goes_there = self.keymap.label("open-row")
            yield Node(f"answer {number}", _always(rows.answer_row, turn, step, goes_there))

    def _calls(self, step: StepTrace, total: float | None) -> Iterator[Node]:
        """Each call by itself, or those of one tool as one, behind it the ones that a person has to see."""
        ordinals: dict[str, list[int]] = {}
        for ordinal, call in enumerate(step.calls):
            ordinals.setdefault(call.name, []).append(ordinal)
        for name, together in ordinals.items():
            if len(together) < FOLDED_FROM:
                yield from (self._of_call("call", step, ordinal, total) for ordinal in together)
                continue
            calls = [step.calls[ordinal] for ordinal in together]
            key = group_key(step, name)
            held = partial(self._ones, step, together, total)
            yield Node(key, partial(self._group, step, together, total), held)
            if key not in self._turned:
                asking = (ordinal for ordinal, call in zip(together, calls, strict=True) if call.state == "asking")
                yield from (self._of_call("one", step, ordinal, total) for ordinal in asking)

    def _ones(self, step: StepTrace, ordinals: Sequence[int], total: float | None) -> Iterator[Node]:
        yield from (self._of_call("one", step, ordinal, total) for ordinal in ordinals)

    def _group(self, step: StepTrace, ordinals: Sequence[int], total: float | None, is_open: bool) -> Row:
        from workbench.ui.panes.call_rows import LINES_OF_CALL, group_row

        calls = [step.calls[ordinal] for ordinal in ordinals]

        def found() -> str:
            places = [f"{step.number}.{ordinal}" for ordinal in ordinals]
            parts = [self._parts_of("one", place, call) for place, call in zip(places, calls, strict=True)]
            return APART.join(f"{call.name}{APART}{each.found()}" for call, each in zip(calls, parts, strict=True))

        is_running = self.turn is not None and self.turn.status == "running"
        least = LINES_OF_CALL * (FOLDED_FROM - 1) if is_running else 1
        return group_row(calls, total, found, is_open=is_open, least=least)

    def _of_call(self, kind: str, step: StepTrace, ordinal: int, total: float | None) -> Node:
        place, call = f"{step.number}.{ordinal}", step.calls[ordinal]

        def make(is_open: bool) -> Row:
            from workbench.ui.panes.call_rows import call_row

            def found() -> str:
                return self._parts_of(kind, place, call).found()

            return call_row(call, total, found, indent=2 if kind == "one" else 0, is_open=is_open)

        return Node(f"{kind} {place}", make, lambda: self._parts_of(kind, place, call).nodes)

    def _parts_of(self, kind: str, place: str, call: CallTrace) -> CallParts:
        """The parts of a call, made anew when it has changed; `kind` is what its key begins with."""
        if (parts := self._parts.get(f"{kind} {place}")) is None:
            from workbench.ui.panes.call_parts import CallParts

            parts = CallParts(
                call,
                place,
                self._forms.get(place),
                deeper=2 if kind == "one" else 0,
                open_key=self.keymap.label("fold-row"),
                page_key=self.keymap.label("pager"),
            )
            self._parts[f"{kind} {place}"] = parts
        return parts


def _tells(step: StepTrace) -> bool:
    """Whether there is something to show of a step besides its beginning."""
    return step.model_ended is not None or bool(len(step.plan) or step.calls or step.retries)


def _always(make: Callable[..., Row], *given: Any) -> Callable[[bool], Row]:
    """What makes a row that is the same, open or not."""
    return lambda _: make(*given)


def group_key(step: StepTrace, name: str) -> str:
    """The key of the row of calls of one tool, where these are folded together."""
    return f"group {step.number} {name}"
