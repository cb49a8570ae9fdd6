"""`workbench search`: what retrieval would send for a question, and how well each mode finds what it should."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import ConfigurationError, Problem, quoted

if TYPE_CHECKING:
    from workbench.documents.conditions import Condition
    from workbench.documents.passages import RetrievalSpec
    from workbench.documents.retrieval import Found, Library, Retrieved
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
    from workbench.startup.search_models import asking, embed_free, searching

    _refuse_wrong(arguments)
    every = arguments.questions is not None and arguments.mode is None
    plan = plan_of_documents(arguments, environ, arguments.mode, every=every)
    redactor = plan.redactor(environ)

    def tell(text: str) -> None:
        say(safe_line(redactor.text(text)), sys.stderr)

    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")
    library = Library(documents_of(plan, environ, tell).shelves)
    with searching(library, plan.client, plan.settings.retries, environ, needed=every) as searched:
        if arguments.questions is not None:
            from workbench.commands.search_questions import print_figures

            return print_figures(searched, arguments, redactor, asking(tell, yes=plan.yes), tell)
        where = conditions_of(arguments.where)
        searched = searched.retrieved_by(partial(_changed, top_k=arguments.top_k, where=where))
        embed_free(searched, tell)
        told: set[str] = set()
        narrowed = any(shelf.retrieval.where for shelf in searched.shelves)
        found = 0
        for query in _queries(arguments.query):
            result = _print(searched, query, arguments, redactor, partial(_once, told, tell))
            found += len(result.items)
            narrowed = narrowed or bool(result.narrowed)
    if not found:
        tell(f"workbench: no passage has any of these words{' and fits the rest' if narrowed else ''}")
    return 0 if found else FAILED


def _refuse_wrong(arguments: argparse.Namespace) -> None:
    if (arguments.query is None) == (arguments.questions is None):
        message = "there is no question" if arguments.query is None else "give a question or --questions, not both"
        hint = 'for example: workbench search --docs notes "When does the library open?"'
        raise ConfigurationError([Problem("QUERY", 0, 0, message, hint)])


def _changed(spec: RetrievalSpec, top_k: int | None, where: tuple[Condition, ...]) -> RetrievalSpec:
    """How a set is searched here: one that the model searches itself, as it would."""
    return replace(spec, mode=spec.ranked_by, top_k=top_k or spec.top_k, where=(*spec.where, *where))


def conditions_of(given: Sequence[str]) -> tuple[Condition, ...]:
    """What `--where` says. Raises ConfigurationError for what is no NAME=VALUE."""
    from workbench.config.where import assigned

    found = [(text, assigned(text)) for text in given]
    if wrong := [text for text, condition in found if condition is None]:
        hint = "write --where year=2026; several values: year=2025,2026; a range: year=2024..2026"
        raise ConfigurationError([Problem("--where", 0, 0, f"{quoted(text)} is no NAME=VALUE", hint) for text in wrong])
    return tuple(condition for _, condition in found if condition is not None)


def _once(told: set[str], tell: Callable[[str], object], text: str) -> None:
    """Tell what was not told before."""
    if text not in told:
        told.add(text)
        tell(text)


def _queries(given: str) -> Iterator[str]:
    """The question, or each line of standard input that says something."""
    if given != STANDARD_INPUT:
        yield given
        return
    for line in sys.stdin.buffer:
        if query := line.decode("utf-8", "replace").strip():
            yield query


def _print(
    library: Library,
    query: str,
    arguments: argparse.Namespace,
    redactor: Redactor,
    tell: Callable[[str], object],
) -> Found:
    """Print what is found for one question, and return it.

    `tell` gets what a person should know of how they were found.
    """
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import writing
    from workbench.safe_text import safe_line

    began = time.monotonic()
    searched = library.found(query)
    found = searched.items
    seconds = time.monotonic() - began
    if arguments.query != STANDARD_INPUT and searched.narrowed:
        tell(f"workbench: searched {searched.narrowed}")
    for look in searched.looks:
        if look.notice:
            tell(f"workbench: {look.set}: {look.notice}")
    with writing():
        for rank, each in enumerate(found[: arguments.top_k], 1):
            row = redactor.value(passage_json(each))
            if arguments.json:
                write_line(sys.stdout, {"query": query, "rank": rank, **row, "seconds": round(seconds, 6)})
            else:
                score = "" if each.score is None else f"{each.score:.2f}"
                text = " ".join(row["text"].split())[:_SHOWN]
                print(safe_line(f"{rank:>3}  {score:>6}  {row['id']}  {row['title']}: {text}"))
    return searched


def passage_json(found: Retrieved) -> dict[str, Any]:
    """A passage as an object, with its score, null where its set is sent as a whole, and its relevant spans."""
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
        **({"spans": [list(each) for each in found.spans]} if found.spans else {}),
    }
