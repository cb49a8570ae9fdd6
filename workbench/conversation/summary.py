"""The parts of a turn as JSON tells them, in the `ask --json` contract: citations, calls, what nothing cites, an error.

Owns that places count code points of the answer as JSON has it: there a pair of surrogates is one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from workbench import surrogates
from workbench.conversation.fold import ToolCall, unique_calls
from workbench.documents.ledger import uncited
from workbench.errors import WorkbenchError
from workbench.events import Cited, ToolResult


def uncited_json(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Mapping[str, Any], ...]:
    """The sentences that nothing cites, and where they stand."""
    pairs = surrogates.ends_of_pairs(text)
    return tuple(_place_json(start, surrogates.joined(text[start:end]), pairs) for start, end in uncited(text, spans))


def _place_json(start: int, text: str, pairs: Sequence[int]) -> dict[str, Any]:
    """Where a `text` of the answer stands; `pairs` as for a citation."""
    start -= bisect_right(pairs, start)
    return {"start": start, "end": start + len(text), "text": text}


def citations_json(citations: Iterable[Cited], answer: str) -> list[dict[str, Any]]:
    """Citations in the `ask --json` contract: `text[start:end] == citation.text`, or start and end null."""
    pairs = surrogates.ends_of_pairs(answer)
    return [_citation_json(cited, pairs) for cited in citations]


def _citation_json(cited: Cited, pairs: Sequence[int]) -> dict[str, Any]:
    """`pairs` is where each pair of surrogates in the answer ends: a pair before it moves a citation by one."""
    start, text = cited.start, surrogates.joined(cited.text)
    if start is not None:
        start -= bisect_right(pairs, start)
    return {
        "start": start,
        "end": None if start is None else start + len(text),
        "text": text,
        "type": cited.type or None,
        "numbers": list(cited.numbers),
        "sources": [dict(source) for source in cited.sources],
    }


def error_json(error: WorkbenchError | None) -> dict[str, Any] | None:
    """An error in the `ask --json` contract."""
    if error is None:
        return None
    entry = {
        "kind": getattr(error, "kind", "error"),
        "status": getattr(error, "status", None),
        "message": str(error),
    }
    if error.limit:
        entry["limit"] = error.limit
    if (body := getattr(error, "body", None)) is not None:
        entry["body"] = body
    return entry


def calls_json(calls: Sequence[ToolCall], results: Mapping[int, ToolResult]) -> Iterator[dict[str, Any]]:
    """The calls of a step, each with what came of it; `results` are by their place among them."""
    for ordinal, call in enumerate(unique_calls(calls)):
        result = results.get(ordinal)
        entry = {"id": call.id, "name": call.name, "arguments": call.parsed(), "result": result and result.result}
        if result is not None and result.error is not None:
            entry["error"] = result.error
        yield entry
