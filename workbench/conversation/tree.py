"""The turns of a conversation as a tree: each goes on from its parent, and one path of them is where a person is.

Owns the order of branches, where the path ends, names of branches and what is hidden. Refuses to run a turn, and to
forget one that is only hidden. The same marks change it live and when a session is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from workbench.conversation.turn import Turn
from workbench.errors import TreeError

Change = Literal["go-to", "name-branch", "prune", "unprune"]
CHANGES: Final[tuple[Change, ...]] = ("go-to", "name-branch", "prune", "unprune")


@dataclass(frozen=True, slots=True)
class TreeMark:
    """A person changed the tree at the turn of this number.

    They went there (None is before the first question), gave the branch that ends there a name (`text`, "" for none),
    hid the turn with all that follows it, or brought that back.
    """

    change: Change
    turn: int | None
    text: str = ""


class Tree:
    """Turns by number. `end` is the turn that the path ends in, None before the first; `names` are of branches."""

    def __init__(self) -> None:
        self.end: int | None = None
        self.names: dict[int, str] = {}
        self.pruned: dict[int, None] = {}  # in the order of pruning
        self._turns: dict[int, Turn] = {}
        self._children: dict[int | None, list[int]] = {}

    def __len__(self) -> int:
        """How many turns there are, hidden ones included."""
        return len(self._turns)

    def __iter__(self) -> Iterator[Turn]:
        """Every turn, hidden ones included, in the order of asking."""
        return iter(self._turns.values())

    def __contains__(self, number: object) -> bool:
        """Whether there is a turn of this number."""
        return number in self._turns

    def turn(self, number: int) -> Turn:
        """The turn of this number. Raises TreeError when there is none."""
        if number not in self._turns:
            raise TreeError(f"there is no turn {number} in this conversation")
        return self._turns[number]

    # -- changing ------------------------------------------------------------------------------

    def add(self, turn: Turn, *, moves: bool = True) -> None:
        """Take in a turn that goes on from its `parent`, or from the end of the path when that is not known here.

        The path ends in it then, unless it does not move.
        """
        if turn.number in self._turns:
            self.remove(turn.number)
        if turn.parent is not None and turn.parent not in self._turns:
            turn.parent = self.end
        self._turns[turn.number] = turn
        self._children.setdefault(turn.parent, []).append(turn.number)
        if moves:
            self.end = turn.number

    def remove(self, number: int) -> None:
        """Take a turn out; what followed it goes on from its parent, and so does the path that ended in it."""
        turn = self._turns.pop(number)
        siblings = self._children[turn.parent]
        at = siblings.index(number)
        followers = self._children.pop(number, [])
        siblings[at : at + 1] = followers
        for follower in followers:
            self._turns[follower].parent = turn.parent
        self.names.pop(number, None)
        self.pruned.pop(number, None)
        if self.end == number:
            self.end = turn.parent

    def take(self, mark: TreeMark) -> None:
        """Change the tree as `mark` says. Raises TreeError when there is no such turn."""
        number = mark.turn
        if number is None:
            if mark.change != "go-to":
                raise TreeError("only a turn can be named or pruned")
            self.end = None
            return
        self.turn(number)
        match mark.change:
            case "go-to":
                self.end = number
            case "name-branch" if mark.text:
                self.names[number] = mark.text
            case "name-branch":
                self.names.pop(number, None)
            case "prune":
                self.pruned.pop(number, None)
                self.pruned[number] = None
            case "unprune":
                self.pruned.pop(number, None)

    # -- reading -------------------------------------------------------------------------------

    def branch(self, number: int | None) -> list[Turn]:
        """The turns from the first question to the one of this number; none for None. Raises TreeError."""
        turns = []
        while number is not None:
            turns.append(self.turn(number))
            number = turns[-1].parent
        return turns[::-1]

    @property
    def path(self) -> list[Turn]:
        """The turns that the conversation consists of now."""
        return self.branch(self.end)

    def children(self, number: int | None, *, hidden: bool = False) -> list[Turn]:
        """The turns that go on from this one, or the first questions for None; with those that are `hidden`, or not."""
        below = self._children.get(number, ())
        return [self._turns[each] for each in below if hidden or each not in self.pruned]

    def siblings(self, number: int) -> list[Turn]:
        """The turns that go on from the same turn, this one included, in the order of asking."""
        return [each for each in self.children(self.turn(number).parent, hidden=True) if self._is_shown(each, number)]

    def among_siblings(self, number: int) -> tuple[int, int]:
        """Which of its siblings a turn is, counted from 1, and how many there are."""
        numbers = [each.number for each in self.siblings(number)]
        return numbers.index(number) + 1, len(numbers)

    @property
    def has_branches(self) -> bool:
        """Whether some turns go on from the same one."""
        return any(len(self.children(number)) > 1 for number in self._children)

    def last_of(self, number: int) -> int:
        """Where the newest branch through this turn ends."""
        while below := self.children(number):
            number = below[-1].number
        return number

    def _is_shown(self, turn: Turn, number: int) -> bool:
        return turn.number == number or turn.number not in self.pruned
