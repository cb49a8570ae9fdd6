"""Which files a pattern names: globs, folders, plain paths, with `**`, `~` and absolute paths.

Owns the walk over folders: sorted, without hidden files, each folder once (so loops of links end), and bounded.
Tells which files lie outside of the folder that an untrusted pattern must stay in, links followed.
Refuses to open files. Paths that cannot be followed become problems at the pattern's own place.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from workbench.documents.fields import in_quotes
from workbench.documents.ignored import Ignored
from workbench.documents.left_out import CACHE_SIGNS, CACHES, is_said
from workbench.documents.passages import FilePattern
from workbench.errors import Problem
from workbench.paths import Kind, look_at, no_file, reason_of
from workbench.safe_text import with_names

MAX_ENTRIES = 100_000  # what one pattern may look at before it is taken for a mistake
_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file, its name as the user would write it, and whether the pattern named it outright.

    `real` is where it lies, links followed, and where it is read. `outside` says that the pattern may not lead there
    until the file that holds the pattern is trusted.
    """

    path: Path
    name: str
    explicit: bool
    real: Path
    outside: bool


@dataclass(frozen=True, slots=True)
class _Spot:
    """A path and its name as the user would write it."""

    path: Path
    name: PurePath

    def child(self, part: str) -> _Spot:
        return _Spot(self.path / part, self.name / part)


class _TooMany(Exception):
    """The walk has looked at more entries than a pattern may."""


def find_files(
    pattern: FilePattern,
    passed_over: list[tuple[str, str]] | None = None,
    led_out: list[tuple[str, Path]] | None = None,
) -> tuple[list[FoundFile], list[Problem]]:
    """The files of `pattern`, sorted by folder and name, and what was wrong with it. Raises nothing.

    What a folder holds beside these is added to `passed_over`, each a name and why: hidden, a cache, no file; and links
    that are not followed, since the pattern `stays`, to `led_out`, each a name and where it leads.
    """
    walk = _Walk(pattern, [] if passed_over is None else passed_over, [] if led_out is None else led_out)
    try:
        found = list(walk.files())
    except _TooMany:
        walk.report(
            f"{in_quotes(pattern.pattern)} looks at more than {MAX_ENTRIES} files", "name a folder or an extension"
        )
        found = []
    except (OSError, ValueError) as error:
        walk.report(f"{in_quotes(pattern.pattern)} cannot be used as a path: {reason_of(error)}")
        found = []
    return found, walk.problems


def top_of(pattern: FilePattern) -> Path:
    """Where everything lies that a pattern names: the folder before its first part with a `*` or the like, or the file
    or folder that it is. Raises ValueError where it begins at nobody's home."""
    root, parts = _root_and_parts(pattern)
    top = root.path
    for part in parts:
        if not _MAGIC.isdisjoint(part) and not os.path.lexists(top / part):
            break
        top /= part
    return top


def path_of(pattern: FilePattern, name: str) -> Path:
    """Where the file lies that is called `name`, as a person would write it, among those of a pattern."""
    return Path(os.path.expanduser(name)) if name.startswith("~") else pattern.base / name  # noqa: PTH111 - it may fail


def _root_and_parts(pattern: FilePattern) -> tuple[_Spot, list[str]]:
    raw = pattern.pattern
    parts = [part for part in raw.split("/") if part not in ("", ".")]
    if raw.startswith("/"):
        return _Spot(Path("/"), PurePath("/")), parts
    if raw.startswith("~"):
        try:
            return _Spot(Path(parts[0]).expanduser(), PurePath(parts[0])), parts[1:]
        except RuntimeError as error:
            raise ValueError(f"no home folder for {parts[0]!r}") from error
    return _Spot(pattern.base, PurePath()), parts


