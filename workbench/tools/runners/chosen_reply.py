"""A canned reply that is chosen by the arguments of a call.

    reply:
      when:
        - if: {place: Library, day: [Saturday, Sunday]}   # each argument fits: it is the value, or one of a list
          reply: {place: "{place}", opens: "10:00"}       # a template
        - if: {place: {like: "mus*"}}                     # or {equals: VALUE}, {given: false}
          reply: ...
      else: ...

Owns the form, and which case is for a call: the first whose conditions all fit. Refuses regular expressions, which a
model's text could make run for ever: `like` knows `*`, `?` and `[...]` alone, whatever the capitals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, Self

from workbench.errors import ToolError, did_you_mean, quoted
from workbench.tools.runner import WrittenValue
from workbench.tools.templates import names_in, spelled, value_of

CASE_KEYS: Final = ("if", "reply")
FORM_KEYS: Final = ("when", "else")
CONDITIONS: Final = ("equals", "like", "given")
_SHOWN: Final = 300  # characters of arguments in an error
_LONGEST_LIKE: Final = 10_000  # characters of an argument that are compared with a pattern

Test = Literal["equals", "one of", "like", "given"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What one argument must be: the value, one of the values, text like a pattern, or given at all."""

    name: str
    test: Test
    value: Any

    def fits(self, arguments: Mapping[str, Any]) -> bool:
        """Whether the argument of this name is as wanted; one that is not given fits `given: false` alone."""
        if self.test == "given":
            return (self.name in arguments) is self.value
        if self.name not in arguments:
            return False
        argument = arguments[self.name]
        if self.test == "equals":
            return _same(argument, self.value)
        if self.test == "one of":
            return any(_same(argument, each) for each in self.value)
        return fnmatchcase(spelled(argument)[:_LONGEST_LIKE].casefold(), str(self.value).casefold())


@dataclass(frozen=True, slots=True)
class Case:
    """A reply, and what the arguments must be for it: all of `conditions`, which may be none."""

    conditions: tuple[Condition, ...]
    reply: Any


@dataclass(frozen=True, slots=True)
class ChosenReply:
    """The cases in their order; one without conditions is the `else`."""

    cases: tuple[Case, ...]

    @classmethod
    def read(cls, value: WrittenValue) -> Self | None:
        """The form that `value` holds, which `is_form`; None once a problem is told."""
        form = _keys(value, FORM_KEYS)
        written = form["when"].items() if form and "when" in form else None
        if form is None or written is None:
            return None
        cases = [_case(each) for each in written]
        if "else" in form:
            cases.append(_reply((), form["else"]))
        found = tuple(case for case in cases if case is not None)
        return cls(found) if len(found) == len(cases) else None

    @property
    def names(self) -> frozenset[str]:
        """The arguments by which it chooses, or which its replies have places for."""
        by = {condition.name for case in self.cases for condition in case.conditions}
        return frozenset(by).union(*(names_in(case.reply) for case in self.cases))

    def reply_to(self, arguments: Mapping[str, Any]) -> Any:
        """The reply for these arguments, filled in. Raises ToolError "arguments" when no case is for them."""
        for case in self.cases:
            if all(condition.fits(arguments) for condition in case.conditions):
                return value_of(case.reply, arguments)
        said = json.dumps(dict(arguments), ensure_ascii=False)
        said = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
        raise ToolError("arguments", f"there is no reply for the arguments {said}, and no `else`")


def is_form(data: Any) -> bool:
    """Whether a value is meant as the form, and not as a reply that is the same for every call."""
    cases = data.get("when") if isinstance(data, Mapping) else None
    first = cases[0] if isinstance(cases, list) and cases else None
    return isinstance(first, Mapping) and not first.keys().isdisjoint(CASE_KEYS)


def form_schema() -> Mapping[str, Any]:
    """The JSON Schema of the form, and of any value that is none."""
    of_case = [{"required": [key]} for key in CASE_KEYS]
    meant = {"type": "array", "minItems": 1, "items": [{"type": "object", "anyOf": of_case}]}
    special = {
        "type": "object",
        "properties": {"equals": {}, "like": {"type": "string"}, "given": {"type": "boolean"}},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    wanted = {"if": {"type": "object"}, "then": special}
    case = {
        "type": "object",
        "properties": {"if": {"type": "object", "minProperties": 1, "additionalProperties": wanted}, "reply": {}},
        "additionalProperties": False,
        "required": list(CASE_KEYS),
    }
    form = {"properties": {"when": {"items": case}, "else": {}}, "additionalProperties": False}
    return {"if": {"type": "object", "required": ["when"], "properties": {"when": meant}}, "then": form}


def _case(written: WrittenValue) -> Case | None:
    fields = _keys(written, CASE_KEYS)
    if fields is None:
        return None
    if missing := [key for key in CASE_KEYS if key not in fields]:
        written.problem(f"missing key `{missing[0]}` of a case", "write `- if: {argument: value}` and `reply:`")
        return None
    wanted = fields["if"].entries()
    if wanted is None:
        return None
    if not wanted:
        fields["if"].problem("`if` names no argument", "write what holds always as `else:`, beside `when:`")
        return None
    conditions = [_condition(name, value) for name, value in wanted.items()]
    found = tuple(each for each in conditions if each is not None)
    case = _reply(found, fields["reply"])
    return case if len(found) == len(conditions) else None


def _condition(name: str, value: WrittenValue) -> Condition | None:
    data = value.data()
    if isinstance(data, list):
        return Condition(name, "one of", tuple(data))
    if not isinstance(data, Mapping):
        return Condition(name, "equals", data)
    fields = _keys(value, CONDITIONS)
    if fields is None:
        return None
    if len(fields) != 1:
        value.problem(f"a condition is one of {', '.join(CONDITIONS)}", "an object as such is `{equals: {...}}`")
        return None
    ((test, inner),) = fields.items()
    if test == "like":
        pattern = inner.written_text()
        return None if pattern is None else Condition(name, "like", pattern)
    if test == "given":
        given = inner.data()
        if isinstance(given, bool):
            return Condition(name, "given", given)
        inner.problem("expected true or false", "`given: false` is for a call without the argument")
        return None
    return Condition(name, "equals", inner.data())


def _reply(conditions: tuple[Condition, ...], value: WrittenValue) -> Case | None:
    data = value.data()
    try:
        names_in(data)
    except ValueError as error:
        value.problem(str(error))
        return None
    return Case(conditions, data)


def _keys(value: WrittenValue, known: Sequence[str]) -> Mapping[str, WrittenValue] | None:
    """The values of a map with these keys alone, null included; None once a problem is told."""
    found = value.entries()
    if found is None:
        return None
    unknown = [key for key in found if key not in known]
    for key in unknown:
        found[key].problem(f"unknown key {quoted(key)}", did_you_mean(key, known, f"the keys are {', '.join(known)}"))
    return None if unknown else found


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: true is not 1, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
