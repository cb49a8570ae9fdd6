"""What of a folder is no document: told by the name, before anything is opened, and said in one line for each pattern.

Owns the kinds, and the wording. Refuses to leave anything out without a word, but for what version control, caches
and desktops put beside the files of a person, and what .gitignore names where a set asks for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from workbench.plural import plural

CACHES: Final = frozenset(["__pycache__", "node_modules", "CVS"])  # beside those that say so by a file in them
CACHE_SIGNS: Final = frozenset(["CACHEDIR.TAG", "pyvenv.cfg"])
_UNSAID = frozenset(
    (
        *(".git", ".gitignore", ".gitattributes", ".gitkeep", ".gitmodules", ".keep", ".hg", ".hgignore", ".svn"),
        *(".DS_Store", ".localized", ".directory", ".cache", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
        *(".tox", ".nox", ".idea", ".vscode", ".ipynb_checkpoints", ".Trash", ".editorconfig"),
    )
)
SHOWN: Final = 30
"""How many are named to whoever goes on without them."""

_FEW = 3  # files that are named where there is little room
_KINDS: Mapping[str, str] = {
    suffix: kind
    for kind, suffixes in {
        "image": "png jpg jpeg gif bmp webp svg ico tif tiff heic avif psd ai eps xcf",
        "sound or film": "mp3 wav ogg flac m4a aac mp4 mov avi mkv webm m4v",
        "archive": "zip gz tgz bz2 xz zst 7z rar tar jar war whl egg deb rpm dmg iso",
        "font": "ttf otf woff woff2 eot",
        "office file, save it as PDF first": "doc xls ppt odt ods odp rtf mobi pages numbers key",
        "program or object code": "exe dll so dylib a o obj class pyc pyo wasm bin",
        "database": "db sqlite sqlite3 mdb parquet feather arrow npy npz pkl h5",
        "key or certificate": "pem p12 pfx jks keystore ppk asc gpg",
        "configuration, list it under `files:` to have it read as text": "yaml yml",
        "lock or map": "lock map",
    }.items()
    for suffix in suffixes.split()
}


@dataclass(frozen=True, slots=True)
class FileCount:
    """How many files a set's folders and patterns name, and those that are left out, each with why."""

    all: int = 0
    left: tuple[tuple[str, str], ...] = ()

    def told(self) -> str:
        """Such as "11 of 12 files; 1 left out: legacy.txt, not text"; "" where none is left out."""
        if not self.left:
            return ""
        shown = "; ".join(f"{name}, {why}" for name, why in self.left[:_FEW])
        more = f" and {len(self.left) - _FEW} more" if len(self.left) > _FEW else ""
        return f"{self.in_short()}; {len(self.left)} left out: {shown}{more}"

    def in_short(self) -> str:
        """Such as "11 of 12 files"."""
        return f"{self.all - len(self.left)} of {plural(self.all, 'file')}"


def kind_left_out(path: PurePath, wanted: str) -> str:
    """Why the file is left out of a folder or a glob, by its name; "" if it may be a document.

    `wanted` is the suffix that the pattern ends in itself, in lower case: such files are what was asked for.
    """
    if path.name.startswith("~$"):
        return "a lock of an office program"
    suffix = path.suffix.lower()
    return "" if suffix == wanted else _KINDS.get(suffix[1:], "")


def is_said(name: str) -> bool:
    """Whether a hidden file or folder of this name is spoken of when it is left out."""
    return name not in _UNSAID and not name.startswith(".#") and not name.endswith(".swp")


def in_one_line(left: Sequence[tuple[str, str]], most: int) -> str:
    """What is left out, each a name and why: "3 are left out: a.png, b.png (image); run (not text)"; `most` by name."""
    reasons: dict[str, list[str]] = {}
    for name, why in left[:most]:
        reasons.setdefault(why, []).append(name)
    more = f" and {len(left) - most} more" if len(left) > most else ""
    count = "1 file is" if len(left) == 1 else f"{len(left)} files are"
    return f"{count} left out: {'; '.join(_grouped(reasons))}{more}"


def links_in_one_line(links: Sequence[tuple[str, PurePath]], most: int) -> tuple[str, str]:
    """The links that lead out of a folder, `most` with where they lead, and what to do about it."""
    shown = ", ".join(f"{name} (to {real})" for name, real in links[:most])
    more = f" and {len(links) - most} more" if len(links) > most else ""
    what = "1 link leads out of the folder and is" if len(links) == 1 else f"{len(links)} links lead out and are"
    return f"{what} left out: {shown}{more}", f"to load it, name it outright, as in --docs '{links[0][1]}'"


def _grouped(reasons: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for why, names in reasons.items():
        yield f"{', '.join(names)} ({why})"
