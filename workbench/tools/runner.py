"""What a kind of tool is: the one protocol behind `run:` of a tools file.

A kind is a subclass of `ToolKind` in a module of its own and a row of `registry.KINDS`; an object of it is how one tool
runs. The configuration reads it from a file, approval asks it what it would do, `workbench check` what may be wrong
with it, and the toolbox opens it, calls what it opened, and closes that at the end. Nobody else knows the kinds.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, Self, TypeVar

from workbench.errors import ToolError
from workbench.tools.in_words import argument_lines

if TYPE_CHECKING:
    from workbench.tools.modules import ModulesBeside
    from workbench.tools.people import People

T = TypeVar("T")

SWITCH: Final = "true"
MOST_OUTPUT: Final = 64_000  # bytes of what a call printed
_SOON: Final = 1_000  # bytes
_LINE_END: Final = re.compile(rb"\n")
_WORD_END: Final = re.compile(rb"[^\w\x80-\xff-]")


class WrittenValue(Protocol):
    """The value of a kind's key in a tools file. What is asked for and is not there is told as a problem, in place."""

    def data(self) -> Any:
        """The JSON value that it stands for, as it is: `${VAR}` is not expanded."""
        ...

    def text(self, *, lines: bool = False, blank: bool = False) -> str | None:
        """Text of one line, `${VAR}` expanded; None when it is none.

        `lines` allows line breaks and other control characters, `blank` nothing but blanks.
        """
        ...

    def texts(self) -> tuple[str, ...]:
        """One text or a list of texts, as `text`."""
        ...

    def switched_on(self) -> bool:
        """Whether it is true, the only thing that it can be."""
        ...

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, WrittenValue] | None:
        """The values of a map with these keys and no other; None when it is none, or a required one is missing."""
        ...

    def written_text(self, *, lines: bool = False, blank: bool = False) -> str | None:
        """As `text`, `${VAR}` not expanded."""
        ...

    def items(self) -> Sequence[WrittenValue] | None:
        """The values of a list; None when it is none, or empty."""
        ...

    def entries(self) -> Mapping[str, WrittenValue] | None:
        """The values of a map, whatever its keys are; None when it is none."""
        ...

    def problem(self, message: str, hint: str = "") -> None:
        """Tell what else is wrong with it."""
        ...


