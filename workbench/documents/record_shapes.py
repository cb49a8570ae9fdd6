"""The shapes that other programs write documents in, and search results: taken as `{id, title, text, ...}`.

    {page_content, metadata: {source, page}}, {lc, kwargs: {page_content, metadata}}      LangChain's
    {text, extra_info: {...}}, {id_, text, metadata, relationships}, {node: {...}, score}  LlamaIndex's
    {id, content, meta: {...}, embedding}                                                  Haystack's
    {file_id, filename, score, content: [{type: text, text}]}, {object, data: [...]}       OpenAI's file search
    {type: search_result, source, title, content: [{type: text, text}]}                    Anthropic's
    {document: {text}, relevance_score}, {id, score, metadata: {text}}                     rerankers', vector stores'

Owns which fields of these are a document's own: vectors and bookkeeping are not sent. Refuses to guess: a record
without a text where one of these shapes has it stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from workbench.documents.fields import TEXT_FIELDS, text_field, title_of

TELLING: Final = frozenset(
    {
        *("page_content", "kwargs", "extra_info", "id_", "doc_id", "text_resource", "node", "meta", "metadata"),
        *("file_id", "document", "relevance_score", "content"),
    }
)
"""Keys of which a record of another program has one at least."""

AROUND: Final = ("results", "matches", "nodes", "data", "source_nodes", "search_results")
"""Keys that hold the records of a list of search results."""

_METADATA: Final = ("metadata", "meta", "extra_info", "attributes")
_TEXTS: Final = ("page_content", *TEXT_FIELDS)
_IDS: Final = ("id", "id_", "doc_id", "node_id")
_SOURCES: Final = ("source", "filename", "file_name", "file_path", "path", "url")
_BOOKKEEPING: Final = frozenset(
    {
        *(
            "embedding",
            "embeddings",
            "vector",
            "values",
            "sparse_embedding",
            "sparse_values",
            "score",
            "relevance_score",
        ),
        *("relationships", "excluded_embed_metadata_keys", "excluded_llm_metadata_keys", "hash", "class_name"),
        *("metadata_template", "metadata_separator", "metadata_seperator", "text_template", "mimetype", "blob"),
        *("start_char_idx", "end_char_idx", "dataframe", "index", "image_resource", "audio_resource", "video_resource"),
        *("text_resource", "lc", "type", "object", "distance", "doc_hash", "namespace", "citations"),
    }
)


def as_record(value: Any) -> Mapping[str, Any] | None:
    """The record of another program's shape as `{id, title, text, ...}`, None for any other value."""
    if not isinstance(value, Mapping) or not value.keys() & TELLING:
        return None
    inner = _unwrapped(value)
    text, metadata = _text(inner), _metadata(inner)
    foreign = inner is not value or metadata or "page_content" in inner or isinstance(inner.get("content"), list)
    if text is None and isinstance(metadata.get(name := text_field(metadata) or ""), str):
        text, metadata = metadata[name], {key: each for key, each in metadata.items() if key != name}
    if text is None or not foreign:
        return None
    used = {*_TEXTS, *_METADATA, *_IDS, "title", *_BOOKKEEPING}
    own = {key: each for key, each in inner.items() if key not in used}
    fields = {
        key: each
        for key, each in {**metadata, **own}.items()
        if each not in (None, "", [], {}) and key not in ("text", "title", *_IDS)
    }
    own_id = next((each for key in _IDS if isinstance(each := inner.get(key), str | int) and each != ""), None)
    title = title_of(inner) or title_of(metadata) or _title(fields)
    head = {} if own_id is None else {"id": own_id}
    return {**head, "text": text, **({"title": title} if title else {}), **fields}


def records_around(value: Any) -> Sequence[Any] | None:
    """The records of a list of search results of another program, None for any other value."""
    if not isinstance(value, Mapping) or text_field(value) is not None:
        return None
    for key in AROUND:
        found = value.get(key)
        if isinstance(found, list) and found and all(as_record(each) is not None for each in found):
            return found
    return None


def _unwrapped(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is within a scored or a serialised record."""
    if "lc" in value and isinstance(kwargs := value.get("kwargs"), Mapping):
        return kwargs
    if isinstance(node := value.get("node"), Mapping):
        return node
    if isinstance(document := value.get("document"), Mapping) and value.keys() & {"relevance_score", "score"}:
        return document
    return value


def _text(value: Mapping[str, Any]) -> str | None:
    for key in _TEXTS:
        found = value.get(key)
        if isinstance(found, str) and found.strip():
            return found
        if isinstance(found, list) and (parts := _parts(found)):
            return "\n\n".join(parts)
    resource = value.get("text_resource")
    text = resource.get("text") if isinstance(resource, Mapping) else None
    return text if isinstance(text, str) and text.strip() else None


def _parts(content: Sequence[Any]) -> list[str]:
    """The texts of a list of `{type: text, text}`; none where anything else is among them."""
    texts = [each.get("text") for each in content if isinstance(each, Mapping) and each.get("type") == "text"]
    return [each for each in texts if isinstance(each, str)] if len(texts) == len(content) else []


def _metadata(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((found for key in _METADATA if isinstance(found := value.get(key), Mapping)), {})


def _title(fields: Mapping[str, Any]) -> str:
    """What the record is called: the file or page that it is from, and the number that is printed on the page."""
    source = next((each for key in _SOURCES if isinstance(each := fields.get(key), str) and each.strip()), "")
    name = PurePosixPath(source.replace("\\", "/")).name or source
    label = fields.get("page_label")
    return f"{name} › page {label}" if name and isinstance(label, str | int) else name
