"""The second step of a turn with tools: the offline engine answers from results, or makes the call that waited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.test_offline_grammar import JSON, Parsed, ask
from tests.core.test_offline_tools import TEXT, TOOLS, tool


def follow(question: str, results: Sequence[Any], **options: Any) -> tuple[list[dict[str, Any]], Parsed]:
    """The second step of a turn: the calls of the first, and the reply to their results."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": question}]
    first = ask(messages, tools=TOOLS, **options)
    assert len(first.calls) == len(results)
    calls = [
        {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
        for call in first.calls
    ]
    messages.append({"role": "assistant", "tool_plan": first.plan, "tool_calls": calls})
    for call, result in zip(calls, results, strict=True):
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    return first.calls, ask(messages, tools=TOOLS, **options)


def document(data: Any, **own: Any) -> list[dict[str, Any]]:
    return [{"type": "document", "document": {"data": data, **own}}]


def test_the_whole_loop_ends_in_an_answer_that_cites_the_results() -> None:
    calls, message = follow(
        "When does the library open, and is the train on time?",
        [document({"opens": "09:00", "closes": "18:00"}), "on time, platform 3"],
    )
    assert message.calls == []
    assert message.text == (
        "`opening_hours` returned: opens: 09:00, closes: 18:00.\n\n`train_status` returned: on time, platform 3."
    )
    sources = [source for citation in message.citations for source in citation["sources"]]
    assert sources == [
        {"type": "tool", "id": f"{calls[0]['id']}:0", "tool_output": {"opens": "09:00", "closes": "18:00"}},
        {"type": "tool", "id": f"{calls[1]['id']}:0", "tool_output": {"content": "on time, platform 3"}},
    ]


@pytest.mark.parametrize(
    ("content", "output", "cited"),
    [
        ('{"temp": 20, "sky": {"clouds": 3}}', {"temp": 20, "sky": {"clouds": 3}}, ["temp: 20, sky.clouds: 3"]),
        (document('{"temp": 20}'), {"temp": 20}, ["temp: 20"]),
        (document('[{"temp": 20}]'), {"content": '[{"temp": 20}]'}, ["temp: 20"]),
        (document({"result": "sunny"}), {"result": "sunny"}, ["sunny"]),
        ([{"type": "text", "text": "sunny"}], {"content": "sunny"}, ["sunny"]),
        (document({"content": '["a", "b"]'}), {"content": '["a", "b"]'}, ["a, b"]),
    ],
)
def test_results_of_any_shape_read_as_words(content: Any, output: Any, cited: list[str]) -> None:
    _, message = follow("What's the weather in Oslo?", [content])
    assert message.cited == cited
    assert message.citations[0]["sources"][0]["tool_output"] == output


def test_a_result_with_an_id_of_its_own_is_cited_by_it() -> None:
    _, message = follow("What's the weather in Oslo?", [document({"temp": 20}, id="station-7")])
    assert message.source_ids == {"station-7"}


@pytest.mark.parametrize(
    "failure", ['{"error": "no such city"}', "Error: no such city", '{"status": "error", "message": "no such city"}']
)
def test_a_failed_call_is_said_plainly(failure: str) -> None:
    _, message = follow("What's the weather in Oslo?", [failure])
    assert message.text.startswith("`get_weather` gave no result:")
    assert "no such city" in message.text


@pytest.mark.parametrize("empty", ["", "[]", "{}"])
def test_an_empty_result_is_said_plainly(empty: str) -> None:
    _, message = follow("What's the weather in Oslo?", [empty])
    assert message.text == "`get_weather` returned nothing."
    assert message.citations == []


@settings(deadline=None, max_examples=100, derandomize=True)
@given(results=st.lists(JSON | st.text(max_size=60) | st.builds(json.dumps, JSON), min_size=1, max_size=1))
def test_any_result_is_answered_with_exact_citations(results: list[Any]) -> None:
    (value,) = results
    content = value if isinstance(value, str) else document(value if value is not None else "null")
    _, message = follow("What's the weather in Oslo?", [content])
    assert message.finish == "COMPLETE"
    assert message.text.startswith("`get_weather` ")


def test_of_many_records_those_that_fit_the_question_are_quoted() -> None:
    records = [{"name": f"Shoe {n}", "colour": "red" if n == 7 else "blue", "price": 10 * n} for n in range(40)]
    _, message = follow("Search products for red running shoes under 80 euro", [json.dumps({"results": records})])
    assert "name: Shoe 7, colour: red, price: 70" in message.cited
    assert len(message.cited) <= 4


def test_two_calls_of_one_tool_are_told_apart() -> None:
    _, message = follow("What's the weather in Oslo and Paris?", ['{"temp": 2}', '{"temp": 9}'])
    assert "(location: Oslo) returned: temp: 2." in message.text
    assert "(location: Paris) returned: temp: 9." in message.text


def test_documents_add_to_results_when_they_match_too() -> None:
    documents = [{"id": "cards", "data": {"title": "Cards", "text": "A lost card costs 10 euro."}}]
    _, message = follow(
        "When does the library open, and what does a lost card cost?", ['{"opens": "09:00"}'], documents=documents
    )
    assert message.cited == ["opens: 09:00", "A lost card costs 10 euro."]


def test_a_call_waits_for_the_value_that_another_one_returns() -> None:
    tools = [
        tool("find_customer", "Find a customer by name", {"name": TEXT}, "name"),
        tool("list_invoices", "List the invoices of a customer", {"customer_id": TEXT}, "customer_id"),
    ]
    question = "Find the customer Ada Lovelace, and list invoices"
    first = ask(question, tools=tools)
    assert first.arguments() == [("find_customer", {"name": "Ada Lovelace"})]
    call = first.calls[0]
    function = {"name": call["name"], "arguments": call["arguments"]}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": question},
        {"role": "assistant", "tool_calls": [{"id": call["id"], "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": call["id"], "content": '{"customer_id": "C-17", "city": "London"}'},
    ]
    assert ask(messages, tools=tools).arguments() == [("list_invoices", {"customer_id": "C-17"})]
