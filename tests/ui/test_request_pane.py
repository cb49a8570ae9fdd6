"""The request pane: the body as it is sent, drawn when it is on the screen, and a slice at a time when it is long."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.harness import ask, rows_of, screen_text, until, until_shown, workbench_app
from workbench.conversation import Options
from workbench.ui.panes.json_size import JsonSize, size_of
from workbench.ui.panes.request_pane import body_lines
from workbench.ui.widgets.coloured_json import coloured

BODIES: list[dict[str, Any]] = [
    {},
    {"stream": True},
    {"messages": []},
    {"messages": [{"role": "user", "content": "a\nb, “c”"}], "stream": True},
    {
        "messages": ["one", ["two", []], {}],
        "documents": [{"id": "a", "data": {"text": "x", "tags": [1, 2]}}],
        "k": None,
    },
    {"tools": [{"function": {"parameters": {"type": "object", "required": []}}}], "ünicode": "日本"},
]


@pytest.mark.parametrize("body", BODIES)
def test_the_lines_are_the_body_as_indented_json(body: dict[str, Any]) -> None:
    lines = list(body_lines(body))
    assert json.loads("\n".join(lines)) == body
    if body:
        assert "\n".join(lines) == json.dumps(body, ensure_ascii=False, indent=2)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.booleans(), inner),
)


@given(value=VALUES)
def test_the_size_of_a_value_is_that_of_its_indented_json(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    assert size_of(value) == JsonSize(len(text), text.count("\n") + 1)


async def test_no_row_is_made_of_a_request_that_nobody_looks_at() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        assert rows_of(app, "request").keys == ()
        await pilot.press("f6")
        await until_shown(pilot, "POST /v2/chat")


async def test_a_long_request_is_shown_whole_with_its_length() -> None:
    app = workbench_app(documents=False)
    app.conversation.options = Options(model="m", parameters={"stop_sequences": [f"stop {n}" for n in range(5000)]})
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f6")
        body = {**app.conversation.turns[0].steps[0].request, "stream": True}
        rows = rows_of(app, "request")
        whole = json.dumps(body, ensure_ascii=False, indent=2)
        lines = whole.split("\n")
        assert len(lines) > 5000
        await until(pilot, lambda: len(rows.keys) == len(lines) + 1)
        await until_shown(pilot, f"POST /v2/chat  {len(whole):,} characters")
        await pilot.press("end")
        assert [rows.text(key) for key in rows.keys[1:]] == [line.strip() for line in lines]
        assert "stop 4999" in screen_text(app)


async def test_a_long_list_has_its_items_folded_and_opens_them_one_by_one() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f6")
        rows = rows_of(app, "request")
        documents = app.conversation.turns[0].steps[0].request["documents"]
        folded = [key for key in rows.keys if key.startswith("item ")]
        assert len(folded) == len(documents) == 4
        before = rows.keys
        await until_shown(pilot, '▸ {"id": "guide/hours.md#1"')
        assert json.loads(rows.text(folded[1])) == documents[1]
        rows.show(folded[1])
        await pilot.press("space")
        await until_shown(pilot, "▾ {", '"id": "guide/tickets.md#1",')
        opened = [rows.text(key) for key in rows.keys if key.startswith(f"line of {folded[1]}.")]
        assert json.loads("{" + "".join(opened).removesuffix(",")) == documents[1]
        assert rows.cursor_key == folded[1]
        await pilot.press("space")
        await until(pilot, lambda: rows.keys == before)


async def test_keys_texts_and_numbers_have_colours_of_their_own() -> None:
    text = '{"model": "m \\" x", "n": -1.5e3, "ok": true, "cut": "with'
    styles = [(text[span.start : span.end].strip(), str(span.style)) for span in coloured(text).spans]
    assert [pair for pair in styles if pair[1] != "muted"] == [
        ('"model"', "key"), ('"m \\" x"', "string"), ('"n"', "key"), ("-1.5e3", "value"), ('"ok"', "key"),
        ("true", "value"), ('"cut"', "key"), ('"with', "string"),
    ]  # fmt: skip
