"""Tokens that were spent, and the limits on them: of one turn, and of a whole conversation.

Owns what counts as a token that was used, and the words when a limit is reached. Refuses to end anything itself: it
raises, and whoever runs the turn asks before each request and once the usage of a step is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.conversation.options import MOST_TOKENS
from workbench.errors import TokenLimit
from workbench.recordings.recording import finite

if TYPE_CHECKING:
    from workbench.conversation.options import Options
    from workbench.conversation.turn import Turn


def tokens_of(usage: Any) -> int | None:
    """The tokens of a message, its prompt's and its own: those that the model had, or else those that are billed.

    A number below 0 is none: a server could take back with it what was used before.
    """
    for name in ("tokens", "billed_units"):
        counts = usage.get(name) if isinstance(usage, Mapping) else None
        if isinstance(counts, Mapping):
            found = [finite(counts.get(key)) for key in ("input_tokens", "output_tokens")]
            known = [each for each in found if each is not None and each >= 0]
            if known:
                return int(min(sum(known), MOST_TOKENS))
    return None


def tokens_of_turn(turn: Turn) -> int:
    """The tokens of all requests of a turn, 0 of those that tell of none; steps that it took over cost it nothing."""
    of_steps = sum(tokens_of(step.fold.usage) or 0 for step in turn.steps if not step.given)
    return of_steps + (tokens_of(turn.usage_of_search) or 0)


def refuse_spent(options: Options, turn: Turn, in_all: Callable[[], int]) -> None:
    """Raises TokenLimit when `turn` has used what it may, or its conversation has, which has used `in_all`."""
    most = options.max_tokens_turn
    if most is not None and (used := tokens_of_turn(turn)) >= most:
        said = f"stopped: this turn has used {used:,} tokens, and may use {most:,} (the setting max_tokens_turn)"
        raise TokenLimit(said, limit="max_tokens_turn")
    most = options.max_tokens_total
    if most is not None and (used := in_all()) >= most:
        said = f"stopped: the conversation has used {used:,} tokens, and may use {most:,} (--max-tokens-total)"
        raise TokenLimit(said, limit="max_tokens_total")
