"""A fault of a server with its outcome, and a server that has it when asked.

A question that is the name of a fault is answered with it, and every other question with `NEXT`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.core.streams import frame
from tests.loopback import Action, Received, Reply, message, stream

NEXT = "All is well."
SAID = "The tide turns"
WHOLE = message(SAID)
PARTIAL = message(SAID, done=False).split(b"event: content-end")[0]
START = frame("message-start", id="m")
SHORT = ("--timeout", "0.3", "--first-byte-timeout", "0.3")
CALL = ("c1", "hours", '{"place": "library"}')


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and its outcome. The last of `replies` is given again for as long as the turn asks.

    `status`, `kind`, `http`, `says` are of the last line; `text` is what must have been kept. `retries` counts the
    requests that were sent again, `results` the tool calls that were run. `odd` must be among the lines' kinds.
    """

    name: str
    replies: Sequence[Reply]
    status: str
    kind: str | None = None
    http: int | None = None
    text: str = ""
    says: str = ""
    retries: int = 0
    results: int = 0
    odd: str = ""
    flags: Sequence[str] = ()

    @property
    def code(self) -> int:
        """The exit code: a limit of the person's own is one, whatever the status calls it."""
        return 3 if "--max-time" in self.flags else {"complete": 0, "limit": 3, "max-steps": 3}.get(self.status, 1)


def script(faults: Sequence[Fault]) -> Callable[[Received], Reply]:
    """Answers each fault's name with its replies, in order, and anything else with `NEXT`."""
    by_name = {fault.name: fault for fault in faults}
    asked: dict[str, int] = {}

    def reply(received: Received) -> Reply:
        prompt = [each["content"] for each in received.body["messages"] if each["role"] == "user"][-1]
        if prompt not in by_name:
            return stream(message(NEXT))
        number = asked.get(prompt, 0)
        asked[prompt] = number + 1
        replies = by_name[prompt].replies
        return replies[min(number, len(replies) - 1)]

    return reply


def whole(name: str, *reply: Action, text: str = SAID) -> Fault:
    return Fault(name, [list(reply)], "complete", text=text)
