"""Every error this project raises on purpose, the located problems they carry, and how those quote and hint.

WorkbenchError
├── ConfigurationError    files or flags are wrong; `problems` says where, all of them at once
├── ChatError             a request or its stream failed; `kind`, `status`, `message`, `body`
│   ├── ConnectionFailed  kind "connection": refused, DNS, TLS, proxy, reset
│   ├── HttpError         kind "http": the server answered with an error status
│   ├── NotAStream        kind "not-a-stream": status 200, but the body is no event stream
│   ├── StreamTimeout     kind "timeout": no bytes for too long
│   │   └── TurnTimeout   kind "timeout": the turn took longer than it may
│   └── StreamFailed      kind "stream": `finish_reason: ERROR` inside a status 200
├── TurnStopped           the turn was ended here, before its answer was whole
│   ├── StepLimit         kind "max-steps": too many steps, or the same calls again
│   ├── TokenLimit        kind "max-tokens": the turn, or its conversation, has used what it may
│   ├── AnswerLimit       kind "limit": the answer is larger than what is taken in
│   └── NoTools           kind "no-tools": the model called a tool, and none are configured
├── DocumentsAway         kind "documents": those that a question needs cannot be read now
├── ToolError             one tool call failed; `kind` says how
├── RecordingError        a recording cannot be read or written
└── OutputError           standard output cannot be written: a full disk, a closed stream
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

TRY_AGAIN = frozenset({408, 429})  # HTTP statuses below 500 that pass
NEVER_AGAIN = frozenset({501, 505})  # and those from 500 that do not
LONGEST_ASKED = 60.0  # seconds that a server may ask to wait; what is longer is for a person to decide
_SHOWN = 60  # characters of a text that a message quotes


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in one place of a file; `line` and `column` count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")

    def as_warning(self) -> str:
        """Its line, with the word that tells a warning: one goes on in spite of it."""
        return str(replace(self, message=f"warning: {self.message}"))


class WorkbenchError(Exception):
    """The root: whatever is raised on purpose is one of these, and its text is fit for a user.

    `limit` is the name of the setting whose limit ended a turn so; "" where none did.
    """

    limit: str = ""


class ConfigurationError(WorkbenchError):
    """Files or flags that cannot be used. `problems` holds every one that was found, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ChatError(WorkbenchError):
    """A request or its stream failed.

    `message` says what happened and what to do; `status` is the HTTP status when there was one;
    `body` is the server's own error body, parsed JSON or text, when there was one. `transient` tells whether
    the same request, sent again a moment later, may well succeed. `retry_after` is how many seconds the server
    asks to wait before that, if it said so.
    """

    kind: ClassVar[str] = "chat"
    retry_after: float | None = None

    @property
    def transient(self) -> bool:
        """Whether the same request, sent again a moment later, may well succeed: not unless a subclass says so."""
        return False

    def __init__(self, message: str, *, status: int | None = None, body: Any = None) -> None:
        self.message = message
        self.status = status
        self.body = body
        super().__init__(message)


class ConnectionFailed(ChatError):
    """No usable connection, or one that broke. A wrong name or a bad certificate is not `transient`."""

    kind = "connection"

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self._transient = transient

    @property
    def transient(self) -> bool:
        """As given when it was made: a reset may pass, a wrong name or a bad certificate does not."""
        return self._transient


class HttpError(ChatError):
    """The server answered with a status outside 200-299."""

    kind = "http"

    def __init__(self, message: str, *, status: int | None, body: Any = None, retry_after: float | None = None) -> None:
        super().__init__(message, status=status, body=body)
        self.retry_after = retry_after

    @property
    def transient(self) -> bool:
        """Whether the status is one of `TRY_AGAIN`, or 500-599 and none of `NEVER_AGAIN`."""
        status = self.status or 0
        return status in TRY_AGAIN or (500 <= status < 600 and status not in NEVER_AGAIN)


class NotAStream(ChatError):
    """Status 200, but what came is no event stream."""

    kind = "not-a-stream"


class StreamTimeout(ChatError):
    """Silence for too long."""

    kind = "timeout"


class TurnTimeout(StreamTimeout):
    """The turn took longer than it may in all."""

    limit = "max_time"


class StreamFailed(ChatError):
    """The stream itself reported a failure (`finish_reason` ERROR in a response of HTTP status 200)."""

    kind = "stream"


class DocumentsAway(WorkbenchError):
    """The documents that a question needs cannot be read now, as when they are kept where no way leads any more."""

    kind: ClassVar[str] = "documents"


class TurnStopped(WorkbenchError):
    """The turn was ended here, before its answer was whole."""

    kind: ClassVar[str] = "stopped"

    def __init__(self, message: str, *, limit: str = "") -> None:
        self.limit = limit
        super().__init__(message)


class StepLimit(TurnStopped):
    """Too many steps, or a step that asks for the very same calls as the one before."""

    kind = "max-steps"


class TokenLimit(TurnStopped):
    """The turn, or the conversation that it belongs to, has used the tokens that it may."""

    kind = "max-tokens"


class AnswerLimit(TurnStopped):
    """More came than is taken in of one turn; what had come until then is kept."""

    kind = "limit"


class NoTools(TurnStopped):
    """The model called a tool, and no tools are configured here."""

    kind = "no-tools"


ToolFailure = Literal[
    "unknown-tool",
    "arguments",
    "untrusted",
    "denied",
    "address",
    "timeout",
    "cancelled",
    "exit",
    "http",
    "raised",
    "too-large",
    "server",
    "failed",
]
"""How a tool call failed: "failed" is what none of the other words says."""


class ToolError(WorkbenchError):
    """One tool call failed; the text is what the model and the user are told.

    `faults` are places in its arguments that do not fit: each has a `pointer`, a JSON pointer, and a `reason`.
    """

    def __init__(self, kind: ToolFailure, message: str, faults: Sequence[Mapping[str, str]] = ()) -> None:
        self.kind = kind
        self.faults = tuple(faults)
        super().__init__(message)


class TreeError(WorkbenchError):
    """What was asked of a conversation's turns cannot be done: there is no such turn, or no such call in it."""


class RecordingError(WorkbenchError):
    """A recording cannot be read or written; the text names the file and the line."""


class RecordingInUse(RecordingError):
    """Another program writes the recording."""


class OutputError(WorkbenchError):
    """What a command has to say cannot be written."""


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Everything that `error` goes back on, groups included, each once."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        cause = left.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        left += (cause.__cause__, cause.__context__)
        if isinstance(cause, BaseExceptionGroup):
            left += cause.exceptions


def quoted(text: str) -> str:
    """`text` in backticks, cut to what fits a message; quoted text is never a whole document."""
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"`{shown}`"


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest of the `known` words, or `otherwise` when none is near."""
    # A key as long as a document is nobody's typing slip, and matching is quadratic.
    near = difflib.get_close_matches(word, tuple(known), n=1, cutoff=0.6) if len(word) <= _SHOWN else ()
    return f"did you mean `{near[0]}`?" if near else otherwise
