"""The request pane: the exact body of each request of a turn.

It is drawn only while it is on the screen: a body holds the whole conversation, and grows with each turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from workbench.safe_text import safe_line, safe_text
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.row import MakeRow, Row
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.turn import Step

SHORT_LINE: Final = 30  # characters that fit the narrowest pane
MOST_AT_ONCE: Final = 1000  # rows added before other things get their turn,
BREATH_SECONDS: Final = 0.01  # for so long
INDENT: Final = "  "

Rows = Iterator[tuple[str, MakeRow]]


class RequestPane(Pane):
    """The requests of a turn, as indented JSON."""

    TITLE: ClassVar[str] = "Request"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(id="request-rows", empty="The exact request appears here as soon as one is sent.")
        self._rest: Rows = iter(())
        self._steps_begun = 0
        self._whole = True  # all rows of the step that was begun last are there
        self._due: Timer | None = None

    def body(self) -> Widget:
        """The list of lines."""
        return self.rows

    def draw(self) -> None:
        """Show the requests of the turn anew, when the pane is on the screen."""
        self._rest, self._steps_begun = iter(()), 0
        self.rows.clear()
        self.summarise("")
        self._catch_up()

    def on_request_sent(self, message: messages.RequestSent) -> None:
        """Add the request that was sent."""
        if not self.is_stale(message):
            self._catch_up()

    def on_prompt_revealed(self, message: messages.PromptRevealed) -> None:
        """Add the prompt that the model read, below the request."""
        # Behind the rows of its request: one that is not whole yet is followed by it in time.
        if self.display and not self.is_stale(message) and message.event.step == self._steps_begun and self._whole:
            self._put_prompt(message.state.steps[message.event.step - 1])

    def on_show(self) -> None:
        """The pane came onto the screen: add what was sent while it was not there."""
        self._catch_up()

    def _catch_up(self) -> None:
        """Add what is not shown yet of the turn's requests, a slice now and the rest soon."""
        if self._due is not None:
            self._due.stop()
            self._due = None
        if self.shown is None or not self.display:
            return
        with self.rows.at_once():
            left = MOST_AT_ONCE
            while left > 0:
                rows = list(islice(self._rest, left))
                for key, make in rows:
                    self.rows.put(key, make)
                left -= len(rows)
                self._whole = left > 0
                if left > 0 and not self._begin_step():
                    break
        self.summarise(f"{self.which}step {self._steps_begun}" if self._steps_begun else "")
        if left <= 0:
            self._due = self.set_timer(BREATH_SECONDS, self._catch_up)

    def _begin_step(self) -> bool:
        """Go on with the next request; False when there is none."""
        steps = self.shown.steps if self.shown is not None else ()
        if self._steps_begun:
            self._put_prompt(steps[self._steps_begun - 1])
        if self._steps_begun >= len(steps):
            return False
        step = steps[self._steps_begun]
        self._steps_begun += 1
        self._rest = _rows_of(step)
        return True

    def _put_prompt(self, step: Step) -> None:
        if step.prompt:
            head = Content.styled(" the prompt as the model saw it", "bold")
            self.rows.put(f"prompt {step.number}", Row(head, body=partial(_prompt, step.prompt)))


def _rows_of(step: Step) -> Rows:
    """The rows of one request; its head comes again at the end, when it is known how long the body is."""
    yield f"head {step.number}", partial(_head, step.number, None)
    length = -1  # of the line breaks there is one less than lines
    for number, line in enumerate(body_lines({**step.request, "stream": True})):
        length += len(line) + 1
        yield f"{step.number}.{number}", partial(_line, line)
    yield f"head {step.number}", partial(_head, step.number, length)


def _head(step: int, length: int | None) -> Row:
    size = "" if length is None else f"  {length:,} characters"
    return Row(Content.styled(f" step {step}  POST /v2/chat{size}", "bold"))


def _line(text: str) -> Row:
    """A line of JSON; one that may not fit can be opened."""
    line = safe_line(text)
    indent = len(line) - len(line.lstrip()) + 3
    return Row(Content(f" {line}"), body=Content(line.lstrip()) if len(line) > SHORT_LINE else None, indent=indent)


def _prompt(text: str) -> Content:
    return Content(safe_text(text))


def body_lines(body: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a body as indented JSON, made one item of its lists at a time."""
    yield "{"
    yield from _listed((f"{json.dumps(name, ensure_ascii=False)}: ", value) for name, value in body.items())
    yield "}"


def _listed(items: Iterable[tuple[str, Any]], indent: str = INDENT) -> Iterator[str]:
    """The items of an object or a list, each behind what names it; all but the last end with a comma."""
    left = list(items)
    for at, (name, value) in enumerate(left):
        comma = "," if at + 1 < len(left) else ""
        if name and isinstance(value, list) and value:
            yield f"{indent}{name}["
            yield from _listed([("", item) for item in value], indent + INDENT)
            yield f"{indent}]{comma}"
        else:
            lines = json.dumps(value, ensure_ascii=False, indent=len(INDENT)).split("\n")
            lines[0] = name + lines[0]
            lines[-1] += comma
            yield from (indent + line for line in lines)
