"""How a turn ended, in words, and its figures: coverage, times, tokens. For the status line, and for lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workbench.safe_text import safe_line

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn

FAILED: Final = frozenset({"failed", "timeout"})
LONGEST_REASON: Final = 40  # characters of a finish reason


def closing_words(turn: Turn, model: str) -> list[str]:
    """How a turn ended, a glyph and a word, and its figures."""
    glyph = {"complete": "✓", "cancelled": "■"}.get(turn.status, "✗" if turn.status in FAILED else "!")
    return [f"{glyph} {ending(turn)}", *figures(turn, model)]


def figures(turn: Turn, model: str) -> list[str]:
    """The figures of a finished turn, those that are known, the most wanted first, and what answered."""
    words = _coverage(turn)
    if turn.first_token is not None:
        words.append(f"first {turn.first_token:.2f} s")
    billed = turn.usage().get("billed_units", {})
    tokens_in, tokens_out = billed.get("input_tokens"), billed.get("output_tokens")
    if rate := speed(turn, tokens_out):
        words.append(f"{rate:.0f} tok/s")
    if tokens_in is not None or tokens_out is not None:
        words.append(f"{tokens_in or 0:g} → {tokens_out or 0:g} tok")
    if turn.tool_seconds:
        words.append(f"tools {turn.tool_seconds:.1f} s")
    if turn.person_seconds:
        words.append(f"asked you {turn.person_seconds:.1f} s")
    words += [f"total {turn.seconds:.1f} s", model]
    return [word for word in words if word]


def ending(turn: Turn) -> str:
    """How the turn ended, in a word, and the reason of a complete one where it is not the usual."""
    reason = turn.finish_reason if turn.status == "complete" else ""
    usual = reason in ("", "COMPLETE")
    return turn.status + ("" if usual else f" ({safe_line(reason)[:LONGEST_REASON]})")


def _coverage(turn: Turn) -> list[str]:
    """How many sentences are cited, and how many citations have no place in the answer."""
    unanchored = len(turn.unanchored)
    if not unanchored and all(cited.start is None for cited in turn.citations):
        return []
    from workbench.documents.ledger import coverage

    covered, sentences = coverage(turn.text, turn.cited_spans)
    counted = f"coverage {covered}/{sentences}" if sentences else ""
    return [", ".join(filter(None, (counted, f"{unanchored} not placed" if unanchored else "")))]


def speed(turn: Turn, tokens: float | None) -> float | None:
    """Billed output tokens a second of streaming, the time of tools and of the person left out."""
    if not tokens or turn.first_token is None or turn.last_token is None:
        return None
    seconds = turn.last_token - turn.first_token - turn.tool_seconds - turn.person_seconds
    return tokens / seconds if seconds > 0.05 else None
