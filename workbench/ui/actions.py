"""Every action of the app, in one table: what it is called, its keys, where it works, its slash command.

Bindings, the palette, the slash commands, help and the handbook's page of keys come from it. Imports nothing of the
screen, so that settings can be checked against it without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

from workbench.ui.arrangement import KEYS

Spot = Literal[
    "prompt",
    "chat",
    "rows",  # of the other panes, but for
    "trace",  # those of Tools,
    "sources",  # and those of Sources
    "raw",  # the raw text
    "reading",  # a screen to read
    "compare",  # turns that are compared
    "choosing",  # a list of turns to choose from
    "grid",  # a grid of answers
    "form",  # a form of settings
    "tools",  # the list of tools
    "docs",  # the list of documents
    "bench",  # a tool that is run alone
    "question",  # a question over the prompt
    "selecting",  # a text in which one selects with keys
    "tree",  # the tree of turns
    "editor",  # a call of a turn that is edited
    "sessions",  # the list of sessions
    "replay",  # the main screen of a replay, unless something stands in the prompt
]
"""What can have the focus."""

Place = Literal[Spot, "everywhere", "main", "looking", "panes", "text", "view"]
"""Where an action works: in one spot; on every screen, dialogs too; on the main one, its prompt included; there, and in
a question over the prompt; in its panes only; in panes and the raw text; in text that scrolls."""

_SPOTS: Final[frozenset[Spot]] = frozenset(get_args(Spot))

SPOTS: Final[Mapping[Place, frozenset[Spot]]] = MappingProxyType(
    {
        **{spot: frozenset({spot}) for spot in _SPOTS},
        "everywhere": _SPOTS,
        "main": frozenset({"prompt", "chat", "rows", "trace", "sources"}),
        "looking": frozenset({"prompt", "chat", "rows", "trace", "sources", "question"}),
        "panes": frozenset({"chat", "rows", "trace", "sources"}),
        "text": frozenset({"chat", "rows", "trace", "sources", "raw", "compare", "choosing", "form", "tree"}),
        "view": frozenset({"chat", "raw"}),
        "rows": frozenset({"rows", "trace", "sources", "compare", "choosing", "form", "tree"}),
    }
)
"""What may have the focus for an action of each place to work."""

TYPED_IN: Final[frozenset[Spot]] = frozenset({"prompt", "question", "editor", "sessions"})
"""Where the keys of characters write them."""

IN_EMPTY_PROMPT: Final = frozenset({"next-citation", "previous-citation", "open-citation"})
"""Actions of the chat that a prompt in which nothing stands has too, when the last answer has citations."""

OF_THE_APP: Final[frozenset[Place]] = frozenset({"everywhere", "main", "looking", "panes", "replay"})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person can have done.

    `keys` are named as Textual names them. `title` is its name in the palette, "" for a movement, which nobody looks
    up there. `slash` is its slash command, with what may be typed after it, and `aliases` are other names of that.
    `does` is what Textual runs, "" where the app performs the action by its id, or a widget reads the key itself.
    `hint` is its word in the last row, "" where that does not name it; actions of one word are named together.
    With `overtakes` the key means this before what has the focus sees it.
    """

    id: str
    place: Place
    keys: tuple[str, ...]
    title: str
    meaning: str
    slash: str = ""
    hint: str = ""
    aliases: tuple[str, ...] = ()
    does: str = ""
    overtakes: bool = False

    @property
    def command(self) -> str:
        """The slash command's name, without the slash and what may follow; "" when there is none."""
        return self.slash.partition(" ")[0]

    @property
    def argument(self) -> str:
        """What may follow the slash command, as `[FILE]`; "" when nothing may."""
        return self.slash.partition(" ")[2]

    @property
    def run(self) -> str:
        """What Textual runs: `does`, or the app's performing of it."""
        return self.does or (f"app.perform('{self.id}')" if self.place in OF_THE_APP else "")


EDITING: Final = "Editing the question"
"""The group of what a shell's line editor does, which people know: it is named last."""

