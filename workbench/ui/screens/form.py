"""A form over everything else: a list of fields, what the one under the cursor is, and a line where it is changed.

Owns how fields look and are changed with keys; what they are and what comes of a change is the form's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from workbench.safe_text import safe_line, safe_text
from workbench.ui.actions import BY_ID
from workbench.ui.bindings import bindings
from workbench.ui.forms.fields import MAY_BE, Field, Form
from workbench.ui.keymap import Keymap
from workbench.ui.panes.filters import ALL, Filter, beside, with_word
from workbench.ui.screens.form_rows import HEAD, NAME_CELLS, FormRows, LazyField, is_folded, searched_row
from workbench.ui.widgets.choice_list import ChoiceList
from workbench.ui.widgets.choices import Choice
from workbench.ui.widgets.field_editor import FieldEditor
from workbench.ui.widgets.row import MakeRow, Row
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.status_line import StatusLine

LEAST_NAME: Final = 12
DIFFERS: Final[Filter[Field]] = Filter("differs", lambda field: field.differs)
VALUES: Final = "values"
NAMED: Final = (
    "next-hit", "form-ask", "fold-row", "form-start", "filter", "search", "form-presets", "form-save", "form-editor",
    "form-close", "help",
)  # fmt: skip
"""What the last row names behind Enter, the most wanted first."""


class FormScreen(ModalScreen[None]):
    """`form` has the fields; `outside` gives a text as the person's own editor left it, None where it did not.

    `actions` are what keys of the form do besides, by the ids of the table: true when the form is done with.
    """

    DEFAULT_CSS = """
    FormScreen { background: $wb-background; layout: vertical; }
    FormScreen #form-title { height: 1; padding: 0 1; background: $wb-panel; text-style: bold; }
    FormScreen #form-about {
        height: auto; min-height: 3; max-height: 7; padding: 0 1; border-top: solid $wb-rule; color: $wb-text;
    }
    FormScreen #form-line { height: auto; padding: 0 1; display: none; }
    FormScreen #form-name { width: auto; color: $wb-here; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("form")]

    def __init__(
        self,
        form: Form,
        keymap: Keymap,
        outside: Callable[[str], str | None],
        actions: Mapping[str, Callable[[], object]] | None = None,
        *,
        first: str = "",
    ) -> None:
        """`first` is the key of the field on which one stands when it opens, the first one without."""
        super().__init__()
        self._form = form
        self._keymap = keymap
        self._outside = outside
        self._actions = actions or {}
        self._first = first
        self._fields: dict[str, Field] = {}
        self._filter: Filter[Field] = ALL
        self._changing: Field | None = None
        self._problem = ""
        self._name_cells = 0
        self.rows = FormRows(id="form-rows", empty="Nothing here.")
        self.editor = FieldEditor(keymap, id="form-editor")
        self._head = Static(id="form-title", markup=False)
        self._about = Static(id="form-about", markup=False)
        self._label = Static(id="form-name", markup=False)
        self._line = Horizontal(self._label, self.editor, id="form-line")
        self.choices = ChoiceList(id="form-choices")
        self.last = StatusLine(id="hint")

    def compose(self) -> ComposeResult:
        """The title, the fields, what one of them is, the list and the line where it is changed, and the keys."""
        yield self._head
        yield self.rows
        yield self._about
        yield self.choices
        yield self._line
        yield self.last

    def on_mount(self) -> None:
        """Show the fields, the cursor on the first."""
        self.draw()
        self.rows.focus()
        self.watch(self.rows, "cursor", self._tell, init=False)
        self.call_after_refresh(self._stand)

    def _stand(self) -> None:
        if not self._first or not self.rows.show(self._first):
            self.rows.action_edge(0)
        self._tell()

    # -- showing -----------------------------------------------------------------------------------

    def draw(self) -> None:
        """Show the fields as they are now."""
        self._fields = {field.key: field for field in self._form.fields()}
        shown = [field for field in self._fields.values() if self._filter.passes(field)]
        self.rows.empty = f"Nothing {self._filter.name}." if self._filter.name else "Nothing here."
        self.rows.switches = frozenset(field.key for field in shown if field.switches)
        self.rows.put_all(dict(self._rows(shown)))
        if (key := self.rows.cursor_key) is None or key.startswith(HEAD):
            self.rows.action_edge(0)
        only = f"only what {self._filter.name}" if self._filter is DIFFERS else f"only {self._filter.name}"
        self._head.update(Content(safe_line(f"{self._form.title}{f' · {only}' if self._filter.name else ''}")))
        self._tell()

    def _rows(self, fields: Sequence[Field]) -> Iterator[tuple[str, Row | MakeRow]]:
        self._name_cells = self._cells_of_names()
        group = ""
        for field in fields:
            if field.group != group:
                group = field.group
                yield f"{HEAD}{group}", Row(Content.styled(f" {group}", "bold"))
            lazy = LazyField(field, self._name_cells)
            yield field.key, lazy() if self.rows.is_open(field.key) else lazy

    def _cells_of_names(self) -> int:
        return NAME_CELLS if self.size.width >= 3 * NAME_CELLS else LEAST_NAME

    def on_resize(self) -> None:
        """Another width has other columns."""
        if self._fields and self._name_cells != self._cells_of_names():
            self.draw()

    @property
    def field(self) -> Field | None:
        """The field that one stands on."""
        return self._fields.get(self.rows.cursor_key or "")

    def _tell(self) -> None:
        """Say what the field is that one stands on, or what is wrong with what is typed."""
        field = self._changing or self.field
        style = "$wb-warning" if self._problem.startswith(MAY_BE) else "$wb-error"
        lines = [Content.styled(safe_line(self._problem), style)] if self._problem else []
        if field is not None:
            lines += [Content.styled(f"{MAY_BE}{safe_line(field.warning)}", "$wb-warning")] if field.warning else []
            if field.problem and not self._problem and self._changing is None:
                lines.append(Content.styled(safe_line(field.problem), "$wb-error"))
            first, *rest = field.told or ("",)
            lines.append(Content(safe_text(first)))
            lines += [Content.styled(safe_text(each), "$wb-dim") for each in rest]
        self._about.update(Content("\n").join(lines))
        self._show_keys()

    def _show_keys(self) -> None:
        if self._changing is not None:
            keys = ("Enter takes it", "Esc leaves it", *(("Tab completes",) if self.choices.is_open else ()))
            newline, outside = self._keymap.short("newline"), self._keymap.short("form-editor")
            long = (f"{newline} newline", f"{outside} $EDITOR") if self._changing.long else ()
            self.last.keys = (*keys, *(each for each in long if each[0] != " "))
            return
        enter = self._keymap.short("open-row")
        does = {"press": "do it", "fixed": ""}.get(self.field.how if self.field else "fixed", "change")
        head = (f"{enter} {does}",) if enter and does else ()
        named = ((self._keymap.short(id), BY_ID[id].hint) for id in NAMED if self._can(id))
        self.last.keys = (*head, *(f"{key} {hint}" for key, hint in named if key))
        self.last.left = self._form.about

    def _can(self, id: str) -> bool:
        field = self.field
        match id:
            case "next-hit":
                return self.rows.search is not None
            case "form-presets" | "form-save" | "form-ask":
                return id in self._actions
            case "form-start":
                return field is not None and field.how not in ("fixed", "press")
            case "form-editor":
                return field is not None and field.how == "type"
            case "fold-row":
                return field is not None and is_folded(field)
        return True

    def on_searching_view_searched(self) -> None:
        """Say what is looked for."""
        self.last.search = self.rows.search
        self._show_keys()

    def on_row_list_filter_asked(self, message: RowList.FilterAsked) -> None:
        """Show the fields that differ, those with the word that is looked for, or all."""
        filters: list[Filter[Field]] = [ALL, DIFFERS, *with_word(self.rows, searched_row)]
        self._filter = beside(self._filter.name, filters, message.by)
        self.draw()

    # -- changing ----------------------------------------------------------------------------------

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        """Change the field that one stands on, or do what it is for."""
        message.stop()  # which opens rows of panes further up
        field = self.field
        if field is None:
            return
        match field.how:
            case "toggle":
                self._done(self._form.toggle(field.key))
            case "press":
                if self._form.press(field.key):
                    self.dismiss()
                else:
                    self.draw()
            case "fixed":
                self._done(next(iter(field.told[-1:]), ""))
            case _:
                self._begin(field)

    def on_form_rows_switched(self, message: FormRows.Switched) -> None:
        """Give a field its next value."""
        self._done(self._form.toggle(message.key))

    def _begin(self, field: Field, text: str | None = None) -> None:
        self._problem = ""
        self._changing = field
        is_choice = field.how == "choose"
        self._label.update(Content(f"{safe_line(field.name)} = "))
        self._line.display = True
        self.editor.placeholder = field.value.partition("\n")[0] if is_choice else ""
        self.editor.begin("" if is_choice and text is None else field.typed if text is None else text,
                          is_long=field.long)  # fmt: skip
        self._offer()
        self.editor.focus()
        self._tell()

    def _end(self) -> None:
        self._changing = None
        self._line.display = False
        self.choices.clear()
        self.rows.focus()
        self.draw()

    def _done(self, problem: str) -> None:
        """A change was tried: show what is there now, and what was wrong."""
        self._problem = problem
        self.draw()
        self._problem = ""

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Say at once what is wrong with what is typed, and offer what it may become."""
        if self._changing is None:
            return
        self._offer()
        typed = self.editor.typed
        is_begun = self._changing.how == "choose" and (not typed or self.choices.is_open)
        self._problem = "" if is_begun else self._form.check(self._changing.key, typed)
        self._tell()

    def _offer(self) -> None:
        field = self._changing
        assert field is not None
        typed = self.editor.typed
        folded = typed.strip().casefold()
        is_as_it_was = typed == field.typed or not folded
        fitting = [each for each in field.choices if is_as_it_was or folded in each.shown.casefold()]
        if [each.text for each in fitting] == [typed]:
            fitting = []
        if fitting and field.how == "type" and typed:  # what Enter takes is the chosen one, always
            fitting = [Choice(typed, note="as typed"), *(each for each in fitting if each.text != typed)]
        offered = [_marked(each, "" if is_as_it_was else folded) for each in fitting]
        self.choices.put(offered, VALUES if offered else "")
        self.editor.walks = bool(fitting)

    def on_field_editor_walked(self, message: FieldEditor.Walked) -> None:
        """Choose another one in the list."""
        self.choices.move(message.by)

    def on_field_editor_completed(self) -> None:
        """Write what is chosen in the list into the line."""
        if self._changing is not None and (chosen := self.choices.chosen) is not None:
            self.editor.begin(chosen.text, is_long=self._changing.long)

    def on_field_editor_taken(self) -> None:
        """Take the value, if it can be one; else say why it cannot, and let it be changed on."""
        if (field := self._changing) is None:
            return
        chosen = self.choices.chosen
        if field.how == "choose" and not self.editor.typed and not self.choices.is_walked:
            self._end()  # nothing was chosen
            return
        is_offered = chosen is not None and (self.editor.typed or self.choices.is_walked)
        typed = chosen.text if chosen is not None and is_offered else self.editor.typed
        if field.how == "type" and typed == field.typed and typed:  # which may be without a key that the value has
            self._end()
            return
        self._problem = self._form.change(field.key, typed)
        if self._problem:
            self._tell()
        else:
            self._end()

    def on_field_editor_left(self) -> None:
        """Leave the value as it was."""
        self._problem = ""
        self._end()

    def on_field_editor_outside(self) -> None:
        """Write what stands in the line in the person's own editor."""
        if self._changing is not None and (text := self._outside(self.editor.typed)) is not None:
            self.editor.begin(text, is_long=self._changing.long)

    # -- actions -----------------------------------------------------------------------------------

    def action_edit_outside(self) -> None:
        """Write the value of a field in the person's own editor, and take what it left."""
        field = self.field
        if field is None or field.how != "type":
            return
        text = self._outside(field.typed)
        if text is None or text == field.typed:
            return
        problem = self._form.change(field.key, text.strip() if not field.long else text.strip("\n"))
        if problem:  # nothing that was written is lost
            self._begin(field, text)
            self._problem = problem
            self._tell()
        else:
            self.draw()

    def action_reset_field(self) -> None:
        """Give a field the value that it had at first."""
        if (field := self.field) is not None and field.how not in ("fixed", "press"):
            self._done(self._form.reset(field.key))

    def action_ask_of(self, id: str) -> None:
        """Do what a key of this form is for."""
        if (act := self._actions.get(id)) is not None and act():
            self.dismiss()

    def action_close(self) -> None:
        """Take a search away, else the form."""
        if not self.rows.forget_search():
            self.dismiss()

    def on_screen_resume(self) -> None:
        """Another screen was over this one, and may have changed something."""
        if self._fields and self._changing is None:
            self.draw()


def _marked(choice: Choice, typed: str) -> Choice:
    at = choice.shown.casefold().find(typed) if typed else -1
    return choice if at < 0 else Choice(choice.text, choice.label, choice.note, ((at, at + len(typed)),))
