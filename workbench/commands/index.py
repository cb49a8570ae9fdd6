"""`workbench index`: the indexes of all sets, built or brought up to date, and the vectors of those that need some."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.plural import plural

if TYPE_CHECKING:
    from workbench.documents.opening import Opened
    from workbench.startup.search_models import Embedded
    from workbench.startup.setup import Plan


def index(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print what each set holds. Returns 1 when no index can be kept, or vectors are missing that are needed.

    Small sets get an index, too. Raises ConfigurationError for documents that cannot be used.
    """
    from workbench.printing.exit_codes import FAILED
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import make_lossless, writing
    from workbench.printing.streams import say
    from workbench.safe_text import safe_line
    from workbench.startup.documents_alone import documents_of, plan_of_documents

    plan = plan_of_documents(arguments, environ, arguments.mode)
    redactor = plan.redactor(environ)
    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")

    def tell(text: str) -> None:
        say(safe_line(redactor.text(text)), sys.stderr)

    opened = documents_of(plan, environ, tell, index_all=True)
    embedded = {each.name: each for each in _embedded(plan, opened, environ, tell)}
    for name, built, seconds in opened.built:
        vectors = embedded.get(name)
        with writing():
            if arguments.json:
                row = {"set": name, "documents": built.documents, "passages": built.passages, "reused": built.reused}
                said = redactor.value({**row, "seconds": round(seconds, 3), **_vectors_json(vectors)})
                write_line(sys.stdout, said)
            else:
                documents, passages = plural(built.documents, "document"), plural(built.passages, "passage")
                said = f"{documents} ({built.reused:,} unchanged), {passages}"
                print(safe_line(redactor.text(f"{name}: {said}, {seconds:.1f} s{_vectors_said(vectors)}")))
    problems = [f"workbench: {each.name}: {each.problem}" for each in embedded.values() if each.problem]
    if missing := len(plan.sets) - len(opened.built):
        problems.append(f"workbench: {missing} of {len(plan.sets)} sets have no index")
    for each in problems:
        tell(each)
    return FAILED if problems else 0


def _embedded(plan: Plan, opened: Opened, environ: Mapping[str, str], tell: Callable[[str], object]) -> list[Embedded]:
    """Have the vectors made that sets need; each batch is kept, so that what is interrupted goes on another time."""
    from workbench.documents.modes import needs_models

    if not any(needs_models(each.retrieval.ranked_by) for each in plan.sets):
        return []
    from workbench.documents.retrieval import Library
    from workbench.startup.search_models import asking, embed, searching

    with searching(Library(opened.shelves), plan.client, plan.settings.retries, environ) as library:
        if library.models is None:
            return []
        return embed(library.shelves, library.models, tell, asking(tell, yes=plan.yes))


def _vectors_json(vectors: Embedded | None) -> dict[str, Any]:
    return {} if vectors is None else {"embedded": vectors.passages, "embedding_seconds": round(vectors.seconds, 3)}


def _vectors_said(vectors: Embedded | None) -> str:
    return "" if vectors is None else f"; {vectors.passages:,} embedded now, {vectors.seconds:.1f} s"
