"""A form made from the JSON Schema of an object: a field for each property, or all of it as one text of JSON.

Owns the values as they are filled in, and what is told of each. What a property is, and what is wrong with a value, is
known by `tools.form_fields` and `tools.form_checking`; what becomes of the object is for whoever opens the form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from workbench.tools import jsontext
from workbench.tools.form_checking import WHOLE, FormChecker, placed
from workbench.tools.form_fields import EMPTY, FormField, fields_of, text_of, value_of
from workbench.ui.forms.fields import MAY_BE, Field, How
from workbench.ui.widgets.choices import Choice

PRESS, ALL = "+press", "+all"
OF_PROPERTY: Final = "property "
"""What the key of a property's field begins with."""

REQUIRED, MORE, UNKNOWN, WHOLE_OF_IT = "Required", "Not required", "Not in the schema", "As JSON"
NOT_GIVEN: Final = "not given"
MOST_SHOWN: Final = 20_000  # characters of a value that its field shows
LARGEST: Final = 200_000  # characters of a value that can be changed here


class SchemaForm:
    """`given` are the values at first. `press` is done by the first field, which `does` names, and says whether the
    form is done with. `masked` takes the API keys out of a text.

    The checker is prepared by whoever shows the form, in a thread; until then nothing is told to be wrong.
    """

    def __init__(
        self,
        title: str,
        schema: Mapping[str, Any],
        given: Mapping[str, Any],
        press: Callable[[], bool],
        does: tuple[str, str] = ("send", "sends what is filled in"),
        masked: Callable[[str], str] = str,
    ) -> None:
        self.title = title
        """What the form is about."""
        self.about = f"{EMPTY} is an empty text, nothing leaves it out"
        """How values are typed."""
        self.is_json = False
        """Whether it is one text of JSON."""
        self.checker = FormChecker(schema)
        """What says what is wrong."""
        self.refused: Mapping[str, str] = {}
        """What was found wrong elsewhere, by the names of properties, until something is changed."""
        self._schema = schema
        self._read: tuple[tuple[str, ...], list[FormField]] | None = None
        self._first = dict(given)
        self._values = dict(given)
        self._press = press
        self._does = does
        self._masked = masked

    @property
    def values(self) -> dict[str, Any]:
        """The object as it is filled in, in the order of the schema, unknown keys behind."""
        order = [field.name for field in self._fields()]
        return {name: self._values[name] for name in order if name in self._values}

    def put(self, values: Mapping[str, Any]) -> None:
        """Let the object have these values."""
        self._values, self.refused = dict(values), {}

    def refuse(self, error: str) -> None:
        """A call with these values was refused: tell what it said of its arguments at their fields."""
        self.refused = placed(error.partition(": ")[2].split("; "))

    def problems(self) -> dict[str, str]:
        """What is wrong, by the names of properties."""
        return {**self.refused, **self.checker.problems(self._values)}

    # -- as the screen knows it ------------------------------------------------------------------------

    def fields(self) -> list[Field]:
        """What sends it, then each property: those that are required, the others, and those that nobody declared."""
        problems = self.problems()
        if self.is_json:
            return [self._press_field(problems), self._all(problems)]
        fields = self._fields()
        groups = {REQUIRED: [f for f in fields if f.is_known and f.is_required]}
        groups[MORE] = [f for f in fields if f.is_known and not f.is_required]
        groups[UNKNOWN] = [f for f in fields if not f.is_known]
        told = [self._field(f, group, problems.get(f.name, "")) for group, found in groups.items() for f in found]
        return [self._press_field(problems), *told]

    def check(self, key: str, typed: str) -> str:
        """What is wrong with a value while it is typed: what refuses it, or behind `MAY_BE` what the schema says."""
        try:
            values = self._typed(key, typed)
        except ValueError as error:
            return str(error)
        found = self.checker.problems(values)
        if key == ALL:
            return f"{MAY_BE}{_listed(found)}" if found else ""
        name = key.removeprefix(OF_PROPERTY)
        return f"{MAY_BE}{found[name]}" if name in found else ""

    def change(self, key: str, typed: str) -> str:
        """Take a value; what is wrong with it where it is no value of its type. What the schema says else is told at
        its field: it is sent all the same, since one may want to see what is said then."""
        try:
            self.put(self._typed(key, typed))
        except ValueError as error:
            return str(error)
        return ""

    def toggle(self, key: str) -> str:
        """True, false, and not given where that can be."""
        field = self._named(key)
        if field is None:
            return ""
        values = [True, False] if field.is_required else [..., True, False]
        now = self._values.get(field.name, ...)
        at = next((at for at, each in enumerate(values) if each is now), -1)
        self._put_one(field.name, values[(at + 1) % len(values)])
        return ""

    def reset(self, key: str) -> str:
        """Give a property the value that it had at first."""
        if key == ALL:
            self.put(self._first)
        elif (field := self._named(key)) is not None:
            self._put_one(field.name, self._first.get(field.name, ...))
        return ""

    def press(self, key: str) -> bool:
        """Send it."""
        return key == PRESS and self._press()

    # -- one field ---------------------------------------------------------------------------------------

    def _fields(self) -> list[FormField]:
        given = (*self._first, *(name for name in self._values if name not in self._first))
        if self._read is None or self._read[0] != given:  # of hundreds of properties it takes a while
            self._read = given, fields_of(self._schema, given)
        return self._read[1]

    def _name(self, field: FormField) -> str:
        """What its row calls a property."""
        return field.name

    def _named(self, key: str) -> FormField | None:
        name = key.removeprefix(OF_PROPERTY)
        return next((field for field in self._fields() if field.name == name), None)

    def _put_one(self, name: str, value: Any) -> None:
        self.put({**{each: old for each, old in self._values.items() if each != name}, **_given(name, value)})

    def _typed(self, key: str, typed: str) -> dict[str, Any]:
        """All values, with what is typed in one field. Raises ValueError."""
        if key == ALL:
            try:
                value = jsontext.parse(jsontext.object_text(typed))
            except jsontext.NotJson as error:
                raise ValueError(f"an object of JSON is wanted: {error}") from None
            if not isinstance(value, dict):
                raise ValueError("an object of JSON, in braces, is wanted")
            return value
        field = self._named(key)
        if field is None:
            return self._values
        others = {name: value for name, value in self._values.items() if name != field.name}
        return {**others, **_given(field.name, value_of(field, typed))}

    def _press_field(self, problems: Mapping[str, str]) -> Field:
        name, meaning = self._does
        count = len(problems)
        value = f"{count} {'value does' if count == 1 else 'values do'} not fit" if count else meaning
        told = (f"Enter {meaning}.",)
        return Field(PRESS, name, value, how="press", told=told, problem=self._masked(problems.get(WHOLE, "")))

    def _all(self, problems: Mapping[str, str]) -> Field:
        text = _json(self.values)
        told = ("All of it as an object of JSON.", self._masked(_listed(problems)))
        return Field(
            ALL, "arguments", self._masked(text), WHOLE_OF_IT, typed=text, long=True, told=told,
            differs=self._values != self._first, problem=self._masked(_listed(problems)),
        )  # fmt: skip

    def _field(self, field: FormField, group: str, problem: str) -> Field:
        value, first = self._values.get(field.name, ...), self._first.get(field.name, ...)
        typed = "" if value is ... else text_of(field, value)
        shown = _unset(field) if value is ... else typed
        differs = not _same(value, first)
        how: How = "toggle" if field.is_switch else "choose" if field.choices else "type"
        title = "" if field.title in (field.name, self._name(field)) else field.title
        told = tuple(filter(None, (title, field.description, " · ".join(_facts(field)))))
        if len(typed) > LARGEST:
            how, told = "fixed", (*told, f"{len(typed):,} characters are too many to change here")
        return Field(
            OF_PROPERTY + field.name,
            self._masked(self._name(field)),
            self._masked(shown[:MOST_SHOWN]),
            group,
            how,
            typed=typed,
            choices=() if field.is_switch else _offered(field),
            long=field.is_text or field.is_nested,
            differs=differs,
            mark="changed" if differs and not problem else "",
            told=told,
            problem=self._masked(problem),
        )


