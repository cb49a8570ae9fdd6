"""Which tools the next turns get, and whether the model must call one: what is so now, and changing it.

Owns the words behind `/tools`, on the screen and without one. That is of the conversation: nothing of a tools file is
changed. Imports nothing of the screen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from workbench.errors import did_you_mean, quoted
from workbench.plural import plural

if TYPE_CHECKING:
    from workbench.config.at_hand import SettingsAtHand
    from workbench.conversation import Conversation
    from workbench.tools.specs import ToolSpec

BY: Final = "/tools"
CHOICES: Final[Mapping[str, str | None]] = {"free": None, "force": "required", "forbid": "none"}
"""What a person calls the values of `tool_choice`."""

MEANT: Final[Mapping[str | None, str]] = {
    None: "free: the model decides",
    "required": "force: the model must call a tool",
    "none": "forbid: the model may call none",
}
WORDS: Final = re.compile(r"(on|off|only)((?:\s+[^\s,.!?]+,?)+)|(all|free|force|forbid)")
"""What may stand behind `/tools`."""

NO_TOOLS: Final = "no tools: start with --tools FILE"


@runtime_checkable
class KnowsSpecs(Protocol):
    """Tools that know how they run; those of a recording do not."""

    def specs(self) -> Sequence[ToolSpec]:
        """Every tool as it is now, in the order of the request."""
        ...


@dataclass(frozen=True, slots=True)
class KnownTool:
    """A tool that the model may be given. `spec` says how it runs; None where nothing does."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_on: bool = True
    spec: ToolSpec | None = None


class ToolChoosing:
    """`settings` are those of the conversation; None where it has none, as of a recording."""

    def __init__(self, conversation: Conversation, settings: SettingsAtHand | None) -> None:
        self._conversation = conversation
        self._settings = settings

    def tools(self) -> list[KnownTool]:
        """Every tool that there is now, switched on or off."""
        toolbox = self._conversation.toolbox
        specs: dict[str, ToolSpec] = {}
        if isinstance(toolbox, KnowsSpecs):
            specs = {spec.name: spec for spec in toolbox.specs()}
        functions = [] if toolbox is None else [each.get("function") for each in toolbox.definitions()]
        known = [self._known(each, specs) for each in functions if isinstance(each, Mapping)]
        return known if (search := self._conversation.search_tool) is None else [*known, self._of_spec(search)]

    def _of_spec(self, spec: ToolSpec) -> KnownTool:
        is_on = spec.name not in self._conversation.tools_off
        return KnownTool(spec.name, spec.description, spec.parameters, is_on, spec)

    def _known(self, function: Mapping[str, Any], specs: Mapping[str, ToolSpec]) -> KnownTool:
        name, parameters = str(function.get("name", "")), function.get("parameters")
        return KnownTool(
            name,
            str(function.get("description") or ""),
            parameters if isinstance(parameters, Mapping) else {},
            name not in self._conversation.tools_off,
            specs.get(name),
        )

    @property
    def choice(self) -> str | None:
        """The value of `tool_choice`."""
        return self._settings.now.tool_choice if self._settings is not None else None

    @property
    def strict(self) -> bool | None:
        """The value of `strict_tools`."""
        return self._settings.now.strict_tools if self._settings is not None else None

    # -- changing ------------------------------------------------------------------------------------

    def switch(self, name: str) -> None:
        """Let the next turns have a tool that they had not, or go without it."""
        self._conversation.tools_off ^= {name}

    def only(self, names: Sequence[str]) -> None:
        """Let the next turns have these tools alone."""
        self._conversation.tools_off = frozenset(self._names()) - frozenset(names)

    def all_on(self) -> None:
        """Let the next turns have every tool."""
        self._conversation.tools_off = frozenset()

    def put(self, name: str, value: Any) -> str:
        """Give `tool_choice` or `strict_tools` a value; why that cannot be, "" when it is done."""
        if self._settings is None:
            return "what answers here has no settings: it is a recording"
        self._settings.put(name, value, BY)
        self._conversation.options = self._settings.options()
        return ""

    def perform(self, words: str) -> tuple[str, bool]:
        """Do what stands behind `/tools`: what there is to say, and whether it was done."""
        found = WORDS.fullmatch(words.strip())
        if found is None:
            return "/tools takes on, off or only with names of tools, or all, free, force or forbid", False
        how, named, alone = found[1], [name.rstrip(",") for name in (found[2] or "").split()], found[3]
        known = self._names()
        if unknown := next((name for name in named if name not in known), ""):
            hint = did_you_mean(unknown, known, f"the tools are {', '.join(known)}" if known else NO_TOOLS)
            return f"there is no tool {quoted(unknown)}; {hint}", False
        match how or alone:
            case "off":
                self._conversation.tools_off |= frozenset(named)
            case "on":
                self._conversation.tools_off -= frozenset(named)
            case "only":
                self.only(named)
            case "all":
                self.all_on()
            case choice:
                problem = self.put("tool_choice", CHOICES[choice])
                return problem or f"from the next turn on {MEANT[CHOICES[choice]]}", not problem
        return f"{tools_in_short(self._conversation) or 'no tools'} from the next turn on{self._without()}", True

    def _without(self) -> str:
        off = [name for name in self._names() if name in self._conversation.tools_off]
        return f": without {', '.join(off)}" if off else ""

    def _names(self) -> list[str]:
        return _names(self._conversation)


def tools_in_short(conversation: Conversation) -> str:
    """`4 tools`, or `3 of 4 tools` where some are switched off; "" where there are none."""
    names = _names(conversation)
    off = sum(name in conversation.tools_off for name in names)
    words = plural(len(names), "tool")
    return f"{len(names) - off} of {words}" if off else words if names else ""


def _names(conversation: Conversation) -> list[str]:
    toolbox = conversation.toolbox
    functions = [] if toolbox is None else [each.get("function") for each in toolbox.definitions()]
    names = [str(each.get("name", "")) for each in functions if isinstance(each, Mapping)]
    return names if (search := conversation.search_tool) is None else [*names, search.name]


def how_it_runs(spec: ToolSpec) -> list[str]:
    """`python`, `asks once for its file`, `tools.yaml`: the kind of a tool, its approval, and where it is from."""
    from workbench.tools.registry import kind_name  # and what runs them: not for the first paint
    from workbench.tools.runner import runs_code

    approval = "needs no approval"
    if spec.approve in ("never", "ask"):
        approval = "never runs" if spec.approve == "never" else "asks before each call"
    elif runs_code(spec.run):
        approval = "runs code, asks once for its file" if spec.file is not None else "runs code, asks before each call"
    return [kind_name(spec.run), approval, *([spec.file.name] if spec.file is not None else [])]
