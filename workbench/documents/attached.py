"""A file, or some lines of it, that goes along with one question as documents of it.

Owns what may: a text of the folder one works in, of a size that a model reads. Refuses to follow a name, or a link, out
of that folder: the question may be a text that was pasted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from workbench.documents.converting import Converting
from workbench.documents.file_text import read_text
from workbench.documents.formats import CONVERTERS
from workbench.documents.load import load_sets
from workbench.documents.passages import FilePattern, FilePlace, InlineDocument, Named, Passage, SetSpec
from workbench.language.words import count_words, has_more_words
from workbench.paths import reason_of

SET: Final = "attached"
MOST_WORDS: Final = 60_000  # of one file


@dataclass(frozen=True, slots=True)
class Attached:
    """What comes of a name: passages to send, or why there are none, in words that go on from the name."""

    named: Named
    passages: tuple[Passage, ...] = ()
    problem: str = ""


def found(meant: tuple[Named, ...], folder: Path) -> Named | None:
    """The first of the names that a file has, in `folder` if they are relative; None for none. May wait for a disk."""
    for named in meant:
        try:
            if (folder / Path(named.path).expanduser()).is_file():
                return named
        except (OSError, ValueError, RuntimeError):  # it is no path, or nobody's home
            continue
    return None


def refusal(named: Named, folder: Path) -> str:
    """Why a file of `folder` cannot be attached, as `attached` says it, without splitting it; "" where it can."""
    text = _text_of(named, folder)
    return text.problem if isinstance(text, Attached) else ""


def attached(named: Named, folder: Path) -> Attached:
    """The documents that a file of `folder` is, or why it cannot be attached. May wait for a disk."""
    text = _text_of(named, folder)
    if isinstance(text, Attached):
        return text
    path = folder / Path(named.path).expanduser()
    if named.lines is not None:
        return _lines(named, path, text)
    place = FilePlace(named.path, 1, 1)
    with Converting() as convert:
        loaded = load_sets((SetSpec(SET, files=(FilePattern(path.name, path.parent, place),), place=place),), convert)
    passages = tuple(_renamed(each, named) for one in loaded.sets for each in one.passages)
    if loaded.fatal:
        told = loaded.fatal[0]
        advice = f" ({told.hint})" if told.hint.startswith("pip ") else ""
        return Attached(named, problem=f"cannot be taken: {told.message}{advice}")
    if sum(count_words(each.text) for each in passages) > MOST_WORDS:
        return Attached(named, problem=f"has over {MOST_WORDS:,} words; --docs FILE searches it")
    return Attached(named, passages) if passages else Attached(named, problem="has no text")


def _text_of(named: Named, folder: Path) -> str | Attached:
    """What is meant of a file's text, "" of one that a converter reads, or why none of it can be attached."""
    try:
        path = folder / Path(named.path).expanduser()
        if not path.resolve().is_relative_to(folder.resolve()):
            return Attached(named, problem="lies outside of this folder; --docs FILE takes it")
    except (OSError, ValueError) as error:
        return Attached(named, problem=f"cannot be read: {reason_of(error)}")
    except RuntimeError:  # so says pathlib of links that lead round, and of a home that nobody has
        return Attached(named, problem="cannot be read: it leads nowhere")
    if path.suffix.lower() in CONVERTERS:
        return "" if named.lines is None else Attached(named, problem="has no lines; without them it is taken whole")
    text, flaws = read_text(path, named.path)
    if text is None:
        return Attached(named, problem=flaws[0].message)
    if not text.strip():
        return Attached(named, problem="has no text")
    if named.lines is not None:
        return _text_of_lines(named, text.removesuffix("\n").split("\n"))
    if has_more_words(text, MOST_WORDS):
        return Attached(named, problem=f"has over {MOST_WORDS:,} words; @{named.path}#1-400 attaches lines of it")
    return text


def _text_of_lines(named: Named, lines: Sequence[str]) -> str | Attached:
    assert named.lines is not None
    first, last = named.lines
    if not 1 <= first <= min(last, len(lines)):
        return Attached(named, problem=f"has lines 1 to {len(lines):,}")
    body = "\n".join(lines[first - 1 : last])
    return body if body.strip() else Attached(named, problem="has no text in these lines")


def _lines(named: Named, path: Path, body: str) -> Attached:
    assert named.lines is not None
    first = named.lines[0]
    lines = first, first + body.count("\n")
    title = f"{path.stem} {lines[0]}-{lines[1]}"
    data = {"text": body, "title": title}
    return Attached(named, (Passage(f"@{named.shown}", SET, title, body, data, named.path, lines),))


def _renamed(passage: Passage, named: Named) -> Passage:
    """With an id that no passage of a set has, though it be of the same file."""
    return replace(passage, id=f"@{passage.id}", path=named.path)


def attached_text(text: str, title: str) -> Attached:
    """The documents that a text is which no file has, such as what was piped into the program."""
    named = Named(title)
    if not text.strip():
        return Attached(named, problem="has no text")
    if count_words(text) > MOST_WORDS:
        return Attached(named, problem=f"has over {MOST_WORDS:,} words")
    loaded = load_sets((SetSpec(SET, documents=(InlineDocument(title, {"text": text, "title": title}),)),))
    if loaded.problems:
        return Attached(named, problem=loaded.problems[0].message)
    passages = (each for one in loaded.sets for each in one.passages)
    return Attached(named, tuple(replace(each, id=f"@{each.id}") for each in passages))


def attached_by(names: Iterable[tuple[Named, ...]], folder: Path) -> list[Attached]:
    """What comes of each of `names` that a file has, in the meaning that goes before. May wait for a disk."""
    meant = (found(each, folder) for each in names)
    return [attached(named, folder) for named in dict.fromkeys(meant) if named is not None]
