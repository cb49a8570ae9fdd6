"""Why a message ended: owns what a finish reason means, however a server spells it.

Cohere's cloud writes `COMPLETE`; servers and proxies that speak its API write `complete`, or what another API says. The
reason as it came stays in the event. What is unknown is neither whole, nor cut, nor a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TOOL_CALL: Final = "TOOL_CALL"

_OTHER_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "STOP": "COMPLETE",
        "END_TURN": "COMPLETE",
        "LENGTH": "MAX_TOKENS",
        "TOOL_CALLS": TOOL_CALL,
        "TOOL_USE": TOOL_CALL,
    }
)
_WHOLE: Final = frozenset({"", "COMPLETE", "STOP_SEQUENCE", TOOL_CALL})
_FAILED: Final = ("ERROR", "TIMEOUT")  # or what begins with one, such as ERROR_TOXIC


def known_as(reason: str) -> str:
    """A reason in Cohere's words: in capitals, with underscores."""
    spelled = reason.upper().replace("-", "_")
    return _OTHER_WORDS.get(spelled, spelled)


def is_whole(reason: str) -> bool:
    """Whether a message that ended for this reason is all that it was meant to be; so is one that gives none."""
    return known_as(reason) in _WHOLE


def is_cut(reason: str) -> bool:
    """Whether the message had reached the most that it may have."""
    return known_as(reason) == "MAX_TOKENS"


def is_failure(reason: str) -> bool:
    """Whether the model, or its server, failed."""
    return known_as(reason).startswith(_FAILED)


def in_words(reason: str) -> str:
    """What is to be said of a message that is not whole, without the reason itself."""
    return "the answer was cut short" if is_cut(reason) else "the model gave a reason of its own to stop"
