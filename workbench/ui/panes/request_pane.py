"""The request pane: the exact body of each request of a turn, as indented JSON.

It is drawn only while it is on the screen: a body holds the whole conversation, and grows with each turn. Of a long
list each item is one line until it is opened.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from workbench import surrogates
from workbench.safe_text import safe_line, safe_text
from workbench.ui import messages
from workbench.ui.panes.json_size import JsonSize, size_of
from workbench.ui.panes.pane import Pane
from workbench.ui.terminal.textual_inside import set_once
from workbench.ui.widgets.coloured_json import coloured
from workbench.ui.widgets.folding_rows import FoldingRows
from workbench.ui.widgets.row import LONGEST_LINE, MakeRow, Row

if TYPE_CHECKING:
    from workbench.conversation.turn import Step, Turn

SHORT_LINE: Final = 30  # characters that fit the narrowest pane
SLICE_SECONDS: Final = 0.008  # in which rows are added before other things get their turn,
BREATH_SECONDS: Final = 0.01  # for so long
INDENT: Final = "  "
FOLD_LINES: Final = 5  # an item of a list with more lines is folded,
FOLD_ITEMS: Final = 6  # and so is each of a list with more items

_STEP: Final = re.compile(r"\d+")  # in the key of each row, of its request

Rows = Iterator[tuple[str, MakeRow]]


@dataclass(frozen=True, slots=True)
class Item:
    """An object or a list in a list of the body, and what stands behind it."""

    value: Any
    comma: str
    text: JsonSize

    @property
    def size(self) -> int:
        """The characters of its lines, and a line break for each."""
        return self.text.characters + 1 + 2 * len(INDENT) * self.text.lines + len(self.comma)

    def lines(self) -> list[str]:
        """Its lines, as they stand in the body."""
        return [2 * INDENT + line for line in _lines(self.value, self.comma)]


class RequestPane(Pane):
    """The requests of a turn."""

    TITLE: ClassVar[str] = "Request"
    turn_before: Callable[[Turn], Turn | None] = staticmethod(lambda _: None)
    """Gives the turn that was asked before another one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = FoldingRows(id="request-rows", empty="The exact request appears here as soon as one is sent.")
        self._rest: Rows = iter(())
        self._made: dict[str, MakeRow] = {}
        self._items: dict[str, Item] = {}  # those that can be folded, by the keys of their rows
        self._open: set[str] = set()
        self._steps_begun = 0
        self._whole = True  # all rows of the step that was begun last are there
        self._due: Timer | None = None
        self._changes = False  # what differs is shown, in place of all
        self._show_at: str | None = None  # the row that one is led to, as soon as it is there

    def body(self) -> Widget:
        """The list of lines."""
        return self.rows

    def toggle_detail(self) -> None:
        """Show of each request what differs from the one before it, or all of it again."""
        step = self.step_here
        self._changes = not self._changes
        self.draw()
        if step is not None:
            self.show_row(f"head {step}")

    @property
    def step_here(self) -> int | None:
        """The number of the step whose request the row under the cursor is of; None where there is none."""
        key = self.rows.cursor_key
        found = None if key is None else _STEP.search(key)
        return None if found is None else int(found[0])

    def draw(self) -> None:
        """Show the requests of the turn anew, when the pane is on the screen."""
        self._rest, self._steps_begun = iter(()), 0
        for kept in (self._made, self._items, self._open):
            kept.clear()
        self.rows.clear()
        self.summarise("")
        self._catch_up()

    def on_request_sent(self, message: messages.RequestSent) -> None:
        """Add the request that was sent."""
        if not self.is_stale(message):
            self._catch_up()

    def show_row(self, key: str) -> None:
        """Stand on a row, now or as soon as it is there."""
        self._show_at = None if self.rows.show(key) else key

    def on_prompt_revealed(self, message: messages.PromptRevealed) -> None:
        """Add the prompt that the model read, below the request."""
        # Behind the rows of its request: one that is not whole yet is followed by it in time.
        if self.display and not self.is_stale(message) and message.event.step == self._steps_begun and self._whole:
            self._put_prompt(message.state.steps[message.event.step - 1])

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        """No request comes any more."""
        if not self.is_stale(message):
            self._catch_up()

    def on_show(self) -> None:
        """The pane came onto the screen: add what was sent while it was not there."""
        self._catch_up()

    def on_folding_rows_folded(self, message: FoldingRows.Folded) -> None:
        """Show the lines of an item behind its row, or take them away again."""
        key, item = message.key, self._items.get(message.key)
        if item is None:  # of a request that is not shown any more
            return
        is_open = key not in self._open
        self._open ^= {key}
        lines = item.lines()[1:] if is_open else []
        made: dict[str, MakeRow] = {}
        for each, make in self._made.items():
            if each == key:
                made[key] = partial(_item_row, item, is_open=is_open)
                made |= {f"line of {key}.{number}": partial(_line, line) for number, line in enumerate(lines)}
            elif is_open or not each.startswith(f"line of {key}."):
                made[each] = make
        self._made = made
        self.rows.put_all(made)

    def _head(self) -> str:
        """Which requests these are, and what of their settings is not the default."""
        if self.shown is None or not self._steps_begun:
            return ""
        from workbench.config.ran_with import words  # not for the first paint

        differs = ["what differs"] if self._changes else []
        return " · ".join([f"{self.which}step {self._steps_begun}", *differs, *words(self.shown, model=False)])

    def _catch_up(self) -> None:
        """Add what is not shown yet of the turn's requests, a slice now and the rest soon."""
        if self._due is not None:
            self._due.stop()
            self._due = None
        if self.shown is None or not self.display:
            return
        with self.rows.at_once():
            is_whole = self._put_some()
        self.summarise(self._head())
        if self._show_at is not None:
            self.show_row(self._show_at)
        if is_whole:
            self.all_is_shown()
        else:
            self._due = set_once(self, BREATH_SECONDS, self._catch_up)

    def _put_some(self) -> bool:
        """Add rows as long as there is time for now; whether all are there."""
        end = time.monotonic() + SLICE_SECONDS
        while True:
            for key, make in self._rest:
                self._put(key, make)
                if time.monotonic() > end:
                    self._whole = False
                    return False
            self._whole = True
            if not self._begin_step():
                return True

    def _put(self, key: str, make: MakeRow) -> None:
        self._made[key] = make
        self.rows.put(key, make)

    def _begin_step(self) -> bool:
        """Go on with the next request; False when there is none."""
        steps = self.shown.steps if self.shown is not None else ()
        if self._steps_begun:
            self._put_prompt(steps[self._steps_begun - 1])
        if self._steps_begun >= len(steps):
            return False
        step = steps[self._steps_begun]
        self._steps_begun += 1
        self._rest = self._rows_of(step)
        return True

    def _put_prompt(self, step: Step) -> None:
        if step.prompt:
            self._put(f"prompt {step.number}", partial(_prompt_row, step.prompt))

    def _rows_of(self, step: Step) -> Rows:
        """The rows of one request; its head comes again at the end, when it is known how long the body is."""
        if self._changes:
            yield from self._changed_rows(step)
            return
        yield f"head {step.number}", partial(_head, step, None)
        length = -1  # of the line breaks there is one less than lines
        for number, part in enumerate(body_parts(_body(step))):
            if isinstance(part, Item):
                key = f"{FoldingRows.FOLDED}{step.number}.{number}"
                self._items[key] = part
                length += part.size
                yield key, partial(_item_row, part, is_open=False)
            else:
                length += len(part) + 1
                yield f"{step.number}.{number}", partial(_line, part)
        yield f"head {step.number}", partial(_head, step, length)

    def _changed_rows(self, step: Step) -> Rows:
        """What of one request differs from the one before it."""
        from workbench.ui.panes.request_changes import change_rows  # not for the first paint

        before = self._before(step)
        words = "the first request" if before is None else f"against {before[0]}"
        yield f"head {step.number}", partial(_head, step, None, words)
        if before is not None:
            for number, make in enumerate(change_rows(before[1].request, step.request)):
                yield f"change {step.number}.{number}", make

    def _before(self, step: Step) -> tuple[str, Step] | None:
        """What the request before that of a step is called, and its step; None where there is none."""
        turn = self.shown
        if turn is None:
            return None
        if step.number > 1:
            return f"step {step.number - 1}", turn.steps[step.number - 2]
        earlier = self.turn_before(turn)
        if earlier is None or not earlier.steps:
            return None
        last = earlier.steps[-1]
        return f"turn {earlier.place}{f', step {last.number}' if last.number > 1 else ''}", last


