"""The setting `response_format`: text, any JSON object, or one that satisfies a JSON Schema.

Owns its spellings. A schema in a file of its own is read apart from the setting, since a person may have to allow
that before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.config.setting_types import SettingType, user_path

if TYPE_CHECKING:
    from workbench.config.nodes import Map, Node
    from workbench.config.typed_reading import Reader
    from workbench.errors import Problem

_WORDS: Final = {"text": "text", "json": "json_object"}
_API_TYPES: Final = ("text", "json_object", "json_schema")
_HINT: Final = "write text, json, the path of a JSON Schema such as answer.json, or the schema itself"


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """The `wire` form of the parameter, or the `file` with the JSON Schema, while that is not read."""

    wire: Mapping[str, Any] = field(default_factory=dict)
    file: Path | None = None


class FormatOfAnswer(SettingType):
    """A word, a path, a JSON Schema, or the API's own object, which has a `type` that no schema has."""

    def read(self, node: Node, reader: Reader, folder: Path) -> ResponseFormat | None:
        """The format that the node names or holds, or None after adding a problem.

        A schema's file is only named: `read_schema_file` reads it. Its path starts from `folder`.
        """
        from workbench.config.nodes import Map

        return _inline(node, reader) if isinstance(node, Map) else _named(node, reader, folder)

    def wire(self, value: ResponseFormat) -> Any:
        """The API's own object, as the request's `response_format` carries it."""
        return dict(value.wire)

    def paths(self, value: ResponseFormat) -> tuple[Path, ...]:
        """The file of the schema; none when the format names no file."""
        return (value.file,) if value.file else ()

    def expanded(self, node: Node) -> Iterator[str]:
        """Nothing: a schema is sent as it is, and a path is not sent."""
        return iter(())  # a schema is passed on as it is, and a path stays here

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what may stand in a settings file."""
        return {"type": ["string", "object"], "minLength": 1}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "`text`, `json`, the path of a JSON Schema, or a JSON Schema itself"


def read_schema_file(asked: ResponseFormat) -> tuple[ResponseFormat, tuple[Problem, ...]]:
    """`asked` with the schema of its file, and what is wrong with that; as it is when there is no file."""
    if asked.file is None:
        return asked, ()
    from workbench.config.findings import Findings
    from workbench.config.json_schema import check_schema
    from workbench.config.nodes import Map, plain_data
    from workbench.config.reader import read_tree

    tree = read_tree(asked.file)
    findings = Findings(str(asked.file), tree.problems)
    if isinstance(tree.root, Map):
        check_schema(tree.root, findings)
        return _of_schema(plain_data(tree.root)), findings.problems()
    if tree.root is not None:
        findings.add(tree.root, "a JSON Schema is a map", "write one such as {type: object, properties: {…}}")
    return asked, findings.problems()


def _named(node: Node, reader: Reader, folder: Path) -> ResponseFormat | None:
    text = reader.text(node)
    if text is None:
        return None
    if word := _WORDS.get(text.lower()):
        return ResponseFormat({"type": word})
    if "." in text or "/" in text:
        return ResponseFormat(file=folder / user_path(text))
    from workbench.errors import did_you_mean, quoted

    message = f"expected text, json, a path or a JSON Schema, found {quoted(text)}"
    reader.findings.add(node, message, did_you_mean(text, _WORDS, _HINT))
    return None


def _inline(node: Map, reader: Reader) -> ResponseFormat | None:
    from workbench.config.json_schema import check_schema
    from workbench.config.nodes import plain_data

    value = plain_data(node)
    if value.get("type") in _API_TYPES:
        return ResponseFormat(value)
    check_schema(node, reader.findings)
    return _of_schema(value)


def _of_schema(schema: Mapping[str, Any]) -> ResponseFormat:
    return ResponseFormat({"type": "json_object", "json_schema": schema})
