"""The engine for `/v2/embed` and `/v2/rerank`: a request's bytes in, a reply's bytes out, by words.

Owns what of both is served, and that every reply says that no model made it. Pure, as the engine for chat is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from workbench.offline.engine import EngineReply, error, message_id
from workbench.offline.protocol.chat_request import json_object
from workbench.offline.protocol.message_frames import to_json
from workbench.offline.protocol.pieces import count
from workbench.offline.protocol.rejection import Rejected, a_list, a_string, an_object, shown
from workbench.offline.word_ranks import ranked
from workbench.offline.word_vectors import as_bits, as_int8, vector_of

NO_MODEL: Final = "the offline engine compares words; it is no model"
"""The warning of every reply."""

DIMENSIONS: Final = (256, 512, 1024, 1536, 2048)
_USUAL: Final = 1024
_MOST_TEXTS: Final = 96
_MOST_RANKED: Final = 10_000
_PURPOSES: Final = ("search_document", "search_query", "classification", "clustering")
_TYPES: Final = ("float", "int8", "uint8", "binary", "ubinary")
_HEADERS: Final[Mapping[str, str]] = {"content-type": "application/json"}


def embed(body: bytes) -> EngineReply:
    """The reply to the POST of `body` to `/v2/embed`; status 400 or 422 when the request is no good."""
    return _reply(body, _embedded)


def rerank(body: bytes) -> EngineReply:
    """The reply to the POST of `body` to `/v2/rerank`; status 400 or 422 when the request is no good."""
    return _reply(body, _reranked)


def _reply(body: bytes, made: Callable[[Mapping[str, Any]], dict[str, Any]]) -> EngineReply:
    id = message_id(body)
    try:
        value = json_object(body)
        _required(value, "model")
        return EngineReply(200, _HEADERS, (to_json({"id": id, **made(value)}),))
    except Rejected as rejected:
        return error(rejected.status, id, rejected.message)


def _embedded(value: Mapping[str, Any]) -> dict[str, Any]:
    texts = _texts(value, "texts", _MOST_TEXTS)
    purpose = _required(value, "input_type")
    if purpose not in _PURPOSES:
        raise Rejected(400, f"invalid request: input_type must be one of {', '.join(_PURPOSES)}, not {shown(purpose)}")
    dimensions = value.get("output_dimension", _USUAL)
    if dimensions not in DIMENSIONS:
        allowed = ", ".join(map(str, DIMENSIONS))
        raise Rejected(400, f"invalid request: output_dimension must be one of {allowed}, not {shown(dimensions)}")
    types = a_list("embedding_types", value.get("embedding_types", ["float"]))
    if odd := [each for each in types if each not in _TYPES]:
        raise Rejected(400, f"invalid request: embedding_types has {shown(odd[0])}; known are {', '.join(_TYPES)}")
    vectors = [vector_of(text, dimensions, is_question=purpose == "search_query") for text in texts]
    return {
        "response_type": "embeddings_by_type",
        "embeddings": {type: [_typed(vector, type) for vector in vectors] for type in types},
        "meta": _meta({"input_tokens": sum(map(count, texts))}),
    }


def _typed(vector: Any, type: str) -> list[float] | list[int]:
    match type:
        case "float":
            return [round(each / len(vector) ** 0.5, 6) for each in vector]
        case "int8":
            return as_int8(vector)
        case "uint8":
            return [each + 128 for each in as_int8(vector)]
        case "binary":
            return [each - 128 for each in as_bits(vector)]
        case _:
            return list(as_bits(vector))


def _reranked(value: Mapping[str, Any]) -> dict[str, Any]:
    documents = _texts(value, "documents", _MOST_RANKED)
    found = ranked(_required(value, "query"), documents)
    most = value.get("top_n")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
        raise Rejected(400, f"invalid request: top_n must be 1 or more, not {shown(most)}")
    spans = an_object("relevant_spans", value.get("relevant_spans") or {})
    shows = spans.get("mode") == "enabled"
    results = []
    for each in found[:most]:
        entry: dict[str, Any] = {"index": each.index, "relevance_score": each.score}
        if shows and each.spans:
            marked = [{"start": start, "end": end, "score": score} for start, end, score in each.spans]
            entry["relevant_spans"] = marked[: spans.get("max_spans")]
        results.append(entry)
    return {"results": results, "meta": _meta({"search_units": 1})}


def _meta(billed: Mapping[str, int]) -> dict[str, Any]:
    return {"api_version": {"version": "2"}, "billed_units": dict(billed), "warnings": [NO_MODEL]}


def _texts(value: Mapping[str, Any], name: str, most: int) -> list[str]:
    texts = a_list(name, _required(value, name))
    if len(texts) > most:
        raise Rejected(400, f"invalid request: {name} has {len(texts)} items, and may have {most}")
    return [a_string(f"{name}[{at}]", each) for at, each in enumerate(texts)]


def _required(value: Mapping[str, Any], name: str) -> Any:
    if not value.get(name):
        raise Rejected(400, f"invalid request: {name} is required")
    return value[name]