def _head(step: Step, length: int | None, words: str = "") -> Row:
    size = f"  {words}" if words else "" if length is None else f"  {length:,} characters"
    from workbench.ui.panes.request_changes import not_of_sdk

    unknown = not_of_sdk(step.request)
    head = Content.assemble(
        (f" step {step.number}  POST /v2/chat{size}", "bold"), (f"  {unknown}" if unknown else "", "warning")
    )
    return Row(head, copied=lambda: surrogates.sendable("\n".join(body_lines(_body(step)))))


def _body(step: Step) -> Mapping[str, Any]:
    return {**step.request, "stream": True}


def _line(text: str) -> Row:
    """A line of JSON; one that may not fit can be opened."""
    line = safe_line(text)
    shown, indent = line[:LONGEST_LINE], len(line) - len(line.lstrip())
    body = partial(coloured, line.lstrip()) if len(line) > SHORT_LINE else None
    head = coloured(shown).pad_left(1)
    return Row(head, body=body, indent=indent + 3, head_rest=len(line) - len(shown), copied=text.strip, repeats=True)


def _item_row(item: Item, *, is_open: bool) -> Row:
    """An item of a list as one line, or the first of its lines."""
    whole = item.lines()
    text = whole[0].strip() if is_open else f"{_in_a_line(item.value)}{item.comma}"
    shown = safe_line(text[:LONGEST_LINE])
    head = Content.assemble(" " + INDENT, ("▾ " if is_open else "▸ ", "muted"), coloured(shown))
    copied = partial(_copied, item)
    return Row(head, head_rest=len(text) - len(shown), copied=copied, repeats=not is_open, holds=not is_open)


