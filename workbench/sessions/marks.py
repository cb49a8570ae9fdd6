"""What a recording holds beside requests and responses: turns, steps, sources and tool calls, as lines.

Owns the fields of these kinds, in both directions. Refuses to repeat what requests and frames say already.

    turn-start   {"turn": n, "prompt": text, "parent": n or null, "from": {"turn": n, ...}, "settings": {name: value},
                  "tools_off": [name, ...], "documents_off": {"sets": [name, ...], "documents": [[set, name], ...],
                  "passages": [id, ...]}}
    retrieval    {"turn": n, "seconds": s, "sets": [{"set", "mode", "used", ...}, ...], "query": text, "notes": [text],
                  "rewrite": {"model", "text", "seconds", "usage", "error"} where a model wrote what was searched for}
    step         {"turn": n, "step": n}                     the requests that follow belong to it
    sources      {"turn": n, "sources": [{"id", "title", "path", "lines", "score", "rank", "set", "pinned", "spans",
                   "matched"}, ...]}  as sent; "beyond" has those that were found and not sent, without their texts
    retry        {"turn": n, "step": n, "attempt": n, "most": n, "wait": s, "error": {"kind", "status", "message"}}
    tool-start   {"turn": n, "step": n, "call": n, "id": text, "name": text, "arguments": any JSON}
    tool-progress  as person-asked, with what there is of "text", "done", "total" and "level"
    person-asked {"turn": n, "step": n, "call": n, "id": text, "name": text}    a person is asked about the call
    person-answered  as person-asked, with "seconds"
    tool-result  as tool-start, with "seconds", "result" or "error" and "error_kind", "output" when there was some,
                 and "faults" of arguments that did not fit: [{"pointer", "reason"}, ...];
                 "of_documents", true, when the result has passages of documents
    turn-end     {"turn": n, "status": text, "error": null or {"kind", "status", "message"}, "seconds": s}
    forget       {"turn": n}                                the turn is no part of the conversation any more
    clear        {}                                         no turn so far is
    go-to        {"turn": n or null}                        the conversation is the branch that ends there
    name-branch  {"turn": n, "text": text}                  that branch is called so
    prune        {"turn": n}                                the turn and what follows it is hidden
    unprune      {"turn": n}                                and shown again
    resume       {"source": text, "model": text}                           the program was started again

A session's `header` and `resume` have "docs" and "tools", lists of paths, and "config", a path, where there are some.

A turn goes on from its `parent`, null for a first one. Without that, in files of earlier versions, it is the turn that
the conversation ended with. A turn that was asked again says `from` which one, and what it has otherwise: "sets" and
"tools", lists of names, where they were chosen; "beside", true, when the conversation did not go on from it; and where
calls were edited the "step" of theirs, up to which all is as in that turn, with "arguments" and "results" by the ids of
calls. Lines of turns that ran side by side may alternate: each names its turn, or a request of it.

`settings` has those that were not their default, `tools_off` the tools that were switched off, where some were, and
`documents_off` what of the documents was. `call` counts the calls of a step from 0. The text of a source is in the
request's `documents`, or in its "text"; `spans` are [start, end, score] of that text, and `matched` the words of the
question that it was found by, where it has some.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from workbench.conversation.changes import MadeFrom
from workbench.conversation.summary import error_json
from workbench.conversation.tree import CHANGES, TreeMark
from workbench.conversation.turn import Status, Turn
from workbench.documents.choices import Choices, choices_of
from workbench.documents.ledger import LedgerEntry
from workbench.documents.passages import Passage
from workbench.errors import (
    AnswerLimit,
    ChatError,
    ConnectionFailed,
    DocumentsAway,
    HttpError,
    NotAStream,
    NoTools,
    StepLimit,
    StreamFailed,
    StreamTimeout,
    TokenLimit,
    TurnStopped,
    TurnTimeout,
    WorkbenchError,
)
from workbench.events import (
    Event,
    PersonAnswered,
    PersonAsked,
    Request,
    Retrieval,
    Retry,
    ToolProgress,
    ToolResult,
    ToolStarted,
    TurnEnd,
    TurnStart,
)
from workbench.recordings.recording import RecordedLine, finite
from workbench.sessions.retrieval_mark import retrieval_fields

if TYPE_CHECKING:
    from workbench.documents.retrieval import Retrieved

Mark = tuple[str, Mapping[str, Any]]

STATUSES: Final = frozenset(get_args(Status)) - {"running"}
_CHOSEN: Final = ("sets", "tools")
_OF_CHAT: Final = {
    kind.kind: kind for kind in (ChatError, NotAStream, StreamTimeout, StreamFailed)
}  # fmt: skip
_OF_RETRY: Final = ("step", "attempt", "most", "wait", "error")
_OF_TURN: Final = {kind.kind: kind for kind in (TurnStopped, StepLimit, TokenLimit, AnswerLimit, NoTools)}


def marks(turn: Turn, event: Event) -> list[Mark]:
    """The lines of one event of `turn`, which has folded it; none for what frames say."""
    number = {"turn": turn.number}
    match event:
        case TurnStart():
            asked = {**_from(turn.made_from), **_settings(turn)}
            return [("turn-start", {**number, "prompt": event.prompt, "parent": turn.parent, **asked})]
        case Retrieval():
            return [("retrieval", {**number, **retrieval_fields(event)})]
        case Request():
            return [*_sources(turn, event), ("step", {**number, "step": event.step})]
        case Retry():
            return [("retry", {**number, **{name: getattr(event, name) for name in _OF_RETRY}})]
        case ToolStarted():
            return [("tool-start", {**number, **_call(event)})]
        case ToolProgress():
            return [("tool-progress", {**number, **_about(event), **_told(event)})]
        case PersonAsked():
            return [("person-asked", {**number, **_about(event)})]
        case PersonAnswered():
            return [("person-answered", {**number, **_about(event), "seconds": event.seconds})]
        case ToolResult(error=None):
            found = {"of_documents": True} if event.of_documents else {}
            return [("tool-result", {**number, **_ended_call(event), "result": event.result, **found})]
        case ToolResult():
            failure: dict[str, Any] = {"error": event.error, "error_kind": event.error_kind}
            failure |= {"faults": list(event.faults)} if event.faults else {}
            return [("tool-result", {**number, **_ended_call(event), **failure})]
        case TurnEnd():
            end = {"status": event.status, "error": error_json(turn.error), "seconds": event.t}
            return [("turn-end", {**number, **end})]
    return []


def _settings(turn: Turn) -> dict[str, Any]:
    settings = {} if turn.settings is None else {"settings": turn.settings}
    tools = {"tools_off": sorted(turn.tools_off)} if turn.tools_off else {}
    chosen = turn.choices.as_json() if turn.choices is not None else {}
    return {**settings, **tools, **({"documents_off": chosen} if chosen else {})}


def settings_of(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a `turn-start` line says that the turn was asked with; None where it does not say it."""
    settings = fields.get("settings")
    return settings if isinstance(settings, Mapping) else None