def _given(name: str, value: Any) -> dict[str, Any]:
    return {} if value is ... else {name: value}


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1 is not true."""
    return type(one) is type(other) and one == other


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _unset(field: FormField) -> str:
    return f"{NOT_GIVEN}, by default {text_of(field, field.default[0])}" if field.default else NOT_GIVEN


def _offered(field: FormField) -> tuple[Choice, ...]:
    """The values that there can be, or examples of them."""
    values: dict[str, str] = {}
    if not field.choices:
        values |= {text_of(field, each): "example" for each in field.examples}
        values |= {text_of(field, each): "the default" for each in field.default}
    unset = (Choice("", NOT_GIVEN),) if field.choices and not field.is_required else ()
    titled = field.titled if field.choices else {}
    named = (Choice(text, title, text if title not in ("", text) else "") for text, title in titled.items() if text)
    return (*named, *(Choice(text, note=note) for text, note in values.items() if text), *unset)


def _facts(field: FormField) -> list[str]:
    """What is known of a property besides its description."""
    if not field.is_known:
        return ["not in the schema: it is sent all the same"]
    facts = [field.type_in_words, "required" if field.is_required else "not required", *field.limits]
    if titled := field.titled:
        listed = (f"{text} ({title})" if title not in ("", text) else text for text, title in titled.items())
        facts.append(f"{'some' if field.items else 'one'} of {', '.join(listed)}")
    if field.items:
        facts.append("typed with commas")
    if field.default:
        facts.append(f"default {text_of(field, field.default[0])}")
    return facts


def _listed(problems: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {words}" if name else words for name, words in problems.items())
