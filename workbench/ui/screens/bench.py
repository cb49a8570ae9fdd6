"""A tool that is run alone: a form for its arguments, and every run with what came of it.

Owns how both stand on the screen, and the keys. What runs is the bench's, what is filled in the form's, and what
becomes of a result in a turn is for `desk`. Nothing of it is in the conversation until it is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Protocol

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from workbench.plural import plural
from workbench.ui.actions import BY_ID
from workbench.ui.background import in_background
from workbench.ui.bench import Bench, BenchRun
from workbench.ui.bindings import bindings
from workbench.ui.forms.schema_form import ALL, PRESS, SchemaForm
from workbench.ui.keymap import Keymap
from workbench.ui.panes import values
from workbench.ui.screens.bench_runs import BenchRuns, came_of
from workbench.ui.screens.form import FormScreen
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.searching import SearchingView
from workbench.ui.widgets.status_line import Notice

BESIDE_FROM: Final = 100  # cells of the screen, from which the runs stand beside the form
TICK_SECONDS: Final = 0.25  # between two looks at how long a run takes
NAMED: Final = (
    "bench-run", "bench-other", "bench-take", "bench-form", "bench-pager",
    "bench-copy", "bench-json", "bench-copy-line", "bench-start",
    "bench-editor", "bench-close", "help",
)  # fmt: skip


class Desk(Protocol):
    """What the screen has done for it."""

    def run(self, bench: Bench, arguments: Mapping[str, Any]) -> None:
        """Begin to run the tool, beside everything else."""

    def take(self, bench: Bench, run: BenchRun | None, arguments: Mapping[str, Any], *, with_result: bool) -> str:
        """Edit what came of a run into the call of a turn, or the arguments alone; why that cannot be."""

    def copy(self, text: str) -> None:
        """Take a text along."""

    def page(self, text: str) -> None:
        """Show a text in the person's own pager."""

    def line(self, bench: Bench, arguments: Mapping[str, Any]) -> str:
        """The line of a shell that runs the tool so."""


