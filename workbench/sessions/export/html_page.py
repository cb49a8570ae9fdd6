"""A session as one HTML file that stands alone: nothing is fetched, and nothing in it can run.

Owns the layout of the page. Text from outside gets into it through `shown` alone; every attribute is of our own making,
and every link leads to a place in the page: from a citation to its passage, and back.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from workbench.documents.chain import STATES, by_state, citing, each_evidence, state_of, together
from workbench.documents.quotes import place_of
from workbench.printable_json import printable_json
from workbench.sessions.export.answer_html import Marked, answer_html, shown
from workbench.sessions.export.exported import EventLine, Exported, ExportedTurn
from workbench.sessions.export.page_style import STYLE
from workbench.sessions.export.told import (
    began_at,
    figures_of,
    found_words,
    heading_of,
    how_it_ended,
    unplaced,
    unsent_line,
)

if TYPE_CHECKING:
    from workbench.conversation.trace import CallTrace, StepTrace
    from workbench.conversation.turn import Turn
    from workbench.documents.evidence import Evidence
    from workbench.documents.ledger import LedgerEntry
    from workbench.events import Cited, Event

_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
_HEAD: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<header><h1>{title}</h1><p class="dim">{began}</p></header>
"""
_MOST_EVENTS: Final = 20_000  # of a turn, that are listed


def html_page(session: Exported, event_line: EventLine) -> Iterator[str]:
    """The text of the page, in pieces."""
    title = shown(f"Session {session.id}")
    yield _HEAD.format(policy=_POLICY, title=title, style=STYLE, began=shown(began_at(session.began)))
    if len(session.turns) > 1:
        yield '<nav aria-label="Turns"><ol>'
        for each in session.turns:
            yield f'<li><a href="#t{each.turn.number}">{shown(_short(each.turn.prompt))}</a></li>'
        yield "</ol></nav>\n"
    before: list[Any] = []
    for each in session.turns:
        yield from _Page(each, event_line, before).turn()
    yield "</main>\n</body>\n</html>\n"


@dataclass(frozen=True, slots=True)
class _Page:
    """One turn of the page; ids begin with that of the turn.

    `before` are the messages of the last request so far: a conversation would else be there again with each turn.
    """

    each: ExportedTurn
    event_line: EventLine
    before: list[Any]

    @property
    def _id(self) -> str:
        return f"t{self.each.turn.number:d}"

    def turn(self) -> Iterator[str]:
        turn = self.each.turn
        yield f'<article id="{self._id}">\n<h2>{shown(heading_of(self.each))}</h2>\n'
        yield f'<p class="question">{shown(turn.prompt)}</p>\n'
        if turn.thinking:
            yield _folded("thought", f'<p class="plain">{shown(turn.thinking)}</p>')
        if turn.plan:
            yield _folded("plan", f'<p class="plain">{shown(turn.plan)}</p>', is_open=True)
        yield f'<section class="answer" aria-label="Answer">\n{self._answer()}\n</section>\n'
        if said := how_it_ended(turn):
            yield f'<p class="ended">{shown(said)}</p>\n'
        yield from self._unplaced()
        yield from self._sources()
        yield from self._trace()
        yield from self._requests()
        yield from self._events()
        yield f'<p class="dim">{shown(" · ".join(figures_of(self.each)))}</p>\n</article>\n'

    # -- citations ---------------------------------------------------------------------------------

    def _answer(self) -> str:
        turn = self.each.turn
        cited = [each for each in turn.citations if each.start is not None and each.end is not None]
        marked = [Marked(each.start or 0, each.end or 0, self._numbers(each)) for each in cited]
        return answer_html(turn.text, marked) if turn.text else '<p class="dim">(no text)</p>'

    def _numbers(self, cited: Cited) -> str:
        """The numbers of a citation, each a link to its source; the links back lead here."""
        links = "".join(f'<a href="#{self._source_id(number)}">[{number:d}]</a>' for number in cited.numbers)
        return f'<sup id="{self._citation_id(cited)}">{links}</sup>'

    def _source_id(self, number: int) -> str:
        return f"{self._id}-s{number:d}"

    def _citation_id(self, cited: Cited) -> str:
        return f"{self._id}-c{cited.ordinal:d}"

    def _unplaced(self) -> Iterator[str]:
        cited = unplaced(self.each.turn)
        if cited:
            yield '<p class="dim">Cited, and not in the answer:</p>\n<ul>\n'
            for each, where in cited:
                yield f"<li>{shown(each.text)} {self._numbers(each)} {shown(where)}</li>\n"
            yield "</ul>\n"

    def _sources(self) -> Iterator[str]:
        entries = self.each.turn.ledger.entries()
        if not entries:
            return
        back = citing(self.each.turn.citations)
        states = by_state(entries)
        unsent = states.pop("not sent", [])
        used = sum(entry.number is not None for entry in entries)
        yield f'<h3>Sources</h3>\n<p class="dim">{used} cited of {len(entries) - len(unsent)}</p>\n'
        for entry in (entry for its in states.values() for entry in its):
            yield from self._source(entry, back.get(entry.number or 0, ()))
        if unsent:
            lines = "".join(f"<li>{shown(unsent_line(entry))}</li>\n" for entry in unsent)
            yield _folded(f"{STATES['not sent']} · {len(unsent)}", f"<ul>\n{lines}</ul>")

    def _source(self, entry: LedgerEntry, cited: Sequence[Cited]) -> Iterator[str]:
        is_cited = entry.number is not None
        name = f'id="{self._source_id(entry.number)}" class="source"' if entry.number else 'class="source"'
        number = f"<b>[{entry.number:d}]</b> " if entry.number is not None else ""
        links = " ".join(
            f'<a href="#{self._citation_id(each)}" aria-label="back to the answer">↩{place}</a>'
            for place, each in enumerate(cited, 1)
        )
        found = each_evidence(entry, cited)
        evidence = together(found) if found else None
        words = filter(None, (place_of(entry, evidence), *found_words(entry, found)))
        told = f'<span class="dim">{shown(" · ".join(words))}</span>'
        yield f"<div {name}>\n<p>{number}{shown(entry.title or entry.id)} {told} {links}</p>\n"
        passage = f'<pre class="passage">{_with_marks(entry.text, evidence)}</pre>'
        yield (passage if is_cited else _folded(STATES[state_of(entry)], passage)) + "\n</div>\n"

    # -- what happened -----------------------------------------------------------------------------

    def _trace(self) -> Iterator[str]:
        turn = self.each.turn
        if not turn.trace.steps:
            return
        yield "<h3>Trace</h3>\n"
        for place, step in enumerate(turn.trace.steps):
            after = turn.trace.steps[place + 1].began if place + 1 < len(turn.trace.steps) else turn.seconds
            yield from _step(turn, step, after)

    def _requests(self) -> Iterator[str]:
        for number, body in self.each.requests():
            title = f"request of step {number}"
            messages = body.get("messages")
            if isinstance(messages, list):
                same = sum(
                    1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self.before, messages, strict=False))
                )
                self.before[:] = messages
                body = {**body, "messages": messages[same:]}
                title += f", behind {same} of the messages before it" if same else ""
            yield _folded(title, f"<pre>{shown(printable_json(body, indent=2))}</pre>")

    def _events(self) -> Iterator[str]:
        events = self.each.turn.events
        yield f'<details>\n<summary>{len(events)} events</summary>\n<div class="wide"><table class="events">\n'
        for number, event in enumerate(events):
            if number >= _MOST_EVENTS:
                yield f"<tr><td></td><td></td><td>… {len(events) - number} more, in the export as JSON</td></tr>\n"
                break
            yield _event_row(event, self.event_line)
        yield "</table></div>\n</details>\n"