def tools_off_of(fields: Mapping[str, Any]) -> frozenset[str]:
    """The tools that a `turn-start` line says were switched off."""
    names = fields.get("tools_off")
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()


def choices_off(fields: Mapping[str, Any]) -> Choices | None:
    """What of the documents a `turn-start` line says was switched off; None where nothing was."""
    return choices_of(fields.get("documents_off")) or None


def _from(made: MadeFrom | None) -> dict[str, Any]:
    if made is None:
        return {}
    fields: dict[str, Any] = {"turn": made.turn}
    if made.step:
        fields |= {"step": made.step, "arguments": made.arguments, "results": made.results}
    fields |= {name: sorted(names) for name in _CHOSEN if (names := getattr(made, name)) is not None}
    return {"from": {**fields, "beside": True} if made.beside else fields}


def tree_line(mark: TreeMark) -> Mark:
    """The line of a change of the tree."""
    return mark.change, {"turn": mark.turn, **({"text": mark.text} if mark.change == "name-branch" else {})}


def _told(event: ToolProgress) -> dict[str, Any]:
    told = {name: getattr(event, name) for name in ("text", "done", "total", "level")}
    return {name: value for name, value in told.items() if value not in ("", None)}


def _about(event: ToolStarted | ToolProgress | ToolResult | PersonAsked | PersonAnswered) -> dict[str, Any]:
    """Which call an event is about."""
    return {name: getattr(event, name) for name in ("step", "call", "id", "name")}


def _call(event: ToolStarted | ToolResult) -> dict[str, Any]:
    return {**_about(event), "arguments": event.arguments}


def _ended_call(event: ToolResult) -> dict[str, Any]:
    output = {"output": event.output} if event.output else {}
    return {**_call(event), "seconds": event.seconds, **output}


