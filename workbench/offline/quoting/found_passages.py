"""Passages that a search of documents returned: read as documents are, and cited as the results that they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbench.documents.search_tool import NAMES
from workbench.offline.protocol.chat_request import RawDocument
from workbench.offline.quoting.citable import CitableSource, document_sources
from workbench.offline.quoting.tool_quotes import Outcome


def passages_among(found: Sequence[Outcome]) -> tuple[tuple[CitableSource, ...], tuple[Outcome, ...]]:
    """The passages that searches found, and the outcomes that are none of a search, or of one that failed."""
    searches = [outcome for outcome in found if outcome.call.name in NAMES and all(map(_is_found, outcome.sources))]
    sources = [source for outcome in searches for source in outcome.sources]
    passages = tuple(_as_document(source) for source in sources if "rank" in source.payload)
    return passages, tuple(outcome for outcome in found if outcome not in searches)


def _is_found(source: CitableSource) -> bool:
    """Whether it is a passage, or says that there is none."""
    return "rank" in source.payload or source.payload.get("found") == 0


def _as_document(source: CitableSource) -> CitableSource:
    payload = source.payload
    others = payload.get("fields")
    data = {
        **(others if isinstance(others, Mapping) else {}),
        "title": payload.get("title"),
        "text": payload.get("text"),
    }
    [read] = document_sources([RawDocument(source.id, data)])
    return replace(read, kind="tool", payload=payload)
