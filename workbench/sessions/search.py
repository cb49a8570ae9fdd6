"""Full text over all sessions: questions, answers, thinking, calls and results, a row of the index for each turn.

Owns what words find, and lets them be nothing but words: no operator of SQLite's is among them. What is in the index is
for `indexing`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.sessions.folder import session_entries
from workbench.sessions.index import with_index
from workbench.sessions.index_text import KINDS, index_key, readable_places, searchable
from workbench.sessions.indexing import bring_up_to_date
from workbench.sessions.listing import entries_in

MOST_HITS: Final = 100
MOST_WORDS: Final = 50  # of a search
WEIGHTS: Final = "4.0, 3.0, 1.0, 2.0, 2.0"  # of the kinds, in telling which hit is the best
_WORDS_SHOWN: Final = 24  # of a text, around what is found
_BEGIN, _END, _CUT = "\x02", "\x03", "…"
_MARK: Final = re.compile(f"[{_BEGIN}{_END}]")
_SNIPPETS: Final = ", ".join(
    f"snippet(words, {column}, char(2), char(3), '{_CUT}', {_WORDS_SHOWN})" for column in range(len(KINDS))
)
_FOUND: Final = (
    f"SELECT searched.id, said.turn, words.rank, {_SNIPPETS} FROM words "
    "JOIN said ON said.key = words.rowid JOIN searched ON searched.key = said.session "
    f"WHERE words MATCH ? AND words.rank MATCH 'bm25({WEIGHTS})' ORDER BY words.rank LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn in which the words are. `kind` is one of `KINDS`, `text` what stands around them there, `places` where in
    that they stand."""

    id: str
    turn: int
    kind: str
    text: str
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits first, equal ones newest first. `more` says that there are others."""

    hits: tuple[Hit, ...]
    more: bool = False


def search(
    folder: Path | None,
    words: str,
    asker: str,
    on_note: Callable[[str], object],
    masked: Callable[[str], str] = str,
) -> Found:
    """The turns that hold all of `words`; where there is none, those that hold words which begin so.

    `on_note` is told what takes long or cannot be done. Raises ConfigurationError when the folder cannot be read, which
    names the command that asked, and WorkbenchError where nothing can be searched.
    """
    entries = entries_in(folder, asker)
    if not entries or folder is None:
        return Found(())

    def use(connection: sqlite3.Connection) -> Found:
        bring_up_to_date(connection, entries, on_note, masked)
        return _all_found(connection, words, {each.key: each.id for each in entries})

    return with_index(folder, use, on_note)


def search_known(folder: Path, words: str, asker: str) -> Found:
    """As `search`, in what the index has by now. Reads no session, and says nothing of what is missing."""
    ids = {index_key(path.stem): path.stem for path in session_entries(folder, asker)}
    return with_index(folder, lambda connection: _all_found(connection, words, ids), lambda _: None)


def query(words: str, *, begun: bool = False) -> str:
    """What asks SQLite for a text with all of the words, each as it is; `begun` for words that begin so."""
    # What no letter or digit is in, is no word to SQLite, and stands in no text.
    known = [word for word in words.replace('"', " ").split() if any(map(str.isalnum, word))]
    phrases = [" ".join(searchable(word).split()) for word in known[:MOST_WORDS]]
    return " ".join(f'"{phrase}"{"*" if begun else ""}' for phrase in phrases)


# -- what is found -----------------------------------------------------------------------------------


def _all_found(connection: sqlite3.Connection, words: str, ids: Mapping[str, str]) -> Found:
    return _found(connection, query(words), ids) or _found(connection, query(words, begun=True), ids) or Found(())


def _found(connection: sqlite3.Connection, asked: str, ids: Mapping[str, str]) -> Found | None:
    """None for no hit."""
    if not asked:
        return None
    rows = connection.execute(_FOUND, (asked, 2 * MOST_HITS)).fetchall()
    best: dict[tuple[str, int], tuple[float, Hit]] = {}
    for key, turn, rank, *snippets in rows:
        if key in ids:
            hit = Hit(ids[key], turn, *_best(snippets))
            best.setdefault((key, turn), (round(rank, 6), hit))
    newest_first = sorted(best.values(), key=lambda each: (each[1].id, each[1].turn), reverse=True)
    hits = [hit for _, hit in sorted(newest_first, key=lambda each: each[0])]
    return Found(tuple(hits[:MOST_HITS]), len(hits) > MOST_HITS or len(rows) == 2 * MOST_HITS) if hits else None


def _best(snippets: Sequence[str | None]) -> tuple[str, str, tuple[tuple[int, int], ...]]:
    """The kind that has most of the words, what stands around them, and where they stand in that."""
    texts = [text or "" for text in snippets]
    column = max(range(len(KINDS)), key=lambda each: (texts[each].count(_BEGIN), -each))
    pieces = _MARK.split(texts[column])  # what is found is every other one
    places, at = [], 0
    for number, piece in enumerate(pieces):
        if number % 2:
            places.append((at, at + len(piece)))
        at += len(piece)
    return KINDS[column], *readable_places("".join(pieces), places)
