"""A form that a server wants filled in, field by field: owns what each asks for, and what a typed line makes of it.

The schema of a form is flat: texts, numbers, yes or no, and choices. A line that does not fit is asked for again, with
what is wrong with it. Refuses to send what the schema forbids, and anything that the person did not see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.tools import jsontext
from workbench.tools import parameters_schema as schema
from workbench.tools.people import FormAnswer, FormRequest

LEFT_OUT: Final = "-"
"""What is typed for a field that is to be left out, or to have its default."""

DECLINES: Final = "!"
"""What is typed at a terminal to decline the whole form; on a screen, a key does that."""

_YES: Final = ("yes", "y", "true", "on")
_NO: Final = ("no", "n", "false", "off")
_MOST_FIELDS: Final = 50


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a form. `schema` is its own, which is not trusted."""

    name: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def title(self) -> str:
        """What it is called."""
        title = self.schema.get("title")
        return title if isinstance(title, str) and title.strip() else self.name

    @property
    def has_default(self) -> bool:
        """Whether something stands for it when nothing is typed."""
        return "default" in self.schema

    def wants(self) -> str:
        """In words, what may be typed."""
        choices = self.choices()
        if choices:
            listed = ", ".join(value if label == value else f"{value} ({label})" for value, label in choices.items())
            words = f"{'some' if self._is_list else 'one'} of {listed}{', with commas' if self._is_list else ''}"
        else:
            kinds = {"boolean": "yes or no", "integer": "a whole number", "number": "a number"}
            words = kinds.get(str(self.schema.get("type")), "a text")
            shape = self.schema.get("format")
            words += f" ({shape})" if isinstance(shape, str) else ""
        default = f"; {LEFT_OUT} for {_written(self.schema['default'])}" if self.has_default else ""
        return words + (default or ("" if self.required else f"; {LEFT_OUT} leaves it out"))

    def choices(self) -> dict[str, str]:
        """What may be chosen, with how each is called; {} where anything may be typed."""
        where = self.schema.get("items") if self._is_list else self.schema
        if not isinstance(where, Mapping):
            return {}
        for key in ("oneOf", "anyOf"):
            each = where.get(key)
            if isinstance(each, list) and all(isinstance(one, Mapping) and "const" in one for one in each):
                return {str(one["const"]): str(one.get("title", one["const"])) for one in each}
        values, names = where.get("enum"), where.get("enumNames")
        if not isinstance(values, list):
            return {}
        labels = names if isinstance(names, list) and len(names) == len(values) else values
        return {str(value): str(label) for value, label in zip(values, labels, strict=True)}

    def read(self, typed: str) -> Any:
        """The value that a typed line is. Raises ValueError, with what is wrong."""
        text, choices = typed.strip(), self.choices()
        if self._is_list:
            value: Any = [_chosen(part.strip(), choices) for part in text.split(",") if part.strip()]
        elif choices:
            value = _chosen(text, choices)
        elif self.schema.get("type") == "boolean":
            value = _yes_or_no(text)
        elif self.schema.get("type") in ("integer", "number"):
            value = _number(text, whole=self.schema.get("type") == "integer")
        else:
            value = text
        if found := self._violations(value):
            raise ValueError(found[0].partition(": ")[2] or found[0])
        return value

    @property
    def _is_list(self) -> bool:
        return self.schema.get("type") == "array"

    def _violations(self, value: Any) -> list[str]:
        """What the field's schema forbids of a value; what may take for ever to find out is left to who asks."""
        if schema.needs_isolation(self.schema):
            return []
        whole = {"type": "object", "properties": {self.name: self.schema}}
        try:
            return [each.text for each in schema.violations(schema.build(whole), {self.name: value})]
        except schema.BrokenSchema:
            return []


@dataclass(frozen=True, slots=True)
class FieldQuestion:
    """One field to ask for: the `number`th of `count`, from 1. `problem` is what was wrong with what was typed."""

    request: FormRequest
    field: Field
    number: int
    count: int
    problem: str = ""


def fields_of(form: Mapping[str, Any]) -> list[Field]:
    """The fields of a form, in its order; what is no property of an object is left out."""
    properties, required = form.get("properties"), form.get("required")
    names = set(map(str, required)) if isinstance(required, list) else set()
    if not isinstance(properties, Mapping):
        return []
    return [Field(str(name), each, name in names) for name, each in properties.items() if isinstance(each, Mapping)]


async def filled(request: FormRequest, ask: Callable[[FieldQuestion], Awaitable[str | None]]) -> FormAnswer:
    """The form, filled in field by field: `ask` gives the typed line, None when the person declines.

    A form without fields asks for a yes.
    """
    fields = fields_of(request.schema)[:_MOST_FIELDS] or [Field("", {"type": "boolean", "title": "Agree?"}, True)]
    values: dict[str, Any] = {}
    for number, each in enumerate(fields, 1):
        question = FieldQuestion(request, each, number, len(fields))
        while True:
            typed = await ask(question)
            if typed is None:
                return FormAnswer("decline")
            try:
                found = await asyncio.to_thread(_answer, each, typed)
            except ValueError as error:
                question = FieldQuestion(request, each, number, len(fields), str(error))
                continue
            values |= found
            break
    agreed = values.pop("", True)
    return FormAnswer("accept" if agreed else "decline", values)


def described(question: FieldQuestion) -> Sequence[str]:
    """The question in lines, for people: who asks, what for, the field, what may be typed, and what was wrong."""
    request, field = question.request, question.field
    meaning = field.schema.get("description")
    of = f" ({question.number} of {question.count})" if question.count > 1 else ""
    lines = [f"{request.asker} asks: {request.message}", f"{field.title}{of}: {field.wants()}"]
    lines += [meaning] if isinstance(meaning, str) and meaning.strip() else []
    return [*lines, *([f"not so: {question.problem}"] if question.problem else [])]


def _answer(field: Field, typed: str) -> dict[str, Any]:
    if typed.strip() in ("", LEFT_OUT) and (field.has_default or not field.required):
        return {field.name: field.schema["default"]} if field.has_default else {}
    if not typed.strip():
        raise ValueError("it is required")
    return {field.name: field.read(typed)}


def _chosen(text: str, choices: Mapping[str, str]) -> str:
    by_word = {word.lower(): value for value, label in choices.items() for word in (label, value)}
    if not choices or text in choices:
        return text
    if text.lower() in by_word:
        return by_word[text.lower()]
    raise ValueError(f"{text!r} is none of {', '.join(choices)}")


def _yes_or_no(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError("write yes or no")


def _number(text: str, *, whole: bool) -> float | int:
    try:
        value = jsontext.parse(text)
    except jsontext.NotJson:
        value = None
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ValueError("write a whole number" if whole else "write a number")
    return value


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
