"""From configured sets to loaded ones: files read, documents split, passages with unique ids.

Owns the ids, and the promise that bad files never raise: whatever cannot be used is a located problem, and
everything else is loaded. Formats, globs and splitting are their own modules.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Final

from workbench.documents.converting import converted_here
from workbench.documents.fields import in_quotes, printable
from workbench.documents.formats import CONVERTERS, PARSERS, PLAIN_TEXT
from workbench.documents.globs import FoundFile, find_files
from workbench.documents.left_out import SHOWN, FileCount, in_one_line, kind_left_out, links_in_one_line
from workbench.documents.met import Listed, Met, warnings_of
from workbench.documents.one_file import (
    FileToRead,
    ReadDocument,
    ReadFile,
    ReadPassage,
    inline_document,
    read_file,
)
from workbench.documents.passages import DocumentSet, FilePattern, FilePlace, Passage, SetSpec
from workbench.documents.source_lines import LEFT_OUT, Convert, Flaw
from workbench.errors import Problem
from workbench.origin import Origin
from workbench.safe_text import with_names

HOLDS_NOTHING: Final = "holds no text"
_OUTSIDE_SHOWN = 10
_MAGIC = re.compile(r"[*?\[]")
Source = Callable[[str, FileToRead], ReadFile]
"""What a file holds, by its name as a person would write it."""


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


def load_sets(specs: Sequence[SetSpec], convert: Convert = converted_here) -> Loaded:
    """Load and split the documents of `specs`. Never raises for what files hold; see `Loaded.problems`.

    What is no text is for `convert`, else for a converter in this process, which takes as long as it likes.
    """
    ids, met = Ids(), Met()
    sets: list[DocumentSet] = []
    outside: list[Outside] = []
    for spec in specs:
        before = len(met.problems)
        loader = SetLoader(spec, ids, met, reading(spec, convert))
        passages = tuple(loader.passages())
        outside.extend(loader.outside)
        loader.refuse_emptiness(filled=bool(passages) or spec.is_elsewhere, before=before)
        sets.append(DocumentSet(spec.name, passages, spec.retrieval, loader.count))
    return loaded(sets, met, outside)


def loaded(sets: Sequence[DocumentSet], met: Met, outside: Sequence[Outside]) -> Loaded:
    """The sets with all that was met."""
    return Loaded(
        sets=tuple(sets),
        problems=tuple(met.problems),
        outside=tuple(outside),
        fatal=tuple(met.fatal),
        forgiven=tuple(met.forgiven),
        left_out=tuple(met.left_out),
    )


def reading(spec: SetSpec, convert: Convert) -> Source:
    """The source that reads the files themselves."""
    return lambda _, wanted: read_file(wanted, spec.split, convert)


def trusting(specs: Sequence[SetSpec]) -> tuple[SetSpec, ...]:
    """The same sets, free to reach what lies outside of the folders of the files that name them."""
    return tuple(
        replace(
            spec,
            files=tuple(replace(each, named_by=None) for each in spec.files),
            store=None if spec.store is None else replace(spec.store, named_by=None),
        )
        for spec in specs
    )


class Ids:
    """The ids in use over all sets, each with the file that used it first."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def owner(self, wanted: str) -> str | None:
        """The file that used an id first, None when nobody did."""
        return self._owners.get(wanted)

    def copy(self) -> Ids:
        """Another one, with the same ids in use."""
        other = Ids()
        other._owners = dict(self._owners)
        return other

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


class Walks:
    """The files of each pattern, walked to once."""

    def __init__(self) -> None:
        self._walked: dict[FilePattern, _Walked] = {}

    def of(self, pattern: FilePattern) -> _Walked:
        """What a pattern names."""
        if pattern not in self._walked:
            left: list[tuple[str, str]] = []
            led_out: list[tuple[str, Path]] = []
            found, problems = find_files(pattern, left, led_out)
            self._walked[pattern] = _Walked(found, problems, left, led_out)
        return self._walked[pattern]


@dataclass(frozen=True, slots=True)
class _Walked:
    found: list[FoundFile]
    problems: list[Problem]
    left: list[tuple[str, str]]
    led_out: list[tuple[str, Path]]


