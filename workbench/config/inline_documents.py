"""Documents written in a documents file: owns their shapes and that ids are used once.

    text                            a document of that text
    {id, data: {text, title, ...}}  the shape of the API's own requests
    {id, title, text, ...}          any flat map; every key but `id` is the document's data
    {page_content, metadata} ...    what other programs write: see `record_shapes`

Refuses documents without text, ids that are used twice, and tools. Nothing in a document is expanded or
interpreted: `version: 1.10` stays "1.10".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.config.findings import Located
from workbench.config.nodes import List, Map, Node, Scalar, data_as_written, plain_data
from workbench.config.typed_reading import Fields, Reader, described
from workbench.documents.fields import TEXT_FIELDS
from workbench.documents.passages import FilePlace, InlineDocument
from workbench.documents.record_shapes import TELLING as FOREIGN
from workbench.documents.record_shapes import as_record
from workbench.documents.tool_shapes import TELLING, shape_of
from workbench.errors import quoted
from workbench.look_alikes import as_read, others_in
from workbench.safe_text import without_invisible

_TEXTS = (*TEXT_FIELDS, "title")
_MEANT = (*_TEXTS, "id", "data")
_NO_TEXT = "give it a `text` (or snippet, content, ...) that is not blank"


class InlineDocuments:
    """Reads the inline documents of the file called `file`, over all its sets."""

    def __init__(self, file: str, reader: Reader) -> None:
        self._file = file
        self._reader = reader
        self._ids: dict[str, Located] = {}

    def read(self, node: Node) -> tuple[InlineDocument, ...]:
        """The documents of a list; those with a problem are left out."""
        if not isinstance(node, List):
            self._reader.wrong_type(node, "a list of documents", "put `- ` before each document")
            return ()
        return tuple(document for item in node.items if (document := self._document(item)))

    def _document(self, node: Node) -> InlineDocument | None:
        if isinstance(node, Map):
            if node.entries.keys() & TELLING and (whose := shape_of(plain_data(node))):
                message = f"this is a tool, in {whose} shape, not a document"
                self._reader.findings.add(
                    node, message, "put it into a tools file for --tools; without `run:` it asks you for its results"
                )
                return None
            if node.entries.keys() & FOREIGN and (record := as_record(data_as_written(node))):
                return self._foreign(node, record)
            return self._api_shape(node) if _is_api_shape(node) else self._flat(node)
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self._made(node, None, {"text": node.value})
        hint = "put quotes around it" if isinstance(node, Scalar) and node.value is not None else ""
        self._reader.wrong_type(node, "a document (text or a map)", hint)
        return None

    def _api_shape(self, node: Map) -> InlineDocument | None:
        fields = Fields(node, self._reader, ("id", "data"), "a document with `data`")
        data = fields.require("data")
        if data is None:
            return None
        if not isinstance(data, Map) and not (isinstance(data, Scalar) and isinstance(data.value, str)):
            expected = f"expected `data` to be a map or text, found {described(data)}"
            self._reader.findings.add(data, expected)
            return None
        if isinstance(data, Map):
            self._refuse_hidden(data)
        content = _content(data) if isinstance(data, Map) else {"text": data.value}
        return self._made(node, fields.get("id"), content)

    def _flat(self, node: Map) -> InlineDocument | None:
        self._refuse_hidden(node)
        entry = node.entries.get("id")
        return self._made(node, entry.value if entry else None, _content(node, besides="id"))

    def _foreign(self, node: Map, record: Mapping[str, Any]) -> InlineDocument:
        own_id = None if (found := record.get("id")) is None else self._once(str(found), node)
        content = {key: value for key, value in record.items() if key != "id"}
        return InlineDocument(own_id, content, FilePlace(self._file, node.line, node.column))

    def _refuse_hidden(self, node: Map) -> None:
        """Add a problem for each key that reads as another one, but for what nobody sees at its ends or in it, or for
        letters of another script."""
        for entry in node.entries.values():
            seen = without_invisible(entry.key)
            ends = seen != entry.key and not (entry.key.startswith(seen[:1]) and entry.key.endswith(seen[-1:]))
            if (read := as_read(seen)) != seen and read in _MEANT:
                message = f"a key that only looks like `{read}`: {quoted(entry.key)} with {others_in(seen)} in it"
                self._reader.findings.add(entry, message, f"write `{read}`")
            elif seen != entry.key and (ends or not seen or seen in _MEANT):
                hint = f"write `{seen}`, indented with plain spaces" if seen else "remove it"
                self._reader.findings.add(
                    entry, f"a key with a character that cannot be seen: {quoted(entry.key)}", hint
                )

    def _made(self, node: Node, id_node: Node | None, content: dict[str, Any]) -> InlineDocument | None:
        own_id = self._id(id_node) if id_node else None
        texts = (value for key, value in content.items() if key != "title" and isinstance(value, str))
        if not any(text.strip() for text in texts):
            self._reader.findings.add(node, "the document has no text", _NO_TEXT)
            return None
        return InlineDocument(own_id, content, FilePlace(self._file, node.line, node.column))

    def _id(self, node: Node) -> str | None:
        """A document's id: text, or a number as in many exports, kept as it is written; null is no id."""
        value = node.value if isinstance(node, Scalar) else node
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
            self._reader.wrong_type(node, "an id (text or a whole number)", "leave it out to have one made")
            return None
        return self._once(str(data_as_written(node)), node)

    def _once(self, own_id: str, node: Node) -> str:
        """The id; that it has been used before is a problem."""
        if first := self._ids.get(own_id):
            hint = f"it is first used at {first.line}:{first.column}; citations need each id once"
            self._reader.findings.add(node, f"duplicate document id {quoted(own_id)}", hint)
        self._ids.setdefault(own_id, node)
        return own_id


def _content(node: Map, besides: str = "") -> dict[str, Any]:
    """The fields of a document, `besides` left out; what may be its text or its title is text."""
    content: dict[str, Any] = {}
    for key, entry in node.entries.items():
        if key != besides:
            value = entry.value
            is_text = key in _TEXTS and isinstance(value, Scalar) and value.value is not None and value.written
            content[key] = value.written if is_text and isinstance(value, Scalar) else data_as_written(value)
    return content


def _is_api_shape(node: Map) -> bool:
    """`data` holds the content when it is a map, or when nothing else could; else it is a field like any other."""
    entry = node.entries.get("data")
    return entry is not None and (isinstance(entry.value, Map) or node.entries.keys() <= {"id", "data"})
