"""What stands below an open call: values as trees, tables and texts, faults at their keys, and what is found there."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ui.harness import pane_of, rows_of, screen_text, settled, until, until_shown, workbench_app
from tests.ui.test_trace import NARROW, WIDE, called, ran, shown, started, turn_of
from workbench.conversation.trace import CallTrace
from workbench.conversation.turn import Turn
from workbench.events import (
    ContentDelta,
    ContentStart,
    Event,
    MessageEnd,
    Request,
    ToolCallStart,
    ToolPlanDelta,
    ToolProgress,
    ToolResult,
    ToolStarted,
)
from workbench.ui.markdown.needle import Needle
from workbench.ui.pager import Pager, PagerFailed, pager_of, show_in
from workbench.ui.panes.call_parts import CallParts
from workbench.ui.panes.call_rows import call_row
from workbench.ui.panes.nodes import Node, Slice, seen
from workbench.ui.panes.value_table import ValueTable
from workbench.ui.panes.value_text import ValueText
from workbench.ui.panes.value_tree import ValueTree
from workbench.ui.widgets.found_rows import FoundInRows
from workbench.ui.widgets.row import Row

BOOKS = [{"id": n, "title": f"Book {n}", "price": n / 4, "in": n % 2 == 0} for n in range(500)]


def rows(nodes: Any, turned: set[str] | None = None) -> dict[str, Row]:
    """The rows that stand in the list, all of them made."""
    made: dict[str, Row] = {}
    for each in seen(nodes, turned or set()):
        if isinstance(each, Slice):
            made |= {key: row if isinstance(row, Row) else row() for key, row in each.rows.items()}
        else:
            made[each.key] = each.make()
    return made


def lines(nodes: Any, turned: set[str] | None = None, width: int = 60) -> list[str]:
    return [line.plain.rstrip() for row in rows(nodes, turned).values() for line in row.lines(width, is_open=False)]


def ended(arguments: Any = None, **outcome: Any) -> CallTrace:
    call = CallTrace("look", 0.0, state="failed" if "error" in outcome else "done")
    call.arguments.append(json.dumps(arguments or {}))
    call.result = ToolResult(id="c", name="look", **outcome)
    return call


# -- forms -----------------------------------------------------------------------------------------------------


def test_a_small_value_is_a_tree_that_is_open() -> None:
    value = {"n": 1, "none": None, "yes": True, "text": 'a "b"', "empty": [], "list": [1, {"x": {}}], "é\x1b[2J": "‮"}
    assert lines(ValueTree(value, "k", 1).nodes()) == [
        "   n: 1",
        "   none: null",
        "   yes: true",
        '   text: "a \\"b\\""',
        "   empty: []",
        " ▾ list  2 items",
        "     0: 1",
        "   ▾ 1  1 key",
        "       x: {}",
        '   é␛[2J: "·"',
    ]


def test_of_a_large_value_nothing_is_made_that_is_folded() -> None:
    class Watched(dict[str, Any]):
        looked = 0

        def items(self) -> Any:
            type(self).looked += 1
            return super().items()

    value = {"first": Watched(a=1, b=Watched(c=list(range(50)))), "many": list(range(1_000))}
    tree = ValueTree(value, "k", 0)
    Watched.looked = 0
    assert list(rows(tree.nodes())) == ["k/first", "k/many"]
    assert Watched.looked <= 2  # for the summary on its line, which is as long as a line
    open_many = rows(tree.nodes(), {"k/many"})
    assert len(open_many) == 2 + 200 + 1
    assert open_many["k/many +200"].head.plain.strip() == "… 800 more items"
    assert len(rows(tree.nodes(), {"k/many", "k/many +200"})) == 2 + 1_000


def test_a_table_has_columns_that_are_aligned_and_cut_to_the_width() -> None:
    value = [
        {"id": 1, "title": "東京物語", "price": 12.5, "note": None},
        {"id": 20, "title": "A title that is much longer than there is room for", "price": 9, "extra": "\x1b[31mred"},
    ]
    assert lines(ValueTable(value, "k", 0).nodes(), width=64) == [
        "  id  title                                price  note  extra",
        "▸  1  東京物語                              12.5  null",
        "▸ 20  A title that is much longer than t…      9        ␛[31mred",
    ]
    narrow = lines(ValueTable(value, "k", 0).nodes(), width=30)
    assert narrow[0].endswith("+2")
    assert all(len(line) <= 30 for line in narrow)
    open_one = lines(ValueTable(value, "k", 0).nodes(), {"k/0"}, width=64)
    assert open_one[2:6] == ["      id: 1", '      title: "東京物語"', "      price: 12.5", "      note: null"]


def test_a_text_has_a_row_a_line_in_slices() -> None:
    text = "\n".join(f"line {n}" for n in range(30_000))
    value = ValueText(text, "k", 0)
    assert len(rows(value.nodes())) == 201
    turned = {"k +200"}
    keys = list(rows(value.nodes(), turned))
    assert keys[199:202] == ["k:199", "k:200", "k:201"]
    assert keys[-1] == "k +1000"


@pytest.mark.parametrize(
    ("result", "forms"),
    [
        ([{"a": 1}, {"a": 2}], ("table", "tree", "text")),
        ([{"a": {"b": 1}}], ("tree", "table", "text")),
        ({"a": 1}, ("tree", "text")),
        ("plain", ("text",)),
        ('{"a": [1]}', ("tree", "text")),
        ("[log] it began", ("text",)),
        ([], ("text",)),
        (7, ("text",)),
    ],
)
def test_the_sensible_form_comes_first(result: Any, forms: tuple[str, ...]) -> None:
    parts = CallParts(ended(result=result), "1.0", None)
    assert tuple(parts.forms) == forms
    assert parts.text == (result if isinstance(result, str) else parts.text)


# -- faults ----------------------------------------------------------------------------------------------------


def test_a_fault_stands_at_its_key_and_what_it_is_in_is_open() -> None:
    faults = (
        {"pointer": "/train", "reason": "912 is not of type 'string'"},
        {"pointer": "/via/stops/1", "reason": "7 is not of type 'string'"},
        {"pointer": "/date", "reason": "is required, and missing"},
        {"pointer": "/via/a~1b", "reason": "is required, and missing"},
    )
    arguments = {"train": 912, "via": {"stops": ["Ulm", 7]}, "rest": {str(n): n for n in range(100)}}
    call = ended(arguments, error="invalid arguments: …", error_kind="arguments", faults=faults)
    shown = lines(CallParts(call, "1.0", None).nodes)
    assert shown[:9] == [
        "   ▾ arguments  4 faults",
        "     ✗ train: 912  912 is not of type 'string'",
        "     ▾ via  1 key",
        "       ▾ stops  2 items",
        '           0: "Ulm"',
        "         ✗ 1: 7  7 is not of type 'string'",
        "       ✗ a/b  is required, and missing",
        shown[7],
        "     ✗ date  is required, and missing",
    ]
    assert shown[7].startswith("     ▸ rest  100 keys  0: 0, 1: 1")
    assert shown[9:] == ["     error  arguments do not fit", "       invalid arguments: …"]


def test_what_a_running_call_tells_is_folded_to_the_last() -> None:
    call = CallTrace("look", 0.0, state="running")
    call.arguments.append('{"q": "x"}')
    for number, level in enumerate(("", "warning")):
        call.progress.append(
            ToolProgress(
                t=1.5 + number, id="c", name="look", text=f"\x1b[1mpage {number}", done=1, total=4, level=level
            )
        )
    folded = [line.plain.rstrip() for line in call_row(call, None, str).lines(60, is_open=False)]
    assert folded == [" ⧗ look  running", "     q: x  … 1 of 4  warning  ␛[1mpage 1"]
    parts = CallParts(call, "1.0", None)
    assert lines(parts.nodes)[2] == "   ▸ told  2 lines  1 of 4  warning  ␛[1mpage 1"
    assert lines(parts.nodes, {"part 1.0 told"})[2:] == [
        "   ▾ told  2 lines",
        "       1.50  1 of 4  ␛[1mpage 0",
        "       2.50  1 of 4  warning  ␛[1mpage 1",
    ]


def test_arguments_that_are_no_object_are_shown_as_they_were_written() -> None:
    call = ended(error="no JSON", error_kind="arguments")
    call.edit('{"a": ')
    assert lines(CallParts(call, "1.0", None).nodes)[:2] == ["     arguments  no JSON object", '       {"a":']


# -- what is found ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["book", "7", "price", "key 3", "true", "null", "x"])
@pytest.mark.parametrize("form", [None, "tree"])
def test_as_much_is_found_in_what_is_folded_as_when_it_is_open(word: str, form: Any) -> None:
    """So that the hit that one walks to is the one that is let out."""
    value: Any = [*BOOKS[:40], {"id": None, "title": "x" * 90}]
    if form == "tree":
        value = {f"key {n}": {"deep": [n, {"books": value}]} for n in range(4)}
    parts = CallParts(ended({"q": "x", "n": [7, 8]}, result=value, output="7 books\nread\n"), "1.0", form)
    folded = len(Needle(word).spans(parts.found()))
    turned: set[str] = set()
    for _ in range(6):
        nodes = list(_holders(parts.nodes, turned))
        turned |= {node.key for node in nodes if not node.is_open(turned)}
    found = FoundInRows(Needle(word))
    assert found.look(list(rows(parts.nodes, turned).values()), lambda: False)
    assert found.total == folded


def _holders(nodes: Any, turned: set[str]) -> Iterator[Node]:
    for node in nodes:
        for each in map(node.node, node.rows) if isinstance(node, Slice) and node.holders else [node]:
            if isinstance(each, Node) and each.held is not None:
                yield each
                if each.is_open(turned):
                    yield from _holders(each.held(), turned)


# -- in the pane -----------------------------------------------------------------------------------------------


def turn_with_parts() -> Turn:
    """3 steps, 5 calls."""
    nested = {"opens": "09:00", "days": {"sat": ["10:00", None]}, "seats": 12}
    return turn_of(
        ContentStart(t=0.5, index=0, type="thinking"),
        ContentDelta(t=0.5, index=0, thinking="I need the hours."),
        ContentDelta(t=0.9, index=0, thinking=" Then the train."),
        ToolPlanDelta(t=1.0, text="I will look it up."),
        called(0, "hours", {"place": "library"}),
        called(1, "train", {"train": 9}),
        called(2, "books", {"query": "novels"}),
        MessageEnd(t=2.0, finish_reason="TOOL_CALL"),
        started("hours", "train", "books", t=2.0),
        ran(1, "train", 2.0, 0.0, error="invalid arguments", kind="arguments"),
        ToolProgress(t=2.2, id="c2", name="books", call=2, text="page 1", done=1, total=2),
        ToolProgress(t=2.4, id="c2", name="books", call=2, text="page 2", level="info"),
        ran(0, "hours", 3.0, 1.0, nested),
        ran(2, "books", 4.0, 2.0, BOOKS),
        Request(t=4.0, step=2, body={}),
        *[event for n in range(2) for event in _later(2, n)],
        Request(t=8.0, step=3, body={}),
        ContentStart(t=8.5, step=3, index=0, type="text"),
        ContentDelta(t=9.0, step=3, index=0, text="It opens at 09:00.\nThe train is late."),
        MessageEnd(t=9.5, step=3, finish_reason="COMPLETE"),
    )


def _later(step: int, number: int) -> Iterator[Event]:
    yield ToolCallStart(t=5.0, step=step, index=number, name=f"log{number}", arguments="{}")
    if number == 1:
        yield MessageEnd(t=6.0, step=step, finish_reason="TOOL_CALL")
        for each in range(2):
            yield ToolStarted(t=6.0, step=step, id=f"d{each}", name=f"log{each}", call=each)
            text = "\n".join(f"line {n} of the log" for n in range(5_000))
            outcome: dict[str, Any] = {"error": "it broke", "error_kind": "raised"} if each else {"result": text}
            yield ToolResult(t=7.0, step=step, id=f"d{each}", name=f"log{each}", call=each, seconds=1.0, **outcome)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_turn_reads_as_a_trace_by_keys_alone(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await shown(pilot, app, turn_with_parts())
        pane, tools = pane_of(app, "tools"), rows_of(app, "tools")
        keys = ["turn", "step 1", "thought 1", "plan 1", "call 1.0", "call 1.1", "call 1.2"]
        keys += ["step 2", "call 2.0", "call 2.1", "step 3", "answer 3"]
        assert list(tools.keys) == keys
        assert "10.0 s  model 5.5 tools 3.0" in pane.title.summary
        await pilot.press("z", "home")
        await until_shown(
            pilot, "turn  3 of 5 calls done · 3 steps", "thought for 0.40 s", "⊘ train  arguments do not fit"
        )
        await pilot.press("space")
        await until_shown(
            pilot,
            "model          5.50 s",
            "tools          3.00 s",
            "rest           1.50 s",
            "turn          10.00 s",
        )
        await pilot.press("space", "j", "j", "j", "j", "space")
        await until_shown(
            pilot, "▾ arguments", 'place: "library"', "▾ result  3 keys · tree", 'opens: "09:00"', "1: null"
        )
        await pilot.press("v")
        await until_shown(pilot, "text", '"sat": [')
        await pilot.press("v", "o")
        await until_shown(pilot, "▾ result  3 keys · tree")
        assert "part 1.2 told:1" in tools.keys
        assert "part 2.0 result:100" in tools.keys
        await pilot.press("o")
        await until(pilot, lambda: list(tools.keys) == keys)
        assert tools.cursor_key == "call 1.0"
        await pilot.press("end", "enter")
        await until(pilot, lambda: app.focused is app.chat.view)


async def test_a_hit_in_what_is_folded_is_let_out() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await shown(pilot, app, turn_with_parts())
        tools = rows_of(app, "tools")
        await pilot.press("z", "home", "slash", *"book 377", "enter")
        await until_shown(pilot, 'title: "Book 377"')
        assert tools.cursor_key == "part 1.2 result table/377/title"
        await pilot.press("escape", "home", "slash", *"line 4321 of", "enter")
        await until_shown(pilot, "line 4321 of the log")
        assert tools.text(str(tools.cursor_key)) == "line 4321 of the log"


async def test_what_one_stands_on_is_copied_and_paged_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await shown(pilot, app, turn_with_parts())
        tools = app.tools
        tools.rows.show("call 1.2")
        await pilot.press("z", "space")
        await until(pilot, lambda: "part 1.2 result table/3" in tools.rows.keys)
        assert tools.whole_here().startswith("books\n{")
        tools.rows.show("part 1.2 result table/3")
        assert json.loads(tools.rows.text("part 1.2 result table/3")) == BOOKS[3]
        assert json.loads(tools.whole_here()) == BOOKS
        monkeypatch.setenv("PAGER", "no-such-pager-here")
        await pilot.press("vertical_line")
        await until(pilot, lambda: bool(app.stage.said))
        await settled(pilot)
        assert "cannot be lent" in screen_text(app) or "no-such-pager-here" in screen_text(app)


# -- the pager -------------------------------------------------------------------------------------------------


def test_a_pager_gets_the_text_and_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    program, got = tmp_path / "my pager", tmp_path / "got"
    program.write_text(f"#!/bin/sh\ncat > '{got}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    show_in(Pager(f"'{program}' -R", "$PAGER"), "é \x1b[2Jone\ntwo", dict(os.environ))
    assert got.read_text("utf-8") == "é ␛[2Jone\ntwo\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-program", "no-such-program cannot be run"),
        ("'half", "'half is no command"),
        ("false", "false ended with exit code 1"),
        ("", "there is neither less nor more"),
    ],
)
def test_a_pager_that_cannot_be_run_is_told_in_words(command: str, said: str) -> None:
    with pytest.raises(PagerFailed, match=said):
        show_in(Pager(command, "$PAGER"), "text", dict(os.environ))


def test_the_pager_is_that_of_the_person_else_less_else_more(tmp_path: Path) -> None:
    assert pager_of({"PAGER": " most -x "}).command == "most -x"
    assert pager_of({"PAGER": " ", "PATH": str(tmp_path)}).command == ""
    more = tmp_path / "more"
    more.touch(0o755)
    assert pager_of({"PATH": str(tmp_path)}).command == "more"