class _Walk:
    """One pattern's way through the folders."""

    def __init__(
        self, pattern: FilePattern, passed_over: list[tuple[str, str]], led_out: list[tuple[str, Path]]
    ) -> None:
        self.problems: list[Problem] = []
        self._passed_over = passed_over
        self._led_out = led_out
        self._top: _Spot | None = None  # the folder that links in it may not lead out of
        self._inside = Path()  # where that lies
        self._pattern = pattern
        self._seen_entries = 0
        self._real_folders: dict[Path, Path] = {}  # where folders lie, by how they are named
        self._links: set[Path] = set()  # of the files that were found
        self._ignored = Ignored(_plain(pattern.base)) if pattern.gitignore else None

    def report(self, message: str, hint: str = "") -> None:
        """Add a problem at the place of the pattern."""
        place = self._pattern.place
        problem = Problem(place.file, place.line, place.column, with_names(message), hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def files(self) -> Iterator[FoundFile]:
        raw = self._pattern.pattern
        if not raw.strip():
            self.report("the file pattern is empty", "name a file, a folder or a pattern such as docs/**/*.md")
            return
        root, parts = _root_and_parts(self._pattern)
        whole = root
        for part in parts:
            whole = whole.child(part)
        if os.path.lexists(whole.path):
            yield from self._named(whole)
        elif _MAGIC.isdisjoint(raw):
            if self._kind(whole) == "absent":
                self.report(f"no such file: {in_quotes(raw)}", f"it is looked for as {whole.path}")
        else:
            yield from self._matched(root, parts)

    def _named(self, spot: _Spot) -> Iterator[FoundFile]:
        kind = self._kind(spot)
        if kind == "folder":
            yield from self._matched(spot, ["**"])
        elif kind == "file":
            yield self._found(spot, explicit=True)
        elif kind == "other":
            self.report(f"{in_quotes(self._pattern.pattern)} is {no_file(spot.path)}, not a file that can be read")
        elif kind == "absent":
            self.report(f"{in_quotes(self._pattern.pattern)} is a broken link")

    def _found(self, spot: _Spot, *, explicit: bool) -> FoundFile:
        named_by, real = self._pattern.named_by, self._real(spot.path)
        outside = named_by is not None and not real.is_relative_to(named_by.folder)
        return FoundFile(spot.path, str(spot.name), explicit, real, outside)

    def _real(self, path: Path) -> Path:
        """Where a file lies. Of its folder that is found out once: there may be thousands in one."""
        if _is_link(path):
            self._links.add(path)
            return Path(os.path.realpath(path))
        folder = self._real_folders.get(path.parent)
        if folder is None:
            folder = self._real_folders[path.parent] = Path(os.path.realpath(path.parent))
        return folder / path.name

    def _matched(self, root: _Spot, parts: Sequence[str]) -> Iterator[FoundFile]:
        if self._pattern.stays:
            self._stay_in(root, parts)
        matched = {spot.path: self._found(spot, explicit=False) for spot in self._expand(root, parts)}
        own = {found.real for path, found in matched.items() if path not in self._links}
        # A link to a file that is there itself is one more name of it.
        yield from (found for path, found in matched.items() if found.real not in own or path not in self._links)
        if not matched and not self.problems:
            braces = "; give a pattern for each of what stands in braces" if "{" in self._pattern.pattern else ""
            hint = f"it is looked for in {root.path}{braces}"
            self.report(f"{in_quotes(self._pattern.pattern)} matches no file", hint)

    def _stay_in(self, root: _Spot, parts: Sequence[str]) -> None:
        """Note the folder that a person named: the one before the first part with a `*` or the like in it."""
        top = root
        for part in parts[:-1]:
            if not _MAGIC.isdisjoint(part):
                break
            top = top.child(part)
        self._top, self._inside = top, Path(os.path.realpath(top.path))

    def _leads_out(self, link: _Spot) -> bool:
        """Whether a link leads out of the folder that it may not leave; then that is noted."""
        if self._top is None or self._top.path.is_relative_to(link.path):
            return False
        real = Path(os.path.realpath(link.path))
        if real.is_relative_to(self._inside):
            return False
        if (told := (str(link.name), real)) not in self._led_out:
            self._led_out.append(told)
        return True

    def _expand(self, spot: _Spot, parts: Sequence[str]) -> Iterator[_Spot]:
        part, rest = parts[0], parts[1:]
        if part == "**":
            while rest and rest[0] == "**":
                rest = rest[1:]
            for folder in self._folders(spot):
                yield from self._expand(folder, rest or ["*"])
        elif _MAGIC.isdisjoint(part):
            child = spot.child(part)
            kind = self._kind(child)
            if _is_link(child.path) and self._leads_out(child):
                return
            if rest and kind == "folder":
                yield from self._expand(child, rest)
            elif not rest and kind == "file":
                yield child
        else:
            yield from self._expand_fitting(spot, part, rest)

    def _expand_fitting(self, spot: _Spot, part: str, rest: Sequence[str]) -> Iterator[_Spot]:
        for entry in self._fitting(spot, part, last=not rest):
            wanted = _is_folder(entry) if rest else _is_file(entry)
            if wanted and entry.is_symlink() and self._leads_out(spot.child(entry.name)):
                continue
            if wanted and rest:
                yield from self._expand(spot.child(entry.name), rest)
            elif wanted:
                yield spot.child(entry.name)
            elif not rest and not _is_folder(entry):
                self._pass_over(spot, entry.name, no_file(entry.path))

    def _fitting(self, spot: _Spot, part: str, *, last: bool) -> Iterator[os.DirEntry[str]]:
        """What in a folder fits a `part` of the pattern; `*` fits nothing that is hidden."""
        for entry in self._entries(spot):
            if entry.name.startswith(".") and not part.startswith("."):
                if last and part == "*" and is_said(entry.name) and _is_file(entry):
                    self._pass_over(spot, entry.name, "hidden")
            elif fnmatch.fnmatchcase(entry.name, part) and not self._is_ignored(spot, entry):
                yield entry

    def _folders(self, top: _Spot) -> Iterator[_Spot]:
        """`top` and the folders below it that are not hidden, each real folder once."""
        seen: set[tuple[int, int]] = set()
        waiting = [top]
        while waiting:
            spot = waiting.pop()
            try:
                status = spot.path.stat()
            except OSError as error:
                self._unreadable(spot, error)
                continue
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = self._entries(spot)
            if spot is not top and any(entry.name in CACHE_SIGNS for entry in entries):
                self._pass_over(spot, "", "a cache")
                continue
            yield spot
            below = []
            for entry in filter(_is_folder, entries):
                if entry.name in CACHES:
                    self._pass_over(spot, f"{entry.name}/", "a cache")
                elif not entry.name.startswith("."):
                    below += [] if self._is_ignored(spot, entry) else [entry]
                elif is_said(entry.name):
                    self._pass_over(spot, f"{entry.name}/", "hidden")
            # Popped from the end: real folders before links, so that a file keeps its own name.
            ordered = sorted(below, key=lambda entry: (entry.is_symlink(), entry.name), reverse=True)
            kept = [entry for entry in ordered if not entry.is_symlink() or not self._leads_out(spot.child(entry.name))]
            waiting.extend(spot.child(entry.name) for entry in kept)

    def _entries(self, spot: _Spot) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(spot.path) as entries:
                found: list[os.DirEntry[str]] = []
                for entry in entries:
                    found.append(entry)
                    self._seen_entries += 1
                    if self._seen_entries > MAX_ENTRIES:
                        raise _TooMany
        except OSError as error:
            self._unreadable(spot, error)
            return []
        return sorted(found, key=lambda entry: entry.name)

    def _is_ignored(self, spot: _Spot, entry: os.DirEntry[str]) -> bool:
        if self._ignored is None:
            return False
        return self._ignored.hides(_plain(spot.path / entry.name), is_folder=_is_folder(entry))

    def _pass_over(self, spot: _Spot, name: str, why: str) -> None:
        self._passed_over.append((f"{spot.name / name}{'/' * (not name or name.endswith('/'))}", why))

    def _kind(self, spot: _Spot) -> Kind:
        """What is there; what cannot be reached is reported."""
        found = look_at(spot.path)
        if found.kind == "unreachable":
            self.report(f"{in_quotes(str(spot.path))} cannot be reached: {found.reason}")
        return found.kind

    def _unreadable(self, spot: _Spot, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            self.report(f"cannot read the folder {spot.path}: {reason_of(error)}")


def _plain(path: Path) -> Path:
    """The path without `..`, and links in it as they are: rules go by names."""
    return Path(os.path.normpath(path.absolute()))


def _is_link(path: Path) -> bool:
    """Whether a link is there, as far as that may be asked: a folder can be listed and closed all the same."""
    return os.path.islink(path)  # noqa: PTH114 - a path's own raises where it may not be asked


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself, or one into a closed folder
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
