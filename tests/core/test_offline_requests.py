"""Which requests the offline engine refuses, how, and what the options of a request do to its reply."""

from __future__ import annotations

import json
import uuid
from typing import Any

import jsonschema
import pytest

from tests.core.test_offline_grammar import MODEL, ask, parsed
from workbench.offline.engine import answer

USER = {"role": "user", "content": "hi"}
CALL = {"id": "a_1", "type": "function", "function": {"name": "a", "arguments": "{}"}}
DOCUMENTS = [{"id": "hours", "data": {"title": "Hours", "text": "The library opens at 9:00 on weekdays."}}]
TOOL = {"type": "function", "function": {"name": "opening_hours", "description": "Opening hours", "parameters": {}}}


def request(**fields: Any) -> bytes:
    whole = {"model": MODEL, "messages": [USER], **fields}
    return json.dumps({key: value for key, value in whole.items() if value != "absent"}).encode()


@pytest.mark.parametrize(
    ("status", "sent", "told"),
    [
        (400, b"{", "not valid JSON"),
        (400, b"\xff\xfe", "not valid JSON"),
        (400, b'{"model": NaN}', "NaN"),
        (400, b'{"model": 1e999}', "1e999"),
        (400, b"[" * 100_000, "JSON"),
        (400, b"[1]", "must be a JSON object"),
        (400, b'{"model":"m","messages":[{"role":"user","content":"x"}],"documents":' + b"[" * 200 + b"]" * 200 + b"}",
         "levels deep"),
        (400, request(model="absent"), "model is required"),
        (400, request(messages="absent"), "messages is required"),
        (400, request(messages=[]), "messages is required"),
        (422, request(messages="hi"), "messages must be a list, not a string"),
        (422, request(model=7), "model must be a string"),
        (400, request(messages=[{"role": "wizard", "content": "x"}]), "messages[0].role"),
        (400, request(messages=[{"content": "x"}]), "messages[0].role"),
        (400, request(messages=[{"role": "user", "content": " "}]), "messages[0].content must not be empty"),
        (400, request(messages=[{"role": "user"}]), "messages[0].content is required"),
        (422, request(messages=[{"role": "user", "content": 5}]), "messages[0].content must be"),
        (422, request(messages=[{"role": "user", "content": [{"type": "video"}]}]), "content[0].type"),
        (400, request(messages=[{"role": "user", "content": [{"type": "text"}]}]), "content[0].text is required"),
        (400, request(messages=[USER, {"role": "assistant", "content": "x"}]), "last message"),
        (400, request(messages=[USER, {"role": "tool", "tool_call_id": "a_1", "content": "x"}]), "'a_1' matches no"),
        (422, request(messages=[USER, {"role": "assistant", "tool_calls": [{"id": 4}]}, USER]), "tool_calls[0]"),
        (400, request(documents=[{"id": "x"}]), "documents[0].data is required"),
        (422, request(documents=[5]), "documents[0] must be an object, not a number"),
        (422, request(tools=[{"type": "function"}]), "tools[0].function must be an object, not null"),
        (422, request(tools=[{"type": "retrieval", "function": {"name": "a"}}]), "tools[0].type"),
        (422, request(tools=[{"type": "function", "function": {"name": ""}}]), "tools[0].function.name"),
        (422, request(tool_choice="REQUIRED"), "needs tools"),
        (422, request(tool_choice="MAYBE", tools=[TOOL]), "REQUIRED, NONE"),
        (422, request(temperature=1.5), "temperature must be between 0 and 1, not 1.5"),
        (422, request(temperature="hot"), "temperature must be a number, not a string"),
        (422, request(max_tokens=-1), "max_tokens must be 0 or more"),
        (422, request(max_tokens=True), "max_tokens must be a whole number, not a boolean"),
        (422, request(p=1), "p must be between"),
        (422, request(k=501), "k must be between"),
        (422, request(stop_sequences=["a"] * 6), "5 strings, not 6"),
        (422, request(stop_sequences=[4]), "stop_sequences[0] must be a string"),
        (422, request(stream="yes"), "stream must be a boolean"),
        (422, request(safety_mode="LOOSE"), "safety_mode must be one of"),
        (422, request(citation_options={"mode": "slow"}), "citation_options.mode must be one of"),
        (422, request(thinking={"type": "maybe"}), "thinking.type must be one of"),
        (422, request(thinking={"type": "enabled", "token_budget": 0}), "token_budget must be 1 or more"),
        (422, request(response_format={"type": "xml"}), "response_format.type must be one of"),
        (422, request(response_format={"type": "json_object", "schema": []}), "response_format.schema must be"),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused_with_where_and_what(status: int, sent: bytes, told: str) -> None:
    reply = answer(sent)
    (frame,) = reply.frames
    error = json.loads(frame)
    assert reply.status == status, error
    assert reply.headers["content-type"] == "application/json"
    assert sorted(error) == ["id", "message"]
    assert str(uuid.UUID(error["id"])) == error["id"]
    assert told in error["message"]
    assert len(error["message"]) < 400


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": None, "max_tokens": None, "tools": None, "documents": None, "citation_options": None},
        {"temperature": 0, "p": 0.5, "k": 0, "seed": 7, "frequency_penalty": 1, "presence_penalty": 0.2},
        {"logprobs": True, "strict_tools": True, "safety_mode": "CONTEXTUAL", "priority": 3},
        {"messages": [{"role": "system", "content": "Speak like a pirate."}, USER]},
        {"messages": [USER, {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}]}, USER]},
        {"messages": [USER, {"role": "assistant", "tool_calls": [CALL]},
                      {"role": "tool", "tool_call_id": "a_1", "content": "5"}]},
        {"response_format": {"type": "text"}},
        {"a_field_of_next_year": 1},
    ],
)  # fmt: skip
def test_a_good_request_is_answered(fields: dict[str, Any]) -> None:
    assert parsed(answer(request(stream=True, **fields))).finish == "COMPLETE"


