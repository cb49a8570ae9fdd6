"""Going on past the limit that stopped the last turn: what a key does on the screen, and a line without one.

Owns that the limit is raised for the conversation, and what the turn that goes on is asked with: what the stopped one
was, with the limit raised.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workbench.config.at_hand_text import in_short
from workbench.config.request_parameters import options_of
from workbench.config.settings_model import OF_NAME
from workbench.conversation.changes import Changes
from workbench.conversation.lifting import lift_of
from workbench.startup.settings_again import settings_again

if TYPE_CHECKING:
    from workbench.config.at_hand import SettingsAtHand
    from workbench.conversation import Conversation

NOTHING: Final = "no limit that can be raised stopped the last turn"
COMMAND: Final = "/lift"


@dataclass(frozen=True, slots=True)
class Lifted:
    """The turn of this number goes on with `changes`; `said` is what there is to say of the limit."""

    number: int
    changes: Changes
    said: str


def lifted(conversation: Conversation, settings: SettingsAtHand) -> Lifted | None:
    """Raise the limit that stopped the last turn of `conversation`, in its `settings`; None when there is none."""
    if not conversation.turns:
        return None
    turn = conversation.turns[-1]
    lift = lift_of(turn, settings.options(), conversation.tokens_used())
    if lift is None:
        return None
    row = OF_NAME[lift.name]
    if settings.value(row) != lift.value:
        settings.put(lift.name, lift.value, COMMAND)
        conversation.options = settings.options()
    own = replace(settings.now, **{**settings_again([turn]), lift.name: lift.value})
    said = f"{lift.name} is {in_short(row, lift.value)}: the turn goes on where it stopped"
    return Lifted(turn.number, Changes(options=options_of(own), goes_on=True), said)
