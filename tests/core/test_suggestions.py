"""The questions that an empty chat suggests: of about as many documents as there are, and answered by them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from workbench.config.load import load_configuration
from workbench.documents.load import load_sets
from workbench.documents.passages import Passage
from workbench.documents.retrieval import Library
from workbench.documents.suggestions import LONGEST, LOOKED_AT, suggestions
from workbench.offline.engine import answer

ROOT = Path(__file__).resolve().parents[2]


def passages(*titles: str) -> list[Passage]:
    return [Passage(id=f"p{n}", set="town", title=title, text=f"Text {n}.") for n, title in enumerate(titles)]


def library_of(folder: Path, files: Mapping[str, str]) -> Library:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return loaded(*(folder / name for name in files))


def loaded(*paths: Path) -> Library:
    return Library(load_sets(load_configuration(paths, (), {}).sets).sets)


def answered(library: Library, question: str) -> str:
    """What the offline engine says to a question, with the passages that are sent with it."""
    documents = [found.passage.as_document() for found in library.retrieve(question)]
    body = {"model": "m", "messages": [{"role": "user", "content": question}], "documents": documents}
    message = json.loads(answer(json.dumps(body).encode()).frames[0])["message"]
    assert message["citations"], question
    return str(message["content"][0]["text"])


@pytest.mark.parametrize(
    ("titles", "asked"),
    [
        (["Harbour › Status line"], ["What is the status line?"]),
        (["FAQ › How do I renew a book?"], ["How do I renew a book?"]),
        (["Guide › Status line", "Guide › Renew a book"], ["How do I renew a book?", "What is the status line?"]),
        (["", "x " * LONGEST, "Guide › " + "x" * (LONGEST + 1)], []),
        (["A  b\n › Renew  a\n book"], ["How do I renew a book?"]),
        (["FAQ › " + "長" * (LONGEST // 2) + "？"], []),
        ([], []),
    ],
)
def test_a_title_becomes_a_question(titles: list[str], asked: list[str]) -> None:
    assert list(suggestions([passages(*titles)])) == asked


def test_each_question_is_about_another_document_from_all_over_the_sets() -> None:
    asked = suggestions([passages(*(f"A{n} › Open the {part} {n}" for n in range(4) for part in ("door", "gate"))),
                         passages("B › Open the box"), []])  # fmt: skip
    assert asked == ("How do I open the door 0?", "How do I open the door 1?", "How do I open the door 3?")


def test_the_natural_ones_go_first() -> None:
    titles = ("A › Exit codes", "B › Open the door", "C › Why sand?", "D › When it rains", "E › Status line")
    assert suggestions([passages(*titles)]) == ("How do I open the door?", "Why sand?", "What happens when it rains?")


def test_of_many_passages_few_are_looked_at() -> None:
    class Counted(list[Passage]):
        looked = 0

        def __getitem__(self, at: object) -> list[Passage]:  # type: ignore[override]
            assert isinstance(at, slice)
            found = list.__getitem__(self, at)
            Counted.looked += len(found)
            return found

    many = Counted(passages(*(f"Doc {n} › Open the door {n}" for n in range(5_000))))
    assert len(suggestions([many])) == 3
    assert 0 < Counted.looked <= 2 * LOOKED_AT


def test_the_handbook_is_asked_how_to_use_it() -> None:
    library = loaded(ROOT / "config" / "docs.yaml")
    first, *others = library.suggestions()
    assert first == "How do I set my API key?"
    assert "CO_API_KEY" in answered(library, first)
    assert len(others) == 2
    assert library.suggestions() == (first, *others)
    for each in others:
        assert not answered(library, each).startswith("Nothing here answers")


GERMAN = """# Stadtbibliothek

## Öffnungszeiten

Die Bibliothek ist montags bis freitags von 9 bis 19 Uhr geöffnet.

## Bücher verlängern

Bücher können zweimal verlängert werden, online oder am Schalter.
"""
FRENCH = """# Médiathèque

## Renouveler un prêt

Un prêt peut être renouvelé deux fois, sauf si le livre est réservé.

## S'inscrire

L'inscription est gratuite pour les habitants de la ville.
"""


@pytest.mark.parametrize(
    ("name", "text", "asked", "said"),
    [
        ("p.csv", "sku,name,price\nA-1,Aurora lamp,49.00\n", "What is the price of Aurora lamp?", "49.00"),
        ("t.jsonl", '{"question": "How do I reset it?", "text": "Open the portal."}', "How do I reset it?",
         "The documents say: Open the portal."),
        ("notes.txt", "The tower at Grey Point was built in 1872.", "When was the tower at Grey Point built?", "1872"),
        ("b.md", GERMAN, "Wie kann ich Bücher verlängern?", "zweimal"),
        ("b.md", GERMAN, "Was muss ich über Öffnungszeiten wissen?", "19 Uhr"),
        ("m.md", FRENCH, "Comment renouveler un prêt ?", "deux fois"),
        ("m.md", FRENCH, "Comment s'inscrire ?", "gratuite"),
    ],
)  # fmt: skip
def test_the_offline_engine_answers_what_is_suggested(
    tmp_path: Path, name: str, text: str, asked: str, said: str
) -> None:
    library = library_of(tmp_path, {name: text})
    assert asked in library.suggestions()
    assert said in answered(library, asked)
    assert not answered(library, asked).startswith("Nothing here answers")


def test_a_file_that_only_has_a_name_is_not_asked_about_by_that(tmp_path: Path) -> None:
    assert library_of(tmp_path, {"notes.txt": "1 2 3\n4 5 6\n"}).suggestions() == ()
