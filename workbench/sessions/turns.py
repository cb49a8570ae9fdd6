"""The turns of a recording: which lines belong to which, where each goes on from, and what became of the conversation.

Owns the grouping, of turns that ran side by side too, whose lines alternate. Refuses to fold lines: `sessions.restore`
does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workbench.conversation.changes import MadeFrom
from workbench.conversation.tree import TreeMark
from workbench.errors import RecordingError
from workbench.recordings.exchanges import KINDS, usable, whole_requests, without_asides
from workbench.recordings.recording import RecordedLine, shortened
from workbench.sessions.marks import made_from_of, tree_mark_of

RAW_PROMPT: Final = "(the question is not in the recording)"


@dataclass(slots=True)
class TurnLines:
    """One turn: its `turn-start` line, unless the recording has no marks, then all until the next turn.

    `source` is what was asked, as the recording calls it, or "", and `base_url` the server's, or "" where none was.
    `parent` is the number of the turn that it goes on from, None for a first one. `made_from` tells of the turn that
    was asked again in it, and `base` has that one's lines, where steps of it are taken over.
    """

    number: int
    prompt: str
    began: float
    lines: list[RecordedLine] = field(default_factory=list)
    source: str = ""
    base_url: str = ""
    parent: int | None = None
    made_from: MadeFrom | None = None
    base: TurnLines | None = None

    @property
    def is_beside(self) -> bool:
        """Whether the conversation did not go on from it."""
        return self.made_from is not None and self.made_from.beside


@dataclass(frozen=True, slots=True)
class Dropped:
    """The conversation goes on without the turn of this number; without any turn so far when it is None."""

    turn: int | None


def turns_of(
    path: Path, lines: Iterable[RecordedLine], *, with_bases: bool = True
) -> Iterator[TurnLines | Dropped | TreeMark]:
    """The turns in `lines` of a recording, and what becomes of them, in the order in which they began.

    Without `with_bases` no turn has the lines of the one that it takes steps over from, and none are held for that.

    Raises RecordingError, which names file and line, once it has given what stands before. A recording of a client
    alone has no marks: there, a request that ends with a person's words begins a turn.
    """
    grouping = _Grouping(with_bases=with_bases)
    try:
        for line in without_asides(path, whole_requests(path, lines)):
            with usable(path, line):
                done = grouping.take(line)
            yield from done
    except RecordingError:
        yield from grouping.end()
        raise
    yield from grouping.end()


@dataclass(slots=True)
class _Open:
    """A turn that lines may still belong to; `is_over` once it has its end."""

    turn: TurnLines
    is_over: bool = False


class _Grouping:
    def __init__(self, *, with_bases: bool) -> None:
        self._with_bases = with_bases
        self._items: list[_Open | Dropped | TreeMark] = []  # in order; those before the first that goes on are given
        self._current: _Open | None = None  # whose the lines are that name no turn
        self._of_requests: dict[Any, _Open] = {}
        self._with_calls: dict[int, TurnLines] = {}  # of which steps may be taken over
        self._parents: dict[int, int | None] = {}
        self._end: int | None = None  # of the path
        self._count = 0
        self._marked = False
        self._source = self._base_url = ""

    def take(self, line: RecordedLine) -> list[TurnLines | Dropped | TreeMark]:
        """Take the next line; return what is complete with it."""
        fields = line.fields
        if line.kind in ("header", "resume"):
            self._source = shortened(str(fields.get("source", "")))
            self._base_url = str(fields.get("base_url", ""))
        match line.kind:
            case "turn-start":
                return self._marked_turn(line)
            case "clear":
                self._end = None
                return self._changed(Dropped(None))
            case "forget":
                return self._changed(self._forgotten(int(fields["turn"])))
            case "request" if not self._marked:
                prompt = question_of(fields["body"])
                if prompt is not None or self._current is None:
                    number = self._count + 1
                    done = self.end()
                    self._begin(TurnLines(number, RAW_PROMPT if prompt is None else prompt, line.t), line)
                    return done
        if (mark := tree_mark_of(line)) is not None:
            return self._changed(self._seen(mark))
        self._add(line)
        return self.end() if line.kind == "resume" else []

    def end(self) -> list[TurnLines | Dropped | TreeMark]:
        """All turns that are under way, if there are some, end here."""
        self._current = None
        for each in self._items:
            if isinstance(each, _Open):
                each.is_over = True
        return self._done()

    def _done(self) -> list[TurnLines | Dropped | TreeMark]:
        """What stands before the first turn that may have further lines."""
        done: list[TurnLines | Dropped | TreeMark] = []
        for each in self._items:
            if not isinstance(each, _Open):
                done.append(each)
            elif each.is_over:
                done.append(each.turn)
            else:
                break
        del self._items[: len(done)]
        return done

    def _add(self, line: RecordedLine) -> None:
        """Add a line to the turn that it names, or whose request it names, or else to the last that began."""
        fields = line.fields
        of_request = self._of_requests.get(fields.get("request")) if line.kind in KINDS else None
        number = fields.get("turn")
        named = next((each for each in self._open() if each.turn.number == number), None)
        whose = named or of_request or self._current
        if whose is None:
            return
        whose.turn.lines.append(line)
        match line.kind:
            case "request":
                self._of_requests[fields["request"]] = whose
            case "end":
                self._of_requests.pop(fields["request"], None)
            case "tool-start" if self._with_bases:
                self._with_calls[whose.turn.number] = whose.turn
            case "turn-end":
                whose.is_over = True

    def _open(self) -> Iterator[_Open]:
        return (each for each in reversed(self._items) if isinstance(each, _Open))

    def _changed(self, item: Dropped | TreeMark) -> list[TurnLines | Dropped | TreeMark]:
        """Something becomes of the conversation: what follows and names no turn is of none."""
        self._items.append(item)
        self._current = None
        return self._done()

    def _marked_turn(self, line: RecordedLine) -> list[TurnLines | Dropped | TreeMark]:
        fields = line.fields
        turn = TurnLines(int(fields["turn"]), str(fields["prompt"]), line.t, made_from=made_from_of(fields))
        # Turns of earlier versions, which name no parent, never ran side by side; nor do two of one number.
        alone = not self._marked or "parent" not in fields or any(e.turn.number == turn.number for e in self._open())
        self._marked = True
        done = self.end() if alone else self._done()
        parent = fields.get("parent", self._end)
        turn.parent = parent if parent is None or parent in self._parents else self._end
        if turn.made_from is not None and turn.made_from.step:
            turn.base = self._with_calls.get(turn.made_from.turn)
        self._begin(turn, line)
        return done

    def _begin(self, turn: TurnLines, line: RecordedLine) -> None:
        self._count += 1
        turn.lines.append(line)
        turn.source, turn.base_url = self._source, self._base_url
        self._current = _Open(turn)
        self._items.append(self._current)
        if line.kind == "request":
            self._of_requests[line.fields["request"]] = self._current
            turn.parent = self._end
        self._parents[turn.number] = turn.parent
        if not turn.is_beside:
            self._end = turn.number

    def _forgotten(self, number: int) -> Dropped:
        if self._end == number:
            self._end = self._parents.get(number)
        return Dropped(number)

    def _seen(self, mark: TreeMark) -> TreeMark:
        if mark.change == "go-to":
            self._end = mark.turn
        return mark


def question_of(body: Any) -> str | None:
    """What a person asks in a request, None when it goes on with tool results or cannot be told."""
    messages = body.get("messages") if isinstance(body, Mapping) else None
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, Mapping) or last.get("role") != "user":
        return None
    content = last.get("content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(str(block["text"]) for block in blocks if isinstance(block, Mapping) and "text" in block)
