"""From configured sets to loaded ones: files read, documents split, passages with unique ids.

Owns the ids, and the promise that bad files never raise: whatever cannot be used is a located problem, and
everything else is loaded. Formats, globs and splitting are their own modules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.documents.fields import in_quotes, printable, sendable, text_field, text_of, title_of
from workbench.documents.file_text import read_text
from workbench.documents.formats import FALLBACK, NOT_YET, PARSERS
from workbench.documents.formats.records import record_blocks
from workbench.documents.globs import FoundFile, find_files
from workbench.documents.passages import DocumentSet, FilePattern, FilePlace, InlineDocument, Passage, SetSpec
from workbench.documents.source_lines import SourceDocument, SourceFile
from workbench.documents.split import SplitPiece, split
from workbench.errors import Problem
from workbench.origin import Origin
from workbench.safe_text import with_names

_PROBLEMS_PER_FILE = 20
_OUTSIDE_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Loaded:
    """The sets, in the order of their specs, and every problem that was met.

    Those `outside` are among them: files that were not read, since the file that names them is not trusted.
    """

    sets: tuple[DocumentSet, ...]
    problems: tuple[Problem, ...]
    outside: tuple[Outside, ...] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """What the file `named_by` reaches outside of its folder by one pattern, as a problem."""

    named_by: Origin
    problem: Problem


def load_sets(specs: Sequence[SetSpec]) -> Loaded:
    """Load and split the documents of `specs`. Never raises for what files hold; see `Loaded.problems`."""
    ids = _Ids()
    sets: list[DocumentSet] = []
    problems: list[Problem] = []
    outside: list[Outside] = []
    for spec in specs:
        loader = _SetLoader(spec, ids)
        passages = tuple(loader.passages())
        problems.extend(loader.problems)
        outside.extend(loader.outside)
        if not passages and not loader.problems:
            problems.append(_problem(spec.place, f"set {spec.name!r} holds no text", "add documents or files"))
        sets.append(DocumentSet(spec.name, passages, spec.retrieval))
    return Loaded(tuple(sets), tuple(problems), tuple(outside))


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

    `numbered` is how many passages of the same file are numbered already, None for an inline document.
    """

    base_id: str
    place: FilePlace
    path: str | None = None
    numbered: int | None = None


class _SetLoader:
    """Loads one set; `problems` is complete when `passages()` is exhausted."""

    def __init__(self, spec: SetSpec, ids: _Ids) -> None:
        self.problems: list[Problem] = []
        self.outside: list[Outside] = []
        self._spec = spec
        self._name = printable(spec.name)
        self._ids = ids
        self._files: set[Path] = set()

    def passages(self) -> Iterator[Passage]:
        """The passages of the set: its inline documents, then its files."""
        for number, inline in enumerate(self._spec.documents, 1):
            document = _inline(inline, f"{self._name}, document {number}")
            yield from self._document(document, _Origin(f"{self._name}/{number}", inline.place))
        for pattern in self._spec.files:
            found, problems = find_files(pattern)
            self.problems.extend(problems)
            usable = [file for file in found if file.explicit or _is_known(file)]
            if found and not usable:
                message = f"{in_quotes(pattern.pattern)} matches {len(found)} files, none of a known kind"
                hint = f"known are {' '.join(PARSERS)}; another text file is read when it is named itself"
                self.problems.append(_problem(pattern.place, message, hint))
            self._leave_outside(pattern, [file.real for file in usable if file.outside])
            for file in usable:
                if not file.outside:
                    yield from self._file(file)

    def _leave_outside(self, pattern: FilePattern, paths: Sequence[Path]) -> None:
        if not paths or pattern.named_by is None:
            return
        more = f" and {len(paths) - _OUTSIDE_SHOWN} more" if len(paths) > _OUTSIDE_SHOWN else ""
        shown = ", ".join(str(path) for path in paths[:_OUTSIDE_SHOWN])
        message = f"{in_quotes(pattern.pattern)} reads outside of the folder {pattern.named_by.folder}: {shown}{more}"
        problem = _problem(pattern.place, message, "only a file that you trust may do that")
        self.problems.append(problem)
        self.outside.append(Outside(pattern.named_by, problem))

    def _file(self, found: FoundFile) -> Iterator[Passage]:
        if found.real in self._files:
            return
        self._files.add(found.real)
        file, name = printable(str(found.path)), printable(found.name)
        suffix = found.path.suffix.lower()
        if suffix in NOT_YET:
            message = f"{suffix} files are not supported by this version"
            self.problems.append(Problem(file, 0, 0, message, "convert it to text or Markdown"))
            return
        text, problems = read_text(found.real, file)
        self._report(problems)
        if text is None:
            return
        parsed = PARSERS.get(suffix, FALLBACK)(SourceFile(text, file, printable(found.path.stem)))
        self._report(parsed.problems)
        base_id = name if self._ids.owner(f"{name}#1") is None else f"{self._name}/{name}"
        numbered = 0
        for document in parsed.documents:
            line = next((block.lines[0] for block in document.blocks if block.lines), 0)
            origin = _Origin(base_id, FilePlace(file, line, min(line, 1)), name, numbered)
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
            message = (
                f"the id {in_quotes(wanted)} is used already (in {owner or 'another set'}); citations need each id once"
            )
            self._report([_problem(origin.place, message, "give each document its own id")])
        return unique

    def _report(self, problems: Sequence[Problem]) -> None:
        """Add the problems of one file, the first few if they are many."""
        self.problems.extend(problems[:_PROBLEMS_PER_FILE])
        if len(problems) > _PROBLEMS_PER_FILE:
            more = len(problems) - _PROBLEMS_PER_FILE
            self.problems.append(Problem(problems[0].file, 0, 0, f"{more} more problems in this file"))


def _problem(place: FilePlace, message: str, hint: str = "") -> Problem:
    return Problem(place.file, place.line, place.column, with_names(message), hint)


def _is_known(found: FoundFile) -> bool:
    suffix = found.path.suffix.lower()
    return suffix in PARSERS or suffix in NOT_YET


def _inline(document: InlineDocument, fallback_title: str) -> SourceDocument:
    data = sendable(document.data)
    title = title_of(data) or fallback_title
    own_id = sendable(document.id) if document.id else None
    return SourceDocument(title, record_blocks(text_of(data), title), own_id, data)


def _content(document: SourceDocument, piece: SplitPiece, *, whole: bool) -> tuple[str, dict[str, object]]:
    """A passage's text and `data`: the user's own fields as they are, unless the document had to be split."""
    if document.data is None:
        return piece.text, {"text": piece.text, "title": piece.title}
    if whole:
        return text_of(document.data), dict(document.data)
    name = text_field(document.data)
    title = title_of(document.data)
    data: dict[str, object] = {"text": piece.text, **({"title": title} if title else {})}
    if name is not None:
        data |= {key: value for key, value in document.data.items() if key not in (name, "text", "title")}
    return piece.text, data
