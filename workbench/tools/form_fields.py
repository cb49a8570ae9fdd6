"""The fields of a form over a JSON Schema of an object, and what is typed there as values of JSON.

Owns how a property is told (type, choices, limits, default), and reading a value as it may be typed. A schema is read
as far as it makes sense here: what it says that nobody understands makes a field that takes any value. Refuses to
draw, to check against the schema (`form_checking` does), and to fetch a reference.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.tools import jsontext

EMPTY: Final = '""'
"""What is typed for an empty text, since nothing leaves the value out."""

OF_JSON: Final = ("string", "integer", "number", "boolean", "array", "object", "null")
_MOST_HOPS: Final = 20  # from a reference to the next one, and of schemas within one another
_LIMITS: Final = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("multipleOf", "a multiple of {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("pattern", "matches {}"),
    ("format", "as {}"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
)


@dataclass(frozen=True, slots=True)
class FormField:
    """One property. `types` are those of JSON that it may have, empty for any; `choices` all values, where these are
    told one by one, and of a list `items` those of its items; `titles` are what people call them, as they are sent.
    `default` has one value or none. `limits` are in words. One that the schema does not know is not `is_known`: an
    object has it all the same.
    """

    name: str
    types: frozenset[str] = frozenset()
    description: str = ""
    is_required: bool = False
    choices: tuple[Any, ...] = ()
    default: tuple[Any, ...] = ()
    examples: tuple[Any, ...] = ()
    limits: tuple[str, ...] = ()
    is_known: bool = True
    title: str = ""
    items: tuple[Any, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def is_switch(self) -> bool:
        """Whether it is true or false, and nothing else."""
        return self.types == {"boolean"} and not self.choices

    @property
    def is_text(self) -> bool:
        """Whether it is a text, and nothing else."""
        return self.types == {"string"}

    @property
    def titled(self) -> Mapping[str, str]:
        """Each of its choices, or of those of its items, as it is typed, with what people call it: "" for no name."""
        each = FormField("", self.types - {"array"})
        values = self.choices or self.items
        titles = self.titles if len(self.titles) == len(values) else ("",) * len(values)
        return {text_of(each, value): title for value, title in zip(values, titles, strict=True)}

    @property
    def is_nested(self) -> bool:
        """Whether it holds other values, and is typed as JSON."""
        return bool(self.types & {"object", "array"}) or not self.types

    @property
    def type_in_words(self) -> str:
        """`string`, or `string or null`."""
        return " or ".join(name for name in OF_JSON if name in self.types) or "any value"


def fields_of(schema: Mapping[str, Any], given: Collection[str] = ()) -> list[FormField]:
    """A field for each property of `schema`, in its order, then one for each of the names `given` that it lacks."""
    properties: dict[str, Any] = {}
    required: set[str] = set()
    for part in _parts(schema, schema):
        if isinstance(found := part.get("properties"), Mapping):
            properties |= {str(name): each for name, each in found.items()}
        required |= {name for name in _items(part.get("required")) if isinstance(name, str)}
    known = [_field(name, each, schema, is_required=name in required) for name, each in properties.items()]
    needed = [FormField(name, is_required=True) for name in sorted(required - properties.keys())]
    named = {each.name for each in (*known, *needed)}
    return [*known, *needed, *(FormField(name, is_known=False) for name in given if name not in named)]


def text_of(field: FormField, value: Any) -> str:
    """A value as it is typed, so that `value_of` reads it as it is."""
    if isinstance(value, str):
        if not value:
            return EMPTY
        return value if field.is_text or _read(field, value) == value else json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) else None)


def value_of(field: FormField, text: str) -> Any:
    """The value that is typed, `...` where none is given: nothing is typed.

    Raises ValueError with words on what is wanted, where the text is none of the field's types.
    """
    if not text or (not field.is_text and not text.strip()):
        return ...
    if text.strip() == EMPTY and _may_be(field, "string"):
        return ""
    if field.choices:
        found = _chosen(field, text, field.choices)
        if found is not ...:
            return found
    if field.items and not text.lstrip().startswith("["):
        return [_item(field, part.strip()) for part in text.split(",") if part.strip()]
    return text if field.is_text else _read(field, text)


def _item(field: FormField, text: str) -> Any:
    found = _chosen(field, text, field.items)
    if found is ...:
        raise ValueError(f"{text!r} is none of {', '.join(field.titled)}")
    return found


def _chosen(field: FormField, text: str, values: Sequence[Any]) -> Any:
    """The value that is written so, or that people call so, whatever the case of letters; `...` when there is none."""
    typed = list(field.titled.items())
    for at, (written, _) in enumerate(typed):
        if text == written:
            return values[at]
    said = text.strip().casefold()
    named = [at for at, words in enumerate(typed) if said and said in map(str.casefold, words)]
    return values[named[0]] if len(named) == 1 else ...


def _read(field: FormField, text: str) -> Any:
    """A text as JSON of the field's types, else as it is where it may be a text."""
    try:
        value = jsontext.parse(text)
    except jsontext.NotJson as error:
        is_meant = text.lstrip()[:1] in ("{", "[", '"') and field.is_nested
        if _may_be(field, "string") and not is_meant:
            return text
        wanted = "this is JSON" if is_meant else _wanted(field)
        raise ValueError(f"{wanted}: {error}" if field.is_nested else _wanted(field)) from None
    if any(_may_be(field, name) for name in types_of(value)):
        return value
    if _may_be(field, "string"):
        return text
    raise ValueError(_wanted(field))


