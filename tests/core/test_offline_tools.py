"""Tool calls of the offline engine: which tools, and with which arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest

from tests.core.test_offline_grammar import ask

TEXT = {"type": "string"}
UNITS = ["m", "km", "mi", "kg", "lb", "celsius", "fahrenheit"]


def tool(name: str, description: str, properties: Mapping[str, Any] | None = None, *required: str) -> dict[str, Any]:
    parameters = {"type": "object", "properties": dict(properties or {}), "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS = [
    tool(
        "opening_hours",
        "Opening hours of a place on a day",
        {
            "place": {"enum": ["library", "museum", "swimming_pool"]},
            "day": {"type": "string", "description": "weekday"},
        },
        "place",
    ),
    tool(
        "train_status",
        "Is a train on time? Delays of the next trains",
        {"line": {"type": "string", "description": "Line, e.g. S1"}, "destination": TEXT},
    ),
    tool(
        "get_weather",
        "Get the current weather for a location",
        {"location": TEXT, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "location",
    ),
    tool(
        "book_table",
        "Book a table at a restaurant",
        {
            "restaurant": TEXT,
            "date": {"type": "string", "format": "date"},
            "time": TEXT,
            "party_size": {"type": "integer", "minimum": 1, "description": "Number of people"},
            "outdoor": {"type": "boolean"},
        },
        "restaurant",
        "date",
        "party_size",
    ),
    tool(
        "convert_currency",
        "Convert an amount of money between currencies",
        {"amount": {"type": "number"}, "from": TEXT, "to": TEXT},
        "amount",
        "from",
        "to",
    ),
    tool(
        "convert_units",
        "Convert a length, mass or temperature",
        {"amount": {"type": "number"}, "from_unit": {"enum": UNITS}, "to_unit": {"enum": UNITS}},
        "amount",
        "from_unit",
        "to_unit",
    ),
    tool("calculator", "Evaluate arithmetic", {"expression": TEXT}, "expression"),
    tool("get_order", "Look up an order by its number", {"order_id": TEXT}, "order_id"),
    tool("translate", "Translate text into another language", {"text": TEXT, "target_language": TEXT}, "text"),
    tool("now", "The current time"),
    tool(
        "searchProducts",
        "Search the product catalogue",
        {"query": TEXT, "max_price": {"type": "number"}, "limit": {"type": "int", "default": 10}},
        "query",
    ),
    tool(
        "loan_payment",
        "Monthly payment of a loan",
        {
            "principal": {"type": "number", "description": "amount borrowed"},
            "rate": {"type": "number", "description": "annual interest in percent"},
            "years": {"type": "integer"},
        },
        "principal",
        "rate",
        "years",
    ),
    tool(
        "find_flights",
        "Find flights between two cities",
        {
            "origin": TEXT,
            "destination": TEXT,
            "departure_date": {"type": "string", "format": "date"},
            "return_date": {"type": "string", "format": "date"},
            "passengers": {"type": "integer"},
        },
        "origin",
        "destination",
    ),
]


@pytest.mark.parametrize(
    ("question", "calls"),
    [
        ("What's the weather in Oslo?", [("get_weather", {"location": "Oslo"})]),
        (
            "What is the weather in New York City tomorrow in fahrenheit?",
            [("get_weather", {"location": "New York City", "unit": "fahrenheit"})],
        ),
        ("Will it rain in Paris, France?", [("get_weather", {"location": "Paris, France"})]),
        ("weather in oslo and bergen", [("get_weather", {"location": c}) for c in ("oslo", "bergen")]),
        (
            "When does the library open, and is the train on time?",
            [("opening_hours", {"place": "library"}), ("train_status", {})],
        ),
        ("Is the swimming pool open on Sunday?", [("opening_hours", {"place": "swimming_pool", "day": "Sunday"})]),
        ("Is the S1 train to Potsdam delayed?", [("train_status", {"line": "S1", "destination": "Potsdam"})]),
        (
            "Book a table for 4 people at Luigi's on 3 May 2026 at 7:30 pm, outdoor please",
            [
                (
                    "book_table",
                    {
                        "restaurant": "Luigi's",
                        "date": "2026-05-03",
                        "time": "19:30",
                        "party_size": 4,
                        "outdoor": True,
                    },
                )
            ],
        ),
        (
            "Book a table at Luigi's on May 3rd, 2026 for two people, not outdoor",
            [("book_table", {"restaurant": "Luigi's", "date": "2026-05-03", "party_size": 2, "outdoor": False})],
        ),
        ("Convert 1,250.50 USD to EUR", [("convert_currency", {"amount": 1250.5, "from": "USD", "to": "EUR"})]),
        ("Convert 5 miles to km", [("convert_units", {"amount": 5, "from_unit": "mi", "to_unit": "km"})]),
        (
            "convert a temperature of -3.5 celsius into fahrenheit",
            [("convert_units", {"amount": -3.5, "from_unit": "celsius", "to_unit": "fahrenheit"})],
        ),
        ("What is 12 * (3 + 4)?", [("calculator", {"expression": "12 * (3 + 4)"})]),
        ("Where is order A-1043?", [("get_order", {"order_id": "A-1043"})]),
        ("Has order #77 shipped?", [("get_order", {"order_id": "77"})]),
        ('Translate "good morning" to French', [("translate", {"text": "good morning", "target_language": "French"})]),
        ("Translate hello world into German", [("translate", {"text": "hello world", "target_language": "German"})]),
        ("what time is it?", [("now", {})]),
        (
            "Search products for red running shoes under 80 euro",
            [("searchProducts", {"query": "red running shoes", "max_price": 80})],
        ),
        (
            "What would I pay per month for a loan of 200000 at 3.5 percent over 30 years?",
            [("loan_payment", {"principal": 200000, "rate": 3.5, "years": 30})],
        ),
        (
            "Find flights from Berlin to Rome on 2026-05-03 for 2 passengers",
            [
                (
                    "find_flights",
                    {"origin": "Berlin", "destination": "Rome", "departure_date": "2026-05-03", "passengers": 2},
                )
            ],
        ),
        ("flights between Oslo and Bergen", [("find_flights", {"origin": "Oslo", "destination": "Bergen"})]),
        ("Who wrote Hamlet?", []),
        ("Tell me a joke", []),
        ("hello", []),
    ],
)
def test_tools_and_arguments_come_from_the_question(question: str, calls: list[tuple[str, Any]]) -> None:
    message = ask(question, tools=TOOLS)
    assert message.arguments() == calls
    assert message.finish == ("TOOL_CALL" if calls else "COMPLETE")
    for name, arguments in message.arguments():
        assert f"`{name}`" in message.plan
        (schema,) = [one["function"]["parameters"] for one in TOOLS if one["function"]["name"] == name]
        if name != "searchProducts":  # its loose type names are not JSON Schema's
            jsonschema.validate(arguments, schema)


def test_arguments_stream_in_several_deltas_and_a_tool_without_any_sends_an_empty_object() -> None:
    assert ask("What's the weather in Oslo?", tools=TOOLS).order.count("tool-call-delta") > 3
    assert ask("what time is it?", tools=TOOLS).calls[0]["arguments"] in ("", "{}")


@pytest.mark.parametrize(
    ("name", "schema", "question", "value"),
    [
        ("day", {"type": "string"}, "report for tomorrow", "tomorrow"),
        ("when", {"type": "string", "format": "date-time"}, "report 3.5.2026 14:05", "2026-05-03T14:05:00Z"),
        ("email", {"type": "string"}, "report to ada@example.org please", "ada@example.org"),
        ("url", {"type": "string", "format": "uri"}, "report https://example.org/a?b=1.", "https://example.org/a?b=1"),
        ("symbol", {"type": "string"}, "report on AAPL", "AAPL"),
        ("person", {"type": "string"}, "report for Ada Lovelace", "Ada Lovelace"),
        ("person", {"type": ["string", "null"]}, "report: person=ada", "ada"),
        ("topics", {"type": "array", "items": {"type": "string"}}, "report on tea, coffee and milk",
         ["tea", "coffee", "milk"]),
        ("levels", {"type": "array", "items": {"enum": ["low", "high", "top"]}}, "report of low and high",
         ["low", "high"]),
        ("numbers", {"type": "array", "items": {"type": "integer"}}, "report 3, 5 and 8", [3, 5, 8]),
        ("count", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "report 7", 7),
        ("level", {"$ref": "#/$defs/level"}, "report the high ones", "high"),
        ("place", {"type": "object", "properties": {"city": {"type": "string"}}}, "report in Oslo", {"city": "Oslo"}),
        ("kind", {"const": "fixed"}, "report", "fixed"),
        ("size", {"type": "integer", "minimum": 10}, "report 3", 10),
        ("size", {"type": "integer", "default": 25}, "report", 25),
        ("lang", {"enum": ["en", "de"]}, "report in German", "de"),
        ("subject", {"type": "string"}, "report rainfall statistics", "rainfall statistics"),
        ("timezone", {"type": "string"}, "report for Europe/Oslo now", "Europe/Oslo"),
        ("code", {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"}, "report LH123", "LH123"),
    ],
)  # fmt: skip
def test_a_required_argument_by_its_schema(name: str, schema: Any, question: str, value: Any) -> None:
    report = tool("report", "Make a report", {name: schema}, name)
    report["function"]["parameters"]["$defs"] = {"level": {"type": "string", "enum": ["low", "high"]}}
    assert ask(question, tools=[report], tool_choice="REQUIRED").arguments() == [("report", {name: value})]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"$ref": "http://example.org/never-loaded.json"},
        {"type": "object", "properties": {"a": {"type": 5, "enum": 3}}, "required": "a"},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}, "required": ["a"]},
        {"type": "object", "properties": [], "required": ["missing"]},
        {"properties": {"a": True, "b": False}},
    ],
)
def test_odd_schemas_do_not_break_a_call(schema: Any) -> None:
    odd = {"type": "function", "function": {"name": "odd", "description": "odd things", "parameters": schema}}
    assert [name for name, _ in ask("odd things", tools=[odd], tool_choice="REQUIRED").arguments()] == ["odd"]


def test_tool_choice_forces_and_forbids() -> None:
    assert ask("Tell me a joke", tools=TOOLS, tool_choice="REQUIRED").finish == "TOOL_CALL"
    assert ask("What's the weather in Oslo?", tools=TOOLS, tool_choice="NONE").finish == "COMPLETE"


def test_documents_that_answer_clearly_better_go_before_a_tool() -> None:
    documents = [{"id": "faq", "data": "To open a new account, visit the front desk."}]
    message = ask("How do I open a new account?", tools=TOOLS, documents=documents)
    assert message.calls == []
    assert message.source_ids == {"faq"}
    assert ask("What's the weather in Oslo?", tools=TOOLS, documents=documents).calls


def test_a_general_search_tool_is_used_when_nothing_else_fits() -> None:
    search = tool("web_search", "Search the web", {"query": TEXT}, "query")
    message = ask("Who wrote Hamlet?", tools=[search])
    assert message.arguments() == [("web_search", {"query": "wrote Hamlet"})]
    assert ask("hello", tools=[search]).calls == []


def test_a_follow_up_question_takes_the_tool_of_the_question_before() -> None:
    messages = [
        {"role": "user", "content": "What's the weather in Oslo?"},
        {"role": "assistant", "content": "Cold."},
        {"role": "user", "content": "And in Paris?"},
    ]
    assert ask(messages, tools=TOOLS).arguments() == [("get_weather", {"location": "Paris"})]


TRAIN = tool(
    "find_train",
    "Find a train between two stations",
    {"from": TEXT, "to": TEXT, "date": {"type": "string", "format": "date"}},
    *("from", "to", "date"),
)


def said_after(*said: str) -> list[dict[str, str]]:
    """Messages of a person and of what answers, in turn."""
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(said)]


@pytest.mark.parametrize(("question", "lacking"), [
    ("Find a train", "`from`, `to` and `date`"),
    ("Is there a train to Paris?", "`from` and `date`"),
    ("And a train from Oslo to Bergen?", "`date`"),
    ("And what's the weather?", "`location`"),
])  # fmt: skip
def test_what_the_question_does_not_say_is_asked_for(question: str, lacking: str) -> None:
    """It is neither made up nor taken from what was asked before."""
    messages = said_after("Convert 10 miles to kilometres", "16.09", question)
    message = ask(messages, tools=[*TOOLS, TRAIN])
    assert message.calls == [] and f"needs {lacking}, which the question does not say" in message.text
    forced = ask(messages, tools=[*TOOLS, TRAIN], tool_choice="REQUIRED")
    assert "kilometres" not in json.dumps(forced.arguments()) and "miles" not in json.dumps(forced.arguments())


STATUS = tool("train_delay", "Tells whether a train is on time", {"train": TEXT}, "train")


@pytest.mark.parametrize("question", [
    "Is the train on time?", "Is the train on time? What costs the Tageskarte?",
    "Is the train on time and what costs the Tageskarte?",
])  # fmt: skip
def test_the_word_for_an_argument_is_no_value_of_it_nor_is_a_name_elsewhere(question: str) -> None:
    message = ask(question, tools=[*TOOLS[:1], STATUS])
    assert message.calls == [] and "needs `train`, which the question does not say" in message.text


def test_a_value_that_is_said_is_found_beside_the_word_for_its_argument() -> None:
    for question in ("Is the train ICE 74 on time?", "Is train ICE 74 on time?"):
        [(name, arguments)] = ask(question, tools=[STATUS]).arguments()
        assert name == "train_delay" and "ICE" in arguments["train"]


def test_what_was_asked_for_completes_the_question_before() -> None:
    asked = ask("Is there a train to Paris?", tools=[*TOOLS, TRAIN]).text
    messages = said_after("Is there a train to Paris?", asked, "from Oslo, on 2026-03-01")
    [call] = ask(messages, tools=[*TOOLS, TRAIN]).arguments()
    assert call == ("find_train", {"from": "Oslo", "to": "Paris", "date": "2026-03-01"})
    other = said_after("Is there a train to Paris?", asked, "What's the weather in Rome?")
    assert ask(other, tools=[*TOOLS, TRAIN]).arguments() == [("get_weather", {"location": "Rome"})]
    back = said_after("Is there a train to Paris?", asked, "Ist der Zug pünktlich?")
    assert "needs" not in ask(back, tools=[*TOOLS, TRAIN]).text, "a question is no answer to one"


def test_documents_that_answer_go_before_a_question_for_arguments() -> None:
    documents = [{"id": "faq", "data": "You find a train on the departure board."}]
    assert ask("Where do I find a train?", tools=[TRAIN], documents=documents).source_ids == {"faq"}


def test_at_most_four_calls() -> None:
    assert len(ask("weather in Oslo, Paris, Rome, Bern, Ulm and Bonn", tools=TOOLS).calls) == 4
