"""How much of an answer is taken in: a server that never ends must not fill the memory.

Owns what counts against which bound, and the words when one is reached. Refuses to end anything itself, and to drop
what has come: its caller folds an event first.
"""

from __future__ import annotations

from typing import Final

from workbench.conversation.fold import MessageFold
from workbench.conversation.options import MEGABYTE, Bounds
from workbench.errors import AnswerLimit
from workbench.events import ContentDelta, ContentStart, ToolCallDelta, ToolCallStart, ToolPlanDelta, WireEvent

# What is small on the wire and large in memory counts as what it takes, roughly.
EVENT: Final = 1024  # bytes of an event that is no piece of text,
CONTAINER: Final = 64  # more for each object and list in it,
PART: Final = 4096  # and of a content block or a tool call
# What a frame may have around its text, such as the log probabilities of a token; text may be escaped in it.
FRAME: Final = 1024
ESCAPED: Final = 6
_PIECES: Final = (ContentDelta, ToolPlanDelta, ToolCallDelta)


class Meter:
    """Counts what comes in one turn."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._text = 0
        self._arguments = 0
        self._other = 0
        self._fold: MessageFold | None = None
        self._blocks = 0
        self._calls = 0

    def event(self, event: WireEvent) -> None:
        """`event` has come."""
        size = 0
        if isinstance(event, ContentDelta):
            size = _size(event.text) + _size(event.thinking)
            self._text += size
        elif isinstance(event, ContentStart | ToolPlanDelta):
            size = _size(event.text)
            self._text += size
        elif isinstance(event, ToolCallStart | ToolCallDelta):
            size = _size(event.arguments)
            self._arguments += size
        if size and isinstance(event, _PIECES):
            self._other += max(0, len(event.raw) - FRAME - ESCAPED * size)
        else:
            containers = event.raw.count("{") + event.raw.count("[")
            self._other += EVENT + max(0, len(event.raw) - ESCAPED * size) + CONTAINER * containers

    def check(self, fold: MessageFold, *, line_too_long: bool = False) -> None:
        """Raises AnswerLimit when a bound is reached by what has come; `fold` is of the message that is under way."""
        self._count_parts(fold)
        bounds = self._bounds
        if line_too_long:
            raise _limit("a line of the stream", bounds.line, "max_line_mb")
        if self._text > bounds.text:
            raise _limit("the text of this turn", bounds.text, "max_text_mb")
        if self._arguments > bounds.arguments:
            raise _limit("what the tool calls of this turn hold", bounds.arguments, "max_arguments_mb")
        if self._other > bounds.other:
            what = "what this turn holds besides text (citations, unknown events and the like)"
            raise _limit(what, bounds.other, "max_other_mb")

    def _count_parts(self, fold: MessageFold) -> None:
        """Count the blocks and calls that are new: a piece of text with an index of its own opens one, too."""
        if fold is not self._fold:
            self._fold, self._blocks, self._calls = fold, 0, 0
        self._other += PART * (fold.block_count - self._blocks)
        self._arguments += PART * (fold.call_count - self._calls)
        self._blocks, self._calls = fold.block_count, fold.call_count


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _limit(what: str, most: int, setting: str) -> AnswerLimit:
    return AnswerLimit(
        f"{what} is over {most / MEGABYTE:.4g} MB, so the turn was ended; what had come is kept "
        f"(the setting {setting} sets the limit)"
    )
