"""From configured sets to loaded ones: files read, documents split, passages with unique ids.

Owns the ids, and the promise that bad files never raise: whatever cannot be used is a located problem, and
everything else is loaded. Formats, globs and splitting are their own modules.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from workbench.documents.fields import in_quotes, printable, sendable, text_field, text_of, title_of
from workbench.documents.file_documents import documents_of
from workbench.documents.formats import CONVERTERS, PARSERS, PLAIN_TEXT
from workbench.documents.formats.records import record_blocks
from workbench.documents.globs import FoundFile, find_files
from workbench.documents.left_out import in_one_line, kind_left_out, links_in_one_line
from workbench.documents.met import Met, warnings_of
from workbench.documents.passages import DocumentSet, FilePattern, FilePlace, InlineDocument, Passage, SetSpec
from workbench.documents.source_lines import Flaw, SourceDocument
from workbench.documents.split import SplitPiece, split
from workbench.errors import Problem
from workbench.origin import Origin
from workbench.safe_text import with_names

_OUTSIDE_SHOWN = 10
_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The sets, in the order of their specs, and every problem that was met, as strictly as they can be taken.

    Those `outside` are among them: files that were not read, since the file that names them is not trusted. So are the
    `fatal` ones: all but those of a few files among the many of a folder or a glob. `forgiven` and `left_out` are as
    of `Met`.
    """

    sets: tuple[DocumentSet, ...]
    problems: tuple[Problem, ...]
    outside: tuple[Outside, ...] = ()
    fatal: tuple[Problem, ...] = ()
    forgiven: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()

    def warnings(self) -> tuple[Problem, ...]:
        """What a person should know who goes on in spite of what is not `fatal`."""
        return warnings_of(self.forgiven, self.left_out)


@dataclass(frozen=True, slots=True)
class Outside:
    """What the file `named_by` reaches outside of its folder by one pattern, as a problem."""

    named_by: Origin
    problem: Problem


def load_sets(specs: Sequence[SetSpec]) -> Loaded:
    """Load and split the documents of `specs`. Never raises for what files hold; see `Loaded.problems`."""
    ids, met = _Ids(), Met()
    sets: list[DocumentSet] = []
    outside: list[Outside] = []
    for spec in specs:
        before = len(met.problems)
        loader = _SetLoader(spec, ids, met)
        passages = tuple(loader.passages())
        outside.extend(loader.outside)
        if not passages and len(met.problems) == before:
            message = f"set {in_quotes(spec.name)} holds no text"
            met.refuse(_problem(spec.place, message, "add documents or files"))
        sets.append(DocumentSet(spec.name, passages, spec.retrieval))
    return Loaded(
        sets=tuple(sets),
        problems=tuple(met.problems),
        outside=tuple(outside),
        fatal=tuple(met.fatal),
        forgiven=tuple(met.forgiven),
        left_out=tuple(met.left_out),
    )


def trusting(specs: Sequence[SetSpec]) -> tuple[SetSpec, ...]:
    """The same sets, free to read what lies outside of the folders of the files that name them."""
    return tuple(replace(spec, files=tuple(replace(each, named_by=None) for each in spec.files)) for spec in specs)


class _Ids:
    """The ids in use over all sets, each with the file that used it first."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def owner(self, wanted: str) -> str | None:
        return self._owners.get(wanted)

    def claim(self, wanted: str, file: str) -> str:
        """`wanted`, or `wanted~2` and so on if it is taken."""
        unique, number = wanted, 1
        while unique in self._owners:
            number += 1
            unique = f"{wanted}~{number}"
        self._owners[unique] = file
        return unique


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a document comes from; `base_id` is what its ids are made of when it has none of its own.

    `numbered` is how many passages of the same file are numbered already, None for an inline document. `forgiving` says
    that the file came with a folder or a glob.
    """

    base_id: str
    place: FilePlace
    path: str | None = None
    numbered: int | None = None
    forgiving: bool = False


