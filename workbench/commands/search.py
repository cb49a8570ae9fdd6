"""`workbench search`: what retrieval would send for a question, and how well each mode finds what it should."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from workbench.documents.passages import RetrievalSpec
    from workbench.documents.retrieval import Library, Retrieved
    from workbench.secrets.redactor import Redactor

STANDARD_INPUT: Final = "-"
_SHOWN: Final = 200  # characters of a passage in a line for people


def search(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the passages for each question, best first. Returns 1 when nothing is found for any of them.

    Raises ConfigurationError for documents or questions that cannot be used.
    """
    from workbench.documents.retrieval import Library
    from workbench.printing.exit_codes import FAILED
    from workbench.printing.standard_output import make_lossless
    from workbench.printing.streams import say
    from workbench.safe_text import safe_line
    from workbench.startup.documents_alone import documents_of, plan_of_documents

    _refuse_wrong(arguments)
    plan = plan_of_documents(arguments, environ)
    redactor = plan.redactor(environ)

    def tell(text: str) -> None:
        say(safe_line(redactor.text(text)), sys.stderr)

    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")
    library = Library(documents_of(plan, environ, tell).shelves)
    if arguments.questions is not None:
        from workbench.commands.search_questions import print_figures

        return print_figures(library, arguments, redactor)
    library = library.retrieved_by(partial(_changed, mode=arguments.mode, top_k=arguments.top_k))
    found = 0
    for query in _queries(arguments.query):
        found += _print(library, query, arguments, redactor)
    if not found:
        tell("workbench: no passage has any of these words")
    return 0 if found else FAILED


def _refuse_wrong(arguments: argparse.Namespace) -> None:
    if (arguments.query is None) == (arguments.questions is None):
        message = "there is no question" if arguments.query is None else "give a question or --questions, not both"
        hint = 'for example: workbench search --docs notes "When does the library open?"'
        raise ConfigurationError([Problem("QUERY", 0, 0, message, hint)])


def _changed(spec: RetrievalSpec, mode: Any, top_k: int | None) -> RetrievalSpec:
    spec = replace(spec, mode=mode or spec.mode, top_k=top_k or spec.top_k)
    return replace(spec, mode=spec.ranked_by)


def _queries(given: str) -> Iterator[str]:
    """The question, or each line of standard input that says something."""
    if given != STANDARD_INPUT:
        yield given
        return
    for line in sys.stdin.buffer:
        if query := line.decode("utf-8", "replace").strip():
            yield query


def _print(library: Library, query: str, arguments: argparse.Namespace, redactor: Redactor) -> int:
    """Print what is found for one question; return how many passages that are."""
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import writing
    from workbench.safe_text import safe_line

    began = time.monotonic()
    found = library.retrieve(query)
    seconds = time.monotonic() - began
    with writing():
        for rank, each in enumerate(found[: arguments.top_k], 1):
            row = redactor.value(passage_json(each))
            if arguments.json:
                write_line(sys.stdout, {"query": query, "rank": rank, **row, "seconds": round(seconds, 6)})
            else:
                score = "" if each.score is None else f"{each.score:.2f}"
                text = " ".join(row["text"].split())[:_SHOWN]
                print(safe_line(f"{rank:>3}  {score:>6}  {row['id']}  {row['title']}: {text}"))
    return len(found)


def passage_json(found: Retrieved) -> dict[str, Any]:
    """A passage as an object, with its score, null where its set is sent as a whole."""
    from workbench.documents.ledger import document_of

    passage = found.passage
    return {
        "score": found.score,
        "set": passage.set,
        "id": passage.id,
        "document": document_of(passage.id, passage.path),
        "title": passage.title,
        "path": passage.path,
        "lines": None if passage.lines is None else list(passage.lines),
        "text": passage.text,
    }
