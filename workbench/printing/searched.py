"""In words, what was searched for in place of a question, or narrower than it: the same wherever a turn is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.conversation.spending import tokens_of

if TYPE_CHECKING:
    from workbench.events import Retrieval


def searched_for(event: Retrieval) -> Iterator[str]:
    """Lines for people: the query that a model wrote and what that took, what narrowed the search, and its notes."""
    if (rewrite := event.rewrite) is not None:
        tokens = tokens_of(rewrite["usage"])
        took = ", ".join([f"{rewrite['seconds']:.2f} s", *([f"{tokens:,} tokens"] if tokens else [])])
        if rewrite["error"]:
            yield f"the question itself is searched for: {rewrite['error']} ({took})"
        else:
            yield f"searched for, as {rewrite['model']} wrote it: {rewrite['text']} ({took})"
    if event.query:
        yield f"searched {event.query}"
    yield from event.notes