def _with_marks(text: str, evidence: Evidence | None) -> str:
    """The text of a source, the words marked that are cited of it."""
    pieces, done = [], 0
    for begin, end in evidence.spans if evidence is not None else ():
        pieces += [shown(text[done:begin]), f"<mark>{shown(text[begin:end])}</mark>"]
        done = end
    return "".join([*pieces, shown(text[done:])])


def _event_row(event: Event, event_line: EventLine) -> str:
    fields = {name: value for name, value in json.loads(event_line(event)).items() if name not in ("event", "t")}
    if event.kind == "request":
        fields.pop("body", None)  # which is told by itself
    said = shown(_as_json(fields))
    return f'<tr><td class="number">{event.t:.3f}</td><td>{shown(event.kind)}</td><td><code>{said}</code></td></tr>\n'


def _step(turn: Turn, step: StepTrace, after: float) -> Iterator[str]:
    ended = step.model_ended if step.model_ended is not None else after
    yield f'<div class="step">\n<p>{_times(turn, step.began, ended)}step {step.number:d}, the model</p>\n'
    for retry in step.retries:
        said = f"retry {retry.attempt} of {retry.most}: {retry.error.get('message', '')}"
        yield f'<p class="dim">{shown(said)}</p>\n'
    for call in step.calls:
        yield _call(turn, call)
    yield "</div>\n"


def _call(turn: Turn, call: CallTrace) -> str:
    result = call.result
    began, ended = call.ran or (call.began, call.began if result is None else result.t)
    parts = [f"<p>arguments</p><pre>{shown(call.arguments.text)}</pre>"]
    if result is None:
        state, said = "no result", ""
    elif result.error is not None:
        state, said = result.error_kind or "failed", f"<p>error</p><pre>{shown(result.error)}</pre>"
    else:
        state, said = "ok", f"<p>result</p><pre>{shown(_result(result.result))}</pre>"
    if result is not None and result.output:
        said += f"<p>printed</p><pre>{shown(result.output)}</pre>"
    summary = (
        f'{_times(turn, began, ended)}<b>{shown(call.name or "(no name)")}</b> <span class="dim">{shown(state)}</span>'
    )
    return f"<details>\n<summary>{summary}</summary>\n{''.join([*parts, said])}\n</details>\n"


def _times(turn: Turn, began: float, ended: float) -> str:
    """When something was, in the time of the whole turn, as a bar; and how long it took."""
    whole = max(turn.seconds, 1e-6)
    begin = min(max(began / whole * 100, 0.0), 100.0)
    width = min(max((ended - began) / whole * 100, 0.5), 100.0 - min(begin, 99.5))
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="{min(begin, 99.5):.2f}" y="1" width="{width:.2f}" height="6"/></svg> '
        f'<span class="number">{ended - began:.2f} s</span> '
    )


def _result(value: Any) -> str:
    return value if isinstance(value, str) else _as_json(value, indent=2)


def _as_json(value: Any, indent: int | None = None) -> str:
    return printable_json(value, indent=indent)


def _folded(summary: str, inner: str, *, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}>\n<summary>{shown(summary)}</summary>\n{inner}\n</details>\n"


def _short(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= 100 else f"{line[:99]}…"