def types_of(value: Any) -> tuple[str, ...]:
    """The names that JSON Schema has for the type of a value: a whole number is a number, too."""
    match value:
        case None:
            return ("null",)
        case bool():
            return ("boolean",)
        case str():
            return ("string",)
        case int():
            return ("integer", "number")
        case float():
            return ("integer", "number") if value.is_integer() else ("number",)
        case list():
            return ("array",)
    return ("object",)


_NAMED: Final[Mapping[str, str]] = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list of JSON, in brackets",
    "object": "an object of JSON, in braces",
    "null": "null",
    "string": "a text",
}


def _wanted(field: FormField) -> str:
    names = [
        _NAMED[name] for name in OF_JSON if name in field.types and not (name == "integer" and "number" in field.types)
    ]
    return f"{' or '.join(names) or 'JSON'} is wanted"


def _may_be(field: FormField, type: str) -> bool:
    return not field.types or type in field.types


# -- reading a schema --------------------------------------------------------------------------------------


def _field(name: str, schema: Any, root: Mapping[str, Any], *, is_required: bool) -> FormField:
    parts = list(_parts(schema, root))
    types = _types(schema, root, _MOST_HOPS)
    choices = tuple(_choices(schema, root, _MOST_HOPS) or ())
    of_items = (
        next((part["items"] for part in parts if "items" in part), None) if types == frozenset({"array"}) else None
    )
    items = tuple(_choices(of_items, root, _MOST_HOPS) or ())
    return FormField(
        name,
        frozenset() if types is None else types,
        next((text for part in parts for text in _texts(part)), ""),
        is_required,
        choices,
        next(((part["default"],) for part in parts if "default" in part), ()),
        tuple(each for part in parts for each in (*_items(part.get("examples")), *_only(part, "example"))),
        tuple(words.format(_brief(part[key])) for part in parts for key, words in _LIMITS if _is_told(part.get(key))),
        title=next((text for part in parts for text in _texts(part, "title")), ""),
        items=items,
        titles=_titles(schema if choices else of_items, root, len(choices or items)),
    )


def _titles(schema: Any, root: Mapping[str, Any], count: int) -> tuple[str, ...]:
    """What people call the values that there can be; nothing where that is not told of each of the `count`."""
    for part in _parts(schema, root) if count else ():
        names = part.get("enumNames")
        told = [names] if isinstance(names, list) else []
        told += [
            [each.get("title") if isinstance(each, Mapping) else None for each in _items(part.get(key))]
            for key in ("anyOf", "oneOf")
        ]
        for each in told:
            if len(each) == count and any(isinstance(title, str) for title in each):
                return tuple(title.strip() if isinstance(title, str) else "" for title in each)
    return ()


def _parts(schema: Any, root: Mapping[str, Any], hops: int = _MOST_HOPS) -> Iterator[Mapping[str, Any]]:
    """The schema and all that counts beside it: what it refers to, within `root`, and its `allOf`."""
    if not isinstance(schema, Mapping) or hops <= 0:
        return
    yield schema
    for key in ("$ref", "allOf"):
        if key == "$ref" and isinstance(name := schema.get(key), str):
            yield from _parts(_referred(name, root), root, hops - 1)
        elif key == "allOf":
            for each in _items(schema.get(key)):
                yield from _parts(each, root, hops // 2)


def _referred(name: str, root: Mapping[str, Any]) -> Any:
    """What `#/$defs/Place` points to; None for what is not within `root`."""
    if not name.startswith("#"):
        return None
    found: Any = root
    for key in name.removeprefix("#").split("/")[1:]:
        found = found.get(key.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found


def _types(schema: Any, root: Mapping[str, Any], hops: int) -> frozenset[str] | None:
    """The types that values may have; None where nothing says so."""
    found: frozenset[str] | None = None
    for part in _parts(schema, root, hops):
        said = [part["type"]] if isinstance(part.get("type"), str) else _items(part.get("type"))
        told = [frozenset(name for name in said if name in OF_JSON)] if said else []
        for key in ("anyOf", "oneOf"):
            of_each = [_types(each, root, hops // 2) for each in _items(part.get(key))]
            if of_each and None not in of_each:
                told.append(frozenset().union(*(each for each in of_each if each is not None)))
        for each in told:
            found = each if found is None else (found & each or each)
    if found is None and (values := _choices(schema, root, hops // 2)):
        return frozenset(types_of(value)[0] for value in values)
    return found


def _choices(schema: Any, root: Mapping[str, Any], hops: int) -> list[Any] | None:
    """Every value that there can be, where they are told one by one; None else."""
    for part in _parts(schema, root, hops):
        if "const" in part:
            return [part["const"]]
        if values := _items(part.get("enum")):
            return list(values)
        for key in ("anyOf", "oneOf"):
            of_each = [_choices(each, root, hops // 2) or _null(each) for each in _items(part.get(key))]
            if of_each and None not in of_each:
                return [value for values in of_each for value in values or ()]
    return None


def _null(schema: Any) -> list[Any] | None:
    return [None] if isinstance(schema, Mapping) and schema.get("type") == "null" else None


def _texts(part: Mapping[str, Any], key: str = "description") -> Iterator[str]:
    if isinstance(text := part.get(key), str) and text.strip():
        yield text.strip()


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _only(part: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    return (part[key],) if key in part else ()


def _is_told(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _brief(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
