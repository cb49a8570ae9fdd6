"""Types in Python's words, as Cohere's first API has them: what a text such as `List[Dict[str, int]]` is as a schema.

Refuses to guess: of a type that JSON Schema has no name for, nothing is said.
"""

from __future__ import annotations

from typing import Any, Final

_PLAIN: Final = {
    "str": "string",
    "string": "string",
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "bool": "boolean",
    "boolean": "boolean",
    "list": "array",
    "array": "array",
    "dict": "object",
    "object": "object",
    "none": "null",
}
_NULL: Final = {"type": "null"}
_DEEPEST: Final = 20  # types within types; nobody writes as many


def schema_of_type(text: str, deep: int = 0) -> dict[str, Any]:
    """The JSON Schema of the values of a type; {} of one that is not known. Capitals do not count."""
    text = text.strip()
    if deep > _DEEPEST:
        return {}
    if len(either := _parts(text, "|")) > 1:
        return _any_of(either, deep)
    name, bracket, inner = text.partition("[")
    name = name.strip().lower().removeprefix("typing.")
    if not bracket:
        return {"type": _PLAIN[name]} if name in _PLAIN else {}
    if not inner.endswith("]"):
        return {}
    inside = _parts(inner[:-1], ",")
    match name:
        case "list" | "array":
            return _around("array", "items", schema_of_type(inside[0], deep + 1) if len(inside) == 1 else {})
        case "dict":
            return _around("object", "additionalProperties", schema_of_type(inside[-1], deep + 1))
        case "optional":
            return _any_of([*inside, "None"], deep)
        case "union":
            return _any_of(inside, deep)
        case _:
            return {}


def _around(kind: str, key: str, inner: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, key: inner} if inner else {"type": kind}


def _any_of(texts: list[str], deep: int) -> dict[str, Any]:
    """The schema of one of several types; {} where one of them is not known."""
    schemas = [schema_of_type(text, deep + 1) for text in texts]
    if not all(schemas):
        return {}
    if all(each.keys() == {"type"} for each in schemas):
        return {"type": [each["type"] for each in schemas] if len(schemas) > 1 else schemas[0]["type"]}
    if len(schemas) == 2 and _NULL in schemas and (one := next(each for each in schemas if each != _NULL)):
        return {**one, "type": [one["type"], "null"]} if isinstance(one.get("type"), str) else {"anyOf": schemas}
    return {"anyOf": schemas}


def _parts(text: str, mark: str) -> list[str]:
    """What stands between the marks that are in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == mark and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts
