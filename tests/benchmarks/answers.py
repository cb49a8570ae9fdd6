"""How often the offline engine answers from the right document with the right words, and refuses what nobody answers.

The documents stand in `answers/`, in five formats; the questions are put as people put them, in other words than the
documents where that is natural.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.documents.load import load_sets
from workbench.documents.passages import FilePattern, RetrievalSpec, SetSpec, SplitSpec
from workbench.documents.retrieval import Library
from workbench.offline.engine import answer

FOLDER = Path(__file__).parent / "answers"
TOP_K = 6
# (question, the beginning of the id of the document that is cited first, words of the answer)
ANSWERED: Sequence[tuple[str, str, str]] = (
    ("how much is a plot per year?", "allotments.md", "85 euros"),
    ("How big is a plot?", "allotments.md", "200 square metres"),
    ("who looks after the waiting list", "allotments.md", "Hedda Brink"),
    ("when am I allowed to water my plants?", "allotments.md", "after 18:00"),
    ("is the pump on in winter, or from when is it off?", "allotments.md", "November to March"),
    ("how tall can my shed be?", "allotments.md", "2.2 metres"),
    ("are bonfires permitted?", "allotments.md", "forbidden"),
    ("What is the deposit for the tiller?", "allotments.md", "80 euros"),
    ("where do I find the shredder", "allotments.md", "Hut 3"),
    ("how do I give up my plot?", "allotments.md", "three months"),
    ("how often does the ferry sail?", "ferry.txt", "forty minutes"),
    ("how long does the crossing take", "ferry.txt", "quarter of an hour"),
    ("What's the price for a car on the ferry?", "ferry.txt", "12.40"),
    ("when was the ship built?", "ferry.txt", "1998"),
    ("how many cars does the ship carry?", "ferry.txt", "42 cars"),
    ("who is the captain?", "ferry.txt", "Tuva Lindgren"),
    ("does the ferry run in a storm", "ferry.txt", "suspended"),
    ("how much does the impeller cost?", "parts.csv", "38.00"),
    ("on which shelf is gasket G9", "parts.csv", "A5"),
    ("which gasket fits the P-20?", "parts.csv", "Gasket G7"),
    ("I lost a book, what now?", "questions.jsonl", "5 euros"),
    ("how long can I borrow a book for?", "questions.jsonl", "Four weeks"),
    ("can I borrow an instrument?", "questions.jsonl", "ukuleles"),
    ("Wann ist das Freibad offen?", "bad", "Mai bis September"),
    ("Was kostet die Tageskarte?", "bad", "4,50"),
    ("Combien de marches faut-il monter ?", "phare", "212"),
    ("体育館は何時に開きますか？", "gym", "午前八時"),
)
UNANSWERED: Sequence[str] = (
    "Who composed the Moonlight Sonata?",
    "how do I configure a Kubernetes ingress",
    "What is the boiling point of mercury?",
    "Do you sell tickets for the zoo?",
    "Wer hat das Telefon erfunden?",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The text of a reply, the ids that it cites in the order of the text, and whether each citation is exact."""

    text: str
    cited: tuple[str, ...]
    is_exact: bool


def library() -> Library:
    """The documents of the benchmark: a row is a document, a page is split at its headings."""
    specs = [_set("rows", SplitSpec("none"), "*.csv", "*.jsonl"), _set("pages", SplitSpec(), "*.md", "*.txt", "*.json")]
    loaded = load_sets(specs)
    if loaded.problems:
        raise AssertionError("; ".join(map(str, loaded.problems)))
    return Library(loaded.sets)


def _set(name: str, split: SplitSpec, *patterns: str) -> SetSpec:
    files = tuple(FilePattern(pattern, FOLDER) for pattern in patterns)
    return SetSpec(name, files=files, split=split, retrieval=RetrievalSpec("keyword", TOP_K))


def ask(documents: Library, question: str) -> Answer:
    """The engine's answer to a question about what the library finds for it."""
    sent = [item.passage.as_document() for item in documents.retrieve(question)]
    request = {"model": "m", "messages": [{"role": "user", "content": question}], "documents": sent}
    reply = json.loads(answer(json.dumps(request).encode()).frames[0])
    message: dict[str, Any] = reply["message"]
    text = message["content"][0]["text"]
    citations = sorted(message.get("citations") or [], key=lambda one: one["start"])
    return Answer(
        text,
        tuple(citation["sources"][0]["id"] for citation in citations),
        all(text[citation["start"] : citation["end"]] == citation["text"] for citation in citations),
    )


def failures() -> dict[str, list[str]]:
    """The questions that each measure was missed for."""
    documents = library()
    missed: dict[str, list[str]] = {"right document first": [], "expected words": [], "exact": [], "refused": []}
    for question, source, words in ANSWERED:
        given = ask(documents, question)
        if not (given.cited and given.cited[0].rpartition("/")[2].startswith(source)):
            missed["right document first"].append(question)
        if words not in given.text:
            missed["expected words"].append(question)
        if not given.is_exact:
            missed["exact"].append(question)
    missed["refused"] = [question for question in UNANSWERED if ask(documents, question).cited]
    return missed


def table() -> str:
    missed = failures()
    asked = {"refused": len(UNANSWERED)}
    rows = [
        f"| {name} | {asked.get(name, len(ANSWERED)) - len(questions)} | {asked.get(name, len(ANSWERED))} |"
        for name, questions in missed.items()
    ]
    return "\n".join(["| offline answers | right | of |", "| --- | ---: | ---: |", *rows])
