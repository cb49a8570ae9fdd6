"""A request's bytes as values: messages, documents, tools and options, checked as the API checks them.

Owns what is a valid request, and the message that says what is wrong and where. Refuses to interpret content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workbench.json_depth import is_deeper
from workbench.offline.protocol.readable import MAX_DEPTH, loads
from workbench.offline.protocol.rejection import Rejected, a_list, a_string, an_object, shown, wrong_type
from workbench.offline.protocol.request_options import RequestOptions, parse_options

Role = Literal["system", "user", "assistant", "tool"]
_ROLES: tuple[Role, ...] = ("system", "user", "assistant", "tool")
_PART_TYPES = ("text", "image_url", "document", "thinking")


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as sent: `id` None when it has none, `data` an object, or whatever else stood there."""

    id: str | None
    data: Any


@dataclass(frozen=True, slots=True)
class RequestedCall:
    """A tool call in an assistant message; `arguments` is its JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """`text` joins the text parts; `outputs` are the parts of a tool's result, texts and documents in order."""

    role: Role
    text: str = ""
    documents: tuple[RawDocument, ...] = ()
    outputs: tuple[RawDocument, ...] = ()
    images: int = 0
    calls: tuple[RequestedCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the caller offers; `parameters` is its JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A valid request. `documents` are those of the request and of its user messages, in that order."""

    model: str
    messages: tuple[RequestMessage, ...]
    documents: tuple[RawDocument, ...]
    tools: tuple[Tool, ...]
    options: RequestOptions


def parse(body: bytes) -> ChatRequest:
    """The request in `body`. Raises `Rejected` with status 400 or 422 and a message fit for its author."""
    data = json_object(body)
    model = data.get("model")
    if not model:
        raise Rejected(400, "invalid request: model is required")
    messages = _messages(data.get("messages"))
    tools = _tools(data.get("tools"))
    options = parse_options(data, has_tools=bool(tools))
    documents = _documents("documents", data.get("documents"))
    attached = tuple(document for message in messages for document in message.documents)
    return ChatRequest(a_string("model", model), messages, documents + attached, tools, options)


def json_object(body: bytes) -> dict[str, Any]:
    """The object that a body is. Raises `Rejected` with status 400."""
    try:
        data = loads(body.decode())
    except RecursionError:
        raise Rejected(400, "invalid request: the JSON is nested too deeply") from None
    except ValueError as error:
        raise Rejected(400, f"invalid request: the body is not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise Rejected(400, "invalid request: the body must be a JSON object")
    if is_deeper(data, MAX_DEPTH):
        raise Rejected(400, f"invalid request: the JSON is nested more than {MAX_DEPTH} levels deep")
    return data


# -- messages -----------------------------------------------------------------------------


def _messages(value: Any) -> tuple[RequestMessage, ...]:
    if value is None or value == []:
        raise Rejected(400, "invalid request: messages is required and must not be empty")
    messages: list[RequestMessage] = []
    known: set[str] = set()
    for index, item in enumerate(a_list("messages", value)):
        message = _message(f"messages[{index}]", item)
        if message.role == "tool" and message.tool_call_id not in known:
            raise Rejected(
                400,
                f"invalid request: messages[{index}].tool_call_id {shown(message.tool_call_id)} matches no tool call "
                "of an assistant message before it",
            )
        known.update(call.id for call in message.calls)
        messages.append(message)
    if messages[-1].role not in ("user", "tool"):
        raise Rejected(400, "invalid request: the last message must have the role user or tool")
    return tuple(messages)


def _message(where: str, value: Any) -> RequestMessage:
    item = an_object(where, value)
    role = item.get("role")
    if role not in _ROLES:
        raise Rejected(400, f"invalid request: {where}.role must be one of {', '.join(_ROLES)}, not {shown(role)}")
    texts, documents, outputs, images = _content(f"{where}.content", item.get("content"), role)
    text = "\n".join(texts)
    calls = _calls(f"{where}.tool_calls", item.get("tool_calls")) if role == "assistant" else ()
    if role == "user" and not text.strip() and not documents and not images:
        raise Rejected(400, f"invalid request: {where}.content must not be empty")
    call_id = a_string(f"{where}.tool_call_id", item.get("tool_call_id")) if role == "tool" else ""
    return RequestMessage(role, text, documents, outputs, images, calls, call_id)


def _content(
    where: str, value: Any, role: Role
) -> tuple[list[str], tuple[RawDocument, ...], tuple[RawDocument, ...], int]:
    """(texts, documents of a user, outputs of a tool, number of images)."""
    if value is None:
        if role in ("user", "system"):
            raise Rejected(400, f"invalid request: {where} is required")
        return [], (), (), 0
    if isinstance(value, str):
        return [value], (), ((RawDocument(None, value),) if role == "tool" else ()), 0
    if not isinstance(value, list):
        raise wrong_type(where, "a string or a list of content parts", value)
    texts: list[str] = []
    documents: list[RawDocument] = []
    outputs: list[RawDocument] = []
    images = 0
    for index, part in enumerate(value):
        place = f"{where}[{index}]"
        kind, content = _part(place, part)
        if kind == "text":
            texts.append(content)
            outputs.append(RawDocument(None, content))
        elif kind == "document":
            document = _document(f"{place}.document", content)
            documents.append(document)
            outputs.append(document)
        elif kind == "image_url":
            images += 1
    is_tool = role == "tool"
    return texts, () if is_tool else tuple(documents), tuple(outputs) if is_tool else (), images


def _part(where: str, value: Any) -> tuple[str, Any]:
    part = an_object(where, value)
    kind = part.get("type")
    if kind not in _PART_TYPES:
        raise Rejected(422, f"invalid request: {where}.type must be one of {', '.join(_PART_TYPES)}, not {shown(kind)}")
    if part.get(kind) is None:
        raise Rejected(400, f"invalid request: {where}.{kind} is required")
    content = part[kind]
    return kind, a_string(f"{where}.{kind}", content) if kind in ("text", "thinking") else content


def _calls(where: str, value: Any) -> tuple[RequestedCall, ...]:
    calls: list[RequestedCall] = []
    for index, item in enumerate(a_list(where, value or [])):
        place = f"{where}[{index}]"
        call = an_object(place, item)
        function = an_object(f"{place}.function", call.get("function"))
        calls.append(
            RequestedCall(
                a_string(f"{place}.id", call.get("id")),
                a_string(f"{place}.function.name", function.get("name")),
                a_string(f"{place}.function.arguments", function.get("arguments") or ""),
            )
        )
    return tuple(calls)


# -- documents and tools --------------------------------------------------------------------


def _documents(where: str, value: Any) -> tuple[RawDocument, ...]:
    items = a_list(where, value if value is not None else [])
    return tuple(_document(f"{where}[{index}]", item) for index, item in enumerate(items))


def _document(where: str, value: Any) -> RawDocument:
    if isinstance(value, str):
        return RawDocument(None, value)
    item = an_object(where, value)
    if item.get("data") is None:
        raise Rejected(400, f"invalid request: {where}.data is required")
    id = item.get("id")
    if id is None or id == "":
        return RawDocument(None, item["data"])
    return RawDocument(a_string(f"{where}.id", id), item["data"])


def _tools(value: Any) -> tuple[Tool, ...]:
    tools: list[Tool] = []
    for index, item in enumerate(a_list("tools", value if value is not None else [])):
        where = f"tools[{index}]"
        tool = an_object(where, item)
        if tool.get("type", "function") != "function":
            raise Rejected(422, f"invalid request: {where}.type must be 'function', not {shown(tool['type'])}")
        function = an_object(f"{where}.function", tool.get("function"))
        name = a_string(f"{where}.function.name", function.get("name"))
        if not name:
            raise Rejected(422, f"invalid request: {where}.function.name must not be empty")
        description = a_string(f"{where}.function.description", function.get("description") or "")
        parameters = an_object(f"{where}.function.parameters", function.get("parameters") or {})
        tools.append(Tool(name, description, parameters))
    return tuple(tools)
