"""What of each turn goes on to the model: its messages, made and masked once, and shared by all later requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.secrets.redactor import Redactor


class History:
    """The messages of turns that are over, of whatever branch. `redactor` gives what takes keys out of them."""

    def __init__(self, redactor: Callable[[], Redactor]) -> None:
        self._redactor = redactor
        self._messages: dict[int, list[dict[str, Any]]] = {}  # by the number of the turn

    def of(self, turns: Iterable[Turn]) -> list[dict[str, Any]]:
        """The messages of these turns, in their order."""
        return [message for turn in turns for message in self._messages.get(turn.number, ())]

    def remember(self, turn: Turn) -> None:
        """A turn is over: nothing of it goes on when no word of an answer came.

        Each later request holds these very messages: they are made and masked once, and never changed.
        """
        messages = turn.messages(thinking=False)
        answered = any(message["role"] == "assistant" for message in messages)
        self._messages[turn.number] = list(self._redactor().value(messages)) if answered else []

    def forget(self, number: int) -> None:
        """Nothing of the turn of this number goes on any more."""
        self._messages.pop(number, None)

    def clear(self) -> None:
        """Nothing of any turn goes on any more."""
        self._messages.clear()
