"""A form that a server wants filled in, asked for in lines: a field after the other, each until its line fits.

What a field is and what a line makes of it is known by `form_fields` and `form_checking`. Owns the order of things,
and the words of a question. Refuses to send what the schema forbids, and anything that the person did not see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.tools.form_checking import FormChecker
from workbench.tools.form_fields import FormField, fields_of, text_of, value_of
from workbench.tools.people import FormAnswer, FormRequest

LEFT_OUT: Final = "-"
"""What is typed for a field that is to be left out, or to have its default."""

DECLINES: Final = "!"
"""What is typed to decline the whole form."""

AGREE: Final = FormField("", frozenset({"boolean"}), is_required=True, title="Agree?")
"""What is asked of a form without fields."""

MOST_FIELDS: Final = 50
_SWITCH: Final[Mapping[str, str]] = {
    **dict.fromkeys(("yes", "y", "true", "on"), "true"),
    **dict.fromkeys(("no", "n", "false", "off"), "false"),
}


@dataclass(frozen=True, slots=True)
class FieldQuestion:
    """One field to ask for: the `number`th of `count`, from 1. `problem` is what was wrong with what was typed."""

    request: FormRequest
    field: FormField
    number: int
    count: int
    problem: str = ""


async def filled(request: FormRequest, ask: Callable[[FieldQuestion], Awaitable[str | None]]) -> FormAnswer:
    """The form, filled in field by field: `ask` gives the typed line, None when the person declines.

    A form without fields asks for a yes.
    """
    fields = fields_of(request.schema)[:MOST_FIELDS] or [AGREE]
    checker = FormChecker(request.schema)
    await asyncio.to_thread(checker.prepare)
    values: dict[str, Any] = {}
    for number, each in enumerate(fields, 1):
        question = FieldQuestion(request, each, number, len(fields))
        while True:
            typed = await ask(question)
            if typed is None:
                return FormAnswer("decline")
            try:
                values |= _answer(each, typed, checker)
                break
            except ValueError as error:
                question = FieldQuestion(request, each, number, len(fields), str(error))
    agreed = values.pop(AGREE.name, True)
    return FormAnswer("accept", values) if agreed else FormAnswer("decline")


def described(question: FieldQuestion) -> Sequence[str]:
    """The question in lines, for people: who asks, what for, the field, what may be typed, and what was wrong."""
    request, field = question.request, question.field
    of = f" ({question.number} of {question.count})" if question.count > 1 else ""
    lines = [f"{request.asker} asks: {request.message}", f"{field.title or field.name}{of}: {_wants(field)}"]
    lines += [field.description] if field.description else []
    return [*lines, *([f"not so: {question.problem}"] if question.problem else [])]


def _wants(field: FormField) -> str:
    """In words, what may be typed."""
    if titled := field.titled:
        listed = ", ".join(f"{text} ({title})" if title not in ("", text) else text for text, title in titled.items())
        words = f"some of {listed}, with commas" if field.items else f"one of {listed}"
    elif field.is_switch:
        words = "yes or no"
    else:
        kinds = {"integer": "a whole number", "number": "a number", "string": "a text"}
        words = kinds.get(field.type_in_words, field.type_in_words)
    words = ", ".join((words, *field.limits))
    if field.default:
        return f"{words}; {LEFT_OUT} for {_default_in_words(field)}"
    return words if field.is_required else f"{words}; {LEFT_OUT} leaves it out"


def _default_in_words(field: FormField) -> str:
    value = field.default[0]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else text_of(field, value)


def _answer(field: FormField, typed: str, checker: FormChecker) -> dict[str, Any]:
    """The field with the value that a typed line is, or without one. Raises ValueError, with what is wrong."""
    text = typed.strip()
    if text in ("", LEFT_OUT) and (field.default or not field.is_required):
        return {field.name: field.default[0]} if field.default else {}
    if not text:
        raise ValueError("it is required")
    if field.is_switch and text.lower() not in _SWITCH:
        raise ValueError("write yes or no")
    value = value_of(field, _SWITCH[text.lower()] if field.is_switch else text)
    if problem := checker.problems({field.name: value}).get(field.name):
        raise ValueError(problem)
    return {field.name: value}