def _sources(turn: Turn, event: Request) -> list[Mark]:
    """Once in a turn, since every step sends the same."""
    entries = [entry for entry in turn.ledger.entries() if entry.kind == "document"] if event.step == 1 else []
    if not entries:
        return []
    texts = document_texts(event.body)
    fields: dict[str, Any] = {"sources": [_source(entry, texts) for entry in entries if entry.sent]}
    if beyond := [_found(entry) for entry in entries if not entry.sent]:
        fields["beyond"] = beyond
    return [("sources", {"turn": turn.number, **fields})]


def _source(entry: LedgerEntry, texts: Mapping[str, str]) -> dict[str, Any]:
    fields = _found(entry)
    if entry.pinned:
        fields["pinned"] = True
    if entry.spans:
        fields["spans"] = [list(span) for span in entry.spans]
    if texts.get(entry.id) != entry.text:
        fields["text"] = entry.text
    return fields


def _found(entry: LedgerEntry) -> dict[str, Any]:
    """Where a passage is from, and why it was found."""
    fields: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "path": entry.path,
        "lines": entry.lines,
        "score": entry.score,
    }
    if entry.rank is not None:
        fields["rank"] = entry.rank
    if entry.set:
        fields["set"] = entry.set
    if entry.matched:
        fields["matched"] = list(entry.matched)
    return fields


def document_texts(body: Mapping[str, Any]) -> dict[str, str]:
    """The text of each document of a request, by id."""
    texts = {}
    for document in body.get("documents") or ():
        data = document.get("data") if isinstance(document, Mapping) else None
        if isinstance(data, Mapping) and isinstance(data.get("text"), str):
            texts[str(document.get("id"))] = data["text"]
    return texts


# -- reading ---------------------------------------------------------------------------------------


def made_from_of(fields: Mapping[str, Any]) -> MadeFrom | None:
    """What a `turn-start` line says of the turn that was asked again in this one; None for a turn of its own."""
    made = fields.get("from")
    if made is None:
        return None
    sets, tools = (None if made.get(name) is None else frozenset(map(str, made[name])) for name in _CHOSEN)
    arguments, results = dict(made.get("arguments") or {}), dict(made.get("results") or {})
    step, beside = int(made.get("step", 0)), made.get("beside") is True
    return MadeFrom(int(made["turn"]), step, arguments, results, sets, tools, beside)


def tree_mark_of(line: RecordedLine) -> TreeMark | None:
    """The change of the tree that a line tells; None for a line of another kind."""
    change = next((each for each in CHANGES if each == line.kind), None)
    if change is None:
        return None
    number = line.fields["turn"]
    return TreeMark(
        change, None if number is None and change == "go-to" else int(number), str(line.fields.get("text", ""))
    )


