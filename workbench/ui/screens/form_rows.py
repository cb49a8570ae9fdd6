"""The fields of a form as rows: a mark, a name and a value each, below the names of their groups.

Owns how a field looks in a line, and that the cursor stands on fields alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.message import Message

from workbench.safe_text import safe_line, safe_text
from workbench.ui.forms.fields import Field
from workbench.ui.widgets.row import LazyRow, Row, beginning
from workbench.ui.widgets.rows import RowList

NAME_CELLS: Final = 20
SHORT_VALUE: Final = 40  # characters of a value that its row shows whole
HEAD: Final = "group "
GLYPH: Final = "●"
WRONG: Final = "✗"


class FormRows(RowList):
    """The fields, below the names of their groups, on which nobody stands."""

    can_filter = True

    class Switched(Message):
        """Sent when the field of this key is to have its next value."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    switches: frozenset[str] = frozenset()
    """The keys of fields that have their next value with Space, and are not folded."""

    def action_fold(self) -> None:
        """Unfold the row of a field or fold it again, or give the field its next value."""
        if (key := self.cursor_key) is not None and key in self.switches:
            self.post_message(self.Switched(key))
        else:
            super().action_fold()

    def let_out(self, key: str) -> None:
        """No row holds others."""

    def action_move(self, by: int) -> None:
        """Move the cursor by so many rows, past the name of a group."""
        before = self.cursor
        super().action_move(by)
        self._past_heads(1 if by > 0 else -1, before)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        before = self.cursor
        super().action_page(by)
        self._past_heads(1 if by > 0 else -1, before)

    def action_half_page(self, by: int) -> None:
        """Move the cursor by half a page."""
        before = self.cursor
        super().action_half_page(by)
        self._past_heads(1 if by > 0 else -1, before)

    def action_edge(self, which: int) -> None:
        """To the first field for 0, to the last one for anything else."""
        super().action_edge(which)
        self._past_heads(1 if which == 0 else -1, self.cursor)
        if which == 0:  # with the name of its group
            self.scroll_to(y=0, animate=False, immediate=True, force=True)

    def _past_heads(self, by: int, before: int) -> None:
        keys, at = self.keys, self.cursor
        while 0 <= at < len(keys) and keys[at].startswith(HEAD):
            at += by
        self.cursor = at if 0 <= at < len(keys) else before


@dataclass(frozen=True, slots=True)
class LazyField(LazyRow):
    """The row of a field, made when it is seen: a form may have hundreds."""

    field: Field
    cells: int  # of its name

    def __call__(self) -> Row:
        """The row."""
        return field_row(self.field, self.cells)

    def searched(self) -> tuple[str, str]:
        """As of the row."""
        return self().searched()


def field_row(field: Field, cells: int) -> Row:
    """A field as a row: a mark where it differs, its name, its value in a line, and why it differs at the right."""
    value, rest = beginning(" ".join(field.value.split()))
    mark = WRONG if field.problem else GLYPH if field.differs else "!" if field.warning else " "
    style = "error" if field.problem else "accent" if field.differs else "warning" if field.warning else "muted"
    name = Content(safe_line(field.name))
    head = Content.assemble(
        " ",
        (mark, style),
        " ",
        name.stylize("bold") if field.differs else name,
        " " * max(1, cells - name.cell_length),
        Content.styled(value, "muted") if field.how == "fixed" or not field.differs else Content(value),
        *((("  ! ", "warning"), ("may be refused", "warning")) if field.warning else ()),
        *((("  ", "error"), (safe_line(field.problem), "error")) if field.problem else ()),
    )
    tails = (Content.styled(safe_line(field.mark), "muted"),) if field.mark else ()
    body = Content(safe_text(field.value)) if is_folded(field) else None
    return Row(head, tails, body=body, head_rest=rest, copied=lambda: field.value, repeats=body is not None)


def searched_row(field: Field) -> Row:
    """A field as a row in which words are looked for."""
    return field_row(field, NAME_CELLS)


def is_folded(field: Field) -> bool:
    """Whether the row of a field does not show all of its value."""
    return "\n" in field.value or len(field.value) > SHORT_VALUE
