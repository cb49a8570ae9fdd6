"""What a person has chosen of the documents for the turns to come: what stays out of them, and what is pinned.

Values alone: `chosen` applies them to a library. Nothing of a documents file is changed by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.documents.passages import Passage


@dataclass(frozen=True, slots=True)
class Choices:
    """`sets_off` has names of sets, `documents_off` documents, each the name of its set and its own, and `passages_off`
    ids of passages: none of these is sent. `pinned` are passages that are sent with the next turn, whatever is found
    for it, also where their set, document or themselves are off. What there is not any more may stand among them.
    """

    sets_off: frozenset[str] = frozenset()
    documents_off: frozenset[tuple[str, str]] = frozenset()
    passages_off: frozenset[str] = frozenset()
    pinned: tuple[Passage, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.sets_off or self.hides or self.pinned)

    @property
    def hides(self) -> bool:
        """Whether documents or passages of sets that are on stay out."""
        return bool(self.documents_off or self.passages_off)

    @property
    def pins(self) -> Choices:
        """What is pinned, and nothing else."""
        return Choices(pinned=self.pinned)

    @property
    def lasting(self) -> Choices:
        """The choices without what is pinned, which is for one turn."""
        return replace(self, pinned=()) if self.pinned else self

    def is_off(self, passage: Passage) -> bool:
        """Whether a passage stays out, by its set, its document or itself."""
        return (
            passage.set in self.sets_off
            or passage.id in self.passages_off
            or (bool(self.documents_off) and (passage.set, document_name(passage)) in self.documents_off)
        )

    def is_pinned(self, id: str) -> bool:
        """Whether the passage of this id goes along with the next turn in any case."""
        return any(passage.id == id for passage in self.pinned)

    def pinned_as(self, passages: tuple[Passage, ...]) -> Choices:
        """With these passages pinned, and no others."""
        return replace(self, pinned=passages)

    def set_switched(self, name: str) -> Choices:
        """With the set of this name on where it was off, or off."""
        return replace(self, sets_off=self.sets_off ^ {name})

    def document_switched(self, set: str, name: str) -> Choices:
        """With this document of a set on where it was off, or off."""
        return replace(self, documents_off=self.documents_off ^ {(set, name)})

    def passage_switched(self, id: str) -> Choices:
        """With the passage of this id on where it was off, or off."""
        return replace(self, passages_off=self.passages_off ^ {id})

    def pin_switched(self, passage: Passage) -> Choices:
        """With the passage pinned to the next turn, or not any more."""
        others = tuple(each for each in self.pinned if each.id != passage.id)
        return replace(self, pinned=(*others, passage) if len(others) == len(self.pinned) else others)

    def as_json(self) -> dict[str, list[Any]]:
        """What stays out, for a record: lists by name, those that are not empty."""
        lists: dict[str, list[Any]] = {
            "sets": sorted(self.sets_off),
            "documents": [list(each) for each in sorted(self.documents_off)],
            "passages": sorted(self.passages_off),
        }
        return {name: values for name, values in lists.items() if values}


NOTHING_CHOSEN = Choices()
"""All sets, documents and passages are on, and none is pinned."""


def choices_of(fields: Any) -> Choices:
    """What stays out by a record, as `Choices.as_json` gives it; what is no part of one is passed over."""
    if not isinstance(fields, Mapping):
        return NOTHING_CHOSEN
    pairs = fields.get("documents")
    documents = [
        (each[0], each[1])
        for each in (pairs if isinstance(pairs, list) else ())
        if isinstance(each, list) and len(each) == 2 and all(isinstance(name, str) for name in each)
    ]
    return Choices(
        frozenset(_texts(fields.get("sets"))), frozenset(documents), frozenset(_texts(fields.get("passages")))
    )


def document_name(passage: Passage) -> str:
    """The document that a passage is of, as its set names it: its file, or the id without the passage's number."""
    return name_of_id(passage.id) if passage.path is None else passage.path


def name_of_id(id: str) -> str:
    """The document of a passage with this id, where it is in no file."""
    document, mark, number = id.rpartition("#")
    return document if mark and number.isascii() and number.isdigit() else id


def told(choices: Choices) -> list[str]:
    """`without set faq`, and so on: what stays out of a turn, in words that are short."""
    sets, documents = sorted(choices.sets_off), sorted(name for _, name in choices.documents_off)
    passages = sorted(choices.passages_off)
    named = (("set", sets), ("document", documents), ("passage", passages))
    return [f"without {what}{'s' * (len(names) > 1)} {_few(names)}" for what, names in named if names]


def _few(names: Sequence[str]) -> str:
    return f"{', '.join(names[:3])}{f' and {len(names) - 3} more' * (len(names) > 3)}"


def _texts(values: Any) -> Iterable[str]:
    return (each for each in values if isinstance(each, str)) if isinstance(values, list) else ()
