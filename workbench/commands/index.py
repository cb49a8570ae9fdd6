"""`workbench index`: the indexes of all sets, built or brought up to date; small sets get one, too."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping


def index(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print what each set holds. Returns 1 when no index can be kept.

    Raises ConfigurationError for documents that cannot be used.
    """
    from workbench.printing.exit_codes import FAILED
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import make_lossless, writing
    from workbench.printing.streams import say
    from workbench.safe_text import safe_line
    from workbench.startup.documents_alone import documents_of, plan_of_documents

    plan = plan_of_documents(arguments, environ)
    redactor = plan.redactor(environ)
    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")

    def tell(text: str) -> None:
        say(safe_line(redactor.text(text)), sys.stderr)

    opened = documents_of(plan, environ, tell, index_all=True)
    for name, built, seconds in opened.built:
        with writing():
            if arguments.json:
                row = {"set": name, "documents": built.documents, "passages": built.passages}
                write_line(sys.stdout, redactor.value({**row, "reused": built.reused, "seconds": round(seconds, 3)}))
            else:
                said = f"{built.documents:,} documents ({built.reused:,} unchanged), {built.passages:,} passages"
                print(safe_line(redactor.text(f"{name}: {said}, {seconds:.1f} s")))
    if len(opened.built) < len(plan.sets):
        tell(f"workbench: {len(plan.sets) - len(opened.built)} of {len(plan.sets)} sets have no index")
        return FAILED
    return 0
