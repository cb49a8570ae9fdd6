"""Sets ready to be asked: small ones in memory, large ones in an index that is brought up to date first.

Owns which of the two it is. Where no index can be kept, every set is in memory, and a note says why.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.documents.converting import Converting
from workbench.documents.fields import printable
from workbench.documents.index.upkeep import Using, clean
from workbench.documents.kept_conversions import KeptConversions
from workbench.documents.load import Ids, Loaded, Outside, SetLoader, Walks, loaded, reading
from workbench.documents.met import Met
from workbench.documents.one_file import FileToRead, ReadFile, inline_document
from workbench.documents.passages import DocumentSet, Passage, SetSpec, SplitSpec
from workbench.documents.source_lines import Convert
from workbench.errors import Problem

if TYPE_CHECKING:
    from workbench.documents.index.building import Building, Built, WantedFile, WantedInline
    from workbench.documents.index.indexed_set import IndexedSet

MOST_IN_MEMORY: Final = 2_000
"""Passages of a set that is held in memory."""

_SURELY_SMALL: Final = 60_000  # bytes: so few hold no more passages than that, as a rule
_SURELY_LARGE: Final = 8_000_000
Tell = Callable[[str, "Building"], object]
"""What is told how far the index of a set, by its name, is built."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The sets in the order of their specs, and what was met.

    Of each set with an index `built` has its name, what was built, and how many seconds that took.
    """

    shelves: tuple[DocumentSet | IndexedSet, ...]
    loaded: Loaded
    built: tuple[tuple[str, Built, float], ...] = ()


def open_sets(specs: Sequence[SetSpec], folder: Path | None, tell: Tell, *, index_all: bool = False) -> Opened:
    """Load or index the documents of `specs`; indexes are in `folder`, None for no index at all.

    With `index_all` small sets get an index, too. Never raises for what files hold; see `Loaded.problems`.
    """
    with Converting() as converting:
        convert = KeptConversions(folder.parent / "converted", converting) if folder else converting
        opening = _Opening(folder, tell, convert, index_all=index_all)
        for spec in specs:
            opening.open(spec)
    if folder:
        clean(folder, folder.parent / "converted")
    in_memory = [each for each in opening.shelves if isinstance(each, DocumentSet)]
    found = loaded(in_memory, opening.met, opening.outside)
    return Opened(tuple(opening.shelves), found, tuple(opening.built))


class _Opening:
    """One pass over all sets."""

    def __init__(self, folder: Path | None, tell: Tell, convert: Convert, *, index_all: bool) -> None:
        self.shelves: list[DocumentSet | IndexedSet] = []
        self.built: list[tuple[str, Built, float]] = []
        self.outside: list[Outside] = []
        self.met = Met()
        self._ids = Ids()
        self._folder = folder
        self._tell = tell
        self._convert = convert
        self._index_all = index_all
        self._began = time.monotonic()

    def open(self, spec: SetSpec) -> None:
        """Open one set more."""
        self._began = time.monotonic()
        walks = Walks()
        if self._folder is None:
            self._hold(spec, walks)
            return
        wanted = _Wanted(spec, walks)
        if wanted.outside or not (self._index_all or wanted.may_be_large(spec)):
            self._hold(spec, walks)  # most sets: what has an index need not be imported
            return
        from workbench.documents.index.store import IndexUnusable

        is_large = self._index_all or wanted.size > _SURELY_LARGE or _is_indexed(self._folder, spec)
        if not is_large and self._hold(spec, walks, MOST_IN_MEMORY):
            return
        try:
            self._index(spec, walks, wanted, self._folder)
        except IndexUnusable as error:
            message = f"no index can be kept, so the documents are held in memory: {error}"
            self.met.left_out.append(Problem(spec.place.file, spec.place.line, spec.place.column, message))
            self._hold(spec, walks)

    def _hold(self, spec: SetSpec, walks: Walks, most: int | None = None) -> bool:
        """Load a set into memory; of one with more than `most` passages nothing remains, and False is returned."""
        ids, met = self._ids.copy(), Met()
        loader = SetLoader(spec, ids, met, reading(spec, self._convert), walks)
        passages: list[Passage] = []
        for passage in loader.passages():
            passages.append(passage)
            if most is not None and len(passages) > most:
                return False
        loader.refuse_emptiness(filled=bool(passages), before=0)
        self._ids = ids
        self.met.add(met)
        self.outside += loader.outside
        self.shelves.append(DocumentSet(spec.name, tuple(passages), spec.retrieval, loader.count))
        return True

    def _index(self, spec: SetSpec, walks: Walks, wanted: _Wanted, folder: Path) -> None:
        """Bring the index of a set up to date, and say of its files what was said when they were read."""
        from workbench.documents.index.building import bring_up_to_date
        from workbench.documents.index.indexed_set import IndexedSet
        from workbench.documents.index.place import index_file

        path = index_file(folder, spec)
        told = lambda building: self._tell(spec.name, building)  # noqa: E731
        documents = wanted.documents
        held = _Held(path, documents, spec.split, told, Using(path))
        built = bring_up_to_date(path, documents, spec.split, told)
        met = Met()
        loader = SetLoader(spec, Ids(), met, _kept(path), walks)
        for _ in loader.of_files():
            pass
        loader.refuse_emptiness(filled=built.passages > 0, before=0)
        self.met.add(met)
        renamed = {}
        for each in documents:
            if self._ids.owner(f"{each.name}#1") is not None:
                renamed[each.name] = f"{printable(spec.name)}/{each.name}"
            self._ids.claim(f"{renamed.get(each.name, each.name)}#1", each.name)
        self.shelves.append(IndexedSet(spec.name, path, spec.retrieval, held, renamed, loader.count))
        self.built.append((spec.name, built, time.monotonic() - self._began))


@dataclass(frozen=True, slots=True)
class _Held:
    """An index that this program uses; called, it is made anew."""

    path: Path
    documents: Sequence[WantedFile | WantedInline]
    split: SplitSpec
    tell: Callable[[Building], object]
    using: Using

    def __call__(self) -> Built:
        from workbench.documents.index.building import bring_up_to_date

        return bring_up_to_date(self.path, self.documents, self.split, self.tell, afresh=True)


class _Wanted:
    """What a set would read, looked at and not read."""

    def __init__(self, spec: SetSpec, walks: Walks) -> None:
        self._files: list[tuple[str, FileToRead, int, int, int]] = []
        self._spec = spec
        self.size = 0

        def note(name: str, file: FileToRead) -> ReadFile:
            try:
                status = file.real.stat()
                size, mtime, inode = status.st_size, status.st_mtime_ns, status.st_ino
            except OSError:  # reading it tells why
                size, mtime, inode = 0, 0, 0
            self._files.append((name, file, size, mtime, inode))
            self.size += size
            return ReadFile(is_read=True, filled=True)

        loader = SetLoader(spec, Ids(), Met(), note, walks)
        for _ in loader.of_files():
            pass
        self.outside = loader.outside

    def may_be_large(self, spec: SetSpec) -> bool:
        """Whether the set may have more passages than are held in memory."""
        return self.size > _SURELY_SMALL or len(spec.documents) > MOST_IN_MEMORY // 2

    @property
    def documents(self) -> list[WantedFile | WantedInline]:
        """The documents of the set, in its order."""
        from workbench.documents.index.building import WantedFile

        return [*self._inline(), *(WantedFile(*each) for each in self._files)]

    def _inline(self) -> list[WantedInline]:
        from workbench.documents.index.building import WantedInline

        spec, name = self._spec, printable(self._spec.name)
        found = []
        for number, each in enumerate(spec.documents, 1):
            document = inline_document(each, f"{name}, document {number}", spec.split)
            said = json.dumps([each.id, dict(each.data)], sort_keys=True, default=str).encode()
            digest = hashlib.blake2b(said, digest_size=16).digest()
            found.append(WantedInline(f"{name}/{number}", document, each.place.file, digest))
        return found


def _is_indexed(folder: Path, spec: SetSpec) -> bool:
    """Whether the set has an index with more passages than are held in memory."""
    from workbench.documents.index.place import index_file
    from workbench.documents.index.store import IndexUnusable, damage_told, open_store

    path = index_file(folder, spec)
    if not path.exists():
        return False
    try:
        with closing(open_store(path)) as connection, damage_told(path):
            [count] = connection.execute("SELECT coalesce(sum(passages), 0) FROM documents").fetchone()
            return int(count) > MOST_IN_MEMORY
    except IndexUnusable:
        return False


def _kept(path: Path) -> Callable[[str, FileToRead], ReadFile]:
    """A source that says of each file what was met when it was put into the index."""
    from workbench.documents.index.reading import flaws_of_json
    from workbench.documents.index.store import damage_told, open_store

    with closing(open_store(path)) as connection, damage_told(path):
        said = "SELECT real, flaws, left, is_read, passages FROM documents"
        known = {
            real: ReadFile((), flaws_of_json(flaws) if flaws else (), left, bool(is_read), passages > 0)
            for real, flaws, left, is_read, passages in connection.execute(said)
        }
    return lambda _, file: known[file.key]
