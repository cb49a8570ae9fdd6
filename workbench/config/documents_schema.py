"""The JSON Schema of a documents file: its keys and bounds are those that `documents_file` reads by."""

from __future__ import annotations

from typing import Any, Final

from workbench.config.documents_file import (
    MAX_BUDGET,
    MAX_TOP_K,
    MAX_WORDS,
    MODES,
    QUERIES,
    RETRIEVAL_KEYS,
    SEARCHES,
    SET_KEYS,
)
from workbench.config.retrieval_models import embed_schema, rerank_schema
from workbench.config.schema_parts import (
    DRAFT,
    TEXT,
    VARIABLE,
    Schema,
    closed,
    one_or_several,
    optional,
    optional_value,
)
from workbench.config.where import where_schema

_SET: Final = {"$ref": "#/definitions/set"}
_LIST: Final = {"$ref": "#/definitions/documents"}
_ID: Final = optional({"type": ["string", "number"]}, "What citations name it by; made up when left out.")


def documents_schema() -> Schema:
    """A schema that takes a documents file, as far as JSON Schema can tell."""
    named = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": _SET,
        "propertyNames": {"maxLength": 64, "pattern": r"\S"},
        "description": "Sets of documents by their names, which the screen shows.",
    }
    return {
        "$schema": DRAFT,
        "title": "Documents of Workbench",
        "if": {"type": "object", "required": ["sets"]},
        "then": closed({"sets": named}, ("sets",)),
        "else": _SET,
        "definitions": {"set": _set(), "documents": _documents(), "document": _document()},
    }


def _set() -> Schema:
    meanings = {
        "documents": optional(_LIST, "Documents written here: texts, maps, or the shape of the API's own requests."),
        "files": optional(one_or_several(TEXT, minItems=1), "Paths or globs, relative to the folder of this file."),
        "gitignore": optional_value({"type": "boolean"}, "Leaves out what the .gitignore files of the folders name."),
        "split": _split(),
        "retrieval": _retrieval(),
    }
    either = [{"required": ["documents"]}, {"required": ["files"]}]
    whole = closed({key: meanings[key] for key in SET_KEYS}, anyOf=either)
    return {"if": {"type": "array"}, "then": _LIST, "else": whole}


def _split() -> Schema:
    words = {"type": "integer", "minimum": 1, "maximum": MAX_WORDS}
    by_name = closed({"max_words": {"anyOf": [words, VARIABLE]}}, ("max_words",))
    return optional_value(
        {"anyOf": [{"const": "none"}, words, by_name]},
        "The longest passage that a document is cut into, in words; none keeps each document whole.",
    )


def _retrieval() -> Schema:
    mode = {"enum": list(MODES)}
    meanings = {
        "mode": optional_value(
            mode,
            "all sends every passage; keyword those whose words match the question best, vector those that are near it "
            "in meaning, hybrid both; rerank has a model rank them; with tool the model searches the set itself.",
        ),
        "top_k": optional_value(
            {"type": "integer", "minimum": 1, "maximum": MAX_TOP_K}, "The most passages that are sent with a question."
        ),
        "budget_words": optional_value(
            {"type": "integer", "minimum": 1, "maximum": MAX_BUDGET},
            "Up to so many words a set is sent whole where no mode is given.",
        ),
        "query": optional_value(
            {"enum": list(QUERIES)}, "What is searched for: the question, or the words of the last turns, too."
        ),
        "rewrite": optional_value({"type": "boolean"}, "Has the model write what is searched for, in a small request."),
        "search": optional_value({"enum": list(SEARCHES)}, "How the tool searches the set, where the mode is tool."),
        "where": optional(
            where_schema(),
            "What fields of a document must be: a value, one of a list, or {from, to}. Others are never sent.",
        ),
        "embed": embed_schema(),
        "rerank": rerank_schema(),
    }
    return optional_value(
        {"anyOf": [mode, closed({key: meanings[key] for key in RETRIEVAL_KEYS})]},
        "Which passages are sent with a question.",
    )


def _documents() -> Schema:
    return {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/document"}}


def _document() -> Schema:
    """A text, a flat map, or a map whose `data` is one: that has no key but these two."""
    api: dict[str, Any] = {"data": {"type": "object", "description": "The document as the API has it."}, "id": _ID}
    flat = {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "id": _ID,
            "title": {"description": "What the document is called on the screen."},
            "text": {"description": "The document's text."},
        },
    }
    has_data = {"type": "object", "required": ["data"], "properties": {"data": {"type": "object"}}}
    return {
        "if": {"type": "string"},
        "then": TEXT,
        "else": {"if": has_data, "then": closed(api, ("data",)), "else": flat},
    }