class _SetLoader:
    """Loads one set; what it has `met` is complete when `passages()` is exhausted."""

    def __init__(self, spec: SetSpec, ids: _Ids, met: Met) -> None:
        self._met = met
        self.outside: list[Outside] = []
        self._spec = spec
        self._name = printable(spec.name)
        self._ids = ids
        self._files: set[Path] = set()
        self._read = 0

    def passages(self) -> Iterator[Passage]:
        """The passages of the set: its inline documents, then its files."""
        for number, inline in enumerate(self._spec.documents, 1):
            document = _inline(inline, f"{self._name}, document {number}")
            yield from self._document(document, _Origin(f"{self._name}/{number}", inline.place))
        for pattern in self._spec.files:
            yield from self._matched(pattern)

    def _matched(self, pattern: FilePattern) -> Iterator[Passage]:
        """The passages of the files of one pattern. That none of them can be read is never forgiven."""
        left: list[tuple[str, str]] = []
        led_out: list[tuple[str, Path]] = []
        found, problems = find_files(pattern, left, led_out)
        (self._met.forgive if found else self._met.refuse)(*problems)
        own = Path(os.path.realpath(pattern.place.file))
        found = [file for file in found if file.explicit or file.real != own]  # nobody means the documents file itself
        usable = list(self._usable(found, pattern, left))
        self._leave_outside(pattern, [file.real for file in usable if file.outside])
        before, read_before, had = len(self._met.problems), self._read, False
        elsewhere = any(file.outside or file.real in self._files for file in usable)
        for file in usable:
            if not file.outside:
                for passage in self._file(file, pattern, left):
                    had = True
                    yield passage
        failed = len(self._met.problems) > before
        if failed and not had and not elsewhere:
            self._met.stop(before)
        if found and not (failed or elsewhere) and self._read == read_before:
            message = f"{in_quotes(pattern.pattern)} matches {len(found)} files, none of a known kind"
            hint = f"{in_one_line(left)}; known are {' '.join((*PARSERS, *CONVERTERS))} and other text"
            self._met.refuse(_problem(pattern.place, message, hint))
        elif left:
            self._met.left_out.append(_problem(pattern.place, in_one_line(left)))
        if led_out:
            self._met.left_out.append(_problem(pattern.place, *links_in_one_line(led_out)))

    def _usable(
        self, found: Sequence[FoundFile], pattern: FilePattern, left: list[tuple[str, str]]
    ) -> Iterator[FoundFile]:
        """The files that may be documents; the others are added to `left`, each with why."""
        wanted = _suffix_of(pattern)
        for file in found:
            why = "" if file.explicit else kind_left_out(file.path, wanted)
            if why:
                left.append((file.name, why))
            else:
                yield file

    def _leave_outside(self, pattern: FilePattern, paths: Sequence[Path]) -> None:
        if not paths or pattern.named_by is None:
            return
        more = f" and {len(paths) - _OUTSIDE_SHOWN} more" if len(paths) > _OUTSIDE_SHOWN else ""
        shown = ", ".join(str(path) for path in paths[:_OUTSIDE_SHOWN])
        message = f"{in_quotes(pattern.pattern)} reads outside of the folder {pattern.named_by.folder}: {shown}{more}"
        problem = _problem(pattern.place, message, "only a file that you trust may do that")
        self._met.refuse(problem)
        self.outside.append(Outside(pattern.named_by, problem))

    def _file(self, found: FoundFile, pattern: FilePattern, left: list[tuple[str, str]]) -> Iterator[Passage]:
        """The passages of a file that no pattern before named; one of no known kind that is no text goes to `left`."""
        if found.real in self._files:
            return
        self._files.add(found.real)
        file, name = printable(str(found.path)), printable(found.name)
        suffix, forgiving = found.path.suffix.lower(), not found.explicit
        known = found.explicit or suffix in PARSERS or suffix in PLAIN_TEXT or "" != suffix == _suffix_of(pattern)
        stem = printable(found.path.stem)
        read = documents_of(found.real, file, suffix, stem, known=known, named=found.explicit)
        if read.left:
            left.append((found.name, read.left))
            return
        for flaws in read.flaws:
            self._met.flaws(flaws, forgiving=forgiving)
        self._read += read.is_read
        base_id = name if self._ids.owner(f"{name}#1") is None else f"{self._name}/{name}"
        numbered = 0
        for document in read.documents:
            line = next((block.lines[0] for block in document.blocks if block.lines), 0)
            origin = _Origin(base_id, FilePlace(file, line, min(line, 1)), name, numbered, forgiving)
            for passage in self._document(document, origin):
                numbered += document.id is None
                yield passage

    def _document(self, document: SourceDocument, origin: _Origin) -> Iterator[Passage]:
        pieces = split(document.blocks, self._spec.split)
        ids = self._passage_ids(document.id, origin, len(pieces))
        for piece, passage_id in zip(pieces, ids, strict=True):
            text, data = _content(document, piece, whole=len(pieces) == 1)
            yield Passage(passage_id, self._spec.name, piece.title, text, data, origin.path, piece.lines)

    def _passage_ids(self, own_id: str | None, origin: _Origin, count: int) -> list[str]:
        """The ids of a document's `count` passages."""
        if not count:
            return []
        file, base, first = origin.place.file, origin.base_id, 1
        if own_id is not None:
            base = self._own_id(own_id, origin)
            if count == 1:
                return [base]
        elif origin.numbered is not None:
            first = origin.numbered + 1
        elif count == 1:
            return [self._ids.claim(base, file)]
        return [self._ids.claim(f"{base}#{number}", file) for number in range(first, first + count)]

    def _own_id(self, wanted: str, origin: _Origin) -> str:
        """The user's id; a suffixed one, and a problem, if another document has it already."""
        owner = self._ids.owner(wanted)
        unique = self._ids.claim(wanted, origin.place.file)
        # Two inline documents of one file are reported where that file is validated.
        if owner is not None and (origin.path is not None or owner != origin.place.file):
            place = origin.place
            message = f"the id {in_quotes(wanted)} is used already (in {owner or 'another set'})"
            message, hint = f"{message}; citations need each id once", "give each document its own id"
            flaw = Flaw(place.file, place.line, place.column, with_names(message), hint, f"it is {unique} here")
            self._met.flaws([flaw], forgiving=origin.forgiving)
        return unique


