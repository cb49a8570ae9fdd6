"""One call of a server's tool while it runs: what it tells, and its time, which stands still while one is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from workbench.tools.runner import ApprovedCall, Progress

_LONGEST_TEXT = 4_000  # characters of a line that a server tells


@dataclass(slots=True, eq=False)
class RunningCall:
    """A call. `masked` takes the server's secrets out of texts; `asked` is how many seconds a person was asked."""

    call: ApprovedCall
    masked: Callable[[str], str]
    limit: asyncio.Timeout = field(init=False)
    asked: float = 0.0
    _questions: int = 0
    _since: float = 0.0
    _left: float = 0.0

    def __post_init__(self) -> None:
        self.limit = asyncio.timeout(self.call.timeout)

    def tell(self, text: str, *, done: float | None = None, total: float | None = None, level: str = "") -> None:
        """Hand on what the server says of the call; what is too long is cut."""
        shown = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}… ({len(text):,} characters)"
        self.call.report(Progress(self.masked(shown), done, total, level))

    @contextmanager
    def person_asked(self) -> Iterator[None]:
        """The time that a person takes is not the tool's."""
        loop = asyncio.get_running_loop()
        self._questions += 1
        if self._questions == 1:
            self._since = loop.time()
            ends = self.limit.when()
            self._left = 0.0 if ends is None else max(0.0, ends - self._since)
            if not self.limit.expired():
                self.limit.reschedule(None)
        try:
            yield
        finally:
            self._questions -= 1
            if self._questions == 0:
                self.asked += loop.time() - self._since
                if not self.limit.expired():
                    self.limit.reschedule(loop.time() + self._left)
