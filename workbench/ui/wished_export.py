"""What of a conversation is to be exported, in which form, into which file: as it is typed behind the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType
from typing import Final

SUFFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {"markdown": ".md", "html": ".html", "json": ".json", "python": ".py", "curl": ".sh", "recording": ".jsonl"}
)
"""The forms, and what the names of their files end with."""
_SPELLED: Final[Mapping[str, str]] = MappingProxyType({**{form: form for form in SUFFIXES}, "md": "markdown"})
_BY_SUFFIX: Final = {suffix: form for form, suffix in SUFFIXES.items()}
_TURN: Final = "turn"


@dataclass(frozen=True, slots=True)
class WishedExport:
    """`of_turn` means the turn that is read, in place of all; `form` and `file` are "" where none is named."""

    of_turn: bool = False
    form: str = ""
    file: str = ""


def form_of(word: str) -> str:
    """The form that a word names, whatever its case; "" when it names none."""
    return _SPELLED.get(word.lower(), "")


def wished(rest: str) -> WishedExport:
    """What is meant by the words behind the command: `turn`, a form, and a file, each where it is there.

    The file is all that is left, as it is typed; without a form its ending names one.
    """
    first, others = _parted(rest)
    of_turn = first.lower() == _TURN
    if of_turn:
        first, others = _parted(others)
    form = form_of(first)
    file = others if form else f"{first} {others}".strip()
    return WishedExport(of_turn, form or _BY_SUFFIX.get(PurePath(file).suffix.lower(), ""), file)


def _parted(text: str) -> tuple[str, str]:
    first, *others = text.split(None, 1) or [""]
    return first, others[0] if others else ""
