"""`workbench search --questions`: how well each mode of retrieval finds the documents that answer known questions."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import ConfigurationError, Problem
from workbench.paths import reason_of

if TYPE_CHECKING:
    from workbench.documents.passages import RetrievalMode
    from workbench.documents.retrieval import Library, Retrieved
    from workbench.secrets.redactor import Redactor

MODES: Final[tuple[RetrievalMode, ...]] = ("keyword",)
"""Those that rank: what is sent as a whole finds everything."""

DEPTHS: Final = (1, 3, 8)
"""At which recall is counted, beside what `--top-k` says."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, and the documents that answer it."""

    question: str
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a mode does: by depth, the share of answering documents found; MRR; the median seconds of a question."""

    mode: str
    recall: dict[int, float]
    mrr: float
    seconds: float


def print_figures(library: Library, arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Print a row a mode. Raises ConfigurationError for a file of questions that cannot be used."""
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import writing
    from workbench.safe_text import safe_line

    questions = read_questions(arguments.questions)
    depths = sorted({*DEPTHS, arguments.top_k or DEPTHS[-1]})
    modes = [mode for mode in MODES if arguments.mode in (None, mode)]
    if not modes:
        hint = f"those that rank: {', '.join(MODES)}"
        raise ConfigurationError([Problem("--mode", 0, 0, "it sends everything, and there is nothing to count", hint)])
    found = [figures_of(library, mode, questions, depths) for mode in modes]
    with writing():
        if arguments.json:
            for each in found:
                recall = {str(depth): round(share, 4) for depth, share in each.recall.items()}
                row = {"mode": each.mode, "questions": len(questions), "recall": recall, "mrr": round(each.mrr, 4)}
                write_line(sys.stdout, redactor.value({**row, "seconds": round(each.seconds, 6)}))
            return 0
        heads = "".join(f"{f'recall@{depth}':>12}" for depth in depths)
        print(f"{'mode':<10}{heads}{'MRR':>8}{'median ms':>12}")
        for each in found:
            shares = "".join(f"{each.recall[depth]:>12.3f}" for depth in depths)
            print(safe_line(f"{each.mode:<10}{shares}{each.mrr:>8.3f}{each.seconds * 1000:>12.1f}"))
    return 0


def figures_of(library: Library, mode: RetrievalMode, questions: Sequence[Judged], depths: Sequence[int]) -> Figures:
    """The figures of one mode, over all sets together."""
    ranked = library.retrieved_by(lambda spec: replace(spec, mode=mode, top_k=max(depths)))
    shares: dict[int, list[float]] = {depth: [] for depth in depths}
    reciprocal, seconds = [], []
    for judged in questions:
        began = time.monotonic()
        found = sorted(ranked.retrieve(judged.question), key=lambda each: -(each.score or 0.0))
        seconds.append(time.monotonic() - began)
        for depth in depths:
            hit = {name for each in found[:depth] for name in names_of(each) & judged.documents}
            shares[depth].append(len(hit) / len(judged.documents))
        first = next((rank for rank, each in enumerate(found, 1) if names_of(each) & judged.documents), 0)
        reciprocal.append(1 / first if first else 0.0)
    recall = {depth: statistics.fmean(each) for depth, each in shares.items()}
    return Figures(mode, recall, statistics.fmean(reciprocal), statistics.median(seconds))


def names_of(found: Retrieved) -> Set[str]:
    """What a passage and its document may be called by whoever judges."""
    from workbench.documents.ledger import document_of

    passage = found.passage
    return {passage.id, document_of(passage.id, passage.path), *([passage.path] if passage.path else [])}


def read_questions(path: Path) -> list[Judged]:
    """The questions of a file. Raises ConfigurationError with every line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeError) else reason_of(error)
        raise ConfigurationError([Problem(str(path), 0, 0, reason, "give JSON lines of questions")]) from error
    found, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        judged = _judged(line)
        if isinstance(judged, Judged):
            found.append(judged)
        else:
            hint = '{"question": "When ...?", "documents": ["guide.md"]}'
            problems.append(Problem(str(path), number, 1, judged, f"write {hint}"))
    if not found and not problems:
        problems.append(Problem(str(path), 0, 0, "there is no question in it", "give a JSON object a line"))
    if problems:
        raise ConfigurationError(problems)
    return found


def _judged(line: str) -> Judged | str:
    """The question of a line, or what is wrong with it."""
    try:
        entry: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    if not isinstance(entry, dict) or not isinstance(entry.get("question"), str):
        return "it has no `question`"
    documents = entry.get("documents")
    if not isinstance(documents, list) or not documents or not all(isinstance(each, str) for each in documents):
        return "its `documents` are no list of names"
    return Judged(entry["question"], frozenset(documents))
