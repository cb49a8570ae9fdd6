"""What a model is asked that writes the words to search for, and what is taken of its answer.

Owns the request's words in both directions: the offline engine tells by them what it is asked. Sends nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

INSTRUCTION: Final = (
    "You write search queries. You get JSON with `earlier`, the last messages of a conversation, and `question`. "
    "Answer with one line of words to search documents for, so that passages which answer the question are found: "
    "name what the question only refers to, add other words for the same, and leave out what is said for politeness. "
    "Keep its language. Answer with that line alone, without quotes."
)
MOST_EARLIER: Final = 4  # messages
_MOST_OF_ONE: Final = 1000  # characters of a message
_LONGEST: Final = 400  # characters of a query


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A query that a model wrote, in so many `seconds`; `text` is "" and `error` says why where there is none."""

    model: str
    text: str = ""
    seconds: float = 0.0
    usage: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """It as an object of JSON; `error` is null where there is none."""
        said = {"model": self.model, "text": self.text, "seconds": self.seconds, "usage": dict(self.usage)}
        return {**said, "error": self.error or None}


def messages_for(question: str, earlier: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages of the request; `earlier` are those of the conversation so far."""
    said = [{"role": str(each["role"]), "text": text[:_MOST_OF_ONE]} for each in earlier if (text := _text_of(each))]
    asked = {"earlier": said[-MOST_EARLIER:], "question": question[:_MOST_OF_ONE]}
    return [
        {"role": "system", "content": INSTRUCTION},
        {"role": "user", "content": json.dumps(asked, ensure_ascii=False)},
    ]


def asked_in(system: str, user: str) -> tuple[str, list[str]] | None:
    """The question of a request with these messages, and the person's earlier ones; None for any other request."""
    if system != INSTRUCTION:
        return None
    try:
        asked = json.loads(user)
        earlier = [str(each["text"]) for each in asked["earlier"] if each["role"] == "user"]
        return str(asked["question"]), earlier
    except (ValueError, TypeError, LookupError):
        return None


def query_of(answer: str) -> str:
    """The query in a model's answer: its first line that says something, without quotes around it; "" for none."""
    line = next((line for line in answer.splitlines() if any(map(str.isalnum, line))), "")
    return " ".join(line.strip().strip("\"'`“”").split())[:_LONGEST]


def _text_of(message: Mapping[str, Any]) -> str:
    if message.get("role") not in ("user", "assistant"):
        return ""
    content = message.get("content")
    blocks = content if isinstance(content, list) else [{"text": content}]
    texts = (each.get("text") for each in blocks if isinstance(each, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str)).strip()
