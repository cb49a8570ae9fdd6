"""The options of a request: which are possible, and the few that change what the engine writes.

Owns their ranges and spellings. Sampling options are checked and then without effect, since nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workbench.offline.protocol.message_frames import CitationMode
from workbench.offline.protocol.rejection import Rejected, a_list, a_string, an_object, shown, wrong_type

_WHOLE = {"max_tokens": (0, None), "k": (0, 500), "seed": (0, 2**64), "priority": (0, None)}
_NUMBERS = {
    "temperature": (0, 1),
    "p": (0.01, 0.99),
    "frequency_penalty": (0, 1),
    "presence_penalty": (0, 1),
}
_SWITCHES = ("stream", "logprobs", "strict_tools", "raw_prompting")
_MAX_STOPS = 5
_SAFETY = ("CONTEXTUAL", "STRICT", "OFF", "NONE")
_CITATION_MODES: dict[str, CitationMode] = {
    "FAST": "fast",
    "ENABLED": "fast",
    "ACCURATE": "accurate",
    "OFF": "off",
    "DISABLED": "off",
}
ToolChoice = Literal["REQUIRED", "NONE", None]


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """`schema` is the JSON Schema of the answer; with `json` and no schema, any object will do."""

    stream: bool = False
    max_tokens: int | None = None
    stop_sequences: tuple[str, ...] = ()
    json: bool = False
    schema: Mapping[str, Any] | None = None
    thinking: bool = False
    thinking_budget: int | None = None
    citations: CitationMode = "fast"
    tool_choice: ToolChoice = None


def parse_options(body: Mapping[str, Any], *, has_tools: bool) -> RequestOptions:
    """The options of `body`, a request's JSON. Raises `Rejected` with 422; a null counts as left out."""
    given = {key: value for key, value in body.items() if value is not None}
    for name, (low, high) in _WHOLE.items():
        _check_number(given, name, low, high, whole=True)
    for name, (lowest, highest) in _NUMBERS.items():
        _check_number(given, name, lowest, highest, whole=False)
    for name in _SWITCHES:
        if not isinstance(given.get(name, False), bool):
            raise wrong_type(name, "a boolean", given[name])
    if "safety_mode" in given:
        _one_of("safety_mode", given["safety_mode"], _SAFETY)
    wants_json, schema = _response_format(given)
    thinking, budget = _thinking(given)
    return RequestOptions(
        stream=given.get("stream", False),
        max_tokens=given.get("max_tokens"),
        stop_sequences=_stop_sequences(given),
        json=wants_json,
        schema=schema,
        thinking=thinking,
        thinking_budget=budget,
        citations=_citation_mode(given),
        tool_choice=_tool_choice(given, has_tools=has_tools),
    )


def _check_number(given: Mapping[str, Any], name: str, low: float, high: float | None, *, whole: bool) -> None:
    if name not in given:
        return
    value = given[name]
    types = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, types):
        raise wrong_type(name, "a whole number" if whole else "a number", value)
    if value < low or (high is not None and value > high):
        limits = f"between {low} and {high}" if high is not None else f"{low} or more"
        raise Rejected(422, f"invalid request: {name} must be {limits}, not {shown(value)}")


def _one_of(where: str, value: Any, allowed: tuple[str, ...]) -> str:
    text = a_string(where, value).upper()
    if text not in allowed:
        raise Rejected(422, f"invalid request: {where} must be one of {', '.join(allowed)}, not {shown(value)}")
    return text


def _stop_sequences(given: Mapping[str, Any]) -> tuple[str, ...]:
    stops = a_list("stop_sequences", given.get("stop_sequences", []))
    if len(stops) > _MAX_STOPS:
        raise Rejected(422, f"invalid request: stop_sequences may hold {_MAX_STOPS} strings, not {len(stops)}")
    return tuple(a_string(f"stop_sequences[{index}]", stop) for index, stop in enumerate(stops))


def _citation_mode(given: Mapping[str, Any]) -> CitationMode:
    options = an_object("citation_options", given.get("citation_options", {}))
    mode = options.get("mode")
    if mode is None:
        return "fast"
    return _CITATION_MODES[_one_of("citation_options.mode", mode, tuple(_CITATION_MODES))]


def _tool_choice(given: Mapping[str, Any], *, has_tools: bool) -> ToolChoice:
    if "tool_choice" not in given:
        return None
    choice = _one_of("tool_choice", given["tool_choice"], ("REQUIRED", "NONE"))
    if choice == "NONE":
        return "NONE"
    if not has_tools:
        raise Rejected(422, "invalid request: tool_choice REQUIRED needs tools; add tools or leave it out")
    return "REQUIRED"


def _thinking(given: Mapping[str, Any]) -> tuple[bool, int | None]:
    thinking = an_object("thinking", given.get("thinking", {"type": "disabled"}))
    enabled = _one_of("thinking.type", thinking.get("type"), ("ENABLED", "DISABLED")) == "ENABLED"
    budget = thinking.get("token_budget")
    if budget is None:
        return enabled, None
    if isinstance(budget, bool) or not isinstance(budget, int):
        raise wrong_type("thinking.token_budget", "a whole number", budget)
    if budget < 1:
        raise Rejected(422, f"invalid request: thinking.token_budget must be 1 or more, not {budget}")
    return enabled, budget


def _response_format(given: Mapping[str, Any]) -> tuple[bool, Mapping[str, Any] | None]:
    wanted = an_object("response_format", given.get("response_format", {"type": "text"}))
    allowed = ("TEXT", "JSON_OBJECT", "JSON_SCHEMA")
    if _one_of("response_format.type", wanted.get("type"), allowed) == "TEXT":
        return False, None
    for key in ("json_schema", "schema"):
        if wanted.get(key) is not None:
            return True, an_object(f"response_format.{key}", wanted[key])
    return True, None
