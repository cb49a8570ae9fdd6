"""The tools of a conversation as a form: which go along from the next turn on, and whether the model must call one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from workbench.tools.form_fields import fields_of
from workbench.ui.forms.fields import Field
from workbench.ui.tool_choosing import CHOICES, MEANT, NO_TOOLS, KnownTool, ToolChoosing, how_it_runs

TOOL: Final = "tool "
"""What the key of a tool's field begins with."""

CHOICE, STRICT = "tool_choice", "strict_tools"
ALL_TURNS: Final = "From the next turn on"
MOST_PARAMETERS: Final = 8
_STRICT: Final = {None: "unset: as the server does", True: "on: arguments satisfy the schema", False: "off"}


class ToolsForm:
    """`opened` gets the tool that is to be looked at closer, `changed` is told of each change. `warned` says what may
    be refused of the settings, by their names."""

    def __init__(
        self,
        choosing: ToolChoosing,
        opened: Callable[[KnownTool], object],
        changed: Callable[[], object],
        warned: Callable[[], dict[str, str]],
        masked: Callable[[str], str] = str,
    ) -> None:
        self._choosing = choosing
        self._opened = opened
        self._changed = changed
        self._warned = warned
        self._masked = masked

    @property
    def title(self) -> str:
        """How many go along."""
        tools = self._choosing.tools()
        on = sum(tool.is_on for tool in tools)
        return f"Tools · {on} of {len(tools)} go along" if tools else f"Tools · {NO_TOOLS}"

    @property
    def about(self) -> str:
        """Since when a change holds."""
        return "from the next turn on"

    def fields(self) -> list[Field]:
        """Whether the model must call one, how strict it is held to schemas, and every tool."""
        return [*self._of_all(), *(self._of_tool(tool) for tool in self._choosing.tools())]

    def check(self, key: str, typed: str) -> str:
        """Nothing is typed here."""
        return ""

    def change(self, key: str, typed: str) -> str:
        """Nothing is typed here."""
        return ""

    def toggle(self, key: str) -> str:
        """Let a tool go along or not, or give a setting its next value."""
        problem = ""
        if key.startswith(TOOL):
            self._choosing.switch(key.removeprefix(TOOL))
        elif key == CHOICE:
            values = list(CHOICES.values())
            at = values.index(self._choosing.choice) if self._choosing.choice in values else -1
            problem = self._choosing.put(CHOICE, values[(at + 1) % len(values)])
        elif key == STRICT:
            strict = list(_STRICT)
            problem = self._choosing.put(STRICT, strict[(strict.index(self._choosing.strict) + 1) % len(strict)])
        self._changed()
        return problem

    def reset(self, key: str) -> str:
        """Every tool goes along, or a setting is not set."""
        if key.startswith(TOOL):
            if any(tool.name == key.removeprefix(TOOL) and not tool.is_on for tool in self._choosing.tools()):
                self._choosing.switch(key.removeprefix(TOOL))
        else:
            return self._choosing.put(key, None)
        self._changed()
        return ""

    def press(self, key: str) -> bool:
        """Look at a tool closer."""
        if (tool := self.tool(key)) is not None:
            self._opened(tool)
        return False

    def tool(self, key: str) -> KnownTool | None:
        """The tool of a field; None for another field."""
        name = key.removeprefix(TOOL) if key.startswith(TOOL) else None
        return next((tool for tool in self._choosing.tools() if tool.name == name), None)

    def only(self, key: str) -> str:
        """Let the tool of a field go along, and no other; why not."""
        if (tool := self.tool(key)) is None:
            return "stand on a tool: it alone goes along then"
        self._choosing.only([tool.name])
        self._changed()
        return ""

    def every(self) -> None:
        """Let every tool go along."""
        self._choosing.all_on()
        self._changed()

    # -- how they look ---------------------------------------------------------------------------------

    def _of_all(self) -> list[Field]:
        choice, strict, warned = self._choosing.choice, self._choosing.strict, self._warned()
        return [
            Field(
                CHOICE, CHOICE, MEANT.get(choice, str(choice)), ALL_TURNS, "toggle", differs=choice is not None,
                told=("Whether the model must call a tool, or may not.", "a setting, as /set tool_choice=… changes it"),
                warning=warned.get(CHOICE, ""), switches=True,
            ),
            Field(
                STRICT, STRICT, _STRICT[strict], ALL_TURNS, "toggle", differs=strict is not None,
                told=("Whether the arguments of calls must satisfy the tool's JSON Schema.",
                      "a setting, as /set strict_tools=… changes it"),
                warning=warned.get(STRICT, ""), switches=True,
            ),
        ]  # fmt: skip

    def _of_tool(self, tool: KnownTool) -> Field:
        state = "on" if tool.is_on else "off"
        words = how_it_runs(tool.spec) if tool.spec is not None else ["nothing runs it"]
        description = " ".join(self._masked(tool.description).split()) or "no description"
        does = self._masked(tool.spec.run.what()) if tool.spec is not None else ""
        told = (description, f"parameters: {self._masked(_parameters(tool))}", does)
        return Field(
            TOOL + tool.name, tool.name, " · ".join([state, *words]), "Tools", "press", differs=not tool.is_on,
            mark="" if tool.is_on else "not sent", told=tuple(filter(None, told)), switches=True,
        )  # fmt: skip


def _parameters(tool: KnownTool) -> str:
    """`place string required, days integer default 1`."""
    words = []
    for field in fields_of(tool.parameters):
        facts = [field.name, field.type_in_words, *(["required"] if field.is_required else []), *field.limits]
        if field.choices:
            facts.append(f"one of {json.dumps(list(field.choices), ensure_ascii=False)}")
        words.append(" ".join(facts))
    more = [f"{len(words) - MOST_PARAMETERS} more"] if len(words) > MOST_PARAMETERS else []
    return ", ".join([*words[:MOST_PARAMETERS], *more]) or "none"
