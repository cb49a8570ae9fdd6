"""The tree of the conversation: every branch, where one is, and going to another one, naming and pruning.

Owns asking before a turn is hidden, and the line in which a name is typed. What the tree is, `conversation` knows; how
its rows look, `branch_rows`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.plural import plural
from workbench.ui.bindings import bindings
from workbench.ui.branch_rows import ON_PATH, tree_rows
from workbench.ui.hints import WHILE_SEARCHED, hints
from workbench.ui.widgets.edited_text import EditedText
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.ui.actions import Spot
    from workbench.ui.keymap import Keymap

LONGEST_NAME: Final = 60  # characters


class TreeScreen(ModalScreen[None]):
    """Over all else. `go_to` is told the turn that one goes to, and whether the conversation goes on right behind it or
    at the end of its branch; `pruned`, that one is no longer where one was. `refuses` says, and tells the person,
    whether the conversation cannot move now."""

    DEFAULT_CSS = """
    TreeScreen { background: $wb-background; layout: vertical; }
    TreeScreen #tree-title { height: 1; padding: 0 1; background: $wb-panel; }
    TreeScreen #naming { height: 1; display: none; background: $wb-panel; }
    TreeScreen #naming Static { width: auto; padding: 0 0 0 1; }
    TreeScreen #naming EditedText { height: 1; width: 1fr; }
    TreeScreen RowList {
        scrollbar-color: $wb-scrollbar;
        scrollbar-background: $wb-background;
        scrollbar-background-hover: $wb-background;
        scrollbar-background-active: $wb-background;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("tree")]

    def __init__(
        self,
        conversation: Conversation,
        go_to: Callable[[int, bool], object],
        pruned: Callable[[], object],
        refuses: Callable[[], bool],
        keymap: Keymap,
    ) -> None:
        super().__init__()
        self._conversation = conversation
        self._go_to = go_to
        self._pruned = pruned
        self._refuses = refuses
        self._keymap = keymap
        self._rows = RowList(id="tree-rows", empty="Every turn is pruned.")
        self._line = EditedText(keymap, is_one_line=True, id="name")
        self._named: int | None = None  # the turn whose branch is being named,
        self._asked: int | None = None  # and the one that Enter would prune
        self._last = StatusLine(id="hint")

    def compose(self) -> ComposeResult:
        """What there is in a line, the rows, the line for a name, and the keys that work here."""
        yield Static(id="tree-title", markup=False)
        yield self._rows
        with Horizontal(id="naming"):
            yield Static("name:", markup=False)
            yield self._line
        yield self._last

    def on_mount(self) -> None:
        """Stand on the turn that the conversation goes on from."""
        self._draw()
        if (end := self._conversation.tree.end) is not None:
            self._rows.show(str(end))
        self._rows.focus()

    def _draw(self) -> None:
        """Show the tree as it is, and stand where one stood, or on the row that has come there."""
        key, at = self._rows.cursor_key, self._rows.cursor
        self._rows.clear()
        self._rows.put_all(tree_rows(self._conversation.tree))
        if key is not None and not self._rows.show(key) and self._rows.keys:
            self._rows.show(self._rows.keys[min(at, len(self._rows.keys) - 1)])
        self._say()

    def _say(self) -> None:
        """Say above what there is, or what is asked before a turn is hidden; and below the keys that work."""
        self.query_one("#tree-title", Static).update(self._title() if self._asked is None else self._question())
        spot: Spot = "editor" if self._named is not None else "tree"
        self._last.keys = () if self._asked is not None else hints(self._keymap, spot, self._can)

    def _can(self, id: str) -> bool:
        match id:
            case "filter" | "filter-back" | "edit-call" | "newline-edited" | "other-part" | "edit-outside":
                return False
            case "unprune":
                return bool(self._conversation.tree.pruned)
            case _:
                return id not in WHILE_SEARCHED or self._rows.search is not None

    def _title(self) -> Content:
        tree, keys = self._conversation.tree, self._rows.keys
        ends, hidden = sum(1 for key in keys if not tree.children(int(key))), len(tree) - len(keys)
        words = [plural(len(keys), "turn"), plural(ends, "branch", "branches")]
        words += [f"{hidden} hidden"] if hidden else []
        return Content.assemble(
            ("Tree  ", "bold"), (" · ".join(words), "$wb-dim"), ("   ", ""), (ON_PATH, "$wb-here"),
            (f" you are here · {self._keymap.short('open-row')} goes there", "$wb-dim"),
        )  # fmt: skip

    def _question(self) -> Content:
        """What is asked before a turn is hidden."""
        turn = self._conversation.tree.turn(self._asked or 0)
        after = self._following(turn.number)
        behind = f" and {plural(after, 'turn')} behind it" if after else ""
        words = f"Enter hides turn {turn.place}{behind}, {self._keymap.short('close-tree')} does not"
        return Content.styled(words, "bold $wb-warning")

    def _following(self, number: int) -> int:
        tree, waiting, count = self._conversation.tree, [number], 0
        while waiting:
            below = tree.children(waiting.pop())
            count += len(below)
            waiting += [turn.number for turn in below]
        return count

    @property
    def _here(self) -> int | None:
        """The turn that one stands on."""
        key = self._rows.cursor_key
        return None if key is None else int(key)

    # -- what is done ----------------------------------------------------------------------------

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        """Go to the turn, or prune it when that was asked about it."""
        message.stop()
        number, asked = int(message.key), self._asked
        self._asked = None
        if number == asked:
            self._prune(number)
        else:
            self._go(number, goes_on=False)

    def _go(self, number: int, *, goes_on: bool) -> None:
        if not self._refuses():
            self.dismiss()
            self._go_to(number, goes_on)

    def on_searching_view_searched(self) -> None:
        """Say what is looked for."""
        self._last.search = self._rows.search
        self._say()

    def action_close(self) -> None:
        """Close the tree, or leave what is asked or typed."""
        if self._asked is not None:
            self._asked = None
            self._say()
        else:
            self.dismiss()

    def action_go_on_here(self) -> None:
        """Let the conversation go on right behind the turn."""
        if (number := self._here) is not None:
            self._go(number, goes_on=True)

    def action_prune(self) -> None:
        """Ask whether the turn is to be hidden, with what follows it."""
        if (number := self._here) is not None and not self._refuses():
            self._asked = number
            self._say()

    def _prune(self, number: int) -> None:
        end = self._conversation.tree.end
        self._conversation.prune(number)
        self._draw()
        if self._conversation.tree.end != end:
            self._pruned()

    def action_unprune(self) -> None:
        """Show again what was pruned last."""
        tree = self._conversation.tree
        if not tree.pruned:
            self.notify("nothing is pruned", markup=False)
            return
        number = next(reversed(tree.pruned))
        self._conversation.unprune(number)
        self._draw()
        self._rows.show(str(number))

    def action_name_branch(self) -> None:
        """Type a name for the branch that ends in the turn."""
        if (number := self._here) is not None:
            self._named, self._asked = number, None
            self._line.put(self._conversation.tree.names.get(number, ""))
            self.query_one("#naming").display = True
            self._line.focus()
            self._say()

    def on_edited_text_acted(self, message: EditedText.Acted) -> None:
        """Take the name, or leave it as it was."""
        message.stop()
        if self._named is not None and message.id == "send-edited":
            self._conversation.name_branch(self._named, " ".join(self._line.text.split())[:LONGEST_NAME])
        if message.id in ("send-edited", "leave-edited"):
            self._named = None
            self.query_one("#naming").display = False
            self._rows.focus()
            self._draw()