def test_max_tokens_cuts_the_text_and_what_it_cites() -> None:
    full = ask("When does the library open?", documents=DOCUMENTS)
    total = full.usage["tokens"]["output_tokens"]
    for limit in range(total + 2):
        message = ask("When does the library open?", documents=DOCUMENTS, max_tokens=limit)
        assert full.text.startswith(message.text)
        assert message.finish == ("MAX_TOKENS" if limit < total else "COMPLETE")
        assert message.usage["tokens"]["output_tokens"] == min(limit, total)
        assert bool(message.citations) == (full.citations[0]["end"] <= len(message.text))
    assert "content-start" not in ask("hi", max_tokens=0).order


def test_max_tokens_never_leaves_half_a_tool_call() -> None:
    tool = {"type": "function", "function": {"name": "opening_hours", "description": "Opening hours", "parameters": {}}}
    for limit in range(12):
        message = ask("opening hours", tools=[tool], max_tokens=limit)
        assert (message.finish, message.calls) == ("MAX_TOKENS", []) or message.finish == "TOOL_CALL"


def test_a_stop_sequence_ends_the_text_before_itself() -> None:
    message = ask("When does the library open?", documents=DOCUMENTS, stop_sequences=["never", "weekdays", "9:00 on"])
    assert message.finish == "STOP_SEQUENCE"
    assert message.text == "According to **Hours**: The library opens at"
    assert message.citations == []


def test_thinking_comes_first_and_says_what_was_done() -> None:
    message = ask("When does the library open?", documents=DOCUMENTS, thinking={"type": "enabled"})
    assert message.order.index("content-end") < len(message.order) - 1 - message.order[::-1].index("content-start")
    assert "library" in message.thinking and "Hours" in message.thinking and "1 document" in message.thinking
    budget = ask("When does the library open?", documents=DOCUMENTS, thinking={"type": "enabled", "token_budget": 4})
    assert message.thinking.startswith(budget.thinking) and budget.text == message.text
    plain = ask("When does the library open?", documents=DOCUMENTS, thinking={"type": "disabled"})
    assert plain.thinking == ""


