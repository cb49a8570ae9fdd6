"""The tool calls of one step: chosen tools with arguments, without those that the turn has made already.

Owns when to call, when to wait for another tool's result, and the ids. Refuses to score or to read values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.documents.search_tool import NAMES
from workbench.offline.calls.choosing import Choice, choose, search_tool
from workbench.offline.calls.drawing import Arguments, draw
from workbench.offline.protocol.chat_request import ChatRequest, RequestedCall
from workbench.offline.protocol.draft import DraftCall
from workbench.offline.protocol.readable import line
from workbench.offline.small_talk import talk_of

_MOST = 4
_DOCUMENTS_ANSWER = 0.6  # coverage from which documents can do without a tool
_LESS_THAN_DOCUMENTS = 0.62  # of their coverage; a tool that fits less leaves the answer to them
_SURE = 0.6  # score from which a tool is called although a required argument is a guess
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_ID_LENGTH = 12
_SHOWN = 80
_QUERY = 1000  # code points of a question by which documents are searched


@dataclass(frozen=True, slots=True)
class Lacking:
    """A tool that fits, and which of its arguments the question does not say."""

    tool: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """The calls to make now; none when the question is to be answered, or the person asked for what is `lacking`."""

    calls: tuple[DraftCall, ...] = ()
    lacking: Lacking | None = None


def next_calls(
    request: ChatRequest,
    question: str,
    earlier: str,
    *,
    asked_for: str,
    made: Sequence[RequestedCall],
    known: Mapping[str, Any],
    documents_meet: float,
    seed: str,
) -> Next:
    """The calls to make now.

    `asked_for` is the tool whose arguments the answer before asked for, "" for none: the question may give them. `made`
    are the calls of this turn so far and `known` the values of their results. `documents_meet` is how much of the
    question the documents meet, 0 to 1. `seed` makes the ids.
    """
    forced = request.options.tool_choice == "REQUIRED" and not made
    if request.options.tool_choice == "NONE" or (talk_of(question) and not forced):
        return Next()
    alone = choose(question, "", request.tools, forced=False)
    is_told = not alone and not question.rstrip().endswith(("?", "？"))  # what somebody asks back is no answer
    completed = next((each for each in request.tools if each.name == asked_for), None) if is_told else None
    if completed is not None:
        choices: Sequence[Choice] = (Choice(completed, question, 1.0),)
    else:
        choices = _choices(request, question, earlier, documents_meet, forced=forced)
    # What was said before belongs to this question only where the question is no whole one without it.
    before = "" if alone else earlier
    done = {call.name for call in made}
    drawn = [
        (choice, arguments)
        for choice in choices
        if choice.tool.name not in done
        for arguments in _drawn(choice, _texts(choice, choices, question, before), known)
    ]
    ready = [(choice, one) for choice, one in drawn if not one.missing and (not one.is_guess or _is_sure(choice))]
    if made:
        ready = [(choice, one) for choice, one in ready if not one.is_guess]
    elif not ready:
        ready = drawn[:1] if forced else []
    texts = [(choice.tool.name, _json(one.values)) for choice, one in ready]
    unique = list(dict.fromkeys(texts))[:_MOST]
    calls = tuple(DraftCall(_id(seed, place, name), name, text) for place, (name, text) in enumerate(unique))
    lacking = next(
        (Lacking(each.tool.name, one.missing) for each, one in drawn if one.missing and _is_sure(each)), None
    )
    return Next(calls, None if calls or made else lacking)


def plan(calls: Sequence[DraftCall]) -> str:
    """What the calls are for, in one sentence."""
    return f"I will {' and '.join(_step(call) for call in calls)}."


def _texts(choice: Choice, choices: Sequence[Choice], question: str, earlier: str) -> tuple[str, ...]:
    """What the arguments of a choice are read from: not from the part of the question that is another one's."""
    return (choice.text, earlier) if len(choices) > 1 else (choice.text, question, earlier)


def _drawn(choice: Choice, texts: Sequence[str], known: Mapping[str, Any]) -> Sequence[Arguments]:
    """The arguments of a choice. Documents are searched by the question as it is: it may be more than words."""
    if choice.tool.name in NAMES:
        return [Arguments({"query": texts[0][:_QUERY]}, is_guess=False)]
    return draw(choice.tool, texts, known)


def _is_sure(choice: Choice) -> bool:
    return choice.score >= _SURE


def _choices(
    request: ChatRequest, question: str, earlier: str, documents_meet: float, *, forced: bool
) -> Sequence[Choice]:
    choices = choose(question, earlier, request.tools, forced=forced)
    best = max((choice.score for choice in choices), default=0.0)
    if choices and (forced or documents_meet < _DOCUMENTS_ANSWER or best >= documents_meet * _LESS_THAN_DOCUMENTS):
        return choices
    general = search_tool(request.tools)
    enough = _DOCUMENTS_ANSWER if general is not None and general.name in NAMES else 0.0
    if general is None or documents_meet > enough or not question.strip():
        return ()
    return (Choice(general, question, 0.0),)


def _step(call: DraftCall) -> str:
    words = line(json.loads(call.arguments))
    if not words:
        return f"call `{call.name}`"
    shown = words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1].rstrip()}…"
    return f"look up {shown} with `{call.name}`"


def _json(arguments: Mapping[str, Any]) -> str:
    return json.dumps(arguments, ensure_ascii=False)


def _id(seed: str, place: int, name: str) -> str:
    digest = hashlib.sha256(f"{seed}/{place}/{name}".encode()).digest()
    return f"{name}_{''.join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:_ID_LENGTH])}"
