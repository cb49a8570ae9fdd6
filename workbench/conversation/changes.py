"""What is otherwise in a turn that is asked again, and what a turn says of the one that it was made from.

Values alone: `conversation` runs such a turn, and `given` folds what is taken over from the earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.conversation.options import Options


@dataclass(frozen=True, slots=True)
class Changes:
    """What a turn that is asked again has otherwise than the one it comes from; None, or empty, for what it has not.

    `options` are model, system message, parameters and limits; `sets` are names of the document sets that it searches,
    `tools` names of the tools that the model gets. `arguments` and `results` are by the id of a call of one step: a
    call that runs with other arguments, an object or the text of one, and a result given in place of what ran. `step`
    is that step, from 1, or 0 for the first that has such calls. A turn with these has the prompt, and the documents,
    that the other had. One that `goes_on` begins with the steps that the other had done, and runs the calls that were
    still wanted.
    """

    prompt: str | None = None
    options: Options | None = None
    sets: frozenset[str] | None = None
    tools: frozenset[str] | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    step: int = 0
    goes_on: bool = False

    @property
    def takes_over(self) -> bool:
        """Whether the turn takes over what the other one was asked and sent."""
        return self.edits_calls or self.goes_on

    @property
    def edits_calls(self) -> bool:
        """Whether the turn goes on from within the other one."""
        return bool(self.arguments or self.results)


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """The turn that another one was made from by asking it again: its number, and what was changed of its calls.

    `step` is the last of its steps that were taken over, 0 where none was; `arguments` and `results` are of that step,
    by the id of a call: without any, the turn goes on where the other one stopped. `sets` and `tools` are None where
    they were not chosen. `beside` says that it ran beside the conversation, which did not go on from it.
    """

    turn: int
    step: int = 0
    arguments: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    sets: frozenset[str] | None = None
    tools: frozenset[str] | None = None
    beside: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether the turn goes on where the other one stopped."""
        return self.step > 0 and not self.arguments and not self.results
