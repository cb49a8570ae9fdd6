"""The runs of a tool that is run alone, as a list: each with its arguments, what it told, and what came of it.

Owns which rows there are. What stands below a run that is open, in which forms, is drawn as in the trace of a turn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content

from workbench.conversation.text_buffer import TextBuffer
from workbench.conversation.trace import CallState, CallTrace
from workbench.ui.bench import Bench, BenchRun
from workbench.ui.keymap import Keymap
from workbench.ui.panes import values
from workbench.ui.panes.call_parts import FAILURES, CallParts, Form, told_content
from workbench.ui.panes.call_rows import STATES, whole_call
from workbench.ui.panes.nodes import Node, Slice, seen
from workbench.ui.panes.trace_rows import TraceRows, part_key
from workbench.ui.widgets.row import LONGEST_LINE, MakeRow, Row, beginning
from workbench.ui.widgets.rows import RowList

RUN: Final = "run"
RUN_STATES: Final = {**STATES, "done": ("✓", "done", "success")}
"""As in the trace, where a call that is done says so by having a result."""


class BenchRuns(TraceRows, inherit_bindings=False):
    """The runs of `bench`, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [*RowList.BINDINGS]

    def __init__(self, bench: Bench, keymap: Keymap, *, empty: str) -> None:
        super().__init__(id="bench-runs", empty=empty)
        self._bench = bench
        self._keymap = keymap
        self._turned: set[str] = set()  # rows that somebody opened, or folded where they were open
        self._forms: dict[int, Form] = {}
        self._parts: dict[int, CallParts] = {}  # of the runs that are over, by their numbers

    @property
    def run_here(self) -> BenchRun | None:
        """The run that one stands on, or in."""
        _, number, *_ = (*(self.cursor_key or "").split(" "), "", "")
        return next((run for run in self._bench.runs if str(run.number) == number), None)

    @property
    def is_on_run(self) -> bool:
        """Whether one stands on a run, and not on a part of one."""
        return (self.cursor_key or "").startswith(f"{RUN} ")

    def draw(self) -> None:
        """Show the runs as they are now."""
        numbers = {run.number for run in self._bench.runs}
        self._parts = {number: parts for number, parts in self._parts.items() if number in numbers}
        rows: dict[str, Row | MakeRow] = {}
        holders: set[str] = set()
        for each in seen(self._of_runs(), self._turned):
            if isinstance(each, Slice):
                rows.update(each.rows)
                holders |= each.holders
                continue
            if each.holds:
                holders.add(each.key)
            rows[each.key] = each.make() if each.lazy is None else each.lazy()
        self.holders = holders
        self.put_all(rows)

    def tick(self, run: BenchRun) -> None:
        """Say how long a run takes, and what it told last."""
        key = _key(run)
        if key not in self.keys or key in self._turned:
            self.draw()
        else:
            self.put(key, self._run_row(run, False))

    def open_run(self, run: BenchRun) -> None:
        """Show all of a run that is over, and stand on it."""
        self._turned.add(_key(run))
        self.draw()
        self.show(_key(run))
        self.see(_key(run), [key for key in self.keys if key.split(" ")[1] == str(run.number)][-1])

    def turn_over(self, key: str) -> None:
        """Open a row that holds others, or fold it."""
        self._turned ^= {key}
        self.draw()

    def other_form(self) -> None:
        """Show the result of the run that one stands on in the form behind the one that it has; open one first."""
        run = self.run_here
        if run is None or run.result is None:
            return
        if _key(run) in self._turned:
            self._forms[run.number] = self._parts_of(run).form_behind()
            self._parts.pop(run.number, None)
        result = part_key(str(run.number), "result")
        self._turned |= {_key(run)}
        self._turned.discard(result)
        self.draw()
        self.show(result)

    def whole_here(self) -> str:
        """All of what one stands on, or in: a result, what was printed, else the run."""
        run, key = self.run_here, self.cursor_key or ""
        if run is None:
            return ""
        if run.result is not None and key.startswith(part_key(str(run.number), "result")):
            return self._parts_of(run).text
        if run.result is not None and key.startswith(part_key(str(run.number), "printed")):
            return run.result.output
        return whole_call(call_of(run, self._bench.tool.name))

    # -- the rows ----------------------------------------------------------------------------------

    def _of_runs(self) -> Iterator[Node]:
        for run in self._bench.runs:
            yield Node(_key(run), partial(self._run_row, run), partial(self._below, run))

    def _below(self, run: BenchRun) -> Iterator[Node]:
        yield from self._parts_of(run).nodes

    def _parts_of(self, run: BenchRun) -> CallParts:
        if (parts := self._parts.get(run.number)) is not None:
            return parts
        parts = CallParts(
            call_of(run, self._bench.tool.name),
            str(run.number),
            self._forms.get(run.number),
            deeper=1,
            open_key=self._keymap.label("fold-row"),
            page_key=self._keymap.label("bench-pager"),
        )
        if run.result is not None:  # else it tells more
            self._parts[run.number] = parts
        return parts

    def _run_row(self, run: BenchRun, is_open: bool) -> Row:
        seconds = self._bench.since(run) if run.result is None else run.result.seconds
        return run_row(run, seconds, found=lambda: self._parts_of(run).found(), is_open=is_open)


def call_of(run: BenchRun, name: str) -> CallTrace:
    """A run as a call of a turn that never was."""
    text = TextBuffer()
    text.append(json.dumps(run.arguments, ensure_ascii=False, indent=2))
    state: CallState = "running" if run.result is None else "done"
    return CallTrace(name, 0.0, run.id, text, state, run.told, run.result)


def _key(run: BenchRun) -> str:
    return f"{RUN} {run.number}"


def run_row(run: BenchRun, seconds: float, found: Callable[[], str], *, is_open: bool) -> Row:
    """A run: its state and arguments, and how long the tool ran; folded, what came of it in a line."""
    glyph, word, style = RUN_STATES[run.state]
    if run.result is not None and run.result.error is not None:
        word = FAILURES.get(run.result.error_kind, word)
    arguments = beginning(values.in_a_line(run.arguments, ": ") or "no arguments")[0]
    head = Content.assemble(f" {run.number:>2} ", (f"{glyph} ", style), (f"{word}  ", style), arguments)
    return Row(
        head,
        tails=(Content.styled(f"{seconds:.2f} s", "muted"),),
        brief=None if is_open else Content.assemble("      → ", _in_short(run)),
        copied=partial(came_of, run),
        holds=not is_open,
        found=None if is_open else found,
        said=None if is_open else "",
    )


def _in_short(run: BenchRun) -> Content:
    result = run.result
    if result is None:
        return told_content(run.told[-1]) if run.told else Content.styled("…", "muted")
    if result.error is not None:
        return Content.styled(beginning(" ".join(result.error[:LONGEST_LINE].split()))[0], RUN_STATES[run.state][2])
    return Content(beginning(values.in_a_line(result.result))[0])


def came_of(run: BenchRun) -> str:
    """What came of a run, as it came; while it goes on, its arguments."""
    if run.result is None:
        return values.exact(dict(run.arguments))
    return run.result.error if run.result.error is not None else values.exact(run.result.result)
