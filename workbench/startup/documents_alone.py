"""The documents of what needs no conversation: those that flags or the settings name, and how they are trusted.

Owns that nothing else is read for it: no tools, and nothing that would be sent to a server, since nothing is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from workbench.errors import ConfigurationError, Problem
from workbench.startup.setup import Plan, consent_of, open_documents, read_plan

if TYPE_CHECKING:
    from workbench.documents.opening import Opened

_HINT = "name some: --docs FILE, or a folder"
_NONE = Problem("--docs", 0, 0, "there are no documents", _HINT)


def plan_of_documents(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Plan:
    """The plan with the documents alone. Raises ConfigurationError with every problem, and when there are none."""
    alone = argparse.Namespace(**{**vars(arguments), "tools": [], "offline": True})
    plan = read_plan(alone, environ)
    if not plan.sets:
        raise ConfigurationError([_NONE])
    return plan


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