def _in_a_line(value: Any) -> str:
    """The item on one line; of a tool its function, which has the name, comes first."""
    if isinstance(value, Mapping) and "function" in value:
        value = {"function": value["function"], **value}
    return json.dumps(value, ensure_ascii=False)


def _copied(item: Item) -> str:
    return surrogates.sendable("\n".join(_lines(item.value)))


def _prompt_row(text: str) -> Row:
    head = Content.styled(" the prompt as the model saw it", "bold")
    return Row(head, body=lambda: Content(safe_text(text)), copied=partial(str, text))


# -- the body as JSON --------------------------------------------------------------------------------------


def body_lines(body: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a body as indented JSON, made one item of its lists at a time."""
    for part in body_parts(body):
        if isinstance(part, Item):
            yield from part.lines()
        else:
            yield part


def body_parts(body: Mapping[str, Any]) -> Iterator[str | Item]:
    """The lines of a body as indented JSON; what is folded of it comes as an item."""
    yield "{"
    for at, (name, value) in enumerate(body.items()):
        comma = "," if at + 1 < len(body) else ""
        start = f"{INDENT}{json.dumps(name, ensure_ascii=False)}: "
        if isinstance(value, list) and value:
            yield f"{start}["
            yield from _items(value)
            yield f"{INDENT}]{comma}"
        else:
            first, *more = _lines(value, comma)
            yield start + first
            yield from (INDENT + line for line in more)
    yield "}"


def _items(values: list[Any]) -> Iterator[str | Item]:
    for at, value in enumerate(values):
        comma = "," if at + 1 < len(values) else ""
        size = size_of(value)  # a long conversation is made to lines where they are seen
        if size.lines > FOLD_LINES or (len(values) > FOLD_ITEMS and size.lines > 1):
            yield Item(value, comma, size)
        else:
            yield from (2 * INDENT + line for line in _lines(value, comma))


def _lines(value: Any, comma: str = "") -> list[str]:
    lines = json.dumps(value, ensure_ascii=False, indent=len(INDENT)).split("\n")
    lines[-1] += comma
    return lines