class Shared:
    """What tools of a toolbox have in common: opened for the first of them that needs it, closed with the last."""

    def __init__(self) -> None:
        self._opened: dict[type[Any], tuple[AbstractAsyncContextManager[Any], Any, int]] = {}
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def of(self, kind: type[T], make: Callable[[], AbstractAsyncContextManager[T]]) -> AsyncIterator[T]:
        """The one of its `kind`, which `make` makes when there is none."""
        async with self._lock:
            if kind not in self._opened:
                manager = make()
                self._opened[kind] = (manager, await manager.__aenter__(), 0)
            manager, value, users = self._opened[kind]
            self._opened[kind] = (manager, value, users + 1)
        try:
            yield value
        finally:
            async with self._lock:
                manager, value, users = self._opened.pop(kind)
                if users > 1:
                    self._opened[kind] = (manager, value, users - 1)
                else:
                    await manager.__aexit__(None, None, None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is for every call: who can be asked, and `environ`, the whole environment of a child process.

    `shared` is what tools have in common, such as processes that each of them may use.
    """

    people: People
    environ: Mapping[str, str]
    shared: Shared = field(default_factory=Shared)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a running call tells: `text` for people, `done` of `total`; of a line of a log, its `level`."""

    text: str = ""
    done: float | None = None
    total: float | None = None
    level: str = ""


Report = Callable[[Progress], None]
"""Takes what a running call tells; to be called on the event loop alone."""


def untold(progress: Progress) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class ApprovedCall:
    """A call that may run. `arguments` satisfy the tool's parameters; `timeout` is in seconds.

    `code` is what it may run of the files beside the tools file, as they were when it was approved; None for a kind
    that runs none of these. `report` is told how the call goes on.
    """

    id: str
    tool: str
    description: str
    arguments: Mapping[str, Any]
    timeout: float
    code: ModulesBeside | None = None
    report: Report = untold


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """How a call ended: `value`, any JSON value, or `error`. `output` is what it printed behind `left_out` bytes.

    `asked` is how many seconds of it a person was asked something: they are not the tool's.
    """

    value: Any = None
    error: ToolError | None = None
    output: str = ""
    left_out: int = 0
    asked: float = 0.0

    def printed(self) -> str:
        """The last MOST_OUTPUT bytes of the output, behind how many came before; text that UTF-8 can hold.

        What is cut begins with a whole line when one begins soon, else with a whole word: half a key is not found.
        """
        data = self.output.encode("utf-8", "backslashreplace")
        end = max(0, len(data) - MOST_OUTPUT)
        if self.left_out or end:
            whole = _LINE_END.search(data, end, end + _SOON) or _WORD_END.search(data, end, end + _SOON)
            end = whole.end() if whole else end
        before = self.left_out + end
        text = data[end:].decode("utf-8", "replace")
        return f"… {before:,} bytes before …\n{text}" if before else text


Runner = Callable[[ApprovedCall], Awaitable[CallOutcome]]
"""Carries out calls, several at once. What it raises is the call's failure, a ToolError one that it has words for.

When it is cancelled, nothing of the call is left running before CancelledError goes on.
"""


class ToolKind(ABC):
    """How one tool runs: the configuration of a kind, frozen; two that are equal do the same.

    `written` is what the value of its key looks like, for people; with SWITCH, the key alone will do. `meaning` says in
    a sentence what the kind is. `asks_person` says that a call is a question to a person, who is asked one thing at a
    time and takes as long as it takes. `shown_by_code` says that who sees the files of `code` needs no further word of
    each tool that trust in a file is for. `called` is what it is where a person did not allow it.
    """

    __slots__ = ()

    written: ClassVar[str]
    meaning: ClassVar[str] = ""
    asks_person: ClassVar[bool] = False
    called: ClassVar[str] = "tool"
    shown_by_code: ClassVar[bool] = True
    # See `runs_code`: what a class inherits, from here too, does not count.
    runs_code: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """The configuration that `value` is; None once a problem is told. `folder` is the tools file's real one."""

    @classmethod
    def schema(cls) -> Mapping[str, Any]:
        """The JSON Schema of the value of its key, for editors; {} takes any."""
        return {}

    @abstractmethod
    def what(self) -> str:
        """In words, what a call does on this machine: "runs the function f". A person decides by them."""

    def what_of(self, arguments: Mapping[str, Any]) -> Sequence[str]:
        """Exactly what a call with these arguments runs, in lines; the first says what it does, in words.

        A person allows what stands here: a command's filled elements (`in_words.quoted_words`), a request's method,
        URL and body. Without that it is `what()` and the arguments. What `${VAR}` stands for is never told.
        """
        return (self.what(), *argument_lines(arguments))

    @abstractmethod
    def open(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Runner]:
        """What carries out the calls of one tool, opened for the first that was approved, closed with the toolbox.

        It may be closed by another task than the one that opened it.
        """

    @classmethod
    def code(cls, tools: Sequence[Self]) -> ModulesBeside | None:
        """The code beside their tools file that `tools`, all of one file, may run, as it is now; None if there is none.

        Trust in the file covers it. Raises ToolError when it cannot be read.
        """
        return None

    def names(self) -> frozenset[str]:
        """The arguments that the configuration names: each has to be one of the tool's parameters."""
        return frozenset()

    def needs(self) -> frozenset[str]:
        """The variables of the environment that a call cannot be without."""
        return frozenset()

    def doubt(self) -> tuple[str, str] | None:
        """A message and a hint when something that it names is not there, found without running anything."""
        return None


def runs_code(tool: ToolKind) -> bool:
    """Whether a call runs code, so that it is asked for or its file is trusted first.

    A kind is harmless when its own class says `runs_code = False`, and no other way.
    """
    return vars(type(tool)).get("runs_code") is not False