def retrieved_of(sources: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> Iterator[Retrieved]:
    """The passages of a `sources` line as they were sent in the request `body`, and why each was."""
    from workbench.documents.retrieval import Retrieved  # what searches is no part of writing

    documents: dict[str, Mapping[str, Any]] = {}
    for document in body.get("documents") or () if sources else ():
        if isinstance(id := document.get("id"), str):
            documents.setdefault(id, document)
    texts = document_texts(body) if sources else {}
    for source in sources:
        id = str(source["id"])
        data = documents[id]["data"] if id in documents else {}
        score = source.get("score")
        yield Retrieved(
            _passage(id, source, data, texts.get(id, "")),
            None if score is None else float(score),
            tuple((int(start), int(end), float(much)) for start, end, much in source.get("spans") or ()),
            tuple(map(str, source.get("matched") or ())),
            pinned=source.get("pinned") is True,
            is_found=source.get("pinned") is not True or source.get("rank") is not None,
        )


def _passage(id: str, source: Mapping[str, Any], data: Mapping[str, Any], sent: str) -> Passage:
    text = str(source.get("text", sent))
    lines = source.get("lines")
    place = (int(lines[0]), int(lines[1])) if lines else None
    path = source.get("path")
    return Passage(
        id, str(source.get("set", "")), str(source["title"]), text, data, None if path is None else str(path), place
    )


def ranks_of(sources: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """The rank of each passage of a `sources` line, where it was retrieved and a rank was kept."""
    ranks = (source.get("rank") for source in sources)
    return [None if rank is None else int(rank) for rank in ranks]


def sources_of(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The sources of a `sources` line, each an object."""
    return _objects("sources", fields["sources"])


def beyond_of(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a `sources` line says that was found and not sent, each an object; nothing in files of earlier versions."""
    return _objects("beyond", fields.get("beyond", []))


def _objects(name: str, value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise TypeError(f"'{name}' must be a list of objects")
    return value


def status_of(fields: Mapping[str, Any]) -> Status:
    """The status of a `turn-end` line."""
    status = fields["status"]
    if status not in STATUSES:
        raise ValueError(f"status {status!r} is none of {', '.join(sorted(STATUSES))}")
    return cast(Status, status)


def retry_of(fields: Mapping[str, Any], t: float) -> Retry:
    """The event of a `retry` line, `t` seconds into the turn."""
    error = fields["error"]
    return Retry(
        t=t,
        step=int(fields["step"]),
        attempt=int(fields["attempt"]),
        most=int(fields["most"]),
        wait=_seconds(fields["wait"]),
        error={"kind": str(error["kind"]), "status": error.get("status"), "message": str(error["message"])},
    )


def tool_started_of(fields: Mapping[str, Any], t: float) -> ToolStarted:
    """The event of a `tool-start` line, `t` seconds into the turn."""
    return ToolStarted(t=t, **_read_call(fields))


def tool_progress_of(fields: Mapping[str, Any], t: float) -> ToolProgress:
    """The event of a `tool-progress` line, `t` seconds into the turn."""
    return ToolProgress(
        t=t,
        **_read_about(fields),
        text=str(fields.get("text", "")),
        done=finite(fields.get("done")),
        total=finite(fields.get("total")),
        level=str(fields.get("level", "")),
    )


def person_asked_of(fields: Mapping[str, Any], t: float) -> PersonAsked:
    """The event of a `person-asked` line, `t` seconds into the turn."""
    return PersonAsked(t=t, **_read_about(fields))


def person_answered_of(fields: Mapping[str, Any], t: float) -> PersonAnswered:
    """The event of a `person-answered` line, `t` seconds into the turn."""
    return PersonAnswered(t=t, **_read_about(fields), seconds=seconds_of(fields))


def tool_result_of(fields: Mapping[str, Any], t: float) -> ToolResult:
    """The event of a `tool-result` line."""
    error = fields.get("error")
    return ToolResult(
        t=t,
        **_read_call(fields),
        seconds=seconds_of(fields),
        result=fields.get("result"),
        error=None if error is None else str(error),
        error_kind=str(fields.get("error_kind", "")),
        output=str(fields.get("output", "")),
        faults=tuple(_faults(fields.get("faults"))),
        of_documents=fields.get("of_documents") is True,
    )


def _faults(value: Any) -> Iterator[Mapping[str, str]]:
    """Faults as they are kept; what is none is left out."""
    for each in value if isinstance(value, list) else ():
        if isinstance(each, Mapping):
            yield {name: str(each.get(name, "")) for name in ("pointer", "reason")}


def _seconds(value: Any) -> float:
    seconds = finite(value)
    if seconds is None:
        raise ValueError("a number of seconds was expected")
    return max(0.0, seconds)


def _read_about(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "step": int(fields["step"]),
        "call": int(fields["call"]),
        "id": str(fields["id"]),
        "name": str(fields["name"]),
    }


def _read_call(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**_read_about(fields), "arguments": fields.get("arguments")}


def seconds_of(fields: Mapping[str, Any]) -> float:
    """The seconds of a `turn-end`, `tool-result` or `person-answered` line."""
    return _seconds(fields["seconds"])


def error_of(entry: Mapping[str, Any] | None) -> WorkbenchError | None:
    """The error that `error_json` wrote."""
    if entry is None:
        return None
    kind, message, status = str(entry["kind"]), str(entry["message"]), entry.get("status")
    limit = str(entry.get("limit", ""))
    if status is not None and not isinstance(status, int):
        raise TypeError("'status' of an error must be a whole number")
    if kind == HttpError.kind:
        return HttpError(message, status=status, body=entry.get("body"))
    if kind == ConnectionFailed.kind:
        return ConnectionFailed(message)
    if kind == TurnTimeout.kind and limit == TurnTimeout.limit:
        return TurnTimeout(message, status=status, body=entry.get("body"))
    if kind == DocumentsAway.kind:
        return DocumentsAway(message)
    if kind in _OF_CHAT:
        return _OF_CHAT[kind](message, status=status, body=entry.get("body"))
    return _OF_TURN[kind](message, limit=limit) if kind in _OF_TURN else WorkbenchError(message)