def test_with_thinking_the_plan_is_a_thought() -> None:
    message = ask("opening hours", tools=[TOOL], thinking={"type": "enabled"})
    assert message.plan == "" and "`opening_hours`" in message.thinking and message.calls


def test_usage_counts_words_in_and_pieces_out() -> None:
    short = ask("hi")
    longer = ask("hi " * 50)
    for usage in (short.usage, longer.usage):
        assert usage["billed_units"] == usage["tokens"]
    assert longer.usage["tokens"]["input_tokens"] == short.usage["tokens"]["input_tokens"] + 49
    assert short.usage["tokens"]["output_tokens"] == short.order.count("content-delta")


# -- JSON -----------------------------------------------------------------------------------


def test_a_json_answer_without_a_schema_names_its_sources() -> None:
    message = ask("When does the library open?", documents=DOCUMENTS, response_format={"type": "json_object"})
    assert json.loads(message.text) == {
        "answer": "According to **Hours**: The library opens at 9:00 on weekdays.",
        "sources": ["hours"],
    }
    nothing = json.loads(ask("Who wrote Hamlet?", response_format={"type": "json_object"}).text)
    assert nothing["sources"] == [] and "not a language model" in nothing["answer"]


FEES = ["A lost card costs 10 euro to replace.", "Late items cost 0.20 euro per day.", "The fee changed on 3 May 2026."]


@pytest.mark.parametrize(
    ("properties", "required", "wanted"),
    [
        ({"answer": {"type": "string"}}, ["answer"], {"answer": FEES[0]}),
        ({"cost": {"type": "number"}}, ["cost"], {"cost": 10}),
        ({"currency": {"enum": ["dollar", "euro"]}}, ["currency"], {"currency": "euro"}),
        ({"lines": {"type": "array", "items": {"type": "string"}}}, [], {"lines": [FEES[0]]}),
        ({"list": {"type": "array", "items": {"type": "object", "properties": {"cost": {"type": "number"}}}}}, [],
         {"list": [{"cost": 10}]}),
        ({"colour": {"enum": ["red", "blue"]}}, ["colour"], {"colour": "red"}),
        ({"colour": {"enum": ["red", "blue"]}}, [], {}),
        ({"flag": {"type": "boolean"}, "nothing": {"type": "null"}}, ["flag", "nothing"],
         {"flag": False, "nothing": None}),
        ({"inner": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 20}}, "required": ["n"]}},
         ["inner"], {"inner": {"n": 20}}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["schema", "json_schema"])
def test_a_json_answer_satisfies_its_schema(properties: Any, required: list[str], wanted: Any, key: str) -> None:
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    message = ask("What does a lost card cost?", documents=FEES, response_format={"type": "json_object", key: schema})
    value = json.loads(message.text)
    jsonschema.validate(value, schema)
    assert value == wanted


def test_a_json_answer_takes_dates_and_results_of_tools() -> None:
    schema = {"type": "object", "properties": {"opens": {"type": "string"}}, "required": ["opens"]}
    message = ask(
        [
            {"role": "user", "content": "When does the library open?"},
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "a_1", "content": '{"opens": "09:00"}'},
        ],
        response_format={"type": "json_object", "schema": schema},
    )
    assert json.loads(message.text) == {"opens": "opens: 09:00"}
    dated = {"type": "object", "properties": {"since": {"type": "string", "format": "date"}}, "required": ["since"]}
    message = ask("When did the fee change?", documents=FEES, response_format={"type": "json_object", "schema": dated})
    assert json.loads(message.text) == {"since": "2026-05-03"}
