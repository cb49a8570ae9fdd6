"""The documents of a conversation that goes on, read once more: those that changed, and one that is added.

Owns that all is as at the start, where what reaches out of a folder is asked for; and that nothing has changed when
they cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.plural import plural
from workbench.startup.setup import Plan, load_library

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.documents.outline import Outlined
    from workbench.documents.passages import SetSpec
    from workbench.documents.retrieval import Library
    from workbench.startup.consent import Asker

Outlines = Mapping[str, Mapping[str, "Outlined"]]
"""The documents of each set, by their names."""


@dataclass(frozen=True, slots=True)
class Reread:
    """What there is now: the library and its sets as they are written, the `plan` that names them, what could not be
    used, and in words what is otherwise than before, "" for nothing."""

    library: Library | None
    sets: tuple[SetSpec, ...]
    plan: Plan
    warnings: tuple[str, ...]
    changed: str


def reread(
    plan: Plan,
    before: Library | None,
    environ: Mapping[str, str],
    trusts: Asker,
    *,
    added: Path | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> Reread:
    """Read the documents of `plan`, and `added` with them; `before` is what there was. For a thread.

    The handbook, which stands in where nobody names documents, makes room for one that is added. `trusts` asks the
    person what a file may have, and `tell` is told how far the index of a large set is. Raises ConfigurationError.
    """
    from workbench.startup.consent import Consent

    known = outlines(before)
    if added is not None:
        plan = replace(plan, docs_added=(*plan.docs_added, added), on_handbook=False)
    sets = plan.all_docs(environ)
    warnings: list[str] = []
    consent = Consent(environ, trusts, yes=plan.yes, further=plan.further)
    library = load_library(sets, consent, warnings.append, environ, tell)
    return Reread(library, sets, plan, tuple(warnings), difference(known, outlines(library)))


def outlines(library: Library | None) -> Outlines:
    """The documents of each set of a library. It may take a moment: for a thread."""
    from workbench.documents.outline import outline

    shelves = () if library is None else library.shelves
    return {shelf.name: {each.name: each for each in outline(shelf)} for shelf in shelves}


def difference(before: Outlines, now: Outlines) -> str:
    """Such as "guide: 2 changed, 1 new; notes is gone"; "" when all is as it was."""
    parts = [f"{name} is new, with {plural(len(now[name]), 'document')}" for name in now if name not in before]
    for name in (name for name in now if name in before):
        was, is_now = before[name], now[name]
        changed = sum(is_now[each].stamp != was[each].stamp for each in is_now if each in was)
        counts = (
            (changed, "changed"), (len(is_now.keys() - was.keys()), "new"), (len(was.keys() - is_now.keys()), "gone")
        )  # fmt: skip
        if words := ", ".join(f"{count:,} {what}" for count, what in counts if count):
            parts.append(f"{name}: {words}")
    parts += [f"{name} is gone" for name in before if name not in now]
    return "; ".join(parts)


def watched(sets: Sequence[SetSpec]) -> tuple[Path, ...]:
    """The folders and files of the sets that are to be read again when something in them changes."""
    from workbench.documents.globs import top_of

    found = [top_of(pattern) for spec in sets if spec.watch for pattern in spec.files]
    found += [Path(spec.place.file).absolute() for spec in sets if spec.watch and spec.place.file]
    return tuple(dict.fromkeys(found))


class DocumentsAtHand:
    """The documents of a conversation while it goes on: reading them again, adding some, and where they lie.

    `plan` gives what names them now, and `took` is told what there is once it is taken.
    """

    def __init__(
        self,
        conversation: Conversation,
        environ: Mapping[str, str],
        plan: Callable[[], Plan],
        took: Callable[[Reread], object],
        trusts: Callable[[Callable[[], object]], Asker],
        searched: Callable[[Library | None], Library | None],
    ) -> None:
        """`trusts` makes what asks the person about a file: it calls what it gets before each question. `searched`
        gives a library the models that it is searched with."""
        self._searched = searched
        self.sets: tuple[SetSpec, ...] = ()
        """The sets as they are written, once they are read."""
        self.warnings: tuple[str, ...] = ()
        """What of them could not be used, as it was said last."""
        self._conversation = conversation
        self._environ = environ
        self._plan = plan
        self._took = took
        self._trusts = trusts

    def read_again(self, added: Path | None, before_question: Callable[[], object]) -> Reread:
        """Read what there is now, with what is `added`, and take nothing. For a thread. Raises ConfigurationError."""
        from workbench.documents.retrieval import Library

        plan, library = self._plan(), self._conversation.library
        if added is not None and added.absolute() in {
            path.absolute() for path in (*plan.settings.docs, *plan.docs_added)
        }:
            added = None
        before = library if isinstance(library, Library) else None
        found = reread(plan, before, self._environ, self._trusts(before_question), added=added)
        return replace(found, library=self._searched(found.library))

    def take(self, found: Reread) -> None:
        """From now on turns are asked with what was read. A turn that runs goes on with what it has."""
        self.sets, self.warnings = found.sets, found.warnings
        self._conversation.library = found.library
        self._took(found)

    @property
    def watched(self) -> tuple[Path, ...]:
        """Where something that changes is read again without being asked for."""
        return watched(self.sets)

    def file_of(self, set: str, document: str) -> tuple[Path, int] | None:
        """The file that a document of a set is written in, and the line from 1; None where it cannot be told."""
        from workbench.documents.globs import path_of

        spec = next((each for each in self.sets if each.name == set), None)
        if spec is None:
            return None
        for pattern in spec.files:
            if (path := path_of(pattern, document)).is_file():
                return path, 1
        for number, inline in enumerate(spec.documents, 1):
            if document in (inline.id, f"{set}/{number}"):
                return Path(inline.place.file).absolute(), inline.place.line
        return None
