"""How a set was searched, as a row of the trace: the mode, of how many candidates, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.content import Content

from workbench.printing.searched import searched_for
from workbench.safe_text import safe_line, safe_text
from workbench.ui.panes.call_rows import reason_lines
from workbench.ui.panes.time_axis import Marked, tails
from workbench.ui.widgets.row import Row, beginning

if TYPE_CHECKING:
    from workbench.events import Retrieval


def query_row(event: Retrieval, total: float | None) -> Row:
    """What was searched for in place of the question, or narrower than it, or by what else."""
    rewrite = event.rewrite
    failed = rewrite is not None and bool(rewrite["error"])
    text = event.query or (event.notes[0] if event.notes else "")
    if rewrite is not None:
        text = "not rewritten: the question itself" if failed else str(rewrite["text"])
    began = event.t - event.seconds
    spans: list[Marked] = []
    if rewrite is not None:
        spans = [((max(0.0, began - float(rewrite["seconds"])), began), "model")]
    return Row(
        Content.assemble((" query", "bold"), "  ", (safe_line(beginning(text)[0]), "warning" if failed else "")),
        tails=tails(None if rewrite is None else float(rewrite["seconds"]), spans, total),
        body=lambda: Content(safe_text("\n".join(searched_for(event)))),
        indent=3,
    )


def search_row(event: Retrieval, look: Mapping[str, Any], total: float | None) -> Row:
    """How one set was searched; why it was searched otherwise than was asked for stands below."""
    fell_back = look["used"] != look["mode"]
    notice = str(look["notice"])
    how = f"{look['mode']} → {look['used']}" if fell_back else str(look["used"])
    of = "" if look["candidates"] is None else f" of {look['candidates']:,}"
    said = Content.styled(beginning(notice)[0], "warning" if fell_back else "muted")
    return Row(
        Content.assemble(
            (" search  ", "bold"),
            (how, "warning" if fell_back else ""),
            (f" {look['found']:,}{of}", "muted"),
            f"  {safe_line(str(look['set']))}",
        ),
        tails=tails(float(look["seconds"]), [((event.t - event.seconds, event.t), "muted")], total),
        body=lambda: Content(safe_text("\n".join(_lines(event, look)))),
        folded=partial(reason_lines, said) if fell_back else None,
        indent=3,
    )


def _lines(event: Retrieval, look: Mapping[str, Any]) -> list[str]:
    """All that is known of it, a fact a line."""
    lines = [str(look["notice"])] if look["notice"] else []
    lines.append(f"{look['seconds']:.2f} s, of which models took {look['waited']:.2f} s")
    return lines
