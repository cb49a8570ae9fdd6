"""What a turn was asked with, where that is not the default: as its record has it, in words, and to go on with.

Owns the JSON of a setting in a record, and what a request's body tells of a turn whose record says nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from workbench.config.response_format import ResponseFormat
from workbench.config.setting import Setting
from workbench.config.setting_types import Choice, Switch
from workbench.config.settings_model import AT_HAND, OWN_FIELDS, Settings
from workbench.documents.choices import told
from workbench.safe_text import safe_line

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn

LONGEST: Final = 40  # characters of a value in words
MOST: Final = 8  # settings that are named
MOST_TOOLS: Final = 3  # tools that are named

_THINKING: Final = ("thinking", "thinking_budget")


def noted(settings: Settings) -> dict[str, Any]:
    """The settings that a turn is asked with and that are not their default, as JSON by their names."""
    pairs = [(row, getattr(settings, row.name)) for row in AT_HAND]
    return {row.name: _as_json(value) for row, value in pairs if value != row.default}


def asked_with(turn: Turn) -> dict[str, Any]:
    """What a turn was asked with, but for defaults, as JSON: by its record, else as far as its first request tells.

    A default is left out of the former, and whatever the body has not of the latter.
    """
    return dict(turn.settings) if turn.settings is not None else _of_body(_body(turn))


def words(turn: Turn, *, model: bool = True) -> list[str]:
    """`temperature 0.3`, and so on: what a turn was asked with that was not the default, the first few of many.

    Without `model`, that is said elsewhere.

    A model that only its request tells of is left out: whether it was the default then, nobody knows.
    """
    found = asked_with(turn)
    if turn.settings is None or not model:
        found.pop("model", None)
    order = {row.name: number for number, row in enumerate(AT_HAND)}
    names = sorted((name for name in found if name in order), key=lambda name: order[name])
    shown = [f"{name} {_in_words(found[name])}" for name in names[:MOST]]
    more = [f"{len(names) - MOST} more"] if len(names) > MOST else []
    return [*shown, *more, *_tools_off(turn), *map(safe_line, _documents_off(turn))]


def _tools_off(turn: Turn) -> list[str]:
    """`without train_status`, where tools were switched off and the turn has not chosen its own."""
    if not turn.tools_off or (turn.made_from is not None and turn.made_from.tools is not None):
        return []
    names = [_in_words(name) for name in sorted(turn.tools_off)]
    return [
        f"without {', '.join(names[:MOST_TOOLS])}{f' and {len(names) - MOST_TOOLS} more' * (len(names) > MOST_TOOLS)}"
    ]


def _documents_off(turn: Turn) -> list[str]:
    """`without set faq`, where some were switched off and the turn has not chosen its own; and how many are pinned."""
    choices = turn.choices
    if choices is None:
        return []
    if turn.made_from is not None and turn.made_from.sets is not None:
        choices = replace(choices, sets_off=frozenset())
    return [*told(choices), *([f"{len(choices.pinned)} pinned"] if choices.pinned else [])]


def values_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What was noted, as values of settings; what is no value of its setting is left out.

    Takes what a file says, whatever that is.
    """
    from workbench.config.findings import Findings
    from workbench.config.reader import parse_value
    from workbench.config.typed_reading import Reader, is_null

    found: dict[str, Any] = {}
    for row in AT_HAND:
        if row.name not in settings:
            continue
        tree = parse_value(row.name, json.dumps(settings[row.name]))
        findings = Findings(row.name, tree.problems)
        if tree.root is None or is_null(tree.root):
            continue
        value = row.type.read(tree.root, Reader(findings, None), tree.path.parent)
        if value is not None and not findings.problems() and not row.type.paths(value):
            found[row.name] = value
    return found


def _as_json(value: Any) -> Any:
    if isinstance(value, ResponseFormat):
        return dict(value.wire)
    return list(value) if isinstance(value, tuple) else value


def _body(turn: Turn) -> Mapping[str, Any]:
    return turn.steps[0].request if turn.steps else {}


def _of_body(body: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in AT_HAND:
        if row.path and not row.by_conversation and (value := _at(body, row.path)) is not None:
            found[row.name] = _unwired(row, value)
    if all(name in found for name in _THINKING):
        del found[_THINKING[0]]  # which the other one implies
    if isinstance(model := body.get("model"), str):
        found["model"] = model
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    if isinstance(first, Mapping) and first.get("role") == "system" and isinstance(first.get("content"), str):
        found["system"] = first["content"]
    known = {row.path[0] for row in AT_HAND if row.path} | set(OWN_FIELDS)
    if more := {name: value for name, value in body.items() if name not in known}:
        found["extra_body"] = more
    return found


def _at(body: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        body = body.get(key) if isinstance(body, Mapping) else None
    return body


def _unwired(row: Setting, value: Any) -> Any:
    """What a request has for a setting, as its record would have it."""
    if isinstance(row.type, Choice) and isinstance(value, str):
        return value.lower()
    if isinstance(row.type, Switch) and value in row.type.wired:
        return row.type.wired.index(value) == 1
    return value


def in_words(row: Setting, value: Any) -> str:
    """A value of a setting in a few words."""
    return "unset" if value is None else _in_words(_as_json(value))


def _in_words(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = safe_line(" ".join(text[: 4 * LONGEST].split()))
    return line if len(line) <= LONGEST and len(text) <= 4 * LONGEST else f"{line[: LONGEST - 1]}…"
