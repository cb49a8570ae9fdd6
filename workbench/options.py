"""What a conversation is asked with: the client it needs, what every request carries, and the limits of a turn.

Apart from the turn's loop, so that a conversation can be set up before what runs one is imported.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol


class ChatClient(Protocol):
    """What a conversation needs of a client: one POST, and the body's bytes as they arrive."""

    def stream(self, body: Mapping[str, Any]) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Send `body` to the chat endpoint; raises `ChatError` and nothing else."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What every request of a conversation carries, and the limits of a turn.

    `parameters` go into the request as they are (temperature, max_tokens, citation_options, ...).
    `timeout` is the longest silence and `max_time` the longest turn, both in seconds. `max_steps` counts requests.
    """

    model: str = "command-a-03-2025"
    system: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 300.0
    max_time: float | None = None
    max_steps: int = 10