# fmt: off
GROUPS: Final[Mapping[str, tuple[Action, ...]]] = MappingProxyType({
    "Questions": (
        Action("send", "prompt", ("enter",), "Send the question",
               "send the question; while an answer streams, ask it next", hint="ask"),
        *(
            Action(f"suggested-{number}", "main", (f"alt+{number}",), f"Ask suggestion {number}",
                   "the questions that an empty chat suggests", overtakes=True)
            for number in range(1, 4)
        ),
        Action("newline", "prompt", ("ctrl+j", "shift+enter", "alt+enter"), "New line in the question",
               "a new line in the question", hint="newline"),
        Action("edit", "main", ("ctrl+g",), "Write in $EDITOR", "write the question in $EDITOR", overtakes=True),
        Action("earlier-question", "prompt", ("up",), "", "on the first line, the question before"),
        Action("later-question", "prompt", ("down",), "", "on the last line, the question after"),
        Action("open-paste", "prompt", ("alt+o",), "Open what was pasted", "open a long paste, which is folded",
               does="open_paste"),
        Action("search-history", "prompt", ("ctrl+r",), "Search what was asked before",
               "look for something that was asked before"),
        Action("chat-page-up", "prompt", ("pageup",), "", "a page of the chat up"),
        Action("chat-page-down", "prompt", ("pagedown",), "", "a page of the chat down"),
    ),
    "Conversation": (
        Action("cancel", "main", ("escape",), "Cancel the turn",
               "cancel the turn and keep what came; else back to the prompt"),
        Action("retry", "main", (), "Ask again", "ask the last question again", "retry", overtakes=True),
        Action("new", "main", ("ctrl+n",), "New conversation", "a new conversation",
               "clear", aliases=("new",), overtakes=True),
        Action("model", "main", (), "Model", "say or change the model", "model [NAME]",
               overtakes=True),
        Action("set", "main", (), "Settings", "say or change a setting, or list them all", "set [NAME=VALUE]",
               overtakes=True),
        Action("reset", "main", (), "Settings of the start", "give a setting, or all, the value of the start",
               "reset [SETTING]", overtakes=True),
        Action("system", "main", (), "System message", "edit the system message in $EDITOR", "system",
               overtakes=True),
        Action("docs", "panes", ("D",), "Documents on and off",
               "the documents: which go along from the next turn on, what would be sent, and what is pinned to it",
               "docs [on|off|only|add NAME]", hint="documents"),
        Action("citations", "main", (), "Citation mode",
               "how citations are made from the next turn on: fast, accurate or off", "citations [MODE]",
               overtakes=True),
        Action("tools", "panes", ("T",), "Tools on and off",
               "the tools that the model may call: which go along from the next turn on, and whether one has to be",
               "tools [on|off|only NAME]", hint="tools on/off"),
        Action("run-tool", "main", (), "Run a tool alone", "run a tool alone, without a model", "run-tool NAME [JSON]",
               overtakes=True),
        Action("copy-answer", "main", (), "Copy the last answer",
               "copy the last answer, or write it to a file; with a number, that code block", "copy [N|FILE]",
               overtakes=True),
        Action("copy-turn", "main", (), "Copy the turn",
               "copy the turn that is read as Markdown, or write it to a file", "copy-turn [FILE]", overtakes=True),
        Action("settings-panel", "main", ("f9",), "Settings panel",
               "every setting in a panel, to look at and to change", "settings [NAME=VALUE]", overtakes=True),
        Action("preset", "main", (), "Presets", "change to settings that go together, or list them",
               "preset [PRESET]", overtakes=True),
        Action("sessions", "main", ("f10",), "Sessions",
               "the conversations so far: find one by what was said in it, and go on with it", "sessions [WORDS]",
               overtakes=True),
        Action("fork", "main", (), "Fork the conversation",
               "go on in a copy of the conversation up to the turn that is read", "fork", overtakes=True),
        Action("copy-as", "main", (), "Copy the turn as …",
               "copy the turn that is read as a script for Python or curl, JSON, Markdown or HTML",
               "copy-as [FORM]", overtakes=True),
        Action("export", "main", (), "Export the conversation",
               "write the conversation, or the turn, to a new file: as a document, a script or a recording",
               "export [turn] [FORM] [FILE]", overtakes=True),
    ),
    "Panes": (
        Action("next-pane", "looking", ("tab", "ctrl+o"), "Next pane", "the next pane", overtakes=True,
               hint="panes"),
        Action("previous-pane", "looking", ("shift+tab",), "Previous pane", "the pane before", overtakes=True),
        *(
            Action(f"show-{name}", "looking", (key,), f"Show {name.title()}", f"go to {name.title()}", overtakes=True)
            for name, key in KEYS.items()
        ),
        Action("earlier-turn", "looking", ("ctrl+up", "alt+up"), "Earlier turn",
               "the turn before: its answer, its trace, its events, its request and its sources", overtakes=True),
        Action("later-turn", "looking", ("ctrl+down", "alt+down"), "Later turn", "the turn after", overtakes=True),
        Action("raw", "looking", ("f7",), "Raw text",
               "the raw text of the answer that is read, its thinking and its plan",
               "raw", overtakes=True),
        Action("grow", "panes", ("z",), "Zoom the pane", "zoom a pane to the whole screen, and back",
               hint="zoom"),
        Action("larger-side", "looking", ("alt+<",), "Larger side panes",
               "the side panes larger: the line between them and the chat moves left, or up", overtakes=True),
        Action("smaller-side", "looking", ("alt+>",), "Smaller side panes", "the side panes smaller", overtakes=True),
        Action("usual-side", "looking", ("alt+=",), "Side panes as usual",
               "the side panes as large as they are by themselves", overtakes=True),
        Action("hide-side", "looking", ("f8",), "Hide the side panes", "hide the side panes, or bring them back",
               "panes", overtakes=True),
        Action("larger-side-here", "panes", ("<",), "", "the side panes larger", does="app.perform('larger-side')",
               hint="size"),
        Action("smaller-side-here", "panes", (">",), "", "the side panes smaller",
               does="app.perform('smaller-side')", hint="size"),
        Action("usual-side-here", "panes", ("=",), "", "the side panes as usual", does="app.perform('usual-side')",
               hint="size"),
        Action("copy", "panes", ("y",), "Copy",
               "copy what is selected, else the row, the citation with its source, or the answer",
               hint="copy"),
        Action("write", "panes", ("Y",), "Write to a file", "write what would be copied to a new file",
               hint="file"),
        Action("compare", "panes", ("c",), "Compare turns",
               "compare the turn that is read with its sibling, or the one before; or turns by number or SESSION:TURN",
               "compare [A] [B]", hint="compare"),
        Action("grid", "panes", ("m",), "Grid of settings",
               "ask the turn that is read, or another, again under several models and settings side by side",
               "grid [TURN] [NAME=V1,V2,…]", hint="grid"),
        Action("copy-as-here", "panes", ("C",), "",
               "copy the turn, or the request that one stands on, as a script for Python or curl, or as JSON",
               does="app.perform('copy-as')", hint="copy as"),
        Action("to-event", "panes", ("E",), "Event of what one stands on",
               "the event that brought the text, citation, call, source or request that one stands on", hint="event"),
    ),
    "Chat": (
        Action("next-citation", "chat", ("right_square_bracket",), "Next citation", "the next citation",
               does="next_citation", hint="citations"),
        Action("previous-citation", "chat", ("left_square_bracket",), "Previous citation", "the previous citation",
               does="previous_citation"),
        Action("open-citation", "chat", ("enter",), "Source of the citation", "from a citation to its source",
               does="open_citation", hint="source"),
        Action("next-uncited", "chat", ("right_curly_bracket",), "Next uncited sentence",
               "the next sentence of the answer that nothing cites", does="app.perform('next-uncited')",
               hint="uncited"),
        Action("previous-uncited", "chat", ("left_curly_bracket",), "Previous uncited sentence",
               "the uncited sentence before", does="app.perform('previous-uncited')", hint="uncited"),
        Action("fold-thinking", "chat", ("space",), "Expand or fold the thinking",
               "expand or fold what was thought; where nothing was, a page down",
               does="toggle_thinking", hint="thinking"),
        *(
            Action(f"code-{number}", "chat", (f"{number}",), "", "let the next copy be the code block of that number",
                   does=f"app.perform('code-{number}')", hint="code")
            for number in range(1, 10)
        ),
        Action("select", "view", ("v",), "Select text", "select text with keys", does="select", hint="select"),
        Action("select-lines", "view", ("V",), "Select lines", "select whole lines with keys", does="select_lines",
               hint="select"),
        Action("scroll-up", "view", ("up", "k"), "", "a line up", does="scroll_up", hint="lines"),
        Action("scroll-down", "view", ("down", "j"), "", "a line down", does="scroll_down", hint="lines"),
        Action("page-up", "view", ("pageup", "ctrl+b"), "", "a page up", does="page_up"),
        Action("page-down", "view", ("pagedown", "ctrl+f"), "", "a page down", does="page_down"),
        Action("scroll-home", "view", ("home", "g"), "", "the beginning", does="scroll_home", hint="ends"),
        Action("scroll-end", "view", ("end", "G"), "", "the end", does="scroll_end", hint="ends"),
    ),
    "Branches": (
        Action("edit-turn", "main", (), "Edit a question",
               "edit the question of a turn, and go on from there; the turn as it was stays in the tree",
               "edit [TURN]", overtakes=True),
        Action("edit-turn-here", "chat", ("e",), "", "edit the question of the turn that is read",
               does="app.perform('edit-turn-here')", hint="edit"),
        Action("edit-call", "rows", ("e",), "",
               "edit the arguments or the result of a call, and go on from there",
               does="app.perform('edit-call')", hint="edit"),
        Action("run-call", "trace", ("x",), "", "run a call alone, with its arguments in a form, as often as one likes",
               does="app.perform('run-call')", hint="run alone"),
        Action("again", "panes", ("r",), "Run again, changed",
               "ask the turn that is read again, as it was or with something changed",
               "again [TURN] [NAME=VALUE ...]", hint="again"),
        Action("lift", "panes", ("L",), "Go on past the limit",
               "raise the limit that stopped the last turn, and go on where it stopped", "lift", hint="go on"),
        Action("tree", "panes", ("t",), "Tree of turns", "every branch of the conversation, to go to, name or prune",
               "tree", hint="tree"),
        Action("earlier-branch", "chat", ("left_parenthesis",), "",
               "the branch before, of those that part at the turn that is read",
               does="app.perform('earlier-branch')", hint="branches"),
        Action("later-branch", "chat", ("right_parenthesis",), "", "the branch behind",
               does="app.perform('later-branch')", hint="branches"),
        Action("go-on-here", "tree", ("c",), "", "go on right behind the turn, as if nothing had followed it",
               does="go_on_here", hint="go on here"),
        Action("name-branch", "tree", ("r",), "", "name the branch that ends in the turn", does="name_branch",
               hint="name"),
        Action("prune", "tree", ("delete", "ctrl+x"), "", "hide the turn and what follows it, once Enter confirms that",
               does="prune", hint="prune"),
        Action("unprune", "tree", ("u",), "", "show again what was pruned last", does="unprune", hint="undo"),
        Action("close-tree", "tree", ("escape", "q"), "", "close the tree", does="close", hint="close"),
        Action("send-edited", "editor", ("enter",), "", "send what was edited, and go on from there",
               does="act('send-edited')", hint="send"),
        Action("newline-edited", "editor", ("ctrl+j", "shift+enter", "alt+enter"), "", "a new line",
               does="act('newline-edited')", hint="newline"),
        Action("other-part", "editor", ("tab",), "", "the call's arguments, or its result", does="act('other-part')",
               hint="part"),
        Action("edit-outside", "editor", ("ctrl+g",), "", "write it in $EDITOR", does="act('edit-outside')",
               hint="$EDITOR"),
        Action("leave-edited", "editor", ("escape",), "", "leave it as it was", does="act('leave-edited')",
               hint="back"),
    ),
    "Selecting text": (
        Action("mark", "selecting", ("v",), "", "begin or end the selection here", hint="mark"),
        Action("mark-lines", "selecting", ("V",), "", "begin or end a selection of whole lines here", hint="lines"),
        Action("take", "selecting", ("y",), "", "copy what is selected, else the line, and end", hint="copy"),
        Action("take-to-file", "selecting", ("Y",), "", "write what is selected to a new file", hint="file"),
        Action("leave", "selecting", ("escape", "q"), "", "select nothing any more", hint="end"),
        Action("caret-left", "selecting", ("h", "left"), "", "a character to the left"),
        Action("caret-right", "selecting", ("l", "right"), "", "a character to the right"),
        Action("caret-up", "selecting", ("k", "up"), "", "a line up"),
        Action("caret-down", "selecting", ("j", "down"), "", "a line down"),
        Action("caret-word", "selecting", ("w",), "", "the next word"),
        Action("caret-word-back", "selecting", ("b",), "", "the word before"),
        Action("caret-word-end", "selecting", ("e",), "", "the end of the word"),
        Action("caret-home", "selecting", ("0", "home"), "", "the beginning of the line"),
        Action("caret-end", "selecting", ("$", "end"), "", "the end of the line"),
        Action("caret-first", "selecting", ("g",), "", "the first line"),
        Action("caret-last", "selecting", ("G",), "", "the last line"),
        Action("caret-half-up", "selecting", ("ctrl+u",), "", "half a page up"),
        Action("caret-half-down", "selecting", ("ctrl+d",), "", "half a page down"),
        Action("caret-page-up", "selecting", ("pageup", "ctrl+b"), "", "a page up"),
        Action("caret-page-down", "selecting", ("pagedown", "ctrl+f"), "", "a page down"),
    ),
    "Other panes": (
        Action("open-row", "rows", ("enter",), "",
               "the passage of a source, then the sentence of the answer that cites it; else as Space", does="open"),
        Action("next-citing", "sources", ("right_square_bracket",), "",
               "the next sentence of the answer that cites the source", does="app.perform('next-citing')",
               hint="sentences"),
        Action("previous-citing", "sources", ("left_square_bracket",), "", "the sentence before that cites the source",
               does="app.perform('previous-citing')", hint="sentences"),
        Action("question-words", "sources", ("w",), "",
               "the words of the question that the passage was found by",
               does="app.perform('question-words')", hint="why"),
        Action("follow-event", "rows", (), "What the event became",
               "from an event to what it became: Enter in Events", does="app.perform('follow-event')"),
        Action("details", "rows", ("d",), "More of an event or a request",
               "in Events the frame of an event beside what it is; in Request what differs from the one before",
               does="app.perform('details')", hint="more"),
        Action("fold-row", "rows", ("space",), "Expand or fold the row", "expand or fold a call, a passage, a frame",
               does="fold", hint="open"),
        Action("open-all-here", "trace", ("o",), "Open or fold all of the trace",
               "open all that is folded in Tools, or fold it again", does="open_all", hint="all"),
        Action("form", "trace", ("v",), "Result in another form",
               "the result of a call as a table, as a tree or as its text", does="app.perform('form')", hint="form"),
        Action("pager", "trace", ("vertical_line",), "Whole result in $PAGER",
               "all of the result, or of the call, that one stands on in $PAGER", does="app.perform('pager')",
               hint="pager"),
        Action("row-up", "rows", ("up", "k"), "", "the row above", does="move(-1)", hint="rows"),
        Action("row-down", "rows", ("down", "j"), "", "the row below", does="move(1)", hint="rows"),
        Action("row-page-up", "rows", ("pageup", "ctrl+b"), "", "a page of rows up", does="page(-1)"),
        Action("row-page-down", "rows", ("pagedown", "ctrl+f"), "", "a page of rows down", does="page(1)"),
        Action("first-row", "rows", ("home", "g"), "", "the first row", does="edge(0)", hint="ends"),
        Action("last-row", "rows", ("end", "G"), "", "the last row", does="edge(-1)", hint="ends"),
    ),
    "Search": (
        Action("search", "text", ("slash",), "Search this pane",
               "search a pane: Enter keeps the word, Esc takes it away", does="search", hint="search"),
        Action("next-hit", "text", ("n",), "Next hit", "the next hit", does="next_hit(1)", hint="hits"),
        Action("previous-hit", "text", ("N",), "Previous hit", "the hit before", does="next_hit(-1)", hint="hits"),
        Action("half-page-up", "text", ("ctrl+u",), "", "half a page up", does="half_page(-1)"),
        Action("half-page-down", "text", ("ctrl+d",), "", "half a page down", does="half_page(1)"),
        Action("filter", "rows", ("f",), "Show fewer rows",
               "show fewer events, by their kind, or sources: those of one group", does="filter(1)", hint="filter"),
        Action("filter-back", "rows", ("F",), "", "the filter before", does="filter(-1)", hint="filter"),
    ),
    "Replay": (
        Action("play", "replay", ("p",), "Play or pause the replay", "play the recording, or pause", hint="play",
               overtakes=True),
        Action("play-here", "replay", ("space",), "", "play or pause, in the chat and an empty prompt",
               overtakes=True),
        Action("event-on", "replay", ("right", "."), "Next event", "one event on", hint="event", overtakes=True),
        Action("event-back", "replay", ("left", ","), "Event before", "one event back", hint="event",
               overtakes=True),
        Action("frame-on", "replay", ("w",), "Next frame of the stream", "on to the next frame of the stream",
               hint="frame", overtakes=True),
        Action("frame-back", "replay", ("W",), "Frame before", "back to the frame before", hint="frame",
               overtakes=True),
        Action("call-on", "replay", ("s",), "Next call of a tool", "on to where the next tool call begins",
               hint="call", overtakes=True),
        Action("call-back", "replay", ("S",), "Call before", "back to where the call before begins", hint="call",
               overtakes=True),
        Action("break", "replay", ("b",), "Where the replay stops",
               "choose the kinds of events behind which the replay pauses", "break [KIND]", hint="stops",
               overtakes=True),
        Action("faster", "replay", ("+",), "Twice as fast", "play twice as fast", hint="speed", overtakes=True),
        Action("slower", "replay", ("-",), "Half as fast", "play half as fast", hint="speed", overtakes=True),
        Action("speed", "replay", (), "Speed of the replay", "play so many times as fast, or as fast as it goes",
               "speed [N|max]"),
        Action("goto", "replay", (), "Go to an event", "go to an event by its number, or to a time of the turn",
               "goto [N|SECONDS]"),
    ),
    "Raw text": (
        Action("next-part", "raw", ("right",), "", "the next part of answer, thinking and plan", does="next_part(1)",
               hint="part"),
        Action("previous-part", "raw", ("left",), "", "the part before", does="next_part(-1)"),
        Action("copy-raw", "raw", ("y",), "", "copy the part, or what is selected", does="copy", hint="copy"),
        Action("write-raw", "raw", ("w",), "", "write the part, or what is selected, to a new file",
               does="write", hint="write to a file"),
        Action("close-raw", "raw", ("escape", "f7", "q"), "", "close the raw text", does="dismiss", hint="close"),
    ),
    "Comparing": (
        Action("next-difference", "compare", ("right_square_bracket",), "", "the next difference",
               does="next_difference(1)", hint="differences"),
        Action("previous-difference", "compare", ("left_square_bracket",), "", "the difference before",
               does="next_difference(-1)", hint="differences"),
        Action("next-compared", "compare", ("right",), "", "of several turns, the next one at the right",
               does="next_compared(1)", hint="turn"),
        Action("previous-compared", "compare", ("left",), "", "of several turns, the one before at the right",
               does="next_compared(-1)", hint="turn"),
        Action("choose-a", "compare", ("A",), "", "choose another turn for A", does="choose('A')", hint="choose"),
        Action("choose-b", "compare", ("B",), "", "choose another turn for B", does="choose('B')", hint="choose"),
        Action("swap-compared", "compare", ("x",), "", "swap the two sides", does="swap", hint="swap"),
        Action("open-all", "compare", ("o",), "", "show all that is the same, or fold it again", does="open_all",
               hint="all"),
        Action("copy-compared", "compare", ("y",), "", "copy what is selected, else what one stands on",
               does="copy", hint="copy"),
        Action("write-compared", "compare", ("Y",), "", "write the comparison to a new file", does="write",
               hint="file"),
        Action("close-compared", "compare", ("escape", "q"), "", "close the comparison", does="dismiss", hint="close"),
        Action("choose-none", "choosing", ("escape", "q"), "", "close the list of turns, and choose none", does="back",
               hint="close"),
    ),
    "Grid": (
        Action("open-cell", "grid", ("enter",), "", "send the requests; then the answer of the cell, large",
               does="open", hint="open"),
        Action("compare-cells", "grid", ("c",), "", "mark a cell, and compare it with the next one that is marked",
               does="mark", hint="compare two"),
        Action("keep-cell", "grid", ("b",), "", "go on from this cell: it is the branch of the conversation",
               does="keep", hint="go on from it"),
        Action("cancel-cell", "grid", ("x",), "", "cancel this cell and keep what came", does="cancel_cell",
               hint="cancel one"),
        Action("copy-cell", "grid", ("y",), "", "copy the answer of the cell", does="copy", hint="copy"),
        Action("leave-grid", "grid", ("q",), "", "back to the panes; what runs goes on", does="leave", hint="back"),
        Action("cancel-grid", "grid", ("escape",), "", "cancel all that runs and keep what came; else close the grid",
               does="cancel", hint="cancel all"),
        Action("cell-left", "grid", ("left", "h"), "", "the cell at the left", does="go(-1, 0)", hint="cells"),
        Action("cell-right", "grid", ("right", "l"), "", "the cell at the right", does="go(1, 0)", hint="cells"),
        Action("cell-up", "grid", ("up", "k"), "", "the cell above", does="go(0, -1)"),
        Action("cell-down", "grid", ("down", "j"), "", "the cell below", does="go(0, 1)"),
    ),
    "Tools": (
        Action("switch-tool", "tools", ("space",), "", "let the tool go along from the next turn on, or not",
               does="switch", hint="on/off"),
        Action("only-tool", "tools", ("o",), "", "let this tool alone go along", does="only", hint="only this"),
        Action("every-tool", "tools", ("a",), "", "let every tool go along", does="every", hint="all"),
        Action("close-tools", "tools", ("escape", "q", "T"), "", "close the list of tools", does="close", hint="close"),
        Action("bench-run", "bench", ("r",), "", "run the tool with these arguments", does="run", hint="run"),
        Action("bench-other", "bench", ("tab", "shift+tab"), "", "the arguments, or what came of the runs",
               does="other", hint="runs"),
        Action("bench-json", "bench", ("J",), "", "the arguments as one text of JSON, or as a form", does="as_json",
               hint="JSON"),
        Action("bench-take", "bench", ("e",), "",
               "edit what came of the run into the turn's call, and go on from there", does="take(1)",
               hint="into the turn"),
        Action("bench-take-arguments", "bench", ("E",), "",
               "edit the arguments alone into the turn's call, which runs with them, and go on from there",
               does="take(0)"),
        Action("bench-copy", "bench", ("y",), "", "copy what came of the run, or the arguments", does="copy",
               hint="copy"),
        Action("bench-form", "bench", ("v",), "", "the result of a run as a table, as a tree or as its text",
               does="form", hint="form"),
        Action("bench-pager", "bench", ("vertical_line",), "", "all of the result, or of the run, in $PAGER",
               does="pager", hint="pager"),
        Action("bench-copy-line", "bench", ("C",), "", "copy the line for a shell that runs it", does="copy_line",
               hint="copy line"),
        Action("bench-refill", "bench", ("A",), "", "let the form have the arguments of the run", does="refill"),
        Action("bench-editor", "bench", ("ctrl+g",), "", "write the argument in $EDITOR", does="edit_outside",
               hint="$EDITOR"),
        Action("bench-start", "bench", ("u", "backspace"), "", "give an argument the value that it had at first",
               does="reset_field", hint="as it was"),
        Action("bench-close", "bench", ("escape", "q"), "", "cancel what runs, else close", does="close",
               hint="close"),
    ),
    "Documents": (
        Action("switch-document", "docs", ("space",), "",
               "let the set, the document or the passage go along from the next turn on, or not", does="switch",
               hint="on/off"),
        Action("pin-passage", "docs", ("p",), "", "send the passage with the next turn, whatever is found for it",
               does="pin", hint="pin"),
        Action("only-set", "docs", ("o",), "", "let this set alone go along", does="only", hint="only this"),
        Action("every-document", "docs", ("a",), "", "let all documents go along, and pin none", does="every",
               hint="all"),
        Action("edit-document", "docs", ("ctrl+g",), "", "open the file in $EDITOR, at the line of the passage",
               does="edit_outside", hint="$EDITOR"),
        Action("add-documents", "docs", ("+",), "", "add a file or a folder of documents", does="add", hint="add"),
        Action("reload-documents", "docs", ("r",), "", "read again what has changed", does="reload", hint="reload"),
        Action("next-citations", "docs", ("c",), "", "another citation mode from the next turn on", does="citations",
               hint="citations"),
        Action("close-docs", "docs", ("escape", "q", "D"), "", "close the list of documents", does="close",
               hint="close"),
    ),
    "Sessions": (
        Action("open-session", "sessions", ("enter",), "", "go on with the session", does="open", hint="open"),
        Action("rename-session", "sessions", ("f2",), "", "give the session a name", does="rename", hint="name"),
        Action("fork-session", "sessions", ("ctrl+f",), "", "go on in a copy of the session", does="fork",
               hint="fork"),
        Action("delete-session", "sessions", ("delete", "ctrl+d"), "", "delete the session, once that is confirmed",
               does="delete", hint="delete"),
        Action("undelete-session", "sessions", ("ctrl+underscore", "alt+u"), "", "bring back what was deleted last",
               does="undelete", hint="undo"),
        Action("copy-session-path", "sessions", ("ctrl+y",), "", "copy the path of the session", does="copy_path",
               hint="path"),
        Action("close-sessions", "sessions", ("escape", "f10"), "", "take away the words, then close the list",
               does="close", hint="close"),
        Action("session-up", "sessions", ("up",), "", "the session above", does="move(-1)"),
        Action("session-down", "sessions", ("down",), "", "the session below", does="move(1)"),
        Action("session-page-up", "sessions", ("pageup",), "", "a page of sessions up", does="page(-1)"),
        Action("session-page-down", "sessions", ("pagedown",), "", "a page of sessions down", does="page(1)"),
        Action("first-session", "sessions", ("home",), "", "the first session", does="edge(0)"),
        Action("last-session", "sessions", ("end",), "", "the last session", does="edge(-1)"),
    ),
    "Help and questions": (
        Action("search-list", "reading", ("slash",), "", "search this help, or a list", does="search"),
        Action("close", "reading", ("escape", "q"), "", "close this help, or a list", does="dismiss"),
        Action("answer", "question", ("enter",), "", "answer what a tool asks", does="answer"),
        Action("refuse", "question", ("escape",), "", "refuse what a tool asks", does="refuse", overtakes=True),
        Action("question-up", "question", ("up",), "", "in what a tool asks, a line up",
               does="scroll_question(-1)"),
        Action("question-down", "question", ("down",), "", "in what a tool asks, a line down",
               does="scroll_question(1)"),
        Action("question-page-up", "question", ("pageup",), "", "in what a tool asks, a page up",
               does="page_question(-1)"),
        Action("question-page-down", "question", ("pagedown",), "", "in what a tool asks, a page down",
               does="page_question(1)"),
        Action("form-ask", "form", ("r",), "", "in the panel of a turn, ask it again",
               does="ask_of('form-ask')", hint="ask"),
        Action("form-editor", "form", ("ctrl+g",), "", "in a panel, write the value in $EDITOR",
               does="edit_outside", hint="$EDITOR"),
        Action("form-start", "form", ("u", "backspace"), "",
               "in a panel, give a setting the value that it had at first", does="reset_field", hint="as it was"),
        Action("form-presets", "form", ("p",), "", "in the panel of settings, the presets",
               does="ask_of('form-presets')", hint="presets"),
        Action("form-save", "form", ("s",), "", "in the panel of settings, save what differs as a preset",
               does="ask_of('form-save')", hint="save"),
        Action("form-close", "form", ("escape", "q", "f9"), "", "close a panel", does="close", hint="close"),
    ),
    "Workbench": (
        Action("help", "everywhere", ("f1",), "Help", "every key and command", "help", overtakes=True,
               hint="help"),
        Action("help-here", "text", ("question_mark",), "", "every key and command", does="app.perform('help')",
               hint="help"),
        Action("palette", "everywhere", ("ctrl+p",), "", "the command palette: every action by its name",
               does="app.command_palette", overtakes=True, hint="palette"),
        Action("theme", "main", (), "Theme", "choose the colours", "theme [THEME]", does="app.change_theme",
               overtakes=True),
        Action("redraw", "everywhere", ("ctrl+l",), "Draw the screen again",
               "draw the screen again, when something else wrote on it", does="app.redraw", overtakes=True),
        Action("interrupt", "everywhere", ("ctrl+c",), "",
               "copy what is selected, else cancel, then clear the prompt, then twice to quit", overtakes=True),
        Action("suspend", "everywhere", ("ctrl+z",), "Back to the shell",
               "stop, and back to the shell, where fg goes on", does="app.suspend_process", overtakes=True),
        Action("quit", "everywhere", ("ctrl+q",), "Quit", "quit", "exit", aliases=("quit",), does="app.quit",
               overtakes=True),
    ),
    EDITING: (
        Action("undo", "prompt", ("ctrl+underscore", "alt+u"), "Undo what was typed", "undo what was typed",
               does="undo"),
        Action("redo", "prompt", ("alt+/",), "Do again what was undone", "do again what was undone", does="redo"),
        Action("yank", "prompt", ("ctrl+y",), "Put back what was deleted", "put back what was deleted last",
               does="yank"),
        Action("delete-line-left", "prompt", ("ctrl+u",), "Delete to the beginning of the line",
               "delete to the beginning of the line", does="kill_line_left"),
        Action("delete-line-right", "prompt", ("ctrl+k",), "Delete to the end of the line",
               "delete to the end of the line", does="kill_line_right"),
        Action("delete-argument-left", "prompt", ("ctrl+w",), "Delete to the blank at the left",
               "delete to the blank at the left", does="kill_argument_left"),
        Action("delete-word-left", "prompt", ("alt+backspace", "ctrl+backspace"), "Delete the word to the left",
               "delete the word to the left", does="kill_word_left"),
        Action("delete-word-right", "prompt", ("alt+d", "ctrl+delete", "alt+delete"), "Delete the word to the right",
               "delete the word to the right", does="kill_word_right"),
        Action("transpose", "prompt", ("ctrl+t",), "Change two characters", "change the characters at the cursor",
               does="transpose"),
        Action("word-left", "prompt", ("alt+b", "alt+left"), "", "a word to the left", does="word_left"),
        Action("word-right", "prompt", ("alt+f", "alt+right"), "", "a word to the right",
               does="word_right"),
        Action("line-start", "prompt", ("ctrl+a",), "", "the beginning of the line", does="line_start"),
        Action("line-end", "prompt", ("ctrl+e",), "", "the end of the line", does="line_end"),
        Action("left", "prompt", ("ctrl+b",), "", "a character to the left", does="cursor_left"),
        Action("right", "prompt", ("ctrl+f",), "", "a character to the right", does="cursor_right"),
        Action("delete-right", "prompt", ("ctrl+d",), "", "delete the character at the cursor",
               does="delete_right"),
    ),
})
# fmt: on
"""Groups in the order of the help, with their actions."""

ACTIONS: Final[tuple[Action, ...]] = tuple(action for actions in GROUPS.values() for action in actions)
BY_ID: Final[Mapping[str, Action]] = MappingProxyType({action.id: action for action in ACTIONS})
