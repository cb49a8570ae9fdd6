"""What stands below a call that is open: its arguments, what it told while it ran, its result, and what it printed.

Owns in which forms a result is shown, and which is the sensible one. Refuses to make anything before it is seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, Literal

from textual.content import Content

from workbench.plural import plural
from workbench.safe_text import safe_line, safe_text
from workbench.ui.panes import values
from workbench.ui.panes.nodes import APART, Node
from workbench.ui.panes.time_axis import seconds
from workbench.ui.panes.trace_rows import part_key
from workbench.ui.panes.value_table import ValueTable, is_flat, is_table
from workbench.ui.panes.value_text import ValueText, flowing, found_in, is_short
from workbench.ui.panes.value_tree import ValueTree, counted, is_container, searched, summary
from workbench.ui.widgets.row import LONGEST_LINE, Row, beginning

if TYPE_CHECKING:
    from workbench.conversation.trace import CallTrace
    from workbench.events import ToolProgress, ToolResult

Form = Literal["table", "tree", "text"]
"""How a result is shown."""

INDENT: Final = 5  # cells before the name of a part
MOST_READ: Final = 1_000_000  # characters of a text that is read as JSON to be shown as that

FAILURES: Final[Mapping[str, str]] = {
    "unknown-tool": "no such tool",
    "arguments": "arguments do not fit",
    "invalid-arguments": "arguments do not fit",
    "untrusted": "not trusted",
    "denied": "denied",
    "address": "address refused",
    "timeout": "timed out",
    "cancelled": "cancelled",
    "exit": "ended with an error",
    "http": "HTTP error",
    "raised": "raised an error",
    "too-large": "too large",
    "server": "its server failed",
}
"""Kinds of errors in words; any other has failed."""


class CallParts:
    """The parts of a call at `place`, as it is now; made again when the call has changed.

    `form` is in what form the result is wanted, None for the sensible one. `deeper` are cells that it is indented more,
    `open_key` is the key that opens a row, `page_key` the one that shows all in a pager.
    """

    def __init__(
        self,
        call: CallTrace,
        place: str,
        form: Form | None,
        *,
        deeper: int = 0,
        open_key: str = "",
        page_key: str = "",
    ) -> None:
        self._call = call
        self._place = place
        self._wanted = form
        self._indent = INDENT + deeper
        self._open_key = open_key
        self._page_key = page_key

    @cached_property
    def nodes(self) -> Sequence[Node]:
        """The parts that there are, each a row that holds others."""
        return tuple(self._nodes())

    def _nodes(self) -> Iterator[Node]:
        yield self._arguments()
        if self._call.progress:
            yield self._told()
        if self._call.result is not None:
            yield self._result(self._call.result)
            if self._call.result.output:
                yield self._printed(self._call.result.output.rstrip())

    def found(self) -> str:
        """What can be found in them."""
        return APART.join(self._found())

    def _found(self) -> Iterator[str]:
        yield searched(self.arguments) if self._is_read else found_in(self._call.arguments.text)
        yield from (_told_words(told) for told in self._call.progress)
        if self._call.result is not None:
            form = self.form
            yield found_in(self._beginning(self.text)[0]) if form == "text" else searched(self.value)
            yield found_in(self._call.result.output.rstrip())

    # -- the arguments ---------------------------------------------------------------------------

    @cached_property
    def arguments(self) -> Any:
        """The object that the arguments are, or the text that was written, when they are none or not whole yet."""
        text = self._call.arguments.text
        if self._call.state == "writing" or len(text) > MOST_READ:
            return text
        value = _read(text.strip() or "{}")
        return value if isinstance(value, dict) else text

    @property
    def _is_read(self) -> bool:
        return isinstance(self.arguments, dict)

    def _arguments(self) -> Node:
        key = part_key(self._place, "arguments")
        value = self.arguments
        if not self._is_read:
            return self._text(key, "arguments", value, "", "" if self._call.state == "writing" else "no JSON object")
        if not value and not self._faults:
            return Node(key, lambda _: self._label("arguments", Content.styled("none", "muted"), "{}".format))
        tree = ValueTree(value, key, self._indent, faults=self._faults, open_key=self._open_key)
        make = partial(self._holder, "arguments", self._faulty(), value, lambda: self._call.arguments.text)
        return Node(key, make, tree.nodes if value or self._faults else None, opens=True)

    @cached_property
    def _faults(self) -> Mapping[str, Sequence[str]]:
        faults: dict[str, list[str]] = {}
        for fault in self._call.result.faults if self._call.result is not None else ():
            faults.setdefault(fault.get("pointer", ""), []).append(fault.get("reason", ""))
        return faults

    def _faulty(self) -> Content:
        count = sum(map(len, self._faults.values()))
        said = "; ".join(self._faults.get("", ()))
        words = plural(count, "fault") if count else ""
        return Content.styled(safe_line(": ".join(filter(None, (words, said)))[:LONGEST_LINE]), "error")

    # -- what it told ----------------------------------------------------------------------------

    def _told(self) -> Node:
        told = tuple(self._call.progress)
        key = part_key(self._place, "told")
        copied = partial("\n".join, [_told_words(each) for each in told])

        def make(is_open: bool) -> Row:
            last = Content("") if is_open else told_content(told[-1])
            count = f"{len(told):,} lines" if len(told) > 1 else ""
            head = Content.assemble((count, "muted"), "  " if count and last else "", last)
            found = None if is_open or len(told) == 1 else partial(APART.join, [_told_words(each) for each in told])
            return self._label("told", head, copied, is_open=is_open if len(told) > 1 else None, found=found)

        def rows() -> Iterator[Node]:
            for number, each in enumerate(told):
                yield Node(f"{key}:{number}", partial(self._told_row, each))

        return Node(key, make, rows if len(told) > 1 else None)

    def _told_row(self, told: ToolProgress, _: bool) -> Row:
        at = Content.styled(f"{seconds(told.t):>6}  ", "muted")
        head = Content.assemble(" " * self._indent, at, told_content(told))
        words = _told_words(told)
        return Row(head, copied=partial(str, words), said=words)

    # -- the result --------------------------------------------------------------------------------

    @cached_property
    def value(self) -> Any:
        """The result, or the error; a text that is JSON as the object or the list that it is."""
        result = self._call.result
        if result is None or result.error is not None:
            return "" if result is None else result.error
        if not isinstance(result.result, str):
            return result.result
        text = result.result
        is_json = len(text) <= MOST_READ and text.lstrip()[:1] in ("{", "[")
        read = _read(text) if is_json else text
        return read if isinstance(read, dict | list) else text

    @property
    def text(self) -> str:
        """The result exactly as it came."""
        result = self._call.result
        if result is None:
            return ""
        return result.error if result.error is not None else values.exact(result.result)

    @cached_property
    def forms(self) -> Sequence[Form]:
        """The forms in which the result can be shown, the sensible one first."""
        value = self.value
        if not is_container(value):
            return ("text",)
        if not is_table(value):
            return ("tree", "text")
        return ("table", "tree", "text") if is_flat(value) else ("tree", "table", "text")

    @property
    def form(self) -> Form:
        """The form in which it is shown."""
        return next((form for form in self.forms if form == self._wanted), self.forms[0])

    def form_behind(self) -> Form:
        """The form that comes behind the one in which it is shown."""
        return self.forms[(self.forms.index(self.form) + 1) % len(self.forms)]

    def _result(self, result: ToolResult) -> Node:
        key = part_key(self._place, "result")
        if result.error is not None:
            words = FAILURES.get(result.error_kind, "failed")
            return self._text(key, "error", self.text, "warning" if result.is_refused else "error", words)
        form = self.form
        if form == "text":
            return self._text(key, "result", self.text, "", "text" if len(self.forms) > 1 else "")
        value = self.value
        words = f"{len(value):,} rows · table" if form == "table" else f"{counted(value)} · tree"
        rows: ValueTable | ValueTree
        if form == "table":
            rows = ValueTable(value, f"{key} table", self._indent, open_key=self._open_key)
        else:
            rows = ValueTree(value, key, self._indent, open_key=self._open_key)
        make = partial(self._holder, "result", Content.styled(words, "muted"), value, lambda: self.text)
        return Node(key, make, rows.nodes, opens=True)

    def _printed(self, output: str) -> Node:
        return self._text(part_key(self._place, "printed"), "printed", output, "", "")

    # -- rows --------------------------------------------------------------------------------------

    def _text(self, key: str, label: str, text: str, style: str, words: str) -> Node:
        """A text: a short one flows below its label, of a long one each line is a row."""
        said = Content.styled(words, style or "muted")
        if is_short(text):
            if not text:
                return Node(key, lambda _: self._label(label, said or Content.styled("empty", "muted"), lambda: text))
            folded = partial(flowing, text, self._indent + 2, style)
            return Node(
                key, lambda _: self._label(label, said, lambda: text, folded=folded, found=lambda: safe_text(text))
            )
        shown, left = self._beginning(text)
        lines = ValueText(shown, key, self._indent + 2, style=style, open_key=self._open_key, left=left)
        count = f"{len(lines):,} lines" if len(lines) > 1 and not left else f"{len(text):,} characters"

        def make(is_open: bool) -> Row:
            first = "" if is_open else beginning(text.lstrip()[:LONGEST_LINE].split("\n")[0])[0]
            head = Content.assemble(
                said, "  " if words else "", (count, "muted"), "  " if first else "", (first, style)
            )
            found = None if is_open else partial(found_in, shown)
            return self._label(label, head, lambda: text, is_open=is_open, found=found)

        return Node(key, make, lines.nodes, opens=True)

    def _beginning(self, text: str) -> tuple[str, str]:
        """What is shown of a text, and what of it is not: of megabytes of JSON the first lines, indented."""
        begun = (
            values.beginning_of_json_text(text) if len(text) > MOST_READ and text.lstrip()[:1] in ("{", "[") else None
        )
        if begun is None:
            return text, ""
        pages = f": {self._page_key} shows all" if self._page_key else ""
        return begun[0], f"{begun[1] or 'that is all'}{pages}"

    def _holder(self, label: str, words: Content, value: Any, copied: Callable[[], str], is_open: bool) -> Row:
        """The row of an object or a list: what it has, and while it is folded the beginning of that."""
        said = Content("") if is_open else Content(summary(value))
        head = Content.assemble(words, "  " if words and said else "", said)
        found = None if is_open else partial(searched, value)
        return self._label(label, head, copied, is_open=is_open, found=found)

    def _label(
        self,
        label: str,
        words: Content,
        copied: Callable[[], str],
        *,
        is_open: bool | None = None,
        found: Callable[[], str] | None = None,
        folded: Callable[[int], Sequence[Content]] | None = None,
    ) -> Row:
        mark = "  " if is_open is None else "▾ " if is_open else "▸ "
        before = " " * (self._indent - 2)
        head = Content.assemble(before, (mark, "muted"), (label, "muted"), "  ", words)
        return Row(head, copied=copied, holds=is_open is False, found=found, said="", folded=folded)


def told_content(told: ToolProgress) -> Content:
    """A report of a running call in a line: how far it is, how serious it is, and the words."""
    style = {"warning": "warning", "error": "error", "critical": "error"}.get(told.level, "muted")
    level = f"{safe_line(told.level[:20])}  " if told.level else ""
    return Content.assemble((_how_far(told), "muted"), (level, style), beginning(told.text)[0])


def _how_far(told: ToolProgress) -> str:
    if told.done is None:
        return ""
    return f"{told.done:,g}{f' of {told.total:,g}' if told.total else ''}  "


def _told_words(told: ToolProgress) -> str:
    return told_content(told).plain


def _read(text: str) -> Any:
    """What a text says when it is JSON, else the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
