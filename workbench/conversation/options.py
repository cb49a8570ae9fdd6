"""What a conversation is asked with: client, documents and tools, what every request carries, the limits of a turn.

Apart from the turn's loop, so that a conversation can be set up before what runs one is imported.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

if TYPE_CHECKING:
    from workbench.documents.retrieval import Found, Retrieved
    from workbench.documents.search_options import SearchOptions
    from workbench.events import ToolResult
    from workbench.secrets.redactor import Redactor
    from workbench.tools.runner import Report


MEGABYTE: Final = 2**20  # bytes

# How high the limits of a turn may be.
MOST_STEPS: Final = 1000
MOST_REPEATS: Final = 100
MOST_SECONDS: Final = 86_400.0
MOST_TOKENS: Final = 1_000_000_000


class StreamsChat(Protocol):
    """What a conversation needs of a client: one POST, and the body's bytes as they arrive."""

    def stream(self, body: Mapping[str, Any]) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Send `body` to the chat endpoint; raises `ChatError` and nothing else."""
        ...


@runtime_checkable
class KnowsKeys(Protocol):
    """A client that knows the API keys of its environment: a conversation with it holds none of them."""

    @property
    def redactor(self) -> Redactor:
        """What masks these keys in text, JSON values and bytes."""


@runtime_checkable
class Prepares(Protocol):
    """A client that takes a while to load, which is not counted as waiting for an answer."""

    async def prepare(self) -> None:
        """Returns when a request can be sent; raises `ChatError`."""
        ...


class Documents(Protocol):
    """What a conversation needs of documents; `documents.retrieval.Library` is one."""

    def in_short(self) -> str:
        """As `describe`, for a title."""
        ...

    def describe(self) -> str:
        """What there is, for people."""
        ...

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Retrieved]:
        """The passages for `question`; `history` is what was asked before. For a thread."""
        ...

    def only(self, names: Set[str]) -> Documents:
        """The document sets of these names alone."""
        ...


@runtime_checkable
class SearchesDocuments(Protocol):
    """Documents of which one is told how they were searched, and whose search may wait for a network."""

    @property
    def asks_for_rewrite(self) -> bool:
        """Whether the model is to write what is searched for."""
        ...

    def found(self, question: str, history: Sequence[str], options: SearchOptions) -> Found:
        """As `Documents.retrieve`, with how that was done."""
        ...


class Tools(Protocol):
    """What a conversation needs of tools; `tools.toolbox.Toolbox` is one."""

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`."""
        ...

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        """Carries out one call, and tells `report` how it goes on; raises nothing but CancelledError."""
        ...


@runtime_checkable
class PreparesTools(Protocol):
    """Tools of which some may still have to be found: on a server that is to be started, or has others by now."""

    async def prepare(self, *, ask: bool = True) -> None:
        """Have all that there are in `definitions`; a person may be asked first. Quick when nothing has changed."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is taken in of the answers of one turn, in bytes, before the turn is ended.

    `text` is of all its text, thinking and plans, `arguments` of all its tool calls; `other` is of the rest that takes
    memory: citations, odd frames, and events without text. `line` is of one line of a stream, or of the lines of one
    frame together.
    """

    text: int = 32 * MEGABYTE
    arguments: int = 8 * MEGABYTE
    other: int = 32 * MEGABYTE
    line: int = 16 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Options:
    """What every request of a conversation carries, and the limits of a turn.

    `parameters` go into the request as they are (temperature, max_tokens, citation_options, ...).
    `first_byte_timeout` is the longest wait for an answer's first byte and `timeout` the longest silence (None:
    `limits.Watch` has the defaults); `max_time` is the longest turn; all in seconds. `max_steps` counts requests, and
    `retries` how often one of them is sent again when it failed before anything of an answer came. `max_repeats` is how
    often in a row the very same calls run; `max_tokens_turn` is how many tokens a turn may use, and `max_tokens_total`
    how many its conversation may, None being no limit. `settings` says what all this is made of, for a turn to note:
    the settings that are not their default, as JSON by their names; None where that is not known.
    """

    model: str = "command-a-03-2025"
    system: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    first_byte_timeout: float | None = None
    timeout: float | None = None
    max_time: float | None = None
    max_steps: int = 10
    max_repeats: int = 1
    max_tokens_turn: int | None = None
    max_tokens_total: int | None = None
    retries: int = 3
    bounds: Bounds = Bounds()
    settings: Mapping[str, Any] | None = None
