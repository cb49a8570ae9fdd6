"""Settings in several values each, `temperature=0,0.5,1`, and what a turn is asked with for every choice among them.

Owns where one value ends and the next begins. Values are checked as those of any setting, each by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from workbench.config.at_hand import AT_HAND, SettingsAtHand
from workbench.conversation.options import Options
from workbench.errors import ConfigurationError, Problem

MOST: Final = 12  # choices
_PART: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'|.""", re.DOTALL)
_OPENS, _CLOSES = "[{", "]}"


@dataclass(frozen=True, slots=True)
class Varied:
    """One choice: the values by their settings, as they were written, and what a turn is asked with then."""

    values: tuple[tuple[str, str], ...]
    options: Options

    @property
    def name(self) -> str:
        """The values in a line: of the model, which says what it is, without its setting."""
        return "  ".join(value if name == "model" else f"{name}={value}" for name, value in self.values)


def varied(settings: SettingsAtHand, texts: Sequence[str]) -> list[Varied]:
    """Every choice among the values of `texts`, each a NAME=V1,V2,… ; the other settings are as they are.

    The model, where it is among them, counts as the first. Raises ConfigurationError with all that is wrong, each
    problem with its setting and which of the values it is.
    """
    problems: list[Problem] = []
    axes: dict[str, list[str]] = {}
    for text in texts:
        name, is_one, written = text.partition("=")
        if not is_one:
            problems.append(Problem(text, 0, 0, "expected NAME=V1,V2,…", "as in temperature=0,0.5,1"))
        elif name in axes:
            problems.append(Problem(name, 0, 0, "the setting is named twice", "name it once, with all its values"))
        else:
            axes[name] = values = parted(written)
            problems += _wrong(settings, name, values)
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST and not problems:
        sizes = " × ".join(str(len(values)) for values in axes.values())
        problems.append(
            Problem("", 0, 0, f"{sizes} is {count} requests", f"at most {MOST} at a time: name fewer values")
        )
    if problems:
        raise ConfigurationError(problems)
    names = sorted(axes, key=lambda name: name != "model")
    return [_choice(settings, tuple(zip(names, chosen, strict=True))) for chosen in product(*(axes[n] for n in names))]


def parted(written: str) -> list[str]:
    """The values between commas, but for commas in brackets and in quotes."""
    values, depth = [""], 0
    for found in _PART.finditer(written):
        part = found.group()
        depth += (part in _OPENS) - (part in _CLOSES)
        if part == "," and depth <= 0:
            values.append("")
        else:
            values[-1] += part
    return [value.strip() for value in values]


def _wrong(settings: SettingsAtHand, name: str, values: Sequence[str]) -> list[Problem]:
    problems: list[Problem] = []
    for number, value in enumerate(values, 1):
        if not value:
            problems.append(Problem(name, 0, 0, f"value {number} is empty", "two commas stand behind one another"))
            continue
        try:
            settings.copy().assign(f"{name}={value}")
        except ConfigurationError as error:
            which = f", value {number}" if len(values) > 1 else ""
            problems += (Problem(_located(each, which), 0, 0, each.message, each.hint) for each in error.problems)
            if not any(row.name == name for row in AT_HAND):
                break  # what is wrong with the name is wrong with it once
    doubled = next((value for value in values if value and values.count(value) > 1), None)
    if doubled is not None and not problems:
        problems.append(Problem(name, 0, 0, f"{doubled} is named twice", "each value once"))
    return problems


def _located(problem: Problem, which: str) -> str:
    return f"{problem.file}{which}" if problem.file else ""


def _choice(settings: SettingsAtHand, values: tuple[tuple[str, str], ...]) -> Varied:
    chosen = settings.copy()
    for name, value in values:
        chosen.assign(f"{name}={value}")
    return Varied(values, chosen.options())
