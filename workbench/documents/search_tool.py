"""`search_documents`: the tool by which a model asks for passages itself, of sets that are retrieved so.

Owns what the model is told of it, what its arguments mean, and the shape of its results, in both directions. It reads
what is loaded and nothing else, so nobody has to allow it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from workbench.documents.conditions import Condition, leads_to
from workbench.documents.passages import Passage
from workbench.errors import ToolError, did_you_mean

if TYPE_CHECKING:
    from workbench.documents.retrieval import Library, Retrieved

NAME: Final = "search_documents"
OTHER_NAME: Final = f"documents__{NAME}"
"""What it is called where another tool has its name."""

NAMES: Final = (OTHER_NAME, NAME)

MOST_AT_ONCE: Final = 50
_MOST_BYTES: Final = 60_000  # of results as JSON: what is told to be found is all sent
_SAMPLE: Final = 20  # passages of a set that are looked at for names of fields
_MOST_FIELDS: Final = 12
_SYNTAX: Final = (
    'What to search for, in words of the documents. "exact phrase" in quotes must be there, -word must not.'
)


def description(library: Library) -> str:
    """What the model is told that the tool does."""
    return f"Search the documents and get the passages that match best. Documents: {library.describe()}"


def parameters(library: Library, *, with_fields: bool = True) -> dict[str, Any]:
    """The JSON Schema of its arguments: `query` alone is required. Without fields no document is looked at for it."""
    properties: dict[str, Any] = {
        "query": {"type": "string", "description": _SYNTAX},
        "top_k": {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "description": "The most passages to get."},
    }
    if len(library.names) > 1:
        properties["set"] = {"type": "string", "enum": list(library.names), "description": "Search this set alone."}
    if with_fields and (fields := list(_fields(library))):
        said = "What fields of the documents must be: a value, a list of values or {from, to}. Fields: "
        properties["where"] = {"type": "object", "description": said + ", ".join(fields)}
    return {"type": "object", "properties": properties, "required": ["query"]}


def search(library: Library, arguments: Mapping[str, Any]) -> Any:
    """The result of a call whose arguments fit `parameters`: passages as objects, best first, or that there are none.

    Raises ToolError "arguments" for a field that no document has.
    """
    where = tuple(_condition(library, name, value) for name, value in (arguments.get("where") or {}).items())
    top_k = arguments.get("top_k")
    searched = library.only({arguments["set"]}) if arguments.get("set") else library
    searched = searched.retrieved_by(
        lambda spec: replace(spec, top_k=min(top_k or spec.top_k, MOST_AT_ONCE), where=(*spec.where, *where))
    )
    found = searched.found(str(arguments["query"]))
    passages: list[dict[str, Any]] = []
    size = 0
    for rank, each in enumerate(_best(found.items, min(top_k or MOST_AT_ONCE, MOST_AT_ONCE)), 1):
        item = _as_item(each, rank)
        size += len(json.dumps(item))
        if size > _MOST_BYTES and passages:
            break
        passages.append(item)
    return passages or {"found": 0, "note": "No passage has these words. Try others, fewer, or without a filter."}


def is_found(result: Any) -> bool:
    """Whether a result of `search` has passages."""
    return isinstance(result, list) and bool(result) and all(isinstance(each, Mapping) for each in result)


def passages_of(result: Any) -> Iterator[tuple[Passage, float | None, int | None]]:
    """The passages of a result of `search` as they were given, each with its score and rank; none of another value."""
    for each in result if is_found(result) else ():
        lines, path, score, rank = (each.get(name) for name in ("lines", "path", "score", "rank"))
        place = (int(lines[0]), int(lines[1])) if isinstance(lines, list) and len(lines) == 2 else None
        passage = Passage(
            str(each.get("id", "")), str(each.get("set", "")), str(each.get("title", "")), str(each.get("text", "")),
            {}, None if path is None else str(path), place,
        )  # fmt: skip
        yield passage, _number(score), rank if isinstance(rank, int) else None


def _best(items: Sequence[Retrieved], most: int) -> Sequence[Retrieved]:
    """The best of all sets together; scores of different sets are compared as they are."""
    several = len({each.passage.set for each in items}) > 1
    ranked = sorted(items, key=lambda each: -(each.score or 0.0)) if several else items
    return ranked[:most]


def _as_item(found: Retrieved, rank: int) -> dict[str, Any]:
    passage = found.passage
    item: dict[str, Any] = {"id": passage.id, "set": passage.set, "rank": rank}
    if found.score is not None:
        item["score"] = round(found.score, 4)
    if passage.path is not None:
        item["path"] = passage.path
    if passage.lines is not None:
        item["lines"] = list(passage.lines)
    others = {key: value for key, value in passage.data.items() if key != "title" and value != passage.text}
    return {**item, **({"fields": others} if others else {}), "title": passage.title, "text": passage.text}


def _condition(library: Library, name: str, value: Any) -> Condition:
    if not library.has_field(name):
        known = list(_fields(library))
        hint = did_you_mean(name, known) or (f"fields are {', '.join(known)}" if known else "they have none")
        raise ToolError("arguments", f"no document has a field {json.dumps(name[:100])}: {hint}")
    if isinstance(value, Mapping) and value.keys() <= {"from", "to"} and value:
        return Condition(name, least=value.get("from"), most=value.get("to"))
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str | int | float) for each in values):
        raise ToolError("arguments", f"where.{name[:100]} must be a value, a list of values or {{from, to}}")
    return Condition(name, tuple(values))


def _fields(library: Library) -> Iterator[str]:
    """Names of fields that documents have, by the first passages of each set."""
    names: dict[str, None] = {}
    for passages in library.passages:
        for passage in passages[:_SAMPLE]:
            names.update(dict.fromkeys(key for key in passage.data if key != "title" and leads_to(key, key)))
    return islice(names, _MOST_FIELDS)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
