"""A form as the screen knows it: fields in groups, and what is asked of whoever fills them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from workbench.ui.widgets.choices import Choice

MAY_BE: Final = "! "
"""What a text begins with that warns, and refuses nothing."""

How = Literal["toggle", "choose", "type", "press", "fixed"]
"""What Enter does on a field: give it its next value, open a list or a line for it, or do what it is for; or nothing
can be done."""


@dataclass(frozen=True, slots=True)
class Field:
    """One row. `value` is shown, whole, and `typed` is what stands in the line where it is changed, over several lines
    where it is `long`; `choices` are offered there. `differs` tells that the value is another than the usual one, and
    `mark` says why in a word or two. `told` explains it, `warning` says what may be refused of it, and
    `problem` what is wrong with it, "" for nothing. Where it `switches`, Space gives it its next value.
    """

    key: str
    name: str
    value: str
    group: str = ""
    how: How = "type"
    typed: str = ""
    choices: tuple[Choice, ...] = ()
    long: bool = False
    differs: bool = False
    mark: str = ""
    told: tuple[str, ...] = ()
    warning: str = ""
    problem: str = ""
    switches: bool = False


class Form(Protocol):
    """What a screen shows and changes. Texts that say what is wrong are one line, "" when nothing is."""

    @property
    def title(self) -> str:
        """What it is, and how things stand."""

    @property
    def about(self) -> str:
        """What changes of it do, in a few words."""

    def fields(self) -> Sequence[Field]:
        """Every field as it is now, those of one group behind one another."""

    def check(self, key: str, typed: str) -> str:
        """What is wrong with a value, or behind `MAY_BE` what may be, before it is taken; for while one types."""

    def change(self, key: str, typed: str) -> str:
        """Give a field a value; what is wrong with it."""

    def toggle(self, key: str) -> str:
        """Give a field its next value; what is wrong with that."""

    def reset(self, key: str) -> str:
        """Give a field the value that it had at first; what is wrong with that."""

    def press(self, key: str) -> bool:
        """Do what a field is for; whether the form is done with."""
