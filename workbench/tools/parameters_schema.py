"""JSON Schema, by the draft that it names or else 2020-12, over a tool's arguments, in two strengths.

Owns the checking itself and the decision of what is safe to check in this process: schemas whose cost is bounded
by their size. Patterns can backtrack for ever and hold the interpreter while they do; references can multiply
work without end: `needs_isolation` says so, and `report` is what another process then runs.
Refuses remote references (nothing is ever fetched) and does not enforce `format`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from workbench.tools.argument_faults import Fault, faults_of
from workbench.tools.schema_dialects import checkable, judged

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MAX_VIOLATIONS = 5
_MAX_MESSAGE = 300
_MOST_PARTS = 5_000  # of a schema that is checked here: what is larger takes seconds, in which nobody else has a turn
_UNBOUNDED_STRINGS = frozenset({"pattern", "$ref", "$dynamicRef"})
_UNBOUNDED = frozenset({"patternProperties", "unevaluatedProperties", "unevaluatedItems"})


class BrokenSchema(ValueError):
    """The schema itself cannot be used; the text says where and why."""


def needs_isolation(schema: Mapping[str, Any]) -> bool:
    """Whether checking against `schema` may take unbounded or much time, so that it must be possible to kill it."""
    waiting: list[Any] = [schema]
    seen: set[int] = set()
    parts = 0
    while waiting:
        parts += 1
        if parts > _MOST_PARTS:
            return True
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            if any(is_unbounded(key, value) for key, value in node.items()):
                return True
            waiting.extend(node.values())
        elif isinstance(node, (list, tuple)):
            waiting.extend(node)
    return False


def build(schema: Mapping[str, Any]) -> Validator:
    """A validator to keep. Raises BrokenSchema."""
    # Imported on first use: a tenth of a second that must not delay the first paint.
    from referencing import Registry

    try:
        kind, faults = judged(schema)
        read = checkable(schema)
    except RecursionError:
        raise BrokenSchema("it is nested too deeply") from None
    if faults:
        raise BrokenSchema(_cut(f"{faults[0].json_path}: {faults[0].message}"))
    # An empty registry knows no way to retrieve anything, unlike the default one.
    return kind(read, registry=Registry())


@dataclass(frozen=True, slots=True)
class Violation:
    """What in the arguments does not fit: `text`, "path: reason", and the places that it is about."""

    text: str
    faults: tuple[Fault, ...] = ()


def violations(validator: Validator, arguments: Mapping[str, Any]) -> list[Violation]:
    """At most MAX_VIOLATIONS, and a last one when there are more. Raises BrokenSchema."""
    from referencing.exceptions import Unresolvable

    try:
        errors = list(islice(validator.iter_errors(arguments), MAX_VIOLATIONS + 1))
    except Unresolvable as error:
        raise BrokenSchema(f'"{error.ref}" is not within it, and references are never fetched') from None
    except RecursionError:
        raise BrokenSchema("it refers to itself without end, or the arguments are nested too deeply") from None
    found = [Violation(_cut(f"{error.json_path}: {error.message}"), tuple(faults_of(error))) for error in errors]
    return found if len(found) <= MAX_VIOLATIONS else [*found[:MAX_VIOLATIONS], Violation("and more")]


def report(schema: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """What a process of its own answers: `{"violations": [[text, faults], ...]}` or `{"broken": text}`."""
    try:
        return {"violations": [[each.text, each.faults] for each in violations(build(schema), arguments)]}
    except BrokenSchema as error:
        return {"broken": str(error)}


def is_unbounded(key: object, value: object) -> bool:
    """Whether a key of a schema, with this value, may take unbounded time to check."""
    # A property may be *named* "pattern": then its value is a schema, not a string.
    return (
        (key in _UNBOUNDED_STRINGS and isinstance(value, str))
        or key in _UNBOUNDED
        or (key == "uniqueItems" and value is True)
    )


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]}… ({len(text):,} characters)"
