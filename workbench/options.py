"""What a conversation is asked with: client, documents and tools, what every request carries, the limits of a turn.

Apart from the turn's loop, so that a conversation can be set up before what runs one is imported.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from workbench.cohere_client.redactor import Redactor
    from workbench.documents.retrieval import Retrieved
    from workbench.events import ToolResult


class ChatClient(Protocol):
    """What a conversation needs of a client: one POST, and the body's bytes as they arrive."""

    def stream(self, body: Mapping[str, Any]) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Send `body` to the chat endpoint; raises `ChatError` and nothing else."""
        ...


@runtime_checkable
class KnowsKeys(Protocol):
    """A client that knows the API keys of its environment: a conversation with it holds none of them."""

    @property
    def redactor(self) -> Redactor: ...


class Documents(Protocol):
    """What a conversation needs of documents; `documents.retrieval.Library` is one."""

    def describe(self) -> str:
        """What there is, for people."""
        ...

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Retrieved]:
        """The passages for `question`; `history` is what was asked before. For a thread."""
        ...


class Tools(Protocol):
    """What a conversation needs of tools; `tools.toolbox.Toolbox` is one."""

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`."""
        ...

    async def run(self, *, call_id: str, name: str, arguments: str) -> ToolResult:
        """Carries out one call; raises nothing but CancelledError."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What every request of a conversation carries, and the limits of a turn.

    `parameters` go into the request as they are (temperature, max_tokens, citation_options, ...).
    `first_byte_timeout` is the longest wait for an answer's first byte and `timeout` the longest silence after it;
    `max_time` is the longest turn; all in seconds. `max_steps` counts requests, and `retries` how often one of them
    is sent again when it failed before anything of an answer came.
    """

    model: str = "command-a-03-2025"
    system: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    first_byte_timeout: float = 120.0
    timeout: float = 45.0
    max_time: float | None = None
    max_steps: int = 10
    retries: int = 3