class BenchScreen(FormScreen, inherit_bindings=False):
    """Over all else. `outside` gives a text as the person's own editor left it, None where it did not."""

    DEFAULT_CSS = """
    BenchScreen #bench { height: 1fr; layout: vertical; }
    BenchScreen #bench-form { height: 1fr; min-height: 5; }
    BenchScreen #bench-ran { height: 1fr; }
    BenchScreen #bench-title { height: 1; padding: 0 1; color: $wb-dim; text-style: bold; border-top: none; }
    BenchScreen #bench-runs { height: 1fr; }
    BenchScreen.-beside #bench { layout: horizontal; }
    BenchScreen.-beside #bench-form { width: 1fr; height: 1fr; }
    BenchScreen.-beside #bench-ran { width: 1fr; height: 1fr; border-left: solid $wb-rule; }
    BenchScreen.-json FieldEditor { max-height: 12; }
    BenchScreen.-low #form-about { max-height: 4; min-height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("bench")]

    def __init__(
        self,
        bench: Bench,
        form: SchemaForm,
        desk: Desk,
        keymap: Keymap,
        outside: Callable[[str], str | None],
    ) -> None:
        super().__init__(form, keymap, outside, first=PRESS)
        self.bench = bench
        self._of_schema = form
        self._desk = desk
        self.runs = BenchRuns(bench, keymap, empty=self._nothing_ran())
        self._runs_title = Static(id="bench-title", markup=False)
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The title, the form with what a field is and the line where it is changed, the runs, and the keys."""
        yield self._head
        with Container(id="bench"):
            with Vertical(id="bench-form"):
                yield self.rows
                yield self._about
                yield self.choices
                yield self._line
            with Vertical(id="bench-ran"):
                yield self._runs_title
                yield self.runs
        yield self.last

    def on_mount(self) -> None:
        """Show the runs so far, and from now on what comes."""
        self.bench.changed = self._changed
        self._arrange()
        self._show_runs()
        self._timer = self.set_interval(TICK_SECONDS, self._tick, pause=self.bench.running is None)
        self.watch(self.runs, "cursor", self._show_keys, init=False)
        self.run_worker(self._prepare(), exit_on_error=False)

    async def _prepare(self) -> None:
        """Make ready to check what is filled in."""
        await in_background(self._of_schema.checker.prepare)
        if self._changing is None:
            self.draw()

    def on_unmount(self) -> None:
        """Nobody looks any more; what runs goes on."""
        if self.bench.changed == self._changed:
            self.bench.changed = lambda _: None

    def on_resize(self) -> None:
        """The runs stand beside the form where there is room, else below it."""
        self._arrange()

    def _arrange(self) -> None:
        size = self.app.size
        self.set_class(size.width >= BESIDE_FROM, "-beside")
        self.set_class(size.height < 30 and size.width < BESIDE_FROM, "-low")

    @property
    def is_typing(self) -> bool:
        """Whether somebody writes an argument."""
        return self._changing is not None

    # -- the runs ----------------------------------------------------------------------------------------

    def _changed(self, run: BenchRun) -> None:
        """Something happened to a run: show it, and open it when it is over."""
        if not self.is_mounted:
            return
        if run.result is None:
            self._tick()
            self._say_count()
            if self._timer is not None:
                self._timer.resume()
            self._show_keys()
            return
        self._show_runs()
        if self._timer is not None:
            self._timer.pause()
        if not self._in_runs:
            self.runs.open_run(run)
        if run.result.error_kind in ("arguments", "invalid-arguments"):
            self._of_schema.refuse(run.result.error or "")
        if not self.is_typing:
            self.draw()
        self._show_keys()

    def _tick(self) -> None:
        """Say how long the run takes, and what it told last."""
        if (run := self.bench.running) is not None:
            self.runs.tick(run)

    def _show_runs(self) -> None:
        self.runs.draw()
        self._say_count()

    def _say_count(self) -> None:
        count = len(self.bench.runs)
        words = f"{plural(count, 'run')} alone, the newest first" if count else "Runs"
        self._runs_title.update(Content(words))

    def _nothing_ran(self) -> str:
        key = self._keymap.short("bench-run")
        return f"What comes of a run appears here{f': {key} runs it' if key else ''}. No model is asked."

    @property
    def _in_runs(self) -> bool:
        """Whether one stands on a run, and on no argument."""
        return self.focused is self.runs

    @property
    def here(self) -> BenchRun | None:
        """The run that one stands on, else the newest."""
        found = self.runs.run_here if self._in_runs else None
        return found or next(iter(self.bench.runs), None)

    def on_trace_rows_folded(self, message: BenchRuns.Folded) -> None:
        """Show what a run, or a part of one, holds, or fold it again."""
        self.runs.turn_over(message.key)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        """Show all of a run, or less: it is no field, for which the form's own is called, too."""
        if message.rows is self.runs:
            message.stop()
            message.prevent_default()
            self.runs.action_fold()

    # -- what a person does ------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Run the tool with these arguments."""
        self._desk.run(self.bench, self._of_schema.values)

    def action_other(self) -> None:
        """From the arguments to the runs, and back."""
        self.set_focus(self.rows if self._in_runs or not self.bench.runs else self.runs)
        self._show_keys()

    def action_as_json(self) -> None:
        """The arguments as one text, or as a form again."""
        self._of_schema.is_json = not self._of_schema.is_json
        self.set_class(self._of_schema.is_json, "-json")
        self.set_focus(self.rows)
        self.draw()
        if self._of_schema.is_json:
            self.rows.show(ALL, unfold=True)
        else:
            self.rows.action_edge(0)

    def action_take(self, with_result: int) -> None:
        """Edit what came of the run, or the arguments alone, into the call of the turn."""
        run = self.here
        arguments = run.arguments if run is not None and (with_result or self._in_runs) else self._of_schema.values
        if problem := self._desk.take(self.bench, run, arguments, with_result=bool(with_result)):
            self._say(problem)

    def action_copy(self) -> None:
        """Copy what came of the run that one stands on; of the form, the arguments."""
        run = self.here if self._in_runs else None
        if run is None:
            self._desk.copy(values.exact(self._of_schema.values))
        elif run.result is not None:
            key = self.runs.cursor_key or ""
            self._desk.copy(came_of(run) if self.runs.is_on_run else self.runs.text(key))

    def action_form(self) -> None:
        """Show the result of a run as a table, as a tree or as its text."""
        if not self._in_runs and self.bench.runs:
            self.action_other()
            self.runs.action_edge(0)
        self.runs.other_form()
        self._show_keys()

    def action_pager(self) -> None:
        """Show what one stands on of the runs in the person's own pager; of the form, the newest run's result."""
        run = self.here
        if run is not None:
            self._desk.page(self.runs.whole_here() if self._in_runs else came_of(run))

    def action_copy_line(self) -> None:
        """Copy the line of a shell that runs the tool, with the arguments of a run or of the form."""
        run = self.here if self._in_runs else None
        self._desk.copy(self._desk.line(self.bench, run.arguments if run is not None else self._of_schema.values))

    def action_refill(self) -> None:
        """Let the form have the arguments of the run that one stands on."""
        if (run := self.here) is not None:
            self._of_schema.put(run.arguments)
            self.set_focus(self.rows)
            self.draw()
            self._say(f"the form has the arguments of run {run.number}")

    def action_close(self) -> None:
        """Take a search away, else cancel what runs, else close."""
        searched = next((rows for rows in (self.rows, self.runs) if rows.search is not None), None)
        if searched is not None:
            searched.forget_search()
        elif not self.bench.cancel():
            self.dismiss()

    def _say(self, text: str) -> None:
        self.last.tell(Notice(text, "warning"))

    def _show_keys(self) -> None:
        if self._changing is not None or not self.is_mounted:
            super()._show_keys()
            return
        keys = self._keymap
        enter = keys.short("open-row")
        in_runs = self._in_runs
        does = "open" if in_runs else "run" if self.field is not None and self.field.how == "press" else "change"
        words = {
            "bench-other": "arguments" if in_runs else "runs",
            "bench-json": "form" if self._of_schema.is_json else "JSON",
        }
        named = [(keys.short(id), words.get(id, BY_ID[id].hint)) for id in NAMED if self._has_use(id, in_runs)]
        if self.bench.running is not None:
            others = [each for each in named if each[1] not in ("run", "close")]
            named = [(keys.short("bench-close"), "cancel"), *others]
        head = (f"{enter} {does}",) if enter and does != "run" else ()
        self.last.keys = (*head, *(f"{key} {hint}" for key, hint in named if key))
        self.last.left = "no model is asked" if self.app.size.width >= BESIDE_FROM else ""

    def _has_use(self, id: str, in_runs: bool) -> bool:
        match id:
            case "bench-take":
                return self.bench.place is not None and self.here is not None
            case "bench-other":
                return bool(self.bench.runs)
            case "bench-form" | "bench-pager":
                return in_runs and self.here is not None and self.here.result is not None
            case "bench-start" | "bench-editor":
                return not in_runs and self.field is not None and self.field.how != "press"
        return True

    def on_searching_view_searched(self, message: SearchingView.Searched) -> None:  # type: ignore[override]
        """Say what is looked for, in the form or in the runs."""
        message.prevent_default()
        self.last.search = next((rows.search for rows in (self.rows, self.runs) if rows.search is not None), None)
        self._show_keys()
