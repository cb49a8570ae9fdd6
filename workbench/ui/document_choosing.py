"""Which documents the next turns get, and what is pinned to the next one: what is so now, and changing it.

Owns the words behind `/docs`, on the screen and without one. That is of the conversation: no documents file is changed.
Imports nothing of the screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from workbench.errors import did_you_mean, quoted

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.documents.choices import Choices
    from workbench.documents.outline import Size
    from workbench.documents.passages import Passage
    from workbench.documents.retrieval import Library, Retrieved, Shelf

NO_DOCUMENTS: Final = "no documents: start with --docs FILE"
WORDS: Final = re.compile(r"(on|off|only|add)\s+(\S.*)|(all|reload)")
"""What may stand behind `/docs`."""

CITATION_MODES: Final = ("fast", "accurate", "off", "enabled", "disabled")
"""What stands behind `/citations`: the values of the setting of this name, the usual ones first."""

TAKES: Final = "on, off or only with the name of a set or a document, add with a path, or all or reload"


class DocumentChoosing:
    """The documents of `conversation`, as they are switched on and off."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    @property
    def library(self) -> Library | None:
        """The sets in use; None where there are none to choose from, as in a recording."""
        from workbench.documents.retrieval import Library

        library = self._conversation.library
        return library if isinstance(library, Library) else None

    @property
    def shelves(self) -> Sequence[Shelf]:
        """The sets in use, in their order."""
        library = self.library
        return () if library is None else library.shelves

    @property
    def choices(self) -> Choices:
        """What is chosen now."""
        from workbench.documents.choices import NOTHING_CHOSEN

        return self._conversation.choices or NOTHING_CHOSEN

    def put(self, choices: Choices) -> None:
        """Let the turns from now on get what `choices` leave; what is pinned there is for the next one."""
        self._conversation.choices = choices or None

    def only(self, name: str) -> Choices:
        """The choices with this set on and every other one off."""
        others = frozenset(shelf.name for shelf in self.shelves) - {name}
        return replace(self.choices, sets_off=others)

    def sent_with(self, question: str) -> tuple[list[Retrieved], Size]:
        """What would be sent of the documents with a question, and how large that is, as far as that can be told
        without a model that is elsewhere. For a thread."""
        from workbench.conversation.options import SearchesDocuments
        from workbench.conversation.some_documents import documents_on
        from workbench.documents.outline import Size, sizes
        from workbench.documents.search_options import SearchOptions

        documents = documents_on(self._conversation.library, self._conversation.choices)
        if documents is None:
            return [], Size()
        earlier = [turn.prompt for turn in self._conversation.turns] if question else []
        if isinstance(documents, SearchesDocuments):
            options = SearchOptions(strictly=False, local=True)
            found = list(documents.found(question, earlier, options).items)
        else:
            found = documents.retrieve(question, earlier)
        return found, sizes(each.passage for each in found)

    def found_again(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """These passages as the library has them now, without those that there are not any more. For a thread."""
        from workbench.documents.choices import document_name
        from workbench.documents.outline import outline

        found = []
        shelves = {shelf.name: shelf for shelf in self.shelves}
        for each in passages:
            shelf = shelves.get(each.set)
            names = outline(shelf) if shelf is not None else ()
            for document in (one for one in names if one.name == document_name(each)):
                assert shelf is not None
                there = shelf.passages[document.first : document.first + document.count]
                found += [passage for passage in there if passage.id == each.id]
        return tuple(found)

    def meant(self, how: str, name: str) -> tuple[Choices | None, str]:
        """What is chosen when `how` (on, off, only or all) is done with a set or document of this name, and what there
        is to say of it; None when it cannot be done. It may look through all documents: for a thread."""
        from workbench.documents.choices import NOTHING_CHOSEN

        if how == "all":
            return NOTHING_CHOSEN, "all documents go along from the next turn on, and none is pinned"
        name = name.strip("\"'") or name
        names = [shelf.name for shelf in self.shelves]
        if name in names:
            return self._with_set(how, name), f"{self._switched(how)} set {name} from the next turn on"
        if how == "only":
            return None, f"there is no set {quoted(name)}; {_hint(name, names, ())}"
        found = frozenset(each for each in self._documents() if each[1] == name)
        if not found:
            documents = dict.fromkeys(document for _, document in self._documents())
            return None, f"there is no set or document {quoted(name)}; {_hint(name, names, documents)}"
        off = self.choices.documents_off
        choices = replace(self.choices, documents_off=off | found if how == "off" else off - found)
        return choices, f"{self._switched(how)} {name} from the next turn on"

    def _with_set(self, how: str, name: str) -> Choices:
        if how == "only":
            return self.only(name)
        off = self.choices.sets_off
        return replace(self.choices, sets_off=off | {name} if how == "off" else off - {name})

    @staticmethod
    def _switched(how: str) -> str:
        return {"on": "with", "off": "without", "only": "only with"}[how]

    def _documents(self) -> Iterable[tuple[str, str]]:
        from workbench.documents.outline import outline

        return ((shelf.name, each.name) for shelf in self.shelves for each in outline(shelf))


def _hint(name: str, sets: Sequence[str], documents: Iterable[str]) -> str:
    return did_you_mean(name, [*sets, *documents], f"the sets are {', '.join(sets)}" if sets else NO_DOCUMENTS)


def documents_in_short(conversation: Conversation) -> str:
    """The sets and how many passages each has, those that are off named so; "" where there are none."""
    library, choices = conversation.library, conversation.choices
    if library is None:
        return ""
    off = choices.sets_off if choices is not None else frozenset()
    shelves = DocumentChoosing(conversation).shelves if choices else ()
    if not shelves or choices is None:
        return library.in_short()
    some = {set for set, _ in choices.documents_off} if choices.documents_off else set()
    part = dict.fromkeys(some, " in part")
    sizes = {shelf.name: "off" if shelf.name in off else f"{shelf.size}{part.get(shelf.name, '')}" for shelf in shelves}
    return ", ".join(f"{name} {size}" for name, size in sizes.items())


def how_sent(shelf: Shelf) -> str:
    """`sent whole`, or `keyword: the best 10 of 310`: which passages of a set go along with a question."""
    if shelf.sends_all:
        return "sent whole"
    return f"{shelf.retrieval.mode or 'keyword'}: the best {min(shelf.retrieval.top_k, shelf.size):,} of {shelf.size:,}"


def lines_of(choosing: DocumentChoosing, masked: Callable[[str], str]) -> list[str]:
    """The sets, what is off of them and what is pinned, in lines for a person without a screen."""
    from workbench.documents.choices import told

    choices = choosing.choices
    lines = []
    for shelf in choosing.shelves:
        off = " (off)" if shelf.name in choices.sets_off else ""
        left = shelf.files.told()
        lines.append(f"set {shelf.name}{off}: {how_sent(shelf)}{f'; {left}' if left else ''}")
    lines += [f"documents: {words}" for words in told(choices)]
    lines += [f"pinned to the next turn: {pinned_name(each)}" for each in choices.pinned]
    return [masked(line) for line in lines]


def pinned_name(passage: Passage) -> str:
    """What a passage is called where it is said that it is pinned."""
    return passage.title or passage.id