class SetLoader:
    """Loads one set; what it has `met` is complete when `passages()` is exhausted.

    `source` gives each file's documents; one that keeps passages elsewhere gives none, and says whether there are some.
    """

    def __init__(self, spec: SetSpec, ids: Ids, met: Met, source: Source, walks: Walks | None = None) -> None:
        self._met = met
        self.outside: list[Outside] = []
        self.filled = False
        self._spec = spec
        self._name = printable(spec.name)
        self._ids = ids
        self._source = source
        self._walks = walks or Walks()
        self._files: set[Path] = set()
        self._read = 0
        self._found: set[Path] = set()
        self._left: dict[str, str] = {}
        self._empty: list[tuple[str, str]] = []

    def passages(self) -> Iterator[Passage]:
        """The passages of the set: its inline documents, then its files."""
        for number, inline in enumerate(self._spec.documents, 1):
            document = inline_document(inline, f"{self._name}, document {number}", self._spec.split)
            yield from self._document(document, _Origin(f"{self._name}/{number}", inline.place))
        yield from self.of_files()

    def of_files(self) -> Iterator[Passage]:
        """The passages of the files alone."""
        for pattern in self._spec.files:
            yield from self._matched(pattern)

    @property
    def count(self) -> FileCount:
        """How many files the set names, and which of them are left out; complete when `passages()` is exhausted."""
        return FileCount(len(self._found), tuple((printable(name), why) for name, why in self._left.items()))

    def refuse_emptiness(self, *, filled: bool, before: int) -> None:
        """Tell that the set holds no text, unless it is `filled` or some of the problems since `before` say why."""
        if not filled and len(self._met.problems) == before:
            message = f"set {in_quotes(self._spec.name)} holds no text"
            self._met.refuse(_problem(self._spec.place, message, "add documents or files"))

    def _matched(self, pattern: FilePattern) -> Iterator[Passage]:
        """The passages of the files of one pattern. That none of them can be read is never forgiven."""
        walked = self._walks.of(pattern)
        left, led_out, found = list(walked.left), walked.led_out, walked.found
        (self._met.forgive if found else self._met.refuse)(*walked.problems)
        own = Path(os.path.realpath(pattern.place.file))
        found = [file for file in found if file.explicit or file.real != own]  # nobody means the documents file itself
        usable = list(self._usable(found, pattern, left))
        self._found |= {file.real for file in found}
        self._left |= left[len(walked.left) :]
        self._leave_outside(pattern, [file.real for file in usable if file.outside])
        before, read_before, self.filled = len(self._met.problems), self._read, False
        elsewhere = any(file.outside or file.real in self._files for file in usable)
        for file in usable:
            if not file.outside:
                yield from self._file(file, pattern, left)
        left += self._empty  # behind the others, who are no documents at all
        self._empty = []
        failed = len(self._met.problems) > before
        if failed and not self.filled and not elsewhere:
            self._met.stop(before)
        if found and not (failed or elsewhere) and self._read == read_before:
            message = f"{in_quotes(pattern.pattern)} matches {len(found)} files, none of a known kind"
            hint = f"{in_one_line(left, SHOWN)}; known are {' '.join((*PARSERS, *CONVERTERS))} and other text"
            self._met.refuse(_problem(pattern.place, message, hint))
        elif left:
            self._note(pattern, (in_one_line(left, len(left)), ""), (in_one_line(left, SHOWN), ""))
        if led_out:
            self._note(pattern, links_in_one_line(led_out, len(led_out)), links_in_one_line(led_out, SHOWN))

    def _note(self, pattern: FilePattern, whole: tuple[str, str], brief: tuple[str, str]) -> None:
        """Note what is left out, told with what to do: the `whole` of it, and in brief."""
        place = pattern.place
        told, hint = with_names(whole[0]), whole[1]
        self._met.left_out.append(Listed(place.file, place.line, place.column, told, hint, with_names(brief[0])))

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
        file, name, suffix = printable(str(found.path)), printable(found.name), found.path.suffix.lower()
        known = found.explicit or suffix in PARSERS or suffix in PLAIN_TEXT or "" != suffix == _suffix_of(pattern)
        read = self._source(name, FileToRead(found.real, file, suffix, printable(found.path.stem), known))
        if read.left:
            left.append((found.name, read.left))
            self._left[found.name] = read.left
            return
        for flaws in read.flaws:
            self._met.flaws(flaws, forgiving=not found.explicit)
            for each in flaws:
                if each.outcome == LEFT_OUT:
                    self._left[found.name] = each.message.removeprefix("is ")
        self._read += read.is_read
        self.filled |= read.filled
        if not read.filled and found.name not in self._left:
            self._left[found.name] = HOLDS_NOTHING
            self._empty += [] if any(read.flaws) else [(found.name, HOLDS_NOTHING)]
        base_id = name if self._ids.owner(f"{name}#1") is None else f"{self._name}/{name}"
        numbered = 0
        for document in read.documents:
            place = FilePlace(file, document.line, min(document.line, 1))
            origin = _Origin(base_id, place, name, numbered, not found.explicit)
            yield from self._document(document, origin)
            numbered += len(document.passages) if document.own_id is None else 0

    def _document(self, document: ReadDocument, origin: _Origin) -> Iterator[Passage]:
        ids = self._passage_ids(document.own_id, origin, len(document.passages))
        for passage, passage_id in zip(document.passages, ids, strict=True):
            yield passage_of(passage, passage_id, self._spec.name, origin.path)

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
            self._met.flaws([taken_id(wanted, unique, owner, origin.place)], forgiving=origin.forgiving)
        return unique


def passage_of(read: ReadPassage, id: str, set: str, path: str | None) -> Passage:
    """A passage that has been read, with its id, in its set."""
    data = {"text": read.text, "title": read.title} if read.data is None else read.data
    return Passage(id, set, read.title, read.text, data, path, read.lines)


def taken_id(wanted: str, unique: str, owner: str, place: FilePlace) -> Flaw:
    """That a document gives itself an id which that of the file `owner` has already."""
    message = f"the id {in_quotes(wanted)} is used already (in {owner or 'another set'})"
    message, hint = f"{message}; citations need each id once", "give each document its own id"
    return Flaw(place.file, place.line, place.column, with_names(message), hint, f"it is {unique} here")


def _problem(place: FilePlace, message: str, hint: str = "") -> Problem:
    return Problem(place.file, place.line, place.column, with_names(message), hint)


def _suffix_of(pattern: FilePattern) -> str:
    """The suffix of every file that the pattern can match, in lower case; "" if it says nothing of it."""
    suffix = PurePath(pattern.pattern).suffix.lower()
    return "" if _MAGIC.search(suffix) else suffix
