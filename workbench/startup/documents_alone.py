"""The documents of what needs no conversation: those that flags or the settings name, and how they are trusted.

Owns that nothing else is read for it: no tools, and nothing that would be sent to a server, unless something is: where
sets are searched with the help of models.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.errors import ConfigurationError, Problem
from workbench.startup.setup import Plan, consent_of, open_documents, read_plan

if TYPE_CHECKING:
    from workbench.documents.opening import Opened
    from workbench.documents.passages import RetrievalMode

_HINT = "name some: --docs FILE, or a folder"
_NONE = Problem("--docs", 0, 0, "there are no documents", _HINT)


def plan_of_documents(
    arguments: argparse.Namespace, environ: Mapping[str, str], mode: RetrievalMode | None = None, *, every: bool = False
) -> Plan:
    """The plan with the documents alone, each set in `mode` where that is given.

    It is one for no server, unless a set needs models, or all modes are wanted (`every`). Raises ConfigurationError
    with every problem, and when there are no documents.
    """
    from workbench.documents.modes import needs_models

    alone = {**vars(arguments), "tools": []}
    plan = read_plan(argparse.Namespace(**{**alone, "offline": True}), environ)
    if not plan.sets:
        raise ConfigurationError([_NONE])
    if every or any(needs_models(mode or each.retrieval.ranked_by) for each in plan.sets):
        plan = read_plan(argparse.Namespace(**alone), environ)
    if mode is None:
        return plan
    return replace(plan, sets=tuple(replace(each, retrieval=replace(each.retrieval, mode=mode)) for each in plan.sets))


def documents_of(
    plan: Plan,
    environ: Mapping[str, str],
    say: Callable[[str], object],
    *,
    index_all: bool = False,
) -> Opened:
    """The documents of the plan, opened; `say` gets warnings, and how far indexes are built.

    Raises ConfigurationError with what cannot be used.
    """
    consent = consent_of({"yes": plan.yes}, plan.redactor(environ), environ, plan.further)
    return open_documents(plan.sets, consent, say, environ, say, index_all=index_all)
