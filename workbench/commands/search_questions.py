"""`workbench search --questions`: how well each mode of retrieval finds the documents that answer known questions."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import ConfigurationError, Problem, quoted
from workbench.paths import reason_of

if TYPE_CHECKING:
    from workbench.documents.passages import RetrievalMode, RetrievalSpec
    from workbench.documents.retrieval import Library, Retrieved
    from workbench.secrets.redactor import Redactor

MODES: Final[tuple[RetrievalMode, ...]] = ("keyword", "vector", "hybrid", "rerank")
"""Those that rank: what is sent as a whole finds everything."""

_SHOWN: Final = 10

OF_MODELS: Final = MODES[1:]
"""Those that a model helps with, which may cost something."""

DEPTHS: Final = (1, 3, 8)
"""At which recall is counted, beside what `--top-k` says."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, and the documents that answer it."""

    question: str
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a mode does: by depth, the share of answering documents found; MRR; the median seconds of a question.

    Of a mode that cannot be had there are none, and `notice` says why; else it says what is to be known of who ranked.
    """

    mode: str
    recall: dict[int, float] | None
    mrr: float
    seconds: float
    notice: str = ""


def print_figures(
    library: Library,
    arguments: argparse.Namespace,
    redactor: Redactor,
    wants: Callable[[str], bool],
    tell: Callable[[str], object],
) -> int:
    """Print a row a mode. Raises ConfigurationError for a file of questions that cannot be used.

    Where models cost something, `wants` is asked for these, with a line that says how much that is; `tell` is told how
    it goes on.
    """
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import writing
    from workbench.safe_text import safe_line
    from workbench.startup.search_models import embed_free

    questions = read_questions(arguments.questions)
    depths = sorted({*DEPTHS, arguments.top_k or DEPTHS[-1]})
    modes = [mode for mode in MODES if arguments.mode in (None, mode)]
    if not modes:
        hint = f"those that rank: {', '.join(MODES)}"
        raise ConfigurationError([Problem("--mode", 0, 0, "it sends everything, and there is nothing to count", hint)])
    allowed = _allowed(library, modes, questions, wants)
    found = []
    for mode in modes:
        if mode in OF_MODELS and not allowed:
            found.append(Figures(mode, None, 0.0, 0.0, "it was not allowed (--yes allows it)"))
            continue
        embed_free(library.retrieved_by(partial(_in_mode, mode=mode)), tell)
        found.append(figures_of(library, mode, questions, depths))
    if unknown := unknown_documents(library, questions):
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        names = ", ".join(quoted(each) for each in unknown[:_SHOWN])
        tell(f"{arguments.questions}: warning: no set has a document {names}{more}; it counts as not found")
    for each in found:
        if each.notice:
            tell(f"workbench: {each.mode}: {each.notice}")
    with writing():
        if arguments.json:
            for each in found:
                write_line(sys.stdout, redactor.value(_row(each, len(questions))))
            return 0
        heads = "".join(f"{f'recall@{depth}':>12}" for depth in depths)
        print(f"{'mode':<10}{heads}{'MRR':>8}{'median ms':>12}")
        for each in found:
            if each.recall is None:
                print(f"{each.mode:<10}" + f"{'-':>12}" * len(depths) + f"{'-':>8}{'-':>12}")
                continue
            shares = "".join(f"{each.recall[depth]:>12.3f}" for depth in depths)
            print(safe_line(f"{each.mode:<10}{shares}{each.mrr:>8.3f}{each.seconds * 1000:>12.1f}"))
    return 0


def _allowed(
    library: Library, modes: Sequence[RetrievalMode], questions: Sequence[Judged], wants: Callable[[str], bool]
) -> bool:
    """Whether models may be asked: they cost nothing, or somebody wants it."""
    of_models = [mode for mode in modes if mode in OF_MODELS]
    if not of_models or library.models is None or library.models.embedder.is_free:
        return True
    count = f"{len(questions):,} question{'s' if len(questions) != 1 else ''}"
    reranked = ", and rerank what is found for each" if "rerank" in of_models else ""
    return wants(f"{', '.join(of_models)}: models embed {count}{reranked}")


def _row(figures: Figures, questions: int) -> dict[str, Any]:
    """The figures as an object; null for those of a mode that cannot be had."""
    row: dict[str, Any] = {"mode": figures.mode, "questions": questions, "recall": None, "mrr": None, "seconds": None}
    if figures.recall is not None:
        row["recall"] = {str(depth): round(share, 4) for depth, share in figures.recall.items()}
        row |= {"mrr": round(figures.mrr, 4), "seconds": round(figures.seconds, 6)}
    return {**row, "notice": figures.notice} if figures.notice else row


def _in_mode(spec: RetrievalSpec, mode: RetrievalMode) -> RetrievalSpec:
    """As a set is searched in this mode."""
    return replace(spec, mode=mode)


def figures_of(library: Library, mode: RetrievalMode, questions: Sequence[Judged], depths: Sequence[int]) -> Figures:
    """The figures of one mode, over all sets together."""
    ranked = library.retrieved_by(lambda spec: replace(_in_mode(spec, mode), top_k=max(depths)))
    shares: dict[int, list[float]] = {depth: [] for depth in depths}
    reciprocal, seconds = [], []
    notices: dict[str, None] = {}
    for judged in questions:
        began = time.monotonic()
        searched = ranked.found(judged.question)
        notices |= dict.fromkeys(f"{look.set}: {look.notice}" for look in searched.looks if look.notice)
        if any(look.fell_back for look in searched.looks):
            return Figures(mode, None, 0.0, 0.0, "; ".join(notices))
        found = sorted(searched.items, key=lambda each: -(each.score or 0.0))
        seconds.append(time.monotonic() - began)
        for depth in depths:
            hit = {name for each in found[:depth] for name in names_of(each) & judged.documents}
            shares[depth].append(len(hit) / len(judged.documents))
        first = next((rank for rank, each in enumerate(found, 1) if names_of(each) & judged.documents), 0)
        reciprocal.append(1 / first if first else 0.0)
    recall = {depth: statistics.fmean(each) for depth, each in shares.items()}
    return Figures(mode, recall, statistics.fmean(reciprocal), statistics.median(seconds), "; ".join(notices))


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
    question = entry.get("question") if isinstance(entry, dict) else None
    if not isinstance(question, str) or not question.strip():
        return "it has no `question`"
    documents = entry.get("documents")
    if not isinstance(documents, list) or not documents or not all(isinstance(each, str) for each in documents):
        return "its `documents` are no list of names"
    return Judged(question, frozenset(documents))


def unknown_documents(library: Library, questions: Sequence[Judged]) -> list[str]:
    """The documents of questions that no set has, in the order of their names: none of them can be found."""
    from workbench.documents.outline import outline
    from workbench.documents.retrieval import Retrieved

    wanted = {name for each in questions for name in each.documents}
    wanted -= {document.name for shelf in library.shelves for document in outline(shelf)}
    if wanted:  # a passage has names, too; to know them, all are read
        for passage in (each for shelf in library.shelves for each in shelf.passages):
            wanted -= names_of(Retrieved(passage, None))
    return sorted(wanted)
