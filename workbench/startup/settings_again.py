"""What a session that goes on is asked with: what its last turn was, but for what flags say.

Owns which settings a record tells of, and the words on those that came back and those that flags changed.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any

from workbench.config.at_hand import AT_HAND, SettingsAtHand
from workbench.config.ran_with import asked_with, in_words, values_of

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn


def settings_again(turns: Sequence[Turn]) -> dict[str, Any]:
    """The settings that the last turn was asked with, those that were their default included, as far as is known.

    A record of an earlier version has no more of them than the parameters that its request carried.
    """
    if not turns:
        return {}
    last = turns[-1]
    noted = asked_with(last)
    known = [row for row in AT_HAND if last.settings is not None or (last.steps and row.parameter and row.path)]
    return {row.name: row.default for row in known if row.name not in noted} | values_of(noted)


def go_on(settings: SettingsAtHand, turns: Sequence[Turn], wins: Set[str]) -> list[str]:
    """Give `settings` what the last of the `turns` was asked with, but for those that win; what there is to say."""
    was = settings_again(turns)
    kept = wins | ({"first_byte_timeout"} if "timeout" in wins else frozenset())
    changes = settings.go_on_with({name: value for name, value in was.items() if name not in kept})
    said = []
    if changes:
        again = ", ".join(f"{each.row.name} {in_words(each.row, each.after)}" for each in changes)
        said.append(f"as in the session: {again}")
    others = [row for row in AT_HAND if row.name in was.keys() & kept and was[row.name] != settings.value(row)]
    told = [(row, was[row.name], settings.value(row)) for row in others if row.name != "model"]
    if told:
        words = ", ".join(f"{row.name} {in_words(row, now)} (was {in_words(row, before)})" for row, before, now in told)
        said.append(f"not as in the session: {words}")
    return said