def _problem(place: FilePlace, message: str, hint: str = "") -> Problem:
    return Problem(place.file, place.line, place.column, with_names(message), hint)


def _suffix_of(pattern: FilePattern) -> str:
    """The suffix of every file that the pattern can match, in lower case; "" if it says nothing of it."""
    suffix = PurePath(pattern.pattern).suffix.lower()
    return "" if _MAGIC.search(suffix) else suffix


def _inline(document: InlineDocument, fallback_title: str) -> SourceDocument:
    data = sendable(document.data)
    title = title_of(data) or fallback_title
    own_id = sendable(document.id) if document.id else None
    return SourceDocument(title, record_blocks(text_of(data), title), own_id, data)


def _content(document: SourceDocument, piece: SplitPiece, *, whole: bool) -> tuple[str, dict[str, object]]:
    """A passage's text and `data`: the user's own fields as they are, unless the document had to be split."""
    if document.data is None:
        return piece.text, {"text": piece.text, "title": piece.title, **document.fields}
    if whole:
        return text_of(document.data), dict(document.data)
    name = text_field(document.data)
    title = title_of(document.data)
    data: dict[str, object] = {"text": piece.text, **({"title": title} if title else {})}
    if name is not None:
        data |= {key: value for key, value in document.data.items() if key not in (name, "text", "title")}
    return piece.text, data
