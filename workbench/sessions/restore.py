"""A recorded turn, back as it was: its lines through the same wire and fold as when they came.

Owns the order of events in a restored turn and how one ends whose program did. Refuses to ask anything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from workbench.conversation.given import fold_given
from workbench.conversation.masking import EventMask
from workbench.conversation.tree import Tree, TreeMark
from workbench.conversation.turn import Status, Turn
from workbench.documents.choices import NOTHING_CHOSEN
from workbench.errors import StreamFailed, TreeError
from workbench.events import (
    Event,
    PersonAnswered,
    PersonAsked,
    Request,
    ToolResult,
    ToolStarted,
    TurnEnd,
    TurnStart,
)
from workbench.recordings.exchanges import frames_bytes, usable
from workbench.recordings.recording import Reading, RecordedLine
from workbench.secrets.redactor import Redactor
from workbench.sessions.bodies import Body, body_of
from workbench.sessions.marks import (
    beyond_of,
    choices_off,
    error_of,
    person_answered_of,
    person_asked_of,
    ranks_of,
    retrieved_of,
    retry_of,
    seconds_of,
    settings_of,
    sources_of,
    status_of,
    tool_progress_of,
    tool_result_of,
    tool_started_of,
    tools_off_of,
)
from workbench.sessions.retrieval_mark import retrieval_of
from workbench.sessions.turn_ending import BROKEN_OFF
from workbench.sessions.turns import TurnLines, turns_of
from workbench.wire.decoder import decode
from workbench.wire.frames import Frame
from workbench.wire.text_runs import TextRun, frames_of_run


@dataclass(frozen=True, slots=True)
class Restored:
    """A turn that is over."""

    turn: Turn

    @property
    def events(self) -> Sequence[Event]:
        """The events that made it, `TurnEnd` last."""
        return self.turn.events


class RestoredConversation(NamedTuple):
    """A conversation as a session left it: the turns of the path that it ended on, and the highest number that a turn
    ever had. `tree` has the turns of all branches."""

    path: list[Restored]
    last: int
    tree: Tree


def restored(
    recorded: TurnLines,
    path: Path,
    *,
    events: bool = True,
    redactor: Redactor | None = None,
    known: Mapping[int, Turn] | None = None,
) -> Restored:
    """The turn of these lines of `path`. One that did not end there is incomplete, with what had come.

    Without `events` it keeps none, which takes half the time: what was said is in its steps. `redactor` takes out keys
    that are spelled over several events; those in one line are no longer there. Of `known` turns, by number, is taken
    what this one takes over, where it is there. Raises RecordingError, which names file and line.
    """
    with usable(path, recorded.lines[0]):
        base = _base(recorded, path, redactor, known or {})
        try:
            restoring = _Restoring(recorded, events=events, mask=EventMask(redactor) if redactor else None, base=base)
        except TreeError as error:  # of what it takes over
            raise ValueError(str(error)) from error
    for line in recorded.lines:
        with usable(path, line):
            restoring.take(line)
    with usable(path, recorded.lines[-1]):
        return restoring.finish()


def _base(recorded: TurnLines, path: Path, redactor: Redactor | None, known: Mapping[int, Turn]) -> Turn | None:
    """The turn of which steps are taken over, if some are."""
    made = recorded.made_from
    if made is None or not made.step:
        return None
    if made.turn in known:
        return known[made.turn]
    if recorded.base is None:
        raise LookupError(f"turn {made.turn}, from which it goes on, is not here")
    return restored(recorded.base, path, redactor=redactor).turn


def conversation(path: Path, lines: Iterable[RecordedLine]) -> RestoredConversation:
    """What a conversation consists of at the end of `lines`: turns of all branches, since it last began anew.

    Raises RecordingError, which names file and line.
    """
    tree, last = Tree(), 0
    known: dict[int, Turn] = {}
    for each in turns_of(path, lines, with_bases=False):
        if isinstance(each, TurnLines):
            turn = known[each.number] = restored(each, path, known=known).turn
            tree.add(turn, moves=not each.is_beside)
            last = max(last, each.number)
        elif isinstance(each, TreeMark):
            _change(tree, each)
        elif each.turn is None:
            tree = Tree()
        elif each.turn in tree:
            tree.remove(each.turn)
    return RestoredConversation([Restored(turn) for turn in tree.path], last, tree)


def _change(tree: Tree, mark: TreeMark) -> None:
    """Change the tree; a mark of a turn that is not there, as when the conversation began anew, changes nothing."""
    if mark.turn is None or mark.turn in tree:
        tree.take(mark)


def every_turn(path: Path, redactor: Redactor) -> Iterator[tuple[TurnLines, Turn]]:
    """All turns that were ever asked in a recording, those included that the conversation went on without.

    They are without the keys of `redactor`. Raises RecordingError, which names file and line.
    """
    for each in _turn_lines(path, redactor):
        yield each, restored(each, path, redactor=redactor).turn


def recorded_turn(path: Path, number: int | None, redactor: Redactor) -> tuple[Turn | None, list[int]]:
    """The turn of this number, or the last one; None when there is none. And the numbers of those that there are.

    Raises as `every_turn`.
    """
    numbers: list[int] = []
    wanted = None
    for each in _turn_lines(path, redactor):
        numbers.append(each.number)
        wanted = each if number in (None, each.number) else wanted
    return (None if wanted is None else restored(wanted, path, redactor=redactor).turn), numbers


def _turn_lines(path: Path, redactor: Redactor) -> Iterator[TurnLines]:
    lines = (replace(line, fields=redactor.value(line.fields)) for line in Reading(path))
    return (each for each in turns_of(path, lines) if isinstance(each, TurnLines))


class _Restoring:
    def __init__(self, recorded: TurnLines, *, events: bool, mask: EventMask | None, base: Turn | None) -> None:
        self._mask = mask
        self._turn = Turn(recorded.number, recorded.prompt, parent=recorded.parent, made_from=recorded.made_from)
        self._turn.settings = settings_of(recorded.lines[0].fields)
        self._turn.tools_off = tools_off_of(recorded.lines[0].fields)
        self._turn.choices = choices_off(recorded.lines[0].fields)
        self._events = events
        self._marked = recorded.lines[0].kind == "turn-start"
        self._began = recorded.began
        self._keep([TurnStart(turn=recorded.number, prompt=recorded.prompt)])
        if base is not None:
            for event in fold_given(self._turn, base):
                self._keep([event])
        self._sources: Any = ()
        self._beyond: Any = ()
        self._step: int | None = None  # a step whose request is still to come,
        self._step_began = 0.0  # and since when
        self._bodies: dict[Any, Body] = {}
        self._together: dict[Any, list[bytes]] = {}  # what came of them, where no events are kept
        self._running: dict[tuple[int, int], ToolStarted] = {}
        self._since: dict[tuple[int, int], float] = {}  # when a person had decided about a call
        self._asked: PersonAsked | None = None  # what a person was asked and had not answered
        self._t = 0.0
        self._ended = False

    def take(self, line: RecordedLine) -> None:
        if self._ended:
            return
        self._t = max(0.0, round(line.t - self._began, 6))
        match line.kind:
            case "sources":
                self._sources, self._beyond = sources_of(line.fields), beyond_of(line.fields)
            case "step":
                self._begin_step()
                self._step, self._step_began = int(line.fields["step"]), self._t
            case "request":
                self._request(line.fields["body"])
            case "response":
                if (body := body_of(line.fields["status"], line.fields["headers"])) is not None:
                    self._bodies[line.fields["request"]] = body
            case "frames":
                self._frames(line)
            case "end":
                self._close(line.fields["request"])
            case "retrieval":
                self._apply(retrieval_of(line.fields, self._t))
            case "retry":
                self._apply(retry_of(line.fields, self._t))
            case "turn-end":
                self._end(line.fields)
            case _:
                self._of_a_call(line)

    def _of_a_call(self, line: RecordedLine) -> None:
        match line.kind:
            case "tool-start":
                started = tool_started_of(line.fields, self._t)
                self._running[started.step, started.call] = started
                self._apply(started)
            case "tool-progress":
                self._apply(tool_progress_of(line.fields, self._t))
            case "person-asked":
                self._asked = person_asked_of(line.fields, self._t)
                self._apply(self._asked)
            case "person-answered":
                self._answered(person_answered_of(line.fields, self._t))
            case "tool-result":
                result = tool_result_of(line.fields, self._t)
                self._running.pop((result.step, result.call), None)
                self._apply(result)

    def finish(self) -> Restored:
        if not self._ended:
            self._break_off()
        return Restored(self._turn)

    # -- steps -------------------------------------------------------------------------------------

    def _begin_step(self, body: Mapping[str, Any] | None = None) -> None:
        """Begin the step that was announced, with its request's body as far as one was sent."""
        if self._step is None:
            return
        number, self._step = self._step, None
        found = list(retrieved_of(self._sources, body or {}))
        for each, rank in zip(found, ranks_of(self._sources), strict=True):
            self._turn.ledger.sent(
                each.passage, each.score, rank, pinned=each.pinned, spans=each.spans, matched=each.matched
            )
        for each, rank in zip(retrieved_of(self._beyond, {}), ranks_of(self._beyond), strict=True):
            self._turn.ledger.found(each.passage, each.score, rank, matched=each.matched)
        if pinned := tuple(each.passage for each in found if each.pinned):
            self._turn.choices = replace(self._turn.choices or NOTHING_CHOSEN, pinned=pinned)
        self._sources = self._beyond = ()
        self._apply(Request(t=self._step_began, step=number, body=body or {}))

    def _request(self, body: Any) -> None:
        """A request without a step of its own is a further try of the last one, where steps are marked."""
        if not self._marked:
            self._step, self._step_began = len(self._turn.steps) + 1, self._t
        plain = {name: value for name, value in body.items() if name != "stream"} if isinstance(body, Mapping) else {}
        self._begin_step(plain)

    def _frames(self, line: RecordedLine) -> None:
        request = line.fields["request"]
        if (body := self._bodies.get(request)) is None:
            return
        if self._events:
            self._take_frames(body.feed_in_runs(frames_bytes(line)))
        else:  # when each came does not matter then
            self._together.setdefault(request, []).append(frames_bytes(line))

    def _close(self, request: Any) -> None:
        if (body := self._bodies.pop(request, None)) is not None:
            self._take_frames(body.feed_in_runs(b"".join(self._together.pop(request, ()))))
            self._take_frames(body.close())
            self._keep(self._turn.settle(self._t))

    def _take_frames(self, frames: Iterable[Frame | TextRun]) -> None:
        """Fold what came together."""
        for each in frames:
            if not isinstance(each, TextRun):
                self._apply(decode(each, self._t, len(self._turn.steps)))
            elif self._mask is not None:
                self._take_frames(frames_of_run(each.frames))
            elif self._events:
                self._turn.take_run(each, self._t)
            else:
                self._turn.fold_run(each, self._t)

    def _apply(self, event: Event) -> None:
        for each in (event,) if self._mask is None else self._mask.events(event):
            self._keep((each, *self._turn.apply(each)))

    def _keep(self, events: Iterable[Event]) -> None:
        if self._events:
            for each in events:
                self._turn.keep(each)

    def _answered(self, event: PersonAnswered) -> None:
        self._asked = None
        if event.id:
            self._since[event.step, event.call] = event.t
        self._apply(event)

    # -- the end -----------------------------------------------------------------------------------

    def _end(self, fields: Mapping[str, Any]) -> None:
        status = status_of(fields)
        self._turn.error = error_of(fields.get("error"))
        self._t = seconds_of(fields)
        self._finish(status)

    def _break_off(self) -> None:
        self._turn.error = StreamFailed(BROKEN_OFF)
        self._finish("incomplete")

    def _finish(self, status: Status) -> None:
        self._ended = True
        for request in list(self._bodies):
            self._close(request)
        for event in () if self._mask is None else self._mask.rest():
            self._keep((event, *self._turn.apply(event)))
        self._begin_step()
        if self._asked is not None:
            self._answered(_unanswered(self._asked, self._t))
        for place, call in self._running.items():
            self._apply(_unfinished(call, self._since.get(place, call.t), self._t))
        self._turn.status = status
        self._turn.seconds = self._t
        step = max(1, len(self._turn.steps))
        if self._events:
            self._turn.keep(TurnEnd(t=self._t, step=step, status=status, summary=self._turn.summary()))


def _unanswered(asked: PersonAsked, t: float) -> PersonAnswered:
    seconds = max(0.0, t - asked.t)
    return PersonAnswered(t=t, step=asked.step, id=asked.id, name=asked.name, call=asked.call, seconds=seconds)


def _unfinished(call: ToolStarted, began: float, t: float) -> ToolResult:
    return ToolResult(
        t=t,
        step=call.step,
        id=call.id,
        name=call.name,
        arguments=call.arguments,
        error="the program ended while this ran",
        error_kind="cancelled",
        seconds=max(0.0, t - began),
        call=call.call,
    )
