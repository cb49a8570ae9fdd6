"""What can be cited: the documents of a request and the results of its tools, as the wire describes them.

Owns ids, titles, and which text of a document is searched. Refuses to rank or to quote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.offline.protocol.chat_request import RawDocument
from workbench.offline.protocol.readable import fields, unpacked

_TITLES = ("title", "name", "heading", "subject")
_BODIES = frozenset(("text", "snippet", "content", "body", "passage", "chunk", "abstract", "summary"))
_QUESTIONS = frozenset(("question", "q", "prompt", "frage", "pregunta"))
_ANSWERS = frozenset(("answer", "a", "response", "reply", "antwort", "réponse", "respuesta"))
_NOT_PROSE = frozenset(("id", "url", "uri", "link", "path", "file", "filename", "source", "lines"))
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+\Z", re.IGNORECASE)
_PROSE_WORDS = 8
_ROW_LENGTH = 400  # code points; a longer record without a title is read field by field


@dataclass(frozen=True, slots=True)
class CitableSource:
    """`payload` is the object that a citation shows; `text` is what of it is searched, "" for nothing."""

    kind: Literal["document", "tool"]
    id: str
    payload: Mapping[str, Any]
    title: str
    text: str

    def as_citation(self) -> dict[str, Any]:
        """The source in the shape of a citation's `sources` list."""
        if self.kind == "tool":
            return {"type": "tool", "id": self.id, "tool_output": dict(self.payload)}
        return {"type": "document", "id": self.id, "document": {**self.payload, "id": self.id}}


def document_sources(documents: Sequence[RawDocument]) -> tuple[CitableSource, ...]:
    """The documents of a request in order; one without an id is `doc:N`."""
    sources: list[CitableSource] = []
    for index, document in enumerate(documents):
        payload = _payload(document.data)
        title_key = next((key for key in _TITLES if isinstance(payload.get(key), str)), "")
        title = " ".join(str(payload.get(title_key, "")).split())
        text = _searched(payload, title_key)
        sources.append(CitableSource("document", document.id or f"doc:{index}", payload, title, text))
    return tuple(sources)


def tool_source(call_id: str, index: int, output: RawDocument) -> CitableSource:
    """One part of a tool's result; without an id of its own it is `<call_id>:<index>`."""
    payload = _payload(output.data)
    return CitableSource("tool", output.id or f"{call_id}:{index}", payload, "", "")


def _payload(data: Any) -> dict[str, Any]:
    value = unpacked(data)
    if isinstance(value, dict):
        return value
    return {"content": data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)}


def _searched(payload: Mapping[str, Any], title_key: str) -> str:
    """The prose of a document, then its other fields as list items; the title only if there is nothing else.

    A question with its answer reads as such. A short record without title or prose is one line, so that what
    identifies it stays beside what is asked.
    """
    question, answer, asked = _asked(payload)
    prose = [question, answer] if question else []
    items: list[str] = []
    for key, value in payload.items():
        if key == title_key or value is None or key in asked:
            continue
        if isinstance(value, str) and key in _NOT_PROSE and len(value.split()) < 2:
            continue
        if isinstance(value, str) and _ADDRESS.match(value.strip()):
            continue
        if isinstance(value, str) and (key in _BODIES or len(value.split()) >= _PROSE_WORDS or "\n" in value):
            prose.append(value)
        else:
            items.extend(f"{name}: {words}" for name, words in fields({key: value}))
    if items:
        row = ", ".join(items)
        is_flat = not any(isinstance(value, dict | list) for value in payload.values())
        is_row = is_flat and not (prose or title_key) and len(row) <= _ROW_LENGTH
        prose.append(row if is_row else "\n".join(f"- {item}" for item in items))
    text = "\n\n".join(prose)
    return text if text.strip() else str(payload.get(title_key, ""))


def _asked(payload: Mapping[str, Any]) -> tuple[str, str, frozenset[str]]:
    """The question that a record holds, with its mark, its answer, and the fields of both; empty when it holds none.

    Where no field is called an answer, the record's text is the answer.
    """
    words = {key: value for key, value in payload.items() if isinstance(value, str) and value.strip()}
    asking = [key for key in words if key.lower() in _QUESTIONS]
    answering = [key for key in words if key.lower() in _ANSWERS] or [key for key in words if key.lower() in _BODIES]
    if not (asking and answering):
        return "", "", frozenset()
    question = " ".join(words[asking[0]].split())
    question = question if question.endswith(("?", "？")) else f"{question}?"
    return question, words[answering[0]], frozenset((asking[0], answering[0]))
