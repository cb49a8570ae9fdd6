"""What is done about tools: switching them on and off, running one alone, and taking what came of that into a turn.

Owns the benches of the conversation, one a call and one a tool, and that a question about a run can be seen: the bench
makes room for it, and comes back. Refuses to run anything itself: the bench does, by the conversation's own toolbox.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from workbench.tools import jsontext
from workbench.ui.bench import Bench, BenchRun, CallPlace
from workbench.ui.tool_choosing import NO_TOOLS, KnownTool, ToolChoosing

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.config.at_hand import SettingsAtHand
    from workbench.conversation import Changes, Conversation
    from workbench.conversation.fold import ToolCall
    from workbench.ui.asking import Asking
    from workbench.ui.copies import Copies
    from workbench.ui.forms.schema_form import SchemaForm
    from workbench.ui.screens.bench import BenchScreen
    from workbench.ui.stage import Stage

MOST_BENCHES: Final = 20
NO_CALL: Final = "stand on a call of a tool to run it alone; /run-tool NAME runs any"


class ToolCommands:
    """Does what the actions of tools are for; what cannot be done is said in words.

    `outside` gives a text as the person's own editor left it, None where it did not.
    """

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        asking: Asking,
        copies: Copies,
        settings: SettingsAtHand | None,
        outside: Callable[[str], str | None],
    ) -> None:
        self._stage = stage
        self._conversation = conversation
        self._asking = asking
        self._copies = copies
        self._settings = settings
        self._outside = outside
        self._choosing = ToolChoosing(conversation, settings)
        self._benches: dict[object, Bench] = {}
        self._forms: WeakKeyDictionary[Bench, SchemaForm] = WeakKeyDictionary()
        self._aside: tuple[Bench, Widget | None] | None = None  # which makes room, and where one was before it

    # -- on and off ----------------------------------------------------------------------------------

    def tools(self, words: str) -> None:
        """Switch what the words say; without them, show the list."""
        if words:
            said, is_done = self._choosing.perform(words)
            self._stage.say_about()
            self._stage.say(self._masked(said), severity="information" if is_done else "warning")
        elif not self._choosing.tools():
            self._stage.say(NO_TOOLS)
        else:
            from workbench.ui.forms.tools_form import TOOL, ToolsForm
            from workbench.ui.screens.tools import ToolsScreen

            form = ToolsForm(self._choosing, self._open_tool, self._stage.say_about, self._warned, self._masked)
            first = f"{TOOL}{self._choosing.tools()[0].name}"
            self._stage.open(ToolsScreen(form, self._stage.keymap, self._outside, first))

    def _warned(self) -> dict[str, str]:
        """What a server may refuse of the settings, by their names."""
        if self._settings is None:
            return {}
        from workbench.config.lint import lint

        sent = any(tool.is_on for tool in self._choosing.tools())
        found = lint(self._settings.now, documents=self._conversation.library is not None, tools=sent)
        return {each.name: each.message for each in found}

    # -- a bench -------------------------------------------------------------------------------------

    def run_call(self) -> None:
        """Open the bench of the call that one stands on, with its arguments."""
        turn, place = self._stage.tools.shown, self._stage.tools.rows.call_here
        if turn is None or place is None or place[0] > len(turn.steps):
            self._refuse(NO_CALL)
            return
        from workbench.conversation.given import calls_of

        step, ordinal = place
        calls = calls_of(turn.steps[step - 1])
        if ordinal >= len(calls):
            self._refuse("the call is still being written")
            return
        call = calls[ordinal]
        key = (id(turn), step, ordinal)
        if key not in self._benches:
            tool = self._tool(call.name) or _sent(turn.steps[step - 1].request, call.name)
            self._benches[key] = self._bench(tool, _arguments(call), CallPlace(turn, step, ordinal))
        self._show(self._benches[key])

    def run_tool(self, words: str) -> None:
        """Open the bench of a tool by its name, with the arguments behind it; without a name, the list of tools."""
        name, _, typed = words.partition(" ")
        if not name:
            self.tools("")
            return
        tool = self._tool(name)
        if tool is None:
            from workbench.errors import did_you_mean, quoted

            known = [each.name for each in self._choosing.tools()]
            hint = did_you_mean(name, known, f"the tools are {', '.join(known)}" if known else NO_TOOLS)
            self._refuse(f"there is no tool {quoted(name)}; {hint}")
            return
        try:
            given = jsontext.parse(typed) if typed.strip() else None
        except jsontext.NotJson as error:
            self._refuse(f"the arguments are no JSON: {error}")
            return
        self._open_tool(tool, given)

    def _open_tool(self, tool: KnownTool, given: Mapping[str, Any] | None = None) -> None:
        """Open the bench of a tool, as it was left when nothing is given."""
        if given is not None or tool.name not in self._benches:
            before = self._benches.get(tool.name)
            bench = self._bench(tool, given or {}, None)
            if before is not None and before.running is None:
                bench.runs = before.runs
            self._benches[tool.name] = bench
        self._show(self._benches[tool.name])

    def _tool(self, name: str) -> KnownTool | None:
        return next((tool for tool in self._choosing.tools() if tool.name == name), None)

    def _bench(self, tool: KnownTool, given: Mapping[str, Any], place: CallPlace | None) -> Bench:
        idle = [key for key, bench in self._benches.items() if bench.running is None]
        for key in idle[: max(0, len(self._benches) - MOST_BENCHES + 1)]:
            del self._benches[key]
        return Bench(tool, lambda: self._conversation.every_tool, self._conversation.redactor.value, given, place)

    def _show(self, bench: Bench) -> None:
        if self._asking.refusal:
            self._refuse("what answers here is a recording: no tool runs")
        elif not self._choosing.tools():
            self._refuse(NO_TOOLS)
        else:
            self._stage.open(self._screen(bench))

    def _screen(self, bench: Bench) -> BenchScreen:
        from workbench.ui.forms.schema_form import SchemaForm
        from workbench.ui.screens.bench import BenchScreen

        form = self._forms.get(bench)
        if form is None:
            does = ("run", "runs it with these arguments, alone")
            press = partial(self._press, bench)
            title, parameters = self._title(bench), bench.tool.parameters
            form = self._forms[bench] = SchemaForm(title, parameters, bench.given, press, does, self._masked)
        return BenchScreen(bench, form, self, self._stage.keymap, self._outside)

    def _press(self, bench: Bench) -> bool:
        self.run(bench, self._forms[bench].values)
        return False

    def _title(self, bench: Bench) -> str:
        place = bench.place
        where = "" if place is None else f" · call of turn {place.turn.place}, step {place.step}"
        return f"{self._masked(bench.tool.name)} alone{where}"

    # -- what a bench has done for it ------------------------------------------------------------------

    def run(self, bench: Bench, arguments: Mapping[str, Any]) -> None:
        """Begin to run the tool, beside everything else; one run at a time."""
        if bench.running is not None:
            self._refuse(f"a run is not over yet: {self._stage.keymap.label('bench-close')} cancels it")
            return
        self._stage.work(partial(bench.run, arguments), f"bench {id(bench)}")

    def copy(self, text: str) -> None:
        """Take a text along."""
        self._copies.to_clipboard(text)

    def page(self, text: str) -> None:
        """Show a text in the person's own pager, unless something goes on that would not be read meanwhile."""
        if self._asking.busy or any(bench.running is not None for bench in self._benches.values()):
            self._refuse("a pager has the terminal alone: wait for what runs, or cancel it")
        else:
            self._stage.page(text)

    def line(self, bench: Bench, arguments: Mapping[str, Any]) -> str:
        """The line of a shell that runs the tool with these arguments."""
        file = bench.tool.spec.file if bench.tool.spec is not None else None
        words = ["workbench", "tools", "run", bench.tool.name, json.dumps(arguments)]
        return shlex.join([*words, *(["--tools", str(file)] if file is not None else [])])

    def take(self, bench: Bench, run: BenchRun | None, arguments: Mapping[str, Any], *, with_result: bool) -> str:
        """Put what came of a run, with its arguments, or the arguments alone into the editor of the call; why that
        cannot be."""
        place = bench.place
        if place is None:
            return "this tool is run for no call: x on a call in Tools opens a bench that is"
        if problem := self._cannot_take(place, run, with_result=with_result):
            return problem
        from workbench.ui.screens.call_editor import ARGUMENTS, RESULT, CallEditor

        given: dict[str, Any] = {ARGUMENTS: dict(arguments)}
        if with_result and run is not None and run.result is not None:
            given[RESULT] = run.result.result

        def send(changes: Changes) -> None:
            self._stage.close_all()
            self._asking.again(place.turn.number, changes)

        editor = CallEditor(place.turn, place.step, place.ordinal, send, self._stage.keymap, self._outside, given)
        self._stage.open(editor)
        return ""

    def _cannot_take(self, place: CallPlace, run: BenchRun | None, *, with_result: bool) -> str:
        tree, turn = self._conversation.tree, place.turn
        if turn.number not in tree or tree.turn(turn.number) is not turn:
            return "the turn is no part of this conversation any more"
        if turn.status == "running":
            return "the turn is still running: its calls can be edited once it has ended"
        if with_result and (run is None or run.result is None):
            return "no run is over yet: there is no result to take into the turn"
        if with_result and run is not None and run.result is not None and run.result.error is not None:
            key = self._stage.keymap.label("bench-take-arguments")
            return (
                f"this run has no result{f': {key} takes its arguments alone, and the call runs again' if key else ''}"
            )
        return ""

    # -- questions -------------------------------------------------------------------------------------

    def hears(self, call_id: str, *, is_open: bool) -> None:
        """A question about a call is open now, or is over: where it is about a run, the bench makes room for it, since
        it stands over the prompt; and comes back when it is answered."""
        bench = next((each for each in self._benches.values() if each.asks(call_id, is_open=is_open)), None)
        if bench is None:
            return
        from workbench.ui.screens.bench import BenchScreen

        screen = self._stage.screen
        if is_open and isinstance(screen, BenchScreen) and screen.bench is bench:
            if screen.is_typing:
                self._stage.say("the tool asks you: close the bench to answer, its run goes on", severity="warning")
                return
            self._aside = (bench, self._stage.in_panes)
            self._stage.close_all()
            self._stage.focus(self._stage.prompt)
        elif not is_open and self._aside is not None and self._aside[0] is bench:
            self._stage.call_later(self._come_back)

    def _come_back(self) -> None:
        """Show the bench again that made room, unless one is elsewhere by now."""
        if self._aside is None:
            return
        (bench, before), self._aside = self._aside, None
        if self._stage.is_alone and not self._stage.prompt.text:
            if before is not None and before.is_attached and before.focusable:
                self._stage.focus(before)
            self._show(bench)

    async def leave(self) -> None:
        """The conversation is about to be another one: returns when no tool of this one runs alone any more."""
        benches = list(self._benches.values())
        self._benches.clear()
        self._aside = None
        for bench in benches:
            bench.cancel()
            await bench.ended()

    def _refuse(self, words: str) -> None:
        self._stage.say(self._masked(words), severity="warning")

    def _masked(self, text: str) -> str:
        return self._conversation.redactor.text(text)


def _arguments(call: ToolCall) -> Mapping[str, Any]:
    """The arguments of a call, none where what the model wrote is no object."""
    parsed = call.parsed()
    return parsed if isinstance(parsed, Mapping) else {}


def _sent(request: Mapping[str, Any], name: str) -> KnownTool:
    """The tool as it was sent with a request: it is not there any more."""
    tools = request.get("tools")
    functions = [each.get("function") for each in tools if isinstance(each, Mapping)] if isinstance(tools, list) else []
    function = next((each for each in functions if isinstance(each, Mapping) and each.get("name") == name), {})
    parameters = function.get("parameters")
    known = parameters if isinstance(parameters, Mapping) else {}
    return KnownTool(name, str(function.get("description") or ""), known)
